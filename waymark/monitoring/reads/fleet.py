"""Every device of the agency: where it is, who wears it, what it said last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max, OuterRef, Prefetch, QuerySet, Subquery
from django.utils import timezone

from waymark.accounts.models import User
from waymark.monitoring.access import activations_visible_to, devices_visible_to, orders_visible_to
from waymark.monitoring.installation import FOR_PROGRAM
from waymark.monitoring.models import Activation, Device, MonitoringOrder, Reading

RETURN_WITHIN = timedelta(days=30)  # SCRAMNET: awaiting return becomes lost after 30 days (monitoring.md F1)
FACEPLATE_DAYS = 90  # battery and faceplate of an alcohol bracelet (monitoring.md C1)
FACEPLATE_AHEAD_DAYS = 7  # a low battery still runs seven to ten days (C1)
LOW_BATTERY = 20  # per cent, as the kernel has it

State = Device.State


@dataclass(frozen=True)
class FleetRow:
    """A device with who wears it and what it said last. `activation` None: nobody, or somebody out of reach. A
    protected person's device tells nothing here: its readings are sealed."""

    device: Device
    activation: Activation | None
    is_active: bool
    battery_pct: float | None
    last_at: datetime | None
    silent: bool
    faceplate_due_on: date | None
    awaiting_since: datetime | None
    at: datetime

    @property
    def low(self) -> bool:
        return self.is_active and self.battery_pct is not None and self.battery_pct <= LOW_BATTERY

    @property
    def faceplate_due(self) -> bool:
        ahead = timezone.localdate(self.at) + timedelta(days=FACEPLATE_AHEAD_DAYS)
        gone = self.device.state in (State.LOST, State.RETIRED)
        return not gone and self.faceplate_due_on is not None and self.faceplate_due_on <= ahead

    @property
    def overdue(self) -> bool:
        """Awaiting return for so long that it counts as lost."""
        return self.awaiting_since is not None and self.awaiting_since + RETURN_WITHIN <= self.at

    @property
    def silent_minutes(self) -> int | None:
        return max((self.at - self.last_at) // timedelta(minutes=1), 0) if self.last_at else None


SHOWS = {
    "": "all",
    "worn": "worn",
    "silent": "silent",
    "low": "low battery",
    "faceplate": "faceplate due",
    "stock": "in stock",
    "awaiting": "awaiting return",
    "overdue": "to be called lost",
    "repair": "in repair",
    "gone": "lost or retired",
}


def shown(row: FleetRow, show: str) -> bool:
    state = row.device.state
    return {
        "": True,
        "worn": state == State.ASSIGNED,
        "silent": row.silent,
        "low": row.low,
        "faceplate": row.faceplate_due,
        "stock": state == State.IN_STOCK,
        "awaiting": state == State.AWAITING_RETURN,
        "overdue": row.overdue,
        "repair": state == State.IN_REPAIR,
        "gone": state in (State.LOST, State.RETIRED),
    }[show]


def fleet(user: User, at: datetime) -> list[FleetRow]:
    """In a constant number of queries."""
    seen = set(orders_visible_to(user).values_list("pk", flat=True))
    worn = Activation.objects.filter(until_at=None).select_related("order__person__merged_into")
    devices = devices_visible_to(user).annotate(ended_at=Max("activations__until_at"))
    rows: list[Any] = list(devices.prefetch_related(Prefetch("activations", worn, "open_activations")))
    said = _last_said([one.pk for row in rows for one in row.open_activations if not one.protected])
    return [_row(device, seen, said, at) for device in rows]


def sentence(rows: list[FleetRow]) -> str:
    """The answer to: is the equipment all right?"""
    counts = {name: sum(shown(row, name) for row in rows) for name in SHOWS}
    if not rows:
        return "No device is in the inventory yet."
    worn = f"{counts['worn']} of {len(rows)} devices {'is' if counts['worn'] == 1 else 'are'} worn"
    wants = [
        f"{counts['silent']} silent" if counts["silent"] else "",
        f"{counts['low']} low on battery" if counts["low"] else "",
        f"{counts['faceplate']} due for a new faceplate" if counts["faceplate"] else "",
        f"{counts['overdue']} to be called lost" if counts["overdue"] else "",
    ]
    told = [want for want in wants if want]
    return f"{worn}; {', '.join(told)}." if told else f"{worn}, and none wants anything today."


def _row(device: Any, seen: set[int], said: dict[int, tuple[int | None, float | None]], at: datetime) -> FleetRow:
    worn: Activation | None = next(iter(device.open_activations), None)
    last_ms, battery = said.get(worn.pk, (None, None)) if worn else (None, None)
    last_at = datetime.fromtimestamp(last_ms / 1000, tz=timezone.get_default_timezone()) if last_ms else None
    faceplate = device.kind == Device.Kind.ALCOHOL and device.faceplate_on
    active = worn is not None and worn.state == Activation.State.ACTIVE
    return FleetRow(
        device=device,
        activation=worn if worn and worn.order_id in seen else None,
        is_active=active,
        battery_pct=battery,
        last_at=last_at,
        silent=active and worn is not None and _silent(worn, last_at, at),
        faceplate_due_on=faceplate + timedelta(days=FACEPLATE_DAYS) if faceplate else None,
        awaiting_since=device.ended_at if device.state == State.AWAITING_RETURN else None,
        at=at,
    )


def _silent(worn: Activation, last_at: datetime | None, at: datetime) -> bool:
    """Nothing was heard for longer than the plan allows, as the kernel reckons it."""
    if worn.protected:
        return False
    allowed = timedelta(seconds=worn.expected_interval_s + worn.contact_buffer_s)
    return at - (last_at or worn.from_at) > allowed


def _last_said(activations: list[int]) -> dict[int, tuple[int | None, float | None]]:
    """By activation: the instant of the last reading, and the battery of the last that told it."""
    last = Reading.objects.filter(activation=OuterRef("pk")).order_by("-happened_ms").values("happened_ms")[:1]
    battery = (
        Reading.objects.filter(activation=OuterRef("pk"), battery_pct__isnull=False)
        .order_by("-happened_ms")
        .values("battery_pct")[:1]
    )
    rows = Activation.objects.filter(pk__in=activations).annotate(last=Subquery(last), battery=Subquery(battery))
    return {pk: (at_ms, pct) for pk, at_ms, pct in rows.values_list("pk", "last", "battery")}


def free_devices(user: User, order: MonitoringOrder) -> QuerySet[Device]:
    """In stock, and of a kind that carries out the order's program."""
    return devices_visible_to(user).filter(state=State.IN_STOCK, kind__in=FOR_PROGRAM[order.program])


def worn_by(user: User, device: Device) -> list[Activation]:
    """Who wore the device, the latest first, as far as the account may see them."""
    rows = activations_visible_to(user).filter(device=device).select_related("order__person__merged_into")
    return list(rows)
