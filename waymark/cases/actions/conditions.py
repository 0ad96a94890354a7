"""Conditions of a term and what has been done of them."""

from __future__ import annotations

from datetime import date, datetime

from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.cases.actions.saving import CannotEnter, check_fields, check_not_in_future, entered, writing
from waymark.cases.models import Condition, ConditionProgress, Order, Term
from waymark.web.clock import now


def add_condition(
    term: Term,
    *,
    kind: str,
    words: str,
    by: User | None,
    version: int,
    order: Order | None = None,
    plain_words: str = "",
    plain_words_es: str = "",
    next_step: str = "",
    next_step_es: str = "",
    counted_in: str = "",
    amount: int = 0,
    is_restitution: bool = False,
    due_on: date | None = None,
    why: str = "",
) -> Condition:
    """Add what the person must do or not do; counted ones give an amount (hours, sessions, cents). One condition of a
    term may be the restitution the court ordered."""
    condition = Condition(
        term=term,
        order=order,
        kind=kind,
        words=words,
        plain_words=plain_words,
        plain_words_es=plain_words_es,
        next_step=next_step,
        next_step_es=next_step_es,
        counted_in=counted_in,
        amount=amount,
        is_restitution=is_restitution,
        due_on=due_on,
    )
    with writing(term.case, version):
        check_fields(condition)
        if bool(condition.counted_in) != bool(condition.amount):
            raise CannotEnter(("amount", "Give both how much and in what it is counted, or neither."))
        if order and order.case_id != term.case_id:
            raise CannotEnter(("order", "This order belongs to another case. Choose one of this case."))
        if is_restitution:
            _check_restitution(condition)
        condition.save(force_insert=True)
        record(
            by=by,
            verb="condition.added",
            subject=condition,
            person_id=term.case.person_id,
            why=why,
            detail={
                "term": term.pk,
                "words": words,
                "counted_in": counted_in,
                "amount": amount,
                "is_restitution": is_restitution,
            },
        )
    return condition


def _check_restitution(condition: Condition) -> None:
    if condition.counted_in != Condition.CountedIn.CENTS:
        raise CannotEnter(("is_restitution", "Restitution is paid in money. Count the condition in money."))
    standing = Condition.objects.filter(term=condition.term, is_restitution=True, ended_on=None)
    if other := standing.first():
        raise CannotEnter(
            ("is_restitution", f'"{other.words}" is the restitution of this term already. Lift it first.')
        )


def lift_condition(
    condition: Condition,
    *,
    ended_on: date,
    reason: str,
    by: User | None,
    version: int,
    at: datetime | None = None,
) -> Condition:
    """The court asks it no longer, from `ended_on` on. What was done of it stays. Raises CannotEnter for a day to
    come and for a condition that is lifted already."""
    if not reason.strip():
        raise CannotEnter(("reason", "Say in a few words why the court lifted it."))
    case = condition.term.case
    with writing(case, version):
        check_not_in_future("ended_on", ended_on, at or now())
        if not Condition.objects.filter(pk=condition.pk, ended_on=None).update(ended_on=ended_on):
            condition.refresh_from_db()
            raise CannotEnter(
                ("", f"The court lifted this condition on {condition.ended_on}. Nothing is left to lift.")
            )
        condition.ended_on = ended_on
        record(
            by=by,
            verb="condition.lifted",
            subject=condition,
            person_id=case.person_id,
            why=reason.strip(),
            detail={"words": condition.words, "changes": {"ended_on": [None, ended_on.isoformat()]}},
        )
    return condition


def record_progress(
    condition: Condition,
    *,
    on: date,
    by: User | None,
    version: int,
    amount: int = 0,
    words: str = "",
    at: datetime | None = None,
    why: str = "",
) -> ConditionProgress:
    """Some of the condition done: `amount` in the condition's own count, or words where nothing is counted."""
    if condition.counted_in and not amount:
        raise CannotEnter(("amount", f"Give how many {condition.counted_in} were done."))
    if not condition.counted_in and not words.strip():
        raise CannotEnter(("words", "Say in a few words what was done."))
    return _add(condition, "condition.progressed", on, by, version, at or now(), why, amount=amount, words=words)


def complete_condition(
    condition: Condition,
    *,
    on: date,
    by: User | None,
    version: int,
    words: str = "",
    at: datetime | None = None,
    why: str = "",
) -> ConditionProgress:
    """Somebody found the whole condition met. Raises CannotEnter when that stands already."""
    return _add(condition, "condition.completed", on, by, version, at or now(), why, completes=True, words=words)


def _add(
    condition: Condition,
    verb: str,
    on: date,
    by: User | None,
    version: int,
    at: datetime,
    why: str,
    *,
    amount: int = 0,
    completes: bool = False,
    words: str = "",
) -> ConditionProgress:
    case = condition.term.case
    progress = ConditionProgress(
        condition=condition, on=on, amount=amount, completes=completes, words=words, **entered(by, at)
    )
    with writing(case, version):
        check_fields(progress)
        check_not_in_future("on", progress.on, at)
        if condition.ended_on:
            raise CannotEnter(
                ("", f"The court lifted this condition on {condition.ended_on}. Nothing is left to record.")
            )
        done = ConditionProgress.objects.standing().filter(condition=condition, completes=True).first()
        if done:
            raise CannotEnter(("", f"This condition was found met on {done.on}. Nothing is left to record."))
        progress.save(force_insert=True)
        record(
            by=by,
            verb=verb,
            subject=progress,
            person_id=case.person_id,
            why=why,
            detail={"condition": condition.pk, "on": progress.on.isoformat(), "amount": amount, "words": words},
        )
    return progress
