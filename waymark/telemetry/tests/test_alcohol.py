from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waymark.telemetry.alcohol import AlcoholEpisode, alcohol_episodes, obstruction, removals
from waymark.telemetry.alcohol_rule import RULE
from waymark.telemetry.instants import HOUR_MS, MINUTE_MS
from waymark.telemetry.readings import Columns, Reading, columns
from waymark.telemetry.tests.recordings import SCRAM, needs_recordings
from waymark.telemetry.vendors import VENDORS, activation_in_file_name

FIXTURES = Path(__file__).parent / "fixtures" / "scram_cam"
SAN_DIEGO = "America/Los_Angeles"
START_MS = 1_770_000_000_000 // MINUTE_MS * MINUTE_MS
HALF_HOUR = 30


def table(readings: list[Reading]) -> Columns:
    (found,) = columns(readings).values()
    return found


def worn(*tac: float | None, every: int = HALF_HOUR, start_ms: int = START_MS) -> list[Reading]:
    """Readings of a device on the skin; None: blank."""
    return [
        Reading("A", start_ms + place * every * MINUTE_MS, "alcohol", tac_g_dl=value, ir_v=1.0, temperature_f=90.0)
        for place, value in enumerate(tac)
    ]


def curves(*tac: float | None, every: int = HALF_HOUR) -> list[AlcoholEpisode]:
    return alcohol_episodes(table(worn(*tac, every=every)))


def only(*tac: float | None, every: int = HALF_HOUR) -> AlcoholEpisode:
    (found,) = curves(*tac, every=every)
    return found


def answer(episode: AlcoholEpisode, name: str) -> str:
    (found,) = [criterion for criterion in episode.criteria if criterion.name == name]
    return found.answer


def study(body: bytes) -> dict[str, Columns]:
    decoded = VENDORS["scram-cam-csv"].decode(body, time_zone=SAN_DIEGO)
    assert not decoded.refused
    return columns(decoded.readings)


DRINKING = (0.0, 0.0, 0.02, 0.04, 0.06, 0.08, 0.07, 0.06, 0.05, 0.04, 0.03, 0.02, 0.01, 0.0, 0.0, 0.0)


# Real recordings.


@needs_recordings
def test_it_finds_one_curve_for_each_drinker_and_shows_the_number_that_failed() -> None:
    people = study((SCRAM / "scram_cam_readings.csv").read_bytes())
    found = {person: alcohol_episodes(readings) for person, readings in people.items()}
    assert {person: [episode.class_ for episode in episodes] for person, episodes in found.items()} == {
        "BK7610": ["confirmable"],
        "CC6740": ["confirmable"],
        "DK3500": ["confirmable"],
        "JB3156": ["confirmable"],
        "MC7070": ["interferant_suspect"],
        "SA0297": ["confirmable"],
    }


@needs_recordings
def test_it_finds_no_obstruction_or_removal_in_real_recordings() -> None:
    for readings in study((SCRAM / "scram_cam_readings.csv").read_bytes()).values():
        assert obstruction(readings) == []
        assert removals(readings) == []


@needs_recordings
@pytest.mark.parametrize("person", ["CC6740", "MC7070"])
def test_it_reads_the_same_curve_from_the_vendors_workbook(person: str) -> None:
    file = SCRAM / f"{person}_CAM_Results.xlsx"
    body, whose = file.read_bytes(), activation_in_file_name(file.name)
    decoded = VENDORS["scram-cam-xlsx"].decode(body, whose, time_zone=SAN_DIEGO)
    plain = study((SCRAM / "scram_cam_readings.csv").read_bytes())[person]
    assert not decoded.refused
    assert alcohol_episodes(table(decoded.readings)) == alcohol_episodes(plain)


def extract(person: str) -> AlcoholEpisode:
    (found,) = alcohol_episodes(study((FIXTURES / "readings.csv").read_bytes())[person])
    return found


def test_it_names_the_rate_that_is_over_its_limit() -> None:
    episode = extract("MC7070")
    shown = episode.as_json("MC7070")
    assert shown["class"] == "interferant_suspect"
    assert shown["peak_tac"] == 0.258
    assert shown["absorption_g_dl_h"] == 0.1015
    assert shown["opened_at"] == "2017-05-03T00:18:45Z"
    assert shown["closed_at"] == "2017-05-03T17:09:54Z"
    assert "absorption 0.1015 g/dL per hour is over its limit (below 0.10 g/dL per hour)" in shown["why"]
    assert "A person decides." in shown["why"]
    assert answer(episode, "elimination") == "pass"


