"""Tampers of an alcohol bracelet: something between sensor and skin, or the device off the skin.

One infrared reading off its baseline says nothing: on the 13 real exports that rule raised 17 false flags, the longest
over within two hours. So a stretch must last (monitoring.md C3, 2.8).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np

from waymark.telemetry.alcohol_rule import RULE, Rule, rounded
from waymark.telemetry.instants import HOUR_MS, MINUTE_MS, iso
from waymark.telemetry.readings import Columns


@dataclass(frozen=True, slots=True)
class Tamper:
    """[from_ms, until_ms]: the first and last reading that show it. `going_on`: no later reading ends it."""

    kind: Literal["obstruction", "removal"]
    class_: Literal["suspected", "confirmable", "strap_open"]
    from_ms: int
    until_ms: int
    going_on: bool
    readings: int
    baseline_v: float | None
    largest_change_v: float | None
    words: str
    rule_version: str

    @property
    def hours(self) -> float:
        return (self.until_ms - self.from_ms) / HOUR_MS

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "class": self.class_,
            "from": iso(self.from_ms),
            "until": iso(self.until_ms),
            "going_on": self.going_on,
            "hours": round(self.hours, 2),
            "readings": self.readings,
            "baseline_v": rounded(self.baseline_v),
            "largest_change_v": rounded(self.largest_change_v),
            "words": self.words,
            "rule_version": self.rule_version,
        }


def obstruction(
    columns: Columns,
    *,
    until_ms: int | None = None,
    installed_ms: Sequence[int] = (),
    baseline_v: float | None = None,
    rule: Rule = RULE,
) -> list[Tamper]:
    """Stretches of 4 hours or more with the infrared voltage off its baseline: suspected; of 8 hours: confirmable.

    The baseline is the median of the first three readings after every installation, or `baseline_v` up to the next
    installation when it was taken in an earlier call. A stretch goes from its first to its last reading off; one
    reading back in range does not end it, two do, and so does a gap; the last gap goes to `until_ms`, up to when is
    known that nothing more came (None: the last reading).
    """
    found = []
    for stretch in _measured_in_ir(columns, installed_ms, baseline_v, rule):
        for run in _off_baseline(stretch, rule):
            if run[-1].at_ms - run[0].at_ms >= rule["obstruction_suspected_h"] * HOUR_MS:
                found.append(_obstruction(run, _goes_on(run, stretch, until_ms, rule), rule))
    return found


def off_since(
    columns: Columns,
    *,
    until_ms: int | None = None,
    installed_ms: Sequence[int] = (),
    baseline_v: float | None = None,
    rule: Rule = RULE,
) -> int | None:
    """Since when the infrared voltage is off its baseline at `until_ms`, however short; None: it is not.

    Later readings may still make a tamper of it, from that instant on.
    """
    stretches = list(_measured_in_ir(columns, installed_ms, baseline_v, rule))
    runs = _off_baseline(stretches[-1], rule) if stretches else []
    return runs[-1][0].at_ms if runs and _goes_on(runs[-1], stretches[-1], until_ms, rule) else None


class _Infrared(NamedTuple):
    at_ms: int
    change_v: float
    temperature_f: float
    baseline_v: float


def _measured_in_ir(
    columns: Columns, installed_ms: Sequence[int], baseline_v: float | None, rule: Rule
) -> Iterator[list[_Infrared]]:
    """The infrared readings from one installation to the next. Too few for a baseline: none."""
    rows = np.flatnonzero(~np.isnan(columns.ir_v))
    at_ms = columns.happened_ms[rows]
    cuts = [0, *(int(np.searchsorted(at_ms, installed)) for installed in sorted(installed_ms)), len(rows)]
    needed = int(rule["ir_baseline_readings"])
    for number, (first, last) in enumerate(pairwise(cuts)):
        here = rows[first:last]
        carried = baseline_v if number == 0 else None
        if carried is None and len(here) < needed:
            continue
        base = float(np.median(columns.ir_v[here[:needed]])) if carried is None else carried
        yield [
            _Infrared(int(columns.happened_ms[row]), float(columns.ir_v[row]) - base, columns.temperature_f[row], base)
            for row in here
        ]


def _is_off(reading: _Infrared, rule: Rule) -> bool:
    return round(abs(reading.change_v), 6) > rule["ir_variance_v"]  # volts come in thousandths


def _off_baseline(stretch: list[_Infrared], rule: Rule) -> list[list[_Infrared]]:
    """Runs of readings off the baseline, those back in range left out."""
    runs: list[list[_Infrared]] = []
    back, heard_ms = 0, 0
    for reading in stretch:
        gap = _is_gap(heard_ms, reading.at_ms, rule)
        heard_ms = reading.at_ms
        back = back if not gap else int(rule["ir_back_readings"]) + 1
        if not _is_off(reading, rule):
            back += 1
        elif runs and back <= rule["ir_back_readings"]:
            runs[-1].append(reading)
            back = 0
        else:
            runs.append([reading])
            back = 0
    return runs


def _is_gap(from_ms: int, until_ms: int | None, rule: Rule) -> bool:
    return until_ms is not None and until_ms - from_ms > rule["gap_minutes"] * MINUTE_MS


def _obstruction(run: list[_Infrared], going_on: bool, rule: Rule) -> Tamper:
    hours = (run[-1].at_ms - run[0].at_ms) / HOUR_MS
    confirmable = hours >= rule["obstruction_confirmable_h"]
    largest = max((reading.change_v for reading in run), key=abs)
    words = (
        f"Infrared voltage up to {largest:+.3f} V off its baseline of {run[0].baseline_v:.3f} V for {hours:.1f} hours "
        f"from {iso(run[0].at_ms)}; {rule['ir_variance_v']:.2f} V is allowed, {rule['obstruction_suspected_h']:.0f} "
        f"hours make it suspected and {rule['obstruction_confirmable_h']:.0f} confirmable."
    )
    return Tamper(
        kind="obstruction",
        class_="confirmable" if confirmable else "suspected",
        from_ms=run[0].at_ms,
        until_ms=run[-1].at_ms,
        going_on=going_on,
        readings=len(run),
        baseline_v=run[0].baseline_v,
        largest_change_v=largest,
        words=words,
        rule_version=rule.version,
    )


def _goes_on(run: list[_Infrared], stretch: list[_Infrared], until_ms: int | None, rule: Rule) -> bool:
    """Too few readings came after the run to end it, and one that comes now may still be part of it."""
    after = sum(1 for reading in stretch if reading.at_ms > run[-1].at_ms)
    return after <= rule["ir_back_readings"] and not _is_gap(stretch[-1].at_ms, until_ms, rule)


def removals(
    columns: Columns,
    *,
    until_ms: int | None = None,
    installed_ms: Sequence[int] = (),
    baseline_v: float | None = None,
    rule: Rule = RULE,
) -> list[Tamper]:
    """The strap open; or the device off the skin: infrared off its baseline and the temperature at ambient, twice.

    No device tells the temperature of the room. The lowest reading of the 24 hours before stands for it, and before
    there are 24 hours of them nothing is concluded: a worn device outdoors is cold as well. A gap ends a suspicion, as
    it ends an obstruction; a strap is open until it says that it is not.
    """
    return [*_strap_open(columns, rule), *_cold_and_off(columns, until_ms, installed_ms, baseline_v, rule)]


def _strap_open(columns: Columns, rule: Rule) -> Iterator[Tamper]:
    if not np.any(columns.strap_ok == 0):
        return
    rows = np.flatnonzero(columns.strap_ok >= 0)
    at_ms, closed = columns.happened_ms[rows].tolist(), columns.strap_ok[rows].tolist()
    first: int | None = None
    for position, is_closed in enumerate([*closed, 1]):
        if is_closed == 0:
            first = position if first is None else first
        elif first is not None:
            yield _strap_tamper(at_ms[first : position + 1], going_on=position == len(closed), rule=rule)
            first = None


def _strap_tamper(at_ms: list[int], *, going_on: bool, rule: Rule) -> Tamper:
    opened = len(at_ms) if going_on else len(at_ms) - 1
    return Tamper(
        kind="removal",
        class_="strap_open",
        from_ms=at_ms[0],
        until_ms=at_ms[-1],
        going_on=going_on,
        readings=opened,
        baseline_v=None,
        largest_change_v=None,
        words=f"Strap open from {iso(at_ms[0])}.",
        rule_version=rule.version,
    )


def _cold_and_off(
    columns: Columns, until_ms: int | None, installed_ms: Sequence[int], baseline_v: float | None, rule: Rule
) -> Iterator[Tamper]:
    for stretch in _measured_in_ir(columns, installed_ms, baseline_v, rule):
        run: list[_Infrared] = []
        for reading in stretch:
            if run and _is_gap(run[-1].at_ms, reading.at_ms, rule):
                yield from _removal(run, going_on=False, rule=rule)
                run = []
            before_ms = run[0].at_ms if run else reading.at_ms
            if _is_off(reading, rule) and _is_at_ambient(reading, stretch, before_ms, rule):
                run.append(reading)
                continue
            yield from _removal(run, going_on=False, rule=rule)
            run = []
        yield from _removal(run, going_on=not _is_gap(stretch[-1].at_ms, until_ms, rule), rule=rule)


def _is_at_ambient(reading: _Infrared, stretch: list[_Infrared], before_ms: int, rule: Rule) -> bool:
    from_ms = before_ms - rule["ambient_hours"] * HOUR_MS
    if stretch[0].at_ms > from_ms:
        return False
    trend = [
        other.temperature_f
        for other in stretch
        if from_ms <= other.at_ms < before_ms and not np.isnan(other.temperature_f)
    ]
    return bool(trend) and reading.temperature_f <= min(trend) + rule["ambient_within_f"]


def _removal(run: list[_Infrared], *, going_on: bool, rule: Rule) -> Iterator[Tamper]:
    if len(run) < rule["removal_readings"]:
        return
    largest = max((reading.change_v for reading in run), key=abs)
    warmest = max(reading.temperature_f for reading in run)
    words = (
        f"Off the skin from {iso(run[0].at_ms)}, suspected: {len(run)} readings with the infrared voltage up to "
        f"{largest:+.3f} V off its baseline and no warmer than {warmest:.1f} °F, the ambient trend."
    )
    yield Tamper(
        kind="removal",
        class_="suspected",
        from_ms=run[0].at_ms,
        until_ms=run[-1].at_ms,
        going_on=going_on,
        readings=len(run),
        baseline_v=run[0].baseline_v,
        largest_change_v=largest,
        words=words,
        rule_version=rule.version,
    )
