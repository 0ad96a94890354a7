"""What a participant reads about her own hours, in her language: now, next, the week, what she asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.utils import timezone

from waymark.accounts.models import User
from waymark.monitoring.access import own_orders
from waymark.monitoring.actions.orders import standing_versions, version_holding
from waymark.monitoring.facts import order_plan
from waymark.monitoring.models import Activation, MonitoringOrder, Reading, ScheduleChange, Zone
from waymark.monitoring.reads.schedule import Duty, clock_change, duties_by_name, leave_at, today_here
from waymark.telemetry.instants import Span, ms_of
from waymark.telemetry.plan import Participant
from waymark.web import words
from waymark.web.words import say as plainly

DAYS = 7
LOOK_BACK, LOOK_AHEAD = timedelta(days=1), timedelta(days=15)
OLD_ANSWERS = timedelta(days=7)
CHARGE_BELOW = 40
SOON = timedelta(hours=18)  # until then a time alone says which day is meant
STATES = {
    "asked": "change_asked",
    "approved": "change_approved",
    "refused": "change_refused",
    "withdrawn": "change_withdrawn",
}
KINDS = {"leave": "change_leave", "extra": "change_extra"}


@dataclass(frozen=True)
class DayLines:
    day: str
    lines: list[str]
    notes: list[str]


@dataclass(frozen=True)
class ChangeLine:
    change: ScheduleChange
    what: str
    span: str
    state: str
    answer: str
    can_withdraw: bool


@dataclass(frozen=True)
class MySchedule:
    now: str
    next: str
    week: list[DayLines]
    today: list[ChangeLine]  # approved
    changes: list[ChangeLine]
    battery: str
    battery_low: bool
    can_ask: bool


def say(key: str, language: str, **values: object) -> str:
    """A sentence that ends with "6:00 a. m." ends there."""
    return plainly(key, language, **values).replace("m..", "m.")


def running_orders(user: User, at: datetime) -> list[MonitoringOrder]:
    """The participant's own orders that hold now, or are still to."""
    orders = list(own_orders(user).select_related("person", "case").prefetch_related("versions"))
    return [order for order in orders if _runs(order, at)]


def orders_with_hours(orders: Sequence[MonitoringOrder]) -> list[MonitoringOrder]:
    """Those with a place to be in: leave can be asked of them."""
    held = set(
        Zone.objects.filter(order__in=orders, kind=Zone.Kind.INCLUSION, versions__until_at=None).values_list(
            "order_id", flat=True
        )
    )
    return [order for order in orders if order.pk in held]


def names_of_orders(orders: Sequence[MonitoringOrder]) -> dict[int, str]:
    return {order.pk: str(order.get_program_display()) for order in orders}


def my_schedule(orders: Sequence[MonitoringOrder], language: str, at: datetime) -> MySchedule:
    plans = [order_plan(order) for order in orders]
    names = dict(Zone.objects.filter(order__in=orders).values_list("pk", "name"))
    duties = _duties(plans, names, at)
    changes = [_line(change, language, at) for change in _changes(orders, at)]
    leave = [found for plan in plans if (found := leave_at(plan, at))]
    ends = max((change.until_at for change in _running(orders, at)), default=None) if leave else None
    percent, told_at = _battery(orders)
    low = percent is not None and percent < CHARGE_BELOW
    return MySchedule(
        now=_now(duties, ends, language, at),
        next=_next(duties, language, at),
        week=_week(duties, language, at),
        today=[line for line in changes if line.change.state == "approved" and _touches_today(line.change, at)],
        changes=changes[::-1],
        battery=_battery_words(percent, told_at, language, at),
        battery_low=low,
        can_ask=bool(orders_with_hours(orders)),
    )


def when(at: datetime, language: str, now: datetime) -> str:
    """8:00 PM today, 6:00 AM tomorrow, 8:00 PM on Friday, November 27."""
    local = timezone.localtime(at)
    time, days = words.clock(local.time(), language), (local.date() - timezone.localtime(now).date()).days
    if days in (0, 1):
        return say(("time_today", "time_tomorrow")[days], language, time=time)
    return say("time_on", language, time=time, day=words.short_day(local.date(), language))


def until(at: datetime, language: str, now: datetime) -> str:
    """As `when`; soon, a time alone is enough."""
    if timedelta() <= at - now < SOON:
        return say("time_alone", language, time=words.clock(timezone.localtime(at).time(), language))
    return when(at, language, now)


def _runs(order: MonitoringOrder, at: datetime) -> bool:
    standing = standing_versions(order)
    return bool(standing) and (version_holding(standing, at) is not None or standing[0].effective_at > at)


def _duties(plans: Sequence[Participant], names: dict[int, str], at: datetime) -> list[Duty]:
    first, last = ms_of(at - LOOK_BACK), ms_of(at + LOOK_AHEAD)
    found = [duty for plan in plans for duty in duties_by_name(plan, names, first, last)]
    places = dict.fromkeys(_place(duty) for duty in found)
    joined = [one for place in places for one in _joined([duty for duty in found if _place(duty) == place])]
    return sorted(joined, key=lambda duty: (duty.from_at, not duty.is_home, duty.name))


def _place(duty: Duty) -> str:
    """Two orders may both have a home: it is one place to be in."""
    return "" if duty.is_home else duty.name


def _joined(duties: list[Duty]) -> list[Duty]:
    """Of one place: what touches or overlaps is one duty."""
    one: list[Duty] = []
    for duty in sorted(duties, key=lambda duty: duty.from_at):
        if one and (one[-1].until_at is None or duty.from_at <= one[-1].until_at):
            before, after = one[-1].until_at, duty.until_at
            ends = None if before is None or after is None else max(before, after)
            one[-1] = replace(one[-1], until_at=ends)
        else:
            one.append(duty)
    return one


