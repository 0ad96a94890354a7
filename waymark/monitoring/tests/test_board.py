"""The board shows what needs somebody, tells what is new once, and asks the database no more for many than for one."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from waymark.audit.models import Entry
from waymark.monitoring.actions.calls import escalate_due, send_calls
from waymark.monitoring.models import Alert
from waymark.monitoring.reads.alerts import board
from waymark.monitoring.tests.make import make_activation, make_order
from waymark.monitoring.tests.make_alerts import make_alert, make_suspension
from waymark.monitoring.tests.test_follow import HOUR, MINUTE
from waymark.web.clock import now

pytestmark = pytest.mark.django_db
POLL = {"HTTP_HX_REQUEST": "true", "HTTP_WAYMARK_POLL": "1"}


@pytest.fixture
def worn(officer):
    return make_activation(make_order(officer=officer, effective_at=now() - timedelta(days=30)))


def test_it_shows_the_most_urgent_and_then_the_oldest_first(worn, supervisor):
    at = now()
    kinds = ["battery_low", "strap_tamper", "left_during"]
    for n, kind in enumerate(kinds):
        make_alert(worn, kind, at=at - n * HOUR)
    shown = board(supervisor, at)
    assert [line.alert.kind for line in shown.lines] == ["strap_tamper", "left_during", "battery_low"]
    assert (shown.open, shown.need_you, shown.monitored, shown.oldest) == (3, 3, 1, "2 h 0 min")


def test_suspended_ones_are_counted_and_listed_and_not_among_those_that_wait(worn, supervisor, sign_in):
    make_suspension(worn, now() - HOUR, 8, by=supervisor)
    alert = make_alert(worn, at=now())
    shown = board(supervisor, now())
    assert (shown.open, shown.need_you, shown.suspended, shown.lines) == (1, 0, 1, [])
    listed = sign_in(supervisor).get(reverse("alert_list"), {"show": "suspended"}).content.decode()
    assert f"/monitoring/alerts/{alert.pk}/" in listed
    assert "In hospital" in listed


def test_it_shows_nothing_of_other_agencies(worn, stranger, unit_mate, sign_in):
    make_alert(worn, at=now())
    for user in (stranger, unit_mate):
        assert board(user, now()).open == 0
        assert "Reyes" not in sign_in(user).get(reverse("alert_list")).content.decode()


def test_a_refresh_tells_a_new_alert_once(worn, supervisor, sign_in):
    client = sign_in(supervisor)
    first = client.get("/monitoring/").content.decode()
    assert 'hx-get="/monitoring/?newest=0"' in first
    alert = make_alert(worn, at=now())
    told = client.get("/monitoring/?newest=0", **POLL).content.decode()
    assert "1 new alert." in told
    again = client.get(f"/monitoring/?newest={alert.pk}", **POLL).content.decode()
    assert "new alert" not in again
    assert "<html" not in again
    assert Entry.objects.filter(verb="board.viewed").count() == 2


def test_a_refresh_does_not_keep_a_session_open(worn, supervisor, sign_in, settings):
    client = sign_in(supervisor)
    client.get("/monitoring/")
    session = client.session
    session["active_at"] = time.time() - settings.SESSION_LOCK_SECONDS + 5
    session.save()
    client.get("/monitoring/?newest=0", **POLL)
    assert client.session["active_at"] == session["active_at"]
    client.get("/monitoring/")
    assert client.session["active_at"] > session["active_at"]


def test_who_is_called_sees_it_first_until_she_opens_it(worn, supervisor, sign_in):
    alert = make_alert(worn, at=now() - 6 * MINUTE)
    escalate_due(now())
    send_calls(now())
    client = sign_in(supervisor)
    assert "You are called" in client.get("/monitoring/").content.decode()
    client.get(f"/monitoring/alerts/{alert.pk}/")
    assert "You are called" not in client.get("/monitoring/").content.decode()


def test_the_list_holds_every_open_alert_however_old_and_so_does_its_file(worn, supervisor, sign_in):
    for days in (0, 2, 20):
        make_alert(make_activation(worn.order), "strap_tamper", at=now() - timedelta(days=days))
    client = sign_in(supervisor)
    html = client.get(reverse("alert_list")).content.decode()
    assert "3 alerts are open." in html
    assert "over 3 days: 1" in html
    assert len(client.get(reverse("alert_list"), {"format": "csv"}).content.decode().splitlines()) == 4
    assert "0 alerts are open" in client.get(reverse("alert_list"), {"priority": "P4"}).content.decode()
    assert "3 alerts are open" in client.get(reverse("alert_list"), {"words": "reyes"}).content.decode()


@pytest.mark.parametrize("name", ["board", "alert_list"])
def test_it_asks_as_much_for_one_alert_as_for_many(worn, supervisor, sign_in, name):
    client = sign_in(supervisor)
    make_alert(worn, at=now())
    client.get(reverse(name))

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse(name))
        return len(queries)

    one = asked()
    for n in range(12):
        make_alert(make_activation(worn.order), at=now() - n * HOUR)
    assert Alert.objects.count() == 13
    assert asked() == one


def test_the_officer_sees_the_board_without_buttons(worn, officer, sign_in):
    make_alert(worn, at=now())
    html = sign_in(officer).get("/monitoring/").content.decode()
    assert "strap opened" in html
    assert not re.search(r"<button[^>]*>Take<", html)
