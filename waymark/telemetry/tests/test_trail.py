"""The recorded tag trail of the HMPPS repositories (MIT): a home where a person mostly is, and noise.

8,380 fixes of 41 days, 94 % of them from cell towers; made-up person, real receiver. monitoring.md D3, (3), (4) 1 to 4.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from itertools import groupby, pairwise
from statistics import median
from typing import Any

import pytest

from waymark.telemetry.episodes import Episode
from waymark.telemetry.evaluate import evaluate, replay
from waymark.telemetry.geometry import metres_between
from waymark.telemetry.instants import MINUTE_MS, ms_of
from waymark.telemetry.plan import Plan, read
from waymark.telemetry.readings import Reading, columns
from waymark.telemetry.tests.recordings import TRAIL, needs_recordings

CELL_DAYS = ("02-13", "03-04", "03-05", "03-06", "04-03", "04-04", "04-15", "04-29", "05-07", "05-12")
CELL_ONLY = [f"2026-{day}" for day in CELL_DAYS]
TRIPS = [f"2026-{day}" for day in ("01-29", "02-10", "02-11", "02-12", "04-09", "04-13")]
SILENCE_MS = 16 * MINUTE_MS

pytestmark = needs_recordings


@cache
def trail() -> list[Reading]:
    with gzip.open(TRAIL, "rt") as file:
        return [_reading(row) for row in csv.DictReader(file)]


def _reading(row: dict[str, str]) -> Reading:
    return Reading(
        activation=row["deviceId"],
        happened_ms=ms_of(datetime.fromisoformat(row["gpsDate"])),
        kind="fix",
        lat=float(row["latitude"]),
        lon=float(row["longitude"]),
        accuracy_m=float(row["precision"]),
        source={"1": "gps", "4": "rf", "5": "cell", "6": "wifi"}[row["lbs"]],
        satellites=int(row["satellite"]),
        hdop=float(row["hdop"]),
    )


@cache
def usual_place() -> tuple[float, float]:
    return median(r.lat or 0 for r in trail()), median(r.lon or 0 for r in trail())


def at_home_always(radius_m: float) -> Plan:
    lat, lon = usual_place()
    zone = {"id": "home", "kind": "inclusion", "circle": {"lat": lat, "lon": lon, "radius_m": radius_m}}
    given: dict[str, Any] = {"time_zone": "Europe/London", "participants": [{"activation": "1782", "zones": [zone]}]}
    return read(given)


@cache
def absences(radius_m: float) -> list[Episode]:
    return [episode for episode in replay(at_home_always(radius_m), trail()) if episode.family == "curfew"]


def day(instant_ms: int) -> str:
    return f"{datetime.fromtimestamp(instant_ms / 1000, UTC):%Y-%m-%d}"


def out_by(reading: Reading) -> float:
    return metres_between(*usual_place(), reading.lat or 0, reading.lon or 0)


@pytest.mark.parametrize(("radius_m", "most", "each_fix_decides"), [(100, 30, 1000), (200, 24, 252)])
def test_it_changes_its_mind_a_few_times_where_each_fix_would_a_thousand(
    radius_m: float, most: int, each_fix_decides: int
) -> None:
    naive = sum(a != b for a, b in pairwise(out_by(reading) > radius_m for reading in trail()))
    assert naive == pytest.approx(each_fix_decides, rel=0.05)
    changes = sum(1 if episode.closed_ms is None else 2 for episode in absences(radius_m))
    assert 0 < changes <= most


@pytest.mark.parametrize("radius_m", [50, 100, 200, 300])
def test_it_opens_no_absence_on_a_day_of_cell_towers_alone(radius_m: float) -> None:
    assert all({r.source for r in trail() if day(r.happened_ms) == cell_day} == {"cell"} for cell_day in CELL_ONLY)
    assert [episode for episode in absences(radius_m) if day(episode.opened_ms) in CELL_ONLY] == []


def test_it_finds_every_trip_once_and_no_more_than_an_alert_a_day() -> None:
    opened = Counter(day(episode.opened_ms) for episode in absences(100))
    assert all(opened[trip] >= 1 for trip in TRIPS)
    for one, after in pairwise(absences(100)):
        assert one.closed_ms is not None
        assert one.closed_ms <= after.opened_ms
    days = {day(reading.happened_ms) for reading in trail()}
    assert len(absences(100)) <= len(days)


@pytest.mark.parametrize("radius_m", [100, 200])
def test_it_misses_no_stay_away_of_a_quarter_of_an_hour_that_satellites_saw(radius_m: float) -> None:
    """Seen by eyes of our own: satellite fixes in a row whose whole circle is 15 m clear of the zone."""
    seen = [r for r in trail() if r.source == "gps"]
    stays = [
        list(group) for away, group in groupby(seen, lambda r: out_by(r) - (r.accuracy_m or 0) > radius_m + 15) if away
    ]
    long = [stay for stay in stays if stay[-1].happened_ms - stay[0].happened_ms > 15 * MINUTE_MS]
    assert len(long) >= 5
    for stay in long:
        middle = (stay[0].happened_ms + stay[-1].happened_ms) // 2
        assert any(e.opened_ms <= middle < (e.closed_ms or middle + 1) for e in absences(radius_m)), day(middle)


def test_it_raises_silence_once_for_each_gap_and_closes_it_with_the_next_reading() -> None:
    times = sorted({reading.happened_ms for reading in trail()})
    gaps = [(a + SILENCE_MS, b) for a, b in pairwise(times) if b - a > SILENCE_MS]
    silences = [e for e in replay(at_home_always(100), trail()) if e.kind == "no_contact"]
    assert [(e.opened_ms, e.closed_ms) for e in silences] == gaps


def test_shuffled_and_doubled_readings_give_the_same_bytes() -> None:
    chance = random.Random(3)
    mixed = trail() + chance.sample(trail(), len(trail()) // 20)
    chance.shuffle(mixed)
    assert as_bytes(replay(at_home_always(100), mixed)) == as_bytes(replay(at_home_always(100), trail()))


def test_day_by_day_with_the_state_through_json_is_one_run() -> None:
    """As the live engine works: a batch, the state stored, another process."""
    from waymark.telemetry.state import State

    plan, heard = at_home_always(100), columns(trail())["1782"]
    participant, zone = plan.participants[0], plan.time_zone
    last = int(heard.happened_ms[-1])
    state, closed, answer = None, [], None
    for until in [*range(int(heard.happened_ms[0]), last, 26 * 60 * MINUTE_MS), last]:
        after = state.until_ms + 1 if state else 0
        answer = evaluate(participant, zone, heard.between(after, until + 1), until_ms=until, state=state)
        state = State.from_json(json.loads(json.dumps(answer.state.as_json())))
        closed += [episode for episode in answer.episodes if episode.closed_ms is not None]
    assert answer is not None
    stepwise = closed + [episode for episode in answer.episodes if episode.closed_ms is None]
    assert as_bytes(sorted(stepwise, key=lambda e: (e.opened_ms, e.episode_id))) == as_bytes(replay(plan, trail()))


def test_it_says_why_in_plain_words() -> None:
    trip = next(e for e in absences(100) if day(e.opened_ms) == "2026-02-12" and e.evidence["decisive_fixes"] > 50)
    assert trip.evidence["because"] == "3 fixes, 2–3 m accuracy, all outside by at least 18 m."
    assert [fix["distance_m"] > 0 for fix in trip.evidence["fixes"]] == [False, True, True, True]
    assert all(fix["distance_m"] < 0 for fix in trip.evidence["closing_fixes"])
    assert trip.confidence == "high"


def test_it_says_of_how_much_of_an_absence_nobody_knows() -> None:
    """From 29 January to 10 February the device was silent for eleven days and more."""
    long = next(e for e in absences(100) if day(e.opened_ms) == "2026-01-29" and e.evidence["unheard_seconds"])
    absent, unheard = long.evidence["absence_seconds"], long.evidence["unheard_seconds"]
    assert (absent, unheard // 86_400, unheard <= absent) == (1_023_443, 11, True)
    assert " The device was not heard for 11 d " in long.evidence["because"]
    assert long.evidence["last_fix_on_this_side_at"] > "2026-01-29"
    assert long.confidence != "high"


def as_bytes(episodes: list[Episode]) -> bytes:
    return b"\n".join(json.dumps(episode.as_json()).encode() for episode in episodes)
