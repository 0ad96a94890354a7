"""Through the forms, as a browser would."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from waymark.accounts import lockout
from waymark.accounts.models import Role
from waymark.accounts.tests.make import enrol_second_factor, make_user
from waymark.audit.models import Entry

PASSWORD = "long enough to be hard"


@pytest.fixture
def rosa(unit):
    return make_user(Role.OFFICER, unit=unit, username="ralvarez", email="r.alvarez@example.org", password=PASSWORD)


@pytest.fixture
def dana(db):
    return make_user(Role.PARTICIPANT, username="dreyes", password=PASSWORD)


@pytest.fixture
def wait(monkeypatch):
    """wait(seconds): both clocks of the lockout run ahead, allauth's and the cache's."""
    clock, cache_clock = time.time, timezone.now

    def wait(seconds: float) -> None:
        monkeypatch.setattr("time.time", lambda: clock() + seconds)
        monkeypatch.setattr("django.core.cache.backends.db.tz_now", lambda: cache_clock() + timedelta(seconds=seconds))

    return wait


def sign_in(client: Client, name: str, password: str = PASSWORD, **extra):
    return client.post(reverse("account_login"), {"login": name, "password": password}, **extra)


def code(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def verbs() -> list[str]:
    return list(Entry.objects.order_by("number").values_list("verb", flat=True))


@pytest.mark.parametrize("name", ["dreyes", "DReyes", " dreyes "])
def test_it_takes_the_user_name_in_any_spelling(client, dana, name):
    assert sign_in(client, name).url == "/"
    assert verbs() == ["account.signed_in"]
    assert Entry.objects.get().detail == {"how": ["password"]}


def test_it_takes_the_e_mail_address(client, rosa):
    enrol_second_factor(rosa)
    assert sign_in(client, "r.alvarez@EXAMPLE.org").url == reverse("mfa_authenticate")


def test_it_asks_staff_for_the_second_factor_before_anybody_is_signed_in(client, rosa):
    secret = enrol_second_factor(rosa)
    sign_in(client, "ralvarez")
    assert "_auth_user_id" not in client.session
    client.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert client.session["_auth_user_id"] == str(rosa.pk)
    assert Entry.objects.get().detail == {"how": ["password", "mfa"]}


def test_it_puts_a_wrong_code_on_record(client, rosa):
    enrol_second_factor(rosa)
    sign_in(client, "ralvarez")
    answer = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert b"This code or key was not accepted." in answer.content
    assert [(e.verb, e.subject_id, e.why) for e in Entry.objects.all()] == [
        ("account.sign_in_failed", str(rosa.pk), "wrong code or key")
    ]


def test_it_puts_a_wrong_password_on_record_and_keeps_no_unknown_name(client, dana):
    sign_in(client, "dreyes", "wrong")
    sign_in(client, "my-secret-password-by-mistake", "wrong")
    first, second = Entry.objects.all()
    assert (first.verb, first.subject_id, first.why) == ("account.sign_in_failed", str(dana.pk), "wrong password")
    assert (second.verb, second.subject_id, second.why) == ("account.sign_in_failed", "", "no such account")
    assert first.origin == "127.0.0.1"


def test_an_unknown_name_and_a_wrong_password_read_the_same(client, dana):
    wrong = sign_in(client, "dreyes", "wrong").context["form"].non_field_errors()
    unknown = sign_in(client, "nobody", "wrong").context["form"].non_field_errors()
    assert wrong == unknown


def test_a_closed_account_cannot_sign_in(client, dana):
    dana.is_active = False
    dana.save()
    assert sign_in(client, "dreyes").url == reverse("account_inactive")
    assert "_auth_user_id" not in client.session
    assert Entry.objects.get().why == "the account is closed"


def test_signing_out_is_on_record(sign_in, participant):
    client = sign_in(participant)
    client.post(reverse("account_logout"))
    assert verbs() == ["account.signed_out"]
    assert client.get("/account/password/").url.startswith(reverse("account_login"))


def test_five_failures_lock_the_account_for_fifteen_minutes(client, dana, settings):
    for _ in range(5):
        sign_in(client, "dreyes", "wrong")
    assert verbs() == ["account.sign_in_failed"] * 5 + ["account.locked_out"]
    answer = sign_in(client, "dreyes")
    assert lockout.MESSAGE in answer.content.decode()
    assert "_auth_user_id" not in client.session
    assert lockout.is_locked(dana)
    assert settings.LOCKOUT_SECONDS == 900


def test_four_failures_do_not_lock(client, dana):
    for _ in range(4):
        sign_in(client, "dreyes", "wrong")
    assert sign_in(client, "dreyes").url == "/"


def test_the_lock_ends_by_itself(client, dana, wait):
    for _ in range(5):
        sign_in(client, "dreyes", "wrong")
    wait(15 * 60 + 1)
    assert sign_in(client, "dreyes").url == "/"


def test_the_lock_holds_until_then(client, dana, wait):
    """Fifteen minutes from the fifth failure, however long ago the first one was."""
    for n in range(5):
        wait(n * 3 * 60)
        sign_in(client, "dreyes", "wrong")
    wait(4 * 3 * 60 + 14 * 60)
    assert lockout.MESSAGE in sign_in(client, "dreyes").content.decode()


def test_failures_by_name_and_by_e_mail_count_together(client, rosa):
    for name in ("ralvarez", "R.Alvarez@example.org", "RALVAREZ", "r.alvarez@example.org", "ralvarez"):
        sign_in(client, name, "wrong")
    assert lockout.is_locked(rosa)


def test_wrong_codes_lock_the_account_too(client, rosa):
    secret = enrol_second_factor(rosa)
    sign_in(client, "ralvarez")
    for _ in range(5):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert verbs()[-1] == "account.locked_out"
    client.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert "_auth_user_id" not in client.session
    assert lockout.MESSAGE in sign_in(Client(), "ralvarez").content.decode()


def test_another_account_is_not_locked_with_it(client, dana, rosa):
    for _ in range(5):
        sign_in(client, "dreyes", "wrong")
    assert not lockout.is_locked(rosa)


def test_nobody_signs_up_or_changes_their_address(client):
    for path in ("/account/signup/", "/account/email/", "/account/password/reset/"):
        assert client.get(path).status_code == 404
