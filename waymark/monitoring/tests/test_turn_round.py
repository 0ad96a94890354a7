"""Later data turn round what was told: what lasts is never left without a call, and nobody is taken for another."""

from __future__ import annotations

from datetime import timedelta

import pytest

from waymark.monitoring.actions.alert_work import conclude
from waymark.monitoring.actions.calls import escalate_due
from waymark.monitoring.models import Alert, Episode, OrderVersion
from waymark.monitoring.tests.make import make_activation, make_device, make_order
from waymark.monitoring.tests.make_alerts import changed, make_alert, make_episode, make_suspension, tell
from waymark.monitoring.tests.test_follow import AT, HOUR, MINUTE

pytestmark = pytest.mark.django_db


@pytest.fixture
def worn(officer):
    return make_activation(make_order(officer=officer, effective_at=AT - timedelta(days=30)))


def withdrawn(episode):
    """The stretch never was, by what is known now; what was believed of it is superseded."""
    return changed(episode, withdrawn=True, current=False)


def test_what_was_withdrawn_and_happened_after_all_stands_again(worn):
    episode = make_episode(worn, "exclusion_entered", opened_at=AT)
    tell(worn, episode, at=AT)
    tell(worn, withdrawn(episode), at=AT + MINUTE)
    again = make_episode(worn, "exclusion_entered", opened_at=AT, episode_id=episode.episode_id)
    (alert,) = tell(worn, again, at=AT + 2 * MINUTE)
    assert (alert.state, alert.withdrawn_at, alert.cleared_at) == ("new", None, None)
    assert alert.acts.filter(act="changed", words__startswith="It stands again").exists()


def test_what_was_closed_as_withdrawn_and_happened_after_all_calls_anew(worn, supervisor):
    episode = make_episode(worn, "exclusion_entered", opened_at=AT)
    tell(worn, episode, at=AT)
    (alert,) = tell(worn, withdrawn(episode), at=AT + MINUTE)
    said = {"conclusion": "not_confirmed", "reason": "late_data", "words": "Later data."}
    conclude(alert, **said, by=supervisor, version=alert.version, at=AT + 2 * MINUTE)
    again = make_episode(worn, "exclusion_entered", opened_at=AT, episode_id=episode.episode_id)
    former, anew = tell(worn, again, at=AT + 3 * MINUTE)
    assert (former.state, former.conclusion) == ("closed", "not_confirmed")
    assert (anew.state, anew.priority, anew.calls.count()) == ("new", "P1", 1)


def test_what_was_found_too_late_to_act_on_calls_once_it_is_known_to_last(worn):
    episode = make_episode(worn, "left_during", opened_at=AT, closed_at=AT + MINUTE)
    (alert,) = tell(worn, episode, at=AT + 3 * HOUR)
    assert not alert.calls.exists()
    (alert,) = tell(worn, changed(episode, closed_at=None), at=AT + 4 * HOUR)
    assert (alert.cleared_at, alert.calls.count()) == (None, 1)
    escalate_due(AT + 4 * HOUR + 15 * MINUTE)
    alert.refresh_from_db()
    assert alert.escalation_step == 2


def test_what_ended_while_suspended_and_lasts_after_all_calls_when_the_suspension_is_over(worn, supervisor):
    make_suspension(worn, AT - HOUR, 2, by=supervisor)
    episode = make_episode(worn, opened_at=AT)
    tell(worn, episode, at=AT)
    ended = changed(episode, closed_at=AT + MINUTE)
    tell(worn, ended, at=AT + MINUTE)
    escalate_due(AT + 2 * HOUR)
    tell(worn, changed(ended.after, closed_at=None), at=AT + 2 * HOUR)
    escalate_due(AT + 2 * HOUR)
    assert Alert.objects.get().calls.exists()


def test_a_protected_persons_device_is_not_taken_for_the_participants(worn):
    carried = make_activation(worn.order, make_device(kind="protected"), protected=True, partner=worn)
    alert = make_alert(carried, "strap_tamper", at=AT)
    assert alert.words == "the protected person’s device: strap opened"
    (alert,) = tell(carried, changed(Episode.objects.get(), closed_at=AT + MINUTE), at=AT + MINUTE)
    battery = make_episode(carried, "battery_low", opened_at=AT)
    tell(carried, battery, at=AT)
    (_, alert) = tell(carried, changed(battery, kind="battery_critical", severity="P3"), at=AT + MINUTE)
    assert alert.words == "the protected person’s device: battery nearly empty"


def test_it_says_when_no_order_held(worn, supervisor):
    OrderVersion.objects.create(order=worn.order, kind="end", effective_at=AT - HOUR, entered_at=AT - HOUR)
    alert = make_alert(worn, at=AT)
    assert (alert.state, alert.calls.count()) == ("new", 1)
    assert alert.acts.filter(words__contains="No order of monitoring held then").exists()
