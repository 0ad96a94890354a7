"""Making and changing a record."""

from __future__ import annotations

from datetime import date

import pytest
from django.http import Http404

from waymark.accounts.models import Role
from waymark.accounts.tests.make import make_user
from waymark.audit.models import Entry
from waymark.people.access import people_visible_to
from waymark.people.actions import CannotSave, ProbableDuplicates, StalePerson, change_person, create_person
from waymark.people.models import Assignment, Person
from waymark.people.reads import history, search
from waymark.people.tests.make import make_person

ON = date(2026, 11, 20)
ANA = {"given_name": "Ana", "family_name": "Ruiz", "born_on": date(1990, 4, 5), "language": "es"}


@pytest.fixture
def person(officer):
    return make_person(officer, given_name="Dana", family_name="Reyes")


def test_it_makes_a_record_its_maker_can_find(officer, unit_mate):
    person = create_person(ANA, by=officer, on=ON)
    assert [match.person for match in search(officer, "ruiz 1990", on=ON)] == [person]
    assert not search(unit_mate, "ruiz", on=ON)
    assert Entry.objects.get(verb="person.created").detail["changes"]["born_on"] == [None, "1990-04-05"]


def test_it_puts_a_record_a_clerk_makes_in_the_agency(clerk):
    person = create_person(ANA, by=clerk, on=ON)
    assignment = Assignment.objects.get()
    assert (assignment.agency, assignment.officer) == (clerk.agency, None)
    assert person in people_visible_to(clerk, on=ON)


def test_it_trims_what_was_typed(officer):
    person = create_person({**ANA, "given_name": "  Ana   María "}, by=officer, on=ON)
    assert person.given_name == "Ana María"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("given_name", "  ", "Type the given name, in letters."),
        ("family_name", "12-3", "Type the family name, in letters."),
        ("born_on", date(2027, 1, 1), "lies in the future"),
        ("born_on", date(1899, 12, 31), "before 1900"),
    ],
)
def test_it_refuses_what_cannot_be(officer, person, field, value, words):
    with pytest.raises(CannotSave, match=words) as refused:
        create_person({**ANA, field: value}, by=officer, on=ON)
    assert refused.value.field == field
    with pytest.raises(CannotSave, match=words):
        change_person(person.pk, {**ANA, field: value}, version=1, by=officer, on=ON, why="typing slip")
    assert Person.objects.count() == 1


def test_it_shows_probable_duplicates_before_it_makes_another_record(officer):
    first = create_person(ANA, by=officer, on=ON)
    alike = {**ANA, "given_name": "Anna", "family_name": "Ruis"}
    with pytest.raises(ProbableDuplicates) as refused:
        create_person(alike, by=officer, on=ON)
    (candidate,) = refused.value.candidates
    assert candidate.person == first
    assert "sounds the same" in candidate.why
    other = create_person(alike, by=officer, on=ON, despite_duplicates="Her twin; I met both.")
    assert other != first
    assert Entry.objects.get(verb="person.created", person_id=other.pk).why == "Her twin; I met both."


def test_it_does_not_show_candidates_out_of_reach(officer, stranger):
    create_person(ANA, by=officer, on=ON)
    assert create_person(ANA, by=stranger, on=ON)


def test_it_keeps_out_who_may_not_write(person, unit_mate, stranger, monitoring_staff, judge):
    for user in (monitoring_staff, judge, make_user(Role.AUDITOR)):
        with pytest.raises(Http404):
            create_person(ANA, by=user, on=ON)
    for user in (unit_mate, stranger, monitoring_staff, judge):
        with pytest.raises(Http404):
            change_person(person.pk, ANA, version=1, by=user, on=ON, why="because")
    person.refresh_from_db()
    assert person.given_name == "Dana"


def test_it_changes_a_record_and_its_search_keys(person, officer):
    changed = change_person(person.pk, ANA, version=1, by=officer, on=ON, why="court papers")
    assert (changed.given_name, changed.version) == ("Ana", 2)
    assert search(officer, "ruiz", on=ON)
    assert not search(officer, "reyes", on=ON)


def test_it_wants_a_reason_for_a_name_or_birth_date_and_for_nothing_else(person, officer):
    with pytest.raises(CannotSave) as refused:
        change_person(person.pk, {"born_on": date(1981, 4, 14)}, version=1, by=officer, on=ON, why=" ")
    assert refused.value.field == "why"
    assert change_person(person.pk, {"language": "es"}, version=1, by=officer, on=ON).language == "es"


def test_it_writes_nothing_when_nothing_changed(person, officer):
    assert change_person(person.pk, {"given_name": "Dana"}, version=1, by=officer, on=ON).version == 1
    assert not Entry.objects.exists()


