"""A second, slow reading of earned compliance credits (RSMo 217.703), to hold the product against.

It was written from the reading of the statute, its text, the published cases and the contract of the command line,
before the product's law was looked at, and shares no code with it. It walks day by day and asks every evening "what
would the office have said today", from nothing but what had happened by then.

Where the texts are silent or can be read twice, these readings are taken. Those marked * were first read otherwise and
changed after comparing, where the reading that docs/law states was found the better or an equal one.

 1. What is dated after a day is not known on that day: events, the payment of restitution.
 2. Events of a day come before the discharge of that day: a revocation on the day a credit posts prevents it.
 3. The last day of custody, absconding, suspension, CODS or of a pending eligibility motion still belongs to it:
    "After a suspension is lifted earning starts on the 1st of the next month, which rule 4 already says" is only
    true if a lifting on the 1st spoils that month. The same is taken for the others.
 4. Days as an absconder are added to the two years as the difference of the two dates (declared counts, the day of
    becoming available does not: "no longer deemed an absconder when ... available"); days before the term do not count.
 5. * Years and months are counted from the start, extensions with them. Where the anniversary does not exist
    (29 February, or a 31st), it is the last day of that month. (Other reading: the 1st of the next, a day later.)
 6. A citation costs its month and nothing else: no hearing answers it, nothing is pending on it.
 7. Months are pending from the month after the earliest unanswered report or motion for which a hearing is set, also
    when they were posted already before it was set: "not posted as of that day".
 8. A setting stands until a hearing is held, also past the day it was set for ("set and not yet held"); but it is no
    setting for what is filed only after the day it was set for: a hearing answers what was "filed before it".
 9. A withdrawal withdraws every unanswered motion, and answers no report. The month of filing stays lost.
10. Months that a hearing or withdrawal frees count from that day: no credit ends a term in the past.
11. A hearing's outcome has its effect whether or not a report or setting came before it. `cods_placed` alone has the
    effect of a hearing that ended in CODS.
12. From the hearing that ended in CODS until the release nothing is earned, whatever is recorded in between.
13. * After revocation nothing is earned, extended or discharged any more: no earned and no optimal date.
14. * A finding of ineligibility under subs. 2 stops earning from the motion (or the finding), until the court finds
    otherwise, and takes away nothing that was earned before: only subs. 5 rescinds. Eligibility is then "no", as after
    subs. 5(2), which no later finding lifts.
15. Treatment court ended without success: the months completed between entry and discharge are lost; the month of
    discharge is not one of them. While a stay lasts no credit counts at all, and the optimal date takes it to last.
16. Discharge ends supervision: later months earn nothing, later events change no credit and no date.
17. * The two years never bar the end of the term on its own last day. Restitution does: the formula says so.
18. * For the optimal date: restitution unpaid is taken to be paid on the day, CODS to end, a pending eligibility motion
    to be decided for the person and a hearing that is set to end well. (Months ahead can only be earned if it does.)
19. An offense on the subs. 2 list must be one of subs. 1(2) too. Chapter 566 is read by the sections named alone.
20. * An extension ordered by the day of asking moves the last day from the start of the term (`late_extension: stands`)
    or only from its order (`void`). Either way it must be ordered within the term, credits aside.
21. * Where it is not recorded whether restitution was ordered, what both ways agree on is known, the rest is not.
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
ELIGIBILITY_MOTION = ("eligibility_motion", "found_ineligible"), ("found_eligible",)
TREATMENT = ("treatment_court_entered",), ("treatment_court_completed", "treatment_court_terminated")
# What may end and begin anew on one day. (A motion is decided on the day it is made; a placement follows its hearing.)
TRANSFERS = CUSTODY, ABSENCE, SUSPENSION, TREATMENT
STOPPING = CUSTODY, ABSENCE, SUSPENSION, CODS, ELIGIBILITY_MOTION
BREAKING = ("violation_report", "motion_to_revoke", "motion_to_suspend")
ANSWERING = ("hearing", "cods_placed")
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
    facts = {**facts, "events": sorted(dated, key=in_order), "asked_on": as_of}
    if eligibility_for_good(facts, as_of) == "not known":
        return {"eligible": eligibility(facts, as_of)}
    owed = facts.get("restitution") or {}
    if owed.get("ordered") is None:
        one, other = (read_known({**facts, "restitution": {**owed, "ordered": way}}, as_of) for way in (True, False))
        return {key: one[key] if one[key] == other[key] else None for key in one}
    return read_known(facts, as_of)


def read_known(facts: Facts, as_of: date) -> dict[str, Any]:
    reached = discharged_by(facts, as_of)
    evening = reached or as_of
    months = marks(facts, evening)
    credits = list(months.values()).count("yes")
    last = last_day(facts, evening)
    best = reached or optimal(facts, as_of)
    return {
        "eligible": eligibility(facts, evening),
        "last_day": last,
        "credits": {"months": credits, "days": 30 * credits},
        "earned_discharge_date": None if is_revoked(facts, evening) else last - timedelta(days=30 * credits),
        "optimal_discharge_date": best,
        "discharge_date": reached,
        "discharge_due": "yes" if reached else "no",
        "months": {month.strftime("%Y-%m"): one for month, one in months.items()},
    }


# --- days -----------------------------------------------------------------------------------------------------------


def first_of_next(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def later(day: date, months: int) -> date:
    """The same day `months` later; the last day of that month where it has no such day (reading 5)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    return min(first + timedelta(days=day.day - 1), first_of_next(first) - ONE_DAY)


