"""A PostgreSQL of our own for a test run or a measurement: a temporary directory and a unix socket, no port."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from waymark.cli.postgresql import program

INSTALL = "apt-get install postgresql"


def installed() -> bool:
    return program("initdb") is not None and program("pg_ctl") is not None


@contextmanager
def cluster() -> Iterator[str]:
    """Start a server and give its DATABASE_URL; stop it and remove its files at the end.

    Its settings are PostgreSQL's own: what is tested and measured is what an agency runs. Raises CalledProcessError,
    with the server's log printed, when it does not start.
    """
    home = Path(tempfile.mkdtemp(prefix="wm-pg-"))  # short: a socket's path may have 107 characters
    rank = _not_root(home)
    data, log = home / "data", home / "log"
    options = f"-c listen_addresses= -c unix_socket_directories={home}"
    pg_ctl = [str(program("pg_ctl")), "-D", str(data), "-w"]
    try:
        _run([str(program("initdb")), "-U", "waymark", "-A", "trust", "-E", "UTF8", "-D", str(data)], rank)
        try:
            _run([*pg_ctl, "-l", str(log), "-o", options, "start"], rank)
        except subprocess.CalledProcessError:
            print(log.read_text() if log.exists() else "PostgreSQL wrote no log.")
            raise
        try:
            yield f"postgresql://waymark@/postgres?host={home}"
        finally:
            _run([*pg_ctl, "-m", "immediate", "stop"], rank)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _not_root(home: Path) -> dict[str, Any]:
    """Whom to run the server as. PostgreSQL refuses root, so root hands it to `postgres` (else `nobody`)."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    account = names.get("postgres") or names["nobody"]
    os.chown(home, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _run(command: list[str], rank: dict[str, Any]) -> None:
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, cwd="/", env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, text=True, **rank
    )
    done.check_returncode()
