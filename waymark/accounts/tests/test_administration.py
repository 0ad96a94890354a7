from __future__ import annotations

import re
import threading

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.test import Client
from django.urls import reverse

from waymark.accounts import actions
from waymark.accounts.models import Role, Scope, User
from waymark.accounts.tests.make import enrol_second_factor, make_unit, make_user
from waymark.audit.models import Entry

WHY = "moved to another unit"


@pytest.fixture
def admin(sign_in, administrator):
    return sign_in(administrator)


@pytest.fixture
def agency_admin(division):
    return make_user(Role.ADMINISTRATOR, agency=division, scope=Scope.AGENCY)


def fields_of(account, **changes):
    return {
        "first_name": account.first_name,
        "last_name": account.last_name,
        "email": account.email,
        "role": account.role,
        "scope": account.scope,
        "agency": account.agency_id or "",
        "unit": account.unit_id or "",
        "why": WHY,
        **changes,
    }


def test_it_lists_the_accounts_and_finds_some(admin, officer, clerk):
    assert "Alvarez" in admin.get("/accounts/").content.decode()
    found = admin.get("/accounts/", {"words": "rosa alv", "role": "officer", "state": "open"}).content.decode()
    assert "Alvarez" in found
    assert clerk.username not in found
    assert "No account matches." in admin.get("/accounts/", {"words": "nobody like that"}).content.decode()


def test_it_gives_the_list_as_csv(admin, officer):
    answer = admin.get("/accounts/", {"format": "csv", "words": "alvarez"})
    assert answer["Content-Type"].startswith("text/csv")
    header, row = answer.content.decode("utf-8-sig").strip().splitlines()
    assert header.startswith("Name,User name")
    assert row.startswith("Rosa Alvarez,")


def test_the_list_takes_as_many_queries_for_fifty_accounts_as_for_one(admin, unit, django_assert_max_num_queries):
    make_user(unit=unit)
    with django_assert_max_num_queries(20) as one:
        admin.get("/accounts/")
    for _ in range(50):
        enrol_second_factor(make_user(unit=make_unit(unit.agency)))
    with django_assert_max_num_queries(len(one.captured_queries)):
        admin.get("/accounts/")


def test_it_makes_an_account_whose_holder_chooses_the_password(admin, unit):
    given = {"username": "nito", "first_name": "Nel", "last_name": "Ito", "role": "officer", "scope": "own"}
    page = admin.post("/accounts/new/", {**given, "unit": unit.pk}).content.decode()
    account = User.objects.get(username="nito")
    assert (account.agency, account.unit) == (unit.agency, unit)
    assert not account.has_usable_password()

    newcomer, chosen = Client(), "a password of my own"
    form = newcomer.get(re.search(r"http://testserver(/account/password/[^<]+)", page)[1], follow=True)
    newcomer.post(form.request["PATH_INFO"], {"password1": chosen, "password2": chosen})
    account.refresh_from_db()
    assert account.check_password(chosen)
    assert list(Entry.objects.order_by("number").values_list("verb", flat=True)) == [
        "account.created",
        "account.sign_in_link_made",
        "account.password_chosen",
    ]
    used = Client().get(re.search(r"http://testserver(/account/password/[^<]+)", page)[1])
    assert b"This link no longer works." in used.content


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"username": ""}, "Give the user name."),
        ({"username": "RALVAREZ"}, "Another account has this user name. Choose another one."),
        ({"email": "Taken@example.org"}, "Another account has this e-mail address."),
        ({"scope": "unit"}, "Choose the unit that the scope “own unit” means."),
        ({"scope": "agency"}, "Choose the agency of the account."),
        ({"role": "administrator"}, "Choose own agency or every agency"),
        ({"role": "participant"}, "participant is not one of the available choices."),
        ({"email": "not an address"}, "Give the e-mail address like name@example.org."),
    ],
)
def test_it_says_what_is_wrong_and_keeps_what_was_typed(admin, given, fault):
    make_user(username="ralvarez", email="taken@example.org")
    good = {"username": "nito", "first_name": "Nel", "last_name": "Ito", "role": "officer", "scope": "own"}
    page = admin.post("/accounts/new/", {**good, **given}).content.decode()
    assert fault in page
    assert 'value="Nel"' in page
    assert not User.objects.filter(username="nito").exists()


def test_it_refuses_a_unit_of_another_agency(admin, county, unit):
    given = {"username": "nito", "first_name": "Nel", "last_name": "Ito", "role": "officer", "scope": "own"}
    page = admin.post("/accounts/new/", {**given, "agency": county.pk, "unit": unit.pk}).content.decode()
    assert f"{unit.name} is not a unit of {county.name}." in page


def test_it_changes_role_scope_and_unit_with_a_reason(admin, administrator, officer, other_unit):
    changed = fields_of(officer, role="supervisor", scope="unit", unit=other_unit.pk)
    admin.post(f"/accounts/{officer.pk}/", changed)
    officer.refresh_from_db()
    assert (officer.role, officer.scope, officer.unit) == ("supervisor", "unit", other_unit)
    entry = Entry.objects.get(verb="account.changed")
    assert (entry.actor_id, entry.why, entry.subject_id) == (administrator.pk, WHY, str(officer.pk))
    assert entry.detail["changes"] == {
        "role": ["officer", "supervisor"],
        "scope": ["own", "unit"],
        "unit": ["North Unit", "South Unit"],
    }
    assert "North Unit → South Unit" in admin.get(f"/accounts/{officer.pk}/").content.decode()


