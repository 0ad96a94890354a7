"""The product as `waymark run` starts it, for a visitor with a browser: once as a demonstration, once with passwords.

Both web servers share one data folder, so that an account made in one can sign in to the other. The engine of
monitoring runs beside them; nobody plays the devices, so that a test hears only what it posts itself.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.run import clean_environment
from waymark.cli.run import answers, engine, web_server

HOME = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60
PREPARE = """
from waymark.cli import set_up_django
set_up_django()
from waymark.cli.run import collect_static_files, prepare_database
from waymark.demo.load import load
from waymark.demo.simulator import catch_up
from waymark.web.clock import now, today
prepare_database()
collect_static_files()
load({people}, {seed}, today(), lambda steps: None)
catch_up(now())
"""


@dataclass(frozen=True)
class Product:
    var: Path  # the data folder
    url: str  # where the demonstration answers
    real_url: str  # where a password and a second factor are asked for

    def command(self, *words: str) -> str:
        """What `waymark <words>` prints about this product's data."""
        done = subprocess.run(
            [sys.executable, "-m", "waymark", *words],
            cwd=HOME,
            env=environment(self.var, demo=False),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextmanager
def running(people: int = 60, seed: int = 7) -> Iterator[Product]:
    """A demo county of so many people, served until the block ends."""
    with tempfile.TemporaryDirectory(prefix="waymark-e2e-", ignore_cleanup_errors=True) as folder, ExitStack() as stack:
        var = Path(folder)
        prepare = PREPARE.format(people=people, seed=seed)
        subprocess.run([sys.executable, "-c", prepare], cwd=HOME, env=environment(var, demo=True), check=True)
        stack.enter_context(evaluating(var))
        demo, real = (stack.enter_context(served(var, demo=demo)) for demo in (True, False))
        yield Product(var, demo, real)


@contextmanager
def served(var: Path, *, demo: bool) -> Iterator[str]:
    """The address of a web server over the data folder, under a name that passkeys accept."""
    port = free_port()
    with (var / f"web-{port}.log").open("w+") as log:
        server = subprocess.Popen(
            web_server(port),
            cwd=HOME,
            env=environment(var, demo=demo),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_for(server, port, Path(log.name))
            yield f"http://localhost:{port}"
        finally:
            end(server)


@contextmanager
def evaluating(var: Path) -> Iterator[None]:
    """The engine of monitoring over the data folder."""
    with (var / "engine.log").open("w") as log:
        process = subprocess.Popen(
            engine(),
            cwd=HOME,
            env=environment(var, demo=True),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield
        finally:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not answers(port):
        if server.poll() is not None or time.monotonic() > ends:
            raise RuntimeError(f"The web server does not answer. It said: {log.read_text()}")
        time.sleep(0.1)


def environment(var: Path, *, demo: bool) -> dict[str, str]:
    return {**clean_environment(), "WAYMARK_VAR": str(var), "WAYMARK_DEMO": "1" if demo else "0"}


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
