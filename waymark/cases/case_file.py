"""Everything written about one case, as it stood on a day and as it was known at an instant, in a fixed number of
queries. A hearing asks just this: what stood then, and what was known then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from waymark.cases.facts import asks_217_703
from waymark.cases.models import (
    Charge,
    ChargeEntry,
    Condition,
    ConditionProgress,
    CourtCase,
    Deadline,
    Document,
    Event,
    Fact,
    Note,
    Order,
    Party,
    Placement,
    Task,
    Term,
    TermEntry,
)


@dataclass(frozen=True)
class View:
    """From where the file is looked at. `known_at` None: as it is known now; voided facts are then shown struck."""

    on: date
    known_at: datetime | None = None

    def struck(self, fact: Fact) -> bool:
        return fact.voided_at is not None and (self.known_at is None or fact.voided_at <= self.known_at)


@dataclass(frozen=True)
class Told:
    """A fact and whether it had been voided by then."""

    fact: Any
    struck: bool

    @property
    def words(self) -> str:
        """An event in words."""
        return event_words(self.fact)


@dataclass(frozen=True)
class Hearing:
    set_on: date | None
    hearing_on: date
    state: str  # "set", "held" or "lapsed"
    outcome: str


@dataclass(frozen=True)
class Ending:
    """How and when the court ended a term: "discharged" or "revoked"; "ran out" where nobody did and its days are
    over."""

    how: str
    on: date

    @property
    def words(self) -> str:
        return f"{self.how} {self.on:%Y-%m-%d %a}"


@dataclass(frozen=True)
class ConditionFile:
    condition: Condition
    progress: list[Told]

    @property
    def done(self) -> int:
        return sum(told.fact.amount for told in self.progress if not told.struck)

    @property
    def met_on(self) -> date | None:
        """The day somebody found it met."""
        days = [told.fact.on for told in self.progress if told.fact.completes and not told.struck]
        return min(days) if days else None

    @property
    def all_done_on(self) -> date | None:
        """The day it was found met, or else of the part with which the whole amount was done."""
        days = [told.fact.on for told in self.progress if not told.struck]
        counted = bool(self.condition.counted_in) and self.done >= self.condition.amount
        return self.met_on or (max(days) if counted and days else None)


@dataclass(frozen=True)
class ChargeFile:
    charge: Charge
    said: ChargeEntry | None
    earlier: list[ChargeEntry]


@dataclass(frozen=True)
class TermFile:
    term: Term
    said: TermEntry | None
    earlier: list[TermEntry]
    charge: ChargeFile | None
    events: list[Told]
    hearings: list[Hearing]
    placements: list[Told]
    conditions: list[ConditionFile]
    deadlines: list[Deadline]
    tasks: list[Task]

    @property
    def met(self) -> int:
        """How many conditions were found met."""
        return sum(1 for condition in self.conditions if condition.met_on)

    @property
    def restitution(self) -> ConditionFile | None:
        """The condition that is the restitution the court ordered, where one stands."""
        return next(
            (row for row in self.conditions if row.condition.is_restitution and not row.condition.ended_on), None
        )

    @property
    def restitution_paid_on(self) -> date | None:
        """The day of the event that says it is paid in full."""
        paid = [t.fact.on for t in self.events if t.fact.kind == Event.Kind.RESTITUTION_PAID and not t.struck]
        return max(paid) if paid else None

    @property
    def restitution_to_confirm_on(self) -> date | None:
        """The day all of it was paid, where nobody has entered the event that says so. None: nothing to confirm."""
        return self.restitution.all_done_on if self.restitution and not self.restitution_paid_on else None

    @property
    def ended(self) -> Ending | None:
        """How the court ended it by then. None while it runs."""
        return ending([told.fact for told in self.events if not told.struck])

    @property
    def earns_credits(self) -> bool:
        """Whether 217.703 speaks of such a term."""
        return self.said is not None and asks_217_703(self.term.case, self.said)


@dataclass(frozen=True)
class Moment:
    """One line of the timeline."""

    on: date
    what: str
    words: str
    struck: bool


@dataclass(frozen=True)
class CaseFile:
    case: CourtCase
    seen_from: View
    parties: list[Party]
    charges: list[ChargeFile]
    terms: list[TermFile]
    orders: list[Told]
    notes: list[Told]
    documents: list[Told]
    timeline: list[Moment] = field(default_factory=list)


def end_of(day: date) -> datetime:
    """The instant at which the day ends in the court's own calendar: what was known on it was entered before."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)) - timedelta(microseconds=1)


