"""The rules on timelines short enough to check by hand. Home is a circle of 100 m; the night is 22:00 to 06:00."""

from __future__ import annotations

from typing import Any

import pytest

from waymark.telemetry.episodes import Episode
from waymark.telemetry.readings import Reading
from waymark.telemetry.tests.paths import NIGHT, at, earth, fix, found, home, plan, said, square, stay

AWAY = 1000.0
CURFEW = home(schedule=[NIGHT])


def curfew(*readings: Reading, until: str = "2026-03-11 09:00", zone: dict[str, Any] = CURFEW, **fields: Any) -> Any:
    return found(plan(zone, until=until, **fields), readings, "curfew")


def only(episodes: list[Episode]) -> Episode:
    (episode,) = episodes
    return episode


def spans(episodes: list[Episode]) -> list[tuple[str, int, int | None]]:
    return [(episode.kind, episode.opened_ms, episode.closed_ms) for episode in episodes]


# ------------------------------------------------------------------------------------------- curfew (Traccar #3897)
def test_already_out_when_the_window_starts_is_found() -> None:
    readings = stay("2026-03-10 20:00", "2026-03-11 01:00", AWAY) + stay("2026-03-11 01:00", "2026-03-11 08:00", 0)
    absence = only(curfew(*readings))
    assert spans([absence]) == [("out_at_start", at("2026-03-10 22:00"), at("2026-03-11 01:00"))]
    assert absence.evidence["absence_seconds"] == 3 * 3600
    assert absence.evidence["raised_as"] == "out_at_start"
    assert absence.evidence["raised_at"] == "2026-03-11T03:05:00Z"


def test_leaving_a_minute_before_the_window_is_not_lost() -> None:
    readings = stay("2026-03-10 20:00", "2026-03-10 21:59", 0) + stay("2026-03-10 21:59", "2026-03-11 08:00", AWAY)
    assert spans(curfew(*readings)) == [("out_entire_window", at("2026-03-10 22:00"), at("2026-03-11 06:00"))]


@pytest.mark.parametrize(
    ("back", "kind"),
    [("22:30", "returned_late"), ("23:00", "returned_late"), ("23:01", "out_at_start"), ("05:59", "out_at_start")],
)
def test_back_within_an_hour_is_late_and_later_was_out_at_the_start(back: str, kind: str) -> None:
    day = "2026-03-11" if back < "12" else "2026-03-10"
    readings = stay("2026-03-10 20:00", f"{day} {back}", AWAY) + stay(f"{day} {back}", "2026-03-11 08:00", 0)
    assert spans(curfew(*readings)) == [(kind, at("2026-03-10 22:00"), at(f"{day} {back}"))]


def test_leaving_and_coming_back_inside_the_window_is_left_during() -> None:
    readings = [
        *stay("2026-03-10 21:00", "2026-03-10 23:00", 0),
        *stay("2026-03-10 23:00", "2026-03-11 00:30", AWAY),
        *stay("2026-03-11 00:30", "2026-03-11 07:00", 0),
    ]
    assert spans(curfew(*readings)) == [("left_during", at("2026-03-10 23:00"), at("2026-03-11 00:30"))]


def test_leaving_and_still_out_at_the_end_is_out_at_end() -> None:
    readings = stay("2026-03-10 21:00", "2026-03-11 04:00", 0) + stay("2026-03-11 04:00", "2026-03-11 09:00", AWAY)
    assert spans(curfew(*readings)) == [("out_at_end", at("2026-03-11 04:00"), at("2026-03-11 06:00"))]


def test_one_absence_over_two_nights_is_an_episode_in_each() -> None:
    readings = stay("2026-03-10 20:00", "2026-03-12 08:00", AWAY, every_s=300)
    assert [episode.kind for episode in curfew(*readings, until="2026-03-12 08:00")] == ["out_entire_window"] * 2


def test_an_open_absence_is_reported_as_what_it_is_so_far() -> None:
    out = stay("2026-03-10 21:00", "2026-03-10 22:10", AWAY)
    assert spans(curfew(*out, until="2026-03-10 22:05")) == []
    assert spans(curfew(*out, until="2026-03-10 22:06")) == [("out_at_start", at("2026-03-10 22:00"), None)]


