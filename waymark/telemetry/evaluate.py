"""The one door to the rules, for the command line, the live engine and the simulator alike.

    answer = evaluate(participant, "America/Chicago", columns, until_ms=now_ms, state=state)
    answer.episodes      # closed since the state, and every open one
    answer.state         # the next call goes on from here, tomorrow or in another process

    replay(plan, readings)                   # a whole file: every participant, every episode

Readings and time may be cut at any instant: evaluate(first part), then evaluate(second part, its state) gives what one
call for both gives. An episode that was reported open comes again with the same number, longer or closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from waymark.telemetry import kernel
from waymark.telemetry.alcohol import AlcoholEpisode, alcohol_episodes
from waymark.telemetry.alcohol_rule import RULE
from waymark.telemetry.compiled import Rules, compiled
from waymark.telemetry.episodes import (
    Episode,
    alcohol_judged,
    ended_with_plan,
    episodes,
    make_episode,
    obstruction_judged,
)
from waymark.telemetry.geometry import Rows
from waymark.telemetry.instants import HOUR_MS, iso
from waymark.telemetry.kernel import FIX, NEVER, SAYS_NOTHING_M, SPAN, SPAN_FIXES, Known, Tables
from waymark.telemetry.obstruction import Tamper, obstruction, off_since, removals
from waymark.telemetry.plan import Participant, Plan
from waymark.telemetry.readings import (
    ALCOHOL,
    KINDS,
    NOT_HEARD,
    RF,
    Columns,
    Floats,
    Instants,
    Reading,
    Reception,
    columns,
    radius_of_doubt,
)
from waymark.telemetry.state import AlcoholKept, State, carried_on
from waymark.telemetry.unheard import Unheard

ALCOHOL_KEPT_MS = 48 * HOUR_MS  # of readings before the oldest curve that may still change: a day of ambient heat
AMBIENT_MS = int(RULE["ambient_hours"]) * HOUR_MS


BASELINE_READINGS = 3  # of infrared, after the device was put on


class Evaluated(NamedTuple):
    state: State
    episodes: list[Episode]  # by (opened_ms, episode_id)


def evaluate(
    participant: Participant,
    time_zone: str,
    readings: Columns | None,
    *,
    until_ms: int,
    state: State | None = None,
    partners: Mapping[str, Columns] | None = None,
) -> Evaluated:
    """Readings after the state's instant and not after `until_ms`, to which timers run. Pure.

    `partners`: the readings of the devices a zone moves with, cut at the same two instants. Readings outside the
    activation's own period are somebody else's and are left out. Raises ValueError for readings outside the two
    instants: late ones want a new evaluation from before them.
    """
    rules = compiled(participant, time_zone)
    in_use = participant.in_use(time_zone)
    until_ms = min(until_ms, in_use.until_ms)
    heard = (NOTHING if readings is None else readings).between(in_use.from_ms, in_use.until_ms)
    _check_instants(heard, until_ms, state)
    known = carried_on(rules, state)
    tables = _tables(rules, known, heard, until_ms)
    receptions = dict(state.receptions) if state else {}
    doubt_m = _doubt(heard, "", receptions)
    unheard = Unheard(state.silences if state else (), known, heard, until_ms, int(tables.activations[0].silence_ms))
    found = _walk_pairs(rules, tables, known, heard, doubt_m, partners or {}, receptions)
    found += _walk(tables, known, heard, doubt_m, until_ms)
    answer = [episode for spans, fixes in found for episode in episodes(rules, spans, fixes, until_ms, unheard)]
    answer += _of_zones_no_longer_watched(rules, state)
    curves, alcohol = _alcohol(rules, heard, until_ms, state.alcohol if state else AlcoholKept())
    answer += curves
    answer.sort(key=lambda episode: (episode.opened_ms, episode.episode_id))
    return Evaluated(State(until_ms, tuple(rules.keys), known, receptions, alcohol, unheard.carry_on(known)), answer)


def replay(plan: Plan, readings: Iterable[Reading]) -> list[Episode]:
    """Every participant over a whole file; time runs to plan.until, else to the latest reading of the file."""
    table = columns(readings)
    if not table:
        return []
    until_ms = plan.until_ms or max(int(heard.happened_ms[-1]) for heard in table.values())
    table = {activation: heard.between(int(heard.happened_ms[0]), until_ms + 1) for activation, heard in table.items()}
    found = [
        episode
        for participant in plan.participants
        for episode in evaluate(
            participant, plan.time_zone, table.get(participant.activation), until_ms=until_ms, partners=table
        ).episodes
    ]
    return sorted(found, key=lambda episode: (episode.opened_ms, episode.episode_id))


# ---------------------------------------------------------------------------------------------------------- the walk
NOTHING = columns([Reading("", HOUR_MS * 24 * 365 * 40, "status")])[""].take(slice(0))
Span = tuple[Rows, Rows]  # spans and their fixes


def _check_instants(heard: Columns, until_ms: int, state: State | None) -> None:
    if not len(heard):
        return
    if state and heard.happened_ms[0] <= state.until_ms:
        raise ValueError(f"A reading of {iso(int(heard.happened_ms[0]))} is not after {iso(state.until_ms)}.")
    if heard.happened_ms[-1] > until_ms:
        raise ValueError(f"A reading of {iso(int(heard.happened_ms[-1]))} is after {iso(until_ms)}.")


def _tables(rules: Rules, known: Known, heard: Columns, until_ms: int) -> Tables:
    """Windows are needed from the instant up to which every zone's side is settled."""
    first_ms = int(heard.happened_ms[0]) if len(heard) else until_ms
    settled = known.watches["settled_ms"]
    return rules.tables(int(min(settled[settled != NEVER], default=first_ms)), until_ms)


