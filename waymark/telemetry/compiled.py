"""A participant's plan as the tables the kernel walks: zones on their planes, edges, windows in UTC.

    rules = compiled(participant, "America/Chicago")     # once for a plan's version; kept
    tables = rules.tables(first_ms, last_ms)             # with the windows that touch a stretch of time

A row of ZONE is a zone and one thing asked there: a zone whose schedule asks both (be in at night, be out by day) has
two rows. `rules.keys[row]` names it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from waymark.telemetry import geometry, kernel
from waymark.telemetry.geometry import CIRCLE, METRES_PER_DEGREE, PARTNER, POLYGON, Row, Rows
from waymark.telemetry.instants import DAY_MS, MINUTE_MS, SECOND_MS, Span
from waymark.telemetry.plan import Corner, Kind, Must, Participant, Zone
from waymark.telemetry.schedule import required

SLACK_M = 15.0  # beyond the margin, before an inclusion zone is left or entered
SLACK_SHARE = 0.25  # of the inner radius at most, so that a small zone can be entered at all
WINDOWS_FOR_MS = 8 * DAY_MS  # windows are worked out for stretches that begin and end on a multiple of it


class Key(NamedTuple):
    """What a row of the kernel's state belongs to. A new version of a zone begins with nothing known."""

    zone: str
    version: int
    kind: Kind
    must: Must

    @property
    def family(self) -> str:
        """Of an episode on the wrong side."""
        if self.must == "be_in":
            return "curfew"
        return "victim" if self.kind == "victim" else "exclusion"


class Rules:
    """One participant's plan, compiled. The geometry is made once; windows once for every WINDOWS_FOR_MS."""

    def __init__(self, participant: Participant, time_zone: str) -> None:
        self.participant, self.time_zone = participant, time_zone
        asked = [(zone, must) for zone in participant.zones for must in _asked(zone)]
        self.zones = [zone for zone, _ in asked]
        self.keys = [Key(zone.id, zone.version, zone.kind, must) for zone, must in asked]
        self.rows, self.edges = _rows(participant, asked)
        self.activations = np.zeros(1, kernel.ACTIVATION)
        activation = self.activations[0]
        activation.zone_until = len(asked)
        activation.silence_ms = (participant.expected_interval_s + participant.contact_buffer_s) * SECOND_MS
        activation.low_pct, activation.critical_pct = participant.battery_low_pct, participant.battery_critical_pct
        self._tables: tuple[tuple[int, int], kernel.Tables] | None = None

    def tables(self, first_ms: int, last_ms: int) -> kernel.Tables:
        """With at least every window that touches [first_ms, last_ms]."""
        reach = first_ms // WINDOWS_FOR_MS, last_ms // WINDOWS_FOR_MS + 1
        if self._tables is None or self._tables[0] != reach:
            self._tables = reach, self._with_windows(reach[0] * WINDOWS_FOR_MS, reach[1] * WINDOWS_FOR_MS)
        return self._tables[1]

    def _with_windows(self, first_ms: int, last_ms: int) -> kernel.Tables:
        spans: list[Span] = []
        rows = self.rows.copy()
        for row, zone, key in zip(rows, self.zones, self.keys, strict=True):
            row.window_from = len(spans)
            spans += self.required(zone, key.must, first_ms, last_ms)
            row.window_until = len(spans)
        windows = np.zeros(len(spans), kernel.WINDOW)
        windows["from_ms"] = [span.from_ms for span in spans]
        windows["until_ms"] = [span.until_ms for span in spans]
        return kernel.Tables(self.activations, rows, self.edges, windows)

    def required(self, zone: Zone, must: Must, first_ms: int, last_ms: int) -> list[Span]:
        leave = self.participant.leave if zone.kind == "inclusion" else ()
        return required(zone, self.time_zone, first_ms, last_ms, must=must, leave=leave)


@lru_cache(maxsize=20_000)
def compiled(participant: Participant, time_zone: str) -> Rules:
    """The same plan again is not compiled again."""
    return Rules(participant, time_zone)


def _asked(zone: Zone) -> list[Must]:
    asked: dict[Must, None] = {zone.must: None}
    for entry in zone.schedule:
        asked[entry.must or zone.must] = None
    for change in zone.exceptions:
        if change.must:
            asked[change.must] = None
    return list(asked)