def begins(facts: Facts) -> date:
    return date.fromisoformat(facts["term"]["begins_on"])


def reading(facts: Facts, name: str, usual: Any) -> Any:
    return (facts.get("interpretations") or {}).get(name, usual)


def known(facts: Facts, evening: date) -> Events:
    """What had happened by then."""
    return [event for event in facts["events"] if event["on"] <= evening]


def in_order(event: dict[str, Any]) -> tuple[date, bool]:
    """Of one day, what answers comes after what is filed."""
    return event["on"], event["type"] in ANSWERING


def on(event: dict[str, Any]) -> date:
    day: date = event["on"]
    return day


# --- the term -------------------------------------------------------------------------------------------------------


def length(entry: dict[str, Any]) -> int:
    return 12 * (entry.get("years") or 0) + (entry.get("months") or 0)


def last_day(facts: Facts, evening: date) -> date:
    term = facts["term"]
    months = length(term)
    known_by = facts["asked_on"] if reading(facts, "late_extension", "stands") == "stands" else evening
    for extension in sorted(term.get("extensions") or [], key=lambda one: str(one["ordered_on"])):
        ordered_on = date.fromisoformat(extension["ordered_on"])
        if ordered_on <= min(known_by, end_of(facts, months)) and not is_revoked(facts, ordered_on - ONE_DAY):
            months += length(extension)
    suspended = days_within(spans(facts, evening, *SUSPENSION), begins(facts), evening)
    return end_of(facts, months) + (suspended if reading(facts, "tolling", False) else timedelta(0))


def end_of(facts: Facts, months: int) -> date:
    end = later(begins(facts), months)
    return end - ONE_DAY if reading(facts, "term_end", "day_before_anniversary") == "day_before_anniversary" else end


def two_years(facts: Facts, evening: date) -> date:
    absent = days_within(spans(facts, evening, *ABSENCE), begins(facts), evening)
    return min(later(begins(facts), 24) - ONE_DAY + absent, last_day(facts, evening))


def spans(facts: Facts, evening: date, opens: tuple[str, ...], closes: tuple[str, ...]) -> list[tuple[date, date]]:
    """From the first opening event to the next closing one; a span still open reaches past the evening."""
    found, started = [], None
    happened = known(facts, evening)
    for day in sorted({on(event) for event in happened}):
        today = [name(event) for event in happened if on(event) == day]
        is_opened, is_closed = any(one in opens for one in today), any(one in closes for one in today)
        was_open = started is not None
        if is_opened and not was_open:
            started = day
        if is_closed and started:
            found.append((started, day))
            is_begun_anew = is_opened and was_open and (opens, closes) in TRANSFERS
            started = day if is_begun_anew and day != facts.get("hoped_for_on") else None
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
        "no" if stands_ineligible(facts, evening) else "yes",
    ]
    return "no" if "no" in answers else "not known" if "not known" in answers else "yes"


def stands_ineligible(facts: Facts, evening: date) -> bool:
    happened = known(facts, evening)
    found = spans(facts, evening, ("found_ineligible",), ("found_eligible",))
    return any(until == date.max for _, until in found) or any(name(one) == "hearing ineligible" for one in happened)


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


def marks(facts: Facts, evening: date) -> dict[date, str]:
    """What is said of each month that evening: yes, no, pending or suspended."""
    months = months_to(facts, evening)
    if eligibility_for_good(facts, evening) == "no":
        return dict.fromkeys(months, "no")
    last, waiting = last_day(facts, evening), waiting_since(facts, evening)
    stopped = [span for kind in STOPPING for span in spans(facts, evening, *kind)]
    told = {}
    for month in months:
        told[month] = treatment_court(facts, month, evening)
        if not is_covered(facts, month, last) or not earns(facts, month, evening, stopped):
            told[month] = "no"
        if told[month] != "no" and waiting and first_of_next(waiting) <= month:
            told[month] = "pending"
    return told