def test_the_second_of_two_savers_is_told_what_the_first_changed(person, officer, supervisor):
    change_person(person.pk, {"given_name": "Daniela"}, version=1, by=supervisor, on=ON, why="birth certificate")
    with pytest.raises(StalePerson) as stale:
        change_person(person.pk, {"given_name": "Danielle"}, version=1, by=officer, on=ON, why="she said so")
    assert "Ida Novak changed the given name from “Dana” to “Daniela”." in stale.value.message
    assert stale.value.version == 2
    person.refresh_from_db()
    assert person.given_name == "Daniela"


def test_its_history_says_before_after_who_and_why(person, officer):
    change_person(person.pk, {"born_on": date(1981, 4, 14)}, version=1, by=officer, on=ON, why="birth certificate")
    (line,) = history(person)
    assert (line.field, line.before, line.after) == ("born on", "1981-03-14", "1981-04-14")
    assert (line.actor, line.why) == ("Rosa Alvarez", "birth certificate")


# The pages

TYPED = {"given_name": "Ana", "family_name": "Ruiz", "born_on": "4/5/1990", "sex": "female", "language": "es"}


def test_the_page_makes_a_record(officer, sign_in):
    answer = sign_in(officer).post("/people/new/", TYPED, follow=True)
    assert answer.redirect_chain[-1][0] == f"/people/{Person.objects.get().pk}/"
    assert "<h1>Ana Ruiz, born" in answer.content.decode()


def test_the_page_comes_back_with_candidates_and_takes_a_reason(officer, sign_in):
    first = create_person(ANA, by=officer, on=ON)
    client = sign_in(officer)
    page = client.post("/people/new/", TYPED)
    assert page.status_code == 422
    assert f'href="/people/{first.pk}/"' in page.content.decode()
    assert 'value="Ruiz"' in page.content.decode()
    assert client.post("/people/new/", {**TYPED, "despite_duplicates": "Her twin."}).status_code == 302
    assert Person.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("born_on", "2/30/1990", "there is no such day."),
        ("born_on", "1/1/2999", "lies in the future"),
        ("born_on", "12/31/1899", "is before 1900"),
        ("given_name", "", "Type the given name."),
        ("family_name", "---", "Type the family name, in letters."),
        ("family_name", "x" * 101, "longer than 100 characters"),
        ("sex", "unheard of", "not on the list"),
    ],
)
def test_the_page_keeps_what_was_typed_and_says_what_to_do(officer, sign_in, field, value, words):
    page = sign_in(officer).post("/people/new/", {**TYPED, field: value})
    text = page.content.decode()
    assert page.status_code == 422
    assert text.count(words) == 2  # in the summary and beside the field
    assert f'aria-describedby="id_{field}' in text
    assert 'value="Ana"' in text or field == "given_name"
    assert field == "sex" or f'value="{value}"' in text or value == ""
    assert not Person.objects.exists()


def test_the_page_tells_the_second_saver_keeps_what_she_typed_and_lets_her_save(person, officer, sign_in):
    client = sign_in(officer)
    change_person(person.pk, {"middle_name": "Lee"}, version=1, by=officer, on=ON, why="birth certificate")
    typed = {**TYPED, "version": "1", "why": "court papers"}
    page = client.post(f"/people/{person.pk}/edit/", typed)
    text = page.content.decode()
    assert page.status_code == 422
    assert "Somebody else saved this record" in text
    assert 'value="Ruiz"' in text
    assert 'name="version" value="2"' in text
    assert client.post(f"/people/{person.pk}/edit/", {**typed, "version": "2"}).status_code == 302
    person.refresh_from_db()
    assert (person.family_name, person.middle_name) == ("Ruiz", "")


def test_the_pages_that_write_are_closed_to_who_may_not(person, monitoring_staff, stranger, sign_in):
    assert sign_in(monitoring_staff).get(f"/people/{person.pk}/").status_code == 200
    for user in (monitoring_staff, stranger):
        client = sign_in(user)
        assert client.get(f"/people/{person.pk}/edit/").status_code == 404
        assert client.post(f"/people/{person.pk}/edit/", {**TYPED, "version": 1, "why": "x"}).status_code == 404
    assert sign_in(monitoring_staff).get("/people/new/").status_code == 404


def test_the_history_page_shows_the_reason(person, officer, sign_in):
    change_person(person.pk, {"middle_name": "Lee"}, version=1, by=officer, on=ON, why="birth certificate")
    client = sign_in(officer)
    assert "birth certificate" in client.get(f"/people/{person.pk}/history/").content.decode()
    assert "birth certificate" in client.get(f"/people/{person.pk}/history/?format=csv").content.decode()
