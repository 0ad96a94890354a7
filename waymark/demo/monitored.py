"""Who of the county is monitored, with what and where. Invented: every home stands in a park, where nobody lives, and
people work at places everybody knows. The same number, seed and day give the same roster."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from waymark.demo.choice import weighted
from waymark.demo.movement import Avoided, Habits, Place, Wears, minutes_on

ONE_IN = 60  # of the county's people
AT_LEAST = 12  # where the county has ten times as many
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PARKS = [
    Place(*at)
    for at in (
        (38.6372, -90.2850), (38.6061, -90.2556), (38.5614, -90.2645), (38.6653, -90.2178), (38.6776, -90.2184),
        (38.5860, -90.3030), (38.5735, -90.3035), (38.7140, -90.4860), (38.6070, -90.4920), (38.7440, -90.3060),
        (38.6930, -90.3060), (38.5080, -90.2830), (38.5505, -90.4135), (38.6177, -90.3560), (38.6657, -90.3205),
        (38.4900, -90.3880), (38.8010, -90.3550), (38.6770, -90.2430), (38.7810, -90.2600), (38.7330, -90.4350),
    )
]  # fmt: skip
WORKPLACES = [
    Place(*at)
    for at in (
        (38.6270, -90.1990), (38.6950, -90.4380), (38.6500, -90.3370), (38.7700, -90.4700), (38.7420, -90.3650),
        (38.6358, -90.2640), (38.7700, -90.3700), (38.5060, -90.3440), (38.6290, -90.3310), (38.6020, -90.4480),
    )
]  # fmt: skip
GPS_MAKER, RADIO_MAKER, ALCOHOL_MAKER = "Wayfarer", "Hearthline", "Clearskin"  # invented
NOT_AROUND_THE_CLOCK = (6 * 60, 21 * 60)


@dataclass(frozen=True)
class Shape:
    """A zone as the plan has it. `kind`: inclusion, exclusion or victim."""

    kind: str
    name: str
    shape: dict[str, Any]
    schedule: tuple[dict[str, Any], ...] = ()
    buffer_m: int = 0
    grace_minutes: int | None = None
    is_home: bool = False


@dataclass(frozen=True)
class Monitored:
    """`number`: the place in the roster; `lacks`: what the order check is to find."""

    number: int
    program: str  # "gps", "ehd", "scram"
    since: date
    worn: tuple[Habits, ...]
    zones: tuple[Shape, ...]
    home_confinement: bool = False
    stay_away_words: str = ""
    alcohol: str = ""
    lacks: str = ""  # "zone", "contract", "rule_book", "court_order", "installation", "schedule", "device"
    suspended: str = ""  # why alerts call nobody just now
    words: str = ""


def how_many(people: int) -> int:
    return max(1, round(people / ONE_IN), min(AT_LEAST, people // 10))


def roster(many: int, seed: int, as_of: date) -> list[Monitored]:
    """The first two are the participants with accounts, by GPS and by home detention."""
    return [_monitored(number, seed, as_of) for number in range(many)]


PROGRAMS = ("gps", "ehd", "gps", "scram", "gps", "ehd", "gps", "gps", "ehd", "scram")
LACKS = {13: "court_order", 5: "contract", 8: "schedule", 10: "zone", 14: "installation", 19: "rule_book", 21: "device"}
PAIRS = (4, 27)
CHARACTERS = {
    "gps": [(58, "steady"), (12, "late"), (8, "restless"), (12, "forgetful"), (4, "fiddling"), (6, "straying")],
    "ehd": [(72, "steady"), (14, "late"), (10, "restless"), (4, "fiddling")],
    "scram": [(62, "sober"), (22, "drinking"), (9, "perfumed"), (7, "covering")],
}
ARRANGED = {  # number in the roster: (days before the first morning, what)
    0: ((2, "leaves"), (0, "late")),
    1: ((1, "late"),),
    2: ((1, "strap"), (0, "strap")),
    3: ((1, "drinks"), (0, "drinks")),
    4: ((1, "enters"),),
    6: ((2, "uncharged"), (1, "silent")),
    7: ((1, "leaves"),),
    9: ((2, "interferant"),),
    11: ((0, "silent"),),
    12: ((0, "leaves"),),
    16: ((1, "enters"),),
    17: ((1, "no_signal"),),
    23: ((2, "covered"),),
    26: ((2, "late"), (1, "uncharged")),
}


def _monitored(number: int, seed: int, as_of: date) -> Monitored:
    chance = random.Random(f"monitored {seed} {number}")
    program = PROGRAMS[number % len(PROGRAMS)]
    if number in PAIRS:
        program = "gps"
    since = as_of - timedelta(days=chance.randint(6, 100))
    if program == "scram":
        return _by_skin(chance, number, seed, since, as_of)
    return _by_place(chance, number, seed, since, as_of, program)


def _arranged(number: int, as_of: date) -> tuple[tuple[date, str], ...]:
    return tuple((as_of - timedelta(days=back), what) for back, what in ARRANGED.get(number, ()))


def _by_skin(chance: random.Random, number: int, seed: int, since: date, as_of: date) -> Monitored:
    worn = Habits(
        serial=f"CS-{4100 + number * 7}",
        who=f"person {number}",
        seed=seed,
        wears="alcohol",
        home=chance.choice(PARKS),
        may_leave=(None,) * 7,
        character=weighted(chance, CHARACTERS["scram"]),
        arranged=_arranged(number, as_of),
    )
    level = chance.random() < 0.1
    return Monitored(
        number=number,
        program="scram",
        since=since,
        worn=(worn,),
        zones=(),
        alcohol="level" if level else "abstinence",
        lacks=LACKS.get(number, ""),
        words="Defendant shall not consume alcohol and shall wear an alcohol bracelet at all times.",
    )


def _by_place(chance: random.Random, number: int, seed: int, since: date, as_of: date, program: str) -> Monitored:
    home = _near(chance, chance.choice(PARKS), 180)
    works = chance.random() < 0.72
    work = _near(chance, chance.choice([w for w in WORKPLACES if w.metres_to(home) > 1500]), 60) if works else None
    confined = program == "ehd" or number == 0 or chance.random() < 0.3
    work_days = (0, 1, 2, 3, 4) if chance.random() < 0.8 else (1, 2, 3, 4, 5)
    begins = chance.choice((7 * 60, 8 * 60, 8 * 60 + 30, 9 * 60))
    hours = (begins, begins + 8 * 60 + 30)
    lacks = LACKS.get(number, "")
    stays_away = program == "gps" and (number in PAIRS or number in (10, 16) or chance.random() < 0.3)
    theirs = _far_from(chance, [home, *([work] if work else [])], 4500 if number in PAIRS else 2200)
    avoided = (Avoided(theirs, 1300.0 if number in PAIRS else 250.0),) if stays_away else ()
    may_leave = _hours_out(chance, confined, home, work, work_days, hours)
    character = weighted(chance, CHARACTERS[program])
    if lacks == "schedule":
        may_leave, work, character = (None,) * 7, None, "steady"
    habits = Habits(
        serial=f"WF-{20110 + number * 13}" if program == "gps" else f"HB-{7300 + number * 3}",
        who=f"person {number}",
        seed=seed,
        wears="gps" if program == "gps" else "rf",
        home=home,
        may_leave=may_leave,
        work=work,
        work_days=work_days,
        work_minutes=hours,
        avoided=avoided,
        character="steady" if character == "straying" and not avoided else character,
        minutely=number in PAIRS,
        deep_home=0.3 if chance.random() < 0.1 else 0.02,
        deep_work=chance.choice((0.05, 0.1, 0.4)),
        arranged=_arranged(number, as_of),
    )
    worn = [habits]
    if program == "ehd":
        worn.append(replace(habits, serial=f"HU-{880 + number * 3}", wears="home_unit", character="sober", arranged=()))
    if number in PAIRS:
        worn.append(_protected(chance, number, seed, theirs))
    return Monitored(
        number=number,
        program=program,
        since=since,
        worn=tuple(worn),
        zones=tuple(_zones(chance, number, habits, stays_away and lacks != "zone", lacks)),
        home_confinement=confined,
        stay_away_words="the protected person named in the order" if stays_away else "",
        lacks=lacks,
        suspended="In hospital since yesterday; the ward confirmed." if number == 18 else "",
        words=_words(confined, stays_away),
    )


def _protected(chance: random.Random, number: int, seed: int, home: Place) -> Habits:
    """The protected person keeps near her home; nobody's plan says where."""
    return Habits(
        serial=f"PP-{510 + number}",
        who=f"protected {number}",
        seed=seed,
        wears="protected",
        home=home,
        may_leave=(None,) * 7,
        character="sober",
        minutely=True,
        deep_home=0.02,
    )


