"""Two people press Save at the same moment, each on a connection of her own: one is kept whole, the other is told."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection

from waymark.audit.verification import verify
from waymark.cases.actions import StaleCase, enter_event, record_determination
from waymark.cases.models import CourtCase, Determination, Event, Term

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act came to, or the exception it raised, all of them started together."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            start.wait(10)
            return act()
        except Exception as raised:
            return raised
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def test_it_keeps_one_and_tells_the_other(term, officer, unit_mate, at):
    seen = term.case.version

    def save(by, on):
        mine = Term.objects.select_related("case").get(pk=term.pk)
        return enter_event(mine, kind="violation_report", on=on, by=by, version=seen, at=at)

    came = at_once(lambda: save(officer, date(2019, 3, 4)), lambda: save(unit_mate, date(2019, 4, 9)))
    kept = [one for one in came if isinstance(one, Event)]
    told = [one for one in came if isinstance(one, StaleCase)]
    assert (len(kept), len(told)) == (1, 1)
    assert list(Event.objects.values_list("pk", flat=True)) == [kept[0].pk]
    assert CourtCase.objects.get(pk=term.case_id).version == seen + 1
    assert Determination.objects.filter(current=True).count() == 1
    assert verify() == []


def test_it_records_one_current_determination_however_many_ask_at_once(term, at):
    def ask():
        mine = Term.objects.get(pk=term.pk)
        return record_determination(mine, date(2019, 5, 1), "asked", None, at=at)

    came = at_once(ask, ask, ask)
    assert {type(one) for one in came} == {Determination}
    assert Determination.objects.count() == 1
    assert verify() == []
