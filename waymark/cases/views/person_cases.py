"""A person's cases, terms and timeline: a part of the person's page, and a page of its own without JavaScript."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from waymark.accounts.access import Right, may, require, signed_in
from waymark.cases.person_file import person_file
from waymark.people.access import person_for


@require(Right.CASE_SEE)
def person_cases(request: HttpRequest, person_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id, verb="person.cases_viewed")
    part = bool(request.headers.get("HX-Request"))
    response = render(
        request,
        "cases/person_cases_part.html" if part else "cases/person_cases.html",
        {
            "person": person,
            "file": person_file(user, person),
            "may_write": may(user, Right.CASE_WRITE),
            "sees_determinations": may(user, Right.DETERMINATION_SEE),
        },
    )
    response["Vary"] = "HX-Request"
    return response
