"""A second reading of the rules: slow, plain, written from the documents and not from the kernel.

    for found in episodes(participant, "America/Chicago", readings, until_ms): ...

It shares the types of readings.py and plan.py with the product and no line of its rules. Every rule looks at the whole
history at once and says what was true when; nothing is carried from reading to reading. Geometry is shapely's, in
metres on a plane round the zone; recurrence is recurring-ical-events'; wall time is zoneinfo's.

Where the documents leave a rule open, the reading taken here:

 1. Curfew, first side: the side is known once the first run of decisive fixes stands (two, 120 s apart), from its first
    fix on. One lone decisive fix is never an absence. An undecided fix neither helps nor breaks a run.
 2. Curfew, radio: one in_range or out_of_range decides alone. A run of fixes it completes counts from its first fix.
 3. Curfew, while a return is being decided at `until` (one decisive fix back, no second): the episode is not closed,
    and is counted to that fix.
 4. Curfew, "longer than the grace" is strictly longer. A return at the very end of the window was out at its end.
    Seconds are whole seconds, what is over left off.
 5. An absence that was under way when a window began, began at window start. A zone in force at all times has no window
    start.
    Who was out then and is back within an hour returned late; back after more than that was out at start. The hour is
    the office's later decision and stands in neither document.
 6. A single decisive fix rule (exclusion: 25 m or better; else two in a row) holds for entering and for leaving. What
    counts is being inside while the zone is in force: already inside when it begins opens the episode then.
 7. Crossing: two usable fixes one after the other, decisively outside, both within one span in force. It opens at the
    first of the two and closes at the second.
 8. A silent device has no contact from the first millisecond after interval + buffer; a reading at that very instant
    came in time. A drive-by that heard nothing is not contact. Nothing is said before the first reading.
 9. Location: the clock of "no usable location" runs from the last usable location, or from the first reading after a
    silence (or of all) if that is later: what is missing then is contact. Time up finds the device in contact: it has
    said something since that clock began. The episode ends with a usable location. At home or away by radio is one.
10. Strap: a drive-by reader that finds the strap whole closes nothing (monitoring.md B2). Reopening within 30
    minutes, that minute included, is the same episode.
11. Speed outliers are looked for among satellite fixes one after the other. One that waits for its next is not
    used; a next fix over 180 s later comes too late to dismiss it.
12. Alcohol: a positive reading belongs to the episode when it comes within 75 minutes of the last positive one with at
    most two zeros between. It opens at the first positive reading and closes at the last. The readings before and
    after it are its start and end when they come within 90 minutes, a longer time being a gap; else it is truncated.
    While a reading to come could still join or end it, or a tamper it met goes on, it is open and alcohol_detected.
    Any tamper between that start and end sends it to review, a low-level curve too.
13. Side test: the whole circle of doubt must be on one side (D3 row 4). With the cap of 100 m that 2.3 proposes, the
    recorded trail breaches on days with nothing but cell fixes, which (4) 2 forbids; so there is no cap.
14. Pair: a leap is a fix that asks for more than 60 m/s since the device's last fix that was none, both circles of
    doubt taken off. It may raise and never clears. The device's next fix tells: one that the leap itself could have
    gone to makes both a journey, and that next fix may clear. An early alarm by closing speed (2.7) is not told here,
    so the kernel may open before this does. A window in which the temperature, too, says the bracelet is off the skin
    is not told here either.
15. Obstruction lasts from the first reading off the baseline to the last of the run; a gap of over 90 minutes ends it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from statistics import median
from typing import NamedTuple
from zoneinfo import ZoneInfo

import recurring_ical_events
import shapely
from icalendar import Calendar

from waymark.telemetry.plan import Entry, Participant, Zone
from waymark.telemetry.readings import Reading

SECOND, MINUTE, HOUR = 1000, 60_000, 3_600_000
MARGIN_CAP_M = math.inf
METRES_PER_DEGREE = math.pi * 6_371_008.8 / 180
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Found(NamedTuple):
    family: str
    kind: str
    zone: str | None
    opened_ms: int
    closed_ms: int | None
    absence_seconds: int | None = None


class Stretch(NamedTuple):
    """[from_ms, until_ms); an end not known yet is None."""

    from_ms: int
    until_ms: int | None


class Window(NamedTuple):
    from_ms: int
    until_ms: int


class Place(NamedTuple):
    at_ms: int
    lat: float
    lon: float
    doubt_m: float

    @property
    def margin_m(self) -> float:
        return min(self.doubt_m, MARGIN_CAP_M)


class Decisive(NamedTuple):
    at_ms: int
    inside: bool
    alone: bool  # enough by itself to change the side


class Alcohol(NamedTuple):
    opened_ms: int
    closed_ms: int
    readings: list[Reading]
    whole: Window  # from the reading before to the one after
    peak: float
    peak_ms: int
    absorption: float | None
    elimination: float | None
    consecutive: int
    area: float
    truncated: bool
    class_: str


def episodes(
    participant: Participant,
    time_zone: str,
    readings: Iterable[Reading],
    until_ms: int,
    partners: Mapping[str, Sequence[Reading]] | None = None,
) -> list[Found]:
    """Everything that should be found, sorted by the instant it opened."""
    told = history(participant, time_zone, readings, until_ms)
    if not told:
        return []
    found = [
        *strap(told),
        *battery(participant, told),
        *contact(participant, told, until_ms),
        *location(participant, told, until_ms),
        *obstruction(told),
        *alcohol_found(told, until_ms),
    ]
    for zone in participant.zones:
        windows = in_force(participant, zone, time_zone, told[0].happened_ms, until_ms)
        if zone.partner is not None:
            theirs = history(None, time_zone, (partners or {}).get(zone.partner.activation, ()), until_ms)
            found += victim_pair(zone, windows, told, theirs, until_ms)
        elif zone.kind == "inclusion":
            found += curfew(participant, zone, windows, told, until_ms)
        else:
            found += intrusion(zone, windows, told, until_ms)
            found += crossing(zone, windows, told)
    return sorted(found, key=lambda one: (one.opened_ms, one.family, one.zone or "", one.kind))


def history(
    participant: Participant | None, time_zone: str, readings: Iterable[Reading], until_ms: int
) -> list[Reading]:
    """What the activation said in its own period, each thing once, in order."""
    use = participant.in_use(time_zone) if participant else None
    told = [
        one
        for one in set(readings)
        if (participant is None or one.activation == participant.activation)
        and one.happened_ms <= until_ms
        and (use is None or use.from_ms <= one.happened_ms < use.until_ms)
    ]
    return sorted(told, key=lambda one: tuple((part is not None, part if part is not None else 0) for part in one[1:]))


# -- where ---------------------------------------------------------------------------------------------------------


def doubt(told: Sequence[Reading], index: int) -> float:
    """Metres; what was sent, else by the rule of 2.1."""
    one = told[index]
    if one.accuracy_m is not None and one.accuracy_m > 0:
        metres = one.accuracy_m
    elif one.source == "cell":
        metres = 1000.0
    elif one.source == "gps" and (one.satellites or 0) >= 5 and 0.3 <= (one.hdop or 0) <= 50 and settled(told, index):
        metres = max(10 * (one.hdop or 0), 5.0)
    else:
        metres = 200.0
    return max(metres, 45.0) if one.kind == "drive_by" else metres


def settled(told: Sequence[Reading], index: int) -> bool:
    """Satellite fixes without a break, 5 minutes or more being one, for 60 s before this one."""
    since = last = told[index].happened_ms
    for one in reversed(told[:index]):
        if one.kind != "fix":
            continue
        if one.source != "gps" or one.lat is None or last - one.happened_ms > 5 * MINUTE:
            break
        since = last = one.happened_ms
    return told[index].happened_ms - since >= 60 * SECOND


def has_position(one: Reading) -> bool:
    if one.lat is None or one.lon is None or one.kind not in ("fix", "drive_by"):
        return False
    if one.kind == "drive_by" and one.source == "not_heard":
        return False
    return abs(one.lat) <= 90 and abs(one.lon) <= 180 and (one.lat, one.lon) != (0, 0)


def places(told: Sequence[Reading], wild: set[int] | None = None) -> list[Place]:
    """The usable positions: good to 1000 m or better, and no speed outlier."""
    wild = outliers(told) if wild is None else wild
    return [
        Place(one.happened_ms, one.lat or 0.0, one.lon or 0.0, doubt(told, index))
        for index, one in enumerate(told)
        if has_position(one) and doubt(told, index) <= 1000 and index not in wild
    ]


def outliers(told: Sequence[Reading]) -> set[int]:
    """2.2: faster than 60 m/s to it, and the next fix is back within twice the accuracy of the one before."""
    satellite = [
        index
        for index, one in enumerate(told)
        if one.kind == "fix" and one.source == "gps" and has_position(one) and doubt(told, index) <= 1000
    ]
    wild: set[int] = set()
    before: int | None = None
    for here, after in pairwise([*satellite, None]):
        assert here is not None
        leapt = before is not None and too_fast(told[before], told[here])
        if before is not None and leapt and (after is None or is_back(told, before, here, after)):
            wild.add(here)
            continue
        before = here
    return wild


def is_back(told: Sequence[Reading], before: int, here: int, after: int) -> bool:
    soon = told[after].happened_ms - told[here].happened_ms <= 180 * SECOND
    return soon and apart(told[before], told[after]) <= 2 * doubt(told, before)


def too_fast(before: Reading, here: Reading) -> bool:
    return apart(before, here) > 60 * (here.happened_ms - before.happened_ms) / 1000


def apart(one: Reading | Place, other: Reading | Place) -> float:
    lat_1, lon_1, lat_2, lon_2 = one.lat or 0.0, one.lon or 0.0, other.lat or 0.0, other.lon or 0.0
    east = (lon_2 - lon_1) * math.cos(math.radians((lat_1 + lat_2) / 2))
    return math.hypot(lat_2 - lat_1, east) * METRES_PER_DEGREE


class Ground:
    """A zone on a plane of metres round its own middle."""

    def __init__(self, zone: Zone) -> None:
        if zone.circle is not None:
            self.lat, self.lon, self.radius = zone.circle.lat, zone.circle.lon, zone.circle.radius_m
            self.shape = None
            self.inner_radius = self.radius
        else:
            corners = zone.polygon or ()
            middle = shapely.Polygon([(lon, lat) for lat, lon in corners]).centroid
            self.lat, self.lon, self.radius = middle.y, middle.x, 0.0
            self.shape = shapely.Polygon(map(self.metres, corners), [list(map(self.metres, h)) for h in zone.holes])
            self.inner_radius = shapely.maximum_inscribed_circle(self.shape).length

    def metres(self, corner: Sequence[float]) -> tuple[float, float]:
        lat, lon = corner
        north = (lat - self.lat) * METRES_PER_DEGREE
        return (lon - self.lon) * METRES_PER_DEGREE * math.cos(math.radians(self.lat)), north

    def from_edge(self, place: Place) -> float:
        """Metres to the edge, negative inside."""
        point = self.metres((place.lat, place.lon))
        if self.shape is None:
            return math.hypot(*point) - self.radius
        distance = float(self.shape.boundary.distance(shapely.Point(point)))
        return -distance if self.shape.contains(shapely.Point(point)) else distance

    def cut_by(self, one: Place, other: Place) -> bool:
        """Does the straight line between them go deeper into the zone than the greater accuracy?"""
        line = shapely.LineString([self.metres((one.lat, one.lon)), self.metres((other.lat, other.lon))])
        worst = max(one.doubt_m, other.doubt_m)
        if self.shape is None:
            return bool(line.distance(shapely.Point(0, 0)) < self.radius - worst)
        shrunk = self.shape.buffer(-worst, quad_segs=64)
        return bool(not shrunk.is_empty and line.intersects(shrunk))


# -- when ----------------------------------------------------------------------------------------------------------


def in_force(participant: Participant, zone: Zone, time_zone: str, first_ms: int, last_ms: int) -> list[Window]:
    """The windows of the zone round [first, last]: what the schedule says, and more, less approved leave."""
    use, life = zone.in_use(time_zone), participant.in_use(time_zone)
    horizon = Window(first_ms - 40 * 24 * HOUR, last_ms + 40 * 24 * HOUR)
    wanted = [window for entry in zone.schedule for window in entry_windows(entry, time_zone, horizon)]
    if not zone.schedule:
        wanted = [horizon]
    leave = [one.span(time_zone) for one in zone.exceptions if one.may == "leave"]
    if zone.kind == "inclusion":
        leave += [one.span(time_zone) for one in participant.leave]
    wanted += [Window(*one.span(time_zone)) for one in zone.exceptions if one.must is not None]
    kept = merged(wanted)
    for away in leave:
        kept = [part for window in kept for part in without(window, away.from_ms, away.until_ms)]
    for span in (use, life):
        kept = [Window(max(w.from_ms, span.from_ms), min(w.until_ms, span.until_ms)) for w in kept]
    return [window for window in kept if window.from_ms < window.until_ms]


def merged(windows: Iterable[Window]) -> list[Window]:
    one: list[Window] = []
    for window in sorted(windows):
        if one and window.from_ms <= one[-1].until_ms:
            one[-1] = Window(one[-1].from_ms, max(one[-1].until_ms, window.until_ms))
        elif window.from_ms < window.until_ms:
            one.append(window)
    return one


def without(window: Window, from_ms: int, until_ms: int) -> list[Window]:
    if from_ms >= window.until_ms or until_ms <= window.from_ms:
        return [window]
    parts = [Window(window.from_ms, from_ms), Window(until_ms, window.until_ms)]
    return [part for part in parts if part.from_ms < part.until_ms]


def entry_windows(entry: Entry, time_zone: str, horizon: Window) -> list[Window]:
    """Day by day through the calendar."""
    zone = ZoneInfo(time_zone)
    day = datetime.fromtimestamp(horizon.from_ms / 1000, zone).date()
    last = datetime.fromtimestamp(horizon.until_ms / 1000, zone).date()
    recurring = rrule_days(entry, day, last) if entry.rrule else set()
    windows = []
    while day <= last:
        starts = DAYS[day.weekday()] in entry.weekly.days if entry.weekly else day in recurring
        if entry.starts_on and day < date.fromisoformat(entry.starts_on):
            starts = False
        if entry.ends_on and day > date.fromisoformat(entry.ends_on):
            starts = False
        if starts:
            windows.append(window_on(day, entry, zone))
        day += timedelta(days=1)
    return windows


def window_on(day: date, entry: Entry, zone: ZoneInfo) -> Window:
    begins, ends = (entry.weekly.from_, entry.weekly.to) if entry.weekly else (entry.from_, entry.to)
    assert begins is not None
    opening = wall(day, begins, zone)
    if ends is None:
        assert entry.duration_minutes is not None
        return Window(opening, opening + entry.duration_minutes * MINUTE)
    return Window(opening, wall(day if ends > begins else day + timedelta(days=1), ends, zone))


def wall(day: date, clock: str, zone: ZoneInfo) -> int:
    """RFC 5545 3.3.5, which is what fold=0 means: the first of two; in the gap the offset from before it."""
    if clock == "24:00":
        day, clock = day + timedelta(days=1), "00:00"
    local = datetime.combine(day, time.fromisoformat(clock), tzinfo=zone)
    return round(local.astimezone(UTC).timestamp() * 1000)


def rrule_days(entry: Entry, first: date, last: date) -> set[date]:
    """The days on which it occurs, by recurring-ical-events, on a floating clock; without DTSTART from long ago."""
    lines = (entry.rrule or "").splitlines()
    if not any(line.startswith("DTSTART") for line in lines):
        lines.insert(0, f"DTSTART:{first - timedelta(days=7):%Y%m%d}T{(entry.from_ or '00:00').replace(':', '')}00")
    lines = [line if ":" in line else f"RRULE:{line}" for line in lines]
    text = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:oracle", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z"]
    calendar = Calendar.from_ical("\r\n".join([*text, *lines, "DURATION:PT1M", "END:VEVENT", "END:VCALENDAR", ""]))
    query = recurring_ical_events.of(calendar).between(first, last + timedelta(days=1))
    return {event["DTSTART"].dt.date() for event in query}


# -- curfew --------------------------------------------------------------------------------------------------------


def curfew(
    participant: Participant, zone: Zone, windows: Sequence[Window], told: Sequence[Reading], until_ms: int
) -> list[Found]:
    grace = participant.grace_minutes if zone.grace_minutes is None else zone.grace_minutes
    out, deciding_ms = stretches(curfew_sides(participant, zone, told), inside=False, enough=two_over_two_minutes)
    found = []
    for stretch in out:
        for window in windows:
            one = absence(zone, stretch, window, until_ms, deciding_ms, grace)
            if one:
                found.append(one)
    return found


def curfew_sides(participant: Participant, zone: Zone, told: Sequence[Reading]) -> list[Decisive]:
    ground = Ground(zone)
    slack = min(15.0, ground.inner_radius / 4)
    sides = []
    for place in places(told):
        distance, margin = ground.from_edge(place) - zone.buffer_m, place.margin_m + slack
        if abs(distance) > margin:
            sides.append(Decisive(place.at_ms, distance < 0, alone=False))
    if zone == home_zone(participant):
        sides += [Decisive(one.happened_ms, True, alone=True) for one in told if is_home_by_radio(one)]
        sides += [
            Decisive(one.happened_ms, False, alone=True)
            for one in told
            if one.kind == "rf" and one.source == "out_of_range"
        ]
    return sorted(sides)


def is_home_by_radio(one: Reading) -> bool:
    return one.kind == "rf" and one.source in (None, "in_range")


def home_zone(participant: Participant) -> Zone | None:
    inclusion = [zone for zone in participant.zones if zone.kind == "inclusion"]
    return next((zone for zone in inclusion if zone.home), inclusion[0] if inclusion else None)


def two_over_two_minutes(run: Sequence[Decisive]) -> bool:
    return len(run) >= 2 and run[-1].at_ms - run[0].at_ms >= 120 * SECOND


def stretches(
    sides: Sequence[Decisive], *, inside: bool, enough: Callable[[Sequence[Decisive]], bool]
) -> tuple[list[Stretch], int | None]:
    """When the wanted side was the side, and since when a change of the last side is being decided."""
    changes: list[Decisive] = []
    run: list[Decisive] = []
    for one in sides:
        if changes and one.inside == changes[-1].inside:
            run = []
            continue
        if run and run[-1].inside != one.inside:
            run = []
        run.append(one)
        if one.alone or enough(run):
            changes.append(run[0])
            run = []
    ends = [change.at_ms for change in changes[1:]]
    spans = zip(changes, [*ends, None], strict=False)
    return [Stretch(change.at_ms, end) for change, end in spans if change.inside == inside], (
        run[0].at_ms if run and changes else None
    )


def absence(
    zone: Zone, out: Stretch, window: Window, until_ms: int, deciding_ms: int | None, grace_minutes: float
) -> Found | None:
    """The part of one absence that falls into one window."""
    last = next((end for end in (out.until_ms, deciding_ms) if end is not None), until_ms)
    opened, ended = max(out.from_ms, window.from_ms), min(last, window.until_ms, until_ms)
    if ended - opened <= grace_minutes * MINUTE:
        return None
    returned = out.until_ms is not None and out.until_ms < window.until_ms
    over = window.until_ms <= until_ms
    undecided = out.until_ms is None and deciding_ms is not None and deciding_ms < window.until_ms
    at_start = out.from_ms <= window.from_ms
    closed = ended if returned or (over and not undecided) else None
    if closed is None:
        kind = "out_at_start" if at_start else "left_during"
    elif returned and at_start:
        kind = "returned_late" if ended - opened <= 3_600_000 else "out_at_start"
    elif returned:
        kind = "left_during"
    else:
        kind = "out_entire_window" if at_start else "out_at_end"
    return Found("curfew", kind, zone.id, opened, closed, (ended - opened) // 1000)


# -- zones to stay out of ------------------------------------------------------------------------------------------


def intrusion(zone: Zone, windows: Sequence[Window], told: Sequence[Reading], until_ms: int) -> list[Found]:
    ground, victim = Ground(zone), zone.kind == "victim"
    sides = []
    for place in places(told):
        distance, margin = ground.from_edge(place), place.margin_m
        if abs(distance) > margin:
            sides.append(Decisive(place.at_ms, distance < 0, alone=victim or place.doubt_m <= 25))
    inside, deciding_ms = stretches(sides, inside=True, enough=lambda run: len(run) >= 2)
    family, kind = ("victim", "victim_proximity") if victim else ("exclusion", "exclusion_entered")
    return [
        Found(family, kind, zone.id, part.from_ms, part.until_ms)
        for stretch in inside
        for window in windows
        if (part := within(stretch, window, until_ms, deciding_ms))
    ]


def within(stretch: Stretch, window: Window, until_ms: int, deciding_ms: int | None = None) -> Stretch | None:
    ends = [end for end in (stretch.until_ms, window.until_ms) if end is not None and end <= until_ms]
    opened, closed = max(stretch.from_ms, window.from_ms), min(ends, default=None)
    if opened > until_ms or (closed is not None and closed <= opened):
        return None
    if stretch.until_ms is None and deciding_ms is not None:
        if deciding_ms <= opened:
            return None
        closed = None if deciding_ms < window.until_ms else closed
    return Stretch(opened, closed)


def crossing(zone: Zone, windows: Sequence[Window], told: Sequence[Reading]) -> list[Found]:
    ground = Ground(zone)
    found = []
    for one, other in pairwise(places(told)):
        outside = all(ground.from_edge(place) > place.margin_m for place in (one, other))
        in_one_window = any(w.from_ms <= one.at_ms and other.at_ms < w.until_ms for w in windows)
        if outside and in_one_window and other.at_ms - one.at_ms <= 180 * SECOND and ground.cut_by(one, other):
            found.append(Found("crossing", "exclusion_crossed", zone.id, one.at_ms, other.at_ms))
    return found


def approaches(zone: Zone, windows: Sequence[Window], told: Sequence[Reading]) -> list[tuple[int, int, bool]]:
    """Runs of fixes near a zone in force, as (first, last, raised): on the edge for over 3 minutes, or in the ring."""
    ground = Ground(zone)
    runs: list[tuple[int, int, bool]] = []
    current: tuple[int, int, bool] | None = None
    for place in places(told):
        distance, margin = ground.from_edge(place), place.margin_m
        on_edge, in_ring = abs(distance) <= margin, margin < distance <= zone.buffer_m
        live = any(w.from_ms <= place.at_ms < w.until_ms for w in windows)
        if live and (on_edge or in_ring):
            first, _, ring = current or (place.at_ms, place.at_ms, False)
            current = (first, place.at_ms, ring or in_ring)
        elif current:
            runs.append(current)
            current = None
    if current:
        runs.append(current)
    return [(first, last, ring or last - first > 3 * MINUTE) for first, last, ring in runs]


def victim_pair(
    zone: Zone, windows: Sequence[Window], told: Sequence[Reading], theirs: Sequence[Reading], until_ms: int
) -> list[Found]:
    """2.7: on a fix of either, with the other's no older than 120 s; near until past twice the radius + 100 m."""
    assert zone.partner is not None
    alarm = zone.partner.radius_m
    spans: list[Stretch] = []
    near_since: int | None = None
    for at_ms, gap, doubtful in pair_gaps(told, theirs):
        if near_since is None and gap <= alarm:
            near_since = at_ms
        elif near_since is not None and gap > 2 * alarm + 100 and not doubtful:
            spans.append(Stretch(near_since, at_ms))
            near_since = None
    if near_since is not None:
        spans.append(Stretch(near_since, None))
    parts = [part for span in spans for window in windows if (part := within(span, window, until_ms))]
    return [Found("victim", "victim_proximity", zone.id, part.from_ms, part.until_ms) for part in parts]


