"""Who is kept out of one record. An administrator reaches it by its number alone and learns no more than that."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from waymark.accounts.access import Right, may, require, signed_in
from waymark.accounts.models import User
from waymark.people.access import NO_SUCH_PAGE, person_to_restrict, record_ids
from waymark.people.actions import lift_restriction, restrict_access
from waymark.people.forms import ReasonForm, RecordNumberForm, RestrictionForm
from waymark.people.models import Person
from waymark.people.reads import accounts_offered, restrictions
from waymark.people.views.saving import go_back, saved, status_of


@require(Right.PERSON_RESTRICT)
def restrictions_find(request: HttpRequest) -> HttpResponse:
    form = RecordNumberForm(request.GET or None)
    if form.is_valid():
        return redirect("person_restrictions", form.cleaned_data["person_id"])
    return render(request, "people/restrictions_find.html", {"form": form}, status=status_of(form))


@require(Right.PERSON_RESTRICT)
def person_restrictions(request: HttpRequest, person_id: int) -> HttpResponse:
    user = signed_in(request)
    person = _person(user, person_id)
    form = RestrictionForm(request.POST or None, accounts=accounts_offered())
    if request.method == "POST" and saved(form, partial(restrict_access, person.pk, by=user)):
        messages.success(request, "The list is changed.")
        return go_back(user, person, "person_restrictions")
    context = {"form": form, "rows": restrictions(record_ids(person)), **_shown(user, person)}
    return render(request, "people/restrictions.html", context, status=status_of(form))


@require(Right.PERSON_RESTRICT)
def restriction_lift(request: HttpRequest, person_id: int, row_id: int) -> HttpResponse:
    user = signed_in(request)
    person = _person(user, person_id)
    row = next((row for row in restrictions(record_ids(person)) if row.pk == row_id), None)
    if row is None:
        raise Http404(NO_SUCH_PAGE)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and saved(form, partial(lift_restriction, person.pk, row_id, by=user)):
        messages.success(request, f"{row.user.get_full_name()} is off the list.")
        return go_back(user, person, "person_restrictions")
    context = {"form": form, "row": row, **_shown(user, person)}
    return render(request, "people/restriction_lift.html", context, status=status_of(form))


def _person(user: User, person_id: int) -> Person:
    with transaction.atomic():
        return person_to_restrict(user, person_id)


def _shown(user: User, person: Person) -> dict[str, object]:
    """The number is all that somebody sees who may see no people."""
    sees_people = may(user, Right.PERSON_SEE)
    called = f"the record of {person.given_name} {person.family_name}" if sees_people else f"record {person.pk}"
    return {"person": person, "sees_people": sees_people, "called": called}
