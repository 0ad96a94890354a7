"""What an alcohol bracelet measured: the curve, the numbers behind each class, and what the analyst decided.

TAC is transdermal. No number here is alcohol in blood or breath, and none is turned into one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from django.db.models import Q
from django.utils import timezone

from waymark.monitoring.alert_words import short_name
from waymark.monitoring.evidence import in_local_time
from waymark.monitoring.models import Activation, Alert, AlertAct, Device, Episode, Reading
from waymark.monitoring.reads.day import span_of
from waymark.monitoring.reads.places import NOTHING, instant_of, readings_between
from waymark.monitoring.rows import KIND_CODES
from waymark.telemetry.alcohol import AlcoholEpisode, Criterion, alcohol_episodes
from waymark.telemetry.alcohol_rule import RULE, Number
from waymark.telemetry.instants import MINUTE_MS, Span, ms_of
from waymark.telemetry.obstruction import Tamper, obstruction, removals
from waymark.telemetry.readings import Columns
from waymark.web.templatetags.waymark import staff_date

DAYS_SHOWN = 7
DAYS_MOST = 31
CLASS_WORDS = {
    "confirmable": "Confirmable",
    "interferant_suspect": "Interferant suspect",
    "review": "Review",
    "low_level": "Low level",
}
CRITERION_WORDS = {
    "peak": "Highest TAC",
    "consecutive": "Readings in a row at or above 0.020",
    "absorption": "Absorption, g/dL per hour",
    "elimination": "Elimination, g/dL per hour",
    "no_tamper": "Tampers in the same hours",
}
MARKS = {"S": "read in the source", "R": "recalled in papers, to be verified before it is quoted", "P": "our proposal"}


@dataclass(frozen=True, slots=True)
class Judged:
    """A criterion with the dated number it was held against."""

    criterion: Criterion
    number: Number

    @property
    def name(self) -> str:
        return CRITERION_WORDS.get(self.criterion.name, self.criterion.name.replace("_", " "))

    @property
    def value(self) -> str:
        number = self.criterion.number
        if number is None:
            return "not known"
        if self.criterion.name in ("consecutive", "no_tamper"):
            return f"{number:.0f}"
        return f"{number:.3f} g/dL" if self.criterion.name == "peak" else f"{number:.4f}"

    @property
    def sign(self) -> str:
        return {"pass": "✓", "fail": "✗"}.get(self.criterion.answer, "?")

    @property
    def words(self) -> str:
        return in_local_time(self.criterion.words)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the analyst said, through the alert. `alert` None: none was raised."""

    words: str
    note: str
    alert: Alert | None


@dataclass(frozen=True, slots=True)
class Curve:
    episode: AlcoholEpisode
    criteria: list[Judged]
    decision: Decision

    @property
    def class_words(self) -> str:
        return CLASS_WORDS[self.episode.class_]

    @property
    def why(self) -> str:
        """The first sentence: what decided."""
        return in_local_time(self.episode.why.removesuffix(" ".join(c.words for c in self.episode.criteria)).strip())

    @property
    def opened_at(self) -> datetime:
        return instant_of(self.episode.opened_ms)

    @property
    def closed_at(self) -> datetime:
        return instant_of(self.episode.closed_ms)

    @property
    def peak_at(self) -> datetime:
        return instant_of(self.episode.peak_ms)


@dataclass(frozen=True, slots=True)
class Sample:
    at: datetime
    at_ms: int
    tac: float | None
    ir_v: float | None
    temperature_f: float | None
    strap_ok: bool | None


@dataclass(frozen=True)
class AlcoholFile:
    span: Span
    first: date
    last: date
    samples: list[Sample]
    curves: list[Curve]
    tampers: list[Tamper]
    sentence: str

    @property
    def tamper_words(self) -> list[str]:
        return [in_local_time(tamper.words) for tamper in self.tampers]


