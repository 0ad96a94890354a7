"""A person's orders, and one order on a page: what holds, what is missing, what held when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db.models import QuerySet

from waymark.accounts.models import User
from waymark.cases.explain import short_name
from waymark.cases.models import CourtCase
from waymark.cases.models import Order as CourtOrder
from waymark.monitoring.access import alerts_visible_to, orders_visible_to
from waymark.monitoring.actions.activations import unsigned
from waymark.monitoring.actions.orders import lacks_court_order, standing_versions, version_holding
from waymark.monitoring.installation import RANGES_FT, STEPS, Step, missing_steps
from waymark.monitoring.models import (
    Activation,
    Agreement,
    Alert,
    InstallationStep,
    MonitoringOrder,
    OrderVersion,
    Suspension,
    Zone,
    ZoneVersion,
)
from waymark.monitoring.reads.check import Finding, findings_of
from waymark.people.access import record_ids
from waymark.people.models import Person
from waymark.web.templatetags.waymark import staff_date

BY = {  # how a person is monitored, in a sentence
    MonitoringOrder.Program.GPS: "by GPS",
    MonitoringOrder.Program.HOME_DETENTION: "on home detention",
    MonitoringOrder.Program.ALCOHOL: "for alcohol",
}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Held:
    """A version with the span it held, [from, until). Voided ones held never. `until` None: until further notice."""

    version: OrderVersion
    until: datetime | None
    is_standing: bool
    holds_now: bool


@dataclass(frozen=True)
class StepLine:
    step: Step
    done: InstallationStep | None
    range_words: str


@dataclass(frozen=True)
class Worn:
    activation: Activation
    steps: list[StepLine]
    missing: int


@dataclass(frozen=True)
class ZoneLine:
    """`version`: in use now; None: not any more, or not yet."""

    zone: Zone
    version: ZoneVersion | None
    hours: str


@dataclass(frozen=True)
class OrderFile:
    sentence: str
    findings: list[Finding]
    holds: OrderVersion | None
    ends: OrderVersion | None
    needs_court_order: bool
    history: list[Held]
    worn: list[Worn]
    earlier: list[Activation]
    zones: list[ZoneLine]
    agreements: list[Agreement]
    unsigned: list[Agreement.Paper]
    suspensions: list[Suspension]
    suspended_until: datetime | None
    open_alerts: int


@dataclass(frozen=True)
class OrderLine:
    order: MonitoringOrder
    sentence: str
    findings: list[Finding]


def orders_of(user: User, person: Person, at: datetime) -> list[OrderLine]:
    """The person's orders as far as the account may see them, the latest first."""
    orders = orders_visible_to(user).filter(person__in=record_ids(person)).select_related("person", "case")
    found = findings_of(orders, at)
    return [OrderLine(order, sentence_of(order, found[order.pk], at), found[order.pk]) for order in orders]


def order_file(user: User, order: MonitoringOrder, at: datetime) -> OrderFile:
    findings = findings_of(MonitoringOrder.objects.filter(pk=order.pk), at)[order.pk]
    versions = list(
        order.versions.select_related("court_order", "entered_by", "voided_by").order_by("effective_at", "id")
    )
    standing = [version for version in versions if not version.voided_at]
    holds = version_holding(standing, at)
    rows = order.activations.select_related("device").prefetch_related("steps__done_by")
    activations = list(rows)
    suspensions = list(order.suspensions.select_related("entered_by", "lifted_by").order_by("-from_at"))
    return OrderFile(
        sentence=sentence_of(order, findings, at),
        findings=findings,
        holds=holds,
        ends=next((version for version in standing if version.kind == OrderVersion.Kind.END), None),
        needs_court_order=holds is not None and lacks_court_order(order, holds),
        history=_history(versions, standing, at),
        worn=[_worn(activation) for activation in activations if activation.until_at is None],
        earlier=[activation for activation in activations if activation.until_at is not None],
        zones=_zones(order, at),
        agreements=list(order.agreements.select_related("witnessed_by", "signed_by")),
        unsigned=unsigned(order),
        suspensions=suspensions,
        suspended_until=max((one.until_at for one in suspensions if runs(one, at)), default=None),
        open_alerts=open_alerts(user, order),
    )


