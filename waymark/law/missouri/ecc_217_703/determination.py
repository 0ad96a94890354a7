"""The determination under RSMo 217.703: what stands on `as_of`, and why.

The day of sentence chooses the law for the offense; the day of a filing chooses whether it breaks compliance; `as_of`
chooses the days a credit is worth. Facts that are not recorded are carried as not known: a date that hangs on one is
not given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace as put
from datetime import date, timedelta
from typing import Any

from waymark.law.deadline import Deadline
from waymark.law.finding import Answer, Finding, all_of, answer_of
from waymark.law.interpretation import Interpretation
from waymark.law.missouri.authority_559_036 import EndOfTerm, may_still_be_revoked
from waymark.law.missouri.ecc_217_703 import duties, readings
from waymark.law.missouri.ecc_217_703.eligibility import may_earn_credits
from waymark.law.missouri.ecc_217_703.facts import (
    CITATION_LAW,
    CODE_REVISION,
    ENACTED,
    TREATMENT_COURT_LAW,
    Supervision,
)
from waymark.law.missouri.ecc_217_703.ledger import Month, months, months_not_known
from waymark.law.missouri.ecc_217_703.timeline import Timeline, read_events, restitution_paid_on
from waymark.law.missouri.ecc_217_703.walk import CREDIT_DAYS, Walk, begin, project, run

VERSIONS = (ENACTED, CODE_REVISION, TREATMENT_COURT_LAW, CITATION_LAW)


@dataclass(frozen=True, slots=True)
class Dates:
    """None: not reached, or not known. `credits` is the number of months posted and applied by `as_of`."""

    last_day: date | None
    credits: int | None
    suspended_credits: int
    earned_discharge_date: date | None
    optimal_discharge_date: date | None
    discharge_date: date | None
    discharge_due: Answer
    two_years_on: date | None


@dataclass(frozen=True, slots=True)
class Determination:
    """The answer. What is printed from it (findings, interpretations, deadlines) is made when it is asked for."""

    facts: Supervision
    eligible: Finding
    dates: Dates
    months: list[Month]
    blocked_by: tuple[str, ...]
    line: Timeline

    @property
    def findings(self) -> Finding:
        """217.703.7 as a tree: may the person be finally discharged by credits?"""
        return all_of(
            "217.703.7",
            f"is due for final discharge as of {self.facts.as_of}",
            self.eligible,
            self._time_satisfied(),
            self._two_years(),
            self._restitution(),
        )

    @property
    def term_expired(self) -> Answer:
        """Whether the term has run out by itself, credits or none."""
        last_day = self.dates.last_day
        return answer_of(None if last_day is None else self.facts.as_of > last_day)

    @property
    def authority_to_revoke(self) -> Finding:
        """559.036.8, for the end of the term as credits have made it."""
        s, ended_on = self.facts, self.dates.discharge_date
        if ended_on is None and self.term_expired == Answer.YES:
            ended_on = self.dates.last_day
        shown = [e.on for e in s.events if e.type in ("motion_to_revoke", "hearing_set") and e.on <= s.as_of]
        recorded = s.revocation.intent_shown_on
        return may_still_be_revoked(
            EndOfTerm(
                ended_on,
                min([*shown, *([recorded] if recorded else [])], default=None),
                s.revocation.efforts_reasonable,
                s.revocation.delay_agreed_by_defense,
            )
        )

    @property
    def interpretations(self) -> list[Interpretation]:
        """The readings that touch this answer, each with the dates the other reading would give."""
        return [put(taken, if_other=_under(self, taken)) for taken in readings.taken(self.facts, self.line)]

    @property
    def deadlines(self) -> list[Deadline]:
        s, dates = self.facts, self.dates
        if self.eligible.answer != Answer.YES or "revoked" in self.blocked_by:
            return []
        ahead = dates.optimal_discharge_date
        owed: list[Deadline] = []
        if ahead and dates.discharge_date is None and ahead > s.as_of:
            owed += duties.before_discharge(ahead, s.term.begins_on)
        paid_on = restitution_paid_on(s)
        if s.restitution.ordered and paid_on and s.as_of <= paid_on + timedelta(days=duties.RESTITUTION_RESPONSE_DAYS):
            owed.append(duties.after_payment(paid_on))
        if dates.discharge_date is None and self.term_expired != Answer.YES:
            owed.append(duties.twice_a_year(s.as_of))
        return owed

    @property
    def question(self) -> str | None:
        """What a person must find out before this can be answered. None: nothing."""
        asked = [part.note for part in _leaves(self.eligible) if part.answer == Answer.NOT_KNOWN and part.note]
        if self.eligible.answer == Answer.NOT_KNOWN and not asked:
            asked.append("Record the offense: its section with subdivision, its class, and whether it is a felony.")
        if self.facts.term.length_months is None:
            asked.append("Record the length of the term.")
        if self.facts.restitution.ordered is None:
            asked.append("Record whether restitution was ordered.")
        return " ".join(asked) or None

    def as_json(self) -> dict[str, Any]:
        """The shape of the contract (`waymark law ecc`). Days as YYYY-MM-DD."""
        dates, question = self.dates, self.question
        return {
            **({"answer": "needs a person"} if question else {}),
            "as_of": self.facts.as_of.isoformat(),
            "eligible": str(self.eligible.answer),
            "last_day": _day(dates.last_day),
            "credits": {
                "months": dates.credits,
                "days": None if dates.credits is None else dates.credits * _credit_days(self.facts),
                "suspended_months": dates.suspended_credits,
            },
            "earned_discharge_date": _day(dates.earned_discharge_date),
            "optimal_discharge_date": _day(dates.optimal_discharge_date),
            "discharge_date": _day(dates.discharge_date),
            "discharge_due": str(dates.discharge_due),
            "blocked_by": list(self.blocked_by),
            "two_years_on": _day(dates.two_years_on),
            "term_expired": str(self.term_expired),
            "question": question,
            "months": [month.as_json() for month in self.months],
            "law": _law(self.facts),
            "findings": self.findings.as_json(),
            "authority_to_revoke": self.authority_to_revoke.as_json(),
            "interpretations": [interpretation.as_json() for interpretation in self.interpretations],
            "deadlines": [deadline.as_json() for deadline in self.deadlines],
            "events_after_as_of": self.line.ignored_later,
        }

    def _time_satisfied(self) -> Finding:
        dates, as_of = self.dates, self.facts.as_of
        if dates.last_day is None or dates.credits is None:
            words, answer = "has satisfied the term by time served and credits", Answer.NOT_KNOWN
        elif "revoked" in self.blocked_by:
            words, answer = "has satisfied the term by time served and credits; it was revoked", Answer.NO
        else:
            end = dates.earned_discharge_date or dates.last_day
            words = (
                f"has satisfied the term, which ends on {dates.last_day}, less {dates.credits} months' credit: {end}"
            )
            reached = dates.discharge_date is not None or end <= as_of or dates.last_day <= as_of
            answer = answer_of(reached)
        return Finding("217.703.7", words, answer)

    def _two_years(self) -> Finding:
        on = self.dates.two_years_on
        served = None if on is None else on <= self.facts.as_of or self.dates.discharge_date is not None
        when = f" ({on})" if on else ""
        return Finding("217.703.7", f"has completed at least two years of supervision{when}", answer_of(served))

    def _restitution(self) -> Finding:
        s, paid_on = self.facts, restitution_paid_on(self.facts)
        if s.restitution.ordered is None:
            return Finding(
                "217.703.7; 559.105.2",
                "owes no restitution",
                Answer.NOT_KNOWN,
                note="Not recorded: record whether restitution was ordered.",
            )
        if not s.restitution.ordered:
            return Finding("217.703.7; 559.105.2", "owes no restitution; none was ordered", Answer.YES)
        words = f"has paid restitution in full ({paid_on})" if paid_on else "has paid restitution in full"
        return Finding("217.703.7; 559.105.2", words, answer_of(paid_on is not None))


def determine(s: Supervision) -> Determination:
    """217.703 applied to one term as it stands on `as_of`.

    1. Read the events. 2. Decide who may earn. 3. Walk the term to `as_of`. 4. Walk on, every month earned.
    Where eligibility or restitution is not recorded, walk every way it could be, and give what they agree on.
    """
    line = read_events(s)
    found_ineligible = line.found_ineligible or _ineligible_by_hearing(s, s.as_of)
    eligible = may_earn_credits(s, found_ineligible=found_ineligible)
    apart = eligible if not found_ineligible else may_earn_credits(s, found_ineligible=False)
    earns = (True, False) if apart.answer == Answer.NOT_KNOWN else (apart.answer == Answer.YES,)
    ordered = (True, False) if s.restitution.ordered is None else (s.restitution.ordered,)
    first, *others = (_walked(s, line, eligible, e, o) for e in earns for o in ordered)
    if not others:
        return first
    dates = first.dates
    for other in others:
        dates = _agreed(dates, other.dates)
        if other.eligible.answer != first.eligible.answer:
            eligible = put(eligible, answer=Answer.NOT_KNOWN)
    ledger = first.months if len(earns) == 1 else months_not_known(first.months)
    return Determination(s, eligible, dates, ledger, first.blocked_by, line)


def _walked(s: Supervision, line: Timeline, eligible: Finding, earns: bool, restitution_ordered: bool) -> Determination:
    """The answer where every fact it hangs on is recorded, or taken to be as given."""
    walk = begin(s, line, earns=earns, restitution_ordered=restitution_ordered)
    if walk is None:
        not_known = Dates(None, None, 0, None, None, None, Answer.NOT_KNOWN, None)
        return Determination(s, eligible, not_known, [], (), line)
    run(walk, s, line.changes)
    if walk.discharged is not None and eligible.answer == Answer.NO:
        eligible = _as_it_stood(s, eligible, date.fromordinal(walk.discharged))
    ledger = months(s, line, walk)
    dates = _dates(s, walk)
    blocked_by = tuple(_blocks(s, line, walk, dates, eligible))
    optimal = project(walk, s.as_of.toordinal())
    if optimal is not None:
        dates = put(dates, optimal_discharge_date=date.fromordinal(optimal))
    return Determination(s, eligible, dates, ledger, blocked_by, line)


def _dates(s: Supervision, walk: Walk) -> Dates:
    """The dates at the end of the walk, before it goes on into what is ahead."""
    as_of = s.as_of.toordinal()
    last_day, two_years = walk.last_day, walk.floor
    if walk.discharged is None:
        if walk.suspended_since is not None and walk.tolling:
            last_day += as_of - walk.suspended_since
        if walk.absconding_since is not None:
            two_years += max(as_of - walk.absconding_since, 0)
    applied = 0 if walk.applies_nothing else walk.credits
    return Dates(
        last_day=date.fromordinal(last_day),
        credits=applied,
        suspended_credits=walk.credits - applied,
        earned_discharge_date=None if walk.ended_by else date.fromordinal(last_day - walk.credit_days * applied),
        optimal_discharge_date=None,
        discharge_date=None if walk.discharged is None else date.fromordinal(walk.discharged),
        discharge_due=answer_of(walk.discharged is not None),
        two_years_on=date.fromordinal(two_years),
    )


def _agreed(one: Dates, other: Dates) -> Dates:
    """What two ways the facts could be agree on; the rest is not known."""
    if one == other:
        return one
    same: dict[str, Any] = {
        name: getattr(one, name) if getattr(one, name) == getattr(other, name) else None
        for name in ("last_day", "credits", "earned_discharge_date", "optimal_discharge_date", "discharge_date")
    }
    due = one.discharge_due if one.discharge_due == other.discharge_due else Answer.NOT_KNOWN
    return Dates(**same, suspended_credits=0, discharge_due=due, two_years_on=one.two_years_on)


def _as_it_stood(s: Supervision, eligible: Finding, discharged_on: date) -> Finding:
    """A court's finding made after the term was satisfied does not change who could earn credits in it."""
    then = put(s, as_of=discharged_on)
    found = read_events(then).found_ineligible or _ineligible_by_hearing(then, discharged_on)
    return eligible if found else may_earn_credits(then, found_ineligible=False)


