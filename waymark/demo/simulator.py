"""Lets the demo's monitored people live: what their devices say comes in through the feeds, as a vendor's would.

    catch_up(at)       everything from the last reading to `at`, and what the duty desk made of it
    Live(...).step(at) what is new since then, a few devices at a time

Both ask movement.py, which gives the same readings for the same instants: nothing is kept between two runs but what the
product itself has stored. A stop is followed up from the last reading of each device, the older part thinned out.
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError, connections
from django.db.models import Max
from django.urls import reverse

from waymark.accounts.models import User
from waymark.audit.reads import entries
from waymark.demo.devices import FEEDS
from waymark.demo.monitored import INTERVALS, MAKERS, Monitored, roster
from waymark.demo.movement import Habits, happenings_between, is_out_of_reach, may_be_out, said_between
from waymark.monitoring import engine
from waymark.monitoring.actions import alert_work, calls, notices
from waymark.monitoring.actions.log import append_tick
from waymark.monitoring.actions.receive import receive
from waymark.monitoring.keys import Posted, key_of, signature
from waymark.monitoring.models import (
    Activation,
    Alert,
    EnginePart,
    Feed,
    LogPart,
    Reading,
    SealedReading,
    ViolationNotice,
)
from waymark.telemetry.instants import EPOCH, HOUR_MS, MINUTE_MS, SECOND_MS, iso, ms_of
from waymark.telemetry.readings import Reading as Said

FIRST_DAYS = 3  # of readings, before the first morning
WHOLE_DAYS = 4  # of a stop that is followed up reading by reading; what is older is thinned
POSTED_MS = 2 * HOUR_MS
FOLLOWED_DAYS = 20  # what is older still is left out
OPEN_HOURS = 5  # alerts younger than this are left to the visitor
THINNED_MS = 12 * MINUTE_MS

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Worn:
    """A device of the roster that somebody wears in the database."""

    habits: Habits
    activation: int
    part: int
    from_ms: int

    @property
    def feed(self) -> str:
        return FEEDS[MAKERS[self.habits.wears]][0]


def worn_now() -> list[Worn]:
    """Empty where no demo county was loaded. A device that was taken off since says nothing."""
    by_serial = {habits.serial: habits for one in _roster() for habits in one.worn}
    active = Activation.objects.filter(
        device__serial__in=by_serial, state=Activation.State.ACTIVE, until_at=None, readings_erased_at=None
    )
    found = active.order_by("pk").values_list("device__serial", "pk", "part", "from_at")
    return [Worn(by_serial[serial], pk, part, ms_of(from_at)) for serial, pk, part, from_at in found]


def _roster() -> list[Monitored]:
    loaded = entries(verb="demo.loaded").first()
    said = loaded.detail if loaded else {}
    if not said.get("monitored"):
        return []
    return roster(said["monitored"], said["seed"], datetime.fromisoformat(said["as_of"]).date())


def heard_until(worn: Iterable[Worn]) -> dict[int, int]:
    """By activation, the instant of the last reading that is stored. What still waits in the log is said again, and the
    engine knows it."""
    them = [one.activation for one in worn]
    found: dict[int, int] = {}
    for table in (Reading, SealedReading):
        rows = table._default_manager.filter(activation__in=them).order_by().values("activation")
        found |= dict(rows.annotate(last=Max("happened_ms")).values_list("activation", "last"))
    return found


# ------------------------------------------------------------------------------------------------------------ posting
THE_CLOCK = ""  # in place of a feed: nothing was said, and that is looked at


class Post(NamedTuple):
    """What a vendor posts at one instant. `stops`: parts of the log in which the engine looks at once, because a device
    called by itself, or is missed."""

    at_ms: int
    feed: str
    readings: list[Said]
    stops: frozenset[int]


def body_of(readings: Iterable[Said]) -> bytes:
    return json.dumps([_as_sent(reading) for reading in readings], separators=(",", ":")).encode()


def _as_sent(reading: Said) -> dict[str, Any]:
    said = {name: value for name, value in reading._asdict().items() if value is not None}
    return said | {"happened_at": iso(said.pop("happened_ms"))}


def posts(worn: Iterable[Worn], since_ms: dict[int, int], until_ms: int) -> list[Post]:
    """What the vendors post, in order of time: every two hours all that their devices said, and at once what a device
    calls in by itself, with all that others in its part of the log said till then: the engine must not take them for
    silent. What was said out of reach comes when the device is back."""
    by_part: dict[int, list[Worn]] = defaultdict(list)
    for one in worn:
        by_part[one.part].append(one)
    sent: dict[tuple[int, str], list[Said]] = defaultdict(list)
    stops: dict[tuple[int, str], set[int]] = defaultdict(set)
    for part, them in by_part.items():
        calls_ms = {at_ms for one in them for at_ms in _calls_of(one, since_ms[one.activation], until_ms)}
        missed_ms = {at_ms for one in them for at_ms in _missed(one, since_ms[one.activation], until_ms)}
        for one in them:
            for at_ms, said in _sent_by(one, since_ms[one.activation], until_ms, calls_ms | missed_ms):
                sent[at_ms, one.feed] += said
                if at_ms in calls_ms:
                    stops[at_ms, one.feed].add(part)
        for at_ms in missed_ms:
            stops[at_ms, THE_CLOCK].add(part)
    instants = sorted(sent.keys() | stops.keys())
    return [Post(at_ms, feed, sent[at_ms, feed], frozenset(stops[at_ms, feed])) for at_ms, feed in instants]


def _calls_of(one: Worn, after_ms: int, until_ms: int) -> Iterator[int]:
    """When the device calls by itself. An alcohol bracelet is read by the hour."""
    for happening in happenings_between(one.habits, after_ms - 12 * HOUR_MS, until_ms):
        if one.habits.wears == "alcohol":
            calls_ms = list(range(_hour_after(happening.from_ms), happening.until_ms + 4 * HOUR_MS, HOUR_MS))
        else:
            calls_ms = [at_ms + 4 * SECOND_MS for at_ms in happening.alarms_ms]
        yield from (at_ms for at_ms in calls_ms if after_ms < at_ms < until_ms)


def _missed(one: Worn, after_ms: int, until_ms: int) -> Iterator[int]:
    """When the engine's clock finds the device silent."""
    for happening in happenings_between(one.habits, after_ms, until_ms):
        at_ms = happening.from_ms + sum(INTERVALS[one.habits.wears]) * SECOND_MS + MINUTE_MS
        if happening.kind == "silent" and at_ms < min(happening.until_ms, until_ms):
            yield at_ms


