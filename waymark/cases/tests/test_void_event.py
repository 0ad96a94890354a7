"""A mistake is voided with a reason and entered anew; it stays in the record."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from waymark.audit.models import Entry
from waymark.cases.actions import CannotEnter, StaleCase, enter_event, record_determination, void_event
from waymark.cases.facts import ecc_facts
from waymark.cases.models import Determination, Event, Task

pytestmark = pytest.mark.django_db

TODAY = date(2019, 5, 1)


@pytest.fixture
def report(term, officer, at):
    record_determination(term, TODAY, "term entered", None, at=at)
    return enter_event(term, kind="violation_report", on=date(2019, 4, 9), by=officer, version=term.case.version, at=at)


def test_it_keeps_the_row_with_who_when_and_why(report, supervisor, at):
    later = at + timedelta(hours=1)
    void_event(report, reason="Another person's report.", by=supervisor, version=report.term.case.version, at=later)
    kept = Event.objects.get(pk=report.pk)
    assert (kept.voided_by, kept.voided_at, kept.void_reason) == (supervisor, later, "Another person's report.")
    assert Entry.objects.get(verb="event.voided").why == "Another person's report."


def test_it_determines_the_term_as_if_it_had_not_been(report, supervisor, at):
    dates = [row.optimal_discharge_date for row in Determination.objects.order_by("pk")]
    later = at + timedelta(hours=1)
    void_event(report, reason="Another person's.", by=supervisor, version=report.term.case.version, at=later)
    assert Determination.objects.get(current=True).optimal_discharge_date == dates[0] != dates[1]


def test_it_closes_the_task_when_the_dates_are_what_they_were(report, supervisor, at):
    task = Task.objects.get(kind="date_changed")
    assert task.state == "open"
    void_event(report, reason="Another person's.", by=supervisor, version=report.term.case.version, at=at)
    task.refresh_from_db()
    assert (task.state, task.outcome) == ("done", "The dates are again what they were.")
    assert Task.objects.count() == 1


def test_it_shows_the_case_as_it_was_known_before(report, supervisor, at):
    later = at + timedelta(hours=1)
    void_event(report, reason="Another person's.", by=supervisor, version=report.term.case.version, at=later)
    known_then = ecc_facts(report.term, TODAY, at + timedelta(minutes=30))
    known_now = ecc_facts(report.term, TODAY, later)
    assert (len(known_then["events"]), len(known_now["events"])) == (1, 0)


def test_it_asks_for_a_reason(report, at):
    with pytest.raises(CannotEnter) as refused:
        void_event(report, reason="  ", by=None, version=report.term.case.version, at=at)
    assert refused.value.faults[0][0] == "reason"
    assert Event.objects.get(pk=report.pk).voided_at is None


def test_it_tells_the_second_of_two_who_void_the_same(report, officer, supervisor, at):
    seen = report.term.case.version
    void_event(report, reason="Another person's.", by=officer, version=seen, at=at)
    with pytest.raises(StaleCase):
        void_event(report, reason="Wrong day.", by=supervisor, version=seen, at=at)
    with pytest.raises(StaleCase):
        void_event(report, reason="Wrong day.", by=supervisor, version=seen + 1, at=at)
    assert Event.objects.get(pk=report.pk).void_reason == "Another person's."


def test_it_refuses_where_another_event_makes_no_sense_without_it(term, at):
    start = enter_event(term, kind="custody_start", on=date(2019, 2, 1), by=None, version=term.case.version, at=at)
    end = enter_event(term, kind="custody_end", on=date(2019, 3, 1), by=None, version=term.case.version, at=at)
    with pytest.raises(CannotEnter, match="custody"):
        void_event(start, reason="Wrong day.", by=None, version=term.case.version, at=at)
    void_event(end, reason="Wrong day.", by=None, version=end.term.case.version, at=at)
    void_event(start, reason="Wrong day.", by=None, version=start.term.case.version, at=at)
    assert not Event.objects.standing().exists()
