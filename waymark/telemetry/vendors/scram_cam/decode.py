"""Readings of the SCRAM CAM bracelet: the vendor's workbook, and the same as a plain table.

The workbook's times are wall time without a zone, its TAC is text, its columns are merged cells, and above the header
stands another. Only the device's own readings are taken: copies that were smoothed or shifted are no evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from waymark.telemetry.instants import ms_of
from waymark.telemetry.readings import Decoded, Reading
from waymark.telemetry.vendors.pieces import (
    Gathering,
    as_written,
    csv_header,
    csv_records,
    instants,
    number,
    refuse_all,
    text_of,
)
from waymark.telemetry.vendors.scram_cam.workbook import NotAWorkbook, Row, Table, tables

PLAIN_HEADER = ("pid", "time_local", "tac_g_dl", "ir_voltage", "temperature_f")
SMOOTHED_HEADER = ["timestamp", "tac_reading"]
MEASURES = {"tac": "tac_g_dl", "ir": "ir_v", "temperature": "temperature_f"}


def decode_xlsx(body: bytes, activation: str | None, time_zone: str) -> Decoded:
    found = Gathering()
    try:
        for table in tables(body):
            _read_table(table, activation, time_zone, found)
    except NotAWorkbook as refused:
        found.refuse("file", "format", str(refused))
    return found.done()


def _read_table(table: Table, activation: str | None, time_zone: str, found: Gathering) -> None:
    whose = activation or table.participant
    if not whose:
        found.refuse("file", "activation", "does not say whose readings these are. Name the activation.")
        return
    for fault in table.faults:
        found.refuse(*fault)
    _keep_rows(((whose, row) for row in table.rows), time_zone, found)


def decode_csv(body: bytes, activation: str | None, time_zone: str) -> Decoded:
    text = text_of(body)
    if text is None:
        return refuse_all("format", "is not text. Send CSV in UTF-8.")
    header = csv_header(text)
    if header == SMOOTHED_HEADER:
        words = "holds readings that were smoothed and shifted in time. Send what the device reported."
        return refuse_all("format", words)
    if absent := [name for name in PLAIN_HEADER if name not in header]:
        return refuse_all("format", f"is not a table of readings: its header has no {', '.join(absent)}.")
    found = Gathering()
    rows: dict[str, list[Row]] = {}
    for where, given, words in csv_records(text):
        if given is None:
            found.refuse(where, "row", words)
            continue
        whose = activation or as_written(given["pid"])
        moment = _local(given["time_local"])
        if not whose:
            found.refuse(where, "pid", "is empty. A reading needs the person it is of.")
        elif moment is None:
            words = f'"{given["time_local"][:40]}" is not a date and time. Give it as 2017-05-02 10:36:54.'
            found.refuse(where, "time_local", words)
        else:
            row = Row(where, moment, given["tac_g_dl"], given["ir_voltage"], given["temperature_f"])
            rows.setdefault(whose, []).append(row)
    for whose, of_one in rows.items():
        _keep_rows(((whose, row) for row in of_one), time_zone, found)
    return found.done()


def _local(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written.strip())
    except ValueError:
        return None


def _keep_rows(rows: Iterator[tuple[str, Row]], time_zone: str, found: Gathering) -> None:
    """Rows of one device, in the order it wrote them: the night the clock goes back is understood by the order."""
    read = [(whose, row, _measures(row, found)) for whose, row in rows]
    kept = [(whose, row, sent) for whose, row, sent in read if sent is not None]
    local = [row.moment for _, row, _ in kept if row.moment.tzinfo is None]
    wall = iter(instants(local, time_zone))
    for whose, row, sent in kept:
        happened_ms = next(wall) if row.moment.tzinfo is None else ms_of(row.moment)
        found.keep(row.where, Reading(whose, happened_ms, "alcohol", **sent))


def _measures(row: Row, found: Gathering) -> dict[str, Any] | None:
    """What was measured; a TAC that is blank beside an infrared voltage is a reading all the same."""
    sent: dict[str, Any] = {}
    for name, field in MEASURES.items():
        try:
            sent[field] = number(getattr(row, name))
        except ValueError as error:
            found.refuse(row.where, field, str(error))
            return None
    if all(value is None for value in sent.values()):
        found.refuse(row.where, "tac_g_dl", "is empty, and so is everything beside it: nothing was measured.")
        return None
    return sent
