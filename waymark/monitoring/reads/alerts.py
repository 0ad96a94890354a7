"""Questions to alerts: the board, the list of all that are open, the archive of a day, one alert with everything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from waymark.accounts.models import Unit, User
from waymark.monitoring.access import activations_visible_to, alerts_visible_to, notices_served_on
from waymark.monitoring.actions.calls import short_name_of
from waymark.monitoring.alert_words import PRIORITY_WORDS, lasted, says, short_name
from waymark.monitoring.evidence import Fix, because, fix_instants, fixes_of, measured, what_would_make_it_wrong
from waymark.monitoring.models import (
    Activation,
    Alert,
    AlertAct,
    Call,
    Episode,
    LogRecord,
    Reading,
    ViolationNotice,
)
from waymark.monitoring.reasons import FALSE, WORDS
from waymark.people.access import open_assignments
from waymark.telemetry.instants import ms_of

State = Alert.State
SHAPES = {"P1": "●", "P2": "◆", "P3": "○", "P4": "△"}
ON_THE_BOARD = 60
ON_THE_LIST = 500
QUIET = Q(suspension__isnull=False) & ~Exists(Call.objects.filter(alert=OuterRef("pk")))  # suspended, nobody called yet


@dataclass(frozen=True)
class Line:
    """An alert as one line of a list, with what `at` makes of its times."""

    alert: Alert
    name: str
    shape: str
    urgency: str
    waits_s: int  # since it was raised
    owner: str
    called: str  # "called 09:41": the last call made
    quiet: bool  # suspended, and nobody called

    @property
    def waiting(self) -> str:
        return lasted(self.waits_s)

    @property
    def state_words(self) -> str:
        if self.quiet:
            return "suspended"
        if self.alert.state == State.WORKING:
            return f"{self.owner} works on it"
        return str(self.alert.get_state_display()).lower()


@dataclass(frozen=True)
class Board:
    lines: list[Line]
    open: int
    need_you: int  # new ones, not suspended
    mine: int
    suspended: int
    called_to_me: list[Line]
    oldest: str
    monitored: int
    silent: int
    last_reading: str
    false_today: int
    concluded_today: int
    newest: int  # the highest number of an alert shown; the next refresh tells what came after it

    @property
    def more(self) -> int:
        return self.open - self.suspended - len(self.lines)


def board(user: User, at: datetime) -> Board:
    """In a constant number of queries, whatever is open."""
    alerts = alerts_visible_to(user).exclude(state=State.CLOSED)
    shown = [*near(alerts.exclude(QUIET)).order_by("priority", "evaluated_at", "pk")[:ON_THE_BOARD]]
    to_me = near(alerts.filter(calls__to=user, calls__seen_at=None)).distinct()
    lines = lines_of(shown, at)
    oldest = alerts.order_by("evaluated_at").values_list("evaluated_at", flat=True).first()
    worn = activations_visible_to(user).filter(until_at=None, state=Activation.State.ACTIVE, protected=False)
    silent = Episode.objects.filter(current=True, withdrawn=False, family="contact", closed_at=None)
    last = LogRecord.objects.filter(kind=LogRecord.Kind.READINGS).order_by("-pk").values_list("at", flat=True).first()
    false, concluded = false_on(user, timezone.localdate(at))
    return Board(
        lines=lines,
        open=alerts.count(),
        need_you=alerts.exclude(QUIET).filter(state=State.NEW).count(),
        mine=alerts.filter(owner=user).count(),
        suspended=alerts.filter(QUIET).count(),
        called_to_me=lines_of(to_me.order_by("priority", "evaluated_at", "pk"), at),
        oldest=lasted((at - oldest).total_seconds()) if oldest else "",
        monitored=worn.values("person").distinct().count(),
        silent=silent.filter(activation__in=worn).values("activation").distinct().count(),
        last_reading=lasted((at - last).total_seconds()) if last else "",
        false_today=false,
        concluded_today=concluded,
        newest=alerts.aggregate(newest=Max("pk"))["newest"] or 0,
    )


def raised_after(user: User, newest: int, at: datetime) -> list[Line]:
    """What came since the last refresh and wants somebody, the most urgent first."""
    came = alerts_visible_to(user).filter(pk__gt=newest, state=State.NEW).exclude(QUIET)
    return lines_of(near(came).order_by("priority", "pk")[:ON_THE_BOARD], at)


def false_on(user: User, day: date) -> tuple[int, int]:
    """(told of nothing the participant did, concluded by a person) that day, tests left out."""
    concluded = alerts_visible_to(user).filter(closed_by__isnull=False, **on_day("closed_at", day))
    concluded = concluded.exclude(conclusion=Alert.Conclusion.TEST)
    return concluded.filter(conclusion__in=FALSE).count(), concluded.count()


def on_day(field: str, day: date) -> dict[str, Any]:
    """A filter: the instant lies in the day of the court's calendar."""
    first = timezone.make_aware(datetime.combine(day, datetime.min.time()))
    last = timezone.make_aware(datetime.combine(day + timedelta(days=1), datetime.min.time()))
    return {f"{field}__gte": first, f"{field}__lt": last}


