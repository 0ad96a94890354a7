"""An episode's evidence, read for people: which fixes, what was measured, and what would make it wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from waymark.monitoring.alert_words import clock_and_day, lasted
from waymark.monitoring.models import Episode

CLOCK_OFF_S = 120  # monitoring.md 2.1: a device's clock further off than this is in doubt
POOR_HDOP = 5.0
POOR_ACCURACY_M = 100.0


@dataclass(frozen=True)
class Fix:
    """A location the engine used. None: not sent."""

    at: datetime | None
    source: str
    accuracy_m: float | None
    distance_m: float | None  # to the zone's edge; negative inside
    satellites: int | None
    hdop: float | None


def fixes_of(episode: Episode) -> list[Fix]:
    given = episode.evidence.get("fixes", [])
    return [_fix(one) for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []


def _fix(said: Mapping[str, Any]) -> Fix:
    satellites = said.get("satellites")
    return Fix(
        at=instant(said.get("happened_at", said.get("at"))),
        source=str(said.get("source") or "not sent").replace("_", " "),
        accuracy_m=_number(said.get("accuracy_m")),
        distance_m=_number(said.get("distance_m")),
        satellites=satellites if isinstance(satellites, int) else None,
        hdop=_number(said.get("hdop")),
    )


LABELS = {  # key of the evidence: label, unit
    "distance_m": ("Distance to the edge", "m"),
    "max_distance_m": ("Furthest from the edge", "m"),
    "min_distance_m": ("Nearest to the edge", "m"),
    "absence_seconds": ("Absence", "time"),
    "seconds": ("Time", "time"),
    "silent_seconds": ("Silence", "time"),
    "grace_minutes": ("Grace", "minutes"),
    "counts": ("Fixes used", ""),
    "count": ("Times", ""),
    "battery_pct": ("Battery", "%"),
    "peak_tac": ("Highest TAC", "g/dL"),
    "time_of_peak": ("Highest at", "instant"),
    "absorption_g_dl_h": ("Absorption", "g/dL per hour"),
    "elimination_g_dl_h": ("Elimination", "g/dL per hour"),
    "consecutive_over_020": ("Readings one after the other at or above 0.020", ""),
    "area_g_dl_h": ("Area", "g/dL × h"),
    "class": ("Class", "words"),
    "why": ("Why", ""),
    "raised_as": ("Raised as", "words"),
    "last_reading_at": ("Last reading", "instant"),
}
OF_A_PLACE = {"distance_m", "max_distance_m", "min_distance_m"}


def numbers_of(episode: Episode, *, protected: bool = False) -> Iterator[tuple[str, str]]:
    """Label and value of what was measured. `protected`: nothing from which a protected person's place follows."""
    for key, value in episode.evidence.items():
        if key in LABELS and value not in (None, "", [], {}) and not (protected and key in OF_A_PLACE):
            label, unit = LABELS[key]
            yield label, written(value, unit)


def written(value: Any, unit: str) -> str:
    if unit == "time" and isinstance(value, int | float):
        return lasted(value) + (" min" if value < 3600 else "")
    if unit == "instant":
        at = instant(value)
        return clock_and_day(at) if at else str(value)
    if unit == "words":
        return str(value).replace("_", " ")
    if isinstance(value, Mapping):
        return ", ".join(f"{str(name).replace('_', ' ')} {number}" for name, number in value.items())
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{text} {unit}".strip()


def window_of(episode: Episode) -> tuple[datetime, datetime] | None:
    """The hours in which the plan asked for something, if the episode is about hours."""
    window = episode.evidence.get("window")
    if not isinstance(window, Mapping):
        return None
    ends = [instant(window.get(name)) for name in ("from", "until")]
    first, last = ends[0] or instant(window.get("from_at")), ends[1] or instant(window.get("until_at"))
    return (first, last) if first and last else None


def why_believed(episode: Episode) -> str:
    """ "3 fixes, 4 to 9 m accuracy, at 290 m or more from the edge (rule 1, plan 3fa9)." """
    fixes = fixes_of(episode)
    parts = []
    if fixes:
        parts.append(f"{len(fixes)} fix{'es' if len(fixes) != 1 else ''}")
        if span := _span([fix.accuracy_m for fix in fixes]):
            parts.append(f"{span} m accuracy")
        distances = [abs(fix.distance_m) for fix in fixes if fix.distance_m is not None]
        if distances:
            parts.append(f"at least {min(distances):.0f} m from the edge")
    parts += [f"{label.lower()} {value}" for label, value in numbers_of(episode) if label not in ("Why", "Fixes used")]
    said = ", ".join(parts) or "The device said so itself"
    return f"{said[:1].upper()}{said[1:]} (rule {episode.rule_version}, plan {episode.plan_version[:8]})."


def what_would_make_it_wrong(episode: Episode) -> list[str]:
    """Sentences, the doubts first; when there is none, what was looked at."""
    fixes = fixes_of(episode)
    return [*_doubts(episode, fixes)] or _nothing_against_it(episode, fixes)


def _doubts(episode: Episode, fixes: list[Fix]) -> Iterator[str]:
    if episode.confidence != "high":
        yield f"The rule itself is not sure: confidence {episode.confidence}."
    cell = [fix for fix in fixes if fix.source == "cell"]
    if fixes and len(cell) == len(fixes):
        yield "Every fix came from a cell tower, which can be a kilometre off."
    elif cell:
        yield f"{len(cell)} of {len(fixes)} fixes came from a cell tower."
    poor = [fix for fix in fixes if fix.hdop is not None and fix.hdop > POOR_HDOP]
    if poor:
        yield f"The satellites stood badly for {len(poor)} of {len(fixes)} fixes (HDOP above {POOR_HDOP:g})."
    wide = [fix for fix in fixes if fix.accuracy_m is not None and fix.accuracy_m > POOR_ACCURACY_M]
    if wide:
        yield f"{len(wide)} of {len(fixes)} fixes are no better than {POOR_ACCURACY_M:g} m."
    near = [
        f for f in fixes if f.distance_m is not None and f.accuracy_m is not None and abs(f.distance_m) < f.accuracy_m
    ]
    if near:
        yield f"{len(near)} of {len(fixes)} fixes lie nearer to the edge than their own accuracy."
    if len(fixes) == 1:
        yield "It rests on one fix alone."
    off = _number(episode.evidence.get("clock_offset_s"))
    if off is not None and abs(off) > CLOCK_OFF_S:
        yield f"The device’s clock is {abs(off):.0f} s off."
    flags = episode.evidence.get("flags", [])
    if isinstance(flags, list):
        yield from (f"{str(flag).replace('_', ' ').capitalize()}." for flag in flags)
    if episode.evidence.get("after_battery_critical"):
        yield "The battery was nearly empty before."
    if episode.family == "alcohol":
        yield "Something on the skin or in the air can raise TAC; TAC follows drinking by one to two hours."


def _nothing_against_it(episode: Episode, fixes: list[Fix]) -> list[str]:
    said = []
    if fixes:
        said.append("None of the fixes came from a cell tower; each lies further from the edge than its own accuracy.")
    off = _number(episode.evidence.get("clock_offset_s"))
    if off is not None:
        said.append(f"The device’s clock is {abs(off):.0f} s off.")
    return said or ["Nothing in the readings speaks against it. The device itself may be faulty: look at its history."]


def instant(value: object) -> datetime | None:
    try:
        return parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _span(values: list[float | None]) -> str:
    known = sorted(value for value in values if value is not None)
    if not known:
        return ""
    low, high = f"{known[0]:.0f}", f"{known[-1]:.0f}"
    return low if low == high else f"{low} to {high}"
