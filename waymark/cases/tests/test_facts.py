"""What is recorded becomes exactly the question of `waymark law ecc`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from waymark.cases.facts import chapter_of, ecc_facts, law_facts_for
from waymark.cases.models import Charge, ChargeEntry, Event, Term, TermEntry
from waymark.cases.tests.make import make_case, make_culp_term, make_event, make_term

pytestmark = pytest.mark.django_db

MONDAY = datetime(2020, 3, 2, 15, tzinfo=UTC)


def test_it_writes_the_culp_question_as_the_contract_does():
    facts = ecc_facts(make_culp_term(), date(2018, 9, 15))
    assert facts == {
        "as_of": "2018-09-15",
        "term": {
            "kind": "probation",
            "begins_on": "2015-10-19",
            "years": 5,
            "months": 0,
            "sentence": "SES",
            "sentenced_on": "2015-10-19",
            "extensions": [],
        },
        "offense": {"section": "570.030", "chapter": 570, "class": "C", "felony": True},
        "supervised_by_division": True,
        "lifetime_supervision": False,
        "restitution": {"ordered": False, "paid_in_full_on": None},
        "events": [
            {"on": "2017-03-16", "type": "violation_report"},
            {"on": "2017-04-10", "type": "violation_report"},
        ],
    }


def test_it_says_none_for_what_is_not_recorded():
    term = Term.objects.create(case=make_case())
    TermEntry.objects.create(term=term, kind="parole", begins_on=date(2020, 1, 1), entered_at=MONDAY)
    facts = ecc_facts(term, date(2020, 5, 1))
    assert facts["offense"] == {"section": None, "chapter": None, "class": None, "felony": None}
    assert facts["restitution"] == {"ordered": None, "paid_in_full_on": None}
    assert facts["term"]["sentence"] is facts["term"]["sentenced_on"] is facts["term"]["years"] is None
    assert facts["supervised_by_division"] is facts["lifetime_supervision"] is None


def test_it_hands_extensions_restitution_and_hearings_where_the_question_asks_for_them():
    term = make_term(restitution_ordered=True)
    make_event(term, "term_extended", date(2019, 5, 2), years=1, violation_found=True)
    make_event(term, "hearing_set", date(2019, 4, 1), hearing_on=date(2019, 5, 2))
    make_event(term, "hearing", date(2019, 5, 2), outcome="continued")
    make_event(term, "restitution_paid", date(2019, 6, 3))
    make_event(term, "discharged", date(2019, 7, 1))
    facts = ecc_facts(term, date(2019, 8, 1))
    assert facts["term"]["extensions"] == [
        {"ordered_on": "2019-05-02", "years": 1, "months": 0, "violation_found": True}
    ]
    assert facts["restitution"] == {"ordered": True, "paid_in_full_on": "2019-06-03"}
    assert facts["events"] == [
        {"on": "2019-04-01", "type": "hearing_set", "hearing_on": "2019-05-02"},
        {"on": "2019-05-02", "type": "hearing", "outcome": "continued"},
    ]


def test_it_leaves_out_what_had_not_happened_on_the_day():
    term = make_term()
    make_event(term, "violation_report", date(2019, 5, 2))
    assert ecc_facts(term, date(2019, 5, 1))["events"] == []
    assert len(ecc_facts(term, date(2019, 5, 2))["events"]) == 1


def test_it_shows_the_record_as_it_was_known():
    """A report of 3 February entered on Monday, voided on Wednesday: known on Tuesday alone."""
    term = make_term(entered_at=MONDAY - timedelta(days=30))
    report = make_event(term, "violation_report", date(2020, 2, 3), MONDAY)
    Event.objects.filter(pk=report.pk).update(voided_at=MONDAY + timedelta(days=2), void_reason="Another person's.")
    known = {
        days: len(ecc_facts(term, date(2020, 3, 10), MONDAY + timedelta(days=days))["events"]) for days in (-1, 0, 1, 2)
    }
    assert known == {-1: 0, 0: 1, 1: 1, 2: 0}
    assert ecc_facts(term, date(2020, 3, 10))["events"] == []


def test_it_takes_the_term_and_the_charge_as_they_were_known_too():
    term = make_term(entered_at=MONDAY)
    later = MONDAY + timedelta(days=1)
    for rows, anchor, changed in (
        (TermEntry, {"term": term}, {"years": 3}),
        (ChargeEntry, {"charge": Charge.objects.get(pk=term.charge_id)}, {"offense_class": "E"}),
    ):
        old = rows.objects.get(**anchor)
        rows.objects.filter(pk=old.pk).update(voided_at=later, void_reason="Misread.")
        old.pk, old.entered_at = None, later
        for name, value in changed.items():
            setattr(old, name, value)
        old.save()
    before, after = (ecc_facts(term, date(2020, 5, 1), at) for at in (MONDAY, later))
    assert (before["term"]["years"], before["offense"]["class"]) == (5, "D")
    assert (after["term"]["years"], after["offense"]["class"]) == (3, "E")


@pytest.mark.parametrize(
    ("section", "chapter"), [("565.052.1(2)", 565), ("195.202", 195), ("Ord. 716", None), ("", None)]
)
def test_it_reads_the_chapter_before_the_dot(section, chapter):
    assert chapter_of(section) == chapter


@pytest.mark.parametrize("number", [1, 12])
def test_it_asks_three_queries_for_any_number_of_terms(number, django_assert_num_queries):
    terms = [make_culp_term() for _ in range(number)]
    with django_assert_num_queries(3):
        facts = law_facts_for(terms, date(2018, 9, 15))
    assert all(len(facts[term.pk]["events"]) == 2 for term in terms)
