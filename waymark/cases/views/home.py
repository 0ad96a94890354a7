"""Where a signed-in person arrives, and the officer's day: what cannot wait, the caseload, what changed, the tasks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from waymark.accounts.access import Right, may, require, signed_in
from waymark.accounts.models import User
from waymark.cases.reads import (
    AHEAD_DAYS,
    DISCHARGE_AHEAD_DAYS,
    CaseloadRow,
    DueRow,
    caseload,
    changed_since,
    clocks_about_to_be_missed,
    due,
    unit_overview,
)
from waymark.web.clock import today
from waymark.web.tables import csv_response, wants_csv

HOMES = [  # the first right the account has says where it arrives
    (Right.UNIT_OVERSEE, "unit"),
    (Right.MONITORING_WORK, "board"),
    (Right.CASE_SEE, "caseload"),
    (Right.COURT_SEE, "docket"),
    (Right.OWN_SEE, "my"),
    (Right.AUDIT_SEE, "audit_log"),
    (Right.ACCOUNTS_MANAGE, "account_list"),
]
SHOWS = {
    "": "all",
    "almost": "almost eligible",
    "due": "discharge due",
    "restitution": "restitution owed",
    "clocks": "with open clocks",
}
THIS_WEEK_DAYS = 7
SHOWN_AT_FIRST = 8


@login_required
def home(request: HttpRequest) -> HttpResponse:
    for right, name in HOMES:
        if may(request.user, right):
            return redirect(name)
    raise Http404


@require(Right.CASE_SEE)
def my_caseload(request: HttpRequest) -> HttpResponse:
    return _day_of(request, signed_in(request))


@require(Right.UNIT_OVERSEE)
def officer_caseload(request: HttpRequest, officer_id: int) -> HttpResponse:
    """A colleague's caseload, as far as the supervisor may see it."""
    overview = unit_overview(signed_in(request), today())
    officer = next((row.officer for row in overview if row.officer and row.officer.pk == officer_id), None)
    if officer is None:
        raise Http404
    return _day_of(request, officer)


def _day_of(request: HttpRequest, officer: User) -> HttpResponse:
    user, on = signed_in(request), today()
    everybody = caseload(user, on, officer=officer)
    show = request.GET.get("show", "")
    if show not in SHOWS:
        raise Http404
    rows = [row for row in everybody if shown(row, show, on)]
    if wants_csv(request):
        return csv_response(f"caseload-{on}", HEADER, map(_line, rows))
    own = officer == user
    mine = due(user, on) if own else clocks_about_to_be_missed(user, on, AHEAD_DAYS, officer=officer)
    waiting = [row for row in mine if row.cannot_wait]
    running = [row for row in mine if row.kind == "deadline" and not row.cannot_wait]
    changes = changed_since(user, _start_of(on - timedelta(days=1)), on, officer=officer)
    return render(
        request,
        "cases/home.html",
        {
            "officer": officer,
            "is_own": own,
            "greeting": _greeting(timezone.localtime()),
            "waiting": waiting,
            "due": running,
            "clocks": list(_alike(running)),
            "tasks": [row for row in mine if row.kind == "task"],
            "due_this_week": sum(_closes_this_week(row.days_left) for row in mine if not row.cannot_wait),
            "could_be_discharged": len({row.person.pk for row in everybody if _this_month(row, on)}),
            "rows": rows,
            "people": len({row.person.pk for row in everybody}),
            "shows": [(key, words, sum(shown(row, key, on) for row in everybody)) for key, words in SHOWS.items()],
            "show": show,
            "changes": changes,
            "few": f":{SHOWN_AT_FIRST}",
            "rest": f"{SHOWN_AT_FIRST}:",
            "on": on,
        },
    )


def shown(row: CaseloadRow, show: str, on: date) -> bool:
    """Whether the filter lets the row through. "almost": discharge by credits lies ahead, within the days in which
    the Final Case Summary Report falls."""
    decided = row.determination
    if show == "":
        return True
    if show == "clocks":
        return row.open_deadlines > 0
    if decided is None:
        return False
    if show == "due":
        return decided.discharge_due == "yes"
    if show == "restitution":
        return "restitution" in decided.blocked_by
    ahead = decided.optimal_discharge_date
    almost = decided.eligible == "yes" and decided.discharge_due != "yes" and ahead is not None
    return almost and ahead is not None and ahead <= on + timedelta(days=DISCHARGE_AHEAD_DAYS)


@dataclass(frozen=True)
class Clock:
    """The same duty towards several people, closing on the same day."""

    words: str
    cite: str
    last_on: date | None
    rows: list[DueRow]


def _alike(rows: list[DueRow]) -> Iterator[Clock]:
    """`rows` come by the day they close; each group stands where its first row stood."""
    groups: dict[tuple[date | None, str, str], list[DueRow]] = {}
    for row in rows:
        groups.setdefault((row.last_on, row.words, row.cite), []).append(row)
    for (last_on, words, cite), together in groups.items():
        yield Clock(words, cite, last_on, together)


def _this_month(row: CaseloadRow, on: date) -> bool:
    decided = row.determination
    if decided is None or decided.eligible != "yes" or decided.optimal_discharge_date is None:
        return False
    if "restitution" in decided.blocked_by:
        return False  # it is owed still: the date only says what a payment today would do
    day = decided.optimal_discharge_date
    return decided.discharge_due == "yes" or (day.year, day.month) == (on.year, on.month)


def _closes_this_week(days_left: int | None) -> bool:
    return days_left is not None and days_left <= THIS_WEEK_DAYS


def _greeting(at: datetime) -> str:
    if at.hour < 12:
        return "Good morning"
    return "Good afternoon" if at.hour < 18 else "Good evening"


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


HEADER = [
    "Family name",
    "Given name",
    "Case",
    "Supervision",
    "Began on",
    "Credit months",
    "Last day",
    "Discharge if all goes well",
    "Days moved this month",
    "Discharge due",
    "In the way",
    "Open clocks",
    "Open tasks",
]


def _line(row: CaseloadRow) -> list[object]:
    decided = row.determination
    return [
        row.person.family_name,
        row.person.given_name,
        row.case.number,
        row.kind,
        row.begins_on,
        decided and decided.credit_months,
        decided and decided.last_day,
        decided and decided.optimal_discharge_date,
        row.change_days,
        decided and decided.discharge_due,
        ", ".join(decided.blocked_by) if decided else "",
        row.open_deadlines,
        row.open_tasks,
    ]
