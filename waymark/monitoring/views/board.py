"""The duty board: what needs somebody now. Its list asks the server again every few seconds; without JavaScript the
page is read again by its own link."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from waymark.accounts.access import Right, may, require, signed_in
from waymark.monitoring.reads.alerts import board as board_now
from waymark.monitoring.reads.alerts import raised_after
from waymark.people.access import note_listed
from waymark.web.clock import now


@never_cache
@require(Right.MONITORING_SEE)
def board(request: HttpRequest) -> HttpResponse:
    user, at = signed_in(request), now()
    shown = board_now(user, at)
    seen = request.GET.get("newest", "")
    asks_again = bool(request.htmx) and seen.isdecimal()  # type: ignore[attr-defined]
    came = raised_after(user, int(seen[:18]), at) if asks_again else []
    if came or not asks_again:  # a refresh that shows nobody new tells nothing new
        note_listed(user, "board.viewed", {line.alert.person_id: line.alert.person for line in shown.lines}.values())
    context: dict[str, Any] = {
        "board": shown,
        "came": came,
        "at": at,
        "may_work": may(user, Right.MONITORING_WORK),
        "user_id": user.pk,
    }
    return render(request, "monitoring/board_now.html" if asks_again else "monitoring/board.html", context)
