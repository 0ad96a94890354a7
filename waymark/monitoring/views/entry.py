"""What every form about a monitoring order shares: one verb saves it, its refusals stand beside the fields, and a
second writer sees what changed in between with what she typed kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from waymark.accounts.access import signed_in
from waymark.cases.actions.saving import CannotEnter
from waymark.cases.changes import changes_in_between
from waymark.cases.forms import FactForm, refuse
from waymark.monitoring.actions.saving import StaleOrder
from waymark.monitoring.models import MonitoringOrder
from waymark.web.clock import now

Save = Callable[..., Any]


def seen(order: MonitoringOrder) -> dict[str, Any]:
    """What the writer saw: the version of the order, and when."""
    return {"version": order.version, "seen_at": now().isoformat(timespec="microseconds")}


def entry(
    request: HttpRequest,
    order: MonitoringOrder,
    form: FactForm,
    save: Save,
    *,
    title: str,
    done: str,
    button: str = "Save",
    shown: str = "",
    given: Callable[[], dict[str, Any]] | None = None,
    template: str = "monitoring/order_form.html",
    beside: dict[str, Any] | None = None,
    back: Callable[[Any], str] | None = None,
) -> HttpResponse:
    """GET: the form. POST: save and back to the order, or to where `back` says for what was saved. `given` (default:
    all that was typed) is what the verb is told; `shown` says of which row the form speaks; `beside`: what else the
    template shows."""
    page = {"form": form, "order": order, "title": title, "button": button, "shown": shown, "template": template}
    page |= beside or {}
    if request.method == "POST" and form.is_valid():
        try:
            saved = save(**(given or form.given)(), by=signed_in(request), version=form.cleaned_data["version"])
        except CannotEnter as refusal:
            refuse(form, refusal)
        except StaleOrder:
            return _changed_in_between(request, order, form, page)
        else:
            messages.success(request, done)
            return redirect(back(saved)) if back else redirect("monitoring_order", order.pk)
    return render(request, template, {**page, **named(order)})


def named(order: MonitoringOrder) -> dict[str, Any]:
    return {"person": order.person.merged_into or order.person, "case": order.case, "order": order}


def _changed_in_between(
    request: HttpRequest, order: MonitoringOrder, form: FactForm, page: dict[str, Any]
) -> HttpResponse:
    changes = changes_in_between(order.case, form.cleaned_data["seen_at"])
    order.refresh_from_db(fields=["version"])
    typed = request.POST.copy()  # what was typed stays; what the writer has seen is now this
    for name, value in seen(order).items():
        typed[name] = str(value)
    form.data = typed
    context = {**page, **named(order), "changes": changes, "stale": True, "button": "Save again"}
    return render(request, page["template"], context, status=409)
