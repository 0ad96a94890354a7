"""What stands around a person's record: other names, identifiers, contacts, addresses, emergency contacts.

Each verb finds the person through access, checks, writes, keeps the search keys and audits, in one transaction. Each
raises CannotSave, or Http404 and TurnedAway as access does. A row may hang on a record merged into the person's.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, models, transaction

from waymark.accounts.models import Agency, User
from waymark.audit.actions import record
from waymark.people.access import people_visible_to, person_to_change, record_ids, row_of
from waymark.people.actions.refusals import CannotSave
from waymark.people.actions.search_keys import write_search_keys
from waymark.people.asking import EARLIEST_YEAR
from waymark.people.models import Address, ContactPoint, EmergencyContact, Identifier, Person, PersonName
from waymark.people.telephone import read_telephone

POSTAL_CODE = re.compile(r"\d{5}(-\d{4})?")


@transaction.atomic
def add_name(person_id: int, *, kind: str, given_name: str, family_name: str, by: User) -> PersonName:
    person = person_to_change(by, person_id)
    given_name, family_name = given_name.strip(), family_name.strip()
    if not any(c.isalpha() for c in given_name + family_name):
        raise CannotSave("Type a given name, a family name, or both.", "given_name")
    name = PersonName.objects.create(person=person, kind=kind, given_name=given_name, family_name=family_name)
    write_search_keys([person.pk])
    _audit(by, "name.added", name, person, {name.get_kind_display(): [None, _name(name)]})
    return name


@transaction.atomic
def remove_name(person_id: int, name_id: int, *, why: str, by: User) -> None:
    person = person_to_change(by, person_id)
    name = row_of(PersonName, person, name_id)
    _audit(by, "name.removed", name, person, {name.get_kind_display(): [_name(name), None]}, _reason(why))
    name.delete()
    write_search_keys([name.person_id])


@transaction.atomic
def add_identifier(person_id: int, *, kind: str, agency: Agency, value: str, by: User) -> Identifier:
    person = person_to_change(by, person_id)
    value = " ".join(value.upper().split())
    if not any(c.isalnum() for c in value):
        raise CannotSave("Type the number.", "value")
    _check_unused(person, kind, agency, value, by)
    try:
        with transaction.atomic():
            identifier = Identifier.objects.create(person=person, kind=kind, agency=agency, value=value)
    except IntegrityError:  # somebody entered it between the look and the write
        _check_unused(person, kind, agency, value, by)
        raise
    write_search_keys([person.pk])
    _audit(by, "identifier.added", identifier, person, {identifier.get_kind_display(): [None, value]})
    return identifier


@transaction.atomic
def remove_identifier(person_id: int, identifier_id: int, *, why: str, by: User) -> None:
    person = person_to_change(by, person_id)
    row = row_of(Identifier, person, identifier_id)
    _audit(by, "identifier.removed", row, person, {row.get_kind_display(): [row.value, None]}, _reason(why))
    row.delete()
    write_search_keys([row.person_id])


@transaction.atomic
def add_contact_point(
    person_id: int,
    *,
    kind: str,
    value: str,
    by: User,
    on: date,
    preferred: bool = False,
    may_message: bool | None = None,
    consent_on: date | None = None,
) -> ContactPoint:
    """A telephone number or e-mail address. Leave to send messages is dated: `consent_on`, or the day itself."""
    person = person_to_change(by, person_id)
    value = _checked_contact(kind, value)
    if ContactPoint.objects.filter(person__in=record_ids(person), value__iexact=value, ended_on=None).exists():
        raise CannotSave(f"{value} is on this record already.", "value")
    point = ContactPoint(person=person, kind=kind, value=value, preferred=preferred, may_message=may_message)
    point.consent_on = _checked_consent(may_message, consent_on, on)
    if preferred:
        _prefer_no_other(person)
    point.save()
    write_search_keys([person.pk])
    _audit(by, "contact.added", point, person, {point.get_kind_display(): [None, value], **_consent(None, point)})
    return point


@transaction.atomic
def change_contact_point(
    person_id: int,
    point_id: int,
    *,
    preferred: bool,
    may_message: bool | None,
    consent_on: date | None,
    by: User,
    on: date,
) -> ContactPoint:
    """Whether it is preferred, and whether messages may be sent to it. Another number is another contact point."""
    person = person_to_change(by, person_id)
    before, point = row_of(ContactPoint, person, point_id), row_of(ContactPoint, person, point_id)
    point.preferred, point.may_message = preferred, may_message
    point.consent_on = _checked_consent(may_message, consent_on, on)
    if preferred:
        _prefer_no_other(person)
    point.save(update_fields=["preferred", "may_message", "consent_on"])
    _audit(by, "contact.changed", point, person, _consent(before, point))
    return point


@transaction.atomic
def end_contact_point(person_id: int, point_id: int, *, ended_on: date, why: str, by: User, on: date) -> None:
    person = person_to_change(by, person_id)
    point = row_of(ContactPoint, person, point_id)
    if point.ended_on:
        raise CannotSave(f"{point.value} ended on {point.ended_on} already.", "ended_on")
    if ended_on > on:
        raise CannotSave(
            f"{ended_on} lies in the future. Give the day the number or address stopped working.", "ended_on"
        )
    point.ended_on, point.preferred = ended_on, False
    point.save(update_fields=["ended_on", "preferred"])
    write_search_keys([point.person_id])
    _audit(by, "contact.ended", point, person, {point.get_kind_display(): [point.value, None]}, _reason(why))


@transaction.atomic
def add_address(
    person_id: int,
    *,
    street: str,
    city: str,
    state: str,
    postal_code: str,
    from_on: date,
    by: User,
    until_on: date | None = None,
) -> Address:
    """Append to where the person lived, [from_on, until_on). A new home ends the one before it on the same day."""
    person = person_to_change(by, person_id)
    if postal_code and not POSTAL_CODE.fullmatch(postal_code):
        raise CannotSave(f"{postal_code} is no ZIP code. Type five digits, or nine as 63103-1234.", "postal_code")
    if not (len(state) == 2 and state.isascii() and state.isalpha()):
        raise CannotSave(f"{state} is no state. Type its two letters, such as MO.", "state")
    _check_span(from_on, until_on)
    _make_room(person, from_on, until_on)
    address = Address.objects.create(
        person=person,
        street=street.strip(),
        city=city.strip(),
        state=state.upper(),
        postal_code=postal_code,
        from_on=from_on,
        until_on=until_on,
    )
    _audit(by, "address.added", address, person, {"address": [None, f"{_place(address)}, from {from_on}"]})
    return address


@transaction.atomic
def end_address(person_id: int, address_id: int, *, until_on: date, by: User) -> None:
    """The person left it; `until_on` is the first day elsewhere."""
    person = person_to_change(by, person_id)
    address = row_of(Address, person, address_id)
    if address.until_on:
        raise CannotSave(f"This address ended on {address.until_on} already.", "until_on")
    _check_span(address.from_on, until_on)
    address.until_on = until_on
    address.save(update_fields=["until_on"])
    _audit(by, "address.ended", address, person, {"address": [_place(address), f"ended on {until_on}"]})


@transaction.atomic
def add_emergency_contact(person_id: int, *, name: str, relationship: str, phone: str, by: User) -> EmergencyContact:
    person = person_to_change(by, person_id)
    if not any(c.isalpha() for c in name):
        raise CannotSave("Type the name of somebody to call.", "name")
    contact = EmergencyContact.objects.create(
        person=person, name=name.strip(), relationship=relationship.strip(), phone=_telephone(phone, "phone")
    )
    _audit(by, "emergency_contact.added", contact, person, {"emergency contact": [None, _called(contact)]})
    return contact


@transaction.atomic
def remove_emergency_contact(person_id: int, contact_id: int, *, why: str, by: User) -> None:
    person = person_to_change(by, person_id)
    row = row_of(EmergencyContact, person, contact_id)
    _audit(by, "emergency_contact.removed", row, person, {"emergency contact": [_called(row), None]}, _reason(why))
    row.delete()


def _audit(
    by: User, verb: str, subject: models.Model, person: Person, changes: dict[str, list[Any]], why: str = ""
) -> None:
    record(by=by, verb=verb, subject=subject, person_id=person.pk, why=why, detail={"changes": changes})


def _reason(why: str) -> str:
    if not why.strip():
        raise CannotSave("Say why. The reason stays with the record.", "why")
    return why.strip()


def _check_unused(person: Person, kind: str, agency: Agency, value: str, by: User) -> None:
    taken = Identifier.objects.filter(kind=kind, agency=agency, value=value).select_related("person").first()
    if taken is None:
        return
    holder = taken.person.merged_into or taken.person
    if holder.pk == person.pk:
        raise CannotSave(f"{value} is on this record already.", "value")
    if people_visible_to(by).filter(pk=holder.pk).exists():
        raise CannotSave(
            f"{value} belongs to {holder.given_name} {holder.family_name} (record {holder.pk}). "
            "Check the number; if it is right, the two records may be one person.",
            "value",
        )
    raise CannotSave(
        f"{value} belongs to another record, which is not open to you. "
        "Check the number; if it is right, ask your administrator to have the two records compared.",
        "value",
    )


def _checked_contact(kind: str, value: str) -> str:
    if kind != ContactPoint.Kind.EMAIL:
        return _telephone(value, "value")
    try:
        validate_email(value.strip())
    except ValidationError:
        raise CannotSave(f"“{value}” is no e-mail address. Type one such as name@example.org.", "value") from None
    return value.strip()


def _telephone(text: str, field: str) -> str:
    try:
        return read_telephone(text)
    except ValueError as fault:
        raise CannotSave(str(fault), field) from None


def _checked_consent(may_message: bool | None, consent_on: date | None, on: date) -> date | None:
    if not may_message:
        return None
    if consent_on and consent_on > on:
        raise CannotSave(f"{consent_on} lies in the future. Give the day the person agreed.", "consent_on")
    return consent_on or on


def _prefer_no_other(person: Person) -> None:
    ContactPoint.objects.filter(person__in=record_ids(person), preferred=True).update(preferred=False)


def _consent(before: ContactPoint | None, after: ContactPoint) -> dict[str, list[Any]]:
    """What changed; a new contact point is compared with one nobody was asked about."""
    before = before or ContactPoint()
    asked = {None: "never asked", True: "yes", False: "no"}
    changes: dict[str, list[Any]] = {
        "may be messaged": [asked[before.may_message], asked[after.may_message]],
        "consent on": [_iso(before.consent_on), _iso(after.consent_on)],
        "preferred": [asked[before.preferred], asked[after.preferred]],
    }
    return {name: pair for name, pair in changes.items() if pair[0] != pair[1]}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _check_span(from_on: date, until_on: date | None) -> None:
    if from_on.year < EARLIEST_YEAR:
        raise CannotSave(f"{from_on} is before {EARLIEST_YEAR}. Check the year.", "from_on")
    if until_on and until_on <= from_on:
        raise CannotSave(f"The address cannot end on {until_on}: it begins on {from_on}. Give a later day.", "until_on")


def _make_room(person: Person, from_on: date, until_on: date | None) -> None:
    """End the home a new one follows. Raises CannotSave when the person would live at two places at once."""
    addresses = Address.objects.filter(person__in=record_ids(person))
    if until_on is None:
        addresses.filter(until_on=None, from_on__lt=from_on).update(until_on=from_on)
    end = until_on or date.max
    for other in addresses.order_by("from_on"):
        if other.from_on < end and from_on < (other.until_on or date.max):
            last = other.until_on - timedelta(days=1) if other.until_on else "now"
            raise CannotSave(
                f"{_place(other)} is on record from {other.from_on} to {last}. Give days that do not overlap it.",
                "from_on",
            )


def _place(address: Address) -> str:
    return f"{address.street}, {address.city}, {address.state} {address.postal_code}".strip()


def _name(name: PersonName) -> str:
    return f"{name.given_name} {name.family_name}".strip()


def _called(contact: EmergencyContact) -> str:
    return f"{contact.name} ({contact.relationship}), {contact.phone}"
