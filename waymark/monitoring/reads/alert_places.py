"""Where an alert happened: the fixes it was decided by, the zone, and the way an hour before and after."""

from __future__ import annotations

from typing import Any

from waymark.monitoring.evidence import fix_instants
from waymark.monitoring.models import Alert
from waymark.monitoring.reads.day import fix_json, positions_json
from waymark.monitoring.reads.places import places
from waymark.telemetry.instants import DAY_MS, HOUR_MS, Span, ms_of

LONGEST_MS = DAY_MS  # of a way drawn at once; an alert may last for weeks


def alert_places(alert: Alert) -> dict[str, Any]:
    """As for the day, with `decided`: the fixes used in the evidence. `zones` holds the alert's zone alone."""
    standing = list(alert.episodes.filter(current=True, withdrawn=False).select_related("zone").order_by("opened_at"))
    instants = {ms_of(at) for episode in standing for at in fix_instants(episode)}
    first = min([ms_of(alert.happened_at), *instants]) - HOUR_MS
    last = max([ms_of(alert.cleared_at or alert.happened_at), *instants]) + HOUR_MS
    found = places(alert.activation, Span(first, min(last, first + LONGEST_MS)))
    zones = [drawn.as_json() for drawn in found.zones if alert.zone_id is None or drawn.zone.id == str(alert.zone_id)]
    decided = [fix_json(fix) for fix in found.fixes if fix.at_ms in instants]
    return positions_json(found, standing) | {"zones": zones, "decided": decided}
