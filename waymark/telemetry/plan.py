"""The plan: who wears what, where that person must and must not be, and when. Shape of the JSON: contracts `monitor`.

Frozen facts. A text that stands for an instant is kept as it was written (courts read it) and turned into milliseconds
where it is used: `in_use`, `span`. A plan that cannot be right is refused in `read`, every fault by its path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import Field

from waymark.facts.faults import Fault, FaultyFacts
from waymark.facts.from_json import read_facts
from waymark.telemetry.instants import ALWAYS_FROM_MS, ALWAYS_UNTIL_MS, Span, instant_ms, zone_named
from waymark.telemetry.recurrence import read_recurrence
from waymark.telemetry.rings import ring_fault, without_repeats

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Must = Literal["be_in", "be_out"]
Kind = Literal["inclusion", "exclusion", "victim"]
Degrees = Annotated[float, Field(allow_inf_nan=False)]
Metres = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Minutes = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Seconds = Annotated[int, Field(ge=1)]
Percent = Annotated[float, Field(ge=0, le=100)]
Corner = tuple[Degrees, Degrees]  # lat, lon


@dataclass(frozen=True, slots=True)
class Circle:
    lat: Degrees
    lon: Degrees
    radius_m: Annotated[float, Field(gt=0, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class Partner:
    """The other half of a victim pair: the zone is the circle round that activation, wherever it is."""

    activation: str
    radius_m: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 500.0


@dataclass(frozen=True, slots=True)
class Weekly:
    """Wall time of the plan. `to` may be "24:00"; `from` later than `to` crosses midnight; equal is 24 hours."""

    days: tuple[Day, ...]
    from_: Annotated[str, Field(alias="from")]
    to: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a schedule: exactly one of `weekly` and `rrule`.

    Beside an rrule stand `from` and `to`, or `from` and `duration_minutes`; without `from` its own hour is taken
    (DTSTART, BYHOUR). `starts_on` and `ends_on` are the first and last day on which a window may begin.
    """

    weekly: Weekly | None = None
    rrule: str | None = None
    from_: Annotated[str | None, Field(alias="from")] = None
    to: str | None = None
    duration_minutes: Annotated[int, Field(ge=1, le=31 * 24 * 60)] | None = None
    must: Must | None = None  # None: what the kind of the zone asks
    starts_on: str | None = None
    ends_on: str | None = None
    id: str | None = None

    def first_hour_and_day(self) -> tuple[time | None, date | None]:
        """What stands beside an rrule in place of DTSTART's hour, and of DTSTART. None: nothing."""
        return (
            None if self.from_ is None else time.fromisoformat(self.from_),
            None if self.starts_on is None else date.fromisoformat(self.starts_on),
        )


@dataclass(frozen=True, slots=True)
class OneOff:
    """A one-off change: an approved leave (`may`), or an extra requirement (`must`). Exactly one of the two."""

    from_: Annotated[str, Field(alias="from")]
    until: str
    may: Literal["leave"] | None = None
    must: Must | None = None
    reason: str | None = None
    id: str | None = None

    def span(self, time_zone: str) -> Span:
        return Span(instant_ms(self.from_, time_zone), instant_ms(self.until, time_zone))


@dataclass(frozen=True, slots=True)
class Leave:
    """An approved leave from every inclusion zone of a participant."""

    from_: Annotated[str, Field(alias="from")]
    until: str
    reason: str | None = None
    id: str | None = None

    def span(self, time_zone: str) -> Span:
        return Span(instant_ms(self.from_, time_zone), instant_ms(self.until, time_zone))


@dataclass(frozen=True, slots=True)
class Suspension:
    """One continuous span in which episodes are found and marked, and nobody is called."""

    from_: Annotated[str, Field(alias="from")]
    until: str
    who: str | None = None
    why: str | None = None

    def span(self, time_zone: str) -> Span:
        return Span(instant_ms(self.from_, time_zone), instant_ms(self.until, time_zone))


