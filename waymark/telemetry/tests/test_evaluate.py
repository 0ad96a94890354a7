"""The one door: cut anywhere, in another process, compiled or not, for whichever activation, the answer is the same."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from waymark.telemetry import compiled, geometry, kernel
from waymark.telemetry import evaluate as door
from waymark.telemetry.episodes import Episode
from waymark.telemetry.evaluate import evaluate, replay
from waymark.telemetry.plan import Plan, read
from waymark.telemetry.readings import Columns, Reading, columns
from waymark.telemetry.rule import uncompiled
from waymark.telemetry.state import OtherRules, State
from waymark.telemetry.tests.paths import NIGHT, at, fix, home, plan, said, square, stay
from waymark.telemetry.tests.scenarios import WEARER, scenario

SCENARIO = st.integers(0, 100_000)


def as_bytes(episodes: list[Episode]) -> bytes:
    ordered = sorted(episodes, key=lambda episode: (episode.opened_ms, episode.episode_id))
    return b"\n".join(json.dumps(episode.as_json()).encode() for episode in ordered)


def in_pieces(plan: Plan, table: dict[str, Columns], cuts: list[int], *, through_json: bool) -> list[Episode]:
    """The closed episodes of every piece, and the open ones of the last."""
    participant, state, closed = plan.participants[0], None, []
    answer = None
    for until_ms in cuts:
        first_ms = state.until_ms + 1 if state else -(2**53)
        pieces = {name: heard.between(first_ms, until_ms + 1) for name, heard in table.items()}
        answer = evaluate(participant, plan.time_zone, pieces[WEARER], until_ms=until_ms, state=state, partners=pieces)
        state = State.from_json(json.loads(json.dumps(answer.state.as_json()))) if through_json else answer.state
        closed += [episode for episode in answer.episodes if is_over(episode)]
    assert answer is not None
    return closed + [episode for episode in answer.episodes if not is_over(episode)]


def is_over(episode: Episode) -> bool:
    """A strap that closed a moment ago may still be joined by another opening, and is reported again."""
    return episode.closed_ms is not None and "joins_until" not in episode.evidence


@given(SCENARIO, st.lists(st.floats(0, 1), max_size=5), st.booleans())
@example(64, [0.5], False)  # a pair counted the wearer's outliers
@example(26308, [0.15, 0.36, 0.57, 0.82], True)  # a removal was judged again without its day of heat
@example(99957, [0.43, 0.63, 0.9, 0.94], False)  # readings kept for the baseline alone made a curve
@settings(max_examples=20, deadline=None)
def test_cutting_readings_and_time_anywhere_changes_nothing(seed: int, shares: list[float], through_json: bool) -> None:
    given_plan, readings = scenario(seed)
    plan, table = read(given_plan), columns(readings)
    first, last = int(table[WEARER].happened_ms[0]), plan.until_ms or 0
    cuts = [*sorted({first + int(share * (last - first)) for share in shares} - {last}), last]
    assert as_bytes(in_pieces(plan, table, cuts, through_json=through_json)) == as_bytes(
        in_pieces(plan, table, [last], through_json=False)
    )


@given(SCENARIO)
@settings(max_examples=15, deadline=None)
def test_cutting_after_every_reading_changes_nothing(seed: int) -> None:
    given_plan, readings = scenario(seed)
    plan, table = read(given_plan), columns(readings)
    table = {name: heard.take(slice(0, 400)) for name, heard in table.items()}
    cuts = sorted(set(table[WEARER].happened_ms.tolist()))
    table = {name: heard.between(0, cuts[-1] + 1) for name, heard in table.items()}
    whole = in_pieces(plan, table, cuts[-1:], through_json=False)
    assert as_bytes(in_pieces(plan, table, cuts, through_json=False)) == as_bytes(whole)


@given(SCENARIO)
@settings(max_examples=10, deadline=None)
def test_shuffled_and_doubled_readings_give_the_same_bytes(seed: int) -> None:
    given_plan, readings = scenario(seed)
    chance = random.Random(seed)
    mixed = sorted(readings, key=lambda reading: reading.happened_ms + chance.randrange(6 * 3_600_000))
    mixed += chance.sample(readings, len(readings) // 20)
    assert as_bytes(replay(read(given_plan), mixed)) == as_bytes(replay(read(given_plan), readings))


def test_compiled_and_plain_are_one_source_and_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plain run is for tracing and some hundred times slower: a few scenarios, cut short."""
    plain = uncompiled(geometry, kernel)
    for seed in range(8):
        given_plan, readings = scenario(seed)
        table = {name: heard.take(slice(0, 250)) for name, heard in columns(readings).items()}
        last = max(int(heard.happened_ms[-1]) for heard in table.values())
        fast = in_pieces(read(given_plan), table, [last + 40 * 60_000], through_json=False)
        with monkeypatch.context() as patched:
            patched.setattr(door, "kernel", plain)
            slow = in_pieces(read(given_plan), table, [last + 40 * 60_000], through_json=False)
        assert as_bytes(fast) == as_bytes(slow)


