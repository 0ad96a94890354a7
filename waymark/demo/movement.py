"""Where an invented person is, minute by minute, and what her bracelet says. Pure: the same person and day give the
same readings, whoever asks and however often, so that a simulator that was stopped goes on where it was.

1. `happening`: what goes wrong on a day, if anything; it follows from the person's character, or was arranged.
2. `day_of`: the legs of the day. People keep to their hours unless something happens.
3. `said_between`: what the device says, with the noise of satellites, towers and skin.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from waymark.telemetry.instants import EPOCH, HOUR_MS, MINUTE_MS, SECOND_MS, ms_of
from waymark.telemetry.readings import Reading

TIME_ZONE = ZoneInfo("America/Chicago")
M_PER_DEGREE = 111_320.0
DRIVES_M_S, WALKS_M_S, WALKED_M = 11.0, 1.4, 700.0
STILL_S, MOVING_S, RADIO_S, UNIT_S, SKIN_S = 300, 60, 600, 3600, 1800  # between two readings
ON_ALARM_MIN = (0, 3, 6, 10)  # a device that notices something calls at once, and again and again

Wears = Literal["gps", "rf", "home_unit", "alcohol", "protected"]
DAILY: dict[str, dict[str, float]] = {  # by character: how likely each thing is on a day
    "steady": {"silent": 0.015, "no_signal": 0.05},
    "late": {"late": 0.35, "no_signal": 0.05},
    "restless": {"leaves": 0.3},
    "forgetful": {"uncharged": 0.3},
    "fiddling": {"strap": 0.2},
    "straying": {"enters": 0.25},
    "sober": {},
    "drinking": {"drinks": 0.35},
    "perfumed": {"interferant": 0.25},
    "covering": {"covered": 0.2},
}
FAMILY = {  # what must be found of each, exactly once; "no_signal" is late data and nothing else
    "late": "curfew",
    "leaves": "curfew",
    "strap": "strap",
    "uncharged": "battery",
    "enters": "exclusion",
    "silent": "contact",
    "drinks": "alcohol",
    "interferant": "alcohol",
    "covered": "obstruction",
}


class Place(NamedTuple):
    lat: float
    lon: float

    def moved(self, north_m: float, east_m: float) -> Place:
        east = M_PER_DEGREE * math.cos(math.radians(self.lat))
        return Place(self.lat + north_m / M_PER_DEGREE, self.lon + east_m / east)

    def metres_to(self, other: Place) -> float:
        north = (other.lat - self.lat) * M_PER_DEGREE
        east = (other.lon - self.lon) * M_PER_DEGREE * math.cos(math.radians(self.lat))
        return math.hypot(north, east)


class Avoided(NamedTuple):
    """A circle the person drives round, unless she strays."""

    place: Place
    radius_m: float


@dataclass(frozen=True)
class Habits:
    """One device and the days of whoever wears it. `may_leave`: by weekday from Monday, the minutes of the day between
    which the plan lets her be out; None: at home all day."""

    serial: str
    who: str  # devices of one person share it, and so her days
    seed: int
    wears: Wears
    home: Place
    may_leave: tuple[tuple[int, int] | None, ...]
    work: Place | None = None
    work_days: tuple[int, ...] = ()
    work_minutes: tuple[int, int] = (0, 0)
    avoided: tuple[Avoided, ...] = ()
    character: str = "steady"
    minutely: bool = False  # one of a pair: no rest when still
    deep_home: float = 0.0  # how often the satellites are not seen there
    deep_work: float = 0.1
    arranged: tuple[tuple[date, str], ...] = ()  # what happens for certain

    def chance(self, day: date, what: str) -> random.Random:
        return random.Random(f"{self.seed}/{self.who}/{day.isoformat()}/{what}")


class Leg(NamedTuple):
    """[from_ms, until_ms) on the way along `route`, or at its only place."""

    from_ms: int
    until_ms: int
    route: tuple[Place, ...]
    indoors: str = ""  # "home", "work", "shop"; empty: under the sky

    def place_at(self, at_ms: int) -> Place:
        if len(self.route) == 1:
            return self.route[0]
        left_m = length(self.route) * (at_ms - self.from_ms) / (self.until_ms - self.from_ms)
        for here, there in pairwise(self.route):
            step_m = here.metres_to(there)
            if left_m <= step_m and step_m > 0:
                share = left_m / step_m
                return Place(here.lat + (there.lat - here.lat) * share, here.lon + (there.lon - here.lon) * share)
            left_m -= step_m
        return self.route[-1]


class Happening(NamedTuple):
    kind: str
    from_ms: int
    until_ms: int

    @property
    def alarms_ms(self) -> list[int]:
        """When the device calls at once."""
        if self.kind == "no_signal":
            return []
        again = (6,) if self.kind == "uncharged" else ON_ALARM_MIN
        calls = [self.from_ms + minutes * MINUTE_MS for minutes in again]
        return [at_ms for at_ms in calls if at_ms <= self.until_ms + 5 * MINUTE_MS] + [self.until_ms + 3 * MINUTE_MS]


class Day(NamedTuple):
    legs: tuple[Leg, ...]
    happening: Happening | None


def instant(day: date, minute: float) -> int:
    """That minute of the day on the clocks of St. Louis."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return ms_of(wall.replace(tzinfo=TIME_ZONE))


