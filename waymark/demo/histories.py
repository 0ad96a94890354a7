"""What happens in a term of supervision, as the law and the office have words for it.

A history is a row of episodes, each a small story (a report and its hearing, a stay in jail, an absconding) told to its
end before the next begins, so nothing overlaps that cannot. The record is then cut at the day it is looked at: what was
still open stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from waymark.demo.choice import Choice, chance, days_after, weighted
from waymark.demo.offenses import Offense, felonies_on, misdemeanors_on


@dataclass(frozen=True)
class Event:
    on: date
    kind: str
    outcome: str = ""
    hearing_on: date | None = None
    years: int | None = None  # of an extension
    months: int | None = None
    violation_found: bool | None = None
    words: str = ""

    def as_fact(self) -> dict[str, Any]:
        """As one of the `events` of `waymark law ecc`."""
        fact: dict[str, Any] = {"on": self.on.isoformat(), "type": self.kind}
        if self.outcome:
            fact["outcome"] = self.outcome
        if self.hearing_on:
            fact["hearing_on"] = self.hearing_on.isoformat()
        return fact


@dataclass(frozen=True)
class TermStart:
    """What was ordered on the first day. None: nobody recorded it."""

    kind: str  # "probation", "parole", "conditional_release", "pretrial", "diversion"
    begins_on: date
    years: int
    months: int
    sentence: str  # "SIS", "SES" or ""
    sentenced_on: date | None
    offense: Offense
    supervised_by_division: bool | None = True
    lifetime_supervision: bool | None = False
    restitution_ordered: bool | None = False
    restitution_cents: int | None = None

    @property
    def anniversary(self) -> date:
        return months_later(self.begins_on, 12 * self.years + self.months)


@dataclass(frozen=True)
class History:
    start: TermStart
    events: tuple[Event, ...] = ()

    def as_facts(self, as_of: date) -> dict[str, Any]:
        """The facts as `waymark law ecc` reads them."""
        start, offense = self.start, self.start.offense
        paid_on = next((event.on for event in self.events if event.kind == "restitution_paid"), None)
        return {
            "as_of": as_of.isoformat(),
            "term": {
                "kind": start.kind,
                "begins_on": start.begins_on.isoformat(),
                "years": start.years,
                "months": start.months,
                "sentence": start.sentence or None,
                "sentenced_on": start.sentenced_on and start.sentenced_on.isoformat(),
                "extensions": [
                    {
                        "ordered_on": event.on.isoformat(),
                        "years": event.years,
                        "months": event.months,
                        "violation_found": event.violation_found,
                    }
                    for event in self.events
                    if event.kind == "term_extended"
                ],
            },
            "offense": {
                "section": offense.section,
                "chapter": offense.chapter,
                "class": offense.offense_class or None,
                "felony": offense.level == "felony",
            },
            "supervised_by_division": start.supervised_by_division,
            "lifetime_supervision": start.lifetime_supervision,
            "restitution": {
                "ordered": start.restitution_ordered,
                "paid_in_full_on": paid_on and paid_on.isoformat(),
            },
            "events": [event.as_fact() for event in self.events if event.kind not in NOT_AMONG_EVENTS],
        }


NOT_AMONG_EVENTS = ("term_extended", "discharged")  # an extension is told under `term`; the discharge is the answer


def months_later(day: date, months: int) -> date:
    """The same day of the month, or the month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (after - timedelta(days=1)).day))