def test_the_plain_rules_are_plain_functions_that_call_one_another() -> None:
    plain = uncompiled(geometry, kernel)
    assert not hasattr(plain.walk_fleet, "py_func")
    assert plain.walk_fleet.__globals__["judge"] is plain.judge
    assert plain.judge.__code__ is kernel.judge.py_func.__code__  # type: ignore[attr-defined]


def test_a_reused_device_leaves_nothing_to_the_next_person() -> None:
    before = stay("2026-03-10 20:00", "2026-03-11 01:00", 1000, strap_ok=False, battery_pct=3.0)
    after = [reading._replace(activation="2") for reading in stay("2026-03-11 02:00", "2026-03-11 05:00", 0)]
    participants = [{"activation": name, "zones": [home(schedule=[NIGHT])]} for name in ("1", "2")]
    both = read({"time_zone": "America/Chicago", "participants": participants})
    assert {episode.participant for episode in replay(both, before + after)} == {"1"}


def test_a_new_version_of_a_zone_begins_with_nothing_known() -> None:
    old, new = plan(home(version=1)), plan(home(version=2))
    out = columns(stay("2026-03-10 12:00", "2026-03-10 13:00", 1000))["1"]
    until = at("2026-03-10 13:00")
    first = evaluate(old.participants[0], old.time_zone, out, until_ms=until)
    assert [episode.closed_ms for episode in first.episodes] == [None]
    later = evaluate(new.participants[0], new.time_zone, None, until_ms=until + 1000, state=first.state)
    (ended,) = later.episodes
    assert (ended.episode_id, ended.closed_ms) == (first.episodes[0].episode_id, until)
    again = columns(stay("2026-03-10 13:01", "2026-03-10 13:10", 1000))["1"]
    anew = evaluate(new.participants[0], new.time_zone, again, until_ms=at("2026-03-10 13:10"), state=later.state)
    assert [(e.zone_version, e.opened_ms) for e in anew.episodes] == [(2, at("2026-03-10 13:01"))]


def test_readings_that_come_late_are_refused_and_not_lost_in_silence() -> None:
    given_plan = plan(home())
    first = evaluate(
        given_plan.participants[0], "America/Chicago", columns([fix("2026-03-10 12:00", 0)])["1"],
        until_ms=at("2026-03-10 12:30"),
    )  # fmt: skip
    late = columns([fix("2026-03-10 12:29", 0)])["1"]
    with pytest.raises(ValueError, match="is not after 2026-03-10T17:30:00Z"):
        evaluate(
            given_plan.participants[0], "America/Chicago", late, until_ms=at("2026-03-10 13:00"), state=first.state
        )
    with pytest.raises(ValueError, match="is after"):
        evaluate(given_plan.participants[0], "America/Chicago", late, until_ms=at("2026-03-10 12:00"))


def test_a_state_of_other_rules_is_refused() -> None:
    given_plan = plan(home())
    answer = evaluate(given_plan.participants[0], "America/Chicago", None, until_ms=at("2026-03-10 12:00"))
    with pytest.raises(OtherRules):
        State.from_json(answer.state.as_json() | {"rule_version": "1999-01-01"})
    with pytest.raises(OtherRules):
        State.from_json({"rule_version": "2026-11-22"})  # whatever shape it had


def test_the_state_comes_back_from_json_as_it_was() -> None:
    readings = stay("2026-03-10 20:00", "2026-03-10 23:00", 1000, battery_pct=12.0, strap_ok=False)
    given_plan = plan(home(schedule=[NIGHT]), square("shop", 1000, 100, buffer_m=50))
    state = evaluate(
        given_plan.participants[0], "America/Chicago", columns(readings)["1"], until_ms=at("2026-03-10 23:10")
    ).state
    text = json.dumps(state.as_json(), allow_nan=False)
    assert State.from_json(json.loads(text)) == state
    assert len(text) < 6000


