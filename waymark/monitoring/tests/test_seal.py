"""Where a protected person's place is, whoever draws its zone must know, and nobody else does."""

from __future__ import annotations

import pytest
from django.urls import reverse

from waymark.audit.models import Entry
from waymark.monitoring.actions.zones import Drawn, add_zone, change_zone
from waymark.monitoring.tests.make import make_order, make_zone
from waymark.people.tests.make import make_person

pytestmark = pytest.mark.django_db
HERS = {"circle": {"lat": 38.71234, "lon": -90.41234, "radius_m": 300}}
OUTLINE = {"polygon": [[38.71234, -90.42], [38.72, -90.42], [38.72, -90.41234]]}


@pytest.fixture
def order(officer, division):
    return make_order(make_person(officer), agency=division)


@pytest.mark.parametrize("shape", [HERS, OUTLINE])
def test_only_who_draws_it_sees_where_it_is(shape, order, officer, clerk, monitoring_staff, sign_in):
    hers = make_zone(order, "victim", shape, name="Oak House")
    home = make_zone(order)
    for zone in (hers, home):
        address = reverse("zone", args=[zone.pk])
        assert "38.71234" in sign_in(monitoring_staff).get(address).text
        for reader in (officer, clerk):
            answer = sign_in(reader).get(address)
            assert answer.status_code == 200
            assert "38.71" not in answer.text
    for name in ("monitoring_order", "schedule"):
        assert "38.71" not in sign_in(officer).get(reverse(name, args=[order.pk])).text


def test_it_is_not_written_where_nothing_is_ever_taken_out(order, monitoring_staff):
    said = {"kind": "victim", "name": "Oak House", "is_home": False, "reason": "The court named it."}
    zone = add_zone(order, drawn=Drawn(HERS), by=monitoring_staff, version=order.version, **said)
    change_zone(zone, drawn=Drawn(OUTLINE), reason="Moved", by=monitoring_staff, version=zone.order.version)
    told = " ".join(str(entry.detail) for entry in Entry.objects.filter(verb__startswith="zone."))
    assert "a protected person’s place" in told
    assert "38.7" not in told
