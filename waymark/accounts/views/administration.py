"""The administrator's pages: who has an account, what it may do, and the way back in."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from waymark.accounts import actions
from waymark.accounts.access import DEFAULT_SCOPE, Right, require, signed_in
from waymark.accounts.actions import CannotChangeAccount
from waymark.accounts.forms import ChangeAccountForm, NewAccountForm, ReasonForm
from waymark.accounts.models import Role, User
from waymark.accounts.reads import accounts_managed_by, matching
from waymark.accounts.views.sign_in_link import show_link
from waymark.audit.reads import changes_to
from waymark.web.tables import csv_response, wants_csv

PER_PAGE = 100
HEADER = ["Name", "User name", "E-mail", "Role", "Scope", "Agency", "Unit", "Second factor", "Last sign-in", "State"]


@require(Right.ACCOUNTS_MANAGE)
def account_list(request: HttpRequest) -> HttpResponse:
    asked = {key: request.GET.get(key, "").replace("\0", "").strip() for key in ("words", "role", "state")}
    accounts = matching(accounts_managed_by(signed_in(request)), **asked)
    if wants_csv(request):
        return csv_response("accounts", HEADER, (_row(account) for account in accounts))
    page = Paginator(accounts, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/account_list.html", {"page": page, "asked": asked, "roles": Role})


@require(Right.ACCOUNTS_MANAGE)
def account_new(request: HttpRequest) -> HttpResponse:
    manager = signed_in(request)
    form = NewAccountForm(request.POST or None, manager=manager)
    if form.is_valid():
        account = actions.create_account(by=manager, **form.cleaned_data)
        return _with_link(request, account, why="new account")
    scopes = {role.label: DEFAULT_SCOPE[role].label for role in Role if role != Role.PARTICIPANT}
    return render(request, "accounts/account_new.html", {"form": form, "scopes": scopes})


@require(Right.ACCOUNTS_MANAGE)
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    manager, account = signed_in(request), _managed(request, account_id)
    form = _change_form(manager, account, request.POST or None)
    if form.is_valid():
        try:
            actions.change_account(by=manager, account_id=account_id, **form.cleaned_data)
        except CannotChangeAccount as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{account.get_username()} was changed.")
            return redirect("account", account_id)
    return _page(request, _managed(request, account_id), form, ReasonForm(auto_id="reason_%s"))


@require(Right.ACCOUNTS_MANAGE)
@require_POST
def account_close(request: HttpRequest, account_id: int) -> HttpResponse:
    return _act(request, account_id, actions.close_account, "{} is closed. Nobody can sign in with it any more.")


@require(Right.ACCOUNTS_MANAGE)
@require_POST
def account_open(request: HttpRequest, account_id: int) -> HttpResponse:
    return _act(request, account_id, actions.open_account, "{} is open again.")


@require(Right.ACCOUNTS_MANAGE)
@require_POST
def second_factor_reset(request: HttpRequest, account_id: int) -> HttpResponse:
    done = "The second factor of {} was removed. A new one must be enrolled at the next sign-in."
    return _act(request, account_id, actions.reset_second_factor, done)


@require(Right.ACCOUNTS_MANAGE)
@require_POST
def sign_in_link(request: HttpRequest, account_id: int) -> HttpResponse:
    account, reason = _managed(request, account_id), ReasonForm(request.POST, auto_id="reason_%s")
    if not reason.is_valid():
        return _page(request, account, None, reason)
    return _with_link(request, account, why=reason.cleaned_data["why"])


def _act(request: HttpRequest, account_id: int, action: Callable[..., User], done: str) -> HttpResponse:
    account, reason = _managed(request, account_id), ReasonForm(request.POST, auto_id="reason_%s")
    if reason.is_valid():
        try:
            action(by=signed_in(request), account_id=account_id, why=reason.cleaned_data["why"])
        except CannotChangeAccount as refusal:
            reason.add_error(None, str(refusal))
        else:
            messages.success(request, done.format(account.get_username()))
            return redirect("account", account_id)
    return _page(request, account, None, reason)


def _page(request: HttpRequest, account: User, form: ChangeAccountForm | None, reason: ReasonForm) -> HttpResponse:
    form = form or _change_form(signed_in(request), account, None)
    faulty = form.is_bound or reason.is_bound
    context = {"account": account, "form": form, "reason": reason, "history": changes_to(account)}
    return render(request, "accounts/account.html", context, status=422 if faulty else 200)


def _change_form(manager: User, account: User, data: QueryDict | None) -> ChangeAccountForm:
    now = {name: getattr(account, name) for name in actions.FIELDS}
    return ChangeAccountForm(data, manager=manager, account=account, initial=now)


def _with_link(request: HttpRequest, account: User, *, why: str) -> HttpResponse:
    path = actions.make_sign_in_link(by=signed_in(request), account_id=account.pk, why=why)
    return show_link(request, account, path, done=reverse("account", args=[account.pk]))


def _managed(request: HttpRequest, account_id: int) -> User:
    account = accounts_managed_by(signed_in(request)).filter(pk=account_id).first()
    if account is None:
        raise Http404
    return account


def _row(account: User) -> list[object]:
    return [
        account.get_full_name(),
        account.username,
        account.email,
        account.get_role_display(),
        account.get_scope_display(),
        account.agency.name if account.agency else "",
        account.unit.name if account.unit else "",
        "yes" if getattr(account, "second_factor", False) else "no",
        account.last_login,
        "open" if account.is_active else "closed",
    ]