def _words(confined: bool, stays_away: bool) -> str:
    said = ["Defendant is released on electronic monitoring."]
    if confined:
        said.append("Defendant shall remain at the residence except for approved work, school, treatment and errands.")
    else:
        said.append("Defendant shall be at the residence from 9:00 p.m. to 6:00 a.m.")
    if stays_away:
        said.append("Defendant shall stay away from the protected person and the place named in the order.")
    return " ".join(said)


def _hours_out(
    chance: random.Random,
    confined: bool,
    home: Place,
    work: Place | None,
    work_days: Sequence[int],
    hours: tuple[int, int],
) -> tuple[tuple[int, int] | None, ...]:
    """By weekday from Monday: between which minutes the plan lets the person be out."""
    if not confined:
        return (NOT_AROUND_THE_CLOCK,) * 7
    ride = minutes_on((home, Place(home.lat, work.lon), work)) * 1.5 if work else 0.0
    for_work = (_quarter(hours[0] - ride - 35), _quarter(hours[1] + ride + 75))
    errands = chance.choice(((10 * 60, 13 * 60), (14 * 60, 17 * 60), (9 * 60, 12 * 60)))
    free = chance.randint(5, 6)
    return tuple(
        for_work if work and day in work_days else errands if day == free or (not work and day in (1, 3)) else None
        for day in range(7)
    )