def test_timers_alone_find_what_no_reading_tells() -> None:
    given_plan = plan(home(schedule=[NIGHT]))
    participant = given_plan.participants[0]
    out = columns(stay("2026-03-10 20:00", "2026-03-10 21:50", 1000))["1"]
    first = evaluate(participant, "America/Chicago", out, until_ms=at("2026-03-10 21:55"))
    assert first.episodes == []
    later = evaluate(participant, "America/Chicago", None, until_ms=at("2026-03-10 22:10"), state=first.state)
    assert {episode.kind for episode in later.episodes} == {"out_at_start", "no_contact"}


def test_more_episodes_than_the_kernel_has_room_for_all_come_out() -> None:
    readings = [fix(at("2026-03-10 12:00") + 60_000 * n, 1000.0 * (n % 2)) for n in range(3000)]
    given_plan = plan(square("shop", 1000, 100))
    assert sum(episode.kind == "exclusion_entered" for episode in replay(given_plan, readings)) == 1500


def test_alcohol_goes_on_over_batches() -> None:
    """Day by day over a fortnight of two curves, a strap and a stretch of infrared off its baseline."""
    start, half_hour = at("2026-03-01 12:00"), 30 * 60_000
    curve = [0.0, 0.01, 0.03, 0.05, 0.06, 0.055, 0.05, 0.04, 0.03, 0.02, 0.01, 0.0]
    readings = []
    for n in range(14 * 48):
        tac = curve[n % 336 - 40] if 40 <= n % 336 < 52 else 0.0
        infrared = 3.5 if 500 <= n < 520 else 3.0
        when = start + n * half_hour
        readings.append(said(when, "alcohol", tac_g_dl=tac, ir_v=infrared, temperature_f=90.0, strap_ok=n != 50))
    given_plan = plan(contact_buffer_s=86_400)
    last = readings[-1].happened_ms
    table = {WEARER: columns(readings)["1"]}
    whole = in_pieces(given_plan, table, [last], through_json=False)
    daily = in_pieces(given_plan, table, [*range(start, last, 17 * half_hour), last], through_json=True)
    assert as_bytes(daily) == as_bytes(whole)
    assert [episode.family for episode in whole].count("alcohol") == 2
    assert {episode.kind for episode in whole} >= {"device_obstructed", "strap_tamper"}


def test_an_alcohol_curve_that_ends_off_the_baseline_is_classed_once_when_the_data_can_say_no_more() -> None:
    start, half_hour = at("2026-03-01 12:00"), 30 * 60_000
    curve = [0.0, 0.0, 0.0, 0.02, 0.05, 0.06, 0.05, 0.04, 0.03]
    readings = [
        said(start + n * half_hour, "alcohol", tac_g_dl=tac, ir_v=3.5 if n >= 7 else 3.0) for n, tac in enumerate(curve)
    ]
    given_plan, last = plan(contact_buffer_s=90 * 86_400), readings[-1].happened_ms
    table = {WEARER: columns(readings)["1"]}
    cuts = [
        *range(start, last, half_hour),
        last,
        last + 3 * half_hour,
        last + 4 * half_hour,
        last + 30 * 48 * half_hour,
    ]
    soon = in_pieces(given_plan, table, cuts[:-2], through_json=True)
    late = in_pieces(given_plan, table, cuts, through_json=True)
    assert [(one.family, one.closed_ms) for one in soon] == [("alcohol", None)]
    assert [(one.family, one.closed_ms) for one in late] == [("alcohol", last)]
    assert as_bytes(late) == as_bytes(in_pieces(given_plan, table, cuts[-1:], through_json=False))


def test_a_plan_is_compiled_once() -> None:
    given_plan = plan(home(schedule=[NIGHT]))
    participant = given_plan.participants[0]
    rules = compiled.compiled(participant, "America/Chicago")
    assert compiled.compiled(participant, "America/Chicago") is rules
    day = at("2026-03-10 12:00")
    assert rules.tables(day, day + 1) is rules.tables(day, day + 2)


def test_nothing_in_gives_nothing_out() -> None:
    assert replay(plan(home()), []) == []
    assert replay(plan(home()), [Reading("other", at("2026-03-10 12:00"), "status")]) == []
