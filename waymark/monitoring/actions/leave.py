"""One-off changes of a schedule: asked for by the participant, entered or decided by staff, taken back.

What is approved is in the plan at once. Whoever decides first has decided."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from waymark.accounts.access import Right, may
from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.cases.actions.saving import CannotEnter, check_fields
from waymark.monitoring.actions.log import plan_changed
from waymark.monitoring.actions.saving import writing
from waymark.monitoring.models import MonitoringOrder, ScheduleChange
from waymark.web.clock import now
from waymark.web.templatetags.waymark import staff_time

Kind, State = ScheduleChange.Kind, ScheduleChange.State

LONG = timedelta(hours=16)  # longer leave needs a supervisor
LONGEST = timedelta(days=31)
JUST_NOW = timedelta(minutes=5)
MOST_WAITING = 20  # asked for by one person and not yet answered


class CannotAsk(CannotEnter):
    """The same with the key of the participant's sentence (web.words) in place of each sentence."""


def ask_for_leave(
    order: MonitoringOrder,
    *,
    from_at: datetime,
    until_at: datetime,
    purpose: str,
    by: User,
    place: str = "",
    at: datetime | None = None,
) -> ScheduleChange:
    """The participant asks. Raises CannotAsk: its words are keys of web.words."""
    at = at or now()
    if from_at < at - JUST_NOW:
        raise CannotAsk(("from_at", "leave_in_the_past"))
    if until_at <= from_at:
        raise CannotAsk(("until_at", "leave_ends_before"))
    if until_at - from_at > LONGEST:
        raise CannotAsk(("until_at", "leave_too_long"))
    with transaction.atomic():
        MonitoringOrder.objects.select_for_update().get(pk=order.pk)  # of two that overlap, the second sees the first
        if _overlapping(order, from_at, until_at, State.APPROVED, State.ASKED):
            raise CannotAsk(("from_at", "leave_overlaps"))
        if order.schedule_changes.filter(state=State.ASKED, until_at__gt=at).count() >= MOST_WAITING:
            raise CannotAsk(("", "leave_too_many"))
        change = ScheduleChange(
            order=order,
            from_at=from_at,
            until_at=until_at,
            purpose=purpose.strip(),
            place=place.strip(),
            asked_by=by,
            asked_at=at,
        )
        check_fields(change)
        change.save(force_insert=True)
        _recorded("schedule_change.asked", change, by, "", _told(change))
    return change


def enter_change(
    order: MonitoringOrder,
    *,
    kind: str,
    from_at: datetime,
    until_at: datetime,
    purpose: str,
    by: User,
    version: int,
    place: str = "",
    at: datetime | None = None,
) -> ScheduleChange:
    """Staff enter a change that is thereby approved. Raises CannotEnter."""
    at = at or now()
    if from_at < at - JUST_NOW:
        raise CannotEnter(("from_at", "This time has passed. Give a time to come; what was is judged by what held."))
    with writing(order, version):
        _check_span(order, kind, from_at, until_at, by)
        change = ScheduleChange(
            order=order,
            kind=kind,
            from_at=from_at,
            until_at=until_at,
            purpose=purpose.strip(),
            place=place.strip(),
            state=State.APPROVED,
            asked_by=by,
            asked_at=at,
            decided_by=by,
            decided_at=at,
        )
        check_fields(change)
        change.save(force_insert=True)
        _recorded("schedule_change.entered", change, by, change.purpose, _told(change))
        plan_changed(order, from_at, made_at=at)
    return change


def decide(
    change: ScheduleChange, *, approve: bool, by: User, version: int, answer: str = "", at: datetime | None = None
) -> ScheduleChange:
    """Approve or refuse what was asked for. `version`: of the request, as the decider saw it. Who is first wins; the
    other is told by CannotEnter who decided what."""
    at, answer = at or now(), answer.strip()
    if not approve and not answer:
        raise CannotEnter(("answer", "Say why it is refused. The participant reads this answer."))
    with transaction.atomic():
        order = MonitoringOrder.objects.select_for_update().get(pk=change.order_id)
        current = ScheduleChange.objects.select_related("decided_by").get(pk=change.pk)
        if current.state != State.ASKED or current.version != version:
            raise CannotEnter(("", _decided_already(current)))
        if approve:
            if current.until_at <= at:
                raise CannotEnter(("", "The time asked for is over. Refuse it, and say so in the answer."))
            _check_span(order, current.kind, current.from_at, current.until_at, by)
        state = State.APPROVED if approve else State.REFUSED
        _move(current, state=state, decided_by=by, decided_at=at, answer=answer)
        verb = f"schedule_change.{state}"
        _recorded(verb, current, by, answer, {**_told(current), "changes": {"state": [State.ASKED, state]}})
        if approve:
            MonitoringOrder.objects.filter(pk=order.pk).update(version=F("version") + 1)
            plan_changed(order, current.from_at, made_at=at)
    return current


