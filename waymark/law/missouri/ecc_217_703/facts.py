"""The facts that RSMo 217.703 reads. None means not recorded, never no.

Shape and meaning of every key: docs/command-line.md. Facts that cannot be right are refused in `read`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from waymark.facts.faults import Fault, FaultyFacts
from waymark.facts.from_json import read_facts
from waymark.law.calendar import FIRST_YEAR, LAST_YEAR
from waymark.law.missouri.terms_559_016 import length_faults

ENACTED = date(2012, 8, 28)  # HB 1525 of 2012
FIRST_MONTH = date(2012, 9, 1)  # the first month that can earn: first award on 1 October 2012 (217.703.3)
CODE_REVISION = date(2017, 1, 1)  # new classes and section numbers (217.703.1, .11)
TREATMENT_COURT_LAW = date(2018, 12, 18)  # 217.703.12
CITATION_LAW = date(2022, 8, 28)  # a notice of citation breaks compliance too (217.703.4)

EventType = Literal[
    "violation_report",
    "notice_of_citation",
    "motion_to_revoke",
    "motion_to_suspend",
    "motion_withdrawn",
    "hearing_set",
    "hearing",
    "term_suspended",
    "suspension_lifted",
    "absconder_declared",
    "absconder_available",
    "custody_start",
    "custody_end",
    "cods_placed",
    "cods_released",
    "eligibility_motion",
    "found_eligible",
    "found_ineligible",
    "treatment_court_entered",
    "treatment_court_completed",
    "treatment_court_terminated",
    "restitution_paid",
]
EVENT_TYPES: tuple[str, ...] = get_args(EventType)
Outcome = Literal["continued", "no_violation", "revoked", "cods", "ineligible"]

# Spans of time in which something is so: what opens one, what closes it, whether it may be opened again while open.
SPANS = {
    "custody_start": (("custody_end",), False),
    "term_suspended": (("suspension_lifted",), True),
    "absconder_declared": (("absconder_available",), True),
    "cods_placed": (("cods_released",), False),
    "treatment_court_entered": (("treatment_court_completed", "treatment_court_terminated"), False),
}
# Acts of supervision: they cannot come before the term has begun.
WITHIN_TERM = {
    "violation_report",
    "notice_of_citation",
    "motion_to_revoke",
    "motion_to_suspend",
    "term_suspended",
    "absconder_declared",
    "cods_placed",
}


@dataclass(frozen=True, slots=True)
class Event:
    on: date
    type: EventType
    outcome: Outcome | None = None  # of a hearing
    hearing_on: date | None = None  # the day a hearing is set for


@dataclass(frozen=True, slots=True)
class Extension:
    ordered_on: date
    years: Annotated[int, Field(ge=0)] = 0
    months: Annotated[int, Field(ge=0)] = 0
    violation_found: bool | None = None


@dataclass(frozen=True, slots=True)
class TermOrdered:
    begins_on: date
    kind: Literal["probation", "parole", "conditional_release"] = "probation"
    years: Annotated[int, Field(ge=0)] | None = None
    months: Annotated[int, Field(ge=0)] = 0
    sentence: Literal["SIS", "SES"] | None = None
    sentenced_on: date | None = None
    extensions: tuple[Extension, ...] = ()

    @property
    def length_months(self) -> int | None:
        """None: the length is not recorded."""
        return None if self.years is None and not self.months else (self.years or 0) * 12 + self.months


@dataclass(frozen=True, slots=True)
class Offense:
    section: str | None = None  # "570.030", or with its subdivision "565.052.1(2)"
    chapter: int | None = None
    offense_class: Annotated[Literal["A", "B", "C", "D", "E"] | None, Field(alias="class")] = None
    felony: bool | None = None


@dataclass(frozen=True, slots=True)
class Restitution:
    ordered: bool | None = None
    paid_in_full_on: date | None = None


@dataclass(frozen=True, slots=True)
class Revocation:
    """What the court did about revoking, for 559.036.8."""

    intent_shown_on: date | None = None
    efforts_reasonable: bool | None = None
    delay_agreed_by_defense: bool | None = None


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings taken where sources differ; readings.py says what each means. Missing: the project's own."""

    tolling: bool = False
    start_on_first: bool = True
    term_end: Literal["day_before_anniversary", "anniversary"] = "day_before_anniversary"
    treatment_court_from: date = TREATMENT_COURT_LAW
    credits_during_cods: bool = False
    credits_during_suspension: Literal["kept", "held"] = "kept"
    lapsed_setting: Literal["pending", "answered"] = "pending"
    late_extension: Literal["stands", "void"] = "stands"


@dataclass(frozen=True, slots=True)
class Supervision:
    """Everything 217.703 asks about one term of supervision, as it stands on `as_of`."""

    as_of: date
    term: TermOrdered
    events: tuple[Event, ...]
    offense: Offense = Offense()
    supervised_by_division: bool | None = None
    lifetime_supervision: bool | None = None
    restitution: Restitution = Restitution()
    revocation: Revocation = Revocation()
    interpretations: Readings = Readings()


def read(question: Mapping[str, Any] | str | bytes) -> Supervision:
    """JSON of the contract as facts. Raises FaultyFacts naming every field that cannot be right."""
    facts = read_facts(Supervision, question)
    if faults := [*_dates(facts), *_offense(facts), *_term(facts), *_events(facts), *_restitution(facts)]:
        raise FaultyFacts(faults)
    return facts


