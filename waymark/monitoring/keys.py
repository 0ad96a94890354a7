"""The key of a feed and the signature of what is posted with it. Keys are derived from the installation's secret and
never stored; raising the feed's `key_number` makes the former one worthless."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from django.conf import settings

from waymark.monitoring.models import Feed

CLOCK_TOLERANCE = timedelta(minutes=5)  # an overheard post cannot be posted again later


def key_of(feed: Feed) -> str:
    """64 hex digits: what the vendor is given, once."""
    return hmac.new(settings.SECRET_KEY.encode(), f"feed {feed.code} {feed.key_number}".encode(), sha256).hexdigest()


class Posted(NamedTuple):
    """What the signature covers. `timestamp`: whole seconds since 1970; `message` and `file` may be empty."""

    timestamp: str
    message: str
    file: str
    body: bytes


def signature(key: str, posted: Posted) -> str:
    """HMAC-SHA256 in hex of the timestamp, the message's number and the file's name, each followed by a line feed, and
    the body: an overheard post can be sent to nobody else's device under another name."""
    signed = "".join(f"{line}\n" for line in posted[:3]).encode() + posted.body
    return hmac.new(key.encode(), signed, sha256).hexdigest()


def is_signed(feed: Feed | None, posted: Posted, signed: str, at: datetime) -> bool:
    """Whether the post comes from whoever holds the feed's key, now. A feed that is not there costs the same time."""
    key = key_of(feed or Feed(code="nobody"))
    right = hmac.compare_digest(signature(key, posted).encode(), signed.encode())
    return right and feed is not None and feed.open and _is_fresh(posted.timestamp, at)


def _is_fresh(timestamp: str, at: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(int(timestamp) - at.timestamp()) <= CLOCK_TOLERANCE.total_seconds()
