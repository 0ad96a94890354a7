"""One day of a device: who sees it, how long it is, what is drawn, and what is never told."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.test_permissions import plain
from waymark.audit.models import Entry
from waymark.monitoring.history import compact
from waymark.monitoring.models import Activation, Reading, SealedReading
from waymark.monitoring.reads.day import day_of, span_of
from waymark.monitoring.reads.places import places
from waymark.monitoring.rows import row_of, save_rows
from waymark.monitoring.tests.make import make_activation, make_device, make_order, make_zone
from waymark.monitoring.tests.make_alerts import make_alert, make_episode
from waymark.monitoring.tests.trail import fix_at, moj_trail, store
from waymark.telemetry.geometry import METRES_PER_DEGREE
from waymark.telemetry.instants import HOUR_MS

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
ON = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
LATER = NOON + timedelta(days=2)
NORTH = 440 / METRES_PER_DEGREE
EARLY = datetime(2026, 1, 1, tzinfo=UTC)


def worn(officer) -> Activation:
    """Home 60 m around, every night."""
    order = make_order(officer=officer, effective_at=EARLY)
    make_zone(order)
    return make_activation(order)


def address(activation: Activation, on: date = ON, name: str = "day", **more: str) -> str:
    asked = "&".join(f"{key}={value}" for key, value in {"on": on, **more}.items())
    return f"{reverse(name, args=[activation.pk])}?{asked}"


# Who


@pytest.mark.parametrize("name", ["day", "day_positions"])
def test_it_reads_like_nothing_to_who_may_not_see_it(name, officer, stranger, judge, participant, sign_in):
    activation = worn(officer)
    assert sign_in(officer).get(address(activation, name=name)).status_code == 200
    for user in (stranger, judge, participant):
        answer = sign_in(user).get(address(activation, name=name))
        nothing = sign_in(user).get(reverse(name, args=[10**9]))
        assert answer.status_code == 404
        assert plain(answer) == plain(nothing)


@pytest.mark.parametrize("name", ["day", "day_positions", "alcohol", "alcohol_readings"])
def test_it_shows_a_protected_persons_device_to_nobody(name, officer, sign_in):
    activation = worn(officer)
    protected = make_activation(
        activation.order, make_device(kind="protected"), protected=True, partner=activation, from_at=EARLY
    )
    answer = sign_in(officer).get(reverse(name, args=[protected.pk]))
    assert answer.status_code == 404
    assert plain(answer) == plain(sign_in(officer).get(reverse(name, args=[10**9])))


def test_it_records_who_read_where_somebody_was(officer, sign_in):
    activation = worn(officer)
    sign_in(officer).get(address(activation))
    sign_in(officer).get(address(activation, name="day_positions"))
    verbs = list(Entry.objects.filter(person_id=activation.person_id).order_by("pk").values_list("verb", flat=True))
    assert verbs[-2:] == ["day.viewed", "day.positions_viewed"]


# How long


@pytest.mark.parametrize(
    ("on", "hours", "labels"),
    [
        (date(2026, 3, 8), 23, ["00", "01", "03"]),
        (date(2026, 11, 1), 25, ["00", "01", "01"]),
        (ON, 24, ["00", "01", "02"]),
    ],
)
def test_it_has_the_hours_of_the_clock_on_the_wall(on, hours, labels, officer, sign_in):
    activation = worn(officer)
    day = day_of(activation, on, LATER)
    assert (day.hours, day.hour_labels[:3]) == (hours, labels)
    assert day.span.until_ms - day.span.from_ms == hours * HOUR_MS
    page = sign_in(officer).get(address(activation, on)).content.decode()
    assert page.count(f'viewBox="0 0 {hours * 60} 20"') == len(day.lanes) > 0
    assert f"wm-band__hours--{hours}" in page
    assert (f"{hours} hours" in page) == (hours != 24)


def test_it_draws_the_hours_in_force_to_the_minute(officer):
    """20:00 to 06:00 local, on a day with 25 hours: the night's end stands an hour further."""
    day = day_of(worn(officer), date(2026, 11, 1), LATER)
    (lane,) = [lane for lane in day.lanes if lane.look == "asked"]
    assert [(bar.minute, bar.minutes, bar.begins, bar.ends) for bar in lane.bars] == [
        (0, 7 * 60, False, True),
        (21 * 60, 4 * 60, True, False),
    ]


