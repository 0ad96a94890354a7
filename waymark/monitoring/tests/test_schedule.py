"""Two weeks of hours, drawn and in words: weekly windows, one-off changes, the nights when the clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from waymark.facts.from_json import read_facts
from waymark.monitoring.models import ScheduleChange
from waymark.monitoring.reads import my_schedule as mine
from waymark.monitoring.reads.schedule import WIDTH, Duty, preview, previews_of
from waymark.monitoring.tests.make import EVERY_NIGHT, make_change, make_order, make_zone
from waymark.people.tests.make import make_person
from waymark.telemetry.instants import HOUR_MS, Span, ms_of
from waymark.telemetry.plan import Leave, Zone
from waymark.web.clock import now

NIGHTS = read_facts(Zone, {"id": "1", "kind": "inclusion", "schedule": EVERY_NIGHT, "home": True})


def test_the_nights_when_the_clocks_change_have_eleven_and_nine_hours():
    autumn = preview("Home", [NIGHTS], (), date(2026, 10, 26))
    assert autumn.notes == ["On Sunday, November 1 this night has 11 hours: the clocks go back."]
    spring = preview("Home", [NIGHTS], (), date(2027, 3, 8))
    assert spring.notes == ["On Sunday, March 14 this night has 9 hours: the clocks go forward."]
    assert preview("Home", [NIGHTS], (), date(2026, 6, 1)).notes == []


def test_a_day_is_told_as_the_clock_shows_it():
    row = preview("Home", [NIGHTS], (), date(2026, 10, 31)).rows[1]
    assert [band.hours for band in row.bands] == ["00:00 to 06:00", "20:00 to 24:00"]
    assert round(row.bands[0].width / WIDTH * 25) == 7  # of a day of 25 hours


def test_leave_and_extra_times_are_told_apart():
    first = date(2026, 11, 9)
    leave = Leave("2026-11-09T21:00:00-06:00", "2026-11-09T23:00:00-06:00")
    extra = {"from": "2026-11-10T12:00:00-06:00", "until": "2026-11-10T13:00:00-06:00", "must": "be_in"}
    zone = read_facts(Zone, {"id": "1", "kind": "inclusion", "schedule": EVERY_NIGHT, "exceptions": [extra]})
    asked = [Span(ms_of(datetime(2026, 11, 12, 2, tzinfo=UTC)), ms_of(datetime(2026, 11, 12, 4, tzinfo=UTC)))]
    rows = preview("Home", [zone], [leave], first, asked=asked).rows
    told = [[(band.kind, band.hours) for band in row.bands] for row in rows[:3]]
    assert told[0] == [
        ("in", "00:00 to 06:00"), ("in", "20:00 to 21:00"), ("leave", "21:00 to 23:00"), ("in", "23:00 to 24:00"),
    ]  # fmt: skip
    assert ("extra", "12:00 to 13:00") in told[1]
    assert ("asked", "20:00 to 22:00") in told[2]


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_the_bands_of_a_week_are_its_hours(first):
    rows = preview("Home", [NIGHTS], (), first, 7).rows
    for row in rows:
        assert all(band.x >= 0 and band.x + band.width <= WIDTH + 0.2 for band in row.bands)
    assert [band.hours for row in rows for band in row.bands] == ["00:00 to 06:00", "20:00 to 24:00"] * 7


def test_an_exclusion_is_told_as_one():
    zone = replace(NIGHTS, kind="exclusion", schedule=(), home=False)
    row = preview("Park", [zone], (), date(2026, 11, 9)).rows[0]
    assert [(band.kind, band.hours) for band in row.bands] == [("out", "00:00 to 24:00")]


@pytest.mark.django_db
def test_the_schedule_of_an_order_shows_what_is_asked_and_approved(officer, participant, sign_in):
    order = make_order(make_person(officer))
    make_zone(order)
    tonight = (now() + timedelta(days=2)).replace(hour=4, minute=0, second=0, microsecond=0)
    make_change(order, participant, from_at=tonight)
    make_change(order, officer, from_at=tonight + timedelta(days=1), state=ScheduleChange.State.APPROVED)
    [home] = previews_of(order, date.today())  # noqa: DTZ011
    kinds = {band.kind for row in home.rows for band in row.bands}
    assert {"in", "asked", "leave"} <= kinds
    page = sign_in(officer).get(reverse("schedule", args=[order.pk])).content.decode()
    assert "approved leave" in page
    assert "leave asked for" in page


# What the participant reads

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # Sunday 21:00 in St. Louis
HOME_DUTY = Duty("Home", True, AT - timedelta(hours=1), AT + timedelta(hours=9))
TOMORROW = Duty("Home", True, AT + timedelta(hours=23), AT + timedelta(hours=33))


def test_now_and_next_in_two_languages():
    assert mine._now([HOME_DUTY, TOMORROW], None, "en", AT) == "You must be home now until 6:00 AM."
    assert mine._now([HOME_DUTY, TOMORROW], None, "es", AT) == "Debe estar en casa ahora hasta las 6:00 a. m."
    assert mine._next([HOME_DUTY, TOMORROW], "en", AT) == "Next: be home by 8:00 PM tomorrow."
    noon = AT + timedelta(hours=15)
    assert mine._next([TOMORROW], "en", noon) == "Next: be home by 8:00 PM today."
    assert "hoy" in mine._next([TOMORROW], "es", noon)
    assert mine._now([TOMORROW], None, "en", noon) == "You do not have to be anywhere right now."


def test_it_says_how_long_the_night_of_the_change_is():
    begins = datetime(2026, 11, 1, 1, 0, tzinfo=UTC)  # Saturday 20:00
    duty = Duty("Home", True, begins, begins + timedelta(hours=11))
    week = mine._week([duty], "en", begins)
    assert week[0].lines == ["Home: 8:00 PM to midnight"]
    assert week[1].lines == ["Home: midnight to 6:00 AM"]
    assert week[1].notes == ["The clocks change: this time has 11 hours."]
    assert ms_of(begins + timedelta(hours=11)) - ms_of(begins) == HOUR_MS * 11


@pytest.fixture
def own(participant, officer):
    order = make_order(make_person(officer, account=participant))
    make_zone(order)
    return order


@pytest.mark.django_db
def test_a_participant_reads_her_own_hours_alone(own, participant, officer, sign_in):
    other = make_order(make_person(officer, given_name="Otis", family_name="Lane"))
    make_zone(other, name="Secret place")
    client = sign_in(participant)
    page = client.get(reverse("my_schedule")).content.decode()
    assert "Home:" in page
    assert "Secret place" not in page
    assert "Otis" not in page
    participant.language = "es"
    participant.save()
    assert "Los próximos siete días" in client.get(reverse("my_schedule")).content.decode()
    assert reverse("my_schedule") in client.get(reverse("my")).content.decode()


@pytest.mark.django_db
def test_without_an_order_there_is_no_such_page(participant, officer, sign_in):
    make_person(officer, account=participant)
    client = sign_in(participant)
    nothing = client.get("/no/such/page/")
    for name in ("my_schedule", "my_leave"):
        answer = client.get(reverse(name))
        assert answer.status_code == 404
        assert answer.content == nothing.content
    assert reverse("my_schedule") not in client.get(reverse("my")).content.decode()
