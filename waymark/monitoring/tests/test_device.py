"""The inventory: adding, changing and moving a device."""

from __future__ import annotations

import pytest

from waymark.audit.models import Entry
from waymark.cases.actions import CannotEnter
from waymark.monitoring.actions.devices import ALLOWED, StaleDevice, add_device, change_device, move_device
from waymark.monitoring.models import Device
from waymark.monitoring.tests.make import make_activation, make_device

State = Device.State


def change(device, by, **given):
    said = {name: getattr(device, name) for name in ("vendor", "serial", "kind", "firmware", "faceplate_on", "note")}
    return change_device(device, **{**said, "by": by, "version": device.version, **given})


def test_it_adds_a_device_to_stock(monitoring_staff):
    device = add_device(
        monitoring_staff.agency, vendor="generic", serial=" A17 ", kind="gps", firmware="2.1", by=monitoring_staff
    )
    assert (device.serial, device.state, device.agency) == ("A17", State.IN_STOCK, monitoring_staff.agency)
    assert Entry.objects.get(verb="device.added").detail["serial"] == "A17"


def test_it_knows_a_serial_once_per_maker(monitoring_staff):
    given = {"serial": "A17", "kind": "gps", "by": monitoring_staff}
    add_device(monitoring_staff.agency, vendor="generic", **given)
    with pytest.raises(CannotEnter, match="in the inventory already"):
        add_device(monitoring_staff.agency, vendor="generic", **given)
    assert add_device(monitoring_staff.agency, vendor="nmea", **given)


def test_it_keeps_the_identity_of_what_was_worn(monitoring_staff):
    never_worn, worn = make_device(), make_activation().device
    assert change(never_worn, monitoring_staff, serial="NEW-1").serial == "NEW-1"
    with pytest.raises(CannotEnter, match="worn already"):
        change(worn, monitoring_staff, serial="NEW-2")
    worn.refresh_from_db()
    assert change(worn, monitoring_staff, firmware="2.2").firmware == "2.2"


def test_it_moves_only_as_allowed(monitoring_staff):
    for before in State:
        for after in State:
            device = make_device(state=before)
            if after in ALLOWED[before]:
                assert move_device(device, state=after, by=monitoring_staff, version=1).state == after
            else:
                with pytest.raises(CannotEnter):
                    move_device(device, state=after, by=monitoring_staff, version=1)
                assert Device.objects.get(pk=device.pk).state == before


def test_nobody_gives_out_or_takes_back_by_hand():
    by_hand = {after for states in ALLOWED.values() for after in states}
    assert by_hand.isdisjoint({State.ASSIGNED, State.AWAITING_RETURN})
    assert ALLOWED[State.ASSIGNED] == ()


def test_it_tells_the_second_writer(monitoring_staff):
    device = make_device()
    move_device(Device.objects.get(pk=device.pk), state=State.IN_REPAIR, by=monitoring_staff, version=1)
    with pytest.raises(StaleDevice):
        move_device(device, state=State.LOST, by=monitoring_staff, version=1)