def _rows(participant: Participant, asked: Sequence[tuple[Zone, Must]]) -> tuple[Rows, Rows]:
    rows: Rows = np.zeros(len(asked), geometry.ZONE)
    edges: list[Rows] = [np.zeros(0, geometry.EDGE)]
    home = _home(participant)
    for row, (zone, must) in zip(rows, asked, strict=True):
        before = sum(map(len, edges))
        edges.append(_place(row, zone))
        row.edge_from, row.edge_until = before, before + len(edges[-1])
        row.must_be_in, row.victim = must == "be_in", zone.kind == "victim"
        row.home = zone in home
        row.buffer_m = zone.buffer_m if (must == "be_in") == (zone.kind == "inclusion") else 0.0
        row.slack_m = min(SLACK_M, SLACK_SHARE * row.inner_m) if must == "be_in" else 0.0
        row.grace_ms = round(_grace_minutes(participant, zone, must) * MINUTE_MS)
    return rows, _joined(edges)


def _home(participant: Participant) -> list[Zone]:
    """Where the home unit stands: the zones said to be home, else every version of the first inclusion zone."""
    inclusion = [zone for zone in participant.zones if zone.kind == "inclusion" and not zone.partner]
    return [zone for zone in inclusion if zone.home] or [zone for zone in inclusion if zone.id == inclusion[0].id]


def _grace_minutes(participant: Participant, zone: Zone, must: Must) -> float:
    """Grace is for coming home late. There is none for being where one must not be."""
    if must == "be_out":
        return 0.0
    return participant.grace_minutes if zone.grace_minutes is None else zone.grace_minutes


# --------------------------------------------------------------------------------------------------- where a zone is
def _place(row: Row, zone: Zone) -> Rows:
    """Fills the row's plane and shape, as if its edges were the only ones; gives them, in metres on that plane."""
    if zone.circle is not None:
        row.form, row.radius_m = CIRCLE, zone.circle.radius_m
        row.inner_m = row.outer_m = zone.circle.radius_m
        _centre(row, zone.circle.lat, zone.circle.lon)
        return np.zeros(0, geometry.EDGE)
    if zone.partner is not None:
        row.form, row.radius_m = PARTNER, zone.partner.radius_m
        return np.zeros(0, geometry.EDGE)
    assert zone.polygon is not None
    row.form = POLYGON
    lats, lons = zip(*zone.polygon, strict=True)
    _centre(row, (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2)
    edges = _edges(row, zone)
    row.edge_from, row.edge_until = 0, len(edges)
    x, y = geometry.deepest_point(
        row, edges, *geometry.plane(row, min(lats), min(lons)), *geometry.plane(row, max(lats), max(lons))
    )
    _centre(row, row.lat + y / row.north_m, row.lon + x / row.east_m)
    edges = _edges(row, zone)
    row.edge_until = len(edges)
    row.inner_m = max(-geometry.signed_distance(row, edges, 0.0, 0.0), 0.0)
    row.outer_m = float(np.sqrt(edges["x"] ** 2 + edges["y"] ** 2).max())
    return edges


def _centre(row: Row, lat: float, lon: float) -> None:
    row.lat, row.lon = lat, lon
    row.north_m, row.east_m = METRES_PER_DEGREE, METRES_PER_DEGREE * math.cos(math.radians(lat))


def _edges(row: Row, zone: Zone) -> Rows:
    assert zone.polygon is not None
    return _joined([_ring(row, corners) for corners in (zone.polygon, *zone.holes)])


def _joined(edges: list[Rows]) -> Rows:
    """numpy's concatenate forgets that the rows are read by the names of their fields."""
    joined: Rows = np.concatenate(edges).view(geometry.EDGE)
    return joined


def _ring(row: Row, corners: Sequence[Corner]) -> Rows:
    """Closed, whether or not the first corner is given again at the end."""
    around = [geometry.plane.py_func(row, *corner) for corner in corners]  # type: ignore[attr-defined]
    if around[0] == around[-1]:
        around.pop()
    x, y = np.array(around).T
    edges = np.zeros(len(around), geometry.EDGE)
    edges["x"], edges["y"] = x, y
    edges["along_x"], edges["along_y"] = np.roll(x, -1) - x, np.roll(y, -1) - y
    length2 = edges["along_x"] ** 2 + edges["along_y"] ** 2
    edges["per_length2"] = 1 / np.where(length2 > 0, length2, 1)
    return edges
