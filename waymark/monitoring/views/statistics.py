"""Cause, share false, response time, ageing and rate of alerts in a period, as tables with bars and as files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from waymark.accounts.access import Right, require, signed_in
from waymark.monitoring.forms.alerts import PeriodForm
from waymark.monitoring.reads.statistics import Statistics
from waymark.monitoring.reads.statistics import statistics as statistics_of
from waymark.web.clock import now, today
from waymark.web.tables import csv_response, wants_csv

DAYS = 30
HEADER = ["Table", "Name", "Count", "Of", "Percent", "Median seconds", "90th percentile seconds"]


@require(Right.MONITORING_SEE)
def alert_statistics(request: HttpRequest) -> HttpResponse:
    asked = PeriodForm(request.GET or None)
    given = asked.cleaned_data if asked.is_valid() else {}
    last = given.get("last") or today()
    first = given.get("first") or last - timedelta(days=DAYS - 1)
    form = asked if asked.is_bound else PeriodForm(initial={"first": first, "last": last})
    found = statistics_of(signed_in(request), first, last, now())
    if wants_csv(request):
        return csv_response(f"alert-statistics-{first}-{last}", HEADER, _rows(found))
    return render(request, "monitoring/statistics.html", {"form": form, "found": found, "first": first, "last": last})


def _rows(found: Statistics) -> Iterator[list[object]]:
    yield ["Alerts raised", "", found.raised]
    yield ["Alerts for each device and day", "", found.per_device_day and round(found.per_device_day, 3)]
    tables = {
        "Cause": found.causes,
        "Conclusion": found.conclusions,
        "False, by device": found.false_by_device,
        "False, by rule": found.false_by_rule,
    }
    for name, shares in tables.items():
        for share in shares:
            yield [name, share.name, share.count, share.of, round(share.percent, 1)]
    for leg in found.legs:
        yield ["Response time", f"{leg.priority} {leg.leg}", leg.count, "", "", leg.median_s, leg.p90_s]
    for words, count in found.ages:
        yield ["Open now, by age", words, count]
