"""217.703.7, .9 and .10: the duties that follow from the dates, each with its window and owner."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from waymark.law.deadline import Deadline

NOTICE_DAYS = 60  # 217.703.10: no less than sixty days before
SUMMARY_DAYS = 120, 60  # Judicial Reference Guide: 60 to 120 days before the discharge date
RESTITUTION_RESPONSE_DAYS = 60  # Judicial Reference Guide: the court is given at least 60 days to respond
GUIDE = "Judicial Reference Guide, ECC"


def before_discharge(discharge_on: date, begins_on: date) -> Iterator[Deadline]:
    """What must be sent before a discharge that is ahead."""
    notice_by = discharge_on - timedelta(days=NOTICE_DAYS)
    opens, closes = (discharge_on - timedelta(days=days) for days in SUMMARY_DAYS)
    because = f"discharge is expected on {discharge_on}"
    yield Deadline(
        "Final Case Summary Report", max(opens, begins_on), max(closes, begins_on), GUIDE, "officer", because
    )
    yield Deadline(
        "Notice of impending discharge",
        max(opens, begins_on),
        max(notice_by, begins_on),
        "217.703.10",
        "officer",
        because,
    )


def after_payment(paid_on: date) -> Deadline:
    """The court is told of the payment. A late or missing notice does not keep the person on probation (Jonas)."""
    return Deadline(
        "Notice that restitution is paid",
        paid_on,
        paid_on + timedelta(days=RESTITUTION_RESPONSE_DAYS),
        GUIDE,
        "officer",
        f"restitution was paid in full on {paid_on}; a late notice does not delay discharge (Jonas v. Minor)",
    )


def twice_a_year(as_of: date) -> Deadline:
    """217.703.9: the months remaining are computed and told to the person at least twice a year."""
    first = date(as_of.year, 1 if as_of.month <= 6 else 7, 1)
    last = date(as_of.year, 6, 30) if as_of.month <= 6 else date(as_of.year, 12, 31)
    return Deadline(
        "Remaining term told to the person", first, last, "217.703.9", "officer", "owed at least twice a year"
    )
