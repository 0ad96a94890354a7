"""Entering what happened in a term: checked beside everything that stands, kept, told, determined anew."""

from __future__ import annotations

from datetime import date

import pytest

from waymark.audit.models import Entry
from waymark.cases.actions import CannotEnter, StaleCase, enter_event, record_determination
from waymark.cases.models import CourtCase, Deadline, Determination, Event, Task
from waymark.cases.tests.make import make_case, make_charge, make_event, make_term

pytestmark = pytest.mark.django_db


def fields_of(refused: pytest.ExceptionInfo[CannotEnter]) -> list[str]:
    return [field for field, _ in refused.value.faults]


def enter(term, at, kind="violation_report", on=date(2019, 4, 9), **said):
    return enter_event(term, kind=kind, on=on, version=term.case.version, at=at, **{"by": None, **said})


def test_it_keeps_the_event_and_who_entered_it(term, officer, at):
    event = enter(term, at, by=officer, words="Missed three visits.", why="Report received today.")
    kept = Event.objects.get(pk=event.pk)
    assert (kept.kind, kept.on, kept.words) == ("violation_report", date(2019, 4, 9), "Missed three visits.")
    assert (kept.entered_by, kept.entered_at) == (officer, at)
    told = Entry.objects.get(verb="event.entered")
    assert (told.actor_id, told.person_id, told.why) == (officer.pk, term.case.person_id, "Report received today.")
    assert told.detail["on"] == "2019-04-09"


def test_it_determines_the_term_anew(term, officer, at):
    before = record_determination(term, date(2019, 5, 1), "term entered", None, at=at)
    enter(term, at, by=officer)
    after = Determination.objects.get(current=True)
    assert (before.credit_months, after.credit_months) == (15, 14)
    assert after.cause == "Violation report submitted: entered"
    assert after.facts["events"] == [{"on": "2019-04-09", "type": "violation_report"}]


def test_it_tells_of_a_changed_date_with_before_and_after(term, officer, at):
    before = record_determination(term, date(2019, 5, 1), "term entered", None, at=at)
    enter(term, at)
    after = Determination.objects.get(current=True)
    task = Task.objects.get(kind="date_changed")
    assert task.before["optimal_discharge_date"] == before.optimal_discharge_date.isoformat()
    assert task.after["optimal_discharge_date"] == after.optimal_discharge_date.isoformat()
    assert before.optimal_discharge_date < after.optimal_discharge_date
    assert (task.owner, task.determination) == (officer, after)
    assert "Violation report submitted: entered" in task.words


def test_it_tells_the_second_of_two_who_save_the_same_case(term, officer, unit_mate, at):
    seen = term.case.version
    enter_event(term, kind="violation_report", on=date(2019, 4, 9), by=officer, version=seen, at=at)
    late = CourtCase.objects.get(pk=term.case_id)
    with pytest.raises(StaleCase, match="Somebody else changed case"):
        enter_event(term, kind="custody_start", on=date(2019, 4, 20), by=unit_mate, version=seen, at=at)
    assert list(Event.objects.values_list("kind", "entered_by")) == [("violation_report", officer.pk)]
    assert Entry.objects.filter(verb="event.entered").count() == 1
    assert CourtCase.objects.get(pk=term.case_id).version == late.version == seen + 1


def test_it_lets_the_second_save_once_she_has_seen_the_first(term, officer, unit_mate, at):
    enter(term, at, by=officer)
    again = CourtCase.objects.get(pk=term.case_id)
    enter_event(term, kind="custody_start", on=date(2019, 4, 20), by=unit_mate, version=again.version, at=at)
    assert Event.objects.count() == 2


def test_it_refuses_an_unknown_event_type(term, at):
    with pytest.raises(CannotEnter) as refused:
        enter(term, at, kind="parade")
    assert fields_of(refused) == ["kind"]


def test_it_refuses_an_impossible_date(term, at):
    with pytest.raises(CannotEnter) as refused:
        enter(term, at, on="2019-02-30")
    assert fields_of(refused) == ["on"]


def test_it_takes_today_and_refuses_tomorrow(term, at):
    with pytest.raises(CannotEnter, match="has not come yet") as refused:
        enter(term, at, on=date(2019, 5, 2))
    assert fields_of(refused) == ["on"]
    enter(term, at, on=date(2019, 5, 1))


def test_it_reads_the_day_by_the_courts_clock(term, at):
    """At 3 in the morning of 2 May in London it is still 1 May in the court."""
    with pytest.raises(CannotEnter, match="has not come yet"):
        enter(term, at.replace(day=2, hour=3), on=date(2019, 5, 2))


