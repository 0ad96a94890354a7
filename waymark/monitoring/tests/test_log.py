"""Numbers of the log: in order, without a gap, also when many write at once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from waymark.monitoring.actions.log import Worn, append_readings, append_tick, plan_changed, readings_in, since_ms
from waymark.monitoring.models import LogPart, LogRecord
from waymark.monitoring.parts import PARTS, part_of
from waymark.monitoring.tests.feed import START, make_worn
from waymark.telemetry.readings import Reading


def said(activation: int, minute: int) -> Reading:
    return Reading(str(activation), int(START.timestamp() * 1000) + minute * 60_000, "fix", 38.65, -90.33, 8.0, "gps")


def test_it_puts_a_serial_into_the_same_part_on_every_machine():
    assert PARTS == 64
    assert [part_of(serial) for serial in ("A1", "T00001", "CC6740")] == [13, 62, 7]


@pytest.mark.django_db
def test_it_gives_readings_back_as_they_were():
    given = [said(5, 1), Reading("5", 7, "alcohol", tac_g_dl=0.021, strap_ok=False, satellites=0)]
    append_readings({Worn(5, 3): given}, None, START)
    record = LogRecord.objects.get()
    assert (record.part, record.seq, record.count) == (3, 1, 2)
    assert readings_in(record) == given


@pytest.mark.django_db
def test_it_writes_nothing_when_the_caller_fails():
    append_readings({Worn(5, 3): [said(5, 1)]}, None, START)
    with transaction.atomic():
        append_readings({Worn(5, 3): [said(5, 2)]}, None, START)
        transaction.set_rollback(True)
    append_readings({Worn(5, 3): [said(5, 3)]}, None, START)
    assert list(LogRecord.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2]


@pytest.mark.django_db
def test_it_ticks_once_for_the_parts_in_which_somebody_is_monitored():
    worn = make_worn("A1")
    make_worn("B2", state="ended", until_at=START + timedelta(days=1))
    assert append_tick(START) == 1
    assert append_tick(START + timedelta(seconds=5)) == 0, "another engine ticked"
    assert append_tick(START + timedelta(seconds=30)) == 1
    assert set(LogRecord.objects.values_list("part", "kind")) == {(worn.part, "tick")}


@pytest.mark.django_db
def test_it_tells_every_activation_of_an_order_that_the_plan_changed():
    worn = make_worn("A1")
    plan_changed(worn.order, START - timedelta(days=2), made_at=START)
    record = LogRecord.objects.get()
    assert (record.activation_id, record.at) == (worn.pk, START)
    assert since_ms(record) == int((START - timedelta(days=2)).timestamp() * 1000)


@pytest.mark.django_db
def test_it_tells_the_one_who_must_stay_away_of_the_protected_persons_device():
    wearer = make_worn("A1")
    protected = make_worn("V1", protected=True, partner=wearer)
    plan_changed(protected, START, made_at=START)
    assert set(LogRecord.objects.values_list("activation_id", flat=True)) == {wearer.pk, protected.pk}


@pytest.mark.django_db(transaction=True)
def test_it_numbers_without_a_gap_when_many_write_at_once():
    failed: list[BaseException] = []

    def write() -> None:
        try:
            for minute in range(20):
                append_readings({Worn(5, 3): [said(5, minute)], Worn(6, 9): [said(6, minute)]}, None, START)
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    for part in (3, 9):
        assert list(LogRecord.objects.filter(part=part).order_by("seq").values_list("seq", flat=True)) == [
            *range(1, 81)
        ]
        assert LogPart.objects.get(part=part).last_seq == 80
    connection.close()
