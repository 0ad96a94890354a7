"""Home detention, GPS and alcohol monitoring: what was ordered, what is worn, what it said, what was found.

What a device said is kept whole before anybody reads it (`RawMessage`), then appended to the log (`LogRecord`), which
alone drives the engine: readings, checkpoints, episodes and alerts come from it and are committed with the position
(`EnginePart.done_seq`) in one transaction. Instants are aware (`_at`); inside telemetry they are milliseconds (`_ms`).
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from waymark.accounts.models import Agency
from waymark.cases.models import CourtCase, Fact
from waymark.cases.models import Order as CourtOrder
from waymark.people.models import Person

# --- What was ordered ------------------------------------------------------------------------------------------------


class MonitoringOrder(models.Model):
    """One person's monitoring in one program, from the court order to its end. What holds when stands in its standing
    `OrderVersion` rows: new, variations, end."""

    class Program(models.TextChoices):
        HOME_DETENTION = "ehd", "Electronic home detention"
        GPS = "gps", "GPS tracking"
        ALCOHOL = "scram", "Alcohol monitoring (SCRAM)"

    person = models.ForeignKey(Person, models.PROTECT, related_name="monitoring_orders")
    case = models.ForeignKey(CourtCase, models.PROTECT, related_name="monitoring_orders")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="monitoring_orders")
    program = models.CharField(max_length=8, choices=Program.choices)
    version = models.PositiveIntegerField(default=1)  # raised by every write; a second writer with the old one is told
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]


class OrderVersion(Fact):
    """What the court ordered, from `effective_at` until the next version."""

    class Kind(models.TextChoices):
        NEW = "new", "New order"
        VARIATION = "variation", "Variation"
        END = "end", "End of monitoring"

    class Alcohol(models.TextChoices):
        NOTHING = "", "Nothing ordered"
        ABSTINENCE = "abstinence", "No alcohol"
        LEVEL = "level", "Alcohol below a level"

    order = models.ForeignKey(MonitoringOrder, models.PROTECT, related_name="versions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    effective_at = models.DateTimeField()
    court_order = models.ForeignKey(CourtOrder, models.PROTECT, null=True, blank=True, related_name="+")
    home_confinement = models.BooleanField(default=False)  # the court said: at home but for an approved schedule
    stay_away = models.BooleanField(default=False)  # the court named a person or place to stay away from
    stay_away_words = models.CharField(max_length=300, blank=True)
    alcohol = models.CharField(max_length=10, choices=Alcohol.choices, blank=True, default="")
    words = models.TextField(blank=True)  # the order's own words
    reason = models.CharField(max_length=300, blank=True)  # of a variation or an end

    class Meta(Fact.Meta):
        ordering = ["effective_at", "id"]


class Agreement(models.Model):
    """The contract or the rule book, read and signed by typing one's name. A new text asks for a new signature."""

    class Paper(models.TextChoices):
        CONTRACT = "contract", "Contract"
        RULE_BOOK = "rule_book", "Rule book"

    order = models.ForeignKey(MonitoringOrder, models.PROTECT, related_name="agreements")
    paper = models.CharField(max_length=10, choices=Paper.choices)
    language = models.CharField(max_length=2, default="en")
    text_sha256 = models.CharField(max_length=64)  # of the text that was shown
    typed_name = models.CharField(max_length=200)
    signed_at = models.DateTimeField()
    witnessed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["signed_at"]


# --- What is worn ----------------------------------------------------------------------------------------------------


class Device(models.Model):
    class Kind(models.TextChoices):
        GPS = "gps", "GPS bracelet"
        RF_BRACELET = "rf_bracelet", "Radio bracelet"
        HOME_UNIT = "home_unit", "Home unit"
        ALCOHOL = "scram_cam", "Alcohol bracelet"
        READER = "reader", "Drive-by reader"
        PROTECTED = "protected", "Protected person's device"

    class State(models.TextChoices):
        IN_STOCK = "in_stock", "In stock"
        ASSIGNED = "assigned", "Assigned"
        AWAITING_RETURN = "awaiting_return", "Awaiting return"
        IN_REPAIR = "in_repair", "In repair"
        LOST = "lost", "Lost"
        RETIRED = "retired", "Retired"

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="devices")
    vendor = models.CharField(max_length=40)
    serial = models.CharField(max_length=64)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    firmware = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.IN_STOCK)
    faceplate_on = models.DateField(null=True, blank=True)  # alcohol bracelets: battery and faceplate, due at 90 days
    note = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["vendor", "serial"]
        constraints = [models.UniqueConstraint(fields=["vendor", "serial"], name="device_serial_once_per_vendor")]


