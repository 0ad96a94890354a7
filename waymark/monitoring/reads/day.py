"""One day of one activation: where the device was, what the plan asked, what was found, and when nothing was heard.

The day is the court's: 23 or 25 hours long when the clocks change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils import timezone

from waymark.monitoring.alert_words import lasted, says, short_name
from waymark.monitoring.facts import time_zone
from waymark.monitoring.models import Activation, Episode, MonitoringOrder, Reading
from waymark.monitoring.reads.places import Fix, Places, instant_of, places
from waymark.telemetry.instants import HOUR_MS, MINUTE_MS, Span, ms_of
from waymark.telemetry.schedule import merged, required
from waymark.web.templatetags.waymark import staff_date

MOST_OF_A_DAY_MINUTES = 12 * 60
WRONG_PLACE = ("curfew", "exclusion", "crossing", "victim")
LANES = {  # family of an episode: the lane it stands in
    "curfew": "Out when to be in",
    "exclusion": "In a place to stay out of",
    "crossing": "In a place to stay out of",
    "victim": "In a place to stay out of",
    "approach": "Perhaps near such a place",
    "contact": "No contact",
    "location": "Place not known",
    "strap": "Strap open",
    "battery": "Battery low",
    "alcohol": "Alcohol (TAC)",
    "obstruction": "Sensor covered",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch in a lane, cut to the day. `begins` and `ends`: whether its true end lies in the day."""

    words: str
    span: Span
    minute: int  # of the day, at which it begins
    begins: bool = True
    ends: bool = True
    goes_on: bool = False

    @property
    def from_at(self) -> datetime:
        return instant_of(self.span.from_ms)

    @property
    def until_at(self) -> datetime:
        return instant_of(self.span.until_ms)

    @property
    def minutes(self) -> int:
        return round((self.span.until_ms - self.span.from_ms) / MINUTE_MS)

    @property
    def lasted(self) -> str:
        return in_minutes(self.minutes)

    @property
    def width(self) -> int:
        """In minutes of the band; what lasted a moment is still seen."""
        return max(self.minutes, 4)


@dataclass(frozen=True, slots=True)
class Lane:
    """A line of the band. `look` chooses its pattern: asked, leave, suspended, found, silent."""

    name: str
    look: str
    bars: list[Bar]


@dataclass(frozen=True)
class Day:
    on: date
    places: Places
    episodes: list[Episode]
    lanes: list[Lane]
    sentence: str
    is_running: bool

    @property
    def span(self) -> Span:
        return self.places.span

    @property
    def fixes(self) -> list[Fix]:
        return self.places.fixes

    @property
    def hours(self) -> int:
        return (self.span.until_ms - self.span.from_ms) // HOUR_MS

    @property
    def minutes(self) -> int:
        return self.hours * 60

    @property
    def hour_lines(self) -> str:
        """The path of a line at every full hour."""
        return "".join(f"M{hour * 60} 0v20" for hour in range(1, self.hours))

    @cached_property
    def hour_labels(self) -> list[str]:
        """As the clock shows them: the day the clocks change has 01 twice or no 02."""
        return [
            f"{timezone.localtime(instant_of(self.span.from_ms + hour * HOUR_MS)):%H}" for hour in range(self.hours)
        ]

    @property
    def clock_change(self) -> str:
        return {
            23: "The clocks went forward: this day has 23 hours.",
            25: "The clocks went back: it has 25 hours.",
        }.get(self.hours, "")

    @property
    def readings(self) -> int:
        return len(self.places.readings)

    @property
    def sealed_zones(self) -> list[str]:
        return sorted({zone.name for zone in self.places.zones if zone.is_sealed})

    @property
    def gaps(self) -> int:
        return sum(fix.after_gap for fix in self.fixes)


def day_of(activation: Activation, on: date, at: datetime) -> Day:
    """`at`: now; a day that is not over is told up to it."""
    span = span_of(on)
    found = places(activation, span)
    episodes = episodes_in(activation, span)
    until_ms = min(span.until_ms, max(ms_of(at), span.from_ms))
    lanes = [lane for lane in _lanes(found, episodes, until_ms) if lane.bars]
    running = until_ms < span.until_ms
    sentence = _sentence(found, episodes, lanes, on, until_ms, running)
    return Day(on, found, episodes, lanes, sentence, running)


