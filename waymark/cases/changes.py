"""Who changed what of a case while somebody else was writing, told from the audit chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from waymark.audit.models import Entry
from waymark.audit.reads import entries_about
from waymark.cases.models import CourtCase, Event

READING = ("viewed", "downloaded", "turned_away", "recorded")  # acts that change no fact somebody entered
MOST = 20


@dataclass(frozen=True)
class Change:
    at: datetime
    actor: str
    what: str
    why: str


def changes_in_between(case: CourtCase, since: datetime | None) -> list[Change]:
    """What was done on the person's record since then, the latest first; the last twenty at most."""
    entries = entries_about(case.person_id)
    if since is not None:
        entries = entries.filter(at__gt=since)
    writes = [entry for entry in entries[: MOST * 10] if entry.verb.rsplit(".", 1)[-1] not in READING]
    return [Change(entry.at, entry.actor, _words(entry), entry.why) for entry in writes[:MOST]]


def _words(entry: Entry) -> str:
    """ "Event entered: Violation report submitted, 2024-09-09" """
    done = entry.verb.replace(".", " ").replace("_", " ").capitalize()
    said = ", ".join(_said(entry.detail))
    return f"{done}: {said}" if said else done


def _said(detail: dict[str, Any]) -> Iterator[str]:
    for field, (before, after) in (detail.get("changes") or {}).items():
        yield f"{field.replace('_', ' ')} {_plain(before)} → {_plain(after)}"
    told = {**(detail.get("said") or {}), **detail}
    if told.get("kind") in Event.Kind.values:
        yield str(Event.Kind(told["kind"]).label)
    elif told.get("kind"):
        yield str(told["kind"])
    for key in ("on", "ordered_on", "begins_on", "section", "name", "title", "program", "words"):
        if told.get(key):
            yield str(told[key])


def _plain(value: Any) -> str:
    return "not recorded" if value in (None, "") else str(value)
