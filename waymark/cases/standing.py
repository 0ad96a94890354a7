"""What stands between a person and discharge, told to that person: one sentence, what to do, what would change it.

Works on the facts and answers of `waymark law ecc` and on the case file, asks no database; the sentences are
web.words, so that each exists in every language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from waymark.cases import asking
from waymark.cases.case_file import ConditionFile, TermFile
from waymark.cases.models import Condition, Event
from waymark.law.calendar import anniversary
from waymark.law.missouri.ecc_217_703.facts import SPANS
from waymark.web import words
from waymark.web.words import say

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Answers:
    """What the law says of one term on a day, and what it would say if one thing were otherwise."""

    facts: Json
    today: Json
    if_reported: Json | None  # a violation report submitted on the day; None: the record then asks for a person
    if_paid: Json | None  # restitution paid in full on the day; None: none is owed


@dataclass(frozen=True)
class Headline:
    before: str
    day: date | None = None
    after: str = ""
    can_move: bool = False  # a day that hangs on what the person does


@dataclass(frozen=True)
class Step:
    """One thing between the person and the day. `foreign`: the words exist in English alone."""

    words: str
    done: bool
    progress: str = ""
    next: str = ""
    due: str = ""
    foreign: bool = False


@dataclass(frozen=True)
class Standing:
    case_number: str
    headline: Headline
    story: list[str] = field(default_factory=list)  # how the day came to be, and how it moved
    steps: list[Step] = field(default_factory=list)
    rules: list[Step] = field(default_factory=list)  # what goes on every day and is never done with
    would_change: list[str] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)  # the months, and why
    over: bool = False


def ask(facts: Json) -> Answers | None:
    """Run the law on the facts and on the two what-ifs. Nothing is kept. None: the facts cannot be right."""
    today = asking.ask(facts).answer
    if today is None:
        return None
    on = date.fromisoformat(facts["as_of"])
    reported = asking.supposing(facts, [asking.Supposed(Event.Kind.VIOLATION_REPORT, on)])
    paid = asking.supposing(facts, [], restitution_paid_on=on) if "restitution" in today["blocked_by"] else None
    return Answers(facts, today, asking.ask(reported).answer, asking.ask(paid).answer if paid else None)


def standing(file: TermFile, answers: Answers | None, earlier_date: date | None, language: str, on: date) -> Standing:
    """The term as its person reads it. `answers` None: 217.703 does not speak of it, or its facts cannot be right.
    `earlier_date`: the date last recorded that differs from today's."""
    number = file.term.case.number
    if over := _over(file, language):
        return Standing(number, over, over=True)
    if answers is None:
        headline = _needs_a_person(language) if file.earns_credits else _by_the_calendar(file, language)
        told = [*_hearings(file, language), *_conditions(file, language, on)]
        steps = _open_first([*told, *_restitution(file, file.restitution_paid_on, language, on)])
        return Standing(number, headline, steps=steps, rules=_rules(file, language, on))
    return Standing(
        number,
        _headline(answers, language),
        _story(answers, earlier_date, language),
        _open_first(_steps(file, answers, language, on)),
        _rules(file, language, on),
        _would_change(answers, language),
        list(_lost_months(answers, language)),
    )


