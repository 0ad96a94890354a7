"""Which records are probably one person, among those an account may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import combinations

from django.db.models import Count, Q

from waymark.accounts.models import User
from waymark.people.access import people_visible_to, record_ids
from waymark.people.identity import Likeness, Particulars, alike_keys, likeness, whole_keys
from waymark.people.models import NotADuplicate, Person, SearchKey
from waymark.people.particulars import families, members_of
from waymark.people.reads import Match, assignments_of
from waymark.web.clock import today

JUDGED = 200  # records compared with one
GROUPS = 500  # shared keys looked into for the whole list


@dataclass(frozen=True)
class Pair:
    """Two kept records that may be one person."""

    one: Person
    other: Person
    likeness: Likeness


def duplicates_of(user: User, who: Particulars, besides: Collection[int] = ()) -> list[Match]:
    """Records the account may see that are probably the same person, the likest first."""
    shared = SearchKey.objects.filter(
        Q(kind=SearchKey.Kind.ALIKE, key__in=alike_keys(who)) | Q(kind=SearchKey.Kind.WHOLE, key__in=whole_keys(who))
    )
    people = people_visible_to(user).filter(pk__in=shared.values_list("person_id")).exclude(pk__in=besides)[:JUDGED]
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
    members = members_of(other.person.pk for other in others)
    settled = _settled(own)
    return [other for other in others if not settled & _crossed(own, members[other.person.pk])]


def duplicate_pairs(user: User) -> list[Pair]:
    """Every two records the account may see that are probably one person and nobody has settled, likest first."""
    groups = _sharing_a_key(user)
    kept = {pk for group in groups for pk in group}
    found, people, members = families(kept), Person.objects.in_bulk(kept), members_of(kept)
    settled = _settled(pk for family in members.values() for pk in family)
    pairs = [
        Pair(people[one], people[other], likeness(found[one].who, found[other].who))
        for one, other in sorted({pair for group in groups for pair in combinations(sorted(group), 2)})
        if not settled & _crossed(members[one], members[other])
    ]
    return sorted((pair for pair in pairs if pair.likeness.probable), key=lambda pair: -pair.likeness.score)


def _sharing_a_key(user: User) -> list[set[int]]:
    """Groups of kept records that share a key hardly two people share."""
    keys = SearchKey.objects.filter(kind=SearchKey.Kind.ALIKE, person__in=people_visible_to(user).values("pk"))
    shared = keys.values("key").annotate(records=Count("pk")).filter(records__gt=1).order_by("key")
    groups = defaultdict(set)
    for key, kept in keys.filter(key__in=[row["key"] for row in shared[:GROUPS]]).values_list("key", "person_id"):
        groups[key].add(kept)
    return list(groups.values())


def _crossed(ids: Collection[int], others: Collection[int]) -> set[tuple[int, int]]:
    return {(min(one, other), max(one, other)) for one in ids for other in others}


def _settled(ids: Iterable[int]) -> set[tuple[int, int]]:
    """The pairs with one of these records that somebody found to be two people, the lower number first."""
    asked = list(ids)
    rows = NotADuplicate.objects.filter(Q(first__in=asked) | Q(second__in=asked))
    return set(rows.values_list("first_id", "second_id"))
