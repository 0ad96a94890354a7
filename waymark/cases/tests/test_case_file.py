"""Opening a case, its parties, orders, conditions, placements, notes, deadlines and tasks."""

from __future__ import annotations

from datetime import date

import pytest

from waymark.accounts.tests.make import make_agency
from waymark.audit.models import Entry
from waymark.cases.actions import (
    CannotEnter,
    StaleCase,
    add_condition,
    add_note,
    add_order,
    add_party,
    add_placement,
    close_task,
    complete_condition,
    end_placement,
    meet_deadline,
    open_case,
    record_determination,
    record_progress,
    void_note,
)
from waymark.cases.models import (
    ConditionProgress,
    CourtCase,
    Deadline,
    Note,
    Party,
    Placement,
    Task,
)
from waymark.cases.tests.make import make_case
from waymark.people.tests.make import make_person

pytestmark = pytest.mark.django_db


def fields_of(refused: pytest.ExceptionInfo[CannotEnter]) -> list[str]:
    return [field for field, _ in refused.value.faults]


def test_it_opens_a_case(officer, court, at):
    person = make_person(officer)
    case = open_case(person, number=" 19SL-CR00001 ", court=court, by=officer, at=at)
    assert CourtCase.objects.get(person=person).number == case.number == "19SL-CR00001"
    assert Entry.objects.get(verb="case.opened").person_id == person.pk


def test_it_refuses_a_second_case_of_the_number_in_one_court(officer, court, at):
    person = make_person(officer)
    open_case(person, number="19SL-CR00001", court=court, by=officer, at=at)
    with pytest.raises(CannotEnter, match="already") as refused:
        open_case(make_person(officer), number="19SL-CR00001", court=court, by=officer, at=at)
    assert fields_of(refused) == ["number"]
    open_case(person, number="19SL-CR00001", court=make_agency(kind="court"), by=officer, at=at)


def test_it_refuses_a_court_that_is_none_and_a_filing_to_come(officer, county, court, at):
    person = make_person(officer)
    with pytest.raises(CannotEnter) as refused:
        open_case(person, number="1", court=county, by=officer, at=at)
    assert fields_of(refused) == ["court"]
    with pytest.raises(CannotEnter) as refused:
        open_case(person, number="1", court=court, filed_on=date(2019, 5, 2), by=officer, at=at)
    assert fields_of(refused) == ["filed_on"]


def test_it_names_a_party_with_its_own_account(officer, judge, prosecutor):
    case = make_case(officer=officer)
    add_party(case, capacity="judge", name="Hon. Adair", account=judge, by=officer, version=case.version)
    with pytest.raises(CannotEnter) as refused:
        add_party(case, capacity="judge", name="Hon. Adair", account=prosecutor, by=officer, version=case.version)
    assert fields_of(refused) == ["account"]
    assert Party.objects.get().account == judge


def test_it_refuses_a_party_that_ends_before_it_starts(officer):
    case = make_case(officer=officer)
    days = {"from_on": date(2019, 5, 1), "until_on": date(2019, 5, 1)}
    with pytest.raises(CannotEnter) as refused:
        add_party(case, capacity="victim", name="A. Doe", by=officer, version=case.version, **days)
    assert fields_of(refused) == ["until_on"]


def test_it_keeps_an_order_with_the_conditions_it_imposed(term, officer, at):
    case = term.case
    order = add_order(
        case, ordered_on=date(2018, 1, 15), kind="Judgment", by=officer, version=case.version, words="40 hours.", at=at
    )
    condition = add_condition(
        term,
        kind="special",
        words="40 hours of community service",
        order=order,
        counted_in="hours",
        amount=40,
        by=officer,
        version=case.version,
    )
    assert list(order.conditions.all()) == [condition]


def test_it_asks_for_how_much_and_in_what_a_condition_is_counted(term):
    for said in ({"amount": 40}, {"counted_in": "hours"}):
        with pytest.raises(CannotEnter) as refused:
            add_condition(term, kind="special", words="Service", by=None, version=term.case.version, **said)
        assert fields_of(refused) == ["amount"]


def test_it_counts_progress_until_somebody_finds_the_condition_met(term, officer, at):
    case = term.case
    service = add_condition(
        term, kind="special", words="Service", counted_in="hours", amount=40, by=None, version=case.version
    )
    service.term.case = case
    with pytest.raises(CannotEnter) as refused:
        record_progress(service, on=date(2019, 4, 1), by=officer, version=case.version, at=at)
    assert fields_of(refused) == ["amount"]
    record_progress(service, on=date(2019, 4, 1), amount=26, by=officer, version=case.version, at=at)
    complete_condition(service, on=date(2019, 4, 20), by=officer, version=case.version, words="Letter seen.", at=at)
    with pytest.raises(CannotEnter, match="found met"):
        record_progress(service, on=date(2019, 4, 21), amount=1, by=officer, version=case.version, at=at)
    assert list(ConditionProgress.objects.order_by("pk").values_list("amount", "completes")) == [(26, False), (0, True)]


