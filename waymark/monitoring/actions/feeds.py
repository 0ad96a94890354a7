"""Setting up feeds: adding one, changing it, giving it a new key."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from waymark.accounts.models import Agency, User
from waymark.audit.actions import record
from waymark.cases.actions.saving import CannotEnter
from waymark.monitoring.keys import key_of
from waymark.monitoring.models import Feed
from waymark.telemetry.vendors import VENDORS, is_time_zone

FIELDS = ("name", "vendor", "way", "address", "time_zone", "open")


def add_feed(agency: Agency | None, *, code: str, by: User, **given: Any) -> tuple[Feed, str]:
    """The feed, and its key, which is shown this once."""
    if agency is None:
        raise CannotEnter(("", "Your account belongs to no agency. Add the feed with an account of the agency."))
    feed = Feed(agency=agency, code=code, **given)
    _check(feed)
    try:
        with transaction.atomic():
            feed.save(force_insert=True)
            record(
                by=by, verb="feed.added", subject=feed, detail={"code": code, "way": feed.way, "vendor": feed.vendor}
            )
    except IntegrityError as taken:
        raise CannotEnter(("code", f"{code} is the code of another feed. Choose one that is free.")) from taken
    return feed, key_of(feed)


def change_feed(feed: Feed, *, by: User, **given: Any) -> Feed:
    with transaction.atomic():
        feed = Feed.objects.select_for_update().get(pk=feed.pk)
        changes = {name: [getattr(feed, name), value] for name, value in given.items() if getattr(feed, name) != value}
        for name, value in given.items():
            setattr(feed, name, value)
        _check(feed)
        feed.save(update_fields=list(given))
        record(by=by, verb="feed.changed", subject=feed, detail={"changes": changes})
    return feed


def renew_key(feed: Feed, *, by: User) -> str:
    """A new key; from now on the former one opens nothing."""
    with transaction.atomic():
        feed = Feed.objects.select_for_update().get(pk=feed.pk)
        feed.key_number += 1
        feed.save(update_fields=["key_number"])
        record(by=by, verb="feed.key_renewed", subject=feed, detail={"key_number": feed.key_number})
    return key_of(feed)


def _check(feed: Feed) -> None:
    if feed.vendor not in VENDORS:
        raise CannotEnter(("vendor", f"{feed.vendor} is no format we know. Choose one of the list."))
    if feed.way == Feed.Way.POLL and not feed.address.startswith(("https://", "http://")):
        raise CannotEnter(("address", "Give the address to fetch from; it begins with https://."))
    if feed.time_zone and not is_time_zone(feed.time_zone):
        raise CannotEnter(("time_zone", f"{feed.time_zone} is not a time zone. Give one as America/Chicago."))
