"""Other names, identifiers, contacts, addresses, emergency contacts."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from waymark.audit.models import Entry
from waymark.people import actions
from waymark.people.actions import CannotSave
from waymark.people.models import Address, ContactPoint, EmergencyContact, Identifier, PersonName
from waymark.people.reads import history, page, search
from waymark.people.telephone import read_telephone
from waymark.people.tests.make import make_person

ON = date(2026, 11, 20)
HOME = {"street": "12 Elm Street", "city": "St. Louis", "state": "MO", "postal_code": "63103"}


@pytest.fixture
def person(officer):
    return make_person(officer, given_name="Dana", family_name="Reyes")


@pytest.fixture
def writes(person, division):
    """Every verb that adds, ready but for who does it."""
    pk = person.pk
    return [
        lambda by: actions.add_name(pk, kind="alias", given_name="Dina", family_name="", by=by),
        lambda by: actions.add_identifier(pk, kind="state_id", agency=division, value="MO1", by=by),
        lambda by: actions.add_contact_point(pk, kind="mobile", value="314-555-0134", by=by, on=ON),
        lambda by: actions.add_address(pk, **HOME, from_on=date(2020, 1, 1), by=by),
        lambda by: actions.add_emergency_contact(pk, name="Eve Reyes", relationship="", phone="314-555-0100", by=by),
    ]


def test_only_who_sees_and_may_write_adds_anything(writes, officer, unit_mate, stranger, monitoring_staff):
    for write in writes:
        for user in (unit_mate, stranger, monitoring_staff):
            with pytest.raises(Http404):
                write(user)
        assert write(officer)


def test_only_who_sees_and_may_write_takes_anything_away(person, writes, officer, unit_mate, stranger):
    name, identifier, contact, address, emergency = (write(officer) for write in writes)
    for by in (unit_mate, stranger, officer):
        for verb, row, more in (
            (actions.remove_name, name, {"why": "slip"}),
            (actions.remove_identifier, identifier, {"why": "slip"}),
            (actions.end_contact_point, contact, {"ended_on": ON, "why": "lost", "on": ON}),
            (actions.end_address, address, {"until_on": ON}),
            (actions.remove_emergency_contact, emergency, {"why": "moved"}),
        ):
            if by is officer:
                verb(person.pk, row.pk, by=by, **more)
            else:
                with pytest.raises(Http404):
                    verb(person.pk, row.pk, by=by, **more)
    assert not PersonName.objects.exists()
    assert not Identifier.objects.exists()
    assert not EmergencyContact.objects.exists()
    assert ContactPoint.objects.get().ended_on == Address.objects.get().until_on == ON


def test_a_row_of_another_person_is_out_of_reach(person, officer):
    other = make_person(officer)
    name = actions.add_name(other.pk, kind="alias", given_name="Dina", family_name="", by=officer)
    with pytest.raises(Http404):
        actions.remove_name(person.pk, name.pk, why="slip", by=officer)


def test_every_act_stands_in_the_history(person, writes, officer):
    for write in writes:
        write(officer)
    assert [line.what for line in history(person)] == [
        "Emergency contact added",
        "Address added",
        "Contact added",
        "Identifier added",
        "Other name added",
    ]


def test_another_name_is_found_and_once_removed_no_more(person, officer):
    name = actions.add_name(person.pk, kind="former", given_name="", family_name="Quimby", by=officer)
    assert search(officer, "dana quimby", on=ON)
    actions.remove_name(person.pk, name.pk, why="another person", by=officer)
    assert not search(officer, "quimby", on=ON)
    assert Entry.objects.get(verb="name.removed").detail["changes"] == {"Former name": ["Quimby", None]}


@pytest.mark.parametrize("value", ["mo-12 34", " MO-12  34 "])
def test_an_identifier_is_found_however_it_is_written(person, officer, division, value):
    assert (
        actions.add_identifier(person.pk, kind="state_id", agency=division, value=value, by=officer).value == "MO-12 34"
    )
    assert search(officer, "mo1234", on=ON)


def test_an_identifier_of_another_person_is_refused_and_named_only_in_reach(person, officer, stranger, division):
    def add(pk, by):
        return actions.add_identifier(pk, kind="state_id", agency=division, value="MO1", by=by)

    holder = make_person(officer, given_name="Ana", family_name="Ruiz")
    elsewhere = make_person(stranger)
    add(holder.pk, officer)
    with pytest.raises(CannotSave, match="is on this record already"):
        add(holder.pk, officer)
    with pytest.raises(CannotSave, match=f"belongs to Ana Ruiz \\(record {holder.pk}\\)"):
        add(person.pk, officer)
    with pytest.raises(CannotSave, match="not open to you") as refused:
        add(elsewhere.pk, stranger)
    assert "Ruiz" not in refused.value.message
    assert str(holder.pk) not in refused.value.message
    assert refused.value.field == "value"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("3145550134", "314-555-0134"),
        ("(314) 555 0134", "314-555-0134"),
        ("+1 314.555.0134", "314-555-0134"),
        ("+52 55 1234 5678", "+525512345678"),
    ],
)
def test_it_reads_telephone_numbers(typed, read):
    assert read_telephone(typed) == read


@pytest.mark.parametrize(
    "typed", ["", "555-0134", "314-555-01345", "1-800-FLOWERS", "+12", "014-555-0134", "٣١٤٥٥٥٠١٣٤"]
)
def test_it_refuses_what_is_no_telephone_number(person, officer, typed):
    with pytest.raises(CannotSave) as refused:
        actions.add_contact_point(person.pk, kind="mobile", value=typed, by=officer, on=ON)
    assert refused.value.field == "value"
    assert refused.value.message.endswith("314-555-0134.") or "whole number." in refused.value.message


def test_it_refuses_what_is_no_email_address(person, officer):
    with pytest.raises(CannotSave, match="no e-mail address"):
        actions.add_contact_point(person.pk, kind="email", value="dana at home", by=officer, on=ON)


def test_consent_is_dated_and_withdrawn_with_its_date(person, officer):
    point = actions.add_contact_point(person.pk, kind="mobile", value="3145550134", may_message=True, by=officer, on=ON)
    assert point.consent_on == ON
    said_no = {"preferred": False, "may_message": False, "consent_on": None}
    point = actions.change_contact_point(person.pk, point.pk, **said_no, by=officer, on=ON)
    assert (point.may_message, point.consent_on) == (False, None)
    assert Entry.objects.get(verb="contact.changed").detail["changes"] == {
        "may be messaged": ["yes", "no"],
        "consent on": ["2026-11-20", None],
    }


def test_consent_cannot_be_given_tomorrow(person, officer):
    with pytest.raises(CannotSave, match="lies in the future"):
        actions.add_contact_point(
            person.pk,
            kind="mobile",
            value="3145550134",
            may_message=True,
            consent_on=date(2026, 11, 21),
            by=officer,
            on=ON,
        )


def test_only_one_contact_is_preferred(person, officer):
    for value in ("314-555-0134", "314-555-0135"):
        actions.add_contact_point(person.pk, kind="mobile", value=value, preferred=True, by=officer, on=ON)
    assert list(ContactPoint.objects.filter(preferred=True).values_list("value", flat=True)) == ["314-555-0135"]


def test_a_number_that_ended_is_neither_shown_nor_found(person, officer):
    point = actions.add_contact_point(person.pk, kind="mobile", value="3145550134", by=officer, on=ON)
    assert search(officer, "0134", on=ON)
    actions.end_contact_point(person.pk, point.pk, ended_on=ON, why="lost", by=officer, on=ON)
    assert not search(officer, "0134", on=ON)
    assert page(person, ON).contact_points == []


def test_a_new_home_ends_the_one_before(person, officer):
    first = actions.add_address(person.pk, **HOME, from_on=date(2020, 1, 1), by=officer)
    actions.add_address(person.pk, **{**HOME, "street": "9 Oak Road"}, from_on=date(2024, 5, 1), by=officer)
    first.refresh_from_db()
    assert first.until_on == date(2024, 5, 1)


def test_a_former_home_can_be_added_where_nothing_else_is(person, officer):
    actions.add_address(person.pk, **HOME, from_on=date(2020, 1, 1), by=officer)
    span = {"from_on": date(2018, 1, 1), "until_on": date(2020, 1, 1)}
    assert actions.add_address(person.pk, **HOME, **span, by=officer)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"from_on": date(2021, 1, 1), "until_on": date(2020, 1, 1)}, "until_on"),
        ({"from_on": date(2021, 1, 1), "until_on": date(2021, 1, 1)}, "until_on"),
        ({"from_on": date(1850, 1, 1)}, "from_on"),
        ({"from_on": date(2019, 1, 1)}, "from_on"),  # before the home on record, and open
        ({"from_on": date(2020, 1, 1)}, "from_on"),
        ({"from_on": date(2021, 1, 1), "until_on": date(2021, 2, 1)}, "from_on"),
        ({"from_on": date(2021, 1, 1), "postal_code": "631"}, "postal_code"),
        ({"from_on": date(2021, 1, 1), "state": "M1"}, "state"),
    ],
)
def test_it_refuses_an_address_that_cannot_be(person, officer, changed, field):
    actions.add_address(person.pk, **HOME, from_on=date(2020, 1, 1), by=officer)
    with pytest.raises(CannotSave) as refused:
        actions.add_address(person.pk, **{**HOME, **changed}, by=officer)
    assert refused.value.field == field
    assert Address.objects.get().until_on is None


# The pages

FORMS = [
    # address, typed, a fault: field, value, words
    ("names/new", {"kind": "alias", "given_name": "Dina", "family_name": "Rey"}, ("kind", "?", "not on the list")),
    (
        "contacts/new",
        {"kind": "mobile", "value": "314-555-0134", "may_message": "yes", "consent_on": "11/20/2025"},
        ("value", "555", "is no telephone number"),
    ),
    (
        "addresses/new",
        {**HOME, "from_on": "1/1/2020", "until_on": "1/1/2021"},
        ("until_on", "1/1/2019", "The address cannot end on 2019-01-01"),
    ),
    (
        "emergency-contacts/new",
        {"name": "Eve Reyes", "relationship": "mother", "phone": "314-555-0100"},
        ("phone", "none", "has letters in it"),
    ),
]


@pytest.mark.parametrize(("address", "typed", "fault"), FORMS)
def test_the_page_saves_and_goes_back_to_the_person(person, officer, sign_in, address, typed, fault):
    client = sign_in(officer)
    assert client.get(f"/people/{person.pk}/{address}/").status_code == 200
    answer = client.post(f"/people/{person.pk}/{address}/", typed)
    assert (answer.status_code, answer["Location"]) == (302, f"/people/{person.pk}/")
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(("address", "typed", "fault"), FORMS)
def test_the_page_says_what_is_wrong_beside_the_field_and_keeps_the_rest(
    person, officer, sign_in, address, typed, fault
):
    field, value, words = fault
    answer = sign_in(officer).post(f"/people/{person.pk}/{address}/", {**typed, field: value})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert text.count(words) == 2
    assert f'id="id_{field}_error"' in text
    assert all(f'value="{each}"' in text for name, each in typed.items() if name != field)


def test_the_person_page_asks_the_database_the_same_number_of_times(person, officer, division, sign_in):
    def fill(numbers):
        for n in numbers:
            PersonName.objects.create(person=person, given_name=f"Dina{n}")
            Identifier.objects.create(person=person, agency=division, kind="jail_number", value=str(n))
            ContactPoint.objects.create(person=person, kind="phone", value=f"314-555-{n:04}")
            EmergencyContact.objects.create(person=person, name=f"Eve {n}", phone="314-555-0100")
            Address.objects.create(person=person, **HOME, from_on=date(1970 + n, 1, 1), until_on=date(1970 + n, 2, 1))
            absorbed = make_person(officer, given_name="Dana", family_name=f"Reyes {n}")
            actions.merge_people(person.pk, absorbed.pk, why="same person", by=officer)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/people/{person.pk}/").status_code == 200
        return len(queries)

    client = sign_in(officer)
    fill(range(1))
    asked()  # the session's own first requests
    once = asked()
    fill(range(1, 30))
    assert asked() == once
