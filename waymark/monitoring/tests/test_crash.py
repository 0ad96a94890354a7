"""kill -9 of the engine and of the receiver at any moment: nothing is lost, nothing doubled, and what is believed in
the end is what an engine nobody disturbed believes.

WAYMARK_KILLS says how often the engine is killed.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.db import connection

from waymark.monitoring import engine
from waymark.monitoring.actions.receive import receive, sweep
from waymark.monitoring.models import (
    Alert,
    AlertAct,
    Call,
    Checkpoint,
    EnginePart,
    Episode,
    Feed,
    LogPart,
    LogRecord,
    RawMessage,
    Reading,
)
from waymark.monitoring.tests.feed import (
    MINUTE,
    START,
    body_of,
    fix,
    make_feed,
    make_worn,
    night_out,
    send,
    work_off,
)

pytestmark = pytest.mark.django_db(transaction=True)
WEARERS = ("A1", "B2", "C3")
KILLS = int(os.environ.get("WAYMARK_KILLS", "20"))
PATIENCE_SECONDS = 180
SMALL_BATCH = 60  # readings: one message at a time, so that there are many moments between two commits

# Waits, ready to work; each line on standard input starts a child at once, whose number it answers with.
NURSERY = """
import os, sys, time
from waymark.cli import set_up_django
set_up_django()
from waymark.monitoring import engine
from waymark.monitoring.tests.test_crash import SMALL_BATCH, receive_for_ever, work_for_ever
engine.BATCH_READINGS = SMALL_BATCH
print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if not child:
        {"work": work_for_ever, "receive": receive_for_ever}[line.strip()]()
    print(child, flush=True)
"""


def work_for_ever() -> None:
    while True:
        engine.run_once()


def receive_for_ever() -> None:
    feed = Feed.objects.get()
    for number in range(100_000):
        message = receive(feed, body_of([fix("A1", START + number * MINUTE)]), at=START + timedelta(days=100))
        os.write(2, f"{message.pk}\n".encode())


def address_of_the_database() -> str:
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    options = {"host": given["HOST"], **({"port": given["PORT"]} if given["PORT"] else {})}
    password = f":{quote(given['PASSWORD'])}" if given["PASSWORD"] else ""
    return f"postgresql://{quote(given['USER'])}{password}@/{given['NAME']}?{urlencode(options)}"


class Nursery:
    """Processes that are killed."""

    def __init__(self, said: Path) -> None:
        environment = {**os.environ, "DATABASE_URL": address_of_the_database()}
        self.said, self.heard = said, said.open("w")
        self.parent = subprocess.Popen(
            [sys.executable, "-c", NURSERY],
            env=environment,
            cwd=settings.HOME,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.heard,
            text=True,
        )
        assert self.parent.stdout
        assert self.parent.stdout.readline() == "ready\n", said.read_text()

    def start(self, what: str) -> int:
        assert self.parent.stdin
        assert self.parent.stdout
        self.parent.stdin.write(what + "\n")
        self.parent.stdin.flush()
        return int(self.parent.stdout.readline())

    def close(self) -> None:
        self.parent.communicate()
        self.heard.close()


@pytest.fixture
def nursery(transactional_db, tmp_path):
    nursery = Nursery(tmp_path / "said")
    yield nursery
    nursery.close()


def kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)


def fill_the_log(county) -> None:
    """Four nights out, in messages that come by turns and partly late."""
    feed = make_feed(county)
    for serial in WEARERS:
        make_worn(serial, agency=county)
    nights = {serial: night_out(serial) for serial in WEARERS}
    order = [(serial, first) for first in range(0, 14 * 60, 60) for serial in WEARERS]
    random.Random(7).shuffle(order)
    order.sort(key=lambda batch: batch[1] // 120)
    for serial, first in order:
        send(feed, nights[serial][first : first + 60], START + timedelta(hours=15))


def behind() -> int:
    done = dict(EnginePart.objects.values_list("part", "done_seq"))
    return sum(last - done.get(part, 0) for part, last in LogPart.objects.values_list("part", "last_seq"))


def outcome() -> dict[str, object]:
    return {
        "episodes": list(
            Episode.objects.filter(current=True)
            .order_by("episode_id")
            .values_list("episode_id", "kind", "opened_at", "closed_at", "severity", "confidence", "evidence")
        ),
        "alerts": sorted(
            Alert.objects.values_list("activation", "family", "kind", "happened_at", "cleared_at", "state", "priority")
        ),
        "readings": sorted(Reading.objects.values_list("activation", "happened_ms", "fingerprint")),
        "checkpoints": sorted(Checkpoint.objects.values_list("activation", "at_ms")),
    }


def begin_anew() -> None:
    """The log stays, everything that came of it goes."""
    for table in (Call, AlertAct, Episode, Alert, Checkpoint, Reading, EnginePart):
        table.objects.all().delete()
    RawMessage.objects.update(duplicates=0, late=0)


@pytest.fixture
def _small_batches(monkeypatch):
    monkeypatch.setattr(engine, "BATCH_READINGS", SMALL_BATCH)


@pytest.mark.usefixtures("_small_batches")
def test_it_ends_in_the_same_whenever_the_engine_is_killed(county, nursery):
    fill_the_log(county)
    records = behind()
    assert work_off() == records
    undisturbed = outcome()
    assert [kind for _, kind, *_ in undisturbed["episodes"]].count("strap_tamper") == len(WEARERS)
    choice, kills = random.Random(3), 0
    while kills < KILLS:
        begin_anew()
        while behind():
            child = nursery.start("work")
            time.sleep(choice.uniform(0.02, 1.5))
            kill(child)
            kills += 1
        assert outcome() == undisturbed
        assert nursery.said.read_text() == ""
    keys = list(Call.objects.values_list("key", flat=True))
    assert len(keys) == len(set(keys))


@pytest.mark.usefixtures("_small_batches")
def test_it_ends_in_the_same_with_two_engines_at_once(county, nursery):
    fill_the_log(county)
    both = [nursery.start("work"), nursery.start("work")]
    give_up = time.monotonic() + PATIENCE_SECONDS
    while behind() and time.monotonic() < give_up:
        time.sleep(0.1)
    for child in both:
        kill(child)
    assert not behind(), nursery.said.read_text()
    found = outcome()
    begin_anew()
    work_off()
    assert outcome() == found


def test_it_has_every_acknowledged_message_in_the_log(county, nursery):
    make_worn("A1", agency=county)
    make_feed(county)
    for seconds in (0.2, 0.5, 1.0):
        child = nursery.start("receive")
        time.sleep(seconds)
        kill(child)
    acknowledged = {int(number) for number in nursery.said.read_text().split("\n")[:-1]}
    assert acknowledged
    sweep(START + timedelta(days=300))
    assert not RawMessage.objects.filter(state="kept").exists()
    logged = list(LogRecord.objects.values_list("message_id", flat=True))
    assert len(logged) == len(set(logged)), "what was sent again after the crash was known"
    assert acknowledged <= set(logged)
