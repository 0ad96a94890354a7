"""The engine's process: works off the log, lets time go by, sends calls; beside it, a thread looks after the feeds that
do not post to us, so that a vendor's slow server keeps no alert waiting."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from django.db import DatabaseError, connection

from waymark.audit.origin import acting_from
from waymark.monitoring.actions.calls import escalate_due, send_calls
from waymark.monitoring.actions.log import TICK_EVERY, append_tick
from waymark.monitoring.actions.receive import sweep
from waymark.monitoring.engine import run_once
from waymark.monitoring.feeds import look_everywhere
from waymark.web.clock import now

IDLE_SECONDS = 0.2
FEEDS_SECONDS = 5.0
ESCALATE_SECONDS = 1.0
AFTER_TROUBLE_SECONDS = 2.0

log = logging.getLogger(__name__)


def work(stop: Callable[[], bool]) -> None:
    """Until told to stop; then the batch at hand is finished."""
    beside = threading.Thread(target=_look_after_feeds, args=(stop,), name="feeds", daemon=True)
    beside.start()
    ticks, rungs = _Every(TICK_EVERY.total_seconds()), _Every(ESCALATE_SECONDS)
    while not stop():
        try:
            with acting_from("worker"):
                if ticks.is_due():
                    append_tick(now())
                done = run_once()
                if rungs.is_due():
                    escalate_due(now())
                send_calls(now())
        except DatabaseError:
            _recover()
            continue
        if not done:
            time.sleep(IDLE_SECONDS)
    beside.join(FEEDS_SECONDS)


def work_once() -> int:
    """Everything there is to do now, and no more; gives how many records of the log were done."""
    with acting_from("worker"):
        sweep(now())
        look_everywhere(now())
        append_tick(now())
        done = 0
        while step := run_once():
            done += step
        escalate_due(now())
        send_calls(now())
    return done


def _look_after_feeds(stop: Callable[[], bool]) -> None:
    due = _Every(FEEDS_SECONDS)
    while not stop():
        if due.is_due():
            try:
                with acting_from("worker"):
                    sweep(now())
                    look_everywhere(now())
            except Exception:  # whatever it is, a thread that ends would take no file and fetch nothing any more
                _recover()
        time.sleep(IDLE_SECONDS)
    connection.close()


def _recover() -> None:
    """A database that restarts, or is busy for long, is no reason to stop: nothing half-done was written."""
    log.exception("the round was broken off; trying again")
    connection.close()
    time.sleep(AFTER_TROUBLE_SECONDS)


class _Every:
    """Due at once, then whenever so many seconds have gone by."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.next = seconds, 0.0

    def is_due(self) -> bool:
        if time.monotonic() < self.next:
            return False
        self.next = time.monotonic() + self.seconds
        return True
