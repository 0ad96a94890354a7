"""Readings: what a device said, one row each, and the same as columns for the kernel.

    decoded = read_csv(text)                 # or a vendor's decode: good readings, and what could not be one
    table = columns(decoded.readings)        # per activation, in one order whatever order they came in
    doubt_m, _ = radius_of_doubt(table["1782"])   # the one place where an accuracy that was not sent is judged

Nothing that came in is dropped here for being strange: a position that cannot be is a reading without a position.
"""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from waymark.facts.faults import Fault, FaultyFacts
from waymark.telemetry.instants import MINUTE_MS, ms_of

KINDS = ("fix", "rf", "status", "alcohol", "drive_by")
FIX, RF, STATUS, ALCOHOL, DRIVE_BY = range(5)
SOURCES = ("gps", "wifi", "cell", "rf", "in_range", "out_of_range", "heard", "not_heard", "other")
GPS, WIFI, CELL, HOME_UNIT, IN_RANGE, OUT_OF_RANGE, HEARD, NOT_HEARD, OTHER = range(9)
NOT_SENT = ABSENT = -1

CLOCK_NEVER_SET_MS = 946_684_800_000  # 2000-01-01: an instant before it came from a clock that was never set
CLOCK_RAN_AWAY_MS = 4_102_444_800_000  # 2100-01-01: so did one from it on
RECEPTION_LOST_MS = 5 * MINUTE_MS  # a longer gap between satellite fixes and the receiver begins anew
RECEPTION_SETTLES_MS = MINUTE_MS
UNKNOWN_DOUBT_M = 200.0
CELL_DOUBT_M = 1000.0
DRIVE_BY_RANGE_M = 45.0  # how far off a reader hears a transmitter

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
    """READINGS of the contract: any order of columns, others beside them, LF or CRLF, with or without a BOM.

    A row that cannot be a reading is refused with its line, and the others go on. Raises FaultyFacts for a header that
    cannot be right.
    """
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    header = next(rows, [])
    where = _positions(header)
    readings: list[Reading] = []
    refused: list[Refused] = []
    marked: list[Refused] = []
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return Decoded(readings, refused, marked)
        except csv.Error as error:
            refused.append(Refused(f"line {rows.line_num}", "row", f"is not CSV ({error})."))
            continue
        if row and (reading := _reading(row, len(header), where, f"line {rows.line_num}", refused)):
            readings.append(reading)
            marked.extend(Refused(f"line {rows.line_num}", *fault) for fault in device_faults(reading))


def _positions(header: list[str]) -> list[int]:
    """Where in a row each of COLUMNS stands; ABSENT: the file has nothing of the kind, as an alcohol bracelet's has no
    positions. A column that looks misspelt is a fault: what was sent must not pass for not sent."""
    names = [name.strip().lower() for name in header]
    faults = [
        Fault("readings.header", _missing(name, names))
        for name in COLUMNS
        if name not in names and (name in NEEDED or _looks_like(name, names))
    ]
    faults += [
        Fault("readings.header", f"has {name} {names.count(name)} times. Keep one.")
        for name in COLUMNS
        if names.count(name) > 1
    ]
    if faults:
        raise FaultyFacts(faults)
    return [names.index(name) if name in names else ABSENT for name in COLUMNS]


def _looks_like(name: str, names: list[str]) -> list[str]:
    """The column that was meant: a slip of the pen ("latt"), or the same with a unit more or less ("tac")."""
    others = [other for other in names if len(other) > 1 and other not in COLUMNS]
    longer_or_shorter = [other for other in others if name.startswith(other) or other.startswith(name)]
    return longer_or_shorter or difflib.get_close_matches(name, others, n=1, cutoff=0.7)


def _missing(name: str, names: list[str]) -> str:
    close = _looks_like(name, names)
    instead = f" It has {close[0]}." if close else ""
    return f"has no column {name}.{instead} Add it; leave its fields empty where nothing was sent."


def _reading(row: list[str], width: int, where: list[int], line: str, refused: list[Refused]) -> Reading | None:
    """None: the row cannot be a reading, and `refused` has a line more for each of its faults."""
    if len(row) != width:
        words = f"has {len(row)} fields and the header {width}. Give each its field, empty where nothing was sent."
        refused.append(Refused(line, "row", words))
        return None
    values: list[Any] = []
    for position, name, parse in zip(where, COLUMNS, PARSERS, strict=True):
        written = "" if position == ABSENT else row[position].strip()
        try:
            values.append(parse(written) if written or name in NEEDED else None)
        except ValueError as error:
            refused.append(Refused(line, name, f'"{written[:40]}" {error}'))
    return Reading(*values) if len(values) == len(COLUMNS) else None


def _activation(written: str) -> str:
    if not written:
        raise ValueError("names no activation. Every reading needs one.")
    return written


def _instant(written: str) -> int:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("is not an instant with its offset. Give it as 2026-02-12T13:05:00Z.")
    return ms_of(moment)


