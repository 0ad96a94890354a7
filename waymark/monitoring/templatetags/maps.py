"""What a map lies on."""

from __future__ import annotations

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def map_tiles() -> str:
    """The address pattern of the installation's tile server, or nothing."""
    return str(settings.TILES)