def test_it_ends_a_stay_by_entering_it_whole(term, officer, at):
    case = term.case
    stay = add_placement(term, program="SATOP", placed_on=date(2019, 2, 1), by=officer, version=case.version, at=at)
    with pytest.raises(CannotEnter) as refused:
        end_placement(stay, ended_on=date(2019, 1, 31), outcome="Completed", by=officer, version=case.version, at=at)
    assert fields_of(refused) == ["ended_on"]
    ended = end_placement(stay, ended_on=date(2019, 3, 1), outcome="Completed", by=officer, version=case.version, at=at)
    assert list(Placement.objects.standing()) == [ended]
    assert (ended.program, ended.placed_on, ended.outcome) == ("SATOP", date(2019, 2, 1), "Completed")


def test_it_locks_a_note_and_voids_it_with_a_reason(officer, supervisor, at):
    case = make_case(officer=officer)
    note = add_note(case, on=date(2019, 4, 30), words=" Called, no answer. ", by=officer, version=case.version, at=at)
    assert note.words == "Called, no answer."
    void_note(note, reason="Written in the wrong case.", by=supervisor, version=case.version, at=at)
    assert not Note.objects.standing().exists()
    assert Note.objects.get().words == "Called, no answer."


def test_it_refuses_an_empty_note(officer, at):
    case = make_case(officer=officer)
    with pytest.raises(CannotEnter) as refused:
        add_note(case, on=date(2019, 4, 30), words="  ", by=officer, version=case.version, at=at)
    assert fields_of(refused) == ["words"]


@pytest.mark.parametrize(
    "write",
    [
        lambda case, term, version: add_note(case, on=date(2019, 4, 1), words="Called.", by=None, version=version),
        lambda case, term, version: add_order(
            case, ordered_on=date(2019, 4, 1), kind="Order", by=None, version=version
        ),
        lambda case, term, version: add_party(case, capacity="victim", name="A. Doe", by=None, version=version),
        lambda case, term, version: add_condition(term, kind="general", words="Obey", by=None, version=version),
        lambda case, term, version: add_placement(
            term, program="SATOP", placed_on=date(2019, 4, 1), by=None, version=version
        ),
    ],
)
def test_it_tells_the_second_of_two_whatever_they_write(term, write):
    case, seen = term.case, term.case.version
    write(case, term, seen)
    written = Entry.objects.count()
    with pytest.raises(StaleCase, match=case.number):
        write(case, term, seen)
    assert Entry.objects.count() == written
    assert CourtCase.objects.get(pk=case.pk).version == seen + 1


@pytest.fixture
def deadline(term, at):
    record_determination(term, date(2019, 5, 1), "asked", None, at=at)
    return Deadline.objects.get(name="Remaining term told to the person")


def test_it_meets_a_deadline_once(deadline, officer, unit_mate, at):
    meet_deadline(deadline, on=date(2019, 4, 30), how="Letter handed over.", by=officer, at=at)
    kept = Deadline.objects.get(pk=deadline.pk)
    assert (kept.state, kept.met_on, kept.met_by, kept.how_met) == (
        "met",
        date(2019, 4, 30),
        officer,
        "Letter handed over.",
    )
    with pytest.raises(StaleCase):
        meet_deadline(deadline, on=date(2019, 5, 1), how="Told by telephone.", by=unit_mate, at=at)
    assert Deadline.objects.get(pk=deadline.pk).met_by == officer
    assert Entry.objects.filter(verb="deadline.met").count() == 1


def test_it_asks_how_and_when_a_deadline_was_met(deadline, at):
    with pytest.raises(CannotEnter) as refused:
        meet_deadline(deadline, on=date(2019, 5, 1), how=" ", by=None, at=at)
    assert fields_of(refused) == ["how"]
    with pytest.raises(CannotEnter) as refused:
        meet_deadline(deadline, on=date(2019, 5, 2), how="Letter.", by=None, at=at)
    assert fields_of(refused) == ["on"]


def test_it_closes_a_task_once(term, officer, unit_mate, at):
    task = Task.objects.create(term=term, kind="date_changed", words="Moved.", owner=officer, created_at=at)
    with pytest.raises(CannotEnter) as refused:
        close_task(task, outcome="", by=officer, at=at)
    assert fields_of(refused) == ["outcome"]
    close_task(task, outcome="Told the person.", by=officer, at=at)
    with pytest.raises(StaleCase):
        close_task(task, outcome="Also told.", by=unit_mate, at=at)
    kept = Task.objects.get()
    assert (kept.state, kept.done_by, kept.outcome) == ("done", officer, "Told the person.")
