"""Every device of the agency: who wears it, battery, silence, what waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from waymark.monitoring.models import Device, Reading
from waymark.monitoring.reads.fleet import fleet, sentence, shown
from waymark.monitoring.tests.make import make_activation, make_device, make_order
from waymark.people.tests.make import make_person
from waymark.web.clock import now

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def heard(activation, at, battery=None):
    ms = int(at.timestamp() * 1000)
    return Reading.objects.create(
        activation=activation, happened_ms=ms, fingerprint=ms, kind=0, battery_pct=battery, received_at=at
    )


@pytest.fixture
def worn(officer, monitoring_staff):
    order = make_order(make_person(officer))
    return make_activation(order, make_device(agency=monitoring_staff.agency))


def only(user, at):
    (row,) = fleet(user, at)
    return row


def test_it_shows_the_battery_that_was_told_last_and_who_wears_it(worn, monitoring_staff):
    at = now()
    heard(worn, at - 10 * MINUTE, 64)
    heard(worn, at - 5 * MINUTE, 18)
    heard(worn, at - MINUTE)
    row = only(monitoring_staff, at)
    assert (row.battery_pct, row.low, row.silent, row.silent_minutes) == (18, True, False, 1)
    assert row.activation == worn
    assert sentence([row]) == "1 of 1 devices is worn; 1 low on battery."


def test_it_calls_silent_what_said_nothing_for_interval_and_buffer(worn, monitoring_staff):
    at = now().replace(microsecond=0)
    heard(worn, at - 16 * MINUTE)
    assert not only(monitoring_staff, at).silent
    assert only(monitoring_staff, at + timedelta(seconds=2)).silent


def test_what_was_never_heard_is_silent_too(worn, monitoring_staff):
    row = only(monitoring_staff, now())
    assert (row.silent, row.last_at) == (True, None)


def test_a_device_on_the_shelf_is_never_silent(monitoring_staff):
    make_device(agency=monitoring_staff.agency)
    assert sentence(fleet(monitoring_staff, now())) == "0 of 1 devices are worn, and none wants anything today."


def test_a_protected_persons_device_tells_nothing(worn, monitoring_staff):
    worn.protected = True
    worn.save()
    heard(worn, now(), 50)
    row = only(monitoring_staff, now())
    assert (row.battery_pct, row.last_at, row.silent) == (None, None, False)


@pytest.mark.parametrize(("days", "overdue"), [(29, False), (31, True)])
def test_after_thirty_days_of_waiting_it_is_to_be_called_lost(worn, monitoring_staff, days, overdue):
    since = now() - days * DAY
    worn.from_at, worn.until_at, worn.state = since - DAY, since, "ended"
    worn.save()
    Device.objects.update(state=Device.State.AWAITING_RETURN)
    row = only(monitoring_staff, now())
    assert (row.awaiting_since, row.overdue) == (since, overdue)


@pytest.mark.parametrize(("days", "due"), [(80, False), (84, True), (120, True)])
def test_the_faceplate_is_due_at_ninety_days(monitoring_staff, days, due):
    on = (now() - days * DAY).date()
    make_device(agency=monitoring_staff.agency, kind=Device.Kind.ALCOHOL, faceplate_on=on)
    row = only(monitoring_staff, now())
    assert row.faceplate_due_on == on + 90 * DAY
    assert shown(row, "faceplate") is due


def test_it_hides_who_wears_it_from_those_who_may_not_see_the_person(worn, clerk, unit_mate):
    row = only(unit_mate, now())
    assert (row.device, row.activation) == (worn.device, None)


def test_it_asks_the_database_no_oftener_for_many(officer, monitoring_staff):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            fleet(monitoring_staff, now())
        return len(asked)

    def one() -> None:
        heard(make_activation(make_order(make_person(officer)), make_device(agency=monitoring_staff.agency)), now(), 9)

    one()
    few = queries()
    for _ in range(4):
        one()
    assert queries() == few
