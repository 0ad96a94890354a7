"""Readings that are no longer hot: one Parquet file for each part and day, sorted by activation and time.

    compact(at)                            whole days older than settings.MONITORING_HOT_DAYS move into files
    positions(activation, from, until)     hot rows and files alike, in order of time
    drop_expired(at)                       what is older than settings.MONITORING_KEPT_DAYS goes, but for legal holds
    erase(activation, ...)                 everything it said goes, wherever it is kept (actions/history.py audits it)

Every change of a day is one step that a crash cannot halve: the new file is written beside, flushed to the disk and
renamed; then, in one transaction, the row that names it is put in place of the former one and the hot rows are deleted.
A file no row names is left over from a crash, is never read, and is removed by the next night.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q

from waymark.monitoring.models import (
    Activation,
    EnginePart,
    HistoryFile,
    LegalHold,
    LogRecord,
    RawMessage,
    Reading,
    ReadingFields,
    SealedReading,
)
from waymark.monitoring.rows import SENT, said, table_of
from waymark.telemetry.instants import DAY_MS, EPOCH, ms_of
from waymark.telemetry.readings import Reading as Said
from waymark.web.clock import now

SCHEMA = pa.schema(
    [
        ("activation", pa.int64()),
        ("happened_ms", pa.int64()),
        ("fingerprint", pa.int64()),
        ("kind", pa.int8()),
        ("source", pa.int8()),
        *((name, pa.float64()) for name in ("lat", "lon", "accuracy_m")),
        ("satellites", pa.int16()),
        *((name, pa.float64()) for name in ("hdop", "battery_pct")),
        *((name, pa.bool_()) for name in ("strap_ok", "motion")),
        *((name, pa.float64()) for name in ("tac_g_dl", "ir_v", "temperature_f")),
        ("received_ms", pa.int64()),
        ("late", pa.bool_()),
        ("message", pa.int64()),
    ]
)
NAMES = SCHEMA.names
DELTAS = ("activation", "happened_ms", "received_ms", "message")  # sorted or nearly so: kept as differences
STRIPPED = ("lat", "lon", "fixes")  # of an episode's evidence, when the readings are erased
Line = tuple[Any, ...]


# Reading


def positions(activation: Activation, from_at: datetime, until_at: datetime) -> list[Said]:
    """Everything an activation said in [from_at, until_at), in order of time, wherever it is kept."""
    from_ms, until_ms = ms_of(from_at), ms_of(until_at)
    hot = table_of(activation)._default_manager.filter(
        activation=activation, happened_ms__gte=from_ms, happened_ms__lt=until_ms
    )
    found = {
        (happened_ms, fingerprint): said(str(activation.pk), happened_ms, *values)
        for happened_ms, fingerprint, *values in hot.values_list("happened_ms", "fingerprint", *SENT)
    }
    for happened_ms, fingerprint, *values in _from_files(activation, from_ms, until_ms):
        found[happened_ms, fingerprint] = said(str(activation.pk), happened_ms, *values)
    return [found[key] for key in sorted(found)]


def _from_files(activation: Activation, from_ms: int, until_ms: int) -> list[Line]:
    files = HistoryFile.objects.filter(
        part=activation.part,
        sealed=activation.protected,
        day__gte=_day(from_ms),
        day__lte=_day(until_ms - 1),
    )
    paths = [str(folder() / path) for path in files.values_list("path", flat=True)]
    if not paths:
        return []
    wanted = ", ".join(("happened_ms", "fingerprint", *SENT))
    with duckdb.connect() as database:
        return database.execute(
            f"SELECT {wanted} FROM read_parquet(?) WHERE activation = ? AND happened_ms >= ? AND happened_ms < ?",
            [paths, activation.pk, from_ms, until_ms],
        ).fetchall()


# Compacting


def compact(at: datetime) -> int:
    """Move every whole day that is old enough into its file; gives how many readings moved. A late reading of a day
    that has its file already is merged into it. What is under a legal hold moves too: nothing of it is lost."""
    last_day = _day(ms_of(at) - settings.MONITORING_HOT_DAYS * DAY_MS) - timedelta(days=1)
    moved = 0
    for table in (Reading, SealedReading):
        while (day := _oldest_day(table)) is not None and day <= last_day:
            for part in _parts_of(table, day):
                moved += _compact_day(table, part, day)
    _remove_leftovers()
    return moved


def _oldest_day(table: type[ReadingFields]) -> date | None:
    oldest = table._default_manager.aggregate(oldest=Min("happened_ms"))["oldest"]
    return None if oldest is None else _day(oldest)


def _parts_of(table: type[ReadingFields], day: date) -> list[int]:
    rows = _hot(table, day).order_by().values_list("activation__part", flat=True)
    return sorted(set(rows.distinct()))


def _compact_day(table: type[ReadingFields], part: int, day: date) -> int:
    """The engine's position of the part is locked meanwhile, so that it stores no reading of that day unseen."""
    with transaction.atomic():
        EnginePart.objects.select_for_update().filter(part=part).first()
        hot = _hot(table, day).filter(activation__part=part)
        names = ("pk", "activation_id", "happened_ms", "fingerprint", *SENT, "received_at", "late", "message_id")
        rows = list(hot.values_list(*names))
        lines = [(*row[1:-3], ms_of(row[-3]), *row[-2:]) for row in rows]
        _replace_day(part, day, table is SealedReading, lambda before: _merged(before, lines))
        hot.delete()
    return len(rows)


def _hot(table: type[ReadingFields], day: date) -> Any:
    first_ms = _first_ms(day)
    return table._default_manager.filter(happened_ms__gte=first_ms, happened_ms__lt=first_ms + DAY_MS)


