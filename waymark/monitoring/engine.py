"""From the log to readings, checkpoints, episodes and alerts.

    run_once()      one bounded batch: a share of it for every part that has something to do
    run_part(7)     the next batch of one part

A batch is worked in two steps. What the database says is read and evaluated, and nothing is written. Then, in ONE
transaction, the position of each part is moved from the number the batch began with, and all results are written: the
engine that finds another number has been fenced off by a second one and writes nothing. So a crash at any point, or two
engines at once, neither loses nor doubles anything. The number of queries of a batch is the same however many parts and
activations it holds, but for those whose readings came late.

The only clock is `at` of the log's records. An activation's checkpoint stands at its last reading, not at the clock: a
device that stores and forwards is not late by that. What time alone brings is evaluated from there at every tick and
not kept. A reading at or before the checkpoint is late: all is evaluated again from an earlier one.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import F, Q

from waymark.monitoring.actions.alerts import follow
from waymark.monitoring.actions.log import Heard, partners_heard, readings_in, since_ms
from waymark.monitoring.believed import Told, believe, standing
from waymark.monitoring.facts import Planned, plans_for, time_zone
from waymark.monitoring.models import (
    Activation,
    Checkpoint,
    EnginePart,
    LogPart,
    LogRecord,
    RawMessage,
    Reading,
    SealedReading,
)
from waymark.monitoring.rows import Row, known_among, row_of, save_rows, stored_readings, table_of, without_readings
from waymark.telemetry.episodes import Episode
from waymark.telemetry.evaluate import evaluate
from waymark.telemetry.instants import ALWAYS_FROM_MS, DAY_MS, EPOCH, HOUR_MS, ms_of
from waymark.telemetry.readings import Columns, columns
from waymark.telemetry.readings import Reading as Said
from waymark.telemetry.state import OtherRules, State

BATCH_RECORDS = 500
BATCH_READINGS = 5_000
NEWEST_KEPT = 3  # checkpoints
NOTHING = columns([Said("", ms_of(datetime(2026, 1, 1, tzinfo=UTC)), "status")])[""].take(slice(0, 0))

log = logging.getLogger(__name__)


class Fenced(Exception):
    """Another engine moved the part on. Nothing was written; begin again from where the part is now."""


def run_once() -> int:
    """Gives how many records were done. All parts share one batch, so that none waits for another's backlog; should it
    not come through, each part is worked by itself, so that none waits for another's trouble."""
    parts = parts_behind()
    try:
        return _run(parts)
    except (Fenced, DataError, IntegrityError):
        return sum(map(_run_alone, parts))


def _run_alone(part: int) -> int:
    try:
        return run_part(part)
    except Fenced:
        log.info("part %s was moved on by another engine", part)
    except (DataError, IntegrityError):  # what this part has to write is refused; the others must not wait for it
        log.exception("part %s could not be written", part)
    return 0


def parts_behind() -> list[int]:
    """Parts with records that are not done, the longest waiting first."""
    done = {row.part: row for row in EnginePart.objects.all()}
    behind = [
        part
        for part, last_seq in LogPart.objects.values_list("part", "last_seq")
        if last_seq > (done[part].done_seq if part in done else 0)
    ]
    never = EPOCH
    return sorted(behind, key=lambda part: (done[part].done_at or never) if part in done else never)


def run_part(part: int, most_records: int = BATCH_RECORDS) -> int:
    """Do the next records of a part; gives how many. Raises Fenced."""
    return _run([part], most_records)


def _run(parts: Sequence[int], most_records: int = BATCH_RECORDS) -> int:
    batch = _next_batch(parts, most_records)
    if not batch.stretches:
        return 0
    results = _evaluate(batch)
    with transaction.atomic():
        _move_on(batch)
        _write(batch, results)
    return sum(len(stretch.records) for stretch in batch.stretches)


# The batch


@dataclass(frozen=True)
class Stretch:
    """The next records of one part. `at`: the part's clock after the last of them; it never runs back."""

    part: int
    done_seq: int
    records: Sequence[LogRecord]
    at: datetime


