"""The case page: who sees it, what it answers first, and how it looked back then."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from waymark.audit.models import Entry
from waymark.cases.actions.events import void_event
from waymark.cases.models import Condition, ConditionProgress, Document, Event, Note
from waymark.cases.tests.make import make_case, make_event, make_term
from waymark.cases.views import case as case_view

pytestmark = pytest.mark.django_db


def page(client, term, **asked):
    return client.get(reverse("case", args=[term.case_id]), asked)


def text(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def running(officer, monkeypatch):
    """A term that began in 2024, looked at on 1 December 2024."""
    monkeypatch.setattr(case_view, "today", lambda: date(2024, 12, 1))
    return make_term(officer=officer, begins_on=date(2024, 3, 20), entered_at=datetime(2024, 3, 21, 15, tzinfo=UTC))


def test_it_opens_to_the_officer_who_supervises(sign_in, officer, running):
    assert page(sign_in(officer), running).status_code == 200


def test_it_is_not_there_for_her_unit_mate_nor_for_a_stranger(sign_in, unit_mate, stranger, running):
    for other in (unit_mate, stranger):
        forbidden = page(sign_in(other), running)
        unknown = sign_in(other).get(reverse("case", args=[999_999]))
        assert (forbidden.status_code, forbidden.content) == (404, unknown.content)


@pytest.mark.parametrize("role", ["judge", "participant", "auditor", "administrator"])
def test_it_is_not_there_for_roles_that_do_not_work_on_cases(request, sign_in, running, role):
    assert page(sign_in(request.getfixturevalue(role)), running).status_code == 404


def test_it_sends_the_anonymous_to_sign_in(client, running):
    assert page(client, running).status_code == 302


def test_it_writes_the_read_to_the_audit_chain(sign_in, officer, running):
    page(sign_in(officer), running)
    told = Entry.objects.get(verb="case.viewed")
    assert (told.actor_id, told.person_id) == (officer.pk, running.case.person_id)


def test_it_answers_first_when_the_person_may_be_discharged(sign_in, officer, running):
    assert "<h1>D. Reyes may be discharged on" in text(page(sign_in(officer), running))


def test_it_says_that_a_case_has_no_term_yet(sign_in, officer):
    case = make_case(officer=officer)
    said = text(sign_in(officer).get(reverse("case", args=[case.pk])))
    assert f"No term of supervision of D. Reyes is on record in case {case.number}." in said


def test_it_gives_no_dates_to_those_who_see_cases_without_determinations(sign_in, officer, program_instructor):
    term = make_term(officer=program_instructor, begins_on=date(2024, 3, 20))
    said = text(page(sign_in(program_instructor), term))
    assert "may be discharged" not in said
    assert reverse("credits", args=[term.pk]) not in said


def test_it_offers_writing_to_those_who_may_write_alone(sign_in, officer, evaluator, running):
    theirs = make_term(officer=evaluator, begins_on=date(2024, 3, 20))
    assert reverse("event_new", args=[running.pk]) in text(page(sign_in(officer), running))
    assert "/new/" not in text(page(sign_in(evaluator), theirs))


def test_it_strikes_through_what_was_voided_with_the_reason(sign_in, officer, running):
    event = make_event(running, "violation_report", date(2024, 9, 9))
    void_event(event, reason="It was another person's report.", by=officer, version=running.case.version)
    said = text(page(sign_in(officer), running))
    assert "<s>Violation report submitted</s>" in said
    assert "It was another person&#x27;s report." in said


def test_it_shows_the_case_as_it_stood_on_a_day(sign_in, officer, running):
    make_event(running, "violation_report", date(2024, 9, 9), words="Missed three visits.")
    client = sign_in(officer)
    assert "Missed three visits." in text(page(client, running, on="2024-09-09"))
    assert "Missed three visits." not in text(page(client, running, on="2024-09-08"))


def test_it_shows_the_case_as_it_was_known_on_a_day(sign_in, officer, running):
    entered = datetime(2024, 10, 2, 15, tzinfo=UTC)
    make_event(running, "violation_report", date(2024, 9, 9), entered_at=entered, words="Missed three visits.")
    client = sign_in(officer)
    assert "Missed three visits." in text(page(client, running, known_on="2024-10-02"))
    assert "Missed three visits." not in text(page(client, running, known_on="2024-10-01"))


def test_it_knew_the_voided_as_standing_before_it_was_voided(sign_in, officer, running):
    entered, voided = datetime(2024, 9, 10, 15, tzinfo=UTC), datetime(2024, 11, 5, 15, tzinfo=UTC)
    event = make_event(running, "violation_report", date(2024, 9, 9), entered_at=entered)
    Event.objects.filter(pk=event.pk).update(voided_at=voided, void_reason="Wrong case.")
    client = sign_in(officer)
    assert "<s>" not in text(page(client, running, known_on="2024-11-04"))
    assert "<s>Violation report submitted</s>" in text(page(client, running, known_on="2024-11-05"))


def test_it_keeps_what_was_typed_when_the_day_does_not_exist(sign_in, officer, running):
    said = text(page(sign_in(officer), running, on="2024-02-31"))
    assert "there is no such day" in said
    assert 'value="2024-02-31"' in said


def test_it_says_progress_in_words_beside_the_bar(sign_in, officer, running):
    condition = Condition.objects.create(
        term=running, kind="special", words="Community service", counted_in="hours", amount=40
    )
    ConditionProgress.objects.create(
        condition=condition, on=date(2024, 8, 1), amount=26, entered_at=datetime(2024, 8, 1, 15, tzinfo=UTC)
    )
    said = text(page(sign_in(officer), running))
    assert '<progress max="40" value="26"' in said
    assert "26 of 40 hours" in said


def test_it_says_which_hearing_lapsed(sign_in, officer, running):
    make_event(running, "hearing_set", date(2024, 9, 1), hearing_on=date(2024, 10, 1))
    said = text(page(sign_in(officer), running))
    assert "lapsed" in said
    assert "the day passed and no hearing is entered" in said


def test_it_asks_as_many_queries_for_one_event_as_for_many(sign_in, officer, running):
    client = sign_in(officer)

    def queries(days: range) -> int:
        for day in days:
            at = running.case.created_at
            make_event(running, "violation_report", date(2024, 9, day), entered_at=at, entered_by=officer)
            Note.objects.create(case=running.case, on=date(2024, 9, day), words="Seen.", entered_at=at)
        with CaptureQueriesContext(connection) as asked:
            page(client, running)
        return len(asked)

    queries(range(1, 2))  # the first page of a session asks what later ones need not
    assert queries(range(2, 3)) == queries(range(3, 28))


def test_it_hands_out_a_document_to_be_saved_and_never_to_be_run(sign_in, officer, running, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = sign_in(officer)
    typed = {
        "version": running.case.version,
        "title": "Letter",
        "file": SimpleUploadedFile("letter.html", b"<script>alert(1)</script>", "text/html"),
    }
    client.post(reverse("document_new", args=[running.case_id]), typed)
    document = Document.objects.get()
    got = client.get(reverse("document", args=[document.pk]))
    assert b"".join(got.streaming_content) == b"<script>alert(1)</script>"
    assert got["Content-Disposition"] == 'attachment; filename="letter.html"'
    assert got["X-Content-Type-Options"] == "nosniff"
    assert got["Content-Type"].startswith("text/plain")


def test_it_hands_no_document_to_a_stranger(sign_in, officer, stranger, running, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    typed = {"version": running.case.version, "title": "Letter", "file": SimpleUploadedFile("a.txt", b"words")}
    sign_in(officer).post(reverse("document_new", args=[running.case_id]), typed)
    document = Document.objects.get()
    assert sign_in(stranger).get(reverse("document", args=[document.pk])).status_code == 404


def test_it_offers_no_writing_while_it_looks_back(sign_in, officer, running):
    client = sign_in(officer)
    assert reverse("event_new", args=[running.pk]) in text(page(client, running))
    assert reverse("event_new", args=[running.pk]) not in text(page(client, running, on="2024-10-01"))
