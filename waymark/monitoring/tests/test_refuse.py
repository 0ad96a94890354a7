"""What a vendor may get wrong, or do on purpose: it is kept and named, and keeps nothing else waiting."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from waymark.monitoring import engine, feeds, worker
from waymark.monitoring.actions import receive as receiving
from waymark.monitoring.actions.log import append_tick
from waymark.monitoring.actions.receive import keep, sweep
from waymark.monitoring.feeds import folder_of, look_everywhere
from waymark.monitoring.models import Feed, LogRecord, RawMessage, Reading
from waymark.monitoring.tests.feed import START, body_of, fix, make_feed, make_worn, send, work_off

pytestmark = pytest.mark.django_db
State = RawMessage.State
LATER = START + timedelta(minutes=5)


@pytest.fixture
def worn(division):
    return make_worn("A1", agency=division)


@pytest.fixture
def feed(division):
    return make_feed(division)


@pytest.mark.parametrize("satellites", [-1, 40_000, 99_999])
def test_it_stores_a_reading_whose_satellites_fit_no_column_without_them(feed, worn, satellites):
    send(feed, [fix("A1", START, satellites=satellites)], START)
    assert work_off() == 1
    assert Reading.objects.get().satellites is None


def test_it_works_off_the_other_parts_when_one_cannot_be_written(feed, worn, division, monkeypatch):
    other = make_worn("A2", agency=division)
    assert worn.part != other.part
    send(feed, [fix("A1", START), fix("A2", START)], START)
    write = engine._write

    def stumble(batch, results):
        if worn.part in [stretch.part for stretch in batch.stretches]:
            raise engine.DataError("integer out of range")
        write(batch, results)

    monkeypatch.setattr(engine, "_write", stumble)
    assert engine.run_once() == 1
    assert Reading.objects.get().activation == other


@pytest.mark.parametrize("serial", ["A\ud800", "A\x00", "A\n1", "A" * 65])
def test_it_refuses_a_serial_no_device_could_have(feed, worn, serial):
    message = send(feed, [fix(serial, START), fix("A1", START)], START)
    assert (message.state, message.readings, message.unknown_devices) == (State.PARTLY, 1, [])
    [line] = message.refused
    assert line["field"] == "activation"
    assert line["words"].isprintable()


def test_it_reads_the_next_message_when_one_cannot_be_read(feed, worn, monkeypatch):
    bad, _ = keep(feed, b"bad", at=START)
    good, _ = keep(feed, body_of([fix("A1", START)]), at=START)
    find = receiving._decode_and_find

    def stumble(message, *rest):
        if message.pk == bad.pk:
            raise TypeError("nobody thought of this")
        return find(message, *rest)

    monkeypatch.setattr(receiving, "_decode_and_find", stumble)
    sweep(LATER)
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == (State.BROKEN, State.READ)
    assert bad.refused_count == 1
    assert sweep(LATER) == 0


def test_it_looks_after_feeds_again_after_any_trouble(monkeypatch):
    looked = []

    def stumble(at):
        looked.append(at)
        raise TypeError("nobody thought of this")

    monkeypatch.setattr(worker, "sweep", stumble)
    monkeypatch.setattr(worker, "FEEDS_SECONDS", 0.0)
    monkeypatch.setattr(worker, "IDLE_SECONDS", 0.0)
    monkeypatch.setattr(worker, "AFTER_TROUBLE_SECONDS", 0.0)
    worker._look_after_feeds(lambda: len(looked) >= 2)
    assert len(looked) == 2


# Files


@pytest.fixture
def folder(feed, settings, tmp_path):
    settings.VAR = tmp_path
    Feed.objects.filter(pk=feed.pk).update(way=Feed.Way.FOLDER)
    folder = folder_of(feed)
    folder.mkdir(parents=True)
    return folder


def put(file, body):
    file.write_bytes(body)
    os.utime(file, (START.timestamp(), START.timestamp()))


def test_it_takes_no_file_from_outside_the_folder(folder, tmp_path):
    put(tmp_path / "secret", b"the key of the installation")
    (folder / "readings.json").symlink_to(tmp_path / "secret")
    assert look_everywhere(LATER) == 0
    assert not RawMessage.objects.exists()


def test_it_takes_nothing_from_a_folder_that_leads_elsewhere(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    put(elsewhere / "readings.json", b"[]")
    folder.rmdir()
    folder.symlink_to(elsewhere)
    assert look_everywhere(LATER) == 0
    assert not RawMessage.objects.exists()


@pytest.mark.parametrize("name", [b"a\xff.json", b"a" * 250 + b".json"])
def test_it_takes_a_file_of_any_name_once_and_the_others_after_it(folder, worn, name):
    put(folder / os.fsdecode(name), body_of([fix("A1", START)]))
    put(folder / "b.json", body_of([fix("A1", LATER)]))
    assert look_everywhere(LATER + timedelta(minutes=1)) == 2
    assert look_everywhere(LATER + timedelta(minutes=2)) == 0
    assert RawMessage.objects.count() == 2


def test_it_takes_the_files_after_one_that_cannot_be_read(folder, worn, monkeypatch):
    put(folder / "a.json", b"[]")
    put(folder / "b.json", body_of([fix("A1", START)]))
    receive = feeds.receive

    def stumble(feed, body, **fields):
        if fields["name"] == "a.json":
            raise OSError("the disk does not answer")
        return receive(feed, body, **fields)

    monkeypatch.setattr(feeds, "receive", stumble)
    assert look_everywhere(LATER) == 1


# Fetching


@pytest.fixture
def inside():
    """A server of the installation's own network that nobody outside should reach."""

    class Inside(BaseHTTPRequestHandler):
        asked = 0

        def do_GET(self):
            type(self).asked += 1
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"secret")

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Inside)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Inside, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_it_fetches_nothing_from_inside_unless_told_that_it_may(feed, inside, settings):
    settings.MONITORING_FETCHES_INSIDE = False
    server, address = inside
    Feed.objects.filter(pk=feed.pk).update(way=Feed.Way.POLL, address=address)
    assert look_everywhere(LATER) == 0
    assert server.asked == 0
    settings.MONITORING_FETCHES_INSIDE = True
    assert look_everywhere(LATER) == 1


def test_it_follows_no_redirect(feed, inside, settings):
    settings.MONITORING_FETCHES_INSIDE = True
    server, address = inside

    class Vendor(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(302)
            self.send_header("Location", address)
            self.end_headers()

        def log_message(self, *words):
            pass

    vendor = ThreadingHTTPServer(("127.0.0.1", 0), Vendor)
    threading.Thread(target=vendor.serve_forever, daemon=True).start()
    try:
        here = f"http://127.0.0.1:{vendor.server_port}/"
        Feed.objects.filter(pk=feed.pk).update(way=Feed.Way.POLL, address=here)
        assert look_everywhere(LATER) == 0
    finally:
        vendor.shutdown()
        vendor.server_close()
    assert server.asked == 0
    assert not RawMessage.objects.exists()


# Time


def test_it_lets_time_go_by_after_a_clock_that_had_run_ahead_is_set_right(worn):
    append_tick(START + timedelta(days=300))
    assert append_tick(START) == 1
    assert LogRecord.objects.filter(kind=LogRecord.Kind.TICK).count() == 2
