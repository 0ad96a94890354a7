"""What `waymark run` starts, it stops; when a part dies, everything does."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager

import pytest

from waymark.cli.processes import run_together

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
]
PATIENCE_SECONDS = 60


def test_it_gives_the_exit_code_of_the_part_that_died(capfd):
    dying = [sys.executable, "-c", "raise SystemExit(7)"]
    code = run_together({"sleeper": SLEEP, "clerk": dying}, ready=lambda: False, announce=lambda: None)
    assert code == 7
    assert "The clerk ended with exit code 7" in capfd.readouterr().out


def test_it_counts_a_part_that_just_ends_as_a_failure(capfd):
    ending = [sys.executable, "-c", "pass"]
    assert run_together({"sleeper": SLEEP, "clerk": ending}, ready=lambda: False, announce=lambda: None) == 1


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stops_every_part_when_told_to(told, monkeypatch):
    started = remember_processes(monkeypatch)
    code = run_together({"one": SLEEP, "two": SLEEP}, ready=lambda: True, announce=lambda: os.kill(os.getpid(), told))
    assert code == 0
    assert len(started) == 2
    assert all(process.returncode == -signal.SIGTERM for process in started)


def test_it_kills_a_part_that_will_not_stop(monkeypatch):
    monkeypatch.setattr("waymark.cli.processes.PATIENCE_SECONDS", 0.5)
    started = remember_processes(monkeypatch, stdout=subprocess.PIPE)

    def deaf() -> bool:
        return started[0].stdout.readline() == b"deaf\n"

    code = run_together({"one": STUBBORN}, ready=deaf, announce=lambda: os.kill(os.getpid(), signal.SIGTERM))
    started[0].stdout.close()
    assert code == 0
    assert started[0].returncode == -signal.SIGKILL


def test_it_serves_the_demo_county_until_it_is_told_to_stop(make_installation):
    with running(make_installation("served", migrated=False), "--people", "3") as (process, address):
        with urllib.request.urlopen(address + "demo/") as page:
            assert "Alvarez" in page.read().decode()
        children = children_of(process.pid)
        assert len(children) >= 3
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 0
        assert not [pid for pid in children if is_alive(pid)]


def test_it_starts_behind_a_proxy_that_ends_tls(make_installation):
    behind = {"WAYMARK_TLS": "1", "WAYMARK_HOSTS": "waymark.example.gov"}
    with running(make_installation("behind", migrated=False), "--no-demo", **behind) as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_it_stops_when_its_worker_is_killed(make_installation):
    with running(make_installation("killed", migrated=False), "--no-demo") as (process, address):
        worker = next(pid for pid in children_of(process.pid) if "db_worker" in command_of(pid))
        os.kill(worker, signal.SIGKILL)
        assert process.wait(PATIENCE_SECONDS) == 128 + signal.SIGKILL
        with pytest.raises(OSError, match="refused"):
            urllib.request.urlopen(address)


def test_it_refuses_demo_mode_over_records_of_an_office(make_installation):
    office = make_installation("office")
    office.python("from waymark.accounts.models import Agency; Agency.objects.create(name='Division', code='division')")
    done = office.waymark("run")
    assert done.returncode == 1
    assert "--no-demo" in done.stderr


def test_it_refuses_a_port_that_is_taken(make_installation):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = make_installation("refused", migrated=False).waymark("run", "--no-demo", "--port", str(port))
    assert done.returncode == 1
    assert f"port {port}" in done.stderr


def remember_processes(monkeypatch, **options):
    """The list of processes that will have been started."""
    started = []
    popen = subprocess.Popen

    def start(*arguments, **keywords):
        started.append(popen(*arguments, **keywords, **options))
        return started[-1]

    monkeypatch.setattr("waymark.cli.processes.subprocess.Popen", start)
    return started


@contextmanager
def running(installation, *options, **environment):
    """`waymark run` with an empty database, once it has printed its address."""
    command = [sys.executable, "-m", "waymark", "run", *options]
    process = subprocess.Popen(
        command, env={**installation.environment, **environment}, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process, address_printed_by(process)
    finally:
        process.terminate()
        process.communicate()


def address_printed_by(process):
    said = ""
    impatience = threading.Timer(PATIENCE_SECONDS, process.kill)
    impatience.start()
    for line in process.stderr:
        said += line
        if found := re.search(r"http://\S+", line):
            impatience.cancel()
            return found[0]
    raise AssertionError(said)


def children_of(pid):
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return [int(word) for word in listed.split()]


def command_of(pid):
    return subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True).stdout


def is_alive(pid):
    time.sleep(0.1)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