def may_be_out(habits: Habits, at_ms: int) -> bool:
    """Whether the plan lets the person be out of her home then."""
    day = local_day(at_ms)
    window = habits.may_leave[day.weekday()]
    return window is not None and instant(day, window[0]) <= at_ms < instant(day, window[1])


def local_day(at_ms: int) -> date:
    return (EPOCH + timedelta(milliseconds=at_ms)).astimezone(TIME_ZONE).date()


# ------------------------------------------------------------------------------------------------------- what happens
def kind_on(habits: Habits, day: date) -> str:
    """What happens on the day; empty: nothing, as on most. Nobody forgets to charge twice in a row."""
    kind = _drawn_on(habits, day)
    return "" if kind == "uncharged" and _drawn_on(habits, day - timedelta(days=1)) == kind else kind


@lru_cache(maxsize=4000)
def _drawn_on(habits: Habits, day: date) -> str:
    if arranged := dict(habits.arranged).get(day):
        return arranged
    drawn = habits.chance(day, "happens").random()
    for kind, likely in DAILY[habits.character].items():
        drawn -= likely
        if drawn < 0:
            return kind if _can_happen(habits, day, kind) else ""
    return ""


def _can_happen(habits: Habits, day: date, kind: str) -> bool:
    if kind == "late":
        return habits.may_leave[day.weekday()] is not None
    if kind == "enters":
        return bool(habits.avoided) and habits.may_leave[day.weekday()] is not None
    return True


def happenings_between(habits: Habits, from_ms: int, until_ms: int) -> list[Happening]:
    """Everything that begins in [from_ms, until_ms). A battery that was not charged tells a day later."""
    found = [day_of(habits, day).happening for day in days_between(from_ms - 36 * HOUR_MS, until_ms - 1)]
    return [one for one in found if one and from_ms <= one.from_ms < until_ms]


def days_between(from_ms: int, until_ms: int) -> Iterator[date]:
    day, last = local_day(from_ms), local_day(until_ms)
    while day <= last:
        yield day
        day += timedelta(days=1)


# ---------------------------------------------------------------------------------------------------------- the day
@lru_cache(maxsize=2000)
def day_of(habits: Habits, day: date) -> Day:
    kind = kind_on(habits, day)
    if habits.wears in ("home_unit", "alcohol"):
        midnight, next_midnight = instant(day, 0), instant(day + timedelta(days=1), 0)
        return Day((Leg(midnight, next_midnight, (habits.home,), "home"),), _of_skin(habits, day, kind))
    outing = _Outing(habits, day, kind)
    legs = tuple(outing.legs())
    return Day(legs, outing.happening or _of_device(habits, day, kind))


