"""Determinations: listed, compared, and fit for print for the court."""

from __future__ import annotations

from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from waymark.audit.models import Entry
from waymark.cases.actions.determinations import record_determination
from waymark.cases.actions.events import enter_event
from waymark.cases.models import Determination
from waymark.cases.tests.make import make_culp_term, make_party, make_term

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return unescape(" ".join(response.content.decode().split()))


@pytest.fixture
def term(officer):
    return make_term(officer=officer, begins_on=date(2024, 3, 20))


@pytest.fixture
def two(term, officer):
    """One before a report was entered, one after."""
    before = record_determination(term, date(2024, 12, 1), "term entered", officer)
    enter_event(term, kind="violation_report", on=date(2024, 9, 9), by=officer, version=term.case.version)
    after = Determination.objects.get(current=True)
    return before, after


def test_it_lists_the_determinations_of_a_term(sign_in, officer, term, two):
    said = text(sign_in(officer).get(reverse("compare", args=[term.pk])))
    assert "2 determinations of this term are on record." in said
    assert "Violation report submitted: entered" in said


def test_it_says_what_will_appear_when_there_is_none(sign_in, officer, term):
    assert "No determination of this term is on record yet." in text(
        sign_in(officer).get(reverse("compare", args=[term.pk]))
    )


def test_it_compares_dates_months_and_facts(sign_in, officer, term, two):
    asked = {"before": two[0].pk, "after": two[1].pk}
    answered = sign_in(officer).get(reverse("compare", args=[term.pk]), asked)
    difference = answered.context["difference"]
    assert ("September 2024", "earned", "lost") in [(m.name, m.before, m.after) for m in difference.months]
    assert [fact.value for fact in difference.facts_only_after if fact.words == "Event"] == [
        "2024-09-09 Mon: Violation report submitted"
    ]
    assert "moved from" in text(answered)


def test_it_compares_only_determinations_of_the_term(sign_in, officer, term, two):
    other = record_determination(make_culp_term(officer=officer), date(2018, 9, 15), "asked", officer)
    asked = {"before": two[0].pk, "after": other.pk}
    assert sign_in(officer).get(reverse("compare", args=[term.pk]), asked).status_code == 404


def test_it_hands_the_list_out_as_csv(sign_in, officer, term, two):
    got = sign_in(officer).get(reverse("compare", args=[term.pk]), {"format": "csv"})
    lines = got.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("as of,recorded at")
    assert len(lines) == 3


def test_it_prints_why_culp_ended_on_the_first_of_june(sign_in, officer):
    kept = record_determination(make_culp_term(officer=officer), date(2018, 9, 15), "hearing preparation", officer)
    said = text(sign_in(officer).get(reverse("determination", args=[kept.pk])))
    assert "D. Reyes reached discharge on Friday, June 1, 2018." in said
    assert "a violation report was submitted on 2017-03-16" in said
    assert said.count("<details open>") == 4  # paper cannot be clicked


def test_it_says_when_a_later_one_took_its_place(sign_in, officer, two):
    client = sign_in(officer)
    replaced = "A later determination has taken its place."
    assert replaced in text(client.get(reverse("determination", args=[two[0].pk])))
    assert replaced not in text(client.get(reverse("determination", args=[two[1].pk])))


def test_it_is_not_there_for_others(sign_in, unit_mate, stranger, program_instructor, two):
    address = reverse("determination", args=[two[0].pk])
    for other in (unit_mate, stranger, program_instructor):
        assert sign_in(other).get(address).status_code == 404


def test_it_opens_to_the_judge_of_the_case_alone(sign_in, judge, prosecutor, term, two):
    make_party(term.case, judge)
    address = reverse("court_determination", args=[two[1].pk])
    assert sign_in(judge).get(address).status_code == 200
    assert sign_in(prosecutor).get(address).status_code == 404
    assert sign_in(judge).get(reverse("determination", args=[two[1].pk])).status_code == 404


def test_it_writes_the_read_to_the_audit_chain(sign_in, officer, two):
    sign_in(officer).get(reverse("determination", args=[two[1].pk]))
    told = Entry.objects.get(verb="determination.viewed")
    assert (told.actor_id, told.subject_id) == (officer.pk, str(two[1].pk))