def pair_gaps(told: Sequence[Reading], theirs: Sequence[Reading]) -> list[tuple[int, float, bool]]:
    """The least distance there can be between the two, at each fix of either; is one of the two a leap?"""
    steps = sorted(
        [(p.at_ms, 0, p, leap) for p, leap in leaps(told)] + [(p.at_ms, 1, p, leap) for p, leap in leaps(theirs)]
    )
    last: dict[int, tuple[Place, bool]] = {}
    gaps = []
    for at_ms, whose, place, leap in steps:
        last[whose] = place, leap
        other, other_leap = last.get(1 - whose, (None, False))
        if other is not None and at_ms - other.at_ms <= 120 * SECOND:
            gaps.append((at_ms, apart(place, other) - place.doubt_m - other.doubt_m, leap or other_leap))
    return gaps


def leaps(told: Sequence[Reading]) -> list[tuple[Place, bool]]:
    """Every usable position, outliers among them, and whether it is a leap that nothing bears out yet."""
    found: list[tuple[Place, bool]] = []
    for place in places(told, wild=set()):
        sound = [one for one, leap in found if not leap][-1:]
        waiting = [one for one, leap in found[-1:] if leap]
        reached = [one for one in sound + waiting if not certainly_too_fast(one, place)]
        found.append((place, bool(sound) and not reached))
    return found


