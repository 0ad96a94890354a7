"""A device goes from one person to the next, and from the installer's hands to the wearer: nothing goes with it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from waymark.monitoring.actions.activations import end_activation, make_active, start_activation
from waymark.monitoring.actions.calls import escalate_due
from waymark.monitoring.actions.orders import end_order
from waymark.monitoring.actions.receive import keep, read
from waymark.monitoring.models import Activation, Alert, Device, Reading
from waymark.monitoring.reads.fleet import fleet
from waymark.monitoring.tests.feed import AWAY_LAT, MINUTE, START, body_of, fix, make_feed, send, tick, work_off
from waymark.monitoring.tests.make import make_activation, make_device, make_order, make_zone
from waymark.monitoring.tests.make_alerts import make_alert
from waymark.people.tests.make import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def feed(division):
    return make_feed(division)


@pytest.fixture
def order(division):
    order = make_order(make_person(agency=division), agency=division, effective_at=START - timedelta(days=1))
    make_zone(order, schedule=[])
    return order


@pytest.fixture
def steps_done(monkeypatch):
    monkeypatch.setattr("waymark.monitoring.actions.activations.missing_steps", lambda activation: [])


def give(order, device, at):
    order.refresh_from_db()
    return start_activation(order, device=device, by=None, version=order.version, at=at)


def activate(activation, at):
    activation.order.refresh_from_db()
    return make_active(activation, by=None, version=activation.order.version, at=at)


def end(activation, at):
    activation.order.refresh_from_db()
    end_activation(activation, reason="Exchanged", by=None, version=activation.order.version, at=at)


def test_what_happened_while_it_was_fitted_alerts_nobody(feed, order, division, steps_done):
    device = make_device(agency=division, serial="A1")
    activation = give(order, device, START)
    fitting = [fix("A1", START + n * MINUTE, AWAY_LAT, strap_ok=n > 20) for n in range(30)]
    send(feed, fitting, START + 31 * MINUTE)
    work_off()
    activate(activation, START + 32 * MINUTE)
    work_off()
    worn = [fix("A1", START + n * MINUTE, strap_ok=True) for n in range(33, 50)]
    send(feed, worn, START + 50 * MINUTE)
    work_off()
    assert [alert.words for alert in Alert.objects.all()] == []


def test_the_next_wearer_hears_nothing_of_the_one_before(feed, order, division, steps_done):
    device = make_device(agency=division, serial="A1")
    first = activate(give(order, device, START), START)
    send(
        feed,
        [fix("A1", START + n * MINUTE, AWAY_LAT, strap_ok=False, battery_pct=4) for n in range(1, 30)],
        START + 30 * MINUTE,
    )
    work_off()
    unread, _ = keep(
        feed,
        body_of([fix("A1", START + n * MINUTE, AWAY_LAT, strap_ok=False) for n in range(30, 40)]),
        at=START + 40 * MINUTE,
    )
    end(first, START + 40 * MINUTE)
    Device.objects.update(state="in_stock")
    device.refresh_from_db()
    other = make_order(make_person(agency=division), agency=division, effective_at=START - timedelta(days=1))
    make_zone(other, schedule=[])
    second = give(other, device, START + 60 * MINUTE)
    read(unread, START + 61 * MINUTE)
    work_off()
    activate(second, START + 62 * MINUTE)
    tick(START + 63 * MINUTE)
    assert not Reading.objects.filter(activation=second).exists()
    assert not Alert.objects.filter(activation=second).exists()
    assert Reading.objects.filter(activation=first).count() == 39


def test_the_fleet_shows_no_contact_of_the_wearer_before(feed, order, division, steps_done, monitoring_staff):
    device = make_device(agency=division, serial="A1")
    first = activate(give(order, device, START), START)
    send(feed, [fix("A1", START + MINUTE, battery_pct=4)], START + MINUTE)
    work_off()
    end(first, START + 2 * MINUTE)
    Device.objects.update(state="in_stock")
    device.refresh_from_db()
    give(order, device, START + 60 * MINUTE)
    [row] = fleet(monitoring_staff, START + 61 * MINUTE)
    assert (row.last_at, row.battery_pct) == (None, None)


def test_time_alone_raises_nothing_once_it_is_taken_off(feed, order, division, steps_done):
    device = make_device(agency=division, serial="A1")
    activation = activate(give(order, device, START), START)
    send(feed, [fix("A1", START + MINUTE)], START + MINUTE)
    work_off()
    end(activation, START + 2 * MINUTE)
    work_off()
    other = make_device(agency=division, serial="A2", state="in_stock")
    activate(give(order, other, START + 3 * MINUTE), START + 3 * MINUTE)
    tick(START + timedelta(days=3))
    assert not Alert.objects.filter(activation=activation).exists()


def test_a_device_ended_in_the_moment_it_was_given_out_stops_nothing(feed, order, division, steps_done):
    device = make_device(agency=division, serial="A1")
    activation = give(order, device, START)
    end(activation, START)
    assert work_off() >= 1


def test_an_alert_after_the_end_of_the_order_says_so(feed, order, division, steps_done):
    device = make_device(agency=division, serial="A1")
    activation = activate(give(order, device, START), START)
    order.refresh_from_db()
    end_order(
        order,
        effective_at=START + 5 * MINUTE,
        reason="Order of today.",
        by=None,
        version=order.version,
        at=START + 5 * MINUTE,
    )
    send(feed, [fix("A1", START + 10 * MINUTE, strap_ok=False)], START + 10 * MINUTE)
    work_off()
    alert = Alert.objects.get(activation=activation)
    assert alert.acts.filter(words__contains="No order of monitoring held then").exists()


def test_the_staff_on_duty_are_called_for_what_nobody_acknowledged_before_the_device_came_off(order, division):
    friday = START + timedelta(days=4)
    worn = make_activation(order, from_at=START, device=make_device(agency=division, state="assigned"))
    alert = make_alert(worn, "no_contact", at=friday)
    Activation.objects.filter(pk=worn.pk).update(until_at=friday + timedelta(hours=2), state="ended")
    escalate_due(friday + timedelta(hours=25))
    escalate_due(friday + timedelta(days=3))
    alert.refresh_from_db()
    assert alert.acts.filter(act="escalated").exists()