@dataclass(frozen=True, slots=True)
class Zone:
    """Exactly one of `circle`, `polygon` (with `holes`) and `partner` says where. A version is in use for a span."""

    id: str
    kind: Kind
    circle: Circle | None = None
    polygon: tuple[Corner, ...] | None = None
    holes: tuple[tuple[Corner, ...], ...] = ()
    partner: Partner | None = None
    buffer_m: Metres = 0.0
    schedule: tuple[Entry, ...] = ()
    exceptions: tuple[OneOff, ...] = ()
    grace_minutes: Minutes | None = None  # None: the participant's
    version: int = 1
    from_at: str | None = None
    until_at: str | None = None
    home: bool = False

    @property
    def must(self) -> Must:
        """What the zone asks where its schedule does not say."""
        return "be_in" if self.kind == "inclusion" else "be_out"

    def in_use(self, time_zone: str) -> Span:
        return _span(self.from_at, self.until_at, time_zone)


@dataclass(frozen=True, slots=True)
class Participant:
    """One activation: a person and a device for a period. Readings outside the period are somebody else's."""

    activation: str
    zones: tuple[Zone, ...] = ()
    grace_minutes: Minutes = 5.0
    expected_interval_s: Seconds = 60
    contact_buffer_s: Annotated[int, Field(ge=0)] = 900
    critical_after_s: Seconds = 48 * 3600  # of silence, after which it is severe
    battery_low_pct: Percent = 20.0
    battery_critical_pct: Percent = 5.0
    leave: tuple[Leave, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    plan_version: int = 1
    from_at: str | None = None
    until_at: str | None = None

    def in_use(self, time_zone: str) -> Span:
        return _span(self.from_at, self.until_at, time_zone)


@dataclass(frozen=True, slots=True)
class Plan:
    """`until`: the instant to which timers run; None: to the latest reading of the file."""

    time_zone: str
    participants: tuple[Participant, ...]
    until: str | None = None

    @property
    def until_ms(self) -> int | None:
        return None if self.until is None else instant_ms(self.until, self.time_zone)


def _span(from_at: str | None, until_at: str | None, time_zone: str) -> Span:
    return Span(
        ALWAYS_FROM_MS if from_at is None else instant_ms(from_at, time_zone),
        ALWAYS_UNTIL_MS if until_at is None else instant_ms(until_at, time_zone),
    )


def read(question: Mapping[str, Any] | str | bytes) -> Plan:
    """JSON of the contract as a plan. Raises FaultyFacts naming everything that cannot be right."""
    plan = read_facts(Plan, question)
    plan = replace(plan, participants=tuple(map(_with_plain_rings, plan.participants)))
    if faults := list(_plan_faults(plan)):
        raise FaultyFacts(faults)
    return plan


def _with_plain_rings(participant: Participant) -> Participant:
    def plain(zone: Zone) -> Zone:
        polygon = None if zone.polygon is None else without_repeats(zone.polygon)
        return replace(zone, polygon=polygon, holes=tuple(map(without_repeats, zone.holes)))

    return replace(participant, zones=tuple(map(plain, participant.zones)))


def _plan_faults(plan: Plan) -> Iterator[Fault]:
    """Every fault of meaning. Where the time zone is none, the rest is read in UTC so that its faults are named too."""
    time_zone = plan.time_zone
    try:
        zone_named(time_zone)
    except (ValueError, KeyError, OSError):
        yield Fault("time_zone", f'"{time_zone}" is not in the time zone database. Give a name as America/Chicago.')
        time_zone = "UTC"
    if plan.until is not None:
        yield from _instant_faults("until", plan.until, time_zone)
    activations = [participant.activation for participant in plan.participants]
    for number, participant in enumerate(plan.participants):
        path = f"participants.{number}"
        if not participant.activation.strip():
            yield Fault(f"{path}.activation", "is empty. Give the activation the readings name.")
        elif participant.activation in activations[:number]:
            yield Fault(f"{path}.activation", f"{participant.activation} is in the plan twice. Keep one.")
        yield from _participant_faults(path, participant, time_zone, activations)


def _participant_faults(path: str, participant: Participant, time_zone: str, activations: list[str]) -> Iterator[Fault]:
    yield from _span_faults(path, "from_at", participant.from_at, "until_at", participant.until_at, time_zone)
    if participant.battery_critical_pct > participant.battery_low_pct:
        yield Fault(f"{path}.battery_critical_pct", "is above battery_low_pct. Give at most that.")
    for number, leave in enumerate(participant.leave):
        yield from _span_faults(f"{path}.leave.{number}", "from", leave.from_, "until", leave.until, time_zone)
    for number, suspension in enumerate(participant.suspensions):
        here = f"{path}.suspensions.{number}"
        yield from _span_faults(here, "from", suspension.from_, "until", suspension.until, time_zone)
    for number, zone in enumerate(participant.zones):
        yield from _zone_faults(f"{path}.zones.{number}", zone, participant, time_zone, activations)
    yield from _version_faults(path, participant.zones, time_zone)


def _version_faults(path: str, zones: tuple[Zone, ...], time_zone: str) -> Iterator[Fault]:
    """An id may come again for another version of the zone, in use at another time."""
    for number, zone in enumerate(zones):
        for other in zones[:number]:
            if other.id != zone.id:
                continue
            if other.version == zone.version:
                yield Fault(f"{path}.zones.{number}.id", f"{zone.id} is there twice. Give each zone its own id.")
            elif _overlap(zone, other, time_zone):
                words = f"versions {other.version} and {zone.version} of {zone.id} are in use at the same time."
                yield Fault(f"{path}.zones.{number}.version", f"{words} Give from_at and until_at that do not overlap.")


def _overlap(zone: Zone, other: Zone, time_zone: str) -> bool:
    try:
        one, two = zone.in_use(time_zone), other.in_use(time_zone)
    except ValueError:
        return False  # that an instant cannot be read is named where it stands
    return one.from_ms < two.until_ms and two.from_ms < one.until_ms


def _zone_faults(
    path: str, zone: Zone, participant: Participant, time_zone: str, activations: list[str]
) -> Iterator[Fault]:
    if not zone.id.strip():
        yield Fault(f"{path}.id", "is empty. Give each zone an id.")
    yield from _place_faults(path, zone)
    if zone.partner is not None:
        yield from _partner_faults(f"{path}.partner", zone, zone.partner, participant, activations)
    yield from _span_faults(path, "from_at", zone.from_at, "until_at", zone.until_at, time_zone)
    for number, entry in enumerate(zone.schedule):
        yield from _entry_faults(f"{path}.schedule.{number}", entry, time_zone)
        yield from _must_faults(f"{path}.schedule.{number}", zone, entry.must)
    for number, change in enumerate(zone.exceptions):
        here = f"{path}.exceptions.{number}"
        yield from _span_faults(here, "from", change.from_, "until", change.until, time_zone)
        yield from _must_faults(here, zone, change.must)
        if (change.may is None) == (change.must is None):
            yield Fault(here, 'needs one of may ("leave") and must ("be_in" or "be_out").')


def _must_faults(path: str, zone: Zone, must: Must | None) -> Iterator[Fault]:
    if must == "be_in" and zone.kind != "inclusion":
        yield Fault(
            f"{path}.must", f"be_in cannot be asked of a zone of kind {zone.kind}. Give be_out, or leave it out."
        )


def _place_faults(path: str, zone: Zone) -> Iterator[Fault]:
    given = [name for name in ("circle", "polygon", "partner") if getattr(zone, name) is not None]
    if len(given) != 1:
        has = " and ".join(given) or "no place"
        yield Fault(path, f"has {has}. Give exactly one of circle, polygon and partner.")
    if zone.circle is not None:
        yield from _circle_faults(f"{path}.circle", zone.circle)
    if zone.polygon is not None and (words := ring_fault(zone.polygon)):
        yield Fault(f"{path}.polygon", words)
    if zone.holes and zone.polygon is None:
        yield Fault(f"{path}.holes", "are there without a polygon. Give the polygon they are in.")
    for number, hole in enumerate(zone.holes):
        if words := ring_fault(hole):
            yield Fault(f"{path}.holes.{number}", words)


def _circle_faults(path: str, circle: Circle) -> Iterator[Fault]:
    if not -90 <= circle.lat <= 90:
        yield Fault(f"{path}.lat", f"{circle.lat:g} is no latitude. Give degrees from -90 to 90.")
    if not -180 <= circle.lon <= 180:
        yield Fault(f"{path}.lon", f"{circle.lon:g} is no longitude. Give degrees from -180 to 180.")


def _partner_faults(
    path: str, zone: Zone, partner: Partner, participant: Participant, activations: list[str]
) -> Iterator[Fault]:
    if zone.kind == "inclusion":
        yield Fault(path, "cannot be what a person must be in. Give kind victim.")
    if partner.activation not in activations:
        words = f"{partner.activation} is not in the plan. Give the activation of one of its participants."
        yield Fault(f"{path}.activation", words)
    elif partner.activation == participant.activation:
        yield Fault(f"{path}.activation", f"{partner.activation} is the participant itself. Give the other one.")


def _entry_faults(path: str, entry: Entry, time_zone: str) -> Iterator[Fault]:
    if (entry.weekly is None) == (entry.rrule is None):
        yield Fault(path, "needs one of weekly and rrule.")
    for name, day in (("starts_on", entry.starts_on), ("ends_on", entry.ends_on)):
        if day is not None and not _is_day(day):
            yield Fault(f"{path}.{name}", f'"{day}" is not a day from 1970 to 2200. Give it as 2026-03-08.')
    if _is_day(entry.starts_on) and _is_day(entry.ends_on) and str(entry.ends_on) < str(entry.starts_on):
        yield Fault(f"{path}.ends_on", f"{entry.ends_on} is before starts_on. Give that day or a later one.")
    if entry.weekly is not None:
        yield from _weekly_faults(path, entry, entry.weekly)
    if entry.rrule is not None:
        yield from _rrule_faults(path, entry, entry.rrule, time_zone)


def _weekly_faults(path: str, entry: Entry, weekly: Weekly) -> Iterator[Fault]:
    if not weekly.days:
        yield Fault(f"{path}.weekly.days", "is empty. Give the days on which the window begins.")
    yield from _hour_faults(f"{path}.weekly", weekly.from_, weekly.to)
    for name, given in (("from", entry.from_), ("to", entry.to), ("duration_minutes", entry.duration_minutes)):
        if given is not None:
            yield Fault(f"{path}.{name}", "stands beside weekly, which has hours of its own. Move it into weekly.")


def _rrule_faults(path: str, entry: Entry, rule: str, time_zone: str) -> Iterator[Fault]:
    faults = list(_hour_faults(path, entry.from_, entry.to))
    yield from faults
    if (entry.to is None) == (entry.duration_minutes is None):
        yield Fault(path, "has a window that does not end, or ends twice. Give one of to and duration_minutes.")
    if faults or (entry.starts_on is not None and not _is_day(entry.starts_on)):
        return
    try:
        read_recurrence(rule, time_zone, *entry.first_hour_and_day())
    except ValueError as error:
        yield Fault(f"{path}.rrule", f'"{rule[:60]}" {error}')


def _hour_faults(path: str, from_: str | None, to: str | None) -> Iterator[Fault]:
    if from_ is not None and not HOUR.fullmatch(from_):
        yield Fault(f"{path}.from", f'"{from_}" is not an hour of the day. Give it as 22:00.')
    if to is not None and to != "24:00" and not HOUR.fullmatch(to):
        yield Fault(
            f"{path}.to", f'"{to}" is not an hour of the day. Give it as 06:00, or 24:00 for the end of the day.'
        )


HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def _is_day(text: str | None) -> bool:
    try:
        return text is not None and date.fromisoformat(text).isoformat() == text and "1970" < text < "2200"
    except ValueError:
        return False


def _span_faults(
    path: str, first: str, from_: str | None, last: str, until: str | None, time_zone: str
) -> Iterator[Fault]:
    """Two ends of a span under `path`, named `first` and `last`; None: no end."""
    faults = [
        fault
        for name, text in ((first, from_), (last, until))
        if text is not None
        for fault in _instant_faults(f"{path}.{name}", text, time_zone)
    ]
    yield from faults
    if faults or from_ is None or until is None:
        return
    if instant_ms(until, time_zone) <= instant_ms(from_, time_zone):
        yield Fault(f"{path}.{last}", f"{until} is not after {from_}. Give a later instant.")


def _instant_faults(path: str, text: str, time_zone: str) -> Iterator[Fault]:
    try:
        instant = instant_ms(text, time_zone)
    except ValueError:
        yield Fault(
            path, f'"{text}" is not an instant. Give it as 2026-03-08T20:00:00-06:00, with Z, or by local clock.'
        )
        return
    if not EARLIEST_MS <= instant < LATEST_MS:
        yield Fault(path, f"{text} is out of range. Give an instant from 1970 to 2199.")


EARLIEST_MS, LATEST_MS = 0, 7_258_118_400_000  # 1970 to 2200
