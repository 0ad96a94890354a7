"""How a person under supervision signs in: an account given, a new one-time link, the account closed."""

from __future__ import annotations

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from waymark.accounts.access import Right, require, signed_in
from waymark.accounts.models import User
from waymark.accounts.views.sign_in_link import show_link
from waymark.people.access import NO_SUCH_PAGE, person_for
from waymark.people.actions import CannotSave, close_own_account, give_account, make_own_link
from waymark.people.forms import AccountForm, ReasonForm, refuse
from waymark.people.models import Person
from waymark.people.reads import account_of, user_name_for
from waymark.people.views.saving import form_page, status_of

FIRST_LINK = "new account"


@require(Right.PERSON_WRITE)
def person_account_new(request: HttpRequest, person_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id)
    proposed = {"username": user_name_for(person), "language": person.language}
    form = AccountForm(request.POST or None, initial=proposed)
    if request.method == "POST" and form.is_valid():
        try:
            account = give_account(person.pk, by=user, **form.cleaned_data)
            path = make_own_link(person.pk, account.pk, by=user, why=FIRST_LINK)
        except CannotSave as refusal:
            refuse(form, refusal)
        else:
            return _link(request, person, account, path)
    context = {
        "person": person,
        "form": form,
        "question": f"Give {_called(person)} a way to sign in.",
        "explained": "With it the person sees their own cases and nothing else. They choose the password through "
        "a link that you hand over on the next page.",
        "button": "Make the account",
    }
    return render(request, "people/form.html", context, status=status_of(form))


@require(Right.PERSON_WRITE)
def person_account_link(request: HttpRequest, person_id: int, row_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id)
    account = _account(person, row_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            path = make_own_link(person.pk, account.pk, by=user, why=form.cleaned_data["why"])
        except CannotSave as refusal:
            refuse(form, refusal)
        else:
            return _link(request, person, account, path)
    context = {
        "person": person,
        "form": form,
        "question": f"Make a new one-time link for {_called(person)}?",
        "explained": "For a forgotten password. The password chosen before counts until the link is used.",
        "button": "Make the link",
    }
    return render(request, "people/form.html", context, status=status_of(form))


@require(Right.PERSON_WRITE)
def person_account_close(request: HttpRequest, person_id: int, row_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id)
    account = _account(person, row_id)
    return form_page(
        request,
        person,
        ReasonForm(request.POST or None),
        partial(close_own_account, person.pk, account.pk, by=user),
        question=f"Close the account {account.username}?",
        explained=f"From then on {_called(person)} can no longer sign in. An administrator can open it again.",
        done=f"The account {account.username} is closed. Nobody can sign in with it any more.",
        button="Close the account",
    )


def _account(person: Person, account_id: int) -> User:
    account = account_of(person, account_id)
    if account is None:
        raise Http404(NO_SUCH_PAGE)
    return account


def _link(request: HttpRequest, person: Person, account: User, path: str) -> HttpResponse:
    return show_link(request, account, path, done=reverse("person", args=[person.pk]))


def _called(person: Person) -> str:
    return f"{person.given_name} {person.family_name}"
