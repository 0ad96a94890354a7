# mypy: disable-error-code="no-any-return"
"""The rules of monitoring: one walk over the readings of an activation in order of time (docs/monitoring.md).

    walk_fleet                          every activation of a batch
      hear                              one reading
        silence, no_location            no contact; contact without a position
        battery, strap
        take_in                         a position; a jump nobody can make waits for the next satellite fix
          judge                         one position against every zone
            weigh                       what it says of the side, and what the side's change needs
            approach, crossing          near a forbidden zone; through it between two fixes
      settle                            what time alone brings, up to the instant of the call
    walk_pair                           a victim's device and the wearer's, on the readings of either

What is known lives in DEVICE, WATCH and FIX rows: they go in, they are carried on in place, and a later batch goes on
from them as if there had been no break. A stretch in which the plan is not met is written to `out` as a SPAN when it
ends; those still open at the end of the walk are written as open and stay in the rows.

Time runs by windows, not by an event queue: a zone's side is settled up to some instant (while fixes of the other side
are waiting for their second, up to the first of them), and windows are lived through up to there.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from waymark.telemetry.geometry import (
    PARTNER,
    Row,
    Rows,
    deepest_along,
    distance_bound,
    metres_between,
    plane,
)
from waymark.telemetry.instants import ALWAYS_FROM_MS, MINUTE_MS, SECOND_MS
from waymark.telemetry.readings import DRIVE_BY, GPS, NOT_HEARD, NOT_SENT, OTHER, OUT_OF_RANGE, RF
from waymark.telemetry.rule import borrowed, rule, step

RULE_VERSION = "2026-11-22.4"

# Numbers of the rules; docs/monitoring.md gives the source of each.
SAYS_NOTHING_M = 1_000.0  # an error circle beyond this is no position
NEAR_M = 100.0  # a fix that cannot tell is near a zone within this of its edge; wider circles draw no chord
DWELL_MS = 2 * MINUTE_MS  # first to last of the fixes that change the side of an inclusion zone
SHARP_M = 25.0  # one fix this sharp is enough inside an exclusion zone
NEAR_MS = 3 * MINUTE_MS  # doubt about an exclusion zone that lasts longer is an approach
CROSSING_GAP_MS = 3 * MINUTE_MS
JUMP_M_S = 60.0
JUMP_WAITS_MS = 3 * MINUTE_MS
STRAP_JOINS_MS = 30 * MINUTE_MS
CHARGED_PCT = 5.0  # above low, and the battery is no longer low
PAIR_SKEW_MS = 2 * MINUTE_MS
PAIR_LEAVES_M = 100.0  # beyond the warning distance
PAIR_WARNS_AT = 2.0  # times the distance of the order
PAIR_EARLY_MS = 5 * MINUTE_MS  # at the speed at which they close, they meet sooner
PAIR_SPEED_OVER_MS = MINUTE_MS  # the shortest time a closing speed is taken over

NEVER = ALWAYS_FROM_MS
NOWHERE, INSIDE, OUTSIDE = range(3)  # a side: not known, in the zone, out of it
CURFEW, EXCLUSION, CROSSING, APPROACH, STRAP, BATTERY, CONTACT, LOCATION = range(8)
STILL_OPEN, TURNED, WINDOW_ENDED = range(3)  # how a span ended
NOT_THERE, THERE, LEAPT = range(3)  # the last fix of one device of a pair

# Places of a zone's fixes in its row of `kept`
LATEST, RUN, DECIDED, OPENING, NEAR, MINE, THEIRS, KEPT = 0, 1, 5, 10, 16, 19, 21, 23
RUN_MOST, DECIDED_MOST, OPENING_MOST, NEAR_MOST = 4, 5, 6, 3
TRUSTED = 1  # from a device's last fix of a pair to its last one that was no leap
# Places of a device's fixes in its row of `carried`
NOW, ANCHOR, SHARP, HELD, CARRIED = 0, 1, 2, 3, 11
HELD_MOST = CARRIED - HELD
CLOSING_MOST = 3

FIX = np.dtype(
    (np.record, [("at_ms", "i8"), ("lat", "f8"), ("lon", "f8"), ("accuracy_m", "f8"), ("source", "i8"), ("kind", "i8")])
)
WINDOW = np.dtype((np.record, [("from_ms", "i8"), ("until_ms", "i8")]))
ACTIVATION = np.dtype(
    (
        np.record,
        [
            ("zone_from", "i8"),
            ("zone_until", "i8"),
            ("silence_ms", "i8"),
            ("low_pct", "f8"),
            ("critical_pct", "f8"),
        ],
    )
)
DEVICE = np.dtype(
    (
        np.record,
        [
            ("heard_ms", "i8"),  # the last reading
            ("placed_ms", "i8"),  # the last position, or contact again after silence
            ("unplaced_from_ms", "i8"),
            ("battery_pct", "f8"),
            ("low_from_ms", "i8"),
            ("critical_from_ms", "i8"),
            ("low_first_pct", "f8"),
            ("low_least_pct", "f8"),
            ("strap_from_ms", "i8"),
            ("strap_until_ms", "i8"),  # closed again, and another opening may still join
            ("strap_times", "i8"),
            ("anchored", "i8"),  # whether there is a fix to measure a jump from
            ("sharp", "i8"),  # whether there is a fix to draw a chord from
            ("held", "i8"),  # positions waiting
            ("outliers", "i8"),
        ],
    )
)
WATCH = np.dtype(
    (
        np.record,
        [
            ("side", "i8"),
            ("settled_ms", "i8"),  # the side is known up to here
            ("decided_ms", "i8"),  # the fix that made it known
            ("decided", "i8"),  # fixes kept at DECIDED
            ("window", "i8"),  # the first that is not over at settled_ms
            ("run_side", "i8"),  # fixes in a row that contradict the side
            ("run_first_ms", "i8"),
            ("run_fixes", "i8"),
            ("run_sharp", "i8"),
            ("run_farthest_m", "f8"),
            ("wrong_from_ms", "i8"),  # on the wrong side in a window
            ("window_from_ms", "i8"),
            ("window_until_ms", "i8"),
            ("decisive", "i8"),
            ("unknown", "i8"),
            ("contrary", "i8"),
            ("farthest_m", "f8"),
            ("latest_m", "f8"),  # how far on the wrong side the fix at LATEST is
            ("opening", "i8"),
            ("reported", "i8"),  # as open, by an earlier walk
            ("unheard", "i8"),  # milliseconds without a reading up to settled_ms; see unheard.py
            ("near_from_ms", "i8"),
            ("near_window_from_ms", "i8"),
            ("near_window_until_ms", "i8"),
            ("near_ring", "i8"),
            ("near_fixes", "i8"),
            ("near_closest_m", "f8"),
            ("near_reported", "i8"),
            ("was_outside", "i8"),  # the fix at SHARP is certainly outside
            ("mine", "i8"),  # of a pair: THERE, or LEAPT
            ("theirs", "i8"),
            ("apart_m", "f8"),  # of a pair, at apart_ms
            ("apart_ms", "i8"),
        ],
    )
)
SPAN = np.dtype(
    (
        np.record,
        [
            ("activation", "i8"),
            ("family", "i8"),
            ("zone", "i8"),  # row of ZONE, or -1
            ("from_ms", "i8"),
            ("until_ms", "i8"),
            ("ended", "i8"),
            ("window_from_ms", "i8"),
            ("window_until_ms", "i8"),
            ("seen_ms", "i8"),  # up to when it is known to have lasted
            ("latest_ms", "i8"),  # the last fix on the wrong side
            ("decided_ms", "i8"),
            ("decisive", "i8"),
            ("unknown", "i8"),
            ("contrary", "i8"),
            ("farthest_m", "f8"),  # metres on the wrong side; for an approach the least metres from the edge
            ("ring", "i8"),
            ("first_pct", "f8"),
            ("least_pct", "f8"),
            ("last_pct", "f8"),
            ("critical_ms", "i8"),
            ("times", "i8"),
            ("outliers", "i8"),
            ("opening", "i8"),  # fixes in the first places of the span's row of fixes
            ("closing", "i8"),  # and from OPENING_MOST on
        ],
    )
)
SPAN_FIXES = OPENING_MOST + CLOSING_MOST


Column = Any  # a numpy array of numbers


class Tables(NamedTuple):
    """What the plan asks: read only."""

    activations: Rows
    zones: Rows
    edges: Rows
    windows: Rows


class Known(NamedTuple):
    """What is known so far: a DEVICE for each activation, a WATCH for each zone, and the fixes they keep."""

    devices: Rows
    carried: Rows  # FIX by activation and place
    watches: Rows
    kept: Rows  # FIX by zone and place


class Heard(NamedTuple):
    """Readings as columns, of one activation after another."""

    happened_ms: Column
    kind: Column
    lat: Column
    lon: Column
    doubt_m: Column
    source: Column
    battery_pct: Column
    strap_ok: Column


class Out(NamedTuple):
    spans: Rows
    fixes: Rows  # FIX by span and place
    used: Column


def nothing_known(activations: int, zones: int) -> Known:
    """The rows before the first reading."""
    known = Known(
        np.zeros(activations, DEVICE),
        np.zeros((activations, CARRIED), FIX),
        np.zeros(zones, WATCH),
        np.zeros((zones, KEPT), FIX),
    )
    for rows in (known.devices, known.watches):
        for name in rows.dtype.names or ():
            if name.endswith("_ms"):
                rows[name] = NEVER
    known.devices["battery_pct"] = np.nan
    return known


# -------------------------------------------------------------------------------------------------------- the walk
@rule
def walk_fleet(
    activations: Rows,
    zones: Rows,
    edges: Rows,
    windows: Rows,
    devices: Rows,
    carried: Rows,
    watches: Rows,
    kept: Rows,
    reading_from: Column,
    happened_ms: Column,
    kind: Column,
    lat: Column,
    lon: Column,
    doubt_m: Column,
    source: Column,
    battery_pct: Column,
    strap_ok: Column,
    until_ms: Column,
    place: Column,
    spans: Rows,
    span_fixes: Rows,
    used: Column,
) -> bool:
    """The readings of activation a are reading_from[a] to reading_from[a + 1]; its time runs to until_ms[a].

    True when all is walked. False when `spans` is full: empty it (used[0] = 0) and call again; `place` says from where.
    """
    tables = Tables(borrowed(activations), borrowed(zones), borrowed(edges), borrowed(windows))
    known = Known(borrowed(devices), borrowed(carried), borrowed(watches), borrowed(kept))
    heard = Heard(
        borrowed(happened_ms), borrowed(kind), borrowed(lat), borrowed(lon), borrowed(doubt_m), borrowed(source),
        borrowed(battery_pct), borrowed(strap_ok),
    )  # fmt: skip
    out = Out(borrowed(spans), borrowed(span_fixes), borrowed(used))
    for a in range(place[0], len(activations)):
        find_windows(tables, known, a)
        room_for_one = most_spans(tables, a)
        for number in range(max(place[1], reading_from[a]), reading_from[a + 1]):
            if used[0] + room_for_one > len(spans):
                place[0], place[1] = a, number
                return False
            hear(tables, known, a, heard, number, out)
        if used[0] + room_for_one > len(spans):
            place[0], place[1] = a, reading_from[a + 1]
            return False
        settle(tables, known, a, until_ms[a], out)
        place[1] = 0
    return True


@rule
def most_spans(tables: Tables, a: int) -> int:
    """How many spans one reading can end at most: a long silence may end one in each window of each zone."""
    activation = tables.activations[a]
    most = 8
    for z in range(activation.zone_from, activation.zone_until):
        zone = tables.zones[z]
        most += 4 + 2 * (zone.window_until - zone.window_from)
    return most


@rule
def find_windows(tables: Tables, known: Known, a: int) -> None:
    """Each zone's first window that is not over where its side is settled."""
    activation = tables.activations[a]
    for z in range(activation.zone_from, activation.zone_until):
        zone = tables.zones[z]
        watch = known.watches[z]
        watch.window = window_not_over(zone, tables.windows, watch.settled_ms)


