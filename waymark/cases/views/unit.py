"""The supervisor's unit: caseloads by officer, clocks about to be missed, discharges due."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from waymark.accounts.access import Right, require, signed_in
from waymark.accounts.models import User
from waymark.cases.reads import (
    ABOUT_TO_BE_MISSED_DAYS,
    DISCHARGE_AHEAD_DAYS,
    DischargeRow,
    DueRow,
    UnitRow,
    clocks_about_to_be_missed,
    discharges_due,
    unit_overview,
)
from waymark.web.clock import today
from waymark.web.tables import csv_response, wants_csv


@require(Right.UNIT_OVERSEE)
def unit(request: HttpRequest) -> HttpResponse:
    """?format=csv&list=caseloads|clocks|discharges hands out one of the lists."""
    user, on = signed_in(request), today()
    caseloads = unit_overview(user, on)
    clocks = clocks_about_to_be_missed(user, on)
    discharges = discharges_due(user, on)
    if wants_csv(request):
        lists = {
            "caseloads": (CASELOADS, map(_caseload_line, caseloads)),
            "clocks": (CLOCKS, map(_clock_line, clocks)),
            "discharges": (DISCHARGES, map(_discharge_line, discharges)),
        }
        name = request.GET.get("list", "caseloads")
        if name not in lists:
            raise Http404
        header, lines = lists[name]
        return csv_response(f"unit-{name}-{on}", header, lines)
    missed = sum(row.days_left is not None and row.days_left < 0 for row in clocks)
    return render(
        request,
        "cases/unit.html",
        {
            "caseloads": caseloads,
            "people": sum(row.people for row in caseloads),
            "clocks": clocks,
            "missed": missed,
            "soon": len(clocks) - missed,
            "discharges": discharges,
            "missed_days": ABOUT_TO_BE_MISSED_DAYS,
            "ahead_days": DISCHARGE_AHEAD_DAYS,
        },
    )


CASELOADS = ["Officer", "People", "Discharges due", "Open clocks", "About to be missed", "Open tasks"]
CLOCKS = ["Clock", "Source", "Family name", "Given name", "Case", "Opens", "Closes", "Days left", "Owner"]
DISCHARGES = ["Family name", "Given name", "Case", "Discharge", "Days", "Due", "In the way", "Officer"]


def _caseload_line(row: UnitRow) -> list[object]:
    return [
        _name(row.officer),
        row.people,
        row.discharges_due,
        row.open_deadlines,
        row.about_to_be_missed,
        row.open_tasks,
    ]


def _clock_line(row: DueRow) -> list[object]:
    person = row.person
    return [
        row.words,
        row.cite,
        person.family_name,
        person.given_name,
        row.case.number,
        row.since,
        row.last_on,
        row.days_left,
        _name(row.owner),
    ]


def _discharge_line(row: DischargeRow) -> list[object]:
    decided = row.determination
    blocked_by = ", ".join(decided.blocked_by)
    person = row.person
    return [
        person.family_name,
        person.given_name,
        row.case.number,
        row.on,
        row.days_left,
        decided.discharge_due,
        blocked_by,
        _name(row.officer),
    ]


def _name(user: User | None) -> str:
    return user.get_full_name() if user else "nobody by name"
