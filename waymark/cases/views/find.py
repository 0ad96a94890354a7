"""The search box on every page: a case by its number, else a person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from waymark.accounts.access import Right, may, require, signed_in
from waymark.cases.reads import cases_numbered
from waymark.people.access import note_listed


@require(Right.CASE_SEE, Right.COURT_SEE)
def find(request: HttpRequest) -> HttpResponse:
    """One case of this number: its page. Several: a list of them. None: the search for people, or, for the court's
    side, which sees no people, a page that says so."""
    user, words = signed_in(request), request.GET.get("q", "").replace("\0", "").strip()
    in_court = may(user, Right.COURT_SEE)
    if in_court and not words:
        return redirect("docket")
    found = cases_numbered(user, words)
    page = "court_case" if in_court else "case"
    if len(found) == 1:
        return redirect(page, found[0].pk)
    if not found and not in_court:
        asked = QueryDict(mutable=True)
        asked["q"] = words
        return redirect(f"{reverse('person_search')}?{asked.urlencode()}")
    note_listed(user, "case.searched", [case.person for case in found], words=words)
    return render(request, "cases/found.html", {"words": words, "found": found, "page": page})