@dataclass
class Touched:
    """An activation of a batch, and what the batch brought it."""

    activation: Activation
    at: datetime  # its part's clock
    rows: list[Row] = field(default_factory=list)
    since_ms: list[int] = field(default_factory=list)  # changes of plan, a partner's readings
    received_at: datetime | None = None  # of the last message; None: time alone, or a change of plan

    @property
    def at_ms(self) -> int:
        return ms_of(self.at)


@dataclass(frozen=True)
class Batch:
    stretches: Sequence[Stretch]
    touched: dict[int, Touched]


def _next_batch(parts: Sequence[int], most_records: int) -> Batch:
    positions = _positions(parts)
    records = _records_after(positions, most_records)
    stretches = []
    for part in sorted(records):
        position = positions[part]
        at = max([record.at for record in records[part]] + ([position.done_at] if position.done_at else []))
        stretches.append(Stretch(part, position.done_seq, records[part], at))
    return Batch(stretches, _touched(stretches))


def _positions(parts: Sequence[int]) -> dict[int, EnginePart]:
    positions = EnginePart.objects.in_bulk(parts)
    if len(positions) < len(parts):
        EnginePart.objects.bulk_create([EnginePart(part=part) for part in parts], ignore_conflicts=True)
        positions = EnginePart.objects.in_bulk(parts)
    return positions


def _records_after(positions: dict[int, EnginePart], most_records: int) -> dict[int, list[LogRecord]]:
    """By part, in order, without a gap."""
    next_ones = [Q(part=p.part, seq__gt=p.done_seq, seq__lte=p.done_seq + most_records) for p in positions.values()]
    waiting: dict[int, list[tuple[int, int]]] = defaultdict(list)
    if next_ones:
        found = LogRecord.objects.filter(reduce(or_, next_ones)).order_by("part", "seq")
        for part, seq, count in found.values_list("part", "seq", "count"):
            waiting[part].append((seq, count))
    if not waiting:
        return {}
    up_to = [Q(part=part, seq__gt=positions[part].done_seq, seq__lte=seq) for part, seq in _shares(waiting).items()]
    records: dict[int, list[LogRecord]] = defaultdict(list)
    for record in LogRecord.objects.filter(reduce(or_, up_to)).order_by("part", "seq"):
        records[record.part].append(record)
    return records


def _shares(waiting: dict[int, list[tuple[int, int]]]) -> dict[int, int]:
    """The last number each part does, given numbers and readings of what waits in it: BATCH_READINGS shared out evenly,
    what one part does not need to the others. Every part does one record at least."""
    last: dict[int, int] = {}
    room = BATCH_READINGS
    smallest_first = sorted(waiting, key=lambda part: sum(count for _, count in waiting[part]))
    for parts_left, part in zip(range(len(waiting), 0, -1), smallest_first, strict=True):
        share, done = room // parts_left, 0
        for seq, count in waiting[part]:
            if part in last and done + count > share:
                break
            last[part], done = seq, done + count
        room = max(room - done, 0)
    return last


def _touched(stretches: Sequence[Stretch]) -> dict[int, Touched]:
    """Everybody a record speaks of; at a tick everybody who is monitored in the part."""
    rows: dict[int, list[Row]] = defaultdict(list)
    since: dict[int, list[int]] = defaultdict(list)
    received: dict[int, datetime] = {}
    clocks = {stretch.part: stretch.at for stretch in stretches}
    records = [record for stretch in stretches for record in stretch.records]
    receipts = _receipts(records)
    for record in records:
        received_at = receipts.get(record.message_id, record.at)
        if record.kind == LogRecord.Kind.READINGS:
            for reading in readings_in(record):
                number = int(reading.activation)
                rows[number].append(row_of(reading, received_at, record.message_id))
                received[number] = received_at
        elif record.kind == LogRecord.Kind.PLAN and record.activation_id:
            since[record.activation_id].append(since_ms(record))
            if record.message_id:
                received[record.activation_id] = received_at
    found = Q(pk__in=rows.keys() | since.keys())
    if ticked := {record.part for record in records if record.kind == LogRecord.Kind.TICK}:
        found |= Q(part__in=ticked, state=Activation.State.ACTIVE)
    return {
        one.pk: Touched(one, clocks[one.part], rows[one.pk], since[one.pk], received.get(one.pk))
        for one in Activation.objects.filter(found, readings_erased_at=None)
    }


