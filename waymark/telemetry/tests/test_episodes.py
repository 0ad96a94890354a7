"""Episodes: numbers that stay, evidence a person can check, JSON that is the contract's."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from waymark.telemetry.episodes import JUDGES, Episode, episode_id
from waymark.telemetry.evaluate import replay
from waymark.telemetry.kernel import RULE_VERSION
from waymark.telemetry.plan import read
from waymark.telemetry.tests.paths import NIGHT, at, fix, found, home, plan, said, square, stay
from waymark.telemetry.tests.scenarios import scenario

CONTRACT = [
    "episode_id", "participant", "kind", "opened_at", "closed_at", "severity", "zone", "confidence", "evidence",
    "rule_version",
]  # fmt: skip
KINDS = {
    "curfew": {"out_at_start", "left_during", "returned_late", "out_at_end", "out_entire_window"},
    "exclusion": {"exclusion_entered"},
    "crossing": {"exclusion_crossed"},
    "approach": {"possible_approach"},
    "victim": {"victim_proximity"},
    "strap": {"strap_tamper"},
    "obstruction": {"device_obstructed"},
    "battery": {"battery_low", "battery_critical"},
    "contact": {"no_contact"},
    "location": {"no_location"},
    "alcohol": {"alcohol_detected", "alcohol_confirmable", "interferant_suspect", "low_level_alcohol"},
}


def many(seeds: range) -> list[Episode]:
    return [episode for seed in seeds for episode in replay(read(scenario(seed)[0]), scenario(seed)[1])]


def test_every_episode_is_the_contracts_and_has_its_reason() -> None:
    episodes = many(range(25))
    assert {episode.family for episode in episodes} >= set(KINDS) - {"obstruction", "approach", "crossing"}
    for episode in episodes:
        line = json.dumps(episode.as_json(), allow_nan=False)
        assert list(json.loads(line))[: len(CONTRACT)] == CONTRACT
        assert episode.kind in KINDS[episode.family]
        assert episode.severity in ("P1", "P2", "P3", "P4")
        assert episode.evidence["because"][0].isupper() or episode.evidence["because"][0].isdigit()
        assert episode.evidence["because"].endswith(".")
        assert episode.closed_ms is None or episode.opened_ms <= episode.closed_ms
        assert episode.rule_version == RULE_VERSION


def test_no_two_episodes_of_a_replay_share_a_number() -> None:
    for seed in range(25):
        given_plan, readings = scenario(seed)
        numbers = Counter(episode.episode_id for episode in replay(read(given_plan), readings))
        assert not numbers or max(numbers.values()) == 1


def test_the_number_depends_on_the_stretch_and_not_on_its_kind() -> None:
    assert len(episode_id("1", "strap", None, None, 5)) == 16
    names = [("1", "curfew", "home", 1, 5), ("2", "curfew", "home", 1, 5), ("1", "strap", None, None, 5)]
    names += [("1", "curfew", "work", 1, 5), ("1", "curfew", "home", 2, 5), ("1", "curfew", "home", 1, 6)]
    assert len({episode_id(*name) for name in names}) == len(names)


def test_the_evidence_shows_what_decided_and_what_brought_it_back() -> None:
    readings = [
        *stay("2026-03-10 21:00", "2026-03-10 23:00", 0),
        *stay("2026-03-10 23:00", "2026-03-11 00:30", 400, accuracy_m=9.0),
        *stay("2026-03-11 00:30", "2026-03-11 07:00", 0),
    ]
    (absence,) = found(plan(home(schedule=[NIGHT], version=3), plan_version=7), readings, "curfew")
    evidence = absence.evidence
    assert evidence["because"] == "3 fixes, 9 m accuracy, all outside by at least 300 m."
    assert [seen["at"] for seen in evidence["fixes"]] == [f"2026-03-11T{t}Z" for t in TIMES]
    assert [seen["distance_m"] for seen in evidence["fixes"]] == pytest.approx([-100, 300, 300, 300])
    assert [seen["at"][11:16] for seen in evidence["closing_fixes"]] == ["05:30", "05:31", "05:32"]
    assert (evidence["decisive_fixes"], evidence["unknown_fixes"], evidence["contrary_fixes"]) == (90, 0, 0)
    assert evidence["window"] == {"from": "2026-03-11T03:00:00Z", "until": "2026-03-11T11:00:00Z"}
    assert (evidence["zone_version"], evidence["plan_version"], absence.plan_version) == (3, 7, 7)
    assert evidence["greatest_distance_m"] == pytest.approx(300, abs=0.1)
    assert evidence["thresholds"] == {
        "buffer_m": 0.0,
        "grace_minutes": 5.0,
        "slack_m": 15.0,
        "fixes": 2,
        "over_seconds": 120,
    }


TIMES = ["03:59:00", "04:00:00", "04:01:00", "04:02:00"]


def test_who_was_out_long_before_shows_the_fixes_that_said_so_and_the_last_before_the_window() -> None:
    readings = [*stay("2026-03-10 12:00", "2026-03-10 18:00", 0), *stay("2026-03-10 18:00", "2026-03-10 22:30", 400)]
    (absence,) = found(plan(home(schedule=[NIGHT])), readings, "curfew")
    clock = [seen["at"][11:16] for seen in absence.evidence["fixes"]]
    assert clock == ["22:59", "23:00", "23:01", "23:02", "03:00"]
    assert absence.opened_ms == at("2026-03-10 22:00")


def test_confidence_falls_with_blurred_fixes_and_with_hours_between_them() -> None:
    def confidence(accuracy_m: float, second: str) -> str:
        before = stay("2026-03-10 21:00", "2026-03-10 23:00", 0)
        out = [fix(f"2026-03-10 {when}", 900, accuracy_m=accuracy_m) for when in ("23:00", second)]
        heard = [said(minute) for minute in range(at("2026-03-10 23:00"), at("2026-03-11 05:00"), 600_000)]
        (absence,) = found(plan(home(schedule=[NIGHT]), until="2026-03-11 05:00"), [*before, *out, *heard], "curfew")
        return absence.confidence

    assert confidence(5, "23:05") == "high"
    assert confidence(300, "23:05") == "medium"
    assert confidence(5, "23:59") == "high"
    before = [
        *stay("2026-03-10 21:00", "2026-03-10 22:10", 0),
        fix("2026-03-10 22:10", 900),
        fix("2026-03-10 23:50", 900),
    ]
    assert found(plan(home(schedule=[NIGHT]), until="2026-03-11 05:00"), before, "curfew")[0].confidence == "low"


def test_metres_are_told_to_the_decimetre_and_never_as_minus_nothing() -> None:
    corner = square("shop", 1000, 100)
    episodes = found(plan(corner), stay("2026-03-10 12:00", "2026-03-10 12:30", 900, accuracy_m=20.0))
    assert "-0.0" not in json.dumps([episode.as_json() for episode in episodes])
    assert {episode.family for episode in episodes} == {"approach"}


def test_the_same_replay_twice_is_the_same_bytes() -> None:
    given_plan, readings = scenario(11)
    first, second = (
        json.dumps([episode.as_json() for episode in replay(read(given_plan), readings)]) for _ in range(2)
    )
    assert first == second


def test_every_family_of_the_kernel_has_its_judge() -> None:
    assert sorted(JUDGES) == list(range(8))


def test_a_battery_says_how_far_it_fell() -> None:
    levels = [(n, level) for n, level in enumerate([30, 19, 8, 15])]
    (low,) = found(plan(), [said(f"2026-03-10 12:0{n}", battery_pct=level) for n, level in levels])
    assert low.evidence["because"] == "Battery at 19 % at 2026-03-10T17:01:00Z, lowest since 8 %."
