"""The one place that writes search keys. Every verb that touches a name, birth date or number calls it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from django.db import transaction

from waymark.people.identity import keys_of
from waymark.people.models import SearchKey
from waymark.people.particulars import records

AT_ONCE = 500  # SQLite takes about a thousand values in one IN list


def write_search_keys(person_ids: Iterable[int]) -> None:
    """Compute the keys of these records anew and put them in the place of the old ones."""
    waiting = iter(person_ids)
    while ids := list(islice(waiting, AT_ONCE)):
        _write(ids)


@transaction.atomic
def _write(ids: list[int]) -> None:
    SearchKey.objects.filter(person__in=ids).delete()
    SearchKey.objects.bulk_create(
        [
            SearchKey(person_id=pk, kind=kind, key=key)
            for pk, record in records(ids).items()
            for kind, key in sorted(keys_of(record.who, (i.value for i in record.identifiers)))
        ],
        batch_size=AT_ONCE,
    )
