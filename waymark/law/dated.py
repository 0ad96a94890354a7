"""Numbers a legislature can change: each with the day it became law and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from waymark.law.faults import NotLawThen

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """`versions` are (since, value), oldest first. Asked for a day before the first, it refuses."""

    cite: str
    versions: tuple[tuple[date, T], ...]

    def on(self, day: date) -> T:
        value: T | None = None
        for since, version in self.versions:
            if since > day:
                break
            value = version
        if value is None:
            raise NotLawThen(self.cite, day, self.versions[0][0])
        return value

    def version_on(self, day: date) -> date:
        """The day from which the version in force on `day` runs."""
        started = [since for since, _ in self.versions if since <= day]
        if not started:
            raise NotLawThen(self.cite, day, self.versions[0][0])
        return started[-1]
