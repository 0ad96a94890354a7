"""Stays in a program or facility. Ending one voids the open row and enters the whole stay anew."""

from __future__ import annotations

from datetime import date, datetime

from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.cases.actions.saving import CannotEnter, check_fields, check_not_in_future, entered, void, writing
from waymark.cases.models import Placement, Term
from waymark.web.clock import now


def add_placement(
    term: Term,
    *,
    program: str,
    placed_on: date,
    by: User | None,
    version: int,
    facility: str = "",
    at: datetime | None = None,
    why: str = "",
) -> Placement:
    at = at or now()
    placement = Placement(term=term, program=program, facility=facility, placed_on=placed_on, **entered(by, at))
    with writing(term.case, version):
        check_fields(placement)
        check_not_in_future("placed_on", placement.placed_on, at)
        placement.save(force_insert=True)
        record(
            by=by,
            verb="placement.entered",
            subject=placement,
            person_id=term.case.person_id,
            why=why,
            detail={"term": term.pk, "program": program, "placed_on": placement.placed_on.isoformat()},
        )
    return placement


def end_placement(
    placement: Placement,
    *,
    ended_on: date,
    outcome: str,
    by: User | None,
    version: int,
    at: datetime | None = None,
    why: str = "",
) -> Placement:
    """The stay [placed_on, ended_on) with its outcome. Raises CannotEnter for an end before its start."""
    at = at or now()
    case = placement.term.case
    ended = Placement(
        term=placement.term,
        program=placement.program,
        facility=placement.facility,
        placed_on=placement.placed_on,
        ended_on=ended_on,
        outcome=outcome,
        **entered(by, at),
    )
    with writing(case, version):
        check_fields(ended)
        if ended.ended_on and ended.ended_on < ended.placed_on:
            raise CannotEnter(("ended_on", f"The stay began on {ended.placed_on}. Give that day or a later one."))
        check_not_in_future("ended_on", ended_on, at)
        void(placement, case=case, reason="The stay ended; entered anew with its end.", by=by, at=at)
        ended.save(force_insert=True)
        record(
            by=by,
            verb="placement.ended",
            subject=ended,
            person_id=case.person_id,
            why=why,
            detail={"ended_on": ended_on.isoformat(), "outcome": outcome, "instead_of": placement.pk},
        )
    return ended