def credits(facts: Facts, evening: date) -> int:
    return list(marks(facts, evening).values()).count("yes")


def eligibility_for_good(facts: Facts, evening: date) -> str:
    """Eligibility but for the court's findings, which have a day."""
    return eligibility({**facts, "events": []}, evening)


def is_covered(facts: Facts, month: date, last: date) -> bool:
    """Rules 1 and 2: the month lies wholly within supervision, and not before September 2012."""
    start = begins(facts)
    within = month >= start if reading(facts, "start_on_first", True) else month > start
    return within and first_of_next(month) - ONE_DAY <= last and month >= FIRST_MONTH


def earns(facts: Facts, month: date, evening: date, stopped: list[tuple[date, date]]) -> bool:
    """Rules 3 to 5, and rescission."""
    last = first_of_next(month) - ONE_DAY
    for event in known(facts, evening):
        if month <= on(event) <= last and breaks(event):
            return False
        if month <= on(event) and rescinds(event):
            return False
        if on(event) <= last and ends_earning(event):
            return False
    return not any(since <= last and month <= until for since, until in stopped)


def breaks(event: dict[str, Any]) -> bool:
    if event["type"] == "notice_of_citation":
        return on(event) >= CITATIONS_BREAK_FROM
    return event["type"] in BREAKING


def rescinds(event: dict[str, Any]) -> bool:
    if event["type"] == "hearing":
        return event.get("outcome") in ("revoked", "cods", "ineligible")
    return bool(event["type"] == "cods_placed")


def ends_earning(event: dict[str, Any]) -> bool:
    return name(event) in ("hearing ineligible", "hearing revoked")


def is_revocation(event: dict[str, Any]) -> bool:
    return event["type"] == "hearing" and event.get("outcome") == "revoked"


def waiting_since(facts: Facts, evening: date) -> date | None:
    """The day of the earliest report or motion that waits for a hearing which is set."""
    waiting = [day for day in unanswered(facts, evening) if is_to_be_heard(facts, day, evening)]
    return min(waiting, default=None)


def unanswered(facts: Facts, evening: date) -> list[date]:
    reports: list[date] = []
    motions: list[date] = []
    for event in known(facts, evening):
        if event["type"] == "violation_report":
            reports.append(on(event))
        elif event["type"] in BREAKING:
            motions.append(on(event))
        elif event["type"] in ANSWERING:
            reports, motions = [], []
        elif event["type"] == "motion_withdrawn":
            motions = []
    return reports + motions


def is_to_be_heard(facts: Facts, filed_on: date, evening: date) -> bool:
    """Whether a hearing that can answer what was filed that day is set and not yet held."""
    is_set = False
    for event in known(facts, evening):
        if event["type"] in ANSWERING:
            is_set = False
        elif event["type"] == "hearing_set":
            is_set = is_set or date.fromisoformat(event.get("hearing_on") or "9999-12-31") >= filed_on
    return is_set


def treatment_court(facts: Facts, month: date, evening: date) -> str:
    """no: lost by termination; suspended: waits for the discharge from treatment court; yes: no matter."""
    last = first_of_next(month) - ONE_DAY
    events = [e for e in known(facts, evening) if e["type"] != TREATMENT[0][0] or on(e) >= TREATMENT_COURT_FROM]
    stays = spans({**facts, "events": events}, evening, *TREATMENT)
    ended_badly = {on(event) for event in events if event["type"] == "treatment_court_terminated"}
    if any(since <= last < until and until in ended_badly for since, until in stays):
        return "no"
    return "suspended" if any(until == date.max for _, until in stays) else "yes"


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
    closing = ["custody_end", "absconder_available", "suspension_lifted", "cods_released", "hearing"]
    if not stands_ineligible(facts, as_of):
        closing.append("found_eligible")
    events = known(facts, as_of) + [{"on": as_of, "type": kind, "outcome": "continued"} for kind in closing]
    extensions = facts["term"].get("extensions") or []
    ordered = [one for one in extensions if date.fromisoformat(one["ordered_on"]) <= as_of]
    hoped = {
        **facts,
        "events": events,
        "hoped_for_on": as_of,
        "term": {**facts["term"], "extensions": ordered},
    }
    day = max(as_of, begins(facts))
    last, floor, end = last_day(hoped, as_of), two_years(hoped, as_of), None
    while True:
        if end is None or day.day == 1:
            end = last - timedelta(days=30 * credits(hoped, day))
        if day >= end and day >= floor:
            return day
        day += ONE_DAY
