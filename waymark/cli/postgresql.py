"""Where the programs of PostgreSQL are on this machine. Debian keeps most of them off the PATH."""

from __future__ import annotations

import shutil
from pathlib import Path


def program(name: str) -> str | None:
    """The path of `pg_dump`, `initdb` and the like: the newest of Debian's, else what the PATH has."""
    versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest_first = sorted(versions, key=lambda path: float(path.parts[-3]), reverse=True)
    return str(newest_first[0]) if newest_first else shutil.which(name)
