"""A person's cases and terms with one timeline, in a fixed number of queries however many there are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from waymark.accounts.models import User
from waymark.cases.access import cases_visible_to
from waymark.cases.case_file import Ending, ending, event_words
from waymark.cases.models import ChargeEntry, CourtCase, Determination, Event, Order, Placement, Term, TermEntry
from waymark.cases.reads import current_determinations
from waymark.people.access import record_ids
from waymark.people.models import Person


@dataclass(frozen=True)
class PersonTerm:
    """A term with what stands recorded of it. `ended`: None while it runs."""

    term: Term
    said: TermEntry | None
    offense: ChargeEntry | None
    determination: Determination | None
    ended: Ending | None


@dataclass(frozen=True)
class PersonCase:
    case: CourtCase
    terms: list[PersonTerm]


@dataclass(frozen=True)
class DatedLine:
    on: date
    case: CourtCase
    words: str


@dataclass(frozen=True)
class PersonFile:
    cases: list[PersonCase]
    timeline: list[DatedLine]  # the latest first

    @property
    def running(self) -> int:
        return sum(not term.ended for case in self.cases for term in case.terms)


def person_file(user: User, person: Person) -> PersonFile:
    """What the account may see of the person's cases; a merged person's cases are those of every record."""
    cases = list(cases_visible_to(user).filter(person__in=record_ids(person)).select_related("court"))
    by_id = {case.pk: case for case in cases}
    terms = list(Term.objects.filter(case__in=cases).select_related("case"))
    said = {entry.term_id: entry for entry in TermEntry.objects.standing().filter(term__in=terms)}
    offenses = {entry.charge_id: entry for entry in ChargeEntry.objects.standing().filter(charge__case__in=cases)}
    events: dict[int, list[Event]] = defaultdict(list)
    for event in Event.objects.standing().filter(term__in=terms).order_by("on", "id"):
        events[event.term_id].append(event)
    decided = current_determinations(terms)
    told: dict[int, list[PersonTerm]] = defaultdict(list)
    lines: list[DatedLine] = []
    for term in terms:
        entry, case = said.get(term.pk), by_id[term.case_id]
        ended = ending(events[term.pk])
        offense = offenses.get(term.charge_id) if term.charge_id else None
        told[case.pk].append(PersonTerm(term, entry, offense, decided.get(term.pk), ended))
        if entry:
            lines.append(DatedLine(entry.begins_on, case, f"{entry.get_kind_display()} begins"))
        lines += [DatedLine(event.on, case, event_words(event)) for event in events[term.pk]]
    for order in Order.objects.standing().filter(case__in=cases):
        lines.append(DatedLine(order.ordered_on, by_id[order.case_id], f"Order: {order.kind}"))
    for stay in Placement.objects.standing().filter(term__in=terms).select_related("term"):
        lines.append(DatedLine(stay.placed_on, by_id[stay.term.case_id], f"Placed: {stay.program}"))
    timeline = sorted(lines, key=lambda line: line.on, reverse=True)
    return PersonFile([PersonCase(case, told[case.pk]) for case in cases], timeline)
