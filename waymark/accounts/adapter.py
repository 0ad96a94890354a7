"""How django-allauth behaves here: nobody signs up, five failures lock an account, and every sign-in is audited."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from waymark.accounts import lockout
from waymark.accounts.models import User
from waymark.accounts.reads import account_named
from waymark.audit.actions import record

# allauth reports every change of somebody's keys as an e-mail to be sent: the audit verb for each.
KEY_CHANGES = {
    "account/email/password_changed": "account.password_changed",
    "account/email/password_reset": "account.password_chosen",
    "mfa/email/totp_activated": "account.second_factor_enrolled",
    "mfa/email/totp_deactivated": "account.second_factor_removed",
    "mfa/email/webauthn_added": "account.second_factor_enrolled",
    "mfa/email/webauthn_removed": "account.second_factor_removed",
    "mfa/email/recovery_codes_generated": "account.recovery_codes_made",
}
WRONG = "The name or the password is wrong. Check both, and that Caps Lock is off."


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": WRONG,
        "username_password_mismatch": WRONG,
        "incorrect_password": "This is not your password. Type it again.",
        "enter_current_password": "This is not your present password. Type it again.",
        "invalid_password_reset": "This link has been used or is too old. Ask your administrator for a new one.",
        "too_many_login_attempts": lockout.MESSAGE,
        "rate_limited": "Too many tries in a short time. Wait a minute and try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: an administrator makes the account."""
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not within minutes of signing in, so that a newcomer enrols a second factor in one go."""
        steps = get_authentication_records(context.request, context.request.user)
        fresh = bool(steps) and time.time() - steps[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT
        return not fresh and bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_reauthentication_methods(self, user: User) -> list[dict[str, str]]:
        """A locked session opens to the password or a passkey. A code alone shows only that the phone is near."""
        methods: list[dict[str, str]] = super().get_reauthentication_methods(user)
        locked = "locked_at" in context.request.session
        return [method for method in methods if not (locked and method["id"] == "mfa_reauthenticate")]

    def login(self, request: HttpRequest, user: User) -> None:
        with transaction.atomic():
            super().login(request, user)
            how = [step["method"] for step in get_authentication_records(request, user)]
            record(by=user, verb="account.signed_in", subject=user, detail={"how": how})

    def logout(self, request: HttpRequest) -> None:
        user = request.user
        with transaction.atomic():
            if isinstance(user, User):
                record(by=user, verb="account.signed_out", subject=user)
            super().logout(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        account = account_named(credentials)
        if account and lockout.is_locked(account):
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A name that no account has is not kept: people type their password there by mistake."""
        if account := account_named(credentials):
            lockout.failed(account, key=lockout.password_key(account), why="wrong password")
            return
        with transaction.atomic():
            record(by=None, verb="account.sign_in_failed", why="no such account")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """allauth counts by the name as typed, which would give one account five tries by each of its names."""
        if account := account_named(credentials):
            return lockout.password_key(account)
        return str(super()._get_login_attempts_cache_key(request, **credentials))

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        with transaction.atomic():
            record(by=None, verb="account.sign_in_failed", subject=user, why="the account is closed")
        response: HttpResponse = super().respond_user_inactive(request, user)
        return response

    def set_password(self, user: User, password: str) -> None:
        """A new password opens a locked account: whoever chose it has shown in another way who they are."""
        super().set_password(user, password)
        lockout.unlock(user)

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            what = template_prefix.rpartition("/")[2]
            record(by=user, verb=KEY_CHANGES[template_prefix], subject=user, detail={"what": what})
        super().send_notification_mail(template_prefix, user, *args, **kwargs)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code or key was not accepted. Type the code your app shows now, or try the key again.",
        "cannot_delete_authenticator": "Your account must keep a second factor. Add another one first.",
    }

    def get_totp_label(self, user: User) -> str:
        return user.get_username()