def _receipts(records: Sequence[LogRecord]) -> dict[int | None, datetime]:
    messages = {record.message_id for record in records if record.message_id}
    return dict(RawMessage.objects.filter(pk__in=messages).values_list("pk", "received_at"))


# Evaluating: reads, and writes nothing


@dataclass
class Result:
    """What becomes of one activation. `from_ms`: the checkpoint it was evaluated from (None: its beginning)."""

    touched: Touched
    new: list[Row]
    latest_ms: int | None  # up to here all had been evaluated
    from_ms: int | None = None
    told: list[Told] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)  # numbers of checkpoints that no longer hold or are too many
    evaluated: bool = False

    def is_late(self, row: Row) -> bool:
        return self.latest_ms is not None and row.reading.happened_ms <= self.latest_ms


def _evaluate(batch: Batch) -> list[Result]:
    activations = [one.activation for one in batch.touched.values()]
    plans = plans_for(activations)
    points = _checkpoints([activation.pk for activation in activations])
    states = _states([known[-1] for known in points.values() if known])
    new = without_readings([activation for activation in activations if not points[activation.pk]])
    return [
        _result_or_none(one, plans[number], points[number], states, is_new=number in new)
        for number, one in batch.touched.items()
    ]


def _result_or_none(one: Touched, planned: Planned, points: list[Point], states: States, *, is_new: bool) -> Result:
    """An activation that cannot be evaluated must not keep the others of its part waiting: its readings are stored, its
    checkpoints dropped, and the next record about it evaluates all of it anew."""
    try:
        return _result(one, planned, points, states, is_new=is_new)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        log.exception("activation %s could not be evaluated", one.activation.pk)
        latest = points[-1] if points else None
        result = Result(one, _new_rows(one, latest, is_new=is_new), latest.at_ms if latest else None)
        result.dropped = [point.pk for point in points]
        return result


@dataclass(frozen=True, slots=True)
class Point:
    """A checkpoint without its state."""

    pk: int
    at_ms: int


States = dict[int, Any]  # of checkpoints, as JSON


def _checkpoints(activations: list[int]) -> dict[int, list[Point]]:
    found: dict[int, list[Point]] = {number: [] for number in activations}
    rows = Checkpoint.objects.filter(activation__in=activations).order_by("activation", "at_ms")
    for number, pk, at_ms in rows.values_list("activation_id", "pk", "at_ms"):
        found[number].append(Point(pk, at_ms))
    return found


def _result(one: Touched, planned: Planned, points: list[Point], states: States, *, is_new: bool) -> Result:
    """1. Which readings are new. 2. From which checkpoint on they matter. 3. Evaluate from there, in stages that leave
    checkpoints, to the last reading; then what time alone brings, up to the clock, without a checkpoint."""
    activation = one.activation
    latest = points[-1] if points else None
    result = Result(one, _new_rows(one, latest, is_new=is_new), latest.at_ms if latest else None)
    if activation.state == Activation.State.INSTALLING:
        return result
    reach_ms = one.at_ms - settings.MONITORING_REEVALUATED_DAYS * DAY_MS
    new_ms = [row.reading.happened_ms for row in result.new] + one.since_ms
    start = _start(points, max(reach_ms, min(new_ms, default=one.at_ms)))
    state = _state_at(start, states)
    if state is None:
        start = None
        result.from_ms = reach_ms if ms_of(activation.from_at) < reach_ms else None
    else:
        result.from_ms = start.at_ms if start else None
    beyond = is_new or (start is not None and start == latest)
    said = columns(_said_since(result, nothing_stored=beyond))
    _run_stages(result, planned, state, said.get(str(activation.pk), NOTHING))
    _thin(result, points)
    return result


def _new_rows(one: Touched, latest: Point | None, *, is_new: bool) -> list[Row]:
    """Readings not stored before, each once. Beyond the last checkpoint nothing is stored yet."""
    by_key = {row.key: row for row in reversed(one.rows)}
    if is_new:
        return list(by_key.values())
    late = [row for row in by_key.values() if latest is None or row.reading.happened_ms <= latest.at_ms]
    stored = known_among(one.activation, late)
    return [row for key, row in by_key.items() if key not in stored]


def _start(points: list[Point], since_ms: int) -> Point | None:
    """The last checkpoint before the first thing that is new."""
    return next((point for point in reversed(points) if point.at_ms < since_ms), None)


