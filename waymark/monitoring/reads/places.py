"""Where a participant's device was: its fixes, each with its doubt and the side of every zone it shows.

A protected person's place is never among them: her device's readings are not read here, a zone round
her is named and has no side, no distance and no shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import numpy as np

from waymark.monitoring.alert_words import A_PROTECTED_PLACE
from waymark.monitoring.facts import participant_for, time_zone
from waymark.monitoring.models import Activation
from waymark.monitoring.models import Zone as ZoneRow
from waymark.telemetry.instants import DAY_MS, EPOCH, MINUTE_MS, Span
from waymark.telemetry.plan import Participant, Zone
from waymark.telemetry.readings import DRIVE_BY, NOT_HEARD, RF, SOURCES, Columns, columns, radius_of_doubt
from waymark.telemetry.readings import Reading as Said

GAP_MS = 5 * MINUTE_MS  # the way between two fixes further apart than this is not known
BEFORE_MS = 10 * MINUTE_MS  # the doubt of a fix depends on the reception before it
SOURCE_WORDS = {"gps": "GPS", "wifi": "Wi-Fi", "cell": "cell tower", "heard": "drive-by reader", "other": "other"}
NOTHING = columns([Said("", DAY_MS * 365 * 40, "status")])[""].take(slice(0, 0))

Side = Literal["inside", "outside", "not known"]


@dataclass(frozen=True, slots=True)
class Fix:
    """`accuracy_m`: as sent; `doubt_m`: what it is taken for. `home_m`: from the edge of home, negative inside; None:
    no home zone. `sides`: of each zone in use then, in the order of the zones."""

    at: datetime
    at_ms: int
    lat: float
    lon: float
    source: str
    accuracy_m: float | None
    doubt_m: float
    battery_pct: float | None
    satellites: int | None
    home_m: float | None
    sides: tuple[tuple[str, Side], ...]
    after_gap: bool

    @property
    def source_words(self) -> str:
        return SOURCE_WORDS.get(self.source, self.source.replace("_", " "))

    @property
    def home_words(self) -> str:
        if self.home_m is None:
            return ""
        return "inside" if self.home_m <= 0 else f"{self.home_m:.0f} m"

    @property
    def side_words(self) -> str:
        return "; ".join(f"{side} {name}" if side != "not known" else f"{name}: not known" for name, side in self.sides)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A zone version in use in a span. `shape` is empty where a protected person's place would show."""

    name: str
    kind: str
    words: str
    version: int
    span: Span
    zone: Zone

    @property
    def is_sealed(self) -> bool:
        return self.zone.kind == "victim"

    def as_json(self) -> dict[str, Any]:
        drawn: dict[str, Any] = {"name": self.name, "kind": self.kind, "words": self.words}
        if self.is_sealed:
            return drawn
        if self.zone.circle:
            circle = self.zone.circle
            return drawn | {"circle": {"lat": circle.lat, "lon": circle.lon, "radius_m": circle.radius_m}}
        return drawn | {"polygon": self.zone.polygon, "holes": self.zone.holes}


@dataclass(frozen=True)
class Places:
    activation: Activation
    participant: Participant
    span: Span
    readings: Columns  # all that was heard in the span
    fixes: list[Fix]
    zones: list[Drawn]


def places(activation: Activation, span: Span) -> Places:
    """What the device said in the span, and the zones of that time. Not to be asked of a protected person's device."""
    participant = participant_for(activation)
    zones = _zones(activation, participant, span)
    before = Span(span.from_ms - BEFORE_MS, span.until_ms)
    heard = readings_between(activation, before)
    doubt_m, _ = radius_of_doubt(heard)
    fixes = list(_fixes(participant, zones, heard, doubt_m, span))
    return Places(activation, participant, span, heard.between(*span), fixes, zones)


def readings_between(activation: Activation, span: Span) -> Columns:
    """[from, until), hot or from history, in the one order and without doubles. Never a protected person's."""
    # Here, because the readers of history take a while at their first import and most pages never need them.
    from waymark.monitoring.history import positions

    assert not activation.protected, "a protected person's places are sealed"
    return as_columns(positions(activation, instant_of(span.from_ms), instant_of(span.until_ms)))