class _Outing:
    """The legs of a day, laid one after the other."""

    def __init__(self, habits: Habits, day: date, kind: str) -> None:
        self.habits, self.day, self.kind = habits, day, kind
        self.chance = habits.chance(day, "way")
        self.laid: list[Leg] = []
        self.at_ms, self.where = instant(day, 0), habits.home
        self.happening: Happening | None = None

    def legs(self) -> list[Leg]:
        window = self.habits.may_leave[self.day.weekday()]
        if window:
            self._go_out(window)
        if self.kind == "leaves":
            self._leave_at_night(window)
        self._stay(instant(self.day + timedelta(days=1), 0), "home")
        return self.laid

    def _go_out(self, window: tuple[int, int]) -> None:
        habits, chance = self.habits, self.chance
        first, last = window
        if habits.work and self.day.weekday() in habits.work_days:
            leave = habits.work_minutes[0] - chance.uniform(9, 20) - self._minutes_to(habits.home, habits.work)
            self._stay(instant(self.day, max(first + 1.5, leave)), "home")
            self._ride(habits.work)
            self._stay(instant(self.day, habits.work_minutes[1] + chance.uniform(1, 8)), "work")
            errand = chance.random() < 0.3
        else:
            if self.kind not in ("late", "enters") and chance.random() < 0.25:
                return
            self._stay(instant(self.day, chance.uniform(first + 3, first + (last - first) * 0.35)), "home")
            errand = True
        if self.kind == "enters":
            self._stray()
        if errand or self.kind == "late":
            self._run_an_errand(last)
        self._ride(habits.home)

    def _run_an_errand(self, last: int) -> None:
        """To a shop and so long that she is home in time; where she is to be late, so long that she is not."""
        shop = self._somewhere(900, 3200)
        back_min = self._minutes_to(shop, self.habits.home)
        latest_ms = instant(self.day, last - 10) - round(back_min * MINUTE_MS)
        there_ms = self.at_ms + round(self._minutes_to(self.where, shop) * MINUTE_MS)
        if self.kind == "late":
            due_ms = instant(self.day, last)
            home_ms = due_ms + round(self.chance.uniform(22, 70) * MINUTE_MS)
            self._ride(shop)
            self._stay(home_ms - round(back_min * MINUTE_MS), "shop")
            self.happening = Happening("late", due_ms, home_ms)
        elif there_ms + 6 * MINUTE_MS < latest_ms:
            self._ride(shop)
            self._stay(min(self.at_ms + round(self.chance.uniform(8, 50) * MINUTE_MS), latest_ms), "shop")

    def _stray(self) -> None:
        """Into what she should stay out of, for some minutes."""
        avoided = self.habits.avoided[0]
        self._ride(avoided.place, straight=True)
        from_ms = self.at_ms - round(avoided.radius_m / DRIVES_M_S * SECOND_MS)
        self._stay(self.at_ms + round(self.chance.uniform(7, 12) * MINUTE_MS), "")
        self.happening = Happening("enters", from_ms, self.at_ms)

    def _leave_at_night(self, window: tuple[int, int] | None) -> None:
        self._stay(
            instant(self.day, max((window[1] if window else 0) + 40, 21 * 60 + self.chance.uniform(30, 70))), "home"
        )
        from_ms = self.at_ms
        self._ride(self._somewhere(1200, 2500))
        self._stay(self.at_ms + round(self.chance.uniform(14, 40) * MINUTE_MS), "shop")
        self._ride(self.habits.home)
        self.happening = Happening("leaves", from_ms, self.at_ms)

    def _stay(self, until_ms: int, indoors: str) -> None:
        if until_ms > self.at_ms:
            self.laid.append(Leg(self.at_ms, until_ms, (self.where,), indoors))
            self.at_ms = until_ms

    def _ride(self, to: Place, *, straight: bool = False) -> None:
        way = (self.where, to) if straight else route(self.where, to, self.habits.avoided)
        until_ms = self.at_ms + round(minutes_on(way) * MINUTE_MS)
        self.laid.append(Leg(self.at_ms, until_ms, way))
        self.at_ms, self.where = until_ms, to

    def _minutes_to(self, here: Place, there: Place) -> float:
        return minutes_on(route(here, there, self.habits.avoided))

    def _somewhere(self, least_m: float, most_m: float) -> Place:
        """Not in or by what is avoided."""
        for _ in range(50):
            angle, far = self.chance.uniform(0, math.tau), self.chance.uniform(least_m, most_m)
            place = self.habits.home.moved(far * math.cos(angle), far * math.sin(angle))
            if all(place.metres_to(one.place) > one.radius_m + 500 for one in self.habits.avoided):
                return place
        return self.habits.home.moved(least_m, 0)


def route(here: Place, there: Place, avoided: Sequence[Avoided]) -> tuple[Place, ...]:
    """Along the grid of streets, by the first way that keeps clear of what is avoided."""
    corner, other = Place(here.lat, there.lon), Place(there.lat, here.lon)
    ways = [(here, corner, there), (here, other, there), (here, there)]
    for one in avoided:
        for north, east in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)):
            far = one.radius_m + 900
            ways.append((here, one.place.moved(north * far, east * far), there))
    return next((way for way in ways if _is_clear(way, avoided)), ways[0])


