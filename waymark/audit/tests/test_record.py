from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from waymark.audit.actions import Act, record, record_all
from waymark.audit.models import Entry, Head
from waymark.audit.origin import acting_from
from waymark.audit.verification import verify


def test_it_links_each_entry_to_the_one_before(officer):
    first = record(by=officer, verb="person.viewed", subject=officer, person_id=7, why="asked at the desk")
    second = record(by=None, verb="law.recomputed")
    assert [first.number, second.number] == [1, 2]
    assert second.previous_hash == first.hash
    assert Head.objects.get().hash == second.hash


def test_it_keeps_who_what_why_and_from_where(officer):
    with acting_from("203.0.113.9"):
        record(by=officer, verb="person.changed", subject=officer.unit, person_id=7, why="new order", detail={"a": 1})
    entry = Entry.objects.get()
    assert (entry.actor, entry.role, entry.actor_id) == ("Rosa Alvarez", "officer", officer.pk)
    assert (entry.subject_kind, entry.subject_id) == ("accounts.unit", str(officer.unit.pk))
    assert (entry.why, entry.origin, entry.detail) == ("new order", "203.0.113.9", {"a": 1})


def test_it_says_the_system_when_nobody_acted(db):
    assert record(by=None, verb="law.recomputed").actor == "the system"


def test_it_writes_dates_as_text_and_refuses_what_json_cannot_hold(db):
    entry = record(by=None, verb="x.done", detail={"changes": {"born_on": [None, date(1981, 3, 4)]}})
    assert entry.detail == {"changes": {"born_on": [None, "1981-03-04"]}}
    with pytest.raises(TypeError):
        record(by=None, verb="x.done", detail={"file": object()})
    with pytest.raises(ValueError, match="JSON"):
        record(by=None, verb="x.done", detail={"score": float("nan")})


def test_it_keeps_text_that_a_database_would_refuse(db):
    entry = record(by=None, verb="x.done", why="a\x00b", detail={"words": "c\x00\ud800"})
    entry.refresh_from_db()
    assert entry.why == "a\ufffdb"


def test_it_adds_many_in_one_go_and_in_their_order(officer, django_assert_max_num_queries):
    first = record(by=None, verb="x.begun")
    acts = [Act(by=officer, verb="x.done", subject=officer, person_id=n, why=f"the {n}.") for n in range(200)]
    with acting_from("worker"), django_assert_max_num_queries(5):
        added = record_all(acts)
    last = record(by=None, verb="x.finished")
    assert [entry.number for entry in added] == list(range(2, 202))
    assert (added[0].previous_hash, last.previous_hash) == (first.hash, added[-1].hash)
    kept = Entry.objects.filter(verb="x.done")
    assert [(entry.person_id, entry.why) for entry in kept] == [(n, f"the {n}.") for n in range(200)]
    assert set(kept.values_list("actor", "origin", "subject_id")) == {("Rosa Alvarez", "worker", str(officer.pk))}
    assert verify() == []


def test_it_leaves_the_chain_alone_when_nothing_was_done(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert record_all([]) == []


def test_it_adds_none_of_many_when_one_cannot_be_kept(db):
    with pytest.raises(TypeError), transaction.atomic():
        record_all([Act(by=None, verb="x.done"), Act(by=None, verb="x.done", detail={"file": object()})])
    assert not Entry.objects.exists()
    assert Head.objects.get().number == 0


@pytest.mark.django_db(transaction=True)
def test_it_must_share_the_transaction_of_the_act():
    with pytest.raises(transaction.TransactionManagementError, match="outside transaction"):
        record(by=None, verb="x.done")
    with pytest.raises(transaction.TransactionManagementError, match=r"x\.done, y\.done outside"):
        record_all([Act(by=None, verb="y.done"), Act(by=None, verb="x.done")])


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET why = 'another'", "DELETE FROM audit_entry"])
def test_the_database_itself_refuses_to_change_or_remove(db, statement):
    record(by=None, verb="x.done", why="as it was")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.get().why == "as it was"
