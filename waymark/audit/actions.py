"""Adding to the audit chain. There is no other verb: nothing in it is ever changed or removed."""

from __future__ import annotations

from typing import Any, Protocol

from django.db import connection
from django.db.models import Model
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from waymark.audit.chain import seal, storable
from waymark.audit.models import Entry, Head
from waymark.audit.origin import origin


class Actor(Protocol):
    """An account, as far as the chain needs to know it."""

    pk: Any
    role: str

    def get_full_name(self) -> str: ...
    def get_username(self) -> str: ...


def record(
    *,
    by: Actor | None,
    verb: str,
    subject: Model | None = None,
    person_id: int | None = None,
    why: str = "",
    detail: dict[str, Any] | None = None,
) -> Entry:
    """Add one entry to the end of the chain. It stands or falls with the act it tells of.

    1. Lock the head, so that two writers queue up here and each links to the other.
    2. Write the entry with the hash of the one before.
    3. Move the head on.

    `by` is None when the system acts by itself. `detail["changes"]` holds {"field": [before, after]}.
    Raises TransactionManagementError outside transaction.atomic(), TypeError or ValueError for what JSON cannot hold.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError(
            f"record({verb!r}) outside transaction.atomic(): put it in the act's own block."
        )
    head = Head.objects.select_for_update().get(pk=1)
    entry = Entry(
        number=head.number + 1,
        at=timezone.now(),
        actor_id=by.pk if by else None,
        actor=storable(_name(by))[:200],
        role=by.role if by else "",
        verb=verb,
        subject_kind=subject._meta.label_lower if subject else "",
        subject_id=str(subject.pk) if subject else "",
        person_id=person_id,
        why=storable(why),
        origin=storable(origin.get())[:200],
        detail=storable(detail or {}),
        previous_hash=head.hash,
    )
    entry.hash = seal(entry)
    entry.save(force_insert=True)
    Head.objects.filter(pk=1).update(number=entry.number, hash=entry.hash)
    return entry


def _name(by: Actor | None) -> str:
    if by is None:
        return "the system"
    return by.get_full_name() or by.get_username()
