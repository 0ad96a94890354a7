"""The one place that reads the clock. Rules and actions are handed the day; views and commands ask here."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    """This instant, aware."""
    return timezone.now()


def today() -> date:
    """The day in the court's own calendar (settings.TIME_ZONE)."""
    return timezone.localdate()
