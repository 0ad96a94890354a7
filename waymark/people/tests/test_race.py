"""Two people press Save at the same moment, each on a connection of her own: one is kept whole, the other is told."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection

from waymark.audit.verification import verify
from waymark.people.actions import (
    CannotSave,
    StalePerson,
    add_identifier,
    assign_person,
    change_person,
    merge_people,
    undo_merge,
)
from waymark.people.models import Assignment, Identifier, Merge, Person
from waymark.people.tests.make import make_person
from waymark.web.clock import now

pytestmark = pytest.mark.django_db(transaction=True)

ON = date(2026, 11, 20)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act came to, or the exception it raised, all of them started together."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            start.wait(10)
            return act()
        except Exception as raised:
            return raised
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def kept_and_told(came: list[object]) -> tuple[int, int]:
    return sum(not isinstance(one, Exception) for one in came), sum(isinstance(one, CannotSave) for one in came)


@pytest.fixture
def people(officer):
    return [make_person(officer, given_name=given, family_name="Smith") for given in ("John", "Jon", "Jonn")]


def test_of_two_saves_one_is_kept_and_the_other_told(people, officer, supervisor):
    def save(given_name, by):
        fields = {"given_name": given_name}
        return change_person(people[0].pk, fields, version=1, by=by, on=ON, why="birth certificate")

    came = at_once(lambda: save("Anna", officer), lambda: save("Berta", supervisor))
    assert kept_and_told(came) == (1, 1)
    assert any(isinstance(one, StalePerson) for one in came)
    person = Person.objects.get(pk=people[0].pk)
    assert person.version == 2
    assert person.given_name == next(one.given_name for one in came if isinstance(one, Person))
    assert verify() == []


def test_of_two_merges_in_opposite_directions_one_is_kept(people, officer, supervisor):
    one, other, _ = people
    came = at_once(
        lambda: merge_people(one.pk, other.pk, why="same", by=officer),
        lambda: merge_people(other.pk, one.pk, why="same", by=supervisor),
    )
    assert kept_and_told(came) == (1, 1)
    assert Merge.objects.count() == 1
    assert Person.objects.filter(merged_into=None).count() == 2


def test_of_two_merges_that_absorb_the_same_record_one_is_kept(people, officer, supervisor):
    one, other, third = people
    came = at_once(
        lambda: merge_people(one.pk, third.pk, why="same", by=officer),
        lambda: merge_people(other.pk, third.pk, why="same", by=supervisor),
    )
    assert kept_and_told(came) == (1, 1)
    third.refresh_from_db()
    assert third.merged_into_id == Merge.objects.get().kept_id


def test_two_merges_in_a_row_never_leave_a_chain(people, officer, supervisor):
    one, other, third = people
    at_once(
        lambda: merge_people(one.pk, other.pk, why="same", by=officer),
        lambda: merge_people(other.pk, third.pk, why="same", by=supervisor),
    )
    absorbed = Person.objects.exclude(merged_into=None)
    assert absorbed.exists()
    assert not absorbed.exclude(merged_into__merged_into=None).exists()


def test_a_merge_is_undone_once(people, officer, supervisor):
    merge = merge_people(people[0].pk, people[1].pk, why="same", by=officer)
    came = at_once(*(lambda by=by: undo_merge(merge.pk, why="two", by=by, at=now()) for by in (officer, supervisor)))
    assert kept_and_told(came) == (1, 1)


def test_of_two_assignments_none_overlap(people, officer, supervisor, unit, unit_mate):
    def assign(to, from_on):
        return assign_person(people[0].pk, unit=unit, officer=to, from_on=from_on, by=supervisor)

    at_once(lambda: assign(unit_mate, date(2024, 5, 1)), lambda: assign(supervisor, date(2024, 5, 1)))
    rows = list(Assignment.objects.filter(person=people[0]).order_by("from_on", "pk"))
    assert [row.until_on for row in rows[:-1]] == [row.from_on for row in rows[1:]]
    assert rows[-1].until_on is None


def test_the_same_assignment_twice_is_one(people, supervisor, unit, unit_mate):
    def assign():
        return assign_person(people[0].pk, unit=unit, officer=unit_mate, from_on=date(2024, 5, 1), by=supervisor)

    assert kept_and_told(at_once(assign, assign)) == (1, 1)
    assert Assignment.objects.filter(person=people[0]).count() == 2


def test_one_number_goes_to_one_person(people, officer, division):
    def add(person):
        return add_identifier(person.pk, kind="state_id", agency=division, value="MO1", by=officer)

    assert kept_and_told(at_once(lambda: add(people[0]), lambda: add(people[1]))) == (1, 1)
    assert Identifier.objects.count() == 1
