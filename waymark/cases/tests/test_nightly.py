"""Every night is planned exactly once, and a run broken off by a killed worker is taken up at the next start."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from waymark.audit.models import Entry
from waymark.cases.actions.recompute import recompute
from waymark.cases.models import Determination, RecomputeRun
from waymark.cases.tasks import NIGHTLY, ensure_nightly, next_night, recompute_nightly
from waymark.cases.tests.make import make_term
from waymark.cases.tests.test_race import at_once
from waymark.web.clock import today

COURT = ZoneInfo("America/Chicago")


@pytest.fixture(autouse=True)
def _court_clock(settings):
    settings.TIME_ZONE = "America/Chicago"


def work_off_the_queue() -> None:
    """Run what is due, as the background worker does, until nothing is."""
    Worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=5,
        worker_id="test",
        excluded_queue_names=[],
    ).run()


def waiting() -> list[datetime]:
    return list(DBTaskResult.objects.filter(status="READY").values_list("run_after", flat=True))


@pytest.mark.parametrize(
    ("at", "night"),
    [
        ("2026-11-22 01:59", "2026-11-22 02:00"),
        ("2026-11-22 02:00", "2026-11-23 02:00"),
        ("2026-11-22 15:00", "2026-11-23 02:00"),
        ("2026-10-31 15:00", "2026-11-01 02:00"),  # the night has 25 hours
    ],
)
def test_it_plans_two_in_the_morning_by_the_courts_clock(at, night):
    in_court, planned = (datetime.fromisoformat(text).replace(tzinfo=COURT) for text in (at, night))
    assert next_night(in_court) == planned


def test_it_plans_a_night_without_two_o_clock_for_the_same_instant():
    """On 8 March 2026 the clock goes from 2 to 3."""
    night = next_night(datetime(2026, 3, 7, 15, tzinfo=COURT))
    assert night.astimezone(ZoneInfo("UTC")) == datetime(2026, 3, 8, 8, tzinfo=ZoneInfo("UTC"))


@pytest.mark.django_db
def test_it_plans_one_night_however_often_the_product_starts():
    at = timezone.now()
    for _ in range(3):
        ensure_nightly(at)
    assert waiting() == [next_night(at)]


@pytest.mark.django_db(transaction=True)
def test_it_plans_one_night_when_two_processes_start_at_once():
    at = timezone.now()
    at_once(*[lambda: ensure_nightly(at)] * 3)
    assert waiting() == [next_night(at)]


@pytest.mark.django_db(transaction=True)
def test_it_determines_everybody_and_plans_the_next_night(officer):
    term = make_term(officer=officer)
    recompute_nightly.using(run_after=timezone.now() - timedelta(minutes=1)).enqueue()
    work_off_the_queue()
    assert Determination.objects.get(current=True).term == term
    assert RecomputeRun.objects.get().finished_at is not None
    assert len(waiting()) == 1
    assert waiting()[0] > timezone.now()


@pytest.mark.django_db(transaction=True)
def test_it_goes_on_record_as_the_workers_own_act(officer):
    make_term(officer=officer)
    recompute_nightly.using(run_after=timezone.now() - timedelta(minutes=1)).enqueue()
    work_off_the_queue()
    acts = set(Entry.objects.values_list("verb", "origin"))
    assert {("recompute.started", "worker"), ("recompute.finished", "worker")} <= acts
    assert {origin for _, origin in acts} == {"worker"}
    recompute(today(), "on demand")
    assert Entry.objects.filter(why="on demand").values("origin").distinct().get() == {"origin": "command line"}


@pytest.mark.django_db
def test_it_finds_nothing_left_to_do_on_the_same_day(officer):
    make_term(officer=officer)
    assert recompute_nightly.call() == recompute_nightly.call() == 1
    assert RecomputeRun.objects.count() == 1
    assert len(waiting()) == 1


@pytest.mark.django_db(transaction=True)
def test_it_takes_up_todays_broken_run_when_the_product_starts(officer):
    terms = [make_term(officer=officer) for _ in range(3)]
    RecomputeRun.objects.create(
        as_of=today(), cause=NIGHTLY, started_at=timezone.now(), last_term_id=terms[0].pk, terms_seen=1, terms_total=3
    )
    at = timezone.now()
    ensure_nightly(at)
    ensure_nightly(at)
    assert sorted(waiting()) == [at, next_night(at)]
    work_off_the_queue()
    run = RecomputeRun.objects.get()
    assert (run.terms_seen, run.finished_at is None) == (3, False)
    assert waiting() == [next_night(at)]


@pytest.mark.django_db
def test_it_leaves_a_run_of_another_day_alone(officer):
    make_term(officer=officer)
    RecomputeRun.objects.create(as_of=date(2019, 5, 1), cause=NIGHTLY, started_at=timezone.now(), terms_total=1)
    at = timezone.now()
    ensure_nightly(at)
    assert waiting() == [next_night(at)]


@pytest.mark.django_db
def test_it_keeps_runs_of_different_causes_apart(officer):
    make_term(officer=officer)
    assert recompute(today(), "on demand").pk != recompute(today(), NIGHTLY).pk
