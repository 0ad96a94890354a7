"""A person under supervision gets a way to sign in, sees the own case with it, and loses it again."""

from __future__ import annotations

import re

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse

from waymark.accounts.models import Role, Scope, User
from waymark.accounts.tests.make import make_user
from waymark.audit.models import Entry
from waymark.audit.verification import verify
from waymark.cases.tests.make import make_case, make_term
from waymark.people.actions import CannotSave, close_own_account, give_account, make_own_link, merge_people
from waymark.people.models import Person
from waymark.people.reads import history, user_name_for
from waymark.people.tests.make import make_person
from waymark.people.tests.test_race import at_once, kept_and_told

pytestmark = pytest.mark.django_db

CHOSEN = "a password of her own"
NAMES = [("Ana", "Ruiz"), ("José", "García-O'Neil"), ("Ana", "Ruiz")]


def text(response) -> str:
    return " ".join(response.content.decode().split())


def link_on(page) -> str:
    found = re.search(r"http://testserver(/account/password/[^<]+)", page.content.decode())
    assert found
    return found[1]


def choose_password(path: str) -> None:
    newcomer = Client()
    form = newcomer.get(path, follow=True)
    newcomer.post(form.request["PATH_INFO"], {"password1": CHOSEN, "password2": CHOSEN})


def signed_in_as(username: str) -> Client:
    """A browser in which somebody typed the name and the password; whether that let them in is the caller's to see."""
    client = Client()
    client.post(reverse("account_login"), {"login": username, "password": CHOSEN})
    return client


def give(client, person, **typed):
    return client.post(reverse("person_account_new", args=[person.pk]), {"language": "en", **typed})


@pytest.fixture
def person(officer):
    return make_person(officer, given_name="Ana", family_name="Ruiz", language="es")


def test_three_people_each_see_their_own_case_and_no_other(sign_in, officer):
    client = sign_in(officer)
    people = [make_person(officer, given_name=given, family_name=family) for given, family in NAMES]
    cases = [make_term(make_case(person)).case for person in people]
    for person in people:
        form = client.get(reverse("person_account_new", args=[person.pk]))
        typed = form.context["form"].initial
        page = client.post(reverse("person_account_new", args=[person.pk]), typed)
        assert page["Cache-Control"] == "no-store"
        choose_password(link_on(page))
    accounts = [User.objects.get(person=person) for person in people]
    assert [account.username for account in accounts] == ["ana.ruiz", "jose.garcia.oneil", "ana.ruiz2"]
    for account, case in zip(accounts, cases, strict=True):
        page = signed_in_as(account.username).get(reverse("my"))
        assert {one.case_number for one in page.context["standings"]} == {case.number}
        assert (account.role, account.scope) == (Role.PARTICIPANT, Scope.OWN)


def test_the_form_proposes_the_name_and_the_language_of_the_person(sign_in, officer, person):
    client = sign_in(officer)
    link = f'href="{reverse("person_account_new", args=[person.pk])}">Give Ana Ruiz a way to sign in</a>'
    assert link in text(client.get(reverse("person", args=[person.pk])))
    proposed = client.get(reverse("person_account_new", args=[person.pk])).context["form"].initial
    assert proposed == {"username": "ana.ruiz", "language": "es"}


def test_it_proposes_the_records_number_where_no_letter_is_left(officer):
    person = make_person(officer, given_name="Jr.", family_name="III")
    assert user_name_for(person) == f"person{person.pk}"


def test_the_account_has_no_password_until_the_person_chooses_one(officer, person):
    account = give_account(person.pk, username=" Ana.Ruiz ", language="es", by=officer, why="asked for it")
    assert (account.username, account.language, account.agency) == ("ana.ruiz", "es", officer.agency)
    assert not account.has_usable_password()
    person.refresh_from_db()
    assert person.account == account
    entry = Entry.objects.get(verb="person.account_given")
    assert (entry.person_id, entry.why, entry.detail["username"]) == (person.pk, "asked for it", "ana.ruiz")
    assert ("Way to sign in given", None, "ana.ruiz") in [(c.what, c.before, c.after) for c in history(person)]


@pytest.mark.parametrize(
    ("username", "words"),
    [
        ("TAKEN", "Another account has this user name. Choose another one."),
        ("Mail@example.org", "Another account has this user name. Choose another one."),
        ("ana ruiz", "Use letters, digits and . @ + - _ only."),
        ("", "Type the user name."),
    ],
)
def test_it_tells_why_a_user_name_cannot_be(sign_in, officer, person, username, words):
    make_user(username="taken", email="mail@example.org")
    page = give(sign_in(officer), person, username=username)
    assert page.status_code == 422
    assert words in text(page)
    assert not User.objects.filter(role=Role.PARTICIPANT).exists()
    assert not Entry.objects.filter(verb="account.created").exists()


