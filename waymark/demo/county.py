"""A believable St. Louis county: its offices, the people in their care and what happened to them. All is invented.

Nothing here reads a clock or a database: the same number of people, seed and day give the same county. The facts end on
the day before `as_of`, so that nothing in the record lies ahead of the hour at which it is looked at.

1. People are drawn one by one, each with a track: the Division's caseload, the county's, awaiting trial, diverted.
2. A term that the law has ended by now is mostly closed (discharged); a few of the latest still wait for the order.
3. Caseloads are made by unit, about sixty people to an officer, and the cases get a judge, a prosecutor, a defender.
4. Some people are in the county's books twice, under another spelling.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from waymark.demo import offices
from waymark.demo.choice import Choice, chance, days_after, weighted
from waymark.demo.conditions import Condition, conditions
from waymark.demo.histories import (
    Event,
    History,
    TermStart,
    felony_term,
    history,
    misdemeanor_term,
    months_later,
)
from waymark.demo.names import ALIASES, NICKNAMES, STOCKS, Name, misspelt, name
from waymark.demo.offenses import Offense, felonies_on, misdemeanors_on
from waymark.demo.offices import AGENCIES, DEMO_STAFF, Agency, Staff
from waymark.demo.places import STREETS, Street
from waymark.law.missouri import ecc_217_703 as ecc

CASELOAD = 62  # people to an officer
TRACKS = [(64, "division"), (18, "psu"), (10, "pretrial"), (5, "diversion"), (3, "mmhc")]
JOHN_SMITH = Name("John", "Paul", "Smith", "", "male", STOCKS[0])
LUCIA_REYES = Name("Lucía", "", "Reyes", "", "female", STOCKS[1])  # reads Spanish
TWICE_IN_A_HUNDRED = 1  # how many of a hundred records are a second record of somebody


@dataclass(frozen=True)
class ContactPoint:
    kind: str  # "mobile", "phone", "email"
    value: str
    preferred: bool
    may_message: bool | None  # None: never asked
    consent_on: date | None


@dataclass(frozen=True)
class Address:
    street: str
    city: str
    postal_code: str
    from_on: date
    until_on: date | None = None


@dataclass(frozen=True)
class Identifier:
    agency: str
    kind: str
    value: str


@dataclass(frozen=True)
class Assignment:
    """`officer`: a user name, or empty where the unit as a whole answers."""

    agency: str
    unit: str
    officer: str
    from_on: date
    until_on: date | None = None


@dataclass(frozen=True)
class Party:
    capacity: str
    name: str
    account: str = ""


@dataclass(frozen=True)
class Charge:
    offense: Offense
    offense_on: date | None
    disposition: str = ""
    disposed_on: date | None = None


@dataclass(frozen=True)
class Order:
    ordered_on: date
    kind: str
    words: str


@dataclass(frozen=True)
class Placement:
    program: str
    placed_on: date
    ended_on: date | None = None
    outcome: str = ""


@dataclass(frozen=True)
class Mistake:
    """An event as it was entered wrongly on its day, and the right one that was entered when the wrong was voided."""

    event: Event
    right: Event
    voided_on: date
    reason: str


@dataclass(frozen=True)
class Note:
    on: date
    words: str


@dataclass(frozen=True)
class Case:
    """One term to a case, under its first charge."""

    number: str
    court: str
    kind: str  # "felony", "misdemeanor", "municipal"
    filed_on: date
    charges: tuple[Charge, ...]
    history: History
    conditions: tuple[Condition, ...]
    orders: tuple[Order, ...] = ()
    placements: tuple[Placement, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[Note, ...] = ()
    parties: tuple[Party, ...] = ()
    title: str = ""  # empty: the State against the person
    published_citation: str = ""


@dataclass(frozen=True)
class Person:
    name: Name
    born_on: date | None
    language: str
    needs_interpreter: bool | None
    track: str
    street: Street | None
    other_names: tuple[tuple[str, str, str], ...] = ()  # (kind, given, family)
    identifiers: tuple[Identifier, ...] = ()
    contact_points: tuple[ContactPoint, ...] = ()
    addresses: tuple[Address, ...] = ()
    emergency_contacts: tuple[tuple[str, str, str], ...] = ()  # (name, relationship, telephone)
    cases: tuple[Case, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    account: str = ""

    @property
    def closed_on(self) -> date | None:
        """The day the last of the terms was over; None while one runs."""
        ends = [closed_on(case.history) for case in self.cases]
        return max(end for end in ends if end) if ends and all(ends) else None


@dataclass(frozen=True)
class County:
    as_of: date
    agencies: tuple[Agency, ...]
    staff: tuple[Staff, ...]
    people: tuple[Person, ...]


def county(people: int, seed: int, as_of: date) -> County:
    """The county of so many people, as its books stand on the morning of `as_of`."""
    choice = random.Random(seed)
    edges = dict(enumerate(_edge_histories(as_of)))
    first = people - people * TWICE_IN_A_HUNDRED // 100
    drawn = [_person(choice, number, as_of, edges.get(number)) for number in range(first)]
    drawn[0] = replace(drawn[0], name=JOHN_SMITH, born_on=date(1981, 4, 12))  # everybody looks for him first
    if len(drawn) >= len(edges):
        drawn[len(edges) - 1] = replace(drawn[len(edges) - 1], name=LUCIA_REYES, language="es")
    again = [drawn[first // (people - first) * n] for n in range(people - first)]  # nobody three times
    drawn += [_second_record(choice, person, first + n, as_of) for n, person in enumerate(again)]
    staff = _Staffing(choice)
    drawn = staff.assign(drawn, len(edges))
    drawn = [_with_parties(choice, person, staff) for person in drawn]
    return County(as_of, AGENCIES, staff.everybody, tuple(_with_participants(drawn, as_of)))


def closed_on(history: History) -> date | None:
    """The day supervision ended: by discharge or by revocation."""
    ends = [event.on for event in history.events if event.kind == "discharged" or event.outcome == "revoked"]
    return min(ends, default=None)


def _person(choice: Choice, number: int, as_of: date, edge: History | None) -> Person:
    track = "division" if edge else weighted(choice, TRACKS)
    called, street = name(choice), choice.choice(STREETS)
    cases = [_case(choice, track, number, 0, as_of, street, edge)]
    if track == "division" and not edge and chance(choice, 5):
        cases.append(_case(choice, track, number, 1, as_of, street, None))
    since = min(case.history.start.begins_on for case in cases)
    youngest, oldest = (18, 25) if track == "diversion" and chance(choice, 70) else (18, 62)
    years = (choice.randint(youngest, oldest) + choice.randint(youngest, oldest)) // 2
    speaks_spanish = chance(choice, called.stock.speaks_spanish_percent)
    return Person(
        name=called,
        born_on=None if chance(choice, 1) else since - timedelta(days=round(years * 365.25) + choice.randint(0, 364)),
        language="es" if speaks_spanish else "en",
        needs_interpreter=_interpreter(choice, called, speaks_spanish),
        track=track,
        street=street,
        other_names=_other_names(choice, called),
        identifiers=_identifiers(choice, number, track),
        contact_points=_contact_points(choice, called, number, since),
        addresses=_addresses(choice, street, since, as_of),
        emergency_contacts=_emergency_contacts(choice, called),
        cases=tuple(cases),
    )


def _interpreter(choice: Choice, called: Name, speaks_spanish: bool) -> bool | None:
    if chance(choice, 10):
        return None
    return (speaks_spanish or not called.stock.speaks_spanish_percent) and chance(
        choice, called.stock.interpreter_percent
    )


def _other_names(choice: Choice, called: Name) -> tuple[tuple[str, str, str], ...]:
    found = []
    if called.given in NICKNAMES and chance(choice, 40):
        found.append(("nickname", NICKNAMES[called.given], ""))
    if chance(choice, 10):
        found.append(("alias", choice.choice(ALIASES), ""))
    if chance(choice, 6):
        found.append(("alias", called.given, misspelt(called.family)))
    if called.sex == "female" and chance(choice, 18):
        found.append(("former", called.given, choice.choice(called.stock.families)))
    return tuple(found)


def _identifiers(choice: Choice, number: int, track: str) -> tuple[Identifier, ...]:
    """The serial part keeps each number one person's own."""
    found = [Identifier(offices.POLICE, "state_id", f"MO{30_000_000 + number * 7 + choice.randint(0, 6)}")]
    if track == "division":
        found.append(Identifier(offices.DIVISION, "doc_number", str(1_100_000 + number * 11 + choice.randint(0, 10))))
    else:
        found.append(Identifier(offices.DJS, "local_number", f"CC-{100_000 + number * 3 + choice.randint(0, 2)}"))
    if chance(choice, 55):
        found.append(Identifier(offices.DJS, "jail_number", str(400_000 + number * 5 + choice.randint(0, 4))))
    if chance(choice, 20):
        found.append(
            Identifier(offices.POLICE, "fbi_number", f"{100_000 + number * 9 + choice.randint(0, 8)}WA{number % 10}")
        )
    return tuple(found)


