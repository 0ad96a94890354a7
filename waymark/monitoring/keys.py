"""The key of a feed and the signature of what is posted with it. Keys are derived from the installation's secret and
never stored; raising the feed's `key_number` makes the former one worthless."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings

from waymark.monitoring.models import Feed

CLOCK_TOLERANCE = timedelta(minutes=5)  # an overheard post cannot be posted again later


def key_of(feed: Feed) -> str:
    """64 hex digits: what the vendor is given, once."""
    return hmac.new(settings.SECRET_KEY.encode(), f"feed {feed.code} {feed.key_number}".encode(), sha256).hexdigest()


def signature(key: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 of the timestamp, a full stop and the body, in hex. `timestamp`: whole seconds since 1970."""
    return hmac.new(key.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


def is_signed(feed: Feed | None, timestamp: str, body: bytes, signed: str, at: datetime) -> bool:
    """Whether the post comes from whoever holds the feed's key, now. A feed that is not there costs the same time."""
    key = key_of(feed or Feed(code="nobody"))
    right = hmac.compare_digest(signature(key, timestamp, body).encode(), signed.encode())
    return right and feed is not None and feed.open and _is_fresh(timestamp, at)


def _is_fresh(timestamp: str, at: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(int(timestamp) - at.timestamp()) <= CLOCK_TOLERANCE.total_seconds()
