"""Episodes and alerts for tests, made the way the engine makes them: rows by hand, alerts by `follow`."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db import transaction

from waymark.monitoring.actions.alerts import follow
from waymark.monitoring.changes import EpisodeChange
from waymark.monitoring.models import Activation, Alert, Episode, Suspension

_serial = count(1)
SEVERITY = {"strap_tamper": "P1", "exclusion_entered": "P1", "victim_proximity": "P1", "left_during": "P2"}
SEVERITY |= {"alcohol_confirmable": "P2", "device_obstructed": "P2", "no_location": "P3", "no_contact": "P3"}
SEVERITY |= {"battery_low": "P4", "battery_critical": "P3", "low_level_alcohol": "P4", "possible_approach": "P3"}
FAMILY = {"strap_tamper": "strap", "exclusion_entered": "exclusion", "victim_proximity": "victim"}
FAMILY |= {"left_during": "curfew", "alcohol_confirmable": "alcohol", "device_obstructed": "obstruction"}
FAMILY |= {"no_location": "location", "no_contact": "contact", "battery_low": "battery", "battery_critical": "battery"}
FAMILY |= {"low_level_alcohol": "alcohol", "possible_approach": "approach"}


def make_episode(activation: Activation, kind: str = "strap_tamper", *, opened_at: datetime, **said: Any) -> Episode:
    """One current row, as the engine found it when it began."""
    defaults = {
        "episode_id": f"{next(_serial):016x}",
        "family": FAMILY[kind],
        "severity": SEVERITY[kind],
        "confidence": "high",
        "evidence": {},
        "rule_version": "1",
        "plan_version": "0" * 32,
        "found_at": opened_at,
    }
    return Episode.objects.create(activation=activation, kind=kind, opened_at=opened_at, **{**defaults, **said})


def changed(before: Episode, **said: Any) -> EpisodeChange:
    """The same episode as it is believed now; the former row is superseded."""
    Episode.objects.filter(pk=before.pk).update(current=False, superseded_at=before.found_at)
    fields = {f.attname: getattr(before, f.attname) for f in Episode._meta.concrete_fields}
    for name in ("id", "alert_id", "current", "superseded_at"):
        del fields[name]
    return EpisodeChange(before, Episode.objects.create(**{**fields, **said}))


def tell(activation: Activation, *changes: EpisodeChange | Episode, at: datetime) -> list[Alert]:
    """What the engine does in its transaction; returns the alerts of the activation, the oldest first."""
    told = [EpisodeChange(None, one) if isinstance(one, Episode) else one for one in changes]
    with transaction.atomic():
        follow(activation, told, at, at)
    return list(Alert.objects.filter(activation=activation).order_by("pk"))


def make_alert(activation: Activation, kind: str = "strap_tamper", *, at: datetime, **said: Any) -> Alert:
    """Raised from an episode that began at the instant."""
    return tell(activation, make_episode(activation, kind, opened_at=at, **said), at=at)[-1]


def make_suspension(activation: Activation, from_at: datetime, hours: float, *, by: Any) -> Suspension:
    return Suspension.objects.create(
        order=activation.order,
        from_at=from_at,
        until_at=from_at + timedelta(hours=hours),
        why="In hospital",
        entered_by=by,
        entered_at=from_at,
    )
