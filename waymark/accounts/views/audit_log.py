"""The auditor's page. It stands here and not in `audit`, because who may open it is decided in access.py.

Looking at it is audited, too.
"""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from waymark.accounts.access import Right, require, signed_in
from waymark.accounts.forms import AuditForm
from waymark.audit.actions import record
from waymark.audit.models import Entry
from waymark.audit.reads import entries, verbs
from waymark.web.tables import csv_response, wants_csv

PER_PAGE = 50
HEADER = [
    "Number",
    "At",
    "Account number",
    "Who",
    "Role",
    "Act",
    "Kind",
    "Number of it",
    "Person number",
    "Why",
    "From where",
    "Detail",
    "Hash",
]


@require(Right.AUDIT_SEE)
def audit_log(request: HttpRequest) -> HttpResponse:
    form = AuditForm(request.GET or None)
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    faulty = bool(form.errors)
    found = entries().none() if faulty else entries(**asked)
    if not faulty:
        _record_looking(request, asked)
    if wants_csv(request) and not faulty:
        return csv_response("audit", HEADER, (_row(entry) for entry in found.iterator(chunk_size=2000)))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "verbs": verbs()}
    return render(request, "accounts/audit_log.html", context, status=422 if faulty else 200)


@transaction.atomic
def _record_looking(request: HttpRequest, asked: dict[str, Any]) -> None:
    detail = {key: value for key, value in asked.items() if value} | {"as": "CSV" if wants_csv(request) else "page"}
    record(by=signed_in(request), verb="audit.viewed", person_id=asked.get("person_id"), detail=detail)


def _row(entry: Entry) -> list[object]:
    return [
        entry.number,
        entry.at,
        entry.actor_id,
        entry.actor,
        entry.role,
        entry.verb,
        entry.subject_kind,
        entry.subject_id,
        entry.person_id,
        entry.why,
        entry.origin,
        entry.detail or "",
        entry.hash,
    ]
