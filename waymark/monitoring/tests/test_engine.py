"""From the log to what is believed: the same whatever the order, the batches and the interruptions."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from waymark.monitoring import engine
from waymark.monitoring.actions.log import append_tick, plan_changed
from waymark.monitoring.facts import participant_for, time_zone
from waymark.monitoring.models import (
    Alert,
    Checkpoint,
    EnginePart,
    Episode,
    LogPart,
    RawMessage,
    Reading,
    ScheduleChange,
    SealedReading,
)
from waymark.monitoring.tests.feed import (
    HOME_LAT,
    MINUTE,
    START,
    believed,
    body_of,
    deliver,
    fix,
    make_feed,
    make_worn,
    night_out,
    send,
    tick,
    work_off,
)
from waymark.monitoring.tests.make import make_zone
from waymark.telemetry.evaluate import replay
from waymark.telemetry.plan import Plan
from waymark.telemetry.vendors import VENDORS

pytestmark = pytest.mark.django_db
END = START + timedelta(hours=14)


@pytest.fixture
def worn(county):
    return make_worn("A1", agency=county)


@pytest.fixture
def feed(county):
    return make_feed(county)


def kinds() -> list[str]:
    return [kind for _, kind, *_ in believed()]


def test_it_finds_the_night_out(worn, feed):
    deliver(feed, night_out("A1"))
    tick(END)
    assert kinds() == ["left_during", "strap_tamper"]
    left, strap = Episode.objects.filter(current=True).order_by("opened_at")
    assert left.opened_at == START + timedelta(hours=9, minutes=30)
    assert left.closed_at == START + timedelta(hours=10, minutes=30)
    assert (strap.severity, strap.opened_at) == ("P1", START + timedelta(hours=11))
    assert Alert.objects.filter(activation=worn).count() == 2
    assert Reading.objects.filter(activation=worn).count() == 14 * 60


def test_it_believes_what_a_replay_of_the_same_readings_finds(worn, feed):
    deliver(feed, night_out("A1"), size=7)
    tick(END)
    said = VENDORS["generic"].decode(body_of(night_out(str(worn.pk)))).readings
    found = replay(Plan(time_zone(), (participant_for(worn),), until=END.isoformat()), said)
    stored = Episode.objects.filter(current=True).order_by("opened_at", "episode_id")
    assert [(row.episode_id, row.kind, row.evidence) for row in stored] == [
        (episode.episode_id, episode.kind, episode.evidence) for episode in found
    ]


def test_it_raises_the_alert_with_the_message_that_showed_it(worn, feed):
    deliver(feed, night_out("A1")[: 9 * 60 + 30])
    cut = START + timedelta(hours=9, minutes=31)
    send(feed, [fix("A1", cut, strap_ok=False)], cut + timedelta(seconds=20))
    work_off()
    alert = Alert.objects.get()
    assert (alert.priority, alert.happened_at, alert.received_at) == ("P1", cut, cut + timedelta(seconds=20))


def test_it_lets_time_alone_raise_and_data_withdraw(worn, feed):
    night = night_out("A1")
    deliver(feed, night[:60])
    tick(START + timedelta(hours=2))
    assert kinds() == ["no_contact"]
    assert Alert.objects.get().received_at is None, "silence showed it"
    deliver(feed, night[60:120])
    assert kinds() == []
    old = Episode.objects.filter(current=False).order_by("pk")
    assert [(row.withdrawn, row.superseded_at is not None) for row in old] == [(False, True), (True, True)]


def test_it_catches_up_with_the_timers_after_it_stood_still(worn, feed):
    deliver(feed, [fix("A1", START + minute * MINUTE) for minute in range(60)])
    for hour in range(2, 20):
        append_tick(START + timedelta(hours=hour))
    tick(START + timedelta(hours=20))
    episode = Episode.objects.get(current=True)
    assert (episode.kind, episode.opened_at) == ("no_contact", START + 59 * MINUTE + timedelta(seconds=960))


def shuffled(said: list[dict[str, object]], seed: int) -> list[dict[str, object]]:
    """Blocks of an hour, each late by up to six, with one reading in twenty sent twice."""
    choice = random.Random(seed)
    late = {hour: choice.uniform(0, 6) for hour in range(15)}
    order = sorted(range(len(said)), key=lambda number: number / 60 + late[number // 60])
    return [said[number] for number in order for _ in range(2 if choice.random() < 0.05 else 1)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_finds_the_same_in_late_shuffled_and_doubled_data(worn, feed, county, seed):
    night = night_out("A1")
    deliver(feed, night)
    tick(END)
    expected = [(kind, *rest) for _, kind, *rest in believed()]
    other = make_worn("B2", agency=county)
    zone = other.order.zones.get()
    mixed = shuffled(night_out("B2"), seed)
    for first in range(0, len(mixed), 25):
        latest = max(datetime.fromisoformat(str(reading["happened_at"])) for reading in mixed[: first + 25])
        send(feed, mixed[first : first + 25], latest + MINUTE)
        tick(latest + MINUTE)
    tick(END)
    found = Episode.objects.filter(activation=other, current=True).order_by("opened_at", "episode_id")
    assert [(row.kind, row.opened_at, row.closed_at, row.severity, row.confidence) for row in found] == [
        row[:5] for row in expected
    ]
    home = worn.order.zones.get()
    ours = Episode.objects.filter(activation=worn, current=True).order_by("opened_at", "episode_id")
    assert [without_zone(row.evidence, zone.pk) for row in found] == [
        without_zone(row.evidence, home.pk) for row in ours
    ]
    withdrawn = Episode.objects.filter(activation=other, withdrawn=True)
    assert withdrawn.exists(), "some of the late hours looked like silence first"
    assert not withdrawn.filter(superseded_at=None).exists()
    assert RawMessage.objects.filter(late__gt=0).exists()
    assert RawMessage.objects.filter(duplicates__gt=0).exists()
    assert Reading.objects.filter(activation=other).count() == len(night)
    assert Reading.objects.filter(activation=other, late=True).exists()


def without_zone(evidence: dict[str, object], number: int) -> dict[str, object]:
    return {key: value for key, value in evidence.items() if key != "zone_id" and value != str(number)}


def test_it_counts_what_was_known_already(worn, feed):
    night = night_out("A1")[:60]
    deliver(feed, night)
    deliver(feed, [*night[10:20], fix("A1", START + 60 * MINUTE)])
    message = RawMessage.objects.latest("pk")
    assert (message.readings, message.duplicates, message.late) == (11, 10, 0)
    assert Reading.objects.count() == 61


def test_it_follows_up_a_change_of_plan_into_the_past(worn, feed, monitoring_staff):
    deliver(feed, night_out("A1"))
    tick(END)
    ScheduleChange.objects.create(
        order=worn.order,
        from_at=START + timedelta(hours=9),
        until_at=START + timedelta(hours=11),
        purpose="Work",
        state="approved",
        asked_by=monitoring_staff,
        asked_at=START,
    )
    with transaction.atomic():
        plan_changed(worn.order, START + timedelta(hours=9), made_at=END)
    work_off()
    assert kinds() == ["strap_tamper"], "leave was approved for the hour away"
    assert Episode.objects.filter(kind="left_during", withdrawn=True).count() == 1
    assert Alert.objects.get(kind="left_during").withdrawn_at == END


def test_it_leaves_alone_who_is_still_being_installed(worn, feed):
    worn.state = "installing"
    worn.save()
    deliver(feed, night_out("A1"))
    tick(END)
    assert (kinds(), Reading.objects.count()) == ([], 14 * 60)
    worn.state = "active"
    worn.save()
    plan_changed(worn, worn.from_at, made_at=END)
    work_off()
    assert kinds() == ["left_during", "strap_tamper"]


def test_it_thins_its_checkpoints(worn, feed):
    day = [fix("A1", START + minute * MINUTE) for minute in range(0, 6 * 24 * 60, 10)]
    deliver(feed, day, size=72)
    at = sorted(Checkpoint.objects.values_list("at_ms", flat=True))
    assert 25 <= len(at) <= 36, "hours of the last day, days before"
    assert at[-1] == int((START + (6 * 24 * 60 - 10) * MINUTE).timestamp() * 1000)


def test_it_stores_and_marks_what_is_too_late_to_follow_up(worn, feed, settings):
    settings.MONITORING_REEVALUATED_DAYS = 2
    deliver(feed, [fix("A1", START + minute * MINUTE) for minute in range(0, 5 * 24 * 60, 10)], size=72)
    before = believed()
    send(feed, [fix("A1", START + 5 * MINUTE, strap_ok=False)], START + timedelta(days=5))
    work_off()
    assert believed() == before
    assert Reading.objects.get(happened_ms=int((START + 5 * MINUTE).timestamp() * 1000)).late


def test_it_is_fenced_off_by_a_second_engine(worn, feed, monkeypatch):
    """The second takes the same batch while the first has evaluated it and not written it yet."""
    send(feed, night_out("A1")[:600], START + timedelta(hours=10))
    evaluated = engine._evaluate

    def and_then_the_other_is_faster(batch):
        results = evaluated(batch)
        monkeypatch.setattr(engine, "_evaluate", evaluated)
        assert engine.run_part(worn.part) == 1
        return results

    monkeypatch.setattr(engine, "_evaluate", and_then_the_other_is_faster)
    with pytest.raises(engine.Fenced):
        engine.run_part(worn.part)
    assert Reading.objects.count() == 600
    assert kinds() == ["left_during"]
    assert Alert.objects.count() == 1
    assert engine.run_part(worn.part) == 0


def test_it_gives_every_part_its_turn(county, feed, monkeypatch):
    """A long backlog in one part does not keep a cut strap in another waiting."""
    monkeypatch.setattr(engine, "BATCH_READINGS", 180)
    busy, other = make_worn("A1", agency=county), make_worn("B2", agency=county)
    assert busy.part != other.part
    for hour in range(10):
        send(feed, night_out("A1")[hour * 60 : hour * 60 + 60], START + timedelta(hours=10))
    send(feed, [fix("B2", START + timedelta(hours=10), strap_ok=False)], START + timedelta(hours=10))
    engine.run_once()
    assert Alert.objects.get(activation=other).kind == "strap_tamper"
    assert engine.parts_behind() == [busy.part]
    work_off()
    assert EnginePart.objects.get(part=busy.part).done_seq == LogPart.objects.get(part=busy.part).last_seq


def test_it_shares_a_batch_out_and_gives_what_one_part_leaves_to_the_others(monkeypatch):
    monkeypatch.setattr(engine, "BATCH_READINGS", 100)
    busy, less, little = [(seq, 10) for seq in range(1, 30)], [(seq, 10) for seq in range(5, 9)], [(3, 1)]
    assert engine._shares({7: busy, 8: less, 9: little}) == {9: 3, 8: 8, 7: 5}
    assert engine._shares({7: [(1, 1_000), (2, 1)], 8: [(4, 1_000)]}) == {7: 1, 8: 4}, "one record at least"


def test_it_asks_as_often_for_many_as_for_few(county, feed):
    def queries_for(serials: list[str], minute: int) -> int:
        send(feed, [fix(serial, START + minute * MINUTE) for serial in serials], START + minute * MINUTE)
        with CaptureQueriesContext(connection) as asked:
            assert engine.run_once() > 0
        return len(asked)

    serials = [f"S{number}" for number in range(12)]
    for serial in serials:
        make_worn(serial, agency=county)
    queries_for(serials, 1)
    assert queries_for(serials[:2], 2) == queries_for(serials, 3) <= 24


def test_it_keeps_a_protected_persons_positions_apart_and_warns(county, feed):
    wearer = make_worn("A1", agency=county)
    victim = make_worn("V1", agency=county, protected=True, partner=wearer)
    make_zone(wearer.order, "victim", {"partner": True, "radius_m": 300}, [], name="Stay away")
    assert wearer.part != victim.part
    deliver(feed, [fix("A1", START + minute * MINUTE) for minute in range(10)])
    assert kinds() == []
    deliver(feed, [fix("V1", START + minute * MINUTE, lat=HOME_LAT + 0.05) for minute in range(5)])
    assert kinds() == []
    deliver(feed, [fix("V1", START + minute * MINUTE, lat=HOME_LAT + 0.001) for minute in range(5, 10)])
    alert = Alert.objects.get()
    assert (alert.kind, alert.priority, alert.activation_id) == ("victim_proximity", "P1", wearer.pk)
    assert Reading.objects.filter(activation=victim).count() == 0
    assert SealedReading.objects.filter(activation=victim).count() == 10
    assert str(HOME_LAT + 0.001) not in str(Episode.objects.get(current=True).evidence)