def case_file(case: CourtCase, seen_from: View) -> CaseFile:
    """The file of the case."""
    charges = _charges(case, seen_from)
    terms = _terms(case, seen_from, {file.charge.pk: file for file in charges})
    orders = _told(Order.objects.filter(case=case, ordered_on__lte=seen_from.on), seen_from)
    notes = _told(Note.objects.filter(case=case, on__lte=seen_from.on), seen_from)
    documents = _told(Document.objects.filter(case=case, entered_at__lte=end_of(seen_from.on)), seen_from)
    return CaseFile(
        case=case,
        seen_from=seen_from,
        parties=list(Party.objects.filter(case=case).order_by("capacity", "name")),
        charges=charges,
        terms=terms,
        orders=orders,
        notes=notes,
        documents=documents,
        timeline=_timeline(terms, orders, notes, documents),
    )


def _charges(case: CourtCase, seen_from: View) -> list[ChargeFile]:
    said = _entries(ChargeEntry.objects.filter(charge__case=case), seen_from, "charge_id")
    return [ChargeFile(charge, *_standing(said[charge.pk])) for charge in Charge.objects.filter(case=case)]


def _terms(case: CourtCase, seen_from: View, charges: dict[int, ChargeFile]) -> list[TermFile]:
    of_case = {"term__case": case}
    said = _entries(TermEntry.objects.filter(**of_case), seen_from, "term_id")
    events = _by_term(_told(Event.objects.filter(**of_case, on__lte=seen_from.on), seen_from))
    placements = _by_term(_told(Placement.objects.filter(**of_case, placed_on__lte=seen_from.on), seen_from))
    progress = _told(ConditionProgress.objects.filter(condition__term__case=case, on__lte=seen_from.on), seen_from)
    conditions = _conditions(case, progress)
    deadlines = _grouped(Deadline.objects.filter(**of_case, state=Deadline.State.OPEN).select_related("owner"))
    tasks = _grouped(Task.objects.filter(**of_case, state=Task.State.OPEN).select_related("owner"))
    return [
        TermFile(
            term,
            *_standing(said[term.pk]),
            charge=charges.get(term.charge_id or 0),
            events=events[term.pk],
            hearings=hearings([told.fact for told in events[term.pk] if not told.struck], seen_from.on),
            placements=placements[term.pk],
            conditions=conditions[term.pk],
            deadlines=deadlines[term.pk],
            tasks=tasks[term.pk],
        )
        for term in Term.objects.filter(case=case)
    ]


def hearings(events: Iterable[Event], on: date) -> list[Hearing]:
    """Hearings set, held and lapsed as of a day. A hearing answers the settings before it that are still open; a
    setting whose day has passed with no hearing has lapsed."""
    found: list[Hearing] = []
    open_settings: list[Event] = []
    for event in sorted(events, key=lambda event: event.on):
        if event.kind == Event.Kind.HEARING_SET:
            open_settings.append(event)
        elif event.kind == Event.Kind.HEARING:
            set_on = open_settings[-1].on if open_settings else None
            found.append(Hearing(set_on, event.on, "held", event.get_outcome_display()))
            open_settings = []
    for event in open_settings:
        day = event.hearing_on or event.on
        found.append(Hearing(event.on, day, "set" if day >= on else "lapsed", ""))
    return sorted(found, key=lambda hearing: hearing.hearing_on)