def _doubt(heard: Columns, device: str, receptions: dict[str, Reception]) -> Floats:
    doubt_m, after = radius_of_doubt(heard, receptions.pop(device, None))
    if after:
        receptions[device] = after
    return doubt_m


def _walk(tables: Tables, known: Known, heard: Columns, doubt_m: Floats, until_ms: int) -> list[Span]:
    given: Any = (
        *tables, *known, np.array([0, len(heard)]),
        heard.happened_ms, heard.kind, heard.lat, heard.lon, doubt_m, heard.source, heard.battery_pct, heard.strap_ok,
        np.array([until_ms]), np.zeros(2, np.int64),
    )  # fmt: skip
    return _all_spans(tables, partial(kernel.walk_fleet, *given))


def _walk_pairs(
    rules: Rules,
    tables: Tables,
    known: Known,
    heard: Columns,
    doubt_m: Floats,
    partners: Mapping[str, Columns],
    receptions: dict[str, Reception],
) -> list[Span]:
    """The zones that move with another device. That device's speed is not checked: a victim's zone errs to alarm."""
    found: list[Span] = []
    mine = _positions(heard, doubt_m)
    theirs = {
        name: _positions(partners.get(name, NOTHING), _doubt(partners.get(name, NOTHING), name, receptions))
        for name in {zone.partner.activation for zone in rules.zones if zone.partner}
    }
    for row, zone in enumerate(rules.zones):
        if zone.partner is None:
            continue
        place = np.zeros(2, np.int64)
        given: Any = (*tables, *known, 0, row, *mine, *theirs[zone.partner.activation], place)
        found += _all_spans(tables, partial(kernel.walk_pair, *given))
    return found


def _positions(heard: Columns, doubt_m: Floats) -> tuple[Instants, Floats, Floats, Floats]:
    usable = (doubt_m <= SAYS_NOTHING_M) & (heard.kind != RF) & (heard.source != NOT_HEARD)
    return heard.happened_ms[usable], heard.lat[usable], heard.lon[usable], doubt_m[usable]


def _all_spans(tables: Tables, walk: Callable[[Rows, Rows, Instants], bool]) -> list[Span]:
    """Walks on until all is walked; the kernel stops whenever the next reading might not find room for its spans."""
    room = 3 * int(kernel.most_spans(tables, 0))
    spans, fixes, used = np.empty(room, SPAN), np.empty((room, SPAN_FIXES), FIX), np.zeros(1, np.int64)
    found: list[Span] = []
    done = False
    while not done:
        used[0] = 0
        done = walk(spans, fixes, used)
        found.append((spans[: used[0]].copy(), fixes[: used[0]].copy()))
    return found


def _of_zones_no_longer_watched(rules: Rules, state: State | None) -> Iterator[Episode]:
    """Episodes that were reported open in a zone the plan no longer has end where the last evaluation did."""
    if state is None or tuple(rules.keys) == state.keys:
        return
    for key, watch in zip(state.keys, state.known.watches, strict=True):
        if key in rules.keys:
            continue
        if watch.wrong_from_ms != NEVER and watch.reported:
            yield ended_with_plan(rules, key, key.family, int(watch.wrong_from_ms), state.until_ms)
        if watch.near_from_ms != NEVER and watch.near_reported:
            yield ended_with_plan(rules, key, "approach", int(watch.near_from_ms), state.until_ms)


