"""Two records of one person: found, joined, parted."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from waymark.audit.models import Entry
from waymark.people.access import people_visible_to, person_for, record_ids
from waymark.people.actions import (
    CannotSave,
    add_name,
    assign_person,
    change_person,
    merge_people,
    not_a_duplicate,
    undo_merge,
    write_search_keys,
)
from waymark.people.duplicates import duplicate_pairs, duplicates_of_person
from waymark.people.models import Assignment, Identifier, Merge, NotADuplicate, Person
from waymark.people.reads import history, page, search
from waymark.people.tests.make import make_person
from waymark.web.clock import now

ON = date(2026, 11, 20)


@pytest.fixture
def john(officer):
    return make_person(officer, given_name="John", family_name="Smith")


@pytest.fixture
def jon(officer):
    return make_person(officer, given_name="Jon", family_name="Smyth")


@pytest.fixture
def other(officer):
    return make_person(officer, given_name="Jonn", family_name="Smithe")


def roots():
    return dict(Person.objects.order_by("pk").values_list("pk", "merged_into_id"))


def merged(kept, absorbed, by):
    return merge_people(kept.pk, absorbed.pk, why="same fingerprints", by=by)


def test_a_merge_shows_both_records_as_one_and_moves_nothing(john, jon, officer):
    add_name(jon.pk, kind="alias", given_name="Johnny", family_name="", by=officer)
    merged(john, jon, officer)
    assert list(people_visible_to(officer)) == [john]
    assert [name.given_name for name in page(john, ON).other_names] == ["Johnny"]
    (found,) = search(officer, "johnny smyth", on=ON)
    assert found.person == john
    assert "also known as Johnny Smyth" in found.why
    assert jon.other_names.count() == jon.assignments.count() == 1


def test_a_merge_takes_along_what_was_merged_before(john, jon, other, officer):
    merged(jon, other, officer)
    merged(john, jon, officer)
    assert roots() == {john.pk: None, jon.pk: john.pk, other.pk: john.pk}
    assert record_ids(john) == [john.pk, jon.pk, other.pk]
    assert person_for(officer, other.pk) == john


def test_undoing_restores_exactly_what_was(john, jon, other, officer):
    merged(jon, other, officer)
    before = roots()
    rows = list(Person.objects.values("pk", "given_name", "family_name", "born_on"))
    merge = merged(john, jon, officer)
    undo_merge(merge.pk, why="other fingerprints", by=officer, at=now())
    assert roots() == before
    assert list(Person.objects.values("pk", "given_name", "family_name", "born_on")) == rows
    merge.refresh_from_db()
    assert merge.undone_by == officer
    undo_merge(Merge.objects.get(kept=jon).pk, why="nor these", by=officer, at=now())
    assert set(roots().values()) == {None}


def test_what_was_added_to_the_kept_record_stays_there_when_undone(john, jon, officer):
    merge = merged(john, jon, officer)
    name = add_name(jon.pk, kind="alias", given_name="Jack", family_name="", by=officer)
    undo_merge(merge.pk, why="two people", by=officer, at=now())
    name.refresh_from_db()
    assert name.person == john


def test_merges_are_undone_from_the_latest_back(john, jon, other, officer):
    first = merged(jon, other, officer)
    merged(john, jon, officer)
    with pytest.raises(CannotSave, match=f"merged into record {john.pk} later. Undo that first."):
        undo_merge(first.pk, why="two people", by=officer, at=now())
    assert roots()[other.pk] == john.pk


def test_a_merge_is_undone_once(john, jon, officer):
    merge = merged(john, jon, officer)
    undo_merge(merge.pk, why="two people", by=officer, at=now())
    with pytest.raises(CannotSave, match="undone this merge already"):
        undo_merge(merge.pk, why="two people", by=officer, at=now())


def test_it_wants_a_reason_for_a_merge_and_for_its_undoing(john, jon, officer):
    with pytest.raises(CannotSave, match="Say why they are one person"):
        merge_people(john.pk, jon.pk, why="  ", by=officer)
    merge = merged(john, jon, officer)
    with pytest.raises(CannotSave, match="Say why they are two people"):
        undo_merge(merge.pk, why="", by=officer, at=now())


def test_it_refuses_one_record_twice_and_a_record_merged_already(john, jon, other, officer):
    with pytest.raises(CannotSave, match="one record already"):
        merged(john, john, officer)
    merged(john, jon, officer)
    with pytest.raises(CannotSave, match=f"merged record {jon.pk} into record {john.pk} already"):
        merged(other, jon, officer)
    with pytest.raises(CannotSave, match="merged record"):
        merged(jon, john, officer)


def test_it_merges_only_records_that_are_both_open_to_the_account(john, officer, unit_mate, stranger, evaluator):
    theirs = make_person(stranger, given_name="John", family_name="Smith")
    for by in (officer, stranger, unit_mate, evaluator):
        for pair in ((john, theirs), (theirs, john)):
            with pytest.raises(Http404):
                merged(*pair, by)
            with pytest.raises(Http404):
                not_a_duplicate(pair[0].pk, pair[1].pk, by=by)
    assert set(roots().values()) == {None}


def test_only_who_may_merge_undoes(john, jon, officer, unit_mate, stranger, diversion_case_manager):
    merge = merged(john, jon, officer)
    for by in (unit_mate, stranger, diversion_case_manager):
        with pytest.raises(Http404):
            undo_merge(merge.pk, why="two people", by=by, at=now())
    assert roots()[jon.pk] == john.pk


def test_whoever_was_changing_an_absorbed_record_is_told(john, jon, officer):
    merged(john, jon, officer)
    with pytest.raises(CannotSave, match=f"merged this record into record {john.pk}"):
        change_person(jon.pk, {"given_name": "Joe"}, version=1, by=officer, on=ON, why="slip")
    john.refresh_from_db()
    assert john.given_name == "John"


def test_an_assignment_follows_the_former_one_on_an_absorbed_record(john, officer, unit_mate, supervisor, unit):
    theirs = make_person(unit_mate, given_name="Jon", family_name="Smyth")
    merged(john, theirs, supervisor)
    newcomer = date(2024, 5, 1)
    assign_person(john.pk, unit=unit, officer=supervisor, from_on=newcomer, by=supervisor)
    assert Assignment.objects.filter(until_on=newcomer).count() == 2
    assert Assignment.objects.get(until_on=None).officer == supervisor


def test_both_records_keep_the_merge_in_their_history(john, jon, officer):
    merge = merged(john, jon, officer)
    undo_merge(merge.pk, why="other fingerprints", by=officer, at=now())
    for person, first in ((john, "Another record merged in"), (jon, "Merged into another record")):
        assert [(line.what, line.why) for line in history(person)] == [
            ("Merge undone", "other fingerprints"),
            (first, "same fingerprints"),
        ]


# Finding them


def test_it_proposes_records_that_look_like_one_person(john, jon, officer):
    make_person(officer, given_name="John", family_name="Smith", born_on=date(1962, 7, 2))
    (pair,) = duplicate_pairs(officer)
    assert {pair.one, pair.other} == {john, jon}
    assert str(pair.likeness).startswith("the family name sounds the same")
    assert [match.person for match in duplicates_of_person(officer, john)] == [jon]


def test_it_proposes_records_with_the_same_number(officer, division, county):
    one = make_person(officer, given_name="Ana", family_name="Ruiz", born_on=date(1990, 4, 5))
    two = make_person(officer, given_name="Maria", family_name="Webb", born_on=None)
    for person, agency, value in ((one, division, "MO-1"), (two, county, "mo1")):
        Identifier.objects.create(person=person, agency=agency, kind="state_id", value=value)
    write_search_keys([one.pk, two.pk])
    (pair,) = duplicate_pairs(officer)
    assert "both records have the same identifier" in str(pair.likeness)


def test_it_proposes_a_mistyped_birth_date_on_the_persons_own_page(john, officer):
    typo = make_person(officer, given_name="John", family_name="Smith", born_on=date(1981, 3, 15))
    assert [match.person for match in duplicates_of_person(officer, john)] == [typo]


def test_it_proposes_only_what_the_account_may_see(john, stranger, unit_mate, officer):
    make_person(stranger, given_name="John", family_name="Smith")
    for user in (officer, stranger, unit_mate):
        assert not duplicate_pairs(user)
    assert not duplicates_of_person(officer, john)


def test_it_does_not_propose_what_is_merged(john, jon, officer):
    merged(john, jon, officer)
    assert not duplicate_pairs(officer)
    assert not duplicates_of_person(officer, john)


def test_two_people_who_look_alike_are_proposed_once(john, jon, officer):
    not_a_duplicate(jon.pk, john.pk, by=officer)
    assert not duplicate_pairs(officer)
    assert not duplicates_of_person(officer, jon)
    not_a_duplicate(john.pk, jon.pk, by=officer)
    assert NotADuplicate.objects.count() == 1
    assert Entry.objects.filter(verb="person.not_a_duplicate").count() == 2


def test_two_people_stay_two_when_one_is_merged_with_a_third(john, jon, other, officer):
    not_a_duplicate(john.pk, jon.pk, by=officer)
    merged(other, jon, officer)
    assert not duplicates_of_person(officer, john)


def test_it_asks_the_database_the_same_number_of_times(officer):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            pairs = duplicate_pairs(officer)
        return len(pairs), len(queries)

    def twins(numbers):
        for n in numbers:
            for given in ("Ana", "Anna"):
                make_person(officer, given_name=given, family_name="Ruiz", born_on=date(1970, 1, 1 + n))

    twins(range(1))
    one, queries = asked()
    twins(range(1, 25))
    assert (one, asked()) == (1, (25, queries))


# The pages


def test_the_page_shows_both_side_by_side_and_why(john, jon, officer, sign_in):
    text = sign_in(officer).get(f"/people/{john.pk}/merge/{jon.pk}/").content.decode()
    assert "They look alike: the family name sounds the same; the given name sounds the same" in text
    assert "John" in text
    assert "Smyth" in text
    assert not Merge.objects.exists()


def test_the_pages_merge_undo_and_keep_apart(john, jon, officer, sign_in):
    client = sign_in(officer)
    assert f'href="/people/{john.pk}/merge/{jon.pk}/"' in client.get("/people/duplicates/").content.decode()
    assert f'href="/people/{john.pk}/merge/{jon.pk}/"' in client.get(f"/people/{john.pk}/").content.decode()
    refused = client.post(f"/people/{john.pk}/merge/{jon.pk}/", {"why": ""})
    assert refused.status_code == 422
    assert client.post(f"/people/{john.pk}/merge/{jon.pk}/", {"why": "same fingerprints"}).status_code == 302
    assert client.get(f"/people/{jon.pk}/")["Location"] == f"/people/{john.pk}/"
    merge = Merge.objects.get()
    assert f"/people/merges/{merge.pk}/undo/" in client.get(f"/people/{john.pk}/").content.decode()
    assert client.get(f"/people/merges/{merge.pk}/undo/").status_code == 200
    assert client.post(f"/people/merges/{merge.pk}/undo/", {"why": "two people"}).status_code == 302
    assert client.get(f"/people/{john.pk}/not/{jon.pk}/").status_code == 405
    assert client.post(f"/people/{john.pk}/not/{jon.pk}/").status_code == 302
    assert "No two records in your reach look like one person." in client.get("/people/duplicates/").content.decode()


def test_the_pages_show_a_stranger_nothing(john, jon, officer, stranger, sign_in):
    merge = merged(john, jon, officer)
    client = sign_in(stranger)
    for address in (f"/people/{john.pk}/merge/{jon.pk}/", f"/people/merges/{merge.pk}/undo/"):
        assert client.get(address).status_code == client.post(address, {"why": "x"}).status_code == 404
    assert client.get(f"/people/merges/{merge.pk}/undo/").content == client.get("/people/merges/999/undo/").content
