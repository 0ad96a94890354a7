"""Positions as the English tag viewer writes them (HMPPS): CSV, or JSON objects with the same names.

`lbs` is the kind of fix, `precision` the radius in metres within which the tag is. Satellites and hdop mean something
for satellite fixes only, and there hdop 0, 16 and 144 stand for "not known".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from waymark.telemetry.instants import ms_of
from waymark.telemetry.readings import Decoded, Reading
from waymark.telemetry.vendors.pieces import (
    Gathering,
    Record,
    as_written,
    csv_header,
    csv_records,
    json_records,
    looks_like_json,
    number,
    refuse_all,
    text_of,
    whole,
)

NEEDED = ("deviceid", "gpsdate", "latitude", "longitude", "precision", "lbs")
SOURCES = {1: "gps", 4: "rf", 5: "cell", 6: "wifi"}
HDOP_NOT_KNOWN = {0.0, 16.0, 144.0}


def decode(body: bytes, activation: str | None, time_zone: str) -> Decoded:
    text = text_of(body)
    if text is None:
        return refuse_all("format", "is not text. Send the trail as CSV or JSON, in UTF-8.")
    records = list(_records(text))
    names = (
        set(csv_header(text)) if not looks_like_json(text) else {key for _, given, _ in records for key in given or ()}
    )
    if absent := [name for name in NEEDED if name not in names]:
        return refuse_all("format", f"is not a trail: it has no {', '.join(absent)}.")
    found = Gathering()
    for where, given, words in records:
        if given is None:
            found.refuse(where, "position", words)
            continue
        try:
            found.keep(where, _reading(given, activation))
        except _FaultyError as fault:
            found.refuse(where, fault.field, fault.words)
    return found.done()


def _records(text: str) -> Iterator[Record]:
    if not looks_like_json(text):
        yield from csv_records(text)
        return
    for where, given, words in json_records(text):
        yield Record(where, None if given is None else {key.lower(): value for key, value in given.items()}, words)


class _FaultyError(Exception):
    def __init__(self, field: str, words: str) -> None:
        self.field, self.words = field, words


def _reading(given: dict[str, Any], activation: str | None) -> Reading:
    source = _source(given.get("lbs"))
    satellites = _field(given, "satellite", whole)
    hdop = _field(given, "hdop", number)
    of_satellites = source == "gps"
    return Reading(
        activation=activation or _device(given.get("deviceid")),
        happened_ms=_instant(given.get("gpsdate")),
        kind="fix",
        lat=_field(given, "latitude", number),
        lon=_field(given, "longitude", number),
        accuracy_m=_field(given, "precision", number),
        source=source,
        satellites=satellites if of_satellites else None,
        hdop=hdop if of_satellites and hdop not in HDOP_NOT_KNOWN else None,
    )


def _field(given: dict[str, Any], name: str, parse: Any) -> Any:
    try:
        return parse(given.get(name))
    except ValueError as error:
        raise _FaultyError(name, str(error)) from error


def _source(lbs: Any) -> str:
    kind = _field({"lbs": lbs}, "lbs", whole)
    if kind not in SOURCES:
        known = ", ".join(f"{code} ({name})" for code, name in SOURCES.items())
        raise _FaultyError("lbs", f'"{as_written(lbs)[:40]}" is not a kind of fix that is known: {known}.')
    return SOURCES[kind]


def _device(device: Any) -> str:
    if not (written := as_written(device)):
        raise _FaultyError("deviceId", "is empty. A position needs the device that sent it.")
    return written


def _instant(written: Any) -> int:
    try:
        moment = datetime.fromisoformat(as_written(written))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        words = f'"{as_written(written)[:40]}" is not an instant with its offset. Give it as 2026-01-29T12:29:24Z.'
        raise _FaultyError("gpsDate", words)
    return ms_of(moment)
