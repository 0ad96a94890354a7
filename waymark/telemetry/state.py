"""What an evaluation leaves for the next one: the kernel's rows by zone and version, and alcohol readings still needed.

text = json.dumps(state.as_json())
state == State.from_json(json.loads(text))        # in another process, on another day
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from waymark.telemetry.compiled import Key, Rules
from waymark.telemetry.geometry import Rows
from waymark.telemetry.instants import Span
from waymark.telemetry.kernel import CARRIED, DEVICE, FIX, KEPT, NEVER, RULE_VERSION, WATCH, Known, nothing_known
from waymark.telemetry.readings import Reading, Reception


class OtherRules(ValueError):
    """The state was left by other rules. Evaluate the activation's readings anew."""


@dataclass(frozen=True, slots=True)
class AlcoholKept:
    """Readings that an alcohol curve or a tamper may still need, and the ends of those already reported as over. Of
    the readings since `whole_from_ms` none is missing; before it only those of the baseline are kept."""

    readings: tuple[Reading, ...] = ()
    reported: tuple[tuple[str, int], ...] = ()
    whole_from_ms: int = NEVER


@dataclass(frozen=True)
class State:
    """Everything known at `until_ms`.

    `receptions`: of each device's satellite receiver, "" is the wearer's own. `silences`: longer than allowed, not yet
    summed in every zone.
    """

    until_ms: int
    keys: tuple[Key, ...]
    known: Known
    receptions: Mapping[str, Reception] = field(default_factory=dict)
    alcohol: AlcoholKept = AlcoholKept()
    silences: tuple[Span, ...] = ()

    def as_json(self) -> dict[str, Any]:
        (device,), (carried,) = self.known.devices.tolist(), self.known.carried.tolist()
        rows = zip(self.keys, self.known.watches.tolist(), self.known.kept.tolist(), strict=True)
        return {
            "rule_version": RULE_VERSION,
            "until_ms": self.until_ms,
            "device": _known_of(device, FRESH_DEVICE) | {"fixes": _fixes_of(carried)},
            "zones": [
                key._asdict() | _known_of(watch, FRESH_WATCH) | {"fixes": _fixes_of(kept)} for key, watch, kept in rows
            ],
            "receptions": {name: list(reception) for name, reception in self.receptions.items()},
            "alcohol": {
                "readings": [list(reading) for reading in self.alcohol.readings],
                "reported": [list(reported) for reported in self.alcohol.reported],
                "whole_from_ms": self.alcohol.whole_from_ms,
            },
            "silences": [list(silence) for silence in self.silences],
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> State:
        """Raises OtherRules when other rules left it."""
        if given["rule_version"] != RULE_VERSION:
            raise OtherRules(f"The state was left by rules {given['rule_version']}; these are {RULE_VERSION}.")
        zones = given["zones"]
        known = Known(
            np.array([_row(given["device"], FRESH_DEVICE)], DEVICE),
            np.zeros((1, CARRIED), FIX),
            np.array([_row(zone, FRESH_WATCH) for zone in zones], WATCH),
            np.zeros((len(zones), KEPT), FIX),
        )
        for fixes, owner in zip((known.carried[0], *known.kept), (given["device"], *zones), strict=True):
            for place, values in owner["fixes"].items():
                fixes[int(place)] = tuple(map(_finite_or_not, values))
        alcohol = given["alcohol"]
        return cls(
            until_ms=given["until_ms"],
            keys=tuple(Key(*(zone[name] for name in Key._fields)) for zone in zones),
            known=known,
            receptions={name: Reception(*values) for name, values in given["receptions"].items()},
            alcohol=AlcoholKept(
                tuple(Reading(*values) for values in alcohol["readings"]),
                tuple((kind, until_ms) for kind, until_ms in alcohol["reported"]),
                alcohol["whole_from_ms"],
            ),
            silences=tuple(Span(*silence) for silence in given["silences"]),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, State) and self.as_json() == other.as_json()

    __hash__ = None  # type: ignore[assignment]


def carried_on(rules: Rules, state: State | None) -> Known:
    """Rows to go on from: a copy of the state's, in the order of these rules. A zone not seen before begins anew."""
    if state is None:
        return nothing_known(1, len(rules.keys))
    before = state.known
    if tuple(rules.keys) == state.keys:
        return Known(*(rows.copy() for rows in before))
    known = nothing_known(1, len(rules.keys))
    known.devices[:], known.carried[:] = before.devices, before.carried
    place = {key: row for row, key in enumerate(state.keys)}
    for row, key in enumerate(rules.keys):
        if key in place:
            known.watches[row] = before.watches[place[key]]
            known.kept[row] = before.kept[place[key]]
    return known


def _fresh(rows: Rows) -> dict[str, float]:
    return dict(zip(rows.dtype.names, rows[0].item(), strict=True))


FRESH_DEVICE, FRESH_WATCH = _fresh(nothing_known(1, 1).devices), _fresh(nothing_known(1, 1).watches)
PASSING = "window"  # found anew by every walk


def _known_of(row: Sequence[float], fresh: Mapping[str, float]) -> dict[str, Any]:
    """The fields that are not as they were before the first reading."""
    return {
        name: _number(value)
        for (name, before), value in zip(fresh.items(), row, strict=True)
        if value != before and name != PASSING and (value == value or before == before)
    }


def _row(given: Mapping[str, Any], fresh: Mapping[str, float]) -> tuple[float, ...]:
    return tuple(_finite_or_not(given.get(name, before)) for name, before in fresh.items())


def _fixes_of(fixes: Sequence[Sequence[float]]) -> dict[str, list[Any]]:
    """By place; the instant of a place nobody wrote to is 0."""
    return {str(place): [_number(value) for value in fix] for place, fix in enumerate(fixes) if fix[0]}


def _number(value: float) -> float | str:
    """JSON has no word for what is not finite; `_finite_or_not` reads this one."""
    return value if math.isfinite(value) else repr(value)


def _finite_or_not(value: float | str) -> float:
    return float(value) if isinstance(value, str) else value
