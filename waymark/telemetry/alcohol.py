"""Transdermal alcohol: from readings to curves with every criterion and its number, and tampers that hide a curve.

    for episode in alcohol_episodes(table["CC6740"]):
        episode.class_, episode.why          # "interferant_suspect", "... absorption 0.1015 g/dL per hour ..."
    obstruction(table["CC6740"])             # stretches in which something lay between sensor and skin

TAC is alcohol that came through the skin. It is not alcohol in blood or breath and is never shown as that; it rises and
peaks one to two hours later. No class here is a conclusion: an analyst decides.

How a curve is read (monitoring.md C2, 2.8):

1. A reading above 0 is positive; 0 and below is zero; a reading without a TAC is blank. Two readings of one instant
   that differ count as the higher, with a flag.
2. Positive readings belong to one curve when at most two zero or blank readings lie between them and at most 75 minutes
   pass from one positive reading to the next. The grid does not matter (the device reads every 5 or 30 minutes).
3. The curve opens with its first and closes with its last positive reading.
4. An edge is seen when the next reading outside is a zero at most 90 minutes away: that zero is the anchor of the rate.
   An edge that is not seen (the data begin or end, or there is a gap) makes the curve truncated there, and the anchor
   is the curve's own first or last positive reading.
5. Rates are straight lines: anchor to peak, peak to anchor. The peak is the first of equal highest readings. Where the
   peak itself is the anchor there is no rate: not known, never zero.
6. Consecutive readings stand next to each other; a blank between them ends the count.
7. A rate above its limit: interferant suspect. Everything met: confirmable. Anything else: review. A tamper in the same
   hours: review, whatever the numbers say. Never at 0.020 and at least three positive readings: low level.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from waymark.telemetry.alcohol_rule import RULE, Rule, rounded
from waymark.telemetry.instants import HOUR_MS, MINUTE_MS, iso
from waymark.telemetry.obstruction import Tamper, obstruction, off_since, removals
from waymark.telemetry.readings import ALCOHOL, Columns

__all__ = ["MEASURE", "NOTE", "AlcoholEpisode", "Criterion", "Tamper", "alcohol_episodes", "obstruction", "removals"]

Class = Literal["confirmable", "interferant_suspect", "review", "low_level"]
Answer = Literal["pass", "fail", "not known"]
Edge = Literal["start", "end"]

MEASURE = "transdermal alcohol concentration (TAC), g/dL"
NOTE = "TAC is alcohol through the skin, not in blood or breath. It follows drinking by one to two hours."


# What comes out.


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion with its number. `number` None: it could not be computed."""

    name: str
    number: float | None
    limit: str
    answer: Answer
    words: str
    over: bool = False  # failed by being above the limit: the mark of an interferant

    def as_json(self) -> dict[str, Any]:
        number = None if self.number is None else round(self.number, 4)
        return {
            "name": self.name,
            "number": number,
            "limit": self.limit,
            "answer": self.answer,
            "words": self.words,
        }


class Sample(NamedTuple):
    at_ms: int
    tac: float | None  # None: blank; never below 0
    doubled: bool = False  # two readings of this instant differ

    def as_json(self) -> dict[str, Any]:
        return {"at": iso(self.at_ms), "tac": self.tac}


