"""Work done in the background: the whole caseload is determined anew every night."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from waymark.audit.origin import acting_from
from waymark.cases.actions.recompute import recompute
from waymark.cases.models import RecomputeRun
from waymark.web.clock import now, today

NIGHTLY = "nightly"
NIGHTLY_AT = time(2, 0)  # by the court's clock: the day is over for everybody, the office not yet open


@task()
def recompute_nightly() -> int:
    """Plan the next night first, so that a night that fails is not the last; then determine every term as of today.
    Returns how many terms were seen. A second time on the same day finds nothing left to do."""
    plan_next_night(now())
    as_of = today()
    done = RecomputeRun.objects.filter(as_of=as_of, cause=NIGHTLY, finished_at__isnull=False).first()
    with acting_from("worker"):
        return (done or recompute(as_of, NIGHTLY)).terms_seen


def ensure_nightly(at: datetime | None = None) -> None:
    """Called when the product starts: one night is planned, and a run whose worker was killed today goes on now."""
    at = at or now()
    plan_next_night(at)
    with transaction.atomic():
        _lock()
        broken_off = RecomputeRun.objects.filter(as_of=timezone.localdate(at), cause=NIGHTLY, finished_at=None)
        if broken_off.exists() and not _waiting().filter(run_after__lte=at).exists():
            recompute_nightly.using(run_after=at).enqueue()


def plan_next_night(at: datetime) -> None:
    """Put the next night in the queue, once: nothing is added while one is waiting there."""
    with transaction.atomic():
        _lock()
        if not _waiting().exists():
            recompute_nightly.using(run_after=next_night(at)).enqueue()


def next_night(at: datetime) -> datetime:
    """The first NIGHTLY_AT after this instant, by the court's clock."""
    zone = timezone.get_default_timezone()
    day = timezone.localdate(at, zone)
    tonight = datetime.combine(day, NIGHTLY_AT, zone)
    return tonight if tonight > at else datetime.combine(day + timedelta(days=1), NIGHTLY_AT, zone)


def _lock() -> None:
    """Two processes that start together plan one after the other; the row of the run's own type is what they share."""
    ContentType.objects.select_for_update().get(app_label="cases", model="recomputerun")


def _waiting() -> QuerySet[DBTaskResult[Any, Any]]:
    return DBTaskResult.objects.filter(task_path=recompute_nightly.module_path, status=TaskResultStatus.READY)
