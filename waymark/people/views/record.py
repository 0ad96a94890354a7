"""One person's record: the page, making it, changing it, its history."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from waymark.accounts.access import Right, may, require, signed_in
from waymark.people.access import person_for
from waymark.people.actions import CannotSave, ProbableDuplicates, StalePerson, change_person, create_person
from waymark.people.actions.records import FIELDS
from waymark.people.duplicates import duplicates_of_person
from waymark.people.forms import ChangePersonForm, NewPersonForm, refuse, typed_yes_or_no
from waymark.people.models import Person
from waymark.people.reads import Match, history, page
from waymark.people.views.saving import status_of
from waymark.web.clock import today
from waymark.web.tables import csv_response, wants_csv


@require(Right.PERSON_SEE)
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id)
    if person.pk != person_id:
        return redirect("person", person.pk)
    context = {
        "person": person,
        "page": page(person, today()),
        "duplicates": duplicates_of_person(user, person) if may(user, Right.PERSON_MERGE) else [],
        "may_write": may(user, Right.PERSON_WRITE),
        "may_merge": may(user, Right.PERSON_MERGE),
        "may_restrict": may(user, Right.PERSON_RESTRICT),
        "may_see_cases": may(user, Right.CASE_SEE),
    }
    return render(request, "people/person.html", context)


@require(Right.PERSON_WRITE)
def person_new(request: HttpRequest) -> HttpResponse:
    form = NewPersonForm(request.POST or None, initial={"language": "en", **_begun(request)})
    candidates: list[Match] = []
    if request.method == "POST" and form.is_valid():
        try:
            made = create_person(form.cleaned_data, by=signed_in(request), on=today(), **_despite(form))
        except ProbableDuplicates as alike:
            candidates = alike.candidates
            form.fields["despite_duplicates"].required = True
            refuse(form, alike)
        except CannotSave as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"Record {made.pk} is made. Add identifiers, contacts and an address now.")
            return redirect("person", made.pk)
    return render(request, "people/new.html", {"form": form, "candidates": candidates}, status=status_of(form))


@require(Right.PERSON_WRITE)
def person_edit(request: HttpRequest, person_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id)
    form = ChangePersonForm(request.POST or None, initial=_as_recorded(person))
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = form.cleaned_data
        try:
            change_person(person_id, given, version=given["version"], why=given["why"], by=user, on=today())
        except StalePerson as stale:
            form = ChangePersonForm({**request.POST.dict(), "version": stale.version})  # a second try, with open eyes
            refuse(form, stale)
        except CannotSave as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "The record is changed.")
            return redirect("person", person.pk)
    context = {"person": person, "form": form, "question": f"Change the record of {_called(person)}.", "button": "Save"}
    return render(request, "people/form.html", context, status=status_of(form))


@require(Right.PERSON_SEE)
def person_history(request: HttpRequest, person_id: int) -> HttpResponse:
    person = person_for(signed_in(request), person_id, verb="person.history_viewed")
    changes = history(person)
    if wants_csv(request):
        header = ["When", "Who", "What", "Field", "Before", "After", "Reason"]
        return csv_response(
            f"record-{person.pk}-history",
            header,
            ([c.at, c.actor, c.what, c.field, c.before, c.after, c.why] for c in changes),
        )
    return render(request, "people/history.html", {"person": person, "changes": changes})


def _begun(request: HttpRequest) -> dict[str, str]:
    """What the search page hands on of what was looked for in vain."""
    return {name: request.GET[name] for name in ("given_name", "family_name") if name in request.GET}


def _despite(form: NewPersonForm) -> dict[str, str]:
    return {"despite_duplicates": form.cleaned_data["despite_duplicates"].strip()}


def _as_recorded(person: Person) -> dict[str, Any]:
    recorded = model_to_dict(person, fields=[*FIELDS, "version"])
    return {**recorded, "version": person.version, "needs_interpreter": typed_yes_or_no(person.needs_interpreter)}


def _called(person: Person) -> str:
    return f"{person.given_name} {person.family_name}"