def alcohol_file(activation: Activation, first: date, last: date, at: datetime) -> AlcoholFile:
    """Days `first` to `last`, both shown. Curves and tampers are worked out from all that was measured, so that a
    number here is the number the engine has."""
    measured = measured_by(activation, at)
    span = Span(span_of(first).from_ms, span_of(last).until_ms)
    until_ms = ms_of(min(at, activation.until_at or at))
    found = [
        one for one in alcohol_episodes(measured, until_ms=until_ms) if _touches(one.opened_ms, one.closed_ms, span)
    ]
    tampers = [*obstruction(measured), *(one for one in removals(measured) if one.class_ != "strap_open")]
    tampers = sorted((one for one in tampers if _touches(one.from_ms, one.until_ms, span)), key=lambda one: one.from_ms)
    curves = _curves(activation, found)
    samples = list(_samples(measured.between(*span)))
    return AlcoholFile(span, first, last, samples, curves, tampers, _sentence(activation, samples, curves, first, last))


def days_shown(activation: Activation, first: date | None, last: date | None, at: datetime) -> tuple[date, date]:
    """What was asked, at most DAYS_MOST; else the days up to the last measurement."""
    end = last or _last_day(activation, at)
    begin = first or end - timedelta(days=DAYS_SHOWN - 1)
    if begin > end:
        begin, end = end, begin
    return max(begin, end - timedelta(days=DAYS_MOST - 1)), end


def measured_by(activation: Activation, at: datetime) -> Columns:
    """Everything a curve or a tamper is worked out from, from the first day the device was worn."""
    told = Reading.objects.filter(_measured(), activation=activation)
    if activation.device.kind != Device.Kind.ALCOHOL and not told.exists():
        return NOTHING
    return readings_between(activation, Span(ms_of(activation.from_at), ms_of(activation.until_at or at)))


def curve_json(file: AlcoholFile) -> dict[str, Any]:
    """For the drawing. Seconds of the epoch; null where a gap must not be bridged."""
    return {
        "from": file.span.from_ms / 1000,
        "until": file.span.until_ms / 1000,
        "limit": RULE["over"],
        "time_zone": str(timezone.get_default_timezone()),
        "panels": [
            {"name": "TAC (transdermal), g/dL", "limit": True, **_series(file.samples, "tac")},
            {"name": "Infrared voltage, V", "limit": False, **_series(file.samples, "ir_v")},
            {"name": "Temperature, °F", "limit": False, **_series(file.samples, "temperature_f")},
        ],
        "episodes": [
            {
                "from": curve.episode.opened_ms / 1000,
                "until": curve.episode.closed_ms / 1000,
                "class": curve.class_words,
            }
            for curve in file.curves
        ],
    }


# The numbers behind a class.


def _curves(activation: Activation, found: list[AlcoholEpisode]) -> list[Curve]:
    opened = [instant_of(one.opened_ms) for one in found]
    rows = Episode.objects.filter(
        activation=activation, family="alcohol", current=True, withdrawn=False, opened_at__in=opened
    ).select_related("alert__closed_by")
    stored = {row.opened_at: row for row in rows}
    return [
        Curve(one, [Judged(c, _number(c, one)) for c in one.criteria], _decision(stored.get(instant_of(one.opened_ms))))
        for one in found
    ]


def _number(criterion: Criterion, episode: AlcoholEpisode) -> Number:
    high = episode.peak_tac >= RULE["peak_high"]
    name = {
        "peak": "over",
        "consecutive": "over_in_a_row",
        "absorption": "absorption_below_high" if high else "absorption_below",
        "elimination": "elimination_most_high" if high else "elimination_most",
        "no_tamper": "obstruction_suspected_h",
    }[criterion.name]
    return next(number for number in RULE.numbers if number.name == name)


