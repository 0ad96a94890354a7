"""Writes the demo county into an empty database: all of it or nothing.

The same number of people, seed and day give the same content. Every fact is entered on the afternoon of its own day, so
that "as known on" can be asked of the demo county too; what was entered by mistake stands voided beside what is right.
"""

from __future__ import annotations

import gc
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import TypeVar

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Model, Q

from waymark.accounts.models import Agency, Role, Scope, Unit, User
from waymark.audit.actions import record
from waymark.cases import models as cases
from waymark.cases.actions.determinations import record_determinations
from waymark.demo import county as made
from waymark.demo import offices, rows
from waymark.demo.case_files import PUBLISHED, as_person
from waymark.demo.choice import chance
from waymark.demo.devices import write_monitoring
from waymark.demo.published import published
from waymark.people import models as people
from waymark.people.actions.search_keys import write_search_keys
from waymark.web.clock import today

AT_ONCE = 250  # people written together, terms determined together
LATELY = 21  # days; of terms in which something happened since, the earlier determination is kept too
Progress = Callable[[int], None]  # told how many steps were done since it was last told
T = TypeVar("T")
M = TypeVar("M", bound=Model)


class NotEmpty(Exception):
    """There are records already; the demo county is never mixed with them."""

    def __init__(self) -> None:
        super().__init__(
            "This database holds records already, and the demo county goes only into an empty one. "
            "Name an empty database (DATABASE_URL or WAYMARK_VAR), then load again."
        )


@dataclass(frozen=True)
class Loaded:
    """How much was written, published cases among it."""

    people: int
    accounts: int
    court_cases: int
    terms: int
    events: int
    determinations: int
    published_cases: int
    as_of: str
    seed: int
    monitored: int  # people; the simulator makes the same roster from these last three


def is_empty() -> bool:
    """Whether nobody has entered anything yet: no agency, no account, no person."""
    return not (Agency.objects.exists() or User.objects.exists() or people.Person.objects.exists())


def steps(people: int) -> int:
    """What `progress` adds up to: everybody is written once and determined once."""
    return 2 * people


def load(people: int = 4000, seed: int = 1, as_of: date | None = None, progress: Progress | None = None) -> Loaded:
    """Fill the empty database; `as_of` is the morning on which its books are opened (default: today). Raises NotEmpty.

    1. Agencies, units and accounts.
    2. The people and their cases, and the published cases, some at a time, with the keys that search reads.
    3. Who is monitored, with what and where; what the devices said comes later, through the feeds (simulator.py).
    4. Determinations of everybody, and the duties that follow from them. Most duties of the past were met.
    5. One entry in the audit chain says what was loaded.
    """
    as_of = as_of or today()
    progress = progress or (lambda done: None)
    with transaction.atomic():
        if not is_empty():
            raise NotEmpty
        _write_county(made.county(people, seed, as_of), progress)
        monitored = write_monitoring(people, seed, as_of)
        _determine(as_of, people, progress)
        _meet_most_deadlines(random.Random(seed), as_of)
        loaded = _counts(as_of, seed, monitored)
        record(by=None, verb="demo.loaded", why="Demonstration", detail=asdict(loaded))
    return loaded


def _write_county(county: made.County, progress: Progress) -> None:
    with _looked_through_no_more():
        office = _write_offices(county)
        for some in _batches(county.people, AT_ONCE):
            _write_people(some, office)
            progress(len(some))
        _write_people([as_person(case) for case in published()], office)
        _restrict_two(office)


