"""Instants are whole milliseconds since the epoch, UTC. Spans of them are half-open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
ALWAYS_FROM_MS = -(2**53)  # no beginning: a requirement that was always in force
ALWAYS_UNTIL_MS = 2**53  # no end


class Span(NamedTuple):
    """[from_ms, until_ms). An end that is not known is ALWAYS_FROM_MS or ALWAYS_UNTIL_MS."""

    from_ms: int
    until_ms: int

    def as_json(self) -> dict[str, str | None]:
        return {
            "from": None if self.from_ms == ALWAYS_FROM_MS else iso(self.from_ms),
            "until": None if self.until_ms == ALWAYS_UNTIL_MS else iso(self.until_ms),
        }


def iso(instant_ms: int) -> str:
    """ "2026-02-12T13:05:00Z"; with milliseconds only when they are not zero."""
    moment = EPOCH + timedelta(milliseconds=instant_ms)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + (f".{instant_ms % 1000:03d}Z" if instant_ms % 1000 else "Z")


def ms_of(moment: datetime) -> int:
    """An aware moment; what is finer than a millisecond is cut off."""
    return (moment - EPOCH) // MILLISECOND


def instant_ms(text: str, time_zone: str) -> int:
    """ISO 8601 with an offset or Z, or without one in the wall time of `time_zone`. Raises ValueError.

    A wall time that comes twice is the first; one that never comes is read with the offset before the gap (RFC 5545).
    """
    moment = datetime.fromisoformat(text)
    return ms_of(moment if moment.tzinfo else moment.replace(tzinfo=zone_named(time_zone), fold=0))


@cache
def zone_named(name: str) -> ZoneInfo:
    """Raises ValueError or KeyError for a name that is not in the time zone database."""
    return ZoneInfo(name)
