"""What was done and seen. Rows are only ever added; each holds the hash of the row before it.

Triggers made in the first migration refuse UPDATE and DELETE in the database itself. Accounts are named, not linked:
an entry outlives the account that made it.
"""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """One act. `detail` holds field changes as {"field": [before, after]} and whatever else the verb needs."""

    number = models.PositiveBigIntegerField(unique=True)  # 1, 2, 3 ...: a gap is a removed row
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)  # None: the system itself
    actor = models.CharField(max_length=200)  # the name as it was that day
    role = models.CharField(max_length=32, blank=True)
    verb = models.CharField(max_length=64)  # "person.viewed", "event.entered"
    subject_kind = models.CharField(max_length=64, blank=True)  # "people.person"
    subject_id = models.CharField(max_length=64, blank=True)
    person_id = models.BigIntegerField(null=True)  # whose record it was
    why = models.TextField(blank=True)
    origin = models.CharField(max_length=200, blank=True)  # address, or "command line", "worker"
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(fields=["person_id", "number"], name="audit_by_person"),
            models.Index(fields=["actor_id", "number"], name="audit_by_actor"),
            models.Index(fields=["subject_kind", "subject_id", "number"], name="audit_by_subject"),
        ]


class Head(models.Model):
    """The one row that says where the chain ends. Locked while an entry is added; shows a tail that was cut off."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
