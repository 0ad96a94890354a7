"""When the requirement of a zone is in force: from recurrence text to merged spans of UTC.

Schedules are in wall time of the plan's zone and become UTC by RFC 5545: a wall time that comes twice is the first, one
that never comes is read with the offset before the gap. So the night of 20:00 to 06:00 has 9 hours in March and 11 in
November (America/Chicago), and 02:30 to 03:00 on the day of the gap is no time at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from waymark.telemetry.instants import (
    ALWAYS_FROM_MS,
    ALWAYS_UNTIL_MS,
    DAY_MS,
    EPOCH,
    MINUTE_MS,
    Span,
    ms_of,
    zone_named,
)
from waymark.telemetry.plan import Entry, Leave, Must, Weekly, Zone
from waymark.telemetry.recurrence import read_recurrence

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EPOCH_DAY = EPOCH.toordinal()
FIRST_DAY, LAST_DAY = date(1970, 1, 2).toordinal(), date(2200, 1, 1).toordinal()
REACH_MS = 16 * DAY_MS  # how far to either side of a range its first and last spans are followed at first,
FARTHEST_MS = 3000 * DAY_MS  # and at last: what is still in force without a break there is taken to have no end
LONGEST_WINDOW_DAYS = 33


def required(
    zone: Zone, time_zone: str, first_ms: int, last_ms: int, *, must: Must | None = None, leave: Sequence[Leave] = ()
) -> list[Span]:
    """Spans in which `zone` asks `must` (None: zone.must) that touch [first_ms, last_ms]: merged, sorted, half-open.

    The range selects spans and never cuts one: a window in progress at first_ms is given with its true start, and what
    has no start or end has ALWAYS_FROM_MS or ALWAYS_UNTIL_MS. So a prefix and the whole see the same windows.
    `leave` is the participant's own (it lifts be_in only). A year of one zone takes about a millisecond: call it once
    for a zone and range, and search the spans.
    """
    use = zone.in_use(time_zone)
    reach = REACH_MS
    while True:
        low, high = max(first_ms - reach, use.from_ms), min(last_ms + reach, use.until_ms)
        spans = [
            span
            for span in _in_force(zone, time_zone, low, high, must or zone.must, leave)
            if span.until_ms > first_ms and span.from_ms <= last_ms
        ]
        begun_before = bool(spans) and use.from_ms < spans[0].from_ms <= low
        goes_on = bool(spans) and high <= spans[-1].until_ms < use.until_ms
        if not begun_before and not goes_on:
            return spans
        if reach >= FARTHEST_MS:
            return _without_ends(spans, use, begun_before=begun_before, goes_on=goes_on)
        reach = min(reach * 14, FARTHEST_MS)


def _without_ends(spans: list[Span], use: Span, *, begun_before: bool, goes_on: bool) -> list[Span]:
    if begun_before:
        spans[0] = spans[0]._replace(from_ms=use.from_ms)
    if goes_on:
        spans[-1] = spans[-1]._replace(until_ms=use.until_ms)
    return spans


def _in_force(zone: Zone, time_zone: str, low_ms: int, high_ms: int, asked: Must, leave: Sequence[Leave]) -> list[Span]:
    """Whole spans, right wherever they lie within [low_ms, high_ms].

    1. The schedule; none is at all times. 2. Less the participant's leave. 3. One-off changes in the order of the
    list, each standing over what is before it. 4. Only while this version of the zone is in use.
    """
    if zone.schedule:
        entries = [entry for entry in zone.schedule if (entry.must or zone.must) == asked]
        spans = merged(window for entry in entries for window in _windows(entry, time_zone, low_ms, high_ms))
    else:
        spans = [Span(ALWAYS_FROM_MS, ALWAYS_UNTIL_MS)] if asked == zone.must else []
    if asked == "be_in":
        spans = without(spans, merged(absence.span(time_zone) for absence in leave))
    for change in zone.exceptions:
        here = [change.span(time_zone)]
        spans = merged([*spans, *here]) if change.must == asked else without(spans, here)
    use = zone.in_use(time_zone)
    return [Span(max(a, use.from_ms), min(b, use.until_ms)) for a, b in spans if a < use.until_ms and b > use.from_ms]


def _windows(entry: Entry, time_zone: str, low_ms: int, high_ms: int) -> Iterator[Span]:
    """Windows of one entry that touch [low_ms, high_ms], and some beside."""
    first = max(low_ms // DAY_MS + EPOCH_DAY - LONGEST_WINDOW_DAYS, FIRST_DAY, _ordinal(entry.starts_on, FIRST_DAY))
    last = min(high_ms // DAY_MS + EPOCH_DAY + 2, LAST_DAY, _ordinal(entry.ends_on, LAST_DAY))
    if first <= last:
        given = _weekly(entry.weekly, time_zone, first, last) if entry.weekly else _rule(entry, time_zone, first, last)
        yield from (span for span in given if span.from_ms < span.until_ms)


def _weekly(weekly: Weekly, time_zone: str, first: int, last: int) -> Iterator[Span]:
    """`first` and `last` are days (ordinals) on which a window may begin."""
    from_, to = minute_of_day(weekly.from_), minute_of_day(weekly.to)
    to += 0 if to > from_ else 24 * 60
    days = {DAYS.index(day) for day in weekly.days}
    if len(days) == 7 and to - from_ == 24 * 60:
        yield Span(_utc_ms(time_zone, first, from_), _utc_ms(time_zone, last, to))
        return
    for day in range(first, last + 1):
        if (day + 6) % 7 in days:
            yield Span(_utc_ms(time_zone, day, from_), _utc_ms(time_zone, day, to))


def _rule(entry: Entry, time_zone: str, first: int, last: int) -> Iterator[Span]:
    assert entry.rrule is not None
    rule = read_recurrence(entry.rrule, time_zone, *entry.first_hour_and_day())
    beside = timedelta(days=2)  # the rule's zone may be a day off the plan's
    for start in rule.starts(_wall(first) - beside, _wall(last) + beside):
        from_ms = ms_of(start.replace(tzinfo=zone_named(rule.zone)))
        wall = start if rule.zone == time_zone else _here(from_ms, time_zone)
        if not first <= wall.toordinal() <= last:
            continue
        if entry.duration_minutes is not None:
            yield Span(from_ms, from_ms + entry.duration_minutes * MINUTE_MS)
        elif entry.to is not None:
            to = minute_of_day(entry.to)
            to += 0 if to > wall.hour * 60 + wall.minute else 24 * 60
            yield Span(from_ms, _utc_ms(time_zone, wall.toordinal(), to))


def _here(instant: int, time_zone: str) -> datetime:
    return (EPOCH + timedelta(milliseconds=instant)).astimezone(zone_named(time_zone)).replace(tzinfo=None)


def minute_of_day(text: str) -> int:
    """ "22:00" -> 1320; "24:00" is the end of the day."""
    return int(text[:2]) * 60 + int(text[3:])


def _wall(day: int) -> datetime:
    return datetime.combine(date.fromordinal(day), time())


def _ordinal(text: str | None, otherwise: int) -> int:
    return otherwise if text is None else date.fromisoformat(text).toordinal()


def _utc_ms(time_zone: str, day: int, minute: int) -> int:
    """A wall time `minute` minutes by the clock after the start of `day` (an ordinal), as RFC 5545 reads it."""
    more, minute = divmod(minute, 24 * 60)
    day += more
    offset = _offset_ms(time_zone, day)
    if offset is None:
        offset = _offset_at(time_zone, _wall(day) + timedelta(minutes=minute))
    return (day - EPOCH_DAY) * DAY_MS + minute * MINUTE_MS - offset


@lru_cache(maxsize=100_000)
def _offset_ms(time_zone: str, day: int) -> int | None:
    """Of the whole day; None where the clocks change on it."""
    begins, ends = _wall(day), _wall(day + 1)
    offset = _offset_at(time_zone, begins)
    return offset if offset == _offset_at(time_zone, ends) else None


def _offset_at(time_zone: str, wall: datetime) -> int:
    offset = wall.replace(tzinfo=zone_named(time_zone)).utcoffset()
    assert offset is not None
    return round(offset.total_seconds() * 1000)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Sorted; what touches or overlaps is one."""
    one: list[Span] = []
    for span in sorted(spans):
        if one and span.from_ms <= one[-1].until_ms:
            one[-1] = Span(one[-1].from_ms, max(one[-1].until_ms, span.until_ms))
        else:
            one.append(span)
    return one


def without(spans: Iterable[Span], holes: Sequence[Span]) -> list[Span]:
    """`spans` less `holes`. Both merged and sorted."""
    left: list[Span] = []
    for from_ms, until_ms in spans:
        for hole in holes:
            if hole.until_ms <= from_ms or hole.from_ms >= until_ms:
                continue
            if hole.from_ms > from_ms:
                left.append(Span(from_ms, hole.from_ms))
            from_ms = hole.until_ms
            if from_ms >= until_ms:
                break
        if from_ms < until_ms:
            left.append(Span(from_ms, until_ms))
    return left
