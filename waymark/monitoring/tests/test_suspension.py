"""Suspending the alerts of a person for one continuous span, and lifting it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from waymark.cases.actions import CannotEnter
from waymark.monitoring.actions.orders import lift_suspension, suspend_alerts
from waymark.monitoring.facts import participant_for
from waymark.monitoring.models import LogRecord
from waymark.monitoring.reads.orders import order_file
from waymark.monitoring.tests.make import make_activation, make_order
from waymark.people.tests.make import make_person
from waymark.web.clock import now

DAY = timedelta(days=1)


@pytest.fixture
def order(officer):
    return make_activation(make_order(make_person(officer))).order


def suspend(order, by, at, **given):
    said = {"until_at": at + 2 * DAY, "why": "In hospital"}
    return suspend_alerts(order, **{**said, **given}, by=by, version=order.version, at=at)


def test_it_is_one_continuous_span_told_to_the_kernel_and_shown(order, monitoring_staff):
    at = now()
    suspend(order, monitoring_staff, at)
    (span,) = participant_for(order.activations.get()).suspensions
    assert span.why == "In hospital"
    assert span.span("UTC").until_ms - span.span("UTC").from_ms == 2 * 86_400_000
    assert LogRecord.objects.filter(kind="plan").count() == 1
    assert order_file(monitoring_staff, order, at + DAY).suspended_until == at + 2 * DAY


def test_it_silences_nothing_that_happened_already(order, monitoring_staff):
    at = now()
    with pytest.raises(CannotEnter, match="has begun already"):
        suspend(order, monitoring_staff, at, from_at=at - DAY)
    with pytest.raises(CannotEnter, match="ends before it begins"):
        suspend(order, monitoring_staff, at, until_at=at)
    with pytest.raises(CannotEnter, match="why alerts are suspended"):
        suspend(order, monitoring_staff, at, why=" ")
    assert not order.suspensions.exists()


def test_two_do_not_overlap(order, monitoring_staff):
    at = now()
    suspend(order, monitoring_staff, at)
    with pytest.raises(CannotEnter, match="suspended already"):
        suspend(order, monitoring_staff, at, from_at=at + DAY, until_at=at + 5 * DAY)
    assert suspend(order, monitoring_staff, at, from_at=at + 2 * DAY, until_at=at + 5 * DAY)


def test_lifting_ends_it_at_once_and_keeps_that_it_was(order, monitoring_staff, supervisor):
    at = now()
    suspension = suspend(order, monitoring_staff, at)
    lift_suspension(suspension, by=supervisor, version=order.version, at=at + DAY)
    (span,) = participant_for(order.activations.get()).suspensions
    assert span.span("UTC").until_ms - span.span("UTC").from_ms == 86_400_000
    assert order_file(monitoring_staff, order, at + DAY).suspended_until is None
    assert order.suspensions.get().lifted_by == supervisor
    with pytest.raises(CannotEnter, match="over already"):
        lift_suspension(suspension, by=supervisor, version=order.version, at=at + DAY)
    suspend(order, monitoring_staff, at + DAY)
