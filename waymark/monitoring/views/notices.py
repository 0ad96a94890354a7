"""Violation notices: drafts to be read, changed and signed; and for whoever was served, what was served."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from waymark.accounts.access import Right, may, require, signed_in
from waymark.monitoring.access import notice_for, served_notice_for
from waymark.monitoring.actions import notices as verbs
from waymark.monitoring.actions.notices import CannotServe, StaleNotice
from waymark.monitoring.forms.alerts import NoticeForm, ServeForm
from waymark.monitoring.models import ViolationNotice
from waymark.monitoring.reads.alerts import notices_visible_to, served_on
from waymark.people.access import note_listed
from waymark.web.clock import now, today
from waymark.web.tables import csv_response, wants_csv

SHOWN = 300
HEADER = ["Family name", "Given name", "Case", "To", "Name", "Subject", "State", "Drafted", "Served", "Acknowledged"]
HEADER += ["Signed by", "SHA-256"]


@require(Right.MONITORING_SEE)
def notices(request: HttpRequest) -> HttpResponse:
    found = notices_visible_to(signed_in(request))
    shown = list(found if wants_csv(request) else found[:SHOWN])
    note_listed(signed_in(request), "violation_notice.listed", {n.alert.person for n in shown})
    if wants_csv(request):
        return csv_response(f"violation-notices-{today()}", HEADER, map(_row, shown))
    drafts = [notice for notice in shown if notice.state == ViolationNotice.State.DRAFT]
    others = [notice for notice in shown if notice.state != ViolationNotice.State.DRAFT]
    return render(request, "monitoring/notices.html", {"drafts": drafts, "others": others, "shown": SHOWN})


def _row(notice: ViolationNotice) -> list[object]:
    person = notice.alert.person.merged_into or notice.alert.person
    names = [person.family_name, person.given_name, notice.case.number, notice.get_to_display(), notice.to_name]
    times = [notice.drafted_at, notice.served_at, notice.acknowledged_at]
    return [*names, notice.subject, notice.get_state_display(), *times, notice.signed_name, notice.sha256]


@require(Right.MONITORING_SEE)
@never_cache
def notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    found = notice_for(signed_in(request), notice_id)
    if request.method != "POST":
        return _page(request, found)
    if not may(request.user, Right.NOTICE_APPROVE):
        return redirect("notice", found.pk)
    form = NoticeForm(request.POST)
    if form.is_valid():
        try:
            verbs.edit_notice(found, **form.cleaned_data, by=signed_in(request))
        except CannotServe as refusal:
            _refuse(form, refusal)
        except StaleNotice as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The draft is kept. Read it once more, then sign below.")
            return redirect("notice", found.pk)
    return _page(request, found, form=form)


@require(Right.NOTICE_APPROVE)
@require_POST
def notice_serve(request: HttpRequest, notice_id: int) -> HttpResponse:
    found = notice_for(signed_in(request), notice_id)
    form = ServeForm(request.POST, prefix="sign")
    if form.is_valid():
        try:
            verbs.serve_notice(found, **form.cleaned_data, by=signed_in(request), at=now())
        except CannotServe as refusal:
            _refuse(form, refusal)
        except StaleNotice as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Served. It stands on the recipient’s page from now on.")
            return redirect("notice", found.pk)
    return _page(request, found, serve_form=form)


def _page(request: HttpRequest, notice: ViolationNotice, **given: forms.Form) -> HttpResponse:
    seen = {"version": notice.version}
    stands = {"subject": notice.subject, "body": notice.body}
    shown: dict[str, Any] = {
        "notice": notice,
        "person": notice.alert.person.merged_into or notice.alert.person,
        "form": NoticeForm(initial={**seen, **stands}),
        "serve_form": ServeForm(prefix="sign", initial=seen),
        "may_approve": may(request.user, Right.NOTICE_APPROVE),
        "is_draft": notice.state == ViolationNotice.State.DRAFT,
        **given,
    }
    shown["faulty"] = next((form for form in given.values() if form.errors), None)
    return render(request, "monitoring/notice.html", shown)


def _refuse(form: forms.Form, refusal: CannotServe) -> None:
    for field, words in refusal.faults:
        form.add_error(field if field in form.fields else None, words)


@require(Right.COURT_SEE, Right.MONITORING_SEE)
def served_notices(request: HttpRequest) -> HttpResponse:
    found = list(served_on(signed_in(request)))
    note_listed(signed_in(request), "violation_notice.listed", {n.alert.person for n in found})
    if wants_csv(request):
        return csv_response(f"notices-served-{today()}", HEADER, map(_row, found))
    new = sum(notice.state == ViolationNotice.State.SERVED for notice in found)
    return render(request, "monitoring/served_notices.html", {"found": found, "new": new})


@require(Right.COURT_SEE, Right.MONITORING_SEE)
@never_cache
def served_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    found = served_notice_for(signed_in(request), notice_id)
    person = found.alert.person.merged_into or found.alert.person
    return render(request, "monitoring/served_notice.html", {"notice": found, "person": person})


@require(Right.COURT_SEE, Right.MONITORING_SEE)
@require_POST
def served_notice_acknowledge(request: HttpRequest, notice_id: int) -> HttpResponse:
    found = served_notice_for(signed_in(request), notice_id)
    verbs.acknowledge_notice(found, by=signed_in(request), at=now())
    messages.success(request, "Acknowledged. The office sees that you have read it.")
    return redirect("served_notice", found.pk)
