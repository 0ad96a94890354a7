"""What an administrator does to accounts. Each verb checks, writes and audits in one transaction."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from waymark.accounts import lockout
from waymark.accounts.models import Agency, Role, Scope, Unit, User
from waymark.accounts.reads import user_name_is_taken
from waymark.audit.actions import record

USER_NAME = UnicodeUsernameValidator(message="Use letters, digits and . @ + - _ only.")
USER_NAME_TAKEN = "Another account has this user name. Choose another one."
FIELDS = ("first_name", "last_name", "email", "title", "phone", "role", "scope", "agency", "unit")


class CannotChangeAccount(Exception):
    """The change may not be made; the message says why and what to do instead."""


@transaction.atomic
def create_account(*, by: User | None, username: str, **fields: Any) -> User:
    """A new account without a password: hand over `sign_in_link` so that the person chooses one."""
    account = User(username=username, **fields)
    account.set_unusable_password()
    account.save(force_insert=True)
    changes = {name: [None, _plain(getattr(account, name))] for name in ("username", *FIELDS, "language")}
    record(by=by, verb="account.created", subject=account, detail={"changes": changes})
    return account


@transaction.atomic
def create_participant_account(
    *, by: User, username: str, first_name: str, last_name: str, language: str, agency: Agency | None
) -> User:
    """For somebody under supervision, who sees her own cases alone. `agency`: whose administrators may change it.
    Raises CannotChangeAccount for a user name that is taken or cannot be one."""
    username = username.strip().lower()
    try:
        USER_NAME(username)
    except ValidationError as fault:
        raise CannotChangeAccount(*fault.messages) from None
    if user_name_is_taken(username):
        raise CannotChangeAccount(USER_NAME_TAKEN)
    who = {"first_name": first_name, "last_name": last_name, "language": language, "agency": agency}
    try:
        with transaction.atomic():
            return create_account(by=by, username=username, role=Role.PARTICIPANT, scope=Scope.OWN, **who)
    except IntegrityError:  # somebody took it between the look and the write
        raise CannotChangeAccount(USER_NAME_TAKEN) from None


@transaction.atomic
def change_account(*, by: User, account_id: int, why: str, **fields: Any) -> User:
    """Set the given fields. Raises CannotChangeAccount when no administrator for the whole would be left."""
    account = _locked(account_id)
    administered = _administers(account)
    changes = {
        name: [_plain(getattr(account, name)), _plain(value)]
        for name, value in fields.items()
        if getattr(account, name) != value
    }
    if not changes:
        return account
    for name, value in fields.items():
        setattr(account, name, value)
    account.save(update_fields=list(fields))
    if administered:
        _somebody_still_administers()
    record(by=by, verb="account.changed", subject=account, why=why, detail={"changes": changes})
    return account


@transaction.atomic
def close_account(*, by: User, account_id: int, why: str) -> User:
    """From the next request on the account can do nothing. Raises CannotChangeAccount as change_account does."""
    return _set_open(False, by=by, account_id=account_id, why=why, verb="account.closed")


@transaction.atomic
def open_account(*, by: User, account_id: int, why: str) -> User:
    return _set_open(True, by=by, account_id=account_id, why=why, verb="account.opened")


@transaction.atomic
def reset_second_factor(*, by: User, account_id: int, why: str) -> User:
    """Remove every authenticator app, passkey and recovery code; the person must enrol anew."""
    account = _locked(account_id)
    authenticators = Authenticator.objects.filter(user=account)
    removed = sorted(authenticators.values_list("type", flat=True))
    authenticators.delete()
    record(by=by, verb="account.second_factor_reset", subject=account, why=why, detail={"removed": removed})
    return account


@transaction.atomic
def make_sign_in_link(*, by: User | None, account_id: int, why: str) -> str:
    """The path of a page where the holder chooses a new password, once, within settings.PASSWORD_RESET_TIMEOUT.

    The administrator hands it over and never knows the password. It also opens a locked account.
    """
    account = _locked(account_id)
    lockout.unlock(account)
    record(by=by, verb="account.sign_in_link_made", subject=account, why=why)
    key = {"uidb36": user_pk_to_url_str(account), "key": default_token_generator.make_token(account)}
    return reverse("account_reset_password_from_key", kwargs=key)


def _set_open(is_active: bool, *, by: User, account_id: int, why: str, verb: str) -> User:
    account = _locked(account_id)
    administered = _administers(account)
    changes = {"is_active": [account.is_active, is_active]}
    account.is_active = is_active
    account.save(update_fields=["is_active"])
    if administered:
        _somebody_still_administers()
    record(by=by, verb=verb, subject=account, why=why, detail={"changes": changes})
    return account


def _locked(account_id: int) -> User:
    """The row as it is now. Administrators are locked with it: two of them closing each other wait in line."""
    list(User.objects.select_for_update().filter(role=Role.ADMINISTRATOR).order_by("pk").values_list("pk"))
    return User.objects.select_for_update().get(pk=account_id)


def _administers(account: User) -> bool:
    return account.is_active and account.role == Role.ADMINISTRATOR and account.scope == Scope.WHOLE


def _somebody_still_administers() -> None:
    if not User.objects.filter(role=Role.ADMINISTRATOR, scope=Scope.WHOLE, is_active=True).exists():
        raise CannotChangeAccount(
            "This is the last open administrator account for every agency. Make another one first."
        )


def _plain(value: Any) -> Any:
    return value.name if isinstance(value, Agency | Unit) else value
