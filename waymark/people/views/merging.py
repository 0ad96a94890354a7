"""Two records that may be one person: the list, the two side by side, joining, parting."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from waymark.accounts.access import Right, require, signed_in
from waymark.people.access import NO_SUCH_PAGE, note_listed, person_for
from waymark.people.actions import CannotSave, merge_people, not_a_duplicate, undo_merge
from waymark.people.duplicates import duplicate_pairs
from waymark.people.forms import ReasonForm
from waymark.people.identity import likeness
from waymark.people.models import Merge, Person
from waymark.people.particulars import families
from waymark.people.reads import merge_of, page
from waymark.people.views.saving import form_page, saved, status_of
from waymark.web.clock import now, today
from waymark.web.tables import csv_response, wants_csv

SHOWN = 50


@require(Right.PERSON_MERGE)
def duplicates(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    pairs = duplicate_pairs(user)
    shown = pairs if wants_csv(request) else pairs[:SHOWN]
    note_listed(user, "person.duplicates_listed", [person for pair in shown for person in (pair.one, pair.other)])
    if wants_csv(request):
        header = ["Record", "Name", "Other record", "Other name", "Why"]
        rows = ([p.one.pk, _called(p.one), p.other.pk, _called(p.other), p.likeness] for p in pairs)
        return csv_response("probable-duplicates", header, ([*row[:4], str(row[4])] for row in rows))
    return render(request, "people/duplicates.html", {"pairs": shown, "number": len(pairs)})


@require(Right.PERSON_MERGE)
def person_merge(request: HttpRequest, person_id: int, other_id: int) -> HttpResponse:
    """The record of the first number is kept; the page offers to turn that round."""
    user = signed_in(request)
    kept, other = person_for(user, person_id), person_for(user, other_id)
    if kept.pk == other.pk:
        messages.info(request, "These are one record already.")
        return redirect("person", kept.pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and saved(form, lambda why: merge_people(person_id, other_id, why=why, by=user)):
        messages.success(request, f"Record {other.pk} is merged into this one. It can be undone below.")
        return redirect("person", kept.pk)
    return render(request, "people/merge.html", _side_by_side(kept, other) | {"form": form}, status=status_of(form))


@require(Right.PERSON_MERGE)
@require_POST
def person_not_a_duplicate(request: HttpRequest, person_id: int, other_id: int) -> HttpResponse:
    user = signed_in(request)
    try:
        not_a_duplicate(person_id, other_id, by=user)
    except CannotSave as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"Records {person_id} and {other_id} are two people. They are not proposed again.")
    return redirect("duplicates")


@require(Right.PERSON_MERGE)
def merge_undo(request: HttpRequest, merge_id: int) -> HttpResponse:
    user = signed_in(request)
    merge = merge_of(merge_id)
    if merge is None:
        raise Http404(NO_SUCH_PAGE)
    person = person_for(user, merge.kept_id)
    return form_page(
        request,
        person,
        ReasonForm(request.POST or None),
        lambda why: undo_merge(merge.pk, why=why, by=user, at=now()),
        question=f"Are record {merge.kept_id} and record {merge.absorbed_id} two people after all?",
        explained=_what_undoing_does(merge),
        done=f"Record {merge.absorbed_id} stands by itself again.",
        button="Undo the merge",
    )


def _side_by_side(kept: Person, other: Person) -> dict[str, object]:
    both = families([kept.pk, other.pk])
    sides = page(kept, today()), page(other, today())
    return {
        "kept": sides[0],
        "other": sides[1],
        "sides": sides,
        "likeness": likeness(both[kept.pk].who, both[other.pk].who),
    }


def _what_undoing_does(merge: Merge) -> str:
    return (
        f"Record {merge.absorbed_id} of {_called(merge.absorbed)} comes back as it was, with all that hung on it. "
        f"What was added since to record {merge.kept_id} stays there."
    )


def _called(person: Person) -> str:
    return f"{person.given_name} {person.family_name}"