def _ineligible_by_hearing(s: Supervision, day: date) -> bool:
    return any(e.type == "hearing" and e.outcome == "ineligible" and e.on <= day for e in s.events)


def _blocks(s: Supervision, line: Timeline, walk: Walk, dates: Dates, eligible: Finding) -> list[str]:
    """What stands in the way on `as_of` besides time, in words."""
    if dates.discharge_date is not None:
        return []
    blocks = []
    if walk.ended_by is not None:
        blocks.append("revoked")
    if s.restitution.ordered and restitution_paid_on(s) is None:
        blocks.append("restitution")
    if dates.two_years_on and dates.two_years_on > s.as_of:
        blocks.append("two years")
    if walk.held:
        blocks.append("treatment court")
    if walk.waits_after is not None:
        blocks.append("hearing pending")
    if line.eligibility_pending_since:
        blocks.append("eligibility motion pending")
    if eligible.answer == Answer.NO:
        blocks.append("not eligible")
    return blocks


def _under(determination: Determination, interpretation: Interpretation) -> Mapping[str, Any]:
    """The dates the other reading would give, where they differ."""
    other = readings.other_reading(determination.facts, interpretation)
    if other is None:
        return {}
    ours, theirs = determination.dates, determine(other).dates
    names = "last_day", "earned_discharge_date", "optimal_discharge_date", "discharge_date"
    return {name: _day(getattr(theirs, name)) for name in names if getattr(ours, name) != getattr(theirs, name)}


def _leaves(finding: Finding) -> list[Finding]:
    return [leaf for part in finding.parts for leaf in _leaves(part)] if finding.parts else [finding]


def _credit_days(s: Supervision) -> int:
    return CREDIT_DAYS.on(max(s.as_of, ENACTED))


def _law(s: Supervision) -> list[dict[str, str]]:
    sentence = max(s.term.sentenced_on or ENACTED, ENACTED)
    return [
        {"section": "217.703", "version": _version(sentence), "for": "the offense, by the day of sentence"},
        {
            "section": "217.703",
            "version": _version(max(s.as_of, ENACTED)),
            "for": "the months and dates, by the day asked for",
        },
        {"section": "559.036", "version": "2022-08-28", "for": "the power to revoke after the term"},
    ]


def _version(day: date) -> str:
    return max(since for since in VERSIONS if since <= day).isoformat()


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
