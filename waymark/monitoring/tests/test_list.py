"""Every list that names people is put on record, as a page and as a file, and names nobody who is out of reach."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from waymark.audit.models import Entry
from waymark.monitoring.actions.alert_work import conclude
from waymark.monitoring.actions.drive_by import Visit, record_visit
from waymark.monitoring.models import Alert, DriveBy
from waymark.monitoring.tests.make import make_activation, make_change, make_order
from waymark.monitoring.tests.make_alerts import make_alert
from waymark.people.models import AccessRestriction
from waymark.people.tests.make import make_person
from waymark.web.clock import now

pytestmark = pytest.mark.django_db
LISTS = ["board", "alert_list", "order_check", "fleet", "leave_requests", "drive_by", "notices"]
FILES = ["alert_list", "order_check", "fleet", "leave_requests", "notices"]


@pytest.fixture
def worn(officer, division, supervisor):
    person = make_person(officer, family_name="Quillfeather")
    worn = make_activation(make_order(person, program="ehd", agency=division, signed=False))
    make_change(worn.order, officer)
    alert = make_alert(worn, at=now() - timedelta(hours=1))
    said = {"conclusion": "confirmed", "reason": "tampered", "words": "Seen.", "still_lasts": True}
    conclude(alert, **said, by=supervisor, version=1, at=now())
    make_alert(worn, "left_during", at=now())
    record_visit(worn, Visit(now(), heard=True), key=uuid4(), by=officer)
    DriveBy.objects.update(officer=supervisor)
    return worn


@pytest.mark.parametrize(("name", "query"), [(n, "") for n in LISTS] + [(n, "?format=csv") for n in FILES])
def test_it_puts_on_record_whom_it_named(name, query, worn, supervisor, sign_in):
    client = sign_in(supervisor)
    before = Entry.objects.count()
    answer = client.get(reverse(name) + query)
    assert "Quillfeather" in answer.content.decode()
    told = [entry.detail.get("people", []) for entry in Entry.objects.order_by("number")[before:]]
    assert [worn.person_id] in told


def test_it_puts_on_record_the_file_of_served_notices(worn, supervisor, officer, sign_in):
    Alert.objects.exclude(conclusion="").get().notices.update(to_account=officer, served_at=now(), state="served")
    before = Entry.objects.count()
    answer = sign_in(officer).get(reverse("served_notices") + "?format=csv")
    assert "Quillfeather" in answer.content.decode()
    told = [entry.detail.get("people", []) for entry in Entry.objects.order_by("number")[before:]]
    assert [worn.person_id] in told


@pytest.mark.parametrize(("name", "query"), [(n, "") for n in LISTS] + [(n, "?format=csv") for n in FILES])
def test_it_names_nobody_whose_record_is_closed_to_the_reader(name, query, worn, supervisor, administrator, sign_in):
    AccessRestriction.objects.create(
        person=worn.person, kind="excluded", user=supervisor, message="Ask the chief.", added_by=administrator
    )
    assert "Quillfeather" not in sign_in(supervisor).get(reverse(name) + query).content.decode()


@pytest.mark.parametrize("wrong", [{"key": ["a"]}, {"heard": {"a": 1}}, {"activation": float("inf")}, {"note": [[]]}])
def test_it_keeps_the_visits_beside_one_that_is_damaged(wrong, worn, supervisor, sign_in):
    good = {"key": str(uuid4()), "activation": worn.pk, "heard": "yes", "listened_minutes": "5"}
    body = json.dumps({"visits": [{**good, "key": str(uuid4()), **wrong}, good]})
    answer = sign_in(supervisor).post(reverse("drive_by_sync"), body, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["kept"] == [good["key"]]


def test_it_puts_on_record_whose_names_a_device_showed(worn, supervisor, sign_in):
    answer = sign_in(supervisor).get(reverse("device", args=[worn.device_id]))
    assert "Quillfeather" in answer.content.decode()
    assert Entry.objects.get(verb="device.wearers_listed").detail["people"] == [worn.person_id]
