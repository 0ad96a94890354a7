"""The contract's own shape: CSV, or JSON with the same keys (a list, {"readings": [...]}, one object a line)."""

from __future__ import annotations

import difflib
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from waymark.facts.faults import FaultyFacts
from waymark.telemetry.instants import ms_of
from waymark.telemetry.readings import COLUMNS, FIELDS, Decoded, Reading, device_faults, read_csv
from waymark.telemetry.vendors.pieces import Gathering, as_written, json_records, looks_like_json, refuse_all, text_of

NEEDED = ("activation", "happened_at", "kind")


def decode(body: bytes, activation: str | None, time_zone: str) -> Decoded:
    if activation is None and (readings := _in_order(body)):
        return Decoded(readings, [])
    text = text_of(body)
    if text is None:
        return refuse_all("format", "is not text. Send CSV or JSON, in UTF-8.")
    if looks_like_json(text):
        return _from_json(text, activation)
    try:
        decoded = read_csv(text)
    except FaultyFacts as faulty:
        return refuse_all("format", " ".join(f"{fault.path} {fault.words}" for fault in faulty.faults))
    return decoded if activation is None else _belonging_to(decoded, activation)


class _Sent(msgspec.Struct, forbid_unknown_fields=True):
    """A reading in exactly the contract's form, in the order of COLUMNS."""

    activation: Annotated[str, msgspec.Meta(min_length=1)]
    happened_at: str
    kind: Literal["fix", "rf", "status", "alcohol", "drive_by"]
    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    source: Literal["gps", "wifi", "cell", "rf", "in_range", "out_of_range", "heard", "not_heard", "other"] | None = (
        None
    )
    satellites: Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)] | None = None
    hdop: float | None = None
    battery_pct: float | None = None
    strap_ok: bool | None = None
    motion: bool | None = None
    tac_g_dl: float | None = None
    ir_v: float | None = None
    temperature_f: float | None = None


_sent = msgspec.json.Decoder(list[_Sent])
_sent_line = msgspec.json.Decoder(_Sent)


def _in_order(body: bytes) -> list[Reading] | None:
    """The short way for a message in which everything is in order, a list or one object a line. None: something is
    not, or not quite; it is read again, field by field, by what follows, which says what."""
    try:
        sent = _sent.decode(body) if body[:1] == b"[" else _sent_line.decode_lines(body) if body[:1] == b"{" else []
        readings = [_as_reading(one) for one in sent]
    except (ValueError, OverflowError, RecursionError):
        return None
    return None if any(fault for reading in readings for fault in device_faults(reading)) else readings


def _as_reading(sent: _Sent) -> Reading:
    activation, happened_at, *rest = msgspec.structs.astuple(sent)
    moment = datetime.fromisoformat(happened_at)
    if moment.tzinfo is None or activation != activation.strip():
        raise ValueError
    return Reading(activation, ms_of(moment), *rest)


def _belonging_to(decoded: Decoded, activation: str) -> Decoded:
    return decoded._replace(readings=[reading._replace(activation=activation) for reading in decoded.readings])


def _from_json(text: str, activation: str | None) -> Decoded:
    records = list(json_records(text))
    if not any(name in (given or ()) for _, given, _ in records for name in COLUMNS):
        return refuse_all("format", f"has no reading: no object with {', '.join(NEEDED)}.")
    found = Gathering()
    for where, given, words in records:
        if given is None:
            found.refuse(where, "reading", words)
        elif (reading := _reading(where, given, activation, found)) is not None:
            found.keep(where, reading)
    return found.done()


def _reading(where: str, given: dict[str, Any], activation: str | None, found: Gathering) -> Reading | None:
    """None: refused, every faulty field by name."""
    faults = list(_misspelt(given))
    if activation is not None:
        given = {**given, "activation": activation}
    values: list[Any] = []
    for name, parse in FIELDS.items():
        written = as_written(given.get(name))
        try:
            values.append(parse(written) if written else None)
        except ValueError as error:
            faults.append((name, f'"{written[:40]}" {error}'))
        if not written and name in NEEDED:
            faults.append((name, "is empty. Every reading needs one."))
    for fault in faults:
        found.refuse(where, *fault)
    return None if faults else Reading(*values)


def _misspelt(given: dict[str, Any]) -> list[tuple[str, str]]:
    """A key nobody asked for is left alone, unless it looks like a slip of the pen."""
    return [
        (key[:40], f"is not a known field. Did you mean {close[0]}?")
        for key in given
        if key not in COLUMNS and (close := difflib.get_close_matches(key[:40], COLUMNS, n=1, cutoff=0.84))
    ]
