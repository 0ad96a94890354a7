"""What somebody with the database password could do, and what only tests may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from django.db import connection

from waymark.audit.models import Head

migration = import_module("waymark.audit.migrations.0002_append_only")


@contextmanager
def triggers_dropped() -> Iterator[None]:
    """Within the block the database accepts every change to the audit chain."""
    undo, make = (
        (migration.POSTGRESQL_UNDO, migration.POSTGRESQL)
        if connection.vendor == "postgresql"
        else (migration.SQLITE_UNDO, migration.SQLITE)
    )
    execute(*undo)
    try:
        yield
    finally:
        execute(*make)


@contextmanager
def flush_allowed() -> Iterator[None]:
    """A test with real commits empties every table at its end: let it, and give the chain its head back."""
    with triggers_dropped():
        yield
        Head.objects.get_or_create(pk=1)


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
