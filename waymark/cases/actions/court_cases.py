"""Opening a court case, its parties and its orders."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction

from waymark.accounts.models import Agency, User
from waymark.audit.actions import record
from waymark.cases.actions.saving import CannotEnter, check_fields, check_not_in_future, entered, writing
from waymark.cases.models import CourtCase, Order, Party
from waymark.people.models import Person
from waymark.web.clock import now


def open_case(
    person: Person,
    *,
    number: str,
    court: Agency,
    by: User | None,
    kind: str = CourtCase.Kind.FELONY,
    title: str = "",
    filed_on: date | None = None,
    published_citation: str = "",
    at: datetime | None = None,
    why: str = "",
) -> CourtCase:
    """Open the case file. Raises CannotEnter when the court has a case of this number already."""
    case = CourtCase(
        person=person,
        number=number.strip(),
        court=court,
        kind=kind,
        title=title,
        filed_on=filed_on,
        published_citation=published_citation,
    )
    check_fields(case)
    if filed_on:
        check_not_in_future("filed_on", filed_on, at or now())
    if court.kind != Agency.Kind.COURT:
        raise CannotEnter(("court", f"{court.name} is not a court. Choose the court that hears the case."))
    try:
        with transaction.atomic():
            case.save(force_insert=True)
            record(
                by=by,
                verb="case.opened",
                subject=case,
                person_id=person.pk,
                why=why,
                detail={"number": case.number, "court": court.name},
            )
    except IntegrityError:
        words = f"{court.name} has a case {case.number} already. Search for it, or correct the number."
        raise CannotEnter(("number", words)) from None
    return case


def add_party(
    case: CourtCase,
    *,
    capacity: str,
    name: str,
    by: User | None,
    version: int,
    account: User | None = None,
    from_on: date | None = None,
    until_on: date | None = None,
    why: str = "",
) -> Party:
    """Name who takes part in the case, [from_on, until_on). With an account they see it on the court's pages."""
    party = Party(case=case, capacity=capacity, name=name, account=account, from_on=from_on, until_on=until_on)
    with writing(case, version):
        check_fields(party)
        if from_on and until_on and until_on <= from_on:
            raise CannotEnter(("until_on", f"The party takes part from {from_on}. Give a later day, or none."))
        if account and account.role != capacity:
            raise CannotEnter(("account", f"This account is not a {capacity}'s. Choose the {capacity}'s own account."))
        party.save(force_insert=True)
        record(
            by=by,
            verb="party.added",
            subject=party,
            person_id=case.person_id,
            why=why,
            detail={"case": case.pk, "capacity": capacity, "name": name, "account": account.pk if account else None},
        )
    return party


def end_party(party: Party, *, until_on: date, by: User | None, version: int, why: str = "") -> Party:
    """The party takes part until that day, not included, and then sees the case no longer. A day to come is fine: a
    defender who leaves next month. Raises CannotEnter for an end before the beginning."""
    before, case = party.until_on, party.case
    with writing(case, version):
        if party.from_on and until_on <= party.from_on:
            raise CannotEnter(("until_on", f"The party takes part from {party.from_on}. Give a later day."))
        if before and before <= until_on:
            raise CannotEnter(("until_on", f"The party takes part until {before} already. Give an earlier day."))
        party.until_on = until_on
        party.save(update_fields=["until_on"])
        record(
            by=by,
            verb="party.ended",
            subject=party,
            person_id=case.person_id,
            why=why,
            detail={
                "case": case.pk,
                "name": party.name,
                "changes": {"until_on": [before.isoformat() if before else None, until_on.isoformat()]},
            },
        )
    return party


def add_order(
    case: CourtCase,
    *,
    ordered_on: date,
    kind: str,
    by: User | None,
    version: int,
    words: str = "",
    at: datetime | None = None,
    why: str = "",
) -> Order:
    """Keep what the court ordered, in its own words. What the order changes is entered as events or conditions."""
    at = at or now()
    order = Order(case=case, ordered_on=ordered_on, kind=kind, words=words, **entered(by, at))
    with writing(case, version):
        check_fields(order)
        check_not_in_future("ordered_on", order.ordered_on, at)
        order.save(force_insert=True)
        record(
            by=by,
            verb="order.entered",
            subject=order,
            person_id=case.person_id,
            why=why,
            detail={"case": case.pk, "ordered_on": order.ordered_on.isoformat(), "kind": kind},
        )
    return order
