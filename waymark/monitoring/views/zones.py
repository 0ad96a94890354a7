"""Drawing zones, looking at them, changing and ending them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from waymark.accounts.access import Right, may, require, signed_in
from waymark.monitoring.access import order_for, zone_for
from waymark.monitoring.actions.zones import add_zone, change_zone, end_zone
from waymark.monitoring.forms.zones import EndZoneForm, NewZoneForm, ShapeForm, shown
from waymark.monitoring.models import MonitoringOrder, Zone, ZoneVersion
from waymark.monitoring.reads.schedule import open_version, today_here, zone_preview
from waymark.monitoring.reads.zones import drawing, warnings_of, zone_file
from waymark.monitoring.views.entry import entry, named, seen
from waymark.web.clock import now


@require(Right.MONITORING_SEE)
def zone(request: HttpRequest, zone_id: int) -> HttpResponse:
    user = signed_in(request)
    one = zone_for(user, zone_id)
    context = {
        **named(one.order),
        "zone": one,
        "file": zone_file(one, now(), sees_protected=may(user, Right.MONITORING_SET_UP)),
        "preview": zone_preview(one, today_here(now())),
        "tiles": tiles(),
        "may_set_up": may(user, Right.MONITORING_SET_UP),
    }
    return render(request, "monitoring/zone.html", context)


@require(Right.MONITORING_SET_UP)
def zone_new(request: HttpRequest, order_id: int) -> HttpResponse:
    order = order_for(signed_in(request), order_id)
    first = not order.zones.exists()
    suggested = {"kind": "inclusion", "name": "Home", "is_home": True, "reason": "First set up"} if first else {}
    form = NewZoneForm(request.POST or None, initial={**seen(order), "radius_m": 60, **suggested})

    def save(**given: Any) -> Zone:
        added = add_zone(order, **given)
        _warn(request, added, given["drawn"].shape)
        return added

    return entry(
        request,
        order,
        form,
        save,
        title="Draw a zone",
        done="The zone is drawn. Look at its hours below.",
        template="monitoring/zone_form.html",
        beside={"drawing": drawing(order, "inclusion", None, now()), "tiles": tiles()},
        back=lambda added: reverse("zone", args=[added.pk]),
    )


@require(Right.MONITORING_SET_UP)
def zone_change(request: HttpRequest, zone_id: int) -> HttpResponse:
    one = zone_for(signed_in(request), zone_id)
    version = open_version(one) or one.versions.order_by("-number").first()
    said = _said(version) if version else {}
    form = ShapeForm(request.POST or None, initial={**seen(one.order), **said})

    def save(**given: Any) -> Zone:
        drawn = form.drawn(version.schedule if version else [])
        change_zone(one, drawn=drawn, **given)
        _warn(request, one, drawn.shape)
        return one

    return entry(
        request,
        one.order,
        form,
        save,
        title=f"Change where {one.name} is",
        done="The zone is changed. The version before stays in its history.",
        template="monitoring/zone_form.html",
        beside={
            "zone": one,
            "drawing": drawing(one.order, one.kind, version.shape if version else None, now(), but=one.pk),
            "tiles": tiles(),
        },
        back=lambda _: reverse("zone", args=[one.pk]),
    )


@require(Right.MONITORING_SET_UP)
def zone_end(request: HttpRequest, zone_id: int) -> HttpResponse:
    one = zone_for(signed_in(request), zone_id)
    return entry(
        request,
        one.order,
        EndZoneForm(request.POST or None, initial=seen(one.order)),
        lambda **given: end_zone(one, **given),
        title=f"Take {one.name} out of use",
        done=f"{one.name} is out of use. It stays in the record.",
        button="Take it out of use",
    )


def tiles() -> str:
    """The address pattern of a tile server, or nothing."""
    return str(settings.TILES)


def _said(version: ZoneVersion) -> dict[str, Any]:
    return {**shown(version.shape), "buffer_m": version.buffer_m or None, "grace_minutes": version.grace_minutes}


def _warn(request: HttpRequest, zone: Zone, shape: dict[str, Any]) -> None:
    order: MonitoringOrder = zone.order
    for words in warnings_of(order, zone.kind, shape, zone.pk, now()):
        messages.warning(request, words)