@rule
def window_not_over(zone: Row, windows: Rows, at_ms: int) -> int:
    first, last = zone.window_from, zone.window_until
    while first < last:
        middle = (first + last) // 2
        if windows[middle].until_ms <= at_ms:
            first = middle + 1
        else:
            last = middle
    return first


@step
def hear(tables: Tables, known: Known, a: int, heard: Heard, number: int, out: Out) -> None:
    """One reading. A drive-by that heard nothing says nothing of the device."""
    if heard.kind[number] == DRIVE_BY and heard.source[number] == NOT_HEARD:
        return
    activation, device = tables.activations[a], known.devices[a]
    at_ms = heard.happened_ms[number]
    by_radio = heard.kind[number] == RF
    placed = heard.source[number] != NOT_HEARD if by_radio else heard.doubt_m[number] <= SAYS_NOTHING_M
    silence(activation, device, a, at_ms, out)
    no_location(activation, device, a, at_ms, placed, out)
    device.heard_ms = at_ms
    battery(activation, device, a, at_ms, heard.battery_pct[number], out)
    strap(device, a, at_ms, heard.strap_ok[number], heard.kind[number] == DRIVE_BY, out)
    if placed:
        fix = known.carried[a, NOW]
        fix.at_ms = at_ms
        fix.lat, fix.lon = heard.lat[number], heard.lon[number]
        fix.accuracy_m = heard.doubt_m[number]
        fix.source, fix.kind = heard.source[number], heard.kind[number]
        take_in(tables, known, a, out)


@rule
def settle(tables: Tables, known: Known, a: int, until_ms: int, out: Out) -> None:
    """What time alone brings up to `until_ms`, and every span that is open then."""
    activation, device = tables.activations[a], known.devices[a]
    if device.held > 0 and until_ms - known.carried[a, HELD].at_ms > JUMP_WAITS_MS:
        release(tables, known, a, 0, out)
    settled_ms = min(until_ms, known.carried[a, HELD].at_ms) if device.held > 0 else until_ms
    for z in range(activation.zone_from, activation.zone_until):
        zone, watch = tables.zones[z], known.watches[z]
        reached_ms = until_ms if zone.form == PARTNER else settled_ms
        if watch.run_fixes > 0:
            reached_ms = min(reached_ms, watch.run_first_ms)  # a return may be under way
        live_through(tables, known, a, z, reached_ms, out)
        if watch.wrong_from_ms != NEVER and lasted(zone, reached_ms - watch.wrong_from_ms):
            write_wrong_side(tables, known, a, z, NEVER, STILL_OPEN, out)
            out.spans[out.used[0] - 1].seen_ms = reached_ms
            watch.reported = 1
        if watch.near_from_ms != NEVER:
            if until_ms >= watch.near_window_until_ms:
                end_approach(known, a, z, watch.near_window_until_ms, WINDOW_ENDED, out)
            elif is_approach(watch, until_ms):
                write_approach(known, a, z, NEVER, STILL_OPEN, out)
                watch.near_reported = 1
    settle_device(activation, device, a, until_ms, out)


# -------------------------------------------------------------------------------------------------------- the device
@step
def silence(activation: Row, device: Row, a: int, at_ms: int, out: Out) -> None:
    """A reading at at_ms: was the device silent for longer than it may before it?"""
    if device.heard_ms != NEVER and at_ms - device.heard_ms > activation.silence_ms:
        write_silence(activation, device, a, at_ms, TURNED, out)


@rule
def write_silence(activation: Row, device: Row, a: int, until_ms: int, ended: int, out: Out) -> None:
    span = new_span(out, a, CONTACT, -1, device.heard_ms + activation.silence_ms, until_ms, ended)
    span.decided_ms = device.heard_ms
    span.last_pct = device.battery_pct


@step
def no_location(activation: Row, device: Row, a: int, at_ms: int, placed: bool, out: Out) -> None:
    """Contact goes on and no usable position comes. Silence is not this, and after it the clock begins anew."""
    open_no_location(activation, device, at_ms)
    lost = device.heard_ms != NEVER and at_ms - device.heard_ms > activation.silence_ms
    if placed and device.unplaced_from_ms != NEVER:
        write_no_location(device, a, at_ms, TURNED, out)
        device.unplaced_from_ms = NEVER
    if placed or lost or (device.placed_ms == NEVER and activation.zone_until > activation.zone_from):
        device.placed_ms = at_ms


@step
def open_no_location(activation: Row, device: Row, at_ms: int) -> None:
    """By at_ms the time for a position was over, and something was heard since the last one."""
    due_ms = device.placed_ms + activation.silence_ms
    waited = device.placed_ms != NEVER and at_ms > due_ms
    if waited and device.heard_ms > device.placed_ms and device.unplaced_from_ms == NEVER:
        device.unplaced_from_ms = due_ms


