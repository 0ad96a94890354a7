from __future__ import annotations

from waymark.people.access import people_visible_to
from waymark.people.tests.make import make_person


def test_it_shows_an_officer_her_caseload(officer, unit_mate, stranger):
    person = make_person(officer)
    assert list(people_visible_to(officer)) == [person]
    assert not people_visible_to(unit_mate)
    assert not people_visible_to(stranger)
