"""Readings: what a device said, one row each, and the same as columns for the kernel.

    decoded = read_csv(text)                 # or a vendor's decode: good readings, and what could not be one
    table = columns(decoded.readings)        # per activation, in one order whatever order they came in
    doubt_m, _ = radius_of_doubt(table["1782"])   # the one place where an accuracy that was not sent is judged

Nothing that came in is dropped here for being strange: a position that cannot be is a reading without a position.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

KINDS = ("fix", "rf", "status", "alcohol", "drive_by")
FIX, RF, STATUS, ALCOHOL, DRIVE_BY = range(5)
SOURCES = ("gps", "wifi", "cell", "rf", "in_range", "out_of_range", "heard", "not_heard", "other")
GPS, WIFI, CELL, HOME_UNIT, IN_RANGE, OUT_OF_RANGE, HEARD, NOT_HEARD, OTHER = range(9)
NOT_SENT = -1

Floats = npt.NDArray[np.float64]
Instants = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int8]


class Reading(NamedTuple):
    """None: not sent. `kind` is one of KINDS, `source` one of SOURCES."""

    activation: str
    happened_ms: int
    kind: str
    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    source: str | None = None
    satellites: int | None = None
    hdop: float | None = None
    battery_pct: float | None = None
    strap_ok: bool | None = None
    motion: bool | None = None
    tac_g_dl: float | None = None
    ir_v: float | None = None
    temperature_f: float | None = None


class Refused(NamedTuple):
    """What could not be a reading, or a field that was left out of one. The raw message is kept by whoever has it."""

    where: str  # "line 7"
    field: str
    words: str

    def __str__(self) -> str:
        return f"{self.where}.{self.field}: {self.words}"


class Decoded(NamedTuple):
    """`refused`: malformed, no reading came of it. `marked`: a device's fault; the rest of the reading went on."""

    readings: list[Reading]
    refused: list[Refused]
    marked: Sequence[Refused] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """The readings of one activation: arrays of one length, sorted by instant and then every other field.

    NaN, and -1 in the columns of whole numbers, is not sent. A position that cannot be (latitude 91, 0/0) is NaN.
    """

    happened_ms: Instants
    kind: Codes  # FIX, RF, STATUS, ALCOHOL, DRIVE_BY
    lat: Floats
    lon: Floats
    accuracy_m: Floats
    source: Codes  # GPS, WIFI, ...
    satellites: npt.NDArray[np.int16]
    hdop: Floats
    battery_pct: Floats
    strap_ok: Codes  # 1 closed, 0 open
    motion: Codes
    tac_g_dl: Floats
    ir_v: Floats
    temperature_f: Floats

    def __len__(self) -> int:
        return len(self.happened_ms)

    def take(self, rows: Any) -> Columns:
        """The rows of a slice, a mask or an array of positions."""
        return Columns(*(getattr(self, field.name)[rows] for field in fields(self)))

    def between(self, from_ms: int, until_ms: int) -> Columns:
        """Readings in [from_ms, until_ms); views, no copy."""
        first, last = np.searchsorted(self.happened_ms, (from_ms, until_ms))
        return self.take(slice(int(first), int(last)))


class Reception(NamedTuple):
    """What the satellite receiver was doing when the last batch ended: carried from batch to batch."""

    regained_ms: int  # since when it has a fix without a break
    heard_ms: int  # its last fix


def read_csv(text: str) -> Decoded:
    """READINGS of the contract. Raises FaultyFacts for a header that cannot be right."""
    raise NotImplementedError


def columns(readings: Iterable[Reading]) -> dict[str, Columns]:
    """By activation. Any order in, the same out; exact duplicates once."""
    raise NotImplementedError


def radius_of_doubt(columns: Columns, before: Reception | None = None) -> tuple[Floats, Reception | None]:
    """Metres within which the device is, at 95 %, for each reading; NaN where there is no position."""
    raise NotImplementedError
