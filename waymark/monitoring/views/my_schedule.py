"""The participant's own hours on a phone, and asking to be away."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from waymark.accounts.access import Right, require, signed_in
from waymark.accounts.models import User
from waymark.monitoring.access import own_change_for, own_order_for
from waymark.monitoring.actions.leave import CannotAsk, ask_for_leave, withdraw
from waymark.monitoring.forms.leave import FIELD_OF, AskForm
from waymark.monitoring.models import MonitoringOrder
from waymark.monitoring.reads.my_schedule import my_schedule as read_my_schedule
from waymark.monitoring.reads.my_schedule import names_of_orders, orders_with_hours, running_orders
from waymark.people.access import NO_SUCH_PAGE
from waymark.web.clock import now
from waymark.web.words import say


@require(Right.OWN_SEE)
def my_schedule(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    orders = _own(user)
    return render(
        request, "monitoring/my_schedule.html", {"mine": read_my_schedule(orders, user.language, now()), **_page(user)}
    )


@require(Right.OWN_SEE)
def my_leave(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    orders = orders_with_hours(_own(user))
    form = None
    if orders:
        form = AskForm(request.POST or None, language=user.language, orders=orders, names=names_of_orders(orders))
        if request.method == "POST" and form.is_valid():
            try:
                ask_for_leave(form.chosen(), by=user, **form.given())
            except CannotAsk as refusal:
                for field, key in refusal.faults:
                    form.add_error(FIELD_OF.get(field, field) or None, say(key, user.language))
            else:
                messages.success(request, say("asked", user.language))
                return redirect("my_schedule")
    return render(request, "monitoring/my_leave.html", {"form": form, **_page(user)})


@require(Right.OWN_SEE)
@require_POST
def my_leave_withdraw(request: HttpRequest, change_id: int) -> HttpResponse:
    user = signed_in(request)
    try:
        withdraw(own_change_for(user, change_id), by=user)
    except CannotAsk as refusal:
        messages.error(request, say(refusal.faults[0][1], user.language))
    else:
        messages.success(request, say("withdrawn", user.language))
    return redirect("my_schedule")


def _own(user: User) -> list[MonitoringOrder]:
    """The orders that run, each look on record. Without one there is no such page."""
    orders = running_orders(user, now())
    if not orders:
        raise Http404(NO_SUCH_PAGE)
    for order in orders:
        own_order_for(user, order.pk)
    return orders


def _page(user: User) -> dict[str, object]:
    return {"language": user.language, "other_language": "en" if user.language == "es" else "es"}
