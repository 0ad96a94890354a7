"""`waymark audit verify`: is the audit chain as it was written?"""

from __future__ import annotations

import json
import sys

import click

from waymark.audit.models import Entry, Head
from waymark.audit.verification import verify as faults_of


@click.group()
def audit() -> None:
    """The record of what was done and seen."""


@audit.command()
def verify() -> None:
    """Walk the whole chain and name each row that was changed, removed, inserted or moved.

    Exit code 0: sound. 1: not. `head` is where the chain ends today; noted elsewhere, it shows a chain that was
    replaced as a whole.
    """
    entries = Entry.objects.count()
    with click.progressbar(length=entries, label="Verifying", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        faults = faults_of(tick=lambda: bar.update(1))
    head = Head.objects.filter(pk=1).first()
    answer = {
        "entries": entries,
        "sound": not faults,
        "faults": faults,
        "head": {"number": head.number, "hash": head.hash} if head else None,
    }
    click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    raise SystemExit(1 if faults else 0)
