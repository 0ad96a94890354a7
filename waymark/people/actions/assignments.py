"""Who answers for a person."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from waymark.accounts.access import Right, may
from waymark.accounts.models import Agency, Scope, Unit, User
from waymark.audit.actions import record
from waymark.people.access import person_to_change, record_ids, row_of
from waymark.people.actions.refusals import CannotSave
from waymark.people.asking import EARLIEST_YEAR
from waymark.people.models import Assignment, Person


@transaction.atomic
def assign_person(
    person_id: int,
    *,
    unit: Unit | None,
    officer: User | None,
    from_on: date,
    by: User,
    agency: Agency | None = None,
    why: str = "",
) -> Assignment:
    """The unit (or the agency, without one) and its officer answer for the person from the day on.

    1. Check that the officer works there and that it is the maker's own agency.
    2. End the former assignment at the same unit that day, so that no two overlap.
    3. Write the new one and audit.

    Assignments at other units stand: a person may have a probation officer and a pretrial officer at once.
    `agency`, when not given, is the unit's, else the officer's, else the maker's.
    Raises CannotSave.
    """
    person = person_to_change(by, person_id)
    agency = agency or _agency_of(unit, officer, by)
    _check_place(agency, unit, officer, by)
    former = _still_there(person, agency, unit, from_on)
    _check_follows(former, officer, from_on)
    Assignment.objects.filter(pk__in=[row.pk for row in former]).update(until_on=from_on)
    assignment = Assignment.objects.create(person=person, agency=agency, unit=unit, officer=officer, from_on=from_on)
    changes = {"assigned to": ["; ".join(map(_words, former)) or None, f"{_words(assignment)} from {from_on}"]}
    _audit(by, "person.assigned", assignment, person, changes, why)
    return assignment


@transaction.atomic
def end_assignment(person_id: int, assignment_id: int, *, until_on: date, why: str, by: User) -> None:
    """From `until_on` nobody at that unit answers for the person; when it was the last one, the record leaves the
    reach of everybody but those who see every agency."""
    person = person_to_change(by, person_id)
    row = row_of(Assignment, person, assignment_id)
    _check_own_agency(row.agency, by)
    if row.until_on:
        raise CannotSave(f"This assignment ended on {row.until_on} already.", "until_on")
    if until_on < row.from_on:
        raise CannotSave(f"It cannot end on {until_on}: it began on {row.from_on}. Give a later day.", "until_on")
    if not why.strip():
        raise CannotSave("Say why. The reason stays with the record.", "why")
    row.until_on = until_on
    row.save(update_fields=["until_on"])
    changes = {"assigned to": [_words(row), f"ended on {until_on}"]}
    _audit(by, "assignment.ended", row, person, changes, why)


def _agency_of(unit: Unit | None, officer: User | None, by: User) -> Agency:
    agency = unit.agency if unit else officer.agency if officer else by.agency
    if agency is None:
        raise CannotSave("Choose the unit that answers for the person.", "unit")
    return agency


def _check_place(agency: Agency, unit: Unit | None, officer: User | None, by: User) -> None:
    _check_own_agency(agency, by)
    if unit and unit.agency_id != agency.pk:
        raise CannotSave(f"{unit.name} is not a unit of {agency.name}. Choose one of its units.", "unit")
    if officer is None:
        return
    if not may(officer, Right.PERSON_SEE):
        raise CannotSave(f"{officer.get_full_name()} does not supervise people. Choose somebody else.", "officer")
    if officer.agency_id != agency.pk or (unit and officer.unit_id not in (None, unit.pk)):
        where = unit.name if unit else agency.name
        raise CannotSave(f"{officer.get_full_name()} does not work at {where}. Choose somebody who does.", "officer")


def _check_own_agency(agency: Agency, by: User) -> None:
    if by.scope != Scope.WHOLE and agency.pk != by.agency_id:
        raise CannotSave("You can only change who answers for a person at your own agency.", "unit")


def _still_there(person: Person, agency: Agency, unit: Unit | None, from_on: date) -> list[Assignment]:
    """The assignments at the place that reach beyond the day."""
    there = Assignment.objects.filter(person__in=record_ids(person), agency=agency, unit=unit)
    reaching = there.filter(Q(until_on=None) | Q(until_on__gt=from_on))
    return list(reaching.select_related("agency", "unit", "officer").order_by("from_on"))


def _check_follows(former: list[Assignment], officer: User | None, from_on: date) -> None:
    if from_on.year < EARLIEST_YEAR:
        raise CannotSave(f"{from_on} is before {EARLIEST_YEAR}. Check the year.", "from_on")
    for row in former:
        if row.until_on:
            later = f"{_words(row)} answers for the person until {row.until_on}. Choose that day or a later one."
            raise CannotSave(later, "from_on")
        if row.officer == officer:
            raise CannotSave(f"The person is assigned to {_words(row)} already, since {row.from_on}.", "officer")
        if from_on < row.from_on:
            began = f"The assignment to {_words(row)} began on {row.from_on}. Choose that day or a later one."
            raise CannotSave(began, "from_on")


def _audit(by: User, verb: str, row: Assignment, person: Person, changes: dict[str, list[Any]], why: str) -> None:
    record(by=by, verb=verb, subject=row, person_id=person.pk, why=why.strip(), detail={"changes": changes})


def _words(row: Assignment) -> str:
    officer = row.officer.get_full_name() if row.officer else "no officer"
    return f"{officer}, {row.unit.name if row.unit else row.agency.name}"