def _states(points: list[Point]) -> States:
    return dict(Checkpoint.objects.filter(pk__in=[point.pk for point in points]).values_list("pk", "state"))


def _state_at(start: Point | None, states: States) -> State | None:
    """None: from the beginning, also where the state was left by other rules than today's. `states` holds those of the
    last checkpoints; an earlier one is asked for."""
    if start is None:
        return None
    try:
        return State.from_json((states if start.pk in states else _states([start]))[start.pk])
    except OtherRules:
        return None


def _said_since(result: Result, *, nothing_stored: bool) -> list[Said]:
    """Every reading after the start: those of the batch, and those stored."""
    after_ms = result.from_ms
    fresh = [row.reading for row in result.new if after_ms is None or row.reading.happened_ms > after_ms]
    return fresh if nothing_stored else stored_readings(result.touched.activation, after_ms) + fresh


def _run_stages(result: Result, planned: Planned, state: State | None, said: Columns) -> None:
    """A reading may be ahead of our clock by as much as receipt allows: time runs to the later of the two."""
    partners = _partners(planned, result.from_ms)
    told: dict[str, Told] = {}
    before_ms = _BEGINNING if result.from_ms is None else result.from_ms
    for stage_ms in _stages(said):
        found = evaluate(
            planned.participant,
            time_zone(),
            said.between(before_ms + 1, stage_ms + 1),
            until_ms=stage_ms,
            state=state,
            partners=_between(partners, before_ms, stage_ms),
        )
        state, before_ms = found.state, stage_ms
        _tell(told, found.episodes, stage_ms)
        result.checkpoints.append(_checkpoint(result, planned, stage_ms, state))
    until_ms = max(result.touched.at_ms, before_ms)
    found = evaluate(
        planned.participant,
        time_zone(),
        NOTHING,
        until_ms=until_ms,
        state=state,
        partners=_between(partners, before_ms, until_ms),
    )
    _tell(told, found.episodes, None)
    result.told, result.evaluated = list(told.values()), True


_BEGINNING = ALWAYS_FROM_MS


def _checkpoint(result: Result, planned: Planned, at_ms: int, state: State) -> Checkpoint:
    return Checkpoint(
        activation=result.touched.activation, at_ms=at_ms, plan_hash=planned.digest, state=state.as_json()
    )


def _tell(told: dict[str, Told], episodes: Sequence[Episode], stage_ms: int | None) -> None:
    """A later stage knows better; an episode that is over stays as the stage told it in which it ended."""
    for number in [number for number, one in told.items() if one.episode.closed_ms is None]:
        del told[number]
    for episode in episodes:
        told[episode.episode_id] = Told(episode, stage_ms if episode.closed_ms is not None else None)


