"""Leave is asked for on the phone and decided by staff; who decides first has decided, and the plan knows at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from waymark.cases.actions.saving import CannotEnter
from waymark.monitoring.actions.leave import CannotAsk, ask_for_leave, decide, enter_change, take_back, withdraw
from waymark.monitoring.facts import participant_for
from waymark.monitoring.models import LogRecord, MonitoringOrder, ScheduleChange
from waymark.monitoring.tests.make import make_activation, make_change, make_order, make_zone
from waymark.people.tests.make import make_person
from waymark.web.clock import now

pytestmark = pytest.mark.django_db
State = ScheduleChange.State


@pytest.fixture
def order(officer, division, participant):
    order = make_order(make_person(officer, account=participant), agency=division)
    make_zone(order)
    return order


def tomorrow(hours=0):
    return now() + timedelta(days=1, hours=hours)


def ask(order, by, **said):
    given = {"from_at": tomorrow(), "until_at": tomorrow(2), "purpose": "Dentist", "place": "Main Street"}
    return ask_for_leave(order, by=by, **{**given, **said})


@pytest.mark.parametrize(
    ("from_hours", "until_hours", "why"),
    [(2, 0, "leave_ends_before"), (-30, 2, "leave_in_the_past"), (0, 800, "leave_too_long")],
)
def test_a_participant_cannot_ask_for_what_cannot_be(order, participant, from_hours, until_hours, why):
    with pytest.raises(CannotAsk, match=why):
        ask(order, participant, from_at=tomorrow(from_hours), until_at=tomorrow(until_hours))
    assert not ScheduleChange.objects.exists()


def test_what_overlaps_is_asked_for_once(order, participant):
    ask(order, participant)
    with pytest.raises(CannotAsk, match="leave_overlaps"):
        ask(order, participant, from_at=tomorrow(1), until_at=tomorrow(3))


def test_approved_leave_is_in_the_plan_at_once(order, participant, monitoring_staff):
    worn = make_activation(order)
    change = ask(order, participant)
    assert participant_for(worn).leave == ()
    assert not LogRecord.objects.exists()
    decide(change, approve=True, by=monitoring_staff, version=change.version)
    [leave] = participant_for(worn).leave
    assert (leave.reason, leave.id) == ("Dentist", str(change.pk))
    assert LogRecord.objects.get().activation_id == worn.pk


def test_to_refuse_asks_for_a_reason(order, participant, monitoring_staff):
    change = ask(order, participant)
    with pytest.raises(CannotEnter, match="Say why"):
        decide(change, approve=False, by=monitoring_staff, version=change.version)
    refused = decide(change, approve=False, by=monitoring_staff, version=change.version, answer="Bring the letter.")
    assert (refused.state, refused.answer) == (State.REFUSED, "Bring the letter.")
    assert not LogRecord.objects.exists()


def test_who_decides_second_is_told_who_was_first(order, participant, monitoring_staff, supervisor):
    change = ask(order, participant)
    decide(change, approve=True, by=supervisor, version=1)
    with pytest.raises(CannotEnter, match="Ida Novak was first: it is approved"):
        decide(change, approve=False, by=monitoring_staff, version=1, answer="No.")
    change.refresh_from_db()
    assert (change.state, change.decided_by) == (State.APPROVED, supervisor)


def test_long_leave_needs_a_supervisor(order, participant, monitoring_staff, supervisor):
    change = ask(order, participant, until_at=tomorrow(17))
    with pytest.raises(CannotEnter, match="needs a supervisor"):
        decide(change, approve=True, by=monitoring_staff, version=1)
    assert decide(change, approve=True, by=supervisor, version=1).state == State.APPROVED


@pytest.mark.parametrize(
    ("from_hours", "until_hours", "words"),
    [
        (2, 1, "not after the beginning"),
        (-30, 1, "has passed"),
        (0, 17, "supervisor"),
        (1, 3, "is approved already"),
    ],
)
def test_staff_cannot_enter_what_cannot_be(order, monitoring_staff, from_hours, until_hours, words):
    make_change(order, monitoring_staff, from_at=tomorrow(1.5), state=State.APPROVED)
    with pytest.raises(CannotEnter, match=words):
        enter_change(
            order,
            kind="leave",
            from_at=tomorrow(from_hours),
            until_at=tomorrow(until_hours),
            purpose="Court",
            by=monitoring_staff,
            version=order.version,
        )
    assert ScheduleChange.objects.count() == 1


def test_what_runs_is_ended_and_what_is_to_come_is_taken_out(order, monitoring_staff):
    at = now()
    runs = make_change(order, monitoring_staff, from_at=at - timedelta(hours=1), state=State.APPROVED)
    take_back(runs, by=monitoring_staff, version=1, why="Called back", at=at)
    runs.refresh_from_db()
    assert (runs.state, runs.until_at) == (State.APPROVED, at)
    to_come = make_change(order, monitoring_staff, state=State.APPROVED)
    assert take_back(to_come, by=monitoring_staff, version=1, why="Cancelled").state == State.WITHDRAWN


def test_a_participant_takes_back_what_waits_alone(order, participant, monitoring_staff):
    assert withdraw(ask(order, participant), by=participant).state == State.WITHDRAWN
    answered = ask(order, participant)
    decide(answered, approve=True, by=monitoring_staff, version=1)
    with pytest.raises(CannotAsk, match="leave_answered"):
        withdraw(answered, by=participant)


def test_from_the_phone_to_the_answer(order, participant, monitoring_staff, sign_in):
    phone, office = sign_in(participant), sign_in(monitoring_staff)
    day = timezone.localtime(tomorrow()).date()
    said = {"on": day.isoformat(), "from_time": "21:00", "until_time": "23:30", "purpose": "Work", "place": "Plant"}
    assert phone.post(reverse("my_leave"), said).url == reverse("my_schedule")
    assert "Waiting for an answer" in phone.get(reverse("my_schedule")).content.decode()
    change = ScheduleChange.objects.get()
    assert timezone.localtime(change.until_at).hour == 23
    assert "Plant" in office.get(reverse("leave_requests")).content.decode()
    page = reverse("leave_request", args=[change.pk])
    assert "May" in office.get(page).content.decode()
    assert "Say why it is refused" in office.post(page, {"version": 1, "decision": "refuse"}).content.decode()
    assert office.post(page, {"version": 1, "decision": "approve", "answer": "Good luck."}).status_code == 302
    read = phone.get(reverse("my_schedule")).content.decode()
    assert "Answer: Good luck." in read
    assert "was first" in office.post(page, {"version": 1, "decision": "refuse", "answer": "x"}).content.decode()


def test_the_phone_is_told_in_spanish(order, participant, sign_in):
    participant.language = "es"
    participant.save()
    phone = sign_in(participant)
    page = phone.post(reverse("my_leave"), {"on": "2020-01-01", "from_time": "10:00"}).content.decode()
    assert "Hasta: está vacío. Complételo." in page
    late = {"on": "2020-01-01", "from_time": "10:00", "until_time": "11:00", "purpose": "x", "place": "y"}
    assert "Esa hora ya pasó." in phone.post(reverse("my_leave"), late).content.decode()


def test_nobody_else_reaches_a_request(order, participant, unit_mate, stranger, monitoring_staff, officer, sign_in):
    change = ask(order, participant)
    for user in (unit_mate, stranger, officer, participant):
        assert sign_in(user).get(reverse("leave_request", args=[change.pk])).status_code == 404
    other = make_order(make_person(officer))
    theirs = make_change(other, officer)
    assert sign_in(participant).post(reverse("my_leave_withdraw", args=[theirs.pk])).status_code == 404
    assert "Dentist" not in sign_in(stranger).get(reverse("leave_requests")).content.decode()
    assert "Dentist" in sign_in(monitoring_staff).get(reverse("leave_requests")).content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_at_once(order, participant, monitoring_staff, supervisor):
    change = ask(order, participant)
    start = Barrier(2)

    def act(approve, by):
        try:
            start.wait(10)
            return decide(ScheduleChange.objects.get(pk=change.pk), approve=approve, by=by, version=1, answer="So.")
        except CannotEnter as told:
            return told
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        came = list(threads.map(act, (True, False), (supervisor, monitoring_staff)))
    [kept] = [one for one in came if isinstance(one, ScheduleChange)]
    [told] = [one for one in came if isinstance(one, CannotEnter)]
    assert "was first" in str(told)
    change.refresh_from_db()
    assert (change.state, change.version) == (kept.state, 2)
    assert MonitoringOrder.objects.get(pk=order.pk).version == (2 if kept.state == State.APPROVED else 1)
