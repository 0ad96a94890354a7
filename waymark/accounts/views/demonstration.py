"""The demonstration's front door: pick an account and be signed in. Outside demo mode these pages do not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from waymark.accounts.access import signed_in
from waymark.accounts.models import Role
from waymark.accounts.reads import demo_accounts, open_accounts
from waymark.audit.actions import record

PER_ROLE = 3
TO_TRY = {
    Role.OFFICER: "Open your caseload, find who could be discharged this month, and ask what stands in the way.",
    Role.SUPERVISOR: "See which clocks in your unit are about to be missed, and who is due for discharge in 120 days.",
    Role.CLERK: "Search “Jon Smyth, 1981”, then look through the probable duplicates.",
    Role.MONITORING_STAFF: "Look somebody up and read their terms; nothing can be changed.",
    Role.EVALUATOR: "Read the record of a person assigned to you.",
    Role.PROGRAM_INSTRUCTOR: "Read the conditions of a person in your program.",
    Role.DIVERSION_CASE_MANAGER: "Keep a participant’s contact details up to date.",
    Role.JUDGE: "Open a case on your docket and print the determination with its reasons.",
    Role.PROSECUTOR: "Read a case you are a party to, with the months that were not earned.",
    Role.DEFENDER: "Read your client’s case, and the law’s other reading of it.",
    Role.PARTICIPANT: "See what stands between you and discharge, in English or Spanish, on a phone.",
    Role.AUDITOR: "Find who looked at a person’s record, and when.",
    Role.ADMINISTRATOR: "Make an account, change what it may do, close it.",
}


def only_in_demo(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@only_in_demo
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        account = get_object_or_404(open_accounts(), pk=_number(request.POST.get("account")))
        with transaction.atomic():
            login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
            record(by=account, verb="account.signed_in", subject=account, detail={"how": ["demonstration"]})
        return redirect(_next(request))
    roles = [(role, TO_TRY[role], accounts) for role, accounts in demo_accounts(PER_ROLE)]
    return render(request, "accounts/demo_sign_in.html", {"by_role": roles, "next": request.GET.get("next", "")})


@only_in_demo
def demo_unlock(request: HttpRequest) -> HttpResponse:
    """A click stands for the password that demo accounts do not have."""
    if not request.user.is_authenticated:
        raise Http404
    if request.method == "POST" and request.session.pop("locked_at", None):
        request.session.pop("active_at", None)
        with transaction.atomic():
            record(by=signed_in(request), verb="session.unlocked", subject=signed_in(request))
    if "locked_at" not in request.session:
        return redirect(_next(request))
    return render(request, "accounts/demo_unlock.html", {"next": request.GET.get("next", "")})


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "/"


def _number(given: str | None) -> int:
    return int(given) if given and given.isdecimal() else 0
