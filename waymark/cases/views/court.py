"""What the court's side sees: the docket, and one case with its determinations, read-only and fit for print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from waymark.accounts.access import Right, require, signed_in
from waymark.cases import explain
from waymark.cases.access import case_for
from waymark.cases.asking import ask, sentence
from waymark.cases.case_file import CaseFile, TermFile, View, case_file, end_of, event_words
from waymark.cases.facts import Facts, law_facts_for
from waymark.cases.models import Determination
from waymark.cases.reads import DocketRow, current_determinations, docket_rows
from waymark.web.clock import today
from waymark.web.tables import csv_response, wants_csv

DOCKET_HEADER = [
    "Family name",
    "Given name",
    "Case",
    "Court",
    "Supervision",
    "Began on",
    "Last day",
    "Discharge if all goes well",
    "Discharge due",
    "Closed on",
    "Next hearing",
]


@require(Right.COURT_SEE)
def docket(request: HttpRequest) -> HttpResponse:
    on = today()
    rows = docket_rows(signed_in(request), on)
    if wants_csv(request):
        return csv_response(f"docket-{on}", DOCKET_HEADER, map(_docket_line, rows))
    return render(
        request,
        "cases/docket.html",
        {
            "rows": rows,
            "cases": len({row.case.pk for row in rows}),
            "closed": sum(row.ended is not None for row in rows),
            "hearings": len({row.case.pk for row in rows if row.next_hearing}),
            "due": len({row.case.pk for row in rows if row.due}),
        },
    )


def _docket_line(row: DocketRow) -> list[object]:
    decided = row.determination
    return [
        row.person.family_name,
        row.person.given_name,
        row.case.number,
        row.case.court.name,
        row.kind,
        row.begins_on,
        decided and decided.last_day,
        decided and decided.optimal_discharge_date,
        "" if row.ended else decided and decided.discharge_due,
        row.ended and row.ended.on,
        row.next_hearing and row.next_hearing.hearing_on,
    ]


@require(Right.COURT_SEE)
def court_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """The case as it stood on a day (`as_of`) and as it was known on a day (`known_at`); both default to today."""
    asked = SeenFrom(request.GET or None)
    seen_from = asked.view(today())
    case = case_for(signed_in(request), case_id, why=asked.why())
    file = case_file(case, seen_from)
    return render(
        request,
        "cases/court_case.html",
        {
            "file": file,
            "person": case.person.merged_into or case.person,
            "answered": answers(file, recorded=not asked.asked()),
            "form": asked,
        },
    )


def day_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class SeenFrom(forms.Form):
    """From which day the case is looked at. An empty field is today."""

    day = {"invalid": "There is no such day. Give it as year, month, day, such as 2024-09-09."}
    as_of = forms.DateField(label="As it stood on", required=False, error_messages=day, widget=day_input())
    known_at = forms.DateField(
        label="As it was known at the end of", required=False, error_messages=day, widget=day_input()
    )

    def asked(self) -> bool:
        return self.is_valid() and any(self.cleaned_data.values())

    def view(self, on: date) -> View:
        if not self.asked():
            return View(on)
        known: date | None = self.cleaned_data["known_at"]
        return View(self.cleaned_data["as_of"] or on, end_of(known) if known else None)

    def why(self) -> str:
        if not self.asked():
            return ""
        return " ".join(f"{name} {value}" for name, value in self.cleaned_data.items() if value)


@dataclass(frozen=True)
class Run:
    """Months one after the other that are as they are for the same reasons."""

    first: str  # "2024-09"
    last: str
    months: int
    state: str
    reasons: list[dict[str, str]]


@dataclass(frozen=True)
class Reading:
    """An interpretation taken, and the dates the other reading would give."""

    said: dict[str, Any]
    name: str
    other: str
    other_dates: list[tuple[str, str]]


@dataclass(frozen=True)
class Answered:
    """One term and what 217.703 says of it. `answer` None: the section does not speak of it, or `faults` say why the
    record cannot be right. `recorded` None: worked out for this page alone."""

    file: TermFile
    facts: Facts | None = None
    answer: Mapping[str, Any] | None = None
    recorded: Determination | None = None
    faults: tuple[str, ...] = ()

    @property
    def events(self) -> list[str]:
        """What happened, without what was voided."""
        return [f"{e.fact.on:%Y-%m-%d %a}: {event_words(e.fact)}" for e in self.file.events if not e.struck]

    @property
    def headline(self) -> str:
        name = explain.short_name(self.file.term.case.person)
        if ended := self.file.ended:
            return explain.ended_headline(name, ended.how, ended.on)
        return explain.headline(name, self.answer or {})

    @property
    def tally(self) -> str:
        return explain.tally(self.answer or {})

    @property
    def derivation(self) -> list[explain.Step]:
        return explain.derivation(self.facts or {}, self.answer or {})

    @property
    def grid(self) -> list[explain.Year]:
        return explain.month_grid(self.answer or {})

    @property
    def runs(self) -> list[Run]:
        return list(_runs((self.answer or {})["months"]))

    @property
    def readings(self) -> list[Reading]:
        return [_reading(taken) for taken in (self.answer or {})["interpretations"]]

    @property
    def facts_used(self) -> list[explain.FactUsed]:
        return explain.facts_used(self.facts or {})


def answers(file: CaseFile, *, recorded: bool) -> list[Answered]:
    """Each term with its current determination, or with the law run on the record as it is looked at."""
    on = file.seen_from.on
    begun = [t.term for t in file.terms if t.earns_credits and t.said and t.said.begins_on <= on]
    kept = current_determinations(begun) if recorded else {}
    facts = law_facts_for([term for term in begun if term.pk not in kept], on, file.seen_from.known_at)
    return [_answered(term_file, kept.get(term_file.term.pk), facts.get(term_file.term.pk)) for term_file in file.terms]


def _answered(file: TermFile, recorded: Determination | None, facts: Facts | None) -> Answered:
    if recorded:
        return Answered(file, recorded.facts, recorded.answer, recorded)
    if facts is None:
        return Answered(file)
    asked = ask(facts)
    return Answered(file, facts, asked.answer, faults=asked.faults)


def _runs(months: list[dict[str, Any]]) -> Iterator[Run]:
    def alike(month: dict[str, Any]) -> tuple[str, list[dict[str, str]]]:
        return month["earned"], month["reasons"]

    for (earned, reasons), together in groupby(months, alike):
        names = [month["month"] for month in together]
        yield Run(names[0], names[-1], len(names), explain.WORDS_OF_MONTHS[earned], reasons)


def _reading(taken: dict[str, Any]) -> Reading:
    dates = [(explain.DATE_LABELS[name], day) for name, day in taken.get("if_other", {}).items()]
    return Reading(taken, taken["name"].replace("_", " ").capitalize(), sentence(taken["other"]), dates)