def test_a_second_account_is_refused_also_after_a_merge(sign_in, officer, person):
    other = make_person(officer, given_name="Anna", family_name="Ruiz")
    give_account(other.pk, username="anna", language="en", by=officer)
    merge_people(person.pk, other.pk, why="same", by=officer)
    client = sign_in(officer)
    page = give(client, person, username="ana")
    assert "Somebody has made the account anna for this person. Open the record again." in text(page)
    shown = text(client.get(reverse("person", args=[person.pk])))
    assert "<strong>anna</strong>" in shown
    assert "a way to sign in" not in shown


def test_a_new_link_needs_a_reason_and_stands_in_the_history(sign_in, officer, person):
    account = give_account(person.pk, username="ana", language="en", by=officer)
    client, path = sign_in(officer), reverse("person_account_link", args=[person.pk, account.pk])
    assert "Say why." in text(client.post(path, {"why": " "}))
    assert not Entry.objects.filter(verb="account.sign_in_link_made").exists()
    choose_password(link_on(client.post(path, {"why": "forgot it"})))
    assert signed_in_as("ana").get(reverse("my")).status_code == 200
    assert Entry.objects.get(verb="person.sign_in_link_made").person_id == person.pk
    assert "One-time sign-in link made" in [change.what for change in history(person)]


def test_a_closed_account_cannot_sign_in(sign_in, officer, person):
    account = give_account(person.pk, username="ana", language="en", by=officer)
    client = sign_in(officer)
    choose_password(link_on(client.post(reverse("person_account_link", args=[person.pk, account.pk]), {"why": "new"})))
    inside = signed_in_as("ana")
    assert inside.get(reverse("my")).status_code == 200

    path = reverse("person_account_close", args=[person.pk, account.pk])
    assert "Say why." in text(client.post(path, {"why": ""}))
    assert inside.get(reverse("my")).status_code == 200
    assert client.post(path, {"why": "moved away"}).url == reverse("person", args=[person.pk])
    for browser in (inside, signed_in_as("ana")):
        assert browser.get(reverse("my")).url.startswith(reverse("account_login"))
    entry = Entry.objects.get(verb="person.account_closed")
    assert (entry.person_id, entry.why) == (person.pk, "moved away")
    shown = text(client.get(reverse("person", args=[person.pk])))
    assert "closed" in shown
    assert "New one-time link" not in shown
    with pytest.raises(CannotSave, match="This account is closed"):
        make_own_link(person.pk, account.pk, by=officer, why="again")


def test_nobody_reaches_an_account_through_another_persons_record(sign_in, officer, person):
    other = make_person(officer, given_name="Olga", family_name="Lane")
    theirs = give_account(other.pk, username="olga", language="en", by=officer)
    client = sign_in(officer)
    for name in ("person_account_link", "person_account_close"):
        assert client.post(reverse(name, args=[person.pk, theirs.pk]), {"why": "mine"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.is_active


def test_nobody_takes_over_a_colleagues_account_through_a_record(officer, person, clerk):
    Person.objects.filter(pk=person.pk).update(account=clerk)
    for act in (make_own_link, close_own_account):
        with pytest.raises(Http404):
            act(person.pk, clerk.pk, by=officer, why="mine")


def test_it_gives_no_account_out_of_scope_or_without_the_right(officer, person, stranger, evaluator):
    for account in (stranger, evaluator):
        with pytest.raises(Http404):
            give_account(person.pk, username="ana", language="en", by=account)
    assert not User.objects.filter(role=Role.PARTICIPANT).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_give_an_account_the_second_is_told(officer, supervisor, person):
    came = at_once(
        lambda: give_account(person.pk, username="ana", language="en", by=officer),
        lambda: give_account(person.pk, username="ana.ruiz", language="en", by=supervisor),
    )
    assert kept_and_told(came) == (1, 1)
    assert User.objects.filter(role=Role.PARTICIPANT).get().person == person
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_one_user_name_goes_to_one_of_two_people(officer, supervisor, person):
    other = make_person(officer, given_name="Anna", family_name="Ruiz")
    came = at_once(
        lambda: give_account(person.pk, username="ana", language="en", by=officer),
        lambda: give_account(other.pk, username="ANA", language="en", by=supervisor),
    )
    assert kept_and_told(came) == (1, 1)
    told = next(one for one in came if isinstance(one, CannotSave))
    assert (told.message, told.field) == ("Another account has this user name. Choose another one.", "username")
    assert User.objects.filter(role=Role.PARTICIPANT).count() == 1
