"""What an answer of the law says to a reader: its sentence, its months, how its dates came about, and what differs
between two answers. Works on the JSON of `waymark law ecc` alone (contract: docs/scope.md); asks no database."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from waymark.cases.models import Event, TermEntry
from waymark.law.missouri.ecc_217_703.walk import CREDIT_DAYS
from waymark.people.models import Person

Json = Mapping[str, Any]

DATE_LABELS = {
    "last_day": "Last day of the term, without credits",
    "earned_discharge_date": "Last day less the credits posted so far",
    "two_years_on": "Two years served on",
    "optimal_discharge_date": "Discharge if every month from now on is earned",
    "discharge_date": "Discharge reached on",
}


# The sentence at the top


def short_name(person: Person) -> str:
    """ "D. Reyes" """
    return f"{person.given_name[:1]}. {person.family_name}".strip(". ")


def ended_headline(name: str, how: str, on: date) -> str:
    """What takes the place of `headline` once the court has ended the term: `how` is "discharged" or "revoked"."""
    if how == "revoked":
        return f"The term of {name} was revoked on {_long(on.isoformat())}."
    return f"{name} was discharged on {_long(on.isoformat())}."


def headline(name: str, answer: Json) -> str:
    """The one sentence that answers "when may this person be discharged?"."""
    last_day, reached, best = answer["last_day"], answer["discharge_date"], answer["optimal_discharge_date"]
    if reached:
        return f"{name} reached discharge on {_long(reached)}."
    if "revoked" in answer["blocked_by"]:
        return f"{name} will not be discharged by credits: the term was revoked."
    if not last_day:
        return f"It is not known when {name} may be discharged: the length of the term is not recorded."
    if answer["eligible"] == "no":
        return f"{name} earns no compliance credits; the term ends on {_long(last_day)}."
    if best:
        return f"{name} may be discharged on {_long(best)}, if {_provided(answer['blocked_by'])}."
    if answer["question"]:
        return f"It is not known when {name} may be discharged; without credits the term ends on {_long(last_day)}."
    if "restitution" in answer["blocked_by"]:
        return f"{name} cannot be discharged early until restitution is paid; the term ends on {_long(last_day)}."
    return f"No credit can bring forward the end of the term of {name}, {_long(last_day)}."


def _provided(blocked_by: list[str]) -> str:
    """What has to go well until then. The date given supposes all of it."""
    asked = ["every month from now on is earned"]
    asked += [words for block, words in TO_GO_WELL.items() if block in blocked_by]
    return asked[0] if len(asked) == 1 else f"{', '.join(asked[:-1])} and {asked[-1]}"


TO_GO_WELL = {
    "restitution": "restitution is paid",
    "hearing pending": "the hearing continues the supervision",
    "treatment court": "treatment court is completed",
    "eligibility motion pending": "the court finds for credits",
}


def tally(answer: Json) -> str:
    """ "18 months earned · 2 lost · 540 days off a term that would end on Sunday, November 5, 2028." """
    counts = Counter(STATES[month["earned"]] for month in answer["months"])
    parts = [f"{_count(counts.pop('earned', 0), 'month')} earned"]
    parts += [f"{counts[state]} {state}" for state in ("pending", "lost", "suspended") if counts[state]]
    if answer["credits"]["days"] is not None and answer["last_day"]:
        days, end = _count(answer["credits"]["days"], "day"), _long(answer["last_day"])
        parts.append(f"{days} off a term that would end on {end}")
    return " · ".join(parts) + "."


# The month grid


@dataclass(frozen=True)
class Square:
    """One month. `state` is earned, pending, lost, suspended or outside (before the term, or not yet begun)."""

    month: str  # "2024-09"
    name: str  # "September 2024"
    state: str
    symbol: str
    posted_on: date | None
    reasons: list[Json]

    @property
    def sentence(self) -> str:
        said = {
            "earned": "was earned",
            "pending": "is pending",
            "lost": "was not earned",
            "suspended": "is suspended",
            "outside": "is before the term or has not ended yet",
        }
        return f"{self.name} {said[self.state]}"


@dataclass(frozen=True)
class Year:
    year: int
    squares: list[Square]


STATES = {"yes": "earned", "pending": "pending", "no": "lost", "suspended": "suspended"}
WORDS_OF_MONTHS = {"yes": "earned", "pending": "pending", "no": "not earned", "suspended": "suspended"}
SYMBOLS = {"earned": "■", "pending": "▨", "lost": "□", "suspended": "◫", "outside": "·"}


def month_grid(answer: Json) -> list[Year]:
    """Years as rows, twelve squares each, from the first month of the answer to its last."""
    months = {m["month"]: m for m in answer["months"]}
    if not months:
        return []
    first, last = int(min(months)[:4]), int(max(months)[:4])
    return [
        Year(year, [_square(f"{year}-{month:02d}", months) for month in range(1, 13)])
        for year in range(first, last + 1)
    ]


def square_of(grid: list[Year], month: str) -> Square | None:
    """The square somebody selected, if the grid has it."""
    return next((square for year in grid for square in year.squares if square.month == month), None)


def _square(month: str, months: Mapping[str, Json]) -> Square:
    said = months.get(month)
    state = STATES[said["earned"]] if said else "outside"
    return Square(
        month=month,
        name=month_name(month),
        state=state,
        symbol=SYMBOLS[state],
        posted_on=_date(said["posted_on"]) if said else None,
        reasons=list(said["reasons"]) if said else [],
    )


def month_name(month: str) -> str:
    """ "September 2024" of "2024-09"."""
    year, number = month.split("-")
    return f"{calendar.month_name[int(number)]} {year}"


# How the dates came about


@dataclass(frozen=True)
class Step:
    """One line of the derivation: what is reckoned, how, and the day it gives (None: none yet)."""

    words: str
    reckoning: str
    day: date | None
    cite: str


def derivation(facts: Json, answer: Json) -> list[Step]:
    """The dates step by step, each fit to be checked by hand."""
    return [
        _last_day_step(facts, answer),
        *_credit_steps(answer),
        Step(
            "Two years must be served",
            "Two years from the first day, less one day, and any days as an absconder",
            _date(answer.get("two_years_on")),
            "217.703.7",
        ),
        _restitution_step(facts),
        _outcome_step(answer),
    ]


def _last_day_step(facts: Json, answer: Json) -> Step:
    term = facts["term"]
    length = _length(term.get("years"), term.get("months"))
    reckoning = f"{length} from {_short(term['begins_on'])}"
    for extension in term.get("extensions") or []:
        more = _length(extension.get("years"), extension.get("months"))
        reckoning += f", extended by {more} on {_short(extension['ordered_on'])}"
    return Step("Last day of the term", reckoning, _date(answer["last_day"]), "559.016")


def _credit_steps(answer: Json) -> Iterator[Step]:
    last_day, posted = _date(answer["last_day"]), answer["credits"]["months"]
    worth = CREDIT_DAYS.on(max(date.fromisoformat(answer["as_of"]), CREDIT_DAYS.versions[0][0]))
    if last_day is None or posted is None:
        yield Step("Less the credits posted so far", "Not known, because facts are missing", None, "217.703.3")
        return
    reckoning = f"{last_day:%Y-%m-%d} minus {posted} × {worth} days" if posted else "No credit is posted by this day"
    yield Step("Less the credits posted so far", reckoning, _date(answer["earned_discharge_date"]), "217.703.3")
    best = _date(answer["optimal_discharge_date"])
    if best and not answer["discharge_date"] and best < last_day and best != _date(answer["two_years_on"]):
        yield Step("With the credits still to come", _ahead(last_day, best, posted, worth), best, "217.703.3")


def _ahead(last_day: date, best: date, posted: int, worth: int) -> str:
    """Whole credits carry the end to the day itself, or to before the day on which the last of them is posted."""
    credits, rest = divmod((last_day - best).days, worth)
    credits += bool(rest)
    reckoning = f"{last_day:%Y-%m-%d} minus {credits} × {worth} days ({posted} posted, {credits - posted} more by then)"
    if not rest:
        return reckoning
    end = last_day - timedelta(days=credits * worth)
    return f"{reckoning} is {end:%Y-%m-%d}, before the last of them is posted: the day of posting counts"


def _restitution_step(facts: Json) -> Step:
    restitution = facts.get("restitution") or {}
    ordered, paid = restitution.get("ordered"), restitution.get("paid_in_full_on") or _paid_by_event(facts)
    if ordered is None and not paid:
        reckoning = "Not recorded whether restitution was ordered"
    elif paid:
        reckoning = "Ordered and paid in full"
    elif ordered:
        reckoning = "Ordered, and not recorded as paid in full: it bars discharge, not earning"
    else:
        reckoning = "None was ordered"
    return Step("Restitution must be paid", reckoning, _date(paid), "217.703.7")


def _paid_by_event(facts: Json) -> str | None:
    return next((e["on"] for e in facts.get("events") or [] if e["type"] == "restitution_paid"), None)


def _outcome_step(answer: Json) -> Step:
    if reached := _date(answer.get("discharge_date")):
        return Step("So discharge was reached", "The earliest day on which all of this was met", reached, "217.703.7")
    best = _date(answer.get("optimal_discharge_date"))
    reckoning = "The earliest day on which all of this can be met" if best else "No day can be given yet"
    return Step("So the date, if all goes well", reckoning, best, "217.703.7")


# The facts used


@dataclass(frozen=True)
class FactUsed:
    words: str
    value: str


def facts_used(facts: Json) -> list[FactUsed]:
    """Every fact the rule was handed, in words; what is not recorded says so."""
    term, offense, restitution = facts["term"], facts.get("offense") or {}, facts.get("restitution") or {}
    rows = [
        ("As it stood on", _short(facts["as_of"])),
        ("Kind of supervision", _label(TermEntry.Kind, term.get("kind"))),
        ("First day", _said(term.get("begins_on"))),
        ("Length", _length(term.get("years"), term.get("months"))),
        ("Sentence", _label(TermEntry.Sentence, term.get("sentence"))),
        ("Day of sentence", _said(term.get("sentenced_on"))),
        ("Section of the offense", _said(offense.get("section"))),
        ("Chapter", _said(offense.get("chapter"))),
        ("Class", _said(offense.get("class"))),
        ("Felony", _said(offense.get("felony"))),
        ("Supervised by the division", _said(facts.get("supervised_by_division"))),
        ("Lifetime supervision", _said(facts.get("lifetime_supervision"))),
        ("Restitution ordered", _said(restitution.get("ordered"))),
        ("Restitution paid in full on", _said(restitution.get("paid_in_full_on"))),
    ]
    rows += [("Extension", _extension(extension)) for extension in term.get("extensions") or []]
    rows += [("Event", event_words(event)) for event in facts.get("events") or []]
    return [FactUsed(words, value) for words, value in rows]


def event_words(event: Json) -> str:
    """ "2024-09-09 Mon: Violation report submitted" """
    words = f"{_short(event['on'])}: {_label(Event.Kind, event['type'])}"
    if event.get("outcome"):
        words += f", {_label(Event.Outcome, event['outcome']).lower()}"
    if event.get("hearing_on"):
        words += f" for {_short(event['hearing_on'])}"
    return words


def _extension(extension: Json) -> str:
    more = _length(extension.get("years"), extension.get("months"))
    found = {True: "a violation was found", False: "no violation was found", None: "violation not recorded"}
    return f"{more}, ordered {_short(extension['ordered_on'])}, {found[extension.get('violation_found')]}"


# Interpretations


@dataclass(frozen=True)
class Reading:
    """A reading taken where sources differ, the other one, and the dates that one would give. `other_value` None:
    the other reading cannot be computed."""

    name: str
    taken: str
    other: str
    source: str
    other_value: Any
    if_other: list[ChangedDate]


def readings_of(answer: Json) -> list[Reading]:
    return [
        Reading(
            name=said["name"],
            taken=said["taken"],
            other=said["other"],
            source=said["source"],
            other_value=said.get("other_value"),
            if_other=[
                ChangedDate(DATE_LABELS[key], _date(answer[key]), _date(day))
                for key, day in (said.get("if_other") or {}).items()
            ],
        )
        for said in answer["interpretations"]
    ]


# Two answers compared


@dataclass(frozen=True)
class ChangedDate:
    label: str
    before: date | None
    after: date | None

    @property
    def shift(self) -> str:
        """ "31 days later", "unchanged", or what became of it."""
        if self.before == self.after:
            return "unchanged"
        if self.before is None or self.after is None:
            return "not given before" if self.before is None else "no longer given"
        days = (self.after - self.before).days
        return f"{_count(abs(days), 'day')} {'later' if days > 0 else 'earlier'}"


@dataclass(frozen=True)
class ChangedMonth:
    name: str
    before: str
    after: str
    reasons: list[Json]


@dataclass(frozen=True)
class Difference:
    """What differs between two answers about one term; empty lists where nothing does."""

    dates: list[ChangedDate]
    credits: tuple[int | None, int | None]
    months: list[ChangedMonth]
    months_since: int  # that only the later one has, and that were earned
    facts_only_before: list[FactUsed]
    facts_only_after: list[FactUsed]
    interpretations: list[tuple[Json | None, Json | None]]

    @property
    def moved(self) -> bool:
        return bool(self.months) or any(d.before != d.after for d in self.dates)


def sentence_of(name: str, difference: Difference) -> str:
    """What comparing two answers comes to, in one sentence."""
    changed = next(d for d in difference.dates if d.label == DATE_LABELS["optimal_discharge_date"])
    if changed.after is None:
        was = f"; before, {_long(changed.before.isoformat())}" if changed.before else ""
        return f"No day of discharge could be given for {name}{was}."
    day = _long(changed.after.isoformat())
    if changed.before == changed.after:
        return f"The discharge of {name} would stay on {day}."
    moved = f", {changed.shift}" if changed.before else ""
    return f"The discharge of {name} would be on {day}{moved}."


def sentence_between(name: str, difference: Difference) -> str:
    """How the discharge date moved from one recorded determination to another."""
    best = next(d for d in difference.dates if d.label == DATE_LABELS["optimal_discharge_date"])
    was, now = (_long(day.isoformat()) if day else "no day" for day in (best.before, best.after))
    if best.before == best.after:
        return f"The discharge date of {name} stayed the same: {now}."
    return f"The discharge date of {name} moved from {was} to {now}: {best.shift}."


def difference(before: tuple[Json, Json], after: tuple[Json, Json]) -> Difference:
    """Compare two (facts, answer) pairs."""
    (facts_a, a), (facts_b, b) = before, after
    used_a, used_b = facts_used(facts_a), facts_used(facts_b)
    return Difference(
        dates=[ChangedDate(label, _date(a.get(key)), _date(b.get(key))) for key, label in DATE_LABELS.items()],
        credits=(a["credits"]["months"], b["credits"]["months"]),
        months=list(_changed_months(a, b)),
        months_since=sum(
            m["earned"] == "yes" for m in b["months"] if m["month"] not in {x["month"] for x in a["months"]}
        ),
        facts_only_before=[fact for fact in used_a if fact not in used_b],
        facts_only_after=[fact for fact in used_b if fact not in used_a],
        interpretations=list(_changed_interpretations(a, b)),
    )


def _changed_months(a: Json, b: Json) -> Iterator[ChangedMonth]:
    """Months that are otherwise. A month that came since and was earned, as expected, is none."""
    months_a, months_b = ({m["month"]: m for m in answer["months"]} for answer in (a, b))
    for month in sorted(months_a.keys() | months_b.keys()):
        was, now = months_a.get(month), months_b.get(month)
        if _state(was, "not yet") == _state(now, "no longer counted") or (
            was is None and now and now["earned"] == "yes"
        ):
            continue
        reasons = (now or was or {})["reasons"]
        yield ChangedMonth(month_name(month), _state(was, "not yet"), _state(now, "no longer counted"), reasons)


def _state(month: Json | None, absent: str) -> str:
    return STATES[month["earned"]] if month else absent


def _changed_interpretations(a: Json, b: Json) -> Iterator[tuple[Json | None, Json | None]]:
    taken_a, taken_b = ({i["name"]: i for i in answer["interpretations"]} for answer in (a, b))
    for name in sorted(taken_a.keys() | taken_b.keys()):
        was, now = taken_a.get(name), taken_b.get(name)
        if (was and was["taken"]) != (now and now["taken"]):
            yield was, now


# Words for values


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _long(text: str | None) -> str:
    """ "Friday, June 1, 2018" """
    if not text:
        return "a day that is not known"
    day = date.fromisoformat(text)
    return f"{day:%A, %B} {day.day}, {day.year}"


def _short(text: str) -> str:
    """ "2018-06-01 Fri" """
    return f"{date.fromisoformat(text):%Y-%m-%d %a}"


def _length(years: int | None, months: int | None) -> str:
    parts = [_count(number, unit) for number, unit in ((years or 0, "year"), (months or 0, "month")) if number]
    return " and ".join(parts) or "not recorded"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _said(value: Any) -> str:
    if value is None or value == "":
        return "not recorded"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _label(choices: Any, value: str | None) -> str:
    return str(choices(value).label) if value in choices.values else _said(value)


def _sentence(words: str) -> str:
    return words if words.endswith((".", "?")) else words + "."