def certainly_too_fast(one: Place, other: Place) -> bool:
    seconds = (other.at_ms - one.at_ms) / 1000
    return apart(one, other) - one.doubt_m - other.doubt_m > 60 * seconds


# -- the device ----------------------------------------------------------------------------------------------------


def strap(told: Sequence[Reading]) -> list[Found]:
    spans: list[Stretch] = []
    for one in told:
        is_open = bool(spans) and spans[-1].until_ms is None
        if one.strap_ok is False and not is_open:
            joins = spans and one.happened_ms - (spans[-1].until_ms or 0) <= 30 * MINUTE
            spans.append(Stretch(spans.pop().from_ms if joins else one.happened_ms, None))
        elif one.strap_ok and is_open and one.kind != "drive_by":
            spans[-1] = Stretch(spans[-1].from_ms, one.happened_ms)
    return [Found("strap", "strap_tamper", None, span.from_ms, span.until_ms) for span in spans]


def battery(participant: Participant, told: Sequence[Reading]) -> list[Found]:
    found: list[Found] = []
    for one in told:
        charge = one.battery_pct
        if charge is None:
            continue
        if not found or found[-1].closed_ms is not None:
            if charge <= participant.battery_low_pct:
                found.append(Found("battery", "battery_low", None, one.happened_ms, None))
        elif charge >= participant.battery_low_pct + 5:
            found[-1] = found[-1]._replace(closed_ms=one.happened_ms)
        if found and found[-1].closed_ms is None and charge <= participant.battery_critical_pct:
            found[-1] = found[-1]._replace(kind="battery_critical")
    return found


