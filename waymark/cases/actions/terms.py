"""Terms of supervision. A term is an anchor; what is said of it is entered, voided and entered anew."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.cases.actions.determinations import record_determination
from waymark.cases.actions.saving import CannotEnter, check_fields, check_readable, day_of, entered, void, writing
from waymark.cases.facts import as_question, asks_217_703
from waymark.cases.models import Charge, ChargeEntry, CourtCase, Event, Term, TermEntry
from waymark.web.clock import now

SAID_OF_TERM = (
    "kind",
    "begins_on",
    "years",
    "months",
    "sentence",
    "sentenced_on",
    "supervised_by_division",
    "lifetime_supervision",
    "restitution_ordered",
    "restitution_cents",
)


def add_term(
    case: CourtCase,
    *,
    charge: Charge | None = None,
    kind: str,
    begins_on: date,
    by: User | None,
    version: int,
    years: int = 0,
    months: int = 0,
    sentence: str = "",
    sentenced_on: date | None = None,
    supervised_by_division: bool | None = None,
    lifetime_supervision: bool | None = None,
    restitution_ordered: bool | None = None,
    restitution_cents: int | None = None,
    at: datetime | None = None,
    why: str = "",
) -> Term:
    """Put the person on a term, and determine it. None means not recorded. Raises CannotEnter for what cannot be
    right (a term above the maximum, a class the section cannot have), StaleCase when somebody else saved first."""
    at = at or now()
    term = Term(case=case, charge=charge)
    entry = TermEntry(
        kind=kind,
        begins_on=begins_on,
        years=years,
        months=months,
        sentence=sentence,
        sentenced_on=sentenced_on,
        supervised_by_division=supervised_by_division,
        lifetime_supervision=lifetime_supervision,
        restitution_ordered=restitution_ordered,
        restitution_cents=restitution_cents,
        **entered(by, at),
    )
    with writing(case, version):
        _check(term, entry, None, at)
        term.save(force_insert=True)
        entry.term = term
        entry.save(force_insert=True)
        record(
            by=by,
            verb="term.entered",
            subject=term,
            person_id=case.person_id,
            why=why,
            detail={"said": said_of(entry)},
        )
        record_determination(term, day_of(at), "term entered", by, at=at)
    return term


def correct_term(
    term: Term, *, reason: str, by: User | None, version: int, at: datetime | None = None, **corrected: Any
) -> TermEntry:
    """Void what stands of the term and enter it anew with `corrected` (names as in add_term), in one transaction, and
    determine the term anew. Raises CannotEnter and StaleCase as add_term does."""
    at = at or now()
    with writing(term.case, version, [term]):
        stands = standing_entry(term)
        entry = TermEntry(term=term, **(_values(stands) | corrected), **entered(by, at))
        void(stands, case=term.case, reason=reason, by=by, at=at)
        _check(term, entry, stands, at)
        entry.save(force_insert=True)
        record(
            by=by,
            verb="term.corrected",
            subject=term,
            person_id=term.case.person_id,
            why=stands.void_reason,
            detail={"changes": changes(said_of(stands), said_of(entry))},
        )
        record_determination(term, day_of(at), "term corrected", by, at=at)
    return entry


def standing_entry(term: Term) -> TermEntry:
    """What stands of the term. Raises CannotEnter when nothing does."""
    entry: TermEntry | None = TermEntry.objects.standing().filter(term=term).first()
    if entry is None:
        raise CannotEnter(("", "Nothing stands recorded of this term. Add the term anew."))
    return entry


def said_of(entry: TermEntry) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in _values(entry).items()}


def changes(before: dict[str, object], after: dict[str, object]) -> dict[str, list[object]]:
    return {name: [before[name], after[name]] for name in after if before[name] != after[name]}


def _values(entry: TermEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in SAID_OF_TERM}


def _check(term: Term, entry: TermEntry, stands: TermEntry | None, at: datetime) -> None:
    check_fields(entry)
    if term.charge and term.charge.case_id != term.case_id:
        raise CannotEnter(("charge", "This charge belongs to another case. Choose one of this case."))
    if not entry.years and not entry.months and entry.kind != TermEntry.Kind.PRETRIAL:
        raise CannotEnter(("years", "Give how long the term is: years, months or both."))
    if entry.restitution_cents and not entry.restitution_ordered:
        raise CannotEnter(
            ("restitution_ordered", "An amount of restitution is given. Say that restitution is ordered.")
        )
    if not asks_217_703(term.case, entry):
        return
    offense: ChargeEntry | None = ChargeEntry.objects.standing().filter(charge=term.charge_id).first()
    happened = Event.objects.standing().filter(term=term, on__lte=day_of(at)).order_by("on", "id") if term.pk else []
    events = list(happened)
    before = as_question(stands, offense, events, day_of(at)) if stands else None
    check_readable(before, as_question(entry, offense, events, day_of(at)), _field_of)


def _field_of(path: str) -> str:
    """The form's field a fault speaks of: "term.years" is years; a fault of an event or the offense is nobody's."""
    first, _, name = path.partition(".")
    if first == "term" and name in SAID_OF_TERM:
        return name
    return first if first in SAID_OF_TERM else ""
