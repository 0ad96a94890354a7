"""Recurrence text (RFC 5545: RRULE, with DTSTART, EXDATE and RDATE lines where needed) to the wall times of its starts.

A rule recurs in wall time: in the zone of its DTSTART (TZID or Z), else in that of the plan. Nothing here looks at a
clock; an endless rule is only ever asked for a range.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from dateutil.rrule import rrule, rrulestr

from waymark.telemetry.instants import zone_named

ANCHOR = date(2000, 1, 1)  # of a rule that asks for none
EARLIEST, LATEST = datetime(1970, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001 - wall times
LIMITS = {
    "INTERVAL": (1, 1000),
    "COUNT": (1, 100_000),
    "BYHOUR": (0, 23),
    "BYMINUTE": (0, 59),
    "BYSECOND": (0, 59),
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYSETPOS": (-366, 366),
}
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS = "MO|TU|WE|TH|FR|SA|SU"
HOURS = ("BYHOUR", "BYMINUTE", "BYSECOND")
# What must stand in a rule without DTSTART, so that it does not depend on the day it is counted from.
FREE_OF_ANCHOR: dict[str, list[set[str]]] = {
    "DAILY": [set()],
    "WEEKLY": [{"BYDAY"}],
    "MONTHLY": [{"BYMONTHDAY"}, {"BYDAY"}],
    "YEARLY": [{"BYYEARDAY"}, {"BYMONTH", "BYMONTHDAY"}, {"BYDAY"}],
}


@dataclass(frozen=True, slots=True)
class Recurrence:
    """`zone` is that of the wall times. `without` are starts, `without_days` days, on which there is none."""

    rule: rrule  # begins at `begins` and has no end of its own
    zone: str
    begins: datetime
    until: datetime | None
    count: int | None
    step: timedelta | None  # the rule repeats itself after each; None: it is counted or goes by months
    also: tuple[datetime, ...]
    without: frozenset[datetime]
    without_days: frozenset[date]

    def starts(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """Wall times in [first, last], each once, in order."""
        for start in sorted({*self._of_the_rule(first, last), *(also for also in self.also if first <= also <= last)}):
            if start not in self.without and start.date() not in self.without_days:
                yield start

    def _of_the_rule(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """The years before `first` are stepped over, not walked, where the rule allows it."""
        begins, last = self.begins, min(last, self.until or last)
        if self.step and first > begins:
            begins += (first - begins) // self.step * self.step
        if begins <= last:
            rule: Iterable[datetime] = self.rule.replace(dtstart=begins, until=last)
            yield from (start for start in islice(rule, self.count) if start >= first)


@lru_cache(maxsize=10_000)
def read_recurrence(text: str, time_zone: str, at: time | None, starts_on: date | None) -> Recurrence:
    """`at`: the hour of every start, in wall time of `time_zone`, in place of the rule's own (None: the rule's own).
    `starts_on` stands for DTSTART where there is none. Raises ValueError with words that say what to give.
    """
    lines = _lines(text)
    parts = _parts(lines["RRULE"][0].value)
    zone, begins, whole_day = _beginning(lines.get("DTSTART", []), time_zone, at, starts_on)
    if begins is None:
        _check_free_of_anchor(parts)
        begins = datetime.combine(ANCHOR, at or time())
    if at is None and whole_day and "BYHOUR" not in parts:
        raise ValueError("says no hour. Give from and to beside it, or DTSTART with an hour.")
    if at is not None and (own := [name for name in HOURS if name in parts]):
        raise ValueError(f"has {own[0]}, and from stands beside it. Give one of the two.")
    step = _step(parts)
    until, count = parts.pop("UNTIL", None), parts.pop("COUNT", None)
    also = _moments(lines.get("RDATE", []), zone)
    without = _moments(lines.get("EXDATE", []), zone)
    return Recurrence(
        _rule(parts, begins),
        zone,
        begins,
        _until(until, zone) if until else None,
        int(count) if count else None,
        step,
        tuple(datetime.combine(day, begins.time()) if whole or at else day for day, whole in also),
        frozenset(day for day, whole in without if not (whole or at)),
        frozenset(day.date() for day, whole in without if whole or at),
    )


def _rule(parts: dict[str, str], begins: datetime) -> rrule:
    try:
        rule = rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=begins)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise ValueError(f"is not a rule of RFC 5545 ({error}).") from error
    assert isinstance(rule, rrule)
    if not _happens(rule, parts, begins):
        raise ValueError("never happens. Correct the days it names.")
    return rule


def _happens(rule: rrule, parts: dict[str, str], begins: datetime) -> bool:
    """A rule that never does is searched for to the year 9999. The calendar repeats itself after 400 years, so that is
    as well begun late.
    """
    if parts.get("INTERVAL", "1") == "1":
        rule = rule.replace(dtstart=begins.replace(year=begins.year + 7200))
    return next(iter(rule), None) is not None


def _step(parts: dict[str, str]) -> timedelta | None:
    if "COUNT" in parts or parts["FREQ"] not in ("DAILY", "WEEKLY"):
        return None
    return timedelta(days=int(parts.get("INTERVAL", "1")) * (7 if parts["FREQ"] == "WEEKLY" else 1))


class Line(NamedTuple):
    parameters: str
    value: str


def _lines(text: str) -> dict[str, list[Line]]:
    """By name. A bare FREQ=... is the RRULE."""
    found: dict[str, list[Line]] = {}
    for line in re.sub(r"\r?\n[ \t]", "", text.strip()).splitlines():
        left, colon, value = line.strip().partition(":")
        name, _, parameters = left.partition(";") if colon else ("RRULE", "", "")
        if value or left:
            found.setdefault(name.upper(), []).append(Line(parameters, (value if colon else left).upper()))
    if unknown := found.keys() - {"RRULE", "DTSTART", "RDATE", "EXDATE"}:
        raise ValueError(f"has a line {min(unknown)}, which is not read. Give RRULE, DTSTART, EXDATE and RDATE.")
    if len(found.get("RRULE", [])) != 1:
        raise ValueError("has no RRULE, or several. Give one, such as FREQ=WEEKLY;BYDAY=MO,WE.")
    if len(found.get("DTSTART", [])) > 1:
        raise ValueError("has DTSTART several times. Give one.")
    return found


def _parts(rule: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in filter(None, rule.split(";")):
        name, _, value = part.partition("=")
        if name in parts:
            raise ValueError(f"has {name} twice. Give it once.")
        parts[name] = value
        _check_part(name, value)
    if "FREQ" not in parts:
        raise ValueError("has no FREQ. Give one, such as FREQ=WEEKLY;BYDAY=MO,WE.")
    if re.search(r"\d", parts.get("BYDAY", "")) and parts["FREQ"] in ("DAILY", "WEEKLY"):
        raise ValueError(f"has BYDAY={parts['BYDAY']}. Only a rule by months or years can count its weekdays.")
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError("has COUNT and UNTIL. Give one of the two.")
    return parts


def _check_part(name: str, value: str) -> None:
    if name == "FREQ":
        if value not in FREQUENCIES:
            raise ValueError(f"has FREQ={value}. Give one of {', '.join(FREQUENCIES)}.")
    elif name in LIMITS:
        low, high = LIMITS[name]
        for number in value.split(","):
            whole = re.fullmatch(r"[+-]?\d{1,6}", number)
            if not whole or not low <= int(number) <= high or (low < 0 and int(number) == 0):
                raise ValueError(f"has {name}={value}. Give whole numbers from {low} to {high}.")
    elif name in ("BYDAY", "WKST"):
        if not re.fullmatch(rf"([+-]?\d{{0,2}}({WEEKDAYS}),)*[+-]?\d{{0,2}}({WEEKDAYS})", value):
            raise ValueError(f"has {name}={value}. Give days as MO, TU, WE, TH, FR, SA, SU.")
    elif name != "UNTIL":
        raise ValueError(f"has {name}, which is not part of a rule.")


def _beginning(
    given: list[Line], time_zone: str, at: time | None, starts_on: date | None
) -> tuple[str, datetime | None, bool]:
    """The zone of the wall times, the first of them, and whether it came as a day without an hour."""
    if not given:
        return time_zone, None if starts_on is None else datetime.combine(starts_on, at or time()), True
    (parameters, value) = given[0]
    zone, moment, whole_day = _moment(parameters, value, time_zone)
    if not EARLIEST <= moment <= LATEST:
        raise ValueError(f"has DTSTART {value}. Give one between 1970 and 2200.")
    if at is None:
        return zone, moment, whole_day
    here = moment if whole_day else _in_zone(moment, zone, time_zone)
    return time_zone, datetime.combine(here.date(), at), whole_day


def _moment(parameters: str, value: str, otherwise: str) -> tuple[str, datetime, bool]:
    """The zone, the wall time in it, and whether it is a day without an hour."""
    name = re.search(r"TZID=\"?([^;\"]+)\"?", parameters, re.IGNORECASE)
    zone = "UTC" if value.endswith("Z") else name.group(1) if name else otherwise
    try:
        zone_named(zone)
        written = re.fullmatch(r"(\d{8})(?:T(\d{6}))?Z?", value)
        if not written:
            raise ValueError
        moment = datetime.strptime(written[1] + (written[2] or "000000"), "%Y%m%d%H%M%S")  # noqa: DTZ007 - a wall time
    except (ValueError, KeyError, OSError) as error:
        raise ValueError(f"has {value} {parameters}, which is no moment. Give it as 20260308T200000.") from error
    return zone, moment, written[2] is None


def _in_zone(wall: datetime, zone: str, other: str) -> datetime:
    if zone == other:
        return wall
    return wall.replace(tzinfo=zone_named(zone)).astimezone(zone_named(other)).replace(tzinfo=None)


def _moments(lines: list[Line], zone: str) -> list[tuple[datetime, bool]]:
    """Each moment as wall time of `zone`, and whether it came as a day without an hour."""
    moments = []
    for line in lines:
        for value in line.value.split(","):
            own, moment, whole_day = _moment(line.parameters, value, zone)
            moments.append((moment if whole_day else _in_zone(moment, own, zone), whole_day))
    return moments


def _until(value: str, zone: str) -> datetime:
    """The last wall time at which a window may start: a day is meant to its end."""
    own, moment, whole_day = _moment("", value, zone)
    return datetime.combine(moment.date(), time(23, 59, 59)) if whole_day else _in_zone(moment, own, zone)


def _check_free_of_anchor(parts: dict[str, str]) -> None:
    counted = parts.get("INTERVAL", "1") != "1" or "COUNT" in parts
    if counted or not any(needed <= parts.keys() for needed in FREE_OF_ANCHOR[parts["FREQ"]]):
        raise ValueError("does not say from when it is counted. Add a line DTSTART, or starts_on beside it.")