@rule
def write_no_location(device: Row, a: int, until_ms: int, ended: int, out: Out) -> None:
    span = new_span(out, a, LOCATION, -1, device.unplaced_from_ms, until_ms, ended)
    span.decided_ms = device.placed_ms


@step
def battery(activation: Row, device: Row, a: int, at_ms: int, pct: float, out: Out) -> None:
    """Low until it is charged again; critical makes the same span worse."""
    if math.isnan(pct):
        return
    device.battery_pct = pct
    if device.low_from_ms == NEVER:
        if pct > activation.low_pct:
            return
        device.low_from_ms, device.critical_from_ms = at_ms, NEVER
        device.low_first_pct, device.low_least_pct = pct, pct
    device.low_least_pct = min(device.low_least_pct, pct)
    if pct <= activation.critical_pct and device.critical_from_ms == NEVER:
        device.critical_from_ms = at_ms
    if pct >= activation.low_pct + CHARGED_PCT:
        write_battery(device, a, at_ms, TURNED, out)
        device.low_from_ms = NEVER


@rule
def write_battery(device: Row, a: int, until_ms: int, ended: int, out: Out) -> None:
    span = new_span(out, a, BATTERY, -1, device.low_from_ms, until_ms, ended)
    span.first_pct, span.least_pct, span.last_pct = device.low_first_pct, device.low_least_pct, device.battery_pct
    span.critical_ms = device.critical_from_ms


@step
def strap(device: Row, a: int, at_ms: int, strap_ok: int, drive_by: bool, out: Out) -> None:
    """Open at once; closed when the device says so (a drive-by reader closes nothing); open again soon, it joins."""
    end_strap(device, a, at_ms, out)
    if strap_ok == NOT_SENT:
        return
    if strap_ok == 1:
        if device.strap_from_ms != NEVER and device.strap_until_ms == NEVER and not drive_by:
            device.strap_until_ms = at_ms
    elif device.strap_from_ms == NEVER:
        device.strap_from_ms, device.strap_times = at_ms, 1
    elif device.strap_until_ms != NEVER:
        device.strap_until_ms = NEVER
        device.strap_times += 1


@step
def end_strap(device: Row, a: int, at_ms: int, out: Out) -> None:
    """A strap that closed so long ago that no opening joins any more."""
    if device.strap_until_ms != NEVER and at_ms - device.strap_until_ms > STRAP_JOINS_MS:
        write_strap(device, a, TURNED, out)
        device.strap_from_ms, device.strap_until_ms = NEVER, NEVER


@rule
def write_strap(device: Row, a: int, ended: int, out: Out) -> None:
    span = new_span(out, a, STRAP, -1, device.strap_from_ms, device.strap_until_ms, ended)
    span.times = device.strap_times


@rule
def settle_device(activation: Row, device: Row, a: int, until_ms: int, out: Out) -> None:
    open_no_location(activation, device, until_ms)
    end_strap(device, a, until_ms, out)
    if device.strap_from_ms != NEVER:
        write_strap(device, a, STILL_OPEN, out)
    if device.low_from_ms != NEVER:
        write_battery(device, a, NEVER, STILL_OPEN, out)
    if device.unplaced_from_ms != NEVER:
        write_no_location(device, a, NEVER, STILL_OPEN, out)
    if device.heard_ms != NEVER and until_ms - device.heard_ms > activation.silence_ms:
        write_silence(activation, device, a, NEVER, STILL_OPEN, out)


# ------------------------------------------------------------------------------------------- jumps nobody can make
@step
def take_in(tables: Tables, known: Known, a: int, out: Out) -> None:
    """The position at NOW goes to the zones, unless it came faster than anybody moves.

    1. Such a satellite fix waits, and every position after it, so that all keep their order.
    2. The next satellite fix tells: back where the one before was, the jump was an error and is left out.
    3. Anything else, or three minutes without a satellite fix, and it was a journey: all go to the zones.
    """
    device, carried = known.devices[a], known.carried
    fix = carried[a, NOW]
    if device.held > 0 and fix.at_ms - carried[a, HELD].at_ms > JUMP_WAITS_MS:
        release(tables, known, a, 0, out)
    if device.held > 0:
        if not is_satellite(fix) and device.held < HELD_MOST:
            carried[a, HELD + device.held] = fix
            device.held += 1
            return
        came_back = is_satellite(fix) and returned(carried[a, ANCHOR], fix)
        device.outliers += came_back
        release(tables, known, a, int(came_back), out)
    if is_satellite(fix) and device.anchored and jumped(carried[a, ANCHOR], fix):
        carried[a, HELD] = fix
        device.held = 1
        return
    judge(tables, known, a, fix, out)


@rule
def release(tables: Tables, known: Known, a: int, first: int, out: Out) -> None:
    device = known.devices[a]
    held, device.held = device.held, 0
    for number in range(first, held):
        judge(tables, known, a, known.carried[a, HELD + number], out)


@rule
def is_satellite(fix: Row) -> bool:
    return (
        fix.kind != RF and fix.kind != DRIVE_BY and (fix.source == GPS or fix.source == NOT_SENT or fix.source == OTHER)
    )


@rule
def jumped(before: Row, fix: Row) -> bool:
    """More than JUMP_M_S between them."""
    way_m = metres_between(before.lat, before.lon, fix.lat, fix.lon)
    return way_m > JUMP_M_S * (fix.at_ms - before.at_ms) / SECOND_MS


@rule
def returned(before: Row, fix: Row) -> bool:
    """Within twice the accuracy of where it was before the jump."""
    return metres_between(before.lat, before.lon, fix.lat, fix.lon) <= 2.0 * before.accuracy_m


