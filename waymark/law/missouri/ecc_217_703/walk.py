"""217.703.3 to .7: the walk through a term, month by month and change by change, to the day it is satisfied.

Each day is judged by what was known on that day: credits posted by then, restitution paid by then. So a revocation or
an extension ordered after the term was already satisfied changes nothing (Culp; Jonas), and a hearing that ends well
posts the months it held back on the day it is held.

Days are ordinals and months are numbers in here; dates.py turns them into dates.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from waymark.law.calendar import FIRST_ORDINAL, anniversary, month_number
from waymark.law.dated import Dated
from waymark.law.missouri.ecc_217_703.facts import ENACTED, FIRST_MONTH, Supervision
from waymark.law.missouri.ecc_217_703.timeline import Change, Reason, Timeline, restitution_paid_on

CREDIT_DAYS = Dated("217.703.3", ((ENACTED, 30),))  # days off the term for a month earned
FIRST_EARNING_MONTH = month_number(FIRST_MONTH)
NEVER = 10**9
WAITS_FOR_HEARING = {
    "violation_report",
    "motion_to_revoke",
    "motion_to_suspend",
    "motion_withdrawn",
    "hearing_set",
    "setting_lapsed",
}


@dataclass(slots=True)
class Walk:
    """The state on the day the walk has reached. `credits` are posted and count; those held back do not."""

    next_month: int  # the next month to be posted
    last_day: int
    floor: int
    restitution_open: bool
    lost: dict[int, list[Reason]]
    not_eligible_from: int | None
    credit_days: int
    tolling: bool = False
    hold_while_suspended: bool = False
    credits: int = 0
    held: bool = False  # in treatment court: nothing is applied (217.703.12)
    suspended_since: int | None = None
    absconding_since: int | None = None
    reports: list[int] = field(default_factory=list)  # days of reports no hearing has answered
    motions: list[int] = field(default_factory=list)  # days of motions neither answered nor withdrawn
    settings: list[int] = field(default_factory=list)  # days a hearing is set for and not yet held
    waits_after: int | None = None  # months after this one are held back for a hearing
    pending: set[int] = field(default_factory=set)  # months held back for a hearing
    posted_late: dict[int, int] = field(default_factory=dict)  # month -> day it was posted instead of the first
    rescinded: list[tuple[int, int, Change]] = field(default_factory=list)  # (first month, last month, by what)
    ended_by: Change | None = None  # revoked
    discharged: int | None = None
    first_month: int = 0

    @property
    def applies_nothing(self) -> bool:
        """Credits are earned, but none is applied today."""
        return self.held or (self.hold_while_suspended and self.suspended_since is not None)


def begin(s: Supervision, line: Timeline, *, earns: bool, restitution_ordered: bool) -> Walk | None:
    """The walk on the first day of the term. None: the length of the term is not recorded."""
    length = s.term.length_months
    if length is None:
        return None
    begins_on, readings = s.term.begins_on, s.interpretations
    ends_before = readings.term_end == "day_before_anniversary"
    standing = length + (_standing_extensions(s, length) if readings.late_extension == "stands" else 0)
    last_day = anniversary(begins_on, months=standing).toordinal() - ends_before
    first = month_number(begins_on) + (not (begins_on.day == 1 and readings.start_on_first))
    first = max(first, FIRST_EARNING_MONTH) if earns else NEVER
    paid_on = restitution_paid_on(s)
    return Walk(
        next_month=first,
        first_month=first,
        last_day=last_day,
        floor=anniversary(begins_on, years=2).toordinal() - 1,
        restitution_open=restitution_ordered and (paid_on is None or paid_on > begins_on),
        lost=line.lost,
        not_eligible_from=line.not_eligible_from,
        credit_days=CREDIT_DAYS.on(max(s.as_of, ENACTED)),
        tolling=readings.tolling,
        hold_while_suspended=readings.credits_during_suspension == "held",
    )


def run(walk: Walk, s: Supervision, changes: list[Change]) -> None:
    """Walk from the first day of the term to the end of `as_of`, or to the day of discharge."""
    start, stop = s.term.begins_on.toordinal(), s.as_of.toordinal()
    for change in changes:
        if change.day > start:
            _stretch(walk, start, change.day)
            if walk.discharged is not None:
                return
            start = change.day
            _post(walk, start)
        _take_effect(walk, change, s)
        if walk.ended_by is not None:
            return
    _stretch(walk, start, stop + 1)


def project(walk: Walk, as_of: int) -> int | None:
    """The day the term is satisfied if from `as_of` on every month is earned: a hearing still set ends well,
    restitution is paid, and custody, absconding or a suspension still open ends that day. None: revoked.

    Walks on with the walk it is handed: read that one first.
    """
    if walk.discharged is not None or walk.ended_by is not None:
        return walk.discharged
    if walk.absconding_since is not None:
        _available(walk, as_of)
    if walk.suspended_since is not None:
        _lift(walk, as_of)
    _answer_all(walk, as_of)
    walk.restitution_open = False
    _stretch(walk, as_of, max(walk.last_day, as_of) + 1)
    return walk.discharged if walk.discharged is not None else walk.last_day


def _stretch(walk: Walk, start: int, end: int) -> None:
    """Nothing happens in [start, end) but the posting of months on their firsts. What happened on a day counts on
    that day: months are posted and changes take effect before it is asked whether the term is satisfied.

    Written as one plain loop over numbers: most of the time of a caseload is spent here.
    """
    _post(walk, start)
    if walk.restitution_open:
        _post(walk, end - 1)
        return
    month, credits, lost, last_day = walk.next_month, walk.credits, walk.lost, walk.last_day
    per_month = 0 if walk.applies_nothing else walk.credit_days
    floor = _two_years(walk)
    stands_still = walk.tolling and walk.suspended_since is not None
    if stands_still:
        floor = max(floor, walk.floor)  # the last day moves on with every day: it is no cap
    waits = walk.waits_after is not None
    stop = walk.not_eligible_from if walk.not_eligible_from is not None else NEVER
    while start < end:
        satisfied = last_day - per_month * credits
        if stands_still and satisfied > (walk.suspended_since or 0):
            satisfied = NEVER
        if satisfied < floor:
            satisfied = floor
        if satisfied < start:
            satisfied = start
        until = FIRST_ORDINAL[month + 1] if month < NEVER and start <= last_day else end
        if until > end:
            until = end
        if satisfied < until:
            walk.discharged = satisfied
            break
        start = until
        if month < NEVER and FIRST_ORDINAL[month + 1] == start < end:
            if waits:
                walk.next_month, walk.credits = month, credits
                _post(walk, start)
                credits = walk.credits
            elif month not in lost and month < stop and start - 1 <= last_day:
                credits += 1
            month += 1
    walk.next_month, walk.credits = month, credits


def _two_years(walk: Walk) -> int:
    """The first day on which two years are served. No floor carries a term beyond its own last day."""
    since = walk.absconding_since
    if since is not None and walk.floor > since:
        return walk.last_day
    return walk.floor if walk.floor < walk.last_day else walk.last_day


def _post(walk: Walk, day: int) -> None:
    """217.703.3: a month earned is posted on the first of the next."""
    month, stop = walk.next_month, walk.not_eligible_from
    while month < NEVER and FIRST_ORDINAL[month + 1] <= day:
        in_term = FIRST_ORDINAL[month + 1] - 1 <= walk.last_day
        if in_term and month not in walk.lost and (stop is None or month < stop):
            if walk.waits_after is not None and month > walk.waits_after:
                walk.pending.add(month)
            else:
                walk.credits += 1
        month += 1
    walk.next_month = month


def _take_effect(walk: Walk, change: Change, s: Supervision) -> None:
    kind = change.kind
    if kind in WAITS_FOR_HEARING:
        _about_a_hearing(walk, change)
    elif kind == "hearing":
        _hearing(walk, change)
    elif kind == "cods_placed":
        _rescind(walk, change)
    elif kind == "restitution_paid":
        walk.restitution_open = False
    elif kind == "extension":
        _extend(walk, change, s)
    elif kind in ("held", "released"):
        walk.held = kind == "held"
    elif kind == "term_suspended":
        walk.suspended_since = change.day
    elif kind == "suspension_lifted":
        _lift(walk, change.day)
    elif kind == "absconder_declared":
        walk.absconding_since = change.day
    elif kind == "absconder_available":
        _available(walk, change.day)


def _about_a_hearing(walk: Walk, change: Change) -> None:
    """A filing, a withdrawal or a setting: what waits for a hearing, and since when, is reckoned anew."""
    if change.kind == "violation_report":
        walk.reports.append(change.day)
    elif change.kind in ("motion_to_revoke", "motion_to_suspend"):
        walk.motions.append(change.day)
    elif change.kind == "motion_withdrawn":
        walk.motions = []
    elif change.kind == "hearing_set":
        walk.settings.append(change.number or NEVER)
    elif change.number in walk.settings:  # the setting lapsed
        walk.settings.remove(change.number)
    _hold_back(walk, change.day)


def _hearing(walk: Walk, change: Change) -> None:
    """217.703.5: a hearing answers what was filed before it; some outcomes rescind every credit."""
    outcome = change.outcome
    if outcome is None:
        return  # held, but its outcome is not recorded: what waits goes on waiting
    if outcome in ("continued", "no_violation"):
        _answer_all(walk, change.day)
        return
    _rescind(walk, change)
    if outcome == "revoked":
        walk.ended_by = change
    elif outcome == "ineligible":
        walk.not_eligible_from = walk.first_month if walk.first_month < NEVER else walk.not_eligible_from


def _hold_back(walk: Walk, day: int) -> None:
    """While a hearing is set and not yet held, the months after the first filing it can answer wait for it. A setting
    for a day before a filing is no setting for that filing."""
    latest = max(walk.settings, default=-1)
    waiting = [filed for filed in (*walk.reports, *walk.motions) if filed <= latest]
    walk.waits_after = month_number(date.fromordinal(min(waiting))) if waiting else None
    _post_late(walk, {month for month in walk.pending if walk.waits_after is None or month <= walk.waits_after}, day)
    if walk.waits_after is not None and walk.first_month < NEVER:
        held = {month for month in range(walk.waits_after + 1, walk.next_month) if _counts(walk, month)}
        walk.pending |= held
        walk.credits -= len(held)


def _answer_all(walk: Walk, day: int) -> None:
    """The person is deemed to have been in compliance: the months held back are posted today."""
    _nothing_waits(walk)
    _post_late(walk, set(walk.pending), day)


def _post_late(walk: Walk, months: set[int], day: int) -> None:
    for month in months:
        walk.posted_late[month] = day
    walk.credits += len(months)
    walk.pending -= months


def _nothing_waits(walk: Walk) -> None:
    walk.reports, walk.motions, walk.settings, walk.waits_after = [], [], [], None


def _rescind(walk: Walk, change: Change) -> None:
    """All credits earned so far are gone; months held back for the hearing too."""
    first = walk.rescinded[-1][1] + 1 if walk.rescinded else walk.first_month
    walk.rescinded.append((first, walk.next_month - 1, change))
    walk.credits = 0
    walk.pending = set()
    _nothing_waits(walk)


def _counts(walk: Walk, month: int) -> bool:
    """Whether a month already passed stands as a credit."""
    if month in walk.lost or month in walk.pending or month < walk.first_month:
        return False
    if walk.not_eligible_from is not None and month >= walk.not_eligible_from:
        return False
    if walk.rescinded and month <= walk.rescinded[-1][1]:
        return False
    return FIRST_ORDINAL[month + 1] - 1 <= walk.last_day


def _standing_extensions(s: Supervision, length: int) -> int:
    """Months added by the extensions ordered by `as_of`. One ordered after the term had run out,
    or was revoked, adds none."""
    ends_before = timedelta(days=s.interpretations.term_end == "day_before_anniversary")
    revoked_on = min((e.on for e in s.events if e.type == "hearing" and e.outcome == "revoked"), default=s.as_of)
    added = 0
    for extension in sorted(s.term.extensions, key=lambda extension: extension.ordered_on):
        last_day = anniversary(s.term.begins_on, months=length + added) - ends_before
        if extension.ordered_on <= min(s.as_of, last_day, revoked_on):
            added += extension.years * 12 + extension.months
    return added


def _extend(walk: Walk, change: Change, s: Supervision) -> None:
    """By the reading `late_extension: void`: an extension counts only if the term was still running, as credits had
    shortened it, on the day it was ordered. (A walk that reached its discharge before never comes here.)"""
    if s.interpretations.late_extension == "stands" or walk.last_day < change.day:
        return
    length = (s.term.length_months or 0) + sum(
        e.years * 12 + e.months for e in s.term.extensions if e.ordered_on < change.on
    )
    before = anniversary(s.term.begins_on, months=length)
    after = anniversary(s.term.begins_on, months=length + change.number)
    walk.last_day += (after - before).days


def _lift(walk: Walk, day: int) -> None:
    if walk.tolling and walk.suspended_since is not None:
        walk.last_day += day - walk.suspended_since
    walk.suspended_since = None


def _available(walk: Walk, day: int) -> None:
    """Days as an absconder are added to the two years; the day of return counts as served."""
    if walk.absconding_since is not None:
        walk.floor += day - walk.absconding_since
    walk.absconding_since = None
