"""Feeds that do not post to us: a folder into which files are put, and an address from which we fetch.

Both keep what came first (actions/receive.py) and only then move the file away or go on from the next cursor: after a
crash between the two the same comes again, and is known.
"""

from __future__ import annotations

import logging
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from waymark.monitoring.actions.receive import receive
from waymark.monitoring.models import Feed

STILL_FOR = timedelta(seconds=5)  # a file that changed since is still being written
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
POLL_SECONDS = 20  # patience with the vendor's server
PAGES_AT_ONCE = 20
NEXT_CURSOR = "Waymark-Cursor"  # of the answer; without it there is no next page

log = logging.getLogger(__name__)


def look_everywhere(at: datetime) -> int:
    """Every open feed that does not post to us, once; gives how many messages came. One that fails is logged and does
    not keep the others waiting."""
    took = {Feed.Way.FOLDER: take_files, Feed.Way.POLL: fetch}
    messages = 0
    for feed in Feed.objects.filter(open=True, way__in=took):
        try:
            messages += took[Feed.Way(feed.way)](feed, at)
        except (OSError, HTTPException, ValueError) as error:
            log.warning("feed %s: %s", feed.code, error)
    return messages


# Files


def folder_of(feed: Feed) -> Path:
    return Path(settings.VAR) / "drop" / feed.code


def take_files(feed: Feed, at: datetime) -> int:
    """Keep and read every whole file of the folder, then move it to done/; one that is too large to too-large/."""
    folder = folder_of(feed)
    folder.mkdir(parents=True, exist_ok=True)
    taken = 0
    for file in list(_whole_files(folder, at)):
        if file.stat().st_size > settings.MONITORING_BYTES_MAX:
            log.error("feed %s: %s is larger than %s bytes", feed.code, file.name, settings.MONITORING_BYTES_MAX)
            _move(file, "too-large", file.name)
            continue
        message = receive(feed, file.read_bytes(), name=file.name, at=at)
        _move(file, "done", f"{message.pk}-{file.name}")
        taken += 1
    return taken


def _whole_files(folder: Path, at: datetime) -> Iterator[Path]:
    for file in sorted(folder.iterdir()):
        hidden = file.name.startswith(".") or file.name.endswith(UNFINISHED)
        if file.is_file() and not hidden and file.stat().st_mtime <= (at - STILL_FOR).timestamp():
            yield file


def _move(file: Path, where: str, name: str) -> None:
    done = file.parent / where
    done.mkdir(exist_ok=True)
    file.replace(done / name)


# Fetching


def fetch(feed: Feed, at: datetime) -> int:
    """Fetch pages from the feed's address until there is none, `cursor` saying where to go on."""
    pages = 0
    while pages < PAGES_AT_ONCE:
        body, cursor = _page(feed)
        if body:
            receive(feed, body, name=f"cursor {feed.cursor}"[:200] if feed.cursor else "", at=at)
            pages += 1
        if not cursor or cursor == feed.cursor:
            break
        feed.cursor = cursor
        Feed.objects.filter(pk=feed.pk).update(cursor=cursor)
    return pages


def _page(feed: Feed) -> tuple[bytes, str]:
    """The body, empty when there is nothing new, and the next cursor. Raises OSError, HTTPException or ValueError."""
    parts = urlsplit(feed.address)
    if parts.scheme not in ("http", "https"):
        raise ValueError(f'"{feed.address}" is not fetched. Give an address that begins with https://.')
    query = urlencode({"cursor": feed.cursor}) if feed.cursor else ""
    address = parts._replace(query="&".join(filter(None, (parts.query, query)))).geturl()
    with urllib.request.urlopen(address, timeout=POLL_SECONDS) as answer:
        body = answer.read(settings.MONITORING_BYTES_MAX + 1)
        if len(body) > settings.MONITORING_BYTES_MAX:
            raise ValueError(f"{address} sends more than {settings.MONITORING_BYTES_MAX} bytes at a time.")
        cursor = answer.headers.get(NEXT_CURSOR, "")
    return body, cursor[:500]