def test_it_asks_for_the_reason(admin, officer):
    page = admin.post(f"/accounts/{officer.pk}/", fields_of(officer, role="clerk", why="")).content.decode()
    assert "Give the reason." in page
    officer.refresh_from_db()
    assert officer.role == "officer"


def test_a_closed_account_is_out_at_once(admin, sign_in, supervisor):
    theirs = sign_in(supervisor)
    admin.post(f"/accounts/{supervisor.pk}/close/", {"why": WHY})
    assert theirs.get("/").url.startswith(reverse("account_login"))
    admin.post(f"/accounts/{supervisor.pk}/open/", {"why": WHY})
    verbs = Entry.objects.filter(subject_id=str(supervisor.pk)).values_list("verb", "why")
    assert list(verbs) == [("account.closed", WHY), ("account.opened", WHY)]


def test_it_resets_the_second_factor(admin, officer, sign_in):
    theirs = sign_in(officer)
    admin.post(f"/accounts/{officer.pk}/second-factor/", {"why": "lost the phone"})
    assert not Authenticator.objects.filter(user=officer).exists()
    assert Entry.objects.get(verb="account.second_factor_reset").detail == {"removed": ["totp"]}
    assert theirs.get("/").url == reverse("mfa_index")


@pytest.mark.parametrize("act", ["close", "second-factor", "sign-in-link"])
def test_nothing_happens_without_a_reason(admin, officer, act):
    enrol_second_factor(officer)
    page = admin.post(f"/accounts/{officer.pk}/{act}/", {"why": " "})
    assert "Give the reason." in page.content.decode()
    assert not Entry.objects.exists()


def test_the_last_administrator_cannot_be_closed_or_changed(admin, administrator):
    page = admin.post(f"/accounts/{administrator.pk}/close/", {"why": WHY}).content.decode()
    assert "This is the last open administrator account for every agency." in page
    page = admin.post(f"/accounts/{administrator.pk}/", fields_of(administrator, role="clerk")).content.decode()
    assert "This is the last open administrator account for every agency." in page
    administrator.refresh_from_db()
    assert (administrator.is_active, administrator.role) == (True, "administrator")
    assert not Entry.objects.exists()


def test_the_second_last_can(admin, administrator):
    other = make_user(Role.ADMINISTRATOR)
    admin.post(f"/accounts/{other.pk}/close/", {"why": WHY})
    other.refresh_from_db()
    assert not other.is_active


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_close_each_other_at_once_leave_one():
    one, two = make_user(Role.ADMINISTRATOR), make_user(Role.ADMINISTRATOR)
    at_once = threading.Barrier(2)
    refused = []

    def close(by: User, account: User) -> None:
        at_once.wait()
        try:
            actions.close_account(by=by, account_id=account.pk, why=WHY)
        except actions.CannotChangeAccount as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=close, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.filter(is_active=True).count() == 1
    assert len(refused) == 1


def test_an_agencys_administrator_manages_that_agency_alone(sign_in, agency_admin, officer, stranger):
    client = sign_in(agency_admin)
    assert client.get(f"/accounts/{officer.pk}/").status_code == 200
    assert client.get(f"/accounts/{stranger.pk}/").status_code == 404
    assert client.get(f"/accounts/{stranger.pk}/").content == client.get("/accounts/999999/").content
    listed = client.get("/accounts/").content.decode()
    assert "Alvarez" in listed
    assert "Hart" not in listed


def test_an_agencys_administrator_gives_nobody_a_wider_reach(sign_in, agency_admin, officer, county, division):
    client = sign_in(agency_admin)
    for changes in ({"scope": "whole"}, {"agency": county.pk, "unit": ""}, {"agency": "", "unit": ""}):
        client.post(f"/accounts/{officer.pk}/", fields_of(officer, **changes))
    officer.refresh_from_db()
    assert (officer.scope, officer.agency) == ("own", division)


def test_an_agencys_administrator_gets_no_link_to_an_account_for_every_agency(sign_in, agency_admin, division):
    wider = make_user(Role.AUDITOR, agency=division, scope=Scope.WHOLE)
    assert sign_in(agency_admin).post(f"/accounts/{wider.pk}/sign-in-link/", {"why": WHY}).status_code == 404


def test_a_sign_in_link_opens_a_locked_account(admin, officer, client):
    officer.set_password("long enough to be hard")
    officer.save()
    for _ in range(5):
        client.post(reverse("account_login"), {"login": officer.username, "password": "wrong"})
    admin.post(f"/accounts/{officer.pk}/sign-in-link/", {"why": "forgot the password"})
    answer = client.post(reverse("account_login"), {"login": officer.username, "password": "long enough to be hard"})
    assert answer.status_code == 302


def test_an_account_that_is_gone_raises(administrator):
    with pytest.raises(ObjectDoesNotExist):
        actions.close_account(by=administrator, account_id=0, why=WHY)
