"""The hours of an order on a page: two weeks as bands, what somebody must do now and next, what was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from waymark.accounts.models import User
from waymark.facts.from_json import read_facts
from waymark.monitoring.access import orders_visible_to
from waymark.monitoring.facts import order_plan, time_zone
from waymark.monitoring.models import MonitoringOrder, ScheduleChange, Zone, ZoneVersion
from waymark.telemetry.instants import ALWAYS_UNTIL_MS, HOUR_MS, Span, ms_of
from waymark.telemetry.plan import Leave, Participant
from waymark.telemetry.plan import Zone as Planned
from waymark.telemetry.schedule import merged, required, without

DAYS_SHOWN = 14
WIDTH = 960  # of a drawn day
TICK_HOURS = (0, 6, 12, 18)
LONGEST_NIGHT_MS = 26 * HOUR_MS  # of a longer stretch the number of hours tells nobody anything
WORDS = {
    "in": "must be there",
    "out": "must stay out",
    "extra": "must be there, one-off",
    "leave": "approved leave",
    "asked": "leave asked for",
}


@dataclass(frozen=True)
class Band:
    """A stretch of one day. `x` and `width` of WIDTH; `hours` as the clock shows them: "20:00 to 24:00"."""

    kind: str  # a key of WORDS
    x: float
    width: float
    hours: str

    @property
    def words(self) -> str:
        return WORDS[self.kind]


@dataclass(frozen=True)
class DayRow:
    day: date
    bands: list[Band]
    ticks: list[tuple[float, int]]
    notes: list[str]


@dataclass(frozen=True)
class Preview:
    name: str
    rows: list[DayRow]
    notes: list[str]
    kinds: list[tuple[str, str]]  # what the drawing shows, for its legend


@dataclass(frozen=True)
class Duty:
    """Where somebody must be, [from_at, until_at). None: without an end."""

    name: str
    is_home: bool
    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True)
class ClockChange:
    """The clocks change within a stretch of so many true hours."""

    day: date
    hours: float
    goes_back: bool
    over_midnight: bool


def previews_of(order: MonitoringOrder, first: date, days: int = DAYS_SHOWN) -> list[Preview]:
    """Of every place of the order in use in those days, home first."""
    asked_plan = order_plan(order)
    asked = _asked_spans(order)
    from_ms, until_ms = _day_ms(first), _day_ms(first + timedelta(days=days))
    found = []
    for zone in order.zones.all():
        versions = [planned for planned in asked_plan.zones if planned.id == str(zone.pk)]
        uses = [planned.in_use(time_zone()) for planned in versions]
        if any(use.from_ms < until_ms and use.until_ms > from_ms for use in uses):
            found.append(preview(zone.name, versions, asked_plan.leave, first, days, asked))
    return found


def zone_preview(zone: Zone, first: date, days: int = DAYS_SHOWN) -> Preview:
    """Of one place as it is set up."""
    asked_plan = order_plan(zone.order)
    versions = [planned for planned in asked_plan.zones if planned.id == str(zone.pk)]
    return preview(zone.name, versions, asked_plan.leave, first, days, _asked_spans(zone.order))


def supposed_preview(zone: Zone, schedule: list[dict[str, Any]], first: date, days: int = DAYS_SHOWN) -> Preview:
    """Of one place as if these were its hours, which can be read, from the first day on."""
    asked_plan = order_plan(zone.order)
    hours = read_facts(Planned, {"id": str(zone.pk), "kind": zone.kind, "schedule": schedule}).schedule
    known = [planned for planned in asked_plan.zones if planned.id == str(zone.pk)][-1:]
    supposed = [replace(planned, schedule=hours, from_at=None, until_at=None) for planned in known]
    return preview(zone.name, supposed, asked_plan.leave, first, days, _asked_spans(zone.order))


def preview(
    name: str,
    versions: Sequence[Planned],
    leave: Sequence[Leave],
    first: date,
    days: int = DAYS_SHOWN,
    asked: Sequence[Span] = (),
) -> Preview:
    """`versions`: of one place. `asked`: leave somebody waits for."""
    from_ms, until_ms = _day_ms(first), _day_ms(first + timedelta(days=days))
    weekly = _required([replace(zone, exceptions=()) for zone in versions], from_ms, until_ms)
    holds = _required(versions, from_ms, until_ms, leave)
    is_in = any(zone.must == "be_in" for zone in versions)
    by_kind = {
        ("in" if is_in else "out"): _common(weekly, holds),
        "extra": without(holds, weekly),
        "leave": without(weekly, holds),
        "asked": _common(holds, merged(asked)) if is_in else [],
    }
    changes = [(span, change) for span in holds if (change := clock_change(span))]
    rows = [_row(first + timedelta(days=number), by_kind, changes) for number in range(days)]
    notes = [note for row in rows for note in row.notes]
    shown = {band.kind for row in rows for band in row.bands}
    return Preview(name, rows, notes, [(kind, words) for kind, words in WORDS.items() if kind in shown])


def clock_change(span: Span) -> ClockChange | None:
    """None when the clocks do not change within it, or it is longer than a night."""
    if span.until_ms - span.from_ms > LONGEST_NIGHT_MS:
        return None
    begins, ends = _local(span.from_ms), _local(span.until_ms)
    before, after = begins.utcoffset(), ends.utcoffset()
    if before == after or before is None or after is None:
        return None
    changed = next(
        day for day in (begins.date(), ends.date()) if _midnight(day).utcoffset() != _midnight(day, 1).utcoffset()
    )
    hours = (span.until_ms - span.from_ms) / HOUR_MS
    return ClockChange(changed, hours, after < before, begins.date() != ends.date())


def duties(planned: Participant, from_at: datetime, until_at: datetime) -> list[Duty]:
    """Where the plan asks somebody to be, whole stretches that touch [from_at, until_at), the first first."""
    from_ms, until_ms = ms_of(from_at), ms_of(until_at)
    names = dict(Zone.objects.filter(pk__in={int(zone.id) for zone in planned.zones}).values_list("pk", "name"))
    return duties_by_name(planned, names, from_ms, until_ms)


def duties_by_name(planned: Participant, names: dict[int, str], from_ms: int, until_ms: int) -> list[Duty]:
    found = []
    for number in dict.fromkeys(zone.id for zone in planned.zones if zone.kind == "inclusion"):
        versions = [zone for zone in planned.zones if zone.id == number]
        for span in _required(versions, from_ms, until_ms, planned.leave):
            ends = None if span.until_ms >= ALWAYS_UNTIL_MS else _aware(span.until_ms)
            begins = _aware(max(span.from_ms, 0))
            found.append(Duty(names.get(int(number), ""), versions[-1].home, begins, ends))
    return sorted(found, key=lambda duty: (duty.from_at, not duty.is_home))


def leave_at(planned: Participant, at: datetime) -> Leave | None:
    """The approved leave that runs at the instant."""
    return next((leave for leave in planned.leave if _holds(leave.span(time_zone()), ms_of(at))), None)


def waiting_changes(user: User) -> list[ScheduleChange]:
    """Asked for and not answered, the one that begins first on top."""
    return list(_changes(user).filter(state=ScheduleChange.State.ASKED).order_by("from_at", "id"))


def answered_changes(user: User, at: datetime, days: int = 30) -> list[ScheduleChange]:
    """Answered in the last days, or still to come; the latest answer on top."""
    rows = _changes(user).exclude(state=ScheduleChange.State.ASKED).filter(until_at__gt=at - timedelta(days=days))
    return list(rows.order_by("-decided_at", "-id"))


def changes_of(order: MonitoringOrder, since: datetime) -> list[ScheduleChange]:
    """That end after the instant, the first first."""
    rows = order.schedule_changes.filter(until_at__gt=since).select_related("asked_by", "decided_by")
    return list(rows.order_by("from_at", "id"))


def open_version(zone: Zone) -> ZoneVersion | None:
    """The last version, unless it has an end."""
    last = zone.versions.order_by("-number").first()
    return last if last and last.until_at is None else None


def today_here(at: datetime) -> date:
    return _local(ms_of(at)).date()


def _changes(user: User) -> QuerySet[ScheduleChange]:
    rows = ScheduleChange.objects.filter(order__in=orders_visible_to(user))
    return rows.select_related("order__person", "order__case", "asked_by", "decided_by")


def _asked_spans(order: MonitoringOrder) -> list[Span]:
    rows = order.schedule_changes.filter(state=ScheduleChange.State.ASKED, kind=ScheduleChange.Kind.LEAVE)
    return [Span(ms_of(from_at), ms_of(until_at)) for from_at, until_at in rows.values_list("from_at", "until_at")]


def _required(versions: Iterable[Planned], from_ms: int, until_ms: int, leave: Sequence[Leave] = ()) -> list[Span]:
    return merged(span for zone in versions for span in required(zone, time_zone(), from_ms, until_ms - 1, leave=leave))


def _common(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    return without(spans, without(spans, others))


def _row(day: date, by_kind: dict[str, list[Span]], changes: list[tuple[Span, ClockChange]]) -> DayRow:
    begins, ends = _day_ms(day), _day_ms(day + timedelta(days=1))
    bands = [
        _band(kind, Span(max(span.from_ms, begins), min(span.until_ms, ends)), begins, ends)
        for kind, spans in by_kind.items()
        for span in spans
        if span.from_ms < ends and span.until_ms > begins
    ]
    ticks = [
        (round(WIDTH * (ms_of(_midnight(day) + timedelta(hours=hour)) - begins) / (ends - begins), 1), hour)
        for hour in TICK_HOURS
    ]
    notes = [note_of(change) for _, change in changes if change.day == day]
    return DayRow(day, sorted(bands, key=lambda band: (band.kind == "asked", band.x)), ticks, notes)


def _band(kind: str, span: Span, begins: int, ends: int) -> Band:
    x = WIDTH * (span.from_ms - begins) / (ends - begins)
    width = WIDTH * (span.until_ms - span.from_ms) / (ends - begins)
    until = "24:00" if span.until_ms == ends else f"{_local(span.until_ms):%H:%M}"
    return Band(kind, round(x, 1), round(width, 1), f"{_local(span.from_ms):%H:%M} to {until}")


def note_of(change: ClockChange) -> str:
    what = "night" if change.over_midnight else "stretch"
    goes = "back" if change.goes_back else "forward"
    return f"On {change.day:%A, %B} {change.day.day} this {what} has {change.hours:g} hours: the clocks go {goes}."


def _holds(span: Span, instant_ms: int) -> bool:
    return span.from_ms <= instant_ms < span.until_ms


def _here() -> ZoneInfo:
    return ZoneInfo(time_zone())


def _midnight(day: date, later: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days=later), time(), tzinfo=_here())


def _day_ms(day: date) -> int:
    return ms_of(_midnight(day).astimezone(UTC))


def _aware(instant_ms: int) -> datetime:
    return datetime.fromtimestamp(instant_ms / 1000, UTC)


def _local(instant_ms: int) -> datetime:
    return _aware(instant_ms).astimezone(_here())
