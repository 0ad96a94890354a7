"""Short timelines for tests: a home, and where somebody is from when to when."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from waymark.telemetry.episodes import Episode
from waymark.telemetry.evaluate import replay
from waymark.telemetry.plan import Plan, read
from waymark.telemetry.readings import Reading

TIME_ZONE = "America/Chicago"
HOME_LAT, HOME_LON = 38.6270, -90.1994
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
NIGHT = {"weekly": {"days": DAYS, "from": "22:00", "to": "06:00"}}


def at(text: str) -> int:
    """ "2026-03-10 22:00" on the wall in St. Louis, in milliseconds."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(TIME_ZONE)).timestamp() * 1000)


def earth(east_m: float, north_m: float = 0.0) -> tuple[float, float]:
    """lat, lon of a point so many metres off home."""
    degree = math.radians(6_371_008.8)
    return HOME_LAT + north_m / degree, HOME_LON + east_m / degree / math.cos(math.radians(HOME_LAT))


def fix(when: str | int, east_m: float, north_m: float = 0.0, accuracy_m: float = 5.0, **fields: Any) -> Reading:
    lat, lon = earth(east_m, north_m)
    happened_ms = at(when) if isinstance(when, str) else when
    given: dict[str, Any] = {"source": "gps", "kind": "fix", "activation": "1"} | fields
    return Reading(happened_ms=happened_ms, lat=lat, lon=lon, accuracy_m=accuracy_m, **given)


def said(when: str | int, kind: str = "status", **fields: Any) -> Reading:
    happened_ms = at(when) if isinstance(when, str) else when
    return Reading(activation="1", happened_ms=happened_ms, kind=kind, **fields)


def stay(first: str, last: str, east_m: float, every_s: int = 60, **fields: Any) -> list[Reading]:
    """Fixes from `first` to before `last`."""
    return [fix(when, east_m, **fields) for when in range(at(first), at(last), every_s * 1000)]


def home(radius_m: float = 100, **fields: Any) -> dict[str, Any]:
    circle = {"lat": HOME_LAT, "lon": HOME_LON, "radius_m": radius_m}
    return {"id": "home", "kind": "inclusion", "circle": circle} | fields


def square(name: str, east_m: float, half_m: float, north_m: float = 0.0, **fields: Any) -> dict[str, Any]:
    """A zone to stay out of, so far east of home."""
    corners = [(-half_m, -half_m), (half_m, -half_m), (half_m, half_m), (-half_m, half_m)]
    polygon = [list(earth(east_m + east, north_m + north)) for east, north in corners]
    return {"id": name, "kind": "exclusion", "polygon": polygon} | fields


def plan(*zones: dict[str, Any], until: str | None = None, others: Iterable[str] = (), **fields: Any) -> Plan:
    until_text = None if until is None else datetime.fromtimestamp(at(until) / 1000, ZoneInfo("UTC")).isoformat()
    participant = {"activation": "1", "zones": list(zones)} | fields
    participants = [participant, *({"activation": other} for other in others)]
    return read({"time_zone": TIME_ZONE, "until": until_text, "participants": participants})


def found(plan: Plan, readings: Iterable[Reading], *families: str) -> list[Episode]:
    return [episode for episode in replay(plan, readings) if not families or episode.family in families]
