"""`waymark backup FILE` and `waymark restore FILE`: the database and its files in one compressed tar file.

The file holds `database` (a copy SQLite can open, or what pg_dump wrote), `documents/...`, `history/...` (older
readings of bracelets), and last `manifest.json` with the version, the migrations and a SHA-256 of everything. It holds
no secret key. Nothing is extracted by a name that the file chose: a member is one of these or a reason to refuse.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import click
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.transaction import atomic

import waymark
from waymark.audit.actions import record
from waymark.audit.verification import verify
from waymark.cli.postgresql import program
from waymark.monitoring import history
from waymark.monitoring.models import HistoryFile
from waymark.web.clock import now

FORMAT = 1


class Refused(click.ClickException):
    """Nothing was changed. The message says why and what to do."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write the database, documents and history to FILE while the product runs. The secret key is not in it.

    FILE holds everything about everybody: keep it encrypted and apart.
    """
    if file.exists():
        raise Refused(f"{file} is there already. Give a new name; a backup never overwrites another.")
    unfinished = file.with_name(file.name + ".unfinished")
    try:
        with _private_file(unfinished) as stream, tarfile.open(fileobj=stream, mode="w:gz", compresslevel=3) as tar:
            manifest = _write(tar)
        unfinished.rename(file)
    finally:
        unfinished.unlink(missing_ok=True)
    with atomic():
        record(by=None, verb="backup.written", detail={"made_at": manifest["made_at"], "sha256": _sha256_of_file(file)})
    click.echo(json.dumps({"file": str(file), "bytes": file.stat().st_size, **_summary(manifest)}))


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Throw away what the database, documents and history hold now.")
def restore(file: Path, replace: bool) -> None:
    """Put back what `waymark backup` wrote to FILE, then check the audit chain. Stop the product first.

    Everything in FILE is checked before anything is replaced.
    """
    with tempfile.TemporaryDirectory(prefix="restoring-", dir=settings.VAR) as unpacked:
        manifest = _unpack(file, Path(unpacked))
        _refuse_what_does_not_fit(manifest)
        if not replace and not database_is_empty():
            raise Refused("The database holds records. To throw them away and restore this backup: --replace")
        _load_database(Path(unpacked) / "database")
        for name, folder in _folders().items():
            _swap(Path(unpacked) / name, folder)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    faults = verify()
    if not faults:
        with atomic():
            record(by=None, verb="backup.restored", detail={"made_at": manifest["made_at"]})
    click.echo(json.dumps({"file": str(file), **_summary(manifest), "audit_faults": faults}))
    for fault in faults:
        click.echo(f"audit chain: {fault}", err=True)
    if faults:
        raise SystemExit(1)


# Writing


def _write(tar: tarfile.TarFile) -> dict[str, Any]:
    """Database first, files after it: every file the database names is then in the file too."""
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "waymark": waymark.__version__,
        "engine": connection.vendor,
        "made_at": now().isoformat(),
        "migrations": sorted(".".join(name) for name in MigrationLoader(connection).applied_migrations),
        "sha256": {},
    }
    named = _history_named()
    with tempfile.TemporaryDirectory(prefix="backup-", dir=settings.VAR) as folder:
        copy = Path(folder) / "database"
        _dump_database(copy)
        manifest["sha256"]["database"] = _add(tar, copy, "database")
    quiet = not sys.stderr.isatty()
    with click.progressbar(list(_files()), label="Files", file=sys.stderr, hidden=quiet) as files:
        for name, path in files:
            with contextlib.suppress(FileNotFoundError):  # rewritten since: what must be there is looked at below
                manifest["sha256"][name] = _add(tar, path, name)
    if named - manifest["sha256"].keys():
        raise Refused("Older readings were being filed away meanwhile. Make the backup again.")
    text = json.dumps(manifest, indent=1).encode()
    about = tarfile.TarInfo("manifest.json")
    about.size = len(text)
    tar.addfile(about, BytesIO(text))
    return manifest


def _add(tar: tarfile.TarFile, path: Path, name: str) -> str:
    """Add a file and give the SHA-256 of the bytes that went in: a document may be growing just now."""
    with path.open("rb") as stream:
        seen = _Seen(stream)
        tar.addfile(tar.gettarinfo(arcname=name, fileobj=stream), seen)
    return seen.sha256.hexdigest()


class _Seen:
    """A stream that hashes what is read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.sha256 = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self.stream.read(size)
        self.sha256.update(content)
        return content


def _folders() -> dict[str, Path]:
    """What is kept beside the database: name in the backup -> folder here."""
    return {"documents": Path(settings.MEDIA_ROOT), "history": history.folder()}


def _files() -> Iterator[tuple[str, Path]]:
    for name, folder in _folders().items():
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            yield f"{name}/{path.relative_to(folder).as_posix()}", path