def _telephone(choice: Choice) -> str:
    return f"({choice.choice(['314', '314', '314', '636'])}) 555-{choice.randint(0, 9999):04d}"


def _contact_points(choice: Choice, called: Name, number: int, since: date) -> tuple[ContactPoint, ...]:
    if chance(choice, 3):
        return ()
    said = weighted(choice, [(66, True), (16, False), (18, None)])
    asked_on = days_after(choice, since, 0, 20) if said is not None else None
    found = [ContactPoint("mobile", _telephone(choice), True, said, asked_on if said else None)]
    if chance(choice, 25):
        found.append(ContactPoint("phone", _telephone(choice), False, None, None))
    if chance(choice, 40):
        address = f"{called.given}.{called.family}{number}".replace(" ", "").replace("'", "").lower()
        found.append(ContactPoint("email", f"{_plain(address)}@example.org", False, said, asked_on if said else None))
    return tuple(found)


def _plain(text: str) -> str:
    return text.translate(str.maketrans("áéíóúüñćčžšđ", "aeiouunccz" + "sd"))


def _addresses(choice: Choice, street: Street, since: date, as_of: date) -> tuple[Address, ...]:
    now = Address(*_house(choice, street), from_on=days_after(choice, since, -900, -10))
    moved_on = days_after(choice, since, 30, 700)
    if moved_on >= as_of or not chance(choice, 35):
        return (now,)
    before = Address(*_house(choice, choice.choice(STREETS)), from_on=now.from_on, until_on=moved_on)
    return replace(now, from_on=moved_on), before


