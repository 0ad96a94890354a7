"""A second, slow reading of earned compliance credits (RSMo 217.703), to hold the product against.

It was written from docs/law/ecc.md, the text of the statute, the published cases and the contract of the command
line, without looking at the product's law, and shares no code with it. It walks day by day and asks on every day
"what would the office have said that evening", from nothing but what had happened by then.

Where ecc.md is silent or can be read twice, these readings are taken:

 1. What is dated after a day is not known on that day: events, extensions, the payment of restitution.
 2. Events of a day come before the discharge of that day: a revocation on the day a credit posts prevents it.
 3. The last day of custody, absconding, suspension, CODS or of a pending eligibility motion still belongs to it:
    "After a suspension is lifted earning starts on the 1st of the next month, which rule 4 already says" is only
    true if a lifting on the 1st spoils that month. The same is taken for the others.
 4. Days as an absconder are added to the two years as the difference of the two dates (declared counts, the day of
    becoming available does not: "no longer deemed an absconder when ... available"); days before the term do not count.
 5. Years and months are counted from the start. Where the anniversary does not exist (29 February, or a 31st), it is
    the 1st of the next month, so that no day of the term is lost. Extensions are added to the length of the term.
 6. A citation costs its month and nothing else: no hearing answers it, nothing is pending on it.
 7. Months are pending from the month after the earliest unanswered report or motion, also when they were posted
    already before the hearing was set: "not posted as of that day".
 8. A setting stands until a hearing is held, also past the day it was set for ("set and not yet held"). It falls with
    the withdrawal of the last motion when no report is left to be heard.
 9. A withdrawal withdraws every unanswered motion. The month of filing stays lost.
10. Months that a hearing or withdrawal frees count from that day: no credit ends a term in the past.
11. A hearing's outcome has its effect whether or not a report or setting came before it. `cods_placed` alone has the
    effect of a hearing that ended in CODS.
12. From the hearing that ended in CODS until the release nothing is earned, whatever is recorded in between.
13. After revocation nothing is earned and nothing is discharged any more: no optimal date.
14. A finding of ineligibility under subs. 2 stops earning from the motion (or the finding) for good, and takes away
    nothing that was earned before: only subs. 5 rescinds. Eligibility is then "no", as after subs. 5(2).
15. Treatment court: months completed between entry and discharge are the months of the stay; the month of discharge
    is not one. While it lasts no credit counts at all, and the optimal date takes it to last.
16. Discharge ends supervision: later months earn nothing, later events change nothing.
17. The two years and restitution bar discharge past the last day also: the formula says so.
18. For the optimal date: restitution unpaid is taken to be paid on the day; a pending eligibility motion to be
    decided for the person, and CODS to end, on that day; months pending stay so, months from this one on do not.
19. An offense on the subs. 2 list must be one of subs. 1(2) too.
20. The evening knows one thing of the future: whether the reports and motions that stand were heard in the end. "Shall
    be suspended pending the outcome of a hearing, if a hearing is held": months between a report and the hearing that
    answered it count from the hearing, whether or not its setting was recorded. Amorine needs it: June 2014 posted in
    July would have ended his term on 2014-09-11, before the hearing and the extension of 2014-09-16.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

ONE_DAY = timedelta(days=1)
FIRST_MONTH = date(2012, 9, 1)
CITATIONS_BREAK_FROM = date(2022, 8, 28)
TREATMENT_COURT_FROM = date(2018, 12, 18)
CODE_REVISION = date(2017, 1, 1)
# What opens and what closes each kind of span.
CUSTODY = ("custody_start",), ("custody_end",)
ABSENCE = ("absconder_declared",), ("absconder_available",)
SUSPENSION = ("term_suspended",), ("suspension_lifted",)
CODS = ("hearing cods", "cods_placed"), ("cods_released",)
ELIGIBILITY_MOTION = ("eligibility_motion",), ("found_eligible",)  # found ineligible, it stays shut for good
TREATMENT = ("treatment_court_entered",), ("treatment_court_completed", "treatment_court_terminated")
STOPPING = CUSTODY, ABSENCE, SUSPENSION, CODS, ELIGIBILITY_MOTION
BREAKING = ("violation_report", "motion_to_revoke", "motion_to_suspend")
EXCLUDED = (
    "565.225",
    "565.252",
    "566.031",
    "566.061",
    "566.083",
    "566.093",
    "568.020",
    "568.060",
    "566.040",
    "566.070",
)
EXCLUDED_IN_PART = ("565.052", "565.060", "568.045")  # subdivision (2) of subsection 1

Facts = dict[str, Any]
Events = list[dict[str, Any]]


def read(facts: Facts) -> dict[str, Any]:
    """The answer as of `facts["as_of"]`, dates as `date`; where eligibility is not known only that is answered."""
    as_of = date.fromisoformat(facts["as_of"])
    dated = [{**event, "on": date.fromisoformat(event["on"])} for event in facts.get("events") or []]
    facts = {**facts, "events": sorted(dated, key=on), "asked_on": as_of}  # of one day in the order given
    reached = discharged_by(facts, as_of)
    evening = reached or as_of
    eligible = eligibility(facts, evening)
    if eligible == "not known":
        return {"eligible": eligible}
    months = {month: mark(facts, month, evening) for month in months_to(facts, evening)}
    credits = sum(one == "yes" for one in months.values())
    last = last_day(facts, evening)
    best = reached or optimal(facts, as_of)
    return {
        "eligible": eligible,
        "last_day": last,
        "credits": {"months": credits, "days": 30 * credits},
        "earned_discharge_date": last - timedelta(days=30 * credits),
        "optimal_discharge_date": best,
        "discharge_date": reached,
        "discharge_due": "yes" if reached else "no",
        "months": {month.strftime("%Y-%m"): one for month, one in months.items()},
    }


# --- days -----------------------------------------------------------------------------------------------------------


def first_of_next(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def later(day: date, months: int) -> date:
    """The same day `months` later; the 1st of the month after it where there is no such day (reading 5)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        return first_of_next(date(year, month + 1, 1))


