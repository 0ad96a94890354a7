"""What an absence says of the hours in which the device was not heard. Silence of 16 minutes is allowed."""

from __future__ import annotations

import json

import pytest

from waymark.telemetry.episodes import Episode
from waymark.telemetry.evaluate import evaluate
from waymark.telemetry.plan import Plan
from waymark.telemetry.readings import Reading, columns
from waymark.telemetry.state import State
from waymark.telemetry.tests.paths import NIGHT, at, fix, found, home, plan, said, square, stay
from waymark.telemetry.unheard import in_words

AWAY = 1000.0
CURFEW = home(schedule=[NIGHT])
LEFT = stay("2026-03-10 21:00", "2026-03-10 22:30", 0) + stay("2026-03-10 22:30", "2026-03-10 23:00", AWAY)
BACK = stay("2026-03-11 03:00", "2026-03-11 08:00", 0)


def absence(readings: list[Reading], until: str = "2026-03-11 09:00", *zones: object) -> Episode:
    (episode,) = found(plan(*(zones or (CURFEW,)), until=until), readings, "curfew", "exclusion")  # type: ignore[arg-type]
    return episode


def test_an_absence_says_for_how_long_of_it_the_device_was_not_heard() -> None:
    one = absence(LEFT + BACK)
    assert (one.evidence["absence_seconds"], one.evidence["unheard_seconds"]) == (270 * 60, 241 * 60)
    assert one.evidence["last_fix_on_this_side_at"] == "2026-03-11T03:59:00Z"
    assert one.evidence["because"].endswith(
        " m. The device was not heard for 4 h 1 min of it; where it was then is not known."
    )
    assert one.confidence == "medium"


def test_an_absence_that_was_heard_throughout_says_so_with_a_nought_and_no_more() -> None:
    one = absence(LEFT + stay("2026-03-10 23:00", "2026-03-11 03:00", AWAY, every_s=900) + BACK)
    assert (one.evidence["unheard_seconds"], one.confidence) == (0, "high")
    assert "last_fix_on_this_side_at" not in one.evidence
    assert "not heard" not in one.evidence["because"]


def test_silence_for_less_than_half_of_it_takes_nothing_off_the_confidence() -> None:
    out = stay("2026-03-10 23:00", "2026-03-11 02:00", AWAY)
    one = absence(LEFT + out + BACK)
    assert (one.evidence["unheard_seconds"], one.confidence) == (61 * 60, "high")


def test_a_device_that_reports_without_a_position_was_heard() -> None:
    blind = [said(minute) for minute in range(at("2026-03-10 23:00"), at("2026-03-11 03:00"), 600_000)]
    assert absence(LEFT + blind + BACK).evidence["unheard_seconds"] == 0


def test_an_open_absence_counts_the_silence_that_lasts() -> None:
    for until, unheard in (("23:15", 0), ("23:16", 17 * 60), ("23:59", 60 * 60)):
        one = absence(LEFT, f"2026-03-10 {until}")
        assert (one.closed_ms, one.evidence["unheard_seconds"]) == (None, unheard)


def test_silence_before_it_and_after_its_window_is_not_counted() -> None:
    out = [fix("2026-03-10 21:00", AWAY), fix("2026-03-10 21:03", AWAY), fix("2026-03-10 22:10", AWAY)]
    out += [*stay("2026-03-10 22:10", "2026-03-11 05:50", AWAY)[1:], fix("2026-03-11 08:00", AWAY)]
    assert absence(out).evidence["unheard_seconds"] == 0
    longer = [one for one in out if one.happened_ms < at("2026-03-11 05:30")] + [fix("2026-03-11 08:00", AWAY)]
    assert absence(longer).evidence["unheard_seconds"] == 31 * 60


def test_an_entry_says_it_too() -> None:
    readings = [fix("2026-03-10 12:00", 0), fix("2026-03-10 12:01", AWAY), fix("2026-03-10 14:01", 0)]
    one = absence(readings, "2026-03-10 14:02", square("shop", AWAY, 100))
    assert (one.evidence["unheard_seconds"], one.evidence["last_fix_on_this_side_at"]) == (
        7200,
        "2026-03-10T17:01:00Z",
    )
    assert one.evidence["because"].endswith("not heard for 2 h of it; where it was then is not known.")


@pytest.mark.parametrize("every_minutes", [7, 16, 17, 45, 240])
def test_cutting_a_silent_absence_anywhere_changes_nothing(every_minutes: int) -> None:
    """Silences before, at the edges of and inside a night away, some while a change of side is being decided."""
    clock = ["20:00", "20:01", "21:00", "21:40", "22:20", "22:21", "22:30", "23:30", "23:31"]
    out = [fix(f"2026-03-10 {when}", 0 if when < "21:00" else AWAY) for when in clock]
    night = ["00:10", "02:00", "02:20", "04:00", "05:40", "06:30", "06:31", "06:40"]
    out += [fix(f"2026-03-11 {when}", 0 if when in ("02:20", "06:31", "06:40") else AWAY) for when in night]
    given_plan, last = plan(CURFEW, square("shop", AWAY, 100)), at("2026-03-11 08:00")
    whole = in_steps(given_plan, out, [last])
    assert sum(one["evidence"].get("unheard_seconds", 0) > 0 for one in whole) >= 2
    assert in_steps(given_plan, out, [*range(out[0].happened_ms, last, every_minutes * 60_000), last]) == whole


def in_steps(given_plan: Plan, readings: list[Reading], cuts: list[int]) -> list[dict[str, object]]:
    heard, state, closed = columns(readings)["1"], None, []
    for until_ms in cuts:
        piece = heard.between(state.until_ms + 1 if state else 0, until_ms + 1)
        answer = evaluate(given_plan.participants[0], given_plan.time_zone, piece, until_ms=until_ms, state=state)
        state = State.from_json(json.loads(json.dumps(answer.state.as_json())))
        closed += [one for one in answer.episodes if one.closed_ms is not None]
    found = [*closed, *(one for one in answer.episodes if one.closed_ms is None)]
    return [one.as_json() for one in sorted(found, key=lambda one: (one.opened_ms, one.episode_id))]


def test_what_is_settled_is_summed_and_the_state_stays_small() -> None:
    """A month away, heard once an hour: no list of silences grows in the state."""
    hourly = [fix(at("2026-03-10 12:00") + hour * 3_600_000, AWAY) for hour in range(720)]
    given_plan, last = plan(home()), hourly[-1].happened_ms
    answer = evaluate(given_plan.participants[0], given_plan.time_zone, columns(hourly)["1"], until_ms=last)
    (one,) = [one for one in answer.episodes if one.family == "curfew"]
    assert one.evidence["unheard_seconds"] == 719 * 3600
    assert answer.state.silences == ()
    assert answer.state.as_json()["zones"][0]["unheard"] == 719 * 3_600_000


@pytest.mark.parametrize(
    ("minutes", "words"), [(17, "17 min"), (60, "1 h"), (241, "4 h 1 min"), (2880, "2 d"), (16938, "11 d 18 h")]
)
def test_it_says_a_time_in_two_units(minutes: int, words: str) -> None:
    assert in_words(minutes * 60_000) == words
