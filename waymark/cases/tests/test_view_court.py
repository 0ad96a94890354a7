"""The docket and the court's page of one case: read-only, fit for print, as it stood and as it was known."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from waymark.audit.models import Entry
from waymark.cases.actions.determinations import record_determination
from waymark.cases.models import Condition, Determination, Event, Note
from waymark.cases.tests.make import make_case, make_culp_term, make_event, make_party, make_term
from waymark.people.tests.make import make_person
from waymark.web.clock import now, today

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2017, 6, 1, 15, tzinfo=UTC)


def text(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def culp(officer, judge):
    """Culp's term, entered in June 2017, before the judge."""
    term = make_culp_term(case=make_case(make_person(officer, given_name="Terri", family_name="Culp")))
    term.entries.update(entered_at=LONG_AGO)
    term.charge.entries.update(entered_at=LONG_AGO)
    Event.objects.filter(term=term).update(entered_at=LONG_AGO)
    make_party(term.case, judge)
    return term


def page(client, term, **asked):
    return client.get(reverse("court_case", args=[term.case_id]), asked)


def test_it_lists_the_cases_the_account_takes_part_in(sign_in, judge, culp):
    make_term(make_case(make_person(family_name="Unrelated")))
    shown = text(sign_in(judge).get(reverse("docket")))
    assert "Culp, Terri" in shown
    assert "Unrelated" not in shown
    assert "You take part in 1 case:" in shown


def test_it_drops_a_case_when_the_account_has_left_it(sign_in, judge):
    term = make_term()
    make_party(term.case, judge, until_on=today())
    client = sign_in(judge)
    assert term.case.number not in text(client.get(reverse("docket")))
    assert page(client, term).status_code == 404


@pytest.mark.parametrize("role", ["judge", "prosecutor", "defender"])
def test_it_opens_to_each_party(request, sign_in, culp, role):
    account = request.getfixturevalue(role)
    if role != "judge":
        assert page(sign_in(account), culp).status_code == 404
        make_party(culp.case, account)
    assert page(sign_in(account), culp).status_code == 200


def test_it_looks_the_same_forbidden_and_unknown(request, sign_in, culp):
    for role in ("prosecutor", "officer", "participant", "administrator"):
        client = sign_in(request.getfixturevalue(role))
        forbidden = page(client, culp)
        unknown = client.get(reverse("court_case", args=[999_999]))
        assert (forbidden.status_code, forbidden.content) == (404, unknown.content)


def test_it_answers_as_of_a_day(sign_in, judge, culp):
    client = sign_in(judge)
    assert "T. Culp may be discharged on Friday, June 1, 2018" in text(page(client, culp, as_of="2018-05-31"))
    assert "T. Culp reached discharge on Friday, June 1, 2018" in text(page(client, culp, as_of="2018-06-01"))


def test_it_answers_as_the_case_was_known_on_a_day(sign_in, judge, culp):
    make_event(culp, Event.Kind.VIOLATION_REPORT, date(2017, 9, 5), entered_at=datetime(2018, 2, 1, 15, tzinfo=UTC))
    client = sign_in(judge)
    knew_two = text(page(client, culp, as_of="2018-01-31", known_at="2018-01-31"))
    knew_three = text(page(client, culp, as_of="2018-01-31", known_at="2018-02-01"))
    assert "2017-09-05" not in knew_two
    assert "2017-09-05 Tue: Violation report submitted" in knew_three


def test_it_says_what_is_wrong_with_a_day_and_shows_today(sign_in, judge, culp):
    shown = text(page(sign_in(judge), culp, as_of="31 February"))
    assert "There is no such day. Give it as year, month, day, such as 2024-09-09." in shown
    assert f"As it stood on {today():%Y-%m-%d %a}" in shown


def test_it_shows_the_recorded_determination_where_no_day_is_asked(sign_in, judge, culp):
    kept = record_determination(culp, today(), "test", None)
    client = sign_in(judge)
    assert f"No. {kept.pk}, recorded" in text(page(client, culp))
    assert "worked out for this page and not recorded" in text(page(client, culp, as_of="2018-01-31"))
    assert Determination.objects.count() == 1


