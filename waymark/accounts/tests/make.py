"""Agencies, units and accounts for tests. Every name is invented."""

from __future__ import annotations

from itertools import count
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import make_password

from waymark.accounts.access import DEFAULT_SCOPE
from waymark.accounts.models import Agency, Role, Unit, User

_serial = count(1)


def make_agency(name: str = "", kind: str = Agency.Kind.COUNTY_CORRECTIONS, **fields: Any) -> Agency:
    n = next(_serial)
    return Agency.objects.create(**{"name": name or f"Agency {n}", "code": f"agency-{n}", "kind": kind, **fields})


def make_unit(agency: Agency | None = None, name: str = "", **fields: Any) -> Unit:
    n = next(_serial)
    return Unit.objects.create(
        **{"agency": agency or make_agency(), "name": name or f"Unit {n}", "code": f"unit-{n}", **fields}
    )


def make_user(
    role: str = Role.OFFICER,
    *,
    agency: Agency | None = None,
    unit: Unit | None = None,
    password: str | None = None,
    **fields: Any,
) -> User:
    """An account with the scope its role usually has. Without a password nobody can sign in by the form."""
    n = next(_serial)
    return User.objects.create(
        **{
            "username": f"{role}{n}",
            "email": f"{role}{n}@example.org",
            "first_name": Role(role).label,
            "last_name": f"Number {n}",
            "role": role,
            "scope": DEFAULT_SCOPE[Role(role)],
            "agency": agency or (unit.agency if unit else None),
            "unit": unit,
            "password": make_password(password),
            **fields,
        }
    )


def enrol_second_factor(user: User) -> str:
    """Give the account an authenticator app; returns its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret
