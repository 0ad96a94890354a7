"""What comes in is kept whole, first, and committed; then it is read. A crash between the two loses nothing: whatever
is kept and not read yet is read by the next sweep."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, transaction

from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.facts.faults import FaultyFacts
from waymark.monitoring.actions.log import Worn, append_readings
from waymark.monitoring.models import Activation, Feed, RawMessage
from waymark.telemetry.instants import ALWAYS_UNTIL_MS, iso, ms_of
from waymark.telemetry.readings import Decoded, Reading, Refused
from waymark.telemetry.vendors import DEFAULT_TIME_ZONE, VENDORS, activation_in_file_name

REFUSED_SHOWN = 100
UNKNOWN_SHOWN = 1000
CLOCK_AHEAD = timedelta(minutes=5)  # a reading further ahead of its receipt comes from a clock that is wrong
SWEEP_AFTER = timedelta(seconds=30)  # a message kept longer than this and not read was left by a crash

log = logging.getLogger(__name__)


def receive(feed: Feed, body: bytes, key: str | None = None, name: str = "", *, at: datetime) -> RawMessage:
    """Keep what came in, then read it. `key`: the vendor's own number of the message; `name`: of a file. The same
    again gives the message that is there."""
    message, _ = keep(feed, body, key, name, at=at)
    return read(message, at)


def keep(feed: Feed, body: bytes, key: str | None = None, name: str = "", *, at: datetime) -> tuple[RawMessage, bool]:
    """The message, committed, and whether it was there already.

    A vendor's number that comes again with another body is a message of its own: a vendor that counts wrongly must not
    make us throw readings away; a reading that is known already is found out by the engine.
    """
    digest = sha256(body).hexdigest()
    number = sha256("\0".join((feed.code, key or "", digest)).encode()).hexdigest()
    message = RawMessage(key=number, feed=feed, sha256=digest, body=body, name=name[:200], received_at=at)
    with transaction.atomic(durable=True):
        is_new = _is_kept(message)
        Feed.objects.filter(pk=feed.pk).update(last_at=at)
    return (message if is_new else RawMessage.objects.get(key=number)), not is_new


def _is_kept(message: RawMessage) -> bool:
    """False: a message of this key is there."""
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        if not RawMessage.objects.filter(key=message.key).exists():
            raise
        return False
    return True


def read(message: RawMessage, at: datetime) -> RawMessage:
    """Decode a kept message and append what it says to the log, in one transaction with its new state. A message that
    was read already is left as it is."""
    if message.state != RawMessage.State.KEPT:
        return message
    found = _decode_and_find(message)
    with transaction.atomic():
        state = RawMessage.objects.select_for_update().values_list("state", flat=True).get(pk=message.pk)
        if state != RawMessage.State.KEPT:
            message.refresh_from_db()
        else:
            append_readings(found.worn, message, at)
            found.write_on(message)
            message.save(update_fields=WRITTEN)
    return message


def read_again(message: RawMessage, *, by: User | None, at: datetime) -> RawMessage:
    """Read a message anew, now that somebody wears the device or the decoder was mended. What had been read is not
    read twice: only devices that were unknown are, unless nothing could be read at all."""
    broken = message.state == RawMessage.State.BROKEN
    formerly_unknown = None if broken else set(message.unknown_devices)
    found = _decode_and_find(message, formerly_unknown)
    with transaction.atomic():
        message = RawMessage.objects.select_for_update().get(pk=message.pk)
        append_readings(found.worn, message, at)
        known = 0 if broken else message.readings
        found.write_on(message)
        message.readings = known + found.readings
        message.save(update_fields=WRITTEN)
        record(by=by, verb="message.read_again", subject=message, detail={"readings": found.readings})
    return message


def readings_of(message: RawMessage) -> list[Reading]:
    """What a message says, by serial; nothing where it cannot be read."""
    decoded, _ = _decode(message)
    return decoded.readings


def others_in(message: RawMessage, activation: Activation) -> list[dict[str, Any]]:
    """What a message says of anybody but this activation, in the contract's own form."""
    decoded, _ = _decode(message)
    own = _wearers(message.feed, {activation.device.serial}, erased=True).get(activation.device.serial, [])
    return [
        {**reading._asdict(), "happened_at": iso(reading.happened_ms)}
        for reading in decoded.readings
        if reading.activation != activation.device.serial
        or getattr(_worn_at(own, reading.happened_ms), "id", None) != activation.pk
    ]


