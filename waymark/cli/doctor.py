"""`waymark doctor`: what is installed, what can be reached, what is set wrongly."""

from __future__ import annotations

import json
import shutil
import stat
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import click

from waymark.cli import set_up_django
from waymark.cli.postgresql import program

GIBIBYTE = 1024**3
LEAST_FREE_BYTES = 1 * GIBIBYTE
LONGEST_WAIT = timedelta(minutes=5)  # for a task that is due; after that, no worker runs
GOOD, WARNING, WRONG = "good", "warning", "wrong"


class Sign(NamedTuple):
    state: str
    words: str  # when not good, they say what to do


@click.command()
def doctor() -> None:
    """Say what is installed, reachable and misconfigured: JSON on standard output, words on standard error.

    The exit code is 1 when something is wrong; a warning alone leaves it 0.
    """
    signs = {"python": python(), "settings": settings_load()}
    if signs["settings"].state == GOOD:
        signs |= {name: examine(check) for name, check in CHECKS.items()}
    sick = any(sign.state == WRONG for sign in signs.values())
    click.echo(json.dumps({"healthy": not sick, "checks": {name: sign._asdict() for name, sign in signs.items()}}))
    for name, sign in signs.items():
        click.echo(f"{sign.state:8} {name}: {sign.words}", err=True)
    sys.exit(1 if sick else 0)


def examine(check: Callable[[], Sign]) -> Sign:
    """A check that breaks is itself a sign."""
    try:
        return check()
    except Exception as fault:
        return Sign(WRONG, f"could not be examined: {type(fault).__name__}: {fault}")


def python() -> Sign:
    version = ".".join(map(str, sys.version_info[:3]))
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Sign(WRONG, f"{version} is not one Waymark is tested on. Use 3.11, 3.12 or 3.13.")
    return Sign(GOOD, version)


def settings_load() -> Sign:
    try:
        set_up_django()
    except Exception as fault:
        return Sign(WRONG, f"{type(fault).__name__}: {fault}")
    from django.conf import settings

    return Sign(GOOD, f"can be loaded; the data is in {settings.VAR}")


def database() -> Sign:
    from django.db import connection

    connection.ensure_connection()
    if connection.vendor == "sqlite":
        return Sign(GOOD, f"SQLite, {connection.settings_dict['NAME']}")
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return Sign(GOOD, f"PostgreSQL {cursor.fetchone()[0]}, database {connection.settings_dict['NAME']}")


def durability() -> Sign:
    """A commit that was answered survives a power cut, and readers do not wait for the writer."""
    from django.db import connection

    settings = ("journal_mode", "synchronous") if connection.vendor == "sqlite" else ("fsync", "synchronous_commit")
    wanted = {"journal_mode": ("wal",), "synchronous": ("2", "3"), "fsync": ("on",)}
    wanted["synchronous_commit"] = ("on", "local", "remote_write", "remote_apply")
    ask = "PRAGMA" if connection.vendor == "sqlite" else "SHOW"
    with connection.cursor() as cursor:
        for name in settings:
            cursor.execute(f"{ask} {name}")
            if (value := str(cursor.fetchone()[0])) not in wanted[name]:
                return Sign(WRONG, f"{name} is {value}. Set it to {wanted[name][0]}, or a power cut may lose records.")
    return Sign(GOOD, " and ".join(settings) + " keep every commit")


def migrations() -> Sign:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if plan := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return Sign(WRONG, f"{len(plan)} are not applied, the first {plan[0][0]}. Run: waymark manage migrate")
    return Sign(GOOD, "all applied")


def cache_table() -> Sign:
    from django.core.cache import cache

    if cache.get("doctor", default="nothing kept") != "nothing kept":
        return Sign(WARNING, "holds a key of another program. Give Waymark a database of its own.")
    return Sign(GOOD, "can be read")


def background_worker() -> Sign:
    from django.db.models import Q
    from django_tasks_db.models import DBTaskResult

    from waymark.web.clock import now

    due = now() - LONGEST_WAIT
    at_once = Q(run_after__gt=now(), enqueued_at__lte=due)  # the queue writes "as soon as you can" as the year 9999
    overdue = DBTaskResult.objects.ready().filter(Q(run_after__lte=due) | at_once).count()
    if overdue:
        return Sign(WRONG, f"{overdue} tasks have waited over five minutes. Start it: waymark manage db_worker")
    if failed := DBTaskResult.objects.failed().filter(finished_at__gte=now() - timedelta(days=7)).count():
        return Sign(WARNING, f"{failed} tasks failed in the last seven days. Look: waymark manage shell")
    return Sign(GOOD, "no task is overdue")


def nightly_recompute() -> Sign:
    from django_tasks_db.models import DBTaskResult

    from waymark.cases.tasks import recompute_nightly

    if not DBTaskResult.objects.filter(task_path=recompute_nightly.module_path, status="READY").exists():
        return Sign(WARNING, "is not planned. It is planned when the product starts: waymark run")
    return Sign(GOOD, "is planned")


def front_end() -> Sign:
    from django.conf import settings

    missing = [str(folder) for _, folder in settings.STATICFILES_DIRS if not Path(folder).is_dir()]
    if missing and not (Path(settings.STATIC_ROOT) / "uswds").is_dir():
        return Sign(WRONG, f"{missing[0]} is missing. Install the libraries of package.json: npm ci")
    if not (Path(settings.STATIC_ROOT) / "uswds").is_dir():
        return Sign(WARNING, "styles are not collected yet. waymark run does it, or: waymark manage collectstatic")
    return Sign(GOOD, "styles and scripts are collected")


def disk_space() -> Sign:
    from django.conf import settings

    free = shutil.disk_usage(settings.VAR).free
    words = f"{free / GIBIBYTE:.1f} GiB free where the data is"
    return Sign(GOOD, words) if free >= LEAST_FREE_BYTES else Sign(WRONG, words + ". Make room: at least 1 GiB.")


def private_files() -> Sign:
    """The secret key opens every session; the database holds everybody's record."""
    from django.conf import settings

    for file in (settings.VAR / "secret-key", Path(settings.DATABASES["default"]["NAME"])):
        if file.is_file() and file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
            state = WRONG if file.name == "secret-key" else WARNING
            return Sign(state, f"{file} can be read by other accounts of this machine. Run: chmod 600 {file}")
    return Sign(GOOD, "only their owner can read them")


def secret_key() -> Sign:
    from django.conf import settings

    if len(settings.SECRET_KEY) < 50 or len(set(settings.SECRET_KEY)) < 5:
        return Sign(WRONG, "is too short or too plain. Leave WAYMARK_SECRET_KEY out, and a good one is made.")
    return Sign(GOOD, "is long enough")


def demo_mode() -> Sign:
    from django.conf import settings

    if settings.DEMO and settings.TLS:
        return Sign(WRONG, "is on behind TLS: anybody can sign in without a password. Unset WAYMARK_DEMO.")
    return Sign(WARNING, "is on: anybody who reaches this machine can sign in.") if settings.DEMO else Sign(GOOD, "off")


def transport() -> Sign:
    from django.conf import settings

    elsewhere = sorted(set(settings.ALLOWED_HOSTS) - {"localhost", "127.0.0.1", "[::1]"})
    if elsewhere and not settings.TLS:
        return Sign(WRONG, f"{elsewhere[0]} is served without TLS. Put a TLS proxy before it and set WAYMARK_TLS=1.")
    return Sign(GOOD, "TLS" if settings.TLS else "this machine alone")


def backup_programs() -> Sign:
    from django.db import connection

    needed = ("pg_dump", "pg_restore", "psql") if connection.vendor == "postgresql" else ()
    if missing := [name for name in needed if not program(name)]:
        return Sign(WARNING, f"{missing[0]} is missing. Install it: apt-get install postgresql-client")
    return Sign(GOOD, "everything `waymark backup` needs is there")


CHECKS: dict[str, Callable[[], Sign]] = {
    "database": database,
    "durability": durability,
    "migrations": migrations,
    "cache table": cache_table,
    "background worker": background_worker,
    "nightly recompute": nightly_recompute,
    "front end": front_end,
    "disk space": disk_space,
    "private files": private_files,
    "secret key": secret_key,
    "demo mode": demo_mode,
    "transport": transport,
    "backup": backup_programs,
}
