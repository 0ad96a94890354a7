"""Questions to people's records: search, one person's page, what was changed and why. Duplicates: duplicates.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.expressions import Case, Value, When

from waymark.accounts.access import RIGHTS, Right
from waymark.accounts.models import Agency, Role, Scope, Unit, User
from waymark.accounts.reads import free_user_name
from waymark.audit.models import Entry
from waymark.people.access import ROOT, open_assignments, people_visible_to, record_ids
from waymark.people.asking import Asked, match, read
from waymark.people.identity import Likeness, nicknames, sound, words_of
from waymark.people.models import (
    AccessRestriction,
    Address,
    Assignment,
    ContactPoint,
    EmergencyContact,
    Identifier,
    Merge,
    Person,
    PersonName,
    SearchKey,
)
from waymark.people.particulars import Record, families, members_of
from waymark.web.clock import today

USER_NAME_LENGTH = 60  # of one proposed: it is typed on a phone
JUDGED = 200  # candidates scored for one search; the best by birth date and spelling come first

Kind = SearchKey.Kind

WRITTEN = {  # every verb that writes to a person's record, in the words of its history
    "person.created": "Record made",
    "person.changed": "Changed",
    "person.merged": "Another record merged in",
    "person.absorbed": "Merged into another record",
    "person.merge_undone": "Merge undone",
    "person.not_a_duplicate": "Found not to be a duplicate",
    "name.added": "Other name added",
    "name.removed": "Other name removed",
    "identifier.added": "Identifier added",
    "identifier.removed": "Identifier removed",
    "contact.added": "Contact added",
    "contact.changed": "Contact changed",
    "contact.ended": "Contact ended",
    "address.added": "Address added",
    "address.ended": "Address ended",
    "emergency_contact.added": "Emergency contact added",
    "emergency_contact.removed": "Emergency contact removed",
    "person.assigned": "Assigned",
    "assignment.ended": "Assignment ended",
    "person.restricted": "Access limited",
    "person.unrestricted": "Limit on access lifted",
    "person.account_given": "Way to sign in given",
    "person.sign_in_link_made": "One-time sign-in link made",
    "person.account_closed": "Account closed",
}


@dataclass(frozen=True)
class Match:
    """A person found, why, and how well (higher is better; only good for ordering)."""

    person: Person
    why: str
    score: int
    identifiers: tuple[Identifier, ...] = ()
    assignments: tuple[Assignment, ...] = ()


@dataclass(frozen=True)
class Change:
    """One line of a record's history."""

    at: datetime
    actor: str
    what: str
    field: str = ""
    before: object = None
    after: object = None
    why: str = ""


@dataclass(frozen=True)
class Page:
    """All that one person's page shows, of the kept record and of every record merged into it."""

    person: Person
    ids: list[int]
    other_names: list[PersonName]
    merges: list[Merge]
    identifiers: list[Identifier]
    contact_points: list[ContactPoint]
    addresses: list[Address]
    emergency_contacts: list[EmergencyContact]
    assignments: list[Assignment]
    accounts: list[User]
    is_limited: bool
    on: date

    @property
    def standing_assignments(self) -> list[Assignment]:
        """Those open on the day, the first to last; merged records may both name the same officer."""
        standing = [row for row in self.assignments if row.from_on <= self.on and not _over(row, self.on)]
        return _once(reversed(standing))


Judged = tuple[Person, Record, Likeness]


def search(user: User, words: str, limit: int = 50, *, on: date | None = None) -> list[Match]:
    """The people the account may see that answer the words, best first. Same number of queries for any number found.

    Raises people.asking.CannotSearch, with what to type instead, when nothing can be looked for.
    """
    on = on or today()
    asked = read(words, on)
    people = list(_candidates(people_visible_to(user, on=on), asked)[:JUDGED])
    found = families(person.pk for person in people)
    judged = [
        (person, found[person.pk], match(asked, found[person.pk].who, found[person.pk].numbers)) for person in people
    ]
    best = sorted(_born_as_asked(judged, asked), key=lambda each: -each[2].score)[:limit]
    officers = assignments_of((person.pk for person, _, _ in best), on)
    return [
        Match(person, str(how), how.score, tuple(record.identifiers), tuple(officers[person.pk]))
        for person, record, how in best
    ]