def test_it_refuses_a_report_before_the_term_began(term, at):
    with pytest.raises(CannotEnter, match="before the term begins") as refused:
        enter(term, at, on=date(2018, 1, 14))
    assert fields_of(refused) == ["on"]


def test_it_refuses_overlapping_custody(term, at):
    enter(term, at, kind="custody_start", on=date(2019, 2, 1))
    with pytest.raises(CannotEnter, match="overlapping") as refused:
        enter(term, at, kind="custody_start", on=date(2019, 3, 1))
    assert fields_of(refused) == ["on"]
    enter(term, at, kind="custody_end", on=date(2019, 2, 20))
    enter(term, at, kind="custody_start", on=date(2019, 3, 1))


def test_it_refuses_an_end_before_its_start(term, at):
    enter(term, at, kind="custody_start", on=date(2019, 2, 10))
    with pytest.raises(CannotEnter, match="Enter the start") as refused:
        enter(term, at, kind="custody_end", on=date(2019, 2, 1))
    assert fields_of(refused) == ["on"]


def test_it_asks_how_a_hearing_ended(term, at):
    with pytest.raises(CannotEnter) as refused:
        enter(term, at, kind="hearing")
    assert fields_of(refused) == ["outcome"]
    enter(term, at, kind="hearing", outcome="continued")


def test_it_asks_for_which_day_a_hearing_is_set(term, at):
    with pytest.raises(CannotEnter) as refused:
        enter(term, at, kind="hearing_set")
    assert fields_of(refused) == ["hearing_on"]
    with pytest.raises(CannotEnter, match="cannot be held before") as refused:
        enter(term, at, kind="hearing_set", hearing_on=date(2019, 4, 8))
    assert fields_of(refused) == ["hearing_on"]
    assert enter(term, at, kind="hearing_set", hearing_on=date(2019, 6, 8)).hearing_on == date(2019, 6, 8)


def test_it_asks_how_long_an_extension_is_and_why(term, at):
    with pytest.raises(CannotEnter) as refused:
        enter(term, at, kind="term_extended")
    assert fields_of(refused) == ["years", "violation_found"]
    enter(term, at, kind="term_extended", years=1, violation_found=True)
    assert Determination.objects.get(current=True).last_day == date(2024, 1, 14)


def test_it_refuses_an_extension_above_the_maximum(term, at):
    with pytest.raises(CannotEnter, match=r"559\.016") as refused:
        enter(term, at, kind="term_extended", years=1, violation_found=False)
    assert fields_of(refused) == ["years"]


@pytest.mark.parametrize(
    "said", [{"outcome": "continued"}, {"hearing_on": date(2019, 6, 1)}, {"years": 1}, {"violation_found": False}]
)
def test_it_refuses_what_is_not_said_of_such_an_event(term, at, said):
    with pytest.raises(CannotEnter, match="Leave it empty") as refused:
        enter(term, at, **said)
    assert fields_of(refused) == list(said)


@pytest.mark.parametrize("kind", ["restitution_paid", "discharged"])
def test_it_refuses_to_have_done_twice_what_is_done_once(term, at, kind):
    enter(term, at, kind=kind)
    with pytest.raises(CannotEnter, match="void it first"):
        enter(term, at, kind=kind, on=date(2019, 4, 20))


def test_it_leaves_nothing_behind_when_it_refuses(term, at):
    version = term.case.version
    with pytest.raises(CannotEnter):
        enter(term, at, kind="custody_end")
    assert not Event.objects.exists()
    assert not Entry.objects.exists()
    assert CourtCase.objects.get(pk=term.case_id).version == version == term.case.version


def test_it_lets_an_officer_mend_what_could_not_be_read(term, at):
    """An import left a release without the custody it ends; entering the custody is not refused for that."""
    make_event(term, "custody_end", date(2019, 3, 1))
    record_determination(term, date(2019, 5, 1), "imported", None, at=at)
    assert Task.objects.get(kind="facts_faulty").state == "open"
    enter(term, at, kind="custody_start", on=date(2019, 2, 1))
    assert Task.objects.get(kind="facts_faulty").state == "done"
    assert Determination.objects.filter(current=True).count() == 1


def test_it_enters_events_of_terms_the_law_of_credits_does_not_speak_of(officer, at):
    case = make_case(officer=officer)
    term = make_term(case, charge=make_charge(case), kind="pretrial", years=0)
    enter(term, at)
    assert Event.objects.count() == 1
    assert not Determination.objects.exists()


def test_it_ends_the_clocks_of_a_term_the_court_has_discharged(term, at):
    record_determination(term, date(2019, 5, 1), "term entered", None, at=at)
    assert Deadline.objects.filter(state="open").exists()
    enter(term, at, kind="discharged", on=date(2019, 4, 30))
    assert not Deadline.objects.filter(state="open").exists()
