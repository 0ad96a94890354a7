"""Causes, shares, legs of time and rates, counted from alerts whose numbers are known."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from waymark.monitoring.actions.alert_work import conclude
from waymark.monitoring.models import Alert
from waymark.monitoring.reads.statistics import nearest_rank, statistics
from waymark.monitoring.tests.make import make_activation, make_order
from waymark.monitoring.tests.make_alerts import changed, make_alert, make_episode, tell
from waymark.monitoring.tests.test_follow import AT, HOUR, MINUTE

DAY = date(2026, 2, 12)


@pytest.fixture
def worn(officer):
    return make_activation(make_order(officer=officer, effective_at=AT - timedelta(days=30)))


@pytest.mark.django_db
def test_it_counts_causes_and_the_share_false(worn, supervisor):
    ends = [
        ("confirmed", "tampered"),
        ("equipment", "strap_fault"),
        ("not_confirmed", "not_known"),
        ("test", "training"),
    ]
    for n, (conclusion, reason) in enumerate(ends):
        alert = make_alert(worn, at=AT + n * HOUR, closed_at=AT + n * HOUR + MINUTE)
        conclude(alert, conclusion=conclusion, reason=reason, words="x", by=supervisor, version=1, at=AT + n * HOUR)
    found = statistics(supervisor, DAY, DAY, AT + 10 * HOUR)
    assert (found.raised, found.concluded) == (4, 3)
    assert [(share.name, share.count, share.of) for share in found.false_by_device] == [("GPS bracelet", 2, 3)]
    assert sum(share.count for share in found.causes) == 4


@pytest.mark.django_db
def test_what_the_machine_closed_counts_neither_as_true_nor_as_false(worn, supervisor):
    episode = make_episode(worn, "battery_low", opened_at=AT)
    tell(worn, episode, at=AT)
    tell(worn, changed(episode, closed_at=AT + HOUR), at=AT + HOUR)
    found = statistics(supervisor, DAY, DAY, AT + 2 * HOUR)
    assert (found.raised, found.concluded, found.false_by_device) == (1, 0, [])


@pytest.mark.django_db
def test_it_measures_each_leg(worn, supervisor):
    for n, minutes in enumerate((1, 2, 9)):
        alert = make_alert(worn, at=AT + n * HOUR, closed_at=AT + n * HOUR + MINUTE)
        at = AT + n * HOUR
        Alert.objects.filter(pk=alert.pk).update(notified_at=at, acknowledged_at=at + minutes * MINUTE)
    legs = {leg.leg: (leg.count, leg.median_s, leg.p90_s) for leg in statistics(supervisor, DAY, DAY, AT).legs}
    assert legs["Notified to acknowledged"] == (3, 120, 540)
    assert legs["Evaluated to notified"] == (3, 0, 0)


@pytest.mark.django_db
def test_a_day_of_two_devices_is_two_device_days(worn, supervisor):
    make_activation(worn.order)
    found = statistics(supervisor, DAY, DAY, AT + timedelta(days=5))
    assert found.device_days == pytest.approx(2)
    assert found.per_device_day == 0


@pytest.mark.django_db
def test_nobody_counts_other_peoples_alerts(worn, stranger):
    make_alert(worn, at=AT)
    assert statistics(stranger, DAY, DAY, AT + HOUR).raised == 0


@pytest.mark.django_db
def test_the_page_keeps_to_the_period(worn, supervisor, sign_in):
    make_alert(worn, at=AT)
    client = sign_in(supervisor)
    asked = {"first": "2026-02-12", "last": "2026-02-12"}
    assert "1 alert was raised" in client.get(reverse("alert_statistics"), asked).content.decode()
    assert "0 alerts were raised" in client.get(reverse("alert_statistics"), {"last": "2026-02-11"}).content.decode()
    assert "Alerts raised,,1" in client.get(reverse("alert_statistics"), {**asked, "format": "csv"}).content.decode()
    wrong = client.get(reverse("alert_statistics"), {"first": "2026-02-13", "last": "2026-02-12"})
    assert "this day is before the first" in wrong.content.decode()


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.integers(1, 100))
def test_nine_of_ten_are_no_slower_than_the_ninetieth(values, percent):
    bound = nearest_rank(values, percent)
    assert bound in values
    assert sum(value <= bound for value in values) * 100 >= percent * len(values)
