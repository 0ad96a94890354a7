"""The searches people type, and whom they find."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from waymark.accounts.models import Scope
from waymark.audit.models import Entry
from waymark.people.actions import write_search_keys
from waymark.people.asking import CannotSearch
from waymark.people.models import ContactPoint, Identifier
from waymark.people.reads import search
from waymark.people.tests.make import make_person

TODAY = date(2026, 11, 20)


@pytest.fixture
def crowd(officer, division):
    """Six invented people, by a short word for each."""
    people = {
        "smith": make_person(officer, given_name="John", family_name="Smith", born_on=date(1981, 3, 14)),
        "older": make_person(officer, given_name="John", family_name="Smith", born_on=date(1962, 7, 2)),
        "munoz": make_person(officer, given_name="José Luis", family_name="Muñoz-García", born_on=date(1990, 12, 5)),
        "moore": make_person(officer, given_name="William", family_name="Moore", suffix="Jr.", born_on=None),
        "obrien": make_person(officer, given_name="Siobhan", family_name="O'Brien", born_on=date(1975, 3, 14)),
        "alias": make_person(
            officer, given_name="Terrence", family_name="Webb", born_on=date(1988, 1, 9), also=(("Tyrell", "Quill"),)
        ),
        "cruz": make_person(officer, given_name="Ana", family_name="de la Cruz", born_on=date(1993, 6, 21)),
    }
    Identifier.objects.create(person=people["moore"], agency=division, kind="state_id", value="MO-448 213")
    ContactPoint.objects.create(person=people["obrien"], kind="mobile", value="314-555-0134")
    ContactPoint.objects.create(person=people["alias"], kind="phone", value="636-555-1981")
    write_search_keys([person.pk for person in people.values()])
    return people


FINDS = [
    # typed, who is found, best first
    ("Jon Smyth, 1981", ["smith"]),
    ("John Smith", ["older", "smith"]),
    ("john smith 1962", ["older"]),
    ("smith j", ["older", "smith"]),
    ("Smith, John, 3/14/1981", ["smith"]),
    ("smi", ["older", "smith"]),
    ("Jack Smith", ["older", "smith"]),
    ("Munoz", ["munoz"]),
    ("MUÑOZ", ["munoz"]),
    ("garcia", ["munoz"]),
    ("Jose Garcia", ["munoz"]),
    ("muñoz garcía, josé", ["munoz"]),
    ("Bill Moore", ["moore"]),
    ("billy more", ["moore"]),
    ("William Moore Jr", ["moore"]),
    ("obrien", ["obrien"]),
    ("O’Brien, Siobhan", ["obrien"]),
    ("Tyrell Quill", ["alias"]),
    ("quil", ["alias"]),
    ("de la cruz", ["cruz"]),
    ("delacruz", ["cruz"]),
    ("cruz", ["cruz"]),
    ("1990", ["munoz"]),
    ("1981", ["alias", "smith"]),  # the end of a telephone number, and a year of birth
    ("03/14/1981", ["smith"]),
    ("3-14-1981", ["smith"]),
    ("3/14/81", ["smith"]),
    ("1981-03-14", ["smith"]),
    ("March 14, 1981", ["smith"]),
    ("14 mar 1981", ["smith"]),
    ("MO-448213", ["moore"]),
    ("mo448", ["moore"]),
    ("SID mo 448213", []),  # "mo" is read as a name; written together it is the number
    ("0134", ["obrien"]),
    ("(314) 555-0134", ["obrien"]),
    ("+1 314 555 0134", ["obrien"]),
    ("555-0134", ["obrien"]),
    ("O'Brien 0134", ["obrien"]),
    ("Smith 0134", []),
    ("Smith 1901", ["older", "smith"]),  # nobody of the name was born then: all of the name, told so
    ("zzyzx", []),
]


@pytest.mark.parametrize(("typed", "expected"), FINDS)
def test_it_finds(typed, expected, officer, crowd):
    found = [match.person for match in search(officer, typed, on=TODAY)]
    assert sorted(p.pk for p in found) == sorted(crowd[name].pk for name in expected)


HELPS = [
    ("", "Type a name, a birth date, an identifier"),
    ("   ", "Type a name"),
    ("x", "at least two letters"),
    ("12", "at least 4 digits"),
    ("?!…", "no name, date or number"),
    ("02/30/1981", "no day of the calendar"),
    ("smith 13/13/1980", "no day of the calendar"),
    ("1/2/2999", "cannot be a birth date"),
    ("1/2/1850", "cannot be a birth date"),
    ("a" * 201, "at most 200 characters"),
]


@pytest.mark.parametrize(("typed", "words"), HELPS)
def test_it_says_what_to_type_instead(typed, words, officer):
    with pytest.raises(CannotSearch, match=words):
        search(officer, typed, on=TODAY)


@pytest.mark.parametrize("typed", ["%", "'; drop", "smith\x00", "𝐉𝐨𝐡𝐧", "李小龙", "ß", "1" * 150, "- - -", "\\"])
def test_the_page_survives_anything_typed(typed, officer, crowd, sign_in):
    assert sign_in(officer).get("/people/", {"q": typed}).status_code == 200


def test_it_says_why(officer, crowd):
    (found,) = search(officer, "Jon Smyth, 1981", on=TODAY)
    assert found.why == "the given name sounds the same; the family name sounds the same; born in 1981"
    (found,) = search(officer, "Tyrell Quill", on=TODAY)
    assert found.why.startswith("also known as Tyrell Quill")


def test_it_puts_the_name_as_typed_first(officer):
    sounds = make_person(officer, given_name="Jon", family_name="Smyth")
    spelled = make_person(officer, given_name="John", family_name="Smith")
    begins = make_person(officer, given_name="John", family_name="Smithson")
    assert [match.person for match in search(officer, "john smith", on=TODAY)] == [spelled, begins, sounds]


def test_it_puts_the_one_born_that_day_before_those_without_a_date(officer):
    undated = make_person(officer, given_name="John", family_name="Smith", born_on=None)
    born = make_person(officer, given_name="Jon", family_name="Smyth", born_on=date(1981, 3, 14))
    assert [match.person for match in search(officer, "John Smith 1981", on=TODAY)] == [born, undated]


def test_it_finds_only_whom_the_account_may_see(officer, unit_mate, stranger, crowd):
    assert search(officer, "Smith", on=TODAY)
    for other in (unit_mate, stranger):
        for typed in ("Smith", "1981", "MO448213", "0134"):
            assert not search(other, typed, on=TODAY)


def test_it_asks_the_database_the_same_number_of_times(officer):
    def asked(people):
        for n in range(people):
            make_person(officer, given_name="John", family_name="Smith", also=((f"Jack{n}", "Smythe"),))
        with CaptureQueriesContext(connection) as queries:
            found = search(officer, "jon smith 1981", on=TODAY)
        return len(found), len(queries)

    one, queries = asked(1)
    assert (one, asked(49)) == (1, (50, queries))


def test_the_page_answers_and_puts_the_search_on_record(officer, crowd, sign_in):
    page = sign_in(officer).get("/people/", {"q": "Jon Smyth, 1981"})
    assert "Smith, John" in page.content.decode()
    entry = Entry.objects.filter(verb="person.searched").get()
    assert entry.detail == {"words": "Jon Smyth, 1981", "people": [crowd["smith"].pk]}


def test_the_page_gives_its_results_alone_to_htmx(officer, crowd, sign_in):
    client = sign_in(officer)
    part = client.get("/people/", {"q": "smith"}, headers={"HX-Request": "true"}).content.decode()
    assert "Smith, John" in part
    assert "<html" not in part


def test_the_page_shows_a_stranger_nothing(stranger, crowd, sign_in):
    page = sign_in(stranger).get("/people/", {"q": "Smith"}).content.decode()
    assert "Nobody in your reach answers" in page
    assert "1981-03-14" not in page


def test_the_page_writes_a_name_as_text(officer, sign_in):
    make_person(officer, given_name="<b>Bo</b>", family_name="<script>alert(1)</script>")
    page = sign_in(officer).get("/people/", {"q": "script"}).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_list_can_be_downloaded(officer, crowd, sign_in):
    answer = sign_in(officer).get("/people/", {"q": "obrien", "format": "csv"})
    assert answer["Content-Type"].startswith("text/csv")
    assert "O'Brien,Siobhan,1975-03-14" in answer.content.decode()


def test_a_supervisor_of_every_agency_finds_everybody(officer, stranger, supervisor):
    supervisor.scope = Scope.WHOLE
    supervisor.save()
    make_person(officer, family_name="Quimby")
    make_person(stranger, family_name="Quimby")
    assert len(search(supervisor, "quimby", on=TODAY)) == 2
