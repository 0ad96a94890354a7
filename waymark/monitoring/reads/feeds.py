"""How the feeds are doing: what came last, what could not be read, how far the engine is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet, Sum

from waymark.accounts.models import User
from waymark.monitoring.access import feeds_visible_to, messages_visible_to
from waymark.monitoring.models import Activation, Device, EnginePart, Feed, LogPart, RawMessage
from waymark.people.models import Person
from waymark.telemetry.instants import EPOCH
from waymark.telemetry.readings import Reading

State = RawMessage.State
STATES = {  # of the filter, in its order
    "look": ("To look at", Q(state__in=[State.BROKEN, State.PARTLY])),
    "broken": ("Could not be read", Q(state=State.BROKEN)),
    "unknown": ("Of unknown devices", Q(state__in=[State.PARTLY, State.BROKEN]) & ~Q(unknown_devices=[])),
    "kept": ("Not yet read", Q(state=State.KEPT)),
    "all": ("All", Q()),
}
MOST_LISTED = 200
RECENT = timedelta(days=1)


@dataclass(frozen=True)
class FeedLine:
    feed: Feed
    silent: bool
    messages: int  # of the last 24 hours
    readings: int
    late: int
    broken: int  # of all time, still not read


@dataclass(frozen=True)
class Engine:
    """How far the engine is behind the log, over all parts."""

    records: int
    done_at: datetime | None


def lines(user: User, at: datetime) -> list[FeedLine]:
    recent = Q(messages__received_at__gte=at - RECENT)
    rows = feeds_visible_to(user).annotate(
        recent_messages=Count("messages", filter=recent),
        recent_readings=Sum("messages__readings", filter=recent),
        recent_late=Sum("messages__late", filter=recent),
        broken=Count("messages", filter=Q(messages__state=State.BROKEN)),
    )
    return [
        FeedLine(
            feed,
            is_silent(feed, at),
            feed.recent_messages,
            feed.recent_readings or 0,
            feed.recent_late or 0,
            feed.broken,
        )
        for feed in rows
    ]


def is_silent(feed: Feed, at: datetime) -> bool:
    allowed = timedelta(seconds=settings.MONITORING_SILENT_AFTER_SECONDS)
    return feed.open and (feed.last_at is None or feed.last_at < at - allowed)


def engine() -> Engine:
    written = LogPart.objects.aggregate(records=Sum("last_seq"))["records"] or 0
    done = EnginePart.objects.aggregate(records=Sum("done_seq"), at=Max("done_at"))
    return Engine(max(written - (done["records"] or 0), 0), done["at"])


def messages(user: User, state: str, feed: Feed | None = None) -> QuerySet[RawMessage]:
    """Newest first, what could not be read before the rest; without the bodies."""
    found = messages_visible_to(user).filter(STATES[state][1])
    if feed is not None:
        found = found.filter(feed=feed)
    return found.order_by("-received_at", "-id")


def counts(user: User, feed: Feed | None = None) -> list[tuple[str, str, int]]:
    """(key, words, number) for the filter."""
    return [(key, words, messages(user, key, feed).count()) for key, (words, _) in STATES.items()]


def tells_of_protected(message: RawMessage, readings: Sequence[Reading]) -> bool:
    """Whether a device of a protected person stands in a message: by a reading, or anywhere in a text of which not
    all could be read. `readings`: what could."""
    carried = Device.objects.filter(agency=message.feed.agency_id)
    carried = carried.filter(Q(kind=Device.Kind.PROTECTED) | Q(activations__protected=True))
    return any(map(_Serials(message, readings).hold, carried.values_list("serial", flat=True)))


def wearers_told_of(message: RawMessage, readings: Sequence[Reading]) -> list[Person]:
    """Who wore a device that stands in a message, over the time it may tell of."""
    since = message.received_at - timedelta(days=settings.MONITORING_REEVALUATED_DAYS)
    if readings:
        since = min(since, EPOCH + timedelta(milliseconds=max(min(one.happened_ms for one in readings), 0)))
    worn = Activation.objects.filter(device__agency=message.feed.agency_id, from_at__lte=message.received_at)
    worn = worn.exclude(until_at__lte=since)
    serials = _Serials(message, readings)
    held = {pk for pk, serial in worn.values_list("person", "device__serial") if serials.hold(serial)}
    return list(Person.objects.filter(pk__in=held).select_related("merged_into").order_by("pk"))


class _Serials:
    """The serials in a message. Too many rather than too few: who asks is kept from something."""

    def __init__(self, message: RawMessage, readings: Sequence[Reading]) -> None:
        body = bytes(message.body)
        encoding = "utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
        words = re.findall(r"[\w.-]+", f"{message.name} {body.decode(encoding, errors='replace')}")
        self.found = {reading.activation for reading in readings} | set(words)
        self.found |= {part for word in words for part in re.split(r"[._-]", word)}

    def hold(self, serial: str) -> bool:
        return serial in self.found