def _is_clear(way: Sequence[Place], avoided: Sequence[Avoided]) -> bool:
    return all(
        _metres_from(one.place, here, there) > one.radius_m + 120 for one in avoided for here, there in pairwise(way)
    )


def _metres_from(place: Place, here: Place, there: Place) -> float:
    """From a place to the straight way between two."""
    steps = max(int(here.metres_to(there) / 50), 1)
    return min(
        place.metres_to(
            Place(here.lat + (there.lat - here.lat) * n / steps, here.lon + (there.lon - here.lon) * n / steps)
        )
        for n in range(steps + 1)
    )


def length(way: Sequence[Place]) -> float:
    return sum(here.metres_to(there) for here, there in pairwise(way))


def minutes_on(way: Sequence[Place]) -> float:
    metres = length(way)
    return (metres / WALKS_M_S if metres < WALKED_M else metres / DRIVES_M_S + 90) / 60 + 0.5


def _of_device(habits: Habits, day: date, kind: str) -> Happening | None:
    """What a bracelet suffers: an opened strap, a charge forgotten, a time without power or without a tower."""
    chance = habits.chance(day, "device")
    if kind == "strap":
        from_ms = instant(day, chance.uniform(9 * 60, 21 * 60))
        return Happening(kind, from_ms, from_ms + round(chance.uniform(3, 9) * MINUTE_MS))
    if kind == "uncharged" and habits.wears == "gps":
        from_ms, until_ms = _low_from(habits, day), instant(day + timedelta(days=1), CHARGED_AT + 8)
        return Happening(kind, from_ms, until_ms)
    if kind in ("silent", "no_signal"):
        longest = 80 if kind == "silent" else 18
        from_ms = instant(day, chance.uniform(8 * 60, 19 * 60))
        least = 48 if kind == "silent" else 7
        return Happening(kind, from_ms, from_ms + round(chance.uniform(least, longest) * MINUTE_MS))
    return None


def _of_skin(habits: Habits, day: date, kind: str) -> Happening | None:
    """What an alcohol bracelet meets with."""
    chance = habits.chance(day, "skin")
    if habits.wears != "alcohol":
        return None
    if kind == "drinks":
        from_ms = instant(day, chance.uniform(17 * 60, 22 * 60))
        curve = curve_of(habits, day)
        return Happening(kind, from_ms, from_ms + round(curve.hours * HOUR_MS))
    if kind == "interferant":
        from_ms = instant(day, chance.uniform(7 * 60, 20 * 60))
        return Happening(kind, from_ms, from_ms + 2 * HOUR_MS)
    if kind == "covered":
        from_ms = instant(day, chance.uniform(18 * 60, 22 * 60))
        return Happening(kind, from_ms, from_ms + round(chance.uniform(5.0, 9.5) * HOUR_MS))
    return None


# ------------------------------------------------------------------------------------------------------ what is said
def said_between(habits: Habits, after_ms: int, until_ms: int) -> list[Reading]:
    """Everything the device says in (after_ms, until_ms], in order."""
    found: list[Reading] = []
    for day in days_between(after_ms, until_ms):
        said, instants = _said_on(habits, day)
        found += said[bisect_right(instants, after_ms) : bisect_right(instants, until_ms)]
    return found


def is_out_of_reach(habits: Habits, at_ms: int) -> bool:
    """Whether the device stores what it says and cannot send it now."""
    happening = day_of(habits, local_day(at_ms)).happening
    return happening is not None and happening.kind == "no_signal" and happening.from_ms <= at_ms < happening.until_ms


@lru_cache(maxsize=1000)
def _said_on(habits: Habits, day: date) -> tuple[list[Reading], list[int]]:
    speaks = {"alcohol": _skin_readings, "home_unit": _unit_readings, "rf": _radio_readings}
    said = sorted(speaks.get(habits.wears, _fixes)(habits, day), key=lambda reading: reading.happened_ms)
    happening = day_of(habits, day).happening
    if happening and happening.kind == "silent":
        said = [one for one in said if not happening.from_ms <= one.happened_ms < happening.until_ms]
    return said, [reading.happened_ms for reading in said]