def begins(facts: Facts) -> date:
    return date.fromisoformat(facts["term"]["begins_on"])


def reading(facts: Facts, name: str, usual: Any) -> Any:
    return (facts.get("interpretations") or {}).get(name, usual)


def known(facts: Facts, evening: date) -> Events:
    """What had happened by then."""
    return [event for event in facts["events"] if event["on"] <= evening]


def on(event: dict[str, Any]) -> date:
    day: date = event["on"]
    return day


# --- the term -------------------------------------------------------------------------------------------------------


def length(entry: dict[str, Any]) -> int:
    return 12 * (entry.get("years") or 0) + (entry.get("months") or 0)


def last_day(facts: Facts, evening: date) -> date:
    term = facts["term"]
    months = length(term)
    for extension in term.get("extensions") or []:
        if date.fromisoformat(extension["ordered_on"]) <= evening:
            months += length(extension)
    last = later(begins(facts), months)
    if reading(facts, "term_end", "day_before_anniversary") == "day_before_anniversary":
        last -= ONE_DAY
    if reading(facts, "tolling", False):
        last += days_within(spans(facts, evening, *SUSPENSION), begins(facts), evening)
    return last


def two_years(facts: Facts, evening: date) -> date:
    absent = days_within(spans(facts, evening, *ABSENCE), begins(facts), evening)
    return later(begins(facts), 24) - ONE_DAY + absent


def spans(facts: Facts, evening: date, opens: tuple[str, ...], closes: tuple[str, ...]) -> list[tuple[date, date]]:
    """From the first opening event to the next closing one; a span still open reaches past the evening."""
    found, started = [], None
    for event in known(facts, evening):
        if name(event) in opens:
            started = started or on(event)
        elif name(event) in closes and started:
            found.append((started, on(event)))
            started = None
    return [*found, (started, date.max)] if started else found


def name(event: dict[str, Any]) -> str:
    return f"{event['type']} {event.get('outcome')}" if event["type"] == "hearing" else str(event["type"])


def days_within(found: list[tuple[date, date]], start: date, evening: date) -> timedelta:
    """How many days of the spans lie from the start to the evening, the closing day not counted."""
    return sum((max(min(until, evening) - max(since, start), timedelta(0)) for since, until in found), timedelta(0))


# --- eligibility ----------------------------------------------------------------------------------------------------