def near(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """With what a line shows beside it."""
    return alerts.select_related("person", "person__merged_into", "owner", "suspension", "activation__device")


def lines_of(alerts: Iterable[Alert], at: datetime) -> list[Line]:
    alerts = list(alerts)
    acts = AlertAct.objects.filter(alert__in=[alert.pk for alert in alerts], act=AlertAct.Act.CALLED)
    called = dict(acts.order_by("at", "pk").values_list("alert_id", "at"))
    suspended = [alert.pk for alert in alerts if alert.suspension_id and alert.state != State.CLOSED]
    quiet = set(Alert.objects.filter(QUIET, pk__in=suspended).values_list("pk", flat=True))
    return [_line(alert, called.get(alert.pk), alert.pk in quiet, at) for alert in alerts]


def _line(alert: Alert, called_at: datetime | None, quiet: bool, at: datetime) -> Line:
    return Line(
        alert=alert,
        name=short_name(alert.person.merged_into or alert.person),
        shape=SHAPES[alert.priority],
        urgency=PRIORITY_WORDS[alert.priority],
        waits_s=max(int(((alert.closed_at or at) - alert.evaluated_at).total_seconds()), 0),
        owner=short_name_of(alert.owner) if alert.owner else "",
        called=f"called {timezone.localtime(called_at):%H:%M}" if called_at else "",
        quiet=quiet,
    )


# The list


@dataclass(frozen=True)
class Asked:
    """`show`: open, new, working, mine, suspended, listed (open, and nobody was called) or closed (on a day)."""

    show: str = "open"
    priority: str = ""
    words: str = ""
    unit: Unit | None = None
    on: date | None = None


def alerts_asked(user: User, asked: Asked) -> QuerySet[Alert]:
    """All that fit, the most urgent and then the oldest first; closed ones by when they were closed."""
    alerts = near(alerts_visible_to(user))
    if asked.show == "closed":
        alerts = alerts.filter(state=State.CLOSED).order_by("-closed_at", "-pk")
        alerts = alerts.filter(**on_day("closed_at", asked.on)) if asked.on else alerts
    else:
        alerts = _open_ones(alerts.exclude(state=State.CLOSED), user, asked.show)
        alerts = alerts.order_by("priority", "evaluated_at", "pk")
    if asked.priority:
        alerts = alerts.filter(priority=asked.priority)
    for word in asked.words.split():
        named = Q(person__family_name__icontains=word) | Q(person__given_name__icontains=word)
        alerts = alerts.filter(named)
    if asked.unit:
        there = open_assignments(timezone.localdate()).filter(unit=asked.unit).values("person")
        alerts = alerts.filter(person__in=there)
    return alerts


def _open_ones(alerts: QuerySet[Alert], user: User, show: str) -> QuerySet[Alert]:
    if show == "mine":
        return alerts.filter(owner=user)
    if show == "suspended":
        return alerts.filter(QUIET)
    if show == "listed":
        return alerts.filter(state=State.NEW, suspension=None, calls=None)
    if show in State.values:
        return alerts.filter(state=show)
    return alerts


def units_of(user: User) -> QuerySet[Unit]:
    return Unit.objects.filter(agency=user.agency_id) if user.agency_id else Unit.objects.all()


AGES = [  # upper end in hours: words
    (1, "under 1 hour"),
    (8, "1 to 8 hours"),
    (24, "8 to 24 hours"),
    (72, "1 to 3 days"),
    (None, "over 3 days"),
]


def ageing(lines: Iterable[Line]) -> list[tuple[str, int]]:
    """How many are how old."""
    counts = [0] * len(AGES)
    for line in lines:
        hours = line.waits_s / 3600
        counts[next(n for n, (most, _) in enumerate(AGES) if most is None or hours < most)] += 1
    return [(words, count) for (_, words), count in zip(AGES, counts, strict=True)]


# One alert


@dataclass(frozen=True)
class Shown:
    """An episode as the alert's page shows it."""

    episode: Episode
    words: str
    because: str
    measured: list[tuple[str, str]]
    fixes: list[Fix]
    doubts: list[str]
    superseded: bool


@dataclass(frozen=True)
class Leg:
    name: str
    at: datetime | None
    took: str  # since the leg before


def episodes_of(alert: Alert) -> list[Shown]:
    """The gravest that stands first; what later data superseded after it, the newest first."""
    episodes = list(alert.episodes.select_related("zone"))
    standing = [one for one in episodes if one.current and not one.withdrawn]
    former = [one for one in episodes if not one.current or one.withdrawn]
    readings = _readings_at(alert, standing)
    standing.sort(key=lambda one: (one.severity, one.opened_at, one.pk))
    former.sort(key=lambda one: one.pk, reverse=True)
    return [_shown(one, readings) for one in standing] + [_shown(one, {}) for one in former]


def _shown(episode: Episode, readings: dict[datetime, Reading]) -> Shown:
    fixes = fixes_of(episode, readings)
    doubts = what_would_make_it_wrong(episode, fixes)
    words, numbers = says(episode.kind, episode.zone), list(measured(episode))
    superseded = not episode.current or episode.withdrawn
    return Shown(episode, words, because(episode), numbers, fixes, doubts, superseded)


def _readings_at(alert: Alert, episodes: list[Episode]) -> dict[datetime, Reading]:
    by_ms = {ms_of(at): at for episode in episodes for at in fix_instants(episode)}
    found = Reading.objects.filter(activation=alert.activation_id, happened_ms__in=list(by_ms)).order_by("pk")
    return {by_ms[reading.happened_ms]: reading for reading in found}


def legs_of(alert: Alert) -> list[Leg]:
    """From the device to the conclusion. A leg without a time has not come, or did not happen."""
    stations = [
        ("Happened, by the device", alert.happened_at),
        ("Received", alert.received_at),
        ("Evaluated", alert.evaluated_at),
        ("Notified", alert.notified_at),
        ("Acknowledged", alert.acknowledged_at),
        ("Concluded", alert.closed_at),
    ]
    legs, before = [], None
    for name, at in stations:
        took = lasted((at - before).total_seconds()) if at and before else ""
        legs.append(Leg(name, at, took))
        before = at or before
    return legs


def acts_of(alert: Alert) -> QuerySet[AlertAct]:
    return alert.acts.select_related("by").order_by("at", "pk")


def notices_of(alert: Alert) -> QuerySet[ViolationNotice]:
    return alert.notices.select_related("case", "to_account").order_by("to", "pk")


def reason_words(alert: Alert) -> str:
    return WORDS.get(alert.reason, alert.reason)


def notices_visible_to(user: User) -> QuerySet[ViolationNotice]:
    """Those of the alerts the account may see: drafts first, then the newest."""
    notices = ViolationNotice.objects.filter(alert__in=alerts_visible_to(user))
    near = notices.select_related("case", "alert__person", "alert__person__merged_into", "approved_by")
    return near.order_by("-drafted_at", "to", "pk")


def served_on(user: User) -> QuerySet[ViolationNotice]:
    near = notices_served_on(user).select_related("case", "alert__person", "alert__person__merged_into")
    return near.order_by("-served_at", "pk")