def patience(participant: Participant) -> int:
    return (participant.expected_interval_s + participant.contact_buffer_s) * SECOND


def is_contact(one: Reading) -> bool:
    return not (one.kind == "drive_by" and one.source == "not_heard")


def contact(participant: Participant, told: Sequence[Reading], until_ms: int) -> list[Found]:
    limit = patience(participant)
    heard = [one.happened_ms for one in told if is_contact(one)]
    found = [
        Found("contact", "no_contact", None, before + limit, after)
        for before, after in pairwise(heard)
        if after - before > limit
    ]
    if heard and until_ms - heard[-1] > limit:
        found.append(Found("contact", "no_contact", None, heard[-1] + limit, None))
    return found


def is_location(told: Sequence[Reading], index: int) -> bool:
    one = told[index]
    by_radio = one.kind == "rf" and one.source in (None, "in_range", "out_of_range")
    return by_radio or (has_position(one) and doubt(told, index) <= 1000)


def location(participant: Participant, told: Sequence[Reading], until_ms: int) -> list[Found]:
    if not participant.zones:
        return []
    limit = patience(participant)
    heard = [(one.happened_ms, is_location(told, i)) for i, one in enumerate(told) if is_contact(one)]
    if not heard:
        return []
    found: list[Found] = []
    since = last_contact = heard[0][0]
    opened: int | None = None
    for at_ms, located in [*heard, (until_ms + 1, False)]:
        due = since + limit
        if opened is None and last_contact > since and due < at_ms:
            opened = due
        if at_ms > until_ms:
            break
        if opened is not None and located:
            found.append(Found("location", "no_location", None, opened, at_ms))
        if located:
            since, opened = at_ms, None
        elif opened is None and at_ms - last_contact > limit:
            since = at_ms
        last_contact = at_ms
    if opened is not None:
        found.append(Found("location", "no_location", None, opened, None))
    return found


