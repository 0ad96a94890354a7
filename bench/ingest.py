"""Durable ingest beside what the database can do at all, and the engine's throughput, in one run.

    ./dev bench ingest [--postgres] [--devices 500] [--minutes 20]

1. floor: the same readings as bare rows, by COPY on PostgreSQL, by bare INSERT on SQLite; one commit a message.
2. receive: every message kept, read and appended to the log, each its own two commits.
3. engine: the log worked off to readings, checkpoints, episodes and alerts.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--postgres", action="store_true")
    options.add_argument("--devices", type=int, default=500)
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
    from waymark.monitoring import engine
    from waymark.monitoring.actions.receive import receive
    from waymark.monitoring.tests.feed import body_of, fix, make_feed, make_worn

    call_command("migrate", verbosity=0)
    agency = make_agency("County")
    feed = make_feed(agency)
    serials = [f"D{number:05}" for number in range(devices)]
    for serial in serials:
        make_worn(serial, agency=agency, from_at=BEGIN - timedelta(days=1))
    sent = [[fix(serial, BEGIN + timedelta(minutes=minute)) for serial in serials] for minute in range(minutes)]
    bodies = [body_of(batch) for batch in sent]
    readings = devices * minutes
    print(f"{connection.vendor}: {devices:,} devices, {minutes} messages, {readings:,} readings")

    floor = timed(lambda: write_bare(sent))
    print(f"floor     {readings / floor:12,.0f} readings/s")
    at = BEGIN + timedelta(minutes=minutes)
    receiving = timed(lambda: [receive(feed, body, at=at) for body in bodies])
    print(f"receive   {readings / receiving:12,.0f} readings/s   {floor / receiving:6.1%} of the floor")

    def work_off() -> None:
        while engine.run_once():
            pass

    working = timed(work_off)
    print(f"engine    {readings / working:12,.0f} readings/s   backlog, {minutes} readings of each device at once")
    one = [fix(serial, BEGIN + timedelta(minutes=minutes)) for serial in serials]
    receive(feed, body_of(one), at=at + timedelta(minutes=1))
    live = timed(work_off)
    print(
        f"          {devices / live:12,.0f} readings/s   live, one message with a reading of each device, {live:.2f} s"
    )


def write_bare(sent: list[list[dict[str, object]]]) -> None:
    from django.db import connection, transaction

    names = ("activation", "happened_at", "lat", "lon", "accuracy_m")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (activation text, happened_at text, lat float, lon float, accuracy_m float)")
    for batch in sent:
        rows = [tuple(reading[name] for name in names) for reading in batch]
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy("COPY bare FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                cursor.executemany("INSERT INTO bare VALUES (%s, %s, %s, %s, %s)", rows)


def timed(act) -> float:  # type: ignore[no-untyped-def]
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
