"""Child processes that live and die together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import FrameType

PATIENCE_SECONDS = 20.0  # for children that were asked to stop; then they are killed
GLANCE_SECONDS = 0.2
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]


def run_together(commands: Mapping[str, list[str]], *, ready: Callable[[], bool], announce: Callable[[], None]) -> int:
    """Start a child for each command, announce them once `ready` says so, and watch until one dies or we are told to
    stop; then stop them all.

    Gives 0 when told to stop, else the exit code of the child that died (1 if that was 0: none should end by itself).
    """
    children: list[Child] = []
    announced = False
    with _told_to_stop() as told:
        try:
            for name, command in commands.items():
                children.append(_start(name, command))
            while not told():
                if dead := next((child for child in children if child.process.poll() is not None), None):
                    return _report(dead)
                if not announced and ready():
                    announce()
                    announced = True
                time.sleep(GLANCE_SECONDS)
            return 0
        finally:
            _stop(children)


def _start(name: str, command: list[str]) -> Child:
    """In a session of its own, so that a Ctrl-C in the terminal reaches the child through us alone, once."""
    return Child(name, subprocess.Popen(command, start_new_session=True))


def _stop(children: list[Child]) -> None:
    """Ask every child to stop, wait, and kill what is left of its session."""
    for child in children:
        child.process.terminate()
    patience_ends = time.monotonic() + PATIENCE_SECONDS
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0.0, patience_ends - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()


@contextlib.contextmanager
def _told_to_stop() -> Iterator[Callable[[], bool]]:
    """Remember a stop signal instead of dying of it, until the block ends."""
    told: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:
        told.append(number)

    before = {number: signal.signal(number, hear) for number in STOP_SIGNALS}
    try:
        yield lambda: bool(told)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _report(child: Child) -> int:
    code = child.process.returncode
    how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
    print(f"The {child.name} {how}; everything stops.", flush=True)
    return 128 - code if code < 0 else code or 1
