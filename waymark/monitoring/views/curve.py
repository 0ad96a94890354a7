"""What an alcohol bracelet measured, and the numbers behind each class. The decision is made at the alert."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from waymark.accounts.access import Right, may, require, signed_in
from waymark.monitoring.models import Activation
from waymark.monitoring.reads.curve import MARKS, AlcoholFile, Sample, alcohol_file, curve_json, days_shown
from waymark.monitoring.reads.curve_drawing import drawing_of
from waymark.monitoring.views.day import asked_day, worn_by_participant
from waymark.monitoring.views.entry import named
from waymark.telemetry.alcohol import NOTE
from waymark.web.clock import now
from waymark.web.tables import csv_response, wants_csv

HEADER = ["Time", "TAC in g/dL (transdermal)", "Infrared voltage in V", "Temperature in °F", "Strap"]


@never_cache
@require(Right.MONITORING_SEE)
def alcohol(request: HttpRequest, activation_id: int) -> HttpResponse:
    """?from=2026-11-15&until=2026-11-21, both days shown; without them the week up to the last measurement."""
    user = signed_in(request)
    activation = worn_by_participant(user, activation_id, "alcohol.viewed")
    file = _file(request, activation)
    if wants_csv(request):
        name = f"alcohol-{activation.device.serial}-{file.first}-{file.last}"
        return csv_response(name, HEADER, map(_row, file.samples))
    context = {
        **named(activation.order),
        "activation": activation,
        "file": file,
        "drawing": drawing_of(file),
        "marks": MARKS,
        "note": NOTE,
        "asked": f"from={file.first}&until={file.last}",
        "may_work": may(user, Right.MONITORING_WORK),
    }
    return render(request, "monitoring/alcohol.html", context)


@never_cache
@require(Right.MONITORING_SEE)
def alcohol_readings(request: HttpRequest, activation_id: int) -> HttpResponse:
    """The same days as data for the drawing."""
    activation = worn_by_participant(signed_in(request), activation_id, "alcohol.readings_viewed")
    return JsonResponse(curve_json(_file(request, activation)))


def _file(request: HttpRequest, activation: Activation) -> AlcoholFile:
    at = now()
    first, last = days_shown(activation, asked_day(request, "from"), asked_day(request, "until"), at)
    return alcohol_file(activation, first, last, at)


def _row(sample: Sample) -> list[Any]:
    strap = {True: "closed", False: "open"}.get(sample.strap_ok) if sample.strap_ok is not None else None
    return [timezone.localtime(sample.at), sample.tac, sample.ir_v, sample.temperature_f, strap]