@dataclass(frozen=True, slots=True)
class AlcoholEpisode:
    """One joined curve. Rates are g/dL per hour, the area g/dL times hours; None: not known."""

    opened_ms: int  # first positive reading
    closed_ms: int  # last positive reading; see `truncated` and `settled`
    peak_tac: float
    peak_ms: int
    absorption_g_dl_h: float | None
    elimination_g_dl_h: float | None
    consecutive_over_020: int
    area_g_dl_h: float
    class_: Class
    criteria: tuple[Criterion, ...]
    why: str
    truncated: tuple[Edge, ...]  # edges where no zero was seen
    steepest_rise_g_dl_h: float | None  # over one hour; None: the curve is shorter
    steepest_fall_g_dl_h: float | None
    readings: tuple[Sample, ...]  # the anchors and everything between them, in order
    flags: tuple[str, ...]
    tampers: tuple[Tamper, ...]
    settled: bool  # no later reading, sent in order, can change it
    rule_version: str

    def as_json(self, participant: str) -> dict[str, Any]:
        return {
            "participant": participant,
            "opened_at": iso(self.opened_ms),
            "closed_at": iso(self.closed_ms),
            "peak_tac": self.peak_tac,
            "time_of_peak": iso(self.peak_ms),
            "absorption_g_dl_h": rounded(self.absorption_g_dl_h),
            "elimination_g_dl_h": rounded(self.elimination_g_dl_h),
            "consecutive_over_020": self.consecutive_over_020,
            "area_g_dl_h": round(self.area_g_dl_h, 4),
            "class": self.class_,
            "why": self.why,
            "truncated": bool(self.truncated),
            "truncated_at": list(self.truncated),
            "criteria": [criterion.as_json() for criterion in self.criteria],
            "steepest_rise_g_dl_h": rounded(self.steepest_rise_g_dl_h),
            "steepest_fall_g_dl_h": rounded(self.steepest_fall_g_dl_h),
            "flags": list(self.flags),
            "tampers": [tamper.as_json() for tamper in self.tampers],
            "settled": self.settled,
            "readings": [sample.as_json() for sample in self.readings],
            "measure": MEASURE,
            "note": NOTE,
            "rule_version": self.rule_version,
        }


# Curves.


def alcohol_episodes(
    columns: Columns, *, until_ms: int | None = None, installed_ms: Sequence[int] = (), rule: Rule = RULE
) -> list[AlcoholEpisode]:
    """The curves of one activation, in order.

    `until_ms`: up to when is known that nothing more came (None: the last reading). `installed_ms`: when the device was
    put on again and took a new baseline; the first reading is always taken for one.
    """
    samples = _samples(columns)
    if not samples:
        return []
    known_until_ms = max(samples[-1].at_ms, until_ms or samples[-1].at_ms)
    tampers = obstruction(columns, until_ms=known_until_ms, installed_ms=installed_ms, rule=rule)
    tampers += removals(columns, until_ms=known_until_ms, installed_ms=installed_ms, rule=rule)
    open_ms = off_since(columns, until_ms=known_until_ms, installed_ms=installed_ms, rule=rule)
    curves = (_Curve(samples, first, last, rule) for first, last in _joined(samples, rule))
    return [_judged(curve, tampers, open_ms, known_until_ms) for curve in curves if curve.is_worth_a_line]


def _samples(columns: Columns) -> list[Sample]:
    """One for each instant at which alcohol was measured, or should have been (blank)."""
    rows = np.flatnonzero((columns.kind == ALCOHOL) | ~np.isnan(columns.tac_g_dl))
    samples: list[Sample] = []
    for at_ms, tac in zip(columns.happened_ms[rows].tolist(), columns.tac_g_dl[rows].tolist(), strict=True):
        sample = Sample(at_ms, None if np.isnan(tac) else max(tac, 0.0))
        if samples and samples[-1].at_ms == at_ms:
            samples[-1] = _of_one_instant(samples[-1], sample)
        else:
            samples.append(sample)
    return samples


def _of_one_instant(one: Sample, other: Sample) -> Sample:
    if one.tac is None or other.tac is None:
        return one if other.tac is None else other
    return Sample(one.at_ms, max(one.tac, other.tac), one.doubled or one.tac != other.tac)


def _joined(samples: list[Sample], rule: Rule) -> list[tuple[int, int]]:
    """Positions of the first and last positive reading of every curve."""
    curves: list[tuple[int, int]] = []
    for position, sample in enumerate(samples):
        if not sample.tac:
            continue
        if curves and _joins(samples, curves[-1][1], position, rule):
            curves[-1] = (curves[-1][0], position)
        else:
            curves.append((position, position))
    return curves


