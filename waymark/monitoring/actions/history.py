"""Legal holds, and the erasure of what an activation said."""

from __future__ import annotations

import json
from datetime import datetime

from django.db import transaction

from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.cases.actions.saving import CannotEnter
from waymark.monitoring.actions.log import readings_in, without
from waymark.monitoring.actions.receive import others_in
from waymark.monitoring.history import erase_readings, without_positions
from waymark.monitoring.models import (
    Activation,
    Checkpoint,
    EnginePart,
    Episode,
    LegalHold,
    LogPart,
    LogRecord,
    RawMessage,
)


def hold(activation: Activation, *, why: str, by: User, at: datetime) -> LegalHold:
    """Nothing of the activation is erased or dropped for its age from now on."""
    with transaction.atomic():
        held = LegalHold.objects.create(activation=activation, why=why, from_at=at, entered_by=by)
        record(by=by, verb="legal_hold.entered", subject=held, person_id=activation.person_id, why=why)
    return held


def lift_hold(held: LegalHold, *, why: str, by: User, at: datetime) -> None:
    with transaction.atomic():
        if not LegalHold.objects.filter(pk=held.pk, lifted_at=None).update(lifted_at=at, lifted_by=by):
            raise CannotEnter(("", "This hold was lifted before."))
        record(by=by, verb="legal_hold.lifted", subject=held, person_id=held.activation.person_id, why=why)


def erase(activation: Activation, *, why: str, by: User, at: datetime) -> int:
    """Take out everything an activation said; gives how many readings went. What was found and worked (episodes,
    alerts) stays, without positions; the audit entry says who had it done and why.

    1. Not while it is worn, held, or being evaluated. 2. The mark, which keeps the engine off. 3. Rows and files.
    4. Checkpoints, the log's records, evidence. 5. The messages: one that tells of nobody else is emptied, another is
    written anew with what it says of the others.
    """
    with transaction.atomic():
        position = EnginePart.objects.select_for_update().filter(part=activation.part).first()
        _check(activation, position)
        Activation.objects.filter(pk=activation.pk).update(readings_erased_at=at)
        gone, messages = erase_readings(activation)
        messages |= _strip_log(activation)
        Checkpoint.objects.filter(activation=activation).delete()
        _strip_evidence(activation)
        for message in RawMessage.objects.select_related("feed").filter(pk__in=messages):
            _strip_message(message, activation, at)
        record(
            by=by,
            verb="activation.readings_erased",
            subject=activation,
            person_id=activation.person_id,
            why=why,
            detail={"readings": gone, "messages": len(messages)},
        )
    return gone


def _check(activation: Activation, position: EnginePart | None) -> None:
    if activation.until_at is None:
        raise CannotEnter(("", "The device is still worn. End the activation first, then erase."))
    if LegalHold.objects.filter(activation=activation, lifted_at=None).exists():
        raise CannotEnter(("", "A legal hold stands on this activation. Nothing of it is erased until it is lifted."))
    last = LogPart.objects.filter(part=activation.part).values_list("last_seq", flat=True).first() or 0
    if last > (position.done_seq if position else 0):
        raise CannotEnter(("", "Readings that just came in are being evaluated. Try again in a minute."))


def _strip_log(activation: Activation) -> set[int]:
    """Gives the messages whose records told of it."""
    messages = set()
    for row in LogRecord.objects.filter(part=activation.part, kind=LogRecord.Kind.READINGS):
        body = without(row, str(activation.pk))
        if body != bytes(row.body):
            LogRecord.objects.filter(pk=row.pk).update(body=body, count=len(readings_in(LogRecord(body=body))))
            if row.message_id:
                messages.add(row.message_id)
    return messages


def _strip_evidence(activation: Activation) -> None:
    for episode in Episode.objects.filter(activation=activation):
        episode.evidence = without_positions(episode.evidence)
        episode.save(update_fields=["evidence"])


def _strip_message(message: RawMessage, activation: Activation, at: datetime) -> None:
    others = others_in(message, activation)
    message.body = json.dumps(others).encode() if others else b""
    message.refused, message.emptied_at = [], at
    message.save(update_fields=["body", "refused", "emptied_at"])
