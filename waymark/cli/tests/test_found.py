"""From nobody to the first administrator at the page where the second factor is enrolled."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result
from django.test import Client
from django.urls import reverse

from waymark.accounts.models import Agency, Scope, User
from waymark.audit.models import Entry
from waymark.cli import main

WORDS = {"--agency": "St. Day County Corrections", "--kind": "county_corrections", "--administrator": "boss"}
PASSWORD = "a password of my own"


@pytest.fixture(autouse=True)
def _same_umask_afterwards() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


def found(**changes: str) -> Result:
    words = {**WORDS, **{f"--{name}": value for name, value in changes.items()}}
    return CliRunner().invoke(main, ["found", *(part for pair in words.items() for part in pair)])


def test_it_makes_the_first_agency_and_administrator_on_record(db):
    done = found(email="Boss@Example.org")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert (answer["agency"], answer["administrator"]) == ("St. Day County Corrections", "boss")
    boss = User.objects.get()
    assert boss.agency == Agency.objects.get()
    assert (boss.scope, boss.email, boss.has_usable_password()) == (Scope.WHOLE, "boss@example.org", False)
    assert boss.agency.code == "st-day-county-corrections"
    assert list(Entry.objects.order_by("number").values_list("verb", "actor", "origin")) == [
        (verb, "the system", "command line")
        for verb in ("agency.added", "account.created", "account.sign_in_link_made")
    ]


def test_its_link_works_once_and_leads_to_a_second_factor(db):
    path = json.loads(found().stdout)["sign_in_path"]
    client = Client()
    form = client.get(path, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    client.post(reverse("account_login"), {"login": "boss", "password": PASSWORD})
    assert client.get("/", follow=True).redirect_chain[-1][0] == reverse("mfa_index")
    assert client.get("/accounts/").url == reverse("mfa_index")
    assert b"This link no longer works." in Client().get(path, follow=True).content


def test_it_refuses_where_anybody_has_an_account(officer):
    agencies, entries = Agency.objects.count(), Entry.objects.count()
    done = found()
    assert (done.exit_code, done.stdout) == (1, "")
    assert "This installation has accounts already." in done.stderr
    assert (Agency.objects.count(), User.objects.count(), Entry.objects.count()) == (agencies, 1, entries)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"agency": " "}, "Give the name."),
        ({"kind": "church"}, "'church' is not one of 'county_corrections'"),
        ({"administrator": "the boss"}, "Use letters, digits and . @ + - _ only."),
        ({"email": "boss"}, "Give the e-mail address like name@example.org."),
    ],
)
def test_it_says_which_option_cannot_be_right(db, given, fault):
    done = found(**given)
    assert (done.exit_code, done.stdout) == (2, "")
    assert fault in " ".join(done.stderr.split())
    assert not User.objects.exists()
    assert not Agency.objects.exists()
