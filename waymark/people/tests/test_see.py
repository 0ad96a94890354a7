"""Who sees whom: the officer who supervises, the colleague in her unit, the stranger in another agency."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from waymark.accounts.models import Role, Scope
from waymark.accounts.tests.make import make_user
from waymark.audit.models import Entry
from waymark.people.access import (
    TurnedAway,
    own_record,
    people_visible_to,
    person_for,
    person_to_change,
    record_ids,
)
from waymark.people.actions import merge_people
from waymark.people.models import AccessRestriction, Person
from waymark.people.tests.make import assign, make_person
from waymark.web.clock import today

UNKNOWN = 987_654_321


@pytest.fixture
def person(officer):
    return make_person(officer, given_name="Dana", family_name="Reyes")


@pytest.fixture
def lists(administrator):
    def put(person, kind, user, message="Ask the chief."):
        return AccessRestriction.objects.create(
            person=person, kind=kind, user=user, message=message, reason="kin", added_by=administrator
        )

    return put


def sees(user, person):
    return people_visible_to(user).filter(pk=person.pk).exists()


def test_it_shows_an_officer_her_caseload(person, officer, unit_mate, stranger):
    assert list(people_visible_to(officer)) == [person]
    assert not sees(unit_mate, person)
    assert not sees(stranger, person)


def test_it_shows_the_unit_and_the_agency_to_those_whose_scope_they_are(
    person, supervisor, clerk, stranger, other_unit
):
    assert sees(supervisor, person)
    assert sees(clerk, person)
    assert not sees(make_user(Role.SUPERVISOR, unit=other_unit), person)
    assert not sees(make_user(Role.CLERK, agency=stranger.agency), person)
    assert sees(make_user(Role.SUPERVISOR, unit=stranger.unit, scope=Scope.WHOLE), person)


@pytest.mark.parametrize(
    "role", [r for r in Role if r in ("judge", "prosecutor", "defender", "participant", "auditor")]
)
def test_it_shows_nobody_to_roles_that_see_no_people(person, role):
    assert not people_visible_to(make_user(role, scope=Scope.WHOLE)).exists()


def test_it_shows_an_administrator_nobody(person, administrator):
    assert not people_visible_to(administrator).exists()


def test_it_shows_nobody_to_a_closed_account(person, officer):
    officer.is_active = False
    assert not sees(officer, person)


@pytest.mark.parametrize(
    ("begins", "ends", "visible"),
    [(-9, None, True), (0, None, True), (1, None, False), (-9, 1, True), (-9, 0, False), (-9, -1, False)],
)
def test_it_goes_by_the_assignments_open_that_day(unit_mate, begins, ends, visible):
    person = make_person()
    day = today()
    until_on = None if ends is None else day + timedelta(days=ends)
    assign(person, unit_mate, from_on=day + timedelta(days=begins), until_on=until_on)
    assert sees(unit_mate, person) is visible


def test_it_shows_everybody_only_once(officer, supervisor, other_unit):
    person = make_person(officer)
    assign(person, None, unit=other_unit)
    clerk = make_user(Role.CLERK, agency=officer.agency)
    assert list(people_visible_to(clerk)) == [person]


def test_it_counts_an_assignment_of_an_absorbed_record_for_the_kept_one(person, officer, stranger, supervisor):
    other = make_person(stranger, given_name="Dana", family_name="Reyez")
    supervisor.scope = Scope.WHOLE
    merge_people(person.pk, other.pk, why="same person", by=supervisor)
    assert list(people_visible_to(stranger)) == [person]
    assert list(people_visible_to(officer)) == [person]
    assert record_ids(person) == [person.pk, other.pk]


def test_it_keeps_an_excluded_account_out(person, officer, supervisor, lists):
    lists(person, "excluded", officer)
    assert not sees(officer, person)
    assert sees(supervisor, person)


def test_it_keeps_everybody_out_but_the_restricted_list(person, officer, supervisor, clerk, lists):
    lists(person, "restricted", officer)
    assert sees(officer, person)
    assert not sees(supervisor, person)
    assert not sees(clerk, person)


def test_being_on_the_restricted_list_brings_nobody_into_scope(person, stranger, lists):
    lists(person, "restricted", stranger)
    assert not sees(stranger, person)


def test_the_lists_of_an_absorbed_record_hold_for_the_kept_one(person, officer, supervisor, lists):
    other = make_person(officer)
    lists(other, "excluded", officer)
    assert sees(officer, person)
    merge_people(person.pk, other.pk, why="same person", by=supervisor)
    assert not sees(officer, person)


def test_two_restricted_lists_in_one_record_both_count(person, officer, unit_mate, supervisor, lists):
    other = make_person(unit_mate)
    merge_people(person.pk, other.pk, why="same person", by=supervisor)
    lists(person, "restricted", officer)
    lists(person, "restricted", unit_mate)
    lists(other, "restricted", unit_mate)
    assert not sees(officer, person)
    assert sees(unit_mate, person)


def test_it_records_every_read(person, officer):
    assert person_for(officer, person.pk, why="home visit") == person
    entry = Entry.objects.get()
    assert (entry.verb, entry.actor_id, entry.person_id, entry.why) == (
        "person.viewed",
        officer.pk,
        person.pk,
        "home visit",
    )


def test_unknown_and_forbidden_are_the_same(person, unit_mate, stranger):
    for user in (unit_mate, stranger):
        with pytest.raises(Http404) as forbidden:
            person_for(user, person.pk)
        with pytest.raises(Http404) as unknown:
            person_for(user, UNKNOWN)
        assert str(forbidden.value) == str(unknown.value)
    assert not Entry.objects.exists()


def test_a_colleague_kept_out_reads_the_words_left_for_her_and_that_is_recorded(person, officer, supervisor, lists):
    lists(person, "restricted", supervisor, message="Only the chief keeps this record.")
    with pytest.raises(TurnedAway, match="Only the chief keeps this record"):
        person_for(officer, person.pk)
    assert Entry.objects.get().verb == "person.turned_away"


def test_a_stranger_does_not_even_learn_that_a_list_exists(person, stranger, lists):
    lists(person, "excluded", stranger)
    with pytest.raises(Http404):
        person_for(stranger, person.pk)


def test_the_number_of_an_absorbed_record_gives_the_kept_one(person, officer):
    other = make_person(officer)
    merge_people(person.pk, other.pk, why="same person", by=officer)
    assert person_for(officer, other.pk) == person


def test_it_lets_change_only_who_sees_and_may_write(person, officer, unit_mate, stranger, monitoring_staff):
    assert person_to_change(officer, person.pk) == person
    assert sees(monitoring_staff, person)
    for user in (unit_mate, stranger, monitoring_staff):
        with pytest.raises(Http404):
            person_to_change(user, person.pk)


def test_it_gives_a_participant_her_own_record_and_no_other(person, participant, officer):
    make_person(officer)
    assert own_record(participant) is None
    Person.objects.filter(pk=person.pk).update(account=participant)
    assert own_record(participant) == person
    other = make_person(officer)
    merge_people(other.pk, person.pk, why="same person", by=officer)
    assert own_record(participant) == other
    Person.objects.filter(pk=person.pk).update(account=officer)
    assert own_record(officer) is None


@pytest.mark.parametrize("number", [1, 50])
def test_it_asks_the_database_once(officer, number):
    for _ in range(number):
        make_person(officer)
    with CaptureQueriesContext(connection) as queries:
        assert len(people_visible_to(officer)) == number
    assert len(queries) == 1


@pytest.mark.parametrize("page", ["", "edit/", "history/", "names/new/", "assignments/new/", "addresses/new/"])
def test_the_pages_of_a_forbidden_and_an_unknown_record_are_the_same(person, stranger, unit_mate, sign_in, page):
    for user in (stranger, unit_mate):
        client = sign_in(user)
        forbidden = client.get(f"/people/{person.pk}/{page}")
        unknown = client.get(f"/people/{UNKNOWN}/{page}")
        assert (forbidden.status_code, unknown.status_code) == (404, 404)
        assert forbidden.content == unknown.content


def test_the_page_of_somebody_kept_out_shows_the_words(person, officer, sign_in, lists):
    lists(person, "excluded", officer, message="You are her cousin. Ask I. Novak.")
    answer = sign_in(officer).get(f"/people/{person.pk}/")
    assert answer.status_code == 403
    assert "You are her cousin. Ask I. Novak." in answer.content.decode()
    assert "Reyes" not in answer.content.decode()


def test_an_anonymous_visitor_is_sent_to_sign_in(person, client):
    assert client.get(f"/people/{person.pk}/").status_code == 302