def _kind(written: str) -> str:
    if (kind := written.lower()) not in KINDS:
        raise ValueError(f"is not a kind of reading. Give one of {', '.join(KINDS)}.")
    return kind


def _source(written: str) -> str:
    """A source we do not know is a source all the same: nothing is taken from its name."""
    source = written.lower()
    return source if source in SOURCES else "other"


def _number(written: str) -> float:
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or "_" in written:
        raise ValueError("is not a number. Give one, or leave it empty.")
    return number


def _whole(written: str) -> int:
    number = _number(written)
    if number != int(number):
        raise ValueError("is not a whole number. Give one, or leave it empty.")
    return int(number)


def _yes_or_no(written: str) -> bool:
    answer = YES_OR_NO.get(written.lower())
    if answer is None:
        raise ValueError("is neither yes nor no. Give true or false, or leave it empty.")
    return answer


YES_OR_NO = {"true": True, "1": True, "yes": True, "t": True, "y": True}
YES_OR_NO |= {"false": False, "0": False, "no": False, "f": False, "n": False}
FIELDS: dict[str, Callable[[str], Any]] = {
    "activation": _activation,
    "happened_at": _instant,
    "kind": _kind,
    "lat": _number,
    "lon": _number,
    "accuracy_m": _number,
    "source": _source,
    "satellites": _whole,
    "hdop": _number,
    "battery_pct": _number,
    "strap_ok": _yes_or_no,
    "motion": _yes_or_no,
    "tac_g_dl": _number,
    "ir_v": _number,
    "temperature_f": _number,
}
NEEDED = ("activation", "happened_at", "kind")
COLUMNS, PARSERS = tuple(FIELDS), tuple(FIELDS.values())


def device_faults(reading: Reading) -> Iterator[tuple[str, str]]:
    """What a device sent that cannot be, as (field, words). `columns` leaves just these out of a reading."""
    if reading.happened_ms < CLOCK_NEVER_SET_MS:
        yield "happened_at", "is before 2000: the clock of the device was not set. The reading is not used."
    if reading.happened_ms >= CLOCK_RAN_AWAY_MS:
        yield "happened_at", "is after 2099: the clock of the device was not set. The reading is not used."
    lat, lon = reading.lat, reading.lon
    if (lat is None) != (lon is None):
        yield ("lat" if lat is None else "lon"), "was not sent with the other half of the position. It is no position."
    elif lat is not None and lon is not None:
        if not -90 <= lat <= 90:
            yield "lat", f"{lat:g} is no latitude. The reading counts as contact without a position."
        if not -180 <= lon <= 180:
            yield "lon", f"{lon:g} is no longitude. The reading counts as contact without a position."
        if lat == 0 and lon == 0:
            yield "lat", "0/0 is what a receiver without a fix sends. The reading counts as contact without a position."
    if reading.accuracy_m is not None and reading.accuracy_m <= 0:
        yield "accuracy_m", f"{reading.accuracy_m:g} is no accuracy. It is taken as not sent."
    if reading.satellites is not None and not 0 <= reading.satellites <= MOST_SATELLITES:
        yield "satellites", f"{reading.satellites} is no count of satellites. It is taken as not sent."
    if reading.battery_pct is not None and not 0 <= reading.battery_pct <= 100:
        yield "battery_pct", f"{reading.battery_pct:g} is not within 0 and 100. It is taken as not sent."


MOST_SATELLITES = 200


def columns(readings: Iterable[Reading]) -> dict[str, Columns]:
    """By activation. Any order in, the same out; exact duplicates once. 1 million readings take about 3 seconds."""
    rows = list(readings)
    if not rows:
        return {}
    (activations, *sent) = zip(*rows, strict=True)
    names = sorted(set(activations))
    number = {name: position for position, name in enumerate(names)}
    owner = np.fromiter((number[name] for name in activations), np.int32, len(rows))
    table = _without_impossible(_as_columns(sent))
    owner, table = _in_one_order(owner, table)
    ends = np.searchsorted(owner, np.arange(len(names) + 1))
    return {
        name: table.take(slice(int(ends[place]), int(ends[place + 1])))
        for place, name in enumerate(names)
        if ends[place] < ends[place + 1]
    }


def _as_columns(sent: list[Any]) -> Columns:
    happened, kind, lat, lon, accuracy, source, satellites, hdop, battery, strap, motion, tac, ir, temperature = sent
    return Columns(
        happened_ms=np.array(happened, np.int64),
        kind=_codes(kind, {name: code for code, name in enumerate(KINDS)}),
        lat=_floats(lat),
        lon=_floats(lon),
        accuracy_m=_floats(accuracy),
        source=_codes(source, SOURCE_CODES),
        satellites=np.nan_to_num(_floats(satellites), nan=NOT_SENT)
        .clip(NOT_SENT, MOST_SATELLITES + 1)
        .astype(np.int16),
        hdop=_floats(hdop),
        battery_pct=_floats(battery),
        strap_ok=_codes(strap, ANSWER_CODES),
        motion=_codes(motion, ANSWER_CODES),
        tac_g_dl=_floats(tac),
        ir_v=_floats(ir),
        temperature_f=_floats(temperature),
    )


