from __future__ import annotations

import re

import pytest

from waymark.accounts import offices
from waymark.accounts.models import Agency, Role, Scope, Unit
from waymark.accounts.tests.make import make_unit, make_user
from waymark.audit.models import Entry

WHY = "the office was renamed"
NEW_AGENCY = {"name": "Day Court", "code": "day-court", "kind": "court", "phone": "314-555-0100"}
NEW_UNIT = {"name": "East Unit", "code": "east", "phone": ""}


@pytest.fixture
def admin(sign_in, administrator):
    return sign_in(administrator)


@pytest.fixture
def agency_admin(division):
    return make_user(Role.ADMINISTRATOR, agency=division, scope=Scope.AGENCY)


def fields_of(office, **changes):
    names = offices.AGENCY_FIELDS if isinstance(office, Agency) else offices.UNIT_FIELDS
    return {**{name: getattr(office, name) for name in names}, "why": WHY, **changes}


def without_token(answer):
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"', b"", answer.content)


def test_it_lists_agencies_with_their_units_and_open_staff(admin, unit, officer, unit_mate, clerk, participant):
    unit_mate.is_active = False
    unit_mate.save()
    participant.agency = unit.agency
    participant.save()
    lines = admin.get("/agencies/", {"format": "csv"}).content.decode("utf-8-sig").splitlines()
    kind = "State division of probation and parole"
    assert f"{unit.agency.name},{unit.agency.code},{kind},,,,2" in lines
    assert f"{unit.agency.name},{unit.agency.code},{kind},North Unit,{unit.code},,1" in lines
    page = admin.get("/agencies/").content.decode()
    assert "North Unit" in page
    assert 'href="/agencies/new/"' in page
    assert 'href="/agencies/"' in admin.get("/accounts/").content.decode()


def test_the_list_takes_as_many_queries_for_many_units_as_for_one(admin, unit, django_assert_max_num_queries):
    with django_assert_max_num_queries(20) as one:
        admin.get("/agencies/")
    for _ in range(20):
        make_unit()
    with django_assert_max_num_queries(len(one.captured_queries)):
        admin.get("/agencies/")


def test_it_adds_an_agency_and_a_unit_on_record(admin, administrator):
    assert admin.post("/agencies/new/", NEW_AGENCY).url == "/agencies/"
    agency = Agency.objects.get(code="day-court")
    assert admin.post(f"/agencies/{agency.pk}/units/new/", NEW_UNIT).url == "/agencies/"
    unit = agency.units.get()
    assert (agency.name, agency.kind, unit.name) == ("Day Court", "court", "East Unit")
    entries = Entry.objects.order_by("number")
    assert [(entry.verb, entry.actor_id, entry.subject_id) for entry in entries] == [
        ("agency.added", administrator.pk, str(agency.pk)),
        ("unit.added", administrator.pk, str(unit.pk)),
    ]
    assert entries[0].detail["changes"]["name"] == [None, "Day Court"]
    assert entries[1].detail["changes"]["agency"] == [None, "Day Court"]


def test_it_changes_them_with_before_and_after(admin, unit):
    admin.post(f"/agencies/{unit.agency_id}/", fields_of(unit.agency, name="The Division"))
    admin.post(f"/agencies/units/{unit.pk}/", fields_of(unit, name="Far North Unit", phone="314-555-0101"))
    unit = Unit.objects.get(pk=unit.pk)
    assert (unit.agency.name, unit.name, unit.phone) == ("The Division", "Far North Unit", "314-555-0101")
    agency_entry, unit_entry = Entry.objects.order_by("number")
    assert (agency_entry.verb, agency_entry.why) == ("agency.changed", WHY)
    assert agency_entry.detail["changes"] == {"name": ["State Division of Probation and Parole", "The Division"]}
    assert unit_entry.verb == "unit.changed"
    assert unit_entry.detail["changes"] == {"name": ["North Unit", "Far North Unit"], "phone": ["", "314-555-0101"]}
    assert "North Unit → Far North Unit" in admin.get(f"/agencies/units/{unit.pk}/").content.decode()


def test_nothing_is_on_record_when_nothing_changed(admin, unit):
    assert admin.post(f"/agencies/units/{unit.pk}/", fields_of(unit)).status_code == 302
    assert not Entry.objects.exists()