def take_back(
    change: ScheduleChange, *, by: User, version: int, why: str, at: datetime | None = None
) -> ScheduleChange:
    """Staff take back an approved change. One that runs already ends now: what was allowed stays allowed."""
    at, why = at or now(), why.strip()
    if not why:
        raise CannotEnter(("why", "Say why it is taken back. The participant reads this."))
    with transaction.atomic():
        order = MonitoringOrder.objects.select_for_update().get(pk=change.order_id)
        current = ScheduleChange.objects.get(pk=change.pk)
        if current.state != State.APPROVED or current.version != version:
            raise CannotEnter(("", "This was changed in between. Look at it as it is now."))
        if current.until_at <= at:
            raise CannotEnter(("", "This is over. Nothing is left to take back."))
        if current.from_at < at:
            changes: dict[str, Any] = {"until_at": [current.until_at.isoformat(), at.isoformat()]}
            _move(current, until_at=at, decided_by=by, decided_at=at, answer=why)
        else:
            changes = {"state": [State.APPROVED, State.WITHDRAWN]}
            _move(current, state=State.WITHDRAWN, decided_by=by, decided_at=at, answer=why)
        _recorded("schedule_change.taken_back", current, by, why, {"order": order.pk, "changes": changes})
        MonitoringOrder.objects.filter(pk=order.pk).update(version=F("version") + 1)
        plan_changed(order, max(current.from_at, at) if current.state == State.WITHDRAWN else at, made_at=at)
    return current


def withdraw(change: ScheduleChange, *, by: User, at: datetime | None = None) -> ScheduleChange:
    """The participant no longer asks. Raises CannotAsk when it was answered meanwhile."""
    at = at or now()
    with transaction.atomic():
        MonitoringOrder.objects.select_for_update().get(pk=change.order_id)
        current = ScheduleChange.objects.get(pk=change.pk)
        if current.state != State.ASKED:
            raise CannotAsk(("", "leave_answered"))
        _move(current, state=State.WITHDRAWN, decided_by=by, decided_at=at)
        changes = {"state": [State.ASKED, State.WITHDRAWN]}
        _recorded("schedule_change.withdrawn", current, by, "", {"order": current.order_id, "changes": changes})
    return current


def needs_supervisor(change: ScheduleChange) -> bool:
    return change.kind == Kind.LEAVE and change.until_at - change.from_at > LONG


def _check_span(order: MonitoringOrder, kind: str, from_at: datetime, until_at: datetime, by: User) -> None:
    if until_at <= from_at:
        raise CannotEnter(("until_at", "The end is not after the beginning. Give a later end."))
    if until_at - from_at > LONGEST:
        raise CannotEnter(("until_at", "This is longer than 31 days. Change the weekly hours instead."))
    if kind == Kind.LEAVE and until_at - from_at > LONG and not may(by, Right.UNIT_OVERSEE):
        raise CannotEnter(
            ("until_at", "Leave of more than 16 hours needs a supervisor. Ask one to enter or approve it.")
        )
    for other in _overlapping(order, from_at, until_at, State.APPROVED):
        words = f"{staff_time(other.from_at)} to {staff_time(other.until_at)} is approved already ({other.purpose})."
        raise CannotEnter(("from_at", f"{words} Take that back first, or give another time."))


def _overlapping(
    order: MonitoringOrder, from_at: datetime, until_at: datetime, *states: ScheduleChange.State
) -> list[ScheduleChange]:
    rows = order.schedule_changes.filter(state__in=states, from_at__lt=until_at, until_at__gt=from_at)
    return list(rows.order_by("from_at")[:1])


def _move(change: ScheduleChange, **to: Any) -> None:
    """Inside the lock of the order. The old version must still stand."""
    moved = ScheduleChange.objects.filter(pk=change.pk, version=change.version)
    if not moved.update(version=F("version") + 1, **to):
        raise CannotEnter(("", "This was changed in between. Look at it as it is now."))
    for name, value in to.items():
        setattr(change, name, value)
    change.version += 1


def _decided_already(change: ScheduleChange) -> str:
    if change.state == State.ASKED:
        return "This was changed in between. Look at it as it is now, then decide."
    who = change.decided_by and (change.decided_by.get_full_name() or change.decided_by.get_username())
    when = f", {staff_time(change.decided_at)}" if change.decided_at else ""
    return f"{who or 'Somebody'} was first: it is {change.get_state_display().lower()}{when}. Yours was not saved."


def _told(change: ScheduleChange) -> dict[str, Any]:
    return {
        "order": change.order_id,
        "kind": change.kind,
        "from_at": change.from_at.isoformat(),
        "until_at": change.until_at.isoformat(),
        "purpose": change.purpose,
        "place": change.place,
    }


def _recorded(verb: str, change: ScheduleChange, by: User, why: str, detail: dict[str, Any]) -> None:
    record(by=by, verb=verb, subject=change, person_id=change.order.person_id, why=why, detail=detail)
