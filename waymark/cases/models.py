"""The court case and what happens in it.

Facts the law reads are entered once and never edited (`Fact`): a mistake is voided with a reason and entered anew. So a
case can be seen as it stood on a day (`on` of the facts) and as it was known on a day (`entered_at`, `voided_at`).
`Charge` and `Term` are anchors that other rows point at; what is said of them stands in `ChargeEntry` and `TermEntry`.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Replace, Upper

from waymark.accounts.models import Agency
from waymark.people.models import Person


class FactQuerySet(models.QuerySet[Any]):
    def standing(self) -> FactQuerySet:
        """Not voided."""
        return self.filter(voided_at=None)

    def known_at(self, instant: Any) -> FactQuerySet:
        """As the record stood at this instant: entered by then and not yet voided then."""
        return self.filter(entered_at__lte=instant).filter(Q(voided_at=None) | Q(voided_at__gt=instant))


class Fact(models.Model):
    """A row that is entered, perhaps voided, never edited. Only cases.actions writes it."""

    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    void_reason = models.CharField(max_length=300, blank=True)

    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(voided_at=None, void_reason="") | (Q(voided_at__isnull=False) & ~Q(void_reason="")),
                name="%(app_label)s_%(class)s_void_has_reason",
            )
        ]


NUMBER_AS_ASKED = Upper(Replace("number", Value(" "), Value("")))  # however a case number is typed, it is found


class CourtCase(models.Model):
    class Kind(models.TextChoices):
        FELONY = "felony", "Felony"
        MISDEMEANOR = "misdemeanor", "Misdemeanor"
        MUNICIPAL = "municipal", "Municipal or county ordinance"

    person = models.ForeignKey(Person, models.PROTECT, related_name="court_cases")
    number = models.CharField(max_length=64)
    court = models.ForeignKey(Agency, models.PROTECT, related_name="court_cases")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.FELONY)
    title = models.CharField(max_length=200, blank=True)
    filed_on = models.DateField(null=True, blank=True)
    published_citation = models.CharField(max_length=300, blank=True)  # a published opinion shown as a case file
    version = models.PositiveIntegerField(default=1)  # raised by every write; a second writer with the old one is told
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["court", "number"], name="case_number_once_per_court")]
        indexes = [models.Index(NUMBER_AS_ASKED, name="case_by_number")]


class Party(models.Model):
    """Who takes part in the case. With an account, the party sees the case read-only on the court screens."""

    class Capacity(models.TextChoices):
        JUDGE = "judge", "Judge"
        PROSECUTOR = "prosecutor", "Prosecuting attorney"
        DEFENDER = "defender", "Defense attorney"
        VICTIM = "victim", "Victim"

    case = models.ForeignKey(CourtCase, models.CASCADE, related_name="parties")
    capacity = models.CharField(max_length=16, choices=Capacity.choices)
    name = models.CharField(max_length=200)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="parties")
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "parties"
        indexes = [models.Index(fields=["account", "until_on"], name="party_by_account")]


class Level(models.TextChoices):
    FELONY = "felony", "Felony"
    MISDEMEANOR = "misdemeanor", "Misdemeanor"
    INFRACTION = "infraction", "Infraction"


class Charge(models.Model):
    """One count of a case. What is known of it stands in its standing `ChargeEntry`."""

    case = models.ForeignKey(CourtCase, models.PROTECT, related_name="charges")
    count = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["count", "id"]
        constraints = [models.UniqueConstraint(fields=["case", "count"], name="count_once_per_case")]


class ChargeEntry(Fact):
    charge = models.ForeignKey(Charge, models.PROTECT, related_name="entries")
    section = models.CharField(max_length=32)  # "570.030", or with its subdivision "565.052.1(2)"
    name = models.CharField(max_length=200)
    level = models.CharField(max_length=16, choices=Level.choices)
    offense_class = models.CharField(max_length=1, blank=True)  # "A" to "E"; empty: unclassified or not recorded
    offense_on = models.DateField(null=True, blank=True)
    disposition = models.CharField(max_length=100, blank=True)
    disposed_on = models.DateField(null=True, blank=True)

    class Meta(Fact.Meta):
        constraints = [
            *Fact.Meta.constraints,
            models.UniqueConstraint(fields=["charge"], condition=Q(voided_at=None), name="one_standing_charge_entry"),
        ]


class Order(Fact):
    """What a court ordered, in its own words; the conditions it imposed point at it."""

    case = models.ForeignKey(CourtCase, models.PROTECT, related_name="orders")
    ordered_on = models.DateField()
    kind = models.CharField(max_length=100)
    words = models.TextField(blank=True)

    class Meta(Fact.Meta):
        ordering = ["ordered_on", "id"]


class Term(models.Model):
    """Supervision under one order. What is known of it stands in its standing `TermEntry`."""

    case = models.ForeignKey(CourtCase, models.PROTECT, related_name="terms")
    charge = models.ForeignKey(Charge, models.PROTECT, null=True, blank=True, related_name="terms")

    class Meta:
        ordering = ["id"]


class TermEntry(Fact):
    class Kind(models.TextChoices):
        PROBATION = "probation", "Probation"
        PAROLE = "parole", "Parole"
        CONDITIONAL_RELEASE = "conditional_release", "Conditional release"
        PRETRIAL = "pretrial", "Pretrial release"
        DIVERSION = "diversion", "Diversion"

    class Sentence(models.TextChoices):
        SIS = "SIS", "Suspended imposition of sentence"
        SES = "SES", "Suspended execution of sentence"

    term = models.ForeignKey(Term, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    begins_on = models.DateField()
    years = models.PositiveSmallIntegerField(default=0)
    months = models.PositiveSmallIntegerField(default=0)
    sentence = models.CharField(max_length=3, choices=Sentence.choices, blank=True)
    sentenced_on = models.DateField(null=True, blank=True)
    supervised_by_division = models.BooleanField(null=True, blank=True)  # None: not recorded
    lifetime_supervision = models.BooleanField(null=True, blank=True)
    restitution_ordered = models.BooleanField(null=True, blank=True)
    restitution_cents = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta(Fact.Meta):
        constraints = [
            *Fact.Meta.constraints,
            models.UniqueConstraint(fields=["term"], condition=Q(voided_at=None), name="one_standing_term_entry"),
        ]


class Event(Fact):
    """Something that happened in a term on a day, of a kind the law or the office has a word for."""

    class Kind(models.TextChoices):
        VIOLATION_REPORT = "violation_report", "Violation report submitted"
        NOTICE_OF_CITATION = "notice_of_citation", "Notice of citation submitted"
        MOTION_TO_REVOKE = "motion_to_revoke", "Motion to revoke filed"
        MOTION_TO_SUSPEND = "motion_to_suspend", "Motion to suspend filed"
        MOTION_WITHDRAWN = "motion_withdrawn", "Motion withdrawn"
        HEARING_SET = "hearing_set", "Hearing set"
        HEARING = "hearing", "Hearing held"
        TERM_SUSPENDED = "term_suspended", "Term suspended by the court"
        SUSPENSION_LIFTED = "suspension_lifted", "Suspension lifted"
        TERM_EXTENDED = "term_extended", "Term extended by the court"
        ABSCONDER_DECLARED = "absconder_declared", "Declared an absconder"
        ABSCONDER_AVAILABLE = "absconder_available", "Available for supervision again"
        CUSTODY_START = "custody_start", "Taken into custody"
        CUSTODY_END = "custody_end", "Released from custody"
        CODS_PLACED = "cods_placed", "Placed in a 120-day program (CODS)"
        CODS_RELEASED = "cods_released", "Released from the 120-day program"
        ELIGIBILITY_MOTION = "eligibility_motion", "Motion to find ineligible for credits"
        FOUND_ELIGIBLE = "found_eligible", "Found eligible for credits"
        FOUND_INELIGIBLE = "found_ineligible", "Found ineligible for credits"
        TREATMENT_COURT_ENTERED = "treatment_court_entered", "Entered treatment court"
        TREATMENT_COURT_COMPLETED = "treatment_court_completed", "Completed treatment court"
        TREATMENT_COURT_TERMINATED = "treatment_court_terminated", "Terminated from treatment court"
        RESTITUTION_PAID = "restitution_paid", "Restitution paid in full"
        DISCHARGED = "discharged", "Discharged by the court"

    class Outcome(models.TextChoices):
        CONTINUED = "continued", "Continued on supervision"
        NO_VIOLATION = "no_violation", "No violation found"
        REVOKED = "revoked", "Revoked"
        CODS = "cods", "Placed in a 120-day program (CODS)"
        INELIGIBLE = "ineligible", "Found ineligible because of the violation"

    term = models.ForeignKey(Term, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=32, choices=Kind.choices)
    on = models.DateField()
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True)  # of a hearing
    hearing_on = models.DateField(null=True, blank=True)  # the day a hearing is set for
    years = models.PositiveSmallIntegerField(null=True, blank=True)  # of an extension
    months = models.PositiveSmallIntegerField(null=True, blank=True)
    violation_found = models.BooleanField(null=True, blank=True)  # of an extension
    words = models.CharField(max_length=500, blank=True)

    class Meta(Fact.Meta):
        ordering = ["on", "id"]
        indexes = [models.Index(fields=["term", "on"], name="event_by_term")]


class Placement(Fact):
    """A stay in a program or facility, [placed_on, ended_on). A CODS or treatment-court stay that bears on credits is
    entered as events; this row says where the person was and how it went."""

    term = models.ForeignKey(Term, models.PROTECT, related_name="placements")
    program = models.CharField(max_length=100)
    facility = models.CharField(max_length=200, blank=True)
    placed_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=100, blank=True)

    class Meta(Fact.Meta):
        ordering = ["placed_on", "id"]


class Condition(models.Model):
    """What the person must do or not do. `amount` of `unit` when it is counted: 40 hours, 60 sessions, 5510 cents."""

    class Kind(models.TextChoices):
        GENERAL = "general", "General"
        SPECIAL = "special", "Special"

    class CountedIn(models.TextChoices):
        NOTHING = "", "Not counted"
        HOURS = "hours", "Hours"
        SESSIONS = "sessions", "Sessions"
        CENTS = "cents", "Money"

    term = models.ForeignKey(Term, models.PROTECT, related_name="conditions")
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="conditions")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    words = models.CharField(max_length=300)
    plain_words = models.CharField(max_length=300, blank=True)  # sixth-grade English, for the participant
    plain_words_es = models.CharField(max_length=300, blank=True)
    next_step = models.CharField(max_length=300, blank=True)
    next_step_es = models.CharField(max_length=300, blank=True)
    counted_in = models.CharField(max_length=8, choices=CountedIn.choices, blank=True, default="")
    amount = models.PositiveIntegerField(default=0)
    is_restitution = models.BooleanField(default=False)  # what the court ordered paid; its progress is shown with it
    due_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)  # lifted by the court

    class Meta:
        ordering = ["kind", "id"]


class ConditionProgress(Fact):
    """Some of a condition done. `completes` says that somebody found the whole condition met."""

    condition = models.ForeignKey(Condition, models.PROTECT, related_name="progress")
    on = models.DateField()
    amount = models.PositiveIntegerField(default=0)
    completes = models.BooleanField(default=False)
    words = models.CharField(max_length=300, blank=True)

    class Meta(Fact.Meta):
        ordering = ["on", "id"]


class Note(Fact):
    """A dated note. It locks when it is saved: a correction is a new note, a mistake is voided."""

    case = models.ForeignKey(CourtCase, models.PROTECT, related_name="notes")
    on = models.DateField()
    words = models.TextField()

    class Meta(Fact.Meta):
        ordering = ["-on", "-id"]


def _document_path(document: Document, name: str) -> str:
    return f"{document.case_id}/{uuid.uuid4().hex}"  # the name a person gave never reaches the disk


class Document(Fact):
    case = models.ForeignKey(CourtCase, models.PROTECT, related_name="documents")
    title = models.CharField(max_length=200)
    file = models.FileField(upload_to=_document_path)
    file_name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    bytes = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    sha256 = models.CharField(max_length=64)

    class Meta(Fact.Meta):
        ordering = ["-entered_at"]


class Determination(models.Model):
    """A recorded answer of the law about a term: the facts, the findings, the law and the code they came from.

    `facts` and `answer` are the JSON of the command line (`waymark law ecc`), so any determination can be run again.
    The columns repeat what lists sort and filter by. One determination per term and section is `current`.
    """

    term = models.ForeignKey(Term, models.PROTECT, related_name="determinations")
    section = models.CharField(max_length=32)  # "217.703"
    as_of = models.DateField()
    known_at = models.DateTimeField()  # the record as it stood then
    computed_at = models.DateTimeField()
    cause = models.CharField(max_length=200)  # "violation report entered", "nightly", "hearing preparation"
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    code_version = models.CharField(max_length=64)
    facts = models.JSONField()
    answer = models.JSONField()
    facts_hash = models.CharField(max_length=64)
    current = models.BooleanField(default=True)

    eligible = models.CharField(max_length=16)
    credit_months = models.PositiveSmallIntegerField(null=True)
    last_day = models.DateField(null=True)
    earned_discharge_date = models.DateField(null=True)
    optimal_discharge_date = models.DateField(null=True)
    discharge_date = models.DateField(null=True)
    discharge_due = models.CharField(max_length=16)
    blocked_by = models.JSONField(default=list)

    class Meta:
        ordering = ["-computed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "section"], condition=Q(current=True), name="one_current_determination"
            )
        ]
        indexes = [models.Index(fields=["optimal_discharge_date"], condition=Q(current=True), name="discharge_ahead")]


class Deadline(models.Model):
    """A date the law sets, with its window [first_on, last_on], its owner and what it follows from."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        MET = "met", "Met"
        SUPERSEDED = "superseded", "No longer asked: the dates changed"

    term = models.ForeignKey(Term, models.PROTECT, related_name="deadlines")
    determination = models.ForeignKey(Determination, models.PROTECT, related_name="deadlines")
    name = models.CharField(max_length=100)
    cite = models.CharField(max_length=100)
    because = models.CharField(max_length=500)
    first_on = models.DateField()
    last_on = models.DateField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="deadlines")
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    met_on = models.DateField(null=True, blank=True)
    met_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    how_met = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["last_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="deadline_window_forward"),
            models.UniqueConstraint(
                fields=["term", "name"], condition=Q(state="open"), name="one_open_deadline_of_a_name"
            ),
        ]
        indexes = [models.Index(fields=["owner", "state", "last_on"], name="deadline_by_owner")]


class Task(models.Model):
    """Work a person has because of something: a changed date, with before and after."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"

    term = models.ForeignKey(Term, models.PROTECT, related_name="tasks")
    determination = models.ForeignKey(Determination, models.PROTECT, null=True, related_name="tasks")
    kind = models.CharField(max_length=32)  # "date_changed"
    words = models.CharField(max_length=500)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="tasks")
    created_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["owner", "state", "created_at"], name="task_by_owner")]


class RecomputeRun(models.Model):
    """One pass over the caseload. It remembers the last term it finished, so that a killed worker's pass is resumed
    where it stood and no term is done twice or left out."""

    as_of = models.DateField()
    cause = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    last_term_id = models.BigIntegerField(default=0)
    terms_seen = models.PositiveIntegerField(default=0)
    terms_total = models.PositiveIntegerField(default=0)
    dates_changed = models.PositiveIntegerField(default=0)
    faulty = models.JSONField(default=list)  # [{"term": id, "errors": [...]}]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["as_of", "cause"], condition=Q(finished_at=None), name="one_unfinished_run_of_a_day"
            )
        ]