def _history_named() -> set[str]:
    """The history files that the database names and that are here. One that is lost is told; it never keeps the rest
    from being saved."""
    named = set(HistoryFile.objects.values_list("path", flat=True))
    here = {path for path in named if (history.folder() / path).exists()}
    for path in sorted(named - here):
        click.echo(f"history/{path} is named by the database and is not here. Put it back from a backup.", err=True)
    return {f"history/{path}" for path in here}


def _dump_database(copy: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with contextlib.closing(sqlite3.connect(copy)) as target:
            connection.connection.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")  # one file, without a -wal beside it
    else:
        _postgresql("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}")


# Reading


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    """Extract into `folder`, by names we know, and compare every checksum. Gives the manifest."""
    found: dict[str, str] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(file, "r:gz") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isfile() else None
                if content is None or not _known_name(member.name):
                    raise Refused(f"{file}: {member.name!r} does not belong in a backup of Waymark.")
                if member.name == "manifest.json":
                    manifest = json.load(content)
                    continue
                place = folder / member.name
                place.parent.mkdir(parents=True, exist_ok=True)
                with place.open("wb") as out:
                    shutil.copyfileobj(content, out)
                found[member.name] = _sha256_of_file(place)
    except (tarfile.TarError, EOFError, OSError, ValueError) as fault:
        raise Refused(f"{file} cannot be read as a backup of Waymark: {fault}") from fault
    if manifest is None:
        raise Refused(f"{file} has no manifest.json: it is not a whole backup of Waymark.")
    if manifest.get("format") != FORMAT:
        raise Refused(f"{file} has format {manifest.get('format')}; this Waymark reads format {FORMAT}.")
    if differ := sorted(found.items() ^ manifest["sha256"].items()):
        raise Refused(f"{file} is damaged: {differ[0][0]} is not what was backed up.")
    return manifest


def _known_name(name: str) -> bool:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        return False
    return name in ("database", "manifest.json") or (path.parts[0] in _folders() and len(path.parts) > 1)


def _refuse_what_does_not_fit(manifest: dict[str, Any]) -> None:
    if manifest["engine"] != connection.vendor:
        raise Refused(
            f"The backup is of {manifest['engine']} and DATABASE_URL leads to {connection.vendor}. "
            f"Restore it where DATABASE_URL leads to {manifest['engine']}."
        )
    ours = {".".join(name) for name in MigrationLoader(None).disk_migrations}
    if unknown := sorted(set(manifest["migrations"]) - ours):
        raise Refused(
            f"The backup was made by Waymark {manifest['waymark']}, which is newer than this {waymark.__version__} "
            f"(it has {unknown[0]}). Install that version first."
        )


def database_is_empty() -> bool:
    """Whether no record of ours is there. The head of the audit chain is made by the migrations and does not count."""
    tables = set(connection.introspection.table_names())
    for model in apps.get_models():
        ours = model.__module__.startswith("waymark.") and model._meta.label != "audit.Head"
        if ours and model._meta.db_table in tables and model._base_manager.exists():
            return False
    return True


def _load_database(copy: Path) -> None:
    """Replace the database in one transaction: it is the old one until the new one is whole."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with contextlib.closing(sqlite3.connect(copy)) as source:
            source.backup(connection.connection)
        connection.close()
        return
    script = copy.with_name("database.sql")
    _postgresql("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(copy))
    connection.close()
    _postgresql(
        *["psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"],
        *["--command=DROP SCHEMA public CASCADE", "--command=CREATE SCHEMA public", f"--file={script}"],
    )


def _swap(new: Path, folder: Path) -> None:
    """Put the restored files in the place of the present ones."""
    new.mkdir(exist_ok=True)
    old = new.with_name(f"{new.name}-before")
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)


# Helpers


def _postgresql(name: str, *arguments: str) -> None:
    """Run a program of PostgreSQL on our database. The password goes by the environment, not into the process list."""
    path = program(name)
    if path is None:
        raise Refused(
            f"{name} is not installed. Install PostgreSQL's client programs: apt-get install postgresql-client"
        )
    database = connection.settings_dict
    told = {f"PG{option.upper()}": str(value) for option, value in database["OPTIONS"].items()}
    for key in ("HOST", "PORT", "USER", "PASSWORD"):
        if database[key]:
            told["PG" + key] = str(database[key])
    done = subprocess.run(
        [path, *arguments],
        env={**os.environ, **told, "PGDATABASE": database["NAME"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise Refused(f"{name} stopped, nothing was changed: {done.stderr.strip()}")


@contextlib.contextmanager
def _private_file(path: Path) -> Iterator[Any]:
    """A new file that only its owner may read."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as fault:
        raise Refused(f"{path.parent} cannot be written to: {fault.strerror}. Choose another place.") from fault
    with os.fdopen(handle, "wb") as stream:
        yield stream


def _sha256_of_file(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _summary(manifest: dict[str, Any]) -> dict[str, Any]:
    return {
        "made_at": manifest["made_at"],
        "waymark": manifest["waymark"],
        "engine": manifest["engine"],
        **{name: sum(kept.startswith(f"{name}/") for kept in manifest["sha256"]) for name in ("documents", "history")},
    }