def test_it_uses_the_narrower_limits_below_a_peak_of_fifteen_hundredths() -> None:
    episode = extract("JB3156")
    assert episode.peak_tac == 0.112
    assert "below 0.05 g/dL per hour asked where the peak is below 0.15: pass" in episode.why
    assert "0.003 to 0.025 g/dL per hour asked where the peak is below 0.15: pass" in episode.why


def test_it_says_that_a_recording_ends_inside_a_curve() -> None:
    episode = extract("DK3500")
    shown = episode.as_json("DK3500")
    assert shown["truncated"] is True
    assert shown["truncated_at"] == ["end"]
    assert shown["class"] == "confirmable"
    assert not episode.settled


# What a curve is.


def test_it_opens_with_the_first_and_closes_with_the_last_positive_reading() -> None:
    episode = only(*DRINKING)
    assert episode.opened_ms == START_MS + 2 * HALF_HOUR * MINUTE_MS
    assert episode.closed_ms == START_MS + 12 * HALF_HOUR * MINUTE_MS
    assert episode.truncated == ()


def test_it_joins_a_curve_that_touches_zero_once() -> None:
    assert len(curves(0, 0.03, 0.05, 0, 0.06, 0.04, 0.02, 0)) == 1


def test_it_joins_over_a_blank_reading() -> None:
    episode = only(0, 0.03, 0.05, None, 0.06, 0.04, 0.02, 0)
    assert "blank readings inside the curve: 1" in episode.flags
    assert episode.consecutive_over_020 == 3


def test_it_parts_curves_more_than_75_minutes_apart() -> None:
    assert len(curves(0, 0.03, 0.05, 0, 0, 0.06, 0.04, 0.02, 0)) == 2


def test_it_parts_curves_with_three_zeros_between_them_however_short() -> None:
    assert len(curves(0, 0.03, 0.05, 0, 0, 0.06, 0.04, 0.02, 0, every=5)) == 1
    assert len(curves(0, 0.03, 0.05, 0, 0, 0, 0.06, 0.04, 0.02, 0, every=5)) == 2


def test_it_takes_the_first_of_equal_peaks() -> None:
    episode = only(0, 0.04, 0.08, 0.08, 0.05, 0)
    assert episode.peak_ms == START_MS + 2 * HALF_HOUR * MINUTE_MS
    assert episode.absorption_g_dl_h == 0.08
    assert episode.elimination_g_dl_h == pytest.approx(0.08 / 1.5)


def test_it_sends_a_single_high_reading_to_a_person() -> None:
    steep, slow = only(0, 0, 0.022, 0, 0), only(0, 0, 0.022, 0, 0, every=60)
    assert steep.consecutive_over_020 == slow.consecutive_over_020 == 1
    assert steep.class_ == "interferant_suspect"
    assert slow.class_ == "review"
    assert slow.why.startswith("Review: consecutive (fail). A person decides.")


def test_it_knows_no_rate_where_the_peak_is_at_the_edge() -> None:
    episode = only(0.08, 0.07, 0.06, 0.05, 0.04, 0.03, 0.02, 0.01, 0)
    assert episode.absorption_g_dl_h is None
    assert episode.truncated == ("start",)
    assert answer(episode, "absorption") == "not known"
    assert episode.class_ == "review"


def test_it_takes_no_zero_from_beyond_a_gap_for_the_beginning() -> None:
    early = worn(0.0)
    late = worn(*DRINKING[2:], start_ms=START_MS + 5 * HOUR_MS)
    (episode,) = alcohol_episodes(table(early + late))
    assert episode.truncated == ("start",)
    assert episode.flags == ("gap of 300 minutes before the curve",)
    assert episode.readings[0].tac == 0.02


def test_it_tells_of_low_levels_and_leaves_single_traces() -> None:
    assert only(0, 0.005, 0.01, 0.008, 0, 0).class_ == "low_level"
    assert curves(0, 0.005, 0.01, 0, 0) == []


def test_it_takes_a_negative_reading_for_zero() -> None:
    assert curves(-0.01, -0.002, 0, -0.01) == []


def test_it_flags_two_readings_of_one_instant_that_differ_and_takes_the_higher() -> None:
    readings = worn(*DRINKING)
    readings.append(readings[5]._replace(tac_g_dl=0.1))
    (episode,) = alcohol_episodes(table(readings))
    assert episode.peak_tac == 0.1
    assert episode.flags == ("instants with two readings that differ, the higher taken: 1",)


# What a class is.


def test_it_confirms_nothing_that_fails_and_names_every_criterion() -> None:
    episode = only(*DRINKING)
    assert episode.class_ == "confirmable"
    assert [criterion.name for criterion in episode.criteria] == [
        "peak",
        "consecutive",
        "absorption",
        "elimination",
        "no_tamper",
    ]
    for words in ("0.080 g/dL", "Consecutive readings at or above 0.020: 10", "0.0400", "0.0200", "No obstruction"):
        assert words in episode.why