@pytest.mark.parametrize(("back", "episodes"), [("23:05", 0), ("23:06", 1)])
def test_grace_decides_whether_and_takes_nothing_off(back: str, episodes: int) -> None:
    readings = [
        *stay("2026-03-10 21:00", "2026-03-10 23:00", 0),
        *stay("2026-03-10 23:00", f"2026-03-10 {back}", AWAY),
        *stay(f"2026-03-10 {back}", "2026-03-11 07:00", 0),
    ]
    absences = curfew(*readings)
    assert [episode.evidence["absence_seconds"] for episode in absences] == [360] * episodes


def test_a_zone_has_its_own_grace() -> None:
    readings = [
        *stay("2026-03-10 21:00", "2026-03-10 23:00", 0),
        *stay("2026-03-10 23:00", "2026-03-10 23:20", AWAY),
        *stay("2026-03-10 23:20", "2026-03-11 07:00", 0),
    ]
    assert curfew(*readings, zone=home(schedule=[NIGHT], grace_minutes=30)) == []
    assert len(curfew(*readings, zone=home(schedule=[NIGHT], grace_minutes=0), grace_minutes=60)) == 1


def test_one_fix_outside_decides_nothing() -> None:
    readings = stay("2026-03-10 21:00", "2026-03-11 07:00", 0, every_s=600)
    readings[8] = fix(readings[8].happened_ms, AWAY)
    assert curfew(*readings) == []


def test_fixes_within_two_minutes_decide_nothing() -> None:
    out = stay("2026-03-10 23:00", "2026-03-10 23:02", AWAY, every_s=10)
    assert curfew(*stay("2026-03-10 21:00", "2026-03-10 23:00", 0), *out, until="2026-03-10 23:50") == []


def test_a_circle_of_error_that_reaches_home_says_nothing() -> None:
    readings = stay("2026-03-10 21:00", "2026-03-10 22:30", 0) + stay("2026-03-10 22:30", "2026-03-11 07:00", 400)
    assert len(curfew(*readings)) == 1
    doubtful = [r if r.happened_ms < at("2026-03-10 22:30") else r._replace(accuracy_m=290.0) for r in readings]
    assert curfew(*doubtful) == []


def test_before_the_first_decisive_fix_nobody_is_absent() -> None:
    readings = [said(r.happened_ms) for r in stay("2026-03-10 22:00", "2026-03-11 02:00", 0)]
    readings += stay("2026-03-11 02:00", "2026-03-11 08:00", AWAY)
    assert spans(curfew(*readings)) == [("out_at_end", at("2026-03-11 02:00"), at("2026-03-11 06:00"))]


@pytest.mark.parametrize(("night", "hours"), [("2026-03-07", 9), ("2026-10-31", 11), ("2026-06-06", 10)])
def test_the_nights_of_daylight_saving_have_nine_and_eleven_hours(night: str, hours: int) -> None:
    zone = home(schedule=[{"weekly": {"days": ["sat"], "from": "20:00", "to": "06:00"}}])
    morning = f"{night[:8]}{int(night[8:]) + 1:02d}" if night != "2026-10-31" else "2026-11-01"
    readings = stay(f"{night} 18:00", f"{morning} 09:00", AWAY, every_s=300)
    absence = only(curfew(*readings, zone=zone, until=f"{morning} 09:00"))
    assert absence.kind == "out_entire_window"
    assert absence.evidence["absence_seconds"] == hours * 3600


