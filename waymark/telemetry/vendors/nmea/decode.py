"""Sentences of a satellite receiver (NMEA 0183): those of one instant together are one reading.

1. Find sentences with a checksum that holds; what lies between them is named and left.
2. GGA, RMC, GNS, GLL and ZDA of the same time of day are one epoch. Other sentences carry no position and are passed.
3. A day comes from RMC or ZDA; an epoch without one takes the day of its neighbours, past midnight the next.
4. An epoch that any of its sentences calls void is contact without a position.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from operator import xor
from typing import NamedTuple

from waymark.telemetry.instants import DAY_MS, HOUR_MS, MINUTE_MS, ms_of
from waymark.telemetry.readings import Decoded, Reading
from waymark.telemetry.vendors.pieces import Gathering, number, refuse_all, whole

# printable, without the signs that begin a sentence and its checksum
SENTENCE = re.compile(rb"[$!]([\x20\x22\x23\x25-\x29\x2b-\x7e]{3,})\*([0-9A-Fa-f]{2})")
FIRST_YEAR, LAST_YEAR = 1980, 2100  # satellite time began in 1980
PIVOT_YEAR = 80  # two-digit years from here on are of the last century: a clock that was never set
NOT_MEASURED = {"7", "8", "M", "S"}  # quality or mode: typed in by hand, simulated
ESTIMATED = {"6", "E"}  # dead reckoning: the receiver's dilution says nothing of it


class Sentence(NamedTuple):
    where: str
    kind: str  # "GGA"
    fields: list[str]


@dataclass
class Epoch:
    """What the sentences of one time of day say together."""

    where: str
    time_ms: int  # of the day
    day: date | None = None
    lat: float | None = None
    lon: float | None = None
    rank: int = 9  # of the sentence the position is from; lower is better
    satellites: int | None = None
    hdop: float | None = None
    tells_position: bool = False
    void: bool = False
    modes: str = ""


def decode(body: bytes, activation: str | None, time_zone: str) -> Decoded:
    found = Gathering()
    sentences = list(_sentences(body, found))
    if not sentences:
        return refuse_all("format", "has no NMEA sentence with a checksum that holds. Send the receiver's log.")
    epochs = list(_epochs(sentences, found))
    _give_days(epochs)
    for epoch in epochs:
        if epoch.tells_position:
            _keep(epoch, str(activation), found)
    return found.done()


# 1. Sentences.


def _sentences(body: bytes, found: Gathering) -> Iterator[Sentence]:
    line, end = 1, 0
    for match in SENTENCE.finditer(body):
        _name_what_is_between(body[end : match.start()], line, found)
        line += body.count(b"\n", end, match.start())
        end = match.end()
        content, checksum = match.groups()
        if reduce(xor, content) != int(checksum, 16):
            found.refuse(f"line {line}", "checksum", f"does not hold: {content[:40].decode('ascii')} was damaged.")
            continue
        head, *fields = content.decode("ascii").split(",")
        yield Sentence(f"line {line}", head[-3:].upper() if not head.startswith("P") else head, fields)
    _name_what_is_between(body[end:], line, found)


def _name_what_is_between(gap: bytes, line: int, found: Gathering) -> None:
    """Sentences that were cut off, each; anything else, once."""
    stray, stray_line = 0, line
    for offset, piece in enumerate(gap.split(b"\n")):
        text = piece.strip()
        if text[:1] in (b"$", b"!") and text.isascii() and text.decode("ascii").isprintable():
            words = f"{text[:40].decode('ascii')} is cut off: it has no checksum."
            found.refuse(f"line {line + offset}", "checksum", words)
        elif text:
            stray_line = stray_line if stray else line + offset
            stray += len(text)
    if stray:
        found.refuse(f"line {stray_line}", "sentence", f"{stray} bytes that are not NMEA.")


# 2. Epochs.


def _epochs(sentences: list[Sentence], found: Gathering) -> Iterator[Epoch]:
    epoch: Epoch | None = None
    for sentence in sentences:
        if sentence.kind not in READERS:
            continue
        said = Epoch(sentence.where, -1)
        try:
            READERS[sentence.kind](sentence.fields, said)
        except ValueError as error:
            found.refuse(sentence.where, sentence.kind, str(error))
            continue
        if epoch is None or epoch.time_ms != said.time_ms or (epoch.day and said.day and epoch.day != said.day):
            if epoch is not None:
                yield epoch
            epoch = said
        else:
            _add(epoch, said)
    if epoch is not None:
        yield epoch


def _add(epoch: Epoch, said: Epoch) -> None:
    if said.lat is not None and said.rank < epoch.rank:
        epoch.lat, epoch.lon, epoch.rank = said.lat, said.lon, said.rank
    counts = [count for count in (epoch.satellites, said.satellites) if count is not None]
    epoch.satellites = max(counts, default=None)  # talkers count their own satellites; sums would count some twice
    epoch.hdop = said.hdop if epoch.hdop is None else epoch.hdop
    epoch.day = epoch.day or said.day
    epoch.void |= said.void
    epoch.modes += said.modes
    epoch.tells_position |= said.tells_position


def _gga(fields: list[str], said: Epoch) -> None:
    at, lat, north, lon, east, quality, satellites, hdop = _first(8, fields)
    said.time_ms = _time(at)
    _place(said, lat, north, lon, east, rank=1)
    said.satellites, said.hdop = whole(satellites), number(hdop)
    said.void = quality in ("", "0")
    said.modes = quality


def _gns(fields: list[str], said: Epoch) -> None:
    """One for each system or for all; one that found no position does not speak for the others."""
    at, lat, north, lon, east, mode, satellites, hdop = _first(8, fields)
    said.time_ms = _time(at)
    _place(said, lat, north, lon, east, rank=2)
    said.satellites, said.hdop = whole(satellites), number(hdop)
    heard = set(mode) - {"N"}
    said.modes = heard.pop() if len(heard) == 1 else ""


def _rmc(fields: list[str], said: Epoch) -> None:
    at, status, lat, north, lon, east, _speed, _course, day = _first(9, fields)
    said.time_ms = _time(at)
    _place(said, lat, north, lon, east, rank=3)
    said.day = _day(day) if day else None
    said.modes = fields[11][:1] if len(fields) > 11 else ""
    said.void = status != "A" or said.modes == "N"


def _gll(fields: list[str], said: Epoch) -> None:
    lat, north, lon, east, at, status = _first(6, fields)
    said.time_ms = _time(at)
    _place(said, lat, north, lon, east, rank=4)
    said.void = status != "A"
    said.modes = fields[6][:1] if len(fields) > 6 else ""


def _zda(fields: list[str], said: Epoch) -> None:
    at, day, month, year = _first(4, fields)
    said.time_ms = _time(at)
    if day and month and year:
        said.day = _date(f"{year}-{month:0>2}-{day:0>2}")


READERS: dict[str, Callable[[list[str], Epoch], None]] = {
    "GGA": _gga,
    "GNS": _gns,
    "RMC": _rmc,
    "GLL": _gll,
    "ZDA": _zda,
}


def _first(count: int, fields: list[str]) -> list[str]:
    if len(fields) < count:
        raise ValueError(f"has {len(fields)} fields and needs {count}.")
    return fields[:count]


def _time(written: str) -> int:
    """hhmmss or hhmmss.sss as milliseconds of the day."""
    if not written:
        raise ValueError("has no time: the receiver has no fix and no clock yet.")
    match = re.fullmatch(r"([01]\d|2[0-3])([0-5]\d)([0-5]\d)(?:\.(\d*))?", written, re.ASCII)
    if match is None:
        raise ValueError(f'"{written[:20]}" is not a time of day.')
    hours, minutes, seconds, fraction = match.groups()
    return int(hours) * HOUR_MS + int(minutes) * MINUTE_MS + int(seconds) * 1000 + int(f"{fraction or ''}000"[:3])


def _day(written: str) -> date:
    """ddmmyy."""
    century = 19 if written[4:6].isdigit() and int(written[4:6]) >= PIVOT_YEAR else 20
    return _date(f"{century}{written[4:]}-{written[2:4]}-{written[:2]}")


def _date(written: str) -> date:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f'"{written[:20]}" is not a day.')
    return day


def _place(said: Epoch, lat: str, north: str, lon: str, east: str, *, rank: int) -> None:
    said.tells_position = True
    if lat and lon:
        said.lat, said.lon, said.rank = _degrees(lat, north, "NS"), _degrees(lon, east, "EW"), rank


def _degrees(written: str, side: str, sides: str) -> float:
    """ddmm.mmm and its side."""
    match = re.fullmatch(r"(\d{1,3})(\d\d(?:\.\d*)?)", written, re.ASCII)
    if match is None or side not in sides or len(side) != 1 or float(match[2]) >= 60:
        raise ValueError(f'"{written[:20]},{side[:5]}" is not a position in degrees and minutes.')
    degrees = int(match[1]) + float(match[2]) / 60
    return round(degrees if side == sides[0] else -degrees, 8)


# 3. Days.


def _give_days(epochs: list[Epoch]) -> None:
    for ordered, step in ((epochs, 1), (epochs[::-1], -1)):
        near: Epoch | None = None
        for epoch in ordered:
            if epoch.day is None and near is not None and near.day is not None:
                epoch.day = near.day + timedelta(days=step if _past_midnight(near, epoch, step) else 0)
            near = epoch if epoch.day else near


def _past_midnight(near: Epoch, epoch: Epoch, step: int) -> bool:
    return (near.time_ms - epoch.time_ms) * step > DAY_MS // 2


# 4. Readings.


def _keep(epoch: Epoch, activation: str, found: Gathering) -> None:
    if epoch.day is None:
        found.refuse(epoch.where, "date", "is not known: no sentence says the day (RMC or ZDA).")
        return
    midnight = datetime(epoch.day.year, epoch.day.month, epoch.day.day, tzinfo=UTC)
    happened_ms = ms_of(midnight) + epoch.time_ms
    if set(epoch.modes) & NOT_MEASURED:
        found.refuse(epoch.where, "mode", "says that the position was typed in or simulated, not measured.")
    elif epoch.void or epoch.lat is None:
        found.keep(epoch.where, Reading(activation, happened_ms, "status"))
    else:
        estimated = bool(set(epoch.modes) & ESTIMATED)
        found.keep(
            epoch.where,
            Reading(
                activation,
                happened_ms,
                "fix",
                lat=epoch.lat,
                lon=epoch.lon,
                source="gps",
                satellites=None if estimated else epoch.satellites,
                hdop=None if estimated else epoch.hdop,
            ),
        )