def caseload(officer: User, on: date | None = None) -> QuerySet[Person]:
    """The people the officer answers for in person."""
    on = on or today()
    mine = open_assignments(on).filter(officer=officer).values_list(ROOT)
    return people_visible_to(officer, on=on).filter(pk__in=mine)


def assignments_of(person_ids: Iterable[int], on: date) -> defaultdict[int, list[Assignment]]:
    """The open assignments of these kept records and of all merged into them, by the kept record's number."""
    found: defaultdict[int, list[Assignment]] = defaultdict(list)
    kept_for = {pk: kept for kept, family in members_of(person_ids).items() for pk in family}
    rows = open_assignments(on).filter(person__in=list(kept_for)).select_related("agency", "unit", "officer")
    for row in rows.order_by("from_on", "pk"):
        found[kept_for[row.person_id]].append(row)
    return defaultdict(list, {kept: _once(each) for kept, each in found.items()})


def page(person: Person, on: date) -> Page:
    """What the person's page shows. Same number of queries however much there is."""
    ids = record_ids(person)
    assignments = Assignment.objects.filter(person__in=ids).select_related("agency", "unit", "officer")
    points = ContactPoint.objects.filter(person__in=ids, ended_on=None)
    return Page(
        person=person,
        ids=ids,
        other_names=list(PersonName.objects.filter(person__in=ids).order_by("pk")),
        merges=list(standing_merges(person)),
        identifiers=list(Identifier.objects.filter(person__in=ids).select_related("agency").order_by("kind", "value")),
        contact_points=list(points.order_by("-preferred", "pk")),
        addresses=list(Address.objects.filter(person__in=ids).order_by("-from_on", "-pk")),
        emergency_contacts=list(EmergencyContact.objects.filter(person__in=ids).order_by("pk")),
        assignments=list(assignments.order_by("-from_on", "-pk")),
        accounts=accounts_of(person),
        is_limited=AccessRestriction.objects.filter(person__in=ids).exists(),
        on=on,
    )


def accounts_of(person: Person) -> list[User]:
    """The accounts with which the person signs in: one, or one from each record merged into this one."""
    return list(User.objects.filter(person__in=record_ids(person), role=Role.PARTICIPANT).order_by("pk"))


def account_of(person: Person, account_id: int) -> User | None:
    return next((account for account in accounts_of(person) if account.pk == account_id), None)


def user_name_for(person: Person) -> str:
    """A free user name: dana.reyes for Dana Reyes; the record's number where no letter is left of the name."""
    words = words_of(person.given_name)[:1] + words_of(person.family_name)
    return free_user_name(".".join(words)[:USER_NAME_LENGTH] or f"person{person.pk}")


def standing_merges(person: Person) -> QuerySet[Merge]:
    """The merges that make up this kept record and have not been undone, the latest first."""
    standing = Merge.objects.filter(kept__in=record_ids(person), undone_at=None)
    return standing.select_related("kept", "absorbed", "merged_by").order_by("-merged_at", "-pk")


def merge_of(merge_id: int) -> Merge | None:
    return Merge.objects.filter(pk=merge_id).select_related("kept", "absorbed").first()


def restrictions(person_ids: Collection[int]) -> list[AccessRestriction]:
    rows = AccessRestriction.objects.filter(person__in=person_ids).select_related("user", "added_by")
    return list(rows.order_by("kind", "added_at"))


