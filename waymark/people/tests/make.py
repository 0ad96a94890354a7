"""People for tests. Every name is invented."""

from __future__ import annotations

from datetime import date
from typing import Any

from waymark.accounts.models import Agency, Unit, User
from waymark.people.actions.search_keys import write_search_keys
from waymark.people.models import Assignment, Person, PersonName

LONG_AGO = date(2015, 1, 5)


def make_person(
    officer: User | None = None,
    *,
    unit: Unit | None = None,
    agency: Agency | None = None,
    from_on: date = LONG_AGO,
    also: tuple[tuple[str, str], ...] = (),
    **fields: Any,
) -> Person:
    """A person who can be searched for, assigned to the officer (and the officer's unit and agency) or to a unit or
    agency alone; with none of them, to nobody. `also`: other names, each (given, family)."""
    defaults = {"given_name": "Dana", "family_name": "Reyes", "born_on": date(1981, 3, 14)}
    person = Person.objects.create(**{**defaults, **fields})
    for given, family in also:
        PersonName.objects.create(person=person, given_name=given, family_name=family)
    assign(person, officer, unit=unit, agency=agency, from_on=from_on)
    write_search_keys([person.pk])
    return person


def assign(
    person: Person,
    officer: User | None,
    *,
    unit: Unit | None = None,
    agency: Agency | None = None,
    from_on: date = LONG_AGO,
    until_on: date | None = None,
) -> Assignment | None:
    """The bare row; the verb is people.actions.assign_person."""
    unit = unit or (officer.unit if officer else None)
    agency = agency or (officer.agency if officer else None) or (unit.agency if unit else None)
    if agency is None:
        return None
    return Assignment.objects.create(
        person=person, officer=officer, unit=unit, agency=agency, from_on=from_on, until_on=until_on
    )
