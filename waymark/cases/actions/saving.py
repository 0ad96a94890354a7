"""What every verb shares: the lock against a second writer, the refusals, entering and voiding a fact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone

from waymark.accounts.models import User
from waymark.cases.facts import Facts
from waymark.cases.models import CourtCase, Fact, Term
from waymark.facts.faults import Fault, FaultyFacts
from waymark.law.missouri import ecc_217_703 as ecc


class CannotEnter(ValueError):
    """What was given cannot be right. `faults` are (field, sentence); the field is "" when no one field is to blame."""

    def __init__(self, *faults: tuple[str, str]) -> None:
        super().__init__(" ".join(words for _, words in faults))
        self.faults = faults


class StaleCase(RuntimeError):
    """Somebody else saved first. What they saved stands; what this writer gave was not saved."""

    def __init__(self, case: CourtCase) -> None:
        super().__init__(
            f"Somebody else changed case {case.number} while you were writing. Their change is kept, yours is not "
            "saved yet. Look at the case as it is now, then save again."
        )


@contextmanager
def writing(case: CourtCase, version: int, terms: Iterable[Term] = ()) -> Iterator[None]:
    """One transaction in which nobody else writes to the case. Raises StaleCase when `version`, the one the writer
    saw, no longer stands. Locks are taken in the order case, terms by id, audit chain: the order everywhere."""
    with transaction.atomic():
        if not CourtCase.objects.filter(pk=case.pk, version=version).update(version=F("version") + 1):
            raise StaleCase(case)
        lock_terms(term.pk for term in terms)
        yield
    case.version = version + 1


def lock_terms(term_ids: Iterable[int]) -> list[Term]:
    """The terms, locked so that one determination of a term is recorded at a time."""
    locked = Term.objects.select_for_update(of=("self",)).select_related("case__person")
    return list(locked.filter(pk__in=list(term_ids)).order_by("pk"))


def entered(by: User | None, at: datetime) -> dict[str, Any]:
    """The columns that say who entered a fact, and when."""
    return {"entered_by": by, "entered_at": at}


def void(fact: Fact, *, case: CourtCase, reason: str, by: User | None, at: datetime) -> None:
    """Mark a standing fact as a mistake; it stays in the record. Raises StaleCase when it no longer stands."""
    fact.voided_at, fact.voided_by, fact.void_reason = at, by, reason.strip()
    if not fact.void_reason:
        raise CannotEnter(("reason", "Say in a few words why this is voided."))
    check_fields(fact, names={"void_reason": "reason"})
    rows: Any = type(fact).objects
    if not rows.filter(pk=fact.pk).standing().update(voided_at=at, voided_by=by, void_reason=fact.void_reason):
        raise StaleCase(case)


def check_fields(row: Model, names: dict[str, str] | None = None, leave_out: Iterable[str] = ()) -> None:
    """Each plain field holds what it may (a day that exists, a known word, not too long). With `names`, only those
    fields are looked at, and a form knows them by the name given. Raises CannotEnter."""
    fields = row._meta.concrete_fields
    unchecked = {field.name for field in fields if field.is_relation or (names and field.name not in names)}
    try:
        row.clean_fields(exclude={*unchecked, *leave_out})
    except ValidationError as error:
        raise CannotEnter(
            *(((names or {}).get(field, field), said) for field, words in error.message_dict.items() for said in words)
        ) from None


def check_not_in_future(field: str, day: date, at: datetime) -> None:
    if day > day_of(at):
        raise CannotEnter((field, f"{day} has not come yet. Give the day it happened, today at the latest."))


def check_readable(before: Facts | None, after: Facts, field_of: Callable[[str], str]) -> None:
    """What is about to stand can be read by the law. Raises CannotEnter with the faults it would bring; faults that
    stood before do not keep anybody from entering what mends them."""
    stood = {fault.words for fault in faults_in(before)} if before else set()
    brought = [fault for fault in faults_in(after) if fault.words not in stood]
    if brought:
        raise CannotEnter(*((field_of(fault.path), _sentence(fault)) for fault in brought))


def faults_in(facts: Facts) -> list[Fault]:
    try:
        ecc.read(facts)
    except FaultyFacts as faulty:
        return faulty.faults
    return []


def day_of(at: datetime) -> date:
    """The day in the court's own calendar."""
    return timezone.localdate(at)


def _sentence(fault: Fault) -> str:
    words = f"This {fault.words}" if fault.words[:1].islower() else fault.words
    return words if words.endswith((".", "?", "!")) else words + "."
