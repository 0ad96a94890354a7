"""Who may do what. The whole table stands here; how far a right reaches is the account's scope (people.access)."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase

from waymark.accounts.models import Role, Scope, User


class Right(StrEnum):
    PERSON_SEE = "person.see"
    PERSON_WRITE = "person.write"
    PERSON_MERGE = "person.merge"
    PERSON_RESTRICT = "person.restrict"
    CASE_SEE = "case.see"
    CASE_WRITE = "case.write"
    DETERMINATION_SEE = "determination.see"
    UNIT_OVERSEE = "unit.oversee"
    COURT_SEE = "court.see"
    OWN_SEE = "own.see"
    RECOMPUTE = "recompute"
    AUDIT_SEE = "audit.see"
    ACCOUNTS_MANAGE = "accounts.manage"
    MONITORING_SEE = "monitoring.see"  # orders, zones, alerts and positions of people within reach
    MONITORING_WORK = "monitoring.work"  # acknowledge, work and conclude alerts; drive-by visits
    NOTICE_APPROVE = "notice.approve"  # change, sign and serve the notice of a violation
    MONITORING_SET_UP = "monitoring.set_up"  # orders, devices, zones, schedules, suspensions, decisions on leave


READS = {Right.PERSON_SEE, Right.CASE_SEE, Right.DETERMINATION_SEE}
WRITES = {Right.PERSON_WRITE, Right.PERSON_MERGE, Right.CASE_WRITE}
MONITORING = {Right.MONITORING_SEE, Right.MONITORING_WORK, Right.MONITORING_SET_UP, Right.NOTICE_APPROVE}

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OFFICER: frozenset(READS | WRITES | {Right.RECOMPUTE, Right.MONITORING_SEE, Right.NOTICE_APPROVE}),
    Role.SUPERVISOR: frozenset(
        READS | WRITES | MONITORING | {Right.RECOMPUTE, Right.UNIT_OVERSEE, Right.PERSON_RESTRICT}
    ),
    Role.CLERK: frozenset(READS | WRITES | {Right.MONITORING_SEE}),
    Role.MONITORING_STAFF: frozenset(READS | MONITORING),
    Role.EVALUATOR: frozenset(READS),
    Role.PROGRAM_INSTRUCTOR: frozenset({Right.PERSON_SEE, Right.CASE_SEE}),
    Role.DIVERSION_CASE_MANAGER: frozenset({Right.PERSON_SEE, Right.PERSON_WRITE, Right.CASE_SEE}),
    Role.JUDGE: frozenset({Right.COURT_SEE}),
    Role.PROSECUTOR: frozenset({Right.COURT_SEE}),
    Role.DEFENDER: frozenset({Right.COURT_SEE}),
    Role.PARTICIPANT: frozenset({Right.OWN_SEE}),
    Role.AUDITOR: frozenset({Right.AUDIT_SEE}),
    Role.ADMINISTRATOR: frozenset({Right.ACCOUNTS_MANAGE, Right.PERSON_RESTRICT}),
}

DEFAULT_SCOPE: dict[Role, Scope] = {
    Role.OFFICER: Scope.OWN,
    Role.SUPERVISOR: Scope.UNIT,
    Role.CLERK: Scope.AGENCY,
    Role.MONITORING_STAFF: Scope.AGENCY,
    Role.EVALUATOR: Scope.OWN,
    Role.PROGRAM_INSTRUCTOR: Scope.OWN,
    Role.DIVERSION_CASE_MANAGER: Scope.OWN,
    Role.JUDGE: Scope.OWN,
    Role.PROSECUTOR: Scope.OWN,
    Role.DEFENDER: Scope.OWN,
    Role.PARTICIPANT: Scope.OWN,
    Role.AUDITOR: Scope.WHOLE,
    Role.ADMINISTRATOR: Scope.WHOLE,
}

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def may(user: User | AnonymousUser, right: Right) -> bool:
    """Whether the account's role carries the right. Nobody in particular, and a closed account, may nothing."""
    return isinstance(user, User) and user.is_active and right in RIGHTS.get(Role(user.role), frozenset())


def require(*rights: Right) -> Callable[[View], View]:
    """Decorate a view: anonymous people are sent to sign in; without one of the rights the page does not exist."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not any(may(request.user, right) for right in rights):
                raise Http404
            return view(request, *args, **kwargs)

        return cast(View, guarded)

    return decorate


def signed_in(request: HttpRequest) -> User:
    """The account behind the request, for views that `require` has let through."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user
