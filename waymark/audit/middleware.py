"""Tells the audit chain where a request came from."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from waymark.audit.origin import acting_from


class OriginMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with acting_from(_address(request)):
            return self.get_response(request)


def _address(request: HttpRequest) -> str:
    """The address the outermost of our own proxies saw. Anything further left in X-Forwarded-For was written by the
    visitor, who may write what he likes."""
    proxies: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    if proxies and len(hops) >= proxies:
        return hops[-proxies].strip()
    return request.META.get("REMOTE_ADDR") or "unknown address"
