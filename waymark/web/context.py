"""What every page knows without its view: whether this is the demonstration, and the name of the house."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, object]:
    return {"product": "Waymark", "demo": settings.DEMO}
