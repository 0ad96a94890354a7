"""What the screens ask of many cases at once. Each function takes the account, sees no further than it may, and needs
the same number of queries for one row and for a thousand. One case as a whole: case_file.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from waymark.accounts.models import User
from waymark.cases.access import cases_visible_to, of_people, own_record
from waymark.cases.case_file import Ending, Hearing, ending, event_words, hearings
from waymark.cases.models import (
    NUMBER_AS_ASKED,
    ChargeEntry,
    ConditionProgress,
    CourtCase,
    Deadline,
    Determination,
    Document,
    Event,
    Note,
    Order,
    Placement,
    Task,
    Term,
    TermEntry,
)
from waymark.cases.officers import supervising_officers
from waymark.people.access import ROOT, open_assignments, people_visible_to
from waymark.people.models import Person

CANNOT_WAIT_DAYS = 3
AHEAD_DAYS = 30  # a clock that opens later than this is not work yet
DISCHARGE_AHEAD_DAYS = 120  # the Final Case Summary Report may be sent from here on
ABOUT_TO_BE_MISSED_DAYS = 7
FEW = 2_000


@dataclass(frozen=True)
class CaseloadRow:
    """One running term. Dates are None where no determination stands. `change_days` is how far the discharge date,
    if all goes well, has moved since the month began: negative is sooner, None is not to be said."""

    person: Person
    case: CourtCase
    term: Term
    kind: str
    begins_on: date
    determination: Determination | None
    change_days: int | None
    open_deadlines: int
    open_tasks: int
    cannot_wait: bool


def caseload(user: User, on: date, *, officer: User | None = None) -> list[CaseloadRow]:
    """The running terms the account may see, of one officer's caseload when asked, by name."""
    terms = list(
        _terms(user, on, officer)
        .select_related("case__person__merged_into", "case__court")
        .order_by("case__person__family_name", "case__person__given_name", "case__number", "pk")
    )
    ids = [term.pk for term in terms]
    said = {entry.term_id: entry for entry in _standing_entries(ids)}
    decided = {row.term_id: row for row in _current(ids).annotate(before=_optimal_before(on.replace(day=1)))}
    clocks = _clocks(ids, on)
    tasks = dict(Task.objects.filter(term__in=ids, state=Task.State.OPEN).values_list("term").annotate(Count("pk")))
    return [
        CaseloadRow(
            person=_kept(term.case.person),
            case=term.case,
            term=term,
            kind=said[term.pk].get_kind_display(),
            begins_on=said[term.pk].begins_on,
            determination=decided.get(term.pk),
            change_days=_days_moved(decided.get(term.pk)),
            open_deadlines=clocks[term.pk]["open"] if term.pk in clocks else 0,
            open_tasks=tasks.get(term.pk, 0),
            cannot_wait=term.pk in clocks and clocks[term.pk]["cannot_wait"] > 0,
        )
        for term in terms
    ]


@dataclass(frozen=True)
class DueRow:
    """A deadline or a task. A task has no window: `last_on` is None and `since` the day it came up."""

    kind: str  # "deadline" or "task"
    pk: int
    words: str
    cite: str
    because: str
    person: Person
    case: CourtCase
    term: Term
    owner: User | None
    since: date
    last_on: date | None
    days_left: int | None  # negative: the window closed so many days ago
    cannot_wait: bool
    task_kind: str = ""


def due(user: User, on: date) -> list[DueRow]:
    """The account's own deadlines (open, or opening within AHEAD_DAYS) and tasks, the most urgent first: what cannot
    wait by its last day, then everything else by the day it closes or came up."""
    deadlines = _deadlines(user, on).filter(owner=user, first_on__lte=on + timedelta(days=AHEAD_DAYS))
    tasks = _tasks(user, on).filter(owner=user)
    rows = [*(_due_deadline(row, on) for row in deadlines), *(_due_task(row) for row in tasks)]
    return sorted(rows, key=lambda row: (not row.cannot_wait, row.last_on or row.since, row.pk))