def _joins(samples: list[Sample], before: int, after: int, rule: Rule) -> bool:
    apart_ms = samples[after].at_ms - samples[before].at_ms
    return after - before - 1 <= rule["join_readings"] and apart_ms <= rule["join_minutes"] * MINUTE_MS


class _Curve:
    """The positive readings samples[first] to samples[last], with the zeros before and after where they were seen."""

    def __init__(self, samples: list[Sample], first: int, last: int, rule: Rule) -> None:
        self.rule = rule
        self.samples, self.first, self.last = samples, first, last
        self.opened, self.closed = samples[first], samples[last]
        self.inside = samples[first : last + 1]
        before = next((sample for sample in reversed(samples[:first]) if sample.tac is not None), None)
        after = next((sample for sample in samples[last + 1 :] if sample.tac is not None), None)
        self.before, self.after = before, after
        self.zero_before = before if self._is_seen(before, self.opened) else None
        self.zero_after = after if self._is_seen(after, self.closed) else None
        self.peak = max(self.inside, key=lambda sample: sample.tac or 0.0)  # the first of equals
        self.peak_tac = self.peak.tac or 0.0

    def _minutes(self, outside: Sample, edge: Sample) -> float:
        return abs(outside.at_ms - edge.at_ms) / MINUTE_MS

    def _is_seen(self, outside: Sample | None, edge: Sample) -> bool:
        return outside is not None and not outside.tac and self._minutes(outside, edge) <= self.rule["gap_minutes"]

    def gaps(self, known_until_ms: int) -> Iterator[str]:
        """What comes after a gap does not change the curve: when it came is not said, so that time alone settles it."""
        if self.before and (minutes := self._minutes(self.before, self.opened)) > self.rule["gap_minutes"]:
            yield f"gap of {minutes:.0f} minutes before the curve"
        after = self.after or Sample(known_until_ms, None)
        if self._minutes(after, self.closed) > self.rule["gap_minutes"]:
            yield f"gap of over {self.rule['gap_minutes']:.0f} minutes after the curve"

    @property
    def start(self) -> Sample:
        return self.zero_before or self.opened

    @property
    def end(self) -> Sample:
        return self.zero_after or self.closed

    @property
    def readings(self) -> list[Sample]:
        """Anchors and everything between them."""
        before = [self.zero_before] if self.zero_before else []
        return [*before, *self.inside, *([self.zero_after] if self.zero_after else [])]

    @property
    def truncated(self) -> tuple[Edge, ...]:
        start: tuple[Edge, ...] = () if self.zero_before else ("start",)
        return start if self.zero_after else (*start, "end")

    @property
    def positive(self) -> int:
        return sum(1 for sample in self.inside if sample.tac)

    @property
    def is_detected(self) -> bool:
        return self.peak_tac >= self.rule["over"]

    @property
    def is_worth_a_line(self) -> bool:
        return self.is_detected or self.positive >= self.rule["low_level_readings"]

    @property
    def in_a_row(self) -> int:
        """The longest run of consecutive readings at or above 0.020."""
        longest = run = 0
        for sample in self.inside:
            run = run + 1 if sample.tac is not None and sample.tac >= self.rule["over"] else 0
            longest = max(longest, run)
        return longest

    @property
    def absorption(self) -> float | None:
        return _rate(self.start, self.peak)

    @property
    def elimination(self) -> float | None:
        fall = _rate(self.peak, self.end)
        return None if fall is None else -fall

    def measured(self) -> tuple[list[int], list[float]]:
        found = [(sample.at_ms, sample.tac) for sample in self.readings if sample.tac is not None]
        return [at_ms for at_ms, _ in found], [tac for _, tac in found]

    @property
    def area(self) -> float:
        """By trapezoids, g/dL times hours."""
        at_ms, tac = self.measured()
        return float(np.trapezoid(tac, at_ms)) / HOUR_MS

    def one_hour_changes(self) -> list[float]:
        """Of the straight lines between readings: the steepest hour begins or ends at a reading."""
        at_ms, tac = self.measured()
        first, last = at_ms[0], at_ms[-1] - HOUR_MS
        begins = sorted({begin for at in at_ms for begin in (at, at - HOUR_MS) if first <= begin <= last})
        return [float(np.interp(begin + HOUR_MS, at_ms, tac) - np.interp(begin, at_ms, tac)) for begin in begins]

    def is_settled(self, known_until_ms: int) -> bool:
        """Nothing that comes after `known_until_ms`, in order, joins it or moves its anchor."""
        since_ms = known_until_ms - self.closed.at_ms
        cannot_join = (
            len(self.samples) - 1 - self.last > self.rule["join_readings"]
            or since_ms > self.rule["join_minutes"] * MINUTE_MS
        )
        return cannot_join and (self.zero_after is not None or since_ms > self.rule["gap_minutes"] * MINUTE_MS)


