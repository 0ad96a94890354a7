"""Court cases for tests. The rows are what the verbs of cases.actions write; the verbs have tests of their own."""

from __future__ import annotations

from datetime import date, datetime
from itertools import count
from typing import Any

from waymark.accounts.models import Agency, Role, User
from waymark.accounts.tests.make import make_agency
from waymark.cases.models import Charge, ChargeEntry, CourtCase, Event, Party, Term, TermEntry
from waymark.people.models import Person
from waymark.people.tests.make import make_person
from waymark.web.clock import now

_serial = count(1)


def make_court() -> Agency:
    return Agency.objects.filter(kind=Agency.Kind.COURT).first() or make_agency(kind=Agency.Kind.COURT)


def make_case(person: Person | None = None, officer: User | None = None, **fields: Any) -> CourtCase:
    """A felony case of the person; without one, of a new person the officer supervises."""
    given = {"number": f"24SL-CR{next(_serial):05}", "court": fields.pop("court", None) or make_court(), **fields}
    return CourtCase.objects.create(person=person or make_person(officer), **given)


def make_charge(case: CourtCase, entered_at: datetime | None = None, **said: Any) -> Charge:
    """Stealing, class D, unless said otherwise."""
    charge = Charge.objects.create(case=case, count=said.pop("count", case.charges.count() + 1))
    defaults = {"section": "570.030", "name": "Stealing", "level": "felony", "offense_class": "D"}
    ChargeEntry.objects.create(charge=charge, entered_at=entered_at or now(), **{**defaults, **said})
    return charge


def make_term(
    case: CourtCase | None = None,
    *,
    officer: User | None = None,
    charge: Charge | None = None,
    offense: dict[str, Any] | None = None,
    entered_at: datetime | None = None,
    **said: Any,
) -> Term:
    """Five years of probation from 15 January 2018, all recorded that eligibility asks, unless said otherwise."""
    case = case or make_case(officer=officer)
    charge = charge or make_charge(case, entered_at, **(offense or {}))
    term = Term.objects.create(case=case, charge=charge)
    begins_on = said.get("begins_on", date(2018, 1, 15))
    defaults: dict[str, Any] = {
        "kind": TermEntry.Kind.PROBATION,
        "begins_on": begins_on,
        "years": 5,
        "sentence": "SES",
        "sentenced_on": begins_on,
        "supervised_by_division": True,
        "lifetime_supervision": False,
        "restitution_ordered": False,
    }
    TermEntry.objects.create(term=term, entered_at=entered_at or now(), **{**defaults, **said})
    return term


def make_event(term: Term, kind: str, on: date, entered_at: datetime | None = None, **said: Any) -> Event:
    """The bare row, nothing determined from it; the verb is cases.actions.enter_event."""
    return Event.objects.create(term=term, kind=kind, on=on, entered_at=entered_at or now(), **said)


def make_culp_term(**where: Any) -> Term:
    """Culp v. Rolf, 568 S.W.3d 443 (Mo. App. 2019), as the opinion tells it."""
    term = make_term(offense={"offense_class": "C"}, begins_on=date(2015, 10, 19), **where)
    for on in (date(2017, 3, 16), date(2017, 4, 10)):
        make_event(term, Event.Kind.VIOLATION_REPORT, on)
    return term


def make_party(case: CourtCase, account: User, **fields: Any) -> Party:
    """The account takes part in the case in the capacity of its role."""
    assert account.role in (Role.JUDGE, Role.PROSECUTOR, Role.DEFENDER)
    return Party.objects.create(
        case=case, capacity=account.role, name=account.get_full_name(), account=account, **fields
    )
