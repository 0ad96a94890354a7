"""Agencies, their units, and the accounts of everybody who signs in. What a role may do stands in access.py."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    OFFICER = "officer", "Officer"
    SUPERVISOR = "supervisor", "Supervisor"
    CLERK = "clerk", "Clerk"
    MONITORING_STAFF = "monitoring_staff", "Monitoring staff"
    EVALUATOR = "evaluator", "Evaluator"
    PROGRAM_INSTRUCTOR = "program_instructor", "Program instructor"
    DIVERSION_CASE_MANAGER = "diversion_case_manager", "Diversion case manager"
    JUDGE = "judge", "Judge"
    PROSECUTOR = "prosecutor", "Prosecutor"
    DEFENDER = "defender", "Defender"
    PARTICIPANT = "participant", "Participant"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"


class Scope(models.TextChoices):
    """How far a role's rights reach."""

    OWN = "own", "Own caseload"
    UNIT = "unit", "Own unit"
    AGENCY = "agency", "Own agency"
    WHOLE = "whole", "Every agency"


class Agency(models.Model):
    class Kind(models.TextChoices):
        COUNTY_CORRECTIONS = "county_corrections", "County community corrections"
        STATE_DIVISION = "state_division", "State division of probation and parole"
        PROSECUTOR = "prosecutor", "Prosecutor's office"
        COURT = "court", "Court"
        DEFENDER = "defender", "Defender's office"
        POLICE = "police", "Police department"

    name = models.CharField(max_length=200, unique=True)
    code = models.SlugField(unique=True)
    kind = models.CharField(max_length=32, choices=Kind.choices)
    phone = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "agencies"


class Unit(models.Model):
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="units")
    name = models.CharField(max_length=200)
    code = models.SlugField()
    phone = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["agency", "name"]
        constraints = [models.UniqueConstraint(fields=["agency", "code"], name="unit_code_once_per_agency")]


class User(AbstractUser):
    """An account. `unit` is None for people who serve a whole agency (judges, auditors) or none (participants)."""

    role = models.CharField(max_length=32, choices=Role.choices)
    scope = models.CharField(max_length=8, choices=Scope.choices, default=Scope.OWN)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="staff")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="staff")
    title = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=2, choices=[("en", "English"), ("es", "Español")], default="en")

    class Meta:
        ordering = ["last_name", "first_name"]
