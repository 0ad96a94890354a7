"""The curve as lines of an SVG, worked out on the server: for paper, and for a browser without scripts."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.utils import timezone

from waymark.monitoring.reads.curve import AlcoholFile, stretches
from waymark.monitoring.reads.day import span_of
from waymark.monitoring.reads.places import instant_of
from waymark.telemetry.alcohol import AlcoholEpisode
from waymark.telemetry.alcohol_rule import RULE
from waymark.telemetry.instants import DAY_MS, Span

WIDTH, LEFT, RIGHT = 960, 56, 8


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Shade:
    x: float
    width: float
    words: str
    words_x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Panel:
    """`paths`: one for each stretch without a gap; a single reading is a point. `limit_y` None: no limit drawn."""

    name: str
    top: int
    height: int
    paths: list[str]
    points: list[tuple[float, float]]
    ticks: list[Tick]
    limit_y: float | None

    @property
    def bottom(self) -> int:
        return self.top + self.height


@dataclass(frozen=True)
class Drawing:
    panels: list[Panel]
    days: list[Tick]
    shades: list[Shade]
    width: int = WIDTH
    left: int = LEFT
    right: int = WIDTH - RIGHT

    @property
    def height(self) -> int:
        return self.panels[-1].bottom + 24 if self.panels else 0

    @property
    def plot_width(self) -> int:
        return self.right - self.left


def drawing_of(file: AlcoholFile) -> Drawing:
    panels = [
        _panel(file, "tac", "TAC (transdermal), g/dL", 16, 190, low=0.0, high=0.04),
        _panel(file, "ir_v", "Infrared voltage, V", 234, 64),
        _panel(file, "temperature_f", "Temperature, °F", 326, 64),
    ]
    return Drawing(panels, _days(file.span), [_shade(file, curve.episode, curve.class_words) for curve in file.curves])


def _panel(
    file: AlcoholFile, name: str, words: str, top: int, height: int, low: float | None = None, high: float | None = None
) -> Panel:
    runs = stretches(file.samples, name)
    values = [value for run in runs for _, value in run]
    lowest = min([*values, *([low] if low is not None else [])], default=0.0)
    highest = max([*values, *([high] if high is not None else [])], default=1.0)
    step = _nice((highest - lowest or 1.0) / max(height / 45, 2))
    lowest, highest = math.floor(lowest / step) * step, math.ceil(highest / step + 1e-9) * step

    def y(value: float) -> float:
        return round(top + height - (value - lowest) / (highest - lowest) * height, 1)

    lines = [[(_x(file.span, at_ms), y(value)) for at_ms, value in run] for run in runs]
    count = round((highest - lowest) / step)
    digits = max(0, -math.floor(math.log10(step)))
    return Panel(
        name=words,
        top=top,
        height=height,
        paths=["M" + "L".join(f"{x} {height}" for x, height in line) for line in lines if len(line) > 1],
        points=[line[0] for line in lines if len(line) == 1],
        ticks=[Tick(y(lowest + n * step), f"{lowest + n * step:.{digits}f}") for n in range(count + 1)],
        limit_y=y(RULE["over"]) if name == "tac" else None,
    )


def _days(span: Span) -> list[Tick]:
    """Each midnight, or each few days where there is no room."""
    ticks = []
    on = timezone.localdate(instant_of(span.from_ms))
    last = timezone.localdate(instant_of(span.until_ms - 1))
    each = max(1, math.ceil((last - on).days / 9))
    while on <= last:
        ticks.append(Tick(_x(span, span_of(on).from_ms), f"{on:%m-%d %a}"))
        on = timezone.localdate(instant_of(span_of(on).from_ms + each * DAY_MS + DAY_MS // 4))
    return ticks


def _shade(file: AlcoholFile, episode: AlcoholEpisode, words: str) -> Shade:
    from_x, until_x = _x(file.span, episode.opened_ms), _x(file.span, episode.closed_ms)
    near_the_end = until_x > WIDTH - 150
    return Shade(
        from_x,
        max(round(until_x - from_x, 1), 2),
        words,
        until_x if near_the_end else from_x,
        "end" if near_the_end else "start",
    )


def _x(span: Span, at_ms: int) -> float:
    share = (at_ms - span.from_ms) / (span.until_ms - span.from_ms)
    return round(LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT), 1)


def _nice(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(digit * power for digit in (1, 2, 5, 10) if digit * power >= step * 0.999)
