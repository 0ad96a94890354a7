"""Counting days, months and years as the law counts them. Months are numbered year × 12 + month − 1; days that are
compared often are ordinals (`date.toordinal`), because comparing whole numbers is what a caseload of 60,000 spends its
time on."""

from __future__ import annotations

import calendar
from datetime import date

FIRST_YEAR, LAST_YEAR = 1900, 2199

# Ordinal of the first day of every month, by month number.
FIRST_ORDINAL = [0] * (FIRST_YEAR * 12) + [
    date(year, month, 1).toordinal() for year in range(FIRST_YEAR, LAST_YEAR + 1) for month in range(1, 13)
]


def month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def month_name(number: int) -> str:
    """ "2017-03" """
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def first_of(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def anniversary(day: date, years: int = 0, months: int = 0) -> date:
    """The same day of the month so many years and months later; the month's last day where it has no such day
    (29 February 2016 plus a year is 28 February 2017)."""
    number = month_number(day) + years * 12 + months
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