def test_it_asks_for_the_reason_of_a_change(admin, unit):
    page = admin.post(f"/agencies/units/{unit.pk}/", fields_of(unit, name="Other", why=""))
    assert (page.status_code, "Give the reason." in page.content.decode()) == (422, True)
    assert Unit.objects.get(pk=unit.pk).name == "North Unit"


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"name": ""}, "Give the name."),
        ({"name": "CIRCUIT court"}, "has the name “CIRCUIT court” already. Give another name, or change that agency"),
        ({"code": "TAKEN"}, "The agency “Circuit Court” has the code “TAKEN” already. Give another code, or change"),
        ({"code": "day court"}, "Give the code in letters, digits, hyphens and underscores, without spaces."),
        ({"kind": ""}, "Choose what kind of agency it is."),
    ],
)
def test_it_says_what_is_wrong_and_keeps_what_was_typed(admin, court, given, fault):
    court.code = "taken"
    court.save()
    answer = admin.post("/agencies/new/", {**NEW_AGENCY, **given})
    assert answer.status_code == 422
    assert fault in answer.content.decode()
    assert 'value="314-555-0100"' in answer.content.decode()
    assert Agency.objects.count() == 1
    assert not Entry.objects.exists()


def test_a_unit_may_share_its_code_with_one_of_another_agency_alone(admin, unit, other_unit, county):
    same = {**NEW_UNIT, "code": unit.code}
    refused = admin.post(f"/agencies/{unit.agency_id}/units/new/", same)
    assert "The unit “North Unit” has the code" in refused.content.decode()
    refused = admin.post(f"/agencies/units/{other_unit.pk}/", fields_of(other_unit, name=unit.name))
    assert "The unit “North Unit” has the name" in refused.content.decode()
    assert admin.post(f"/agencies/{county.pk}/units/new/", same).status_code == 302


def test_an_agencys_administrator_sees_and_changes_that_agency_alone(sign_in, agency_admin, unit, stranger):
    client = sign_in(agency_admin)
    listed = client.get("/agencies/").content.decode()
    assert "North Unit" in listed
    assert stranger.agency.name not in listed
    assert "/agencies/new/" not in listed
    assert client.post(f"/agencies/{unit.agency_id}/units/new/", NEW_UNIT).status_code == 302
    assert client.post(f"/agencies/units/{unit.pk}/", fields_of(unit, name="Far North Unit")).status_code == 302

    client.get("/agencies/")  # shows what was done; pages that do not exist then differ in nothing
    theirs = {
        f"/agencies/{stranger.agency_id}/": (fields_of(stranger.agency, name="Ours"), "/agencies/999999/"),
        f"/agencies/{stranger.agency_id}/units/new/": (NEW_UNIT, "/agencies/999999/units/new/"),
        f"/agencies/units/{stranger.unit_id}/": (fields_of(stranger.unit, name="Ours"), "/agencies/units/999999/"),
        "/agencies/new/": (NEW_AGENCY, "/no/such/page/"),
    }
    for path, (fields, unknown) in theirs.items():
        for answer, nothing in (
            (client.get(path), client.get(unknown)),
            (client.post(path, fields), client.post(unknown, fields)),
        ):
            assert answer.status_code == 404, path
            assert without_token(answer) == without_token(nothing), path
    assert Entry.objects.count() == 2


def test_the_verbs_themselves_keep_to_the_administrators_agency(agency_admin, stranger):
    with pytest.raises(offices.CannotChangeOffice, match="Only an administrator for every agency adds one"):
        offices.add_agency(by=agency_admin, **NEW_AGENCY)
    with pytest.raises(Agency.DoesNotExist):
        offices.change_agency(by=agency_admin, agency_id=stranger.agency_id, **fields_of(stranger.agency))
    with pytest.raises(Agency.DoesNotExist):
        offices.add_unit(by=agency_admin, agency_id=stranger.agency_id, **NEW_UNIT)
    with pytest.raises(Unit.DoesNotExist):
        offices.change_unit(by=agency_admin, unit_id=stranger.unit_id, **fields_of(stranger.unit))


@pytest.mark.parametrize("scope", [Scope.OWN, Scope.UNIT])
def test_an_administrator_of_less_than_an_agency_changes_none(sign_in, unit, scope):
    client = sign_in(make_user(Role.ADMINISTRATOR, unit=unit, scope=scope))
    assert unit.name not in client.get("/agencies/").content.decode()
    assert client.get(f"/agencies/{unit.agency_id}/").status_code == 404
