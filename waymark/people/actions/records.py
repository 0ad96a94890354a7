"""Making and changing a person's record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.http import Http404

from waymark.accounts.access import Right, may
from waymark.accounts.models import Role, Scope, User
from waymark.audit.actions import record
from waymark.audit.models import Entry
from waymark.people.access import NO_SUCH_PAGE, person_to_change
from waymark.people.actions.refusals import CannotSave, ProbableDuplicates, StalePerson
from waymark.people.actions.search_keys import write_search_keys
from waymark.people.asking import EARLIEST_YEAR
from waymark.people.duplicates import duplicates_of
from waymark.people.models import Assignment, Person
from waymark.people.particulars import particulars_of

FIELDS = (
    "given_name",
    "middle_name",
    "family_name",
    "suffix",
    "born_on",
    "sex",
    "language",
    "needs_interpreter",
)
IDENTITY = {"given_name", "middle_name", "family_name", "suffix", "born_on"}  # a change of these needs a reason
CARRIES_A_CASELOAD = {Role.OFFICER, Role.DIVERSION_CASE_MANAGER}


def create_person(fields: Mapping[str, Any], *, by: User, on: date, despite_duplicates: str = "") -> Person:
    """Make a record and put it in the reach of whoever made it, from the day `on`.

    1. Check the fields, and that nobody like this is on record; `despite_duplicates` is the reason to go on even so.
    2. Write the record, its search keys and its first assignment.
    3. Audit.

    Raises CannotSave, ProbableDuplicates, Http404 without the right.
    """
    if not may(by, Right.PERSON_WRITE):
        raise Http404(NO_SUCH_PAGE)
    given = _checked(fields, on)
    if not despite_duplicates and (candidates := duplicates_of(by, particulars_of(Person(**given)))):
        raise ProbableDuplicates(candidates)
    with transaction.atomic():
        person = Person.objects.create(**given)
        write_search_keys([person.pk])
        _assign_to_maker(person, by, on)
        changes = {name: [None, _plain(value)] for name, value in given.items() if value not in ("", None)}
        record(
            by=by,
            verb="person.created",
            subject=person,
            person_id=person.pk,
            why=despite_duplicates,
            detail={"changes": changes},
        )
    return person


@transaction.atomic
def change_person(
    person_id: int, fields: Mapping[str, Any], *, version: int, by: User, on: date, why: str = ""
) -> Person:
    """Change the record as it was read at `version`. Raises StalePerson when somebody saved in between, CannotSave."""
    person = person_to_change(by, person_id)
    given = _checked(fields, on)
    changes = {name: [getattr(person, name), value] for name, value in given.items() if getattr(person, name) != value}
    if person.pk != person_id:
        raise CannotSave(f"Somebody merged this record into record {person.pk}. Open that one, and change it there.")
    if version != person.version:
        raise StalePerson(_what_happened_since(person, version), person.version)
    if not changes:
        return person
    if IDENTITY & changes.keys() and not why.strip():
        raise CannotSave("Say why the name or birth date is changed. The reason stays with the record.", "why")
    updated = Person.objects.filter(pk=person.pk, version=version).update(**given, version=F("version") + 1)
    if not updated:
        raise StalePerson(_what_happened_since(person, version), person.version)
    write_search_keys([person.pk])
    record(
        by=by,
        verb="person.changed",
        subject=person,
        person_id=person.pk,
        why=why.strip(),
        detail={"changes": {k: [_plain(a), _plain(b)] for k, (a, b) in changes.items()}, "version": version + 1},
    )
    person.refresh_from_db()
    return person


def _checked(fields: Mapping[str, Any], on: date) -> dict[str, Any]:
    """The fields of the record among those given, trimmed. Raises CannotSave for what cannot be."""
    given = {name: _trimmed(fields[name]) for name in FIELDS if name in fields}
    for name, words in (("family_name", "family name"), ("given_name", "given name")):
        if name in given and not any(c.isalpha() for c in given[name]):
            raise CannotSave(f"Type the {words}, in letters.", name)
    born_on = given.get("born_on")
    if born_on and born_on > on:
        raise CannotSave(f"{born_on} lies in the future. Check the year of birth.", "born_on")
    if born_on and born_on.year < EARLIEST_YEAR:
        raise CannotSave(f"{born_on} is before {EARLIEST_YEAR}. Check the year of birth.", "born_on")
    return given


def _trimmed(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value


def _assign_to_maker(person: Person, by: User, on: date) -> None:
    """Without an assignment only those who see every agency would ever find the record again."""
    if by.agency is None:
        return
    officer = by if by.role in CARRIES_A_CASELOAD or by.scope == Scope.OWN else None
    Assignment.objects.create(person=person, agency=by.agency, unit=by.unit, officer=officer, from_on=on)


def _what_happened_since(person: Person, version: int) -> str:
    entries = Entry.objects.filter(person_id=person.pk, verb="person.changed").order_by("number")
    since = [entry for entry in entries if entry.detail.get("version", 0) > version]
    what = " ".join(f"{entry.actor} changed {_told(entry)}." for entry in since)
    return (
        "Somebody else saved this record while you were typing, so yours was not saved. "
        f"{what} What you typed is still here: check it against that, and save again."
    ).replace("  ", " ")


def _told(entry: Entry) -> str:
    changes = entry.detail["changes"].items()
    return ", ".join(
        f"the {k.replace('_', ' ')} from “{a or 'nothing'}” to “{b or 'nothing'}”" for k, (a, b) in changes
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