def _house(choice: Choice, street: Street) -> tuple[str, str, str]:
    number = choice.randint(1001, 9899)
    flat = f" Apt {choice.randint(1, 12)}{choice.choice('ABC')}" if chance(choice, 25) else ""
    return f"{number} {street.name}{flat}", street.city, street.postal_code


def _emergency_contacts(choice: Choice, called: Name) -> tuple[tuple[str, str, str], ...]:
    if chance(choice, 15):
        return ()
    relationship = choice.choice(["Mother", "Father", "Sister", "Brother", "Grandmother", "Wife", "Friend", "Aunt"])
    given_names = called.stock.men if relationship in ("Father", "Brother", "Friend") else called.stock.women
    return ((f"{choice.choice(given_names)} {called.family}", relationship, _telephone(choice)),)


def _case(
    choice: Choice, track: str, number: int, second: int, as_of: date, street: Street, edge: History | None
) -> Case:
    until = as_of - timedelta(days=1)
    told = edge or _history(choice, track, until)
    if track == "division":
        told = _closed(choice, told, as_of)
    start = told.start
    on_first = start.sentenced_on or start.begins_on
    offense_on = days_after(choice, on_first, -420, -40)
    court = _court(track, street)
    filed_on = days_after(choice, offense_on, 1, 40)
    charges = [Charge(start.offense, offense_on, *_disposition(start))]
    if chance(choice, 18):
        more = felonies_on(offense_on) if start.offense.level == "felony" else misdemeanors_on(offense_on)
        charges.append(Charge(choice.choice(more), offense_on, *_disposition(start)))
    return Case(
        number=_case_number(court, filed_on, number * 2 + second),
        court=court,
        kind="municipal" if track == "mmhc" else start.offense.level,
        filed_on=filed_on,
        charges=tuple(charges),
        history=told,
        conditions=conditions(choice, told, min(until, closed_on(told) or until)),
        orders=tuple(orders(told)),
        placements=tuple(_placements(choice, track, told)),
        mistakes=tuple(_mistakes(choice, told, until)),
        notes=tuple(_notes(choice, track, told, until)),
    )


