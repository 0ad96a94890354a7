"""Work of the night: old readings into files, expired ones away."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from waymark.monitoring.history import compact, drop_expired
from waymark.web.clock import now

NIGHTLY_AT = time(3, 0)  # by the court's clock, after the caseload was determined anew


@task()
def tidy_nightly() -> int:
    """Plan the next night first, so that a night that fails is not the last. Gives how many readings moved or went."""
    plan_next_night(now())
    return compact(now()) + drop_expired(now())


def plan_next_night(at: datetime) -> None:
    """Put the next night in the queue, once: nothing is added while one is waiting there."""
    with transaction.atomic():
        ContentType.objects.select_for_update().get(app_label="monitoring", model="historyfile")
        if not _waiting().exists():
            tidy_nightly.using(run_after=_next_night(at)).enqueue()


def _next_night(at: datetime) -> datetime:
    zone = timezone.get_default_timezone()
    day = timezone.localdate(at, zone)
    tonight = datetime.combine(day, NIGHTLY_AT, zone)
    return tonight if tonight > at else datetime.combine(day + timedelta(days=1), NIGHTLY_AT, zone)


def _waiting() -> QuerySet[DBTaskResult[Any, Any]]:
    return DBTaskResult.objects.filter(task_path=tidy_nightly.module_path, status=TaskResultStatus.READY)
