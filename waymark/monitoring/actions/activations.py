"""One device on one person: giving it out, the checklist of its installation, making it count, ending it."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.cases.actions.saving import CannotEnter, check_fields
from waymark.monitoring.actions.log import plan_changed
from waymark.monitoring.actions.orders import lacks_court_order, standing_versions, version_holding
from waymark.monitoring.actions.receive import read_unknown
from waymark.monitoring.actions.saving import writing
from waymark.monitoring.installation import FOR_PROGRAM, RANGES_FT, STEPS, Step, missing_steps
from waymark.monitoring.models import Activation, Agreement, Device, InstallationStep, MonitoringOrder, OrderVersion
from waymark.monitoring.papers import is_current
from waymark.monitoring.parts import part_of
from waymark.web.clock import now

State = Activation.State
PAIRED = frozenset({Device.Kind.GPS, Device.Kind.PROTECTED})


def start_activation(
    order: MonitoringOrder,
    *,
    device: Device,
    by: User | None,
    version: int,
    from_at: datetime | None = None,
    expected_interval_s: int = 60,
    contact_buffer_s: int = 900,
    grace_minutes: int = 5,
    at: datetime | None = None,
) -> Activation:
    """Give a device in stock to the order's person. It is being installed until `make_active`. A protected person's
    device is paired with what the participant wears; what it said since `from_at`, when nobody was known to wear it, is
    read. Raises CannotEnter, also when somebody else was quicker."""
    at = at or now()
    from_at = from_at or at
    if from_at > at:
        raise CannotEnter(("from_at", "This is yet to come. Leave it empty for now, or give an earlier time."))
    activation = Activation(
        order=order,
        person=order.person,
        device=device,
        protected=device.kind == Device.Kind.PROTECTED,
        part=part_of(device.serial),
        from_at=from_at,
        expected_interval_s=expected_interval_s,
        contact_buffer_s=contact_buffer_s,
        grace_minutes=grace_minutes,
    )
    check_fields(activation)
    with writing(order, version):
        _holding(order, at, "device")
        _check_device(order, device, from_at)
        _take(device)
        try:
            with transaction.atomic():
                activation.save(force_insert=True)
        except IntegrityError:
            raise _taken(device) from None
        _pair(activation)
        record(
            by=by,
            verb="activation.started",
            subject=activation,
            person_id=order.person_id,
            detail={"order": order.pk, "device": device.pk, "serial": device.serial, "from_at": from_at.isoformat()},
        )
        plan_changed(activation, from_at, made_at=at)
        read_unknown(activation, at)
    return activation


def do_step(
    activation: Activation,
    *,
    step: str,
    by: User,
    note: str = "",
    range_ft: int | None = None,
    at: datetime | None = None,
) -> InstallationStep:
    """One line of the checklist is done. The range test says the range the home unit was set to, and the dead areas
    that were found on the walk round. Raises CannotEnter for a line that is not asked for, or is done already."""
    at, note = at or now(), note.strip()
    if step not in STEPS.get(activation.device.kind, ()):
        raise CannotEnter(("step", "This device does not ask for this line. Choose one of its checklist."))
    if step == Step.RANGE_TEST and range_ft not in RANGES_FT:
        raise CannotEnter(("range_ft", "Choose the range the home unit was set to."))
    if step == Step.RANGE_TEST and not note:
        raise CannotEnter(("note", 'Write which places in the home are dead areas, or "none found".'))
    done = InstallationStep(
        activation=activation,
        step=step,
        done_at=at,
        done_by=by,
        note=note,
        range_ft=range_ft if step == Step.RANGE_TEST else None,
    )
    check_fields(done)
    try:
        with transaction.atomic():
            _locked(activation, State.INSTALLING)
            done.save(force_insert=True)
            record(
                by=by,
                verb="installation_step.done",
                subject=done,
                person_id=activation.person_id,
                detail={"activation": activation.pk, "step": step, "range_ft": done.range_ft, "note": note},
            )
    except IntegrityError:
        raise CannotEnter(("step", "Somebody else ticked this line a moment ago. Nothing is left to do.")) from None
    return done


def make_active(activation: Activation, *, by: User | None, version: int, at: datetime | None = None) -> Activation:
    """From now on it counts: what the device said while it was fitted is kept and held against nobody, so the
    activation begins here. Raises CannotEnter naming everything that is missing: lines of the checklist, the court's
    order, a signature."""
    order, at = activation.order, at or now()
    with writing(order, version):
        _locked(activation, State.INSTALLING)
        _holding(order, at, "")
        lacking = [("", f"{step.label}: this is not ticked yet.") for step in missing_steps(activation)]
        if not activation.protected:
            lacking += [("", words) for words in unsigned_words(order)]
        if lacking:
            raise CannotEnter(*lacking)
        given_out_at, activation.from_at = activation.from_at, max(at, activation.from_at)
        _move(activation, State.ACTIVE, from_at=activation.from_at)
        record(
            by=by,
            verb="activation.made_active",
            subject=activation,
            person_id=order.person_id,
            detail={
                "order": order.pk,
                "changes": {
                    "state": [State.INSTALLING, State.ACTIVE],
                    "from_at": [given_out_at.isoformat(), activation.from_at.isoformat()],
                },
            },
        )
        plan_changed(activation, activation.from_at, made_at=at)
    return activation


def end_activation(
    activation: Activation,
    *,
    reason: str,
    by: User | None,
    version: int,
    until_at: datetime | None = None,
    at: datetime | None = None,
) -> Activation:
    """The device is worn until `until_at` (None: now), not included, and awaits its return. Raises CannotEnter."""
    order, at = activation.order, at or now()
    until_at = until_at or at
    if not reason.strip():
        raise CannotEnter(("reason", "Say in a few words why, such as Bracelet exchanged or Order ended."))
    if until_at > at:
        raise CannotEnter(("until_at", "This is yet to come. Leave it empty for now, or give an earlier time."))
    if until_at < activation.from_at:
        raise CannotEnter(("until_at", "The device was not worn yet. Give a later time."))
    with writing(order, version):
        _locked(activation, State.INSTALLING, State.ACTIVE)
        before = activation.state
        activation.until_at, activation.end_reason = until_at, reason.strip()
        check_fields(activation)
        _move(activation, State.ENDED, until_at=until_at, end_reason=activation.end_reason)
        Device.objects.filter(pk=activation.device_id, state=Device.State.ASSIGNED).update(
            state=Device.State.AWAITING_RETURN, version=F("version") + 1
        )
        record(
            by=by,
            verb="activation.ended",
            subject=activation,
            person_id=order.person_id,
            why=activation.end_reason,
            detail={"order": order.pk, "until_at": until_at.isoformat(), "changes": {"state": [before, State.ENDED]}},
        )
        plan_changed(activation, until_at, made_at=at)
    return activation


def unsigned(order: MonitoringOrder) -> list[Agreement.Paper]:
    """The papers without a signature under the text of today."""
    signed = {agreement.paper for agreement in order.agreements.all() if is_current(agreement)}
    return [paper for paper in Agreement.Paper if paper not in signed]


def unsigned_words(order: MonitoringOrder) -> list[str]:
    return [f"The {paper.label.lower()} is not signed yet." for paper in unsigned(order)]


def _holding(order: MonitoringOrder, at: datetime, field: str) -> OrderVersion:
    holds = version_holding(standing_versions(order), at)
    if holds is None:
        raise CannotEnter(("", "No order of monitoring holds today. Enter one, or correct when it begins and ends."))
    if lacks_court_order(order, holds):
        words = (
            f"{order.get_program_display()} needs an order of the court, and this monitoring order names none that "
            f"stands in case {order.case.number}. Enter the court's order there, then name it in a correction or a "
            "variation here."
        )
        raise CannotEnter((field, words))
    return holds


def _check_device(order: MonitoringOrder, device: Device, from_at: datetime) -> None:
    if device.kind not in FOR_PROGRAM[order.program]:
        kind = device.get_kind_display().lower()
        words = f"A {kind} does not carry out {order.get_program_display()}. Choose another device."
        raise CannotEnter(("device", words))
    same = order.activations.filter(until_at=None, device__kind=device.kind)
    if worn := same.select_related("device").first():
        words = f"{worn.device.serial} of the same kind is on the person already. End that activation first."
        raise CannotEnter(("device", words))
    if device.activations.filter(until_at__gt=from_at).exists():
        raise CannotEnter(("from_at", "Somebody else wore this device then. Give a later time."))


def _take(device: Device) -> None:
    """Out of stock, by whoever asks first."""
    free = Device.objects.filter(pk=device.pk, state=Device.State.IN_STOCK)
    if not free.update(state=Device.State.ASSIGNED, version=F("version") + 1):
        raise _taken(device)
    device.state, device.version = Device.State.ASSIGNED, device.version + 1


def _taken(device: Device) -> CannotEnter:
    return CannotEnter(("device", f"{device.serial} is not in stock any more. Choose another device."))


def _pair(activation: Activation) -> None:
    """The device of a protected person and the participant's bracelet name each other."""
    kind = Device.Kind.GPS if activation.protected else Device.Kind.PROTECTED
    other = activation.order.activations.filter(until_at=None, device__kind=kind).first()
    if other and activation.device.kind in PAIRED:
        activation.partner = other
        activation.save(update_fields=["partner"])
        Activation.objects.filter(pk=other.pk).update(partner=activation)


def _locked(activation: Activation, *states: str) -> None:
    found = Activation.objects.select_for_update().get(pk=activation.pk)
    activation.state, activation.version = found.state, found.version
    if found.state not in states:
        raise CannotEnter(
            ("", f"This activation is {found.get_state_display().lower()} by now. Nothing is left to do.")
        )


def _move(activation: Activation, state: str, **columns: object) -> None:
    Activation.objects.filter(pk=activation.pk).update(state=state, version=F("version") + 1, **columns)
    activation.state, activation.version = state, activation.version + 1
