"""Where chance comes from: a seeded `random.Random`, or Hypothesis, which then shrinks what it found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Protocol, TypeVar

T = TypeVar("T")


class Choice(Protocol):
    """The two draws everything is made from. The lowest number is the simplest outcome."""

    def randint(self, a: int, b: int, /) -> int: ...

    def choice(self, seq: Sequence[T], /) -> T: ...


def chance(choice: Choice, percent: int) -> bool:
    """True in `percent` of a hundred draws; the simplest outcome is False."""
    return choice.randint(1, 100) > 100 - percent


def weighted(choice: Choice, table: Sequence[tuple[int, T]]) -> T:
    """One of the table's values, by weight. The first is the simplest."""
    drawn = choice.randint(1, sum(weight for weight, _ in table))
    for weight, value in table:
        drawn -= weight
        if drawn <= 0:
            return value
    raise AssertionError("the weights add up to what was drawn from")


def days_after(choice: Choice, day: date, least: int, most: int) -> date:
    """A day between `least` and `most` days later."""
    return day + timedelta(days=choice.randint(least, most))
