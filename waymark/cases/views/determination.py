"""Recorded determinations: one fit for print, the list of a term's, and two compared."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from waymark.accounts.access import Right, require, signed_in
from waymark.cases.access import determination_for, term_for
from waymark.cases.explain import (
    derivation,
    difference,
    facts_used,
    headline,
    month_grid,
    readings_of,
    sentence_between,
    short_name,
    tally,
)
from waymark.cases.models import Determination
from waymark.cases.reads import determinations_of
from waymark.web.tables import csv_response, wants_csv

COLUMNS = ("as of", "recorded at", "because of", "eligible", "months", "last day", "earned", "optimal", "discharge")


@require(Right.DETERMINATION_SEE)
def determination(request: HttpRequest, determination_id: int) -> HttpResponse:
    return _printed(request, determination_id, for_court=False)


@require(Right.COURT_SEE)
def court_determination(request: HttpRequest, determination_id: int) -> HttpResponse:
    """The same page for the judge and the parties of the case."""
    return _printed(request, determination_id, for_court=True)


@require(Right.DETERMINATION_SEE)
def compare(request: HttpRequest, term_id: int) -> HttpResponse:
    """The determinations of a term, the latest first; two of them chosen are compared."""
    term = term_for(signed_in(request), term_id, verb="determinations.viewed")
    kept = list(determinations_of(term))
    if wants_csv(request):
        return csv_response(f"determinations-{term.pk}", COLUMNS, _rows(kept))
    chosen = [_chosen(kept, request.GET.get(side, "")) for side in ("before", "after")]
    before, after = (chosen[0], chosen[1]) if all(chosen) else (None, None)
    context = {
        "term": term,
        "case": term.case,
        "person": term.case.person.merged_into or term.case.person,
        "determinations": kept,
        "proposed": [one.pk for one in (before, after) if one] or [one.pk for one in reversed(kept[:2])],
    }
    if before and after:
        differs = difference((before.facts, before.answer), (after.facts, after.answer))
        context |= {
            "difference": differs,
            "sentence": sentence_between(short_name(term.case.person), differs),
            "before_label": f"First, as of {before.as_of}",
            "after_label": f"Second, as of {after.as_of}",
        }
    return render(request, "cases/compare.html", context)


def _printed(request: HttpRequest, determination_id: int, *, for_court: bool) -> HttpResponse:
    found = determination_for(signed_in(request), determination_id)
    case, answer = found.term.case, found.answer
    grid = month_grid(answer)
    context = {
        "determination": found,
        "for_court": for_court,
        "term": found.term,
        "case": case,
        "person": case.person.merged_into or case.person,
        "asked": found,
        "sentence": headline(short_name(case.person), answer),
        "tally": tally(answer),
        "grid": grid,
        "not_earned": [square for year in grid for square in year.squares if square.state not in ("earned", "outside")],
        "steps": derivation(found.facts, answer),
        "facts": facts_used(found.facts),
        "readings": readings_of(answer),
        "code_version": found.code_version,
    }
    return render(request, "cases/determination.html", context)


def _chosen(kept: list[Determination], number: str) -> Determination | None:
    """The determination of the term with this number; a number that is not one of them is not there."""
    if not number:
        return None
    found = next((one for one in kept if str(one.pk) == number), None)
    if found is None:
        raise Http404
    return found


def _rows(kept: Iterable[Determination]) -> Iterable[list[object]]:
    for one in kept:
        yield [
            one.as_of,
            one.computed_at,
            one.cause,
            one.eligible,
            one.credit_months,
            one.last_day,
            one.earned_discharge_date,
            one.optimal_discharge_date,
            one.discharge_date,
        ]