def span_of(on: date) -> Span:
    """The court's day as instants."""
    return Span(ms_of(_midnight(on)), ms_of(_midnight(on + timedelta(days=1))))


def latest_day(activation: Activation, at: datetime) -> date:
    """Of the last reading; without one, of the last day it was worn."""
    rows = Reading.objects.filter(activation=activation).order_by("-happened_ms").values_list("happened_ms", flat=True)
    last = rows.first()
    if last is not None:
        return timezone.localdate(instant_of(last))
    return timezone.localdate(activation.until_at or at)


def days_beside(activation: Activation, on: date, at: datetime) -> tuple[date | None, date | None]:
    """The days before and after that lie within the time the device was worn."""
    first = timezone.localdate(activation.from_at)
    last = timezone.localdate(activation.until_at or at)
    before, after = on - timedelta(days=1), on + timedelta(days=1)
    return (before if before >= first else None), (after if after <= last else None)


def episodes_in(activation: Activation, span: Span) -> list[Episode]:
    """What is believed now of the span."""
    rows = Episode.objects.filter(activation=activation, current=True, withdrawn=False)
    rows = rows.filter(opened_at__lt=instant_of(span.until_ms))
    over = Q(closed_at=None) | Q(closed_at__gte=instant_of(span.from_ms))
    return list(rows.filter(over).select_related("zone", "alert").order_by("opened_at", "pk"))


def positions_json(found: Places, episodes: Iterable[Episode]) -> dict[str, Any]:
    """For the map. Times are the court's."""
    return {
        "from_ms": found.span.from_ms,
        "until_ms": found.span.until_ms,
        "time_zone": time_zone(),
        "fixes": [fix_json(fix) for fix in found.fixes],
        "zones": [zone.as_json() for zone in found.zones],
        "episodes": [
            {
                "words": says(episode.kind, episode.zone),
                "from_ms": ms_of(episode.opened_at),
                "until_ms": ms_of(episode.closed_at) if episode.closed_at else None,
            }
            for episode in episodes
            if episode.family in WRONG_PLACE
        ],
    }


def fix_json(fix: Fix) -> dict[str, Any]:
    return {
        "at_ms": fix.at_ms,
        "time": f"{timezone.localtime(fix.at):%H:%M:%S}",
        "lat": fix.lat,
        "lon": fix.lon,
        "radius_m": round(fix.doubt_m, 1),
        "sent": fix.accuracy_m is not None,
        "source": fix.source,
        "words": fix.source_words,
        "sides": fix.side_words,
        "after_gap": fix.after_gap,
    }


def in_minutes(minutes: int) -> str:
    """ "38 minutes", "3 h 12 min"."""
    if minutes < 1:
        return "less than a minute"
    return f"{minutes} minute{'s' if minutes != 1 else ''}" if minutes < 120 else lasted(minutes * 60)


# The band.


def _lanes(found: Places, episodes: Iterable[Episode], until_ms: int) -> Iterator[Lane]:
    zones: dict[str, list[Bar]] = {}
    for drawn in found.zones:
        asked = _asked(found, drawn.zone)
        name = drawn.name.capitalize() if drawn.is_sealed else f"{drawn.name}: {drawn.words.lower()}"
        zones.setdefault(name, []).extend(asked)
    for name, bars in zones.items():
        yield Lane(name, "asked", bars)
    leave = found.participant.leave
    yield Lane(
        "Approved leave", "leave", list(_cut(found.span, ((one.span(time_zone()), one.reason or "") for one in leave)))
    )
    suspended = ((one.span(time_zone()), one.why or "") for one in found.participant.suspensions)
    yield Lane("Alerts suspended", "suspended", list(_cut(found.span, suspended)))
    yield from _found_lanes(found.span, episodes, until_ms)


def _asked(found: Places, zone: Any) -> list[Bar]:
    leave = found.participant.leave if zone.kind == "inclusion" else ()
    spans = required(zone, time_zone(), found.span.from_ms, found.span.until_ms, leave=leave)
    words = "be in" if zone.must == "be_in" else "stay out"
    return list(_cut(found.span, ((span, words) for span in spans)))