# ---------------------------------------------------------------------------------------------------------- the zones
@step
def judge(tables: Tables, known: Known, a: int, fix: Row, out: Out) -> None:
    """One position against every zone of the activation."""
    activation, device = tables.activations[a], known.devices[a]
    if fix.kind == RF:
        judge_radio(tables, known, a, fix, out)
        return
    sharp = fix.accuracy_m <= NEAR_M
    way_m = chord_length(known.carried[a, SHARP], fix) if sharp and device.sharp else 0.0
    for z in range(activation.zone_from, activation.zone_until):
        zone = tables.zones[z]
        if zone.form == PARTNER:
            continue
        if zone.must_be_in:
            judge_inclusion(tables, known, a, z, fix, out)
        else:
            judge_exclusion(tables, known, a, z, fix, sharp, way_m, out)
    if sharp:
        known.carried[a, SHARP] = fix
        device.sharp = 1
    if is_satellite(fix):
        known.carried[a, ANCHOR] = fix
        device.anchored = 1


@rule
def judge_radio(tables: Tables, known: Known, a: int, fix: Row, out: Out) -> None:
    """The home unit hears the device, or does not: at home or out of it, and that alone decides."""
    activation = tables.activations[a]
    side = OUTSIDE if fix.source == OUT_OF_RANGE else INSIDE
    for z in range(activation.zone_from, activation.zone_until):
        if tables.zones[z].home:
            weigh(tables, known, a, z, fix, side, 0.0, True, out)


@rule
def chord_length(before: Row, fix: Row) -> float:
    """Metres of the straight way from the fix before; 0 where too much time lies between to say that it was gone."""
    if fix.at_ms - before.at_ms > CROSSING_GAP_MS:
        return 0.0
    return metres_between(before.lat, before.lon, fix.lat, fix.lon)


@step
def judge_inclusion(tables: Tables, known: Known, a: int, z: int, fix: Row, out: Out) -> None:
    zone = tables.zones[z]
    margin_m = fix.accuracy_m + zone.slack_m
    x, y = plane(zone, fix.lat, fix.lon)
    beyond_m = distance_bound(zone, tables.edges, x, y, margin_m + zone.buffer_m, True) - zone.buffer_m
    side = side_of(beyond_m, margin_m)
    weigh(tables, known, a, z, fix, side, beyond_m, False, out)


@step
def judge_exclusion(
    tables: Tables, known: Known, a: int, z: int, fix: Row, sharp: bool, way_m: float, out: Out
) -> None:
    zone, watch = tables.zones[z], known.watches[z]
    x, y = plane(zone, fix.lat, fix.lon)
    beyond_m = distance_bound(zone, tables.edges, x, y, max(fix.accuracy_m, zone.buffer_m), False)
    side = side_of(beyond_m, fix.accuracy_m)
    weigh(tables, known, a, z, fix, side, -beyond_m, zone.victim != 0, out)
    ring = side == OUTSIDE and beyond_m <= zone.buffer_m
    near = ring or (side == NOWHERE and beyond_m <= NEAR_M)
    if near or watch.near_from_ms != NEVER:
        approach(tables, known, a, z, fix, near, ring, beyond_m, out)
    if sharp:
        if beyond_m < way_m and side == OUTSIDE and watch.was_outside:
            crossing(tables, known, a, z, fix, x, y, out)
        watch.was_outside = side == OUTSIDE


@rule
def side_of(beyond_m: float, margin_m: float) -> int:
    """The whole error circle must be on one side."""
    if beyond_m > margin_m:
        return OUTSIDE
    if beyond_m < -margin_m:
        return INSIDE
    return NOWHERE


@step
def weigh(
    tables: Tables, known: Known, a: int, z: int, fix: Row, side: int, wrong_m: float, alone: bool, out: Out
) -> None:
    """What one fix does to the side: confirms it, begins or lengthens a run against it, or says nothing.

    `wrong_m`: how far on the wrong side of the zone, for the evidence. `alone`: it needs no second.
    """
    zone, watch = tables.zones[z], known.watches[z]
    reached_ms = watch.run_first_ms if watch.run_fixes > 0 else fix.at_ms
    if not is_uneventful(tables.windows, zone, watch, reached_ms):
        live_through(tables, known, a, z, reached_ms, out)
    if side == NOWHERE:
        watch.unknown += 1
    elif side == watch.side:
        if watch.run_fixes > 0:
            watch.contrary += watch.run_fixes
            watch.run_fixes = 0
            live_through(tables, known, a, z, fix.at_ms, out)
        watch.decisive += 1
        watch.farthest_m = max(watch.farthest_m, wrong_m)
        watch.latest_m = wrong_m
        known.kept[z, LATEST] = fix
    else:
        lengthen_run(known, z, fix, side, wrong_m)
        long_enough = watch.run_fixes >= 2 and fix.at_ms - watch.run_first_ms >= DWELL_MS
        if alone or (long_enough if zone.must_be_in else watch.run_fixes >= 2 or watch.run_sharp != 0):
            change_side(tables, known, a, z, fix, wrong_m, out)


@rule
def lengthen_run(known: Known, z: int, fix: Row, side: int, wrong_m: float) -> None:
    watch = known.watches[z]
    if watch.run_fixes == 0 or watch.run_side != side:
        watch.run_side, watch.run_fixes, watch.run_sharp = side, 0, 0
        watch.run_first_ms, watch.run_farthest_m = fix.at_ms, wrong_m
    if watch.run_fixes < RUN_MOST:
        known.kept[z, RUN + watch.run_fixes] = fix
    watch.run_fixes += 1
    watch.run_sharp |= fix.accuracy_m <= SHARP_M
    watch.run_farthest_m = max(watch.run_farthest_m, wrong_m)