def _fixes(habits: Habits, day: date) -> Iterator[Reading]:
    chance = habits.chance(day, f"fixes of {habits.serial}")
    plan = day_of(habits, day)
    for at_ms, leg in _instants(habits, plan):
        yield _fix(habits, day, chance, at_ms, leg, strap_ok=not _is_open(plan.happening, at_ms))


def _instants(habits: Habits, plan: Day) -> Iterator[tuple[int, Leg]]:
    """Each minute on the way, rarely at rest, and at once when it notices something."""
    alarms = sorted(set(plan.happening.alarms_ms)) if plan.happening else []
    for leg in plan.legs:
        step_ms = (MOVING_S if len(leg.route) > 1 or habits.minutely else STILL_S) * SECOND_MS
        first_ms = leg.from_ms + _seconds_of(habits.serial) * SECOND_MS
        regular = set(range(first_ms, leg.until_ms, step_ms))
        at_once = alarms[bisect_left(alarms, leg.from_ms) : bisect_left(alarms, leg.until_ms)]
        for at_ms in sorted(regular.union(at_once)):
            yield at_ms, leg


def _seconds_of(serial: str) -> int:
    """Devices do not all speak in the same second."""
    return sum(map(ord, serial)) * 7 % 57


def _is_open(happening: Happening | None, at_ms: int) -> bool:
    return happening is not None and happening.kind == "strap" and happening.from_ms <= at_ms < happening.until_ms


def _fix(habits: Habits, day: date, chance: random.Random, at_ms: int, leg: Leg, *, strap_ok: bool) -> Reading:
    deep = {"home": habits.deep_home, "work": habits.deep_work, "shop": 0.2}.get(leg.indoors, 0.0)
    by_tower = chance.random() < deep
    if by_tower:  # measured on a published trail: half within 58 m, the worst 1,598 m
        accuracy_m = min(max(58 * math.exp(chance.gauss(0.7, 1.0)), 58.0), 1598.0)
        off_m = accuracy_m * min(abs(chance.gauss(0, 0.33)), 1.2)
    else:
        accuracy_m = min(max(4.5 * math.exp(chance.gauss(0.35 if leg.indoors else 0.0, 0.55)), 3.0), 30.0)
        off_m = accuracy_m * min(abs(chance.gauss(0, 0.4)), 1.3)
    angle = chance.uniform(0, math.tau)
    place = leg.place_at(at_ms).moved(off_m * math.cos(angle), off_m * math.sin(angle))
    return Reading(
        activation=habits.serial,
        happened_ms=at_ms,
        kind="fix",
        lat=round(place.lat, 6),
        lon=round(place.lon, 6),
        accuracy_m=round(accuracy_m, 1),
        source="cell" if by_tower else "gps",
        satellites=None if by_tower else chance.randint(5, 8) if leg.indoors else chance.randint(7, 12),
        hdop=None if by_tower else round(chance.uniform(0.7, 1.4 + accuracy_m / 12), 1),
        battery_pct=battery_at(habits, day, at_ms) if habits.wears == "gps" else 80.0,
        strap_ok=strap_ok if habits.wears == "gps" else None,
        motion=len(leg.route) > 1,
    )


CHARGED_AT, CHARGES_MIN = 20 * 60, 120  # minutes of the day
DRAINS_PCT_H, CHARGES_PCT_MIN = 1.85, 0.9


def battery_at(habits: Habits, day: date, at_ms: int) -> float:
    """Charged every evening unless that was forgotten. Percent, whole."""
    charged = day
    for _ in range(4):
        began_ms = instant(charged, CHARGED_AT)
        if at_ms >= began_ms and kind_on(habits, charged) != "uncharged":
            break
        charged -= timedelta(days=1)
    began_ms = instant(charged, CHARGED_AT)
    minutes = (at_ms - began_ms) / MINUTE_MS
    if minutes < CHARGES_MIN:
        return round(min(100.0, battery_at(habits, charged, began_ms - 1) + minutes * CHARGES_PCT_MIN))
    return round(max(100.0 - (minutes - CHARGES_MIN) / 60 * DRAINS_PCT_H, 2.0))


def _low_from(habits: Habits, forgotten: date) -> int:
    """When a battery that was not charged on this day is low."""
    at_ms = instant(forgotten + timedelta(days=1), 8 * 60)
    while battery_at(habits, local_day(at_ms), at_ms) > 20:
        at_ms += 5 * MINUTE_MS
    return at_ms


