"""The fleet: every device of the agency on one page."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from waymark.accounts.access import Right, may, require, signed_in
from waymark.monitoring.reads.fleet import SHOWS, FleetRow, fleet, sentence, shown
from waymark.people.access import note_listed
from waymark.web.clock import now, today
from waymark.web.tables import csv_response, wants_csv

HEADER = [
    "Kind",
    "Maker",
    "Serial",
    "State",
    "Family name",
    "Given name",
    "Battery",
    "Last heard",
    "Silent",
    "Firmware",
    "Faceplate due",
    "Awaiting return since",
]


@require(Right.MONITORING_SEE)
def fleet_page(request: HttpRequest) -> HttpResponse:
    """?show= one of SHOWS."""
    user = signed_in(request)
    everything = fleet(user, now())
    show = request.GET.get("show", "")
    if show not in SHOWS:
        raise Http404
    rows = [row for row in everything if shown(row, show)]
    note_listed(user, "device.listed", {row.activation.order.person for row in rows if row.activation})
    if wants_csv(request):
        return csv_response(f"devices-{today()}", HEADER, map(_line, rows))
    context = {
        "sentence": sentence(everything),
        "rows": rows,
        "overdue": [row for row in everything if row.overdue],
        "shows": [(key, words, sum(shown(row, key) for row in everything)) for key, words in SHOWS.items()],
        "show": show,
        "may_set_up": may(user, Right.MONITORING_SET_UP),
    }
    return render(request, "monitoring/fleet.html", context)


def _line(row: FleetRow) -> list[object]:
    person = row.activation.order.person if row.activation else None
    return [
        row.device.get_kind_display(),
        row.device.vendor,
        row.device.serial,
        row.device.get_state_display(),
        person and person.family_name,
        person and person.given_name,
        row.battery_pct,
        row.last_at,
        "yes" if row.silent else "no",
        row.device.firmware,
        row.faceplate_due_on,
        row.awaiting_since,
    ]
