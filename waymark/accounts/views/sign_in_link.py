"""The page that shows a one-time sign-in link, to whoever may hand one over."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from waymark.accounts.models import User


def show_link(request: HttpRequest, account: User, path: str, *, done: str) -> HttpResponse:
    """`path` is what actions.make_sign_in_link gave; `done` is where the reader goes on. The page is never kept."""
    context = {"account": account, "link": request.build_absolute_uri(path), "done": done}
    response = render(request, "accounts/sign_in_link.html", context)
    response["Cache-Control"] = "no-store"
    return response
