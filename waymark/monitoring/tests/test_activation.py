"""One device on one person: giving out, the checklist, making it count, ending."""

from __future__ import annotations

from datetime import timedelta

import pytest

from waymark.audit.models import Entry
from waymark.audit.verification import verify
from waymark.cases.actions import CannotEnter
from waymark.cases.tests.test_race import at_once
from waymark.monitoring.actions import activations as actions
from waymark.monitoring.actions.activations import do_step, end_activation, make_active, start_activation
from waymark.monitoring.actions.log import readings_in
from waymark.monitoring.actions.orders import end_order
from waymark.monitoring.installation import FOR_PROGRAM, STEPS, Step
from waymark.monitoring.models import Activation, Agreement, Device, LogRecord, MonitoringOrder
from waymark.monitoring.parts import part_of
from waymark.monitoring.tests.feed import fix, make_feed, send
from waymark.monitoring.tests.make import WORN_KINDS, make_device, make_order
from waymark.people.tests.make import make_person
from waymark.web.clock import now

Program, State = MonitoringOrder.Program, Activation.State


@pytest.fixture
def order(officer):
    return make_order(make_person(officer))


def start(order, by, device=None, **given):
    device = device or make_device(agency=order.agency, kind=WORN_KINDS[Program(order.program)])
    return start_activation(order, device=device, by=by, version=order.version, **given)


def install(activation, by):
    for step in STEPS[activation.device.kind]:
        do_step(activation, step=step, by=by, **({"range_ft": 75, "note": "Cellar"} if step == Step.RANGE_TEST else {}))


def test_it_gives_a_device_out_and_waits_for_the_checklist(order, monitoring_staff):
    activation = start(order, monitoring_staff)
    assert activation.state == State.INSTALLING
    assert activation.part == part_of(activation.device.serial)
    assert Device.objects.get().state == Device.State.ASSIGNED
    with pytest.raises(CannotEnter, match="The strap is closed: this is not ticked yet"):
        make_active(activation, by=monitoring_staff, version=order.version)
    install(activation, monitoring_staff)
    make_active(activation, by=monitoring_staff, version=order.version)
    assert Activation.objects.get().state == State.ACTIVE
    assert LogRecord.objects.filter(kind="plan", activation=activation).count() == 2
    assert verify() == []


def test_it_reads_what_the_device_said_before_it_was_known_who_wears_it(order, monitoring_staff):
    put_on = now() - timedelta(hours=2)
    device = make_device(agency=order.agency, kind=WORN_KINDS[Program(order.program)])
    feed = make_feed(order.agency)
    before = send(feed, [fix(device.serial, put_on - timedelta(minutes=5))], put_on)
    after = send(feed, [fix(device.serial, put_on + timedelta(minutes=5))], put_on + timedelta(minutes=6))
    assert not LogRecord.objects.filter(kind="readings").exists()
    activation = start(order, monitoring_staff, device, from_at=put_on)
    [record] = LogRecord.objects.filter(kind="readings")
    assert [reading.activation for reading in readings_in(record)] == [str(activation.pk)]
    after.refresh_from_db()
    before.refresh_from_db()
    assert (after.state, after.unknown_devices, before.unknown_devices) == ("read", [], [device.serial])


@pytest.mark.parametrize("program", [Program.HOME_DETENTION, Program.ALCOHOL])
def test_it_gives_out_nothing_where_the_court_ordered_nothing(program, officer, monitoring_staff):
    order = make_order(make_person(officer), program=program, alcohol="abstinence")
    order.versions.update(court_order=None)
    with pytest.raises(CannotEnter, match="needs an order of the court"):
        start(order, monitoring_staff)
    assert Device.objects.get().state == Device.State.IN_STOCK


def test_a_court_order_that_was_voided_later_keeps_it_from_becoming_active(officer, monitoring_staff):
    order = make_order(make_person(officer), program=Program.ALCOHOL, alcohol="abstinence")
    activation = start(order, monitoring_staff)
    install(activation, monitoring_staff)
    order.case.orders.update(voided_at=now(), void_reason="Wrong case")
    with pytest.raises(CannotEnter, match="names none that stands"):
        make_active(activation, by=monitoring_staff, version=order.version)


def test_gps_asks_for_no_order_of_the_court(order, monitoring_staff):
    order.versions.update(court_order=None)
    assert start(order, monitoring_staff)


def test_it_names_every_paper_that_is_not_signed(order, monitoring_staff):
    activation = start(order, monitoring_staff)
    install(activation, monitoring_staff)
    Agreement.objects.all().delete()
    with pytest.raises(CannotEnter, match=r"The contract is not signed yet\. The rule book is not signed yet\."):
        make_active(activation, by=monitoring_staff, version=order.version)


def test_each_kind_has_the_lines_it_can_do():
    assert set(STEPS[Device.Kind.ALCOHOL]) == set(Step) - {Step.RANGE_TEST}
    assert set(STEPS[Device.Kind.RF_BRACELET]) | set(STEPS[Device.Kind.HOME_UNIT]) == set(Step)
    assert all(kind in STEPS for kinds in FOR_PROGRAM.values() for kind in kinds)


