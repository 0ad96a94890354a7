"""A person's cases and timeline, as a page and as a part of the person's page."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from waymark.audit.models import Entry
from waymark.cases.actions.determinations import record_determination
from waymark.cases.models import Event
from waymark.cases.tests.make import make_case, make_event, make_term
from waymark.people.tests.make import make_person
from waymark.web.clock import now, today

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return " ".join(response.content.decode().split())


def page(client, person, **headers):
    return client.get(reverse("person_cases", args=[person.pk]), headers=headers)


def test_it_tells_cases_terms_and_what_happened(sign_in, officer):
    term = make_term(officer=officer, begins_on=date(2024, 3, 20))
    make_event(term, Event.Kind.VIOLATION_REPORT, date(2024, 9, 9))
    shown = text(page(sign_in(officer), term.case.person))
    assert "has 1 case and 1 running term." in shown
    assert term.case.number in shown
    assert "2024-09-09 Mon</span> <span>Violation report submitted" in shown


def test_it_leaves_out_what_was_voided_and_says_what_has_ended(sign_in, officer):
    term = make_term(officer=officer)
    make_event(term, Event.Kind.CUSTODY_START, date(2019, 9, 9), voided_at=now(), void_reason="Another person.")
    make_event(term, Event.Kind.DISCHARGED, date(2020, 2, 3))
    shown = text(page(sign_in(officer), term.case.person))
    assert "Taken into custody" not in shown
    assert "discharged 2020-02-03 Mon" in shown
    assert "0 running terms" in shown


def test_it_calls_nothing_due_once_the_court_has_discharged(sign_in, officer):
    term = make_term(officer=officer)
    record_determination(term, today(), "test", None)
    client, due = sign_in(officer), '<span class="wm-tag">due</span>'
    assert due in text(page(client, term.case.person))
    make_event(term, Event.Kind.DISCHARGED, date(2020, 2, 3))
    assert due not in text(page(client, term.case.person))


def test_it_gathers_the_cases_of_merged_records(sign_in, officer):
    kept = make_person(officer)
    absorbed = make_person(merged_into=kept)
    numbers = [make_term(make_case(person)).case.number for person in (kept, absorbed)]
    shown = text(page(sign_in(officer), kept))
    assert all(number in shown for number in numbers)


def test_it_is_a_part_without_a_frame_for_the_persons_page(sign_in, officer):
    term = make_term(officer=officer)
    part = page(sign_in(officer), term.case.person, hx_request="true")
    assert "<html" not in text(part)
    assert term.case.number in text(part)
    assert "HX-Request" in part["Vary"]


def test_it_keeps_determinations_from_roles_that_do_not_see_them(sign_in, officer, diversion_case_manager):
    term = make_term(officer=officer)
    assert "Discharge if all goes well" in text(page(sign_in(officer), term.case.person))
    own = make_term(officer=diversion_case_manager)
    assert "Discharge if all goes well" not in text(page(sign_in(diversion_case_manager), own.case.person))


def test_it_looks_the_same_forbidden_and_unknown(request, sign_in, officer):
    person = make_term(officer=officer).case.person
    for role in ("unit_mate", "stranger", "judge", "participant", "auditor", "administrator"):
        client = sign_in(request.getfixturevalue(role))
        forbidden, unknown = page(client, person), client.get(reverse("person_cases", args=[999_999]))
        assert (forbidden.status_code, forbidden.content) == (404, unknown.content)


def test_it_writes_the_read_to_the_audit_chain(sign_in, officer):
    person = make_term(officer=officer).case.person
    page(sign_in(officer), person)
    assert Entry.objects.get(verb="person.cases_viewed").person_id == person.pk


def test_it_asks_the_database_as_often_for_fifty_as_for_one(sign_in, officer):
    client, person = sign_in(officer), make_person(officer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert page(client, person).status_code == 200
        return len(asked)

    def add() -> None:
        make_event(make_term(make_case(person)), Event.Kind.VIOLATION_REPORT, today())

    add()
    queries()
    one = queries()
    for _ in range(49):
        add()
    assert queries() == one