def _now(duties: list[Duty], leave_until: datetime | None, language: str, at: datetime) -> str:
    now = [duty for duty in duties if duty.from_at <= at and (duty.until_at is None or duty.until_at > at)]
    if not now:
        if leave_until:
            return say("on_leave_until", language, until=until(leave_until, language, at))
        return say("free_now" if duties else "no_hours", language)
    duty = now[0]
    if duty.until_at is None:
        return say("must_be_home" if duty.is_home else "must_be_at", language, place=duty.name)
    key = "must_be_home_until" if duty.is_home else "must_be_at_until"
    return say(key, language, place=duty.name, until=until(duty.until_at, language, at))


def _next(duties: list[Duty], language: str, at: datetime) -> str:
    to_come = next((duty for duty in duties if duty.from_at > at), None)
    if to_come is None:
        return ""
    key = "next_home" if to_come.is_home else "next_at"
    return say(key, language, place=to_come.name, when=when(to_come.from_at, language, at))


def _week(duties: list[Duty], language: str, at: datetime) -> list[DayLines]:
    first = today_here(at)
    return [_day(first + timedelta(days=number), duties, language, number) for number in range(DAYS)]


def _day(day: date, duties: list[Duty], language: str, number: int) -> DayLines:
    lines, notes = [], []
    for duty in duties:
        begins = timezone.localtime(duty.from_at)
        ends = timezone.localtime(duty.until_at) if duty.until_at else None
        if begins.date() > day or (ends and (ends.date() < day or (ends.date() == day and ends.time() == MIDNIGHT))):
            continue
        name = say("home", language) if duty.is_home else duty.name
        lines.append(f"{name}: {_hours(day, begins, ends, language)}")
        if ends and duty.until_at:
            change = clock_change(Span(ms_of(duty.from_at), ms_of(duty.until_at)))
            if change and change.day == day:
                notes.append(say("hours_note", language, hours=f"{change.hours:g}"))
    near = ("today", "tomorrow")
    label = f"{say(near[number], language)}, " if number < len(near) else ""
    label += words.short_day(day, language)
    return DayLines(label[:1].upper() + label[1:], lines or [say("nothing_on_day", language)], notes)


MIDNIGHT = datetime.min.time()


def _hours(day: date, begins: datetime, ends: datetime | None, language: str) -> str:
    from_start, to_end = begins.date() < day or begins.time() == MIDNIGHT, ends is None or ends.date() > day
    if from_start and to_end:
        return say("all_day", language)
    midnight = say("until_midnight", language)
    first = midnight if from_start else words.clock(begins.time(), language)
    last = midnight if to_end or ends is None else words.clock(ends.time(), language)
    return say("from_until", language, first=first, last=last)


def _changes(orders: Sequence[MonitoringOrder], at: datetime) -> list[ScheduleChange]:
    rows = ScheduleChange.objects.filter(order__in=orders, until_at__gt=at - OLD_ANSWERS)
    return list(rows.order_by("from_at", "id"))


def _running(orders: Sequence[MonitoringOrder], at: datetime) -> list[ScheduleChange]:
    rows = ScheduleChange.objects.filter(order__in=orders, state="approved", kind="leave")
    return list(rows.filter(from_at__lte=at, until_at__gt=at))


def _line(change: ScheduleChange, language: str, at: datetime) -> ChangeLine:
    is_wish = change.kind == ScheduleChange.Kind.LEAVE and change.state != ScheduleChange.State.APPROVED
    return ChangeLine(
        change,
        say("change_wished" if is_wish else KINDS[change.kind], language),
        _span(change, language, at),
        say(STATES[change.state], language),
        say("change_answer", language, answer=change.answer) if change.answer else "",
        change.state == ScheduleChange.State.ASKED,
    )


def _span(change: ScheduleChange, language: str, at: datetime) -> str:
    """Within one day, the day is said once."""
    first, last = timezone.localtime(change.from_at), timezone.localtime(change.until_at)
    if first.date() != last.date():
        return say("change_span", language, first=when(first, language, at), last=when(last, language, at))
    clocks = {"first": words.clock(first.time(), language), "last": words.clock(last.time(), language)}
    return f"{words.short_day(first.date(), language)}, {say('from_until', language, **clocks)}"


def _touches_today(change: ScheduleChange, at: datetime) -> bool:
    today = today_here(at)
    return timezone.localdate(change.from_at) <= today <= timezone.localdate(change.until_at)


def _battery(orders: Sequence[MonitoringOrder]) -> tuple[float | None, datetime | None]:
    """Of the last reading of a device that is worn now which told it."""
    worn = Activation.objects.filter(order__in=orders, state=Activation.State.ACTIVE, protected=False)
    last = (
        Reading.objects.filter(activation__in=worn, battery_pct__isnull=False)
        .order_by("-happened_ms")
        .values_list("battery_pct", "happened_ms")
        .first()
    )
    return (last[0], datetime.fromtimestamp(last[1] / 1000, timezone.get_default_timezone())) if last else (None, None)


def _battery_words(percent: float | None, told_at: datetime | None, language: str, at: datetime) -> str:
    if percent is None or told_at is None:
        return say("charge_unknown", language)
    key = "charge_now" if percent < CHARGE_BELOW else "charge_fine"
    return say(key, language, percent=f"{percent:.0f}", when=when(told_at, language, at))
