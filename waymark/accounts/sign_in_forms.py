"""allauth's forms, in the house's words, with wrong codes and keys counted and put on record.

settings.ACCOUNT_FORMS and settings.MFA_FORMS name them.
"""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django.core.exceptions import ValidationError
from django.db import transaction

from waymark.accounts import lockout
from waymark.audit.actions import record


class SignInForm(LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, password = self.fields["login"], self.fields["password"]
        name.label = "User name or e-mail"
        name.widget.attrs.update({"autocomplete": "username", "placeholder": "", "autocapitalize": "none"})
        name.error_messages["required"] = "Type your user name or your e-mail address."
        password.widget.attrs.update({"placeholder": ""})
        password.error_messages["required"] = "Type your password."


class WatchedCode:
    user: Any

    def clean_code(self) -> str:
        with lockout.watching_codes(self.user):
            code: str = super().clean_code()  # type: ignore[misc]
            return code


class WatchedKey:
    user: Any

    def clean_credential(self) -> Any:
        with lockout.watching_codes(self.user):
            return super().clean_credential()  # type: ignore[misc]


class CodeForm(WatchedCode, AuthenticateForm):  # type: ignore[misc]
    pass


class CodeAgainForm(WatchedCode, ReauthenticateForm):  # type: ignore[misc]
    pass


class KeyForm(WatchedKey, AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class KeyAgainForm(WatchedKey, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class AddKeyForm(AddWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "Name of the key"
        self.fields["name"].help_text = "So that you know it again, for example “Work phone”."
        alone = self.fields["passwordless"]
        alone.label = "Let it sign me in without my password"
        alone.help_text = "The device then asks for your fingerprint, your face or its PIN."


class PasskeySignInForm(LoginWebAuthnForm):  # type: ignore[misc]
    """Sign-in by passkey alone. Whose it claims to be is only believed once it is checked, so nobody is locked out."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except ValidationError:
            with transaction.atomic():
                record(by=None, verb="account.sign_in_failed", why="the passkey was not accepted")
            raise
