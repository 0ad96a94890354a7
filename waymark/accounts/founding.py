"""How an installation gets its first agency and its first administrator, before anybody can sign in."""

from __future__ import annotations

from typing import NamedTuple

from django.db import transaction
from django.utils.text import slugify

from waymark.accounts.actions import create_account, make_sign_in_link
from waymark.accounts.models import Agency, Role, Scope, User
from waymark.accounts.offices import add_agency
from waymark.audit.models import Head

CODE_LENGTH = 50


class AlreadyFounded(Exception):
    """Somebody has an account; the message says how further ones are made."""


class Founded(NamedTuple):
    agency: Agency
    administrator: User
    sign_in_path: str  # leads once to the choice of a password


@transaction.atomic
def found(*, agency: str, kind: str, username: str, email: str = "") -> Founded:
    """The first agency, and an administrator for every agency without a password. Raises AlreadyFounded."""
    Head.objects.select_for_update().get(pk=1)  # two foundings at once: the second waits, and finds an account
    if User.objects.exists():
        raise AlreadyFounded(
            "This installation has accounts already. Its administrators make agencies, accounts and sign-in links on "
            "their pages. If the first link was not used in time: waymark manage changepassword USERNAME"
        )
    code = slugify(agency)[:CODE_LENGTH].strip("-") or "agency"
    first = add_agency(by=None, name=agency, code=code, kind=kind)
    administrator = create_account(
        by=None, username=username, email=email, role=Role.ADMINISTRATOR, scope=Scope.WHOLE, agency=first
    )
    path = make_sign_in_link(by=None, account_id=administrator.pk, why="the installation was founded")
    return Founded(first, administrator, path)
