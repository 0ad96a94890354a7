"""A drive-by visit: an officer listened for a bracelet. Kept once under the key the phone made, however often it is
sent, and handed to the engine as a reading in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.cases.actions.saving import CannotEnter, check_fields
from waymark.monitoring.actions.log import Worn, append_readings
from waymark.monitoring.models import Activation, DriveBy
from waymark.telemetry.instants import ms_of
from waymark.telemetry.readings import Reading
from waymark.web.clock import now
from waymark.web.templatetags.waymark import staff_time

CLOCKS_DIFFER = timedelta(minutes=10)  # how far a phone's clock may be ahead of ours


@dataclass(frozen=True)
class Visit:
    """What the officer wrote down. None: not told by the reader."""

    happened_at: datetime
    heard: bool
    listened_minutes: int = 0
    strap_ok: bool | None = None
    battery_ok: bool | None = None
    signal_dbm: int | None = None
    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    place: str = ""
    note: str = ""
    reader_serial: str = ""

    def as_columns(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def record_visit(activation: Activation, visit: Visit, *, key: UUID, by: User, at: datetime | None = None) -> DriveBy:
    """The visit of that key; the one that is there already when it was sent before. Raises CannotEnter."""
    at = at or now()
    if known := _known(key, activation, by):
        return known
    _check(activation, visit, at)
    try:
        with transaction.atomic():
            return _write(activation, visit, key, by, at)
    except IntegrityError:
        if known := _known(key, activation, by):  # the same visit came twice at the same moment
            return known
        raise


def _known(key: UUID, activation: Activation, by: User) -> DriveBy | None:
    known = DriveBy.objects.filter(key=key).first()
    if known and (known.activation_id, known.officer_id) != (activation.pk, by.pk):
        raise CannotEnter(("", "This key belongs to another visit. Write the visit down anew."))
    return known


def _check(activation: Activation, visit: Visit, at: datetime) -> None:
    when = visit.happened_at
    if when > at + CLOCKS_DIFFER:
        words = f"{staff_time(when)} has not come yet. Give the time of the visit, or set the phone's clock."
        raise CannotEnter(("happened_at", words))
    if when < at - timedelta(days=settings.MONITORING_REEVALUATED_DAYS):
        words = (
            f"{staff_time(when)} is more than {settings.MONITORING_REEVALUATED_DAYS} days ago. Write a note instead."
        )
        raise CannotEnter(("happened_at", words))
    if when < activation.from_at or (activation.until_at is not None and when >= activation.until_at):
        raise CannotEnter(("activation", "The bracelet was not worn by this person then. Choose another, or the time."))
    if (visit.lat is None) != (visit.lon is None):
        raise CannotEnter(("lat", "A position has a latitude and a longitude. Give both or none."))
    if visit.strap_ok is not None and not visit.heard:
        raise CannotEnter(("strap_ok", "A strap that was not heard tells nothing. Leave it at not told."))


def _write(activation: Activation, visit: Visit, key: UUID, by: User, at: datetime) -> DriveBy:
    row = DriveBy(key=key, activation=activation, officer=by, received_at=at, **visit.as_columns())
    check_fields(row)
    row.save(force_insert=True)
    record(
        by=by,
        verb="drive_by.entered",
        subject=row,
        person_id=activation.person_id,
        detail={"activation": activation.pk, "heard": visit.heard, "happened_at": visit.happened_at.isoformat()},
    )
    append_readings({Worn(activation.pk, activation.part): [_reading(row)]}, None, at)
    return row


def _reading(row: DriveBy) -> Reading:
    return Reading(
        activation=str(row.activation_id),
        happened_ms=ms_of(row.happened_at),
        kind="drive_by",
        lat=row.lat,
        lon=row.lon,
        accuracy_m=row.accuracy_m,
        source="heard" if row.heard else "not_heard",
        strap_ok=row.strap_ok,
    )
