"""A provision: one numbered rule of a statute, as a function that carries its citation, words and dates.

    @provision("217.703.1(3)", since=ENACTED)
    def supervised_by_division(s: Supervision) -> bool | None:
        "is supervised by the division of probation and parole"
        return s.supervised_by_division

Called with the facts and the day whose law counts it gives a `Finding`. The docstring is the words of the finding.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from waymark.law.faults import NotLawThen
from waymark.law.finding import Finding, answer_of

REGISTER: list[Provision] = []


@dataclass(frozen=True, slots=True)
class Provision:
    """`until` is exclusive; None: still law. `rule` takes the facts and answers True, False or None (not known)."""

    cite: str
    since: date
    until: date | None
    words: str
    rule: Callable[[Any], bool | None]

    def __call__(self, facts: Any, *, law_on: date, note: str = "") -> Finding:
        if law_on < self.since:
            raise NotLawThen(self.cite, law_on, self.since)
        return Finding(self.cite, self.words, answer_of(self.rule(facts)), (), note)

    @property
    def where(self) -> str:
        return f"{self.rule.__module__}.{self.rule.__qualname__}"


def provision(
    cite: str, *, since: date, until: date | None = None
) -> Callable[[Callable[[Any], bool | None]], Provision]:
    def declare(rule: Callable[[Any], bool | None]) -> Provision:
        words = " ".join((inspect.getdoc(rule) or "").split())
        declared = Provision(cite, since, until, words, rule)
        REGISTER.append(declared)
        return declared

    return declare
