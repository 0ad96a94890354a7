"""The contract's own shape: CSV, or JSON with the same keys (a list, {"readings": [...]}, one object a line)."""

from __future__ import annotations

import difflib
from typing import Any

from waymark.facts.faults import FaultyFacts
from waymark.telemetry.readings import COLUMNS, FIELDS, Decoded, Reading, read_csv
from waymark.telemetry.vendors.pieces import Gathering, as_written, json_records, looks_like_json, refuse_all, text_of

NEEDED = ("activation", "happened_at", "kind")


def decode(body: bytes, activation: str | None, time_zone: str) -> Decoded:
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