def clocks_about_to_be_missed(
    user: User, on: date, within_days: int = ABOUT_TO_BE_MISSED_DAYS, *, officer: User | None = None
) -> list[DueRow]:
    """Open deadlines whose window has closed or closes soon, of everybody in the account's reach, the oldest first."""
    rows = _deadlines(user, on).filter(last_on__lte=on + timedelta(days=within_days))
    if officer:
        rows = rows.filter(owner=officer)
    return [_due_deadline(row, on) for row in rows.order_by("last_on", "pk")]


@dataclass(frozen=True)
class DischargeRow:
    person: Person
    case: CourtCase
    term: Term
    determination: Determination
    on: date
    days_left: int
    officer: User | None


def discharges_due(
    user: User, on: date, within_days: int = DISCHARGE_AHEAD_DAYS, *, officer: User | None = None
) -> list[DischargeRow]:
    """Who is to be discharged by credits within so many days, or should have been already, the earliest first."""
    decided = (
        Determination.objects.filter(
            term__in=_terms(user, on, officer),
            current=True,
            eligible="yes",
            optimal_discharge_date__lte=on + timedelta(days=within_days),
        )
        .select_related("term__case__person__merged_into", "term__case__court")
        .defer("facts", "answer")
        .order_by("optimal_discharge_date", "pk")
    )
    rows = list(decided)
    officers = supervising_officers((row.term.case.person for row in rows), on)
    accounts = User.objects.in_bulk(set(officers.values()))
    return [
        DischargeRow(
            person=_kept(row.term.case.person),
            case=row.term.case,
            term=row.term,
            determination=row,
            on=row.optimal_discharge_date,
            days_left=(row.optimal_discharge_date - on).days,
            officer=accounts.get(officers.get(row.term.case.person_id, 0)),
        )
        for row in rows
        if row.optimal_discharge_date
    ]


@dataclass(frozen=True)
class ChangedRow:
    at: datetime
    what: str
    words: str
    person: Person
    case: CourtCase
    by: User | None  # None: the system


def changed_since(user: User, instant: datetime, on: date, *, officer: User | None = None) -> list[ChangedRow]:
    """What was entered, voided or determined in the account's cases after the instant, the latest first."""
    cases = _cases(user, on, officer)
    rows: list[ChangedRow] = []
    for kind, path, what, words in CHANGES:
        rows += _changes(kind, path, what, words, cases, instant)
    determined = Determination.objects.filter(term__case__in=cases, computed_at__gt=instant, tasks__kind="date_changed")
    near = determined.select_related("term__case__person__merged_into", "asked_by").defer("facts", "answer").distinct()
    rows += [
        ChangedRow(
            row.computed_at,
            "Dates changed",
            f"Discharge if all goes well: {row.optimal_discharge_date or 'not known'}",
            _kept(row.term.case.person),
            row.term.case,
            row.asked_by,
        )
        for row in near
    ]
    return sorted(rows, key=lambda row: row.at, reverse=True)


@dataclass(frozen=True)
class UnitRow:
    """One officer's work. `officer` None: people nobody supervises by name."""

    officer: User | None
    people: int
    discharges_due: int
    open_deadlines: int
    about_to_be_missed: int
    open_tasks: int


