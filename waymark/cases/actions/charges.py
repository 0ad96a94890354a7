"""Charges of a case. A charge is an anchor; what is said of it is entered, voided and entered anew."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.cases.actions.determinations import record_determinations
from waymark.cases.actions.saving import CannotEnter, check_fields, check_readable, day_of, entered, void, writing
from waymark.cases.facts import Facts, as_question, asks_217_703
from waymark.cases.models import Charge, ChargeEntry, CourtCase, Event, Term, TermEntry
from waymark.web.clock import now

SAID_OF_CHARGE = ("section", "name", "level", "offense_class", "offense_on", "disposition", "disposed_on")


def add_charge(
    case: CourtCase,
    *,
    section: str,
    name: str,
    level: str,
    by: User | None,
    version: int,
    count: int | None = None,
    offense_class: str = "",
    offense_on: date | None = None,
    disposition: str = "",
    disposed_on: date | None = None,
    at: datetime | None = None,
    why: str = "",
) -> Charge:
    """Add a count to the case; `count` None takes the next number. Raises CannotEnter for what cannot be right (a
    class the section cannot have), StaleCase when somebody else saved first."""
    at = at or now()
    entry = ChargeEntry(
        section=section.strip(),
        name=name,
        level=level,
        offense_class=offense_class,
        offense_on=offense_on,
        disposition=disposition,
        disposed_on=disposed_on,
        **entered(by, at),
    )
    with writing(case, version):
        charge = Charge(case=case, count=count or _next_count(case))
        _check(case, entry)
        if Charge.objects.filter(case=case, count=charge.count).exists():
            raise CannotEnter(("count", f"Count {charge.count} stands in this case already. Give another number."))
        charge.save(force_insert=True)
        entry.charge = charge
        entry.save(force_insert=True)
        record(
            by=by,
            verb="charge.entered",
            subject=charge,
            person_id=case.person_id,
            why=why,
            detail={"count": charge.count, "said": said_of(entry)},
        )
    return charge


def correct_charge(
    charge: Charge, *, reason: str, by: User | None, version: int, at: datetime | None = None, **corrected: Any
) -> ChargeEntry:
    """Void what stands of the charge and enter it anew with `corrected` (names as in add_charge), in one transaction;
    every term ordered for it is determined anew. Raises CannotEnter and StaleCase as add_charge does."""
    at = at or now()
    terms = list(Term.objects.filter(charge=charge))
    with writing(charge.case, version, terms):
        stands: ChargeEntry | None = ChargeEntry.objects.standing().filter(charge=charge).first()
        if stands is None:
            raise CannotEnter(("", "Nothing stands recorded of this charge. Add the charge anew."))
        entry = ChargeEntry(charge=charge, **(_values(stands) | corrected), **entered(by, at))
        void(stands, case=charge.case, reason=reason, by=by, at=at)
        _check(charge.case, entry)
        for term in terms:
            _check_term_readable(charge.case, term, stands, entry, at)
        entry.save(force_insert=True)
        record(
            by=by,
            verb="charge.corrected",
            subject=charge,
            person_id=charge.case.person_id,
            why=stands.void_reason,
            detail={"changes": _changes(said_of(stands), said_of(entry))},
        )
        record_determinations([term.pk for term in terms], day_of(at), "charge corrected", by, at=at)
    return entry


def said_of(entry: ChargeEntry) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in _values(entry).items()}


def _changes(before: dict[str, object], after: dict[str, object]) -> dict[str, list[object]]:
    return {name: [before[name], after[name]] for name in after if before[name] != after[name]}


def _values(entry: ChargeEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in SAID_OF_CHARGE}


def _next_count(case: CourtCase) -> int:
    last = Charge.objects.filter(case=case).order_by("-count").first()
    return last.count + 1 if last else 1


def _check(case: CourtCase, entry: ChargeEntry) -> None:
    check_fields(entry)
    if entry.offense_on and entry.disposed_on and entry.disposed_on < entry.offense_on:
        raise CannotEnter(("disposed_on", f"The offense was on {entry.offense_on}. Give that day or a later one."))
    if case.kind != CourtCase.Kind.MUNICIPAL:
        check_readable(None, _alone(entry), _field_of)


def _check_term_readable(case: CourtCase, term: Term, stands: ChargeEntry, entry: ChargeEntry, at: datetime) -> None:
    said: TermEntry | None = TermEntry.objects.standing().filter(term=term).first()
    if not asks_217_703(case, said):
        return
    events = list(Event.objects.standing().filter(term=term, on__lte=day_of(at)).order_by("on", "id"))
    check_readable(
        as_question(said, stands, events, day_of(at)), as_question(said, entry, events, day_of(at)), _field_of
    )


def _alone(entry: ChargeEntry) -> Facts:
    """The offense as the law would read it in a term ordered on the day of disposition, of which nothing else is said:
    shows a section or class that cannot be, before there is a term."""
    ordered_on = entry.disposed_on or entry.offense_on or day_of(entry.entered_at)
    term = TermEntry(kind=TermEntry.Kind.PROBATION, begins_on=ordered_on, sentenced_on=entry.disposed_on)
    return as_question(term, entry, [], ordered_on)


def _field_of(path: str) -> str:
    """The form's field a fault speaks of; a fault of the term shows on the class or level that makes it one."""
    return {"offense.section": "section", "offense.chapter": "section", "offense.class": "offense_class"}.get(
        path, "level"
    )