def _hour_after(at_ms: int) -> int:
    return (at_ms // HOUR_MS + 1) * HOUR_MS


def _sent_by(one: Worn, after_ms: int, until_ms: int, calls_ms: set[int]) -> Iterator[tuple[int, list[Said]]]:
    said = _thinned(said_between(one.habits, after_ms, until_ms), until_ms)
    instants = {*range(_hour_after(after_ms), until_ms, POSTED_MS), until_ms, *calls_ms}
    first = 0
    for at_ms in sorted(instants):
        if is_out_of_reach(one.habits, at_ms):
            continue
        last = first
        while last < len(said) and said[last].happened_ms <= at_ms:
            last += 1
        if last > first:
            yield at_ms, said[first:last]
        first = last


def _thinned(said: list[Said], until_ms: int) -> list[Said]:
    whole_from_ms, kept_ms = until_ms - WHOLE_DAYS * 24 * HOUR_MS, 0
    kept = []
    for reading in said:
        if reading.happened_ms >= whole_from_ms or reading.happened_ms - kept_ms >= THINNED_MS:
            kept.append(reading)
            kept_ms = reading.happened_ms
    return kept


# ------------------------------------------------------------------------------------------------------- catching up
@dataclass(frozen=True)
class CaughtUp:
    readings: int
    messages: int
    alerts: int
    concluded: int


def catch_up(at: datetime) -> CaughtUp:
    """Everything the devices said until `at`, received and evaluated at the hours at which it would have come.

    1. The vendors' posts go through receive() into the log, with a tick of the clock every hour.
    2. The engine works the log off part by part, and stops where a device called, so that alerts are as old as they
       would be.
    3. The first time, the duty desk works what is older than some hours.
    """
    worn = worn_now()
    heard = heard_until(worn)
    until_ms = ms_of(at)
    since = {one.activation: _since(one, heard, until_ms) for one in worn}
    before = set(Alert.objects.values_list("pk", flat=True))
    outgoing = posts(worn, since, until_ms)
    stops = _append_all(outgoing, since, until_ms)
    _work_off(stops)
    calls.send_calls(at)
    new = Alert.objects.exclude(pk__in=before)
    concluded = _work_the_desk(at) if worn and not heard else 0
    return CaughtUp(sum(len(post.readings) for post in outgoing), len(outgoing), new.count(), concluded)


def _since(one: Worn, heard: dict[int, int], until_ms: int) -> int:
    if one.activation in heard:
        return max(heard[one.activation], until_ms - FOLLOWED_DAYS * 24 * HOUR_MS)
    return max(one.from_ms, until_ms - FIRST_DAYS * 24 * HOUR_MS)


def _append_all(outgoing: list[Post], since: dict[int, int], until_ms: int) -> dict[int, list[int]]:
    """Into the log; gives by part the numbers after which the engine is to stop for a moment."""
    feeds = {feed.code: feed for feed in Feed.objects.filter(code__in={post.feed for post in outgoing})}
    stops: dict[int, list[int]] = defaultdict(list)
    for at_ms, together in groupby(outgoing, key=lambda post: post.at_ms):
        looked_at: frozenset[int] = frozenset()
        for post in together:
            looked_at |= post.stops
            if post.feed == THE_CLOCK:
                append_tick(moment(at_ms + SECOND_MS))
            else:
                receive(feeds[post.feed], body_of(post.readings), at=moment(at_ms + 2 * SECOND_MS))
        for part, seq in LogPart.objects.filter(part__in=looked_at).values_list("part", "last_seq"):
            stops[part].append(seq)
    if outgoing:
        append_tick(moment(until_ms))
    return stops


def _work_off(stops: dict[int, list[int]]) -> None:
    """Every part to the end of the log. A protected person's part comes first: its word is awaited in the wearer's."""
    protected = set(Activation.objects.filter(protected=True).values_list("part", flat=True))
    while behind := engine.parts_behind():
        for part in sorted(behind, key=lambda part: part not in protected):
            done = EnginePart.objects.filter(part=part).values_list("done_seq", flat=True).first() or 0
            for seq in sorted(stops.pop(part, [])):
                while done < seq and (step := engine.run_part(part, seq - done)):
                    done += step
                _send_calls(part)
            while engine.run_part(part):
                pass
            _send_calls(part)


def _send_calls(part: int) -> None:
    """As of the part's own hour, three seconds after it was evaluated."""
    at = EnginePart.objects.filter(part=part).values_list("done_at", flat=True).first()
    if at:
        calls.send_calls(at + timedelta(seconds=3))


def moment(at_ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=at_ms)


# ----------------------------------------------------------------------------------------------------- the duty desk
ENDED_AS = {  # family: what the desk mostly finds, with its reason and a note
    "curfew": [
        ("confirmed", "absent", "Called at once, no answer; she called back from the street and had no reason."),
        ("excused", "transport", "Called. The bus broke down; the line confirmed it."),
        ("confirmed", "absent", "Spoke on the telephone. Says he went to a friend’s; told to go home."),
        ("not_confirmed", "poor_location", "Heard by the home unit all the while; the fixes came from a tower."),
    ],
    "strap": [
        ("equipment", "strap_fault", "Came in; clip was worn, strap changed, test pull holds."),
        ("confirmed", "tampered", "Admits to have opened the clip to put on a boot."),
    ],
    "battery": [("confirmed", "not_charged", "Told by telephone to charge it two hours every evening.")],
    "exclusion": [("confirmed", "entered", "Eight minutes by the place named in the order. Says it was on the way.")],
    "victim": [
        ("confirmed", "entered", "Within the distance of the order. The protected person was called and is safe.")
    ],
    "contact": [("equipment", "coverage", "Was in a basement; in contact again by itself.")],
    "alcohol": [
        ("confirmed", "drank", "Curve reviewed by the analyst, meets the criteria. Admits three beers."),
        ("not_confirmed", "interferant", "There at once and gone within two hours: hair spray at work."),
    ],
    "obstruction": [("confirmed", "tampered", "A sock was found between sensor and skin.")],
}
OTHERWISE = [("not_confirmed", "not_known", "Called; could not be found out.")]


def _work_the_desk(at: datetime) -> int:
    """Most of what is over and older than some hours was worked. One violation of the participant with an account was
    served on the court."""
    desk = User.objects.get(username="monitoring_staff")
    chance = random.Random("the duty desk")
    worked = 0
    due = Alert.objects.exclude(state=Alert.State.CLOSED).select_related("person__account")
    for alert in due.filter(evaluated_at__lt=at - timedelta(hours=OPEN_HOURS)).order_by("evaluated_at", "pk"):
        if alert.cleared_at is None or (chance.random() < 0.06 and alert.person.account is None):
            continue
        _work(alert, chance, desk, at)
        worked += 1
    _serve_the_judge(desk)
    return worked


def _work(alert: Alert, chance: random.Random, desk: User, now: datetime) -> None:
    seen = alert.evaluated_at + timedelta(minutes=chance.uniform(0.7, 4 if alert.priority == "P1" else 14))
    over = max(seen, alert.cleared_at or seen) + timedelta(minutes=chance.uniform(6, 50))
    ended_as = ENDED_AS.get(alert.family, OTHERWISE)
    conclusion, reason, words = ended_as[0 if alert.person.account else chance.randrange(len(ended_as))]
    if alert.kind == "interferant_suspect":
        conclusion, reason, words = ENDED_AS["alcohol"][1]
    if over > now:
        return
    alert = alert_work.acknowledge(alert, by=desk, at=seen)
    alert = alert_work.take(alert, by=desk, owner_id=None, at=seen + timedelta(seconds=chance.randint(10, 90)))
    alert_work.conclude(
        alert, conclusion=conclusion, reason=reason, words=words, by=desk, version=alert.version, at=over
    )


def _serve_the_judge(desk: User) -> None:
    drafts = ViolationNotice.objects.filter(
        to=ViolationNotice.To.COURT, state=ViolationNotice.State.DRAFT, to_account__username="judge"
    )
    for notice in drafts.select_related("alert").order_by("pk")[:1]:
        closed_at = notice.alert.closed_at or notice.drafted_at
        notices.serve_notice(
            notice,
            signed_name=desk.get_full_name(),
            by=desk,
            version=notice.version,
            at=closed_at + timedelta(minutes=25),
        )


# ----------------------------------------------------------------------------------------------------------- live
Send = Callable[[Feed, bytes], None]
STAGED_EVERY = timedelta(minutes=12)  # at speed 1: the board of a demo should not wait for a week
FIRST_STAGED = timedelta(seconds=20)
LOOKED_EVERY = timedelta(minutes=1)
MOST_AT_ONCE = 5000  # readings in a message
STEP_SECONDS = 3.0
STAGED = [(5, "strap"), (4, "walks_out"), (2, "low")]


class Staged(NamedTuple):
    """What is played for whoever looks on: on one device, for some minutes. Not part of anybody's days."""

    activation: int
    kind: str
    from_ms: int
    until_ms: int


class Live:
    """Devices that speak as time goes by. `speed`: how many times as often something is played for the visitor."""

    def __init__(self, send: Send, started: datetime, speed: float = 1.0) -> None:
        self.send, self.speed = send, speed
        self.worn: list[Worn] = []
        self.heard: dict[int, int] = {}
        self.feeds: dict[str, Feed] = {}
        self.next_look = started
        self.chance = random.Random(started.isoformat())
        self.staged: list[Staged] = []
        self.played = 0
        self.next_staged = started + FIRST_STAGED

    def step(self, at: datetime) -> int:
        """Post what the devices said since the last step; gives how many readings. What was not taken is said again."""
        at_ms = ms_of(at)
        self._look_who_wears(at)
        self._stage(at)
        sent = 0
        for code, them in self._by_feed(at_ms).items():
            for some in _cut([reading for _, said in them for reading in said]):
                self.send(self.feeds[code], body_of(some))
                sent += len(some)
            self.heard |= {activation: said[-1].happened_ms for activation, said in them}
        return sent

    def _look_who_wears(self, at: datetime) -> None:
        """Devices are given out and taken off while we run."""
        if at >= self.next_look:
            self.worn = worn_now()
            self.heard |= {pk: ms for pk, ms in heard_until(self.worn).items() if pk not in self.heard}
            self.feeds = {feed.code: feed for feed in Feed.objects.filter(code__in={one.feed for one in self.worn})}
            self.next_look = at + LOOKED_EVERY

    def _by_feed(self, at_ms: int) -> dict[str, list[tuple[int, list[Said]]]]:
        found: dict[str, list[tuple[int, list[Said]]]] = defaultdict(list)
        for one in self.worn:
            last_ms = self.heard.get(one.activation, at_ms - INTERVALS[one.habits.wears][0] * SECOND_MS)
            after_ms = max(last_ms, at_ms - FOLLOWED_DAYS * 24 * HOUR_MS)
            if not is_out_of_reach(one.habits, at_ms) and (said := self._said(one, after_ms, at_ms)):
                found[one.feed].append((one.activation, said))
        return found

    def _stage(self, at: datetime) -> None:
        self.staged = [one for one in self.staged if one.until_ms + 10 * MINUTE_MS > ms_of(at)]
        if at < self.next_staged or self.speed <= 0:
            return
        kind = self.chance.choice([kind for many, kind in STAGED for _ in range(many)]) if self.played else "strap"
        able = [one for one in self.worn if one.habits.wears == "gps"]
        if kind == "walks_out":
            able = [one for one in able if not may_be_out(one.habits, ms_of(at))]
        if able:
            minutes = self.chance.uniform(4, 8) if kind == "strap" else self.chance.uniform(14, 25)
            until_ms = ms_of(at) + round(minutes * MINUTE_MS)
            self.staged.append(Staged(self.chance.choice(able).activation, kind, ms_of(at), until_ms))
            self.played += 1
        self.next_staged = at + STAGED_EVERY / self.speed

    def _said(self, one: Worn, after_ms: int, at_ms: int) -> list[Said]:
        said = _thinned(said_between(one.habits, after_ms, at_ms), at_ms)
        playing = [play for play in self.staged if play.activation == one.activation]
        for play in playing:
            said = _played(one.habits, play, said, after_ms, at_ms)
        return said


def _played(habits: Habits, play: Staged, said: list[Said], after_ms: int, at_ms: int) -> list[Said]:
    """While something is played, the device speaks every twenty seconds; the first word after it ends it."""
    first_ms = max(play.from_ms, after_ms + 20 * SECOND_MS)
    lately = said_between(habits, at_ms - 10 * MINUTE_MS, at_ms)[-1:]
    instants = range(first_ms, min(at_ms, play.until_ms + 30 * SECOND_MS), 20 * SECOND_MS)
    extra = [last._replace(happened_ms=instant_ms) for last in lately for instant_ms in instants]
    return sorted(
        (_changed(play, one) for one in [*said, *extra] if one.happened_ms > after_ms), key=lambda one: one.happened_ms
    )


OUT_LAT = 0.009  # a kilometre


def _changed(play: Staged, reading: Said) -> Said:
    if not play.from_ms <= reading.happened_ms < play.until_ms:
        return reading
    if play.kind == "strap":
        return reading._replace(strap_ok=False)
    if play.kind == "low":
        return reading._replace(battery_pct=14.0)
    gone = min((reading.happened_ms - play.from_ms) / MINUTE_MS, (play.until_ms - reading.happened_ms) / MINUTE_MS, 2.0)
    assert reading.lat is not None
    return reading._replace(lat=round(reading.lat + OUT_LAT * gone / 2, 6), accuracy_m=8.0, source="gps", motion=True)


def _cut(said: list[Said]) -> Iterator[list[Said]]:
    return (said[first : first + MOST_AT_ONCE] for first in range(0, len(said), MOST_AT_ONCE))


def directly(feed: Feed, body: bytes) -> None:
    """Through the door behind the web server."""
    receive(feed, body, at=datetime.now(UTC))


def over_http(port: int) -> Send:
    """Signed, as a vendor posts. Raises NotTaken when nobody answers or the post is refused."""
    host = next((name for name in settings.ALLOWED_HOSTS if not name.startswith(("*", "."))), "localhost")

    def send(feed: Feed, body: bytes) -> None:
        timestamp = str(int(datetime.now(UTC).timestamp()))
        headers = {
            "Host": host,
            "X-Forwarded-Proto": "https",  # where TLS is ended before us, plain posts are sent away
            "Content-Type": "application/json",
            "Waymark-Timestamp": timestamp,
            "Waymark-Signature": signature(key_of(feed), Posted(timestamp, "", "", body)),
        }
        with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            try:
                connection.request("POST", reverse("receive", args=[feed.code]), body, headers)
                answer = connection.getresponse()
                said = answer.read()[:200]
            except (OSError, HTTPException) as trouble:
                raise NotTaken(f"The product at port {port} does not answer: {trouble}") from trouble
        if answer.status != 202:
            raise NotTaken(f"The feed {feed.code} answered {answer.status}: {said!r}")

    return send


class NotTaken(Exception):
    """A post that did not arrive. It comes again with the next step."""


def run(live: Live, stop: Callable[[], bool], clock: Callable[[], datetime]) -> None:
    """Step after step until told to stop. Nobody there yet, or for a moment: nothing is lost, the next step says it."""
    while not stop():
        try:
            live.step(clock())
        except (NotTaken, DatabaseError) as trouble:
            log.warning("nothing is lost, trying again: %s", trouble)
            connections.close_all()
        rest_until = time.monotonic() + STEP_SECONDS
        while time.monotonic() < rest_until and not stop():
            time.sleep(0.1)
