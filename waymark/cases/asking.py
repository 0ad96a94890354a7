"""Asking the law without keeping the answer: a page's own question, a what-if, and an event not yet saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db import transaction

from waymark.facts.faults import FaultyFacts
from waymark.law.missouri import ecc_217_703 as ecc

Json = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Asked:
    """A question and its answer; where the facts cannot be right there is no answer but `faults`, as sentences."""

    facts: Json
    answer: Json | None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Supposed:
    """An event that has not happened."""

    kind: str
    on: date
    outcome: str = ""
    hearing_on: date | None = None

    def as_fact(self) -> dict[str, Any]:
        told: dict[str, Any] = {"on": self.on.isoformat(), "type": self.kind}
        if self.outcome:
            told["outcome"] = self.outcome
        if self.hearing_on:
            told["hearing_on"] = self.hearing_on.isoformat()
        return told


def ask(facts: Json) -> Asked:
    """What 217.703 says to these facts."""
    try:
        return Asked(facts, ecc.determine(ecc.read(facts)).as_json())
    except FaultyFacts as faulty:
        return Asked(facts, None, tuple(sentence(fault.words) for fault in faulty.faults))


def asked_on(facts: Json, day: date | str) -> Json:
    """The same facts looked at from `day`, when that is later: what is supposed for a later day is seen from there,
    and every month until then counts as lived in compliance."""
    return {**facts, "as_of": max(facts["as_of"], str(day))}


def supposing(
    facts: Json,
    events: list[Supposed],
    restitution_paid_on: date | None = None,
    readings: Mapping[str, Any] | None = None,
) -> Json:
    """The facts as they would be: with these events, restitution paid, and these readings of the law by name."""
    supposed = dict(facts)
    for day in [event.on for event in events] + ([restitution_paid_on] if restitution_paid_on else []):
        supposed = dict(asked_on(supposed, day))
    happened = [*facts["events"], *(event.as_fact() for event in events)]
    supposed["events"] = sorted(happened, key=lambda event: str(event["on"]))  # stable: the supposed come last that day
    if restitution_paid_on:
        supposed["restitution"] = {**facts["restitution"], "paid_in_full_on": restitution_paid_on.isoformat()}
    if readings:
        supposed["interpretations"] = {**facts.get("interpretations", {}), **readings}
    return supposed


def rehearse(act: Callable[[], object], look: Callable[[], T]) -> T:
    """What can be seen once the act is done. It is really done, with every check its verb makes, and taken back before
    anybody else can see it; what the verb raises is raised."""
    with transaction.atomic():
        act()
        seen = look()
        transaction.set_rollback(True)
    return seen


def sentence(words: str) -> str:
    words = words[:1].upper() + words[1:]
    return words if words.endswith((".", "?", "!")) else words + "."