def unit_overview(user: User, on: date) -> list[UnitRow]:
    """The caseloads in the account's reach, by officer, those without an officer last."""
    visible = people_visible_to(user, on=on)
    people = dict(
        open_assignments(on)
        .annotate(kept=ROOT)
        .filter(kept__in=visible)
        .values_list("officer")
        .annotate(Count("kept", distinct=True))
    )
    soon = Q(last_on__lte=on + timedelta(days=ABOUT_TO_BE_MISSED_DAYS))
    of_visible = {"term__case__in": _cases(user, on)}
    clocks = {
        row["owner"]: row
        for row in Deadline.objects.filter(**of_visible, state=Deadline.State.OPEN)
        .order_by()
        .values("owner")
        .annotate(
            open=Count("pk", filter=Q(first_on__lte=on + timedelta(days=AHEAD_DAYS))),
            soon=Count("pk", filter=soon),
        )
    }
    tasks = dict(
        Task.objects.filter(**of_visible, state=Task.State.OPEN).order_by().values_list("owner").annotate(Count("pk"))
    )
    discharges: dict[int | None, int] = defaultdict(int)
    for row in discharges_due(user, on):
        discharges[row.officer.pk if row.officer else None] += 1
    owners = people.keys() | clocks.keys() | tasks.keys() | discharges.keys()
    accounts = User.objects.in_bulk([pk for pk in owners if pk is not None])
    rows = [
        UnitRow(
            officer=accounts.get(pk) if pk else None,
            people=people.get(pk, 0),
            discharges_due=discharges.get(pk, 0),
            open_deadlines=clocks[pk]["open"] if pk in clocks else 0,
            about_to_be_missed=clocks[pk]["soon"] if pk in clocks else 0,
            open_tasks=tasks.get(pk, 0),
        )
        for pk in owners
    ]
    return sorted(rows, key=lambda row: (row.officer is None, row.officer.last_name if row.officer else ""))


@dataclass(frozen=True)
class DocketRow:
    case: CourtCase
    person: Person
    term: Term | None  # None: no term has been ordered
    kind: str
    begins_on: date | None
    determination: Determination | None
    next_hearing: Hearing | None  # of a term that runs
    ended: Ending | None  # None while the term runs

    @property
    def due(self) -> bool:
        """Whether discharge by credits is due in a term that still runs."""
        decided = self.determination
        return self.ended is None and decided is not None and decided.discharge_due == "yes"


def docket_rows(user: User, on: date) -> list[DocketRow]:
    """The cases in which the account takes part, a row for each term: those with a hearing ahead first, by its day;
    terms that are over last, the latest of them first."""
    cases = list(
        cases_visible_to(user, on)
        .select_related("person__merged_into", "court")
        .order_by("person__family_name", "person__given_name", "number")
    )
    terms: dict[int, list[Term]] = defaultdict(list)
    for term in Term.objects.filter(case__in=cases):
        terms[term.case_id].append(term)
    ids = [term.pk for of_case in terms.values() for term in of_case]
    said = {entry.term_id: entry for entry in _standing_entries(ids)}
    decided = {row.term_id: row for row in _current(ids)}
    happened: dict[int, list[Event]] = defaultdict(list)
    told = [Event.Kind.HEARING_SET, Event.Kind.HEARING, Event.Kind.DISCHARGED]
    for event in Event.objects.standing().filter(term__in=ids, kind__in=told, on__lte=on):
        happened[event.term_id].append(event)
    no_term: list[Term | None] = [None]
    rows = [
        _docket_row(case, term, said, decided, happened, on) for case in cases for term in terms.get(case.pk) or no_term
    ]
    return sorted(rows, key=_docket_order)


def cases_numbered(user: User, number: str) -> list[CourtCase]:
    """The cases of this number, whatever the capitals and spaces; each court numbers its own."""
    asked = "".join(number.split()).upper()
    if not asked:
        return []
    found = cases_visible_to(user).annotate(as_asked=NUMBER_AS_ASKED).filter(as_asked=asked)
    return list(found.select_related("person", "court").order_by("court__name", "pk"))


def current_determinations(terms: Iterable[Term]) -> dict[int, Determination]:
    """The determination that stands, by term id."""
    return {row.term_id: row for row in _current([term.pk for term in terms], whole=True)}


def determinations_of(term: Term) -> QuerySet[Determination]:
    """Every determination of the term, the latest first."""
    return Determination.objects.filter(term=term).select_related("asked_by")


def earlier_dates(terms: Iterable[Term]) -> dict[int, date]:
    """By term id, the discharge date (if all goes well) recorded last before the one that stands now, where it was
    another."""
    standing: dict[int, date | None] = {}
    earlier: dict[int, date] = {}
    recorded = Determination.objects.filter(term__in=[term.pk for term in terms]).order_by("-current", "-computed_at")
    for term_id, day in recorded.values_list("term_id", "optimal_discharge_date"):
        now_is = standing.setdefault(term_id, day)
        if day and day != now_is:
            earlier.setdefault(term_id, day)
    return earlier