def _stages(said: Columns) -> Iterator[int]:
    """Where checkpoints are left on the way from the first to the last reading: at each midnight UTC, each hour of the
    last day, and the last reading itself. They are the ones `_thin` keeps."""
    if not len(said):
        return
    stage_ms, last_ms = int(said.happened_ms[0]), int(said.happened_ms[-1])
    while stage_ms < last_ms:
        step_ms = DAY_MS if stage_ms < last_ms - DAY_MS else HOUR_MS
        stage_ms = (stage_ms // step_ms + 1) * step_ms
        if stage_ms < last_ms:
            yield stage_ms
    yield last_ms


def _thin(result: Result, points: list[Point]) -> None:
    """Drop checkpoints after the start, which no longer hold, and those too close together to be worth keeping: of the
    last day one an hour, of the days before one a day, as far as late readings are followed up and one beyond."""
    start_ms = _BEGINNING if result.from_ms is None else result.from_ms
    standing = [point for point in points if point.at_ms <= start_ms]
    instants = [point.at_ms for point in standing] + [one.at_ms for one in result.checkpoints]
    worth = _worth_keeping(instants) if instants else set()
    result.dropped = [point.pk for point in points if point.at_ms > start_ms or point.at_ms not in worth]
    result.checkpoints = [one for one in result.checkpoints if one.at_ms in worth]


def _worth_keeping(instants: list[int]) -> set[int]:
    last_ms = instants[-1]
    reach_ms = last_ms - settings.MONITORING_REEVALUATED_DAYS * DAY_MS
    last_of: dict[tuple[int, int], int] = {}
    for at_ms in instants:
        step_ms = HOUR_MS if at_ms > last_ms - DAY_MS else DAY_MS
        last_of[step_ms, (at_ms - 1) // step_ms if at_ms > reach_ms else 0] = at_ms
    return set(last_of.values()) | set(instants[-NEWEST_KEPT:])


def _partners(planned: Planned, begin_ms: int | None) -> dict[str, Columns]:
    """The protected person's readings after the start: what came before is in its state."""
    if planned.partner_id is None:
        return {}
    name = str(planned.partner_id)
    # A device of hers that was exchanged told where she was all the same: the zone goes with whatever she carried.
    carried = Activation.objects.filter(protected=True, order__activations=planned.partner_id)
    return columns(said._replace(activation=name) for one in carried for said in stored_readings(one, begin_ms))


def _between(partners: dict[str, Columns], after_ms: int, until_ms: int) -> dict[str, Columns]:
    return {name: said.between(after_ms + 1, until_ms + 1) for name, said in partners.items()}


# Writing, in one transaction with the position


def _move_on(batch: Batch) -> None:
    """First, so that a second engine waits here and then finds that it came too late. Parts are moved in their order,
    so that two engines never wait for each other."""
    moves = [
        (one.records[-1].seq, connection.ops.adapt_datetimefield_value(one.at), one.part, one.done_seq)
        for one in batch.stretches
    ]
    with connection.cursor() as cursor:
        table = EnginePart._meta.db_table
        cursor.executemany(f"UPDATE {table} SET done_seq = %s, done_at = %s WHERE part = %s AND done_seq = %s", moves)
        moved = cursor.rowcount
    if moved != len(moves):
        raise Fenced(f"{len(moves) - moved} of {len(moves)} parts were moved on by another engine.")
    if Activation.objects.filter(pk__in=batch.touched).exclude(readings_erased_at=None).exists():
        raise Fenced("Readings of an activation were erased meanwhile.")


def _write(batch: Batch, results: list[Result]) -> None:
    _write_readings(results)
    _write_counts(batch, results)
    _write_checkpoints(results)
    _tell_wearers(results)
    evaluated = [result for result in results if result.evaluated]
    stood = standing([(one.touched.activation, one.told, one.from_ms) for one in evaluated])
    for result in evaluated:
        one = result.touched
        if changes := believe(one.activation, result.told, stood[one.activation.pk], at=one.at):
            follow(one.activation, changes, one.at, one.received_at)


def _tell_wearers(results: list[Result]) -> None:
    """Where a protected person was heard, the one who must stay away is evaluated too: by a record of the log, because
    that one may be in another part."""
    heard = []
    for result in results:
        if result.touched.activation.protected and result.new:
            first = min(result.new, key=lambda row: row.reading.happened_ms)
            since_ms = first.reading.happened_ms
            heard.append(Heard(result.touched.activation, since_ms, first.message_id, result.touched.at))
    partners_heard(heard)


def _write_readings(results: list[Result]) -> None:
    for table in (Reading, SealedReading):
        save_rows(
            table,
            (
                (result.touched.activation.pk, row, result.is_late(row))
                for result in results
                if table_of(result.touched.activation) is table
                for row in result.new
            ),
        )


def _write_counts(batch: Batch, results: list[Result]) -> None:
    """What the engine found out about the messages: readings that were known, and readings that were late."""
    known: Counter[int | None] = Counter(
        {
            record.message_id: 0
            for stretch in batch.stretches
            for record in stretch.records
            if record.kind == LogRecord.Kind.READINGS
        }
    )
    late: Counter[int | None] = Counter()
    for result in results:
        known.update(row.message_id for row in result.touched.rows)
        known.subtract(row.message_id for row in result.new)
        late.update(row.message_id for row in result.new if result.is_late(row))
    for message in filter(None, known):
        if known[message] or late[message]:
            RawMessage.objects.filter(pk=message).update(
                duplicates=F("duplicates") + known[message], late=F("late") + late[message]
            )


def _write_checkpoints(results: list[Result]) -> None:
    Checkpoint.objects.filter(pk__in=[pk for result in results for pk in result.dropped]).delete()
    Checkpoint.objects.bulk_create([one for result in results for one in result.checkpoints])
