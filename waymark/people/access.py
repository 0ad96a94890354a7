"""Who may see or change a person's record. Everything else fetches people through here and nowhere else.

A record is in an account's scope through the assignments open that day. Records merged into one count as one: an
assignment, an exclusion or a restriction on any of them holds for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404

from waymark.accounts.access import Right, may
from waymark.accounts.models import Scope, User
from waymark.audit.actions import record
from waymark.people.models import (
    AccessRestriction,
    Address,
    Assignment,
    ContactPoint,
    EmergencyContact,
    Identifier,
    Person,
    PersonName,
)
from waymark.web.clock import today

ROOT = Coalesce("person__merged_into_id", "person_id")  # the kept record that a row's person belongs to
Row = TypeVar("Row", PersonName, Identifier, ContactPoint, Address, EmergencyContact, Assignment)
NO_SUCH_PAGE = "There is no such page."  # unknown and forbidden read the same


class TurnedAway(PermissionDenied):
    """A colleague in scope is on the record's excluded list, or not on its restricted list. Says the words left there.

    Django answers it with 403.html, which shows the message as `exception`.
    """


def people_visible_to(user: User, *, on: date | None = None) -> QuerySet[Person]:
    """Kept records (never absorbed ones) that the account may see on the day (default: today), as one query."""
    return people_in_scope(user, on=on).exclude(pk__in=_closed_to(user))


def people_in_scope(user: User, *, on: date | None = None) -> QuerySet[Person]:
    """What the account's role and scope reach, before excluded and restricted lists."""
    kept = Person.objects.filter(merged_into=None)
    if not may(user, Right.PERSON_SEE):
        return kept.none()
    if user.scope == Scope.WHOLE:
        return kept
    assigned = open_assignments(on or today()).filter(_reach(user)).values_list("person_id")
    absorbed = Person.objects.filter(pk__in=assigned, merged_into__isnull=False).order_by()
    within = assigned.union(absorbed.values_list("merged_into_id"))  # an OR would look at every person there is
    return kept.filter(pk__in=within)


def person_for(user: User, person_id: int, *, why: str = "", verb: str = "person.viewed") -> Person:
    """The person, with the read put on record. The number of an absorbed record gives the kept one.

    Raises Http404 for an unknown and for a forbidden record alike, TurnedAway for a colleague kept out by a list.
    """
    with transaction.atomic():
        person = people_visible_to(user).filter(pk__in=_kept(person_id)).first()
        if person:
            record(by=user, verb=verb, subject=person, person_id=person.pk, why=why)
            return person
    raise _refusal(user, person_id)


def person_to_change(user: User | None, person_id: int, *, right: Right = Right.PERSON_WRITE) -> Person:
    """The kept record, locked until the transaction ends, for a verb to write to. No user: the system itself.

    Raises as person_for does; lacking the right looks like an unknown record.
    """
    people = Person.objects.filter(merged_into=None)
    if user is not None:
        people = people_visible_to(user) if may(user, right) else people.none()
    for _ in range(2):  # twice, for it may be merged into another while we wait for the lock
        if person := people.filter(pk__in=_kept(person_id)).select_for_update(of=("self",)).first():
            return person
    raise _refusal(user, person_id) if user and may(user, right) else Http404(NO_SUCH_PAGE)


def person_to_restrict(user: User, person_id: int, *, why: str = "") -> Person:
    """The person whose lists are to be seen or set, locked, with the look put on record. Call it in a transaction.

    Whoever sees people must have this one in scope and be on no list against it. An administrator sees no people;
    she reaches every record by its number, and its page of lists shows her the number alone.
    """
    if may(user, Right.PERSON_SEE):
        person = person_to_change(user, person_id, right=Right.PERSON_RESTRICT)
    else:
        person = person_to_change(None if may(user, Right.PERSON_RESTRICT) else user, person_id)
    record(by=user, verb="person.lists_viewed", subject=person, person_id=person.pk, why=why)
    return person


def note_listed(user: User, verb: str, people: Iterable[Person], **detail: Any) -> None:
    """Put on record that a list showed the account these people."""
    with transaction.atomic():
        record(by=user, verb=verb, detail={**detail, "people": [person.pk for person in people]})


def own_record(user: User) -> Person | None:
    """The record of the person who signed in, when a participant's account is tied to one."""
    person = Person.objects.filter(account=user).select_related("merged_into").first()
    return (person.merged_into or person) if person and may(user, Right.OWN_SEE) else None


def record_ids(person: Person) -> list[int]:
    """The number of the person's own record and of every record merged into it."""
    return [person.pk, *person.absorbed.order_by("pk").values_list("pk", flat=True)]


def row_of(kind: type[Row], person: Person, pk: int) -> Row:
    """A row that hangs on the person's own record or on one merged into it. Raises Http404 for any other."""
    row = kind._default_manager.filter(person__in=record_ids(person), pk=pk).first()
    if row is None:
        raise Http404(NO_SUCH_PAGE)
    return row


def open_assignments(on: date) -> QuerySet[Assignment]:
    return Assignment.objects.filter(Q(until_on=None) | Q(until_on__gt=on), from_on__lte=on)


def _reach(user: User) -> Q:
    """Which assignments bring a person into scope. A person's own officer is never shut out by where the unit is."""
    reach = Q(officer=user)
    if user.scope == Scope.UNIT and user.unit_id:
        reach |= Q(unit=user.unit_id)
    if user.scope == Scope.AGENCY and user.agency_id:
        reach |= Q(agency=user.agency_id)
    return reach


def _closed_to(user: User) -> QuerySet[AccessRestriction, tuple[int]]:
    """Kept records a list keeps the account out of.

    Merged records may each have a restricted list; the account must stand on every one of them, for the page shows
    what each of them holds.
    """
    return _keeping_out(user).values_list(ROOT)


def _keeping_out(user: User) -> QuerySet[AccessRestriction]:
    kinds = AccessRestriction.Kind
    listed = AccessRestriction.objects.filter(kind=kinds.RESTRICTED, user=user).values("person_id")
    return AccessRestriction.objects.filter(
        Q(kind=kinds.EXCLUDED, user=user) | (Q(kind=kinds.RESTRICTED) & ~Q(person_id__in=listed))
    )


def _kept(person_id: int) -> QuerySet[Person, tuple[int]]:
    """The number itself, or that of the record it was merged into; nothing when there is no such record."""
    return Person.objects.filter(pk=person_id).values_list(Coalesce("merged_into_id", "pk"))


def _refusal(user: User, person_id: int) -> Http404 | TurnedAway:
    person = people_in_scope(user).filter(pk__in=_kept(person_id)).first()
    if person is None:
        return Http404(NO_SUCH_PAGE)
    list_row = _keeping_out(user).filter(person_id__in=record_ids(person)).order_by("pk").first()
    if list_row is None:  # lifted a moment ago; asking again will show the record
        return Http404(NO_SUCH_PAGE)
    with transaction.atomic():
        record(by=user, verb="person.turned_away", subject=person, person_id=person.pk)
    return TurnedAway(list_row.message)