def _merged(before: Iterable[Line], lines: Iterable[Line]) -> list[Line]:
    """By activation, time and fingerprint; the same reading once."""
    return list({line[:3]: line for line in (*lines, *before)}.values())


def _replace_day(part: int, day: date, sealed: bool, change: Callable[[Iterable[Line]], list[Line]]) -> None:
    """Put `change(lines)` in the place of what the day's file holds. Inside the caller's transaction."""
    row = HistoryFile.objects.select_for_update().filter(part=part, day=day, sealed=sealed).first()
    lines = sorted(change(_lines_of(row) if row else []), key=lambda line: line[:3])
    if row is not None:
        row.delete()  # the file itself goes when no row names it any longer
    if lines:
        path, digest = _write(part, day, sealed, lines)
        HistoryFile.objects.create(
            part=part, day=day, sealed=sealed, path=path, readings=len(lines), sha256=digest, written_at=now()
        )


def _lines_of(row: HistoryFile) -> list[Line]:
    table = pq.read_table(folder() / row.path)
    return list(zip(*(table.column(name).to_pylist() for name in NAMES), strict=True))


def _write(part: int, day: date, sealed: bool, lines: Sequence[Line]) -> tuple[str, str]:
    """The path below the folder, and the hash. On the disk for good when this returns."""
    columns = zip(*lines, strict=True)
    table = pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )
    where = folder() / ("sealed" if sealed else "open") / f"{part:02}"
    where.mkdir(parents=True, exist_ok=True)
    beside = where / f"{day}.part"
    pq.write_table(
        table,
        beside,
        compression="zstd",
        use_dictionary=[name for name in NAMES if name in ("kind", "source", "strap_ok", "motion", "late")],
        column_encoding=dict.fromkeys(DELTAS, "DELTA_BINARY_PACKED"),
    )
    digest = sha256(beside.read_bytes()).hexdigest()
    named = where / f"{day}-{digest[:16]}.parquet"
    _flush(beside)
    beside.rename(named)
    _flush(where)
    return str(named.relative_to(folder())), digest


def _flush(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _remove_leftovers() -> None:
    named = set(HistoryFile.objects.values_list("path", flat=True))
    for file in folder().rglob("*.parquet"):
        if str(file.relative_to(folder())) not in named:
            file.unlink(missing_ok=True)


# The end of keeping


def drop_expired(at: datetime) -> int:
    """Readings and messages older than they are kept go, but for activations under a legal hold; gives how many
    readings went. The log's own records go once they can no longer be evaluated again."""
    last_day = _day(ms_of(at) - settings.MONITORING_KEPT_DAYS * DAY_MS) - timedelta(days=1)
    held = set(LegalHold.objects.filter(lifted_at=None).values_list("activation_id", flat=True))
    gone = 0
    for row in HistoryFile.objects.filter(day__lte=last_day).order_by("day", "part"):
        with transaction.atomic():
            before = row.readings
            _replace_day(row.part, row.day, row.sealed, lambda lines: [line for line in lines if line[0] in held])
            left = HistoryFile.objects.filter(part=row.part, day=row.day, sealed=row.sealed).first()
            gone += before - (left.readings if left else 0)
    _drop_log(at)
    _empty_messages(at - timedelta(days=settings.MONITORING_KEPT_DAYS), at, held)
    _remove_leftovers()
    return gone


def _drop_log(at: datetime) -> None:
    for done in EnginePart.objects.all():
        old = LogRecord.objects.filter(part=done.part, seq__lte=done.done_seq)
        old.filter(
            Q(kind=LogRecord.Kind.TICK, at__lt=at - timedelta(days=2))
            | Q(at__lt=at - timedelta(days=settings.MONITORING_HOT_DAYS))
        ).delete()


def _empty_messages(before: datetime, at: datetime, held: set[int]) -> None:
    """While anything is held, a message that may tell of it stays whole: those of the agencies of what is held."""
    agencies = Activation.objects.filter(pk__in=held).values("device__agency")
    old = RawMessage.objects.filter(received_at__lt=before, emptied_at=None).exclude(feed__agency__in=agencies)
    old.update(body=b"", refused=[], unknown_devices=[], emptied_at=at)


# Erasing


def erase_readings(activation: Activation) -> tuple[int, set[int]]:
    """Take everything an activation said out of rows and files; gives how many readings went, and the messages that
    brought them. Inside the caller's transaction, in which the activation is marked first, so that the engine stores
    nothing more of it."""
    hot = table_of(activation)._default_manager.filter(activation=activation)
    messages = set(hot.values_list("message_id", flat=True))
    gone, _ = hot.delete()
    files = HistoryFile.objects.filter(part=activation.part, sealed=activation.protected)
    for row in files.order_by("day"):  # all: what it said while it was fitted lies before its beginning
        own = [line for line in _lines_of(row) if line[0] == activation.pk]
        if own:
            gone += len(own)
            messages |= {line[-1] for line in own}
            _replace_day(row.part, row.day, row.sealed, _all_but(activation.pk))
    return gone, messages - {None}


def _all_but(activation: int) -> Callable[[Iterable[Line]], list[Line]]:
    return lambda lines: [line for line in lines if line[0] != activation]


def without_positions(value: Any) -> Any:
    """Evidence with its positions taken out: what was found stays, where somebody was does not."""
    if isinstance(value, dict):
        return {key: without_positions(part) for key, part in value.items() if key not in STRIPPED}
    if isinstance(value, list):
        return [without_positions(part) for part in value]
    return value


def folder() -> Path:
    return Path(settings.VAR) / "history"


def _day(instant_ms: int) -> date:
    return (EPOCH + timedelta(milliseconds=instant_ms)).date()


def _first_ms(day: date) -> int:
    return ms_of(datetime(day.year, day.month, day.day, tzinfo=UTC))
