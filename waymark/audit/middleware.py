"""Tells the audit chain where a request came from."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from waymark.audit.origin import acting_from


class OriginMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The peer's own address: a header such as X-Forwarded-For could be written by anybody."""
        with acting_from(request.META.get("REMOTE_ADDR") or "unknown address"):
            return self.get_response(request)
