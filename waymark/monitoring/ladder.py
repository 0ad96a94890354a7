"""Who is called, and when, as long as nobody acknowledges an alert. One table, dated; an agency may change it.

Marks of the numbers: [P] our proposal, to be set by the agency (monitoring.md 2.6). They lean on NIJ 1004.00 (four
minutes from the event to the agency, actively tracked) and on Waukesha County (fifteen minutes to the right person).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.utils import timezone

SINCE = date(2026, 11, 22)
SOURCE = "monitoring.md 2.6 [P]"


class Rung(StrEnum):
    BOARD = "the duty board"
    ON_DUTY = "monitoring staff"
    SUPERVISOR = "supervisor"
    TOP = "head of monitoring"


@dataclass(frozen=True)
class Step:
    """Call `rung` so many minutes after the ladder began, or at the opening of so many business days later."""

    rung: Rung
    minutes: int = 0
    business_days: int = 0

    def due(self, began_at: datetime) -> datetime:
        if self.business_days:
            return opening_of_business(began_at, self.business_days)
        return began_at + timedelta(minutes=self.minutes)


CRITICAL = (
    Step(Rung.BOARD),
    Step(Rung.ON_DUTY, minutes=2),  # [P]
    Step(Rung.SUPERVISOR, minutes=5),  # [P]
    Step(Rung.TOP, minutes=10),  # [P]
)
SERIOUS = (
    Step(Rung.BOARD),
    Step(Rung.ON_DUTY, minutes=15),  # [P], Waukesha County's fifteen minutes
    Step(Rung.SUPERVISOR, minutes=30),  # [P]
)
ROUTINE = (
    Step(Rung.BOARD),
    Step(Rung.ON_DUTY, business_days=1),  # [P]
)
LADDERS = {"P1": CRITICAL, "P2": SERIOUS, "P3": ROUTINE, "P4": ROUTINE}

OPENS = time(8)  # of a business day, in the court's time zone [P]
SATURDAY = 5


def opening_of_business(after: datetime, days: int) -> datetime:
    """08:00 of the so many-th weekday after the day of `after`. Holidays count as weekdays: better a call too many."""
    day = timezone.localdate(after)
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY
    return timezone.make_aware(datetime.combine(day, OPENS))
