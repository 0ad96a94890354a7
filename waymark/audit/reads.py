"""Questions to the audit chain."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db.models import Model, QuerySet
from django.utils import timezone

from waymark.audit.models import Entry


def entries_about(person_id: int) -> QuerySet[Entry]:
    """Every act on one person's record, the latest first."""
    return Entry.objects.filter(person_id=person_id).order_by("-number")


def changes_to(subject: Model) -> list[Entry]:
    """The entries that changed fields of `subject`, the latest first; see detail["changes"]."""
    about = Entry.objects.filter(subject_kind=subject._meta.label_lower, subject_id=str(subject.pk))
    return list(about.filter(detail__has_key="changes").order_by("-number"))


def entries(
    *,
    person_id: int | None = None,
    actor: str = "",
    verb: str = "",
    from_on: date | None = None,
    last_on: date | None = None,
) -> QuerySet[Entry]:
    """What the auditor asks for, the latest first. `actor` is an account's number or part of a name; `verb` its
    beginning ("person." finds every act on persons); both days belong to the range."""
    found = Entry.objects.order_by("-number")
    if person_id is not None:
        found = found.filter(person_id=person_id)
    if actor.isdecimal():
        found = found.filter(actor_id=int(actor))
    elif actor:
        found = found.filter(actor__icontains=actor)
    if verb:
        found = found.filter(verb__startswith=verb)
    if from_on:
        found = found.filter(at__gte=_midnight(from_on))
    if last_on:
        found = found.filter(at__lt=_midnight(last_on + timedelta(days=1)))
    return found


def verbs() -> list[str]:
    """Every verb that occurs."""
    return list(Entry.objects.order_by("verb").values_list("verb", flat=True).distinct())


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
