"""What the law says instead of an answer: input that cannot be right, a day before the law, a question for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Fault:
    """`path` names the field ("events.2.on"); `words` say what is wrong and what to give."""

    path: str
    words: str

    def __str__(self) -> str:
        return f"{self.path}: {self.words}"


class FaultyFacts(ValueError):
    """The facts cannot be right. Nothing was decided. `faults` lists every fault found, not just the first."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class NotLawThen(LookupError):
    """A provision or number was asked for a day before it became law."""

    def __init__(self, cite: str, day: date, since: date) -> None:
        super().__init__(f"{cite} became law on {since}; it says nothing about {day}.")
