"""What comes in is kept first, whole, and nothing of it is lost or counted twice."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest

from waymark.monitoring.actions import receive as receiving
from waymark.monitoring.actions.log import readings_in
from waymark.monitoring.actions.receive import keep, read_again, read_unknown, receive, sweep
from waymark.monitoring.models import LogRecord, RawMessage
from waymark.monitoring.tests.feed import START, body_of, fix, make_feed, make_worn, send

pytestmark = pytest.mark.django_db
State = RawMessage.State


@pytest.fixture
def worn(county):
    return make_worn("A1", agency=county)


@pytest.fixture
def feed(county):
    return make_feed(county)


def logged() -> list[tuple[str, int]]:
    return [
        (reading.activation, reading.happened_ms)
        for record in LogRecord.objects.filter(kind="readings").order_by("part", "seq")
        for reading in readings_in(record)
    ]


def test_it_keeps_the_body_whole_and_hashed(feed, worn):
    body = body_of([fix("A1", START)])
    message = receive(feed, body, at=START)
    kept = RawMessage.objects.get(pk=message.pk)
    assert bytes(kept.body) == body
    assert kept.sha256 == sha256(body).hexdigest()
    assert (kept.state, kept.readings, kept.refused, kept.received_at) == (State.READ, 1, [], START)
    assert logged() == [(str(worn.pk), int(START.timestamp() * 1000))]


def test_it_takes_the_same_message_once(feed, worn):
    body = body_of([fix("A1", START)])
    first, again = keep(feed, body, at=START)
    second, duplicate = keep(feed, body, at=START + timedelta(hours=1))
    receiving.read(first, START)
    receiving.read(second, START)
    assert (again, duplicate, first.pk) == (False, True, second.pk)
    assert len(logged()) == 1


def test_it_never_drops_a_body_for_a_number_that_came_twice(feed, worn):
    receive(feed, body_of([fix("A1", START)]), "17", at=START)
    receive(feed, body_of([fix("A1", START + timedelta(minutes=1))]), "17", at=START)
    assert len(logged()) == 2


def test_it_reads_in_the_next_sweep_what_a_crash_left(feed, worn):
    message, _ = keep(feed, body_of([fix("A1", START)]), at=START)
    assert sweep(START) == 0, "the one who received it may still be reading"
    assert sweep(START + timedelta(minutes=5)) == 1
    message.refresh_from_db()
    assert message.state == State.READ
    assert len(logged()) == 1
    assert sweep(START + timedelta(minutes=5)) == 0


def test_it_keeps_what_cannot_be_read(feed, worn):
    message = receive(feed, b"\x00\xff not a reading", at=START)
    assert message.state == State.BROKEN
    assert message.refused_count == 1
    assert "Send CSV or JSON" in message.refused[0]["words"]
    assert bytes(message.body) == b"\x00\xff not a reading"


def test_it_keeps_what_stops_a_decoder(feed, worn, monkeypatch):
    def stumble(*args, **more):
        raise KeyError("lat")

    vendor = type("Stumbling", (), {"says_who": True, "decode": stumble})
    monkeypatch.setitem(receiving.VENDORS, "generic", vendor)
    message = receive(feed, b"[]", at=START)
    assert message.state == State.BROKEN
    assert "KeyError" in message.refused[0]["words"]


def test_it_takes_the_good_lines_of_a_bad_message(feed, worn):
    message = send(feed, [fix("A1", START), fix("A1", START, lat="north")], START)
    assert (message.state, message.readings, message.refused_count) == (State.PARTLY, 1, 1)
    assert message.refused[0]["field"] == "lat"


def test_it_refuses_a_reading_of_the_future(feed, worn):
    message = send(feed, [fix("A1", START + timedelta(minutes=4)), fix("A1", START + timedelta(hours=3))], START)
    assert (message.readings, message.refused_count) == (1, 1)
    assert "clock" in message.refused[0]["words"]


def test_it_gives_a_reused_device_to_the_one_who_wore_it_then(feed, worn, county):
    until = START + timedelta(hours=1)
    worn.until_at, worn.state = until, "ended"
    worn.save()
    second = make_worn("B9", agency=county)
    second.device, second.from_at = worn.device, START + timedelta(hours=2)
    second.save()
    message = send(
        feed,
        [
            fix("A1", START),
            fix("A1", until - timedelta(milliseconds=1)),
            fix("A1", until),
            fix("A1", START + timedelta(hours=2)),
        ],
        START + timedelta(hours=3),
    )
    owners = [owner for owner, _ in logged()]
    assert sorted(owners) == sorted([str(worn.pk)] * 2 + [str(second.pk)])
    assert (message.unknown_devices, message.state) == (["A1"], State.PARTLY), "from 13:00 to 14:00 nobody wore it"


def test_it_hears_no_device_of_another_agency(worn, court):
    message = send(make_feed(court, code="other"), [fix("A1", START)], START)
    assert (message.unknown_devices, logged()) == (["A1"], [])


def test_it_reads_a_message_again_once_somebody_wears_the_device(feed, worn, county):
    message = send(feed, [fix("A1", START), fix("Z9", START)], START)
    assert (message.readings, message.unknown_devices, message.state) == (1, ["Z9"], State.PARTLY)
    newly = make_worn("Z9", agency=county)
    assert read_unknown(newly, START) == 1
    message.refresh_from_db()
    assert (message.readings, message.unknown_devices, message.state) == (2, [], State.READ)
    assert sorted(owner for owner, _ in logged()) == sorted([str(worn.pk), str(newly.pk)])


def test_it_reads_a_broken_message_again_after_the_feed_was_mended(feed, worn, administrator):
    feed.vendor = "moj-trial"
    feed.save()
    message = receive(feed, body_of([fix("A1", START)]), at=START)
    assert message.state == State.BROKEN
    feed.vendor = "generic"
    feed.save()
    assert read_again(RawMessage.objects.get(pk=message.pk), by=administrator, at=START).state == State.READ
    assert len(logged()) == 1
