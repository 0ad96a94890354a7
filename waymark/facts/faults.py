"""Input that cannot be right: every fault with its path, in words that say what to give."""

from __future__ import annotations

from dataclasses import dataclass


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
