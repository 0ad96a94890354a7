"""The hours of a zone, and the schedule of an order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from waymark.accounts.access import Right, may, require, signed_in
from waymark.cases.actions.saving import CannotEnter
from waymark.cases.forms import refuse
from waymark.monitoring.access import order_for, zone_for
from waymark.monitoring.actions.leave import enter_change
from waymark.monitoring.actions.zones import Drawn, change_zone, check_drawn
from waymark.monitoring.forms.leave import ChangeForm
from waymark.monitoring.forms.zones import HoursForm
from waymark.monitoring.models import Zone, ZoneVersion
from waymark.monitoring.reads.schedule import (
    changes_of,
    open_version,
    previews_of,
    supposed_preview,
    today_here,
)
from waymark.monitoring.views.entry import entry, named, seen
from waymark.web.clock import now


@require(Right.MONITORING_SEE)
def schedule(request: HttpRequest, order_id: int) -> HttpResponse:
    user = signed_in(request)
    order = order_for(user, order_id)
    context = {
        **named(order),
        "previews": previews_of(order, today_here(now())),
        "changes": changes_of(order, now()),
        "may_set_up": may(user, Right.MONITORING_SET_UP),
    }
    return render(request, "monitoring/schedule.html", context)


@require(Right.MONITORING_SET_UP)
def zone_hours(request: HttpRequest, zone_id: int) -> HttpResponse:
    """The week of a zone. The button named `preview` draws what was typed and saves nothing."""
    zone = zone_for(signed_in(request), zone_id)
    version = open_version(zone)
    if version is None:
        raise Http404
    form = HoursForm(request.POST or None, schedule=version.schedule, initial=seen(zone.order))
    drawn = _as_drawn(version)
    page: dict[str, Any] = {"zone": zone, "preview": None}

    def save(**given: Any) -> Zone:
        change_zone(zone, drawn=replace(drawn, schedule=form.schedule()), **given)
        return zone

    if request.method == "POST" and "preview" in request.POST:
        page["preview"] = _typed_preview(form, zone, drawn)
        context = {
            **page,
            "form": form,
            "order": zone.order,
            "title": _title(zone),
            "button": "Save",
            **named(zone.order),
        }
        return render(request, "monitoring/zone_hours.html", context)
    return entry(
        request,
        zone.order,
        form,
        save,
        title=_title(zone),
        done="The hours are saved. The next two weeks are drawn below.",
        given=lambda: {name: form.cleaned_data[name] for name in ("from_at", "reason")},
        template="monitoring/zone_hours.html",
        beside=page,
        back=lambda _: reverse("zone", args=[zone.pk]),
    )


@require(Right.MONITORING_SET_UP)
def change_new(request: HttpRequest, order_id: int) -> HttpResponse:
    order = order_for(signed_in(request), order_id)
    return entry(
        request,
        order,
        ChangeForm(request.POST or None, initial={**seen(order), "kind": "leave"}),
        lambda **given: enter_change(order, **given),
        title="Enter a one-off change",
        done="The change is entered and holds.",
        shown="It is approved by saving it. Leave of more than 16 hours needs a supervisor.",
        back=lambda _: reverse("schedule", args=[order.pk]),
    )


def _typed_preview(form: HoursForm, zone: Zone, drawn: Drawn) -> Any:
    """None when what was typed cannot be. A missing reason does not stand in the way of looking."""
    form.fields["reason"].required = False
    if not form.is_valid():
        return None
    try:
        check_drawn(zone.kind, replace(drawn, schedule=form.schedule()))
    except CannotEnter as refusal:
        refuse(form, refusal)
        return None
    return supposed_preview(zone, form.schedule(), today_here(now()))


def _as_drawn(version: ZoneVersion) -> Drawn:
    return Drawn(version.shape, version.schedule, version.buffer_m, version.grace_minutes)


def _title(zone: Zone) -> str:
    return f"Hours of {zone.name}"