def test_it_gives_the_findings_in_their_own_words_with_citations(sign_in, judge, culp):
    kept = record_determination(culp, today(), "test", None)
    shown = text(page(sign_in(judge), culp))
    finding = kept.answer["findings"]
    assert f"The person {finding['words']}" in shown
    assert all(f"({part['cite']})" in shown for part in finding["parts"])
    assert all(reading["taken"] in shown.replace("&#x27;", "'") for reading in kept.answer["interpretations"])
    assert "2015-11 to 2017-02" in shown
    assert "a violation report was submitted on 2017-03-16 (217.703.5)" in shown


def test_it_shows_hearings_and_conditions_and_no_office_papers(sign_in, judge, culp, officer):
    make_event(culp, Event.Kind.HEARING_SET, today() - timedelta(days=2), hearing_on=today() + timedelta(days=9))
    Condition.objects.create(term=culp, kind="special", words="Forty hours of service", counted_in="hours", amount=40)
    Note.objects.create(case=culp.case, on=today(), words="Called her mother.", entered_at=now(), entered_by=officer)
    shown = text(page(sign_in(judge), culp))
    assert f"{today() + timedelta(days=9):%Y-%m-%d %a}: <strong>set</strong>" in shown
    assert "0 of 40 hours" in shown
    assert "Called her mother" not in shown
    assert ">Caseload<" not in shown


def test_it_names_the_faults_of_a_record_that_cannot_be_right(sign_in, judge):
    term = make_term(years=9)
    make_party(term.case, judge)
    shown = text(page(sign_in(judge), term))
    assert "the record cannot be right as it stands" in shown
    assert "above the maximum" in shown


def test_it_writes_the_read_to_the_audit_chain_with_the_day_asked(sign_in, judge, culp):
    page(sign_in(judge), culp, as_of="2018-05-31")
    told = Entry.objects.get(verb="case.viewed")
    assert (told.actor_id, told.person_id, told.why) == (judge.pk, culp.case.person_id, "as_of 2018-05-31")


def test_it_hands_out_the_docket_as_csv(sign_in, judge, culp):
    response = sign_in(judge).get(reverse("docket"), {"format": "csv"})
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row[:3] for row in rows[1:]] == [["Culp", "Terri", culp.case.number]]


def test_it_asks_the_database_as_often_for_fifty_as_for_one(sign_in, judge, culp):
    client = sign_in(judge)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("docket")).status_code == 200
        return len(asked)

    queries()
    one = queries()
    for _ in range(49):
        make_party(make_term().case, judge)
    assert queries() == one


def docket(client) -> str:
    return text(client.get(reverse("docket")))


def test_it_calls_discharge_due_only_where_the_term_still_runs(sign_in, judge, officer):
    """Three people reach discharge by credits: one is on supervision still, one was discharged, one term ran out."""
    begins_on = today() - timedelta(days=4 * 365)
    due, discharged = (make_term(officer=officer, begins_on=begins_on) for _ in range(2))
    ran_out = make_term(officer=officer, begins_on=date(2013, 1, 15))
    make_event(discharged, Event.Kind.DISCHARGED, date(2025, 11, 26))
    for term in (due, discharged, ran_out):
        make_party(term.case, judge)
        assert record_determination(term, today(), "test", None).discharge_due == "yes"
    shown = docket(sign_in(judge))
    assert "You take part in 3 cases: 0 have a hearing ahead, and discharge is due in 1." in shown
    assert "closed 2025-11-26 Wed<br>discharged" in shown
    assert "closed 2018-01-14 Sun<br>ran out" in shown
    assert [shown.index(term.case.number) for term in (due, discharged, ran_out)] == sorted(
        shown.index(term.case.number) for term in (due, discharged, ran_out)
    )


def test_it_alarms_no_judge_over_an_ordinary_term(sign_in, judge, officer):
    term = make_term(officer=officer, begins_on=today() - timedelta(days=100))
    make_party(term.case, judge)
    record_determination(term, today(), "test", None)
    shown = docket(sign_in(judge))
    assert "not yet" in shown
    assert "wm-answer--no" not in shown


def test_it_says_that_the_court_has_discharged_the_person(sign_in, judge, culp):
    make_event(culp, Event.Kind.DISCHARGED, date(2019, 11, 26))
    record_determination(culp, today(), "test", None)
    shown = text(page(sign_in(judge), culp))
    assert "T. Culp was discharged on Tuesday, November 26, 2019." in shown
    assert "closed: discharged 2019-11-26 Tue" in shown
    assert "reached discharge on Friday, June 1, 2018" in text(page(sign_in(judge), culp, as_of="2018-06-01"))