def _decision(row: Episode | None) -> Decision:
    if row is None:
        return Decision("Not evaluated by the engine yet", "", None)
    alert = row.alert
    if alert is None:
        return Decision("For information: nobody is asked to decide", "", None)
    if alert.state != Alert.State.CLOSED:
        return Decision("In process", "", alert)
    note = alert.acts.filter(act=AlertAct.Act.CONCLUDED).order_by("-at", "-pk").values_list("words", flat=True).first()
    confirmed = alert.conclusion == Alert.Conclusion.CONFIRMED
    words = "Confirmed" if confirmed else "Not confirmed"
    if not confirmed and alert.conclusion != Alert.Conclusion.NOT_CONFIRMED:
        words += f" ({alert.get_conclusion_display().lower()})"
    return Decision(words, note or "", alert)


def _touches(from_ms: int, until_ms: int, span: Span) -> bool:
    return from_ms < span.until_ms and until_ms >= span.from_ms


# Readings.


def _measured() -> Q:
    return (
        Q(kind=KIND_CODES["alcohol"])
        | Q(tac_g_dl__isnull=False)
        | Q(ir_v__isnull=False)
        | Q(temperature_f__isnull=False)
    )


def _last_day(activation: Activation, at: datetime) -> date:
    rows = Reading.objects.filter(_measured(), activation=activation).order_by("-happened_ms")
    last = rows.values_list("happened_ms", flat=True).first()
    return timezone.localdate(instant_of(last) if last is not None else activation.until_at or at)


def _samples(heard: Columns) -> Iterator[Sample]:
    for row in range(len(heard)):
        strap = int(heard.strap_ok[row])
        at_ms = int(heard.happened_ms[row])
        yield Sample(
            instant_of(at_ms),
            at_ms,
            _sent(heard.tac_g_dl[row]),
            _sent(heard.ir_v[row]),
            _sent(heard.temperature_f[row]),
            None if strap < 0 else strap == 1,
        )


def stretches(samples: Iterable[Sample], name: str) -> list[list[tuple[int, float]]]:
    """(instant, value) in runs between which there is no line: a longer time without a reading, or a blank one."""
    points = [(one.at_ms, getattr(one, name)) for one in samples]
    if not any(value is not None for _, value in points):
        return []
    runs: list[list[tuple[int, float]]] = [[]]
    for (before_ms, _), (at_ms, value) in pairwise([points[0], *points]):
        if (value is None or at_ms - before_ms > RULE["gap_minutes"] * MINUTE_MS) and runs[-1]:
            runs.append([])
        if value is not None:
            runs[-1].append((at_ms, value))
    return [run for run in runs if run]


def _series(samples: list[Sample], name: str) -> dict[str, list[float | None]]:
    at: list[float | None] = []
    values: list[float | None] = []
    for run in stretches(samples, name):
        if at:
            at.append(((at[-1] or 0) + run[0][0] / 1000) / 2)
            values.append(None)
        at += [at_ms / 1000 for at_ms, _ in run]
        values += [value for _, value in run]
    return {"at": at, "values": values}


def _sent(number: float) -> float | None:
    return None if np.isnan(number) else float(number)


# The sentence on top.


def _sentence(activation: Activation, samples: list[Sample], curves: list[Curve], first: date, last: date) -> str:
    order = activation.order
    name = short_name(order.person.merged_into or order.person)
    days = f"from {staff_date(first)} to {staff_date(last)}" if first != last else f"on {staff_date(first)}"
    over = [curve for curve in curves if curve.episode.peak_tac >= RULE["over"]]
    if not samples:
        return f"The device of {name} sent no measurement of alcohol {days}."
    if over:
        highest = max(over, key=lambda curve: curve.episode.peak_tac)
        times = f"{len(over)} times" if len(over) > 1 else "once"
        return (
            f"TAC of {name} reached {RULE['over']:.3f} {times} {days}; the highest was "
            f"{highest.episode.peak_tac:.3f} g/dL: {highest.class_words.lower()}."
        )
    if curves:
        rises = f"{len(curves)} low-level rise{'s' if len(curves) > 1 else ''}"
        return f"TAC of {name} stayed below {RULE['over']:.3f} {days}, with {rises}."
    return f"TAC of {name} stayed at zero or below {RULE['over']:.3f} {days}."
