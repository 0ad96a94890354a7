"""Names, sounds, likeness."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waymark.people.identity import (
    NICKNAMES,
    Name,
    Particulars,
    alike_keys,
    fold,
    keys_of,
    likeness,
    nicknames,
    sound,
    whole_keys,
    words_of,
)

SOME_DAY = date(1981, 3, 14)

names = st.builds(
    Name,
    given=st.sampled_from(["John", "Jon", "Jack", "Bill", "William", "J", "Ana", "José", "Mary Ann", "Łukasz", ""])
    | st.text(max_size=8),
    family=st.sampled_from(["Smith", "Smyth", "Muñoz", "Munoz-Garcia", "García", "O'Brien", "de la Cruz", "Li", ""])
    | st.text(max_size=8),
    middle=st.sampled_from(["", "A", "Lee", "Leigh"]),
)
people = st.builds(
    Particulars,
    names=st.lists(names, min_size=1, max_size=3).map(tuple),
    born_on=st.none() | st.dates(date(1950, 1, 1), date(2005, 12, 31)) | st.just(SOME_DAY),
    numbers=st.frozensets(st.sampled_from(["state_id MO1", "fbi_number 2", "doc_number 3"])),
)


def born(given, family, day=SOME_DAY, **more):
    return Particulars((Name(given, family),), day, **more)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Muñoz", ("munoz",)),
        ("MUÑOZ-GARCÍA", ("munoz", "garcia")),
        ("O’Brien", ("obrien",)),
        ("D'Angelo", ("dangelo",)),
        ("Smith, Jr.", ("smith",)),
        ("King III", ("king",)),
        ("de la Cruz", ("de", "la", "cruz")),
        ("Łukasz Øster", ("lukasz", "oster")),
        ("Weiß", ("weiss",)),
        ("  ", ()),
    ],
)
def test_it_folds_a_name(name, words):
    assert words_of(name) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [("Smith", "Smyth"), ("Jon", "John"), ("Catherine", "Kathryn"), ("Steven", "Stephen"), ("Gonzales", "González")],
)
def test_it_hears_names_that_sound_alike(one, other):
    assert sound(fold(one)) == sound(fold(other))


def test_nicknames_hold_in_both_directions():
    assert "bill" in nicknames("william")
    assert "william" in nicknames("bill")
    assert all(name in nicknames(other) for group in NICKNAMES for name in group for other in group - {name})


ALIKE = [
    (born("John", "Smith"), born("Jon", "Smyth"), "the family name sounds the same; the given name sounds the same"),
    (born("Bill", "Moore"), born("William", "Moore"), "Bill and William are forms of one name"),
    (born("Ana", "García López"), born("Ana", "García"), "both family names have Garcia"),
    (born("John", "Smith"), born("John", "Smith", date(1981, 3, 15)), "the birth dates differ in one digit"),
    (
        born("Ana", "Ruiz", date(1990, 4, 5)),
        born("Ana", "Ruiz", date(1990, 5, 4)),
        "day and month of birth are swapped",
    ),
    (born("John", "Carter"), born("John", "Cartert"), "the family name differs by one letter"),
    (born("John", "Smith", None), born("John", "Smith", None), "the family name is the same"),
    (born("Ana", "Ruiz"), Particulars((Name("X", "Y"), Name("Ana", "Ruiz")), SOME_DAY), "the family name is the same"),
    (
        born("Ana", "Ruiz", None, numbers=frozenset({"state_id MO1"})),
        born("Maria", "Webb", SOME_DAY, numbers=frozenset({"state_id MO1"})),
        "both records have the same identifier",
    ),
]


@pytest.mark.parametrize(("one", "other", "words"), ALIKE)
def test_it_finds_two_records_alike_and_says_why(one, other, words):
    found = likeness(one, other)
    assert found.probable, found
    assert words in str(found)


@pytest.mark.parametrize(("one", "other", "_"), ALIKE)
def test_records_that_are_alike_share_a_key(one, other, _):
    assert (alike_keys(one) | whole_keys(one)) & (alike_keys(other) | whole_keys(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (born("John", "Smith"), born("John", "Smith", date(1962, 7, 2))),  # namesakes
        (born("Ana", "Ruiz"), born("Eva", "Ruiz")),  # twins
        (born("John", "Smith"), born("John", "Webb")),
        (born("John", "Smith"), born("Mary", "Jones")),
    ],
)
def test_it_keeps_two_people_apart(one, other):
    assert not likeness(one, other).probable


@given(people, people)
def test_likeness_does_not_depend_on_the_order(one, other):
    assert likeness(one, other) == likeness(other, one)


@given(people, people)
def test_nobody_is_more_like_a_record_than_the_record_itself(one, other):
    assert likeness(one, other).score <= likeness(one, one).score


@given(people)
def test_keys_fit_their_column_and_none_is_empty(one):
    assert all(0 < len(key) <= 64 and kind for kind, key in keys_of(one, ["MO-1", "??"]))


@given(names)
def test_accents_and_capitals_do_not_change_the_keys(name):
    shouted = Name(name.given.upper(), name.family.upper(), name.middle.upper())
    plain = Name(*(fold(part) for part in (name.given, name.family, name.middle)))
    spelled = [{key for kind, key in keys_of(Particulars((each,))) if kind == "spelled"} for each in (shouted, plain)]
    assert spelled[0] == spelled[1]