def as_columns(readings: Sequence[Said]) -> Columns:
    """Of one activation."""
    return columns(readings)[readings[0].activation] if readings else NOTHING


def instant_of(at_ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=at_ms)


def _zones(activation: Activation, participant: Participant, span: Span) -> list[Drawn]:
    names = {str(zone.pk): zone for zone in ZoneRow.objects.filter(order=activation.order_id)}
    drawn = []
    for zone in participant.zones:
        use = zone.in_use(time_zone())
        if use.from_ms < span.until_ms and use.until_ms > span.from_ms:
            row = names[zone.id]
            name = A_PROTECTED_PLACE if zone.kind == "victim" else row.name
            drawn.append(Drawn(name, zone.kind, row.get_kind_display(), zone.version, use, zone))
    return drawn


def _fixes(participant: Participant, zones: Sequence[Drawn], heard: Columns, doubt_m: Any, span: Span) -> Iterator[Fix]:
    placed = ~np.isnan(heard.lat) & (heard.source != NOT_HEARD) & (heard.kind != RF)
    sides_of = _Sides(participant, zones)
    before_ms: int | None = None
    for row in np.flatnonzero(placed & (heard.happened_ms >= span.from_ms)).tolist():
        at_ms, lat, lon = int(heard.happened_ms[row]), float(heard.lat[row]), float(heard.lon[row])
        doubt = float(doubt_m[row])
        home_m, sides = sides_of(at_ms, lat, lon, doubt)
        code = int(heard.source[row])
        source = "heard" if heard.kind[row] == DRIVE_BY else SOURCES[code] if code >= 0 else "other"
        yield Fix(
            at=instant_of(at_ms),
            at_ms=at_ms,
            lat=lat,
            lon=lon,
            source=source,
            accuracy_m=_sent(heard.accuracy_m[row]),
            doubt_m=doubt,
            battery_pct=_sent(heard.battery_pct[row]),
            satellites=int(heard.satellites[row]) if heard.satellites[row] >= 0 else None,
            home_m=home_m,
            sides=sides,
            after_gap=before_ms is not None and at_ms - before_ms > GAP_MS,
        )
        before_ms = at_ms


class _Sides:
    """What one fix says of the side of every zone in use then, by the geometry of the rules."""

    def __init__(self, participant: Participant, zones: Sequence[Drawn]) -> None:
        # Here, because compiling the rules takes a second at its first import and most pages never need it.
        from waymark.telemetry import geometry, kernel
        from waymark.telemetry.compiled import compiled

        self.geometry, self.kernel = geometry, kernel
        rules = compiled(participant, time_zone())
        self.edges = rules.edges
        names = {(drawn.zone.id, drawn.version): drawn for drawn in zones if not drawn.is_sealed}
        self.watched = []
        for row, zone, key in zip(rules.rows, rules.zones, rules.keys, strict=True):
            drawn = names.get((key.zone, key.version))
            if drawn and key.must == zone.must:
                self.watched.append((drawn, row))

    def __call__(
        self, at_ms: int, lat: float, lon: float, doubt_m: float
    ) -> tuple[float | None, tuple[tuple[str, Side], ...]]:
        home_m, sides = None, []
        for drawn, row in self.watched:
            if not drawn.span.from_ms <= at_ms < drawn.span.until_ms:
                continue
            edge_m = self.geometry.signed_distance(row, self.edges, *self.geometry.plane(row, lat, lon))
            if row.home and home_m is None:
                home_m = float(edge_m)
            sides.append((drawn.name, self._side(row, float(edge_m), doubt_m)))
        return home_m, tuple(sides)

    def _side(self, row: Any, edge_m: float, doubt_m: float) -> Side:
        if doubt_m > self.kernel.SAYS_NOTHING_M:
            return "not known"
        beyond_m = edge_m - row.buffer_m if row.must_be_in else edge_m
        side = self.kernel.side_of(beyond_m, doubt_m + row.slack_m)
        return {self.kernel.INSIDE: "inside", self.kernel.OUTSIDE: "outside"}.get(side, "not known")  # type: ignore[return-value]


def _sent(number: float) -> float | None:
    return None if np.isnan(number) else float(number)