def _dates(facts: Supervision) -> Iterator[Fault]:
    days = [("as_of", facts.as_of), ("term.begins_on", facts.term.begins_on)]
    days += [(f"events.{number}.on", event.on) for number, event in enumerate(facts.events)]
    for path, day in days:
        if not FIRST_YEAR + 50 <= day.year <= LAST_YEAR - 60:
            yield Fault(path, f"{day} is out of range. Give a day between 1950 and {LAST_YEAR - 60}.")


def _offense(facts: Supervision) -> Iterator[Fault]:
    offense, sentenced_on = facts.offense, facts.term.sentenced_on
    if offense.section is not None:
        if not re.fullmatch(r"\d{2,3}\.\d{3}(\.\d+)?(\(\w+\))*", offense.section):
            yield Fault(
                "offense.section", f'"{offense.section}" is not a section. Give it as "570.030" or "565.052.1(2)".'
            )
        elif offense.chapter is not None and int(offense.section.split(".")[0]) != offense.chapter:
            yield Fault("offense.chapter", f"{offense.chapter} is not the chapter of section {offense.section}.")
    if offense.offense_class == "E":
        if offense.felony is False:
            yield Fault("offense.class", "E is a class of felony only. Correct the class, or set felony to true.")
        elif sentenced_on and sentenced_on < CODE_REVISION:
            yield Fault(
                "offense.class",
                f"E did not exist on the day of sentence ({sentenced_on}): class E felonies began on 2017-01-01. "
                "Correct the class or the day.",
            )
        elif offense.section and offense.section[:7] in ("195.202", "195.211"):
            yield Fault(
                "offense.class",
                f"E cannot be the class of section {offense.section[:7]}: chapter 579 took its place "
                "on 2017-01-01, when class E began. Correct the class or the section.",
            )
    if offense.chapter == 579 and sentenced_on and sentenced_on < CODE_REVISION:
        yield Fault(
            "offense.chapter",
            f"579 did not exist on the day of sentence ({sentenced_on}); drug offenses stood in chapter 195 "
            "until 2016-12-31. Correct the section or the day.",
        )


def _term(facts: Supervision) -> Iterator[Fault]:
    term = facts.term
    for number, extension in enumerate(term.extensions):
        if extension.ordered_on < term.begins_on:
            yield Fault(f"term.extensions.{number}.ordered_on", f"{extension.ordered_on} is before the term begins.")
        if not extension.years and not extension.months:
            yield Fault(f"term.extensions.{number}.years", "is missing. Give the years or months added.")
    if term.length_months == 0:
        yield Fault("term.years", "0 is no term. Give the years or months, or null when they are not recorded.")
    elif term.length_months is not None and term.kind == "probation" and facts.offense.felony is not None:
        added = [(e.years * 12 + e.months, e.violation_found) for e in term.extensions]
        yield from length_faults(facts.offense.felony, term.length_months, added)


def _events(facts: Supervision) -> Iterator[Fault]:
    for number, event in enumerate(facts.events):
        path = f"events.{number}"
        if event.type in WITHIN_TERM and event.on < facts.term.begins_on:
            yield Fault(f"{path}.on", f"{event.on} is before the term begins ({facts.term.begins_on}).")
        if event.outcome is not None and event.type != "hearing":
            yield Fault(f"{path}.outcome", f"belongs to a hearing, not to {event.type}. Leave it out.")
        if event.hearing_on is not None:
            if event.type != "hearing_set":
                yield Fault(f"{path}.hearing_on", f"belongs to hearing_set, not to {event.type}. Leave it out.")
            elif event.hearing_on < event.on:
                yield Fault(f"{path}.hearing_on", f"{event.hearing_on} is before the day it was set ({event.on}).")
    for opening, (closings, again) in SPANS.items():
        yield from _span_faults(facts.events, opening, closings, again)


def _span_faults(events: tuple[Event, ...], opening: str, closings: tuple[str, ...], again: bool) -> Iterator[Fault]:
    what = opening.rsplit("_", 1)[0].replace("_", " ")
    numbered: list[tuple[date, int, str]] = sorted(
        (
            (event.on, number, str(event.type))
            for number, event in enumerate(events)
            if event.type in (opening, *closings)
        ),
        key=lambda entry: entry[0],
    )
    open_since: date | None = None
    for on, number, kind in _same_day_in_order(numbered, opening):
        if kind == opening:
            if open_since is not None and not again:
                yield Fault(
                    f"events.{number}.on",
                    f"{on}: {opening} while the {what} of {open_since} is still open (overlapping). "
                    f"Enter its end first, or void one of the two.",
                )
            open_since = open_since or on
        elif open_since is None:
            yield Fault(f"events.{number}.on", f"{on}: {kind} with no {opening} before it. Enter the start.")
        else:
            open_since = None


def _same_day_in_order(entries: list[tuple[date, int, str]], opening: str) -> Iterator[tuple[date, int, str]]:
    """Ends before starts on one day when something is open (a transfer), starts before ends when nothing is."""
    is_open = False
    while entries:
        today = [entry for entry in entries if entry[0] == entries[0][0]]
        wanted = next((entry for entry in today if (entry[2] == opening) != is_open), today[0])
        entries = [entry for entry in entries if entry is not wanted]
        is_open = wanted[2] == opening
        yield wanted


def _restitution(facts: Supervision) -> Iterator[Fault]:
    paid = {event.on for event in facts.events if event.type == "restitution_paid"}
    if facts.restitution.paid_in_full_on:
        paid.add(facts.restitution.paid_in_full_on)
    if len(paid) > 1:
        days = ", ".join(sorted(map(str, paid)))
        yield Fault("restitution.paid_in_full_on", f"is given as different days ({days}). Keep the right one.")