def obstruction(told: Sequence[Reading]) -> list[Found]:
    infrared = [one for one in told if one.ir_v is not None]
    if len(infrared) < 3:
        return []
    baseline = median(one.ir_v or 0.0 for one in infrared[:3])
    found, run = [], list[Reading]()
    for one in [*infrared, None]:
        off = one is not None and abs((one.ir_v or 0.0) - baseline) > 0.25
        if run and (one is None or not off or hours(run[-1], one) > 1.5):
            if hours(run[0], run[-1]) >= 4:
                closed = run[-1].happened_ms if one else None
                found.append(Found("obstruction", "device_obstructed", None, run[0].happened_ms, closed))
            run = []
        if one is not None and off:
            run.append(one)
    return found


# -- transdermal alcohol -------------------------------------------------------------------------------------------


def alcohol_found(told: Sequence[Reading], until_ms: int) -> list[Found]:
    kinds = {
        "confirmable": "alcohol_confirmable",
        "interferant_suspect": "interferant_suspect",
        "review": "alcohol_detected",
        "low_level": "low_level_alcohol",
    }
    return [
        Found("alcohol", kinds[one.class_], None, one.opened_ms, one.closed_ms)
        if settled_curve(one, told, until_ms)
        else Found("alcohol", "alcohol_detected", None, one.opened_ms, None)
        for one in alcohol(told)
    ]