def _quarter(minute: float) -> int:
    return round(minute / 15) * 15


def _zones(chance: random.Random, number: int, habits: Habits, stays_away: bool, lacks: str) -> Iterator[Shape]:
    radius = chance.choice((60, 75, 90))
    yield Shape(
        "inclusion",
        "Home",
        {"circle": {"lat": round(habits.home.lat, 6), "lon": round(habits.home.lon, 6), "radius_m": radius}},
        () if lacks == "schedule" else tuple(hours_at_home(habits.may_leave)),
        is_home=True,
    )
    if habits.work and number % 6 == 0:
        first, last = habits.work_minutes
        days = [DAYS[day] for day in habits.work_days]
        yield Shape(
            "inclusion",
            "Work",
            {"circle": {"lat": round(habits.work.lat, 6), "lon": round(habits.work.lon, 6), "radius_m": 150}},
            ({"weekly": {"days": days, "from": _clock(first), "to": _clock(last)}},),
            grace_minutes=15,
        )
    if stays_away and number in PAIRS:
        yield Shape("victim", "Protected person", {"partner": True, "radius_m": 500})
    elif stays_away:
        place, radius_m = habits.avoided[0]
        yield Shape("exclusion", "Place named in the order", _block(place, radius_m, square=number % 4 == 0))


def _block(place: Place, radius_m: float, *, square: bool) -> dict[str, Any]:
    if not square:
        return {"circle": {"lat": round(place.lat, 6), "lon": round(place.lon, 6), "radius_m": radius_m}}
    half = radius_m * 0.7
    corners = [place.moved(north * half, east * half) for north, east in ((-1, -1), (-1, 1), (1, 1), (1, -1))]
    return {"polygon": [[round(corner.lat, 6), round(corner.lon, 6)] for corner in corners]}


def hours_at_home(may_leave: Sequence[tuple[int, int] | None]) -> Iterator[dict[str, Any]]:
    """The schedule of a home zone: all that is not the time to be out. Days alike share a line."""
    alike: dict[tuple[int, int] | None, list[str]] = {}
    for day, out in zip(DAYS, may_leave, strict=True):
        alike.setdefault(out, []).append(day)
    for out, days in alike.items():
        if out is None:
            yield {"weekly": {"days": days, "from": "00:00", "to": "24:00"}}
        else:
            yield {"weekly": {"days": days, "from": "00:00", "to": _clock(out[0])}}
            yield {"weekly": {"days": days, "from": _clock(out[1]), "to": "24:00"}}


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _near(chance: random.Random, place: Place, most_m: float) -> Place:
    return place.moved(chance.uniform(-most_m, most_m), chance.uniform(-most_m, most_m))


def _far_from(chance: random.Random, places: Sequence[Place], least_m: float) -> Place:
    far = [one for one in PARKS if all(one.metres_to(place) > least_m for place in places)]
    near_first = sorted(far, key=lambda one: one.metres_to(places[0]))
    return _near(chance, near_first[0 if len(near_first) < 3 else chance.randint(0, 2)], 120)


WEARS_KIND: dict[Wears, str] = {
    "gps": "gps",
    "rf": "rf_bracelet",
    "home_unit": "home_unit",
    "alcohol": "scram_cam",
    "protected": "protected",
}
MAKERS: dict[Wears, str] = {
    "gps": GPS_MAKER,
    "protected": GPS_MAKER,
    "rf": RADIO_MAKER,
    "home_unit": RADIO_MAKER,
    "alcohol": ALCOHOL_MAKER,
}
INTERVALS: dict[Wears, tuple[int, int]] = {  # seconds between readings that are expected, and on top of it
    "gps": (300, 900),
    "protected": (60, 900),
    "rf": (600, 1800),
    "home_unit": (3600, 3600),
    "alcohol": (1800, 24 * 3600),
}