def felony_term(choice: Choice, begins_on: date, gaps_percent: int = 3) -> TermStart:
    """A term on the Division's caseload. Each of five facts is not recorded in `gaps_percent` of the terms."""
    kind = weighted(choice, [(80, "probation"), (13, "parole"), (7, "conditional_release")])
    on_probation = kind == "probation"
    sentenced_on = begins_on if on_probation else days_after(choice, begins_on, -1200, -300)
    offense = weighted(choice, [(offense.weight, offense) for offense in felonies_on(sentenced_on)])
    restitution = offense.restitution and chance(choice, 55)
    not_recorded = [chance(choice, gaps_percent) for _ in range(5)]
    return TermStart(
        kind=kind,
        begins_on=begins_on,
        years=weighted(choice, [(62, 5), (16, 3), (10, 4), (8, 2)]) if on_probation else choice.randint(1, 5),
        months=0 if on_probation else choice.choice([0, 3, 6, 9]),
        sentence=weighted(choice, [(58, "SIS"), (42, "SES")]) if on_probation else "",
        sentenced_on=None if not_recorded[0] else sentenced_on,
        offense=replace(offense, offense_class="") if not_recorded[1] else offense,
        supervised_by_division=None if not_recorded[2] else True,
        lifetime_supervision=None if not_recorded[3] else offense.lifetime,
        restitution_ordered=None if not_recorded[4] else restitution,
        restitution_cents=choice.randint(8, 900) * 1000 if restitution and not not_recorded[4] else None,
    )


def misdemeanor_term(choice: Choice, begins_on: date) -> TermStart:
    """A term on the county's own probation caseload: six months to two years, and no credits (217.703.1(3))."""
    offense = weighted(choice, [(offense.weight, offense) for offense in misdemeanors_on(begins_on)])
    restitution = offense.restitution and chance(choice, 40)
    months = weighted(choice, [(50, 24), (30, 12), (12, 6), (8, 18)])
    return TermStart(
        kind="probation",
        begins_on=begins_on,
        years=months // 12,
        months=months % 12,
        sentence=weighted(choice, [(75, "SIS"), (25, "SES")]),
        sentenced_on=begins_on,
        offense=offense,
        supervised_by_division=False,
        restitution_ordered=restitution,
        restitution_cents=choice.randint(5, 70) * 1000 if restitution else None,
    )


Episode = Callable[[Choice, TermStart, date], list[Event]]


def history(choice: Choice, start: TermStart, until: date, gap_days: int = 240, most: int = 12) -> History:
    """What happened from the first day of the term to `until`, both included.

    `gap_days` is the usual quiet time between two episodes, `most` the greatest number of them.
    """
    told = list(_told(choice, start, until, gap_days, most)) + _restitution(choice, start)
    return History(start, tuple(sorted((e for e in told if e.on <= until), key=lambda event: event.on)))


def _told(choice: Choice, start: TermStart, until: date, gap_days: int, most: int) -> Iterator[Event]:
    day = start.begins_on
    if start.offense.listed and chance(choice, 12):
        motion = eligibility_motion(choice, start, days_after(choice, day, 0, 25))
        yield from motion
        day = motion[-1].on
    extended = False
    for _ in range(choice.randint(0, most)):
        day = days_after(choice, day, 3, 2 * gap_days)
        if day > until or day >= start.anniversary:
            return
        story = weighted(choice, EPISODES)(choice, start, day)
        if extended:
            story = [event for event in story if event.kind != "term_extended"]
        yield from story
        extended = extended or any(event.kind == "term_extended" for event in story)
        if any(event.outcome == "revoked" for event in story):
            return
        day = story[-1].on


def _restitution(choice: Choice, start: TermStart) -> list[Event]:
    if start.restitution_ordered and chance(choice, 65):
        return [Event(days_after(choice, start.begins_on, 30, 1500), "restitution_paid")]
    return []


def citation(choice: Choice, start: TermStart, day: date) -> list[Event]:
    return [Event(day, "notice_of_citation")]


def report_without_hearing(choice: Choice, start: TermStart, day: date) -> list[Event]:
    return [Event(day, "violation_report")]