def eligibility(facts: Facts, evening: date) -> str:
    answers = [
        {True: "no", False: "yes", None: "not known"}[facts.get("lifetime_supervision")],
        {True: "yes", False: "no", None: "not known"}[facts.get("supervised_by_division")],
        offense_counts(facts.get("offense") or {}, facts["term"].get("sentenced_on")),
        "no" if any(finds_ineligible(event) for event in known(facts, evening)) else "yes",
    ]
    return "no" if "no" in answers else "not known" if "not known" in answers else "yes"


def finds_ineligible(event: dict[str, Any]) -> bool:
    return event["type"] == "found_ineligible" or (event["type"] == "hearing" and event.get("outcome") == "ineligible")


def offense_counts(offense: dict[str, Any], sentenced_on: str | None) -> str:
    section = offense.get("section") or ""
    chapter = offense.get("chapter") or (int(section.split(".")[0]) if section else None)
    if chapter in (195, 579):
        return "yes"
    if offense.get("felony") is False or any(section.startswith(one) for one in EXCLUDED):
        return "no"
    if any(section.startswith(one) for one in EXCLUDED_IN_PART) and ".1(2)" in section:
        return "no"
    graded = class_counts(offense.get("class"), sentenced_on)
    if graded == "no":
        return "no"
    if section in EXCLUDED_IN_PART or not section or offense.get("felony") is None:
        return "not known"
    return graded


def class_counts(letter: str | None, sentenced_on: str | None) -> str:
    if letter is None:
        return "not known"
    if letter == "D":
        return "yes"
    if letter not in ("C", "E"):
        return "no"
    if sentenced_on is None:
        return "not known"
    before = date.fromisoformat(sentenced_on) < CODE_REVISION
    return "yes" if before == (letter == "C") else "no"


# --- months ---------------------------------------------------------------------------------------------------------


def months_to(facts: Facts, evening: date) -> list[date]:
    """The first days of the months that are over by the evening, from the month the term begins in."""
    month, found = begins(facts).replace(day=1), []
    while first_of_next(month) <= evening:
        found.append(month)
        month = first_of_next(month)
    return found


def credits(facts: Facts, evening: date) -> int:
    return sum(mark(facts, month, evening) == "yes" for month in months_to(facts, evening))


def mark(facts: Facts, month: date, evening: date, *, free_from: date | None = None) -> str:
    """What is said of a month that evening: yes, no, pending or suspended. `free_from`: the optimal date's today."""
    if eligibility_for_good(facts, evening) == "no" or not earns(facts, month, evening):
        return "no"
    stay = treatment_court(facts, month, evening)
    if stay in ("no", "suspended"):
        return stay
    heard_later = is_pending(facts, month, evening)
    if heard_later and not (free_from and first_of_next(month) > free_from):
        return "pending"
    return "yes"


def eligibility_for_good(facts: Facts, evening: date) -> str:
    """Eligibility but for the court's findings, which have a day."""
    return eligibility({**facts, "events": []}, evening)


def earns(facts: Facts, month: date, evening: date) -> bool:
    """The five rules of "A calendar month earns 30 days when", and rescission."""
    start, last = begins(facts), first_of_next(month) - ONE_DAY
    within = month >= start if reading(facts, "start_on_first", True) else month > start
    if not within or last > last_day(facts, evening) or month < FIRST_MONTH:
        return False
    for event in known(facts, evening):
        if month <= on(event) <= last and breaks(event):
            return False
        if month <= on(event) and rescinds(event):
            return False
        if on(event) <= last and ends_earning(event):
            return False
    return not any(
        since <= last and month <= until for kind in STOPPING for since, until in spans(facts, evening, *kind)
    )


def breaks(event: dict[str, Any]) -> bool:
    if event["type"] == "notice_of_citation":
        return on(event) >= CITATIONS_BREAK_FROM
    return event["type"] in BREAKING


def rescinds(event: dict[str, Any]) -> bool:
    if event["type"] == "hearing":
        return event.get("outcome") in ("revoked", "cods", "ineligible")
    return bool(event["type"] == "cods_placed")


def ends_earning(event: dict[str, Any]) -> bool:
    return finds_ineligible(event) or is_revocation(event)


def is_revocation(event: dict[str, Any]) -> bool:
    return event["type"] == "hearing" and event.get("outcome") == "revoked"