class Activation(models.Model):
    """One device on one person, [from_at, until_at). Readings and everything found hang on it, never on the device, so
    that a reused device tells nothing of the one who wore it before."""

    class State(models.TextChoices):
        INSTALLING = "installing", "Being installed"
        ACTIVE = "active", "Active"
        ENDED = "ended", "Ended"

    order = models.ForeignKey(MonitoringOrder, models.PROTECT, related_name="activations")
    person = models.ForeignKey(Person, models.PROTECT, related_name="activations")
    device = models.ForeignKey(Device, models.PROTECT, related_name="activations")
    protected = models.BooleanField(default=False)  # worn by the person to be protected: positions are sealed
    partner = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="partners")
    state = models.CharField(max_length=10, choices=State.choices, default=State.INSTALLING)
    part = models.PositiveSmallIntegerField(db_index=True)  # of the log; fixed for ever
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    expected_interval_s = models.PositiveIntegerField(default=60)
    contact_buffer_s = models.PositiveIntegerField(default=900)
    grace_minutes = models.PositiveSmallIntegerField(default=5)
    end_reason = models.CharField(max_length=300, blank=True)
    readings_erased_at = models.DateTimeField(null=True, blank=True)  # nothing of it is read or evaluated again
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-from_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["device"], condition=Q(until_at=None), name="a_device_is_worn_by_one_person_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gte=F("from_at")), name="activation_ends_after_start"
            ),
        ]


class InstallationStep(models.Model):
    """A line of the checklist that was done (monitoring.md B1: six requisites and the walk-round range test)."""

    activation = models.ForeignKey(Activation, models.PROTECT, related_name="steps")
    step = models.CharField(max_length=24)
    done_at = models.DateTimeField()
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    range_ft = models.PositiveSmallIntegerField(null=True, blank=True)  # of the range test: 35, 75 or 150
    note = models.CharField(max_length=500, blank=True)  # of the range test: the dead areas

    class Meta:
        ordering = ["done_at", "id"]
        constraints = [models.UniqueConstraint(fields=["activation", "step"], name="installation_step_once")]


# --- Where and when --------------------------------------------------------------------------------------------------


class Zone(models.Model):
    """A place that matters to an order. Its shape and hours stand in its versions."""

    class Kind(models.TextChoices):
        INCLUSION = "inclusion", "Be here"
        EXCLUSION = "exclusion", "Stay out"
        VICTIM = "victim", "Stay away from a protected person"

    order = models.ForeignKey(MonitoringOrder, models.PROTECT, related_name="zones")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=100)
    is_home = models.BooleanField(default=False)

    class Meta:
        ordering = ["-is_home", "name", "id"]


class ZoneVersion(models.Model):
    """Shape, hours and tolerance of a zone, [from_at, until_at). Never edited: a change ends one and begins the next.

    `shape` and `schedule` are written as in the plan of the command line (contracts: `waymark monitor replay`):
    {"circle": {...}} or {"polygon": [...], "holes": [...]} or {"partner": true, "radius_m": ...}; a list of windows.
    """

    zone = models.ForeignKey(Zone, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    shape = models.JSONField()
    schedule = models.JSONField(default=list)
    buffer_m = models.PositiveIntegerField(default=0)
    grace_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["zone", "number"]
        constraints = [
            models.UniqueConstraint(fields=["zone", "number"], name="zone_version_number_once"),
            models.UniqueConstraint(fields=["zone"], condition=Q(until_at=None), name="one_open_zone_version"),
        ]


class ScheduleChange(models.Model):
    """A one-off change: leave from the schedule, or an extra time to be in. Asked for by the participant or entered by
    staff; it counts once EHD staff approved it."""

    class Kind(models.TextChoices):
        LEAVE = "leave", "May leave"
        EXTRA = "extra", "Must be in"

    class State(models.TextChoices):
        ASKED = "asked", "Asked for"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    order = models.ForeignKey(MonitoringOrder, models.PROTECT, related_name="schedule_changes")
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.LEAVE)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    purpose = models.CharField(max_length=200)
    place = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["from_at", "id"]
        constraints = [models.CheckConstraint(condition=Q(until_at__gt=F("from_at")), name="change_ends_after_start")]