def _open_first(steps: Iterable[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: step.done)


# The sentence at the top


def _over(file: TermFile, language: str) -> Headline | None:
    """The court has discharged the person, or revoked the term."""
    for told in reversed(file.events):
        event: Event = told.fact
        if told.struck:
            continue
        if event.kind == Event.Kind.DISCHARGED:
            return Headline(say("discharged", language), event.on, say("discharged_next", language))
        if event.kind == Event.Kind.HEARING and event.outcome == Event.Outcome.REVOKED:
            return Headline(say("revoked", language), event.on, say("revoked_next", language))
    return None


def _headline(answers: Answers, language: str) -> Headline:
    today = answers.today
    if reached := _day(today["discharge_date"]):
        return Headline(say("ended", language), reached, say("ended_next", language))
    earns = today["eligible"] == "yes"
    if earns and answers.if_paid and (best := _best(answers.if_paid)):
        if best.isoformat() <= today["as_of"]:
            return Headline(say("can_end_on_payment", language))
        return Headline(say("can_end", language), best, say("can_end_if_paid", language), can_move=True)
    if earns and (best := _best(today)):
        return Headline(say("can_end", language), best, say("can_end_if", language), can_move=True)
    if last_day := _day(today["last_day"]):
        why = "ends_no_credit" if today["eligible"] == "no" else "ends_not_sure"
        return Headline(say("ends", language), last_day, say(why, language))
    return _needs_a_person(language)


def _by_the_calendar(file: TermFile, language: str) -> Headline:
    """A term without credits: its length from its first day, and what the court added."""
    said = file.said
    if said is None or not (said.years or said.months):
        return Headline(say("open_end", language), None, say("open_end_next", language))
    extensions = [told.fact for told in file.events if told.fact.kind == Event.Kind.TERM_EXTENDED and not told.struck]
    months = said.years * 12 + said.months + sum((e.years or 0) * 12 + (e.months or 0) for e in extensions)
    last_day = anniversary(said.begins_on, months=months) - timedelta(days=1)
    return Headline(say("ends", language), last_day, say("ends_no_credit", language))


def _needs_a_person(language: str) -> Headline:
    return Headline(say("needs_a_person", language), None, say("needs_a_person_next", language))


def _best(answer: Json) -> date | None:
    """The earliest day if all goes well; once discharge is reached, that day."""
    return _day(answer["discharge_date"]) or _day(answer["optimal_discharge_date"])


# How the day came to be


def _story(answers: Answers, earlier_date: date | None, language: str) -> list[str]:
    today = answers.today
    told = []
    if today["eligible"] == "yes":
        told.append(_credit(today, language))
        told += _waiting(today, language)
    best = None if answers.if_paid else _best(today)  # while restitution is owed the date moves with every day
    if best and earlier_date and best != earlier_date:
        moved = (best - earlier_date).days
        key = "moved_later" if moved > 0 else "moved_sooner"
        days = words.count(abs(moved), "day", language)
        told.append(say(key, language, days=days, before=words.day(earlier_date, language)))
    return told


def _credit(today: Json, language: str) -> str:
    months, days = today["credits"]["months"], today["credits"]["days"]
    last_day = _said_day(today["last_day"], language)
    if not months:
        return say("credit_none_yet", language, last_day=last_day)
    return say(
        "credit_so_far",
        language,
        months=words.count(months, "month", language),
        days=words.count(days, "day", language),
        last_day=last_day,
    )


def _waiting(today: Json, language: str) -> Iterator[str]:
    held = sum(month["earned"] == "suspended" for month in today["months"])
    pending = sum(month["earned"] == "pending" and _cites(month) == {"217.703.5"} for month in today["months"])
    if held:
        yield say("credit_held", language, months=words.count(held, "month", language))
    if pending:
        yield say("credit_pending", language, months=words.count(pending, "month", language))


# What to do


def _steps(file: TermFile, answers: Answers, language: str, on: date) -> Iterator[Step]:
    yield from _open_spans(answers.facts, language)
    yield from _hearings(file, language)
    yield from _conditions(file, language, on)
    yield from _restitution(file, _day(answers.facts["restitution"]["paid_in_full_on"]), language, on)
    two_years_on = _day(answers.today.get("two_years_on"))
    if two_years_on and answers.today["eligible"] == "yes":
        yield _two_years(two_years_on, language, on)


OPEN_SPANS = {
    "absconder_declared": ("absconder_open", "absconder_next"),
    "custody_start": ("custody_open", "custody_next"),
    "term_suspended": ("suspended_open", "suspended_next"),
    "cods_placed": ("program_open", "program_next"),
    "treatment_court_entered": ("treatment_open", "treatment_next"),
}


def _open_spans(facts: Json, language: str) -> Iterator[Step]:
    for opening, (sentence, do_next) in OPEN_SPANS.items():
        if any(until is None for _, until in _spans(facts, opening)):
            yield Step(say(sentence, language), done=False, next=say(do_next, language))


def _hearings(file: TermFile, language: str) -> Iterator[Step]:
    for hearing in file.hearings:
        if hearing.state == "set":
            day = words.day(hearing.hearing_on, language)
            yield Step(say("hearing_ahead", language, day=day), done=False, next=say("hearing_next", language))


def _conditions(file: TermFile, language: str, on: date) -> Iterator[Step]:
    return (
        _condition(row, language, on)
        for row in _standing_conditions(file, on)
        if not _is_rule(row) and not row.condition.is_restitution
    )


def _rules(file: TermFile, language: str, on: date) -> list[Step]:
    return [_condition(row, language, on) for row in _standing_conditions(file, on) if _is_rule(row)]


def _standing_conditions(file: TermFile, on: date) -> list[ConditionFile]:
    """Those the court has not lifted."""
    return [row for row in file.conditions if row.condition.ended_on is None or row.condition.ended_on > on]


def _is_rule(file: ConditionFile) -> bool:
    """A condition with nothing to count, no day and nothing to do next: "obey all laws", "no contact"."""
    condition = file.condition
    is_open_ended = not condition.counted_in and condition.due_on is None and file.met_on is None
    return is_open_ended and (condition.kind == Condition.Kind.GENERAL or not condition.next_step)


def _condition(file: ConditionFile, language: str, on: date) -> Step:
    condition, done = file.condition, file.met_on is not None
    own, own_next = (
        (condition.plain_words_es, condition.next_step_es)
        if language == "es"
        else (condition.plain_words, condition.next_step)
    )
    return Step(
        words=own or condition.plain_words or condition.words,
        done=done,
        progress="" if done else _progress(file, language),
        next="" if done else own_next or say("ask_officer", language),
        due="" if done else _due(condition.due_on, language, on),
        foreign=language == "es" and not own,
    )


def _progress(file: ConditionFile, language: str) -> str:
    condition = file.condition
    left = max(condition.amount - file.done, 0)
    if condition.counted_in == Condition.CountedIn.CENTS:
        done, total, rest = (words.money(cents) for cents in (file.done, condition.amount, left))
        return say("counted_money", language, done=done, total=total, left=rest)
    if condition.counted_in:
        noun = condition.counted_in
        total, rest = words.count(condition.amount, noun, language), words.count(left, noun, language)
        return say("counted", language, done=f"{file.done:,}", total=total, left=rest)
    return ""


def _due(due_on: date | None, language: str, on: date) -> str:
    if due_on is None:
        return ""
    return say("by_day" if due_on >= on else "was_due", language, day=words.day(due_on, language))


def _restitution(file: TermFile, paid_on: date | None, language: str, on: date) -> Iterator[Step]:
    """One step for what the court ordered paid, whether the term says so, a condition counts it, or both."""
    counted = next((row for row in _standing_conditions(file, on) if row.condition.is_restitution), None)
    if paid_on:
        yield Step(say("restitution_paid", language), done=True)
    elif counted and counted.all_done_on:
        yield Step(say("restitution_to_confirm", language), done=True)
    elif counted:
        yield _owed(_progress(counted, language), language, _due(counted.condition.due_on, language, on))
    elif file.said and file.said.restitution_ordered:
        cents = file.said.restitution_cents
        yield _owed(say("restitution_amount", language, amount=words.money(cents)) if cents else "", language)


def _owed(progress: str, language: str, due: str = "") -> Step:
    do_next = say("restitution_next", language)
    return Step(say("restitution_owed", language), done=False, progress=progress, next=do_next, due=due)


def _two_years(two_years_on: date, language: str, on: date) -> Step:
    if two_years_on <= on:
        return Step(say("two_years_done", language), done=True)
    day = words.day(two_years_on, language)
    return Step(say("two_years_wait", language, day=day), done=False, next=say("two_years_next", language))


# What would change it


def _would_change(answers: Answers, language: str) -> list[str]:
    today = answers.today
    if today["discharge_date"] or today["eligible"] != "yes":
        return []
    told = []
    best = _best(today)
    if best and best.isoformat() > today["as_of"]:
        told.append(_if_reported(best, answers.if_reported, language))
    return [*told, say("judge_decides", language)]


def _if_reported(best: date, reported: Json | None, language: str) -> str:
    worse = _best(reported) if reported else None
    if worse is None:
        return say("report_no_date", language)
    if worse <= best:
        return say("report_same", language)
    days = words.count((worse - best).days, "day", language)
    return say("report_moves", language, day=words.day(worse, language), days=days)


# Months that did not count

FILINGS = ("violation_report", "notice_of_citation", "motion_to_revoke", "motion_to_suspend")
STOPS = ("custody_start", "absconder_declared", "term_suspended", "cods_placed")
BY_CITE = {
    "217.703.2": "lost_eligibility_motion",
    "217.703.3": "lost_not_full",
    "217.703.5(1)": "lost_rescinded",
    "217.703.5(2)": "lost_rescinded",
    "217.703.12": "lost_treatment_court_entered",
}


def _lost_months(answers: Answers, language: str) -> Iterator[tuple[str, str]]:
    """Runs of lost months with the same reason, the oldest first."""
    if answers.today["eligible"] != "yes":
        return
    run: list[str] = []
    reason = ""
    for month in answers.today["months"]:
        why = _why_lost(month, answers.facts) if month["earned"] == "no" else ""
        if run and why != reason:
            yield _months(run, language), say(reason, language)
            run = []
        if why:
            run.append(month["month"])
        reason = why
    if run:
        yield _months(run, language), say(reason, language)


def _why_lost(month: Json, facts: Json) -> str:
    name, cites = month["month"], _cites(month)
    for kind in FILINGS:
        if any(event["type"] == kind and event["on"][:7] == name for event in facts["events"]):
            return f"lost_{kind}"
    for opening in STOPS:
        for start, end in _spans(facts, opening):
            if start[:7] <= name and (end is None or name <= end[:7]):
                return f"lost_{opening}"
    return next((key for cite, key in BY_CITE.items() if cite in cites), "lost_other")


def _months(run: list[str], language: str) -> str:
    first, last = (words.month(date.fromisoformat(f"{name}-01"), language) for name in (run[0], run[-1]))
    return first if first == last else say("months_to", language, first=first, last=last)


# Small helpers


def _spans(facts: Json, opening: str) -> list[tuple[str, str | None]]:
    """[start, end] of every span the kind of event opens; end None: still open. Days as ISO text."""
    closings = SPANS[opening][0]
    spans: list[tuple[str, str | None]] = []
    start: str | None = None
    for event in facts["events"]:
        if event["type"] == opening:
            start = start or event["on"]
        elif event["type"] in closings and start:
            spans.append((start, event["on"]))
            start = None
    return [*spans, (start, None)] if start else spans


def _cites(month: Json) -> set[str]:
    return {reason["cite"] for reason in month["reasons"]}


def _said_day(text: str | None, language: str) -> str:
    day = _day(text)
    return words.day(day, language) if day else say("not_recorded", language)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
