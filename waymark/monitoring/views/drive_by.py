"""The drive-by page of a phone: whom to listen for, what was heard. Works without a network and sends later."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from waymark.accounts.access import Right, require, signed_in
from waymark.accounts.models import User
from waymark.cases.actions.saving import CannotEnter
from waymark.cases.forms import refuse
from waymark.monitoring.access import activation_for
from waymark.monitoring.actions.drive_by import record_visit
from waymark.monitoring.forms.drive_by import VisitForm
from waymark.monitoring.reads.drive_by import may_be_told, names_of, people_to_check, visits_of_today
from waymark.people.access import TurnedAway, note_listed
from waymark.web.clock import now

MOST_AT_ONCE = 200  # visits in one message
VERB = "activation.drive_by"


@require(Right.MONITORING_WORK)
def drive_by(request: HttpRequest) -> HttpResponse:
    """GET: the list and the form; ?activation= chooses the person. POST: one visit, for phones without JavaScript."""
    user = signed_in(request)
    rows = people_to_check(user, now())
    initial = {"key": uuid4(), "activation": request.GET.get("activation"), "listened_minutes": 5}
    form = VisitForm(request.POST or None, people=names_of(rows), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            _save(form, user)
        except CannotEnter as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "The visit is saved.")
            return redirect("drive_by")
    visits = visits_of_today(user, now())
    named = {row.activation.person for row in rows} | {visit.activation.person for visit in visits}
    note_listed(user, "drive_by.listed", named)
    context = {
        "rows": rows,
        "due": sum(bool(row.due) for row in rows),
        "form": form,
        "visits": visits,
        "at": now(),
    }
    return render(request, "monitoring/drive_by.html", context)


@require(Right.MONITORING_WORK)
@require_POST
def drive_by_sync(request: HttpRequest) -> JsonResponse:
    """{"visits": [{"key": ..., "activation": ..., ...}]} as the phone kept them. Answers {"kept": [key, ...],
    "refused": [{"key", "words"}]}; what is sent again is kept once."""
    user = signed_in(request)
    try:
        visits = json.loads(request.body)["visits"]
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"words": "This is not a list of visits."}, status=400)
    if not isinstance(visits, list) or len(visits) > MOST_AT_ONCE or not all(isinstance(one, dict) for one in visits):
        return JsonResponse({"words": f"Send a list of at most {MOST_AT_ONCE} visits."}, status=400)
    kept, refused = [], []
    for one in visits:
        if words := _take(one, user):
            refused.append({"key": str(one.get("key", "")), "words": words})
        else:
            kept.append(str(one.get("key", "")))
    return JsonResponse({"kept": kept, "refused": refused})


@require(Right.MONITORING_WORK)
@require_GET
def drive_by_worker(request: HttpRequest) -> HttpResponse:
    """The service worker. It is served from here so that it reaches this page alone."""
    answer = render(request, "monitoring/drive_by_worker.js", content_type="text/javascript")
    answer["Cache-Control"] = "no-cache"
    return answer


def _take(one: dict[str, Any], user: User) -> str:
    """Why the visit cannot be kept, or nothing when it is."""
    try:
        number = int(one.get("activation", ""))
    except (TypeError, ValueError, OverflowError):
        return "The visit names nobody. Write it down anew."
    if any(isinstance(value, list | dict) for value in one.values()):
        return "The visit is damaged. Write it down anew."
    data = {
        name: {True: "yes", False: "no", None: ""}[value] if value is None or isinstance(value, bool) else value
        for name, value in one.items()
    }
    form = VisitForm(data, people=[(number, "")])
    if not form.is_valid():
        return " ".join(str(words) for errors in form.errors.values() for words in errors)
    try:
        _save(form, user)
    except CannotEnter as refusal:
        return str(refusal)
    except (Http404, TurnedAway):
        return "You cannot open this person's record any more. Tell your supervisor of the visit."
    return ""


def _save(form: VisitForm, user: User) -> None:
    activation = activation_for(user, form.cleaned_data["activation"], verb=VERB)
    if not may_be_told(activation):
        raise CannotEnter(("activation", "No reader hears this device. Choose the bracelet."))
    record_visit(activation, form.visit(), key=form.cleaned_data["key"], by=user)
