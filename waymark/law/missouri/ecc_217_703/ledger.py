"""The month ledger: for every month of the term so far, whether it was earned, when it was posted, and why.

A month earned in the ordinary way is the same value for everybody, so those are made once; only what is out of the
ordinary is made for the person.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from waymark.law.calendar import FIRST_ORDINAL, FIRST_YEAR, LAST_YEAR, first_of, month_name, month_number
from waymark.law.missouri.ecc_217_703.facts import Supervision
from waymark.law.missouri.ecc_217_703.timeline import Reason, Timeline
from waymark.law.missouri.ecc_217_703.walk import FIRST_EARNING_MONTH, NEVER, Walk

Earned = Literal["yes", "no", "pending", "suspended"]


class Month(NamedTuple):
    """One calendar month. `posted_on` is None unless the credit is posted and counts."""

    number: int
    earned: Earned
    posted_on: date | None
    reasons: tuple[Reason, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "month": month_name(self.number),
            "earned": self.earned,
            "posted_on": self.posted_on.isoformat() if self.posted_on else None,
            "reasons": [{"cite": reason.cite, "words": reason.words} for reason in self.reasons],
        }


IN_COMPLIANCE = (Reason("217.703.3", "a full calendar month in compliance"),)
NOT_OVER = (Reason("217.703.3", "the month is not over; its credit is posted on the first of the next"),)
FIRST_NOT_FULL = (Reason("217.703.3", "supervision did not cover the whole of this first month"),)
LAST_NOT_FULL = (Reason("217.703.3", "the term ends before the whole of this month is served"),)
BEFORE_THE_LAW = (Reason("217.703.3", "before September 2012, the first month that can earn"),)
MAY_NOT_EARN = (Reason("217.703.1", "the person may not earn compliance credits; see the findings"),)
NOT_KNOWN = (Reason("217.703.1", "whether the person may earn credits is not known; see the findings"),)
FOUND_INELIGIBLE = (Reason("217.703.2", "the court found the person ineligible to earn credits"),)
WHILE_SUSPENDED = (Reason("217.703.5", "not applied while the court has suspended the term"),)
IN_TREATMENT_COURT = (Reason("217.703.12", "not applied until the person is discharged from treatment court"),)

_FIRST, _LAST = FIRST_YEAR * 12, LAST_YEAR * 12
_EARNED = [Month(number, "yes", first_of(number + 1), IN_COMPLIANCE) for number in range(_FIRST, _LAST)]


def months(s: Supervision, line: Timeline, walk: Walk) -> list[Month]:
    """The ledger as it stands at the end of the walk, oldest month first."""
    first, last = month_number(s.term.begins_on), _last_listed(s, walk)
    if last < first:
        return []
    ledger = _EARNED[first - _FIRST : last + 1 - _FIRST]
    if walk.first_month >= NEVER:
        return [_no(month.number, MAY_NOT_EARN) for month in ledger]
    _open_end(ledger, first, s, walk)
    _before_the_first(ledger, first, walk)
    for number, day in walk.posted_late.items():
        _put(ledger, first, Month(number, "yes", date.fromordinal(day), IN_COMPLIANCE))
    for number in walk.pending:
        _put(ledger, first, Month(number, "pending", None, (_waiting_for_hearing(walk),)))
    if walk.applies_nothing:
        _hold(ledger, walk)
    if walk.rescinded:
        _rescind(ledger, first, walk)
    _stop(ledger, first, walk)
    for number in line.lost:
        if number >= walk.first_month:
            _put(ledger, first, _no(number, tuple(line.lost[number])))
    return ledger


def months_not_known(listed: list[Month]) -> list[Month]:
    """The same months, where credit hangs on a fact that is not recorded."""
    return [Month(month.number, "pending", None, NOT_KNOWN) for month in listed]


def _last_listed(s: Supervision, walk: Walk) -> int:
    if walk.discharged is not None:
        return min(month_number(date.fromordinal(walk.discharged)) - 1, month_number(date.fromordinal(walk.last_day)))
    if walk.ended_by is not None:
        return month_number(walk.ended_by.on)
    return min(month_number(s.as_of), month_number(date.fromordinal(walk.last_day)))


def _open_end(ledger: list[Month], first: int, s: Supervision, walk: Walk) -> None:
    """The month that is not over, and the last month where the term does not cover it."""
    number = first + len(ledger) - 1
    if FIRST_ORDINAL[number + 1] - 1 > walk.last_day:
        ledger[-1] = _no(number, LAST_NOT_FULL)
    elif FIRST_ORDINAL[number + 1] > s.as_of.toordinal():
        ledger[-1] = Month(number, "pending", None, NOT_OVER)


def _before_the_first(ledger: list[Month], first: int, walk: Walk) -> None:
    for number in range(first, min(walk.first_month, first + len(ledger))):
        ledger[number - first] = _no(number, BEFORE_THE_LAW if number < FIRST_EARNING_MONTH else FIRST_NOT_FULL)


def _hold(ledger: list[Month], walk: Walk) -> None:
    reasons = IN_TREATMENT_COURT if walk.held else WHILE_SUSPENDED
    for place, month in enumerate(ledger):
        if month.earned == "yes":
            ledger[place] = Month(month.number, "suspended", None, reasons)


def _rescind(ledger: list[Month], first: int, walk: Walk) -> None:
    for begin, end, change in walk.rescinded:
        reason = _rescinded(change.kind, change.outcome, change.on)
        for number in range(max(begin, first), end + 1):
            _put(ledger, first, _no(number, (reason,)))
    if walk.ended_by is not None:
        reason = _rescinded(walk.ended_by.kind, walk.ended_by.outcome, walk.ended_by.on)
        for number in range(max(walk.next_month, walk.first_month), month_number(walk.ended_by.on) + 1):
            _put(ledger, first, _no(number, (reason,)))


def _rescinded(kind: str, outcome: str | None, on: date) -> Reason:
    if kind == "cods_placed" or outcome == "cods":
        return Reason("217.703.5(1)", f"rescinded: placed in a program under 559.036.4 on {on}")
    if outcome == "revoked":
        return Reason("217.703.5(1)", f"rescinded: revoked at the hearing of {on}")
    return Reason("217.703.5(2)", f"rescinded: found ineligible because of the violation at the hearing of {on}")


def _waiting_for_hearing(walk: Walk) -> Reason:
    day = max(walk.settings, default=NEVER)
    on = f"the hearing set for {date.fromordinal(day)}" if day < NEVER else "a hearing that is set"
    return Reason("217.703.5", f"waits for the outcome of {on}")


def _stop(ledger: list[Month], first: int, walk: Walk) -> None:
    if walk.not_eligible_from is None:
        return
    after = walk.rescinded[-1][1] + 1 if walk.rescinded else walk.first_month
    for number in range(max(walk.not_eligible_from, after), first + len(ledger)):
        _put(ledger, first, _no(number, FOUND_INELIGIBLE))


def _put(ledger: list[Month], first: int, month: Month) -> None:
    if 0 <= month.number - first < len(ledger):
        ledger[month.number - first] = month


@lru_cache(maxsize=65536)
def _no(number: int, reasons: tuple[Reason, ...]) -> Month:
    return Month(number, "no", None, reasons)
