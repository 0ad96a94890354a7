"""What the law says instead of an answer for a day before it was law."""

from __future__ import annotations

from datetime import date


class NotLawThen(LookupError):
    """A provision or number was asked for a day before it became law."""

    def __init__(self, cite: str, day: date, since: date) -> None:
        super().__init__(f"{cite} became law on {since}; it says nothing about {day}.")
