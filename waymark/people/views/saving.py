"""What the pages that write have in common: read the form, hand it to the verb, show its refusal beside the field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from waymark.accounts.access import Right, may, signed_in
from waymark.accounts.models import User
from waymark.people.access import people_visible_to
from waymark.people.actions import CannotSave
from waymark.people.forms import refuse
from waymark.people.models import Person

FAULTY = 422


def form_page(
    request: HttpRequest,
    person: Person,
    form: forms.Form,
    save: Callable[..., object],
    *,
    question: str,
    done: str,
    explained: str = "",
    button: str = "Save",
) -> HttpResponse:
    """Show the form; when it comes back whole, save it and go to the person's page. What was typed is kept."""
    if request.method == "POST" and saved(form, save):
        messages.success(request, done)
        return go_back(signed_in(request), person)
    context = {"person": person, "form": form, "question": question, "explained": explained, "button": button}
    return render(request, "people/form.html", context, status=status_of(form))


def saved(form: forms.Form, save: Callable[..., object], **more: Any) -> bool:
    """Whether the verb took what the form holds; its refusal is put on the form."""
    if not form.is_valid():
        return False
    try:
        save(**form.cleaned_data, **more)
    except CannotSave as refusal:
        refuse(form, refusal)
        return False
    return True


def go_back(user: User, person: Person, page: str = "person") -> HttpResponse:
    """To the person's page, or to the search when the act took the person out of the account's reach."""
    if may(user, Right.PERSON_SEE) and not people_visible_to(user).filter(pk=person.pk).exists():
        return redirect("person_search")
    return redirect(page, person.pk)


def status_of(form: forms.Form) -> int:
    return FAULTY if form.is_bound and form.errors else 200