@rule
def change_side(tables: Tables, known: Known, a: int, z: int, fix: Row, wrong_m: float, out: Out) -> None:
    """The run has decided: the side changed at its first fix."""
    watch = known.watches[z]
    changed_ms, fixes, farthest_m = watch.run_first_ms, watch.run_fixes, watch.run_farthest_m
    if watch.wrong_from_ms != NEVER:
        end_wrong_side(tables, known, a, z, changed_ms, TURNED, out)
    keep_what_decided(known, z)
    watch.side, watch.settled_ms, watch.decided_ms = watch.run_side, changed_ms, fix.at_ms
    known.kept[z, LATEST] = known.kept[z, RUN]
    watch.run_fixes = 0
    live_through(tables, known, a, z, fix.at_ms, out)
    from_the_first = watch.wrong_from_ms == changed_ms
    watch.decisive += fixes if from_the_first else 1
    watch.farthest_m = max(watch.farthest_m, farthest_m if from_the_first else wrong_m)
    watch.latest_m = wrong_m
    known.kept[z, LATEST] = fix


@rule
def keep_what_decided(known: Known, z: int) -> None:
    """The last fix on the old side, then the first ones on the new."""
    watch, kept = known.watches[z], known.kept
    watch.decided = 0
    if watch.side != NOWHERE:
        kept[z, DECIDED] = kept[z, LATEST]
        watch.decided = 1
    for number in range(min(watch.run_fixes, RUN_MOST)):
        kept[z, DECIDED + watch.decided] = kept[z, RUN + number]
        watch.decided += 1


# ---------------------------------------------------------------------------------------------------- windows and time
@step
def is_uneventful(windows: Rows, zone: Row, watch: Row, until_ms: int) -> bool:
    """Up to `until_ms` no window begins on the wrong side and none ends."""
    if watch.window == zone.window_until or windows[watch.window].from_ms >= until_ms:
        return True
    if windows[watch.window].until_ms <= until_ms:
        return False
    return watch.wrong_from_ms != NEVER or watch.side != (OUTSIDE if zone.must_be_in else INSIDE)


@rule
def live_through(tables: Tables, known: Known, a: int, z: int, until_ms: int, out: Out) -> None:
    """Time passes to `until_ms` with the side as it is: windows begin and end."""
    zone, watch = tables.zones[z], known.watches[z]
    while watch.window < zone.window_until:
        window = tables.windows[watch.window]
        if window.from_ms >= until_ms:
            break
        if watch.wrong_from_ms == NEVER and watch.side == (OUTSIDE if zone.must_be_in else INSIDE):
            begin_wrong_side(known, z, window)
        if window.until_ms > until_ms:
            break
        if watch.wrong_from_ms != NEVER:
            end_wrong_side(tables, known, a, z, window.until_ms, WINDOW_ENDED, out)
        watch.window += 1
        watch.settled_ms = window.until_ms
    watch.settled_ms = max(watch.settled_ms, until_ms)


@rule
def begin_wrong_side(known: Known, z: int, window: Row) -> None:
    watch, kept = known.watches[z], known.kept
    watch.wrong_from_ms = max(watch.settled_ms, window.from_ms)
    watch.window_from_ms, watch.window_until_ms = window.from_ms, window.until_ms
    watch.decisive, watch.unknown, watch.contrary, watch.farthest_m = 0, 0, 0, watch.latest_m
    watch.reported = 0
    for number in range(watch.decided):
        kept[z, OPENING + number] = kept[z, DECIDED + number]
    watch.opening = watch.decided
    if watch.decided > 0 and kept[z, LATEST].at_ms > kept[z, DECIDED + watch.decided - 1].at_ms:
        kept[z, OPENING + watch.opening] = kept[z, LATEST]
        watch.opening += 1


@rule
def lasted(zone: Row, lasted_ms: int) -> bool:
    """Grace decides whether there is an episode. It takes nothing off one."""
    return lasted_ms > zone.grace_ms or zone.grace_ms == 0


@rule
def end_wrong_side(tables: Tables, known: Known, a: int, z: int, until_ms: int, ended: int, out: Out) -> None:
    watch = known.watches[z]
    if lasted(tables.zones[z], until_ms - watch.wrong_from_ms):
        write_wrong_side(tables, known, a, z, until_ms, ended, out)
    watch.wrong_from_ms = NEVER


@rule
def write_wrong_side(tables: Tables, known: Known, a: int, z: int, until_ms: int, ended: int, out: Out) -> None:
    zone, watch, kept = tables.zones[z], known.watches[z], known.kept
    row = out.used[0]
    span = new_span(out, a, CURFEW if zone.must_be_in else EXCLUSION, z, watch.wrong_from_ms, until_ms, ended)
    span.window_from_ms, span.window_until_ms = watch.window_from_ms, watch.window_until_ms
    span.decided_ms, span.latest_ms = watch.decided_ms, kept[z, LATEST].at_ms
    span.decisive, span.unknown, span.contrary = watch.decisive, watch.unknown, watch.contrary
    span.farthest_m = watch.farthest_m
    span.outliers = known.devices[a].outliers
    span.opening = watch.opening
    for number in range(watch.opening):
        out.fixes[row, number] = kept[z, OPENING + number]
    if ended == TURNED:
        span.closing = min(watch.run_fixes, CLOSING_MOST)
        for number in range(span.closing):
            out.fixes[row, OPENING_MOST + number] = kept[z, RUN + number]
    elif ended == WINDOW_ENDED:
        span.closing = 1
        out.fixes[row, OPENING_MOST] = kept[z, LATEST]