@contextmanager
def _looked_through_no_more() -> Iterator[None]:
    """What is in memory now is left out of garbage collection: to go through a whole county again and again while its
    rows are written takes a fifth of the time."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@dataclass
class _Office:
    """What was written first, by its name in the county."""

    agencies: dict[str, Agency] = field(default_factory=dict)
    units: dict[tuple[str, str], Unit] = field(default_factory=dict)
    accounts: dict[str, User] = field(default_factory=dict)


def _write_offices(county: made.County) -> _Office:
    office = _Office()
    for agency in county.agencies:
        office.agencies[agency.code] = Agency.objects.create(
            code=agency.code, name=agency.name, kind=agency.kind, phone=agency.phone
        )
        for unit in agency.units:
            office.units[agency.code, unit.code] = Unit.objects.create(
                agency=office.agencies[agency.code], code=unit.code, name=unit.name, phone=unit.phone
            )
    participants = sorted((person for person in county.people if person.account), key=lambda person: person.account)
    accounts = [_staff_account(staff, office) for staff in county.staff]
    accounts += [_participant_account(person) for person in participants]
    office.accounts = {account.username: account for account in User.objects.bulk_create(accounts)}
    return office


def _staff_account(staff: offices.Staff, office: _Office) -> User:
    return User(
        username=staff.username,
        first_name=staff.first_name,
        last_name=staff.last_name,
        email=f"{staff.username}@example.org",
        role=staff.role,
        scope=staff.scope,
        agency=office.agencies[staff.agency],
        unit=office.units.get((staff.agency, staff.unit)),
        title=staff.title,
        password=make_password(None),  # nobody signs in to the demo county with a password
    )


def _participant_account(person: made.Person) -> User:
    return User(
        username=person.account,
        first_name=person.name.given,
        last_name=person.name.family,
        role=Role.PARTICIPANT,
        scope=Scope.OWN,
        language=person.language,
        password=make_password(None),
    )


def _write_people(them: Sequence[made.Person], office: _Office) -> None:
    saved = _create(people.Person, (_person(person, office) for person in them))
    both = list(zip(them, saved, strict=True))
    _create(people.PersonName, (name for person, row in both for name in rows.other_names(person, row)))
    _create(people.ContactPoint, (point for person, row in both for point in rows.contact_points(person, row)))
    _create(people.Address, (address for person, row in both for address in rows.addresses(person, row)))
    _create(people.EmergencyContact, (kin for person, row in both for kin in rows.emergency_contacts(person, row)))
    _create(people.Identifier, (number for person, row in both for number in _identifiers(person, row, office)))
    _create(people.Assignment, (given for person, row in both for given in _assignments(person, row, office)))
    write_search_keys(row.pk for row in saved)
    _write_cases([(person, row, case) for person, row in both for case in person.cases], office)


def _person(person: made.Person, office: _Office) -> people.Person:
    return people.Person(
        given_name=person.name.given,
        middle_name=person.name.middle,
        family_name=person.name.family,
        suffix=person.name.suffix,
        born_on=person.born_on,
        sex=person.name.sex,
        language=person.language,
        needs_interpreter=person.needs_interpreter,
        account=office.accounts.get(person.account),
    )


def _identifiers(person: made.Person, saved: people.Person, office: _Office) -> Iterator[people.Identifier]:
    for known in person.identifiers:
        agency = office.agencies[known.agency]
        yield people.Identifier(person=saved, agency=agency, kind=known.kind, value=known.value)


def _assignments(person: made.Person, saved: people.Person, office: _Office) -> Iterator[people.Assignment]:
    for given in person.assignments:
        yield people.Assignment(
            person=saved,
            agency=office.agencies[given.agency],
            unit=office.units[given.agency, given.unit],
            officer=office.accounts.get(given.officer),
            from_on=given.from_on,
            until_on=given.until_on,
        )


def _write_cases(given: list[tuple[made.Person, people.Person, made.Case]], office: _Office) -> None:
    """All rows of one kind together; each kind hangs on the ones before it."""
    saved = _create(cases.CourtCase, (_court_case(row, case, office) for _, row, case in given))
    them = [
        rows.Written(court_case, case, by=_entered_by(person, office))
        for court_case, (person, _, case) in zip(saved, given, strict=True)
    ]
    _create(cases.Party, (row for it in them for row in _parties(it, office)))
    charges = iter(_create(cases.Charge, _of_each(rows.charges, them)))
    for it in them:
        it.charges = list(islice(charges, len(it.made.charges)))
    _create(cases.ChargeEntry, _of_each(rows.charge_entries, them))
    for it, term in zip(them, _create(cases.Term, map(rows.term, them)), strict=True):
        it.term = term
    _create(cases.TermEntry, map(rows.term_entry, them))
    first_orders = {row.case_id: row for row in reversed(_create(cases.Order, _of_each(rows.orders, them)))}
    for it in them:
        it.order = first_orders[it.case.pk]
    _create(cases.Event, _of_each(rows.events, them))
    _create(cases.Placement, _of_each(rows.placements, them))
    conditions = iter(_create(cases.Condition, _of_each(rows.conditions, them)))
    for it in them:
        it.conditions = list(islice(conditions, len(it.made.conditions)))
    _create(cases.ConditionProgress, _of_each(rows.progress, them))
    _create(cases.Note, _of_each(rows.notes, them))


def _court_case(saved: people.Person, case: made.Case, office: _Office) -> cases.CourtCase:
    return cases.CourtCase(
        person=saved,
        number=case.number,
        court=office.agencies[case.court],
        kind=case.kind,
        title=case.title or f"State of Missouri v. {saved.given_name} {saved.family_name}",
        filed_on=case.filed_on,
        published_citation=case.published_citation,
    )


def _entered_by(person: made.Person, office: _Office) -> User | None:
    return None if person.track == PUBLISHED else office.accounts[person.assignments[0].officer]


def _parties(it: rows.Written, office: _Office) -> Iterator[cases.Party]:
    for party in it.made.parties:
        account = office.accounts.get(party.account)
        yield cases.Party(
            case=it.case, capacity=party.capacity, name=party.name, account=account, from_on=it.made.filed_on
        )


def _restrict_two(office: _Office) -> None:
    """Of the demo officer's people: one record that only she and the supervisor may see, one that the supervisor may
    not."""
    caseload = people.Person.objects.filter(account=None, assignments__officer=office.accounts["officer"])
    some = list(caseload.exclude(court_cases__published_citation__gt="").order_by("-pk")[:2])
    for person in some[:1]:
        message = "This record is restricted. Ask the unit supervisor."
        _limit(office, person, "restricted", "officer", message, "Protected witness")
        _limit(office, person, "restricted", "supervisor", message, "Protected witness")
    for person in some[1:]:
        message = "You are kept from this record because you know the family."
        _limit(office, person, "excluded", "supervisor", message, "Knows the family")


def _limit(office: _Office, person: people.Person, kind: str, username: str, message: str, reason: str) -> None:
    people.AccessRestriction.objects.create(
        person=person,
        kind=kind,
        user=office.accounts[username],
        message=message,
        reason=reason,
        added_by=office.accounts["administrator"],
    )


def _determine(as_of: date, people_made: int, progress: Progress) -> None:
    """As of the day for every term; where something happened lately, first as of a day before it, so that the moved
    dates have become tasks."""
    before = min(as_of - timedelta(days=LATELY), as_of.replace(day=1)) - timedelta(days=1)
    lately = _happened_since(before)
    for some in _batches(sorted(lately), AT_ONCE):
        record_determinations(some, before, NIGHTLY, None, at=rows.instant(before, rows.NIGHT))
    terms = cases.Term.objects.order_by("pk").values_list("pk", flat=True)
    because = defaultdict(list)
    for pk in terms:
        because[lately.get(pk, NIGHTLY)].append(pk)
    told = done = 0
    for cause, them in sorted(because.items()):
        for some in _batches(them, AT_ONCE):
            record_determinations(some, as_of, cause, None, at=rows.instant(as_of, rows.NIGHT))
            done += len(some)
            progress(people_made * done // len(terms) - told)
            told = people_made * done // len(terms)


def _happened_since(day: date) -> dict[int, str]:
    """What happened last in each running term after the day, in words, by term id."""
    kinds = cases.Event.Kind
    over = cases.Event.objects.standing().filter(Q(kind=kinds.DISCHARGED) | Q(outcome=cases.Event.Outcome.REVOKED))
    happened = cases.Event.objects.standing().filter(on__gt=day).exclude(term__in=over.values("term"))
    last = happened.order_by("on", "pk").values_list("term_id", "kind")
    return {term_id: f"{kinds(kind).label}: entered" for term_id, kind in last}


NIGHTLY = "nightly"
HOW_MET = {
    "Final Case Summary Report": "Sent to the court with the balance owed.",
    "Notice of impending discharge": "Sent to the court and the prosecutor.",
    "Notice that restitution is paid": "The court was told by letter.",
    "Remaining term told to the person": "Told at the office visit; printed dates handed over.",
}
NEAR_DAYS = 7


def _meet_most_deadlines(choice: random.Random, as_of: date) -> None:
    """Most duties were done early in their window. Of those that close about now many are open, some of them late;
    nothing has been late for long."""
    met = []
    for deadline in _begun_deadlines(as_of):
        days_left = (deadline.last_on - as_of).days
        window_days = (deadline.last_on - deadline.first_on).days
        done_on = deadline.first_on + timedelta(days=choice.randint(0, window_days // 2))
        if done_on < as_of and not chance(choice, _open_percent(deadline.name, days_left)):
            deadline.state, deadline.met_on = cases.Deadline.State.MET, done_on
            deadline.met_by, deadline.how_met = deadline.owner, HOW_MET.get(deadline.name, "Done.")
            met.append(deadline)
    cases.Deadline.objects.bulk_update(met, ["state", "met_on", "met_by", "how_met"], batch_size=AT_ONCE)


def _open_percent(name: str, days_left: int) -> int:
    if days_left < -NEAR_DAYS:
        return 0
    if name == "Remaining term told to the person":  # everybody's, twice a year: not a pile of work on one day
        return 12
    return 80 if days_left <= NEAR_DAYS else 40


def _begun_deadlines(as_of: date) -> Iterable[cases.Deadline]:
    begun = cases.Deadline.objects.filter(state=cases.Deadline.State.OPEN, first_on__lt=as_of)
    return begun.select_related("owner").order_by("term_id", "name")


def _counts(as_of: date, seed: int, monitored: int) -> Loaded:
    return Loaded(
        people=people.Person.objects.count(),
        accounts=User.objects.count(),
        court_cases=cases.CourtCase.objects.count(),
        terms=cases.Term.objects.count(),
        events=cases.Event.objects.count(),
        determinations=cases.Determination.objects.count(),
        published_cases=cases.CourtCase.objects.exclude(published_citation="").count(),
        as_of=as_of.isoformat(),
        seed=seed,
        monitored=monitored,
    )


def _create(kind: type[M], made_rows: Iterable[M]) -> list[M]:
    return list(kind._default_manager.bulk_create(list(made_rows)))


def _of_each(rows_of: Callable[[rows.Written], Iterable[M]], them: list[rows.Written]) -> Iterator[M]:
    return (row for it in them for row in rows_of(it))


def _batches(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (values[start : start + size] for start in range(0, len(values), size))
