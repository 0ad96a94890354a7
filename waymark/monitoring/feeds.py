"""Feeds that do not post to us: a folder into which files are put, and an address from which we fetch.

Both keep what came first (actions/receive.py) and only then move the file away or go on from the next cursor: after a
crash between the two the same comes again, and is known.
"""

from __future__ import annotations

import logging
import os
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.client import HTTPException
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from waymark.monitoring.actions.receive import receive
from waymark.monitoring.models import Feed

STILL_FOR = timedelta(seconds=5)  # a file that changed since is still being written
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
POLL_SECONDS = 20  # patience with the vendor's server
PAGES_AT_ONCE = 20
LONGEST_NAME = 80  # of a file that was taken: characters, each up to three bytes
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
    if folder.is_symlink():
        raise ValueError(f"{folder} leads elsewhere. Nothing is taken from it.")
    taken = 0
    for file in list(_whole_files(folder, at)):
        try:
            taken += _take_file(feed, file, at)
        except (OSError, ValueError) as error:  # the files after it must not wait
            log.warning("feed %s: %r: %s", feed.code, file.name, error)
    return taken


def _take_file(feed: Feed, file: Path, at: datetime) -> bool:
    if file.stat().st_size > settings.MONITORING_BYTES_MAX:
        log.error("feed %s: %r is larger than %s bytes", feed.code, file.name, settings.MONITORING_BYTES_MAX)
        _move(file, "too-large", file.name)
        return False
    message = receive(feed, _body_of(file), name=_told_name(file), at=at)
    _move(file, "done", f"{message.pk}-{_told_name(file)}"[:LONGEST_NAME])
    return True


def _body_of(file: Path) -> bytes:
    """Of the file itself: what a link leads to is not the vendor's to hand in."""
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW), "rb") as opened:
        return opened.read()


def _told_name(file: Path) -> str:
    """A name need not be text where files are kept."""
    return os.fsencode(file.name).decode(errors="replace")


def _whole_files(folder: Path, at: datetime) -> Iterator[Path]:
    for file in sorted(folder.iterdir()):
        hidden = file.name.startswith(".") or file.name.endswith(UNFINISHED)
        if (
            file.is_file()
            and not file.is_symlink()
            and not hidden
            and file.stat().st_mtime <= (at - STILL_FOR).timestamp()
        ):
            yield file


def _move(file: Path, where: str, name: str) -> None:
    done = file.parent / where
    done.mkdir(exist_ok=True)
    if done.is_symlink():
        raise ValueError(f"{done} leads elsewhere. Nothing is moved there.")
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
    if not settings.MONITORING_FETCHES_INSIDE:
        _check_outside(parts.hostname or "")
    with _opener.open(address, timeout=POLL_SECONDS) as answer:
        body = answer.read(settings.MONITORING_BYTES_MAX + 1)
        if len(body) > settings.MONITORING_BYTES_MAX:
            raise ValueError(f"{address} sends more than {settings.MONITORING_BYTES_MAX} bytes at a time.")
        cursor = answer.headers.get(NEXT_CURSOR, "")
    return body, cursor[:500]


def _check_outside(host: str) -> None:
    """A feed's address is typed by a person of one agency; what answers inside our own network is not hers to read."""
    for *_, address in socket.getaddrinfo(host, None):
        if not ip_address(str(address[0]).partition("%")[0]).is_global:
            raise ValueError(f"{host} is inside this network. It is not fetched; settings may allow it.")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Where a vendor's server points to is not where we were told to ask. It is answered as a failure."""

    def redirect_request(self, *asked: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)
