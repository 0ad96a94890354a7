"""The only bridge from the database to a rule: what is recorded of a term, in the JSON of `waymark law ecc`.

None means not recorded. Facts are those that stood on `as_of` in the record as it is, or as it was known at an instant.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.conf import settings

from waymark.cases.models import ChargeEntry, CourtCase, Event, FactQuerySet, Level, Term, TermEntry

Facts = dict[str, Any]

# The terms that 217.703 speaks of, in cases under state law; an ordinance is not its matter.
ECC_TERMS = frozenset({TermEntry.Kind.PROBATION, TermEntry.Kind.PAROLE, TermEntry.Kind.CONDITIONAL_RELEASE})

# Said elsewhere in the question (extensions, restitution), or nothing that 217.703 asks about (a discharge).
NOT_AMONG_THE_EVENTS = frozenset({Event.Kind.TERM_EXTENDED, Event.Kind.RESTITUTION_PAID, Event.Kind.DISCHARGED})


def ecc_facts(term: Term, as_of: date, known_at: datetime | None = None) -> Facts:
    """What is recorded of one term, as of a day; with `known_at`, as the record stood at that instant."""
    return law_facts_for([term], as_of, known_at)[term.pk]


def law_facts_for(terms: Iterable[Term], as_of: date, known_at: datetime | None = None) -> dict[int, Facts]:
    """The same for many terms by id, in three queries however many there are."""
    terms = list(terms)
    said_of_terms = {entry.term_id: entry for entry in _recorded(TermEntry, known_at).filter(term__in=terms)}
    charges = {term.charge_id for term in terms if term.charge_id}
    said_of_charges = {entry.charge_id: entry for entry in _recorded(ChargeEntry, known_at).filter(charge__in=charges)}
    events: dict[int, list[Event]] = defaultdict(list)
    for event in _recorded(Event, known_at).filter(term__in=terms, on__lte=as_of).order_by("on", "id"):
        events[event.term_id].append(event)
    return {
        term.pk: as_question(
            said_of_terms.get(term.pk), said_of_charges.get(term.charge_id), events.get(term.pk, []), as_of
        )
        for term in terms
    }


def asks_217_703(case: CourtCase, said: TermEntry | None) -> bool:
    """Whether the section speaks of such a term at all."""
    return said is not None and said.kind in ECC_TERMS and case.kind != CourtCase.Kind.MUNICIPAL


def as_question(said: TermEntry | None, offense: ChargeEntry | None, events: Iterable[Event], as_of: date) -> Facts:
    """The question to the law from rows, saved or not yet saved; `events` in the order they happened, none after
    `as_of`. The readings the agency has chosen are part of the question, and so of every determination kept."""
    events = list(events)
    question: Facts = {
        "as_of": as_of.isoformat(),
        "term": {
            "kind": said.kind if said else None,
            "begins_on": said.begins_on.isoformat() if said else None,
            "years": said.years if said and _has_length(said) else None,
            "months": said.months if said and _has_length(said) else None,
            "sentence": (said.sentence or None) if said else None,
            "sentenced_on": _day(said.sentenced_on) if said else None,
            "extensions": [_extension(event) for event in events if event.kind == Event.Kind.TERM_EXTENDED],
        },
        "offense": {
            "section": offense.section if offense else None,
            "chapter": chapter_of(offense.section) if offense else None,
            "class": (offense.offense_class or None) if offense else None,
            "felony": offense.level == Level.FELONY if offense else None,
        },
        "supervised_by_division": said.supervised_by_division if said else None,
        "lifetime_supervision": said.lifetime_supervision if said else None,
        "restitution": {
            "ordered": said.restitution_ordered if said else None,
            "paid_in_full_on": _restitution_paid_on(events),
        },
        "events": [_event(event) for event in events if event.kind not in NOT_AMONG_THE_EVENTS],
    }
    if settings.LAW_READINGS:
        question["interpretations"] = dict(settings.LAW_READINGS)
    return question


def chapter_of(section: str) -> int | None:
    """The chapter of a section number: 565 of "565.052.1(2)"; None for an ordinance's number."""
    numbered = re.match(r"(\d+)\.", section)
    return int(numbered[1]) if numbered else None


def _recorded(kind: type[Any], known_at: datetime | None) -> Any:
    rows: FactQuerySet = kind.objects.all()
    return rows.standing() if known_at is None else rows.known_at(known_at)


def _has_length(said: TermEntry) -> bool:
    return bool(said.years or said.months)


def _event(event: Event) -> Facts:
    told: Facts = {"on": event.on.isoformat(), "type": event.kind}
    if event.outcome:
        told["outcome"] = event.outcome
    if event.hearing_on:
        told["hearing_on"] = event.hearing_on.isoformat()
    return told


def _extension(event: Event) -> Facts:
    return {
        "ordered_on": event.on.isoformat(),
        "years": event.years or 0,
        "months": event.months or 0,
        "violation_found": event.violation_found,
    }


def _restitution_paid_on(events: list[Event]) -> str | None:
    paid = [event.on for event in events if event.kind == Event.Kind.RESTITUTION_PAID]
    return max(paid).isoformat() if paid else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