def _radio_readings(habits: Habits, day: date) -> Iterator[Reading]:
    """Whether the home unit hears the bracelet, regularly and at every change."""
    plan = day_of(habits, day)
    shift_ms = _seconds_of(habits.serial) * SECOND_MS
    for leg in plan.legs:
        heard = leg.indoors == "home"
        alarms = [
            at_ms
            for at_ms in (plan.happening.alarms_ms if plan.happening else [])
            if leg.from_ms <= at_ms < leg.until_ms
        ]
        edge_ms = leg.from_ms + 20 * SECOND_MS + shift_ms
        regular = range(edge_ms, leg.until_ms, RADIO_S * SECOND_MS)
        for at_ms in sorted({*regular, *(one for one in alarms if one > edge_ms)}):
            yield Reading(
                activation=habits.serial,
                happened_ms=at_ms,
                kind="rf",
                source="in_range" if heard else "out_of_range",
                strap_ok=(not _is_open(plan.happening, at_ms)) if heard else None,
            )


def _unit_readings(habits: Habits, day: date) -> Iterator[Reading]:
    """A home unit says every hour that it stands where it was put."""
    first_ms, until_ms = instant(day, 0) + _seconds_of(habits.serial) * SECOND_MS, instant(day + timedelta(days=1), 0)
    for at_ms in range(first_ms, until_ms, UNIT_S * SECOND_MS):
        yield Reading(habits.serial, at_ms, "rf", source="in_range", battery_pct=100.0)


class Curve(NamedTuple):
    """Alcohol through the skin: up at one rate, down at another (g/dL per hour), as of real drinkers."""

    peak: float
    up: float
    down: float

    @property
    def hours(self) -> float:
        return self.peak / self.up + self.peak / self.down

    def at(self, hours: float) -> float:
        if hours <= 0:
            return 0.0
        rising = hours * self.up
        return max(rising if rising < self.peak else self.peak - (hours - self.peak / self.up) * self.down, 0.0)


def curve_of(habits: Habits, day: date) -> Curve:
    chance = habits.chance(day, "curve")
    return Curve(chance.uniform(0.045, 0.12), chance.uniform(0.018, 0.038), chance.uniform(0.010, 0.018))


def _skin_readings(habits: Habits, day: date) -> Iterator[Reading]:
    chance = habits.chance(day, "readings")
    base_v = 4.1 + (_seconds_of(habits.serial) % 10) / 25
    lately = [day_of(habits, day - timedelta(days=back)) for back in (1, 0)]
    nights = [
        (day - timedelta(days=back), one.happening) for back, one in zip((1, 0), lately, strict=True) if one.happening
    ]
    first_ms, until_ms = instant(day, 0) + _seconds_of(habits.serial) * SECOND_MS, instant(day + timedelta(days=1), 0)
    for at_ms in range(first_ms, until_ms, SKIN_S * SECOND_MS):
        tac, shift_v = 0.0, 0.0
        for since, happening in nights:
            tac = max(tac, _tac(habits, since, happening, at_ms))
            covered = happening.kind == "covered" and happening.from_ms <= at_ms < happening.until_ms
            shift_v += 0.42 if covered else 0.0
        drift_v = 0.05 * math.sin(at_ms / HOUR_MS / 37)
        yield Reading(
            activation=habits.serial,
            happened_ms=at_ms,
            kind="alcohol",
            tac_g_dl=round(max(tac + chance.uniform(-0.001, 0.001), 0.0), 3) if tac > 0.004 else 0.0,
            ir_v=round(base_v + drift_v + shift_v + chance.uniform(-0.03, 0.03), 3),
            temperature_f=round(90 + 3 * math.sin(at_ms / HOUR_MS / 24 * math.tau) + chance.uniform(-1.2, 1.2), 1),
            battery_pct=92.0,
            strap_ok=True,
        )


def _tac(habits: Habits, day: date, happening: Happening, at_ms: int) -> float:
    hours = (at_ms - happening.from_ms) / HOUR_MS
    if happening.kind == "drinks":
        return curve_of(habits, day).at(hours)
    if happening.kind == "interferant":  # sprayed on or breathed in: there at once, gone within two hours
        return max(0.11 - 0.055 * hours, 0.0) if hours >= 0 else 0.0
    return 0.0
