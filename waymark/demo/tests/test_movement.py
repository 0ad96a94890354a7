"""Days of invented people: the same every time, such as could be, and what happens in them is found, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from waymark.demo.monitored import INTERVALS, Monitored, roster
from waymark.demo.movement import (
    FAMILY,
    Curve,
    Habits,
    Happening,
    Place,
    _said_on,
    day_of,
    happenings_between,
    instant,
    said_between,
)
from waymark.facts.from_json import read_facts
from waymark.telemetry.episodes import Episode
from waymark.telemetry.evaluate import evaluate
from waymark.telemetry.instants import HOUR_MS, MINUTE_MS
from waymark.telemetry.plan import Participant
from waymark.telemetry.readings import columns

LAST = date(2026, 6, 15)
FIRST_MS, UNTIL_MS = instant(LAST - timedelta(days=6), 0), instant(LAST, 0)
ZONE = "America/Chicago"
SETTLED_MS = 13 * HOUR_MS  # what begins later may not be over and settled by the last midnight
ALL_FAMILIES = {"enters": {"exclusion", "victim"}}


@pytest.fixture(scope="module")
def lived() -> list[tuple[Habits, list[Happening], list[Episode]]]:
    """Six days of everybody, evaluated in one go."""
    return [found for person in roster(45, 4, LAST) for found in _lived(person)]


def test_the_same_instants_give_the_same_readings():
    habits = roster(1, 1, LAST)[0].worn[0]
    before = said_between(habits, FIRST_MS, UNTIL_MS)
    middle_ms = (FIRST_MS + UNTIL_MS) // 2
    day_of.cache_clear()
    _said_on.cache_clear()
    assert said_between(habits, FIRST_MS, middle_ms) + said_between(habits, middle_ms, UNTIL_MS) == before


def test_nobody_moves_faster_than_a_car(lived):
    for habits, _, _ in lived:
        placed = [one for one in said_between(habits, FIRST_MS, UNTIL_MS) if one.lat is not None]
        for before, after in pairwise(placed):
            metres = Place(before.lat, before.lon).metres_to(Place(after.lat, after.lon))
            assert metres <= 60 * max((after.happened_ms - before.happened_ms) / 1000, 1) + 2000 * (
                "cell" in (before.source, after.source)
            )


def test_a_satellite_fix_is_good_and_a_towers_is_not(lived):
    said = [one for habits, _, _ in lived for one in said_between(habits, FIRST_MS, UNTIL_MS) if one.kind == "fix"]
    assert all(3 <= one.accuracy_m <= 30 and one.satellites >= 5 for one in said if one.source == "gps")
    assert all(58 <= one.accuracy_m <= 1598 for one in said if one.source == "cell")
    assert {one.source for one in said} == {"gps", "cell"}


def test_what_happens_is_found_once(lived):
    planted: Counter[str] = Counter()
    for habits, happened, episodes in lived:
        for happening in happened:
            in_time = happening.from_ms >= FIRST_MS or happening.kind == "uncharged"  # which tells a day later
            in_time = in_time and happening.until_ms < UNTIL_MS - SETTLED_MS
            if happening.kind in FAMILY and in_time and _shows(habits):
                planted[happening.kind] += 1
                assert len(list(_of(happening, episodes))) == 1, (habits.serial, happening)
    assert set(planted) >= {"late", "leaves", "strap", "uncharged", "enters", "silent", "drinks"}


def test_nobody_is_told_of_who_keeps_to_the_plan(lived):
    """Of everything found, what nothing that happened explains: at most one in twenty."""
    strange = [
        (habits.serial, episode.kind, episode.opened_ms)
        for habits, happened, episodes in lived
        for episode in episodes
        if episode.kind != "possible_approach" and not any(_may_explain(one, episode) for one in happened)
    ]
    found = sum(len(episodes) for _, _, episodes in lived)
    assert not [one for one in strange if one[1] in CURFEW]
    assert len(strange) <= found / 20, strange


CURFEW = ("out_at_start", "returned_late", "left_during", "out_at_end", "out_entire_window")


def test_a_drink_rises_and_falls_as_in_real_drinkers():
    curve = Curve(peak=0.08, up=0.04, down=0.016)
    assert curve.hours == pytest.approx(7)
    assert [curve.at(hours) for hours in (-1, 0, 1, 2, 4.5, 8)] == pytest.approx([0, 0, 0.04, 0.08, 0.04, 0])


def test_no_day_has_a_hole_or_runs_twice_through_the_change_of_clocks():
    habits = roster(1, 1, LAST)[0].worn[0]
    for day in (date(2026, 3, 8), date(2026, 11, 1)):
        legs = day_of(habits, day).legs
        assert legs[0].from_ms == instant(day, 0)
        assert all(before.until_ms == after.from_ms for before, after in pairwise(legs))
        assert legs[-1].until_ms == instant(day + timedelta(days=1), 0)


def _lived(person: Monitored) -> Iterator[tuple[Habits, list[Happening], list[Episode]]]:
    said = columns(one for habits in person.worn for one in said_between(habits, FIRST_MS - 1, UNTIL_MS - 1))
    for habits in person.worn:
        participant = read_facts(Participant, _plan(person, habits))
        found = evaluate(participant, ZONE, said.get(habits.serial), until_ms=UNTIL_MS, partners=said)
        yield habits, happenings_between(habits, FIRST_MS - 24 * HOUR_MS, UNTIL_MS), found.episodes


def _plan(person: Monitored, habits: Habits) -> dict[str, Any]:
    expected_s, buffer_s = INTERVALS[habits.wears]
    theirs = next((one.serial for one in person.worn if one.wears == "protected"), "")
    zones = [
        {
            **_shape(zone.shape, theirs),
            "id": zone.name,
            "kind": zone.kind,
            "schedule": list(zone.schedule),
            "buffer_m": zone.buffer_m,
            "grace_minutes": zone.grace_minutes,
            "home": zone.is_home,
        }
        for zone in person.zones
        if habits.wears != "protected"
    ]
    return {
        "activation": habits.serial,
        "expected_interval_s": expected_s,
        "contact_buffer_s": buffer_s,
        "zones": zones,
    }


def _shape(shape: dict[str, Any], theirs: str) -> dict[str, Any]:
    return {"partner": {"activation": theirs, "radius_m": shape["radius_m"]}} if "partner" in shape else shape


def _shows(habits: Habits) -> bool:
    """A home unit hears of nothing its person does."""
    return habits.wears not in ("home_unit", "protected")


def _of(happening: Happening, episodes: list[Episode]) -> Iterator[Episode]:
    families = ALL_FAMILIES.get(happening.kind, {FAMILY[happening.kind]})
    return (one for one in episodes if one.family in families and _meet(happening, one))


def _may_explain(happening: Happening, episode: Episode) -> bool:
    return _meet(happening, episode) and (happening.kind in FAMILY)


def _meet(happening: Happening, episode: Episode) -> bool:
    closed_ms = UNTIL_MS if episode.closed_ms is None else episode.closed_ms
    return episode.opened_ms <= happening.until_ms + 40 * MINUTE_MS and closed_ms >= happening.from_ms - 40 * MINUTE_MS
