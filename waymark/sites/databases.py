"""From DATABASE_URL to Django's settings: SQLite for one machine, PostgreSQL for an agency."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def database(url: str | None, default_file: Path) -> dict[str, Any]:
    """Settings for `postgresql://user:password@host:port/name`, `sqlite:////path/to/file`, or none (the default file).

    Raises ValueError, naming DATABASE_URL, for any other scheme.
    """
    if not url:
        return sqlite(default_file)
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite(Path(unquote(parts.path.removeprefix("/"))))
    if parts.scheme in ("postgres", "postgresql"):
        options: dict[str, Any] = dict(parse_qsl(parts.query))
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.removeprefix("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": options.pop("host", parts.hostname or ""),
            "PORT": str(options.pop("port", parts.port or "")),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options,
        }
    raise ValueError(f"DATABASE_URL: {parts.scheme!r} is not known here. Give postgresql://... or sqlite:////path.")


def sqlite(file: Path) -> dict[str, Any]:
    """One file. WAL lets readers work beside the writer; IMMEDIATE takes the write lock at the start, so that two
    writers wait for each other and never fail half-way; FULL keeps the last commits through a power cut."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
        "TEST": {"NAME": str(file.with_name("test-" + file.name))},
    }
