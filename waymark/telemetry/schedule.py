"""When the requirement of a zone is in force: from recurrence text to merged spans of UTC."""

from __future__ import annotations

from collections.abc import Sequence

from waymark.telemetry.instants import Span
from waymark.telemetry.plan import Leave, Must, Zone


def required(
    zone: Zone, time_zone: str, first_ms: int, last_ms: int, *, must: Must | None = None, leave: Sequence[Leave] = ()
) -> list[Span]:
    """Spans in which `zone` asks `must` (None: zone.must) that touch [first_ms, last_ms]: merged, sorted, half-open.

    The range selects spans and never cuts one: a window in progress at first_ms is given with its true start, and what
    has no start or end has ALWAYS_FROM_MS or ALWAYS_UNTIL_MS. So a prefix and the whole see the same windows.
    `leave` is the participant's own (it lifts be_in only).
    """
    raise NotImplementedError
