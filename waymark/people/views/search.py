"""Finding a person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from waymark.accounts.access import Right, may, require, signed_in
from waymark.people.access import note_listed
from waymark.people.asking import CannotSearch
from waymark.people.reads import Match, search
from waymark.web.tables import csv_response, wants_csv

SHOWN = 50


@require(Right.PERSON_SEE)
def person_search(request: HttpRequest) -> HttpResponse:
    """The whole page, or with htmx its results alone, as somebody types."""
    user, words = signed_in(request), request.GET.get("q", "")
    found, advice = [], ""
    try:
        found = search(user, words, limit=SHOWN)
    except CannotSearch as nothing:
        advice = str(nothing)
    else:
        note_listed(user, "person.searched", [match.person for match in found], words=words)
    if wants_csv(request):
        return csv_response("people", ["Record", "Family name", "Given name", "Born", "Why"], map(_row, found))
    context = {
        "words": words,
        "found": found,
        "advice": advice,
        "shown": SHOWN,
        "may_write": may(user, Right.PERSON_WRITE),
        "may_merge": may(user, Right.PERSON_MERGE),
    }
    response = render(request, "people/results.html" if _is_part(request) else "people/search.html", context)
    response["Vary"] = "HX-Request"
    return response


def _is_part(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


def _row(match: Match) -> list[object]:
    person = match.person
    return [person.pk, person.family_name, person.given_name, person.born_on, match.why]