# ----------------------------------------------------------------------------------------------------------- alcohol
def _alcohol(rules: Rules, heard: Columns, until_ms: int, kept: AlcoholKept) -> tuple[list[Episode], AlcoholKept]:
    """Curves and tampers, from the readings kept and the new ones; those that are over are reported once.

    A curve's own end, unlike its beginning, stays what it is when readings long before it are let go: it is the name
    by which a curve is known to be reported.
    """
    readings = [*kept.readings, *_of_alcohol(heard, kept.readings)]
    if not readings:
        return [], AlcoholKept()
    table = columns(readings)[""]
    curves = alcohol_episodes(table, until_ms=until_ms)
    judged_from_ms = kept.whole_from_ms + AMBIENT_MS  # before it a removal would be judged without its day of heat
    tampers = [
        tamper
        for tamper in removals(table, until_ms=until_ms)
        if tamper.class_ != "strap_open" and (kept.whole_from_ms == NEVER or tamper.from_ms >= judged_from_ms)
    ]
    tampers += obstruction(table, until_ms=until_ms)
    ends = [*(_curve_end(curve) for curve in curves), *(_tamper_end(tamper) for tamper in tampers)]
    judged = [*map(alcohol_judged, curves), *map(obstruction_judged, tampers)]
    opened = [*(curve.opened_ms for curve in curves), *(tamper.from_ms for tamper in tampers)]
    answer = [
        make_episode(rules, judgement, None, opened_ms, end.until_ms if end.over else None)
        for judgement, opened_ms, end in zip(judged, opened, ends, strict=True)
        if end.name not in kept.reported
    ]
    needed_ms = _needed_from(curves, tampers, table, until_ms)
    baseline = [reading for reading in readings if reading.ir_v is not None][:BASELINE_READINGS]
    needed_ms = max(needed_ms, kept.whole_from_ms)  # what was let go does not come back
    old = [reading._replace(tac_g_dl=None) for reading in baseline if reading.happened_ms < needed_ms]  # no curve of it
    still = old + [reading for reading in readings if reading.happened_ms >= needed_ms]
    over = {end.name for end in ends if end.over} | set(kept.reported)
    return answer, AlcoholKept(tuple(still), tuple(sorted(name for name in over if name[1] >= needed_ms)), needed_ms)


class _End(NamedTuple):
    kind: str
    until_ms: int
    over: bool

    @property
    def name(self) -> tuple[str, int]:
        return self.kind, self.until_ms


def _curve_end(curve: AlcoholEpisode) -> _End:
    return _End("curve", curve.closed_ms, curve.settled)


def _tamper_end(tamper: Tamper) -> _End:
    return _End(tamper.kind, tamper.until_ms, not tamper.going_on)


def _of_alcohol(heard: Columns, before: Sequence[Reading]) -> Iterator[Reading]:
    """What curves and tampers are read from: alcohol, infrared, and from the first of them on the strap, if open."""
    measured = (heard.kind == ALCOHOL) | ~np.isnan(heard.tac_g_dl) | ~np.isnan(heard.ir_v)
    if not before and not measured.any():
        return
    told = np.flatnonzero(heard.strap_ok >= 0)
    told = told if before else told[told >= np.argmax(measured)]
    strap_ok = heard.strap_ok[told] == 1
    ok_before = next((reading.strap_ok for reading in reversed(before) if reading.strap_ok is not None), True)
    measured[told] |= ~strap_ok | ~np.append(ok_before, strap_ok)[:-1].astype(bool)
    for row in np.flatnonzero(measured).tolist():
        yield Reading(
            activation="",
            happened_ms=int(heard.happened_ms[row]),
            kind=KINDS[heard.kind[row]],
            strap_ok=None if heard.strap_ok[row] < 0 else bool(heard.strap_ok[row]),
            tac_g_dl=_sent(heard.tac_g_dl[row]),
            ir_v=_sent(heard.ir_v[row]),
            temperature_f=_sent(heard.temperature_f[row]),
        )


def _sent(number: float) -> float | None:
    return None if np.isnan(number) else float(number)


def _needed_from(curves: list[AlcoholEpisode], tampers: list[Tamper], table: Columns, until_ms: int) -> int:
    """Readings before this instant can change nothing any more."""
    may_change = [curve.opened_ms for curve in curves if not curve.settled]
    may_change += [tamper.from_ms for tamper in tampers if tamper.going_on]
    may_change += [off_ms] if (off_ms := off_since(table, until_ms=until_ms)) is not None else []
    return min([*may_change, until_ms]) - ALCOHOL_KEPT_MS
