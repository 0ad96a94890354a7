"""The person, and everything that says who and where a person is. Court matters stand in `cases`.

Two records that turn out to be one person are joined by `merged_into`; nothing is moved, so a merge can be undone.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from waymark.accounts.models import Agency, Unit


class Person(models.Model):
    class Sex(models.TextChoices):
        FEMALE = "female", "Female"
        MALE = "male", "Male"
        OTHER = "other", "Other"
        NOT_RECORDED = "", "Not recorded"

    given_name = models.CharField(max_length=100)
    middle_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100)
    suffix = models.CharField(max_length=20, blank=True)
    born_on = models.DateField(null=True, blank=True)
    sex = models.CharField(max_length=8, choices=Sex.choices, blank=True, default="")
    language = models.CharField(max_length=2, choices=[("en", "English"), ("es", "Español")], default="en")
    needs_interpreter = models.BooleanField(null=True, blank=True)
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="person"
    )
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="absorbed")
    version = models.PositiveIntegerField(default=1)  # two people saving the same record: the second is told
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["family_name", "given_name", "id"]
        verbose_name_plural = "people"
        indexes = [models.Index(fields=["family_name", "given_name"], name="person_by_name")]


class PersonName(models.Model):
    """Another name the person has used."""

    class Kind(models.TextChoices):
        ALIAS = "alias", "Alias"
        FORMER = "former", "Former name"
        NICKNAME = "nickname", "Nickname"

    person = models.ForeignKey(Person, models.CASCADE, related_name="other_names")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.ALIAS)
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100, blank=True)


class SearchKey(models.Model):
    """What a person can be found by, folded so that "Jon Smyth" finds John Smith. Computed by people.identity from
    the kept record and all merged into it, and hung on the kept one; absorbed records have none. Written by
    people.actions.search_keys alone, read by search and by the look for duplicates."""

    class Kind(models.TextChoices):
        SPELLED = "spelled", "A word of a name, folded"
        SOUND = "sound", "The sound of a word of a name"
        BORN = "born", "The birth date"
        NUMBER = "number", "An identifier, letters and digits only"
        PHONE = "phone", "A telephone number, backwards, for its last digits are asked for"
        ALIKE = "alike", "What two records of one person would share and two people would not"
        WHOLE = "whole", "The sound of a whole name"

    person = models.ForeignKey(Person, models.CASCADE, related_name="search_keys")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    key = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(  # pattern operators: on PostgreSQL "starts with" uses the index whatever the collation
                fields=["kind", "key", "person"],
                name="search_key_lookup",
                opclasses=["varchar_pattern_ops", "varchar_pattern_ops", "int8_ops"],
            )
        ]


class Identifier(models.Model):
    """A number some agency knows the person by."""

    class Kind(models.TextChoices):
        DOC_NUMBER = "doc_number", "Department of Corrections number"
        STATE_ID = "state_id", "State identification number (SID)"
        FBI_NUMBER = "fbi_number", "FBI number"
        JAIL_NUMBER = "jail_number", "Inmate master number"
        LOCAL_NUMBER = "local_number", "Agency's own number"

    person = models.ForeignKey(Person, models.CASCADE, related_name="identifiers")
    agency = models.ForeignKey(Agency, models.PROTECT)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    value = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "kind", "value"], name="identifier_once")]


class ContactPoint(models.Model):
    class Kind(models.TextChoices):
        MOBILE = "mobile", "Mobile phone"
        PHONE = "phone", "Telephone"
        EMAIL = "email", "E-mail"

    person = models.ForeignKey(Person, models.CASCADE, related_name="contact_points")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    value = models.CharField(max_length=200)
    preferred = models.BooleanField(default=False)
    may_message = models.BooleanField(null=True, blank=True)  # None: never asked
    consent_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)


class Address(models.Model):
    """Where the person lives or lived, [from_on, until_on)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="addresses")
    street = models.CharField(max_length=200)
    city = models.CharField(max_length=100)
    state = models.CharField(max_length=2, default="MO")
    postal_code = models.CharField(max_length=10, blank=True)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-from_on"]
        verbose_name_plural = "addresses"
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gt=models.F("from_on")),
                name="address_ends_after_start",
            )
        ]


class EmergencyContact(models.Model):
    person = models.ForeignKey(Person, models.CASCADE, related_name="emergency_contacts")
    name = models.CharField(max_length=200)
    relationship = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=40)


class Assignment(models.Model):
    """Who answers for the person, [from_on, until_on). It stands here and not in `supervision`, because who may see a
    record follows from it (docs/decisions/0004-assignment-in-people.md)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="assignments")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="assignments")
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="assignments"
    )
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["officer", "until_on"], name="assignment_by_officer"),
            models.Index(fields=["unit", "until_on"], name="assignment_by_unit"),
            models.Index(fields=["agency", "until_on"], name="assignment_by_agency"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=models.F("from_on")),
                name="assignment_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["person", "unit"], condition=Q(until_on=None), name="one_open_assignment_per_unit"
            ),
            models.UniqueConstraint(
                fields=["person", "agency"],
                condition=Q(until_on=None, unit=None),
                name="one_open_assignment_without_unit",
            ),
        ]


class AccessRestriction(models.Model):
    """A limit on one person's record. `excluded`: this account may not see it. `restricted`: while any row of this
    kind stands, only the accounts so listed may. `message` is what a turned-away colleague reads."""

    class Kind(models.TextChoices):
        EXCLUDED = "excluded", "Excluded from this record"
        RESTRICTED = "restricted", "Among the only ones who may see this record"

    person = models.ForeignKey(Person, models.CASCADE, related_name="restrictions")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    message = models.CharField(max_length=300)
    reason = models.CharField(max_length=300)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind", "user"], name="restriction_once")]


class Merge(models.Model):
    """Two records found to be one person. `moved` lists the person ids that were pointed at `kept`, each with the
    record it pointed at before (None or an id), so that undoing restores exactly that."""

    kept = models.ForeignKey(Person, models.PROTECT, related_name="merges_kept")
    absorbed = models.ForeignKey(Person, models.PROTECT, related_name="merges_absorbed")
    moved = models.JSONField(default=list)
    why = models.CharField(max_length=300)
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    merged_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)


class NotADuplicate(models.Model):
    """Two records somebody looked at and found to be two people; they are not proposed again."""

    first = models.ForeignKey(Person, models.CASCADE, related_name="+")  # the lower id of the two
    second = models.ForeignKey(Person, models.CASCADE, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["first", "second"], name="not_a_duplicate_once")]
