"""Whom to listen for today: where each should be now, and who is due for a check.

Rule of New Zealand Corrections (monitoring.md A): during an approved absence the location is verified at random times,
at least once every three hours. Here an absence is every time a person on home detention need not be home, whether by
the weekly hours or by approved leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from django.conf import settings
from django.db.models import Max

from waymark.accounts.models import User
from waymark.monitoring.access import activations_visible_to
from waymark.monitoring.facts import plans_for
from waymark.monitoring.models import Activation, Device, DriveBy, MonitoringOrder, ScheduleChange, Zone
from waymark.monitoring.reads.schedule import duties_by_name
from waymark.telemetry.instants import ms_of
from waymark.telemetry.plan import Participant
from waymark.web.templatetags.waymark import staff_time

CHECK_EVERY = timedelta(hours=3)
NOT_BEFORE = timedelta(minutes=45)  # a check so soon after the last would tell nothing
HEARD_BY_A_READER = (Device.Kind.RF_BRACELET, Device.Kind.GPS, Device.Kind.ALCOHOL)
BACK, AHEAD = timedelta(days=2), timedelta(days=2)


@dataclass(frozen=True)
class ToCheck:
    """`due`: "late" (three hours are over), "due" (its random time has come), "" (not now)."""

    activation: Activation
    name: str
    should_be: str
    due: str
    due_words: str
    last_heard_at: datetime | None
    change: ScheduleChange | None


def people_to_check(user: User, at: datetime) -> list[ToCheck]:
    """The active bracelets within reach, those due first. A constant number of queries."""
    worn = list(
        activations_visible_to(user)
        .filter(state=Activation.State.ACTIVE, protected=False, device__kind__in=HEARD_BY_A_READER)
        .select_related("order", "person", "device")
        .order_by("person__family_name", "person__given_name", "pk")
    )
    plans = plans_for(worn)
    orders = {activation.order_id for activation in worn}
    names = dict(Zone.objects.filter(order__in=orders).values_list("pk", "name"))
    heard = dict(
        DriveBy.objects.filter(activation__in=worn, heard=True)
        .values_list("activation")
        .annotate(last=Max("happened_at"))
        .values_list("activation", "last")
    )
    running = ScheduleChange.objects.filter(
        order__in=orders,
        state=ScheduleChange.State.APPROVED,
        kind=ScheduleChange.Kind.LEAVE,
        from_at__lte=at,
        until_at__gt=at,
    )
    changes = {change.order_id: change for change in running}
    found = [
        _to_check(
            activation,
            plans[activation.pk].participant,
            names,
            heard.get(activation.pk),
            changes.get(activation.order_id),
            at,
        )
        for activation in worn
    ]
    return sorted(found, key=lambda row: ("late", "due", "").index(row.due))


def next_check(activation: int, since: datetime) -> datetime:
    """A time nobody can foresee within three hours after `since`, the same each time it is asked."""
    words = f"{activation} {since.isoformat()}".encode()
    share = int.from_bytes(blake2b(words, key=settings.SECRET_KEY.encode()[:64], digest_size=4).digest()) / 2**32
    return since + NOT_BEFORE + (CHECK_EVERY - NOT_BEFORE) * share


def visits_of_today(user: User, at: datetime) -> list[DriveBy]:
    """Of this officer, to people she may still see, the latest first."""
    rows = DriveBy.objects.filter(officer=user, happened_at__gt=at - timedelta(hours=24))
    rows = rows.filter(activation__in=activations_visible_to(user))
    return list(rows.select_related("activation__person").order_by("-happened_at"))


def _to_check(
    activation: Activation,
    plan: Participant,
    names: dict[int, str],
    heard_at: datetime | None,
    change: ScheduleChange | None,
    at: datetime,
) -> ToCheck:
    duties = duties_by_name(plan, names, ms_of(at - BACK), ms_of(at + AHEAD))
    now = [duty for duty in duties if duty.from_at <= at and (duty.until_at is None or duty.until_at > at)]
    person = activation.person
    due, words = "", ""
    home_again = next((duty.from_at for duty in duties if duty.from_at > at), None)
    if now:
        until = f" until {staff_time(now[0].until_at)}" if now[0].until_at else ""
        should_be = f"At {now[0].name}{until}"
    elif change:
        where = f", {change.place}" if change.place else ""
        should_be = f"On leave until {staff_time(change.until_at)}: {change.purpose}{where}"
    elif home_again:
        should_be = f"Free until {staff_time(home_again)}"
    else:
        should_be = "Nowhere in particular"
    if not now and activation.order.program == MonitoringOrder.Program.HOME_DETENTION and duties:
        ended = [duty.until_at for duty in duties if duty.until_at and duty.until_at <= at]
        since = max([*ended, activation.from_at, *([heard_at] if heard_at else [])])
        due, words = _due(activation.pk, since, at)
    return ToCheck(activation, f"{person.family_name}, {person.given_name}", should_be, due, words, heard_at, change)


def _due(activation: int, since: datetime, at: datetime) -> tuple[str, str]:
    minutes = int((at - since).total_seconds() // 60)
    if at - since >= CHECK_EVERY:
        return "late", f"Not checked for {minutes // 60} h {minutes % 60} min of absence; three hours is the most"
    if at >= next_check(activation, since):
        return "due", "Due for a check now"
    return "", ""


def names_of(rows: Sequence[ToCheck]) -> list[tuple[int, str]]:
    return [(row.activation.pk, f"{row.name}, {row.activation.device.serial}") for row in rows]


def may_be_told(activation: Activation) -> bool:
    """Whether a reader in a car could hear it, and may: a protected person is never listened for."""
    return not activation.protected and activation.device.kind in HEARD_BY_A_READER
