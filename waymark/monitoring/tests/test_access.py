from __future__ import annotations

import pytest
from django.db.models import Model
from django.http import Http404

from waymark.accounts.models import Role, User
from waymark.accounts.tests.make import make_user
from waymark.audit.models import Entry
from waymark.cases.tests.make import make_party
from waymark.monitoring.access import (
    activation_for,
    device_for,
    devices_visible_to,
    order_for,
    orders_visible_to,
    own_order_for,
    own_orders,
    version_for,
    worn_device_for,
    zone_for,
)
from waymark.monitoring.models import Activation, MonitoringOrder
from waymark.monitoring.tests.make import make_activation, make_device, make_order, make_zone
from waymark.people.access import TurnedAway
from waymark.people.models import AccessRestriction
from waymark.people.tests.make import make_person


@pytest.fixture
def worn(officer: User) -> Activation:
    return make_activation(make_order(make_person(officer)))


@pytest.fixture
def order(worn: Activation) -> MonitoringOrder:
    return worn.order


def test_it_shows_an_order_to_those_who_reach_the_person_and_to_nobody_else(
    order, officer, unit_mate, supervisor, clerk, monitoring_staff, stranger, evaluator, judge, auditor, administrator
):
    for user in (officer, supervisor, clerk, monitoring_staff):
        assert list(orders_visible_to(user)) == [order]
        assert order_for(user, order.pk) == order
    make_party(order.case, judge)
    for user in (unit_mate, stranger, evaluator, judge, auditor, administrator):
        assert not orders_visible_to(user).exists()
        with pytest.raises(Http404) as refused:
            order_for(user, order.pk)
        with pytest.raises(Http404) as unknown:
            order_for(user, 10**9)
        assert str(refused.value) == str(unknown.value)


def test_it_reaches_what_hangs_on_an_order_as_the_order_itself(worn, officer, stranger):
    zone, version = make_zone(worn.order), worn.order.versions.get()
    rows: list[tuple[object, Model]] = [(activation_for, worn), (zone_for, zone), (version_for, version)]
    for fetch, row in rows:
        assert fetch(officer, row.pk) == row  # type: ignore[operator]
        with pytest.raises(Http404):
            fetch(stranger, row.pk)  # type: ignore[operator]


def test_it_puts_every_look_on_record(order, officer):
    order_for(officer, order.pk, why="a call from the court")
    entry = Entry.objects.latest("pk")
    assert (entry.verb, entry.person_id, entry.why) == (
        "monitoring_order.viewed",
        order.person_id,
        "a call from the court",
    )


def test_it_says_to_a_colleague_on_a_list_that_she_is_turned_away(order, officer, supervisor):
    AccessRestriction.objects.create(
        person=order.person, kind="excluded", user=officer, message="Ask Ida Novak.", added_by=supervisor
    )
    with pytest.raises(TurnedAway, match="Ask Ida Novak"):
        order_for(officer, order.pk)


def test_it_gives_a_participant_her_own_order_alone(order, participant):
    assert not own_orders(participant).exists()
    order.person.account = participant
    order.person.save()
    assert own_order_for(participant, order.pk) == order
    with pytest.raises(Http404):
        own_order_for(make_user(Role.PARTICIPANT), order.pk)
    with pytest.raises(Http404):
        order_for(participant, order.pk)


def test_it_finds_the_order_of_a_merged_record_from_the_kept_one(order, officer, unit):
    kept = make_person(officer)
    absorbed = order.person
    absorbed.merged_into = kept
    absorbed.save()
    assert list(orders_visible_to(officer)) == [order]


def test_it_shows_devices_to_their_own_agency(monitoring_staff, stranger, county):
    own, theirs = make_device(agency=monitoring_staff.agency), make_device(agency=county)
    assert list(devices_visible_to(monitoring_staff)) == [own]
    assert device_for(monitoring_staff, own.pk) == own
    with pytest.raises(Http404):
        device_for(monitoring_staff, theirs.pk)


def test_it_shows_another_agency_s_device_to_who_sees_its_wearer(officer, county):
    worn, spare = make_device(agency=county), make_device(agency=county)
    make_activation(make_order(make_person(officer)), worn)
    assert worn_device_for(officer, worn.pk) == worn
    with pytest.raises(Http404):
        device_for(officer, worn.pk)
    with pytest.raises(Http404):
        worn_device_for(officer, spare.pk)
