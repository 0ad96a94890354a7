"""The ladder: who is called, when; caught up after a standstill, never twice, and never past a person who has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from waymark.accounts.models import Role, Scope
from waymark.accounts.tests.make import make_user
from waymark.cases.tests.test_race import at_once
from waymark.monitoring.actions import calls
from waymark.monitoring.actions.alert_work import take
from waymark.monitoring.actions.calls import escalate_due, send_calls
from waymark.monitoring.ladder import LADDERS, Rung, opening_of_business
from waymark.monitoring.models import Alert, AlertAct, Call
from waymark.monitoring.tests.make import make_activation, make_order
from waymark.monitoring.tests.make_alerts import FAMILY, make_alert, make_suspension
from waymark.monitoring.tests.test_follow import AT, HOUR, MINUTE

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def worn(officer):
    return make_activation(make_order(officer=officer, effective_at=AT - timedelta(days=30)))


@pytest.fixture
def head(division):
    return make_user(Role.SUPERVISOR, agency=division, scope=Scope.AGENCY)


def called(alert: Alert) -> list[tuple[int, object]]:
    return [(call.step, call.to) for call in alert.calls.order_by("step", "pk")]


def test_a_critical_alert_climbs_at_two_five_and_ten_minutes(worn, monitoring_staff, supervisor, head):
    alert = make_alert(worn, at=AT)
    assert called(alert) == [(0, None)]
    for minutes, rungs in ((1.9, 1), (2, 2), (4.9, 2), (5, 3), (9.9, 3), (10, 4), (60, 4)):
        escalate_due(AT + timedelta(minutes=minutes))
        assert called(alert) == [(0, None), (1, monitoring_staff), (2, supervisor), (3, head)][:rungs], minutes


def test_a_serious_alert_climbs_at_fifteen_and_thirty(worn, monitoring_staff, supervisor):
    alert = make_alert(worn, "left_during", at=AT)
    for minutes, rungs in ((14.9, 1), (15, 2), (29.9, 2), (30, 3)):
        escalate_due(AT + timedelta(minutes=minutes))
        assert called(alert) == [(0, None), (1, monitoring_staff), (2, supervisor)][:rungs], minutes


def test_a_routine_alert_waits_for_the_next_business_day(worn, monitoring_staff):
    friday = datetime(2026, 2, 13, 22, 0, tzinfo=UTC)
    alert = make_alert(worn, "battery_low", at=friday)
    monday = datetime(2026, 2, 16, 14, 0, tzinfo=UTC)  # 08:00 in St. Louis
    escalate_due(monday - MINUTE)
    assert {to for _, to in called(alert)} == {None}
    escalate_due(monday)
    assert (1, monitoring_staff) in called(alert)


def test_business_opens_at_eight_on_both_sides_of_daylight_saving():
    assert opening_of_business(datetime(2026, 3, 6, 20, 0, tzinfo=UTC), 1) == datetime(2026, 3, 9, 13, 0, tzinfo=UTC)
    assert opening_of_business(datetime(2026, 3, 3, 20, 0, tzinfo=UTC), 1) == datetime(2026, 3, 4, 14, 0, tzinfo=UTC)


def test_every_ladder_begins_at_the_board_at_once():
    assert {(ladder[0].rung, ladder[0].minutes, ladder[0].business_days) for ladder in LADDERS.values()} == {
        (Rung.BOARD, 0, 0)
    }


def test_a_reminder_does_not_begin_an_unfinished_ladder_again(worn, monitoring_staff):
    """Raised on a Monday before business opens: Tuesday's opening comes an hour after the first reminder."""
    monday = datetime(2026, 2, 16, 13, 0, tzinfo=UTC)  # 07:00 in St. Louis
    alert = make_alert(worn, "no_contact", at=monday)
    escalate_due(monday + DAY)
    assert called(alert) == [(0, None), (1, None)]
    escalate_due(monday + 25 * HOUR)
    assert (1, monitoring_staff) in called(alert)


def test_after_a_standstill_every_rung_is_called_once(worn, monitoring_staff, supervisor, head):
    alert = make_alert(worn, at=AT)
    escalate_due(AT + 3 * HOUR)
    escalate_due(AT + 3 * HOUR)
    assert called(alert) == [(0, None), (1, monitoring_staff), (2, supervisor), (3, head)]


def test_who_has_it_is_not_escalated_past(worn, supervisor, monitoring_staff):
    alert = make_alert(worn, at=AT)
    take(alert, by=supervisor, owner_id=None, at=AT + MINUTE)
    escalate_due(AT + HOUR)
    assert called(alert) == [(0, None)]


def test_nobody_is_called_who_may_not_see_the_person(worn, county, stranger):
    make_user(Role.MONITORING_STAFF, agency=county)
    make_user(Role.SUPERVISOR, unit=stranger.unit)
    alert = make_alert(worn, at=AT)
    escalate_due(AT + HOUR)
    assert called(alert) == [(0, None)]
    words = list(alert.acts.filter(act="escalated").values_list("words", flat=True))
    assert words == [f"To {rung}: no open account has this place." for rung in list(Rung)[1:]]


