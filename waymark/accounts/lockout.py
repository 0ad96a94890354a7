"""Five wrong passwords or codes within a quarter of an hour lock the account for a quarter of an hour.

allauth counts the failures (settings.ACCOUNT_RATE_LIMITS, in the database's cache, so that every process sees them).
Here stands what it leaves open: the full time of the lock from the last failure on, and the entry in the audit chain.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.core import context, ratelimit
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction

from waymark.accounts.models import User
from waymark.audit.actions import record

MESSAGE = (
    "This account is locked for 15 minutes after five wrong tries. Wait, or ask your administrator for a sign-in link."
)


def is_locked(account: User) -> bool:
    return bool(cache.get(_flag(account)))


def password_key(account: User) -> str:
    """What allauth counts wrong passwords under: the account, however its name was typed."""
    return f"account-{account.pk}"


def failed(account: User, *, key: str, why: str) -> None:
    """Put a failure on record, and lock the account when it was the last one allowed."""
    with transaction.atomic():
        record(by=None, verb="account.sign_in_failed", subject=account, why=why)
        if ratelimit.consume(context.request, action="login_failed", key=key, dry_run=True) or is_locked(account):
            return
        cache.set(_flag(account), True, settings.LOCKOUT_SECONDS)
        record(by=None, verb="account.locked_out", subject=account, detail={"seconds": settings.LOCKOUT_SECONDS})


def unlock(account: User) -> None:
    cache.delete(_flag(account))
    for key in (password_key(account), _code_key(account)):
        ratelimit.clear(context.request, action="login_failed", key=key)


@contextmanager
def watching_codes(account: User) -> Iterator[None]:
    """Around the check of a second factor: a wrong one counts as a failure, and a locked account gets no check."""
    if is_locked(account):
        raise ValidationError(MESSAGE)
    try:
        yield
    except ValidationError:
        failed(account, key=_code_key(account), why="wrong code or key")
        raise


def _flag(account: User) -> str:
    return f"locked-out-{account.pk}"


def _code_key(account: User) -> str:
    """allauth.mfa.base.internal.flows.check_rate_limit counts under this."""
    return f"mfa-auth-user-{account.pk}"
