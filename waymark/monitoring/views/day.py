"""One day of one device on a map, on a band of hours and as a table; and the places an alert was decided by."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.cache import never_cache

from waymark.accounts.access import Right, require, signed_in
from waymark.accounts.models import User
from waymark.monitoring.access import activation_for, alert_for
from waymark.monitoring.alert_words import says
from waymark.monitoring.models import Activation
from waymark.monitoring.reads.alert_places import alert_places
from waymark.monitoring.reads.day import day_of, days_beside, episodes_in, latest_day, positions_json, span_of
from waymark.monitoring.reads.places import Fix, places
from waymark.monitoring.views.entry import named
from waymark.people.access import NO_SUCH_PAGE
from waymark.web.clock import now
from waymark.web.tables import csv_response, wants_csv

HEADER = [
    "Time",
    "Latitude",
    "Longitude",
    "Source",
    "Accuracy in m as sent",
    "Accuracy in m as taken",
    "Distance to the edge of home in m, negative inside",
    "Side of each zone",
    "Satellites",
    "Battery in %",
    "After a gap of more than 5 minutes",
]


@never_cache
@require(Right.MONITORING_SEE)
def day(request: HttpRequest, activation_id: int) -> HttpResponse:
    """?on=2026-11-21: the day; without it the day of the last reading."""
    activation = worn_by_participant(signed_in(request), activation_id, "day.viewed")
    on = _on(request, activation)
    shown = day_of(activation, on, now())
    if wants_csv(request):
        return csv_response(f"positions-{activation.device.serial}-{on}", HEADER, map(_row, shown.fixes))
    before, after = days_beside(activation, on, now())
    context = {
        **named(activation.order),
        "activation": activation,
        "day": shown,
        "before": before,
        "after": after,
        "first": timezone.localdate(activation.from_at),
        "last": timezone.localdate(activation.until_at or now()),
        "found": [(episode, says(episode.kind, episode.zone)) for episode in shown.episodes],
    }
    return render(request, "monitoring/day.html", context)


@never_cache
@require(Right.MONITORING_SEE)
def day_positions(request: HttpRequest, activation_id: int) -> HttpResponse:
    """The same day as data for the map."""
    activation = worn_by_participant(signed_in(request), activation_id, "day.positions_viewed")
    span = span_of(_on(request, activation))
    return JsonResponse(positions_json(places(activation, span), episodes_in(activation, span)))


@never_cache
@require(Right.MONITORING_SEE)
def alert_positions(request: HttpRequest, alert_id: int) -> HttpResponse:
    """The fixes an alert was decided by, and the way an hour before and after."""
    with transaction.atomic():
        alert = alert_for(signed_in(request), alert_id, verb="alert.positions_viewed")
        _refuse_sealed(alert.activation)
    return JsonResponse(alert_places(alert))


def worn_by_participant(user: User, activation_id: int, verb: str) -> Activation:
    """The activation, its read recorded. That of a protected person reads like one that does not exist: what her
    device says is shown nowhere."""
    with transaction.atomic():
        activation = activation_for(user, activation_id, verb=verb)
        _refuse_sealed(activation)
    return activation


def _refuse_sealed(activation: Activation) -> None:
    if activation.protected:
        raise Http404(NO_SUCH_PAGE)


def _on(request: HttpRequest, activation: Activation) -> date:
    return asked_day(request, "on") or latest_day(activation, now())


def asked_day(request: HttpRequest, name: str) -> date | None:
    """None: not asked, or no day of the calendar that monitoring could have."""
    try:
        asked = parse_date(request.GET.get(name, ""))
    except ValueError:
        return None
    return asked if asked and 2000 <= asked.year < 2100 else None


def _row(fix: Fix) -> list[Any]:
    return [
        timezone.localtime(fix.at),
        fix.lat,
        fix.lon,
        fix.source_words,
        fix.accuracy_m,
        round(fix.doubt_m, 1),
        None if fix.home_m is None else round(fix.home_m),
        fix.side_words,
        fix.satellites,
        fix.battery_pct,
        "yes" if fix.after_gap else "no",
    ]
