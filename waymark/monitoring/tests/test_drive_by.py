"""A drive-by visit is kept once however often the phone sends it, and reaches the engine as a reading."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from waymark.cases.actions.saving import CannotEnter
from waymark.monitoring.actions.drive_by import Visit, record_visit
from waymark.monitoring.actions.log import readings_in
from waymark.monitoring.models import DriveBy, LogRecord
from waymark.monitoring.reads.drive_by import CHECK_EVERY, NOT_BEFORE, next_check, people_to_check
from waymark.monitoring.tests.make import make_activation, make_change, make_order, make_zone
from waymark.people.tests.make import make_person
from waymark.telemetry.instants import ms_of
from waymark.web.clock import now

pytestmark = pytest.mark.django_db


@pytest.fixture
def worn(officer, division):
    return make_activation(make_order(make_person(officer), program="ehd", agency=division))


def visit(**said):
    return {
        "key": str(uuid4()), "activation": None, "happened_at": now().isoformat(), "heard": "yes",
        "listened_minutes": "5", **said,
    }  # fmt: skip


def send(client, *visits):
    return client.post(reverse("drive_by_sync"), json.dumps({"visits": visits}), content_type="application/json")


def test_the_same_visit_sent_again_is_kept_once(worn, monitoring_staff, sign_in):
    client = sign_in(monitoring_staff)
    said = visit(activation=worn.pk, strap_ok="no", lat="38.65", lon=-90.33, accuracy_m=8.5, place="At work")
    for _ in range(3):
        assert send(client, said).json() == {"kept": [said["key"]], "refused": []}
    kept = DriveBy.objects.get()
    assert (kept.officer, kept.strap_ok, kept.lat, kept.place) == (monitoring_staff, False, 38.65, "At work")
    record = LogRecord.objects.get(kind=LogRecord.Kind.READINGS)
    [reading] = readings_in(record)
    assert record.part == worn.part
    assert (reading.activation, reading.kind, reading.source) == (str(worn.pk), "drive_by", "heard")
    assert (reading.happened_ms, reading.strap_ok, reading.lat) == (ms_of(kept.happened_at), False, 38.65)


def test_not_heard_is_a_reading_without_a_place(worn, monitoring_staff):
    record_visit(worn, Visit(now(), heard=False, listened_minutes=10), key=uuid4(), by=monitoring_staff)
    [reading] = readings_in(LogRecord.objects.get())
    assert (reading.source, reading.lat, reading.strap_ok) == ("not_heard", None, None)


def test_good_visits_are_kept_beside_what_cannot_be(worn, monitoring_staff, sign_in):
    good = visit(activation=worn.pk)
    future = visit(activation=worn.pk, happened_at=(now() + timedelta(days=1)).isoformat())
    nobody = visit(activation=10**9)
    broken = visit(activation=worn.pk, heard="perhaps")
    told = send(sign_in(monitoring_staff), future, nobody, good, broken, {"key": "x"}).json()
    assert told["kept"] == [good["key"]]
    words = {one["key"]: one["words"] for one in told["refused"]}
    assert "has not come yet" in words[future["key"]]
    assert "cannot open this person" in words[nobody["key"]]
    assert all(said.endswith(".") for said in words.values())
    assert DriveBy.objects.count() == 1


def test_it_says_what_is_no_list_of_visits(monitoring_staff, sign_in):
    client = sign_in(monitoring_staff)
    for body in ("", "[]", '{"visits": 3}', '{"visits": ["a"]}', "{"):
        assert client.post(reverse("drive_by_sync"), body, content_type="application/json").status_code == 400


def test_the_key_of_another_visit_is_refused(worn, monitoring_staff, supervisor):
    key = uuid4()
    record_visit(worn, Visit(now(), heard=True), key=key, by=monitoring_staff)
    with pytest.raises(CannotEnter, match="another visit"):
        record_visit(worn, Visit(now(), heard=True), key=key, by=supervisor)
    early = Visit(worn.from_at - timedelta(days=1), heard=True)
    with pytest.raises(CannotEnter):
        record_visit(worn, early, key=uuid4(), by=monitoring_staff)
    assert DriveBy.objects.count() == 1


def test_a_phone_without_javascript_saves_a_visit(worn, monitoring_staff, sign_in):
    client = sign_in(monitoring_staff)
    said = {"key": str(uuid4()), "activation": worn.pk, "heard": "no", "listened_minutes": "7"}
    assert client.post(reverse("drive_by"), said).status_code == 302
    assert "not heard in 7 min" in client.get(reverse("drive_by")).content.decode()
    wrong = client.post(reverse("drive_by"), {**said, "heard": ""}).content.decode()
    assert "choose heard or not heard" in wrong


def test_an_absent_person_is_due_at_a_random_time_and_late_after_three_hours(worn, monitoring_staff, officer):
    at = now()
    make_zone(worn.order, schedule=[])
    assert people_to_check(monitoring_staff, at)[0].should_be == "At Home"
    left_at = at - timedelta(hours=4)
    make_change(worn.order, officer, from_at=left_at, until_at=at + timedelta(hours=4), state="approved")
    [row] = people_to_check(monitoring_staff, at)
    assert "On leave until" in row.should_be
    assert row.due == "late"
    record_visit(worn, Visit(at - timedelta(minutes=5), heard=True), key=uuid4(), by=monitoring_staff)
    assert people_to_check(monitoring_staff, at)[0].due == ""
    dues = {next_check(number, left_at) - left_at for number in range(50)}
    assert all(NOT_BEFORE <= due < CHECK_EVERY for due in dues)
    assert len(dues) == 50
    assert next_check(1, left_at) == next_check(1, left_at)


def test_the_list_takes_as_many_queries_for_many_as_for_one(
    worn, monitoring_staff, officer, division, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        people_to_check(monitoring_staff, now())
    for _ in range(5):
        order = make_order(make_person(officer), program="ehd", agency=division)
        make_zone(order)
        make_activation(order)
    with django_assert_num_queries(len(one)):
        assert len(people_to_check(monitoring_staff, now())) == 6


def test_who_may_drive_by(worn, officer, stranger, monitoring_staff, sign_in):
    assert sign_in(officer).get(reverse("drive_by")).status_code == 404
    assert sign_in(stranger).get(reverse("drive_by")).status_code == 404
    page = sign_in(monitoring_staff).get(reverse("drive_by"))
    assert worn.person.family_name in page.content.decode()
    worker = sign_in(monitoring_staff).get(reverse("drive_by_worker"))
    assert worker["Content-Type"] == "text/javascript"
