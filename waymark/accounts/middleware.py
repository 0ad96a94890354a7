"""Two gates every request passes: a session left alone is locked, and staff need a second factor."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from waymark.accounts.models import Role, User
from waymark.accounts.reads import has_second_factor
from waymark.audit.actions import record

OPEN_WHILE_LOCKED = {"account_reauthenticate", "mfa_reauthenticate_webauthn", "demo_unlock", "account_logout"}
OPEN_BEFORE_ENROLMENT = {
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
    "account_logout",
    "account_change_password",
}


class Gate(ABC):
    """A middleware that lets a signed-in person's request through or answers it. It stands in process_view, behind
    the check of the CSRF token: a request kept for later has passed it already."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not isinstance(request.user, User):
            return None
        assert request.resolver_match
        return self.answer(request, request.user, request.resolver_match.url_name or "")

    @abstractmethod
    def answer(self, request: HttpRequest, user: User, url_name: str) -> HttpResponse | None:
        """What to answer instead of the page; None lets the request through."""


class SessionLockMiddleware(Gate):
    """Locks a session that was idle for settings.SESSION_LOCK_SECONDS. What it was about to do is kept: after the
    password or the passkey the person is where they were, and a form that was sent is saved."""

    def answer(self, request: HttpRequest, user: User, url_name: str) -> HttpResponse | None:
        session = request.session
        if "locked_at" not in session and _idle_seconds(request) > settings.SESSION_LOCK_SECONDS:
            session["locked_at"] = time.time()
            _record(user, "session.locked")
        if "locked_at" in session and _shown_again(request, user):
            del session["locked_at"]
            session["active_at"] = time.time()
            _record(user, "session.unlocked")
        if "locked_at" in session:
            return None if url_name in OPEN_WHILE_LOCKED else _ask_again(request)
        if "Waymark-Poll" not in request.headers:  # a page that asks by itself is no activity of its reader
            _note_activity(request)
        return None


class SecondFactorMiddleware(Gate):
    """Until staff have enrolled a second factor, every page leads to the one where they do. Participants are free."""

    def answer(self, request: HttpRequest, user: User, url_name: str) -> HttpResponse | None:
        if not settings.SECOND_FACTOR_REQUIRED or user.role == Role.PARTICIPANT or url_name in OPEN_BEFORE_ENROLMENT:
            return None
        return None if has_second_factor(user) else redirect("mfa_index")


def _idle_seconds(request: HttpRequest) -> float:
    return time.time() - float(request.session.get("active_at", time.time()))


def _note_activity(request: HttpRequest) -> None:
    """Not at every request: each note is a write to the database."""
    if "active_at" not in request.session or _idle_seconds(request) > settings.SESSION_LOCK_SECONDS / 30:
        request.session["active_at"] = time.time()


def _shown_again(request: HttpRequest, user: User) -> bool:
    """Whether the person has signed in again since the lock."""
    steps = get_authentication_records(request, user)
    return any(step.get("reauthenticated") and step["at"] > request.session["locked_at"] for step in steps)


def _ask_again(request: HttpRequest) -> HttpResponse:
    address = reverse("demo_unlock" if settings.DEMO else "account_reauthenticate")
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(f"{address}?{urlencode({'next': request.htmx.current_url_abs_path or '/'})}")  # type: ignore[attr-defined]
    kept: HttpResponse = suspend_request(request, address)
    return kept


@transaction.atomic
def _record(user: User, verb: str) -> None:
    record(by=user, verb=verb, subject=user)