@rule
def new_span(out: Out, a: int, family: int, z: int, from_ms: int, until_ms: int, ended: int) -> Row:
    """`until_ms` NEVER: still open."""
    span = out.spans[out.used[0]]
    out.used[0] += 1
    span.activation, span.family, span.zone = a, family, z
    span.from_ms, span.until_ms, span.ended = from_ms, until_ms, ended
    span.window_from_ms, span.window_until_ms, span.decided_ms, span.critical_ms = NEVER, NEVER, NEVER, NEVER
    span.seen_ms, span.latest_ms = until_ms, NEVER
    span.decisive, span.unknown, span.contrary, span.farthest_m = 0, 0, 0, math.nan
    span.first_pct, span.least_pct, span.last_pct = math.nan, math.nan, math.nan
    span.ring, span.times, span.outliers, span.opening, span.closing = 0, 0, 0, 0, 0
    return span


# --------------------------------------------------------------------------------------------- near and through a zone
@rule
def approach(
    tables: Tables, known: Known, a: int, z: int, fix: Row, near: bool, ring: bool, beyond_m: float, out: Out
) -> None:
    """Near a forbidden zone in force: within its warning ring, or so near that the fix cannot tell."""
    watch = known.watches[z]
    if watch.near_from_ms != NEVER and fix.at_ms >= watch.near_window_until_ms:
        end_approach(known, a, z, watch.near_window_until_ms, WINDOW_ENDED, out)
    if near and watch.near_from_ms == NEVER:
        begin_approach(tables, known, z, fix)
    if watch.near_from_ms == NEVER:
        return
    if not near:
        end_approach(known, a, z, fix.at_ms, TURNED, out)
        return
    if watch.near_fixes < NEAR_MOST:
        known.kept[z, NEAR + watch.near_fixes] = fix
    watch.near_fixes += 1
    watch.near_ring |= ring
    watch.near_closest_m = min(watch.near_closest_m, beyond_m)


@rule
def begin_approach(tables: Tables, known: Known, z: int, fix: Row) -> None:
    zone, watch = tables.zones[z], known.watches[z]
    number = window_not_over(zone, tables.windows, fix.at_ms)
    if number < zone.window_until and tables.windows[number].from_ms <= fix.at_ms:
        watch.near_from_ms = fix.at_ms
        watch.near_window_from_ms = tables.windows[number].from_ms
        watch.near_window_until_ms = tables.windows[number].until_ms
        watch.near_ring, watch.near_fixes, watch.near_closest_m = 0, 0, math.inf
        watch.near_reported = 0


@rule
def is_approach(watch: Row, until_ms: int) -> bool:
    """The ring at once; doubt when it lasts."""
    return watch.near_ring != 0 or until_ms - watch.near_from_ms > NEAR_MS


@rule
def end_approach(known: Known, a: int, z: int, until_ms: int, ended: int, out: Out) -> None:
    watch = known.watches[z]
    if is_approach(watch, until_ms):
        write_approach(known, a, z, until_ms, ended, out)
    watch.near_from_ms = NEVER


@rule
def write_approach(known: Known, a: int, z: int, until_ms: int, ended: int, out: Out) -> None:
    watch = known.watches[z]
    row = out.used[0]
    span = new_span(out, a, APPROACH, z, watch.near_from_ms, until_ms, ended)
    span.window_from_ms, span.window_until_ms = watch.near_window_from_ms, watch.near_window_until_ms
    span.decided_ms = watch.near_from_ms
    span.decisive, span.ring, span.farthest_m = watch.near_fixes, watch.near_ring, watch.near_closest_m
    span.opening = min(watch.near_fixes, NEAR_MOST)
    for number in range(span.opening):
        out.fixes[row, number] = known.kept[z, NEAR + number]


@rule
def crossing(tables: Tables, known: Known, a: int, z: int, fix: Row, x: float, y: float, out: Out) -> None:
    """Outside before and after, and the straight way went deeper into the zone than either fix can be wrong.

    In force before and after: nobody knows when on the way the person was in the zone.
    """
    zone, before = tables.zones[z], known.carried[a, SHARP]
    from_x, from_y = plane(zone, before.lat, before.lon)
    doubt_m = max(before.accuracy_m, fix.accuracy_m)
    depth_m = deepest_along(zone, tables.edges, from_x, from_y, x, y, doubt_m)
    if depth_m <= doubt_m:
        return
    number = window_not_over(zone, tables.windows, before.at_ms)
    if number == zone.window_until:
        return
    if tables.windows[number].from_ms > before.at_ms or tables.windows[number].until_ms <= fix.at_ms:
        return
    row = out.used[0]
    span = new_span(out, a, CROSSING, z, before.at_ms, fix.at_ms, TURNED)
    span.window_from_ms, span.window_until_ms = tables.windows[number].from_ms, tables.windows[number].until_ms
    span.decided_ms, span.decisive, span.farthest_m, span.opening = fix.at_ms, 2, depth_m, 2
    out.fixes[row, 0] = before
    out.fixes[row, 1] = fix


