"""Readings as rows of the database: hot, one row each, the same reading once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec
from django.db import connection
from django.db.models import Exists, OuterRef

from waymark.monitoring.models import Activation, Reading, ReadingFields, SealedReading
from waymark.telemetry.readings import KINDS, MOST_SATELLITES, SOURCES
from waymark.telemetry.readings import Reading as Said

KIND_CODES = {name: code for code, name in enumerate(KINDS)}
SOURCE_CODES: dict[str | None, int] = {name: code for code, name in enumerate(SOURCES)} | {None: -1}
SENT = (
    "kind", "source", "lat", "lon", "accuracy_m", "satellites", "hdop", "battery_pct", "strap_ok", "motion",
    "tac_g_dl", "ir_v", "temperature_f",
)  # fmt: skip
WRITTEN = ("activation_id", "happened_ms", "fingerprint", *SENT, "received_at", "late", "message_id")

_encode = msgspec.msgpack.Encoder().encode


class Row(NamedTuple):
    """A reading on its way into the database. `fingerprint`: 64 bits of every field but the activation."""

    reading: Said
    fingerprint: int
    received_at: datetime
    message_id: int | None

    @property
    def key(self) -> tuple[int, int]:
        return self.reading.happened_ms, self.fingerprint


def row_of(reading: Said, received_at: datetime, message_id: int | None) -> Row:
    digest = blake2b(_encode(reading[1:]), digest_size=8).digest()
    return Row(reading, int.from_bytes(digest, signed=True), received_at, message_id)


def table_of(activation: Activation) -> type[Reading] | type[SealedReading]:
    """Where the readings of an activation are: those of a protected person apart, and no screen reads them."""
    return SealedReading if activation.protected else Reading


def known_among(activation: Activation, rows: Sequence[Row]) -> set[tuple[int, int]]:
    """The keys of these rows that are stored already."""
    if not rows:
        return set()
    stored = table_of(activation)._default_manager.filter(
        activation=activation, happened_ms__in={row.reading.happened_ms for row in rows}
    )
    return set(stored.values_list("happened_ms", "fingerprint"))


def without_readings(activations: Sequence[Activation]) -> set[int]:
    """The numbers of those nothing was stored of yet."""
    found = {activation.pk for activation in activations}
    for table in (Reading, SealedReading):
        here = [activation.pk for activation in activations if table_of(activation) is table]
        if here:
            stored = Exists(table._default_manager.filter(activation=OuterRef("pk")))
            found.difference_update(Activation.objects.filter(stored, pk__in=here).values_list("pk", flat=True))
    return found


def stored_readings(activation: Activation, after_ms: int | None = None) -> list[Said]:
    """The hot readings after an instant (None: all), in order of time."""
    stored = table_of(activation)._default_manager.filter(activation=activation)
    if after_ms is not None:
        stored = stored.filter(happened_ms__gt=after_ms)
    return [
        said(str(activation.pk), *values) for values in stored.order_by("happened_ms").values_list("happened_ms", *SENT)
    ]


def said(
    activation: str, happened_ms: int, kind: int, source: int, lat: Any, lon: Any, accuracy_m: Any, *rest: Any
) -> Said:
    """The columns SENT as a reading again."""
    where = SOURCES[source] if source >= 0 else None
    return Said(activation, happened_ms, KINDS[kind], lat, lon, accuracy_m, where, *rest)


def save_rows(table: type[ReadingFields], rows: Iterable[tuple[int, Row, bool]]) -> None:
    """(activation, row, late). One that is there already stays as it is. Inside the caller's transaction."""
    lines = [_line(activation, row, late) for activation, row, late in rows]
    if not lines:
        return
    names = ", ".join(WRITTEN)
    into = f"INSERT INTO {table._meta.db_table} ({names})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{_column_type(table, name)}[]" for name in WRITTEN)
            columns = [list(column) for column in zip(*lines, strict=True)]
            cursor.execute(f"{into} SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING", columns)
        else:
            marks = ", ".join(["%s"] * len(WRITTEN))
            cursor.executemany(f"{into} VALUES ({marks}) ON CONFLICT DO NOTHING", lines)


def _line(activation: int, row: Row, late: bool) -> tuple[Any, ...]:
    _, happened_ms, kind, lat, lon, accuracy_m, source, satellites, *rest = row.reading
    if satellites is not None and not 0 <= satellites <= MOST_SATELLITES:
        satellites = None  # as the rules take it; the column would refuse it, and with it the whole batch
    return (
        activation, happened_ms, row.fingerprint, KIND_CODES[kind], SOURCE_CODES[source], lat, lon, accuracy_m,
        satellites, *rest, row.received_at, late, row.message_id,
    )  # fmt: skip


def _column_type(table: type[ReadingFields], name: str) -> str:
    field = table._meta.get_field("message" if name == "message_id" else name.removesuffix("_id"))
    return str(field.db_type(connection)).split("(")[0].split(" CHECK")[0]
