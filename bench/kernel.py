"""The rules of monitoring beside zone membership alone, in one run, on one core.

1. A month of one fix a minute for --people people, 5 zones each (3 polygons of 24 corners, 2 circles), nights at home,
   errands, noise: every rule (`walk_fleet`), beside the touch floor (a compiled loop that only reads each fix and each
   zone's box) and shapely's vectorised contains_xy for the memberships alone, which are a small part of the rules.
2. --devices devices with their own state, a batch of two fixes from each, as an engine meets a country's minute.
3. `evaluate`, the one door, with state in and out and evidence: small batches of one device after another; one day.

The kernel and shapely must agree on every membership before a figure is printed.

    ./dev bench kernel [--people 40] [--devices 50000]
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numba
import numpy as np
import shapely

from waymark.telemetry import geometry, kernel
from waymark.telemetry.compiled import Rules
from waymark.telemetry.evaluate import evaluate
from waymark.telemetry.instants import DAY_MS, MINUTE_MS
from waymark.telemetry.plan import Participant, read
from waymark.telemetry.readings import GPS, Columns, Reading, columns

TIME_ZONE = "America/Chicago"
START_MS = 1_772_517_600_000  # 2026-03-03 00:00 in St. Louis: the month has the change of the clock in it
HOME = (38.627, -90.1994)
DEGREE = geometry.METRES_PER_DEGREE
CORNERS, REPEATS = 24, 3
NIGHT = {"weekly": {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "20:00", "to": "06:00"}}
DAY = {"weekly": {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "08:00", "to": "17:00"}}
SHOP, DETOUR = (1500.0, 400.0), (2600.0, -900.0)  # metres east and north of home


# ----------------------------------------------------------------------------------------------- the same people, twice
def person(chance: np.random.Generator, name: str) -> Participant:
    lat, lon = HOME[0] + chance.normal(0, 0.05), HOME[1] + chance.normal(0, 0.05)
    zones = [
        {"id": "home", "kind": "inclusion", "circle": {"lat": lat, "lon": lon, "radius_m": 100}, "schedule": [NIGHT]},
        {"id": "shop", "kind": "exclusion", "polygon": ring(chance, lat, lon, SHOP, 150), "buffer_m": 50},
        {"id": "school", "kind": "exclusion", "polygon": ring(chance, lat, lon, DETOUR, 200), "schedule": [DAY]},
        {"id": "bar", "kind": "exclusion", "polygon": ring(chance, lat, lon, (-700, 300), 80), "schedule": [NIGHT]},
        {"id": "her", "kind": "victim", "circle": {"lat": lat + 0.04, "lon": lon - 0.03, "radius_m": 300}},
    ]
    return read({"time_zone": TIME_ZONE, "participants": [{"activation": name, "zones": zones}]}).participants[0]


def ring(
    chance: np.random.Generator, lat: float, lon: float, middle: tuple[float, float], radius_m: float
) -> list[list[float]]:
    turns = np.linspace(0, 2 * math.pi, CORNERS, endpoint=False)
    reach = radius_m * chance.uniform(0.7, 1.3, CORNERS)
    return [
        list(earth(lat, lon, middle[0] + r * math.cos(turn), middle[1] + r * math.sin(turn)))
        for turn, r in zip(turns.tolist(), reach.tolist(), strict=True)
    ]


def earth(lat: Any, lon: float, east: Any, north: Any) -> tuple[Any, Any]:
    return lat + north / DEGREE, lon + east / DEGREE / math.cos(math.radians(lat))


class Month(NamedTuple):
    """One person's fixes, one a minute."""

    happened_ms: Any
    lat: Any
    lon: Any
    doubt_m: Any