def ending(events: Iterable[Event]) -> Ending | None:
    """The last discharge or revocation among standing events. None: the court has ended nothing."""
    for event in sorted(events, key=lambda event: event.on, reverse=True):
        if event.kind == Event.Kind.DISCHARGED:
            return Ending("discharged", event.on)
        if event.kind == Event.Kind.HEARING and event.outcome == Event.Outcome.REVOKED:
            return Ending("revoked", event.on)
    return None


def _conditions(case: CourtCase, progress: list[Told]) -> dict[int, list[ConditionFile]]:
    done: dict[int, list[Told]] = defaultdict(list)
    for told in progress:
        done[told.fact.condition_id].append(told)
    files: dict[int, list[ConditionFile]] = defaultdict(list)
    for condition in Condition.objects.filter(term__case=case).select_related("order"):
        files[condition.term_id].append(ConditionFile(condition, done[condition.pk]))
    return files


def _told(rows: Any, seen_from: View) -> list[Told]:
    """The rows entered by then, each with whether it was voided by then."""
    if seen_from.known_at is not None:
        rows = rows.filter(entered_at__lte=seen_from.known_at)
    return [Told(row, seen_from.struck(row)) for row in rows.select_related("entered_by", "voided_by")]


def _entries(rows: Any, seen_from: View, anchor: str) -> dict[int, list[Told]]:
    grouped: dict[int, list[Told]] = defaultdict(list)
    for told in _told(rows.order_by("entered_at", "id"), seen_from):
        grouped[getattr(told.fact, anchor)].append(told)
    return grouped


def _standing(entries: list[Told]) -> tuple[Any, list[Any]]:
    """What stands, and what stood before it was corrected."""
    standing = [told.fact for told in entries if not told.struck]
    return (standing[-1] if standing else None), [told.fact for told in entries if told.struck]


def _by_term(told: list[Told]) -> dict[int, list[Told]]:
    grouped: dict[int, list[Told]] = defaultdict(list)
    for one in told:
        grouped[one.fact.term_id].append(one)
    return grouped


def _grouped(rows: Iterable[Any]) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row.term_id].append(row)
    return grouped


def _timeline(terms: list[TermFile], orders: list[Told], notes: list[Told], documents: list[Told]) -> list[Moment]:
    """Everything dated, the latest first."""
    moments = [Moment(o.fact.ordered_on, o.fact.kind, o.fact.words, o.struck) for o in orders]
    moments += [Moment(n.fact.on, "Note", n.fact.words, n.struck) for n in notes]
    moments += [Moment(timezone.localdate(d.fact.entered_at), "Document", d.fact.title, d.struck) for d in documents]
    for term in terms:
        if term.said:
            moments.append(Moment(term.said.begins_on, f"{term.said.get_kind_display()} began", "", struck=False))
        moments += [Moment(e.fact.on, event_words(e.fact), e.fact.words, e.struck) for e in term.events]
        moments += [
            Moment(p.fact.placed_on, f"Placed: {p.fact.program}", p.fact.facility, p.struck) for p in term.placements
        ]
        moments += [
            Moment(p.fact.on, f"Progress: {c.condition.words}", p.fact.words, p.struck)
            for c in term.conditions
            for p in c.progress
        ]
    return sorted(moments, key=lambda moment: moment.on, reverse=True)


def event_words(event: Event) -> str:
    """ "Hearing held: continued on supervision" """
    words = event.get_kind_display()
    if event.outcome:
        words += f": {event.get_outcome_display().lower()}"
    if event.hearing_on:
        words += f" for {event.hearing_on:%Y-%m-%d %a}"
    if event.years or event.months:
        parts = [f"{n} {unit}{'s' * (n != 1)}" for n, unit in ((event.years, "year"), (event.months, "month")) if n]
        words += f" by {' and '.join(parts)}"
    return words


def standing_entry(term: Term) -> TermEntry | None:
    """What stands recorded of the term."""
    entry: TermEntry | None = TermEntry.objects.standing().filter(term=term).first()
    return entry


def standing_charge(charge: Charge) -> ChargeEntry | None:
    """What stands recorded of the charge."""
    entry: ChargeEntry | None = ChargeEntry.objects.standing().filter(charge=charge).first()
    return entry