def test_it_suspects_an_interferant_only_above_the_limit() -> None:
    slow = only(0, 0.024, 0.03, 0.025, 0.02, 0.015, 0.01, 0.005, 0)
    fast = only(0, 0.026, 0.03, 0.025, 0.02, 0.015, 0.01, 0.005, 0)
    assert slow.absorption_g_dl_h == 0.03
    assert (slow.class_, fast.class_) == ("confirmable", "confirmable")
    assert only(0, 0.026, 0.025, 0.024, 0.02, 0.015, 0.01, 0.005, 0).class_ == "interferant_suspect"  # .052 an hour
    assert only(0, 0.025, 0.025, 0.024, 0.02, 0.015, 0.01, 0.005, 0).class_ == "interferant_suspect"  # .05 exactly


def test_it_reviews_an_elimination_that_is_too_slow() -> None:
    episode = only(0, 0.02, 0.022, *[0.021] * 20, 0.02)
    assert answer(episode, "elimination") == "fail"
    assert episode.class_ == "review"


def test_it_keeps_a_limit_that_is_met_exactly() -> None:
    assert only(0, 0.02, 0.04, 0.05, 0.0375, 0.025, 0.0125, 0).elimination_g_dl_h == 0.025
    assert only(0, 0.02, 0.04, 0.05, 0.0375, 0.025, 0.0125, 0).class_ == "confirmable"


def test_it_never_speaks_of_blood_alcohol_as_measured() -> None:
    shown = json.dumps([only(*DRINKING).as_json("A"), RULE.as_json()])
    assert "BAC" not in shown
    assert "one to two hours" in shown


def test_it_measures_the_area_and_the_steepest_hour() -> None:
    episode = only(0, 0.04, 0.08, 0.04, 0)
    assert episode.area_g_dl_h == pytest.approx(0.08)
    assert episode.steepest_rise_g_dl_h == pytest.approx(0.08)
    assert episode.steepest_fall_g_dl_h == pytest.approx(0.08)


@given(st.integers(0, 10_000), st.sampled_from([5, 30, 33]))
def test_it_gives_the_same_answer_in_whatever_order_readings_come(seed: int, every: int) -> None:
    rng = random.Random(seed)
    tac = [max(0.0, round(rng.gauss(0.01, 0.03), 3)) if rng.random() > 0.05 else None for _ in range(60)]
    readings = worn(*tac, every=every)
    shuffled = rng.sample(readings, len(readings)) + rng.choices(readings, k=5)
    assert alcohol_episodes(table(shuffled)) == alcohol_episodes(table(readings))


@given(st.integers(0, 10_000))
def test_a_settled_curve_is_not_changed_by_later_readings(seed: int) -> None:
    rng = random.Random(seed)
    tac = [max(0.0, round(rng.gauss(0.0, 0.03), 3)) for _ in range(60)]
    readings = [one._replace(ir_v=1.0 + 0.4 * (rng.random() < 0.4)) for one in worn(*tac)]
    cut = rng.randrange(5, 60)
    settled = [episode for episode in alcohol_episodes(table(readings[:cut])) if episode.settled]
    whole = alcohol_episodes(table(readings))
    assert all(episode in [one for one in whole if one.settled] for episode in settled)


# Tampers.


def off_the_baseline(hours: float, tac: tuple[float, ...] = ()) -> Columns:
    """A day of readings; the infrared voltage is 0.4 V up for some hours after the sixth."""
    readings = worn(*([0.0] * 12), *tac, *([0.0] * (48 - len(tac))))
    from_ms = START_MS + 6 * HOUR_MS
    return table(
        [one._replace(ir_v=1.4) if from_ms <= one.happened_ms <= from_ms + hours * HOUR_MS else one for one in readings]
    )


@pytest.mark.parametrize(("hours", "found"), [(3, []), (5, ["suspected"]), (9, ["confirmable"])])
def test_it_calls_an_obstruction_by_how_long_it_lasts(hours: float, found: list[str]) -> None:
    assert [tamper.class_ for tamper in obstruction(off_the_baseline(hours))] == found


@needs_recordings
@pytest.mark.parametrize(("hours", "found"), [(3, []), (5, ["suspected"]), (9, ["confirmable"])])
def test_it_finds_a_shift_laid_over_real_recordings(hours: float, found: list[str]) -> None:
    people = study((SCRAM / "scram_cam_readings.csv").read_bytes())
    del people["DK3500"]  # its voltage sank by 0.2 V on its own, so that this shift leaves it in range for hours
    for person, readings in people.items():
        at_ms = readings.happened_ms
        from_ms = int(at_ms[0]) + 8 * HOUR_MS
        shifted = readings.take(slice(None))
        shifted.ir_v[(at_ms >= from_ms) & (at_ms < from_ms + hours * HOUR_MS)] += 0.4
        assert [tamper.class_ for tamper in obstruction(shifted)] == found, person


