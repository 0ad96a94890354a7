"""A whole installation of its own: the command is run as a process, against a database nobody else has."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest


@dataclass(frozen=True)
class Installation:
    var: Path
    environment: dict[str, str]

    def waymark(self, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "waymark", *map(str, words)]
        return subprocess.run(command, env={**self.environment, **environment}, capture_output=True, text=True)

    def python(self, code: str) -> str:
        """What a piece of Python prints inside the installation."""
        done = self.waymark("manage", "shell", "--no-imports", "--command", code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def make_installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """Makes installations with an empty, migrated database: PostgreSQL when the suite runs on it, else SQLite."""
    folder = tmp_path_factory.mktemp("installations")
    server = os.environ.get("DATABASE_URL", "")
    made: list[str] = []

    def make(name: str = "one", *, migrated: bool = True) -> Installation:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("WAYMARK_", "DATABASE_URL"))}
        environment["WAYMARK_VAR"] = str(folder / name)
        if server:
            made.append(f"waymark_{uuid.uuid4().hex}")
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {made[-1]}")
            environment["DATABASE_URL"] = urlsplit(server)._replace(path="/" + made[-1]).geturl()
        installation = Installation(folder / name, environment)
        if migrated:
            assert installation.waymark("manage", "migrate", "-v0").returncode == 0
            assert installation.waymark("manage", "createcachetable").returncode == 0
        return installation

    yield make
    for name in made:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