def _rate(before: Sample, after: Sample) -> float | None:
    if before.tac is None or after.tac is None or after.at_ms <= before.at_ms:
        return None
    return round((after.tac - before.tac) * HOUR_MS / (after.at_ms - before.at_ms), 9)  # a limit met exactly is met


def _judged(curve: _Curve, tampers: Sequence[Tamper], off_since_ms: int | None, known_until_ms: int) -> AlcoholEpisode:
    overlapping = tuple(
        tamper for tamper in tampers if tamper.from_ms <= curve.end.at_ms and tamper.until_ms >= curve.start.at_ms
    )
    criteria = tuple(_criteria(curve, overlapping))
    class_ = _class(curve, criteria, overlapping)
    may_be_tampered = off_since_ms is not None and off_since_ms <= curve.end.at_ms
    may_be_tampered |= any(tamper.going_on for tamper in overlapping)
    changes = curve.one_hour_changes()
    return AlcoholEpisode(
        opened_ms=curve.opened.at_ms,
        closed_ms=curve.closed.at_ms,
        peak_tac=curve.peak_tac,
        peak_ms=curve.peak.at_ms,
        absorption_g_dl_h=curve.absorption,
        elimination_g_dl_h=curve.elimination,
        consecutive_over_020=curve.in_a_row,
        area_g_dl_h=curve.area,
        class_=class_,
        criteria=criteria,
        why=" ".join([_in_short(class_, curve, criteria), *(criterion.words for criterion in criteria)]),
        truncated=curve.truncated,
        steepest_rise_g_dl_h=max(max(changes), 0.0) if changes else None,
        steepest_fall_g_dl_h=max(-min(changes), 0.0) if changes else None,
        readings=tuple(curve.readings),
        flags=tuple(_flags(curve, known_until_ms)),
        tampers=overlapping,
        settled=curve.is_settled(known_until_ms) and not may_be_tampered,
        rule_version=curve.rule.version,
    )


def _flags(curve: _Curve, known_until_ms: int) -> Iterator[str]:
    yield from curve.gaps(known_until_ms)
    if blanks := sum(1 for sample in curve.inside if sample.tac is None):
        yield f"blank readings inside the curve: {blanks}"
    if doubled := sum(1 for sample in curve.readings if sample.doubled):
        yield f"instants with two readings that differ, the higher taken: {doubled}"


# Criteria: each with its number, its limit and its answer.


def _criteria(curve: _Curve, tampers: Sequence[Tamper]) -> Iterator[Criterion]:
    yield _detected(curve)
    yield _consecutive(curve)
    yield _absorption(curve)
    yield _elimination(curve)
    yield _untampered(tampers)


def _detected(curve: _Curve) -> Criterion:
    over = curve.rule["over"]
    answer: Answer = "pass" if curve.is_detected else "fail"
    words = (
        f"Highest reading {curve.peak_tac:.3f} g/dL at {iso(curve.peak.at_ms)}, at least {over:.3f} asked: {answer}."
    )
    return Criterion("peak", curve.peak_tac, f"at least {over:.3f} g/dL", answer, words)