def report_and_hearing(choice: Choice, start: TermStart, day: date) -> list[Event]:
    """The court sets a hearing, perhaps suspends the term until then, and decides."""
    set_on = days_after(choice, day, 1, 30)
    heard_on = days_after(choice, set_on, 7, 90)
    outcome = weighted(choice, [(80, "continued"), (14, "no_violation"), (6, "ineligible")])
    suspended = chance(choice, 45)
    story = [Event(day, "violation_report")]
    if chance(choice, 40):
        motion = choice.choice(["motion_to_revoke", "motion_to_suspend"])
        story.append(Event(days_after(choice, day, 0, (set_on - day).days), motion))
    story.append(Event(set_on, "hearing_set", hearing_on=heard_on))
    if suspended:
        story.append(Event(set_on, "term_suspended"))
    story.append(Event(heard_on, "hearing", outcome))
    if suspended:
        story.append(Event(heard_on, "suspension_lifted"))
    if outcome == "continued" and start.kind == "probation" and chance(choice, 20):
        story.append(Event(heard_on, "term_extended", years=1, months=0, violation_found=True))
    return story


def motion_withdrawn(choice: Choice, start: TermStart, day: date) -> list[Event]:
    return [Event(day, "motion_to_revoke"), Event(days_after(choice, day, 10, 150), "motion_withdrawn")]


def custody(choice: Choice, start: TermStart, day: date) -> list[Event]:
    return [Event(day, "custody_start"), Event(days_after(choice, day, 1, 45), "custody_end")]


def arrest_report_and_hearing(choice: Choice, start: TermStart, day: date) -> list[Event]:
    hearing = report_and_hearing(choice, start, days_after(choice, day, 0, 6))
    return [Event(day, "custody_start"), *hearing, Event(days_after(choice, hearing[-1].on, 0, 10), "custody_end")]


def absconding(choice: Choice, start: TermStart, day: date) -> list[Event]:
    found_on = days_after(choice, day, 15, 300)
    story = [Event(day, "violation_report"), Event(day, "absconder_declared"), Event(found_on, "absconder_available")]
    if chance(choice, 60):
        heard_on = days_after(choice, found_on, 5, 60)
        story += [
            Event(found_on, "custody_start"),
            Event(heard_on, "hearing", "continued"),
            Event(days_after(choice, heard_on, 0, 3), "custody_end"),
        ]
    return story


def placed_in_cods(choice: Choice, start: TermStart, day: date) -> list[Event]:
    heard_on = days_after(choice, day, 10, 90)
    placed_on = days_after(choice, heard_on, 0, 14)
    return [
        Event(day, "violation_report"),
        Event(heard_on, "hearing", "cods"),
        Event(placed_on, "cods_placed"),
        Event(placed_on + timedelta(days=120), "cods_released"),
    ]


def treatment_court(choice: Choice, start: TermStart, day: date) -> list[Event]:
    left = weighted(choice, [(70, "treatment_court_completed"), (30, "treatment_court_terminated")])
    story = [Event(day, "treatment_court_entered")]
    if chance(choice, 40):
        story.append(Event(days_after(choice, day, 20, 150), choice.choice(["violation_report", "notice_of_citation"])))
    return [*story, Event(days_after(choice, day, 180, 540), left)]


def revoked(choice: Choice, start: TermStart, day: date) -> list[Event]:
    heard_on = days_after(choice, day, 20, 120)
    return [
        Event(day, "violation_report"),
        Event(days_after(choice, day, 0, 20), "motion_to_revoke"),
        Event(heard_on, "hearing", "revoked"),
        Event(heard_on, "custody_start"),
    ]


def eligibility_motion(choice: Choice, start: TermStart, day: date) -> list[Event]:
    decision = weighted(choice, [(60, "found_eligible"), (40, "found_ineligible")])
    return [Event(day, "eligibility_motion"), Event(days_after(choice, day, 5, 120), decision)]


EPISODES: list[tuple[int, Episode]] = [
    (30, report_without_hearing),
    (20, citation),
    (16, report_and_hearing),
    (8, custody),
    (7, arrest_report_and_hearing),
    (5, motion_withdrawn),
    (5, absconding),
    (4, treatment_court),
    (3, placed_in_cods),
    (2, revoked),
]
