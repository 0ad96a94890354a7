"""Who may see a court case. Staff see the cases of the people visible to them, a party sees its own cases read-only,
a participant sees her own. Every fetch of one record goes through here and is written to the audit chain."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404

from waymark.accounts.access import Right, may
from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.cases.models import (
    Charge,
    Condition,
    CourtCase,
    Deadline,
    Determination,
    Document,
    Event,
    Note,
    Party,
    Placement,
    Task,
    Term,
)
from waymark.people.access import NO_SUCH_PAGE, people_visible_to, person_for
from waymark.people.models import Person
from waymark.web.clock import today

M = TypeVar("M", bound=Model)


def cases_visible_to(user: User | AnonymousUser, on: date | None = None) -> QuerySet[CourtCase]:
    """The cases the account may see on the day (default: today)."""
    if not isinstance(user, User):
        return CourtCase.objects.none()
    if may(user, Right.CASE_SEE):
        return CourtCase.objects.filter(of_people(people_visible_to(user, on=on)))
    if may(user, Right.COURT_SEE):
        return CourtCase.objects.filter(pk__in=_standing_parties(user, on or today()).values("case"))
    if may(user, Right.OWN_SEE):
        return CourtCase.objects.filter(of_people(own_record(user)))
    return CourtCase.objects.none()


def of_people(people: QuerySet[Person]) -> Q:
    """Cases of these people (kept records), and of the records each of them absorbed.

    A union, not an OR: the database then walks from the few people to their cases, instead of over all cases.
    """
    kept, absorbed = people.values("pk"), Person.objects.filter(merged_into__in=people).values("pk")
    return Q(person__in=kept.order_by().union(absorbed.order_by(), all=True))


def own_record(user: User) -> QuerySet[Person]:
    """The kept record of the person who signs in with this account; the account may hang on an absorbed one."""
    return Person.objects.filter(
        pk__in=Person.objects.filter(account=user).values_list(Coalesce("merged_into_id", "id"), flat=True)
    )


def _standing_parties(user: User, on: date) -> QuerySet[Party]:
    began = Q(from_on=None) | Q(from_on__lte=on)
    not_ended = Q(until_on=None) | Q(until_on__gt=on)
    return Party.objects.filter(began & not_ended, account=user)


def sees_office_papers(user: User) -> bool:
    """Notes, tasks and who entered what are the office's own; the court's side and the participant never see them."""
    return may(user, Right.CASE_SEE)


def case_for(user: User, case_id: int, *, why: str = "", verb: str = "case.viewed") -> CourtCase:
    """The case, its read recorded. Raises Http404 for unknown and out of scope alike; people.access.TurnedAway for a
    colleague in scope who is kept from this person's record."""
    case = CourtCase.objects.select_related("person", "person__merged_into", "court").filter(pk=case_id).first()
    if case is None or not _sees(user, case):
        raise _refusal(user, case)
    with transaction.atomic():
        record(by=user, verb=verb, subject=case, person_id=case.person_id, why=why)
    return case


def term_for(user: User, term_id: int, *, why: str = "", verb: str = "term.viewed") -> Term:
    return _part_of_a_case(user, Term, term_id, "case", verb, why)


def determination_for(
    user: User, determination_id: int, *, why: str = "", verb: str = "determination.viewed"
) -> Determination:
    """Of a case the account may see; program instructors and case managers see cases without determinations."""
    if not (may(user, Right.DETERMINATION_SEE) or may(user, Right.COURT_SEE) or may(user, Right.OWN_SEE)):
        raise Http404(NO_SUCH_PAGE)
    return _part_of_a_case(user, Determination, determination_id, "term__case", verb, why)


def charge_for(user: User, charge_id: int, *, why: str = "", verb: str = "charge.viewed") -> Charge:
    return _part_of_a_case(user, Charge, charge_id, "case", verb, why)


def event_for(user: User, event_id: int, *, why: str = "", verb: str = "event.viewed") -> Event:
    return _part_of_a_case(user, Event, event_id, "term__case", verb, why)


def condition_for(user: User, condition_id: int, *, why: str = "", verb: str = "condition.viewed") -> Condition:
    return _part_of_a_case(user, Condition, condition_id, "term__case", verb, why)


def party_for(user: User, party_id: int, *, why: str = "", verb: str = "party.viewed") -> Party:
    return _part_of_a_case(user, Party, party_id, "case", verb, why)


def placement_for(user: User, placement_id: int, *, why: str = "", verb: str = "placement.viewed") -> Placement:
    return _part_of_a_case(user, Placement, placement_id, "term__case", verb, why)


def deadline_for(user: User, deadline_id: int, *, why: str = "", verb: str = "deadline.viewed") -> Deadline:
    return _part_of_a_case(user, Deadline, deadline_id, "term__case", verb, why)


def document_for(user: User, document_id: int, *, why: str = "", verb: str = "document.viewed") -> Document:
    """The office and the court's side read documents; what a participant is handed, she is handed on paper."""
    if may(user, Right.OWN_SEE):
        raise Http404(NO_SUCH_PAGE)
    return _part_of_a_case(user, Document, document_id, "case", verb, why)


def note_for(user: User, note_id: int, *, why: str = "", verb: str = "note.viewed") -> Note:
    if not sees_office_papers(user):
        raise Http404(NO_SUCH_PAGE)
    return _part_of_a_case(user, Note, note_id, "case", verb, why)


def task_for(user: User, task_id: int, *, why: str = "", verb: str = "task.viewed") -> Task:
    if not sees_office_papers(user):
        raise Http404(NO_SUCH_PAGE)
    return _part_of_a_case(user, Task, task_id, "term__case", verb, why)


def _part_of_a_case(user: User, kind: type[M], pk: int, path: str, verb: str, why: str) -> M:
    """One row that hangs on a case by `path`, its case and person beside it, its read recorded."""
    near: Any = kind._default_manager.select_related(
        f"{path}__person", f"{path}__person__merged_into", f"{path}__court"
    )
    found: M | None = near.filter(pk=pk).first()
    case = _case_of(found, path) if found else None
    if found is None or case is None or not _sees(user, case):
        raise _refusal(user, case)
    with transaction.atomic():
        record(by=user, verb=verb, subject=found, person_id=case.person_id, why=why)
    return found


def _sees(user: User, case: CourtCase) -> bool:
    """Whether cases_visible_to holds the case, asked of this one person alone."""
    kept = case.person.merged_into_id or case.person_id
    if may(user, Right.CASE_SEE):
        return people_visible_to(user).filter(pk=kept).exists()
    if may(user, Right.COURT_SEE):
        return _standing_parties(user, today()).filter(case=case).exists()
    return may(user, Right.OWN_SEE) and own_record(user).filter(pk=kept).exists()


def _case_of(row: Any, path: str) -> CourtCase:
    for step in path.split("__"):
        row = getattr(row, step)
    case: CourtCase = row
    return case


def _refusal(user: User, case: CourtCase | None) -> Http404:
    """What a case out of reach is answered with; raises TurnedAway where the person's record does so."""
    if case is not None and may(user, Right.CASE_SEE):
        person_for(user, case.person_id)
    return Http404(NO_SUCH_PAGE)
