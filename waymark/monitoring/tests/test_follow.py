"""Alerts follow the episodes: raised, joined, raised higher, cleared, withdrawn; closed by the machine where it may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from waymark.monitoring.actions.alert_work import conclude, take
from waymark.monitoring.actions.calls import escalate_due, send_calls
from waymark.monitoring.models import Alert, AlertAct, Call, Episode
from waymark.monitoring.reasons import MACHINE_MAY_CLOSE
from waymark.monitoring.tests.make import make_activation, make_order, make_zone
from waymark.monitoring.tests.make_alerts import FAMILY, changed, make_alert, make_episode, make_suspension, tell

AT = datetime(2026, 2, 12, 15, 38, tzinfo=UTC)  # Thursday, 09:38 in St. Louis
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def worn(officer):
    return make_activation(make_order(officer=officer, effective_at=AT - timedelta(days=30)))


def acts(alert: Alert) -> list[str]:
    return list(alert.acts.values_list("act", flat=True))


def test_it_raises_an_alert_from_a_new_episode(worn):
    home = make_zone(worn.order)
    episode = make_episode(worn, "left_during", opened_at=AT, zone=home)
    (alert,) = tell(worn, episode, at=AT + 4 * MINUTE)
    assert (alert.priority, alert.state, alert.words) == ("P2", "new", "left Home during required hours")
    assert (alert.happened_at, alert.evaluated_at, alert.cleared_at) == (AT, AT + 4 * MINUTE, None)
    assert Episode.objects.get().alert == alert
    assert [(call.to, call.step) for call in alert.calls.all()] == [(None, 0)]


def test_it_changes_nothing_when_told_the_same_again(worn):
    episode = make_episode(worn, opened_at=AT)
    tell(worn, episode, at=AT)
    closing = changed(episode, closed_at=AT + MINUTE)
    tell(worn, closing, at=AT + MINUTE)
    before = (Alert.objects.values().get(), list(AlertAct.objects.values()), list(Call.objects.values()))
    tell(worn, episode, closing, at=AT + 2 * MINUTE)
    assert (Alert.objects.values().get(), list(AlertAct.objects.values()), list(Call.objects.values())) == before


def test_it_names_no_protected_place(worn):
    zone = make_zone(worn.order, kind="victim", name="12 Elm Street", is_home=False)
    (alert,) = tell(worn, make_episode(worn, "exclusion_entered", opened_at=AT, zone=zone), at=AT)
    assert "Elm" not in alert.words


@pytest.mark.parametrize(("minutes", "alerts"), [(29, 1), (31, 2)])
def test_flapping_joins_the_open_alert_within_half_an_hour(worn, minutes, alerts):
    first = make_episode(worn, opened_at=AT, closed_at=AT + MINUTE)
    tell(worn, first, at=AT + MINUTE)
    found = tell(worn, make_episode(worn, opened_at=AT + (minutes + 1) * MINUTE), at=AT + 40 * MINUTE)
    assert len(found) == alerts
    assert found[0].repeats == (1 if alerts == 1 else 0)
    assert (found[0].cleared_at is None) == (alerts == 1)


def test_it_joins_no_other_family_zone_or_person(worn):
    one, two = make_zone(worn.order), make_zone(worn.order, name="Work", is_home=False)
    episodes = [
        make_episode(worn, "left_during", opened_at=AT, zone=one),
        make_episode(worn, "left_during", opened_at=AT, zone=two),
        make_episode(worn, "no_contact", opened_at=AT),
    ]
    assert len(tell(worn, *episodes, at=AT)) == 3
    assert len(tell(make_activation(), make_episode(make_activation(), opened_at=AT), at=AT)) == 1


def test_it_does_not_join_what_a_person_concluded(worn, officer):
    alert = make_alert(worn, at=AT)
    conclude(
        alert,
        conclusion="equipment",
        reason="strap_fault",
        words="Loose",
        by=officer,
        version=1,
        at=AT,
        still_lasts=True,
    )
    assert len(tell(worn, make_episode(worn, opened_at=AT + MINUTE), at=AT + MINUTE)) == 2


def test_cleared_is_not_closed(worn):
    episode = make_episode(worn, opened_at=AT)
    tell(worn, episode, at=AT)
    (alert,) = tell(worn, changed(episode, closed_at=AT + MINUTE), at=AT + MINUTE)
    assert (alert.cleared_at, alert.state, alert.closed_at) == (AT + MINUTE, "new", None)
    assert acts(alert) == ["raised", "cleared"]


def test_a_low_battery_that_was_charged_is_closed_by_the_machine(worn):
    episode = make_episode(worn, "battery_low", opened_at=AT)
    tell(worn, episode, at=AT)
    (alert,) = tell(worn, changed(episode, closed_at=AT + HOUR), at=AT + HOUR)
    assert (alert.state, alert.closed_by, alert.reason) == ("closed", None, "charged")


def test_a_low_battery_somebody_works_on_is_left_to_her(worn, officer):
    episode = make_episode(worn, "battery_low", opened_at=AT)
    (alert,) = tell(worn, episode, at=AT)
    take(alert, by=officer, owner_id=None, at=AT)
    (alert,) = tell(worn, changed(episode, closed_at=AT + HOUR), at=AT + HOUR)
    assert alert.state == "working"


@pytest.mark.parametrize(("severity", "state"), [("P3", "closed"), ("P2", "new")])
def test_a_silence_that_ended_is_closed_in_its_first_stage_alone(worn, severity, state):
    episode = make_episode(worn, "no_contact", opened_at=AT, severity=severity)
    tell(worn, episode, at=AT)
    (alert,) = tell(worn, changed(episode, closed_at=AT + HOUR), at=AT + HOUR)
    assert alert.state == state


def test_it_raises_the_priority_when_a_kind_ripens(worn):
    episode = make_episode(worn, "no_contact", opened_at=AT)
    tell(worn, episode, at=AT)
    calls = Call.objects.count()
    (alert,) = tell(worn, changed(episode, severity="P2"), at=AT + 48 * HOUR)
    assert alert.priority == "P2"
    assert "Raised from routine to serious." in list(alert.acts.values_list("words", flat=True))
    assert Call.objects.count() == calls + 1
    (alert,) = tell(worn, changed(Episode.objects.get(current=True), severity="P3"), at=AT + 49 * HOUR)
    assert alert.priority == "P2"  # it never falls


def test_it_tells_the_one_who_works_on_it_that_it_became_worse(worn, officer):
    episode = make_episode(worn, "battery_low", opened_at=AT)
    (alert,) = tell(worn, episode, at=AT)
    take(alert, by=officer, owner_id=None, at=AT)
    (alert,) = tell(worn, changed(episode, kind="battery_critical", severity="P3"), at=AT + HOUR)
    assert (alert.state, alert.owner, alert.words) == ("working", officer, "battery nearly empty")
    assert alert.calls.filter(to=officer).count() == 1


def test_what_becomes_worse_after_it_was_concluded_is_a_new_alert(worn, officer):
    episode = make_episode(worn, "no_contact", opened_at=AT)
    (alert,) = tell(worn, episode, at=AT)
    conclude(alert, conclusion="equipment", reason="coverage", words="Basement", by=officer, version=1, at=AT + HOUR)
    worse = changed(episode, severity="P2")
    first, second = tell(worn, worse, at=AT + 48 * HOUR)
    assert (first.state, second.state, second.priority) == ("closed", "new", "P2")
    tell(worn, changed(worse.after, closed_at=AT + 50 * HOUR), at=AT + 50 * HOUR)
    second.refresh_from_db()
    assert second.cleared_at == AT + 50 * HOUR


def test_a_withdrawn_tamper_waits_for_a_person(worn):
    episode = make_episode(worn, opened_at=AT)
    tell(worn, episode, at=AT)
    (alert,) = tell(worn, changed(episode, withdrawn=True), at=AT + HOUR)
    assert (alert.state, alert.withdrawn_at) == ("new", AT + HOUR)
    assert "withdrawn" in acts(alert)


@pytest.mark.parametrize(("told", "state"), [(False, "closed"), (True, "new")])
def test_a_withdrawn_low_battery_is_closed_unless_somebody_was_told(worn, told, state):
    episode = make_episode(worn, "battery_low", opened_at=AT)
    tell(worn, episode, at=AT)
    if told:
        send_calls(AT)
    (alert,) = tell(worn, changed(episode, withdrawn=True), at=AT + HOUR)
    assert alert.state == state


def test_a_confirmed_alert_that_is_withdrawn_comes_back(worn, officer):
    episode = make_episode(worn, opened_at=AT, closed_at=AT + MINUTE)
    (alert,) = tell(worn, episode, at=AT + MINUTE)
    conclude(alert, conclusion="confirmed", reason="tampered", words="Cut", by=officer, version=1, at=AT + HOUR)
    (alert,) = tell(worn, changed(episode, withdrawn=True), at=AT + 2 * HOUR)
    assert (alert.state, alert.conclusion) == ("new", "")
    assert acts(alert)[-2:] == ["withdrawn", "reopened"]


def test_a_stretch_that_moved_keeps_its_alert(worn):
    old = make_episode(worn, opened_at=AT)
    tell(worn, old, at=AT)
    earlier = make_episode(worn, opened_at=AT - 2 * HOUR)
    (alert,) = tell(worn, changed(old, withdrawn=True), earlier, at=AT + HOUR)
    assert (alert.happened_at, alert.repeats, alert.withdrawn_at) == (AT - 2 * HOUR, 0, None)
    assert alert.cleared_at is None


@pytest.mark.parametrize(
    ("kind", "ended_ago", "called"),
    [("left_during", 50 * MINUTE, True), ("left_during", 3 * HOUR, False), ("strap_tamper", 30 * HOUR, True)],
)
def test_what_is_found_too_late_to_act_on_is_listed_and_calls_nobody(worn, kind, ended_ago, called):
    late = make_episode(worn, kind, opened_at=AT - 40 * HOUR, closed_at=AT - ended_ago)
    (alert,) = tell(worn, late, at=AT)
    assert alert.state == "new"
    assert alert.calls.exists() == called


def test_information_raises_no_alert_until_it_ripens(worn):
    episode = make_episode(worn, "low_level_alcohol", opened_at=AT)
    assert tell(worn, episode, at=AT) == []
    (alert,) = tell(worn, changed(episode, kind="alcohol_confirmable", severity="P2"), at=AT + HOUR)
    assert alert.kind == "alcohol_confirmable"


def test_a_suspended_alert_is_listed_and_calls_nobody(worn, supervisor):
    make_suspension(worn, AT - HOUR, 4, by=supervisor)
    (alert,) = tell(worn, make_episode(worn, opened_at=AT), at=AT)
    escalate_due(AT + 2 * HOUR)
    alert.refresh_from_db()
    assert alert.suspension is not None
    assert not alert.calls.exists()


@pytest.mark.parametrize("lifted_after", [None, HOUR])
def test_it_calls_when_the_suspension_ends_and_the_condition_lasts(worn, supervisor, lifted_after):
    suspension = make_suspension(worn, AT - HOUR, 4, by=supervisor)
    (alert,) = tell(worn, make_episode(worn, opened_at=AT), at=AT)
    end = suspension.until_at
    if lifted_after:
        end = suspension.lifted_at = AT + lifted_after
        suspension.save()
    escalate_due(end - MINUTE)
    assert not alert.calls.exists()
    escalate_due(end)
    assert alert.calls.filter(to=None).count() == 1


def test_it_calls_nobody_when_the_condition_ended_before_the_suspension(worn, supervisor):
    make_suspension(worn, AT - HOUR, 4, by=supervisor)
    episode = make_episode(worn, opened_at=AT)
    tell(worn, episode, at=AT)
    (alert,) = tell(worn, changed(episode, closed_at=AT + HOUR), at=AT + HOUR)
    escalate_due(AT + 5 * HOUR)
    assert (Alert.objects.get().state, alert.calls.exists()) == ("new", False)


def test_a_repeat_after_the_suspension_calls(worn, supervisor):
    make_suspension(worn, AT - HOUR, 2, by=supervisor)
    tell(worn, make_episode(worn, opened_at=AT, closed_at=AT + 50 * MINUTE), at=AT + 50 * MINUTE)
    (alert,) = tell(worn, make_episode(worn, opened_at=AT + 65 * MINUTE), at=AT + 65 * MINUTE)
    assert alert.calls.filter(to=None).count() == 1


def test_friday_evening_to_sunday_afternoon_has_no_hole(worn, supervisor):
    friday = datetime(2026, 2, 14, 2, 0, tzinfo=UTC)  # Friday 20:00
    make_suspension(worn, friday, 44, by=supervisor)
    for hour in range(44):
        make_alert(worn, "no_location", at=friday + hour * HOUR, closed_at=friday + hour * HOUR + MINUTE)
    assert Alert.objects.filter(suspension=None).count() == 0
    assert not Call.objects.exists()
    assert make_alert(worn, "no_location", at=friday + 44 * HOUR).suspension is None


KINDS = st.sampled_from(sorted(set(FAMILY) - {"low_level_alcohol"}))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(KINDS, st.integers(0, 300), st.integers(1, 90), st.sampled_from("cwo")), min_size=1, max_size=8)
)
def test_it_never_closes_what_a_person_must_close(worn, story):
    """Whatever begins, ends, is withdrawn or lasts, and in whatever order: what the machine closed, it may close."""
    for kind, minute, length, then in sorted(story, key=lambda one: one[1]):
        begins = AT + minute * MINUTE
        episode = make_episode(worn, kind, opened_at=begins)
        tell(worn, episode, at=begins)
        if then == "c":
            tell(worn, changed(episode, closed_at=begins + length * MINUTE), at=begins + length * MINUTE)
        elif then == "w":
            tell(worn, changed(episode, withdrawn=True), at=begins + length * MINUTE)
        escalate_due(begins + length * MINUTE)
        send_calls(begins + length * MINUTE)
    closed = Alert.objects.filter(state="closed")
    assert {alert.kind for alert in closed} <= MACHINE_MAY_CLOSE.keys()
    assert all(alert.priority == MACHINE_MAY_CLOSE[alert.kind][0] for alert in closed)
    assert not closed.exclude(family__in=["battery", "contact"]).exists()
    assert not Episode.objects.filter(alert=None).exists()
