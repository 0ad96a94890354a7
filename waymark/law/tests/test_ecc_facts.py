"""Bad input: what cannot be right is refused, every fault by its field with the way out."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from waymark.facts.faults import FaultyFacts
from waymark.law.missouri import ecc_217_703 as ecc

CULP: dict[str, Any] = {
    "as_of": "2018-09-15",
    "term": {"kind": "probation", "begins_on": "2015-10-19", "years": 5, "sentenced_on": "2015-10-19"},
    "offense": {"section": "570.030", "chapter": 570, "class": "C", "felony": True},
    "supervised_by_division": True,
    "lifetime_supervision": False,
    "restitution": {"ordered": False, "paid_in_full_on": None},
    "events": [{"on": "2017-03-16", "type": "violation_report"}],
}


def facts(path: str = "", value: Any = None) -> dict[str, Any]:
    """Culp's facts with one thing put elsewhere."""
    changed = deepcopy(CULP)
    if path:
        *steps, last = path.split(".")
        place = changed
        for step in steps:
            place = place[step]
        place[last] = value
    return changed


def custody(*days: str) -> list[dict[str, str]]:
    return [{"on": on, "type": f"custody_{'end' if n % 2 else 'start'}"} for n, on in enumerate(days)]


CANNOT_BE_RIGHT = [
    ("an impossible date", "term.begins_on", "2015-02-30", "term.begins_on"),
    ("an instant for a date", "as_of", "2018-09-15T10:00:00", "as_of"),
    ("a number for a date", "as_of", 1537000000, "as_of"),
    ("a date nobody lives to see", "as_of", "9999-01-01", "as_of"),
    ("no day asked for", "as_of", None, "as_of"),
    ("no events key", "events", None, "events"),
    ("events that are no list", "events", {"on": "2017-01-01"}, "events"),
    ("an unknown event type", "events", [{"on": "2017-01-01", "type": "parade"}], "events.0.type"),
    ("an event without a day", "events", [{"type": "violation_report"}], "events.0.on"),
    ("a report before the term", "events", [{"on": "2015-01-01", "type": "violation_report"}], "events.0.on"),
    ("an unknown outcome", "events", [{"on": "2017-01-01", "type": "hearing", "outcome": "draw"}], "events.0.outcome"),
    (
        "an outcome of a report",
        "events",
        [{"on": "2017-01-01", "type": "violation_report", "outcome": "revoked"}],
        "events.0.outcome",
    ),
    (
        "a hearing set for the past",
        "events",
        [{"on": "2017-01-05", "type": "hearing_set", "hearing_on": "2017-01-01"}],
        "events.0.hearing_on",
    ),
    ("an end without a start", "events", [{"on": "2017-01-01", "type": "custody_end"}], "events.0.on"),
    (
        "an end before its start",
        "events",
        [{"on": "2017-02-01", "type": "custody_start"}, {"on": "2017-01-01", "type": "custody_end"}],
        "events.1.on",
    ),
    (
        "overlapping custody",
        "events",
        [{"on": "2017-01-01", "type": "custody_start"}, {"on": "2017-01-09", "type": "custody_start"}],
        "events.1.on",
    ),
    ("a term above the maximum", "term.years", 6, "term.years"),
    ("a term of nothing", "term.years", 0, "term.years"),
    ("a negative term", "term.years", -1, "term.years"),
    ("a fraction of a year", "term.years", 4.5, "term.years"),
    ("a year as text", "term.years", "5", "term.years"),
    ("an unknown kind of term", "term.kind", "furlough", "term.kind"),
    ("an unknown class", "offense.class", "F", "offense.class"),
    ("class E before 2017", "offense.class", "E", "offense.class"),
    ("a chapter that is not the section's", "offense.chapter", 195, "offense.chapter"),
    ("a section that is none", "offense.section", "five-seventy", "offense.section"),
    ("a word for yes", "supervised_by_division", "yes", "supervised_by_division"),
    ("a misspelt fact", "lifetime_supervison", True, "lifetime_supervison"),
    ("an unknown reading", "interpretations", {"term_end": "whenever"}, "interpretations.term_end"),
    (
        "restitution paid on two days",
        "events",
        [{"on": "2017-01-01", "type": "restitution_paid"}, {"on": "2017-02-01", "type": "restitution_paid"}],
        "restitution.paid_in_full_on",
    ),
    (
        "an extension past the maximum without a violation",
        "term.extensions",
        [{"ordered_on": "2017-01-01", "years": 1}],
        "term.extensions.0",
    ),
    (
        "a second year past the maximum",
        "term.extensions",
        [
            {"ordered_on": "2017-01-01", "years": 1, "violation_found": True},
            {"ordered_on": "2018-01-01", "years": 1, "violation_found": True},
        ],
        "term.extensions.1",
    ),
    ("an extension of nothing", "term.extensions", [{"ordered_on": "2017-01-01"}], "term.extensions.0.years"),
    (
        "an extension before the term",
        "term.extensions",
        [{"ordered_on": "2014-01-01", "years": 1, "violation_found": True}],
        "term.extensions.0.ordered_on",
    ),
]


def test_the_facts_all_others_are_made_from_are_right() -> None:
    ecc.read(facts())


@pytest.mark.parametrize(
    ("path", "value", "field"), [row[1:] for row in CANNOT_BE_RIGHT], ids=[row[0] for row in CANNOT_BE_RIGHT]
)
def test_it_refuses_what_cannot_be_right_and_names_the_field(path: str, value: Any, field: str) -> None:
    with pytest.raises(FaultyFacts) as refused:
        ecc.read(facts(path, value))
    assert field in [fault.path for fault in refused.value.faults]
    assert all(fault.words.endswith((".", "?", ")")) for fault in refused.value.faults)


def test_it_names_every_fault_at_once() -> None:
    with pytest.raises(FaultyFacts) as refused:
        ecc.read({"as_of": "2018-13-01", "term": {"begins_on": "x"}, "events": [{"on": 3, "type": "parade"}]})
    assert {"as_of", "term.begins_on", "events.0.on", "events.0.type"} <= {f.path for f in refused.value.faults}


@pytest.mark.parametrize("words", ["", "[]", "null", "{", "12", '"x"'])
def test_it_refuses_what_is_not_an_object(words: str) -> None:
    with pytest.raises(FaultyFacts):
        ecc.read(words)


def test_it_takes_a_transfer_between_jails_on_one_day() -> None:
    ecc.read(facts("events", custody("2017-01-01", "2017-02-01", "2017-02-01", "2017-03-01")))


def test_it_takes_a_day_in_custody() -> None:
    ecc.read(facts("events", custody("2017-01-01", "2017-01-01")))


def test_it_leaves_the_callers_own_keys_alone() -> None:
    ecc.read({**facts(), "line": 7, "comment": "from the caseload export"})


def test_null_and_a_missing_key_are_both_not_recorded() -> None:
    missing = {key: value for key, value in facts().items() if key not in ("offense", "restitution")}
    assert ecc.read(missing) == ecc.read({**missing, "offense": None, "restitution": {"ordered": None}})