def history(person: Person) -> list[Change]:
    """Everything that was written to the record, the latest first: one line for each field that changed."""
    entries = Entry.objects.filter(person_id__in=record_ids(person), verb__in=WRITTEN).order_by("-number")
    return [change for entry in entries for change in _changes(entry)]


def _once(rows: Iterable[Assignment]) -> list[Assignment]:
    """One row for each officer and place."""
    return list({(row.agency_id, row.unit_id, row.officer_id): row for row in rows}.values())


def _over(row: Assignment, on: date) -> bool:
    return row.until_on is not None and row.until_on <= on


def _changes(entry: Entry) -> list[Change]:
    told = Change(entry.at, entry.actor, WRITTEN[entry.verb], why=entry.why)
    fields: dict[str, list[Any]] = entry.detail.get("changes", {})
    return [
        replace(told, field=name.replace("_", " "), before=before, after=after)
        for name, (before, after) in fields.items()
    ] or [told]


def _candidates(visible: QuerySet[Person], asked: Asked) -> QuerySet[Person]:
    """Those who answer every word and number (without a word: the date or a number), likest first as far as SQL can
    tell: born as asked, then spelled as typed."""
    born = Q(kind=Kind.BORN, key__startswith=asked.born) if asked.born else Q(pk__in=[])
    numbers = [_numbered(number) for number in asked.numbers]
    if asked.words:
        for criterion in [*(_called(word) for word in asked.words), *numbers]:
            visible = visible.filter(pk__in=_found_by(criterion))
    else:
        visible = visible.filter(pk__in=_found_by(reduce(or_, numbers, born)))
    as_typed = Q(kind=Kind.SPELLED, key__in=asked.words)
    return visible.annotate(
        fits=Case(When(pk__in=_found_by(born), then=Value(2)), default=Value(0))
        + Case(When(pk__in=_found_by(as_typed), then=Value(1)), default=Value(0))
    ).order_by("-fits", "family_name", "given_name", "pk")


def _called(word: str) -> Q:
    called = Q(kind=Kind.SPELLED, key__startswith=word) | Q(kind=Kind.SPELLED, key__in=nicknames(word))
    return called | Q(kind=Kind.SOUND, key=sound(word)) if len(word) > 1 and sound(word) else called


def _numbered(number: str) -> Q:
    numbered = Q(kind=Kind.NUMBER, key__startswith=number)
    return numbered | Q(kind=Kind.PHONE, key__startswith=number[::-1]) if number.isdecimal() else numbered


def _found_by(criterion: Q) -> QuerySet[SearchKey, tuple[int]]:
    return SearchKey.objects.filter(criterion).values_list("person_id")


def _born_as_asked(judged: list[Judged], asked: Asked) -> list[Judged]:
    """When somebody of the name was born as asked, the namesakes born on other days are left out."""
    if not any(asked.born and _born(record).startswith(asked.born) for _, record, _ in judged):
        return judged
    return [each for each in judged if _born(each[1]).startswith(asked.born) or not _born(each[1]) or not asked.words]


def _born(record: Record) -> str:
    return record.who.born_on.isoformat() if record.who.born_on else ""


def agencies_offered() -> QuerySet[Agency]:
    return Agency.objects.order_by("name")


def units_offered(by: User) -> QuerySet[Unit]:
    """Where the account may assign people."""
    units = Unit.objects.select_related("agency").order_by("agency__name", "name")
    return units if by.scope == Scope.WHOLE else units.filter(agency=by.agency_id)


def officers_offered(by: User) -> QuerySet[User]:
    """Whom the account may assign people to."""
    staff = accounts_offered()
    return staff if by.scope == Scope.WHOLE else staff.filter(agency=by.agency_id)


def accounts_offered() -> QuerySet[User]:
    """Everybody whose role sees people's records."""
    roles = [role for role, rights in RIGHTS.items() if Right.PERSON_SEE in rights]
    return User.objects.filter(is_active=True, role__in=roles).order_by("last_name", "first_name", "pk")
