"""The whole caseload is determined anew: resumable, by several workers at once, nothing lost, nothing doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.db import connection

from waymark.audit.models import Entry
from waymark.audit.verification import verify
from waymark.cases.actions.determinations import record_determinations
from waymark.cases.actions.recompute import recompute
from waymark.cases.models import Determination, RecomputeRun, Task, Term
from waymark.cases.tests.make import make_case, make_charge, make_culp_term, make_event, make_term
from waymark.cases.tests.test_race import at_once

TODAY = date(2019, 5, 1)


@pytest.fixture
def terms(officer) -> list[Term]:
    """Twelve running terms, two of them Culp's."""
    case = make_case(officer=officer)
    return [make_culp_term(case=case) if n % 6 == 0 else make_term(case) for n in range(12)]


@pytest.mark.django_db
def test_it_determines_every_term_the_law_speaks_of(terms, officer):
    make_term(officer=officer, kind="diversion")
    municipal = make_case(officer=officer, kind="municipal")
    make_term(municipal, charge=make_charge(municipal))
    run = recompute(TODAY, "on demand", officer, batch=5)
    assert run.finished_at is not None
    assert (run.terms_seen, run.terms_total, run.dates_changed, run.faulty) == (12, 12, 0, [])
    current = Determination.objects.filter(current=True)
    assert set(current.values_list("term", flat=True)) == {term.pk for term in terms}
    assert set(current.values_list("cause", flat=True)) == {"on demand"}


@pytest.mark.django_db
def test_it_adds_nothing_a_second_time(terms):
    recompute(TODAY, "nightly")
    again = recompute(TODAY + timedelta(days=1), "nightly")
    assert again.terms_seen == 12
    assert Determination.objects.count() == 12
    assert Entry.objects.filter(verb="determination.recorded").count() == 12
    assert not Task.objects.exists()


@pytest.mark.django_db
def test_it_finds_the_same_by_night_as_on_demand(terms):
    recompute(TODAY, "nightly", batch=5)
    by_night = {row.term_id: row.answer for row in Determination.objects.all()}
    Determination.objects.all().update(current=False)
    alone = {term.pk: record_determinations([term.pk], TODAY, "asked", None) for term in terms}
    assert {pk: said.determinations[pk].answer for pk, said in alone.items()} == by_night


@pytest.mark.django_db
def test_it_counts_changed_dates_and_lists_faulty_facts(terms):
    recompute(TODAY, "nightly")
    make_event(terms[1], "violation_report", date(2019, 4, 9))
    make_event(terms[2], "custody_end", date(2019, 4, 9))
    run = recompute(TODAY + timedelta(days=1), "nightly", batch=5)
    assert run.dates_changed == 1
    [faulty] = run.faulty
    assert faulty["term"] == terms[2].pk
    assert "custody_end" in faulty["errors"][0]
    assert sorted(Task.objects.values_list("term", "kind")) == [
        (terms[1].pk, "date_changed"),
        (terms[2].pk, "facts_faulty"),
    ]


@pytest.mark.django_db
def test_it_goes_on_past_facts_on_which_the_rule_itself_fails(terms, monkeypatch, caplog):
    from waymark.law.missouri import ecc_217_703 as ecc

    real = ecc.determine
    monkeypatch.setattr(ecc, "determine", lambda facts: 1 / 0 if len(facts.events) == 2 else real(facts))
    run = recompute(TODAY, "nightly")
    assert [row["term"] for row in run.faulty] == [terms[0].pk, terms[6].pk]
    assert Determination.objects.count() == 10
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.django_db
def test_it_tells_how_far_it_is(terms):
    told: list[tuple[int, int]] = []
    recompute(TODAY, "on demand", progress=lambda seen, total: told.append((seen, total)), batch=5)
    assert told[:3] == [(5, 12), (10, 12), (12, 12)]


@pytest.mark.django_db
def test_it_asks_a_constant_number_of_queries_of_a_batch_with_nothing_new(terms, django_assert_max_num_queries):
    recompute(TODAY, "nightly")
    with django_assert_max_num_queries(60):
        recompute(TODAY + timedelta(days=1), "nightly", batch=12)


# A worker that stops in the middle of its second batch, with rows of that batch written and not yet committed.
WORKER = """
import sys, time, django
django.setup()
from datetime import date
from waymark.cases.actions import determinations
from waymark.cases.actions.recompute import recompute

real, batches = determinations.record_all, []

def record_all(acts):
    batches.append(acts)
    if len(batches) == 2:
        print("in the middle", flush=True)
        time.sleep(60)
    return real(acts)

determinations.record_all = record_all
recompute(date(2019, 5, 1), "nightly", batch=5)
"""


@pytest.mark.django_db(transaction=True)
def test_it_goes_on_where_a_killed_worker_stood(terms):
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER], stdout=subprocess.PIPE, text=True, env=os.environ | _same_database()
    )
    assert worker.stdout is not None
    with worker.stdout:
        assert worker.stdout.readline() == "in the middle\n"
        worker.send_signal(signal.SIGKILL)
    assert worker.wait(10) == -signal.SIGKILL

    broken_off = RecomputeRun.objects.get()
    first_five = [term.pk for term in terms[:5]]
    assert (broken_off.finished_at, broken_off.last_term_id, broken_off.terms_seen) == (None, first_five[-1], 5)
    kept = list(Determination.objects.order_by("term").values_list("pk", "term"))
    assert [term for _, term in kept] == first_five
    assert verify() == []

    resumed = recompute(TODAY, "nightly", batch=5)
    assert (resumed.pk, resumed.terms_seen, resumed.finished_at is None) == (broken_off.pk, 12, False)
    assert Determination.objects.count() == Determination.objects.filter(current=True).count() == 12
    assert set(kept) <= set(Determination.objects.values_list("pk", "term"))
    assert verify() == []

    answers = {row.term_id: row.answer for row in Determination.objects.all()}
    Determination.objects.all().update(current=False)
    undisturbed = record_determinations([term.pk for term in terms], TODAY, "asked", None)
    assert answers == {pk: row.answer for pk, row in undisturbed.determinations.items()}


@pytest.mark.django_db(transaction=True)
def test_it_shares_one_run_among_workers(terms):
    all_have_begun = Barrier(3)

    def work() -> RecomputeRun:
        batches: list[int] = []

        def after_each_batch(seen: int, _: int) -> None:
            batches.append(seen)
            if len(batches) == 1:
                all_have_begun.wait(20)

        return recompute(TODAY, "nightly", progress=after_each_batch, batch=2)

    came = at_once(work, work, work)
    assert {type(one) for one in came} == {RecomputeRun}
    run = RecomputeRun.objects.get()
    assert (run.terms_seen, run.finished_at is None) == (12, False)
    assert Determination.objects.count() == 12
    assert Entry.objects.filter(verb="recompute.finished").count() == 1
    assert verify() == []


def _same_database() -> dict[str, str]:
    """The environment in which another process opens the database of this test."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{given['NAME']}"
    else:
        where = f"host={given['HOST']}&port={given['PORT']}"
        url = f"postgresql://{given['USER']}:{given['PASSWORD']}@/{given['NAME']}?{where}"
    return {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "waymark.sites.staff.settings"}
