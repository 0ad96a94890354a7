"""Who answers for a person."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.http import Http404

from waymark.accounts.models import Role
from waymark.accounts.tests.make import make_user
from waymark.audit.models import Entry
from waymark.people.access import people_visible_to
from waymark.people.actions import CannotSave, assign_person, end_assignment
from waymark.people.models import Assignment
from waymark.people.reads import assignments_of, caseload
from waymark.people.tests.make import LONG_AGO, make_person
from waymark.web.clock import today

DAY = date(2024, 5, 1)


@pytest.fixture
def person(officer):
    return make_person(officer, given_name="Dana", family_name="Reyes")


def test_it_hands_a_person_to_a_colleague_and_ends_the_former_assignment(person, officer, unit_mate, unit):
    assign_person(person.pk, unit=unit, officer=unit_mate, from_on=DAY, by=officer, why="caseloads evened out")
    rows = Assignment.objects.order_by("from_on").values_list("officer", "from_on", "until_on")
    assert list(rows) == [(officer.pk, LONG_AGO, DAY), (unit_mate.pk, DAY, None)]
    assert list(caseload(unit_mate)) == [person]
    assert not people_visible_to(officer).exists()
    entry = Entry.objects.get(verb="person.assigned")
    assert entry.why == "caseloads evened out"
    assert entry.detail["changes"]["assigned to"] == [
        "Rosa Alvarez, North Unit",
        "Tom Becker, North Unit from 2024-05-01",
    ]


def test_only_who_sees_and_may_write_assigns(person, unit, officer, unit_mate, stranger, monitoring_staff):
    for by in (unit_mate, stranger, monitoring_staff):
        with pytest.raises(Http404):
            assign_person(person.pk, unit=unit, officer=by, from_on=DAY, by=by)
        with pytest.raises(Http404):
            end_assignment(person.pk, Assignment.objects.get().pk, until_on=DAY, why="because", by=by)


def test_an_assignment_at_another_unit_stands(person, clerk, other_unit, officer):
    south = make_user(Role.OFFICER, unit=other_unit)
    assign_person(person.pk, unit=other_unit, officer=south, from_on=DAY, by=clerk)
    assert Assignment.objects.filter(until_on=None).count() == 2
    assert [row.officer for row in assignments_of([person.pk], today())[person.pk]] == [officer, south]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"from_on": LONG_AGO - timedelta(days=1)}, "from_on", "Choose that day or a later one."),
        ({"from_on": date(1850, 1, 1)}, "from_on", "before 1900"),
        ({"officer": "officer"}, "officer", "assigned to Rosa Alvarez, North Unit already"),
        ({"officer": "judge"}, "officer", "does not supervise people"),
        ({"officer": "stranger"}, "officer", "does not work at North Unit"),
        ({"unit": "foreign"}, "unit", "at your own agency"),
    ],
)
def test_it_refuses_what_cannot_be(person, supervisor, unit, unit_mate, request, stranger, change, field, words):
    given = {"unit": unit, "officer": unit_mate, "from_on": DAY, **change}
    if isinstance(given["officer"], str):
        given["officer"] = request.getfixturevalue(given["officer"])
    if given["unit"] == "foreign":
        given |= {"unit": stranger.unit, "officer": None}
    with pytest.raises(CannotSave, match=words) as refused:
        assign_person(person.pk, **given, by=supervisor)
    assert refused.value.field == field
    assert Assignment.objects.get().until_on is None


def test_assignments_at_one_unit_never_overlap(person, supervisor, unit, unit_mate, officer):
    row = Assignment.objects.get()
    row.until_on = date(2030, 1, 1)
    row.save()
    with pytest.raises(CannotSave, match="answers for the person until 2030-01-01"):
        assign_person(person.pk, unit=unit, officer=unit_mate, from_on=DAY, by=supervisor)


def test_it_ends_an_assignment_with_a_reason(person, supervisor):
    row = Assignment.objects.get()
    for until_on, why, field in ((LONG_AGO - timedelta(days=1), "moved", "until_on"), (DAY, " ", "why")):
        with pytest.raises(CannotSave) as refused:
            end_assignment(person.pk, row.pk, until_on=until_on, why=why, by=supervisor)
        assert refused.value.field == field
    end_assignment(person.pk, row.pk, until_on=DAY, why="moved away", by=supervisor)
    assert not people_visible_to(supervisor).exists()


def test_the_page_assigns_and_leaves_a_record_that_went_out_of_reach(person, officer, unit, unit_mate, sign_in):
    client = sign_in(officer)
    assert "Becker, Tom" in client.get(f"/people/{person.pk}/assignments/new/").content.decode()
    typed = {"unit": unit.pk, "officer": unit_mate.pk, "from_on": f"{today():%m/%d/%Y}", "why": "caseloads"}
    answer = client.post(f"/people/{person.pk}/assignments/new/", typed)
    assert answer["Location"] == "/people/"


def test_the_page_offers_no_colleague_of_another_agency(person, officer, stranger, sign_in):
    assert "Hart, Lena" not in sign_in(officer).get(f"/people/{person.pk}/assignments/new/").content.decode()
