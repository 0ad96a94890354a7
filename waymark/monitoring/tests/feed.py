"""A feed, and what a bracelet says, for tests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from waymark.monitoring import engine
from waymark.monitoring.actions.log import append_tick
from waymark.monitoring.actions.receive import receive
from waymark.monitoring.models import Activation, Episode, Feed, RawMessage
from waymark.monitoring.tests.make import make_activation, make_device, make_order, make_zone

START = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)  # a Monday, noon in St. Louis
HOME_LAT, HOME_LON = 38.65, -90.33
AWAY_LAT = 38.66  # 1.1 km north
MINUTE = timedelta(minutes=1)


def make_feed(agency: Any, **fields: Any) -> Feed:
    return Feed.objects.create(
        **{"code": "acme", "name": "Acme bracelets", "agency": agency, "vendor": "generic", **fields}
    )


def make_worn(serial: str = "A1", *, agency: Any = None, from_at: datetime = START, **fields: Any) -> Activation:
    """Somebody with a home zone in force every night from 20:00 to 06:00, wearing the device since `from_at`."""
    order = make_order(agency=agency, effective_at=from_at)
    make_zone(order)
    device = make_device(agency=order.agency, serial=serial, state="assigned")
    return make_activation(order, device, **{"from_at": from_at, **fields})


def fix(serial: str, at: datetime, lat: float = HOME_LAT, **fields: Any) -> dict[str, Any]:
    where = {"lat": lat, "lon": HOME_LON, "accuracy_m": 8, "source": "gps"}
    return {"activation": serial, "happened_at": at.isoformat(), "kind": "fix", **where, **fields}


def night_out(serial: str, day: datetime = START) -> list[dict[str, Any]]:
    """A fix each minute for fourteen hours from noon: away from 21:30 to 22:30, strap open from 23:00 to 23:10."""
    evening = day + timedelta(hours=9, minutes=30)
    said = []
    for minute in range(14 * 60):
        at = day + minute * MINUTE
        away = evening <= at < evening + 60 * MINUTE
        cut = evening + 90 * MINUTE <= at < evening + 100 * MINUTE
        said.append(fix(serial, at, AWAY_LAT if away else HOME_LAT, strap_ok=not cut, battery_pct=80))
    return said


def body_of(readings: Iterable[dict[str, Any]]) -> bytes:
    return json.dumps(list(readings)).encode()


def send(feed: Feed, readings: Sequence[dict[str, Any]], at: datetime, **fields: Any) -> RawMessage:
    return receive(feed, body_of(readings), at=at, **fields)


def work_off() -> int:
    """Let the engine do all there is; gives how many records."""
    done = 0
    while step := engine.run_once():
        done += step
    return done


def deliver(feed: Feed, readings: Sequence[dict[str, Any]], *, size: int = 60, at: datetime | None = None) -> None:
    """The readings in messages of `size`, each received right after its last reading, each worked off at once."""
    for first in range(0, len(readings), size):
        batch = readings[first : first + size]
        latest = max(datetime.fromisoformat(reading["happened_at"]) for reading in batch)
        send(feed, batch, at or latest + timedelta(seconds=5))
        work_off()


def tick(at: datetime) -> None:
    append_tick(at)
    work_off()


def believed() -> list[tuple[Any, ...]]:
    """What stands, as far as the way of delivery must not matter."""
    return [
        (row.episode_id, row.kind, row.opened_at, row.closed_at, row.severity, row.confidence, json.dumps(row.evidence))
        for row in Episode.objects.filter(current=True).order_by("opened_at", "episode_id")
    ]
