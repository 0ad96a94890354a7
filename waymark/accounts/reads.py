"""Questions about accounts."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Case, Count, Exists, OuterRef, Prefetch, Q, QuerySet, When

from waymark.accounts.models import Agency, Role, Scope, Unit, User

SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def account_named(credentials: Mapping[str, Any]) -> User | None:
    """The account somebody tries to sign in to, by user name or e-mail in any spelling of capitals."""
    name = credentials.get("username") or credentials.get("email") or ""
    return User.objects.filter(Q(username__iexact=name) | (Q(email__iexact=name) & ~Q(email=""))).first()


def user_name_is_taken(name: str) -> bool:
    """By an account's user name or e-mail, in any spelling of capitals: either signs in."""
    return account_named({"username": name}) is not None


def free_user_name(wanted: str) -> str:
    """What is wanted when nobody has it, else the same with the first number that makes it new."""
    return next(name for n in count(1) if not user_name_is_taken(name := f"{wanted}{n if n > 1 else ''}"))


def has_second_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists())


def accounts_managed_by(manager: User) -> QuerySet[User]:
    """An administrator for every agency manages every account, one for an agency those of it. An account that
    reaches farther than its manager is left out: a sign-in link to it would be a way up."""
    accounts = User.objects.select_related("agency", "unit").annotate(
        second_factor=Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS))
    )
    if manages_every_agency(manager):
        return accounts
    if manager.scope != Scope.AGENCY or manager.agency_id is None:
        return accounts.none()
    return accounts.filter(agency_id=manager.agency_id).exclude(scope=Scope.WHOLE)


def manages_every_agency(manager: User) -> bool:
    return manager.scope == Scope.WHOLE


def agencies_managed_by(manager: User) -> QuerySet[Agency]:
    """Every agency, the administrator's own one, or none: no administrator serves a smaller part."""
    if manages_every_agency(manager):
        return Agency.objects.all()
    if manager.scope != Scope.AGENCY:
        return Agency.objects.none()
    return Agency.objects.filter(staff=manager)


def units_managed_by(manager: User) -> QuerySet[Unit]:
    return Unit.objects.filter(agency__in=agencies_managed_by(manager)).select_related("agency")


def offices_managed_by(manager: User) -> QuerySet[Agency]:
    """The same agencies with `open_staff`, how many staff accounts are open, and so with each of their units."""
    open_staff = Count("staff", filter=Q(staff__is_active=True) & ~Q(staff__role=Role.PARTICIPANT))
    units = Unit.objects.annotate(open_staff=open_staff).order_by("name")
    agencies = agencies_managed_by(manager).annotate(open_staff=open_staff).order_by("name")
    return agencies.prefetch_related(Prefetch("units", units))


def matching(accounts: QuerySet[User], *, words: str = "", role: str = "", state: str = "") -> QuerySet[User]:
    """Narrow a list: every word in some name, the role, "open" or "closed"."""
    for word in words.split():
        accounts = accounts.filter(
            Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(username__icontains=word)
            | Q(email__icontains=word)
        )
    if role:
        accounts = accounts.filter(role=role)
    if state:
        accounts = accounts.filter(is_active=state == "open")
    return accounts


def demo_accounts(per_role: int) -> list[tuple[Role, list[User]]]:
    """A few open accounts of every role that has any, in the order of the roles. The one named after its role, which
    the demonstration county makes for visitors, comes first."""
    found = []
    for role in Role:
        accounts = User.objects.filter(role=role, is_active=True).select_related("agency", "unit")
        accounts = accounts.order_by(Case(When(username=role, then=0), default=1), "pk")
        if few := list(accounts[:per_role]):
            found.append((role, few))
    return found


def open_accounts() -> QuerySet[User]:
    return User.objects.filter(is_active=True)
