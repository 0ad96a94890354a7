"""The one place that writes search keys. Every verb that touches a name, birth date or number, or merges, calls it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from django.db import transaction
from django.db.models.functions import Coalesce

from waymark.people.identity import keys_of
from waymark.people.models import Person, SearchKey
from waymark.people.particulars import Record, members_of, records

AT_ONCE = 500  # SQLite takes about a thousand values in one IN list


def write_search_keys(person_ids: Iterable[int]) -> None:
    """Compute anew the keys of the people these records belong to, and put them in the place of the old ones."""
    waiting = iter(person_ids)
    while ids := list(islice(waiting, AT_ONCE)):
        _write(ids)


@transaction.atomic
def _write(ids: list[int]) -> None:
    kept = Person.objects.filter(pk__in=ids).values_list(Coalesce("merged_into_id", "pk"), flat=True)
    members = members_of(kept)
    each = records(pk for family in members.values() for pk in family)
    SearchKey.objects.filter(person__in=[*each, *ids]).delete()
    SearchKey.objects.bulk_create(
        [
            SearchKey(person_id=pk, kind=kind, key=key)
            for pk, family in members.items()
            for kind, key in sorted(set().union(*(_keys(each[member]) for member in family)))
        ],
        batch_size=AT_ONCE,
    )


def _keys(record: Record) -> set[tuple[str, str]]:
    return keys_of(record.who, (identifier.value for identifier in record.identifiers))
