"""Credits of one term: when it ends, why each month counted or not, and what would change it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

import waymark
from waymark.accounts.access import Right, require, signed_in
from waymark.cases.access import term_for
from waymark.cases.asking import Asked, Json, Supposed, ask, asked_on, supposing
from waymark.cases.case_file import end_of, standing_entry
from waymark.cases.explain import (
    Difference,
    derivation,
    difference,
    facts_used,
    headline,
    month_grid,
    readings_of,
    sentence_of,
    short_name,
    square_of,
    tally,
)
from waymark.cases.facts import asks_217_703, ecc_facts
from waymark.cases.forms import SeenFromForm, SupposedEventForm, WhatIfForm
from waymark.cases.models import Term
from waymark.cases.reads import current_determinations
from waymark.web.clock import now, today


@require(Right.DETERMINATION_SEE)
def credits(request: HttpRequest, term_id: int) -> HttpResponse:
    """The answer as of today, or as of a day and as it was known on a day."""
    term = term_for(signed_in(request), term_id, verb="credits.viewed")
    form = SeenFromForm(request.GET)
    context = {**_page(term), "form": form, "month": request.GET.get("month", "")}
    if context["spoken_of"]:
        asked = ask(_facts(term, form))
        context |= {"asked": asked, **_explained(term, asked, context["month"])}
        context |= _what_if_forms(asked, None)
    return render(request, "cases/credits.html", context)


@require(Right.DETERMINATION_SEE)
def what_if(request: HttpRequest, term_id: int) -> HttpResponse:
    """The dates as they are beside the dates as they would be. Only the read is written, to the audit chain."""
    term = term_for(signed_in(request), term_id, verb="what_if.viewed")
    context = _page(term)
    if context["spoken_of"]:
        asked = ask(ecc_facts(term, today()))
        forms = _what_if_forms(asked, request.GET or None)
        compared = _compared(asked, **forms) if request.GET else None
        context |= {"asked": asked, **forms, "forms": list(forms.values()), "compared": compared}
        if compared and compared.difference:
            context["answer_sentence"] = sentence_of(context["name"], compared.difference)
    return render(request, "cases/what_if.html", context)


def _page(term: Term) -> dict[str, Any]:
    said = standing_entry(term)
    return {
        "term": term,
        "case": term.case,
        "person": term.case.person.merged_into or term.case.person,
        "name": short_name(term.case.person),
        "said": said,
        "spoken_of": asks_217_703(term.case, said),
        "code_version": waymark.__version__,
    }


def _facts(term: Term, form: SeenFromForm) -> Json:
    if not form.is_valid():
        return ecc_facts(term, today())
    on, known_on = form.cleaned_data["on"], form.cleaned_data["known_on"]
    return ecc_facts(term, on or today(), min(end_of(known_on), now()) if known_on else None)


def _explained(term: Term, asked: Asked, month: str) -> dict[str, Any]:
    """Everything the page says of an answer."""
    kept = current_determinations([term]).get(term.pk)
    if asked.answer is None:
        return {"kept": kept, "facts": facts_used(asked.facts)}
    grid = month_grid(asked.answer)
    return {
        "kept": kept,
        "sentence": headline(short_name(term.case.person), asked.answer),
        "tally": tally(asked.answer),
        "grid": grid,
        "square": square_of(grid, month),
        "steps": derivation(asked.facts, asked.answer),
        "facts": facts_used(asked.facts),
        "readings": readings_of(asked.answer),
    }


# What if


@dataclass(frozen=True)
class Compared:
    """The answer as things are, the answer as they would be, and what differs."""

    now: Asked
    then: Asked
    difference: Difference | None


def _what_if_forms(asked: Asked, typed: Any) -> dict[str, Any]:
    """Two events and what else to suppose. The readings offered are those that touch the answer."""
    switches = [r for r in readings_of(asked.answer) if r.other_value is not None] if asked.answer else []
    return {
        "first": SupposedEventForm(typed, prefix="first"),
        "then": SupposedEventForm(typed, prefix="then"),
        "more": WhatIfForm(typed, readings=[(r.name, r.other) for r in switches]),
    }


def _compared(asked: Asked, first: SupposedEventForm, then: SupposedEventForm, more: WhatIfForm) -> Compared | None:
    """None when what was typed cannot be read; the forms then say why."""
    if not all([first.is_valid(), then.is_valid(), more.is_valid()]) or asked.answer is None:
        return None
    events = [Supposed(**form.cleaned_data) for form in (first, then) if form.cleaned_data["kind"]]
    other = {r.name: r.other_value for r in readings_of(asked.answer) if r.name in more.cleaned_data["readings"]}
    supposed = ask(supposing(asked.facts, events, more.cleaned_data["restitution_paid_on"], other))
    as_is = ask(asked_on(asked.facts, supposed.facts["as_of"]))
    if supposed.answer is None or as_is.answer is None:
        return Compared(as_is, supposed, None)
    best = {"optimal_discharge_date": asked.answer["optimal_discharge_date"]}  # what is expected as of today
    differs = difference((as_is.facts, {**as_is.answer, **best}), (supposed.facts, supposed.answer))
    return Compared(as_is, supposed, differs)
