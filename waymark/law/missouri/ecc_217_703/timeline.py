"""From the events of a term to what they do to months: which months earn nothing and why, and on which days something
changes that the discharge date turns on. Only events on or before `as_of` count: the case as it stood that day.

A span in which earning stops (custody, absconding, a suspension, CODS) takes in the day it ends: "after the lifting of
the suspension" earning starts on the first of the next month (217.703.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from waymark.law.calendar import month_number
from waymark.law.missouri.ecc_217_703.facts import CITATION_LAW, SPANS, Event, Supervision


class Reason(NamedTuple):
    """Why a month is as it is."""

    cite: str
    words: str


class Change(NamedTuple):
    """Something that happens on a day (ordinal) and moves the discharge date. `kind` is the event's type, or
    "extension", "held" and "released" (by a treatment court), "setting_lapsed". `number`: months of an extension, or
    the day (ordinal) a hearing is set for, 0 when none is given."""

    day: int
    order: int
    kind: str
    on: date
    outcome: str | None = None
    number: int = 0


class Span(NamedTuple):
    """[start, end], both days included; end None: still open on `as_of`."""

    start: date
    end: date | None


@dataclass(slots=True)
class Timeline:
    """`lost`: month number -> reasons why it earns nothing. `changes`: in the order in which they take effect."""

    lost: dict[int, list[Reason]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    stays: list[tuple[Span, str | None]] = field(default_factory=list)  # treatment court, and how each ended
    not_eligible_from: int | None = None  # month number: nothing is earned from here on
    found_ineligible: bool = False
    eligibility_pending_since: date | None = None
    ignored_later: int = 0  # events after as_of
    spans: dict[str, list[Span]] = field(default_factory=dict)


FILINGS = {
    "violation_report": ("217.703.5", "a violation report was submitted on {}"),
    "motion_to_revoke": ("217.703.5", "a motion to revoke was filed on {}"),
    "motion_to_suspend": ("217.703.5", "a motion to suspend was filed on {}"),
}
CITATION = ("217.703.4", "a notice of citation was submitted on {}")
STOPS = {
    "custody_start": ("217.703.5", "the person was in custody {}"),
    "absconder_declared": ("217.703.6", "the person was an absconder {}"),
    "term_suspended": ("217.703.5", "the court had suspended the term {}"),
    "cods_placed": ("217.703.5(1)", "the person was in a 120-day program under 559.036.4 {}"),
}
# Events on one day take effect in this order, whatever order they were entered in.
SAME_DAY = {
    kind: place
    for place, kind in enumerate(
        ["restitution_paid", *FILINGS, "notice_of_citation", "motion_withdrawn", "hearing_set", "hearing", "extension"]
    )
}


def read_events(s: Supervision) -> Timeline:
    """What the events up to `as_of` do. Pure bookkeeping: no date is computed here."""
    line = Timeline()
    known = sorted((event for event in s.events if event.on <= s.as_of), key=_by_day_and_kind)
    line.ignored_later = len(s.events) - len(known)
    if not known and not s.term.extensions and s.restitution.paid_in_full_on is None:
        return line
    for event in known:
        _file(line, event)
    for opening in SPANS:
        if any(event.type == opening for event in known):
            line.spans[opening] = list(_spans(known, opening))
    _stop_months(line, s)
    _findings_of_ineligibility(line, known, s.as_of)
    _treatment_courts(line, known, s)
    _extensions_and_payment(line, s)
    _lapsed_settings(line, s)
    line.changes.sort(key=_in_effect_order)
    return line


def _in_effect_order(change: Change) -> tuple[int, int, str, str]:
    return change.day, change.order, change.kind, change.outcome or ""


def _file(line: Timeline, event: Event) -> None:
    """A filing costs its month, and waits for a hearing's answer if one is held."""
    kind = event.type
    if kind in FILINGS:
        cite, words = FILINGS[kind]
        line.lost.setdefault(month_number(event.on), []).append(Reason(cite, words.format(event.on)))
    elif kind == "notice_of_citation" and event.on >= CITATION_LAW:
        line.lost.setdefault(month_number(event.on), []).append(Reason(CITATION[0], CITATION[1].format(event.on)))
    elif kind == "hearing_set":
        day = event.hearing_on.toordinal() if event.hearing_on else 0
        line.changes.append(Change(event.on.toordinal(), SAME_DAY[kind], kind, event.on, number=day))
        return
    if kind in SAME_DAY and kind not in ("notice_of_citation", "restitution_paid"):
        line.changes.append(Change(event.on.toordinal(), SAME_DAY[kind], kind, event.on, event.outcome))


def _lapsed_settings(line: Timeline, s: Supervision) -> None:
    """By the reading `lapsed_setting: answered`, a setting that passes without a hearing ends the next day."""
    if s.interpretations.lapsed_setting == "answered":
        settings = [change for change in line.changes if change.kind == "hearing_set" and change.number]
        line.changes += [
            Change(setting.number + 1, 30, "setting_lapsed", setting.on, number=setting.number)
            for setting in settings
            if setting.number < s.as_of.toordinal()
        ]


def _spans(events: list[Event], opening: str) -> Iterator[Span]:
    closings = SPANS[opening][0]
    start: date | None = None
    for event in _in_order(events, opening, closings):
        if event.type == opening:
            start = start or event.on
        elif start is not None:
            yield Span(start, event.on)
            start = None
    if start is not None:
        yield Span(start, None)