def sweep(at: datetime) -> int:
    """Read what a crash left unread; gives how many messages. One that cannot be read is marked and shown, and is not
    tried for ever: the others come after it."""
    left = RawMessage.objects.filter(state=RawMessage.State.KEPT, received_at__lte=at - SWEEP_AFTER)
    messages = list(left.order_by("received_at", "id")[:100])
    for message in messages:
        try:
            read(message, at)
        except (OperationalError, InterfaceError):  # the database's trouble, not the message's
            raise
        except Exception as error:
            log.exception("message %s could not be read", message.pk)
            _broken(message, error)
    return len(messages)


def _broken(message: RawMessage, error: Exception) -> None:
    words = f"could not be read ({type(error).__name__}). It is kept as it came."
    refused = [{**Refused("message", "body", words)._asdict(), "taken": False}]
    kept = RawMessage.objects.filter(pk=message.pk, state=RawMessage.State.KEPT)
    kept.update(state=RawMessage.State.BROKEN, refused=refused, refused_count=1)


def read_unknown(activation: Activation, at: datetime) -> int:
    """Read again what came for a device before anybody was known to wear it; gives how many messages."""
    serial = activation.device.serial
    waiting = RawMessage.objects.filter(
        state=RawMessage.State.PARTLY, feed__agency=activation.device.agency_id, received_at__gte=activation.from_at
    )
    found = [message for message in waiting.order_by("received_at") if serial in message.unknown_devices]
    for message in found:
        read_again(message, by=None, at=at)
    return len(found)


WRITTEN = ("state", "readings", "refused", "refused_count", "unknown_devices")


@dataclass
class Found:
    """What a message says: by whom it was worn, and what could not be taken."""

    worn: dict[Worn, list[Reading]] = field(default_factory=lambda: defaultdict(list))
    refused: list[Refused] = field(default_factory=list)
    marked: list[Refused] = field(default_factory=list)
    unknown: dict[str, None] = field(default_factory=dict)  # serials, in the order they came
    unreadable: bool = False

    @property
    def readings(self) -> int:
        return sum(map(len, self.worn.values()))

    def write_on(self, message: RawMessage) -> None:
        message.readings = self.readings
        message.refused_count = len(self.refused)
        message.refused = [
            {**{name: _printable(words) for name, words in line._asdict().items()}, "taken": taken}
            for lines, taken in ((self.refused, False), (self.marked, True))
            for line in lines[:REFUSED_SHOWN]
        ]
        message.unknown_devices = list(self.unknown)[:UNKNOWN_SHOWN]
        message.state = self._state()

    def _state(self) -> str:
        if self.unreadable or (self.refused and not self.worn and not self.unknown):
            return RawMessage.State.BROKEN
        return RawMessage.State.PARTLY if self.refused or self.unknown else RawMessage.State.READ


def _decode_and_find(message: RawMessage, only: set[str] | None = None) -> Found:
    decoded, unreadable = _decode(message)
    found = Found(refused=list(decoded.refused), marked=list(decoded.marked), unreadable=unreadable)
    said = decoded.readings if only is None else [one for one in decoded.readings if one.activation in only]
    serials = {reading.activation for reading in said}
    no_serials = {serial for serial in serials if not _could_be_a_serial(serial)}
    wearers = _wearers(message.feed, serials - no_serials)
    latest_ms = ms_of(message.received_at + CLOCK_AHEAD)
    for number, reading in enumerate(said, start=1):
        serial, happened_ms = reading[:2]
        if serial in no_serials:
            found.refused.append(Refused(f"reading {number}", "activation", NO_SERIAL))
        elif happened_ms > latest_ms:
            found.refused.append(Refused(f"reading {number}", "happened_at", AHEAD))
        elif worn := _worn_at(wearers.get(serial, ()), happened_ms):
            found.worn[worn].append(Reading(str(worn.id), *reading[1:]))
        else:
            found.unknown[serial] = None
    return found