# ---------------------------------------------------------------------------------------------------- the victim's pair
@rule
def walk_pair(
    activations: Rows,
    zones: Rows,
    edges: Rows,
    windows: Rows,
    devices: Rows,
    carried: Rows,
    watches: Rows,
    kept: Rows,
    a: int,
    z: int,
    mine_ms: Column,
    mine_lat: Column,
    mine_lon: Column,
    mine_doubt_m: Column,
    theirs_ms: Column,
    theirs_lat: Column,
    theirs_lon: Column,
    theirs_doubt_m: Column,
    place: Column,
    spans: Rows,
    span_fixes: Rows,
    used: Column,
) -> bool:
    """A fix of either device judges the distance to the other's last one, if that is no older than PAIR_SKEW_MS.

    `place` holds the next row of mine and of theirs; False when `spans` is full, as in walk_fleet.
    """
    tables = Tables(borrowed(activations), borrowed(zones), borrowed(edges), borrowed(windows))
    known = Known(borrowed(devices), borrowed(carried), borrowed(watches), borrowed(kept))
    out = Out(borrowed(spans), borrowed(span_fixes), borrowed(used))
    zone, watch = zones[z], watches[z]
    watch.window = window_not_over(zone, windows, watch.settled_ms)
    room_for_one = most_spans(tables, a)
    while place[0] < len(mine_ms) or place[1] < len(theirs_ms):
        if used[0] + room_for_one > len(spans):
            return False
        mine_next = place[1] == len(theirs_ms) or (place[0] < len(mine_ms) and mine_ms[place[0]] <= theirs_ms[place[1]])
        if mine_next:
            watch.mine = keep_fix(kept, z, MINE, watch.mine, mine_ms, mine_lat, mine_lon, mine_doubt_m, place[0])
            place[0] += 1
        else:
            watch.theirs = keep_fix(
                kept, z, THEIRS, watch.theirs, theirs_ms, theirs_lat, theirs_lon, theirs_doubt_m, place[1]
            )
            place[1] += 1
        mine, theirs = kept[z, MINE], kept[z, THEIRS]
        if watch.mine and watch.theirs and abs(mine.at_ms - theirs.at_ms) <= PAIR_SKEW_MS:
            judge_pair(tables, known, a, z, max(mine.at_ms, theirs.at_ms), out)
    return True


@rule
def keep_fix(
    kept: Rows, z: int, where: int, before: int, at_ms: Column, lat: Column, lon: Column, doubt_m: Column, number: int
) -> int:
    """What the fix is, `before` being what the last one was: a leap from the last that was none is there once another
    fix bears it out."""
    fix, trusted = kept[z, where], kept[z, where + TRUSTED]
    before_ms, before_lat, before_lon, before_m = fix.at_ms, fix.lat, fix.lon, fix.accuracy_m
    fix.at_ms, fix.lat, fix.lon, fix.accuracy_m = at_ms[number], lat[number], lon[number], doubt_m[number]
    fix.source, fix.kind = GPS, 0
    if before != NOT_THERE and leapt(trusted.at_ms, trusted.lat, trusted.lon, trusted.accuracy_m, fix):
        borne_out = before == LEAPT and not leapt(before_ms, before_lat, before_lon, before_m, fix)
        if not borne_out or fix.at_ms == before_ms:
            return LEAPT
    kept[z, where + TRUSTED] = fix
    return THERE


@rule
def leapt(from_ms: int, lat: float, lon: float, accuracy_m: float, fix: Row) -> bool:
    """Faster than JUMP_M_S with both error circles taken off."""
    way_m = metres_between(lat, lon, fix.lat, fix.lon) - accuracy_m - fix.accuracy_m
    return way_m > JUMP_M_S * (fix.at_ms - from_ms) / SECOND_MS


@rule
def judge_pair(tables: Tables, known: Known, a: int, z: int, at_ms: int, out: Out) -> None:
    """Too near with both error circles taken off; out again only well beyond the warning distance.

    A leap of either raises at once, and ends nothing: the next fix of that device does.
    """
    zone, watch = tables.zones[z], known.watches[z]
    wild = watch.mine == LEAPT or watch.theirs == LEAPT
    mine, theirs = known.kept[z, MINE], known.kept[z, THEIRS]
    apart_m = metres_between(mine.lat, mine.lon, theirs.lat, theirs.lon) - mine.accuracy_m - theirs.accuracy_m
    apart_m = max(apart_m, 0.0)
    both_ms = min(mine.at_ms, theirs.at_ms)  # up to when both were known: the instant of this distance
    closing_fast = apart_m <= PAIR_WARNS_AT * zone.radius_m and closes_soon(watch, apart_m, both_ms)
    if not wild and (watch.apart_ms == NEVER or both_ms - watch.apart_ms >= PAIR_SPEED_OVER_MS):
        watch.apart_m, watch.apart_ms = apart_m, both_ms
    known.carried[a, NOW] = mine
    fix = known.carried[a, NOW]
    fix.at_ms = at_ms
    far_m = PAIR_WARNS_AT * zone.radius_m + PAIR_LEAVES_M
    if apart_m <= zone.radius_m or closing_fast:
        side = INSIDE
    elif wild and watch.side == INSIDE:
        side = NOWHERE
    elif apart_m > far_m or watch.side != INSIDE:
        side = OUTSIDE
    else:
        side = INSIDE
    weigh(tables, known, a, z, fix, side, zone.radius_m - apart_m, True, out)
    warned_m = PAIR_WARNS_AT * zone.radius_m if watch.near_from_ms == NEVER else far_m
    ring = side == OUTSIDE and apart_m <= warned_m
    if ring or not wild:
        approach(tables, known, a, z, fix, ring, ring, apart_m - zone.radius_m, out)


@rule
def closes_soon(watch: Row, apart_m: float, at_ms: int) -> bool:
    """At the speed since the distance was last noted, nothing is left of it within PAIR_EARLY_MS."""
    passed_ms = at_ms - watch.apart_ms
    if watch.apart_ms == NEVER or not PAIR_SPEED_OVER_MS <= passed_ms <= 2 * PAIR_SKEW_MS:
        return False
    return apart_m * passed_ms < (watch.apart_m - apart_m) * PAIR_EARLY_MS
