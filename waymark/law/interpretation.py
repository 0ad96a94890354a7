"""A reading on which sources differ: named, with the other reading, and listed on every answer it touches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Interpretation:
    """`other` in words; `if_other` the dates that the other reading would give (empty: it would change none here)."""

    name: str
    taken: str
    other: str
    source: str
    value: Any
    other_value: Any
    if_other: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "taken": self.taken,
            "other": self.other,
            "source": self.source,
            "value": str(self.value) if hasattr(self.value, "isoformat") else self.value,
            "other_value": str(self.other_value) if hasattr(self.other_value, "isoformat") else self.other_value,
            "if_other": dict(self.if_other),
        }