def _history(choice: Choice, track: str, until: date) -> History:
    """Most terms began in the last two and a half years, for those who do well are discharged by then."""
    if track == "division":
        begins_on = days_after(choice, until, -weighted(choice, [(55, 640), (33, 1150), (12, 1900)]), -8)
        gap_days = weighted(choice, [(45, 900), (35, 330), (20, 130)])
        return history(choice, felony_term(choice, begins_on), until, gap_days)
    if track in ("psu", "mmhc"):
        start = misdemeanor_term(choice, days_after(choice, until, -800, -5))
        if track == "mmhc":
            start = replace(start, offense=_ordinance(choice))
        return _few_events(choice, start, until)
    return _few_events(choice, _before_trial(choice, track, until), until)


def _ordinance(choice: Choice) -> Offense:
    section, called = choice.choice(
        [("716.120", "Peace disturbance"), ("716.080", "Trespass"), ("716.060", "Stealing under $150")]
    )
    return Offense(section, f"{called} (county ordinance)", "infraction", "", 1)


def _before_trial(choice: Choice, track: str, until: date) -> TermStart:
    begins_on = days_after(choice, until, -300, -3) if track == "pretrial" else days_after(choice, until, -500, -5)
    felonies = [offense for offense in felonies_on(begins_on) if not offense.violent]
    offenses = felonies if track == "diversion" or chance(choice, 60) else list(misdemeanors_on(begins_on))
    return TermStart(
        kind=track,
        begins_on=begins_on,
        years=0,
        months=choice.choice([6, 9, 12]) if track == "pretrial" else choice.choice([6, 9, 12, 18]),
        sentence="",
        sentenced_on=None,
        offense=weighted(choice, [(offense.weight, offense) for offense in offenses]),
        supervised_by_division=False,
    )


def _few_events(choice: Choice, start: TermStart, until: date) -> History:
    """Reports are rarer where the county supervises; a term that ran out is closed on its last day."""
    ends_on = start.anniversary - timedelta(days=1)
    told = history(choice, start, min(until, ends_on), gap_days=700, most=2)
    kept = [event for event in told.events if event.kind in COUNTY_EVENTS and event.outcome != "ineligible"]
    if start.kind == "pretrial":
        hearing_on = days_after(choice, until, 2, 60)
        kept.append(Event(days_after(choice, until, -20, 0), "hearing_set", hearing_on=hearing_on))
        kept = [event for event in kept if event.on >= start.begins_on]
    if ends_on <= until:
        kept.append(Event(ends_on, "discharged"))
    return History(start, tuple(sorted(kept, key=lambda event: event.on)))


COUNTY_EVENTS = (
    *("violation_report", "motion_to_revoke", "motion_withdrawn", "hearing_set", "hearing", "restitution_paid"),
    *("custody_start", "custody_end", "term_suspended", "suspension_lifted"),
)


def _closed(choice: Choice, told: History, as_of: date) -> History:
    """Cut where the law ended the term. In the last weeks some are still waiting for the court's order."""
    answer: dict[str, Any] = ecc.determine(ecc.read(told.as_facts(as_of))).as_json()
    ended = answer.get("discharge_date")
    if ended is None or closed_on(told):
        return told
    ordered_on = days_after(choice, date.fromisoformat(ended), 0, 12)
    if ordered_on >= as_of or (ordered_on > as_of - timedelta(days=45) and chance(choice, 25)):
        return told
    before = [event for event in told.events if event.on <= ordered_on]
    return History(told.start, (*before, Event(ordered_on, "discharged")))


def _court(track: str, street: Street) -> str:
    if track == "mmhc":
        return offices.MUNICIPAL_COURT
    return offices.CITY_COURT if track == "diversion" or street.part == "city" else offices.COUNTY_COURT


def _case_number(court: str, filed_on: date, serial: int) -> str:
    if court == offices.MUNICIPAL_COURT:
        return f"{filed_on:%y}SLM-{10_000 + serial}"
    place = "SL" if court == offices.COUNTY_COURT else "22"
    return f"{filed_on:%y}{place}-CR{serial:05d}-01"


