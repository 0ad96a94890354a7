"""Asking the law about terms and keeping its answer: the determination, the deadlines and the tasks that follow.

One term at a time and the whole caseload by night are the same code.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet

import waymark
from waymark.accounts.models import User
from waymark.audit.actions import Act, record_all
from waymark.cases.actions.saving import lock_terms
from waymark.cases.facts import Facts, asks_217_703, law_facts_for
from waymark.cases.models import Deadline, Determination, Event, Task, Term, TermEntry
from waymark.cases.officers import supervising_officers
from waymark.facts.faults import FaultyFacts
from waymark.law.missouri import ecc_217_703 as ecc
from waymark.web.clock import now

log = logging.getLogger(__name__)
M = TypeVar("M", bound=Model)

SECTION = "217.703"
DATE_CHANGED = "date_changed"
FACTS_FAULTY = "facts_faulty"
WATCHED = {  # what a person is told of when it changes
    "optimal_discharge_date": "the discharge date if all goes well",
    "earned_discharge_date": "the earned discharge date",
    "eligible": "eligibility for credits",
    "discharge_due": "whether discharge is due",
}


@dataclass
class Recorded:
    """What came of asking the law about some terms."""

    determinations: dict[int, Determination] = field(default_factory=dict)  # the current one, by term id
    new: int = 0
    dates_changed: int = 0
    faulty: dict[int, list[str]] = field(default_factory=dict)  # by term id


def record_determination(
    term: Term, as_of: date, cause: str, by: User | None, *, at: datetime | None = None
) -> Determination | None:
    """Ask 217.703 about the term as of a day and keep the answer.

    Returns the current determination, or None where there is none to make: the section does not speak of such a term,
    the term has not begun, or its facts cannot be right (a task then says what to mend).
    """
    return record_determinations([term.pk], as_of, cause, by, at=at).determinations.get(term.pk)


def record_determinations(
    term_ids: Iterable[int], as_of: date, cause: str, by: User | None, *, at: datetime | None = None
) -> Recorded:
    """The same for many terms, in one transaction and a constant number of queries.

    1. Lock the terms, read their facts.
    2. Ask the law. Faulty facts become a task and leave everything else as it stands.
    3. The same facts and the same answer as before: nothing to record. Else the new determination becomes the current
       one, and a changed date becomes a task with before and after.
    4. The open deadlines become those of the answer.
    5. Write what all of this changes.
    """
    at = at or now()
    recorded = Recorded()
    with transaction.atomic():
        terms = _terms_to_determine(term_ids, as_of)
        facts = law_facts_for(terms, as_of)
        office = _Office.of(terms, as_of)
        changes = _Changes(by, cause, at)
        for term in terms:
            _determine(term, facts[term.pk], office, changes, recorded, as_of)
        changes.write()
    return recorded


@dataclass(frozen=True)
class _Office:
    """What else is on record of the terms, fetched for all of them at once."""

    current: dict[int, Determination]
    deadlines: dict[int, list[Deadline]]  # open and met
    tasks: dict[tuple[int, str], Task]  # open, by term id and kind
    officers: dict[int, int]  # account id by person id
    discharged: frozenset[int]

    @classmethod
    def of(cls, terms: list[Term], as_of: date) -> _Office:
        deadlines = defaultdict(list)
        for deadline in Deadline.objects.filter(term__in=terms, state__in=[Deadline.State.OPEN, Deadline.State.MET]):
            deadlines[deadline.term_id].append(deadline)
        discharges = Event.objects.standing().filter(term__in=terms, kind=Event.Kind.DISCHARGED, on__lte=as_of)
        tasks = Task.objects.filter(term__in=terms, kind__in=[DATE_CHANGED, FACTS_FAULTY], state=Task.State.OPEN)
        current = Determination.objects.filter(term__in=terms, section=SECTION, current=True)
        return cls(
            current={row.term_id: row for row in current},
            deadlines=deadlines,
            tasks={(task.term_id, task.kind): task for task in tasks},
            officers=supervising_officers((term.case.person for term in terms), as_of),
            discharged=frozenset(discharges.values_list("term_id", flat=True)),
        )

    def officer_of(self, term: Term) -> int | None:
        return self.officers.get(term.case.person_id)


@dataclass
class _Changes:
    """What asking about some terms changes, gathered first. A statement for each row would make a night of them."""

    by: User | None
    cause: str
    at: datetime
    determinations: list[Determination] = field(default_factory=list)  # new
    outdated: list[Determination] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)  # new
    superseded: list[Deadline] = field(default_factory=list)
    handed_over: list[Deadline] = field(default_factory=list)  # to another owner
    tasks: list[Task] = field(default_factory=list)  # new
    retold: list[Task] = field(default_factory=list)  # open, and saying something else now
    closed: dict[str, list[Task]] = field(default_factory=lambda: defaultdict(list))  # by outcome

    def write(self) -> None:
        """A statement for each kind of change. What makes room comes first: one determination of a term is current,
        one deadline of a name open. The audit chain comes last: everybody who writes waits for its head."""
        _of(Determination, self.outdated).update(current=False)
        Determination.objects.bulk_create(self.determinations)
        _of(Deadline, self.superseded).filter(state=Deadline.State.OPEN).update(state=Deadline.State.SUPERSEDED)
        Deadline.objects.bulk_update(self.handed_over, ["owner"])
        Deadline.objects.bulk_create(self.deadlines)
        Task.objects.bulk_create(self.tasks)
        Task.objects.bulk_update(self.retold, ["determination", "words", "before", "after", "owner"])
        for outcome, tasks in self.closed.items():
            still_open = _of(Task, tasks).filter(state=Task.State.OPEN)
            still_open.update(state=Task.State.DONE, done_at=self.at, outcome=outcome)
        record_all(self._act(determination) for determination in self.determinations)

    def _act(self, new: Determination) -> Act:
        return Act(
            by=self.by,
            verb="determination.recorded",
            subject=new,
            person_id=new.term.case.person_id,
            why=self.cause,
            detail={"term": new.term_id, "as_of": new.as_of.isoformat(), "facts": new.facts_hash},
        )


def _of(kind: type[M], rows: list[M]) -> QuerySet[M]:
    return kind._default_manager.filter(pk__in=[row.pk for row in rows])


def _terms_to_determine(term_ids: Iterable[int], as_of: date) -> list[Term]:
    """Those the section speaks of and that have begun, locked. The standing entry is read after the lock."""
    locked = {term.pk: term for term in lock_terms(term_ids)}
    entries: list[TermEntry] = list(TermEntry.objects.standing().filter(term__in=locked, begins_on__lte=as_of))
    begun = {entry.term_id for entry in entries if asks_217_703(locked[entry.term_id].case, entry)}
    return [term for pk, term in locked.items() if pk in begun]


def _determine(term: Term, facts: Facts, office: _Office, changes: _Changes, recorded: Recorded, as_of: date) -> None:
    answer, faults = _ask(facts, term)
    if answer is None:
        recorded.faulty[term.pk] = faults
        _ask_to_mend(term, faults, office, changes)
        return
    if mended := office.tasks.get((term.pk, FACTS_FAULTY)):
        changes.closed["The facts can be read again."].append(mended)
    before = office.current.get(term.pk)
    if before and _says_the_same(before, facts, answer):
        determination = before
    else:
        determination = _keep(term, facts, answer, before, changes, as_of)
        recorded.new += 1
        recorded.dates_changed += _tell_of_change(determination, before, office, changes)
    recorded.determinations[term.pk] = determination
    _synchronise_deadlines(term, determination, office, changes, as_of)


def _ask(facts: Facts, term: Term) -> tuple[dict[str, Any] | None, list[str]]:
    """The answer, or why there is none. A fact is never lost and a night never stopped because the rule failed on one
    person's facts: that too is said in the task, and in the log for whoever mends the rule."""
    try:
        return ecc.determine(ecc.read(facts)).as_json(), []
    except FaultyFacts as faulty:
        return None, [str(fault) for fault in faulty.faults]
    except Exception as failure:
        log.exception("The rule of %s failed on the facts of term %s.", SECTION, term.pk)
        return None, [f"The rule itself failed ({type(failure).__name__}). Tell whoever runs this installation."]


