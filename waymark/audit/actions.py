"""Adding to the audit chain. There is no other verb: nothing in it is ever changed or removed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True)
class Act:
    """What was done, and by whom, before it is an entry. `by` is None when the system acts by itself.
    `detail["changes"]` holds {"field": [before, after]}."""

    by: Actor | None
    verb: str
    subject: Model | None = None
    person_id: int | None = None
    why: str = ""
    detail: dict[str, Any] | None = None


def record(
    *,
    by: Actor | None,
    verb: str,
    subject: Model | None = None,
    person_id: int | None = None,
    why: str = "",
    detail: dict[str, Any] | None = None,
) -> Entry:
    """Add one act to the end of the chain; see `record_all`."""
    act = Act(by=by, verb=verb, subject=subject, person_id=person_id, why=why, detail=detail)
    return record_all([act])[0]


def record_all(acts: Iterable[Act]) -> list[Entry]:
    """Add an entry for each act to the end of the chain, in their order, in three queries however many they are. They
    stand or fall with the acts they tell of.

    1. Lock the head, so that two writers queue up here and each links to the other.
    2. Write the entries, each with the hash of the one before.
    3. Move the head on, once. PostgreSQL keeps every version of a row until the transaction ends, and walks through
       them to the latest: moved on for each entry, the head would make every next one slower.

    Raises TransactionManagementError outside transaction.atomic(), TypeError or ValueError for what JSON cannot hold.
    """
    acts = list(acts)
    if not connection.in_atomic_block:
        verbs = ", ".join(sorted({act.verb for act in acts}))
        raise TransactionManagementError(
            f"Recording {verbs} outside transaction.atomic(): put it in the act's own block."
        )
    if not acts:
        return []
    head = Head.objects.select_for_update().get(pk=1)
    entries = []
    for act in acts:
        entry = _entry(act, head)
        entries.append(entry)
        head.number, head.hash = entry.number, entry.hash
    Entry.objects.bulk_create(entries)
    head.save(force_update=True)
    return entries


def _entry(act: Act, head: Head) -> Entry:
    """The act as the entry that follows this head, not yet saved."""
    by, subject = act.by, act.subject
    entry = Entry(
        number=head.number + 1,
        at=timezone.now(),
        actor_id=by.pk if by else None,
        actor=storable(_name(by))[:200],
        role=by.role if by else "",
        verb=act.verb,
        subject_kind=subject._meta.label_lower if subject else "",
        subject_id=str(subject.pk) if subject else "",
        person_id=act.person_id,
        why=storable(act.why),
        origin=storable(origin.get())[:200],
        detail=storable(act.detail or {}),
        previous_hash=head.hash,
    )
    entry.hash = seal(entry)
    return entry


def _name(by: Actor | None) -> str:
    if by is None:
        return "the system"
    return by.get_full_name() or by.get_username()