def month(chance: np.random.Generator, who: Participant, days: int) -> Month:
    """At home at night, by day at the shop's and the school's doors and elsewhere; late home one night in ten."""
    home = who.zones[0].circle
    assert home is not None
    minutes = np.arange(days * 1440)
    places = np.array([(0.0, 0.0), SHOP, DETOUR, (4000.0, 3000.0), (0.0, 0.0), (-600.0, 260.0)])
    at_hour = chance.integers(0, len(places), days * 24)
    night = (np.arange(days * 24) % 24 < 7) | (
        np.arange(days * 24) % 24 >= np.where(chance.random(days * 24) < 0.1, 22, 20)
    )
    at_hour[night] = 0
    east, north = places[at_hour[minutes // 60]].T
    doubt_m = np.where(
        chance.random(len(minutes)) < 0.2, chance.uniform(60, 700, len(minutes)), chance.uniform(3, 20, len(minutes))
    )
    east, north = (axis + chance.normal(0, doubt_m / 2) for axis in (east, north))
    lat, lon = earth(home.lat, home.lon, east, north)
    return Month(START_MS + minutes * MINUTE_MS, lat, lon, doubt_m)


# -------------------------------------------------------------------------------------------------------- a whole fleet
def fleet(rules: list[Rules], last_ms: int) -> kernel.Tables:
    """Many plans as one set of tables."""
    parts = [each.tables(START_MS, last_ms) for each in rules]
    activations, zones, edges, windows = (
        [getattr(part, name).copy() for part in parts] for name in kernel.Tables._fields
    )
    before = np.zeros(3, np.int64)
    for activation, rows, sides, spans in zip(activations, zones, edges, windows, strict=True):
        activation["zone_from"] += before[0]
        activation["zone_until"] += before[0]
        for name in ("edge_from", "edge_until"):
            rows[name] += before[1]
        for name in ("window_from", "window_until"):
            rows[name] += before[2]
        before += len(rows), len(sides), len(spans)
    return kernel.Tables(*(np.concatenate(rows).view(rows[0].dtype) for rows in (activations, zones, edges, windows)))


def walk(tables: kernel.Tables, known: kernel.Known, reading_from: Any, heard: Month, until_ms: Any) -> int:
    """Every rule over the fleet; the number of spans written."""
    count = len(heard.happened_ms)
    zeros, none = np.zeros(count, np.int8), np.full(count, np.nan)
    source, strap = np.full(count, GPS, np.int8), np.full(count, -1, np.int8)
    spans, fixes = np.empty(100_000, kernel.SPAN), np.empty((100_000, kernel.SPAN_FIXES), kernel.FIX)
    used, place = np.zeros(1, np.int64), np.zeros(2, np.int64)
    found, done = 0, False
    while not done:
        used[0] = 0
        done = kernel.walk_fleet(
            *tables, *known, reading_from, heard.happened_ms, zeros, heard.lat, heard.lon, heard.doubt_m, source, none,
            strap, until_ms, place, spans, fixes, used,
        )  # fmt: skip
        found += int(used[0])
    return found


# ------------------------------------------------------------------------------------------------------------ beside it
@numba.njit
def touch(activations: Any, zones: Any, reading_from: Any, lat: Any, lon: Any) -> int:
    """Reads every fix and every zone's centre and reach: what any answer must at least read."""
    near = 0
    for a in range(len(activations)):
        for number in range(reading_from[a], reading_from[a + 1]):
            for z in range(activations[a].zone_from, activations[a].zone_until):
                zone = zones[z]
                north, east = (lat[number] - zone.lat) * zone.north_m, (lon[number] - zone.lon) * zone.east_m
                near += abs(north) <= zone.outer_m and abs(east) <= zone.outer_m
    return near


@numba.njit
def inside(activations: Any, zones: Any, edges: Any, reading_from: Any, lat: Any, lon: Any, answer: Any) -> None:
    for a in range(len(activations)):
        first = activations[a].zone_from
        for number in range(reading_from[a], reading_from[a + 1]):
            for z in range(first, activations[a].zone_until):
                zone = zones[z]
                x, y = geometry.plane(zone, lat[number], lon[number])
                answer[number, z - first] = geometry.distance_bound(zone, edges, x, y, 0.0, False) < 0.0


def by_shapely(tables: kernel.Tables, reading_from: Any, heard: Month, answer: Any) -> None:
    """contains_xy over a person's whole month, polygon by polygon; circles by numpy's hypot."""
    for a, activation in enumerate(tables.activations):
        some = slice(int(reading_from[a]), int(reading_from[a + 1]))
        for column, zone in enumerate(tables.zones[activation.zone_from : activation.zone_until]):
            x, y = (heard.lon[some] - zone.lon) * zone.east_m, (heard.lat[some] - zone.lat) * zone.north_m
            if zone.form == geometry.CIRCLE:
                answer[some, column] = np.hypot(x, y) < zone.radius_m
            else:
                sides = tables.edges[zone.edge_from : zone.edge_until]
                shape = shapely.Polygon(np.column_stack((sides["x"], sides["y"])))
                shapely.prepare(shape)
                answer[some, column] = shapely.contains_xy(shape, x, y)


# -------------------------------------------------------------------------------------------------------------- measure
def median_seconds(work: Callable[[], Any], before: Callable[[], Any] = lambda: None) -> float:
    taken = []
    for _ in range(REPEATS):
        before()
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def a_month(people: int, days: int = 30) -> None:
    chance = np.random.default_rng(1004)
    who = [person(chance, str(number)) for number in range(people)]
    months = [month(chance, each, days) for each in who]
    heard = Month(*(np.concatenate(column) for column in zip(*months, strict=True)))
    reading_from = np.arange(people + 1) * days * 1440
    last_ms = START_MS + days * DAY_MS
    tables, until_ms = fleet([Rules(each, TIME_ZONE) for each in who], last_ms), np.full(people, last_ms)
    spans: list[int] = []
    box: list[kernel.Known] = []

    def fresh() -> None:
        box[:] = [kernel.nothing_known(people, len(tables.zones))]

    def rules() -> None:
        spans[:] = [walk(tables, box[0], reading_from, heard, until_ms)]

    fresh()
    rules()  # compiles
    ours, theirs = (np.zeros((len(heard.lat), 5), bool) for _ in range(2))
    inside(*tables[:3], reading_from, heard.lat, heard.lon, ours)
    by_shapely(tables, reading_from, heard, theirs)
    if not (ours == theirs).all():
        raise SystemExit(f"{(ours != theirs).sum()} memberships differ from shapely's; no figure is given.")
    touch(*tables[:2], reading_from, heard.lat, heard.lon)
    count = len(heard.lat)
    floor = count / median_seconds(lambda: touch(*tables[:2], reading_from, heard.lat, heard.lon))
    member = count / median_seconds(lambda: inside(*tables[:3], reading_from, heard.lat, heard.lon, ours))
    every_rule = count / median_seconds(rules, fresh)
    peer = count / median_seconds(lambda: by_shapely(tables, reading_from, heard, theirs))
    print(
        f"a month: {people} people, {count:,} fixes, 5 zones each, {spans[0]:,} spans, {ours.sum():,} memberships agree"
    )
    print(f"  touch floor         {floor:14,.0f} fixes/s/core")
    print(f"  membership alone    {member:14,.0f}            {member / floor:6.1%} of the floor")
    print(f"  every rule          {every_rule:14,.0f}            {every_rule / floor:6.1%} of the floor")
    print(f"  shapely, membership {peer:14,.0f}            every rule is {every_rule / peer:.2f} x it")


def a_countrys_minute(devices: int) -> None:
    """Their own rows of state and zones; corners and windows of 200 people, over and over."""
    chance = np.random.default_rng(4)
    who = [person(chance, str(number)) for number in range(200)]
    some = fleet([Rules(each, TIME_ZONE) for each in who], START_MS + 30 * DAY_MS)
    times = -(-devices // len(who))
    activations, zones = np.tile(some.activations, times), np.tile(some.zones, times)
    zones_each = np.repeat(np.arange(times), len(who)) * len(some.zones)
    activations["zone_from"] += zones_each
    activations["zone_until"] += zones_each
    tables = kernel.Tables(activations.view(kernel.ACTIVATION), zones.view(geometry.ZONE), some.edges, some.windows)
    count = len(activations)
    known = kernel.nothing_known(count, len(zones))
    reading_from = np.arange(count + 1) * 2
    homes = np.array([(each.zones[0].circle.lat, each.zones[0].circle.lon) for each in who if each.zones[0].circle])
    rates = []
    for minute in range(0, 24, 2):
        lat, lon = np.repeat(np.tile(homes, (times, 1)), 2, axis=0).T + chance.normal(0, 0.002, (2, 2 * count))
        happened_ms = np.tile(START_MS + (minute + np.arange(2)) * MINUTE_MS, count)
        heard = Month(happened_ms, lat, lon, np.full(2 * count, 8.0))
        started = time.perf_counter()
        walk(tables, known, reading_from, heard, np.full(count, happened_ms[-1]))
        rates.append(2 * count / (time.perf_counter() - started))
    rate = statistics.median(rates)
    print(f"a country's minute: {count:,} devices x 5 zones, batches of {2 * count:,}: {rate:,.0f} fixes/s/core")


def the_door() -> None:
    chance = np.random.default_rng(7)
    who = person(chance, "1")
    day = month(chance, who, 1)
    rows = zip(day.happened_ms.tolist(), day.lat.tolist(), day.lon.tolist(), day.doubt_m.tolist(), strict=True)
    heard = columns(Reading("1", at_ms, "fix", lat, lon, doubt, "gps", 9, 0.9) for at_ms, lat, lon, doubt in rows)["1"]
    last_ms = int(heard.happened_ms[-1])
    whole = evaluate(who, TIME_ZONE, heard, until_ms=last_ms)
    seconds = median_seconds(lambda: evaluate(who, TIME_ZONE, heard, until_ms=last_ms))
    print(f"evaluate, one day of one device (1,440 fixes, {len(whole.episodes)} episodes): {seconds * 1e3:.2f} ms")
    for size in (1, 10, 60):
        seconds = median_seconds(lambda size=size: in_batches(who, heard, size))  # type: ignore[misc]
        rate, each_us = len(heard) / seconds, seconds / (len(heard) / size) * 1e6
        print(
            f"evaluate, batches of {size:2d}, state in and out: {rate:10,.0f} fixes/s/core, {each_us:,.0f} us a batch"
        )


def in_batches(who: Participant, heard: Columns, size: int) -> None:
    state = None
    for first in range(0, len(heard), size):
        batch = heard.take(slice(first, first + size))
        state = evaluate(who, TIME_ZONE, batch, until_ms=int(batch.happened_ms[-1]), state=state).state


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=40)
    options.add_argument("--devices", type=int, default=50_000)
    given = options.parse_args()
    a_month(given.people)
    a_countrys_minute(given.devices)
    the_door()


if __name__ == "__main__":
    main()