def _says_the_same(before: Determination, facts: Facts, answer: dict[str, Any]) -> bool:
    """The same facts decided the same way. The day asked about moves on every night, and with it, day for day, what
    hangs on it alone: the end of an absconding that is still open, a discharge that waits for a payment. That is no
    new answer."""
    days = date.fromisoformat(facts["as_of"]) - before.as_of
    same_facts = before.facts_hash == hash_of(facts)
    return same_facts and _same_but_for_the_day(_substance(before.answer), _substance(answer), days)


def _substance(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer without the sentences that name the day asked about."""
    return {
        **{key: value for key, value in answer.items() if key != "authority_to_revoke"},
        "findings": _decided(answer["findings"]),
        "deadlines": [[deadline["name"], deadline["window"]] for deadline in answer["deadlines"]],
    }


def _decided(finding: dict[str, Any]) -> list[Any]:
    return [finding["cite"], finding["answer"], [_decided(part) for part in finding["parts"]]]


def _same_but_for_the_day(before: Any, after: Any, days: timedelta) -> bool:
    """Whether two answers differ at most in dates that lie exactly as far apart as the days they were asked about."""
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(
            _same_but_for_the_day(before[key], after[key], days) for key in before
        )
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(
            _same_but_for_the_day(one, other, days) for one, other in zip(before, after, strict=True)
        )
    return bool(before == after) or _moved_with_the_day(before, after, days)


def _moved_with_the_day(before: Any, after: Any, days: timedelta) -> bool:
    try:
        return date.fromisoformat(after) - date.fromisoformat(before) == days
    except (TypeError, ValueError):  # not dates
        return False


def hash_of(facts: Facts) -> str:
    """Of what is recorded; the day asked about is left out."""
    recorded = {key: value for key, value in facts.items() if key != "as_of"}
    written = json.dumps(recorded, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def _keep(
    term: Term,
    facts: Facts,
    answer: dict[str, Any],
    before: Determination | None,
    changes: _Changes,
    as_of: date,
) -> Determination:
    if before:
        changes.outdated.append(before)
    determination = Determination(
        term=term,
        section=SECTION,
        as_of=as_of,
        known_at=changes.at,
        computed_at=changes.at,
        cause=changes.cause[:200],
        asked_by=changes.by,
        code_version=waymark.__version__,
        facts=facts,
        answer=answer,
        facts_hash=hash_of(facts),
        **columns_of(answer),
    )
    changes.determinations.append(determination)
    return determination


def columns_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The columns that lists sort and filter by. A question left to a person has none of the dates."""
    return {
        "eligible": answer.get("eligible", "not known"),
        "credit_months": (answer.get("credits") or {}).get("months"),
        "last_day": _date(answer.get("last_day")),
        "earned_discharge_date": _date(answer.get("earned_discharge_date")),
        "optimal_discharge_date": _date(answer.get("optimal_discharge_date")),
        "discharge_date": _date(answer.get("discharge_date")),
        "discharge_due": answer.get("discharge_due", "not known"),
        "blocked_by": answer.get("blocked_by", []),
    }


def _tell_of_change(after: Determination, before: Determination | None, office: _Office, changes: _Changes) -> bool:
    """A task with before and after, when a date changed that somebody may have been told. Whether one did.

    While such a task is open, a further change is added to it: it goes on saying what was before the first change and
    what is now, and is closed when that is the same again.
    """
    changed = _changed(before, after) if before else []
    if not changed:
        return False
    was = {name: _plain(getattr(before, name)) for name in changed}
    now_is = {name: _plain(getattr(after, name)) for name in changed}
    open_task = office.tasks.get((after.term_id, DATE_CHANGED))
    if open_task:
        was, now_is = was | open_task.before, open_task.after | now_is
        was = {name: value for name, value in was.items() if value != now_is[name]}
        now_is = {name: now_is[name] for name in was}
    if open_task and not was:
        changes.closed["The dates are again what they were."].append(open_task)
        return True
    task = open_task or Task(term=after.term, kind=DATE_CHANGED, created_at=changes.at)
    task.determination, task.before, task.after = after, was, now_is
    task.words = _sentence_of_change(was, now_is, after.cause)
    task.owner_id = office.officer_of(after.term)
    (changes.retold if open_task else changes.tasks).append(task)
    return True


def _changed(before: Determination, after: Determination) -> list[str]:
    """What of WATCHED is to be told. Where only time went by, a month posted as everybody expected is not, nor a
    discharge that waits for a payment and moves on with every day."""
    changed = [name for name in WATCHED if getattr(before, name) != getattr(after, name)]
    if before.facts_hash != after.facts_hash:
        return changed
    days = after.as_of - before.as_of
    was, now_is = _plain(before.optimal_discharge_date), _plain(after.optimal_discharge_date)
    if _moved_with_the_day(was, now_is, days):
        changed = [name for name in changed if name != "optimal_discharge_date"]
    return [] if changed == ["earned_discharge_date"] else changed


def _sentence_of_change(was: dict[str, str | None], now_is: dict[str, str | None], cause: str) -> str:
    told = "; ".join(
        f"{words} was {_in_words(was[name])}, is {_in_words(now_is[name])}"
        for name, words in WATCHED.items()
        if name in was
    )
    return f"{told[:1].upper()}{told[1:]}. Because of: {cause}."[:500]


def _ask_to_mend(term: Term, faults: list[str], office: _Office, changes: _Changes) -> None:
    """One open task says what is wrong; it is rewritten when the faults are others, never doubled."""
    open_task = office.tasks.get((term.pk, FACTS_FAULTY))
    if open_task and open_task.after == {"faults": faults}:
        return
    task = open_task or Task(term=term, kind=FACTS_FAULTY, owner_id=office.officer_of(term), created_at=changes.at)
    words = "The facts on record cannot be right, so nothing is determined from them. Mend: " + " ".join(faults)
    task.words, task.after = words[:500], {"faults": faults}
    (changes.retold if open_task else changes.tasks).append(task)


def _synchronise_deadlines(
    term: Term, determination: Determination, office: _Office, changes: _Changes, as_of: date
) -> None:
    """Open deadlines become those of the answer: kept where name and window are the same, superseded where they are
    not, created where none stands. One met within the window is not asked again; one that was missed stays open until
    somebody meets it or the discharge it served is no longer ahead."""
    officer, discharged = office.officer_of(term), term.pk in office.discharged
    known = office.deadlines.get(term.pk, [])
    open_by_name = {deadline.name: deadline for deadline in known if deadline.state == Deadline.State.OPEN}
    for asked in [] if discharged else determination.answer["deadlines"]:
        first_on, last_on = (date.fromisoformat(day) for day in asked["window"])
        owner = officer if asked["owner"] == "officer" else None
        stands = open_by_name.pop(asked["name"], None)
        if stands and (stands.first_on, stands.last_on) == (first_on, last_on):
            if stands.owner_id != owner:
                stands.owner_id = owner
                changes.handed_over.append(stands)
            continue
        if stands:
            changes.superseded.append(stands)
        if not any(_was_met(deadline, asked["name"], first_on, last_on) for deadline in known):
            deadline = Deadline(
                term=term,
                determination=determination,
                name=asked["name"],
                cite=asked["cite"],
                because=asked["because"],
                first_on=first_on,
                last_on=last_on,
                owner_id=owner,
            )
            changes.deadlines.append(deadline)
    still_served = not discharged and determination.eligible == "yes" and "revoked" not in determination.blocked_by
    changes.superseded += [
        deadline for deadline in open_by_name.values() if not (still_served and deadline.last_on < as_of)
    ]


def _was_met(deadline: Deadline, name: str, first_on: date, last_on: date) -> bool:
    if deadline.state != Deadline.State.MET or deadline.name != name:
        return False
    same_window = (deadline.first_on, deadline.last_on) == (first_on, last_on)
    return same_window or (deadline.met_on is not None and first_on <= deadline.met_on <= last_on)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _plain(value: date | str | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


def _in_words(value: str | None) -> str:
    """ "2018-06-01 Fri" of a day; yes, no and not known as they are."""
    if value is None:
        return "not known"
    return f"{date.fromisoformat(value):%Y-%m-%d %a}" if value[:1].isdigit() else value
