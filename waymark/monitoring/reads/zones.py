"""A zone on a page: where it is in words and on a map, what to think over, its versions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from waymark.monitoring.alert_words import A_PROTECTED_PLACE
from waymark.monitoring.models import MonitoringOrder, Zone, ZoneVersion
from waymark.monitoring.overlap import overlaps
from waymark.monitoring.reads.orders import hours_of

SMALL_M = 50  # below it the noise of positions crosses the edge without anybody moving (monitoring.md D3)
ST_LOUIS = (38.63, -90.24)  # where the map opens when nothing is drawn


@dataclass(frozen=True)
class VersionLine:
    version: ZoneVersion
    place: str
    hours: str
    is_in_use: bool
    is_to_come: bool


@dataclass(frozen=True)
class ZoneFile:
    sentence: str
    lines: list[VersionLine]  # the latest first
    now: ZoneVersion | None
    last: ZoneVersion | None
    can_change: bool
    warnings: list[str]
    drawing: str  # JSON for monitoring/zone.js
    corners: list[Any]


def zone_file(zone: Zone, at: datetime, *, sees_protected: bool) -> ZoneFile:
    """`sees_protected`: whether the reader may know where a protected person's place is, as whoever draws it must."""
    versions = list(zone.versions.select_related("entered_by").order_by("-number"))
    now = next((version for version in versions if _in_use(version, at)), None)
    last = versions[0] if versions else None
    shown = now or last
    is_sealed = zone.kind == Zone.Kind.VICTIM and not sees_protected
    shape = shown.shape if shown and not is_sealed else None
    return ZoneFile(
        sentence=_sentence(zone, now, last, at),
        lines=[
            VersionLine(
                version,
                A_PROTECTED_PLACE if is_sealed else place_of(version.shape),
                hours_of(version.schedule, zone.kind),
                version is now,
                version.from_at > at,
            )
            for version in versions
        ],
        now=now,
        last=last,
        can_change=last is not None and last.until_at is None,
        warnings=warnings_of(zone.order, zone.kind, last.shape, zone.pk, at) if last and sees_protected else [],
        drawing=drawing(zone.order, zone.kind, shape, at, but=zone.pk, sees_protected=sees_protected),
        corners=(shape or {}).get("polygon") or [],
    )


def place_of(shape: dict[str, Any]) -> str:
    """ "a circle of 60 m round 38.65000, -90.33000" """
    if circle := shape.get("circle"):
        return f"a circle of {circle['radius_m']:g} m round {circle['lat']:.5f}, {circle['lon']:.5f}"
    if polygon := shape.get("polygon"):
        holes = len(shape.get("holes") or [])
        left_out = f", {holes} part{'s' if holes > 1 else ''} left out" if holes else ""
        return f"an outline of {len(polygon)} corners{left_out}"
    return f"{shape.get('radius_m', 500):g} m round the protected person's device, wherever it is"


def warnings_of(order: MonitoringOrder, kind: str, shape: dict[str, Any], but: int | None, at: datetime) -> list[str]:
    """What is allowed and nevertheless deserves a second look. `but`: the zone itself."""
    found = []
    radius = (shape.get("circle") or {}).get("radius_m")
    if radius is not None and radius < SMALL_M:
        found.append(
            f"The radius of {radius:g} m is smaller than {SMALL_M} m. Positions are often off by more than that, so "
            "expect alerts while nobody moves."
        )
    is_exclusion = kind != Zone.Kind.INCLUSION
    for other, version in _others(order, but, at):
        pair = (other.is_home and is_exclusion) or (kind == Zone.Kind.INCLUSION and _is_own_home(but, order, other))
        if pair and overlaps(shape, version.shape):
            found.append(f"This zone and {other.name} overlap. To be at home would be a breach. Leave home out.")
    return found


def drawing(
    order: MonitoringOrder,
    kind: str,
    shape: dict[str, Any] | None,
    at: datetime,
    but: int | None = None,
    *,
    sees_protected: bool = True,
) -> str:
    """What the map shows: this shape, the other places of the order beside it."""
    others = [
        {"name": other.name, "kind": other.kind, "shape": version.shape}
        for other, version in _others(order, but, at)
        if sees_protected or other.kind != Zone.Kind.VICTIM
    ]
    return json.dumps({"kind": kind, "shape": shape, "others": others, "start": ST_LOUIS})


def _others(order: MonitoringOrder, but: int | None, at: datetime) -> list[tuple[Zone, ZoneVersion]]:
    rows = (
        ZoneVersion.objects.filter(zone__order=order)
        .exclude(zone=but)
        .select_related("zone")
        .order_by("zone", "number")
    )
    standing: dict[int, ZoneVersion] = {}
    for version in rows:
        if version.until_at is None or version.until_at > at:
            standing[version.zone_id] = version
    return [(version.zone, version) for version in standing.values()]


def _is_own_home(but: int | None, order: MonitoringOrder, other: Zone) -> bool:
    """Whether the zone looked at is home, and the other a place to stay out of."""
    if but is None or other.kind == Zone.Kind.INCLUSION:
        return False
    return order.zones.filter(pk=but, is_home=True).exists()


def _in_use(version: ZoneVersion, at: datetime) -> bool:
    return version.from_at <= at and (version.until_at is None or version.until_at > at)


def _sentence(zone: Zone, now: ZoneVersion | None, last: ZoneVersion | None, at: datetime) -> str:
    asks = {"inclusion": "a place to be in", "exclusion": "a place to stay out of"}.get(
        zone.kind, "a zone to stay away from a protected person"
    )
    if now:
        return f"{zone.name} is {asks}, {hours_of(now.schedule, zone.kind)}."
    if last and last.from_at > at:
        return f"{zone.name} will be {asks}, {hours_of(last.schedule, zone.kind)}."
    return f"{zone.name} was {asks}. It is out of use."
