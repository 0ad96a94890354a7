"""An episode's evidence (telemetry.episodes), read for people: why it is believed, and what would make it wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from waymark.monitoring.alert_words import lasted
from waymark.monitoring.models import Episode, Reading

CLOCK_OFF = timedelta(seconds=120)  # monitoring.md 2.1: a reading from further ahead has a wrong clock
LATE = timedelta(minutes=15)
POOR_HDOP = 5.0
POOR_ACCURACY_M = 100.0
LONGEST_WINDOW = timedelta(days=7)  # what is longer holds at all times; its ends say nothing
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")


@dataclass(frozen=True)
class Fix:
    """A location the engine decided by. None: not sent, or not told because a protected person's place follows."""

    at: datetime
    source: str
    lat: float | None
    lon: float | None
    accuracy_m: float | None
    distance_m: float | None  # to the zone's edge; negative inside
    satellites: int | None = None
    hdop: float | None = None
    received_at: datetime | None = None

    @property
    def place(self) -> str:
        return f"{self.lat:.5f}, {self.lon:.5f}" if self.lat is not None and self.lon is not None else ""

    @property
    def distance_words(self) -> str:
        if self.distance_m is None:
            return ""
        return f"{abs(self.distance_m):.0f} m {'inside' if self.distance_m < 0 else 'outside'}"


def fix_instants(episode: Episode) -> list[datetime]:
    return [at for at in (instant(said.get("at")) for said in _fixes_said(episode)) if at]


def fixes_of(episode: Episode, readings: Mapping[datetime, Reading] | None = None) -> list[Fix]:
    """The fixes, with what the readings of those instants add (`happened_at`: row)."""
    fixes = []
    for said in _fixes_said(episode):
        if at := instant(said.get("at")):
            fixes.append(_fix(said, at, (readings or {}).get(at)))
    return fixes