SOURCE_CODES: dict[str | None, int] = {None: NOT_SENT} | {name: code for code, name in enumerate(SOURCES)}
ANSWER_CODES: dict[bool | None, int] = {None: NOT_SENT, False: 0, True: 1}


def _floats(sent: Sequence[float | None]) -> Floats:
    return np.array(sent, np.float64) + 0.0  # None becomes NaN; -0.0 becomes 0.0, so that equal is the same bytes


def _codes(sent: Sequence[Any], codes: dict[Any, int]) -> Codes:
    return np.fromiter(map(codes.__getitem__, sent), np.int8, len(sent))


def _without_impossible(table: Columns) -> Columns:
    """The fields that `device_faults` names, as if they had not been sent. Instants are looked at in _in_one_order."""
    with np.errstate(invalid="ignore"):
        somewhere = (np.abs(table.lat) <= 90) & (np.abs(table.lon) <= 180) & ((table.lat != 0) | (table.lon != 0))
        table.lat[~somewhere] = np.nan
        table.lon[~somewhere] = np.nan
        table.accuracy_m[table.accuracy_m <= 0] = np.nan
        table.satellites[(table.satellites < 0) | (table.satellites > MOST_SATELLITES)] = NOT_SENT
        table.battery_pct[(table.battery_pct < 0) | (table.battery_pct > 100)] = np.nan
    return table


def _in_one_order(owner: npt.NDArray[np.int32], table: Columns) -> tuple[npt.NDArray[np.int32], Columns]:
    """Sorted by owner, instant and every other field; the same reading once; no instant of a clock never set."""
    parts = [getattr(table, field.name) for field in fields(table)]
    order = np.lexsort((*parts[:0:-1], parts[0], owner))
    happened_ms = table.happened_ms[order]
    order = order[(happened_ms >= CLOCK_NEVER_SET_MS) & (happened_ms < CLOCK_RAN_AWAY_MS)]
    again = np.ones(max(len(order) - 1, 0), bool)
    for part in (owner, *parts):
        these, those = part[order[1:]], part[order[:-1]]
        again &= (these == those) | ((these != these) & (those != those))
    order = order[np.concatenate(([True], ~again))] if len(order) else order
    return owner[order], table.take(order)


def radius_of_doubt(columns: Columns, before: Reception | None = None) -> tuple[Floats, Reception | None]:
    """Metres within which the device is, at 95 %, for each reading; NaN where there is no position.

    1. What the device sent. 2. Not sent: a satellite fix of 5 or more satellites, a plausible hdop (0.3 to 50) and a
    receiver settled for 60 s, max(10 * hdop, 5); a cell tower 1000; else 200. 3. A drive-by reading never under the
    reader's range. `before` is what the call for the readings before these returned (None: nothing came before).
    """
    placed = ~np.isnan(columns.lat)
    satellite = placed & ((columns.source == GPS) | ((columns.source == NOT_SENT) & (columns.satellites != NOT_SENT)))
    settled, after = _reception(columns, satellite, before)
    good = settled & (columns.satellites >= 5) & (columns.hdop >= 0.3) & (columns.hdop <= 50)
    judged = np.where(good, np.maximum(10 * columns.hdop, 5.0), UNKNOWN_DOUBT_M)
    judged[columns.source == CELL] = CELL_DOUBT_M
    doubt = np.where(np.isnan(columns.accuracy_m), judged, columns.accuracy_m)
    doubt = np.where(columns.kind == DRIVE_BY, np.maximum(doubt, DRIVE_BY_RANGE_M), doubt)
    return np.where(placed, doubt, np.nan), after


def _reception(
    columns: Columns, satellite: npt.NDArray[np.bool_], before: Reception | None
) -> tuple[npt.NDArray[np.bool_], Reception | None]:
    """Which satellite fixes come from a receiver that has had one for RECEPTION_SETTLES_MS, and where it is left.

    Reception is lost by a fix that is not the satellites' (a tower, or nowhere) and by a gap of RECEPTION_LOST_MS.
    """
    losses = np.cumsum((columns.kind == FIX) & ~satellite)
    rows = np.flatnonzero(satellite)
    settled = np.zeros(len(columns), bool)
    if not len(rows):
        return settled, None if len(losses) and losses[-1] else before
    heard = columns.happened_ms[rows]
    regained = np.diff(heard, prepend=before.heard_ms if before else heard[0]) > RECEPTION_LOST_MS
    regained |= np.diff(losses[rows], prepend=0) > 0
    regained[0] |= before is None
    since = np.maximum.accumulate(np.where(regained, heard, before.regained_ms if before else heard[0]))
    settled[rows] = heard - since >= RECEPTION_SETTLES_MS
    lost = losses[-1] > losses[rows[-1]]
    return settled, None if lost else Reception(int(since[-1]), int(heard[-1]))
