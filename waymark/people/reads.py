"""Questions to people's records: search, probable duplicates, one person's page, what was changed and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce
from itertools import combinations
from operator import or_
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import Case, Value, When

from waymark.accounts.models import User
from waymark.audit.models import Entry
from waymark.people.access import ROOT, open_assignments, people_visible_to, record_ids
from waymark.people.asking import Asked, match, read
from waymark.people.identity import Likeness, Particulars, alike_keys, likeness, nicknames, sound, whole_keys
from waymark.people.models import (
    AccessRestriction,
    Address,
    Assignment,
    ContactPoint,
    EmergencyContact,
    Identifier,
    Merge,
    NotADuplicate,
    Person,
    PersonName,
    SearchKey,
)
from waymark.people.particulars import Record, families
from waymark.web.clock import today

JUDGED = 200  # candidates scored for one search; the best by birth date and spelling come first
GROUPS = 500  # shared keys looked into for the list of duplicates

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
class Pair:
    """Two kept records that may be one person."""

    one: Person
    other: Person
    likeness: Likeness


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
    is_limited: bool
    on: date

    @property
    def open_assignments(self) -> list[Assignment]:
        return [row for row in self.assignments if row.until_on is None or row.until_on > self.on]


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
    rows = open_assignments(on).annotate(root=ROOT).filter(root__in=list(person_ids))
    for row in rows.select_related("agency", "unit", "officer").order_by("from_on", "pk"):
        found[row.root].append(row)
    return found


def duplicates_of(user: User, who: Particulars, besides: Collection[int] = ()) -> list[Match]:
    """Records the account may see that are probably the same person, the likest first."""
    shared = SearchKey.objects.filter(
        Q(kind=Kind.ALIKE, key__in=alike_keys(who)) | Q(kind=Kind.WHOLE, key__in=whole_keys(who))
    )
    people = people_visible_to(user).filter(pk__in=shared.values_list(ROOT)).exclude(pk__in=besides)[:JUDGED]
    found = families(person.pk for person in people)
    judged = [(person, likeness(who, found[person.pk].who)) for person in people]
    probable = sorted((each for each in judged if each[1].probable), key=lambda each: -each[1].score)
    officers = assignments_of((person.pk for person, _ in probable), today())
    return [
        Match(person, str(how), how.score, tuple(found[person.pk].identifiers), tuple(officers[person.pk]))
        for person, how in probable
    ]


def duplicates_of_person(user: User, person: Person) -> list[Match]:
    """As duplicates_of, without those found to be other people."""
    own = record_ids(person)
    others = duplicates_of(user, families([person.pk])[person.pk].who, besides=own)
    members = _members(other.person.pk for other in others)
    settled = _settled(own)
    return [other for other in others if not settled & _crossed(own, members[other.person.pk])]


def duplicate_pairs(user: User) -> list[Pair]:
    """Every two records the account may see that are probably one person and nobody has settled, likest first."""
    groups = _sharing_a_key(user)
    kept = {pk for group in groups for pk in group}
    found, people, members = families(kept), Person.objects.in_bulk(kept), _members(kept)
    settled = _settled(pk for family in members.values() for pk in family)
    pairs = [
        Pair(people[one], people[other], likeness(found[one].who, found[other].who))
        for one, other in sorted({pair for group in groups for pair in combinations(sorted(group), 2)})
        if not settled & _crossed(members[one], members[other])
    ]
    return sorted((pair for pair in pairs if pair.likeness.probable), key=lambda pair: -pair.likeness.score)


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
        is_limited=AccessRestriction.objects.filter(person__in=ids).exists(),
        on=on,
    )


def standing_merges(person: Person) -> QuerySet[Merge]:
    """The merges that make up this kept record and have not been undone, the latest first."""
    standing = Merge.objects.filter(kept__in=record_ids(person), undone_at=None)
    return standing.select_related("kept", "absorbed", "merged_by").order_by("-merged_at", "-pk")


def restrictions(person_ids: Collection[int]) -> list[AccessRestriction]:
    rows = AccessRestriction.objects.filter(person__in=person_ids).select_related("user", "added_by")
    return list(rows.order_by("kind", "added_at"))


def history(person: Person) -> list[Change]:
    """Everything that was written to the record, the latest first: one line for each field that changed."""
    entries = Entry.objects.filter(person_id__in=record_ids(person), verb__in=WRITTEN).order_by("-number")
    return [change for entry in entries for change in _changes(entry)]


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
    return SearchKey.objects.filter(criterion).values_list(ROOT)


def _born_as_asked(judged: list[Judged], asked: Asked) -> list[Judged]:
    """When somebody of the name was born as asked, the namesakes born on other days are left out."""
    if not any(asked.born and _born(record).startswith(asked.born) for _, record, _ in judged):
        return judged
    return [each for each in judged if _born(each[1]).startswith(asked.born) or not _born(each[1]) or not asked.words]


def _born(record: Record) -> str:
    return record.who.born_on.isoformat() if record.who.born_on else ""


def _sharing_a_key(user: User) -> list[set[int]]:
    """Groups of kept records that share a key hardly two people share."""
    keys = SearchKey.objects.filter(kind=Kind.ALIKE).annotate(root=ROOT)
    keys = keys.filter(root__in=people_visible_to(user).values("pk"))
    shared = keys.values("key").annotate(records=Count("root", distinct=True)).filter(records__gt=1)
    groups = defaultdict(set)
    for key, root in keys.filter(key__in=[row["key"] for row in shared.order_by("key")[:GROUPS]]).values_list(
        "key", "root"
    ):
        groups[key].add(root)
    return list(groups.values())


def _members(kept_ids: Iterable[int]) -> dict[int, list[int]]:
    """The numbers that belong to each kept record, its own among them."""
    members = {pk: [pk] for pk in kept_ids}
    for pk, root in Person.objects.filter(merged_into__in=list(members)).values_list("pk", "merged_into_id"):
        members[root].append(pk)
    return members


def _crossed(ids: Collection[int], others: Collection[int]) -> set[tuple[int, int]]:
    return {(min(one, other), max(one, other)) for one in ids for other in others}


def _settled(ids: Iterable[int]) -> set[tuple[int, int]]:
    """The pairs with one of these records that somebody found to be two people, the lower number first."""
    asked = list(ids)
    rows = NotADuplicate.objects.filter(Q(first__in=asked) | Q(second__in=asked))
    return set(rows.values_list("first_id", "second_id"))
