"""All open alerts with their age, the archive of a day, and one alert: its evidence, its legs of time, its work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from waymark.accounts.access import Right, may, require, signed_in
from waymark.monitoring import alert_words
from waymark.monitoring.access import alert_for
from waymark.monitoring.actions import alert_work
from waymark.monitoring.actions.alert_work import CannotWork, StaleAlert, asks_twice
from waymark.monitoring.evidence import window_of
from waymark.monitoring.forms.alerts import ConcludeForm, ListForm, NoteForm, ReopenForm
from waymark.monitoring.models import Alert
from waymark.monitoring.reads.alerts import (
    ON_THE_LIST,
    Asked,
    Line,
    acts_of,
    ageing,
    alerts_asked,
    episodes_of,
    legs_of,
    lines_of,
    notices_of,
    reason_words,
)
from waymark.people.access import note_listed
from waymark.web.clock import now, today
from waymark.web.tables import csv_response, wants_csv

HEADER = [
    "Number",
    "Priority",
    "Family name",
    "Given name",
    "What",
    "State",
    "Happened at",
    "Received at",
    "Raised at",
    "Notified at",
    "Acknowledged at",
    "Condition ended at",
    "Concluded at",
    "Age in minutes",
    "Owner",
    "Repeats",
    "Conclusion",
    "Reason",
    "Device",
]


@require(Right.MONITORING_SEE)
@never_cache
def alert_list(request: HttpRequest) -> HttpResponse:
    user, at = signed_in(request), now()
    form = ListForm(request.GET or None, user=user)
    asked = Asked(**{k: v for k, v in form.cleaned_data.items() if v}) if form.is_valid() else Asked()
    if asked.show == "closed" and asked.on is None:
        asked = Asked(asked.show, asked.priority, asked.words, asked.unit, today())
    found = alerts_asked(user, asked)
    if wants_csv(request):
        lines = lines_of(found, at)
        _note(request, lines)
        return csv_response(f"alerts-{asked.show}-{today()}", HEADER, map(_row, lines))
    total, lines = found.count(), lines_of(found[:ON_THE_LIST], at)
    _note(request, lines)
    ages = ageing(lines) if asked.show != "closed" else []
    shown = {"form": form, "lines": lines, "asked": asked, "total": total, "ages": ages, "most": ON_THE_LIST}
    return render(request, "monitoring/alert_list.html", shown)


def _note(request: HttpRequest, lines: list[Line]) -> None:
    people = {line.alert.person_id: line.alert.person for line in lines}
    note_listed(signed_in(request), "alert.listed", people.values())


def _row(line: Line) -> list[object]:
    alert = line.alert
    person = alert.person.merged_into or alert.person
    return [
        alert.pk,
        alert.priority,
        person.family_name,
        person.given_name,
        alert.words,
        line.state_words,
        alert.happened_at,
        alert.received_at,
        alert.evaluated_at,
        alert.notified_at,
        alert.acknowledged_at,
        alert.cleared_at,
        alert.closed_at,
        line.waits_s // 60,
        line.owner,
        alert.repeats,
        alert.get_conclusion_display(),
        reason_words(alert),
        alert.activation.device.serial,
    ]


@require(Right.MONITORING_SEE)
@never_cache
def alert(request: HttpRequest, alert_id: int) -> HttpResponse:
    user = signed_in(request)
    found = alert_for(user, alert_id)
    alert_work.note_seen(found, user, now())
    return _page(request, found)


def _page(
    request: HttpRequest, alert: Alert, *, forms_given: dict[str, forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    user = signed_in(request)
    person = alert.person.merged_into or alert.person
    episodes = episodes_of(alert)
    standing = [one for one in episodes if not one.superseded]
    window = window_of(standing[0].episode) if standing else None
    version = {"version": alert.version}
    shown: dict[str, Any] = {
        "alert": alert,
        "line": lines_of([alert], now())[0],
        "person": person,
        "sentence": alert_words.sentence(alert_words.short_name(person), alert.words, alert.happened_at),
        "window": window,
        "best": standing[0] if standing else None,
        "standing": standing,
        "former": [one for one in episodes if one.superseded],
        "legs": legs_of(alert),
        "acts": acts_of(alert),
        "notices": notices_of(alert),
        "reason": reason_words(alert),
        "may_work": may(user, Right.MONITORING_WORK),
        "is_mine": alert.owner_id == user.pk,
        "note_form": NoteForm(prefix="note"),
        "conclude_form": ConcludeForm(prefix="end", initial=version, asks_twice=asks_twice(alert)),
        "reopen_form": ReopenForm(prefix="again", initial=version),
        **(forms_given or {}),
    }
    shown["form"] = next((form for form in (forms_given or {}).values() if form.errors), None)
    return render(request, "monitoring/alert.html", shown, status=status)


@require(Right.MONITORING_WORK)
@require_POST
def alert_acknowledge(request: HttpRequest, alert_id: int) -> HttpResponse:
    found = alert_for(signed_in(request), alert_id)
    return _do(
        request, found, lambda: alert_work.acknowledge(found, by=signed_in(request), at=now()), "You acknowledged it."
    )


@require(Right.MONITORING_WORK)
@require_POST
def alert_take(request: HttpRequest, alert_id: int) -> HttpResponse:
    found = alert_for(signed_in(request), alert_id)
    owner = request.POST.get("owner", "")
    owner_id = int(owner[:18]) if owner.isdecimal() else None
    take = alert_work.take
    return _do(
        request, found, lambda: take(found, by=signed_in(request), owner_id=owner_id, at=now()), "It is yours now."
    )


@require(Right.MONITORING_WORK)
@require_POST
def alert_note(request: HttpRequest, alert_id: int) -> HttpResponse:
    found = alert_for(signed_in(request), alert_id)
    form = NoteForm(request.POST, prefix="note")
    add = alert_work.add_note
    return _save(
        request, found, "note_form", form, lambda given: add(found, **given, by=signed_in(request), at=now()), "Kept."
    )


@require(Right.MONITORING_WORK)
@require_POST
def alert_conclude(request: HttpRequest, alert_id: int) -> HttpResponse:
    found = alert_for(signed_in(request), alert_id)
    form = ConcludeForm(request.POST, prefix="end", asks_twice=asks_twice(found))
    conclude = alert_work.conclude
    done = "Concluded. If a notice was drafted, it stands below for you to read and sign."
    return _save(
        request,
        found,
        "conclude_form",
        form,
        lambda given: conclude(found, **given, by=signed_in(request), at=now()),
        done,
    )


@require(Right.MONITORING_WORK)
@require_POST
def alert_reopen(request: HttpRequest, alert_id: int) -> HttpResponse:
    found = alert_for(signed_in(request), alert_id)
    form = ReopenForm(request.POST, prefix="again")
    reopen = alert_work.reopen
    return _save(
        request,
        found,
        "reopen_form",
        form,
        lambda given: reopen(found, **given, by=signed_in(request), at=now()),
        "It is open again, and yours.",
    )


def _do(request: HttpRequest, alert: Alert, verb: Callable[[], object], done: str) -> HttpResponse:
    try:
        verb()
    except StaleAlert as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("alert", alert.pk)


def _save(
    request: HttpRequest,
    alert: Alert,
    name: str,
    form: forms.Form,
    verb: Callable[[dict[str, Any]], object],
    done: str,
) -> HttpResponse:
    """Save what was typed, or show the page with it once more."""
    if form.is_valid():
        try:
            verb(form.cleaned_data)
        except CannotWork as refusal:
            for field, words in refusal.faults:
                form.add_error(field if field in form.fields else None, words)
        except StaleAlert as refusal:
            now_stands = alert_for(signed_in(request), alert.pk)
            return _page(request, now_stands, forms_given={name: _again(form, refusal, now_stands)}, status=409)
        else:
            messages.success(request, done)
            return redirect("alert", alert.pk)
    return _page(request, alert, forms_given={name: form})


def _again(form: forms.Form, refusal: StaleAlert, alert: Alert) -> forms.Form:
    """What was typed stays; what the writer has seen is the alert as it is now."""
    form.data = dict(form.data.items()) | {form.add_prefix("version"): str(alert.version)}
    form.add_error(None, str(refusal))
    return form