def test_a_suspension_over_the_weekend_has_no_hole() -> None:
    weekend = {"from": "2026-03-13T20:00", "until": "2026-03-15T16:00", "who": "EHD desk", "why": "hospital"}
    readings = stay("2026-03-13 12:00", "2026-03-15 18:00", 0, every_s=300)
    readings = [
        fix(r.happened_ms, AWAY) if (r.happened_ms // 3_600_000) % 3 == 0 else r for r in readings
    ]  # an hour out of every three
    absences = curfew(*readings, zone=home(), until="2026-03-15 18:00", suspensions=[weekend])
    assert len(absences) > 15
    for absence in absences:
        inside = at("2026-03-13 20:00") <= absence.opened_ms < at("2026-03-15 16:00")
        assert absence.evidence["suspended"] is inside
    assert any(at("2026-03-14 16:00") < a.opened_ms < at("2026-03-14 20:00") for a in absences)


def test_an_approved_leave_is_no_absence() -> None:
    leave = {"from": "2026-03-10T22:00", "until": "2026-03-11T01:00", "may": "leave"}
    readings = stay("2026-03-10 21:00", "2026-03-11 00:30", AWAY) + stay("2026-03-11 00:30", "2026-03-11 08:00", 0)
    assert curfew(*readings, zone=home(schedule=[NIGHT], exceptions=[leave])) == []


def test_the_home_unit_decides_alone() -> None:
    readings = [
        said("2026-03-10 21:00", "rf", source="in_range"),
        said("2026-03-10 23:00", "rf", source="out_of_range"),
        said("2026-03-10 23:40", "rf", source="in_range"),
    ]
    absence = only(curfew(*readings, contact_buffer_s=86_400))
    assert spans([absence]) == [("left_during", at("2026-03-10 23:00"), at("2026-03-10 23:40"))]
    assert absence.confidence == "high"
    assert [seen.get("lat") for seen in absence.evidence["fixes"]] == [None, None]


# ---------------------------------------------------------------------------------------------- zones to stay out of
WORK = square("shop", AWAY, 100)


def exclusion(*readings: Reading, zone: dict[str, Any] = WORK, families: tuple[str, ...] = ("exclusion",)) -> Any:
    return found(plan(home(), zone), readings, *families)


def test_one_sharp_fix_inside_is_an_entry() -> None:
    readings = [fix("2026-03-10 12:00", 0), fix("2026-03-10 12:01", AWAY), fix("2026-03-10 12:02", 0)]
    entry = only(exclusion(*readings))
    assert spans([entry]) == [("exclusion_entered", at("2026-03-10 12:01"), at("2026-03-10 12:02"))]
    assert entry.severity == "P1"
    assert entry.evidence["because"] == "1 fix, 5 m accuracy, all inside by at least 100 m."


def test_a_blurred_fix_inside_needs_a_second() -> None:
    blurred = [fix(f"2026-03-10 12:0{minute}", AWAY, accuracy_m=60) for minute in (1, 2)]
    before, after = fix("2026-03-10 12:00", 0), fix("2026-03-10 12:03", 0)
    assert exclusion(before, blurred[0], after) == []
    assert only(exclusion(before, *blurred, after)).opened_ms == at("2026-03-10 12:01")


def test_an_entry_is_reported_at_the_very_fix() -> None:
    assert only(exclusion(fix("2026-03-10 12:00", 0), fix("2026-03-10 12:01", AWAY))).closed_ms is None


def test_grace_is_not_for_zones_to_stay_out_of() -> None:
    zone = square("shop", AWAY, 100, grace_minutes=30)
    assert len(exclusion(fix("2026-03-10 12:00", 0), fix("2026-03-10 12:01", AWAY), zone=zone)) == 1


def test_already_inside_when_the_zone_comes_into_force_is_found() -> None:
    zone = square("shop", AWAY, 100, schedule=[NIGHT])
    entry = only(exclusion(*stay("2026-03-10 21:00", "2026-03-10 23:00", AWAY), zone=zone))
    assert entry.opened_ms == at("2026-03-10 22:00")


def test_a_zone_passed_through_between_two_fixes_is_crossed() -> None:
    readings = [fix("2026-03-10 12:00", 700), fix("2026-03-10 12:02", 1300), fix("2026-03-10 12:03", 1300)]
    crossing = only(exclusion(*readings, families=("crossing", "exclusion")))
    assert spans([crossing]) == [("exclusion_crossed", at("2026-03-10 12:00"), at("2026-03-10 12:02"))]
    assert crossing.evidence["greatest_depth_m"] == pytest.approx(100, abs=0.5)


@pytest.mark.parametrize(
    "after",
    [fix("2026-03-10 12:03:01", 1300), fix("2026-03-10 12:02", 1300, 700), fix("2026-03-10 12:02", 1300, 160, 60)],
)
def test_too_long_a_gap_a_way_past_and_too_wide_an_error_cross_nothing(after: Reading) -> None:
    assert exclusion(fix("2026-03-10 12:00", 700), after, families=("crossing",)) == []


def test_the_warning_ring_is_an_approach_at_once_and_doubt_after_three_minutes() -> None:
    ring = square("shop", AWAY, 100, buffer_m=200)
    approach = only(
        exclusion(fix("2026-03-10 12:00", 0), fix("2026-03-10 12:01", 750), zone=ring, families=("approach",))
    )
    assert approach.evidence["warning_ring"] is True
    doubt = stay("2026-03-10 12:01", "2026-03-10 12:06", 890, accuracy_m=40)
    approach = only(exclusion(fix("2026-03-10 12:00", 0), *doubt, families=("approach",)))
    assert (approach.kind, approach.confidence) == ("possible_approach", "low")
    assert exclusion(fix("2026-03-10 12:00", 0), *doubt[:3], families=("approach",)) == []


def test_a_leap_nobody_can_make_is_no_entry() -> None:
    leap = [fix("2026-03-10 12:00", 0), fix("2026-03-10 12:00:05", AWAY), fix("2026-03-10 12:00:10", 1)]
    assert exclusion(*leap) == []
    journey = [fix("2026-03-10 12:00", 0), fix("2026-03-10 12:00:05", AWAY), fix("2026-03-10 12:00:10", AWAY)]
    assert only(exclusion(*journey)).opened_ms == at("2026-03-10 12:00:05")


def test_a_leap_that_nothing_follows_counts_after_three_minutes() -> None:
    readings = [fix("2026-03-10 12:00", 0), fix("2026-03-10 12:00:05", AWAY)]
    assert found(plan(home(), WORK, until="2026-03-10 12:03"), readings, "exclusion") == []
    entry = only(found(plan(home(), WORK, until="2026-03-10 12:04"), readings, "exclusion"))
    assert entry.opened_ms == at("2026-03-10 12:00:05")


def test_an_accuracy_of_kilometres_is_no_position() -> None:
    readings = [fix(f"2026-03-10 12:{minute:02d}", AWAY, accuracy_m=5000) for minute in range(40)]
    assert [e.kind for e in exclusion(*[fix("2026-03-10 11:59", 0)], *readings, families=())] == ["no_location"]


def test_a_drive_by_reading_is_a_position_and_not_hearing_is_nothing() -> None:
    heard = [fix(f"2026-03-10 12:0{minute}", AWAY, kind="drive_by", source="heard", accuracy_m=3) for minute in (1, 2)]
    assert only(exclusion(*heard)).evidence["fixes"][0]["accuracy_m"] == 45
    not_heard = [reading._replace(source="not_heard") for reading in heard]
    assert found(plan(home(), WORK, until="2026-03-12 12:00"), not_heard) == []


# -------------------------------------------------------------------------------------------------------- the victim
def partner(*readings: Reading) -> list[Reading]:
    return [reading._replace(activation="V") for reading in readings]


PAIR = {"id": "pair", "kind": "victim", "partner": {"activation": "V", "radius_m": 300}}


def pair(mine: list[Reading], theirs: list[Reading]) -> list[Episode]:
    return found(plan(PAIR, others=["V"]), [*mine, *partner(*theirs)], "victim", "approach")


def test_a_protected_person_who_comes_near_is_an_alarm_without_the_wearer_moving() -> None:
    mine = stay("2026-03-10 12:00", "2026-03-10 12:20", 0)
    theirs = stay("2026-03-10 12:00", "2026-03-10 12:10", 5000) + stay("2026-03-10 12:10", "2026-03-10 12:20", 250)
    (alarm,) = pair(mine, theirs)
    assert (alarm.kind, alarm.severity, alarm.opened_ms) == ("victim_proximity", "P1", at("2026-03-10 12:10"))
    assert alarm.evidence["because"].startswith("Within 250 m of the protected person's device")


def test_the_evidence_never_says_where_the_protected_person_is() -> None:
    mine = stay("2026-03-10 12:00", "2026-03-10 12:20", 0)
    theirs = stay("2026-03-10 12:00", "2026-03-10 12:20", 251.7)
    (alarm,) = pair(mine, theirs)
    assert all("distance_m" not in fix and (fix["lat"], fix["lon"]) == earth(0) for fix in alarm.evidence["fixes"])
    assert not {"greatest_distance_m", "greatest_depth_m", "least_distance_m"} & set(alarm.evidence)
    zone = square("her home", AWAY, 100, kind="victim")
    fixed = only(found(plan(zone), [fix("2026-03-10 12:00", 0), fix("2026-03-10 12:01", AWAY)], "victim"))
    assert all("distance_m" not in seen for seen in fixed.evidence["fixes"])


def test_an_old_fix_of_the_partner_says_nothing() -> None:
    mine = stay("2026-03-10 12:03", "2026-03-10 12:20", 0)
    assert pair(mine, [fix("2026-03-10 12:00", 250)]) == []
    assert len(pair(mine, [fix("2026-03-10 12:01", 250)])) == 1


def test_a_pair_parts_only_beyond_the_warning_distance() -> None:
    mine = stay("2026-03-10 12:00", "2026-03-10 13:00", 0)
    theirs = [
        *stay("2026-03-10 12:00", "2026-03-10 12:10", 200),
        *stay("2026-03-10 12:10", "2026-03-10 12:20", 690),
        *stay("2026-03-10 12:20", "2026-03-10 12:30", 730),
    ]
    alarm = only([episode for episode in pair(mine, theirs) if episode.family == "victim"])
    assert alarm.closed_ms == at("2026-03-10 12:20")


def test_closing_fast_is_an_alarm_before_the_distance_is_reached() -> None:
    mine = stay("2026-03-10 12:00", "2026-03-10 12:10", 0)
    fast = [fix(f"2026-03-10 12:0{minute}", 1400 - 300 * minute) for minute in range(4)]
    slow = [fix(f"2026-03-10 12:0{minute}", 580 - 10 * minute) for minute in range(5)]
    (first, *_) = pair(mine[:4], fast)
    assert (first.kind, first.evidence["because"].endswith("closing fast, both error circles taken off.")) == (
        "victim_proximity",
        True,
    )
    assert [episode.kind for episode in pair(mine[:5], slow)] == ["possible_approach"]


def test_one_wild_fix_of_either_ends_no_alarm_of_a_pair() -> None:
    near, far = stay("2026-03-10 12:00", "2026-03-10 12:20", 0), stay("2026-03-10 12:00", "2026-03-10 12:20", 50)
    far = [one._replace(happened_ms=one.happened_ms + 9_000) for one in far]
    for mine, theirs in ((with_leap(near), far), (near, with_leap(far))):
        assert spans(pair(mine, theirs)) == [("victim_proximity", at("2026-03-10 12:00:09"), None)]


def test_a_leap_that_the_next_fix_confirms_ends_an_alarm_of_a_pair_there() -> None:
    mine = stay("2026-03-10 12:00", "2026-03-10 12:10", 0) + stay("2026-03-10 12:10", "2026-03-10 12:20", 19_000)
    theirs = stay("2026-03-10 12:00", "2026-03-10 12:20", 50)
    assert spans(pair(mine, theirs)) == [("victim_proximity", at("2026-03-10 12:00"), at("2026-03-10 12:11"))]


def test_a_leap_raises_an_alarm_of_a_pair_at_once() -> None:
    theirs = stay("2026-03-10 12:00", "2026-03-10 12:11", 19_050)
    alarms = pair(with_leap(stay("2026-03-10 12:00", "2026-03-10 12:11", 0)), theirs)
    assert spans(alarms) == [("victim_proximity", at("2026-03-10 12:10"), None)]


def test_a_leap_there_and_back_is_not_taken_for_closing_fast() -> None:
    mine = with_leap(stay("2026-03-10 12:00", "2026-03-10 12:20", 0))
    theirs = stay("2026-03-10 12:00", "2026-03-10 12:20", 570)
    assert {episode.kind for episode in pair(mine, theirs)} == {"possible_approach"}


def with_leap(fixes: list[Reading]) -> list[Reading]:
    """The eleventh fix is 19 km off."""
    return [*fixes[:10], fix(fixes[10].happened_ms, 19_000), *fixes[11:]]


# -------------------------------------------------------------------------------------------------------- the device
def device(*readings: Reading, until: str | None = None, **fields: Any) -> list[Episode]:
    return found(plan(until=until, **fields), readings)


def test_an_open_strap_is_one_episode_however_often_within_half_an_hour() -> None:
    clock = ["12:00", "12:01", "12:20", "12:21", "13:30", "13:31"]
    readings = [said(f"2026-03-10 {when}", strap_ok=bool(n % 2)) for n, when in enumerate(clock)]
    first, second = device(*readings, until="2026-03-10 14:30", contact_buffer_s=86_400)
    assert spans([first]) == [("strap_tamper", at("2026-03-10 12:00"), at("2026-03-10 12:21"))]
    assert (first.evidence["count"], second.evidence["count"]) == (2, 1)
    assert (first.severity, second.opened_ms) == ("P1", at("2026-03-10 13:30"))


def test_a_strap_open_is_open_until_the_device_says_otherwise() -> None:
    cut = said("2026-03-10 12:00", strap_ok=False)
    seen_whole = fix("2026-03-10 12:05", 0, kind="drive_by", source="heard", strap_ok=True)
    (tamper,) = device(cut, seen_whole)
    assert tamper.closed_ms is None


def test_a_low_battery_ripens_and_is_over_when_charged() -> None:
    levels = [50, 21, 20, 12, 5, 3, 24, 25]
    readings = [said(f"2026-03-10 12:{n:02d}", battery_pct=level) for n, level in enumerate(levels)]
    (low,) = device(*readings[:4])
    assert (low.kind, low.severity, low.opened_ms, low.closed_ms) == ("battery_low", "P4", at("2026-03-10 12:02"), None)
    (critical,) = device(*readings)
    assert (critical.kind, critical.severity, critical.closed_ms) == ("battery_critical", "P3", at("2026-03-10 12:07"))
    assert critical.episode_id == low.episode_id


def test_silence_is_found_by_time_alone_and_grows_severe() -> None:
    last = said("2026-03-10 12:00", battery_pct=4)
    assert device(last, until="2026-03-10 12:16")[1:] == []
    silent = device(last, until="2026-03-10 12:17")[1]
    assert spans([silent]) == [("no_contact", at("2026-03-10 12:16"), None)]
    assert silent.severity == "P3"
    assert silent.evidence["battery_was_critical"] is True
    assert device(last, until="2026-03-12 12:00")[1].severity == "P2"
    back = device(last, said("2026-03-10 15:00", battery_pct=90), until="2026-03-10 15:01")[1]
    assert (back.closed_ms, back.episode_id) == (at("2026-03-10 15:00"), silent.episode_id)


def test_a_device_that_reports_and_does_not_know_where_it_is() -> None:
    blind = [said(f"2026-03-10 {hour}:{minute:02d}") for hour in (12, 13) for minute in range(60)]
    blind[0] = fix("2026-03-10 12:00", 0)
    day, night = home(schedule=[NIGHT]), home()
    lost = only(found(plan(day), [*blind, fix("2026-03-10 14:00", 0)]))
    assert (lost.kind, lost.severity) == ("no_location", "P3")
    assert (lost.opened_ms, lost.closed_ms) == (at("2026-03-10 12:16"), at("2026-03-10 14:00"))
    assert only(found(plan(night), blind)).severity == "P2"


def test_silence_is_not_a_lack_of_position() -> None:
    readings = [fix("2026-03-10 12:00", 0), fix("2026-03-10 15:00", 0)]
    assert [episode.kind for episode in found(plan(home()), readings)] == ["no_contact"]


def test_readings_before_and_after_the_activation_are_somebody_elses() -> None:
    readings = stay("2026-03-10 12:00", "2026-03-10 18:00", AWAY, strap_ok=False)
    reused = plan(home(), from_at="2026-03-10T14:00", until_at="2026-03-10T15:00")
    episodes = found(reused, readings)
    assert {episode.kind for episode in episodes} == {"left_during", "strap_tamper"}
    assert {episode.opened_ms for episode in episodes} == {at("2026-03-10 14:00")}
