"""What was ordered against what is set up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from waymark.monitoring.models import Agreement, Device, MonitoringOrder, OrderVersion, Zone, ZoneVersion
from waymark.monitoring.reads.check import check
from waymark.monitoring.tests.make import make_activation, make_device, make_order, make_zone
from waymark.people.tests.make import make_person
from waymark.web.clock import now

Program = MonitoringOrder.Program
DAY = timedelta(days=1)


@pytest.fixture
def codes(monitoring_staff):
    return lambda: sorted(finding.code for finding in check(monitoring_staff, now()))


def order_of(officer, program=Program.GPS, **said):
    return make_order(make_person(officer), program=program, **said)


def end(order, at=None):
    return OrderVersion.objects.create(order=order, kind="end", effective_at=at or now(), entered_at=now())


def test_an_order_that_is_set_up_whole_is_not_named(officer, codes):
    order = order_of(officer, home_confinement=True, stay_away=True)
    make_activation(order)
    make_zone(order)
    make_zone(order, Zone.Kind.EXCLUSION, name="Elm Street")
    assert codes() == []


def test_stay_away_without_a_zone(officer, codes):
    order = order_of(officer, stay_away=True)
    make_activation(order)
    make_zone(order)
    assert codes() == ["stay_away_without_zone"]
    zone = make_zone(order, Zone.Kind.VICTIM, name="Protected")
    assert codes() == []
    ZoneVersion.objects.filter(zone=zone).update(until_at=now() - DAY)
    assert codes() == ["stay_away_without_zone"]


def test_home_confinement_without_a_home_or_without_hours(officer, codes):
    order = order_of(officer, Program.HOME_DETENTION)
    make_activation(order)
    make_zone(order, name="Work", is_home=False)
    assert codes() == ["home_without_zone"]
    make_zone(order, schedule=[])
    assert codes() == ["home_without_schedule"]


def test_alcohol_ordered_without_a_bracelet(officer, codes):
    order = order_of(officer, alcohol="abstinence")
    make_activation(order)
    assert codes() == ["alcohol_without_bracelet"]


def test_an_alcohol_bracelet_that_is_being_installed_is_none_yet(officer, codes):
    make_activation(order_of(officer, Program.ALCOHOL, alcohol="abstinence"), state="installing")
    assert codes() == ["alcohol_without_bracelet", "installation_incomplete"]


def test_it_counts_the_days_of_an_installation(officer, monitoring_staff):
    make_activation(order_of(officer), state="installing", from_at=now() - timedelta(hours=49))
    words = [finding.words for finding in check(monitoring_staff, now()) if finding.code == "installation_incomplete"]
    assert "(day 3): 3 lines of the checklist are missing" in words[0]


def test_a_device_worn_without_an_order(officer, codes):
    worn = make_activation(order_of(officer))
    OrderVersion.objects.update(voided_at=now(), void_reason="Wrong")
    assert codes() == ["worn_without_order"]
    OrderVersion.objects.update(voided_at=None, void_reason="")
    end(worn.order)
    assert codes() == ["worn_after_end"]


def test_a_zone_outside_its_orders_period(officer, codes):
    order = order_of(officer)
    make_activation(order)
    zone = make_zone(order, from_at=order.versions.get().effective_at - DAY)
    assert codes() == ["zone_before_order"]
    ZoneVersion.objects.filter(zone=zone).update(from_at=order.versions.get().effective_at)
    ends = end(order, now() + DAY).effective_at
    assert codes() == ["zone_after_order"]
    ZoneVersion.objects.filter(zone=zone).update(until_at=ends + timedelta(seconds=1))
    assert codes() == ["zone_after_order"]
    ZoneVersion.objects.filter(zone=zone).update(until_at=ends)
    assert codes() == []


@pytest.mark.parametrize("program", [Program.HOME_DETENTION, Program.ALCOHOL])
def test_a_program_without_its_court_order(officer, program, codes):
    order = order_of(officer, program, alcohol="abstinence" if program == Program.ALCOHOL else "")
    make_activation(order)
    make_zone(order)
    assert codes() == []
    order.case.orders.update(voided_at=now(), void_reason="Wrong case")
    assert codes() == ["no_court_order"]


def test_papers_not_signed(officer, codes):
    make_activation(make_order(make_person(officer), signed=False))
    assert codes() == ["no_contract", "no_rule_book"]
    Agreement.objects.create(
        order=MonitoringOrder.objects.get(), paper="contract", text_sha256="0" * 64, typed_name="D", signed_at=now()
    )
    assert codes() == ["no_contract", "no_rule_book"]


def test_an_order_nobody_carries_out(officer, codes):
    order = order_of(officer)
    make_activation(order, make_device(kind=Device.Kind.PROTECTED), protected=True)
    assert codes() == ["nothing_worn"]


def test_it_names_the_people_one_may_see_alone(officer, unit_mate, stranger, supervisor):
    order_of(officer)
    seen = {user.pk: len(check(user, now())) for user in (officer, unit_mate, stranger, supervisor)}
    assert seen == {officer.pk: 1, unit_mate.pk: 0, stranger.pk: 0, supervisor.pk: 1}


def test_it_asks_the_database_no_oftener_for_many(officer, monitoring_staff):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            check(monitoring_staff, now())
        return len(asked)

    def one() -> None:
        order = order_of(officer, home_confinement=True, stay_away=True)
        make_activation(order, state="installing")
        make_zone(order)

    one()
    few = queries()
    for _ in range(4):
        one()
    assert queries() == few
