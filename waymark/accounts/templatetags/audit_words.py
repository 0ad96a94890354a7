"""How the detail of an audit entry is read."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.filter
def in_words(detail: dict[str, Any]) -> str:
    """{"changes": {"unit": ["North", "South"]}, "how": ["password"]}: "unit: North → South; how: password"."""
    parts = [f"{name}: {_side(before)} → {_side(after)}" for name, (before, after) in detail.get("changes", {}).items()]
    parts += [f"{name}: {_plain(value)}" for name, value in detail.items() if name != "changes"]
    return "; ".join(parts)


def _side(value: Any) -> str:
    return "nothing" if value in (None, "", []) else _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(part)}" for name, part in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
