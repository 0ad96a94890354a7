"""Limits on who may see one record."""

from __future__ import annotations

import pytest
from django.http import Http404

from waymark.audit.models import Entry
from waymark.people.access import TurnedAway, people_visible_to
from waymark.people.actions import CannotSave, lift_restriction, restrict_access
from waymark.people.models import AccessRestriction
from waymark.people.tests.make import make_person

WORDS = {"message": "Ask I. Novak.", "reason": "a relative"}


@pytest.fixture
def person(officer):
    return make_person(officer, given_name="Dana", family_name="Reyes")


def test_it_keeps_a_colleague_out_and_lets_her_in_again(person, supervisor, officer):
    row = restrict_access(person.pk, kind="excluded", user=officer, by=supervisor, **WORDS)
    assert not people_visible_to(officer).exists()
    lift_restriction(person.pk, row.pk, why="no relative after all", by=supervisor)
    assert people_visible_to(officer).exists()
    assert list(Entry.objects.filter(verb__startswith="person.").values_list("verb", "why")) == [
        ("person.lists_viewed", ""),
        ("person.restricted", "a relative"),
        ("person.lists_viewed", ""),
        ("person.unrestricted", "no relative after all"),
    ]


def test_only_a_supervisor_in_reach_or_an_administrator_sets_limits(
    person, officer, unit_mate, stranger, clerk, auditor, administrator
):
    for by in (officer, unit_mate, stranger, clerk, auditor):
        with pytest.raises(Http404):
            restrict_access(person.pk, kind="excluded", user=officer, by=by, **WORDS)
    assert restrict_access(person.pk, kind="excluded", user=officer, by=administrator, **WORDS)


def test_somebody_kept_out_cannot_let_herself_in(person, supervisor, administrator):
    row = restrict_access(person.pk, kind="excluded", user=supervisor, by=administrator, **WORDS)
    with pytest.raises(TurnedAway):
        lift_restriction(person.pk, row.pk, why="I want to see it", by=supervisor)


@pytest.mark.parametrize("field", ["message", "reason"])
def test_it_wants_the_words_and_the_reason(person, officer, supervisor, field):
    with pytest.raises(CannotSave) as refused:
        restrict_access(person.pk, kind="excluded", user=officer, by=supervisor, **{**WORDS, field: " "})
    assert refused.value.field == field


def test_it_lists_an_account_once(person, officer, supervisor):
    restrict_access(person.pk, kind="excluded", user=officer, by=supervisor, **WORDS)
    with pytest.raises(CannotSave, match="on this list already"):
        restrict_access(person.pk, kind="excluded", user=officer, by=supervisor, **WORDS)
    assert AccessRestriction.objects.count() == 1


def test_an_administrator_finds_a_record_by_its_number_and_learns_no_name(person, administrator, officer, sign_in):
    client = sign_in(administrator)
    assert client.get("/people/restrictions/").status_code == 200
    answer = client.get("/people/restrictions/", {"person_id": person.pk}, follow=True)
    assert answer.status_code == 200
    assert "Reyes" not in answer.content.decode()
    typed = {"kind": "excluded", "user": officer.pk, **WORDS}
    answer = client.post(f"/people/{person.pk}/restrictions/", typed, follow=True)
    text = answer.content.decode()
    assert "1 limit stands on who may see record" in text
    assert "Reyes" not in text
    row = AccessRestriction.objects.get()
    answer = client.post(f"/people/{person.pk}/restrictions/{row.pk}/lift/", {"why": "a mistake"}, follow=True)
    assert answer.status_code == 200
    assert not AccessRestriction.objects.exists()
    assert client.get(f"/people/{person.pk}/").status_code == 404


def test_the_page_asks_for_a_record_number(administrator, sign_in):
    page = sign_in(administrator).get("/people/restrictions/", {"person_id": "Reyes"})
    assert page.status_code == 422
    assert "Type the record number in digits." in page.content.decode()


def test_a_supervisor_who_shuts_herself_out_is_led_to_the_search(person, supervisor, officer, sign_in):
    typed = {"kind": "restricted", "user": officer.pk, **WORDS}
    answer = sign_in(supervisor).post(f"/people/{person.pk}/restrictions/", typed)
    assert answer["Location"] == "/people/"


def test_the_page_of_a_limited_record_says_so(person, supervisor, officer, stranger, sign_in):
    restrict_access(person.pk, kind="excluded", user=stranger, by=supervisor, **WORDS)
    assert "Access to this record is limited" in sign_in(officer).get(f"/people/{person.pk}/").content.decode()


def test_the_page_of_limits_is_the_same_404_for_a_stranger(person, stranger, officer, sign_in):
    for user in (stranger, officer):
        client = sign_in(user)
        forbidden, unknown = (client.get(f"/people/{pk}/restrictions/") for pk in (person.pk, 987_654_321))
        assert forbidden.status_code == unknown.status_code == 404
        assert forbidden.content == unknown.content
