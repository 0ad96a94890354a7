"""Events of a term: entered once, voided with a reason, entered anew. Nothing is edited."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Any

from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.cases.actions.determinations import record_determination
from waymark.cases.actions.saving import (
    CannotEnter,
    check_fields,
    check_not_in_future,
    check_readable,
    day_of,
    entered,
    void,
    writing,
)
from waymark.cases.facts import as_question, asks_217_703
from waymark.cases.models import ChargeEntry, Event, Term, TermEntry
from waymark.web.clock import now

# What an event of this kind must say beside its day, and what to do when it does not.
ASKED_OF = {
    Event.Kind.HEARING: {"outcome": "Choose how the hearing ended."},
    Event.Kind.HEARING_SET: {"hearing_on": "Give the day the hearing is set for."},
    Event.Kind.TERM_EXTENDED: {
        "years": "Give how long the court extended the term: years, months or both.",
        "violation_found": "Say whether the court found a violation when it extended the term, yes or no.",
    },
}
SAID_ONLY_OF = {
    "outcome": Event.Kind.HEARING,
    "hearing_on": Event.Kind.HEARING_SET,
    "years": Event.Kind.TERM_EXTENDED,
    "months": Event.Kind.TERM_EXTENDED,
    "violation_found": Event.Kind.TERM_EXTENDED,
}
SAID_OF_EVENT = ("kind", "on", "outcome", "hearing_on", "years", "months", "violation_found", "words")
ONCE_IN_A_TERM = (Event.Kind.RESTITUTION_PAID, Event.Kind.DISCHARGED)


def enter_event(
    term: Term,
    *,
    kind: str,
    on: date,
    by: User | None,
    version: int,
    at: datetime | None = None,
    outcome: str = "",
    hearing_on: date | None = None,
    years: int | None = None,
    months: int | None = None,
    violation_found: bool | None = None,
    words: str = "",
    why: str = "",
) -> Event:
    """Enter what happened in a term on a day, and determine the term anew.

    `version` is the CourtCase.version the writer saw. Raises CannotEnter, naming the field, for what cannot be right,
    by itself or beside what is recorded already; StaleCase when somebody else saved first.
    """
    at = at or now()
    event = Event(
        term=term,
        kind=kind,
        on=on,
        outcome=outcome,
        hearing_on=hearing_on,
        years=years,
        months=months,
        violation_found=violation_found,
        words=words,
        **entered(by, at),
    )
    with writing(term.case, version, [term]):
        _check(event, at)
        event.save(force_insert=True)
        record(
            by=by,
            verb="event.entered",
            subject=event,
            person_id=term.case.person_id,
            why=why,
            detail={"term": term.pk, **said_of(event)},
        )
        record_determination(term, day_of(at), f"{event.get_kind_display()}: entered", by, at=at)
    return event


def void_event(event: Event, *, reason: str, by: User | None, version: int, at: datetime | None = None) -> None:
    """Void an event that was entered by mistake, and determine the term anew. Raises CannotEnter when no reason is
    given or when another event makes no sense without this one; StaleCase when somebody else saved first."""
    at = at or now()
    term = event.term
    with writing(term.case, version, [term]):
        void(event, case=term.case, reason=reason, by=by, at=at)
        _check_rest_is_readable(event, at)
        record(
            by=by,
            verb="event.voided",
            subject=event,
            person_id=term.case.person_id,
            why=event.void_reason,
            detail={"term": term.pk, **said_of(event)},
        )
        record_determination(term, day_of(at), f"{event.get_kind_display()}: voided", by, at=at)


def correct_event(
    event: Event, *, reason: str, by: User | None, version: int, at: datetime | None = None, **corrected: Any
) -> Event:
    """Void the event and enter it anew with `corrected` (names as in enter_event), in one transaction, and determine
    the term once. Only what stands in the end must make sense. Raises CannotEnter and StaleCase as enter_event does."""
    at = at or now()
    term = event.term
    anew = Event(term=term, **{name: getattr(event, name) for name in SAID_OF_EVENT} | corrected, **entered(by, at))
    with writing(term.case, version, [term]):
        void(event, case=term.case, reason=reason, by=by, at=at)
        _check(anew, at, instead_of=event)
        anew.save(force_insert=True)
        before, after = said_of(event), said_of(anew)
        names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        record(
            by=by,
            verb="event.corrected",
            subject=anew,
            person_id=term.case.person_id,
            why=event.void_reason,
            detail={
                "term": term.pk,
                "instead_of": event.pk,
                "changes": {name: [before.get(name), after.get(name)] for name in names},
            },
        )
        record_determination(term, day_of(at), f"{anew.get_kind_display()}: corrected", by, at=at)
    return anew


def said_of(event: Event) -> dict[str, object]:
    """What the event says, for the audit chain."""
    told = {
        "kind": event.kind,
        "on": event.on.isoformat(),
        "outcome": event.outcome,
        "hearing_on": event.hearing_on.isoformat() if event.hearing_on else None,
        "years": event.years,
        "months": event.months,
        "violation_found": event.violation_found,
        "words": event.words,
    }
    return {name: value for name, value in told.items() if value not in (None, "")}


def _check(event: Event, at: datetime, instead_of: Event | None = None) -> None:
    check_fields(event)
    _check_says_what_its_kind_asks(event)
    check_not_in_future("on", event.on, at)
    standing = list(Event.objects.standing().filter(term=event.term, on__lte=day_of(at)).order_by("on", "id"))
    _check_once(event, standing)
    stood = sorted([*standing, instead_of], key=lambda row: row.on) if instead_of else standing
    _check_law_can_read(event, standing, stood, at)


def _check_says_what_its_kind_asks(event: Event) -> None:
    missing = []
    for field, sentence in ASKED_OF.get(Event.Kind(event.kind), {}).items():
        given = (event.years or event.months) if field == "years" else getattr(event, field)
        if given in (None, "", 0) and given is not False:
            missing.append((field, sentence))
    label = event.get_kind_display()
    misplaced = [
        (field, f"This is not said of “{label}”. Leave it empty, or choose another kind of event.")
        for field, kind in SAID_ONLY_OF.items()
        if kind != event.kind and getattr(event, field) not in (None, "")
    ]
    if missing or misplaced:
        raise CannotEnter(*missing, *misplaced)
    if event.hearing_on and event.hearing_on < event.on:
        raise CannotEnter(("hearing_on", f"A hearing set on {event.on} cannot be held before. Give a later day."))


def _check_once(event: Event, standing: list[Event]) -> None:
    before = [other for other in standing if other.kind == event.kind]
    if event.kind in ONCE_IN_A_TERM and before:
        label = event.get_kind_display()
        raise CannotEnter(
            ("kind", f"“{label}” stands in this term already, on {before[0].on}. If that day is wrong, void it first.")
        )


def _check_law_can_read(event: Event, standing: list[Event], stood: list[Event], at: datetime) -> None:
    """A term is checked as a whole: a release without custody, or two custodies at once, shows only beside the rest."""
    said, offense = _said_of_term(event.term)
    if said is None:
        raise CannotEnter(("", "Nothing stands recorded of this term. Correct the term first."))
    if not asks_217_703(event.term.case, said):
        return
    with_it = sorted([*standing, event], key=lambda row: row.on)  # stable: what is entered last comes last that day
    check_readable(
        as_question(said, offense, stood, day_of(at)),
        as_question(said, offense, with_it, day_of(at)),
        partial(_field_of, kind=event.kind),
    )


def _check_rest_is_readable(event: Event, at: datetime) -> None:
    said, offense = _said_of_term(event.term)
    if not asks_217_703(event.term.case, said):
        return
    rest = list(Event.objects.standing().filter(term=event.term, on__lte=day_of(at)).order_by("on", "id"))
    with_it = sorted([*rest, event], key=lambda row: (row.on, row.pk))
    check_readable(
        as_question(said, offense, with_it, day_of(at)),
        as_question(said, offense, rest, day_of(at)),
        lambda path: "",
    )


def _said_of_term(term: Term) -> tuple[TermEntry | None, ChargeEntry | None]:
    said: TermEntry | None = TermEntry.objects.standing().filter(term=term).first()
    offense: ChargeEntry | None = ChargeEntry.objects.standing().filter(charge=term.charge_id).first()
    return said, offense


def _field_of(path: str, kind: str) -> str:
    """The field of the form that a fault's path speaks of; the day, when it speaks of the event among the others."""
    if path.startswith("term.extensions") and kind == Event.Kind.TERM_EXTENDED:
        asked = path.rsplit(".", 1)[-1]
        return asked if asked in ("years", "months", "violation_found") else "years"
    last = {"type": "kind", "outcome": "outcome", "hearing_on": "hearing_on"}
    return last.get(path.rsplit(".", 1)[-1], "on")
