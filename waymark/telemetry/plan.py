"""The plan: who wears what, where that person must and must not be, and when. Shape of the JSON: contracts `monitor`.

Frozen facts. A text that stands for an instant is kept as it was written (courts read it) and turned into milliseconds
where it is used: `in_use`, `span`. A plan that cannot be right is refused in `read`, every fault by its path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from waymark.facts.from_json import read_facts
from waymark.telemetry.instants import ALWAYS_FROM_MS, ALWAYS_UNTIL_MS, Span, instant_ms

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
    """`until`: the instant to which timers run; None: to the last reading of each participant."""

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
    return read_facts(Plan, question)