# Where


def test_it_says_how_long_somebody_was_not_where_the_plan_asked(officer, sign_in):
    activation = worn(officer)
    began = NOON + timedelta(hours=9, minutes=10)  # 21:10
    store(activation, [fix_at(began + n * MINUTE, 38.65 + NORTH) for n in range(38)])
    person = activation.person
    name = f"{person.given_name[:1]}. {person.family_name}"
    assert day_of(activation, ON, LATER).sentence == f"{name} was where the plan asked on 2026-11-21 Sat."
    make_episode(activation, "left_during", opened_at=began, closed_at=began + 38 * MINUTE)
    page = sign_in(officer).get(address(activation)).content.decode()
    assert f"<h1>{name} was where the plan asked on 2026-11-21 Sat, but for 38 minutes from 21:10.</h1>" in page


def test_it_does_not_draw_a_way_it_does_not_know(officer, sign_in):
    activation = worn(officer)
    store(activation, [fix_at(NOON), fix_at(NOON + 5 * MINUTE), fix_at(NOON + 10 * MINUTE + timedelta(seconds=1))])
    data = sign_in(officer).get(address(activation, name="day_positions")).json()
    assert [fix["after_gap"] for fix in data["fixes"]] == [False, False, True]
    assert "the straight line is not the route" in sign_in(officer).get(address(activation)).content.decode()


def test_it_tells_the_side_only_where_the_whole_circle_is_on_it(officer):
    activation = worn(officer)
    at = [NOON + n * MINUTE for n in range(3)]
    store(
        activation,
        [
            fix_at(at[0]),
            fix_at(at[1], 38.65 + NORTH),
            fix_at(at[2], 38.65 + NORTH, accuracy_m=500.0, source="cell"),
        ],
    )
    fixes = places(activation, span_of(ON)).fixes
    assert [fix.sides[0][1] for fix in fixes] == ["inside", "outside", "not known"]
    assert [round(fix.home_m or 0) for fix in fixes] == [-60, 380, 380]


def test_it_shows_a_day_that_lies_in_history(officer, monkeypatch, tmp_path, sign_in):
    """The same before and after the rows went from the database into files."""
    monkeypatch.setattr("django.conf.settings.VAR", tmp_path)
    activation = worn(officer)
    store(activation, [fix_at(NOON + n * MINUTE, 38.65 + n / 10_000) for n in range(5)])
    hot = sign_in(officer).get(address(activation, name="day_positions")).json()
    compact(NOON + timedelta(days=90))
    assert not Reading.objects.filter(activation=activation).exists()
    assert sign_in(officer).get(address(activation, name="day_positions")).json() == hot
    assert len(hot["fixes"]) == 5


def test_it_shows_a_real_trail(officer, sign_in):
    trail = moj_trail()
    order = make_order(officer=officer, effective_at=EARLY)
    make_zone(order, shape={"circle": {"lat": trail[0].lat, "lon": trail[0].lon, "radius_m": 60}})
    activation = make_activation(order)
    store(activation, trail)
    on = timezone.localdate(datetime.fromtimestamp(trail[0].happened_ms / 1000, UTC))
    data = sign_in(officer).get(address(activation, on, "day_positions")).json()
    low, high = span_of(on)
    assert [(fix["at_ms"], fix["lat"], fix["lon"], fix["source"]) for fix in data["fixes"]] == sorted(
        (one.happened_ms, one.lat, one.lon, one.source) for one in trail if low <= one.happened_ms < high
    )
    assert data["fixes"]