def is_pending(facts: Facts, month: date, evening: date) -> bool:
    reports: list[date] = []
    motions: list[date] = []
    is_set = False
    for event in known(facts, evening):
        if event["type"] == "violation_report":
            reports.append(on(event))
        elif event["type"] in BREAKING:
            motions.append(on(event))
        elif event["type"] == "hearing_set":
            is_set = True
        elif event["type"] == "hearing":
            reports, motions, is_set = [], [], False
        elif event["type"] == "motion_withdrawn":
            is_set = is_set and bool(reports or not motions)
            motions = []
    heard = reports + (motions if is_set else heard_motions(facts, motions, evening))
    waits = is_set or is_heard_after(facts, evening)
    return waits and bool(heard) and first_of_next(min(heard)) <= month


def is_heard_after(facts: Facts, evening: date) -> bool:
    """Whether a hearing was in fact held later, as the day of asking knows (reading 20)."""
    return any(event["type"] == "hearing" and evening < on(event) for event in known(facts, facts["asked_on"]))


def heard_motions(facts: Facts, motions: list[date], evening: date) -> list[date]:
    """The motions that the next hearing answers: none, if they were withdrawn before it."""
    for event in known(facts, facts["asked_on"]):
        if on(event) > evening and event["type"] in ("hearing", "motion_withdrawn"):
            return motions if event["type"] == "hearing" else []
    return []


def treatment_court(facts: Facts, month: date, evening: date) -> str:
    """no: lost by termination; suspended: waits for the discharge from treatment court; yes: no matter."""
    last = first_of_next(month) - ONE_DAY
    events = [e for e in known(facts, evening) if e["type"] != TREATMENT[0][0] or on(e) >= TREATMENT_COURT_FROM]
    stays = spans({**facts, "events": events}, evening, *TREATMENT)
    if any(until == date.max for _, until in stays):
        return "suspended"
    ended_badly = {on(event) for event in events if event["type"] == "treatment_court_terminated"}
    return "no" if any(since <= last < until and until in ended_badly for since, until in stays) else "yes"


# --- discharge ------------------------------------------------------------------------------------------------------


def restitution_bars(facts: Facts, evening: date) -> bool:
    owed = facts.get("restitution") or {}
    paid = owed.get("paid_in_full_on")
    if owed.get("ordered") is False or (paid and date.fromisoformat(paid) <= evening):
        return False
    return not any(event["type"] == "restitution_paid" for event in known(facts, evening))


def is_revoked(facts: Facts, evening: date) -> bool:
    return any(is_revocation(event) for event in known(facts, evening))


def turning_days(facts: Facts) -> set[date]:
    """Days on which a count can change besides the first of a month."""
    extensions = facts["term"].get("extensions") or []
    return {on(event) for event in facts["events"]} | {date.fromisoformat(one["ordered_on"]) for one in extensions}


def discharged_by(facts: Facts, as_of: date) -> date | None:
    """The earliest day on which discharge was due, looking each evening only at what was known by then."""
    day, turning, end = begins(facts), turning_days(facts), None
    while day <= as_of:
        if end is None or day.day == 1 or day in turning or reading(facts, "tolling", False):
            end = last_day(facts, day) - timedelta(days=30 * credits(facts, day))
        if day >= end and is_free(facts, day) and day >= two_years(facts, day):
            return day
        day += ONE_DAY
    return None


def is_free(facts: Facts, day: date) -> bool:
    return not restitution_bars(facts, day) and not is_revoked(facts, day)


def optimal(facts: Facts, as_of: date) -> date | None:
    """The first day from `as_of` on, if all that stops the person ended today and every month from here is earned."""
    if is_revoked(facts, as_of):
        return None
    closing = ("custody_end", "absconder_available", "suspension_lifted", "cods_released", "found_eligible")
    events = known(facts, as_of) + [{"on": as_of, "type": kind} for kind in closing]
    extensions = facts["term"].get("extensions") or []
    ordered = [one for one in extensions if date.fromisoformat(one["ordered_on"]) <= as_of]
    hoped = {**facts, "events": events, "term": {**facts["term"], "extensions": ordered}}
    day = max(as_of, begins(facts))
    last, floor, end = last_day(hoped, as_of), two_years(hoped, as_of), None
    while True:
        if end is None or day.day == 1:
            earned = [mark(hoped, month, day, free_from=as_of) for month in months_to(hoped, day)]
            end = last - timedelta(days=30 * earned.count("yes"))
        if day >= end and day >= floor:
            return day
        day += ONE_DAY