def _consecutive(curve: _Curve) -> Criterion:
    asked = int(curve.rule["over_in_a_row"])
    answer: Answer = "pass" if curve.in_a_row >= asked else "fail"
    over = curve.rule["over"]
    words = f"Consecutive readings at or above {over:.3f}: {curve.in_a_row}, at least {asked} asked: {answer}."
    return Criterion("consecutive", curve.in_a_row, f"at least {asked} readings", answer, words)


def _absorption(curve: _Curve) -> Criterion:
    most = curve.rule[_by_peak(curve, "absorption_below")]
    limit = f"below {most:.2f} g/dL per hour"
    rate = curve.absorption
    if rate is None:
        words = "Absorption is not known, because the curve begins at its peak: not known."
        return Criterion("absorption", None, limit, "not known", words)
    fails = rate >= most
    words = (
        f"Absorption {rate:.4f} g/dL per hour, the straight line from {_point(curve.start)} to the peak; {limit} asked "
        f"{_where_peak(curve)}: {_answer(not fails)}."
    )
    return Criterion("absorption", rate, limit, _answer(not fails), words, over=fails)


def _elimination(curve: _Curve) -> Criterion:
    least, most = curve.rule["elimination_least"], curve.rule[_by_peak(curve, "elimination_most")]
    limit = f"{least:.3f} to {most:.3f} g/dL per hour"
    rate = curve.elimination
    if rate is None:
        words = "Elimination is not known, because the curve ends at its peak: not known."
        return Criterion("elimination", None, limit, "not known", words)
    words = (
        f"Elimination {rate:.4f} g/dL per hour, the straight line from the peak to {_point(curve.end)}; {limit} asked "
        f"{_where_peak(curve)}: {_answer(least <= rate <= most)}."
    )
    return Criterion("elimination", rate, limit, _answer(least <= rate <= most), words, over=rate > most)


def _by_peak(curve: _Curve, name: str) -> str:
    return f"{name}_high" if curve.peak_tac >= curve.rule["peak_high"] else name


def _where_peak(curve: _Curve) -> str:
    high = curve.rule["peak_high"]
    return f"where the peak is {'at least' if curve.peak_tac >= high else 'below'} {high:.2f}"


def _point(sample: Sample) -> str:
    return f"{sample.tac:.3f} at {iso(sample.at_ms)}"


def _answer(passes: bool) -> Answer:
    return "pass" if passes else "fail"


def _untampered(tampers: Sequence[Tamper]) -> Criterion:
    limit = "no tamper in the same hours"
    if not tampers:
        return Criterion("no_tamper", 0, limit, "pass", "No obstruction or removal in the same hours: pass.")
    words = f"In the same hours: {' '.join(tamper.words for tamper in tampers)} No tamper asked: fail."
    return Criterion("no_tamper", len(tampers), limit, "fail", words)


def _class(curve: _Curve, criteria: Sequence[Criterion], tampers: Sequence[Tamper]) -> Class:
    if tampers:
        return "review"
    if not curve.is_detected:
        return "low_level"
    if any(criterion.over for criterion in criteria):
        return "interferant_suspect"
    return "confirmable" if all(criterion.answer == "pass" for criterion in criteria) else "review"


def _in_short(class_: Class, curve: _Curve, criteria: Sequence[Criterion]) -> str:
    """One sentence that names what decided."""
    if class_ == "confirmable":
        return "Confirmable: every criterion is met. An analyst decides."
    if class_ == "low_level":
        over = curve.rule["over"]
        return f"Low level: {curve.positive} readings above 0 and none at {over:.3f}. For information."
    if class_ == "interferant_suspect":
        over_limit = " and ".join(
            f"{criterion.name} {criterion.number:.4f} g/dL per hour is over its limit ({criterion.limit})"
            for criterion in criteria
            if criterion.over
        )
        return f"Interferant suspect: {over_limit}. People who drank show this too. A person decides."
    unmet = ", ".join(
        f"{criterion.name.replace('_', ' ')} ({criterion.answer})"
        for criterion in criteria
        if criterion.answer != "pass"
    )
    return f"Review: {unmet}. A person decides."
