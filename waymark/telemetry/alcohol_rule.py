"""The numbers behind alcohol curves and tampers: dated, each with its source, for a screen and a court to read.

Marks: [S] read in the source; [R] recalled in papers, to be verified before it is quoted to a court; [P] our proposal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple


class Number(NamedTuple):
    name: str
    value: float
    unit: str
    words: str
    source: str
    mark: Literal["S", "R", "P"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A version of the numbers. `rule["peak_high"]` is a value; a screen lists `numbers`."""

    version: str
    since: str
    numbers: tuple[Number, ...]
    _values: dict[str, float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_values", {number.name: number.value for number in self.numbers})

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def as_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "since": self.since,
            "numbers": [number._asdict() for number in self.numbers],
        }


_AMS = "vendor's criteria as recalled in Barnett 2011, 2014 and TASMAC"
_MANUAL = "SCRAM manual 2009, pp. 42, 45"
_MEASURED = "measured on the 13 exports of the Bar Crawl study"
RULE = Rule(
    version="alcohol 1",
    since="2026-11-22",
    numbers=(
        Number("over", 0.020, "g/dL", "alcohol is detected at or above", _AMS, "R"),
        Number("over_in_a_row", 3, "readings", "consecutive readings at or above 0.020, at least", _AMS, "R"),
        Number("peak_high", 0.15, "g/dL", "the wider limits hold where the peak is at least", _AMS, "R"),
        Number("absorption_below", 0.05, "g/dL per hour", "absorption below, lower peak", _AMS, "R"),
        Number("absorption_below_high", 0.10, "g/dL per hour", "absorption below, high peak", _AMS, "R"),
        Number("elimination_least", 0.003, "g/dL per hour", "elimination at least", _AMS, "R"),
        Number("elimination_most", 0.025, "g/dL per hour", "elimination at most, lower peak", _AMS, "R"),
        Number("elimination_most_high", 0.035, "g/dL per hour", "elimination at most, high peak", _AMS, "R"),
        Number("low_level_readings", 3, "readings", "positive readings of a low level curve, at least", _MEASURED, "P"),
        Number("join_readings", 2, "readings", "zero or blank readings inside a curve, at most", _MEASURED, "P"),
        Number("join_minutes", 75, "minutes", "from one positive reading to the next, at most", _MEASURED, "P"),
        Number("gap_minutes", 90, "minutes", "a longer time without a reading is a gap", _MEASURED, "P"),
        Number("ir_variance_v", 0.25, "V", "the infrared voltage may differ from its baseline by", _MANUAL, "S"),
        Number(
            "ir_baseline_readings", 3, "readings", "after installation, their median is the baseline", _MEASURED, "P"
        ),
        Number("ir_back_readings", 1, "readings", "back in range that do not end an obstruction", "proposal", "P"),
        Number("obstruction_suspected_h", 4, "hours", "an obstruction is suspected after", _MEASURED, "P"),
        Number(
            "obstruction_confirmable_h", 8, "hours", "an obstruction is confirmable after", "accounts of counsel", "P"
        ),
        Number(
            "ambient_within_f", 3, "°F", "above the ambient trend, at most, when the device is off", "proposal", "P"
        ),
        Number("ambient_hours", 24, "hours", "of temperatures that make a trend (their lowest)", "proposal", "P"),
        Number("removal_readings", 2, "readings", "off and at ambient, at least", "proposal", "P"),
    ),
)


def rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)