class Suspension(models.Model):
    """Alerts of a person are recorded but do not call anybody, for one continuous span. Never silent: it is listed."""

    order = models.ForeignKey(MonitoringOrder, models.PROTECT, related_name="suspensions")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    why = models.CharField(max_length=300)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["from_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(until_at__gt=F("from_at")), name="suspension_ends_after_start")
        ]


class DriveBy(models.Model):
    """An officer listened for a bracelet at a place. Not heard is no violation by itself."""

    key = models.UUIDField(unique=True)  # made by the phone: the same visit synchronised twice is one
    activation = models.ForeignKey(Activation, models.PROTECT, related_name="drive_bys")
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reader_serial = models.CharField(max_length=64, blank=True)
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    heard = models.BooleanField()
    listened_minutes = models.PositiveSmallIntegerField(default=0)
    signal_dbm = models.SmallIntegerField(null=True, blank=True)
    strap_ok = models.BooleanField(null=True, blank=True)
    battery_ok = models.BooleanField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)
    accuracy_m = models.FloatField(null=True, blank=True)
    place = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-happened_at"]


# --- What came in ----------------------------------------------------------------------------------------------------


class Feed(models.Model):
    """A vendor's way to us. Its key is derived from the installation's secret and `key_number`, never stored."""

    class Way(models.TextChoices):
        HTTP = "http", "Posts to us"
        FOLDER = "folder", "Puts files in a folder"
        POLL = "poll", "We fetch"

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="feeds")
    vendor = models.CharField(max_length=40)  # a key of telemetry.vendors.VENDORS
    way = models.CharField(max_length=6, choices=Way.choices, default=Way.HTTP)
    address = models.CharField(max_length=500, blank=True)  # of what is polled
    cursor = models.CharField(max_length=500, blank=True)  # where polling goes on
    time_zone = models.CharField(max_length=64, blank=True)  # of files without an offset
    key_number = models.PositiveIntegerField(default=1)
    open = models.BooleanField(default=True)
    last_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["code"]


class RawMessage(models.Model):
    """What came in, whole, before anybody read it. Kept also when it could not be read."""

    class State(models.TextChoices):
        KEPT = "kept", "Kept, not yet read"
        READ = "read", "Read"
        PARTLY = "partly", "Read in part"
        BROKEN = "broken", "Could not be read"

    feed = models.ForeignKey(Feed, models.PROTECT, related_name="messages")
    key = models.CharField(max_length=64, unique=True)  # vendor's own number or the hash of the body: idempotent
    sha256 = models.CharField(max_length=64)
    body = models.BinaryField()
    name = models.CharField(max_length=200, blank=True)  # of a file
    received_at = models.DateTimeField(db_index=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.KEPT)
    readings = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=list)  # [{where, field, words}], the first hundred
    refused_count = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)  # readings that were known already
    late = models.PositiveIntegerField(default=0)  # readings older than what had been evaluated
    unknown_devices = models.JSONField(default=list)  # serials nobody wears: shown, and read again once known
    emptied_at = models.DateTimeField(null=True, blank=True)  # retention or an erasure took the body or parts of it

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [
            models.Index(fields=["received_at"], condition=~Q(state="read"), name="message_to_look_at"),
        ]


class LogPart(models.Model):
    """How far each part of the log was written. The row is locked while appending, so that numbers appear in order:
    a reader that has seen `seq` has seen everything before it."""

    part = models.PositiveSmallIntegerField(primary_key=True)
    last_seq = models.BigIntegerField(default=0)
    ticked_at = models.DateTimeField(null=True, blank=True)  # so that two engines do not both tick


class LogRecord(models.Model):
    """A batch of readings, or a tick of the clock: all the engine ever learns comes from here, so a replay is exact."""

    class Kind(models.TextChoices):
        READINGS = "readings", "Readings"
        TICK = "tick", "Time went by"
        PLAN = "plan", "A plan changed"

    part = models.PositiveSmallIntegerField()
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField()  # when it was appended: the engine's only clock
    message = models.ForeignKey(RawMessage, models.PROTECT, null=True, blank=True, related_name="log_records")
    activation = models.ForeignKey(Activation, models.PROTECT, null=True, blank=True, related_name="+")
    count = models.PositiveIntegerField(default=0)
    body = models.BinaryField(default=bytes)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["part", "seq"], name="log_record_once")]