def test_it_downloads_what_it_shows(officer, sign_in):
    activation = worn(officer)
    store(activation, [fix_at(NOON, battery_pct=81.0), fix_at(NOON + 9 * MINUTE, 38.65 + NORTH)])
    answer = sign_in(officer).get(address(activation, format="csv"))
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert list(lines[0]) == [
        "Time",
        "Latitude",
        "Longitude",
        "Source",
        "Accuracy in m as sent",
        "Accuracy in m as taken",
        "Distance to the edge of home in m, negative inside",
        "Side of each zone",
        "Satellites",
        "Battery in %",
        "After a gap of more than 5 minutes",
    ]
    assert lines[0]["Time"] == "2026-11-21T12:00:00-06:00"
    assert (lines[0]["Source"], lines[0]["Battery in %"]) == ("GPS", "81.0")
    far = lines[1]["Distance to the edge of home in m, negative inside"]
    assert (far, lines[1]["After a gap of more than 5 minutes"]) == ("380", "yes")


@pytest.mark.parametrize("on", ["", "2026-02-31", "tomorrow", "0001-01-01", "9999-12-31"])
def test_it_takes_no_day_that_cannot_be(on, officer, sign_in):
    activation = worn(officer)
    store(activation, [fix_at(NOON)])
    answer = sign_in(officer).get(f"{reverse('day', args=[activation.pk])}?on={on}")
    assert answer.status_code == 200
    assert b"2026-11-21 Sat" in answer.content


# What is never told


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    hers=st.lists(st.tuples(st.floats(38.1, 38.2), st.floats(-90.2, -90.1)), min_size=1, max_size=4),
    fixed=st.booleans(),
)
def test_it_never_tells_where_a_protected_person_is(hers, fixed, officer, sign_in):
    """Neither her device's places nor the middle of a zone round her or her home, in no answer there is."""
    activation = worn(officer)
    protected = make_activation(
        activation.order, make_device(kind="protected"), protected=True, partner=activation, from_at=EARLY
    )
    circle = {"circle": {"lat": hers[0][0], "lon": hers[0][1], "radius_m": 300}}
    make_zone(activation.order, "victim", circle if fixed else {"partner": True, "radius_m": 500}, name="Her street 5")
    rows = [row_of(fix_at(NOON + n * MINUTE, *place), NOON, None) for n, place in enumerate(hers)]
    save_rows(SealedReading, [(protected.pk, row, False) for row in rows])
    store(activation, [fix_at(NOON + n * MINUTE) for n in range(3)])
    alert = make_alert(activation, "victim_proximity", at=NOON)
    client = sign_in(officer)
    answers = [
        client.get(address(activation, name="day_positions")),
        client.get(address(activation)),
        client.get(address(activation, format="csv")),
        client.get(reverse("alert_positions", args=[alert.pk])),
    ]
    for answer in answers:
        text = answer.content.decode()
        assert answer.status_code == 200
        assert "Her street" not in text
        for lat, lon in hers:
            assert repr(lat)[:8] not in text
            assert repr(lon)[:9] not in text
    (sealed,) = [zone for zone in answers[0].json()["zones"] if zone["kind"] == "victim"]
    assert set(sealed) == {"name", "kind", "words"}


# An alert


def test_it_draws_what_an_alert_was_decided_by(officer, stranger, sign_in):
    activation = worn(officer)
    make_zone(activation.order, "exclusion", {"circle": {"lat": 38.7, "lon": -90.3, "radius_m": 50}}, name="Market")
    home = activation.order.zones.get(is_home=True)
    store(activation, [fix_at(NOON + n * MINUTE, 38.65 + NORTH) for n in range(-90, 90)])
    decided = [{"at": (NOON + n * MINUTE).isoformat().replace("+00:00", "Z")} for n in range(3)]
    alert = make_alert(activation, "left_during", at=NOON, zone=home, evidence={"fixes": decided})
    path = reverse("alert_positions", args=[alert.pk])
    data = json.loads(sign_in(officer).get(path).content)
    assert [fix["time"] for fix in data["decided"]] == ["12:00:00", "12:01:00", "12:02:00"]
    assert (data["fixes"][0]["time"], data["fixes"][-1]["time"]) == ("11:00:00", "13:01:00")
    assert [zone["name"] for zone in data["zones"]] == ["Home"]
    nothing = sign_in(stranger).get(reverse("alert_positions", args=[10**9]))
    assert plain(sign_in(stranger).get(path)) == plain(nothing)
