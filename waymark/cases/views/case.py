"""The case file on one page, as it stands or as it stood and was known on a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from waymark.accounts.access import Right, may, require, signed_in
from waymark.cases.access import case_for, term_for
from waymark.cases.asking import Asked, ask
from waymark.cases.case_file import CaseFile, TermFile, View, case_file, end_of
from waymark.cases.explain import ended_headline, headline, short_name
from waymark.cases.facts import law_facts_for
from waymark.cases.forms import SeenFromForm
from waymark.web.clock import now, today


@dataclass(frozen=True)
class TermShown:
    """A term with what the law says of it. `asked` None: the law was not asked."""

    file: TermFile
    asked: Asked | None
    sentence: str


@require(Right.CASE_SEE)
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    user = signed_in(request)
    found = case_for(user, case_id)
    form = SeenFromForm(request.GET)
    looking_back = form.is_valid() and any(form.cleaned_data.values())
    seen_from = _seen_from(form)
    file = case_file(found, seen_from)
    terms = _with_answers(file) if may(user, Right.DETERMINATION_SEE) else [TermShown(t, None, "") for t in file.terms]
    context: dict[str, Any] = {
        "case": found,
        "person": found.person.merged_into or found.person,
        "file": file,
        "terms": terms,
        "sentence": _sentence(file, terms),
        "form": form,
        "looking_back": looking_back,
        "may_write": may(user, Right.CASE_WRITE) and not looking_back,
        "may_determine": may(user, Right.DETERMINATION_SEE),
        "case_name": f"Case {found.number}",
        "any_open": any(t.deadlines or t.tasks for t in file.terms),
    }
    return render(request, "cases/case.html", context)


@require(Right.CASE_SEE)
def term(request: HttpRequest, term_id: int) -> HttpResponse:
    """A term stands on the page of its case."""
    found = term_for(signed_in(request), term_id)
    return redirect(f"{reverse('case', args=[found.case_id])}#term-{found.pk}")


def _seen_from(form: SeenFromForm) -> View:
    """The moment asked for; today, as known now, where none is or where it cannot be read."""
    if not form.is_valid():
        return View(today())
    on, known_on = form.cleaned_data["on"], form.cleaned_data["known_on"]
    return View(on or today(), min(end_of(known_on), now()) if known_on else None)


def _with_answers(file: CaseFile) -> list[TermShown]:
    asked_about = [t.term for t in file.terms if t.earns_credits and t.said and t.said.begins_on <= file.seen_from.on]
    facts = law_facts_for(asked_about, file.seen_from.on, file.seen_from.known_at)
    shown = []
    for term_file in file.terms:
        asked = ask(facts[term_file.term.pk]) if term_file.term.pk in facts else None
        name = short_name(file.case.person)
        shown.append(TermShown(term_file, asked, _said_of(term_file, asked, name)))
    return shown


def _said_of(file: TermFile, asked: Asked | None, name: str) -> str:
    if file.ended:
        return ended_headline(name, file.ended.how, file.ended.on)
    return headline(name, asked.answer) if asked and asked.answer else ""


def _sentence(file: CaseFile, terms: list[TermShown]) -> str:
    """What the page answers first: when the term that began last may end."""
    answered = [term for term in terms if term.sentence and term.file.said]
    if answered:
        return max(
            answered, key=lambda term: term.file.said.begins_on if term.file.said else file.seen_from.on
        ).sentence
    name = short_name(file.case.person)
    if any(term.asked and term.asked.faults for term in terms):
        return f"No date can be given for {name}: something on record cannot be right."
    kinds = [term.file.said.get_kind_display().lower() for term in terms if term.file.said]
    if kinds:
        return f"{name} is on {' and '.join(kinds)} in case {file.case.number}."
    return f"No term of supervision of {name} is on record in case {file.case.number}."