def officers_of(user: User, on: date) -> list[User]:
    """Who supervises the participant who signed in."""
    own = own_record(user)
    assigned = open_assignments(on).annotate(kept=ROOT).filter(kept__in=own, officer__isnull=False)
    return list(User.objects.filter(pk__in=assigned.values("officer")).select_related("unit", "agency"))


# What the functions above are made of


def _cases(user: User, on: date, officer: User | None = None) -> QuerySet[CourtCase] | list[int]:
    """The cases in reach, of one officer's caseload when asked: for `__in`. Where they are few they are looked up
    first. Else the database, with that many tables to join, begins at the whole county instead of at the caseload."""
    cases = cases_visible_to(user, on)
    if officer:
        cases = cases.filter(of_people(_caseload_of(officer, on)))
    found = list(cases.order_by().values_list("pk", flat=True)[: FEW + 1])
    return found if len(found) <= FEW else cases


def _caseload_of(officer: User, on: date) -> QuerySet[Person]:
    return Person.objects.filter(pk__in=open_assignments(on).filter(officer=officer).values_list(ROOT))


def _terms(user: User, on: date, officer: User | None) -> QuerySet[Term]:
    """Running terms: something stands recorded of them, and neither discharge nor revocation has ended them."""
    ended = Event.objects.standing().filter(
        Q(kind=Event.Kind.DISCHARGED) | Q(kind=Event.Kind.HEARING, outcome=Event.Outcome.REVOKED),
        term=OuterRef("pk"),
        on__lte=on,
    )
    recorded = TermEntry.objects.standing().filter(term=OuterRef("pk"))
    return Term.objects.filter(Exists(recorded), ~Exists(ended), case__in=_cases(user, on, officer))


def _standing_entries(term_ids: list[int]) -> Iterator[TermEntry]:
    return iter(TermEntry.objects.standing().filter(term__in=term_ids))


def _current(term_ids: list[int], *, whole: bool = False) -> QuerySet[Determination]:
    """The determinations that stand; without `whole`, without the long JSON that lists do not show."""
    rows = Determination.objects.filter(term__in=term_ids, current=True)
    return rows if whole else rows.defer("facts", "answer")


def _optimal_before(day: date) -> Subquery:
    earlier = Determination.objects.filter(term=OuterRef("term"), section=OuterRef("section"), as_of__lt=day)
    return Subquery(earlier.order_by("-as_of", "-pk").values("optimal_discharge_date")[:1])


def _days_moved(decided: Any) -> int | None:
    if decided is None or decided.before is None or decided.optimal_discharge_date is None:
        return None
    moved: int = (decided.optimal_discharge_date - decided.before).days
    return moved


def _clocks(term_ids: list[int], on: date) -> dict[int, dict[str, Any]]:
    """How many clocks run, and how many of them cannot wait, by term id."""
    rows = (
        Deadline.objects.filter(term__in=term_ids, state=Deadline.State.OPEN)
        .order_by()
        .values("term")
        .annotate(
            open=Count("pk", filter=Q(first_on__lte=on + timedelta(days=AHEAD_DAYS))),
            cannot_wait=Count("pk", filter=Q(last_on__lte=on + timedelta(days=CANNOT_WAIT_DAYS))),
        )
    )
    return {row["term"]: dict(row) for row in rows}


def _deadlines(user: User, on: date) -> QuerySet[Deadline]:
    rows = Deadline.objects.filter(term__case__in=_cases(user, on), state=Deadline.State.OPEN)
    return rows.select_related("term__case__person__merged_into", "term__case__court", "owner")


def _tasks(user: User, on: date) -> QuerySet[Task]:
    rows = Task.objects.filter(term__case__in=_cases(user, on), state=Task.State.OPEN)
    return rows.select_related("term__case__person__merged_into", "term__case__court", "owner")


