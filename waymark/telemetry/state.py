"""What an evaluation leaves for the next one: the kernel's rows by zone and version, and alcohol readings still needed.

text = json.dumps(state.as_json())
state == State.from_json(json.loads(text))        # in another process, on another day
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from waymark.telemetry.compiled import Key, Rules
from waymark.telemetry.geometry import Row, Rows
from waymark.telemetry.kernel import RULE_VERSION, Known, nothing_known
from waymark.telemetry.readings import Reading, Reception


class OtherRules(ValueError):
    """The state was left by other rules. Evaluate the activation's readings anew."""


@dataclass(frozen=True, slots=True)
class AlcoholKept:
    """Readings that an alcohol curve or a tamper may still need, and the ends of those already reported as over."""

    readings: tuple[Reading, ...] = ()
    reported: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class State:
    """Everything known at `until_ms`. `receptions`: of each device's satellite receiver, "" is the wearer's own."""

    until_ms: int
    keys: tuple[Key, ...]
    known: Known
    receptions: Mapping[str, Reception] = field(default_factory=dict)
    alcohol: AlcoholKept = AlcoholKept()

    def as_json(self) -> dict[str, Any]:
        known, fresh = self.known, nothing_known(1, 1)
        return {
            "rule_version": RULE_VERSION,
            "until_ms": self.until_ms,
            "device": _row_as_json(known.devices[0], fresh.devices[0])
            | {"fixes": _fixes_as_json(known.carried[0], fresh.carried[0])},
            "zones": [
                key._asdict() | _row_as_json(watch, fresh.watches[0]) | {"fixes": _fixes_as_json(kept, fresh.kept[0])}
                for key, watch, kept in zip(self.keys, known.watches, known.kept, strict=True)
            ],
            "receptions": {name: list(reception) for name, reception in self.receptions.items()},
            "alcohol": {
                "readings": [list(reading) for reading in self.alcohol.readings],
                "reported": [list(reported) for reported in self.alcohol.reported],
            },
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> State:
        """Raises OtherRules when other rules left it."""
        if given["rule_version"] != RULE_VERSION:
            raise OtherRules(f"The state was left by rules {given['rule_version']}; these are {RULE_VERSION}.")
        keys = tuple(Key(*(zone[name] for name in Key._fields)) for zone in given["zones"])
        known = nothing_known(1, len(keys))
        _fill(known.devices[0], known.carried[0], given["device"])
        for watch, kept, zone in zip(known.watches, known.kept, given["zones"], strict=True):
            _fill(watch, kept, zone)
        alcohol = given["alcohol"]
        return cls(
            until_ms=given["until_ms"],
            keys=keys,
            known=known,
            receptions={name: Reception(*values) for name, values in given["receptions"].items()},
            alcohol=AlcoholKept(
                tuple(Reading(*values) for values in alcohol["readings"]),
                tuple((kind, until_ms) for kind, until_ms in alcohol["reported"]),
            ),
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


PASSING = ("window",)  # found anew by every walk


def _row_as_json(row: Row, fresh: Row) -> dict[str, Any]:
    """The fields that are not as they were before the first reading."""
    names = row.dtype.names
    return {
        name: _number(value)
        for name, value, before in zip(names, row.item(), fresh.item(), strict=True)
        if value != before and name not in PASSING and not (value != value and before != before)
    }


def _fixes_as_json(fixes: Rows, fresh: Rows) -> dict[str, list[Any]]:
    return {
        str(place): [_number(value) for value in fix.item()]
        for place, (fix, before) in enumerate(zip(fixes, fresh, strict=True))
        if fix.item() != before.item()
    }


def _number(value: float) -> float | str:
    """JSON has no word for what is not finite; Python's float() reads this one."""
    return value if np.isfinite(value) else repr(value)


def _fill(row: Row, fixes: Rows, given: Mapping[str, Any]) -> None:
    for name in row.dtype.names:
        if name in given:
            row[name] = float(given[name]) if row.dtype[name].kind == "f" else given[name]
    for place, values in given["fixes"].items():
        fixes[int(place)] = _fix(values)


def _fix(values: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(float(value) if isinstance(value, str) else value for value in values)
