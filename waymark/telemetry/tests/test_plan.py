"""A plan that cannot be right is refused, every fault by its path."""

from __future__ import annotations

import copy
import json

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from waymark.facts.faults import FaultyFacts
from waymark.telemetry import plan as plans
from waymark.telemetry.rings import ring_fault, without_repeats

SOUND = {
    "time_zone": "America/Chicago",
    "until": "2026-03-01T00:00:00-06:00",
    "participants": [
        {
            "activation": "1782",
            "grace_minutes": 10,
            "expected_interval_s": 60,
            "leave": [{"from": "2026-02-04T21:00", "until": "2026-02-04T23:00"}],
            "suspensions": [
                {"from": "2026-02-06T20:00", "until": "2026-02-08T16:00", "who": "officer", "why": "court"}
            ],
            "zones": [
                {
                    "id": "home",
                    "kind": "inclusion",
                    "circle": {"lat": 38.63, "lon": -90.2, "radius_m": 100},
                    "schedule": [
                        {"weekly": {"days": ["mon", "tue"], "from": "22:00", "to": "24:00"}},
                        {"rrule": "FREQ=WEEKLY;BYDAY=SA", "from": "20:00", "to": "06:00"},
                    ],
                    "exceptions": [{"from": "2026-02-05T21:00", "until": "2026-02-05T23:00", "may": "leave"}],
                },
                {
                    "id": "school",
                    "kind": "exclusion",
                    "polygon": [[38.60, -90.20], [38.60, -90.19], [38.61, -90.19], [38.61, -90.20], [38.60, -90.20]],
                    "holes": [[[38.604, -90.196], [38.604, -90.194], [38.606, -90.195]]],
                    "buffer_m": 50,
                },
                {"id": "pair", "kind": "victim", "partner": {"activation": "1783", "radius_m": 300}},
            ],
        },
        {"activation": "1783"},
        {"activation": "1784"},
    ],
}

HOME, SCHOOL, PAIR = (f"participants.0.zones.{number}" for number in range(3))


def faults(**changes):
    """Paths to words of the sound plan with the value at each dotted path (dots as __) put in its place."""
    plan = copy.deepcopy(SOUND)
    for path, value in changes.items():
        put(plan, path.replace("__", "."), value)
    return read_faults(plan)


def put(plan, path, value):
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in way:
        plan = plan[part]
    plan[last] = value


def read_faults(plan):
    try:
        plans.read(json.dumps(plan))
    except FaultyFacts as refused:
        return {fault.path: fault.words for fault in refused.faults}
    return {}


def test_it_reads_a_plan_that_is_sound():
    plan = plans.read(SOUND)
    assert read_faults(SOUND) == {}
    home, school, pair = plan.participants[0].zones
    assert (home.must, school.must, pair.must) == ("be_in", "be_out", "be_out")
    assert plan.participants[0].grace_minutes == 10
    assert plan.participants[1].grace_minutes == 5
    assert school.polygon == ((38.60, -90.20), (38.60, -90.19), (38.61, -90.19), (38.61, -90.20))
    assert plan.until_ms == 1_772_344_800_000


def test_it_leaves_what_it_does_not_know_alone():
    plan = copy.deepcopy(SOUND)
    plan["prepared_by"] = "unit 4"
    plan["participants"][0]["zones"][0]["colour"] = "#112233"
    assert read_faults(plan) == {}