def settled_curve(one: Alcohol, told: Sequence[Reading], until_ms: int) -> bool:
    """No positive reading to come could still belong to it, and no tamper that it met goes on."""
    tampers = [*strap(told), *obstruction(told)]
    if any(tamper.closed_ms is None and tamper.opened_ms <= one.whole.until_ms for tamper in tampers):
        return False
    later = [said.happened_ms for said in told if said.tac_g_dl is not None and said.happened_ms > one.closed_ms]
    return len(later) > 2 or until_ms - one.closed_ms > (75 if later else 90) * MINUTE


def alcohol(told: Sequence[Reading]) -> list[Alcohol]:
    series = [one for one in told if one.tac_g_dl is not None]
    tampered = [(one.opened_ms, one.closed_ms) for one in (*strap(told), *obstruction(told))]
    curves = [curve(series, first, last) for first, last in positive_runs(series)]
    return [one._replace(class_=classify(one, tampered)) for one in curves if over(one.readings)]


def tac(one: Reading) -> float:
    return one.tac_g_dl or 0.0


def over(readings: Sequence[Reading]) -> bool:
    """Is it an episode at all: one reading of 0.020, or three above zero."""
    return any(tac(one) >= 0.020 for one in readings) or sum(tac(one) > 0 for one in readings) >= 3


