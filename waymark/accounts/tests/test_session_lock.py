from __future__ import annotations

import pytest
from django.urls import reverse

from waymark.accounts.models import Role
from waymark.accounts.tests.make import make_user
from waymark.audit.models import Entry

PASSWORD = "long enough to be hard"
ACCOUNTS = "/accounts/new/"


@pytest.fixture
def manager(db):
    return make_user(Role.ADMINISTRATOR, username="boss", password=PASSWORD)


def leave_alone(client, seconds: float) -> None:
    """As if the last activity had been so long ago."""
    session = client.session
    session["active_at"] -= seconds
    session.save()


def verbs() -> list[str]:
    return [verb for verb in Entry.objects.order_by("number").values_list("verb", flat=True) if "session" in verb]


def test_it_locks_a_session_left_alone(sign_in, manager, settings):
    client = sign_in(manager)
    assert client.get(ACCOUNTS).status_code == 200
    leave_alone(client, settings.SESSION_LOCK_SECONDS + 1)
    assert client.get(ACCOUNTS).url == f"{reverse('account_reauthenticate')}?next=%2Faccounts%2Fnew%2F"
    assert verbs() == ["session.locked"]


def test_it_leaves_a_session_in_use_alone(sign_in, manager, settings):
    client = sign_in(manager)
    client.get(ACCOUNTS)
    for _ in range(3):
        leave_alone(client, settings.SESSION_LOCK_SECONDS - 60)
        assert client.get(ACCOUNTS).status_code == 200


def test_it_stays_locked_until_the_password_is_typed(sign_in, manager, settings):
    client = locked(sign_in, manager, settings)
    for path in (
        ACCOUNTS,
        "/",
        reverse("account_change_password"),
        reverse("mfa_index"),
        reverse("mfa_reauthenticate"),
    ):
        assert client.get(path).url.startswith(reverse("account_reauthenticate")), path
    client.post(reverse("account_reauthenticate"), {"password": "wrong", "next": ACCOUNTS})
    assert client.get(ACCOUNTS).status_code == 302
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": ACCOUNTS})
    assert answer.url == ACCOUNTS
    assert client.get(ACCOUNTS).status_code == 200
    assert verbs() == ["session.locked", "session.unlocked"]


def test_the_lock_page_says_what_to_do(sign_in, manager, settings):
    client = locked(sign_in, manager, settings)
    page = client.get(ACCOUNTS, follow=True).content.decode()
    assert "Your session is locked" in page
    assert "Go on" in page


def test_a_form_that_was_sent_meanwhile_is_saved_afterwards(sign_in, manager, county, settings):
    client = locked(sign_in, manager, settings)
    typed = {
        "username": "newcomer",
        "first_name": "Nel",
        "last_name": "Ito",
        "role": "officer",
        "scope": "agency",
        "agency": county.pk,
    }
    asked = client.post(ACCOUNTS, typed)
    assert not Entry.objects.filter(verb="account.created").exists()
    client.post(asked.url, {"password": PASSWORD, "next": ACCOUNTS})
    created = Entry.objects.get(verb="account.created")
    assert created.detail["changes"]["username"] == [None, "newcomer"]


def test_a_form_without_its_token_is_not_kept(manager, sign_in, settings):
    """Otherwise another site could leave a request behind, to be carried out when the session is unlocked."""
    client = locked(sign_in, manager, settings)
    client.handler.enforce_csrf_checks = True
    assert client.post(ACCOUNTS, {"username": "newcomer"}).status_code == 403
    assert "account_reauthentication_state" not in client.session


def test_five_wrong_passwords_at_the_lock_lock_the_account(sign_in, manager, settings):
    client = locked(sign_in, manager, settings)
    client.get(ACCOUNTS)
    for _ in range(5):
        client.post(reverse("account_reauthenticate"), {"password": "wrong"})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get(ACCOUNTS).status_code == 302
    assert Entry.objects.filter(verb="account.locked_out").count() == 1


def test_signing_out_works_while_locked(sign_in, manager, settings):
    client = locked(sign_in, manager, settings)
    client.get(ACCOUNTS)
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_htmx_is_sent_to_the_lock_as_a_whole_page(sign_in, manager, settings):
    client = locked(sign_in, manager, settings)
    answer = client.get(
        ACCOUNTS, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/accounts/?role=x"}
    )
    assert answer.headers["HX-Redirect"] == f"{reverse('account_reauthenticate')}?next=%2Faccounts%2F%3Frole%3Dx"


def test_in_the_demonstration_a_click_unlocks(sign_in, manager, settings):
    settings.DEMO = True
    client = locked(sign_in, manager, settings)
    assert client.get(ACCOUNTS).url == f"{reverse('demo_unlock')}?next=%2Faccounts%2Fnew%2F"
    assert client.get(reverse("demo_unlock")).status_code == 200
    assert client.post(reverse("demo_unlock"), {"next": ACCOUNTS}).url == ACCOUNTS
    assert client.get(ACCOUNTS).status_code == 200
    assert verbs() == ["session.locked", "session.unlocked"]


def test_the_click_unlocks_nothing_elsewhere(sign_in, manager, settings):
    client = locked(sign_in, manager, settings)
    client.get(ACCOUNTS)
    assert client.post(reverse("demo_unlock"), {"next": ACCOUNTS}).status_code == 404
    assert client.get(ACCOUNTS).status_code == 302


def locked(sign_in, manager, settings):
    client = sign_in(manager)
    client.get(ACCOUNTS)
    leave_alone(client, settings.SESSION_LOCK_SECONDS + 1)
    return client