@pytest.mark.parametrize(
    ("path", "value", "at", "words"),
    [
        ("time_zone", "America/St_Louis", "time_zone", "not in the time zone database"),
        ("time_zone", "../../etc", "time_zone", "not in the time zone database"),
        ("until", "soon", "until", "not an instant"),
        ("until", "9999-12-31T23:59:59-12:00", "until", "out of range"),
        ("participants.2.activation", "1782", "participants.2.activation", "twice"),
        ("participants.2.activation", " ", "participants.2.activation", "is empty"),
        ("participants.0.grace_minutes", -1, "participants.0.grace_minutes", "greater than or equal to 0"),
        ("participants.0.grace_minuts", 5, "participants.0.grace_minuts", "Did you mean grace_minutes?"),
        ("participants.0.expected_interval_s", 0, "participants.0.expected_interval_s", "whole number|greater"),
        ("participants.0.battery_critical_pct", 30, "participants.0.battery_critical_pct", "above battery_low_pct"),
        ("participants.0.leave.0.until", "2026-02-04T20:00", "participants.0.leave.0.until", "is not after"),
        ("participants.0.suspensions.0.until", "Sunday", "participants.0.suspensions.0.until", "not an instant"),
        ("participants.0.from_at", "2026-02-30", "participants.0.from_at", "not an instant"),
        (f"{HOME}.kind", "curfew", f"{HOME}.kind", "not known here"),
        (f"{HOME}.circle.lat", 91, f"{HOME}.circle.lat", "91 is no latitude"),
        (f"{HOME}.circle.lon", -190.5, f"{HOME}.circle.lon", "-190.5 is no longitude"),
        (f"{HOME}.circle.radius_m", 0, f"{HOME}.circle.radius_m", "greater than 0"),
        (f"{HOME}.circle.radius_m", -5, f"{HOME}.circle.radius_m", "greater than 0"),
        (f"{HOME}.circle.radius_m", float("nan"), f"{HOME}.circle.radius_m", "finite"),
        (f"{HOME}.circle.radius_m", float("inf"), f"{HOME}.circle.radius_m", "finite"),
        (f"{HOME}.circle", None, HOME, "has no place"),
        (f"{HOME}.polygon", [[1, 1], [1, 2], [2, 2]], HOME, "has circle and polygon"),
        (f"{HOME}.holes", [[[1, 1], [1, 2], [2, 2]]], f"{HOME}.holes", "without a polygon"),
        (f"{HOME}.id", "", f"{HOME}.id", "is empty"),
        (f"{HOME}.id", "school", f"{SCHOOL}.id", "there twice"),
        (f"{HOME}.buffer_m", -1, f"{HOME}.buffer_m", "greater than or equal to 0"),
        (f"{HOME}.from_at", "yesterday", f"{HOME}.from_at", "not an instant"),
        (f"{SCHOOL}.polygon", [[38, -90], [39, -90]], f"{SCHOOL}.polygon", "has 2 corners"),
        (f"{SCHOOL}.polygon", [[38, -90], [39, -90], [38, -90]], f"{SCHOOL}.polygon", "has 2 corners"),
        (f"{SCHOOL}.polygon", [[0, 0], [1, 1], [1, 0], [0, 1]], f"{SCHOOL}.polygon", "crosses itself"),
        (f"{SCHOOL}.polygon", [[0, 0], [0, 1], [0, 2]], f"{SCHOOL}.polygon", "crosses itself"),
        (
            f"{SCHOOL}.polygon",
            [[-90.2, 38.6], [-90.1, 38.6], [-90.1, 38.7]],
            f"{SCHOOL}.polygon",
            "[latitude, longitude]",
        ),
        (f"{SCHOOL}.polygon", [[60, 179], [60, -179], [61, -179]], f"{SCHOOL}.polygon", "date line"),
        (f"{SCHOOL}.polygon", [[38, -90], [39], [39, -91]], f"{SCHOOL}.polygon.1.1", "is missing"),
        (f"{SCHOOL}.holes.0", [[1, 1], [1, 2]], f"{SCHOOL}.holes.0", "has 2 corners"),
        (f"{PAIR}.partner.activation", "1799", f"{PAIR}.partner.activation", "1799 is not in the plan"),
        (f"{PAIR}.partner.activation", "1782", f"{PAIR}.partner.activation", "the participant itself"),
        (f"{PAIR}.kind", "inclusion", f"{PAIR}.partner", "cannot be what a person must be in"),
        (f"{HOME}.schedule.0.weekly.days.0", "monday", f"{HOME}.schedule.0.weekly.days.0", "not known here"),
        (f"{HOME}.schedule.0.weekly.days", [], f"{HOME}.schedule.0.weekly.days", "is empty"),
        (f"{HOME}.schedule.0.weekly.from", "25:00", f"{HOME}.schedule.0.weekly.from", "not an hour of the day"),
        (f"{HOME}.schedule.0.weekly.from", "24:00", f"{HOME}.schedule.0.weekly.from", "not an hour of the day"),
        (f"{HOME}.schedule.0.weekly.to", "6", f"{HOME}.schedule.0.weekly.to", "not an hour of the day"),
        (f"{HOME}.schedule.0.weekly.to", None, f"{HOME}.schedule.0.weekly.to", "is missing"),
        (f"{HOME}.schedule.0.from", "20:00", f"{HOME}.schedule.0.from", "beside weekly"),
        (f"{HOME}.schedule.0.must", "stay", f"{HOME}.schedule.0.must", "not known here"),
        (f"{HOME}.schedule.0.starts_on", "2026-02-30", f"{HOME}.schedule.0.starts_on", "not a day"),
        (f"{HOME}.schedule.0", {}, f"{HOME}.schedule.0", "one of weekly and rrule"),
        (f"{HOME}.schedule.1.to", None, f"{HOME}.schedule.1", "to and duration_minutes"),
        (f"{HOME}.schedule.1.duration_minutes", 60, f"{HOME}.schedule.1", "to and duration_minutes"),
        (f"{HOME}.schedule.1.from", None, f"{HOME}.schedule.1.rrule", "says no hour"),
        (f"{HOME}.exceptions.0.until", "2026-02-05T20:00", f"{HOME}.exceptions.0.until", "is not after"),
        (f"{HOME}.exceptions.0.until", None, f"{HOME}.exceptions.0.until", "is missing"),
        (f"{HOME}.exceptions.0.may", None, f"{HOME}.exceptions.0", "one of may"),
        (f"{HOME}.exceptions.0.must", "be_in", f"{HOME}.exceptions.0", "one of may"),
        (
            f"{SCHOOL}.schedule",
            [{"weekly": {"days": ["mon"], "from": "08:00", "to": "09:00"}, "must": "be_in"}],
            f"{SCHOOL}.schedule.0.must",
            "cannot be asked",
        ),
    ],
)
def test_it_names_what_cannot_be_right(path, value, at, words):
    plan = copy.deepcopy(SOUND)
    put(plan, path, value)
    found = read_faults(plan)
    assert list(found) == [at]
    assert any(part in found[at] for part in words.split("|"))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=FORTNIGHTLY", "has FREQ=FORTNIGHTLY"),
        ("FREQ=HOURLY", "has FREQ=HOURLY"),
        ("every Monday", "has EVERY MONDAY"),
        ("", "has no RRULE"),
        ("FREQ=WEEKLY;BYDAY=XX", "has BYDAY=XX"),
        ("FREQ=WEEKLY", "does not say from when"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "does not say from when"),
        ("FREQ=DAILY;COUNT=5", "does not say from when"),
        ("FREQ=DAILY;INTERVAL=0", "has INTERVAL=0"),
        ("FREQ=DAILY;UNTIL=20261345", "which is no moment"),
        ("DTSTART:20260101T000000\nRRULE:FREQ=DAILY;COUNT=5;UNTIL=20260201", "COUNT and UNTIL"),
        ("FREQ=DAILY;BYMONTHDAY=0", "has BYMONTHDAY=0"),
        ("FREQ=DAILY;BYHOUR=8", "from stands beside it"),
        ("FREQ=DAILY;FREQ=WEEKLY", "has FREQ twice"),
        ("RRULE:FREQ=DAILY\nRRULE:FREQ=DAILY", "has no RRULE, or several"),
        ("DTSTART;TZID=Mars/Olympus:20260101T200000\nRRULE:FREQ=DAILY", "which is no moment"),
        ("DTSTART:00010101T200000\nRRULE:FREQ=DAILY", "between 1970 and 2200"),
        ("RRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY", "has a line EXRULE"),
        ("FREQ=WEEKLY;BYDAY=2MO", "Only a rule by months"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "never happens"),
        ("FREQ=MONTHLY;BYDAY=0MO", "is not a rule of RFC 5545"),
    ],
)
def test_it_names_a_rule_that_cannot_be_read(rule, words):
    found = faults(participants__0__zones__0__schedule__1__rrule=rule)
    assert list(found) == [f"{HOME}.schedule.1.rrule"]
    assert words in found[f"{HOME}.schedule.1.rrule"]