def test_one_reading_back_in_range_does_not_end_an_obstruction_and_two_do() -> None:
    obstructed = off_the_baseline(9)
    obstructed.ir_v[20] = 1.0
    assert [tamper.class_ for tamper in obstruction(obstructed)] == ["confirmable"]
    obstructed.ir_v[21] = 1.0
    assert [tamper.class_ for tamper in obstruction(obstructed)] == ["suspected"]


def test_it_takes_a_new_baseline_only_from_an_installation() -> None:
    obstructed = off_the_baseline(30)
    installed_ms = START_MS + 6 * HOUR_MS
    assert [tamper.class_ for tamper in obstruction(obstructed)] == ["confirmable"]
    assert obstruction(obstructed, installed_ms=[installed_ms]) == []


def test_it_reviews_a_curve_during_an_obstruction_whatever_its_numbers() -> None:
    curve = DRINKING[1:]
    clear = alcohol_episodes(off_the_baseline(0, curve))
    hidden = alcohol_episodes(off_the_baseline(5, curve))
    assert [episode.class_ for episode in clear] == ["confirmable"]
    assert [episode.class_ for episode in hidden] == ["review"]
    assert "Review: no tamper (fail)" in hidden[0].why
    assert hidden[0].as_json("A")["tampers"][0]["class"] == "suspected"


@pytest.mark.parametrize("readings_off", [1, 2, 10])
@pytest.mark.parametrize(("minutes", "settled"), [(90, False), (91, True), (30 * 24 * 60, True)])
def test_silence_settles_a_curve_whose_last_readings_are_off_the_baseline(
    readings_off: int, minutes: int, settled: bool
) -> None:
    readings = worn(0, 0, 0, 0, 0.02, 0.03, 0.04, 0.05, 0.06, 0.05, 0.04, 0.03)
    readings = [one._replace(ir_v=1.4) if one in readings[-readings_off:] else one for one in readings]
    until_ms = readings[-1].happened_ms + minutes * 60_000
    (curve,) = alcohol_episodes(table(readings), until_ms=until_ms)
    assert curve.settled is settled
    assert [tamper.going_on for tamper in curve.tampers] == ([not settled] if readings_off == 10 else [])


def test_a_gap_ends_a_suspected_removal() -> None:
    cold = {"ir_v": 1.6, "temperature_f": 71.0}
    readings = [one._replace(temperature_f=70.0) if n == 20 else one for n, one in enumerate(worn(*([0.0] * 60)))]
    readings = [one._replace(**cold) if n >= 52 else one for n, one in enumerate(readings)]
    holed = table([one for n, one in enumerate(readings) if not 54 <= n <= 56])
    last = readings[-1].happened_ms
    assert [(found.readings, found.going_on) for found in removals(holed)] == [(2, False), (3, True)]
    assert [found.going_on for found in removals(holed, until_ms=last + 90 * 60_000)] == [False, True]
    assert [found.going_on for found in removals(holed, until_ms=last + 91 * 60_000)] == [False, False]


def test_it_takes_an_open_strap_for_a_removal_until_it_is_closed() -> None:
    readings = worn(*([0.0] * 10))
    readings[3] = readings[3]._replace(strap_ok=False)
    readings[6] = readings[6]._replace(strap_ok=True)
    (removal,) = removals(table(readings))
    assert (removal.from_ms, removal.until_ms) == (readings[3].happened_ms, readings[6].happened_ms)
    assert not removal.going_on
    assert removals(table(readings[:6]))[0].going_on


def test_it_suspects_a_removal_when_cold_and_off_twice_after_a_day_of_readings() -> None:
    readings = worn(*([0.0] * 60))
    cold = {"ir_v": 1.6, "temperature_f": 71.0}
    readings = [one._replace(temperature_f=70.0) if place == 20 else one for place, one in enumerate(readings)]
    once = [one._replace(**cold) if place == 55 else one for place, one in enumerate(readings)]
    twice = [one._replace(**cold) if place in (55, 56) else one for place, one in enumerate(readings)]
    warm = [one._replace(ir_v=1.6) if place in (55, 56) else one for place, one in enumerate(readings)]
    early = [one._replace(**cold) if place in (25, 26) else one for place, one in enumerate(readings)]
    assert [removals(table(case)) != [] for case in (once, twice, warm, early)] == [False, True, False, False]


def test_every_number_of_the_rule_has_a_source_and_a_mark() -> None:
    for number in RULE.numbers:
        assert number.source
        assert number.mark in "SRP"
        assert RULE[number.name] == number.value
