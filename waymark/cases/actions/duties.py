"""Meeting a deadline, closing a task. Their own state is the lock: what is no longer open cannot be met or closed."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.cases.actions.saving import CannotEnter, StaleCase, check_fields, check_not_in_future
from waymark.cases.models import Deadline, Task
from waymark.web.clock import now


def meet_deadline(
    deadline: Deadline, *, on: date, how: str, by: User | None, at: datetime | None = None, why: str = ""
) -> None:
    """The duty was done on the day. Raises StaleCase when it is no longer open: met by somebody else meanwhile, or
    no longer asked because the dates changed."""
    at = at or now()
    deadline.met_on, deadline.how_met = on, how.strip()
    if not deadline.how_met:
        raise CannotEnter(("how", "Say in a few words how it was met."))
    check_fields(deadline, names={"met_on": "on", "how_met": "how"})
    check_not_in_future("on", deadline.met_on, at)
    with transaction.atomic():
        met = Deadline.objects.filter(pk=deadline.pk, state=Deadline.State.OPEN).update(
            state=Deadline.State.MET, met_on=deadline.met_on, met_by=by, how_met=deadline.how_met
        )
        if not met:
            raise StaleCase(deadline.term.case)
        record(
            by=by,
            verb="deadline.met",
            subject=deadline,
            person_id=deadline.term.case.person_id,
            why=why,
            detail={"name": deadline.name, "on": deadline.met_on.isoformat(), "how": deadline.how_met},
        )
    deadline.refresh_from_db(fields=["state", "met_by"])


def close_task(task: Task, *, outcome: str, by: User | None, at: datetime | None = None, why: str = "") -> None:
    """The work is done; `outcome` says how it went. Raises StaleCase when somebody else closed it."""
    outcome = outcome.strip()
    if not outcome:
        raise CannotEnter(("outcome", "Say in a few words what came of it."))
    if len(outcome) > 300:
        raise CannotEnter(("outcome", f"This has {len(outcome)} letters; 300 fit. Make it shorter, or add a note."))
    with transaction.atomic():
        closed = Task.objects.filter(pk=task.pk, state=Task.State.OPEN).update(
            state=Task.State.DONE, done_at=at or now(), done_by=by, outcome=outcome
        )
        if not closed:
            raise StaleCase(task.term.case)
        record(
            by=by,
            verb="task.closed",
            subject=task,
            person_id=task.term.case.person_id,
            why=why,
            detail={"kind": task.kind, "outcome": outcome},
        )
    task.refresh_from_db(fields=["state", "done_at", "done_by", "outcome"])