def _disposition(start: TermStart) -> tuple[str, date | None]:
    if start.kind in ("pretrial", "diversion"):
        return ("Diverted" if start.kind == "diversion" else "Pending"), None
    return "Guilty plea", start.sentenced_on or start.begins_on


ORDERED = {
    "probation": ("Order of probation", "{sentence}; probation for {length} under the conditions of this order."),
    "parole": ("Order of release", "Released by the parole board to supervision for {length}."),
    "conditional_release": ("Order of release", "Conditional release under supervision for {length}."),
    "pretrial": ("Conditions of release", "Released before trial under the supervision of the county."),
    "diversion": ("Diversion agreement", "Prosecution deferred for {length} under a written plan (557.014)."),
}
IN_FULL = {"SIS": "Imposition of sentence suspended", "SES": "Execution of sentence suspended", "": ""}


def orders(told: History) -> Iterator[Order]:
    """What the court ordered, as far as the events tell."""
    start = told.start
    kind, words = ORDERED[start.kind]
    length = f"{start.years} years" if not start.months else f"{start.years * 12 + start.months} months"
    yield Order(start.begins_on, kind, words.format(sentence=IN_FULL[start.sentence], length=length))
    for event in told.events:
        if event.kind == "term_extended":
            yield Order(event.on, "Order extending probation", "Violation found; the term is extended by one year.")
        elif event.kind == "term_suspended":
            yield Order(event.on, "Order suspending probation", "Probation is suspended until the hearing.")
        elif event.kind == "discharged":
            yield Order(event.on, "Order of discharge", "Discharged from supervision.")


STAYS = {
    "cods_placed": ("CODS, 120-day program", ("cods_released",)),
    "treatment_court_entered": ("Treatment court", ("treatment_court_completed", "treatment_court_terminated")),
}


def _placements(choice: Choice, track: str, told: History) -> Iterator[Placement]:
    for event in told.events:
        if event.kind in STAYS:
            program, ends = STAYS[event.kind]
            end = next((later for later in told.events if later.kind in ends and later.on > event.on), None)
            outcome = end.kind.rpartition("_")[2].capitalize() if end else ""
            yield Placement(program, event.on, end.on if end else None, outcome)
    if track == "pretrial" and chance(choice, 30):
        yield Placement("Electronic home detention (EHD)", told.start.begins_on)
    if track == "division" and chance(choice, 4):
        placed_on = days_after(choice, told.start.begins_on, 0, 10)
        yield Placement("Electronic home detention (EHD)", placed_on, placed_on + timedelta(days=60), "Completed")


def _mistakes(choice: Choice, told: History, until: date) -> Iterator[Mistake]:
    """Now and then a report was entered under the wrong day and set right a week or so later."""
    for event in told.events:
        if event.kind == "violation_report" and chance(choice, 4):
            voided_on = days_after(choice, event.on, 2, 12)
            wrong_on = event.on - timedelta(days=choice.randint(1, 9))
            if voided_on <= until and wrong_on >= told.start.begins_on:
                yield Mistake(
                    replace(event, on=wrong_on),
                    event,
                    voided_on,
                    "Entered under the day it was written, not the day it was submitted.",
                )


NOTES = (
    "Office visit. Employed, pay stub seen. No change of address.",
    "Telephone contact. Says that all is well at home; next visit confirmed.",
    "Home visit. Met with family, residence verified.",
    "Office visit. Looking for work; given the list of employers from the job center.",
    "Did not report as directed. Left a message; a new time is set.",
    "Drug test negative.",
    "Drug test positive for marijuana; spoke about treatment.",
    "Treatment provider reports regular attendance.",
    "Asked about the discharge date; explained credits and what would change it.",
    "Missed a payment; a plan of smaller payments was agreed.",
    "Work site confirms community service hours.",
    "Bus pass handed out for visits and classes.",
)


def _notes(choice: Choice, track: str, told: History, until: date) -> Iterator[Note]:
    last = min(until, closed_on(told) or until)
    on = days_after(choice, told.start.begins_on, 1, 30)
    for _ in range(4):
        if on > last:
            return
        yield Note(on, choice.choice(NOTES))
        on = days_after(choice, on, 10, 260)


