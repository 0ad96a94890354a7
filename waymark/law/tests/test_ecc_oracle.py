"""The product and a second, slow reading of 217.703 (oracle_ecc.py) agree, over timelines nobody thought of."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.strategies import ecc_facts
from waymark.law.missouri import ecc_217_703 as ecc
from waymark.law.tests import oracle_ecc as oracle

DATES = "last_day", "earned_discharge_date", "optimal_discharge_date", "discharge_date"
OUTCOMES = "continued", "no_violation", "revoked", "cods", "ineligible"
SINGLE = (
    "violation_report",
    "notice_of_citation",
    "motion_to_revoke",
    "motion_to_suspend",
    "motion_withdrawn",
    "hearing_set",
    "hearing",
    "eligibility_motion",
    "found_eligible",
    "found_ineligible",
)
SPANS = (
    ("custody_start", ("custody_end",)),
    ("absconder_declared", ("absconder_available",)),
    ("term_suspended", ("suspension_lifted",)),
    ("cods_placed", ("cods_released",)),
    ("treatment_court_entered", ("treatment_court_completed", "treatment_court_terminated")),
)

many = settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def snapped(day: date, to: str) -> date:
    """The day itself, the first of its month, or the last: where months are won and lost."""
    first = day.replace(day=1)
    return {"day": day, "first": first, "last": oracle.first_of_next(day) - oracle.ONE_DAY}[to]


@st.composite
def days(draw: st.DrawFn, start: date, length: int) -> date:
    day = start + timedelta(days=draw(st.integers(0, length)))
    return max(start, snapped(day, draw(st.sampled_from(("day", "day", "first", "last")))))


@st.composite
def single(draw: st.DrawFn, start: date, length: int) -> dict[str, Any]:
    kind, on = draw(st.sampled_from(SINGLE)), draw(days(start, length))
    told = {"on": on.isoformat(), "type": kind}
    if kind == "hearing":
        told["outcome"] = draw(st.sampled_from(OUTCOMES))
    if kind == "hearing_set":
        told["hearing_on"] = (on + timedelta(days=draw(st.integers(0, 120)))).isoformat()
    return told


@st.composite
def spans(draw: st.DrawFn, start: date, length: int) -> list[dict[str, Any]]:
    """Stays of each kind, one after the other; only the last of a kind may be open."""
    told = []
    for opens, closes in SPANS:
        bounds = sorted(draw(st.lists(days(start, length), max_size=3)))
        kinds = [opens, draw(st.sampled_from(closes)), opens]
        told += [{"on": on.isoformat(), "type": kind} for on, kind in zip(bounds, kinds, strict=False)]
    return told


@st.composite
def matter(draw: st.DrawFn, start: date, length: int) -> list[dict[str, Any]]:
    """A filing, a setting and what came of it, in any order of days."""
    kinds = [
        draw(st.sampled_from(SINGLE[:4])),
        "hearing_set",
        draw(st.sampled_from(("hearing", "motion_withdrawn", ""))),
    ]
    told = [{"on": draw(days(start, length)).isoformat(), "type": kind} for kind in kinds if kind]
    told[1]["hearing_on"] = (date.fromisoformat(told[1]["on"]) + timedelta(days=draw(st.integers(0, 200)))).isoformat()
    if kinds[2] == "hearing":
        told[2]["outcome"] = draw(st.sampled_from(OUTCOMES))
    return told


@st.composite
def uniform_facts(draw: st.DrawFn) -> dict[str, Any]:
    """Anything that can be entered, believable or not."""
    odd_starts = st.sampled_from([date(2016, 2, 29), date(2020, 2, 29), date(2013, 1, 31), date(2018, 10, 1)])
    start = draw(st.one_of(st.dates(date(2010, 1, 1), date(2024, 12, 31)), odd_starts))
    years, months = draw(st.one_of(st.just((5, 0)), st.tuples(st.integers(1, 4), st.integers(0, 11))))
    length = 31 * (12 * years + months)
    ordered, paid = draw(st.booleans()), draw(st.none() | days(start, length))
    extensions = draw(st.lists(days(start, length), max_size=1))
    events = draw(st.lists(single(start, length), max_size=6)) + draw(st.just([]) | spans(start, length))
    events += draw(st.just([]) | matter(start, length))
    return {
        "as_of": (start + timedelta(days=draw(st.integers(-40, length + 500)))).isoformat(),
        "term": {
            "kind": draw(st.sampled_from(("probation", "parole"))),
            "begins_on": start.isoformat(),
            "years": years,
            "months": months,
            "sentenced_on": start.isoformat(),
            "extensions": [{"ordered_on": on.isoformat(), "years": 1, "violation_found": True} for on in extensions],
        },
        "offense": {"section": "570.030", "chapter": 570, "class": "D", "felony": True},
        "supervised_by_division": True,
        "lifetime_supervision": False,
        "restitution": {"ordered": ordered, "paid_in_full_on": paid.isoformat() if ordered and paid else None},
        "events": draw(st.permutations(events)),
        "interpretations": {
            "start_on_first": draw(st.booleans()),
            "late_extension": draw(st.sampled_from(("stands", "void"))),
        },
    }


def agree(facts: dict[str, Any]) -> None:
    """Credits, dates and the mark of every month that both list. (Whether a month that is running is listed, and what
    is listed after the end, is a matter of print.)"""
    ours, theirs = ecc.determine(ecc.read(facts)).as_json(), oracle.read(facts)
    assert ours["eligible"] == theirs["eligible"]
    if len(theirs) == 1:
        assert ours["credits"]["months"] in (None, 0)  # nothing is known, or nothing can have been earned either way
        return
    assert {name: ours[name] for name in DATES} == {name: theirs[name] and str(theirs[name]) for name in DATES}
    assert ours["credits"]["months"] == (theirs["credits"] and theirs["credits"]["months"])
    assert ours["credits"]["days"] == (theirs["credits"] and theirs["credits"]["days"])
    assert ours["discharge_due"] == (theirs["discharge_due"] or "not known")
    marks = {month["month"]: month["earned"] for month in ours["months"]}
    expected = theirs["months"] or {}
    assert {m: marks[m] for m in expected if m in marks} == {m: expected[m] for m in expected if m in marks}
    assert not [m for m in expected if m not in marks and expected[m] != "no"]


@many
@given(ecc_facts())
def test_it_agrees_with_a_second_reading_on_believable_terms(facts: dict[str, Any]) -> None:
    agree(facts)


@many
@given(uniform_facts())
def test_it_agrees_with_a_second_reading_on_whatever_can_be_entered(facts: dict[str, Any]) -> None:
    # Which of two findings of one day stands, no text tells; nor whether a withdrawal or a setting comes before or
    # after a filing or hearing of the same day.
    ordered_by_nobody = [
        e["on"]
        for e in facts["events"]
        if e["type"].startswith(("found_", "motion_", "hearing", "violation", "eligibility", "cods_"))
    ]
    assume(len(set(ordered_by_nobody)) == len(ordered_by_nobody))
    agree(facts)
