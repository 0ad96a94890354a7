from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse

from waymark.accounts.models import Role
from waymark.accounts.tests.make import make_user
from waymark.audit.models import Entry

PASSWORD = "long enough to be hard"


@pytest.mark.parametrize("role", [role for role in Role if role != Role.PARTICIPANT])
def test_staff_can_do_nothing_before_they_enrol_one(db, role):
    client = Client()
    client.force_login(make_user(role))
    for path in ("/", "/accounts/", "/audit/", reverse("mfa_view_recovery_codes")):
        assert client.get(path).url == reverse("mfa_index"), path
    assert client.get(reverse("mfa_index")).status_code == 200


def test_an_administrator_without_one_reaches_no_account(db):
    client = Client()
    client.force_login(make_user(Role.ADMINISTRATOR))
    assert client.get("/accounts/").url == reverse("mfa_index")
    assert client.post("/accounts/new/", {"username": "x"}).url == reverse("mfa_index")


def test_participants_need_none(participant):
    client = Client()
    client.force_login(participant)
    assert client.get("/accounts/").status_code == 404  # no right, but not sent to enrol


def test_demo_mode_needs_none(settings, administrator):
    settings.SECOND_FACTOR_REQUIRED = False
    client = Client()
    client.force_login(administrator)
    assert client.get("/accounts/").status_code == 200


def test_a_newcomer_enrols_an_app_in_one_go(db):
    """Password, app, codes, work: without typing the password twice."""
    make_user(Role.ADMINISTRATOR, username="boss", password=PASSWORD)
    client = Client()
    client.post(reverse("account_login"), {"login": "boss", "password": PASSWORD})
    assert client.get("/accounts/").url == reverse("mfa_index")
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r"<code>(\w+)</code>", page)[1]
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    codes = client.post(reverse("mfa_activate_totp"), {"code": code}, follow=True)
    assert codes.redirect_chain == [(reverse("mfa_view_recovery_codes"), 302)]
    assert "recovery codes" in codes.content.decode()
    assert client.get("/accounts/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_enrolling_and_removing_are_on_record():
    """With real commits, because allauth reports an enrolment once it is committed."""
    user = make_user(Role.ADMINISTRATOR, username="boss", password=PASSWORD)
    client = Client()
    client.post(reverse("account_login"), {"login": "boss", "password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r"<code>(\w+)</code>", page)[1]
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    client.post(reverse("mfa_activate_totp"), {"code": code})
    client.post(reverse("mfa_generate_recovery_codes"))
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()
    assert [(entry.verb, entry.actor_id) for entry in Entry.objects.order_by("number")] == [
        ("account.signed_in", user.pk),
        ("account.second_factor_enrolled", user.pk),
        ("account.recovery_codes_made", user.pk),
        ("account.second_factor_removed", user.pk),
    ]
    assert client.get("/accounts/").url == reverse("mfa_index")


def test_an_older_session_shows_the_password_again_before_keys_change(db, sign_in):
    client = sign_in(make_user(Role.ADMINISTRATOR, password=PASSWORD))
    answer = client.get(reverse("mfa_add_webauthn"))
    assert answer.url.startswith(reverse("account_reauthenticate"))


def test_a_recovery_code_signs_in_once(db):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    from waymark.accounts.tests.make import enrol_second_factor

    user = make_user(Role.CLERK, username="clerk", password=PASSWORD)
    enrol_second_factor(user)
    one = RecoveryCodes.activate(user).get_unused_codes()[0]
    for expected in (True, False):
        client = Client()
        client.post(reverse("account_login"), {"login": "clerk", "password": PASSWORD})
        client.post(reverse("mfa_authenticate"), {"code": one})
        assert ("_auth_user_id" in client.session) is expected


def test_changing_the_password_is_on_record(sign_in, db):
    user = make_user(Role.CLERK, password=PASSWORD)
    client = sign_in(user)
    new = "quite another long one"
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert Entry.objects.get().verb == "account.password_changed"
    user.refresh_from_db()
    assert user.check_password(new)


def test_an_account_without_password_cannot_choose_one_by_itself(sign_in, clerk):
    clerk.set_unusable_password()
    clerk.save()
    assert sign_in(clerk).get(reverse("account_change_password")).status_code == 404
