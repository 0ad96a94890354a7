"""Appending to the log: batches of readings, ticks of the clock, changes of plan. Nothing else drives the engine.

The row of a part is locked while numbers are given out, so that a reader who has seen a number has seen every one
before it. Parts are locked in their order, so that two writers never wait for each other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.db import transaction
from django.db.models import F, Q

from waymark.monitoring.models import Activation, LogPart, LogRecord, MonitoringOrder, RawMessage
from waymark.telemetry.instants import ms_of
from waymark.telemetry.readings import Reading
from waymark.web.clock import now

TICK_EVERY = timedelta(seconds=30)

_encode = msgspec.msgpack.Encoder().encode
_decode_readings = msgspec.msgpack.Decoder(list[Reading]).decode
_decode_since = msgspec.msgpack.Decoder(int).decode


@dataclass(frozen=True, slots=True)
class Worn:
    """What of an activation the log needs."""

    id: int
    part: int


def append_readings(readings: Mapping[Worn, list[Reading]], message: RawMessage | None, at: datetime) -> int:
    """One record for each part that is touched; gives how many records. `Reading.activation` is the activation's
    number. Inside the transaction of whoever calls."""
    by_part: dict[int, list[Reading]] = defaultdict(list)
    for worn, said in readings.items():
        by_part[worn.part] += said
    return _append(
        LogRecord(
            part=part,
            kind=LogRecord.Kind.READINGS,
            at=at,
            message=message,
            count=len(said),
            body=_encode(said),
        )
        for part, said in by_part.items()
    )


def append_tick(at: datetime) -> int:
    """Let time go by for every part somebody is monitored in; gives how many parts. A part whose last tick is younger
    than half of TICK_EVERY is left alone: another engine ticked."""
    worn = Activation.objects.filter(state=Activation.State.ACTIVE).order_by().values_list("part", flat=True)
    parts = sorted(set(worn.distinct()))
    with transaction.atomic():
        rows = _locked(parts)
        due = Q(ticked_at=None) | Q(ticked_at__lte=at - TICK_EVERY / 2)
        due |= Q(ticked_at__gt=at + TICK_EVERY)  # a clock that ran ahead was set right
        ready = list(LogPart.objects.filter(due, part__in=rows).values_list("part", flat=True))
        LogPart.objects.filter(part__in=ready).update(ticked_at=at)
        return _append(LogRecord(part=part, kind=LogRecord.Kind.TICK, at=at) for part in ready)


def plan_changed(subject: MonitoringOrder | Activation, at: datetime, *, made_at: datetime | None = None) -> int:
    """The plan is another one from `at` on, which may be past or to come: evaluate again from there. Called in the
    transaction of the change. An order stands for all its activations; a protected person's activation for its
    partners too. `made_at`: when it was changed (None: this instant)."""
    worn = _activations_of(subject)
    body = _encode(ms_of(at))
    return _append(
        LogRecord(part=part, kind=LogRecord.Kind.PLAN, at=made_at or now(), activation_id=activation, body=body)
        for activation, part in worn
    )


@dataclass(frozen=True, slots=True)
class Heard:
    """A protected person was heard: since when that is new, by which message, and the clock then."""

    protected: Activation
    since_ms: int
    message_id: int | None
    at: datetime


def partners_heard(heard: Sequence[Heard]) -> int:
    """Have those who must stay away from protected persons evaluated again from these instants on. All at once, so
    that parts are locked in their order."""
    return _append(
        LogRecord(
            part=part,
            kind=LogRecord.Kind.PLAN,
            at=one.at,
            activation_id=wearer,
            message_id=one.message_id,
            body=_encode(one.since_ms),
        )
        for one in heard
        for wearer, part in _wearers_near(one.protected)
    )


def _wearers_near(protected: Activation) -> Iterable[tuple[int, int]]:
    near = Activation.objects.filter(Q(partner=protected) | Q(partners=protected), protected=False)
    return near.order_by("part", "pk").values_list("pk", "part").distinct()


def readings_in(record: LogRecord) -> list[Reading]:
    return _decode_readings(record.body)


def without(record: LogRecord, activation: str) -> bytes:
    """The body of a record of readings with nothing of this activation."""
    return _encode([reading for reading in readings_in(record) if reading.activation != activation])


def since_ms(record: LogRecord) -> int:
    return _decode_since(record.body)


def _activations_of(subject: MonitoringOrder | Activation) -> Iterable[tuple[int, int]]:
    own = Q(order=subject) if isinstance(subject, MonitoringOrder) else Q(pk=subject.pk)
    rows = Activation.objects.filter(own)
    if isinstance(subject, Activation) and subject.protected:
        rows = Activation.objects.filter(own | Q(partner=subject) | Q(partners=subject))
    return rows.order_by("part", "pk").values_list("pk", "part").distinct()


def _append(records: Iterable[LogRecord]) -> int:
    """Number the records and keep them, in one transaction."""
    waiting = sorted(records, key=lambda record: record.part)
    if not waiting:
        return 0
    with transaction.atomic():
        rows = _locked(sorted({record.part for record in waiting}))
        for record in waiting:
            row = rows[record.part]
            row.last_seq += 1
            record.seq = row.last_seq
        LogRecord.objects.bulk_create(waiting)
        _write_last(Counter(record.part for record in waiting))
    return len(waiting)


def _write_last(written: Counter[int]) -> None:
    """As a rule one statement: a message brings each part one record."""
    parts_by_records: dict[int, list[int]] = defaultdict(list)
    for part, records in written.items():
        parts_by_records[records].append(part)
    for records, parts in parts_by_records.items():
        LogPart.objects.filter(part__in=parts).update(last_seq=F("last_seq") + records)


def _locked(parts: list[int]) -> dict[int, LogPart]:
    """The rows of these parts, locked until the transaction ends; a part that was never written to is begun."""
    rows = {row.part: row for row in _lock(parts)}
    if len(rows) < len(parts):
        LogPart.objects.bulk_create([LogPart(part=part) for part in parts if part not in rows], ignore_conflicts=True)
        rows = {row.part: row for row in _lock(parts)}
    return rows


def _lock(parts: list[int]) -> Iterable[LogPart]:
    return LogPart.objects.select_for_update().filter(part__in=parts).order_by("part")
