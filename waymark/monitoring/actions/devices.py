"""The inventory: adding a device, changing what is known of it, moving it from state to state."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import F

from waymark.accounts.models import Agency, User
from waymark.audit.actions import record
from waymark.cases.actions.saving import CannotEnter, check_fields
from waymark.monitoring.models import Device

State = Device.State

# What a person may set by hand. Assigned and awaiting return come and go with an activation alone.
ALLOWED: dict[str, tuple[str, ...]] = {
    State.IN_STOCK: (State.IN_REPAIR, State.LOST, State.RETIRED),
    State.ASSIGNED: (),
    State.AWAITING_RETURN: (State.IN_STOCK, State.IN_REPAIR, State.LOST, State.RETIRED),
    State.IN_REPAIR: (State.IN_STOCK, State.LOST, State.RETIRED),
    State.LOST: (State.IN_STOCK, State.IN_REPAIR, State.RETIRED),
    State.RETIRED: (),
}
FIELDS = ("vendor", "serial", "kind", "firmware", "faceplate_on", "note")
IDENTITY = ("vendor", "serial", "kind")  # what its readings were filed under: fixed once it was worn


class StaleDevice(RuntimeError):
    """Somebody else saved this device first."""

    def __init__(self, device: Device) -> None:
        super().__init__(
            f"Somebody else changed device {device.serial} while you were writing. Look at it as it is now, then save "
            "again."
        )


def add_device(
    agency: Agency | None,
    *,
    vendor: str,
    serial: str,
    kind: str,
    by: User | None,
    firmware: str = "",
    faceplate_on: date | None = None,
    note: str = "",
) -> Device:
    """Put a device in stock. Raises CannotEnter when the vendor's serial is known already."""
    if agency is None:
        raise CannotEnter(("", "Your account belongs to no agency that could own a device. Ask an administrator."))
    device = Device(
        agency=agency,
        vendor=vendor.strip(),
        serial=serial.strip(),
        kind=kind,
        firmware=firmware.strip(),
        faceplate_on=faceplate_on,
        note=note.strip(),
    )
    check_fields(device)
    try:
        with transaction.atomic():
            device.save(force_insert=True)
            record(by=by, verb="device.added", subject=device, detail={name: _said(device, name) for name in FIELDS})
    except IntegrityError:
        raise _known(device) from None
    return device


def change_device(
    device: Device,
    *,
    vendor: str,
    serial: str,
    kind: str,
    firmware: str,
    faceplate_on: date | None,
    note: str,
    by: User | None,
    version: int,
) -> Device:
    before = {name: _said(device, name) for name in FIELDS}
    device.vendor, device.serial, device.kind = vendor.strip(), serial.strip(), kind
    device.firmware, device.faceplate_on, device.note = firmware.strip(), faceplate_on, note.strip()
    check_fields(device)
    changes = {name: [before[name], _said(device, name)] for name in FIELDS if before[name] != _said(device, name)}
    if set(changes) & set(IDENTITY) and device.activations.exists():
        words = "This device was worn already: its maker, serial and kind stand in what it said. Add another device."
        raise CannotEnter((next(name for name in IDENTITY if name in changes), words))
    try:
        with transaction.atomic():
            _write(device, version, FIELDS)
            record(by=by, verb="device.changed", subject=device, detail={"changes": changes})
    except IntegrityError:
        raise _known(device) from None
    return device


def move_device(device: Device, *, state: str, by: User | None, version: int, why: str = "") -> Device:
    """Into repair, back to stock, lost, retired. Raises CannotEnter for a state that cannot follow."""
    if state not in ALLOWED[device.state]:
        raise CannotEnter(("state", _refusal(device)))
    before, device.state = device.state, state
    with transaction.atomic():
        _write(device, version, ("state",))
        record(
            by=by, verb="device.moved", subject=device, why=why.strip(), detail={"changes": {"state": [before, state]}}
        )
    return device


def _write(device: Device, version: int, names: tuple[str, ...]) -> None:
    values = {name: getattr(device, name) for name in names}
    if not Device.objects.filter(pk=device.pk, version=version).update(version=F("version") + 1, **values):
        raise StaleDevice(device)
    device.version = version + 1


def _refusal(device: Device) -> str:
    if device.state == State.ASSIGNED:
        return "Somebody wears this device. End the activation first."
    if device.state == State.RETIRED:
        return "This device is retired for good. Add another device."
    allowed = ", ".join(State(state).label.lower() for state in ALLOWED[device.state])
    return f"A device that is {State(device.state).label.lower()} can become: {allowed}. Choose one of these."


def _known(device: Device) -> CannotEnter:
    return CannotEnter(
        (
            "serial",
            f"{device.vendor} {device.serial} is in the inventory already. Search for it, or correct the serial.",
        )
    )


def _said(device: Device, name: str) -> str:
    value = getattr(device, name)
    return value.isoformat() if isinstance(value, date) else str(value or "")
