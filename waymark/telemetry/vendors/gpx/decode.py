"""Tracks in GPX 1.0 and 1.1: every track point with a time is a fix; plans and places are none.

A document type or an entity is refused before it is looked at: no track needs one, and bombs are made of them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.parsers import expat

from waymark.telemetry.instants import ms_of
from waymark.telemetry.readings import Decoded, Reading
from waymark.telemetry.vendors.pieces import Gathering, number, refuse_all, whole

POINTS = {"trkpt": "", "rtept": "is a point of a planned route", "wpt": "is a marked place"}
READ = {"time", "hdop", "pdop", "sat", "fix"}


def decode(body: bytes, activation: str | None, time_zone: str) -> Decoded:
    reader = _Reader(str(activation))
    try:
        reader.parser.Parse(body, True)
    except _NotATrackError as refused:
        return refuse_all("format", str(refused))
    except (expat.ExpatError, ValueError, LookupError) as error:
        if not reader.is_gpx:
            return refuse_all("format", f"is not GPX ({error}).")
        words = f"the file breaks off or is damaged here ({error}). What stood before it was read."
        reader.found.refuse(f"line {reader.parser.CurrentLineNumber}", "format", words)
    return reader.found.done()


class _NotATrackError(Exception):
    """The whole file is refused."""


class _Reader:
    """Follows the elements; keeps only the point it is in."""

    def __init__(self, activation: str) -> None:
        self.activation = activation
        self.found = Gathering()
        self.is_gpx = False
        self.path: list[str] = []
        self.point: dict[str, str] = {}
        self.where = ""
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse_declaration
        self.parser.EntityDeclHandler = self._refuse_declaration
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _refuse_declaration(self, *declared: Any) -> None:
        raise _NotATrackError("declares a document type or an entity, which no track needs. Send it without.")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        element = name.rpartition(" ")[2]
        if not self.path and element != "gpx":
            raise _NotATrackError(f"is XML, but {element[:40]} and not gpx. Send a GPX file.")
        self.is_gpx = True
        self.path.append(element)
        if element in POINTS and "extensions" not in self.path:
            self.point = {name: attributes[name] for name in ("lat", "lon") if name in attributes}
            self.where = f"line {self.parser.CurrentLineNumber}"

    def _text(self, text: str) -> None:
        # only the point's own elements: its extensions may hold others of the same names
        if len(self.path) > 1 and self.path[-2] in POINTS and self.path[-1] in READ:
            self.point[self.path[-1]] = self.point.get(self.path[-1], "") + text

    def _end(self, name: str) -> None:
        element = self.path.pop()
        if element in POINTS and "extensions" not in self.path:
            self._keep(element)

    def _keep(self, element: str) -> None:
        if why := POINTS[element]:
            self.found.refuse(self.where, element, f"{why}, not a position that was reported.")
            return
        fault = "time"
        try:
            happened_ms = _instant(self.point.get("time", ""))
            values: dict[str, Any] = {}
            for fault, parse in (("lat", number), ("lon", number), ("hdop", number), ("pdop", number), ("sat", whole)):
                values[fault] = parse(self.point.get(fault))
        except ValueError as error:
            self.found.refuse(self.where, fault, str(error))
            return
        self.found.keep(self.where, self._reading(happened_ms, values))

    def _reading(self, happened_ms: int, values: dict[str, Any]) -> Reading:
        """A point that says it has no fix is contact without a position. pdop is never less than hdop and stands in."""
        if self.point.get("fix", "").strip().lower() == "none":
            return Reading(self.activation, happened_ms, "status")
        return Reading(
            self.activation,
            happened_ms,
            "fix",
            lat=values["lat"],
            lon=values["lon"],
            source="gps",
            satellites=values["sat"],
            hdop=values["pdop"] if values["hdop"] is None else values["hdop"],
        )


def _instant(written: str) -> int:
    """GPX gives UTC, with or without saying so."""
    if not written.strip():
        raise ValueError("is missing. A point without a time cannot be placed in a day.")
    try:
        moment = datetime.fromisoformat(written.strip())
    except ValueError as error:
        raise ValueError(f'"{written.strip()[:40]}" is not an instant. Give it as 2026-01-29T12:29:24Z.') from error
    return ms_of(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
