"""What was ordered against what is set up."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from waymark.accounts.access import Right, require, signed_in
from waymark.monitoring.reads.check import by_order, check
from waymark.people.access import note_listed
from waymark.web.clock import now, today
from waymark.web.tables import csv_response, wants_csv

HEADER = ["Family name", "Given name", "Case", "Program", "What does not fit"]


@require(Right.MONITORING_SEE)
def order_check(request: HttpRequest) -> HttpResponse:
    findings = check(signed_in(request), now())
    note_listed(signed_in(request), "order_check.listed", {finding.order.person for finding in findings})
    if wants_csv(request):
        lines = (
            [
                finding.order.person.family_name,
                finding.order.person.given_name,
                finding.order.case.number,
                finding.order.get_program_display(),
                finding.words,
            ]
            for finding in findings
        )
        return csv_response(f"order-check-{today()}", HEADER, lines)
    return render(request, "monitoring/check.html", {"findings": findings, "groups": by_order(findings)})