class EnginePart(models.Model):
    """How far each part of the log was evaluated. Results and this number are committed together; who finds another
    number than the one it began with has been fenced off and writes nothing."""

    part = models.PositiveSmallIntegerField(primary_key=True)
    done_seq = models.BigIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)


class ReadingFields(models.Model):
    """A reading as columns, kept hot; older ones live in Parquet files (monitoring/history.py)."""

    activation = models.ForeignKey(Activation, models.PROTECT, related_name="+")
    happened_ms = models.BigIntegerField()
    fingerprint = models.BigIntegerField()  # of every field: the same reading twice is one row
    kind = models.PositiveSmallIntegerField()
    source = models.SmallIntegerField(default=-1)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    satellites = models.PositiveSmallIntegerField(null=True)
    hdop = models.FloatField(null=True)
    battery_pct = models.FloatField(null=True)
    strap_ok = models.BooleanField(null=True)
    motion = models.BooleanField(null=True)
    tac_g_dl = models.FloatField(null=True)
    ir_v = models.FloatField(null=True)
    temperature_f = models.FloatField(null=True)
    received_at = models.DateTimeField()
    late = models.BooleanField(default=False)
    message = models.ForeignKey(RawMessage, models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True


class Reading(ReadingFields):
    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activation", "happened_ms", "fingerprint"], name="reading_once")
        ]


class SealedReading(ReadingFields):
    """Where a protected person was. Read by the engine alone; no screen and no export shows it."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activation", "happened_ms", "fingerprint"], name="sealed_reading_once")
        ]


class HistoryFile(models.Model):
    """One Parquet file of readings: a day of a part of the log, sorted by activation and time."""

    part = models.PositiveSmallIntegerField()
    day = models.DateField()
    path = models.CharField(max_length=300, unique=True)
    readings = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    sealed = models.BooleanField(default=False)
    written_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["part", "day", "sealed"], name="history_file_once")]


class LegalHold(models.Model):
    """Nothing of this activation is compacted away or erased while it stands."""

    activation = models.ForeignKey(Activation, models.PROTECT, related_name="holds")
    why = models.CharField(max_length=300)
    from_at = models.DateTimeField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")


class Checkpoint(models.Model):
    """The engine's state of an activation at an instant. What is late is evaluated again from the last one before."""

    activation = models.ForeignKey(Activation, models.CASCADE, related_name="checkpoints")
    at_ms = models.BigIntegerField()
    plan_hash = models.CharField(max_length=64)
    state = models.JSONField()

    class Meta:
        ordering = ["activation", "at_ms"]
        constraints = [models.UniqueConstraint(fields=["activation", "at_ms"], name="checkpoint_once")]


# --- What was found and who worked it --------------------------------------------------------------------------------


class Alert(models.Model):
    """A call for a person's attention, with an owner and a clock. Whether the condition lasts (`cleared_at`) and how
    far the work is (`state`) are two things: what cleared is not thereby closed."""

    class State(models.TextChoices):
        NEW = "new", "New"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        WORKING = "working", "Being worked"
        CLOSED = "closed", "Concluded"

    class Conclusion(models.TextChoices):
        CONFIRMED = "confirmed", "Confirmed"
        NOT_CONFIRMED = "not_confirmed", "Not confirmed"
        EXCUSED = "excused", "Excused"
        EQUIPMENT = "equipment", "Equipment"
        TEST = "test", "Test"

    activation = models.ForeignKey(Activation, models.PROTECT, related_name="alerts")
    person = models.ForeignKey(Person, models.PROTECT, related_name="alerts")
    family = models.CharField(max_length=16)  # curfew, exclusion, strap, ... (telemetry.episodes)
    kind = models.CharField(max_length=24)
    zone = models.ForeignKey(Zone, models.PROTECT, null=True, blank=True, related_name="+")
    priority = models.CharField(max_length=2)  # P1 to P4
    words = models.CharField(max_length=500)
    state = models.CharField(max_length=12, choices=State.choices, default=State.NEW)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    happened_at = models.DateTimeField()  # by the device
    received_at = models.DateTimeField(null=True, blank=True)  # the message that showed it; None: silence showed it
    evaluated_at = models.DateTimeField()
    notified_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)  # the condition ended, by the device
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    conclusion = models.CharField(max_length=14, choices=Conclusion.choices, blank=True)
    reason = models.CharField(max_length=40, blank=True)  # a code of monitoring.reasons
    repeats = models.PositiveIntegerField(default=0)  # the same condition again within half an hour
    reminded = models.PositiveIntegerField(default=0)  # raised again every 24 hours while it lasts
    suspension = models.ForeignKey(Suspension, models.PROTECT, null=True, blank=True, related_name="alerts")
    escalation_step = models.PositiveSmallIntegerField(default=0)
    escalate_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)  # late data showed that it never was
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["priority", "happened_at", "id"]
        indexes = [
            models.Index(fields=["state", "priority", "happened_at"], name="alert_open"),
            models.Index(fields=["activation", "family", "state"], name="alert_by_activation"),
            models.Index(fields=["escalate_at"], name="alert_to_escalate"),
        ]


