"""Dated notes. A note locks when it is saved; a mistake is voided, a correction is a new note."""

from __future__ import annotations

from datetime import date, datetime

from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.cases.actions.saving import check_fields, check_not_in_future, entered, void, writing
from waymark.cases.models import CourtCase, Note
from waymark.web.clock import now


def add_note(
    case: CourtCase, *, on: date, words: str, by: User | None, version: int, at: datetime | None = None, why: str = ""
) -> Note:
    at = at or now()
    note = Note(case=case, on=on, words=words.strip(), **entered(by, at))
    with writing(case, version):
        check_fields(note)
        check_not_in_future("on", note.on, at)
        note.save(force_insert=True)
        record(by=by, verb="note.added", subject=note, person_id=case.person_id, why=why, detail={"case": case.pk})
    return note


def void_note(note: Note, *, reason: str, by: User | None, version: int, at: datetime | None = None) -> None:
    with writing(note.case, version):
        void(note, case=note.case, reason=reason, by=by, at=at or now())
        record(by=by, verb="note.voided", subject=note, person_id=note.case.person_id, why=note.void_reason)
