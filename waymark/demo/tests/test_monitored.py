"""Who is monitored, and that what is written can be read by the rules."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from waymark.accounts.models import User
from waymark.demo.load import load
from waymark.demo.monitored import PARKS, how_many, roster
from waymark.demo.movement import Habits
from waymark.monitoring.access import orders_visible_to, own_orders
from waymark.monitoring.facts import plans_for, time_zone
from waymark.monitoring.models import Activation, Device, MonitoringOrder, ScheduleChange, Suspension, ZoneVersion
from waymark.monitoring.reads.check import check
from waymark.telemetry.schedule import required

AS_OF = date(2026, 6, 15)


def test_the_same_seed_and_day_give_the_same_roster():
    assert roster(67, 1, AS_OF) == roster(67, 1, AS_OF)
    assert roster(67, 1, AS_OF) != roster(67, 2, AS_OF)


@pytest.mark.parametrize(("people", "many"), [(3, 1), (12, 1), (240, 12), (4000, 67)])
def test_about_one_in_sixty_is_monitored(people, many):
    assert how_many(people) == many


def test_nobody_is_at_home_where_somebody_could_live():
    for one in worn(67):
        assert min(park.metres_to(one.home) for park in PARKS) < 300


def test_a_serial_is_there_once():
    serials = [one.serial for one in worn(300)]
    assert len(serials) == len(set(serials))


@pytest.mark.django_db
def test_every_plan_of_the_county_can_be_read():
    load(1400, 3, AS_OF)
    activations = list(Activation.objects.select_related("order"))
    plans = plans_for(activations)
    versions = ZoneVersion.objects.filter(zone__order__in={one.order_id for one in activations}).count()
    assert len({zone.id for plan in plans.values() for zone in plan.participant.zones}) == versions
    for plan in plans.values():
        for zone in plan.participant.zones:
            required(zone, time_zone(), 1_781_000_000_000, 1_782_000_000_000)
    assert {plan.partner_id is not None for plan in plans.values()} == {True, False}


@pytest.mark.django_db
def test_the_duty_officer_finds_orders_devices_and_requests_of_every_kind():
    load(1400, 3, AS_OF)
    desk = User.objects.get(username="monitoring_staff")
    assert orders_visible_to(desk).count() == MonitoringOrder.objects.count() == how_many(1400)
    assert set(MonitoringOrder.objects.values_list("program", flat=True)) == set(MonitoringOrder.Program.values)
    assert set(Device.objects.values_list("state", flat=True)) == set(Device.State.values)
    assert set(ScheduleChange.objects.values_list("state", flat=True)) >= {"asked", "approved"}
    assert Suspension.objects.exists()
    found = {finding.code for finding in check(desk, timezone.now())}
    lacking = {"stay_away_without_zone", "no_contract", "no_court_order", "no_rule_book", "installation_incomplete"}
    assert lacking | {"nothing_worn", "home_without_schedule"} <= found
    for one in User.objects.filter(username__in=("participant", "participante")):
        assert own_orders(one).exists()


def worn(many: int) -> list[Habits]:
    return [habits for one in roster(many, 1, AS_OF) for habits in one.worn]
