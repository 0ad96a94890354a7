"""What the decoders share: gathering readings and refusals, and reading text, numbers and local times."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from waymark.telemetry.instants import ms_of, zone_named
from waymark.telemetry.readings import Decoded, Reading, Refused, device_faults


class Gathering:
    """Readings as they are found, with what is wrong with them."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self.refused: list[Refused] = []
        self.marked: list[Refused] = []

    def keep(self, where: str, reading: Reading) -> None:
        self.readings.append(reading)
        self.marked.extend(Refused(where, *fault) for fault in device_faults(reading))

    def refuse(self, where: str, field: str, words: str) -> None:
        self.refused.append(Refused(where, field, words))

    def done(self) -> Decoded:
        return Decoded(self.readings, self.refused, self.marked)


def refuse_all(field: str, words: str) -> Decoded:
    """Nothing in the file can be read."""
    return Decoded([], [Refused("file", field, words)])


def text_of(body: bytes) -> str | None:
    """UTF-8, or UTF-16 that says so. None: no text."""
    encoding = "utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        return None


class Record(NamedTuple):
    """One row of a table or one JSON object; `given` None: it is neither, and `words` say why."""

    where: str
    given: dict[str, Any] | None
    words: str = ""


def looks_like_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def json_records(text: str) -> Iterator[Record]:
    """A list, {"readings": [...]}, one object, or one object a line."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        lines = list(_lines_of_json(text))
        known = any(line.given is not None for line in lines)
        yield from lines if known else [Record("file", None, "is neither JSON nor one JSON object a line.")]
        return
    if isinstance(whole, dict):
        whole = whole["readings"] if isinstance(whole.get("readings"), list) else [whole]
    for number, item in enumerate(whole, start=1):
        yield _record(f"item {number}", item)


def _lines_of_json(text: str) -> Iterator[Record]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield _record(f"line {number}", json.loads(line))
        except (ValueError, RecursionError) as error:
            yield Record(f"line {number}", None, f"is not JSON ({str(error)[:60]}). Give one object a line.")


def _record(where: str, item: Any) -> Record:
    if isinstance(item, dict):
        return Record(where, item)
    return Record(where, None, "is not an object. Give one object for each reading.")


def csv_records(text: str) -> Iterator[Record]:
    """Rows by the names of the header, lower-cased. The header itself is not checked."""
    rows = csv.reader(io.StringIO(text, newline=""))
    names: list[str] | None = None
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Record(f"line {rows.line_num}", None, f"is not CSV ({error}).")
            continue
        if not any(field.strip() for field in row):
            continue
        if names is None:
            names = [name.strip().lower() for name in row]
        elif len(row) != len(names):
            yield Record(f"line {rows.line_num}", None, f"has {len(row)} fields and the header {len(names)}.")
        else:
            yield Record(f"line {rows.line_num}", dict(zip(names, row, strict=True)))


def csv_header(text: str) -> list[str]:
    """The names of the first line, lower-cased; [] where there is none."""
    try:
        return [name.strip().lower() for name in next(csv.reader(io.StringIO(text.lstrip(), newline="")), [])]
    except csv.Error:
        return []


def as_written(value: Any) -> str:
    """A value of JSON or of a table as the text a person would have written: "" for nothing, "true", "12.5"."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()


def number(value: Any) -> float | None:
    """None where nothing was sent. Raises ValueError with the way out."""
    written = as_written(value)
    if not written:
        return None
    try:
        found = float(written)
    except ValueError:
        found = math.nan
    if not math.isfinite(found) or "_" in written:
        raise ValueError(f'"{written[:40]}" is not a number. Give one, or leave it empty.')
    return found


def whole(value: Any) -> int | None:
    found = number(value)
    if found is not None and found != int(found):
        raise ValueError(f'"{as_written(value)[:40]}" is not a whole number. Give one, or leave it empty.')
    return None if found is None else int(found)


def instants(local: Sequence[datetime], time_zone: str) -> list[int]:
    """Wall times of one device, in the order it wrote them, as instants.

    A wall time that comes twice is the first, unless the device had already passed it: then the clock had gone back.
    Wall times that run backwards as a whole (newest first) are understood as well.
    """
    backwards = len(local) > 1 and local[0] > local[-1]
    zone, passed_ms, found = zone_named(time_zone), None, []
    for moment in reversed(local) if backwards else local:
        first = ms_of(moment.replace(tzinfo=zone, fold=0))
        second = ms_of(moment.replace(tzinfo=zone, fold=1))
        again = passed_ms is not None and first <= passed_ms < second
        found.append(second if again else first)
        passed_ms = found[-1]
    return found[::-1] if backwards else found