def test_the_range_test_says_range_and_dead_areas(officer, monitoring_staff):
    order = make_order(make_person(officer), program=Program.HOME_DETENTION)
    unit = start(order, monitoring_staff, make_device(kind=Device.Kind.HOME_UNIT))
    with pytest.raises(CannotEnter, match="Choose the range"):
        do_step(unit, step=Step.RANGE_TEST, by=monitoring_staff, note="none found", range_ft=60)
    with pytest.raises(CannotEnter, match="dead areas"):
        do_step(unit, step=Step.RANGE_TEST, by=monitoring_staff, range_ft=35)
    done = do_step(unit, step=Step.RANGE_TEST, by=monitoring_staff, range_ft=35, note="Laundry room")
    assert (done.range_ft, done.note) == (35, "Laundry room")
    with pytest.raises(CannotEnter, match="ticked this line"):
        do_step(unit, step=Step.RANGE_TEST, by=monitoring_staff, range_ft=35, note="again")
    with pytest.raises(CannotEnter, match="does not ask for this line"):
        do_step(unit, step=Step.STRAP_CLOSED, by=monitoring_staff)


def test_it_takes_only_a_device_that_carries_out_the_program_and_is_free(order, monitoring_staff):
    with pytest.raises(CannotEnter, match="does not carry out"):
        start(order, monitoring_staff, make_device(kind=Device.Kind.ALCOHOL))
    with pytest.raises(CannotEnter, match="not in stock"):
        start(order, monitoring_staff, make_device(state=Device.State.IN_REPAIR))
    start(order, monitoring_staff)
    with pytest.raises(CannotEnter, match="of the same kind is on the person already"):
        start(order, monitoring_staff)


def test_it_gives_out_nothing_once_the_order_ended(order, monitoring_staff):
    end_order(order, effective_at=now(), reason="Over", by=monitoring_staff, version=order.version)
    with pytest.raises(CannotEnter, match="No order of monitoring holds"):
        start(order, monitoring_staff)


def test_a_protected_person_is_paired_with_what_the_participant_wears(order, monitoring_staff):
    worn = start(order, monitoring_staff)
    carried = start(order, monitoring_staff, make_device(kind=Device.Kind.PROTECTED))
    worn.refresh_from_db()
    assert (carried.protected, carried.partner, worn.partner) == (True, worn, carried)
    install(carried, monitoring_staff)
    Agreement.objects.all().delete()  # a protected person signs no contract
    assert make_active(carried, by=monitoring_staff, version=order.version).state == State.ACTIVE


def test_ending_frees_the_device(order, monitoring_staff):
    activation = start(order, monitoring_staff)
    with pytest.raises(CannotEnter, match="Say in a few words why"):
        end_activation(activation, reason=" ", by=monitoring_staff, version=order.version)
    before = activation.from_at - timedelta(days=1)
    with pytest.raises(CannotEnter, match="was not worn yet"):
        end_activation(activation, reason="x", until_at=before, by=monitoring_staff, version=order.version)
    end_activation(activation, reason="Order ended", by=monitoring_staff, version=order.version)
    assert Device.objects.get().state == Device.State.AWAITING_RETURN
    assert Activation.objects.get().end_reason == "Order ended"
    with pytest.raises(CannotEnter, match="ended by now"):
        end_activation(activation, reason="again", by=monitoring_staff, version=order.version)


def test_it_leaves_the_device_in_stock_when_something_breaks_halfway(order, monitoring_staff, monkeypatch):
    def broken(*_, **__):
        raise OSError("the disk is full")

    monkeypatch.setattr(actions, "plan_changed", broken)
    entries = Entry.objects.count()
    with pytest.raises(OSError, match="disk"):
        start(order, monitoring_staff)
    assert Device.objects.get().state == Device.State.IN_STOCK
    assert not Activation.objects.exists()
    assert Entry.objects.count() == entries


@pytest.mark.django_db(transaction=True)
def test_two_who_give_out_one_device_at_once_one_is_told(officer, monitoring_staff, supervisor):
    orders = [make_order(make_person(officer)), make_order(make_person(officer, given_name="Otis"))]
    device = make_device()

    def give(order, by):
        return start_activation(order, device=Device.objects.get(pk=device.pk), by=by, version=1)

    came = at_once(lambda: give(orders[0], monitoring_staff), lambda: give(orders[1], supervisor))
    assert sorted(type(one).__name__ for one in came) == ["Activation", "CannotEnter"]
    assert Activation.objects.count() == 1
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_two_who_tick_one_line_at_once_tick_it_once(officer, monitoring_staff, supervisor):
    activation = start(make_order(make_person(officer)), monitoring_staff)

    def tick(by):
        return do_step(Activation.objects.get(pk=activation.pk), step=Step.BASELINE, by=by)

    came = at_once(lambda: tick(monitoring_staff), lambda: tick(supervisor))
    assert sorted(type(one).__name__ for one in came) == ["CannotEnter", "InstallationStep"]
    assert activation.steps.count() == 1