class Episode(models.Model):
    """A stretch in which the plan was not met, as the engine found it. A change is a new row: the former one is
    superseded, never deleted; `current` rows are what is believed now. `withdrawn` says that the stretch is no more."""

    episode_id = models.CharField(max_length=32)
    activation = models.ForeignKey(Activation, models.PROTECT, related_name="episodes")
    alert = models.ForeignKey(Alert, models.PROTECT, null=True, blank=True, related_name="episodes")
    family = models.CharField(max_length=16)
    kind = models.CharField(max_length=24)
    zone = models.ForeignKey(Zone, models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    severity = models.CharField(max_length=2)
    confidence = models.CharField(max_length=6)
    evidence = models.JSONField()
    rule_version = models.CharField(max_length=20)
    plan_version = models.CharField(max_length=64)
    settled_ms = models.BigIntegerField(
        null=True, blank=True
    )  # told as over by an evaluation that reached this instant
    found_at = models.DateTimeField()  # the log's instant that showed it
    current = models.BooleanField(default=True)
    withdrawn = models.BooleanField(default=False)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["opened_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["episode_id"], condition=Q(current=True), name="one_current_row_per_episode"
            )
        ]
        indexes = [models.Index(fields=["activation", "opened_at"], name="episode_by_activation")]


class AlertAct(models.Model):
    """One thing done about an alert, by a person or (by: None) by the clock."""

    class Act(models.TextChoices):
        RAISED = "raised", "Raised"
        JOINED = "joined", "Happened again"
        CHANGED = "changed", "Shown otherwise by later data"
        CLEARED = "cleared", "Condition ended"
        WITHDRAWN = "withdrawn", "Withdrawn: later data show it never was"
        NOTIFIED = "notified", "Notified"
        ESCALATED = "escalated", "Escalated"
        REMINDED = "reminded", "Raised again"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        TAKEN = "taken", "Taken"
        CALLED = "called", "Called"
        NOTE = "note", "Note"
        CONCLUDED = "concluded", "Concluded"
        REOPENED = "reopened", "Opened again"

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="acts")
    act = models.CharField(max_length=12, choices=Act.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "id"]


class Call(models.Model):
    """The outbox of notifications: one row per alert, step and person to be called; `key` makes it exactly one."""

    key = models.CharField(max_length=64, unique=True)
    alert = models.ForeignKey(Alert, models.PROTECT, related_name="calls")
    step = models.PositiveSmallIntegerField(default=0)
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )  # None: the duty board
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)


class ViolationNotice(models.Model):
    """A notice of a confirmed serious violation to the court, the prosecutor or the officer: drafted from the alert,
    changed and approved by a person, then served and acknowledged."""

    class To(models.TextChoices):
        COURT = "court", "Court"
        PROSECUTOR = "prosecutor", "Prosecuting attorney"
        OFFICER = "officer", "Supervising officer"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SERVED = "served", "Served"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        WITHDRAWN = "withdrawn", "Withdrawn"

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="notices")
    case = models.ForeignKey(CourtCase, models.PROTECT, related_name="violation_notices")
    to = models.CharField(max_length=10, choices=To.choices)
    to_name = models.CharField(max_length=200, blank=True)
    to_account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    subject = models.CharField(max_length=200)
    body = models.TextField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    drafted_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    signed_name = models.CharField(max_length=200, blank=True)
    served_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)  # of what was served
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-drafted_at", "to"]
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "case", "to"], condition=~Q(state="withdrawn"), name="one_notice_per_alert_and_party"
            )
        ]
