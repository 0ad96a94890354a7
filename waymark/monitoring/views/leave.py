"""Leave that was asked for: the list, one request, the decision."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from waymark.accounts.access import Right, may, require, signed_in
from waymark.cases.actions.saving import CannotEnter
from waymark.cases.forms import refuse
from waymark.monitoring.access import change_for
from waymark.monitoring.actions.leave import decide, needs_supervisor, take_back
from waymark.monitoring.forms.leave import DecisionForm, TakeBackForm
from waymark.monitoring.models import ScheduleChange
from waymark.monitoring.reads.schedule import answered_changes, previews_of, today_here, waiting_changes
from waymark.monitoring.views.entry import named
from waymark.people.access import note_listed
from waymark.web.clock import now
from waymark.web.tables import csv_response, wants_csv
from waymark.web.templatetags.waymark import staff_time


@require(Right.MONITORING_SEE)
def leave_requests(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    waiting, answered = waiting_changes(user), answered_changes(user, now())
    note_listed(user, "schedule_change.listed", {change.order.person for change in [*waiting, *answered]})
    if wants_csv(request):
        return csv_response("leave", CSV_HEADER, [_csv_row(change) for change in [*waiting, *answered]])
    context = {
        "waiting": [(change, needs_supervisor(change)) for change in waiting],
        "answered": answered,
        "at": now(),
        "may_set_up": may(user, Right.MONITORING_SET_UP),
    }
    return render(request, "monitoring/leave_requests.html", context)


@require(Right.MONITORING_SET_UP)
def leave_request(request: HttpRequest, change_id: int) -> HttpResponse:
    """One request beside the two weeks it falls in. POST decides, or takes back what was approved."""
    user = signed_in(request)
    change = change_for(user, change_id)
    taking_back = change.state != ScheduleChange.State.ASKED and request.POST.get("decision") is None
    kind = TakeBackForm if taking_back else DecisionForm
    form = kind(request.POST or None, initial={"version": change.version})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            if taking_back:
                take_back(change, by=user, version=said["version"], why=said["why"])
                done = "It is taken back. The participant sees why."
            else:
                approve = said["decision"] == "approve"
                decide(change, approve=approve, by=user, version=said["version"], answer=said["answer"])
                done = "Approved. It holds already." if approve else "Refused. The participant sees your answer."
        except CannotEnter as refusal:
            refuse(form, refusal)
            change.refresh_from_db()
        else:
            messages.success(request, done)
            return redirect("leave_requests")
    context = {
        **named(change.order),
        "change": change,
        "form": form,
        "is_open": change.state == ScheduleChange.State.ASKED,
        "can_take_back": change.state == ScheduleChange.State.APPROVED and change.until_at > now(),
        "needs_supervisor": needs_supervisor(change) and not may(user, Right.UNIT_OVERSEE),
        "previews": previews_of(change.order, max(today_here(change.from_at), today_here(now())), days=7),
    }
    return render(request, "monitoring/leave_request.html", context)


CSV_HEADER = (
    *("Person", "What", "From", "Until", "What for", "Where", "State"),
    *("Asked by", "Asked", "Decided by", "Decided", "Answer"),
)


def _csv_row(change: ScheduleChange) -> list[str]:
    person = change.order.person
    return [
        f"{person.family_name}, {person.given_name}",
        str(change.get_kind_display()),
        staff_time(change.from_at),
        staff_time(change.until_at),
        change.purpose,
        change.place,
        str(change.get_state_display()),
        change.asked_by.get_full_name() or change.asked_by.get_username(),
        staff_time(change.asked_at),
        (change.decided_by.get_full_name() or change.decided_by.get_username()) if change.decided_by else "",
        staff_time(change.decided_at) if change.decided_at else "",
        change.answer,
    ]
