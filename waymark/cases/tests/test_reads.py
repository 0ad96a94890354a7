"""The lists: each shows what is in reach, in the order of the work, in the same number of queries for any length."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from waymark.cases.actions import add_note, enter_event, meet_deadline, record_determination, void_event
from waymark.cases.models import Deadline, Determination, Task
from waymark.cases.reads import (
    caseload,
    changed_since,
    clocks_about_to_be_missed,
    current_determinations,
    determinations_of,
    discharges_due,
    docket_rows,
    due,
    earlier_dates,
    officers_of,
    unit_overview,
)
from waymark.cases.tests.make import make_case, make_event, make_party, make_term
from waymark.people.tests.make import assign, make_person

pytestmark = pytest.mark.django_db

TODAY = date(2019, 5, 1)
AT = datetime(2019, 5, 1, 20, tzinfo=UTC)


def make_running(officer, judge=None, **said):
    """A term with a determination as of today."""
    term = make_term(officer=officer, **said)
    record_determination(term, TODAY, "asked", None, at=AT)
    if judge:
        make_party(term.case, judge)
    return term


def make_deadline(term, days: int, owner=None, name="Final Case Summary Report", **said) -> Deadline:
    """Open since a month ago, closing so many days from today."""
    decided = Determination.objects.get(term=term, current=True)
    return Deadline.objects.create(
        term=term,
        determination=decided,
        name=name,
        cite="217.703.10",
        because="",
        first_on=said.pop("first_on", TODAY - timedelta(days=30)),
        last_on=TODAY + timedelta(days=days),
        owner=owner,
        **said,
    )


@pytest.fixture
def running(officer):
    term = make_running(officer)
    Deadline.objects.all().delete()
    return term


def test_it_lists_the_running_terms_with_their_dates(officer, running):
    make_deadline(running, 2, officer)
    Task.objects.create(term=running, kind="date_changed", words="Moved.", owner=officer, created_at=AT)
    [row] = caseload(officer, TODAY)
    decided = Determination.objects.get(current=True)
    assert (row.person, row.case, row.term) == (running.case.person, running.case, running)
    assert (row.kind, row.begins_on, row.determination) == ("Probation", date(2018, 1, 15), decided)
    assert (row.open_deadlines, row.open_tasks, row.cannot_wait, row.change_days) == (1, 1, True, None)


def test_it_lists_the_three_people_only_what_each_may_see(officer, unit_mate, supervisor, stranger, running):
    seen = {user: len(caseload(user, TODAY)) for user in (officer, unit_mate, supervisor, stranger)}
    assert seen == {officer: 1, unit_mate: 0, supervisor: 1, stranger: 0}


def test_it_narrows_a_unit_to_one_officers_caseload(officer, unit_mate, supervisor, running):
    theirs = make_running(unit_mate)
    assert len(caseload(supervisor, TODAY)) == 2
    assert [row.term for row in caseload(supervisor, TODAY, officer=unit_mate)] == [theirs]


def test_it_says_how_far_the_date_moved_since_the_month_began(officer):
    term = make_term(officer=officer)
    record_determination(term, date(2019, 4, 30), "nightly", None, at=AT)
    assert [row.change_days for row in caseload(officer, TODAY)] == [0]
    make_event(term, "violation_report", TODAY)
    record_determination(term, TODAY, "report", None, at=AT)
    [row] = caseload(officer, TODAY)
    first, second = Determination.objects.order_by("pk")
    assert row.change_days == (second.optimal_discharge_date - first.optimal_discharge_date).days > 0


@pytest.mark.parametrize("ended", [{"kind": "discharged"}, {"kind": "hearing", "outcome": "revoked"}])
def test_it_lists_no_term_that_has_ended(officer, running, ended):
    event = make_event(running, on=date(2019, 4, 30), **ended)
    assert caseload(officer, TODAY) == []
    assert discharges_due(officer, TODAY, 10_000) == []
    assert len(caseload(officer, date(2019, 4, 29))) == 1
    void_event(event, reason="Another person's.", by=officer, version=running.case.version, at=AT)
    assert len(caseload(officer, TODAY)) == 1


def test_it_puts_first_what_cannot_wait(officer, running):
    soon = make_deadline(running, 3, officer, "a")
    missed = make_deadline(running, -2, officer, "b")
    later = make_deadline(running, 4, officer, "c")
    make_deadline(running, 90, officer, "d", first_on=TODAY + timedelta(days=31))
    task = Task.objects.create(term=running, kind="date_changed", words="Moved.", owner=officer, created_at=AT)
    rows = due(officer, TODAY)
    assert [(row.kind, row.pk) for row in rows] == [
        ("deadline", missed.pk),
        ("deadline", soon.pk),
        ("task", task.pk),
        ("deadline", later.pk),
    ]
    assert [row.cannot_wait for row in rows] == [True, True, False, False]
    assert [row.days_left for row in rows] == [-2, 3, None, 4]
    assert rows[2].since == TODAY


def test_it_drops_what_was_met_and_what_is_anothers(officer, unit_mate, supervisor, running):
    met = make_deadline(running, 2, officer, "a")
    make_deadline(running, 2, unit_mate, "b")
    assert [row.words for row in due(officer, TODAY)] == ["a"]
    meet_deadline(met, on=TODAY, how="Sent.", by=officer, at=AT)
    assert due(officer, TODAY) == []
    assert due(unit_mate, TODAY) == []  # hers by name, but the case is out of her reach


def test_it_shows_a_supervisor_the_clocks_about_to_be_missed(officer, supervisor, stranger, running):
    make_deadline(running, -1, officer, "missed")
    make_deadline(running, 7, None, "soon")
    make_deadline(running, 8, officer, "later")
    assert [row.words for row in clocks_about_to_be_missed(supervisor, TODAY)] == ["missed", "soon"]
    assert [row.words for row in clocks_about_to_be_missed(supervisor, TODAY, officer=officer)] == ["missed"]
    assert clocks_about_to_be_missed(stranger, TODAY) == []


def test_it_lists_who_could_be_discharged_soon(officer, supervisor, stranger, running):
    day = Determination.objects.get().optimal_discharge_date
    assert discharges_due(supervisor, day - timedelta(days=121)) == []
    [row] = discharges_due(supervisor, day - timedelta(days=120))
    assert (row.person, row.on, row.days_left, row.officer) == (running.case.person, day, 120, officer)
    assert discharges_due(stranger, day) == []
    assert [row.days_left for row in discharges_due(supervisor, day + timedelta(days=5))] == [-5]


def test_it_lists_nobody_who_earns_no_credits(officer):
    make_running(officer, offense={"offense_class": "B"})
    assert discharges_due(officer, TODAY, 10_000) == []


def test_it_tells_what_changed_since_the_officer_last_looked(officer, supervisor, stranger, term, at):
    before, later = at - timedelta(minutes=1), at + timedelta(hours=1)
    record_determination(term, TODAY, "asked", None, at=before)
    version = term.case.version
    report = enter_event(
        term, kind="violation_report", on=date(2019, 4, 9), by=officer, version=version, at=at + timedelta(minutes=1)
    )
    add_note(term.case, on=TODAY, words="Called.", by=officer, version=version + 1, at=at + timedelta(minutes=2))
    rows = changed_since(supervisor, at, TODAY)
    assert [row.what for row in rows] == ["Note entered", "Event entered", "Dates changed"]
    assert rows[1].words == "2019-04-09: Violation report submitted"
    assert [row.by for row in rows] == [officer, officer, officer]
    void_event(report, reason="Another person's.", by=supervisor, version=version + 2, at=later)
    [row] = [row for row in changed_since(officer, later - timedelta(minutes=1), TODAY) if row.what == "Event voided"]
    assert row.words.endswith("(Another person's.)")
    assert changed_since(stranger, before, TODAY) == []


def test_it_counts_the_work_of_a_unit_by_officer(officer, unit_mate, supervisor, stranger, running):
    make_deadline(running, 2, officer, "a")
    make_deadline(running, 20, officer, "b")
    Task.objects.create(term=running, kind="date_changed", words="Moved.", owner=officer, created_at=AT)
    make_person(unit_mate)
    make_person(unit=officer.unit)
    rows = {row.officer: row for row in unit_overview(supervisor, TODAY)}
    assert list(rows) == [officer, unit_mate, None]
    first = rows[officer]
    assert (first.people, first.open_deadlines, first.about_to_be_missed, first.open_tasks) == (1, 2, 1, 1)
    assert (rows[unit_mate].people, rows[None].people) == (1, 1)
    assert unit_overview(stranger, TODAY) == []


def test_it_counts_a_merged_person_once(officer, supervisor, running):
    kept = make_person(officer)
    person = running.case.person
    person.merged_into = kept
    person.save()
    assert [row.people for row in unit_overview(supervisor, TODAY)] == [1]
    assert [row.person for row in caseload(officer, TODAY)] == [kept]


def test_it_shows_a_judge_her_docket_by_the_next_hearing(officer, judge, prosecutor):
    without = make_running(officer, judge)
    later, soon = make_running(officer, judge), make_running(officer, judge)
    make_event(later, "hearing_set", date(2019, 4, 20), hearing_on=date(2019, 6, 3))
    make_event(soon, "hearing_set", date(2019, 4, 20), hearing_on=date(2019, 5, 6))
    make_event(without, "hearing_set", date(2019, 4, 1), hearing_on=date(2019, 4, 8))
    rows = docket_rows(judge, TODAY)
    assert [row.term for row in rows] == [soon, later, without]
    assert rows[0].next_hearing.hearing_on == date(2019, 5, 6)
    assert rows[2].next_hearing is None
    assert rows[0].determination == Determination.objects.get(term=soon)
    assert docket_rows(prosecutor, TODAY) == []


def test_it_shows_a_case_without_a_term_on_the_docket(officer, judge):
    case = make_case(officer=officer)
    make_party(case, judge)
    [row] = docket_rows(judge, TODAY)
    assert (row.case, row.term, row.determination) == (case, None, None)


def test_it_keeps_the_determinations_of_a_term(officer):
    term = make_term(officer=officer)
    first = record_determination(term, TODAY, "term entered", None, at=AT)
    make_event(term, "violation_report", date(2019, 4, 9))
    second = record_determination(term, TODAY, "report", None, at=AT + timedelta(minutes=1))
    assert list(determinations_of(term)) == [second, first]
    assert current_determinations([term]) == {term.pk: second}
    assert earlier_dates([term]) == {term.pk: first.optimal_discharge_date}


def test_it_knows_no_earlier_date_where_there_was_none(running):
    assert earlier_dates([running]) == {}


def test_it_tells_a_participant_who_supervises_her(officer, unit_mate, participant):
    person = make_person(officer, account=participant)
    assert officers_of(participant, TODAY) == [officer]
    person.assignments.update(until_on=TODAY)
    assign(person, unit_mate, from_on=TODAY)
    assert officers_of(participant, TODAY) == [unit_mate]


@pytest.mark.parametrize(
    "read",
    [
        lambda who: caseload(who["supervisor"], TODAY),
        lambda who: caseload(who["supervisor"], TODAY, officer=who["officer"]),
        lambda who: due(who["officer"], TODAY),
        lambda who: clocks_about_to_be_missed(who["supervisor"], TODAY, 10_000),
        lambda who: discharges_due(who["supervisor"], TODAY, 10_000),
        lambda who: changed_since(who["supervisor"], AT - timedelta(days=9_999), TODAY),
        lambda who: unit_overview(who["supervisor"], TODAY),
        lambda who: docket_rows(who["judge"], TODAY),
    ],
    ids=["caseload", "one caseload", "due", "clocks", "discharges", "changes", "unit", "docket"],
)
def test_it_asks_the_same_number_of_queries_for_one_and_for_many(officer, supervisor, judge, read):
    who = {"officer": officer, "supervisor": supervisor, "judge": judge}
    make_running(officer, judge)
    with CaptureQueriesContext(connection) as one:
        assert read(who)
    for _ in range(6):
        make_running(officer, judge)
    with CaptureQueriesContext(connection) as many:
        assert read(who)
    assert len(many) == len(one)
