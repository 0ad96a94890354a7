"""What was ordered against what is set up. New Orleans, 2014: of 37 people ordered to stay away from somebody, two had
a zone that said so (Office of Inspector General). Every order is held against its devices, zones and papers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet

from waymark.accounts.models import User
from waymark.monitoring.access import orders_visible_to
from waymark.monitoring.actions.activations import unsigned
from waymark.monitoring.actions.orders import lacks_court_order, version_holding
from waymark.monitoring.installation import WORN_FOR, missing_steps
from waymark.monitoring.models import (
    Activation,
    Agreement,
    Device,
    MonitoringOrder,
    OrderVersion,
    Zone,
    ZoneVersion,
)
from waymark.web.templatetags.waymark import staff_date

Kind, Program = OrderVersion.Kind, MonitoringOrder.Program
INSTALLATION_REPEATS = timedelta(hours=24)  # monitoring.md B1: "installation incomplete" repeats every 24 h


@dataclass(frozen=True)
class Finding:
    """One thing ordered that is not set up, or set up and not ordered. `words` is a sentence that says what to do."""

    order: MonitoringOrder
    code: str
    words: str


@dataclass(frozen=True)
class Looked:
    """One order with all the check looks at. Versions stand; activations are open; zones have the versions that may
    still be in use."""

    order: MonitoringOrder
    versions: list[OrderVersion]
    activations: list[Activation]
    zones: list[tuple[Zone, list[ZoneVersion]]]
    at: datetime

    @property
    def holds(self) -> OrderVersion | None:
        return version_holding(self.versions, self.at)

    @property
    def ended_at(self) -> datetime | None:
        return next((version.effective_at for version in self.versions if version.kind == Kind.END), None)

    @property
    def own(self) -> list[Activation]:
        """What the participant wears, not what a protected person carries."""
        return [activation for activation in self.activations if not activation.protected]

    def active(self, *kinds: str) -> list[Activation]:
        return [one for one in self.own if one.state == Activation.State.ACTIVE and one.device.kind in kinds]

    def in_use(self, *kinds: str) -> list[tuple[Zone, ZoneVersion]]:
        return [
            (zone, version)
            for zone, versions in self.zones
            for version in versions
            if zone.kind in kinds and version.from_at <= self.at
        ]


def check(user: User, at: datetime) -> list[Finding]:
    """Everything that does not fit, in a constant number of queries, person by person."""
    orders = (
        orders_visible_to(user)
        .select_related("person", "case")
        .order_by("person__family_name", "person__given_name", "id")
    )
    return [finding for found in findings_of(orders, at).values() for finding in found]


def findings_of(orders: QuerySet[MonitoringOrder], at: datetime) -> dict[int, list[Finding]]:
    """By order; an empty list where all fits."""
    return {look.order.pk: list(_findings(look)) for look in _looked(orders, at)}


def _looked(orders: QuerySet[MonitoringOrder], at: datetime) -> Iterator[Looked]:
    activations = Activation.objects.filter(until_at=None).select_related("device").prefetch_related("steps")
    still = ZoneVersion.objects.exclude(until_at__lte=at)
    near: tuple[Prefetch[Any, Any, Any], ...] = (
        Prefetch("versions", OrderVersion.objects.standing().select_related("court_order"), "standing"),
        Prefetch("activations", activations, "open_activations"),
        Prefetch("zones", Zone.objects.prefetch_related(Prefetch("versions", still, "still"))),
        Prefetch("agreements", Agreement.objects.all()),
    )
    for order in orders.prefetch_related(*near):
        row: Any = order
        yield Looked(order, row.standing, row.open_activations, [(zone, zone.still) for zone in row.zones.all()], at)


def _findings(look: Looked) -> Iterator[Finding]:
    for code, words in _faults(look):
        yield Finding(look.order, code, words)


def _faults(look: Looked) -> Iterator[tuple[str, str]]:
    holds = look.holds
    yield from _worn_without_order(look)
    yield from _zones_outside(look)
    if holds is None:
        return
    if lacks_court_order(look.order, holds):
        yield (
            "no_court_order",
            f"{look.order.get_program_display()} needs an order of the court, and none that stands is named. Enter it "
            "in the case and name it here.",
        )
    if holds.stay_away and not look.in_use(Zone.Kind.EXCLUSION, Zone.Kind.VICTIM):
        whom = f" ({holds.stay_away_words})" if holds.stay_away_words else ""
        yield "stay_away_without_zone", f"The court said stay away{whom}, and no zone says where. Draw the zone."
    yield from _home(look, holds)
    if holds.alcohol and not look.active(Device.Kind.ALCOHOL):
        yield "alcohol_without_bracelet", "The court ordered about alcohol, and no alcohol bracelet is active. Fit one."
    elif not any(one.device.kind in WORN_FOR[look.order.program] for one in look.own):
        yield "nothing_worn", "The order holds, and no device that carries it out is worn. Give one out."
    yield from _installing(look)
    for paper in unsigned(look.order):
        yield f"no_{paper}", f"The {paper.label.lower()} is not signed as it reads today. Have it read and signed."


def _worn_without_order(look: Looked) -> Iterator[tuple[str, str]]:
    if look.holds is not None:
        return
    for activation in look.activations:
        serial = activation.device.serial
        if look.ended_at and look.ended_at <= look.at:
            words = f"The order ended {staff_date(look.ended_at)}, and {serial} is still worn. Take it off and end it."
            yield "worn_after_end", words
        else:
            words = f"{serial} is worn, and no order holds today. Enter the order, or end the activation."
            yield "worn_without_order", words


def _zones_outside(look: Looked) -> Iterator[tuple[str, str]]:
    first, end = look.versions[0].effective_at if look.versions else None, look.ended_at
    for zone, versions in look.zones:
        for version in versions:
            if first is None or version.from_at < first:
                words = f'The zone "{zone.name}" is in use from before the order holds. Let it begin with the order.'
                yield "zone_before_order", words
                break
            if end and (version.until_at is None or version.until_at > end):
                words = f'The zone "{zone.name}" is in use after the order ends. End the zone with the order.'
                yield "zone_after_order", words
                break


def _home(look: Looked, holds: OrderVersion) -> Iterator[tuple[str, str]]:
    if not (holds.home_confinement or look.order.program == Program.HOME_DETENTION):
        return
    homes = [version for zone, version in look.in_use(Zone.Kind.INCLUSION) if zone.is_home]
    if not homes:
        yield "home_without_zone", "The person is confined to home, and no zone is the home. Draw it."
    elif not any(version.schedule for version in homes):
        words = (
            "The home zone has no schedule, so it asks to be at home at all times. Enter the approved hours; where the "
            "court allows none, enter every day 00:00 to 24:00."
        )
        yield "home_without_schedule", words


def _installing(look: Looked) -> Iterator[tuple[str, str]]:
    for activation in look.activations:
        if activation.state != Activation.State.INSTALLING:
            continue
        missing = len(missing_steps(activation))
        day = (look.at - activation.from_at) // INSTALLATION_REPEATS + 1
        what = (
            f"{missing} line{'s' if missing != 1 else ''} of the checklist are missing" if missing else "all is ticked"
        )
        yield (
            "installation_incomplete",
            f"{activation.device.serial} is being installed since {staff_date(activation.from_at)} (day {day}): "
            f"{what}. Finish the checklist and make it active.",
        )


def by_order(findings: Iterable[Finding]) -> list[tuple[MonitoringOrder, list[Finding]]]:
    """Grouped, in the order they came."""
    groups: dict[int, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.order.pk].append(finding)
    return [(group[0].order, group) for group in groups.values()]
