"""The page a participant reads on a phone: what stands between me and discharge."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from waymark.accounts.access import Right, require, signed_in
from waymark.accounts.language import choose_language
from waymark.accounts.models import User
from waymark.cases.access import case_for, cases_visible_to
from waymark.cases.case_file import View, case_file
from waymark.cases.facts import law_facts_for
from waymark.cases.reads import earlier_dates, officers_of
from waymark.cases.standing import Standing, ask, standing
from waymark.web.clock import today


@require(Right.OWN_SEE)
def my(request: HttpRequest) -> HttpResponse:
    user, on = signed_in(request), today()
    return render(
        request,
        "cases/my.html",
        {
            "standings": standings_of(user, on),
            "officers": officers_of(user, on),
            "language": user.language,
            "other_language": "en" if user.language == "es" else "es",
            "on": on,
        },
    )


@require(Right.OWN_SEE)
@require_POST
def my_language(request: HttpRequest) -> HttpResponse:
    """The participant's own switch; remembered on the account."""
    try:
        choose_language(signed_in(request), request.POST.get("language", ""))
    except ValueError as error:
        raise Http404 from error
    return redirect("my")


def standings_of(user: User, on: date) -> list[Standing]:
    """Every term of the participant's own cases, those still running first."""
    cases = [case_for(user, case.pk) for case in cases_visible_to(user)]
    files = [term_file for case in cases for term_file in case_file(case, View(on)).terms]
    asked = [file.term for file in files if file.earns_credits]
    facts = law_facts_for(asked, on)
    earlier = earlier_dates(asked)
    told = [
        standing(
            file,
            ask(facts[file.term.pk]) if file.term.pk in facts else None,
            earlier.get(file.term.pk),
            user.language,
            on,
        )
        for file in files
    ]
    return sorted(told, key=lambda one: one.over)