def _found_lanes(day: Span, episodes: Iterable[Episode], until_ms: int) -> Iterator[Lane]:
    lanes: dict[str, list[Bar]] = {}
    looks = {}
    for episode in episodes:
        name = LANES.get(episode.family, episode.family.replace("_", " ").capitalize())
        looks[name] = "silent" if episode.family in ("contact", "location") else "found"
        lanes.setdefault(name, []).extend(bars_of(day, [episode], until_ms))
    order = list(dict.fromkeys(LANES.values()))
    for name in sorted(lanes, key=lambda name: order.index(name) if name in order else len(order)):
        yield Lane(name, looks[name], lanes[name])


def bars_of(day: Span, episodes: Iterable[Episode], until_ms: int) -> list[Bar]:
    """Silence is drawn from the last reading, not from when it became too long."""
    spans = []
    for episode in episodes:
        opened = _last_reading_ms(episode) or ms_of(episode.opened_at)
        ended = ms_of(episode.closed_at) if episode.closed_at else max(until_ms, opened)
        spans.append((Span(opened, ended), says(episode.kind, episode.zone), episode.closed_at is None))
    return [bar for span, words, on in spans for bar in _cut(day, [(span, words)], goes_on=on)]


def _last_reading_ms(episode: Episode) -> int | None:
    said = episode.evidence.get("last_reading_at") if episode.family == "contact" else None
    return ms_of(datetime.fromisoformat(said)) if isinstance(said, str) else None


def _cut(day: Span, spans: Iterable[tuple[Span, str]], *, goes_on: bool = False) -> Iterator[Bar]:
    for span, words in spans:
        low, high = max(span.from_ms, day.from_ms), min(span.until_ms, day.until_ms)
        if low < high or (low == high and day.from_ms <= low < day.until_ms):
            minute = (low - day.from_ms) // MINUTE_MS
            yield Bar(
                words, Span(low, high), minute, span.from_ms >= day.from_ms, span.until_ms <= day.until_ms, goes_on
            )


# The sentence on top.


def _sentence(found: Places, episodes: list[Episode], lanes: list[Lane], on: date, until_ms: int, running: bool) -> str:
    order: MonitoringOrder = found.activation.order
    name = short_name(order.person.merged_into or order.person)
    day = staff_date(on)
    wrong = bars_of(found.span, [one for one in episodes if one.family in WRONG_PLACE], until_ms)
    silent = [bar for lane in lanes if lane.look == "silent" for bar in lane.bars]
    if wrong and _minutes(wrong) > MOST_OF_A_DAY_MINUTES:
        return f"{name} was not where the plan asked on {day} {_times(wrong)}."
    if wrong:
        return f"{name} was where the plan asked on {day}, but {_times(wrong)}."
    if not len(found.readings):
        return f"Nothing was heard of {name}’s device on {day}{' so far' if running else ''}."
    if not any(lane.look == "asked" for lane in lanes):
        return f"The plan asked nothing of {name} on {day}; {_count(len(found.fixes), 'fix', 'fixes')} came in."
    if not found.fixes:
        return f"The device of {name} was heard on {day}, but not where it was."
    if silent:
        return f"{name} was where the plan asked on {day}, as far as the device told; it was silent {_times(silent)}."
    return f"{name} was where the plan asked on {day}{' so far' if running else ''}."


def _times(bars: list[Bar]) -> str:
    """ "for 38 minutes from 21:10", "3 times, 72 minutes in all, first from 21:10". What overlaps counts once."""
    spans = merged(bar.span for bar in bars)
    first = f"{timezone.localtime(instant_of(spans[0].from_ms)):%H:%M}"
    if len(spans) == 1:
        return f"for {in_minutes(_minutes(bars))} from {first}"
    return f"{len(spans)} times, {in_minutes(_minutes(bars))} in all, first from {first}"


def _minutes(bars: list[Bar]) -> int:
    return round(sum(span.until_ms - span.from_ms for span in merged(bar.span for bar in bars)) / MINUTE_MS)


def _count(many: int, one: str, more: str) -> str:
    return f"{many} {one if many == 1 else more}"


def _midnight(on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on, datetime.min.time()))