def _fixes_said(episode: Episode) -> list[Mapping[str, Any]]:
    given = episode.evidence.get("fixes", [])
    return [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []


def _fix(said: Mapping[str, Any], at: datetime, reading: Reading | None) -> Fix:
    return Fix(
        at=at,
        source=str(said.get("source") or "not sent").replace("_", " "),
        lat=_number(said.get("lat")),
        lon=_number(said.get("lon")),
        accuracy_m=_number(said.get("accuracy_m")),
        distance_m=_number(said.get("distance_m")),
        satellites=reading.satellites if reading else None,
        hdop=reading.hdop if reading else None,
        received_at=reading.received_at if reading else None,
    )


MEASURED = {  # key of the evidence: label, unit
    "absence_seconds": ("Absence", "time"),
    "greatest_distance_m": ("Furthest from the edge", "m"),
    "greatest_depth_m": ("Deepest inside", "m"),
    "least_distance_m": ("Nearest to the edge", "m"),
    "count": ("Times", ""),
    "first_pct": ("Battery at first", "%"),
    "least_pct": ("Battery at least", "%"),
    "battery_pct": ("Battery then", "%"),
    "last_reading_at": ("Last reading", "instant"),
    "last_position_at": ("Last usable position", "instant"),
    "peak_tac": ("Highest TAC", "g/dL"),
    "time_of_peak": ("Highest at", "instant"),
    "absorption_g_dl_h": ("Absorption", "g/dL per hour"),
    "elimination_g_dl_h": ("Elimination", "g/dL per hour"),
    "consecutive_over_020": ("Readings in a row at or above 0.020", ""),
    "area_g_dl_h": ("Area under the curve", "g/dL × h"),
    "class": ("Class", "words"),
    "decisive_fixes": ("Fixes that decided", ""),
    "unknown_fixes": ("Fixes that could not tell", ""),
    "contrary_fixes": ("Fixes that said the contrary", ""),
    "outliers_left_out": ("Outliers left out", ""),
}


def measured(episode: Episode) -> Iterator[tuple[str, str]]:
    """Label and value of what was measured."""
    for key, (label, unit) in MEASURED.items():
        value = episode.evidence.get(key)
        if value not in (None, ""):
            yield label, _written(value, unit)


def because(episode: Episode) -> str:
    """The kernel's own sentence, its instants in the court's time."""
    return in_local_time(str(episode.evidence.get("because") or "The device said so."))


def in_local_time(words: str) -> str:
    def local(found: re.Match[str]) -> str:
        at = instant(found[0])
        return f"{timezone.localtime(at):%Y-%m-%d %a %H:%M:%S}" if at else found[0]

    return INSTANT.sub(local, words)


def window_of(episode: Episode) -> tuple[datetime, datetime] | None:
    """The hours in which the plan asked for something. None: at all times, or the episode is not about hours."""
    window = episode.evidence.get("window")
    if not isinstance(window, Mapping):
        return None
    first, last = instant(window.get("from")), instant(window.get("until"))
    return (first, last) if first and last and last - first <= LONGEST_WINDOW else None


def what_would_make_it_wrong(episode: Episode, fixes: list[Fix]) -> list[str]:
    """The doubts, as sentences; when there is none, what was looked at."""
    return [*_doubts(episode, fixes)] or _nothing_against_it(fixes)


def _doubts(episode: Episode, fixes: list[Fix]) -> Iterator[str]:
    if episode.confidence != "high":
        yield f"The rule itself is not sure: confidence {episode.confidence}."
    many = len(fixes)
    if many == 1 and fixes[0].lat is not None:
        yield "It rests on one fix alone."
    cell = sum(fix.source == "cell" for fix in fixes)
    if cell:
        yield f"{_of(cell, many)} came from a cell tower, which can be a kilometre off."
    if wide := sum((fix.accuracy_m or 0) > POOR_ACCURACY_M for fix in fixes):
        yield f"{_of(wide, many)} {'is' if wide == 1 else 'are'} no better than {POOR_ACCURACY_M:g} m."
    if poor := sum((fix.hdop or 0) > POOR_HDOP for fix in fixes):
        yield f"The satellites stood badly (HDOP above {POOR_HDOP:g}) for {_of(poor, many).lower()}."
    if near := sum(_nearer_than_its_error(fix) for fix in fixes):
        yield f"{_of(near, many)} {'lies' if near == 1 else 'lie'} nearer to the edge than the fix’s own accuracy."
    if contrary := episode.evidence.get("contrary_fixes"):
        yield f"Fixes that said the contrary: {contrary}."
    delays = [fix.received_at - fix.at for fix in fixes if fix.received_at]
    if delays and -min(delays) > CLOCK_OFF:
        yield f"The device’s clock is {-min(delays).total_seconds():.0f} s ahead of ours."
    if delays and max(delays) > LATE:
        yield f"The readings came late, by up to {lasted(max(delays).total_seconds())}."
    if episode.evidence.get("battery_was_critical"):
        yield "The battery was nearly empty before: the silence may be an empty battery."
    flags = episode.evidence.get("flags")
    if isinstance(flags, list):
        yield from (in_local_time(f"{str(flag).replace('_', ' ').capitalize().rstrip('.')}.") for flag in flags)
    if episode.family == "alcohol":
        yield "A product on the skin or alcohol in the air can raise TAC. TAC follows drinking by one to two hours."


def _of(some: int, many: int) -> str:
    if some == many:
        return "The one fix" if many == 1 else f"All {many} fixes"
    return f"{some} of {many} fixes"


def _nearer_than_its_error(fix: Fix) -> bool:
    return fix.distance_m is not None and fix.accuracy_m is not None and abs(fix.distance_m) < fix.accuracy_m


def _nothing_against_it(fixes: list[Fix]) -> list[str]:
    if not any(fix.lat is not None for fix in fixes):
        return ["Nothing in the readings speaks against it. The device itself may be faulty: look at its history."]
    said = ["None of the fixes came from a cell tower; none is poorer than its distance from the edge."]
    delays = [abs(fix.received_at - fix.at).total_seconds() for fix in fixes if fix.received_at]
    if delays:
        said.append(f"They reached us within {max(delays):.0f} s by the device’s clock.")
    return said


def _written(value: Any, unit: str) -> str:
    if unit == "time" and isinstance(value, int | float):
        return lasted(value) if value >= 3600 else f"{value / 60:.0f} min"
    if unit == "instant":
        return in_local_time(str(value))
    if unit == "words":
        return str(value).replace("_", " ")
    return f"{value:g} {unit}".strip() if isinstance(value, int | float) else str(value)


def instant(value: object) -> datetime | None:
    try:
        return parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
