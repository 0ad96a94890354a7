"""Zones are drawn, changed and ended by version; what cannot be is refused beside its field."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from waymark.audit.models import Entry
from waymark.cases.actions.saving import CannotEnter
from waymark.monitoring.actions.saving import StaleOrder
from waymark.monitoring.actions.zones import Drawn, add_zone, change_zone, end_zone
from waymark.monitoring.facts import order_plan
from waymark.monitoring.forms.zones import HoursForm, split
from waymark.monitoring.models import LogRecord, Zone
from waymark.monitoring.overlap import overlaps
from waymark.monitoring.reads.zones import warnings_of
from waymark.monitoring.tests.make import EVERY_NIGHT, HOME, make_activation, make_order, make_zone
from waymark.people.tests.make import make_person
from waymark.web.clock import now

pytestmark = pytest.mark.django_db

BOW_TIE = {"polygon": [[38.6, -90.3], [38.7, -90.2], [38.7, -90.3], [38.6, -90.2]]}
AROUND = [[38.64, -90.34], [38.66, -90.34], [38.66, -90.32], [38.64, -90.32]]


@pytest.fixture
def order(officer, division):
    return make_order(make_person(officer), agency=division)


def drawn(shape=HOME, schedule=EVERY_NIGHT, **more):
    return Drawn(shape, schedule, **more)


def add(order, by, **said):
    given = {"kind": "inclusion", "name": "Home", "is_home": True, "drawn": drawn(), "reason": "First set up"}
    return add_zone(order, by=by, version=order.version, **{**given, **said})


def test_it_draws_a_zone_and_has_the_engine_look_again(order, monitoring_staff):
    worn = make_activation(order)
    at = now()
    zone = add(order, monitoring_staff, at=at)
    version = zone.versions.get()
    assert (version.number, version.from_at, version.until_at, version.entered_by) == (1, at, None, monitoring_staff)
    record = LogRecord.objects.get(kind=LogRecord.Kind.PLAN)
    assert record.activation_id == worn.pk
    entry = Entry.objects.get(verb="zone.added")
    assert (entry.why, entry.detail["shape"]) == ("First set up", HOME)


def test_a_change_ends_one_version_where_the_next_begins(order, monitoring_staff):
    at = now()
    zone = add(order, monitoring_staff, at=at)
    later = at + timedelta(hours=1)
    wider = {"circle": {**HOME["circle"], "radius_m": 120}}
    change_zone(
        zone, drawn=drawn(wider), reason="A yard", by=monitoring_staff, version=order.version, from_at=later, at=at
    )
    first, second = zone.versions.order_by("number")
    assert first.until_at == second.from_at == later
    assert (first.shape, second.shape, second.reason) == (HOME, wider, "A yard")
    planned = [one for one in order_plan(order).zones if one.id == str(zone.pk)]
    assert [one.circle.radius_m for one in planned] == [60, 120]
    with pytest.raises(CannotEnter, match="only after that"):
        change_zone(zone, drawn=drawn(), reason="Back", by=monitoring_staff, version=order.version, at=at)


def test_it_tells_the_second_writer(order, monitoring_staff):
    seen = order.version
    add(order, monitoring_staff)
    with pytest.raises(StaleOrder):
        add_zone(
            order,
            kind="exclusion",
            name="Park",
            is_home=False,
            drawn=drawn(schedule=[]),
            reason="x",
            by=monitoring_staff,
            version=seen,
        )
    assert order.zones.count() == 1


def test_it_ends_a_zone_and_changes_it_no_more(order, monitoring_staff):
    at = now()
    zone = add(order, monitoring_staff, at=at - timedelta(hours=1))
    end_zone(zone, reason="Moved", by=monitoring_staff, version=order.version, at=at)
    assert zone.versions.get().until_at == at
    with pytest.raises(CannotEnter, match="Draw a new zone"):
        change_zone(zone, drawn=drawn(BOX), reason="x", by=monitoring_staff, version=order.version, at=at)


BOX = {"polygon": AROUND}


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"drawn": drawn(BOW_TIE)}, "corners", "The outline crosses itself"),
        ({"drawn": drawn({"polygon": AROUND[:2]})}, "corners", "at least three"),
        ({"drawn": drawn({"circle": {"lat": 91.0, "lon": -90.0, "radius_m": 60}})}, "centre", "no latitude"),
        ({"drawn": drawn(BOX | {"holes": [BOW_TIE["polygon"]]})}, "holes", "A hole, line 1, crosses itself"),
        ({"drawn": drawn(schedule=[{"rrule": "FREQ=SOMETIMES", "from": "20:00", "to": "06:00"}])}, "schedule", "SOME"),
        ({"drawn": drawn({"partner": True, "radius_m": 300})}, "kind", "protected person"),
        ({"from_at": now() - timedelta(days=1)}, "from_at", "has passed"),
        ({"reason": " "}, "reason", "few words"),
        ({"kind": "exclusion"}, "is_home", "a place to be in"),
    ],
)
def test_it_refuses_what_cannot_be_beside_its_field(order, monitoring_staff, said, field, words):
    with pytest.raises(CannotEnter) as refused:
        add(order, monitoring_staff, **said)
    assert field in [name for name, _ in refused.value.faults]
    assert words in str(refused.value)
    assert str(refused.value).endswith(".")
    assert not Zone.objects.exists()


def test_there_is_one_home(order, monitoring_staff):
    add(order, monitoring_staff)
    with pytest.raises(CannotEnter, match="is this order's home"):
        add(order, monitoring_staff, name="Other home")


def test_it_warns_of_noise_and_of_a_home_where_one_must_not_be(order):
    make_zone(order)
    tiny = {"circle": {"lat": 38.7, "lon": -90.3, "radius_m": 30}}
    assert "smaller than 50 m" in warnings_of(order, "exclusion", tiny, None, now())[0]
    [over_home] = warnings_of(order, "exclusion", BOX, None, now())
    assert "Home overlap" in over_home
    with_hole = BOX | {"holes": [[[38.648, -90.332], [38.652, -90.332], [38.652, -90.328], [38.648, -90.328]]]}
    assert warnings_of(order, "exclusion", with_hole, None, now()) == []


def test_two_places_overlap_when_one_holds_the_other():
    far = {"circle": {"lat": 38.70, "lon": -90.33, "radius_m": 60}}
    assert overlaps(BOX, HOME)
    assert overlaps(HOME, BOX)
    assert not overlaps(BOX, far)
    assert not overlaps({"partner": True, "radius_m": 300}, HOME)


def typed(schedule, **said):
    """What the browser sends for a schedule."""
    form = HoursForm(schedule=schedule, initial={"version": 1})
    data = {"version": 1, "reason": "Because", "always": "hours" if schedule else "yes"}
    for name, field in form.fields.items():
        if field.initial:
            data.setdefault(name, str(field.initial))
    return HoursForm({**data, **said}, schedule=schedule)


def test_hours_come_back_as_they_were_grouped_by_equal_windows():
    schedule = [
        {"weekly": {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "20:00", "to": "06:00"}},
        {"weekly": {"days": ["sat", "sun"], "from": "00:00", "to": "00:00"}},
        {"rrule": "FREQ=MONTHLY;BYDAY=1MO", "from": "12:00", "to": "14:00", "starts_on": "2026-12-01"},
        {"weekly": {"days": ["mon"], "from": "09:00", "to": "10:00"}, "ends_on": "2026-12-31"},
    ]
    form = typed(schedule)
    assert form.is_valid(), form.errors
    assert form.schedule() == schedule
    assert split(schedule).others == schedule[3:]
    dropped = typed(schedule, drop_others="on")
    assert dropped.is_valid()
    assert dropped.schedule() == schedule[:3]


def test_no_hours_are_never_taken_for_all_hours():
    form = typed([], always="hours")
    assert not form.is_valid()
    assert "At all times" in form.errors["always"][0]
    half = typed([], always="hours", mon_0_from="20:00")
    assert "both times" in str(half.errors["mon_0_to"])


def test_a_zone_can_be_typed(order, monitoring_staff, sign_in):
    client = sign_in(monitoring_staff)
    page = client.get(reverse("zone_new", args=[order.pk]))
    assert b"Center of the circle" in page.content
    said = {
        "version": order.version, "kind": "exclusion", "name": "Park", "way": "polygon",
        "corners": "38.64, -90.34\n38.66, -90.34\n38.66, -90.32", "radius_m": "", "reason": "Order of November 2",
    }  # fmt: skip
    saved = client.post(reverse("zone_new", args=[order.pk]), said)
    zone = Zone.objects.get()
    assert saved.url == reverse("zone", args=[zone.pk])
    assert zone.versions.get().shape == {"polygon": [[38.64, -90.34], [38.66, -90.34], [38.66, -90.32]]}
    assert b"Order of November 2" in client.get(saved.url).content
    again = client.post(reverse("zone_new", args=[order.pk]), said)
    assert again.status_code == 409
    wrong = client.post(reverse("zone_new", args=[order.pk]), {**said, "version": 2, "corners": "here\nthere"})
    assert "is no place" in wrong.content.decode()


def test_typed_hours_are_drawn_before_they_are_saved(order, monitoring_staff, sign_in):
    zone = make_zone(order)
    client = sign_in(monitoring_staff)
    hours = {"version": order.version, "always": "hours", "mon_0_from": "21:30", "mon_0_to": "05:00", "reason": ""}
    shown = client.post(reverse("zone_hours", args=[zone.pk]), {**hours, "preview": "1"})
    assert "21:30 to 24:00 must be there" in shown.content.decode()
    assert zone.versions.count() == 1
    saved = client.post(reverse("zone_hours", args=[zone.pk]), {**hours, "reason": "New shift"})
    assert saved.status_code == 302
    assert zone.versions.get(number=2).schedule == [{"weekly": {"days": ["mon"], "from": "21:30", "to": "05:00"}}]


def test_three_people_at_a_zone(order, officer, unit_mate, stranger, monitoring_staff, sign_in):
    zone = make_zone(order)
    for name in ("zone", "zone_change", "zone_hours", "zone_end"):
        unknown = plain(sign_in(monitoring_staff).get(reverse(name, args=[10**9])))
        for user in (unit_mate, stranger):
            refused = sign_in(user).get(reverse(name, args=[zone.pk]))
            assert refused.status_code == 404
            assert b"There is nothing here" in plain(refused)
            assert plain(sign_in(user).get(reverse(name, args=[10**9]))) == plain(refused)
        assert b"There is nothing here" in unknown
        assert sign_in(monitoring_staff).get(reverse(name, args=[zone.pk])).status_code == 200
        assert sign_in(officer).get(reverse(name, args=[zone.pk])).status_code == (200 if name == "zone" else 404)


def plain(answer):
    """The body without the token against forged requests, which is new in every answer."""
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"', b"", answer.content)
