"""What devices said comes in once, without a gap, however often the simulator was stopped."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from waymark.accounts.models import User
from waymark.demo.load import load
from waymark.demo.movement import said_between
from waymark.demo.simulator import FIRST_STAGED, Live, NotTaken, Worn, catch_up, directly, heard_until, worn_now
from waymark.monitoring.access import notices_served_on
from waymark.monitoring.engine import run_once
from waymark.monitoring.models import Alert, Feed, RawMessage, Reading
from waymark.telemetry.instants import DAY_MS, ms_of

pytestmark = pytest.mark.django_db

AS_OF = date(2026, 6, 15)
MORNING = datetime(2026, 6, 15, 13, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def county():
    load(12, 1, AS_OF)


def test_everything_of_three_days_is_there_and_a_second_time_adds_nothing(county):
    catch_up(MORNING)
    [one] = worn_now()
    assert stored(one) == said(one, ms_of(MORNING) - 3 * DAY_MS, MORNING)
    assert not RawMessage.objects.exclude(state="read").exists()
    assert catch_up(MORNING).readings == 0


def test_what_happened_is_worked_and_one_notice_is_served_on_the_judge(county):
    catch_up(MORNING)
    assert Alert.objects.filter(family="curfew", conclusion="confirmed").exists()
    assert notices_served_on(User.objects.get(username="judge")).count() == 1


def test_it_goes_on_where_it_was_stopped(county):
    """Stopped in between, killed before the engine had read the last message, and asleep for a day."""
    catch_up(MORNING - 40 * HOUR)
    live = Live(directly, MORNING - 30 * HOUR, speed=0)
    live.step(MORNING - 30 * HOUR)
    Live(directly, MORNING - 29 * HOUR, speed=0).step(MORNING - 29 * HOUR)
    catch_up(MORNING)
    [one] = worn_now()
    assert stored(one) == said(one, ms_of(MORNING - 40 * HOUR) - 3 * DAY_MS, MORNING)


def test_a_post_that_did_not_arrive_comes_again(county):
    catch_up(MORNING)
    arrived: list[str] = []

    def send(feed: Feed, body: bytes) -> None:
        if not arrived:
            arrived.append("")
            raise NotTaken("Nobody there.")
        arrived.extend(reading["happened_at"] for reading in json.loads(body))

    live = Live(send, MORNING, speed=0)
    with pytest.raises(NotTaken):
        live.step(MORNING + HOUR)
    live.step(MORNING + HOUR)
    live.step(MORNING + HOUR)
    [one] = worn_now()
    assert len(arrived) - 1 == len(set(arrived) - {""}) == len(said(one, ms_of(MORNING), MORNING + HOUR))


def test_a_visitor_soon_sees_a_strap_open_and_close(county):
    catch_up(MORNING)
    live = Live(directly, MORNING)
    for minute in range(12):
        live.step(MORNING + FIRST_STAGED + timedelta(minutes=minute))
        while run_once():
            pass
    alert = Alert.objects.get(family="strap")
    assert alert.priority == "P1"
    assert alert.happened_at - MORNING < timedelta(minutes=1, seconds=30)
    assert alert.cleared_at is not None


def test_it_says_nothing_for_a_county_that_is_not_the_demos():
    live = Live(directly, MORNING)
    assert live.step(MORNING + HOUR) == 0
    assert catch_up(MORNING).messages == 0


def stored(one: Worn) -> list[int]:
    return list(
        Reading.objects.filter(activation=one.activation).order_by("happened_ms").values_list("happened_ms", flat=True)
    )


def said(one: Worn, after_ms: int, until: datetime) -> list[int]:
    assert heard_until([one])[one.activation] <= ms_of(until)
    return [reading.happened_ms for reading in said_between(one.habits, after_ms, ms_of(until))]
