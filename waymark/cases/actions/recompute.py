"""Asking the law about the whole caseload again: by night, and on demand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.cases.actions.determinations import record_determinations
from waymark.cases.facts import ECC_TERMS
from waymark.cases.models import CourtCase, RecomputeRun, Term, TermEntry

BATCH = 200  # terms in one transaction: what a killed worker loses, and how long a writer may wait

Progress = Callable[[int, int], None]  # terms seen, terms in all


def recompute(
    as_of: date, cause: str, by: User | None = None, progress: Progress | None = None, batch: int = BATCH
) -> RecomputeRun:
    """Determine every term the law speaks of, in the order of their ids, a batch to a transaction.

    1. An unfinished run of the same day and cause is taken up where it stood; else a new one begins.
    2. Each batch claims its stretch of ids by moving the run's mark on, and only then works. A second worker that
       wants the same stretch finds the mark moved and goes on behind it. A worker that is killed leaves neither a
       mark nor a determination of its unfinished batch.
    3. The run is finished when no term lies beyond the mark.
    """
    run = _run_for(as_of, cause, by)
    while _do_batch(run, by, batch):
        if progress:
            progress(run.terms_seen, run.terms_total)
    return run


def terms_to_walk(after: int = 0) -> QuerySet[Term]:
    """Terms the law speaks of, in the order of their ids."""
    said = TermEntry.objects.standing().filter(kind__in=ECC_TERMS)
    return (
        Term.objects.filter(pk__gt=after, pk__in=said.values("term"))
        .exclude(case__kind=CourtCase.Kind.MUNICIPAL)
        .order_by("pk")
    )


def _run_for(as_of: date, cause: str, by: User | None) -> RecomputeRun:
    with transaction.atomic():
        run, begun = RecomputeRun.objects.get_or_create(
            as_of=as_of,
            cause=cause,
            finished_at=None,
            defaults={"started_at": timezone.now(), "terms_total": terms_to_walk().count()},
        )
        if begun:
            record(by=by, verb="recompute.started", subject=run, why=cause, detail={"as_of": as_of.isoformat()})
    return run


def _do_batch(run: RecomputeRun, by: User | None, batch: int) -> bool:
    """One batch, all of it or nothing. False when the run is finished."""
    with transaction.atomic():
        run.refresh_from_db()
        if run.finished_at:
            return False
        term_ids = list(terms_to_walk(run.last_term_id).values_list("pk", flat=True)[:batch])
        if not _claim(run, term_ids[-1] if term_ids else None):
            return True  # another worker was first; look again
        if not term_ids:
            record(by=by, verb="recompute.finished", subject=run, why=run.cause, detail={"terms": run.terms_seen})
            return True
        done = record_determinations(term_ids, run.as_of, run.cause, by)
        RecomputeRun.objects.filter(pk=run.pk).update(
            terms_seen=F("terms_seen") + len(term_ids),
            dates_changed=F("dates_changed") + done.dates_changed,
            faulty=[*run.faulty, *({"term": pk, "errors": errors} for pk, errors in done.faulty.items())],
        )
    run.refresh_from_db()
    return True


def _claim(run: RecomputeRun, last_term_id: int | None) -> bool:
    """Move the mark from where it was seen, or finish the run there. False when it no longer stood there."""
    stands = RecomputeRun.objects.filter(pk=run.pk, last_term_id=run.last_term_id, finished_at=None)
    if last_term_id is None:
        return bool(stands.update(finished_at=timezone.now()))
    return bool(stands.update(last_term_id=last_term_id))