def _in_order(events: list[Event], opening: str, closings: tuple[str, ...]) -> Iterator[Event]:
    """By day; on one day the end of an open span comes before a new start."""
    waiting = sorted((event for event in events if event.type == opening or event.type in closings), key=_by_day)
    is_open = False
    while waiting:
        today = [event for event in waiting if event.on == waiting[0].on]
        wanted = next((event for event in today if (event.type == opening) != is_open), today[0])
        waiting.remove(wanted)
        is_open = wanted.type == opening
        yield wanted


def _by_day(event: Event) -> date:
    return event.on


def _by_day_and_kind(event: Event) -> tuple[date, str]:
    return event.on, event.type


def _stop_months(line: Timeline, s: Supervision) -> None:
    """Every month touched by a span in which earning stops."""
    for opening, (cite, words) in STOPS.items():
        if opening == "cods_placed":
            continue
        for span in line.spans.get(opening, ()):
            _lose(line, span, s.as_of, Reason(cite, words.format(_during(span))))
    if not s.interpretations.credits_during_cods:
        for span in _away_in_cods(line, s):
            _lose(line, span, s.as_of, Reason(STOPS["cods_placed"][0], STOPS["cods_placed"][1].format(_during(span))))
    for opening in ("absconder_declared", "term_suspended"):
        for span in line.spans.get(opening, ()):
            if span.start == span.end:
                continue  # no day passed: nothing is lengthened
            line.changes.append(Change(span.start.toordinal(), -1, opening, span.start))
            if span.end:  # before a new start on the same day
                line.changes.append(Change(span.end.toordinal(), -2, SPANS[opening][0][0], span.end))
    for span in line.spans.get("cods_placed", ()):
        line.changes.append(Change(span.start.toordinal(), SAME_DAY["hearing"], "cods_placed", span.start))


def _away_in_cods(line: Timeline, s: Supervision) -> list[Span]:
    """From the order for the program, or the placement where no order is entered, until back under supervision."""
    stays = list(line.spans.get("cods_placed", ()))
    for event in s.events:
        if event.type == "hearing" and event.outcome == "cods" and event.on <= s.as_of:
            later = [span for span in stays if span.end is None or span.end >= event.on]
            if later:
                stays[stays.index(later[0])] = Span(min(event.on, later[0].start), later[0].end)
            else:
                stays.append(Span(event.on, None))
    return stays


def _lose(line: Timeline, span: Span, as_of: date, reason: Reason) -> None:
    for month in range(month_number(span.start), month_number(span.end or as_of) + 1):
        line.lost.setdefault(month, []).append(reason)


def _during(span: Span) -> str:
    if span.end == span.start:
        return f"on {span.start}"
    return f"from {span.start} to {span.end}" if span.end else f"from {span.start} on"


def _findings_of_ineligibility(line: Timeline, known: list[Event], as_of: date) -> None:
    """217.703.2: earning stops from the motion. Found eligible, it starts with the month after the decision; found
    ineligible, it never starts, unless a later decision finds otherwise."""
    since: date | None = None
    motion: date | None = None
    for event in known:
        if event.type == "eligibility_motion":
            motion = motion or event.on
            since = since or event.on
        elif event.type == "found_ineligible":
            since = since or event.on
            motion, line.found_ineligible = None, True
        elif event.type == "found_eligible":
            if since is not None:
                _lose(line, Span(since, event.on), as_of, _waiting(since, event.on))
            since, motion, line.found_ineligible = None, None, False
    if since is None:
        return
    if line.found_ineligible:
        line.not_eligible_from = month_number(since)
    else:
        line.eligibility_pending_since = motion
        _lose(line, Span(since, None), as_of, _waiting(since, None))


def _waiting(since: date, until: date | None) -> Reason:
    decided = f"until the decision of {until}" if until else "and no decision is recorded"
    return Reason("217.703.2", f"a motion to find the person ineligible was pending from {since} {decided}")


def _treatment_courts(line: Timeline, known: list[Event], s: Supervision) -> None:
    """217.703.12: from entry until discharge nothing is applied; ended without success, the
    months completed within the stay are lost: they are what accumulated during the suspension."""
    ends = {
        event.on: event.type.removeprefix("treatment_court_")
        for event in known
        if event.type in ("treatment_court_completed", "treatment_court_terminated")
    }
    for span in line.spans.get("treatment_court_entered", ()):
        if span.start < s.interpretations.treatment_court_from:
            continue
        ended = ends.get(span.end) if span.end else None
        line.stays.append((span, ended))
        line.changes.append(Change(span.start.toordinal(), 20, "held", span.start))
        if span.end:
            line.changes.append(Change(span.end.toordinal(), 21, "released", span.end))
        if ended == "terminated" and span.end:
            reason = Reason("217.703.12", f"treatment court {_during(span)} ended without success")
            for month in range(month_number(span.start), month_number(span.end)):
                line.lost.setdefault(month, []).append(reason)


def _extensions_and_payment(line: Timeline, s: Supervision) -> None:
    for extension in s.term.extensions:
        if extension.ordered_on <= s.as_of:
            months = extension.years * 12 + extension.months
            day = extension.ordered_on
            line.changes.append(Change(day.toordinal(), SAME_DAY["extension"], "extension", day, number=months))
    if paid_on := restitution_paid_on(s):
        line.changes.append(Change(paid_on.toordinal(), SAME_DAY["restitution_paid"], "restitution_paid", paid_on))


def restitution_paid_on(s: Supervision) -> date | None:
    """The day restitution was paid in full, if by `as_of`."""
    days = [event.on for event in s.events if event.type == "restitution_paid"]
    if s.restitution.paid_in_full_on:
        days.append(s.restitution.paid_in_full_on)
    return min((day for day in days if day <= s.as_of), default=None)