def positive_runs(series: Sequence[Reading]) -> list[tuple[int, int]]:
    """(first, last) positions of the joined positive runs."""
    joined: list[tuple[int, int]] = []
    for index, one in enumerate(series):
        if tac(one) <= 0:
            continue
        if joined:
            first, last = joined[-1]
            if index - last - 1 <= 2 and one.happened_ms - series[last].happened_ms <= 75 * MINUTE:
                joined[-1] = (first, index)
                continue
        joined.append((index, index))
    return joined


def curve(series: Sequence[Reading], first: int, last: int) -> Alcohol:
    readings = list(series[first : last + 1])
    before = [one for one in series[max(first - 1, 0) : first] if hours(one, readings[0]) <= 1.5]
    after = [one for one in series[last + 1 : last + 2] if hours(readings[-1], one) <= 1.5]
    whole = [*before, *readings, *after]
    start, top, end = whole[0], max(readings, key=tac), whole[-1]
    consecutive, longest = 0, 0
    for one in readings:
        consecutive = consecutive + 1 if tac(one) >= 0.020 else 0
        longest = max(longest, consecutive)
    rise, fall = hours(start, top), hours(top, end)
    return Alcohol(
        opened_ms=readings[0].happened_ms,
        closed_ms=readings[-1].happened_ms,
        readings=readings,
        whole=Window(start.happened_ms, end.happened_ms),
        peak=tac(top),
        peak_ms=top.happened_ms,
        absorption=(tac(top) - tac(start)) / rise if rise else None,
        elimination=(tac(top) - tac(end)) / fall if fall else None,
        consecutive=longest,
        area=sum((tac(a) + tac(b)) / 2 * hours(a, b) for a, b in pairwise(whole)),
        truncated=not before or not after,
        class_="",
    )


def hours(one: Reading, other: Reading) -> float:
    return (other.happened_ms - one.happened_ms) / HOUR


def classify(one: Alcohol, tampered: Sequence[tuple[int, int | None]]) -> str:
    first_ms, last_ms = one.whole
    if any(opened <= last_ms and (closed is None or closed >= first_ms) for opened, closed in tampered):
        return "review"
    if one.peak < 0.020:
        return "low_level"
    fastest_rise, fastest_fall = (0.05, 0.025) if one.peak < 0.15 else (0.10, 0.035)
    if (one.absorption or 0) > fastest_rise or (one.elimination or 0) > fastest_fall:
        return "interferant_suspect"
    if one.absorption is None or one.elimination is None or one.consecutive < 3 or one.elimination < 0.003:
        return "review"
    return "confirmable"
