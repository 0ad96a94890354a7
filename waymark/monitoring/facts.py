"""The only bridge from the database to the kernel: an activation as a telemetry.plan.Participant."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import Q

from waymark.facts.faults import FaultyFacts
from waymark.facts.from_json import read_facts
from waymark.monitoring.models import Activation, MonitoringOrder, ScheduleChange, Suspension, Zone, ZoneVersion
from waymark.telemetry.plan import Participant

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Planned:
    """`digest` changes with every word of the plan. `partner_id`: the activation of the protected person, if any."""

    participant: Participant
    digest: str
    partner_id: int | None


def participant_for(activation: Activation) -> Participant:
    """All zone versions with their [from, until), approved leave, suspensions and the partner. The time zone of wall
    times is settings.TIME_ZONE."""
    return plans_for([activation])[activation.pk].participant


def plan_hash(participant: Participant) -> str:
    """32 hex digits, the same for the same plan. The number of the order's version is not part of it: an act that
    changed nothing of the plan does not change its hash."""
    words = repr(participant).replace(f"plan_version={participant.plan_version}", "")
    return blake2b(words.encode(), digest_size=16).hexdigest()


def plans_for(activations: Iterable[Activation]) -> dict[int, Planned]:
    """By activation, in a constant number of queries."""
    worn = list(activations)
    orders = {activation.order_id for activation in worn}
    versions = _by_order(
        ZoneVersion.objects.filter(zone__order__in=orders).select_related("zone").order_by("zone_id", "number"),
        lambda version: version.zone.order_id,
    )
    changes = _by_order(
        ScheduleChange.objects.filter(order__in=orders, state=ScheduleChange.State.APPROVED).order_by("from_at", "id"),
        lambda change: change.order_id,
    )
    suspensions = _by_order(
        Suspension.objects.filter(order__in=orders).order_by("from_at", "id"), lambda suspension: suspension.order_id
    )
    numbers = dict(Activation.objects.filter(pk__in=[a.pk for a in worn]).values_list("pk", "order__version"))
    partners = _partners(worn)
    plans = {}
    for activation in worn:
        of = activation.order_id
        plan = _plan(activation, numbers.get(activation.pk, 1), changes[of], suspensions[of])
        partner = partners.get(activation.pk)
        if not activation.protected:
            plan["zones"] = _zones(versions[of], changes[of], partner)
        plans[activation.pk] = Planned(*_read(_encode(plan)), partner)
    return plans


_encode = msgspec.json.Encoder().encode


@lru_cache(maxsize=20_000)
def _read(words: bytes) -> tuple[Participant, str]:
    """A plan that was read before is not read again: what is kept belongs to the words of the plan, whoever wears it
    and whenever they were written."""
    plan = msgspec.json.decode(words)
    try:
        participant = read_facts(Participant, plan)
    except FaultyFacts:
        plan["zones"] = [zone for zone in plan.get("zones", ()) if _can_be_read(zone)]
        participant = read_facts(Participant, plan)
    return participant, plan_hash(participant)


def order_plan(order: MonitoringOrder) -> Participant:
    """What an order asks, whatever is worn: its places with their hours and the approved changes. For schedules on a
    page; zones that move with a device are left out."""
    approved = ScheduleChange.State.APPROVED
    changes = list(order.schedule_changes.filter(state=approved).order_by("from_at", "id"))
    rows = ZoneVersion.objects.filter(zone__order=order).select_related("zone").order_by("zone_id", "number")
    leave = [change for change in changes if change.kind == ScheduleChange.Kind.LEAVE]
    participant, _ = _read(
        _encode(
            {
                "activation": f"order {order.pk}",
                "zones": _zones(list(rows), changes, None),
                "leave": [{**_span(change), "reason": change.purpose, "id": str(change.pk)} for change in leave],
            }
        )
    )
    return participant


def _by_order(rows: Iterable[Any], order_of: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[order_of(row)].append(row)
    return found


def _partners(worn: Sequence[Activation]) -> dict[int, int]:
    """Of each participant, the protected person's activation: the one that begins last. Either row may name the
    other."""
    numbers = [activation.pk for activation in worn if not activation.protected]
    found: dict[int, int] = {}
    protected = Activation.objects.filter(protected=True).order_by("from_at", "id")
    for number, partner_of, partners in (
        protected.filter(Q(partner__in=numbers) | Q(partners__in=numbers))
        .values_list("pk", "partner_id", "partners__pk")
        .distinct()
    ):
        for participant in (partner_of, partners):
            if participant in numbers:
                found[participant] = number
    return found


def _plan(
    activation: Activation, version: int, changes: list[ScheduleChange], suspensions: list[Suspension]
) -> dict[str, Any]:
    return {
        "activation": str(activation.pk),
        "grace_minutes": activation.grace_minutes,
        "expected_interval_s": activation.expected_interval_s,
        "contact_buffer_s": activation.contact_buffer_s,
        "from_at": _iso(activation.from_at),
        "until_at": _iso(activation.until_at),
        "plan_version": version,
        "leave": [
            {**_span(change), "reason": change.purpose, "id": str(change.pk)}
            for change in changes
            if change.kind == ScheduleChange.Kind.LEAVE
        ],
        "suspensions": [
            {
                "from": _iso(suspension.from_at),
                "until": _iso(min(filter(None, (suspension.until_at, suspension.lifted_at)))),
                "who": str(suspension.entered_by_id),
                "why": suspension.why,
            }
            for suspension in suspensions
            if suspension.lifted_at is None or suspension.lifted_at > suspension.from_at
        ],
    }


def _zones(versions: list[ZoneVersion], changes: list[ScheduleChange], partner: int | None) -> list[dict[str, Any]]:
    home = any(version.zone.is_home for version in versions)
    found = []
    for version in versions:
        zone = _zone(version, partner)
        if zone is None:
            continue
        if version.zone.is_home or (not home and version.zone.kind == Zone.Kind.INCLUSION):
            zone["exceptions"] = [
                {**_span(change), "must": "be_in", "reason": change.purpose, "id": str(change.pk)}
                for change in changes
                if change.kind == ScheduleChange.Kind.EXTRA
            ]
        found.append(zone)
    return found


def _zone(version: ZoneVersion, partner: int | None) -> dict[str, Any] | None:
    """None: a circle round a protected person whose device is not known yet."""
    shape = dict(version.shape)
    if shape.pop("partner", None):
        if partner is None:
            return None
        shape = {"partner": {"activation": str(partner), "radius_m": shape.get("radius_m", 500.0)}}
    return {
        **shape,
        "id": str(version.zone_id),
        "kind": version.zone.kind,
        "home": version.zone.is_home,
        "schedule": version.schedule,
        "buffer_m": version.buffer_m,
        "grace_minutes": version.grace_minutes,
        "version": version.number,
        "from_at": _iso(version.from_at),
        "until_at": _iso(version.until_at),
    }


def _can_be_read(zone: dict[str, Any]) -> bool:
    """The forms let nothing through that cannot be. Should a zone still be so, the others must go on."""
    try:
        read_facts(Participant, {"activation": "", "zones": [zone]})
    except FaultyFacts as faulty:
        log.error("zone %s version %s cannot be read: %s", zone["id"], zone["version"], faulty)
        return False
    return True


def _span(change: ScheduleChange) -> dict[str, str | None]:
    return {"from": _iso(change.from_at), "until": _iso(change.until_at)}


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def canonical(value: Any) -> str:
    """JSON in which equal values are equal texts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def time_zone() -> str:
    return settings.TIME_ZONE