def test_it_names_every_fault_and_not_only_the_first():
    found = faults(
        time_zone="Nowhere",
        until="never",
        participants__0__zones__0__circle__lat=91,
        participants__0__zones__0__schedule__0__weekly__to="25:00",
        participants__0__zones__2__partner__activation="9",
    )
    assert sorted(found) == sorted(
        ["time_zone", "until", f"{HOME}.circle.lat", f"{HOME}.schedule.0.weekly.to", f"{PAIR}.partner.activation"]
    )


def test_a_zone_may_have_versions_one_after_the_other():
    plan = copy.deepcopy(SOUND)
    first, *others = plan["participants"][0]["zones"]
    moved = first | {"version": 2, "from_at": "2026-02-10T00:00:00Z"}
    plan["participants"][0]["zones"] = [first, *others, moved]
    assert list(read_faults(plan)) == ["participants.0.zones.3.version"]
    first["until_at"] = "2026-02-10T00:00:00Z"
    assert read_faults(plan) == {}


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{", '{"participants": []}', '{"time_zone": 5, "participants": {}}']
)
def test_it_refuses_what_is_no_plan(text):
    with pytest.raises(FaultyFacts):
        plans.read(text)


COORDINATES = st.integers(-6, 6).map(lambda whole: whole / 8)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(COORDINATES, COORDINATES), min_size=3, max_size=9))
def test_it_finds_the_polygons_that_a_geometry_library_finds_impossible(corners):
    ring = without_repeats(corners)
    if len(ring) < 3:
        assert "corners" in ring_fault(ring)
    else:
        assert (ring_fault(ring) is None) == shapely.Polygon(ring).is_valid


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(COORDINATES, COORDINATES), min_size=1, max_size=9))
def test_a_ring_that_is_closed_is_the_ring(corners):
    ring = without_repeats(corners)
    assert without_repeats([*ring, ring[0]]) == without_repeats(ring) == ring
