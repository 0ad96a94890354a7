"""A protected person is given another device: what was found with the former one stands, whatever comes late."""

from __future__ import annotations

import pytest

from waymark.monitoring.actions.log import plan_changed
from waymark.monitoring.models import Activation, Alert
from waymark.monitoring.tests.feed import AWAY_LAT, MINUTE, START, fix, make_feed, make_worn, send, work_off
from waymark.monitoring.tests.make import make_activation, make_device, make_zone

pytestmark = pytest.mark.django_db


def carried(wearer, serial, from_at):
    device = make_device(agency=wearer.order.agency, serial=serial, kind="protected", state="assigned")
    return make_activation(wearer.order, device, protected=True, partner=wearer, from_at=from_at)


def test_a_late_reading_after_the_exchange_withdraws_no_meeting_before_it(division):
    feed, wearer = make_feed(division), make_worn("A1", agency=division)
    make_zone(wearer.order, "victim", {"partner": True, "radius_m": 500}, name="Protected")
    first = carried(wearer, "V1", START)
    there = [START + n * MINUTE for n in range(10)]
    send(feed, [fix("A1", at, AWAY_LAT) for at in there] + [fix("V1", at, AWAY_LAT + 0.001) for at in there], there[-1])
    work_off()
    meeting = Alert.objects.get(family="victim")
    Activation.objects.filter(pk=first.pk).update(until_at=START + 20 * MINUTE, state="ended")
    plan_changed(carried(wearer, "V2", START + 30 * MINUTE), START + 30 * MINUTE, made_at=START + 30 * MINUTE)
    work_off()
    send(feed, [fix("A1", START + 5.5 * MINUTE, AWAY_LAT)], START + 40 * MINUTE)
    work_off()
    meeting.refresh_from_db()
    assert meeting.withdrawn_at is None
