"""A determination is kept with its facts, once; the deadlines and tasks follow from it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from waymark.audit.models import Entry
from waymark.cases.actions import close_task, meet_deadline, record_determination
from waymark.cases.actions.determinations import hash_of, record_determinations
from waymark.cases.models import Deadline, Determination, Task
from waymark.cases.tests.make import make_case, make_charge, make_culp_term, make_event, make_term
from waymark.law.missouri import ecc_217_703 as ecc
from waymark.people.tests.make import assign

pytestmark = pytest.mark.django_db

TODAY = date(2019, 5, 1)


def determine(term, on=TODAY, at=None, cause="asked"):
    return record_determination(term, on, cause, None, at=at)


def test_it_finds_that_culp_was_due_on_the_first_of_june_2018(officer, at):
    term = make_culp_term(officer=officer)
    before = determine(term, date(2018, 5, 31), at)
    assert (before.credit_months, before.earned_discharge_date) == (28, date(2018, 7, 1))
    assert (before.optimal_discharge_date, before.discharge_due) == (date(2018, 6, 1), "no")
    after = determine(term, date(2018, 9, 15), at)
    assert (after.eligible, after.last_day) == ("yes", date(2020, 10, 18))
    assert (after.discharge_date, after.discharge_due) == (date(2018, 6, 1), "yes")


def test_it_keeps_what_any_later_day_needs_to_run_it_again(term, officer, at):
    kept = record_determination(term, TODAY, "hearing preparation", officer, at=at)
    kept.refresh_from_db()
    assert ecc.determine(ecc.read(kept.facts)).as_json() == kept.answer
    assert (kept.as_of, kept.known_at, kept.cause, kept.asked_by) == (TODAY, at, "hearing preparation", officer)
    told = Entry.objects.get(verb="determination.recorded")
    assert (told.person_id, told.detail["facts"]) == (term.case.person_id, kept.facts_hash)


def test_it_records_nothing_new_when_nothing_is_new(term, at):
    first = determine(term, at=at)
    again = determine(term, TODAY + timedelta(days=3), at)
    assert again.pk == first.pk
    assert Determination.objects.count() == 1
    assert Entry.objects.filter(verb="determination.recorded").count() == 1


def test_it_records_a_new_answer_to_old_facts(term, at):
    first = determine(term, at=at)
    next_month = determine(term, TODAY + timedelta(days=31), at)
    assert (first.credit_months, next_month.credit_months) == (15, 16)
    assert list(Determination.objects.filter(current=True)) == [next_month]
    assert Determination.objects.count() == 2


def test_it_makes_no_task_of_a_month_posted_as_everybody_expected(term, at):
    before = determine(term, at=at)
    after = determine(term, TODAY + timedelta(days=31), at)
    assert before.earned_discharge_date != after.earned_discharge_date
    assert not Task.objects.exists()


def test_it_makes_no_task_of_the_very_first(term, at):
    determine(term, at=at)
    assert not Task.objects.exists()


def test_it_tells_once_of_changes_that_follow_each_other(term, officer, at):
    first = determine(term, at=at)
    make_event(term, "violation_report", date(2019, 3, 4))
    determine(term, at=at, cause="first report")
    make_event(term, "violation_report", date(2019, 4, 9))
    last = determine(term, at=at, cause="second report")
    task = Task.objects.get(kind="date_changed")
    assert task.before["optimal_discharge_date"] == first.optimal_discharge_date.isoformat()
    assert task.after["optimal_discharge_date"] == last.optimal_discharge_date.isoformat()
    assert task.determination == last
    assert "second report" in task.words


def test_it_tells_anew_once_the_first_task_is_closed(term, officer, at):
    determine(term, at=at)
    make_event(term, "violation_report", date(2019, 3, 4))
    middle = determine(term, at=at)
    close_task(Task.objects.get(), outcome="Told the person.", by=officer, at=at)
    make_event(term, "violation_report", date(2019, 4, 9))
    determine(term, at=at)
    assert list(Task.objects.values_list("state", flat=True)) == ["done", "open"]
    assert Task.objects.get(state="open").before["optimal_discharge_date"] == middle.optimal_discharge_date.isoformat()


def test_it_turns_faulty_facts_into_one_task_and_keeps_the_last_answer(term, officer, at):
    before = determine(term, at=at)
    make_event(term, "custody_end", date(2019, 3, 1))
    assert determine(term, at=at) is None
    assert determine(term, TODAY + timedelta(days=1), at) is None
    task = Task.objects.get()
    assert (task.kind, task.owner, task.state) == ("facts_faulty", officer, "open")
    assert "custody_end" in task.words
    assert Determination.objects.get(current=True) == before


def test_it_says_the_new_faults_in_the_same_task(term, at):
    make_event(term, "custody_end", date(2019, 3, 1))
    determine(term, at=at)
    make_event(term, "cods_released", date(2019, 3, 2))
    determine(term, at=at)
    assert "cods_released" in Task.objects.get().words


def test_it_answers_for_the_others_when_the_facts_of_one_are_faulty(term, officer, at):
    other = make_term(officer=officer)
    make_event(term, "custody_end", date(2019, 3, 1))
    recorded = record_determinations([term.pk, other.pk], TODAY, "asked", None, at=at)
    assert list(recorded.determinations) == [other.pk]
    assert list(recorded.faulty) == [term.pk]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"kind": "pretrial"}, "felony"),
        ({"kind": "diversion"}, "felony"),
        ({}, "municipal"),
        ({"begins_on": TODAY + timedelta(days=1)}, "felony"),
    ],
)
def test_it_has_no_answer_where_the_section_asks_nothing(officer, at, said, kind):
    case = make_case(officer=officer, kind=kind)
    assert determine(make_term(case, charge=make_charge(case), **said), at=at) is None
    assert not Determination.objects.exists()
    assert not Task.objects.exists()


def test_it_gives_the_deadlines_of_the_answer_to_the_supervising_officer(term, officer, at):
    kept = determine(term, at=at)
    deadlines = {row.name: row for row in Deadline.objects.all()}
    assert {name: [str(row.first_on), str(row.last_on)] for name, row in deadlines.items()} == {
        asked["name"]: asked["window"] for asked in kept.answer["deadlines"]
    }
    assert "Final Case Summary Report" in deadlines
    assert {row.owner for row in deadlines.values()} == {officer}
    assert {row.determination for row in deadlines.values()} == {kept}


def test_it_keeps_a_deadline_that_is_still_asked(term, at):
    determine(term, at=at)
    before = set(Deadline.objects.values_list("pk", flat=True))
    determine(term, TODAY + timedelta(days=31), at)
    assert set(Deadline.objects.values_list("pk", flat=True)) == before
    assert not Deadline.objects.exclude(state="open").exists()


def test_it_supersedes_a_deadline_whose_day_has_moved(term, at):
    determine(term, at=at)
    old = Deadline.objects.get(name="Final Case Summary Report")
    make_event(term, "violation_report", date(2019, 4, 9))
    determine(term, at=at)
    old.refresh_from_db()
    new = Deadline.objects.get(name="Final Case Summary Report", state="open")
    assert old.state == "superseded"
    assert new.last_on > old.last_on


def test_it_does_not_ask_again_for_what_was_met(term, officer, at):
    determine(term, at=at)
    told = Deadline.objects.get(name="Remaining term told to the person")
    meet_deadline(told, on=TODAY, how="Letter handed over.", by=officer, at=at)
    determine(term, TODAY + timedelta(days=31), at)
    assert not Deadline.objects.filter(name=told.name, state="open").exists()
    determine(term, date(2019, 7, 1), at)
    assert Deadline.objects.get(name=told.name, state="open").first_on == date(2019, 7, 1)


def test_it_keeps_a_missed_deadline_open(officer, at):
    term = make_culp_term(officer=officer)
    determine(term, date(2018, 5, 31), at)
    determine(term, date(2018, 9, 15), at)
    missed = Deadline.objects.get(name="Notice of impending discharge")
    assert (missed.state, missed.last_on) == ("open", date(2018, 4, 2))


def test_it_drops_the_clocks_when_the_probation_is_revoked(term, at):
    determine(term, at=at)
    make_event(term, "hearing", date(2019, 4, 9), outcome="revoked")
    determine(term, at=at)
    assert set(Deadline.objects.values_list("state", flat=True)) == {"superseded"}


def test_it_hands_open_deadlines_to_the_next_officer(term, officer, unit_mate, at):
    determine(term, at=at)
    person = term.case.person
    person.assignments.update(until_on=date(2019, 5, 10))
    assign(person, unit_mate, from_on=date(2019, 5, 10))
    determine(term, date(2019, 5, 10), at)
    assert set(Deadline.objects.filter(state="open").values_list("owner", flat=True)) == {unit_mate.pk}


def test_it_hashes_facts_without_the_day_they_are_asked_about():
    facts = {"as_of": "2019-05-01", "events": []}
    assert hash_of(facts) == hash_of({**facts, "as_of": "2019-05-02"})
    assert hash_of(facts) != hash_of({**facts, "events": [{"on": "2019-04-09", "type": "violation_report"}]})


def test_it_asks_the_same_number_of_queries_when_nothing_is_new(officer, at, django_assert_max_num_queries):
    terms = [make_term(officer=officer).pk for _ in range(8)]
    record_determinations(terms, TODAY, "asked", None, at=at)
    with django_assert_max_num_queries(12):
        record_determinations(terms, TODAY + timedelta(days=1), "asked", None, at=at)


@pytest.mark.parametrize("event", [None, "absconder_declared", "custody_start", "term_suspended"])
@pytest.mark.parametrize("restitution_ordered", [False, True])
def test_it_leaves_nobody_a_new_row_for_every_night(officer, at, event, restitution_ordered):
    """Not even where a date hangs on the day itself: time served and only a payment missing, or an open absconding."""
    term = make_term(officer=officer, begins_on=date(2016, 1, 15), years=3, restitution_ordered=restitution_ordered)
    if event:
        make_event(term, event, date(2018, 2, 9))
    first = determine(term, date(2018, 10, 3), at)
    assert {determine(term, date(2018, 10, day), at).pk for day in range(4, 32)} == {first.pk}
    assert not Task.objects.exists()


def test_it_records_the_answer_again_when_the_law_is_another(officer, at):
    """217.703.12 became law on 18 December 2018. It changes nothing here but the version that was applied."""
    term = make_term(officer=officer, begins_on=date(2016, 1, 15))
    before, after = (determine(term, date(2018, 12, day), at) for day in (17, 18))
    assert before.pk != after.pk
    assert [row["version"] for row in after.answer["law"]] != [row["version"] for row in before.answer["law"]]
    assert not Task.objects.exists()


def test_it_makes_no_task_of_a_discharge_that_only_waits_for_a_payment(officer, at):
    term = make_term(officer=officer, begins_on=date(2016, 1, 15), restitution_ordered=True)
    waiting = [determine(term, day, at) for day in (date(2019, 1, 20), date(2019, 2, 20))]
    assert [row.optimal_discharge_date for row in waiting] == [date(2019, 1, 20), date(2019, 2, 20)]
    assert not Task.objects.exists()
    make_event(term, "restitution_paid", date(2019, 2, 20))
    assert determine(term, date(2019, 2, 20), at).discharge_due == "yes"
    assert Task.objects.get().after == {"discharge_due": "yes"}


def test_it_tells_of_a_discharge_that_has_come(term, at):
    due_on = determine(term, at=at).optimal_discharge_date
    determine(term, due_on, at)
    assert Task.objects.get().after["discharge_due"] == "yes"
