"""The vendor's workbook as rows: which sheet, which columns, whose, and when; safely, whatever the file is."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from openpyxl import load_workbook
from openpyxl.utils.datetime import from_excel

LARGEST_UNPACKED_BYTES = 64 * 2**20
MOST_PARTS = 500
MOST_COLUMNS = 64
MOST_ROWS = 200_000  # more than a year of readings every five minutes
HEADER_WITHIN_ROWS = 40
LAST_YEAR = 9000  # beyond it, arithmetic with days runs off the calendar
MIDNIGHT = datetime(1970, 1, 1)  # noqa: DTZ001  of any day
NAMES = {
    "taclevel": "tac",
    "tac": "tac",
    "irvoltage": "ir",
    "ir": "ir",
    "temperature": "temperature",
    "temp": "temperature",
    "time": "time",
    "date": "date",
}
WHOSE = {"participant", "participantid", "client", "clientname", "clientid", "subject", "pid"}
DAYS = ("%m/%d/%Y", "%Y-%m-%d", "%m/%d/%y")
HOURS = ("%I:%M:%S %p", "%I:%M %p", "%H:%M:%S", "%H:%M")


class NotAWorkbook(Exception):
    """In words for whoever sent the file."""


class Row(NamedTuple):
    where: str
    moment: datetime  # wall time, to the second
    tac: Any
    ir: Any
    temperature: Any


@dataclass
class Table:
    """The readings of one sheet, and the rows that are none as (where, field, words)."""

    participant: str | None
    rows: list[Row] = field(default_factory=list)
    faults: list[tuple[str, str, str]] = field(default_factory=list)


def tables(body: bytes) -> list[Table]:
    """One for each sheet that has readings. Raises NotAWorkbook."""
    _look_inside(body)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles it does not know are none of our concern
            book = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
            found = [table for sheet in book.worksheets for table in _table(sheet)]
    except Exception as error:  # the library raises whatever it stumbles over in a damaged file
        raise NotAWorkbook(f"is a damaged workbook ({type(error).__name__}). Export it again.") from error
    if not found:
        raise NotAWorkbook('has no sheet with the columns "TAC Level", "Time" and "Date". Send the readings report.')
    return found


def _look_inside(body: bytes) -> None:
    """Refuse bombs and tricks before anything is unpacked into memory: sizes are declared, and declared sizes bind."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            parts = package.infolist()
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED_BYTES:
                raise NotAWorkbook(f"unpacks to {unpacked} bytes in {len(parts)} parts, which no readings report does.")
            if any(_declares_entities(package.read(part)) for part in parts):
                raise NotAWorkbook("declares entities or a document type, which no workbook needs.")
    except NotAWorkbook:
        raise
    except Exception as error:  # as above: damaged packages fail in many ways
        raise NotAWorkbook("is not a workbook (xlsx). Send the vendor's report as it was exported.") from error


def _declares_entities(part: bytes) -> bool:
    return any(sign in part for word in ("<!DOCTYPE", "<!ENTITY") for sign in (word.encode(), word.encode("utf-16-le")))


def _table(sheet: Any) -> Iterator[Table]:
    """The sheet's table; nothing for a sheet without one."""
    sheet.reset_dimensions()  # what a sheet says of its own size is often wrong
    where = f"sheet {sheet.title} row" if len(sheet.parent.worksheets) > 1 else "row"
    places: dict[str, int] = {}
    participant: str | None = None
    table: Table | None = None
    for line, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), start=1):
        if table is None:
            if line > HEADER_WITHIN_ROWS:
                return
            participant = participant or _whose(cells)
            places = _places(cells)
            if {"tac", "time", "date"} <= places.keys():
                table = Table(participant)
        elif line > MOST_ROWS:
            table.faults.append((f"{where} {line}", "row", f"and those below are not read: {MOST_ROWS} rows at most."))
            break
        elif not _is_blank(cells) and _places(cells) != places:
            _read_row(f"{where} {line}", cells, places, table)
    if table is not None:
        yield table


def _is_blank(cells: tuple[Any, ...]) -> bool:
    return not any(cell is not None and str(cell).strip() for cell in cells)


def _plain(cell: Any) -> str:
    return "".join(letter for letter in str(cell).lower() if letter.isalnum())


def _places(cells: tuple[Any, ...]) -> dict[str, int]:
    """Where the columns stand, if this row is the header. Merged cells leave empty ones between them."""
    named = [(NAMES.get(_plain(cell)), place) for place, cell in enumerate(cells) if isinstance(cell, str)]
    return {name: place for name, place in reversed(named) if name is not None}


def _whose(cells: tuple[Any, ...]) -> str | None:
    """ "Client: AB1234" in one cell, or in two beside each other, above the table."""
    written = [str(cell).strip() for cell in cells if cell is not None and str(cell).strip()]
    for place, cell in enumerate(written):
        label, _, value = cell.partition(":")
        if _plain(label) in WHOSE:
            return value.strip() or next(iter(written[place + 1 :]), None)
    return None


def _read_row(where: str, cells: tuple[Any, ...], places: dict[str, int], table: Table) -> None:
    def cell(name: str) -> Any:
        place = places.get(name, len(cells))
        return cells[place] if place < len(cells) else None

    moment = _moment(cell("date"), cell("time"))
    if moment is None:
        words = f'"{cell("date")}" and "{cell("time")}" are not the day and time of a reading.'[:160]
        table.faults.append((where, "time", words))
    else:
        table.rows.append(Row(where, moment, cell("tac"), cell("ir"), cell("temperature")))


def _moment(day: Any, hour: Any) -> datetime | None:
    """The two cells may hold dates, texts or serial numbers, and either may hold both day and time."""
    day, hour = _as_time(day, DAYS), _as_time(hour, HOURS)
    if isinstance(day, date) and day.year > LAST_YEAR:
        return None
    if isinstance(day, datetime) and isinstance(hour, datetime) and hour.year > 1904 and hour.date() != day.date():
        return None  # two days for one reading
    if isinstance(hour, datetime) and 1904 < hour.year <= LAST_YEAR:
        return _to_the_second(hour)
    if not isinstance(day, date):
        return None
    on = day.date() if isinstance(day, datetime) else day
    if isinstance(hour, datetime):
        hour = hour.time()
    if hour is None and isinstance(day, datetime) and day.time() != time():
        hour = day.time()
    return _to_the_second(datetime.combine(on, hour)) if isinstance(hour, time) else None


def _as_time(cell: Any, formats: tuple[str, ...]) -> datetime | date | time | None:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        try:
            cell = from_excel(cell)
        except (ValueError, OverflowError):
            return None
    if isinstance(cell, timedelta):
        cell = (MIDNIGHT + cell).time() if timedelta() <= cell < timedelta(days=1) else None
    if isinstance(cell, str):
        return _from_text(cell.strip(), formats)
    return cell if isinstance(cell, date | time) else None


def _from_text(written: str, formats: tuple[str, ...]) -> datetime | time | None:
    for form in (*formats, *(f"{day} {hour}" for day in DAYS for hour in HOURS)):
        try:
            read = datetime.strptime(written, form)  # noqa: DTZ007  the report gives wall time
        except ValueError:
            continue
        return read if "%d" in form else read.time()
    return None


def _to_the_second(moment: datetime) -> datetime:
    """Serial numbers of days carry tiny errors; the report gives seconds."""
    return moment.replace(microsecond=0) + timedelta(seconds=moment.microsecond >= 500_000)
