"""How long of an episode the device was not heard.

A stretch of an episode without a reading counts when the stretch itself is longer than the silence the plan allows:
what came before the episode began and what comes after it ended changes nothing. So it is the same wherever readings
and time are cut. What is settled of a zone's open episode is summed in its WATCH; later silences are kept one by one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from waymark.telemetry.instants import ALWAYS_UNTIL_MS, Span
from waymark.telemetry.kernel import NEVER, Known
from waymark.telemetry.readings import DRIVE_BY, NOT_HEARD, Columns


class Unheard:
    """The silences of one evaluation, with what earlier ones left. Made before the walk, which changes `known`."""

    def __init__(self, silences: Sequence[Span], known: Known, heard: Columns, until_ms: int, allowed_ms: int) -> None:
        self.allowed_ms = allowed_ms
        last_ms = int(known.devices["heard_ms"][0])
        at_ms = heard.happened_ms[(heard.kind != DRIVE_BY) | (heard.source != NOT_HEARD)]
        told = at_ms if last_ms == NEVER else np.concatenate(([last_ms], at_ms))
        long = np.flatnonzero(np.diff(told) > allowed_ms)
        self.over = [*silences, *map(Span, told[long].tolist(), told[long + 1].tolist())]
        running = bool(len(told)) and until_ms - int(told[-1]) > allowed_ms
        self.all = [*self.over, Span(int(told[-1]), until_ms)] if running else self.over
        self.before = known.watches[["wrong_from_ms", "settled_ms", "unheard"]].tolist()

    def inside(self, zone: int, from_ms: int, until_ms: int) -> int:
        """Milliseconds of a zone's episode [from_ms, until_ms)."""
        return self._summed(self.all, zone, from_ms, until_ms)

    def carry_on(self, known: Known) -> tuple[Span, ...]:
        """Sums what is settled into the rows, and gives the silences that are still needed one by one."""
        rows = known.watches[["wrong_from_ms", "settled_ms"]].tolist()
        for zone, (wrong_from_ms, settled_ms) in enumerate(rows):
            settled = [silence for silence in self.over if silence.until_ms <= settled_ms]
            summed = 0 if wrong_from_ms == NEVER else self._summed(settled, zone, wrong_from_ms, settled_ms)
            known.watches["unheard"][zone] = summed
        needed_ms = min((settled_ms for _, settled_ms in rows), default=ALWAYS_UNTIL_MS)
        return tuple(silence for silence in self.over if silence.until_ms > needed_ms)

    def _summed(self, silences: Sequence[Span], zone: int, from_ms: int, until_ms: int) -> int:
        wrong_from_ms, settled_ms, summed = map(int, self.before[zone])
        if wrong_from_ms != from_ms:
            settled_ms, summed = NEVER, 0
        lasted = (
            min(silence.until_ms, until_ms) - max(silence.from_ms, from_ms)
            for silence in silences
            if silence.until_ms > settled_ms
        )
        return summed + sum(one for one in lasted if one > self.allowed_ms)


def in_words(milliseconds: int) -> str:
    """ "11 d 18 h", "3 h 20 min", "17 min" """
    minutes = milliseconds // 60_000
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min"
