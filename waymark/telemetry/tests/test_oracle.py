"""The product against a second reading of the same documents, on days told by hand and on random weeks.

WAYMARK_SCENARIOS=5000 asks for more than the usual number of random scenarios, WAYMARK_FIRST_SCENARIO where to begin.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from waymark.telemetry.evaluate import replay
from waymark.telemetry.plan import read
from waymark.telemetry.readings import Reading
from waymark.telemetry.schedule import required
from waymark.telemetry.tests import oracle
from waymark.telemetry.tests.oracle import Found
from waymark.telemetry.tests.scenarios import TIME_ZONE, VICTIM, WEARER, earth, ms, scenario, scenario_plan

FIRST_SCENARIO = int(os.environ.get("WAYMARK_FIRST_SCENARIO", "0"))
SCENARIOS = range(FIRST_SCENARIO, FIRST_SCENARIO + int(os.environ.get("WAYMARK_SCENARIOS", "60")))
NIGHT = {"weekly": {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "22:00", "to": "06:00"}}
HOME_ZONE = {"id": "home", "kind": "inclusion", "circle": {"lat": 38.6312, "lon": -90.2345, "radius_m": 100}}
AT_HOME, AWAY, AT_WORK = (0.0, 0.0), (900.0, 0.0), (3000.0, 3000.0)


@pytest.mark.parametrize("seed", SCENARIOS)
def test_it_finds_what_an_independent_reading_of_the_rules_finds(seed: int) -> None:
    plan, readings = scenario(seed)
    found, expected = product(plan, readings), by_oracle(plan, readings)
    assert [one for one in found if one.zone != "pair"] == [one for one in expected if one.zone != "pair"]
    assert [one for one in expected if one.zone == "pair" and not is_covered(one, found)] == []


def is_covered(one: Found, found: Sequence[Found]) -> bool:
    """A pair is raised no later, and cleared at the same fix.

    Not raised at the same one: 2.7 asks for an early alarm by closing speed and leaves open how the speed is taken.
    """
    return any(its.opened_ms <= one.opened_ms and its.closed_ms == one.closed_ms for its in found if its.zone == "pair")


@pytest.mark.parametrize("seed", SCENARIOS)
def test_it_puts_the_same_windows_in_force(seed: int) -> None:
    """Over seven months with both changes of the clock in them."""
    plan = read(scenario_plan(seed))
    first, last = wall("2026-02-20 00:00") + seed * 3_600_000, wall("2026-11-20 00:00")
    for zone in plan.participants[0].zones:
        spans = required(zone, plan.time_zone, first, last, leave=plan.participants[0].leave)
        windows = oracle.in_force(plan.participants[0], zone, plan.time_zone, first, last)
        assert cut(spans, first, last) == cut(windows, first, last)


def cut(spans: Iterable[tuple[int, int]], first: int, last: int) -> list[tuple[int, int]]:
    return [(max(begin, first), min(end, last)) for begin, end in spans if begin < last and end > first]


# -- 22:00 and 06:00 (Traccar #3897) -------------------------------------------------------------------------------

EVENINGS = {
    "already out when it begins": ("20:00", "23:30", "out_at_start", "22:00", "23:30"),
    "left a minute before it begins": ("21:59", "02:00", "out_at_start", "22:00", "02:00"),
    "left when it begins": ("22:00", "02:00", "out_at_start", "22:00", "02:00"),
    "left a minute after it began": ("22:01", "02:00", "left_during", "22:01", "02:00"),
    "back a minute before it ends": ("23:00", "05:59", "left_during", "23:00", "05:59"),
    "back when it ends": ("23:00", "06:00", "out_at_end", "23:00", "06:00"),
    "out all night": ("20:00", "09:00", "out_entire_window", "22:00", "06:00"),
    "back six minutes late": ("21:00", "22:06", "returned_late", "22:00", "22:06"),
}


@pytest.mark.parametrize(("left", "back", "kind", "opened", "closed"), EVENINGS.values(), ids=EVENINGS)
def test_it_names_an_absence_by_where_it_stood_at_the_edges_of_the_window(
    left: str, back: str, kind: str, opened: str, closed: str
) -> None:
    day = told(
        ("2026-06-15 12:00", AT_HOME), (evening(left), AWAY), (evening(back), AT_HOME), ("2026-06-16 12:00", None)
    )
    expected = Found("curfew", kind, "home", wall(evening(opened)), wall(evening(closed)), None)
    assert both(night_plan(), day) == [with_absence(expected)]


@pytest.mark.parametrize(
    ("left", "back"), [("21:00", "22:05"), ("23:00", "23:05"), ("05:55", "07:00"), ("12:30", "21:59")]
)
def test_it_lets_an_absence_no_longer_than_the_grace_pass(left: str, back: str) -> None:
    day = told(
        ("2026-06-15 12:00", AT_HOME), (evening(left), AWAY), (evening(back), AT_HOME), ("2026-06-16 12:00", None)
    )
    assert both(night_plan(), day) == []


def test_it_leaves_an_absence_open_while_it_lasts_and_the_window_with_it() -> None:
    day = told(("2026-06-15 12:00", AT_HOME), (evening("20:00"), AWAY), (evening("23:00"), None))
    opened = wall(evening("22:00"))
    last = max(one.happened_ms for one in day)
    assert both(night_plan(), day) == [Found("curfew", "out_at_start", "home", opened, None, (last - opened) // 1000)]


def test_it_counts_an_approved_leave_as_no_absence_and_begins_anew_after_it() -> None:
    leave = {"from": "2026-06-15T23:00", "until": "2026-06-16T01:00", "may": "leave"}
    plan = night_plan(exceptions=[leave])
    day = told(
        ("2026-06-15 12:00", AT_HOME), (evening("22:30"), AWAY), (evening("02:00"), AT_HOME), (evening("09:00"), None)
    )
    before = Found("curfew", "out_at_end", "home", wall(evening("22:30")), wall(evening("23:00")))
    after = Found("curfew", "returned_late", "home", wall(evening("01:00")), wall(evening("02:00")))
    assert both(plan, day) == [with_absence(before), with_absence(after)]


# -- suspension and daylight saving --------------------------------------------------------------------------------


def test_it_marks_every_episode_of_a_suspension_and_drops_none() -> None:
    """Friday 20:00 to Sunday 16:00 has no hole on Saturday."""
    suspension = {"from": "2026-06-19T20:00", "until": "2026-06-21T16:00", "who": "Unit lead", "why": "Funeral"}
    plan = night_plan(schedule=[], suspensions=[suspension])
    hours_out = ["2026-06-19 18:00", "2026-06-19 22:00", "2026-06-20 10:00", "2026-06-20 17:00", "2026-06-21 15:00"]
    turns = [turn for out in [*hours_out, "2026-06-21 17:00"] for turn in ((out, AWAY), (later(out, 30), AT_HOME))]
    day = told(("2026-06-19 12:00", AT_HOME), *turns, ("2026-06-21 20:00", None))
    found = [one for one in replay(read(plan | {"until": until_of(day)}), day) if one.family == "curfew"]
    assert [one.opened_ms for one in found] == [wall(out) for out in [*hours_out, "2026-06-21 17:00"]]
    assert [bool(one.evidence.get("suspended")) for one in found] == [False, True, True, True, True, False]


@pytest.mark.parametrize(
    ("date", "seconds"), [("2026-03-07", 9 * 3600), ("2026-06-13", 10 * 3600), ("2026-10-31", 11 * 3600)]
)
def test_it_counts_a_night_of_daylight_saving_as_long_as_it_was(date: str, seconds: int) -> None:
    plan = night_plan(schedule=[{"weekly": {"days": ["sat"], "from": "20:00", "to": "06:00"}}])
    day = told((f"{date} 12:00", AT_HOME), (f"{date} 18:00", AWAY), (later(f"{date} 12:00", 24 * 60), None))
    (night,) = both(plan, day)
    assert (night.kind, night.absence_seconds) == ("out_entire_window", seconds)


EDGES = {
    "starts in the hour that is skipped": ("2026-03-08", "02:30", "04:00", "2026-03-08T08:30Z", "2026-03-08T09:00Z"),
    "lies in the hour that is skipped": ("2026-03-08", "02:15", "02:45", "2026-03-08T08:15Z", "2026-03-08T08:45Z"),
    "lies in the hour that comes twice": ("2026-11-01", "01:15", "01:45", "2026-11-01T06:15Z", "2026-11-01T06:45Z"),
    "ends after the hour that comes twice": ("2026-11-01", "01:30", "02:30", "2026-11-01T06:30Z", "2026-11-01T08:30Z"),
}


@pytest.mark.parametrize(("date", "begins", "ends", "opened", "closed"), EDGES.values(), ids=EDGES)
def test_it_reads_wall_time_as_rfc_5545_does(date: str, begins: str, ends: str, opened: str, closed: str) -> None:
    plan = night_plan(schedule=[{"weekly": {"days": ["sun"], "from": begins, "to": ends}}])
    day = told((later(f"{date} 00:00", -600), AT_HOME), (later(f"{date} 00:00", -60), AWAY), (f"{date} 12:00", None))
    span = Found("curfew", "out_entire_window", "home", instant(opened), instant(closed))
    assert both(plan, day) == [with_absence(span)]


# -- crossing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("every_s", "crossed"), [(60, True), (138, True), (180, True), (181, False), (300, False)])
def test_it_sees_a_zone_crossed_between_two_fixes_no_more_than_three_minutes_apart(every_s: int, crossed: bool) -> None:
    """Straight through the middle of a circle of 100 m, no fix inside it."""
    zone = {"id": "shop", "kind": "exclusion", "circle": circle((0, 0), 100)}
    fixes = [fix("2026-06-15 12:00", (-700 + 1000 * step, 5.0), step * every_s) for step in range(-1, 3)]
    plan = plan_of([zone], contact_buffer_s=3600)
    expected = [Found("crossing", "exclusion_crossed", "shop", fixes[1].happened_ms, fixes[2].happened_ms)]
    assert both(plan, fixes) == (expected if crossed else [])


@pytest.mark.parametrize(("past_m", "crossed"), [(85, True), (95, False)])
def test_it_takes_the_accuracy_off_the_zone_before_it_calls_it_crossed(past_m: float, crossed: bool) -> None:
    zone = {"id": "shop", "kind": "exclusion", "circle": circle((0, 0), 100)}
    fixes = [fix("2026-06-15 12:00", (-700 + 1000 * step, past_m), 60 * step) for step in range(-1, 3)]
    assert bool(both(plan_of([zone]), fixes)) == crossed


def test_it_raises_nothing_for_a_receiver_that_drifts_150_m_from_a_zone_of_50_m() -> None:
    zone = {"id": "shop", "kind": "exclusion", "circle": circle((0, 0), 50)}
    drift = [150, 100, 61, 40, 90, 20, 150]
    fixes = [fix("2026-06-15 12:00", (east, 0), 60 * step, accuracy=105) for step, east in enumerate(drift)]
    assert both(plan_of([zone]), fixes) == []


# -- the bracelet's eye, its owner, the drive-by -------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "obstructed"), [(3, False), (5, True), (9, True)])
def test_it_calls_an_eye_covered_for_hours_obstructed(hours: int, obstructed: bool) -> None:
    begin = wall("2026-06-15 12:00")
    said = [
        Reading(
            WEARER, begin + half * 1_800_000, "alcohol", tac_g_dl=0.0, ir_v=1.0 + 0.4 * (10 <= half <= 10 + 2 * hours)
        )
        for half in range(60)
    ]
    plan = plan_of([], expected_interval_s=3600)
    covered = Found(
        "obstruction", "device_obstructed", None, begin + 10 * 1_800_000, begin + (10 + 2 * hours) * 1_800_000
    )
    assert both(plan, said) == ([covered] if obstructed else [])


def test_it_keeps_two_wearers_of_one_bracelet_apart() -> None:
    """The first wearer ends out, strap open, empty; the second begins the next day with nothing of that."""
    first = [
        one._replace(activation="A", strap_ok=False, battery_pct=3.0)
        for one in told(("2026-06-15 12:00", AT_HOME), (evening("20:00"), AWAY), (evening("23:00"), None))
    ]
    second = told(("2026-06-17 12:00", AT_HOME), ("2026-06-17 18:00", None))
    plan = night_plan() | {"until": until_of(second)}
    person = plan["participants"][0]
    plan["participants"] = [
        person | {"activation": "A", "until_at": "2026-06-16T12:00"},
        person | {"from_at": "2026-06-17"},
    ]
    found = replay(read(plan), [*first, *second])
    assert {one.family for one in found if one.participant == "A"} >= {"curfew", "strap", "battery"}
    assert [one.kind for one in found if one.participant == WEARER] == []


def test_it_takes_a_bracelet_heard_at_work_for_a_location_and_one_not_heard_for_nothing() -> None:
    zones = [HOME_ZONE | {"schedule": [NIGHT]}, {"id": "work", "kind": "inclusion", "circle": circle(AT_WORK, 100)}]
    zones[1]["schedule"] = [{"weekly": {"days": ["mon"], "from": "09:00", "to": "17:00"}}]
    at_work = told(("2026-06-15 06:00", AT_HOME), ("2026-06-15 08:00", AT_WORK), ("2026-06-15 10:00", None))
    silent = [Reading(WEARER, wall("2026-06-15 10:00") + step * 60_000, "status") for step in range(1, 120)]
    lat, lon = earth(AT_WORK)
    visit = Reading(WEARER, wall("2026-06-15 11:00") + 1, "drive_by", lat, lon, 10.0, "heard", strap_ok=True)
    missed = visit._replace(source="not_heard", strap_ok=None)
    found = [both(plan_of(zones), [*at_work, *silent, one]) for one in (visit, missed)]
    assert [[(one.kind, one.closed_ms) for one in each] for each in found] == [
        [("no_location", visit.happened_ms), ("no_location", None)],
        [("no_location", None)],
    ]


def test_it_opens_a_tamper_that_a_drive_by_saw_and_lets_no_drive_by_close_one() -> None:
    day = told(("2026-06-15 06:00", AT_HOME), ("2026-06-15 10:00", None))
    lat, lon = earth(AT_HOME)
    seen = Reading(WEARER, wall("2026-06-15 08:00") + 1, "drive_by", lat, lon, 10.0, "heard", strap_ok=False)
    whole = seen._replace(happened_ms=wall("2026-06-15 09:00") + 1, strap_ok=True)
    assert both(plan_of([]), [*day, seen, whole]) == [Found("strap", "strap_tamper", None, seen.happened_ms, None)]


# -- telling a day -------------------------------------------------------------------------------------------------


def both(plan: dict[str, Any], readings: Sequence[Reading]) -> list[Found]:
    """What both find, which must be the same."""
    plan = plan | {"until": until_of(readings)}
    found = by_oracle(plan, readings)
    assert product(plan, readings) == found
    return found


def product(plan: dict[str, Any], readings: Sequence[Reading]) -> list[Found]:
    found = [
        Found(one.family, one.kind, one.zone, one.opened_ms, one.closed_ms, one.evidence.get("absence_seconds"))
        for one in replay(read(plan), readings)
        if one.participant == WEARER and one.kind != "possible_approach"
    ]
    return in_order(found)


def by_oracle(plan: dict[str, Any], readings: Sequence[Reading]) -> list[Found]:
    asked = read(plan)
    participant = asked.participants[0]
    theirs = {VICTIM: [one for one in readings if one.activation == VICTIM]}
    assert asked.until_ms is not None
    return in_order(oracle.episodes(participant, asked.time_zone, readings, asked.until_ms, theirs))


def in_order(found: list[Found]) -> list[Found]:
    return sorted(found, key=lambda one: (one.opened_ms, one.family, one.zone or "", one.kind))


def plan_of(zones: Sequence[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"time_zone": TIME_ZONE, "participants": [{"activation": WEARER, "zones": list(zones), **more}]}


def night_plan(*, suspensions: Sequence[dict[str, str]] = (), **more: Any) -> dict[str, Any]:
    return plan_of([HOME_ZONE | {"schedule": [NIGHT]} | more], suspensions=list(suspensions))


def circle(middle: tuple[float, float], radius_m: float) -> dict[str, float]:
    lat, lon = earth(middle)
    return {"lat": lat, "lon": lon, "radius_m": radius_m}


def told(*turns: tuple[str, tuple[float, float] | None]) -> list[Reading]:
    """A fix each minute, on the minute, from each turn to the next."""
    return [one for (begins, here), (ends, _) in pairwise(turns) for one in minutes(begins, ends, here)]


def minutes(begins: str, ends: str, here: tuple[float, float] | None) -> Iterator[Reading]:
    assert here is not None
    for instant_ms in range(wall(begins), wall(ends), 60_000):
        yield fix_at(instant_ms, here, 8.0)


def fix(clock: str, here: tuple[float, float], seconds_later: int = 0, accuracy: float = 8.0) -> Reading:
    return fix_at(wall(clock) + seconds_later * 1000, here, accuracy)


def fix_at(instant_ms: int, here: tuple[float, float], accuracy: float) -> Reading:
    return Reading(WEARER, instant_ms, "fix", *earth(here), accuracy_m=accuracy, source="gps", satellites=9, hdop=0.9)


def evening(clock: str) -> str:
    """That clock in the night from Monday 15 to Tuesday 16 June 2026."""
    return f"2026-06-{'15' if clock >= '12:00' else '16'} {clock}"


def later(clock: str, minutes: int) -> str:
    return (datetime.fromisoformat(clock) + timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M")


def wall(clock: str) -> int:
    return ms(datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(TIME_ZONE)))


def instant(text: str) -> int:
    return ms(datetime.fromisoformat(text))


def until_of(readings: Sequence[Reading]) -> str:
    return datetime.fromtimestamp(max(one.happened_ms for one in readings) / 1000, ZoneInfo("UTC")).isoformat()


def with_absence(one: Found) -> Found:
    assert one.closed_ms is not None
    return one._replace(absence_seconds=(one.closed_ms - one.opened_ms) // 1000)