def _second_record(choice: Choice, person: Person, number: int, as_of: date) -> Person:
    """The same person as another officer or office wrote her down: a nickname or a misspelling, the same birth date."""
    track = "division" if person.track == "division" and number % 2 else "pretrial"
    called = person.name
    if called.given in NICKNAMES and chance(choice, 50):
        called = replace(called, given=NICKNAMES[called.given])
    else:
        called = replace(called, family=misspelt(called.family))
    street = person.street or STREETS[0]
    case = _case(choice, track, number, 0, as_of, street, None)
    since = case.history.start.begins_on
    shared = tuple(i for i in person.identifiers if i.kind == "fbi_number")
    return Person(
        name=replace(called, middle=called.middle[:1], suffix=""),
        born_on=person.born_on,
        language=person.language,
        needs_interpreter=None,
        track=track,
        street=street,
        identifiers=(
            Identifier(offices.DJS, "local_number", f"CC-{100_000 + number * 3}"),
            *(replace(i, agency=offices.DJS) for i in shared),
        ),
        contact_points=person.contact_points[:1],
        addresses=(Address(*_house(choice, street), from_on=since),),
        cases=(case,),
    )


@dataclass
class _Staffing:
    """Who works where, and whose caseload is whose. Officers are taken on as caseloads fill."""

    choice: Choice
    staff: list[Staff] = field(default_factory=lambda: list(DEMO_STAFF))
    taken: set[str] = field(default_factory=lambda: {person.username for person in DEMO_STAFF})

    def __post_init__(self) -> None:
        self.judges = {
            offices.COUNTY_COURT: self._bench(offices.COUNTY_COURT, 9, "judge"),
            offices.CITY_COURT: self._bench(offices.CITY_COURT, 6, ""),
            offices.MUNICIPAL_COURT: self._bench(offices.MUNICIPAL_COURT, 2, ""),
        }
        county = self._office(offices.COUNTY_PROSECUTOR, "", "prosecutor", 9, "prosecutor", "Assistant Prosecutor")
        city = self._office(offices.CIRCUIT_ATTORNEY, "trial", "prosecutor", 7, "", "Assistant Circuit Attorney")
        self.prosecutors = {
            offices.COUNTY_COURT: county,
            offices.CITY_COURT: city,
            offices.MUNICIPAL_COURT: county,
        }
        self.defenders = self._office(offices.DEFENDERS, "", "defender", 13, "defender", "Assistant Public Defender")

    @property
    def everybody(self) -> tuple[Staff, ...]:
        return tuple(self.staff)

    def assign(self, people: list[Person], edges: int) -> list[Person]:
        """Everybody to a unit and an officer; the first, who are the edge cases, to the demo officer. Those whose
        supervision is over keep the officer they last had."""
        by_unit: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, person in enumerate(people):
            desk = (offices.DIVISION, "ecc") if number < edges else _unit_of(self.choice, person)
            by_unit[desk].append(number)
        assigned = list(people)
        for (agency, unit), numbers in by_unit.items():
            running = [n for n in numbers if people[n].closed_on is None]
            over = [n for n in numbers if people[n].closed_on is not None]
            officers = self._officers(agency, unit, len(running))
            for place, n in enumerate(running):
                officer = officers[place * len(officers) // len(running)]
                assigned[n] = _assigned(people[n], agency, unit, officer)
            for n in over:
                assigned[n] = _assigned(people[n], agency, unit, self.choice.choice(officers))
        return assigned

    def _officers(self, agency: str, unit: str, people: int) -> list[Staff]:
        case_managers = agency == offices.CIRCUIT_ATTORNEY
        role = "diversion_case_manager" if case_managers else "officer"
        title = "Case Manager" if case_managers else _TITLES.get(unit, "Probation and Parole Officer")
        wanted = max(1, round(people / CASELOAD))
        if unit not in ("ecc", "diversion") and wanted:
            self._hire("supervisor", agency, unit, "Unit Supervisor", scope="unit")
        return self._office(agency, unit, role, wanted, role if unit in ("ecc", "diversion") else "", title)

    def _bench(self, court: str, judges: int, demo_account: str) -> list[Staff]:
        return self._office(court, "", "judge", judges, demo_account, "Judge")

    def _office(self, agency: str, unit: str, role: str, people: int, demo_account: str, title: str) -> list[Staff]:
        """So many people of a role; the demo account, where it belongs here, is the first of them."""
        found = [person for person in self.staff if person.username == demo_account]
        while len(found) < people:
            found.append(self._hire(role, agency, unit, title))
        return found

    def _hire(self, role: str, agency: str, unit: str, title: str, scope: str = "own") -> Staff:
        called = name(self.choice)
        username = wanted = _plain(f"{called.given[0]}{called.family}".replace(" ", "").replace("'", "").lower())
        number = 1
        while username in self.taken:
            number += 1
            username = f"{wanted}{number}"
        self.taken.add(username)
        hired = Staff(username, called.given, called.family, role, scope, agency, unit, title)
        self.staff.append(hired)
        return hired


_TITLES = {"psu": "Probation Officer", "pretrial": "Pretrial Release Officer", "mmhc": "Court Case Manager"}


def _unit_of(choice: Choice, person: Person) -> tuple[str, str]:
    """The unit that answers for the person: by program where the person is in one, else by where the person lives."""
    start = person.cases[0].history.start
    if person.track in ("psu", "pretrial", "mmhc"):
        return offices.DJS, person.track
    if person.track == "diversion":
        return offices.CIRCUIT_ATTORNEY, "diversion"
    if any(stay.program.startswith("CODS") and not stay.ended_on for case in person.cases for stay in case.placements):
        return offices.DIVISION, "cods"
    if start.offense.section in ("566.034", "566.083"):
        return offices.DIVISION, "soau"
    if start.offense.name.startswith("Domestic assault"):
        return offices.DIVISION, "dv"
    nearest = person.street.part if person.street else "city"
    return offices.DIVISION, weighted(choice, [(24, "ecc"), (70, nearest), (3, "ltc"), (3, "itc-sip")])


def _assigned(person: Person, agency: str, unit: str, officer: Staff) -> Person:
    """With the unit, and with the programs beside it whose staff must see the person too."""
    since = min(case.history.start.begins_on for case in person.cases)
    until = person.closed_on
    found = [Assignment(agency, unit, officer.username, since, until)]
    programs = {stay.program for case in person.cases for stay in case.placements if not stay.ended_on}
    asked = {condition.words for case in person.cases for condition in case.conditions}
    if any(program.startswith("Electronic home") for program in programs):
        found.append(Assignment(offices.DJS, "ehd", "", since, until))
    if any("SCRAM" in words for words in asked):
        found.append(Assignment(offices.DJS, "scram", "", since, until))
    if any("Victim Impact Panel" in words for words in asked):
        found.append(Assignment(offices.DJS, "vip", "", since, until))
    if any("batterer" in words for words in asked):
        found.append(Assignment(offices.DJS, "dvip", "", since, until))
    if agency != offices.DIVISION and any("community service" in words for words in asked):
        found.append(Assignment(offices.DJS, "acsp", "", since, until))
    return replace(person, assignments=tuple(found))


def _with_parties(choice: Choice, person: Person, staff: _Staffing) -> Person:
    return replace(person, cases=tuple(replace(case, parties=_parties(choice, case, staff)) for case in person.cases))


def _parties(choice: Choice, case: Case, staff: _Staffing) -> tuple[Party, ...]:
    found = [
        _party("judge", choice.choice(staff.judges[case.court])),
        _party("prosecutor", choice.choice(staff.prosecutors[case.court])),
    ]
    if chance(choice, 75):
        found.append(_party("defender", choice.choice(staff.defenders)))
    else:
        found.append(Party("defender", name(choice).whole))
    if case.history.start.offense.restitution or case.history.start.offense.violent:
        found.append(Party("victim", "Name withheld"))
    return tuple(found)


def _party(capacity: str, account: Staff) -> Party:
    return Party(capacity, account.whole_name, account.username)


def _with_participants(people: list[Person], as_of: date) -> list[Person]:
    """Give two people of the demo officer's caseload an account: whose page tells most, in English and in Spanish. The
    demo judge, prosecutor and defender have their cases."""
    caseload = [n for n, person in enumerate(people) if any(a.officer == "officer" for a in person.assignments)]
    for account, language in (("participant", "en"), ("participante", "es")):
        able = [n for n in caseload if people[n].language == language and people[n].closed_on is None]
        if able:
            chosen = max(able, key=lambda n: (_tells_much(people[n], as_of), -n))
            cases = tuple(replace(case, parties=_demo_parties(case)) for case in people[chosen].cases)
            people[chosen] = replace(people[chosen], account=account, cases=cases)
    return people


def _demo_parties(case: Case) -> tuple[Party, ...]:
    others = (party for party in case.parties if party.capacity == "victim")
    return (*(_party(demo.role, demo) for demo in DEMO_STAFF if demo.role in COURT_ROLES), *others)


COURT_ROLES = ("judge", "prosecutor", "defender")


def _tells_much(person: Person, as_of: date) -> int:
    """How much the person's own page would show: an end that is near, things still to do, a month that was lost."""
    case = person.cases[0]
    answer = ecc.determine(ecc.read(case.history.as_facts(as_of))).as_json()
    best = answer.get("optimal_discharge_date")
    soon = best and as_of + timedelta(days=45) < date.fromisoformat(best) < as_of + timedelta(days=330)
    asked = [condition for condition in case.conditions if condition.counted_in]
    to_do = [condition for condition in asked if sum(step.amount for step in condition.progress) < condition.amount]
    of_money = any(condition.counted_in == "cents" for condition in to_do)
    lost = any(month["earned"] == "no" for month in answer["months"][1:])
    in_county = case.court == offices.COUNTY_COURT and len(person.cases) == 1
    return 8 * bool(soon) + 4 * in_county + 3 * len(to_do) + 2 * of_money + 2 * lost + (len(asked) > len(to_do))


def _edge_histories(as_of: date) -> list[History]:
    """Terms that a rule is tried by, and terms whose clocks run out these days."""
    month = as_of.replace(day=1)
    last_of_march, first_of_april = date(as_of.year - 1, 3, 31), date(as_of.year - 1, 4, 1)
    told = [
        _edge(months_later(month, -12)),  # from the 1st of a month
        _edge(_last_leap_day(as_of)),
        _edge(  # two reports on either side of a month's end: two months lost
            months_later(last_of_march, -8),
            Event(last_of_march, "violation_report"),
            Event(first_of_april, "violation_report"),
        ),
        _edge(  # in custody over a month's end: both months lost
            months_later(month, -10),
            Event(months_later(month, -3) - timedelta(days=1), "custody_start"),
            Event(months_later(month, -3), "custody_end"),
        ),
        _edge(  # a hearing that is set and not held: the months since are pending
            months_later(month, -15) + timedelta(days=9),
            Event(months_later(month, -3) + timedelta(days=4), "violation_report"),
            Event(months_later(month, -2), "hearing_set", hearing_on=as_of + timedelta(days=16)),
        ),
        _edge(  # in treatment court: credits are counted and wait
            months_later(month, -14) + timedelta(days=3),
            Event(months_later(month, -9), "treatment_court_entered"),
        ),
    ]
    told += [_discharged_by_floor(as_of + timedelta(days=days)) for days in (57, 61, 62, 8)]
    told += [_nearly_done(as_of, months_ago) for months_ago in (14, 5)]
    return [replace(one, events=tuple(event for event in one.events if event.on < as_of)) for one in told]


def _edge(begins_on: date, *events: Event, years: int = 5) -> History:
    possession = felonies_on(begins_on)[0]
    return History(TermStart("probation", begins_on, years, 0, "SIS", begins_on, possession), events)


def _last_leap_day(as_of: date) -> date:
    year = months_later(as_of, -3).year // 4 * 4
    return date(year, 2, 29)


def _nearly_done(as_of: date, months_ago: int) -> History:
    """Somebody who owes restitution and lost one month: a page worth reading for a participant."""
    month = as_of.replace(day=1)
    reported = Event(months_later(month, -months_ago) + timedelta(days=8), "violation_report")
    told = _edge(months_later(month, -27) + timedelta(days=9), reported)
    stealing = next(offense for offense in felonies_on(told.start.begins_on) if offense.restitution)
    return replace(
        told, start=replace(told.start, offense=stealing, restitution_ordered=True, restitution_cents=120_000)
    )


def _discharged_by_floor(day: date) -> History:
    """A term of three years without a stain ends when two years are served (217.703.7): on just this day."""
    return _edge(months_later(day + timedelta(days=1), -24), years=3)
