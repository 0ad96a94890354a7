"""Days and weeks of made-up people: a plan of the contract and what their devices said.

    plan, readings = scenario(seed=7)       # the same seed, the same scenario

Noise is like the recorded trail's: satellite fixes of 3 to 30 m, cell fixes of 58 to 1,600 m, silence, dead zones where
the device speaks and does not know where it is, leaps. People go to work, on errands, past and through zones they must
keep out of, cut straps, forget to charge. Nights of daylight saving are frequent.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from waymark.telemetry.readings import Reading

TIME_ZONE = "America/Chicago"
HOME = (38.6312, -90.2345)
METRES_PER_DEGREE = math.pi * 6_371_008.8 / 180
FIRST_DAYS = ("2026-03-06", "2026-03-07", "2026-03-08", "2026-10-30", "2026-10-31", "2026-11-01", "2026-06-14")
WEARER, VICTIM = "W1", "V1"

Point = tuple[float, float]  # metres east and north of home


class Scenario(NamedTuple):
    plan: dict[str, Any]
    readings: list[Reading]


class Leg(NamedTuple):
    """On the way from one point to another, or staying at one."""

    from_ms: int
    until_ms: int
    start: Point
    end: Point


def scenario(seed: int) -> Scenario:
    rng = Random(seed)
    first = date.fromisoformat(rng.choice(FIRST_DAYS))
    days = rng.choice((1, 1, 1, 1, 2, 2, 3, 7))
    begins = ms(datetime(first.year, first.month, first.day, rng.randrange(24), tzinfo=ZoneInfo(TIME_ZONE)))
    ends = begins + days * 86_400_000
    participant, haunts = plan_for(rng, first, days)
    interval = 300 if days == 7 else rng.choice((30, 60, 120, 120, 300))
    participant["expected_interval_s"] = interval
    paired = any("partner" in zone for zone in participant["zones"])
    walk = wander(rng, begins, ends, haunts)
    readings = list(said(rng, walk, interval, radio=rng.random() < 0.25))
    if rng.random() < 0.3:
        readings += alcohol_curve(rng, begins, ends)
    if paired:
        walk = wander(rng, begins, ends, haunts[:4])
        readings += [one._replace(activation=VICTIM) for one in said(rng, walk, 60, radio=False)]
    rng.shuffle(readings)
    last = max(one.happened_ms for one in readings)
    until = last + rng.choice((0, 60_000, 20 * 60_000, 3 * 3_600_000, 60 * 3_600_000))
    return Scenario(plan_with(participant) | {"until": iso(until)}, readings)


def scenario_plan(seed: int) -> dict[str, Any]:
    """A plan alone, its one-off changes round a first day."""
    rng = Random(seed)
    participant, _ = plan_for(rng, date.fromisoformat(rng.choice(FIRST_DAYS)), 2)
    return plan_with(participant)


def plan_with(participant: dict[str, Any]) -> dict[str, Any]:
    """The wearer first, and the other half of the pair, if there is one."""
    paired = any("partner" in zone for zone in participant["zones"])
    return {"time_zone": TIME_ZONE, "participants": [participant, *([{"activation": VICTIM}] if paired else [])]}


def iso(instant_ms: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=instant_ms)).isoformat()


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def earth(point: Point) -> tuple[float, float]:
    lat = HOME[0] + point[1] / METRES_PER_DEGREE
    return lat, HOME[1] + point[0] / (METRES_PER_DEGREE * math.cos(math.radians(HOME[0])))


# -- the plan ------------------------------------------------------------------------------------------------------


def plan_for(rng: Random, first: date, days: int) -> tuple[dict[str, Any], list[Point]]:
    """The participant of the plan, and the points this person goes to: home first."""
    work, shop = around(rng, (0, 0), 800, 6000), around(rng, (0, 0), 150, 900)
    haunts = [(0.0, 0.0), work, shop]
    zones: list[dict[str, Any]] = [
        {
            "id": "home",
            "kind": "inclusion",
            **shape(rng, (0, 0), (40, 60, 80, 100, 150, 250)),
            **hours(rng, first, days),
        }
    ]
    if rng.random() < 0.3:
        zones[0]["buffer_m"] = rng.choice((10, 25, 50))
    if rng.random() < 0.3:
        zones.append({"id": "work", "kind": "inclusion", **shape(rng, work, (100, 200)), **hours(rng, first, days)})
    for number in range(rng.choice((0, 1, 1, 2))):
        middle = around(rng, (0, 0), 300, 2500)
        haunts += [middle, through(middle, work, 1.8)]
        kind = rng.choice(("exclusion", "exclusion", "victim"))
        zone = {"id": f"{kind}-{number}", "kind": kind, **shape(rng, middle, (50, 100, 300)), **hours(rng, first, days)}
        zones.append(zone | {"buffer_m": rng.choice((0, 0, 100))})
    if rng.random() < 0.2:
        partner = {"activation": VICTIM, "radius_m": rng.choice((200, 500))}
        zones.append({"id": "pair", "kind": "victim", "partner": partner} | rng.choice(({}, hours(rng, first, days))))
    for zone in zones:
        if zone["kind"] == "inclusion" and rng.random() < 0.3:
            zone["grace_minutes"] = rng.choice((0, 2, 15))
    participant = {
        "activation": WEARER,
        "zones": zones,
        "grace_minutes": rng.choice((0, 5, 5, 10)),
        "contact_buffer_s": rng.choice((300, 900, 900, 3600)),
    }
    return participant, haunts


def around(rng: Random, middle: Point, nearest: float, farthest: float) -> Point:
    angle, distance = rng.uniform(0, 2 * math.pi), rng.uniform(nearest, farthest)
    return middle[0] + distance * math.cos(angle), middle[1] + distance * math.sin(angle)


def through(middle: Point, beginning: Point, how_far: float) -> Point:
    """Past the middle, coming from the beginning: to drive through a zone and not stop in it."""
    return tuple(b + (m - b) * how_far for m, b in zip(middle, beginning, strict=True))  # type: ignore[return-value]


def shape(rng: Random, middle: Point, radii: tuple[int, ...]) -> dict[str, Any]:
    lat, lon = earth(middle)
    radius = rng.choice(radii)
    if rng.random() < 0.65:
        return {"circle": {"lat": lat, "lon": lon, "radius_m": radius}}
    radius = max(radius, 80)
    if rng.random() < 0.3:
        return {"polygon": ring(middle, radius * 2, 8), "holes": [ring(around(rng, middle, 0, 20), radius * 0.5, 5)]}
    if rng.random() < 0.5:
        corners = [(-1, -1), (1.2, -1), (1.2, 0.8), (0.5, 0.8), (0.5, 1.5), (-1, 1.5)]
        return {"polygon": [earth((middle[0] + x * radius, middle[1] + y * radius)) for x, y in corners]}
    return {"polygon": ring(middle, radius, rng.randrange(4, 12))}


def ring(middle: Point, radius: float, corners: int) -> list[tuple[float, float]]:
    turns = [2 * math.pi * corner / corners for corner in range(corners)]
    return [earth((middle[0] + radius * math.cos(turn), middle[1] + radius * math.sin(turn))) for turn in turns]


CLOCKS = ("00:00", "01:15", "01:45", "02:30", "03:00", "06:00", "08:00", "12:00", "17:30", "20:00", "22:00", "23:59")
ALL_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def hours(rng: Random, first: date, days: int) -> dict[str, Any]:
    """A schedule and one-off changes to it, or neither: in force at all times."""
    schedule = [] if rng.random() < 0.3 else [entry(rng, first) for _ in range(rng.choice((1, 1, 2)))]
    exceptions: list[dict[str, Any]] = []
    for _ in range(rng.choice((0, 0, 0, 1, 2))):
        starts = datetime.combine(first, time()) + timedelta(minutes=15 * rng.randrange(96 * (days + 1)))
        ends = starts + timedelta(minutes=15 * rng.randrange(5, 40))
        zone = rng.choice((None, ZoneInfo(TIME_ZONE), UTC))
        span = {"from": starts.replace(tzinfo=zone).isoformat(), "until": ends.replace(tzinfo=zone).isoformat()}
        exceptions.append({**span, "may": "leave"})
    return {"schedule": schedule, "exceptions": exceptions}


def entry(rng: Random, first: date) -> dict[str, Any]:
    begins, ends = rng.choice([("22:00", "06:00"), ("20:00", "24:00"), (rng.choice(CLOCKS), rng.choice(CLOCKS))])
    days = sorted(rng.sample(ALL_DAYS, rng.randrange(1, 8)), key=ALL_DAYS.index)
    starts_on = first - timedelta(days=rng.randrange(20))
    if rng.random() < 0.6:
        line: dict[str, Any] = {"weekly": {"days": days, "from": begins, "to": ends}}
    elif rng.random() < 0.5:
        line = {"rrule": f"FREQ=WEEKLY;BYDAY={','.join(day[:2].upper() for day in days)}", "from": begins, "to": ends}
    else:
        clock = f"T{begins.replace(':', '')}00"
        rule = f"DTSTART:{starts_on:%Y%m%d}{clock}\nRRULE:{recurrence(rng, starts_on, clock)}"
        if rng.random() < 0.5:
            rule += f"\nEXDATE:{first + timedelta(days=rng.randrange(3)):%Y%m%d}{clock}"
        line = {"rrule": rule, "from": begins, "duration_minutes": rng.choice((30, 45, 480, 1440))}
    if rng.random() < 0.2 and "DTSTART" not in line.get("rrule", ""):
        line["starts_on"] = (first + timedelta(days=rng.randrange(2))).isoformat()
    if rng.random() < 0.2:
        line["ends_on"] = (first + timedelta(days=rng.randrange(1, 4))).isoformat()
    return line


def recurrence(rng: Random, starts_on: date, clock: str) -> str:
    """A rule that its own first day fits."""
    day = ALL_DAYS[starts_on.weekday()][:2].upper()
    rule = rng.choice(
        (
            f"FREQ=DAILY;INTERVAL={rng.randrange(1, 4)}",
            f"FREQ=WEEKLY;INTERVAL=2;BYDAY={day}",
            f"FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY={','.join(sorted({day, 'SU', 'TH'}))}",
            f"FREQ=MONTHLY;BYDAY={(starts_on.day + 6) // 7}{day}",
        )
    )
    ends = starts_on + timedelta(days=rng.randrange(5, 60))
    return rule + rng.choice(("", "", f";COUNT={rng.randrange(1, 40)}", f";UNTIL={ends:%Y%m%d}{clock}"))


# -- where the person is -------------------------------------------------------------------------------------------


def wander(rng: Random, begins: int, ends: int, haunts: list[Point]) -> list[Leg]:
    legs, here, clock = list[Leg](), haunts[0] if rng.random() < 0.8 else haunts[1], begins
    while clock < ends:
        stays = rng.choice((3, 10, 30, 60, 240, 600)) * rng.uniform(0.5, 1.5) * 60_000
        legs.append(Leg(clock, clock + int(stays), here, here))
        clock = legs[-1].until_ms
        there = haunts[0] if here != haunts[0] and rng.random() < 0.5 else rng.choice(haunts)
        there = around(rng, there, 0, rng.choice((1, 20, 150)))
        speed = rng.choice((1.3, 4, 12, 25))
        legs.append(Leg(clock, clock + 1000 + int(math.dist(here, there) / speed * 1000), here, there))
        clock, here = legs[-1].until_ms, there
    return legs


def at(legs: list[Leg], instant_ms: int) -> Point:
    leg = next((leg for leg in legs if leg.from_ms <= instant_ms < leg.until_ms), legs[-1])
    share = min((instant_ms - leg.from_ms) / (leg.until_ms - leg.from_ms), 1)
    return tuple(a + (b - a) * share for a, b in zip(leg.start, leg.end, strict=True))  # type: ignore[return-value]


# -- what the device says ------------------------------------------------------------------------------------------


def said(rng: Random, legs: list[Leg], interval_s: int, *, radio: bool) -> Iterator[Reading]:
    """Readings at the interval with some shake, in moods that last: satellites, cell towers, no position, silence."""
    clock, mood, until = legs[0].from_ms, "gps", 0
    charge, draining, strap_ok, strap_until = rng.uniform(10, 100), rng.choice((0.02, 0.1, 0.5)), True, 0
    leaps = rng.random() < 0.3
    while clock < legs[-1].until_ms:
        if clock >= until:
            mood = rng.choices(("gps", "cell", "nowhere", "silent"), (70, 12, 8, 10))[0]
            until = clock + int(rng.choice((5, 20, 60, 300)) * 60_000 * rng.uniform(0.5, 1.5))
        if clock >= strap_until:
            strap_ok = rng.random() > 0.04
            strap_until = clock + int(rng.choice((4, 25, 90)) * 60_000 * rng.uniform(0.5, 1.5))
        charge = 100.0 if charge < rng.uniform(-20, 15) else max(charge - draining * interval_s / 60, 0)
        if mood != "silent":
            sends_state = rng.random() < 0.3
            state = {"battery_pct": float(round(charge)), "strap_ok": strap_ok} if sends_state else {}
            yield reading(rng, legs, clock, mood, leaps)._replace(**state)
        if radio and rng.random() < 0.15:
            distance = math.hypot(*at(legs, clock))
            yield Reading(WEARER, clock + 7, "rf", source="in_range" if distance < 40 else "out_of_range")
        if rng.random() < 0.002:
            yield drive_by(rng, at(legs, clock), clock + 13, strap_ok)
        clock += int(interval_s * 1000 * rng.uniform(0.9, 1.1)) if rng.random() > 0.01 else interval_s * 1000


def reading(rng: Random, legs: list[Leg], clock: int, mood: str, leaps: bool) -> Reading:
    if mood == "nowhere":
        return Reading(WEARER, clock, "status")
    if mood == "gps":
        accuracy: float = rng.randrange(3, 31)
        here = at(legs, clock)
        if leaps and rng.random() < 0.005:
            here = around(rng, here, 8000, 20000)
    else:
        accuracy, here = min(58 * math.exp(abs(rng.gauss(0, 1.3))), 1600), at(legs, clock)
    lat, lon = earth((here[0] + rng.gauss(0, accuracy / 2.5), here[1] + rng.gauss(0, accuracy / 2.5)))
    sent = None if rng.random() < 0.02 else round(accuracy, 1)
    satellites, hdop = (rng.randrange(3, 14), rng.choice((0.0, 0.8, 1.2, 3.0, 99.0))) if mood == "gps" else (None, None)
    return Reading(WEARER, clock, "fix", lat, lon, sent, mood, satellites, hdop)


def drive_by(rng: Random, here: Point, clock: int, strap_ok: bool) -> Reading:
    lat, lon = earth(here)
    if rng.random() < 0.4:
        return Reading(WEARER, clock, "drive_by", lat, lon, 10.0, "not_heard")
    return Reading(WEARER, clock, "drive_by", lat, lon, 10.0, "heard", strap_ok=strap_ok)


def alcohol_curve(rng: Random, begins: int, ends: int) -> Iterator[Reading]:
    """A bracelet that samples sweat each half hour, now and then each five minutes; drinking; an eye covered up."""
    clock, baseline = begins + 11, rng.uniform(0.9, 1.2)
    drinks = [(rng.uniform(begins, ends), rng.uniform(0.01, 0.3), rng.uniform(0.01, 0.06)) for _ in range(3)]
    covered_from = rng.uniform(begins, ends)
    covered_until = min(covered_from + rng.choice((0, 3, 5, 9)) * 3_600_000, ends - 2 * 3_600_000)
    while clock < ends:
        tac = sum(max(0.0, dose * rise_and_fall((clock - start) / 3_600_000, fall)) for start, dose, fall in drinks)
        tac = 0.0 if rng.random() < 0.03 else tac
        covered = covered_from <= clock < covered_until
        ir_v = baseline + rng.gauss(0, 0.03) + (0.4 if covered else 0)
        warmth = rng.gauss(110, 1) if covered else rng.gauss(90, 4)  # a removal has a rule of its own
        yield Reading(
            WEARER,
            clock,
            "alcohol",
            tac_g_dl=round(tac, 3),
            ir_v=round(ir_v, 3),
            temperature_f=round(warmth, 1),
        )
        clock += rng.choices((30, 5, 60, 100), (80, 15, 4, 1))[0] * 60_000 + rng.randrange(20_000)


def rise_and_fall(hours_after: float, fall: float) -> float:
    """Share of the dose that shows, some hours after the first drink."""
    return min(hours_after / 2, 1 - (hours_after - 2) * fall * 4) if hours_after > 0 else 0.0
