"""From the county to rows of the database, not yet saved. Each function is given what its rows hang on, saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from waymark.accounts.models import User
from waymark.cases import models as cases
from waymark.demo import county as made
from waymark.demo.histories import Event
from waymark.people import models as people

AFTERNOON, MORNING, NIGHT = time(16, 30), time(10), time(0, 5)


def instant(day: date, at: time) -> datetime:
    """That hour of the day in the court's own calendar."""
    return datetime.combine(day, at, ZoneInfo(settings.TIME_ZONE))


@dataclass
class Written:
    """A case of the county and the rows made of it so far. `by` entered its facts; None for a published case."""

    case: cases.CourtCase
    made: made.Case
    by: User | None
    charges: list[cases.Charge] = field(default_factory=list)
    term: cases.Term | None = None
    order: cases.Order | None = None  # the one that began the term
    conditions: list[cases.Condition] = field(default_factory=list)

    def entered(self, on: date, at: time = AFTERNOON) -> dict[str, Any]:
        """Entered on the afternoon of its own day."""
        return {"entered_at": instant(on, at), "entered_by": self.by}


def other_names(person: made.Person, saved: people.Person) -> Iterator[people.PersonName]:
    for kind, given, family in person.other_names:
        yield people.PersonName(person=saved, kind=kind, given_name=given, family_name=family)


def contact_points(person: made.Person, saved: people.Person) -> Iterator[people.ContactPoint]:
    for point in person.contact_points:
        yield people.ContactPoint(
            person=saved,
            kind=point.kind,
            value=point.value,
            preferred=point.preferred,
            may_message=point.may_message,
            consent_on=point.consent_on,
        )


def addresses(person: made.Person, saved: people.Person) -> Iterator[people.Address]:
    for lived in person.addresses:
        yield people.Address(
            person=saved,
            street=lived.street,
            city=lived.city,
            postal_code=lived.postal_code,
            from_on=lived.from_on,
            until_on=lived.until_on,
        )


def emergency_contacts(person: made.Person, saved: people.Person) -> Iterator[people.EmergencyContact]:
    for name, relationship, phone in person.emergency_contacts:
        yield people.EmergencyContact(person=saved, name=name, relationship=relationship, phone=phone)


def charges(it: Written) -> Iterator[cases.Charge]:
    for count in range(1, len(it.made.charges) + 1):
        yield cases.Charge(case=it.case, count=count)


def charge_entries(it: Written) -> Iterator[cases.ChargeEntry]:
    for charge, said in zip(it.charges, it.made.charges, strict=True):
        yield cases.ChargeEntry(
            charge=charge,
            section=said.offense.section,
            name=said.offense.name,
            level=said.offense.level,
            offense_class=said.offense.offense_class,
            offense_on=said.offense_on,
            disposition=said.disposition,
            disposed_on=said.disposed_on,
            **it.entered(it.made.filed_on),
        )


def term(it: Written) -> cases.Term:
    """Under the first count."""
    return cases.Term(case=it.case, charge=it.charges[0])


def term_entry(it: Written) -> cases.TermEntry:
    start = it.made.history.start
    return cases.TermEntry(
        term=it.term,
        kind=start.kind,
        begins_on=start.begins_on,
        years=start.years,
        months=start.months,
        sentence=start.sentence,
        sentenced_on=start.sentenced_on,
        supervised_by_division=start.supervised_by_division,
        lifetime_supervision=start.lifetime_supervision,
        restitution_ordered=start.restitution_ordered,
        restitution_cents=start.restitution_cents,
        **it.entered(start.begins_on),
    )


def orders(it: Written) -> Iterator[cases.Order]:
    for order in it.made.orders:
        yield cases.Order(
            case=it.case,
            ordered_on=order.ordered_on,
            kind=order.kind,
            words=order.words,
            **it.entered(order.ordered_on),
        )


def events(it: Written) -> Iterator[cases.Event]:
    """What was first entered wrongly stands voided, and what is right was entered when that was found."""
    found_on = {(wrong.right.on, wrong.right.kind): wrong.voided_on for wrong in it.made.mistakes}
    for event in it.made.history.events:
        late = found_on.get((event.on, event.kind))
        yield _event(it, event, it.entered(late, MORNING) if late else it.entered(event.on))
    for wrong in it.made.mistakes:
        voided = {
            "voided_at": instant(wrong.voided_on, MORNING),
            "voided_by": it.by,
            "void_reason": wrong.reason,
        }
        yield _event(it, wrong.event, {**it.entered(wrong.right.on), **voided})


def _event(it: Written, event: Event, entered: dict[str, Any]) -> cases.Event:
    return cases.Event(
        term=it.term,
        kind=event.kind,
        on=event.on,
        outcome=event.outcome,
        hearing_on=event.hearing_on,
        years=event.years,
        months=event.months,
        violation_found=event.violation_found,
        words=event.words,
        **entered,
    )


def placements(it: Written) -> Iterator[cases.Placement]:
    for stay in it.made.placements:
        yield cases.Placement(
            term=it.term,
            program=stay.program,
            placed_on=stay.placed_on,
            ended_on=stay.ended_on,
            outcome=stay.outcome,
            **it.entered(stay.placed_on),
        )


def conditions(it: Written) -> Iterator[cases.Condition]:
    for asked in it.made.conditions:
        yield cases.Condition(
            term=it.term,
            order=it.order,
            kind=asked.kind,
            words=asked.words,
            plain_words=asked.plain,
            plain_words_es=asked.plain_es,
            next_step=asked.next_step,
            next_step_es=asked.next_step_es,
            counted_in=asked.counted_in,
            amount=asked.amount,
            is_restitution=asked.is_restitution,
            due_on=asked.due_on,
        )


def progress(it: Written) -> Iterator[cases.ConditionProgress]:
    for condition, asked in zip(it.conditions, it.made.conditions, strict=True):
        for done in asked.progress:
            yield cases.ConditionProgress(
                condition=condition,
                on=done.on,
                amount=done.amount,
                completes=done.completes,
                words=done.words,
                **it.entered(done.on),
            )


def notes(it: Written) -> Iterator[cases.Note]:
    for note in it.made.notes:
        yield cases.Note(case=it.case, on=note.on, words=note.words, **it.entered(note.on))
