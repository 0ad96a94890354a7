"""Monitoring for tests. The rows are what the verbs of monitoring.actions write; the verbs have tests of their own."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from waymark.accounts.models import Agency, User
from waymark.accounts.tests.make import make_agency
from waymark.cases.models import CourtCase
from waymark.cases.models import Order as CourtOrder
from waymark.cases.tests.make import make_case
from waymark.monitoring.models import (
    Activation,
    Agreement,
    Device,
    MonitoringOrder,
    OrderVersion,
    ScheduleChange,
    Suspension,
    Zone,
    ZoneVersion,
)
from waymark.monitoring.papers import text_of
from waymark.monitoring.parts import part_of
from waymark.people.models import Person
from waymark.people.tests.make import make_person
from waymark.web.clock import now

_serial = count(1)
HOME = {"circle": {"lat": 38.65, "lon": -90.33, "radius_m": 60}}
EVERY_NIGHT = [{"weekly": {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "20:00", "to": "06:00"}}]
WORN_KINDS = {
    MonitoringOrder.Program.GPS: Device.Kind.GPS,
    MonitoringOrder.Program.HOME_DETENTION: Device.Kind.RF_BRACELET,
    MonitoringOrder.Program.ALCOHOL: Device.Kind.ALCOHOL,
}


def make_court_order(case: CourtCase, **fields: Any) -> CourtOrder:
    at = fields.pop("at", None) or now()
    return CourtOrder.objects.create(
        **{"case": case, "ordered_on": at.date(), "kind": "Monitoring", "entered_at": at, **fields}
    )


def make_order(
    person: Person | None = None,
    case: CourtCase | None = None,
    program: str = MonitoringOrder.Program.GPS,
    *,
    officer: User | None = None,
    agency: Agency | None = None,
    effective_at: datetime | None = None,
    signed: bool = True,
    court_order: CourtOrder | None = None,
    **said: Any,
) -> MonitoringOrder:
    """An order that holds for the last thirty days, with a court order named and both papers signed. `said`: what the
    version says (home_confinement, stay_away, alcohol, words, ...)."""
    if case is None:
        case = make_case(person=person or make_person(officer, agency=agency))
    since = effective_at or now() - timedelta(days=30)
    order = MonitoringOrder.objects.create(
        person=case.person, case=case, agency=agency or _agency_of(case.person), program=program
    )
    defaults = {"kind": OrderVersion.Kind.NEW, "effective_at": since, "entered_at": since}
    OrderVersion.objects.create(
        order=order, court_order=court_order or make_court_order(case, at=since), **{**defaults, **said}
    )
    if signed:
        for paper in Agreement.Paper.values:
            Agreement.objects.create(
                order=order,
                paper=paper,
                text_sha256=text_of(paper, "en").sha256,
                typed_name="As typed",
                signed_at=since,
            )
    return order


def make_device(**fields: Any) -> Device:
    n = next(_serial)
    return Device.objects.create(
        **{
            "agency": fields.pop("agency", None) or make_agency(),
            "vendor": "generic",
            "serial": f"T{n:05}",
            "kind": Device.Kind.GPS,
            **fields,
        }
    )


def make_activation(order: MonitoringOrder | None = None, device: Device | None = None, **fields: Any) -> Activation:
    """The device worn by the order's person and active since the order holds. With state="ended", give until_at."""
    order = order or make_order()
    kind = WORN_KINDS[MonitoringOrder.Program(order.program)]
    state = Device.State.ASSIGNED
    device = device or make_device(agency=order.agency, kind=kind, state=state)
    if device.state != state and not fields.get("until_at"):
        Device.objects.filter(pk=device.pk).update(state=state)
        device.state = state
    defaults = {
        "order": order,
        "person": order.person,
        "device": device,
        "state": Activation.State.ACTIVE,
        "part": part_of(device.serial),
        "from_at": order.versions.earliest("effective_at").effective_at,
    }
    return Activation.objects.create(**{**defaults, **fields})


def make_zone(
    order: MonitoringOrder,
    kind: str = Zone.Kind.INCLUSION,
    shape: dict[str, Any] | None = None,
    schedule: list[dict[str, Any]] | None = None,
    *,
    name: str = "Home",
    is_home: bool | None = None,
    from_at: datetime | None = None,
    **said: Any,
) -> Zone:
    """A zone with its first version, open since the order holds: 60 m around, every night, unless said otherwise."""
    inclusion = kind == Zone.Kind.INCLUSION
    zone = Zone.objects.create(
        order=order, kind=kind, name=name, is_home=inclusion and name == "Home" if is_home is None else is_home
    )
    since = from_at or order.versions.earliest("effective_at").effective_at
    hours = EVERY_NIGHT if inclusion else []
    defaults = {"number": 1, "from_at": since, "entered_at": since, "reason": "First set up"}
    ZoneVersion.objects.create(
        zone=zone, shape=shape or HOME, schedule=hours if schedule is None else schedule, **{**defaults, **said}
    )
    return zone


def make_suspension(order: MonitoringOrder, by: User, **fields: Any) -> Suspension:
    """From now on for three days."""
    at = now()
    defaults = {"from_at": at, "until_at": at + timedelta(days=3), "why": "In hospital.", "entered_at": at}
    return Suspension.objects.create(order=order, entered_by=by, **{**defaults, **fields})


def make_change(order: MonitoringOrder, asked_by: User, **said: Any) -> ScheduleChange:
    """Leave in a day for two hours, asked for and not answered, unless said otherwise."""
    from_at = said.pop("from_at", None) or now() + timedelta(days=1)
    until_at = said.pop("until_at", None) or from_at + timedelta(hours=2)
    defaults = {"purpose": "Dentist", "asked_at": now()}
    return ScheduleChange.objects.create(
        order=order, asked_by=asked_by, from_at=from_at, until_at=until_at, **{**defaults, **said}
    )


def _agency_of(person: Person) -> Agency:
    assignment = person.assignments.select_related("agency").first()
    return assignment.agency if assignment else make_agency()