def sentence_of(order: MonitoringOrder, findings: list[Finding], at: datetime) -> str:
    """ "J. Cole has been monitored by GPS since 2026-10-23 Fri; 1 thing is missing." """
    person = order.person.merged_into or order.person
    sentence = f"{short_name(person)} {_state_of(order, at)}"
    if not findings:
        return f"{sentence}."
    return f"{sentence}; {len(findings)} thing{'s are' if len(findings) > 1 else ' is'} missing."


def runs(suspension: Suspension, at: datetime) -> bool:
    return suspension.from_at <= at < suspension.until_at and suspension.lifted_at is None


def open_alerts(user: User, order: MonitoringOrder) -> int:
    rows = alerts_visible_to(user).filter(activation__order=order, withdrawn_at=None)
    return rows.exclude(state=Alert.State.CLOSED).count()


def hours_of(schedule: list[dict[str, object]], kind: str) -> str:
    """A schedule in a few words: "every day 20:00 to 06:00". No schedule means at all times."""
    if not schedule:
        return "at all times"
    return "; ".join(_window(entry) for entry in schedule)


def _state_of(order: MonitoringOrder, at: datetime) -> str:
    by, standing = BY[MonitoringOrder.Program(order.program)], standing_versions(order)
    holds = version_holding(standing, at)
    own = [one for one in order.activations.all() if one.until_at is None and not one.protected]
    active = [one for one in own if one.state == Activation.State.ACTIVE]
    if not standing:
        return f"was never ordered to be monitored {by}: the order is voided"
    if holds is None and standing[0].effective_at > at:
        return f"is to be monitored {by} from {staff_date(standing[0].effective_at)}"
    if holds is None:
        return f"was monitored {by} until {staff_date(standing[-1].effective_at)}"
    if active:
        return f"has been monitored {by} since {staff_date(min(one.from_at for one in active))}"
    if own:
        return f"is to be monitored {by}, and the device is still being installed"
    return f"is to be monitored {by}, and wears no device yet"


def _history(versions: list[OrderVersion], standing: list[OrderVersion], at: datetime) -> list[Held]:
    """The latest first; a voided version stands where it would have held."""
    following = {one.pk: later.effective_at for one, later in pairwise(standing)}
    holds = version_holding(standing, at)
    held = [
        Held(
            version, following.get(version.pk), version.voided_at is None, holds is not None and version.pk == holds.pk
        )
        for version in versions
    ]
    return held[::-1]


def _worn(activation: Activation) -> Worn:
    done = {step.step: step for step in activation.steps.all()}
    lines = [
        StepLine(step, done.get(step), RANGES_FT.get(done[step].range_ft or 0, "") if step in done else "")
        for step in STEPS.get(activation.device.kind, ())
    ]
    return Worn(activation, lines, len(missing_steps(activation)))


def _zones(order: MonitoringOrder, at: datetime) -> list[ZoneLine]:
    lines = []
    for zone in order.zones.prefetch_related("versions"):
        in_use = [
            version
            for version in zone.versions.all()
            if version.from_at <= at and (version.until_at is None or version.until_at > at)
        ]
        version = in_use[-1] if in_use else None
        lines.append(ZoneLine(zone, version, hours_of(version.schedule, zone.kind) if version else "not in use"))
    return lines


def _window(entry: dict[str, object]) -> str:
    weekly = entry.get("weekly")
    if isinstance(weekly, dict):
        words = f"{_days(list(weekly.get('days', [])))} {weekly.get('from')} to {weekly.get('to')}"
    else:
        words = f"by the rule {entry.get('rrule', '')}".strip()
        if entry.get("from"):
            words += f", from {entry['from']}" + (f" to {entry['to']}" if entry.get("to") else "")
    if entry.get("starts_on"):
        words += f", first on {entry['starts_on']}"
    if entry.get("ends_on"):
        words += f", last on {entry['ends_on']}"
    return words


def _days(days: list[str]) -> str:
    names = [day.capitalize() for day in DAYS if day in days]
    if len(names) == 7:
        return "every day"
    if names == ["Mon", "Tue", "Wed", "Thu", "Fri"]:
        return "Mon to Fri"
    return ", ".join(names)


def standing_court_orders(cases: QuerySet[CourtCase]) -> QuerySet[CourtOrder]:
    """What the courts ordered in these cases, for a monitoring order to name."""
    rows: QuerySet[CourtOrder] = CourtOrder.objects.standing().filter(case__in=cases).select_related("case")
    return rows


def court_orders_of(order: MonitoringOrder) -> QuerySet[CourtOrder]:
    return standing_court_orders(CourtCase.objects.filter(pk=order.case_id))