def _could_be_a_serial(serial: str) -> bool:
    """The database takes no other text, nor could the inventory hold it."""
    return serial.isprintable() and len(serial) <= LONGEST_SERIAL


def _printable(words: str) -> str:
    """What a vendor wrote may hold half a character or none at all, which no database keeps."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in words)


LONGEST_SERIAL = 64  # models.Device.serial
NO_SERIAL = "is no serial number: it is too long, or holds what cannot be printed. The reading is kept here."
AHEAD = "is later than its receipt: the clock of the device is wrong. The reading is kept here and not used."


def _decode(message: RawMessage) -> tuple[Decoded, bool]:
    """What the vendor's decoder makes of the body, and whether it could make nothing of it."""
    name = EMPTIED_VENDOR if message.emptied_at else message.feed.vendor
    if name not in VENDORS:
        words = f'"{name}" is no vendor we know. Give the feed one of {", ".join(VENDORS)}, and read the message again.'
        return Decoded([], [Refused("feed", "vendor", words)]), True
    vendor = VENDORS[name]
    serial = None if vendor.says_who else activation_in_file_name(message.name) or None
    zone = message.feed.time_zone or DEFAULT_TIME_ZONE
    try:
        return vendor.decode(bytes(message.body), serial, time_zone=zone), False
    except FaultyFacts as faulty:
        return Decoded([], [Refused("message", fault.path, fault.words) for fault in faulty.faults]), True
    except Exception as error:  # a decoder that stumbles over bad input must not lose what comes after it
        log.exception("message %s of feed %s stopped the decoder", message.pk, message.feed.code)
        words = f"could not be read ({type(error).__name__}: {str(error)[:200]}). It is kept as it came."
        return Decoded([], [Refused("message", "body", words)]), True


EMPTIED_VENDOR = "generic"  # what an erasure left of a message is written in the contract's own form


@dataclass(frozen=True, slots=True)
class Wearing:
    worn: Worn
    from_ms: int
    until_ms: int


def _wearers(feed: Feed, serials: Iterable[str], *, erased: bool = False) -> dict[str, list[Wearing]]:
    """Who wore each device, and when, by serial: devices of the feed's agency; where two vendors use one serial, the
    feed's own vendor's."""
    worn = Activation.objects.filter(device__agency=feed.agency_id, device__serial__in=list(serials))
    rows = (worn if erased else worn.filter(readings_erased_at=None)).values_list(
        "device__serial", "device__vendor", "pk", "part", "from_at", "until_at"
    )
    by_serial: dict[str, dict[str, list[Wearing]]] = defaultdict(lambda: defaultdict(list))
    for serial, vendor, number, part, from_at, until_at in rows:
        until_ms = ALWAYS_UNTIL_MS if until_at is None else ms_of(until_at)
        by_serial[serial][vendor].append(Wearing(Worn(number, part), ms_of(from_at), until_ms))
    return {serial: _of_vendor(feed.vendor, vendors) for serial, vendors in by_serial.items()}


def _of_vendor(vendor: str, vendors: dict[str, list[Wearing]]) -> list[Wearing]:
    if vendor in vendors:
        return vendors[vendor]
    return next(iter(vendors.values())) if len(vendors) == 1 else []


def _worn_at(wearings: Sequence[Wearing], happened_ms: int) -> Worn | None:
    for one in wearings:
        if one.from_ms <= happened_ms < one.until_ms:
            return one.worn
    return None