def _due_deadline(row: Deadline, on: date) -> DueRow:
    days_left = (row.last_on - on).days
    return DueRow(
        kind="deadline",
        pk=row.pk,
        words=row.name,
        cite=row.cite,
        because=row.because,
        person=_kept(row.term.case.person),
        case=row.term.case,
        term=row.term,
        owner=row.owner,
        since=row.first_on,
        last_on=row.last_on,
        days_left=days_left,
        cannot_wait=days_left <= CANNOT_WAIT_DAYS,
    )


def _due_task(row: Task) -> DueRow:
    return DueRow(
        kind="task",
        pk=row.pk,
        words=row.words,
        cite="",
        because="",
        person=_kept(row.term.case.person),
        case=row.term.case,
        term=row.term,
        owner=row.owner,
        since=timezone.localdate(row.created_at),
        last_on=None,
        days_left=None,
        cannot_wait=False,
        task_kind=row.kind,
    )


def _docket_row(
    case: CourtCase,
    term: Term | None,
    said: dict[int, TermEntry],
    decided: dict[int, Determination],
    happened: dict[int, list[Event]],
    on: date,
) -> DocketRow:
    entry = said.get(term.pk) if term else None
    decided_now = decided.get(term.pk) if term else None
    events = happened.get(term.pk, []) if term else []
    ended = ending(events) or _ran_out(decided_now, on)
    ahead = [] if ended else [hearing for hearing in hearings(events, on) if hearing.state == "set"]
    return DocketRow(
        case=case,
        person=_kept(case.person),
        term=term,
        kind=entry.get_kind_display() if entry else "",
        begins_on=entry.begins_on if entry else None,
        determination=decided_now,
        next_hearing=ahead[0] if ahead else None,
        ended=ended,
    )


def _ran_out(decided: Determination | None, on: date) -> Ending | None:
    """The last day of the term has passed, and the court has ended it in no other way."""
    last_day = decided.last_day if decided else None
    return Ending("ran out", last_day) if last_day and last_day < on else None


def _docket_order(row: DocketRow) -> tuple[int, int]:
    if row.ended:
        return 2, -row.ended.on.toordinal()
    return (0, row.next_hearing.hearing_on.toordinal()) if row.next_hearing else (1, 0)


def _changes(
    kind: type[Any],
    path: str,
    what: str,
    words: Callable[[Any], str],
    cases: QuerySet[CourtCase] | list[int],
    instant: datetime,
) -> Iterator[ChangedRow]:
    """Rows entered after the instant, and rows voided after it; a row of both shows as both."""
    rows = kind.objects.filter(Q(entered_at__gt=instant) | Q(voided_at__gt=instant), **{f"{path}__in": cases})
    for row in rows.select_related(f"{path}__person__merged_into", "entered_by", "voided_by"):
        case: Any = row
        for step in path.split("__"):
            case = getattr(case, step)
        person = _kept(case.person)
        if row.entered_at > instant:
            yield ChangedRow(row.entered_at, f"{what} entered", words(row), person, case, row.entered_by)
        if row.voided_at and row.voided_at > instant:
            yield ChangedRow(
                row.voided_at, f"{what} voided", f"{words(row)} ({row.void_reason})", person, case, row.voided_by
            )


# What can change in a case: the rows, the way to the case, what it is called, what is shown of it.
CHANGES: list[tuple[type[Any], str, str, Callable[[Any], str]]] = [
    (Event, "term__case", "Event", lambda row: f"{row.on}: {event_words(row)}"),
    (TermEntry, "term__case", "Term", lambda row: f"{row.get_kind_display()} from {row.begins_on}"),
    (ChargeEntry, "charge__case", "Charge", lambda row: f"{row.section} {row.name}"),
    (Order, "case", "Order", lambda row: f"{row.ordered_on}: {row.kind}"),
    (Placement, "term__case", "Placement", lambda row: f"{row.placed_on}: {row.program}"),
    (ConditionProgress, "condition__term__case", "Progress", lambda row: f"{row.on}: {row.words or row.amount}"),
    (Note, "case", "Note", lambda row: f"{row.on}: {row.words[:80]}"),
    (Document, "case", "Document", lambda row: row.title),
]


def _kept(person: Person) -> Person:
    return person.merged_into or person
