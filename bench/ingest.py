"""Durable ingest beside what the database can do at all, and the engine's throughput, in one run.

    ./dev bench ingest [--postgres] [--devices 200] [--minutes 20]

1. ceiling: the same readings as bare rows, by COPY on PostgreSQL, by bare INSERT on SQLite; one commit a message.
2. receive: every message of 1,000 readings kept, read and appended to the log, each its own two commits.
3. engine: that log worked off to readings, checkpoints, episodes and alerts; then one reading of each device at once.
4. urgent: while a backlog is being worked, a strap is cut every quarter of a second: from receipt to the P1 alert.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

BEGIN = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
PER_MESSAGE = 1_000
CUTS = 20
CUT_EVERY_SECONDS = 0.25


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--postgres", action="store_true")
    options.add_argument("--devices", type=int, default=200)
    options.add_argument("--minutes", type=int, default=20)
    asked = options.parse_args()
    with ExitStack() as stack:
        os.environ["WAYMARK_VAR"] = stack.enter_context(tempfile.TemporaryDirectory())
        os.environ.pop("DATABASE_URL", None)
        if asked.postgres:
            from tests import postgres

            os.environ["DATABASE_URL"] = stack.enter_context(postgres.cluster())
        from waymark.cli import set_up_django

        set_up_django()
        measure(asked.devices, asked.minutes)
        from django.db import connection

        connection.close()


def measure(devices: int, minutes: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    from waymark.accounts.tests.make import make_agency
    from waymark.monitoring.actions.receive import receive
    from waymark.monitoring.tests.feed import body_of, fix, make_feed, make_worn, work_off

    call_command("migrate", verbosity=0)
    agency = make_agency("County")
    feed = make_feed(agency)
    serials = [f"D{number:05}" for number in range(devices)]
    for serial in (*serials, *cut_serials()):
        make_worn(serial, agency=agency, from_at=BEGIN - timedelta(days=1))

    def messages(first: int) -> list[bytes]:
        said = [
            fix(serial, BEGIN + timedelta(minutes=first + minute)) for minute in range(minutes) for serial in serials
        ]
        return [body_of(said[start : start + PER_MESSAGE]) for start in range(0, len(said), PER_MESSAGE)]

    def receive_all(bodies: list[bytes], minute: int) -> Took:
        return timed(lambda: [receive(feed, body, at=BEGIN + timedelta(minutes=minute)) for body in bodies])

    readings = devices * minutes
    bodies = messages(0)
    print(f"{connection.vendor}: {devices:,} devices, {readings:,} readings in messages of {PER_MESSAGE:,}")
    ceiling = timed(lambda: write_bare(bodies))
    tell("ceiling", readings, ceiling, ceiling)
    warm_up()
    receiving = receive_all(bodies, minutes)
    tell("receive", readings, receiving, ceiling)
    working = timed(work_off)
    tell("engine", readings, working, ceiling, ", backlog")
    at = BEGIN + timedelta(minutes=minutes)
    receive(feed, body_of(fix(serial, at) for serial in serials), at=at)
    live = timed(work_off)
    print(f"live      {live.wall:.2f} s, {live.cpu:.2f} s of own processor time: one reading of each device")
    receive_all(messages(minutes + 1), 2 * minutes + 1)
    receive_all(messages(2 * minutes + 1), 3 * minutes + 1)
    took = cut_straps(feed, BEGIN + timedelta(minutes=3 * minutes + 1))
    print(
        f"urgent    p50 {statistics.median(took):.2f} s, slowest of {len(took)} {max(took):.2f} s   "
        f"from receipt of a cut strap to its alert, {2 * readings:,} readings waiting at first"
    )


def warm_up() -> None:
    """The rules are compiled, or fetched from disk, once in a process's life: that is not a part of the figures."""
    from waymark.telemetry.evaluate import replay
    from waymark.telemetry.plan import Participant, Plan
    from waymark.telemetry.readings import Reading

    replay(Plan("America/Chicago", (Participant("1"),)), [Reading("1", 1_772_474_400_000, "status")])


def cut_serials() -> list[str]:
    return [f"CUT{number:02}" for number in range(CUTS)]


def cut_straps(feed, at: datetime) -> list[float]:  # type: ignore[no-untyped-def]
    """Seconds from the beginning of receipt to the moment the alert can be seen, with an engine at work beside."""
    from django.db import connection

    from waymark.monitoring import engine
    from waymark.monitoring.actions.receive import receive
    from waymark.monitoring.models import Alert
    from waymark.monitoring.tests.feed import body_of, fix

    seen: dict[str, float] = {}
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            if not engine.run_once():
                time.sleep(0.02)
            for serial in Alert.objects.filter(priority="P1").values_list("activation__device__serial", flat=True):
                seen.setdefault(serial, time.perf_counter())
        connection.close()

    beside = threading.Thread(target=work)
    beside.start()
    sent = {}
    for serial in cut_serials():
        sent[serial] = time.perf_counter()
        receive(feed, body_of([fix(serial, at, strap_ok=False)]), at=at)
        time.sleep(CUT_EVERY_SECONDS)
    give_up = time.monotonic() + 60
    while len(seen) < len(sent) and time.monotonic() < give_up:
        time.sleep(0.05)
    stop.set()
    beside.join()
    return [seen[serial] - sent[serial] for serial in sent]


def write_bare(bodies: list[bytes]) -> None:
    from django.db import connection, transaction

    names = ("activation", "happened_at", "lat", "lon", "accuracy_m")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (activation text, happened_at text, lat float, lon float, accuracy_m float)")
    for body in bodies:
        rows = [tuple(reading[name] for name in names) for reading in json.loads(body)]
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy("COPY bare FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                cursor.executemany("INSERT INTO bare VALUES (%s, %s, %s, %s, %s)", rows)


class Took(NamedTuple):
    """Seconds by the clock, and of this process's own processor time: others may be at work on the machine."""

    wall: float
    cpu: float


def timed(act) -> Took:  # type: ignore[no-untyped-def]
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


def tell(what: str, readings: int, took: Took, ceiling: Took, words: str = "") -> None:
    share = f"{ceiling.wall / took.wall:6.1%} of the ceiling"
    by_cpu = f"{readings / took.cpu:9,.0f} a second of own processor time"
    print(f"{what:9} {readings / took.wall:9,.0f} readings/s  {share}  {by_cpu}{words}")


if __name__ == "__main__":
    main()
