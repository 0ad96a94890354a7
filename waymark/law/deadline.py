"""A date the law sets: what must be done, within which days, by whom, and because of what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Deadline:
    """The window [first_on, last_on] includes both days. `owner` is a role's word ("officer", "court")."""

    name: str
    first_on: date
    last_on: date
    cite: str
    owner: str
    because: str

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "window": [self.first_on.isoformat(), self.last_on.isoformat()],
            "cite": self.cite,
            "owner": self.owner,
            "because": self.because,
        }
