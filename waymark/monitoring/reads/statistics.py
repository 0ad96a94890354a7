"""What alerts were about and how fast they were answered: cause, share false, legs of time, ageing, rate per device."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from django.db.models import Q
from django.utils import timezone

from waymark.accounts.models import User
from waymark.monitoring.access import activations_visible_to, alerts_visible_to
from waymark.monitoring.alert_words import lasted, rule_words
from waymark.monitoring.models import Activation, Alert
from waymark.monitoring.reads.alerts import ageing, lines_of
from waymark.monitoring.reasons import FALSE, WORDS

DAY = timedelta(days=1)
LEGS = [  # name, from, to
    ("Happened to received", "happened_at", "received_at"),
    ("Received to evaluated", "received_at", "evaluated_at"),
    ("Evaluated to notified", "evaluated_at", "notified_at"),
    ("Notified to acknowledged", "notified_at", "acknowledged_at"),
    ("Acknowledged to concluded", "acknowledged_at", "closed_at"),
    ("Happened to acknowledged", "happened_at", "acknowledged_at"),
]


@dataclass(frozen=True)
class Share:
    name: str
    count: int
    of: int

    @property
    def percent(self) -> float:
        return 100 * self.count / self.of if self.of else 0.0


@dataclass(frozen=True)
class Taken:
    """How long a leg took, in seconds, over `count` alerts of a priority."""

    leg: str
    priority: str
    count: int
    median_s: float
    p90_s: float

    @property
    def median(self) -> str:
        return lasted(self.median_s)

    @property
    def p90(self) -> str:
        return lasted(self.p90_s)


@dataclass(frozen=True)
class Statistics:
    raised: int
    concluded: int  # by a person, tests left out
    causes: list[Share]
    conclusions: list[Share]
    false_by_device: list[Share]
    false_by_rule: list[Share]
    legs: list[Taken]
    ages: list[tuple[str, int]]
    device_days: float

    @property
    def per_device_day(self) -> float | None:
        return self.raised / self.device_days if self.device_days else None


def statistics(user: User, first: date, last: date, at: datetime) -> Statistics:
    """Of the alerts raised on the days [first, last], and of all that are open now. A fixed number of queries."""
    from_at, until_at = _midnight(first), _midnight(last + DAY)
    within = alerts_visible_to(user).filter(evaluated_at__gte=from_at, evaluated_at__lt=until_at)
    alerts = list(within.select_related("activation__device"))
    judged = [a for a in alerts if a.closed_by_id is not None and a.conclusion != Alert.Conclusion.TEST]
    reasons = Counter(WORDS.get(a.reason, a.reason) for a in alerts if a.reason)
    labels = Counter(a.get_conclusion_display() for a in alerts if a.closed_by_id is not None)
    open_now = alerts_visible_to(user).exclude(state=Alert.State.CLOSED)
    near = open_now.select_related("person", "person__merged_into", "owner")
    return Statistics(
        raised=len(alerts),
        concluded=len(judged),
        causes=_shares(reasons),
        conclusions=_shares(labels),
        false_by_device=_false_by(judged, lambda a: a.activation.device.get_kind_display()),
        false_by_rule=_false_by(judged, lambda a: rule_words(a.kind)),
        legs=_legs(alerts),
        ages=ageing(lines_of(near, at)),
        device_days=_device_days(user, from_at, min(until_at, at)),
    )


def _shares(counts: Counter[str]) -> list[Share]:
    total = sum(counts.values())
    return [Share(name, count, total) for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))]


def _false_by(judged: Iterable[Alert], name_of: Callable[[Alert], str]) -> list[Share]:
    """Of the alerts a person concluded, how many told of nothing the participant did; the most alerts first."""
    all_of, false = Counter[str](), Counter[str]()
    for alert in judged:
        all_of[name_of(alert)] += 1
        false[name_of(alert)] += alert.conclusion in FALSE
    return [Share(name, false[name], many) for name, many in sorted(all_of.items(), key=lambda one: (-one[1], one[0]))]


def _legs(alerts: Iterable[Alert]) -> list[Taken]:
    took: dict[tuple[str, str], list[float]] = defaultdict(list)
    for alert in alerts:
        for name, before, after in LEGS:
            began, ended = getattr(alert, before), getattr(alert, after)
            if began and ended:
                took[alert.priority, name].append(max((ended - began).total_seconds(), 0.0))
    order = {name: number for number, (name, _, _) in enumerate(LEGS)}
    rows = sorted(took.items(), key=lambda one: (one[0][0], order[one[0][1]]))
    return [Taken(name, priority, len(s), median(s), nearest_rank(s, 90)) for (priority, name), s in rows]


def nearest_rank(values: list[float], percent: int) -> float:
    """The smallest value that at least so many percent of the values do not exceed."""
    ranked = sorted(values)
    return ranked[max(-(-len(ranked) * percent // 100), 1) - 1]


def _device_days(user: User, from_at: datetime, until_at: datetime) -> float:
    """Days for which devices were worn in the period, parts of days counted as such."""
    worn = activations_visible_to(user).filter(Q(until_at=None) | Q(until_at__gt=from_at), from_at__lt=until_at)
    spans = worn.exclude(state=Activation.State.INSTALLING).values_list("from_at", "until_at")
    return sum((min(end or until_at, until_at) - max(begin, from_at)) / DAY for begin, end in spans)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))
