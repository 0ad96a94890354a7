"""Zones: drawing one, changing its shape or hours, ending it. A version is never edited: a change ends one and begins
the next at the same instant, with its author and reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.cases.actions.saving import CannotEnter, check_fields
from waymark.facts.faults import Fault, FaultyFacts
from waymark.monitoring.actions.log import plan_changed
from waymark.monitoring.actions.saving import writing
from waymark.monitoring.alert_words import A_PROTECTED_PLACE
from waymark.monitoring.facts import time_zone
from waymark.monitoring.models import MonitoringOrder, Zone, ZoneVersion
from waymark.telemetry import plan
from waymark.web.clock import now
from waymark.web.templatetags.waymark import staff_time

JUST_NOW = timedelta(minutes=5)  # how long one may take over a form that said "now"
FIELDS = {  # of a fault's path, after the zone: the field of the form, and what the words speak of
    "circle.lat": ("centre", "The center"),
    "circle.lon": ("centre", "The center"),
    "circle.radius_m": ("radius_m", "The radius"),
    "circle": ("centre", "The circle"),
    "polygon": ("corners", "The outline"),
    "holes": ("holes", "A hole"),
    "partner.radius_m": ("radius_m", "The radius"),
    "partner": ("kind", "A zone that moves with a device"),
    "schedule": ("schedule", "The hours"),
    "buffer_m": ("buffer_m", "The warning ring"),
    "grace_minutes": ("grace_minutes", "The grace"),
}


@dataclass(frozen=True)
class Drawn:
    """What a version says: shape and hours as in the plan of the command line."""

    shape: dict[str, Any]
    schedule: list[dict[str, Any]] = field(default_factory=list)
    buffer_m: int = 0
    grace_minutes: int | None = None

    def as_columns(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def add_zone(
    order: MonitoringOrder,
    *,
    kind: str,
    name: str,
    is_home: bool,
    drawn: Drawn,
    reason: str,
    by: User | None,
    version: int,
    from_at: datetime | None = None,
    at: datetime | None = None,
) -> Zone:
    """A new zone with its first version. Raises CannotEnter."""
    at = at or now()
    from_at = _begins(from_at, at)
    zone = Zone(order=order, kind=kind, name=name.strip(), is_home=is_home)
    check_fields(zone)
    _check_reason(reason)
    check_drawn(kind, drawn)
    with writing(order, version):
        if is_home:
            _check_only_home(zone, from_at)
        zone.save(force_insert=True)
        first = _write_version(zone, 1, drawn, from_at, reason, by, at)
        record(
            by=by,
            verb="zone.added",
            subject=zone,
            person_id=order.person_id,
            why=first.reason,
            detail={"order": order.pk, "kind": kind, "name": zone.name, "is_home": is_home, **_told(first)},
        )
        plan_changed(order, from_at, made_at=at)
    return zone


def change_zone(
    zone: Zone,
    *,
    drawn: Drawn,
    reason: str,
    by: User | None,
    version: int,
    from_at: datetime | None = None,
    at: datetime | None = None,
) -> ZoneVersion:
    """The next version: the one in use ends where it begins. Raises CannotEnter, also when nothing changes."""
    at = at or now()
    from_at = _begins(from_at, at)
    _check_reason(reason)
    check_drawn(zone.kind, drawn)
    with writing(zone.order, version):
        last = _open_version(zone)
        if from_at <= last.from_at:
            words = f"Version {last.number} begins {staff_time(last.from_at)}. A change can begin only after that."
            raise CannotEnter(("from_at", words))
        if all(getattr(last, name) == value for name, value in drawn.as_columns().items()):
            raise CannotEnter(("", "This is how it is already. Nothing was changed."))
        ZoneVersion.objects.filter(pk=last.pk).update(until_at=from_at)
        following = _write_version(zone, last.number + 1, drawn, from_at, reason, by, at)
        changes = {
            name: [_unsealed(zone, name, getattr(last, name)), _unsealed(zone, name, value)]
            for name, value in drawn.as_columns().items()
            if getattr(last, name) != value
        }
        record(
            by=by,
            verb="zone.changed",
            subject=zone,
            person_id=zone.order.person_id,
            why=following.reason,
            detail={"order": zone.order_id, "version": following.number, "changes": changes, "from_at": _iso(from_at)},
        )
        plan_changed(zone.order, from_at, made_at=at)
    return following


def end_zone(
    zone: Zone,
    *,
    reason: str,
    by: User | None,
    version: int,
    until_at: datetime | None = None,
    at: datetime | None = None,
) -> ZoneVersion:
    """Out of use from an instant on; it stays in the record with its versions."""
    at = at or now()
    until_at = _begins(until_at, at, "until_at")
    _check_reason(reason)
    with writing(zone.order, version):
        last = _open_version(zone)
        if until_at <= last.from_at:
            words = f"Version {last.number} begins {staff_time(last.from_at)}. Give a later time."
            raise CannotEnter(("until_at", words))
        ZoneVersion.objects.filter(pk=last.pk).update(until_at=until_at)
        last.until_at = until_at
        record(
            by=by,
            verb="zone.ended",
            subject=zone,
            person_id=zone.order.person_id,
            why=reason.strip(),
            detail={"order": zone.order_id, "version": last.number, "until_at": _iso(until_at)},
        )
        plan_changed(zone.order, until_at, made_at=at)
    return last


def check_drawn(kind: str, drawn: Drawn) -> None:
    """What the kernel will read can be read by it. Raises CannotEnter with its faults beside the form's fields."""
    if drawn.shape.get("partner") and kind != Zone.Kind.VICTIM:
        words = "Only a zone to stay away from a protected person moves with a device. Choose that kind, or draw it."
        raise CannotEnter(("kind", words))
    try:
        plan.read(
            {
                "time_zone": time_zone(),
                "participants": [{"activation": "a", "zones": [_as_planned(kind, drawn)]}, {"activation": "b"}],
            }
        )
    except FaultyFacts as faulty:
        raise CannotEnter(*dict.fromkeys(map(_sentence, faulty.faults))) from None