def test_a_closed_account_is_not_called(worn, monitoring_staff, supervisor):
    monitoring_staff.is_active = False
    monitoring_staff.save()
    alert = make_alert(worn, at=AT)
    escalate_due(AT + 2 * MINUTE)
    assert called(alert) == [(0, None), (1, supervisor)]


def test_it_reminds_every_day_while_it_lasts(worn, monitoring_staff):
    alert = make_alert(worn, "no_contact", at=AT)
    for day in (1, 2, 3):
        escalate_due(AT + day * DAY - MINUTE)
        escalate_due(AT + day * DAY)
        alert.refresh_from_db()
        assert alert.reminded == day
    assert alert.acts.filter(act="reminded").count() == 3
    assert alert.calls.filter(to=None).count() == 4


def test_it_tells_the_owner_and_nobody_else_that_it_still_lasts(worn, supervisor):
    alert = make_alert(worn, at=AT)
    take(alert, by=supervisor, owner_id=None, at=AT)
    escalate_due(AT + DAY)
    alert.refresh_from_db()
    assert (alert.state, called(alert)) == ("working", [(0, None), (1, supervisor)])


def test_it_does_not_remind_of_what_ended_or_of_a_device_taken_off(worn):
    ended = make_alert(worn, at=AT, closed_at=AT + MINUTE)
    lasts = make_alert(worn, "no_contact", at=AT)
    worn.until_at = AT + HOUR
    worn.save()
    escalate_due(AT + 5 * DAY)
    for alert in (ended, lasts):
        assert not alert.acts.filter(act="reminded").exists()


def test_a_call_is_sent_once_and_the_leg_is_kept(worn):
    alert = make_alert(worn, at=AT)
    assert send_calls(AT + MINUTE) == 1
    assert send_calls(AT + 2 * MINUTE) == 0
    alert.refresh_from_db()
    assert alert.notified_at == AT + MINUTE
    assert alert.acts.filter(act="notified").count() == 1


class Killed(BaseException):
    """Not an Exception: nothing catches it on its way, as nothing catches kill -9."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("dies_in", ["_queue", "climb", "note"])
def test_killed_at_any_moment_and_begun_again_it_calls_each_once(
    worn, monitoring_staff, supervisor, head, monkeypatch, dies_in
):
    """The clock dies before, within and after its writes, again and again; each call stands once at the end."""
    alert = make_alert(worn, at=AT)
    whole = getattr(calls, dies_in)
    for after in (False, True) * 3:

        def die(*args, _after=after, **kwargs):
            if _after:
                whole(*args, **kwargs)
            raise Killed

        monkeypatch.setattr(calls, dies_in, die)
        with pytest.raises(Killed):
            escalate_due(AT + HOUR)
        monkeypatch.setattr(calls, dies_in, whole)
    escalate_due(AT + HOUR)
    escalate_due(AT + HOUR)
    assert called(alert) == [(0, None), (1, monitoring_staff), (2, supervisor), (3, head)]
    assert alert.acts.filter(act="escalated").count() == 3


@transaction.atomic
def send_and_die() -> None:
    send_calls(AT)
    raise Killed


@pytest.mark.django_db(transaction=True)
def test_killed_between_commit_and_notice_it_notifies_exactly_once(worn, monkeypatch):
    for _ in range(5):
        make_alert(worn, at=AT)
        with pytest.raises(Killed):
            send_and_die()
    assert not Call.objects.exclude(sent_at=None).exists()
    send_calls(AT)
    assert not Call.objects.filter(sent_at=None).exists()
    assert AlertAct.objects.filter(act="notified").count() == Alert.objects.count()


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_call_each_once(worn, monitoring_staff, supervisor, head):
    alert = make_alert(worn, at=AT)
    came = at_once(lambda: escalate_due(AT + HOUR), lambda: escalate_due(AT + HOUR), lambda: send_calls(AT + HOUR))
    assert not [one for one in came if isinstance(one, Exception)]
    assert called(alert) == [(0, None), (1, monitoring_staff), (2, supervisor), (3, head)]


KINDS = st.sampled_from(sorted(set(FAMILY) - {"low_level_alcohol"}))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(KINDS, st.integers(0, 600), st.booleans()), min_size=1, max_size=6))
def test_every_alert_reaches_a_person_or_the_top_and_suspended_ones_are_listed(officer, supervisor, story):
    for kind, minute, suspended in story:
        worn = make_activation(make_order(officer=officer, effective_at=AT - timedelta(days=30)))
        at = AT + minute * MINUTE
        if suspended:
            make_suspension(worn, at - HOUR, 24 * 30, by=supervisor)
        make_alert(worn, kind, at=at)
    for hour in range(0, 5 * 24, 6):
        escalate_due(AT + hour * HOUR)
    for alert in Alert.objects.exclude(state=Alert.State.CLOSED):
        if alert.suspension_id:
            assert alert.state == "new"
            assert not alert.calls.exists()
        else:
            rungs = set(alert.calls.values_list("step", flat=True))
            assert rungs >= set(range(len(LADDERS[alert.priority])))
            assert alert.calls.filter(to=supervisor).exists()
