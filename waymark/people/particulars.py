"""From the database to what identity is judged by: the only bridge to people.identity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from waymark.people.identity import Name, Particulars, compact
from waymark.people.models import ContactPoint, Identifier, Person, PersonName

ONE_PERSON_EVERYWHERE = {Identifier.Kind.DOC_NUMBER, Identifier.Kind.STATE_ID, Identifier.Kind.FBI_NUMBER}
TELEPHONES = {ContactPoint.Kind.MOBILE, ContactPoint.Kind.PHONE}


@dataclass
class Record:
    """What one record says: its particulars, and every identifier as written."""

    who: Particulars
    identifiers: list[Identifier] = field(default_factory=list)

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset(compact(identifier.value) for identifier in self.identifiers)


def records(person_ids: Iterable[int]) -> dict[int, Record]:
    """The records of these numbers, each by itself, whether kept or absorbed. Four queries for any number of them."""
    people = Person.objects.in_bulk(list(person_ids))
    ids = people.keys()
    names, identifiers, phones = defaultdict(list), defaultdict(list), defaultdict(set)
    for other in PersonName.objects.filter(person__in=ids).order_by("pk"):
        names[other.person_id].append(other)
    for identifier in Identifier.objects.filter(person__in=ids).order_by("pk"):
        identifiers[identifier.person_id].append(identifier)
    for point in ContactPoint.objects.filter(person__in=ids, kind__in=TELEPHONES, ended_on=None):
        phones[point.person_id].add(digits_of(point.value))
    return {
        pk: Record(particulars_of(person, names[pk], identifiers[pk], phones[pk]), identifiers[pk])
        for pk, person in people.items()
    }


def families(person_ids: Iterable[int]) -> dict[int, Record]:
    """By the number of each kept record: what it and all records merged into it say together. Five queries."""
    members = members_of(person_ids)
    each = records(pk for family in members.values() for pk in family)
    return {kept: _together([each[pk] for pk in family]) for kept, family in members.items()}


def members_of(kept_ids: Iterable[int]) -> dict[int, list[int]]:
    """The numbers that belong to each kept record: its own first, then those merged into it."""
    members = {pk: [pk] for pk in kept_ids}
    absorbed = Person.objects.filter(merged_into__in=list(members)).order_by("pk")
    for pk, kept in absorbed.values_list("pk", "merged_into_id"):
        members[kept].append(pk)
    return members


def _together(each: list[Record]) -> Record:
    whole = Particulars(
        names=tuple(dict.fromkeys(name for record in each for name in record.who.names)),
        born_on=next((record.who.born_on for record in each if record.who.born_on), None),
        numbers=frozenset().union(*(record.who.numbers for record in each)),
        phones=frozenset().union(*(record.who.phones for record in each)),
    )
    return Record(whole, [identifier for record in each for identifier in record.identifiers])


def particulars_of(
    person: Person,
    others: Iterable[PersonName] = (),
    identifiers: Iterable[Identifier] = (),
    phones: Iterable[str] = (),
) -> Particulars:
    """A name with one part missing borrows it from the name on record: the nickname Bill of William Smith."""
    return Particulars(
        names=(
            Name(person.given_name, person.family_name, person.middle_name),
            *(Name(o.given_name or person.given_name, o.family_name or person.family_name) for o in others),
        ),
        born_on=person.born_on,
        numbers=frozenset(f"{i.kind} {compact(i.value)}" for i in identifiers if i.kind in ONE_PERSON_EVERYWHERE),
        phones=frozenset(phones),
    )


def digits_of(number: str) -> str:
    return "".join(c for c in number if c.isdecimal())