def _as_planned(kind: str, drawn: Drawn) -> dict[str, Any]:
    shape = dict(drawn.shape)
    if shape.pop("partner", None):
        shape = {"partner": {"activation": "b", **shape}}
    return {
        **shape,
        "id": "z",
        "kind": kind,
        "schedule": drawn.schedule,
        "buffer_m": drawn.buffer_m,
        "grace_minutes": drawn.grace_minutes,
    }


def _sentence(fault: Fault) -> tuple[str, str]:
    """The field and what is wrong there, such as ("corners", "The outline crosses itself: ...")."""
    path = fault.path.removeprefix("participants.0.zones.0").removeprefix(".")
    found = (told for begins, told in FIELDS.items() if path.startswith(begins))
    name, about = next(found, ("", "This zone"))
    row = path.split(".")[1:2]
    where = f", line {int(row[0]) + 1}," if name in ("schedule", "holes") and row and row[0].isdigit() else ""
    words = fault.words
    if words[:1].islower():
        words = f"{about}{where} {words}"
    elif where:
        words = f"{about}{where[:-1]}: {words}"
    return name, words if words.endswith(".") else f"{words}."


def _begins(from_at: datetime | None, at: datetime, name: str = "from_at") -> datetime:
    """None and what has just passed are now: what happened already is not judged by new rules."""
    if from_at is None:
        return at
    if from_at < at - JUST_NOW:
        words = "This time has passed; what happened then is judged by what held then. Leave it empty for now, or give "
        raise CannotEnter((name, f"{words}a time to come."))
    return max(from_at, at)


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise CannotEnter(("reason", "Say in a few words why, such as Moved to a new address."))


def _check_only_home(zone: Zone, from_at: datetime) -> None:
    if zone.kind != Zone.Kind.INCLUSION:
        raise CannotEnter(("is_home", "Home is a place to be in. Choose Be here, or take the mark off."))
    for other in ZoneVersion.objects.filter(zone__order=zone.order, zone__is_home=True).select_related("zone"):
        if other.until_at is None or other.until_at > from_at:
            words = f"{other.zone.name} is this order's home. Change that zone, or end it before this one begins."
            raise CannotEnter(("is_home", words))


def _open_version(zone: Zone) -> ZoneVersion:
    last = zone.versions.order_by("-number").first()
    if last is None or last.until_at is not None:
        ended = f" ended {staff_time(last.until_at)}" if last else " has no shape"
        raise CannotEnter(("", f"{zone.name}{ended}. Draw a new zone instead."))
    return last


def _write_version(
    zone: Zone, number: int, drawn: Drawn, from_at: datetime, reason: str, by: User | None, at: datetime
) -> ZoneVersion:
    version = ZoneVersion(
        zone=zone,
        number=number,
        from_at=from_at,
        reason=reason.strip(),
        entered_at=at,
        entered_by=by,
        **drawn.as_columns(),
    )
    check_fields(version, leave_out=["shape", "schedule"])
    version.save(force_insert=True)
    return version


def _told(version: ZoneVersion) -> dict[str, Any]:
    shape = _unsealed(version.zone, "shape", version.shape)
    return {"shape": shape, "schedule": version.schedule, "from_at": _iso(version.from_at)}


def _unsealed(zone: Zone, name: str, value: Any) -> Any:
    """The chain is read by more people than the zone, and nothing is ever taken out of it: where a protected person's
    place is stands in the zone's versions alone."""
    return A_PROTECTED_PLACE if name == "shape" and zone.kind == Zone.Kind.VICTIM else value


def _iso(at: datetime) -> str:
    return at.isoformat()
