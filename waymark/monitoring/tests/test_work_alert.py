"""People acknowledge, take, call, conclude and open alerts again; of two at once the second is told who was first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from tests.test_permissions import plain
from waymark.audit.models import Entry
from waymark.audit.verification import verify
from waymark.cases.tests.test_race import at_once
from waymark.monitoring.actions.alert_work import (
    CannotWork,
    StaleAlert,
    acknowledge,
    add_note,
    conclude,
    reopen,
    take,
)
from waymark.monitoring.actions.calls import escalate_due
from waymark.monitoring.models import Alert, AlertAct
from waymark.monitoring.reasons import OFFERED
from waymark.monitoring.tests.make import make_activation, make_order
from waymark.monitoring.tests.make_alerts import changed, make_alert, make_episode, tell
from waymark.monitoring.tests.test_follow import AT, HOUR, MINUTE

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
DONE = {"conclusion": "confirmed", "reason": "tampered", "words": "He cut it.", "still_lasts": True}


@pytest.fixture
def worn(officer):
    return make_activation(make_order(officer=officer, effective_at=AT - timedelta(days=30)))


@pytest.fixture
def alert(worn) -> Alert:
    return make_alert(worn, at=AT)


def test_acknowledging_stops_the_ladder_and_is_audited(alert, supervisor):
    acknowledge(alert, by=supervisor, at=AT + MINUTE)
    escalate_due(AT + HOUR)
    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_at, alert.calls.count()) == ("acknowledged", AT + MINUTE, 1)
    entry = Entry.objects.get(verb="alert.acknowledged")
    assert (entry.actor_id, entry.person_id) == (supervisor.pk, alert.person_id)
    assert entry.detail["changes"]["state"] == ["new", "acknowledged"]


def test_the_second_to_acknowledge_is_told_who_was_first(alert, supervisor, officer):
    acknowledge(alert, by=officer, at=AT)
    with pytest.raises(StaleAlert, match=r"R\. Alvarez was first: acknowledged at 09:38"):
        acknowledge(alert, by=supervisor, at=AT)


def test_the_second_to_take_is_told_who_has_it_and_may_take_over(alert, supervisor, officer):
    take(alert, by=officer, owner_id=None, at=AT)
    with pytest.raises(StaleAlert, match=r"R\. Alvarez was first: taken at 09:38"):
        take(alert, by=supervisor, owner_id=None, at=AT)
    assert take(alert, by=supervisor, owner_id=officer.pk, at=AT + MINUTE).owner == supervisor
    assert alert.acts.filter(act="taken").last().words == "From R. Alvarez."


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_at_once_one_has_it(alert, supervisor, officer):
    came = at_once(*[lambda by=by: take(alert, by=by, owner_id=None, at=AT) for by in (officer, supervisor)])
    assert sorted(type(one).__name__ for one in came) == ["Alert", "StaleAlert"]
    assert AlertAct.objects.filter(act="taken").count() == 1
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_of_two_who_conclude_at_once_one_does(alert, supervisor, officer):
    came = at_once(
        *[lambda by=by: conclude(alert, **DONE, by=by, version=alert.version, at=AT) for by in (officer, supervisor)]
    )
    assert sorted(type(one).__name__ for one in came) == ["Alert", "StaleAlert"]
    assert AlertAct.objects.filter(act="concluded").count() == 1


def test_nobody_concludes_what_changed_while_she_wrote(worn, alert, officer):
    seen = alert.version
    tell(worn, make_episode(worn, opened_at=AT + MINUTE), at=AT + MINUTE)
    with pytest.raises(StaleAlert, match=r"changed while you were writing: happened again"):
        conclude(alert, **DONE, by=officer, version=seen, at=AT + 2 * MINUTE)
    assert Alert.objects.get().state == "new"


def test_a_note_is_kept_however_the_alert_moves(alert, officer):
    add_note(alert, act="called", words=" No answer. ", by=officer, at=AT)
    assert alert.acts.get(act="called").words == "No answer."
    with pytest.raises(CannotWork) as refused:
        add_note(alert, act="concluded", words="x", by=officer, at=AT)
    assert refused.value.faults[0][0] == "act"
    with pytest.raises(CannotWork):
        add_note(alert, act="note", words="  ", by=officer, at=AT)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"conclusion": "cleared"}, "conclusion"),
        ({"reason": "strap_fault"}, "reason"),
        ({"reason": "charged"}, "reason"),
        ({"words": " "}, "words"),
        ({"words": "x" * 401}, "words"),
    ],
)
def test_a_conclusion_needs_its_own_reason_and_a_note(alert, officer, given, field):
    with pytest.raises(CannotWork) as refused:
        conclude(alert, **{**DONE, **given}, by=officer, version=1, at=AT)
    assert field in [name for name, _ in refused.value.faults]
    alert.refresh_from_db()
    assert alert.state == "new"


@pytest.mark.parametrize(("conclusion", "reason"), [(c, r) for c, codes in OFFERED.items() for r in codes])
def test_every_reason_offered_can_be_given(alert, officer, conclusion, reason):
    given = {**DONE, "conclusion": conclusion, "reason": reason}
    assert conclude(alert, **given, by=officer, version=1, at=AT).reason == reason


@pytest.mark.parametrize(("kind", "asks"), [("strap_tamper", True), ("device_obstructed", True), ("no_contact", False)])
def test_a_tamper_that_lasts_is_closed_only_when_said_twice(worn, officer, kind, asks):
    alert = make_alert(worn, kind, at=AT)
    once = {**DONE, "still_lasts": False}
    if not asks:
        assert conclude(alert, **once, by=officer, version=1, at=AT).state == "closed"
        return
    with pytest.raises(CannotWork, match="still says"):
        conclude(alert, **once, by=officer, version=1, at=AT)
    assert conclude(alert, **DONE, by=officer, version=1, at=AT).state == "closed"


def test_a_tamper_that_ended_is_closed_when_said_once(worn, officer):
    alert = make_alert(worn, at=AT, closed_at=AT + MINUTE)
    assert conclude(alert, **{**DONE, "still_lasts": False}, by=officer, version=1, at=AT).state == "closed"


def test_it_can_be_opened_again_and_keeps_what_was_concluded(alert, officer, supervisor):
    done = conclude(alert, **DONE, by=officer, version=1, at=AT)
    with pytest.raises(CannotWork):
        reopen(done, words=" ", by=supervisor, version=done.version, at=AT)
    again = reopen(done, words="A witness called.", by=supervisor, version=done.version, at=AT + HOUR)
    assert (again.state, again.owner, again.conclusion, again.closed_at) == ("working", supervisor, "", None)
    assert "He cut it." in alert.acts.get(act="concluded").words
    assert "concluded as confirmed" in alert.acts.get(act="reopened").words


def test_what_lasts_a_day_after_it_was_concluded_comes_back(worn, officer):
    episode = make_episode(worn, opened_at=AT)
    (alert,) = tell(worn, episode, at=AT)
    conclude(alert, **DONE, by=officer, version=1, at=AT)
    escalate_due(AT + DAY - MINUTE)
    alert.refresh_from_db()
    assert alert.state == "closed"
    escalate_due(AT + DAY)
    alert.refresh_from_db()
    assert (alert.state, alert.conclusion) == ("new", "")


def test_what_ended_after_it_was_concluded_stays_concluded(worn, officer):
    episode = make_episode(worn, opened_at=AT)
    (alert,) = tell(worn, episode, at=AT)
    conclude(alert, **DONE, by=officer, version=1, at=AT)
    tell(worn, changed(episode, closed_at=AT + HOUR), at=AT + HOUR)
    escalate_due(AT + 3 * DAY)
    alert.refresh_from_db()
    assert alert.state == "closed"


def test_the_chain_of_the_work_is_sound(alert, officer, supervisor):
    acknowledge(alert, by=officer, at=AT)
    take(alert, by=supervisor, owner_id=None, at=AT)
    add_note(alert, act="called", words="No answer.", by=supervisor, at=AT)
    alert.refresh_from_db()
    done = conclude(alert, **DONE, by=supervisor, version=alert.version, at=AT)
    reopen(done, words="Again.", by=supervisor, version=done.version, at=AT)
    verbs = list(Entry.objects.filter(verb__startswith="alert.").order_by("number").values_list("verb", flat=True))
    assert verbs == [f"alert.{verb}" for verb in ("acknowledged", "taken", "called", "concluded", "reopened")]
    assert verify() == []


# The pages


def page(client, alert):
    return client.get(reverse("alert", args=[alert.pk]))


def test_three_people_ask_for_the_page(alert, supervisor, unit_mate, stranger, sign_in):
    assert page(sign_in(supervisor), alert).status_code == 200
    for user in (unit_mate, stranger):
        client = sign_in(user)
        nothing, refused = client.get(reverse("alert", args=[10**9])), page(client, alert)
        assert (refused.status_code, plain(refused)) == (404, plain(nothing))


@pytest.mark.parametrize("verb", ["acknowledge", "take", "note", "conclude", "reopen"])
def test_an_officer_who_only_sees_works_nothing(alert, officer, sign_in, verb):
    assert page(sign_in(officer), alert).status_code == 200
    assert sign_in(officer).post(reverse(f"alert_{verb}", args=[alert.pk])).status_code == 404


def test_the_page_works_an_alert_to_its_end(alert, supervisor, sign_in):
    client = sign_in(supervisor)
    taken = client.post(reverse("alert_take", args=[alert.pk]), {"owner": ""}, follow=True)
    assert "It is yours now." in taken.content.decode()
    client.post(reverse("alert_note", args=[alert.pk]), {"note-act": "called", "note-words": "No answer"})
    alert.refresh_from_db()
    given = {"end-version": alert.version, "end-conclusion": "confirmed", "end-reason": "tampered", "end-words": "Cut"}
    once = client.post(reverse("alert_conclude", args=[alert.pk]), given)
    assert "Tick that you close it nevertheless." in once.content.decode()
    client.post(reverse("alert_conclude", args=[alert.pk]), {**given, "end-still_lasts": "on"})
    alert.refresh_from_db()
    assert (alert.state, alert.closed_by) == ("closed", supervisor)
    assert "concluded: confirmed" in page(client, alert).content.decode()


def test_the_page_keeps_what_was_typed_when_somebody_was_first(alert, supervisor, officer, sign_in):
    client = sign_in(supervisor)
    take(alert, by=officer, owner_id=None, at=AT)
    given = {"end-version": 1, "end-conclusion": "excused", "end-reason": "transport", "end-words": "The bus."}
    answer = client.post(reverse("alert_conclude", args=[alert.pk]), {**given, "end-still_lasts": "on"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "The bus." in html
    assert "changed while you were writing: taken by R. Alvarez" in html
    assert 'name="end-version" value="2"' in html


def test_the_page_tells_why_and_what_would_make_it_wrong(worn, supervisor, sign_in):
    fixes = [
        {
            "at": "2026-02-12T15:36:00Z",
            "lat": 38.66,
            "lon": -90.33,
            "accuracy_m": 8.0,
            "source": "gps",
            "distance_m": 340.2,
        },
        {
            "at": "2026-02-12T15:38:00Z",
            "lat": 38.66,
            "lon": -90.33,
            "accuracy_m": 900,
            "source": "cell",
            "distance_m": 300,
        },
    ]
    evidence = {
        "because": "2 fixes, 8–900 m accuracy, all outside by at least 300 m.",
        "fixes": fixes,
        "window": {"from": "2026-02-12T14:00:00Z", "until": "2026-02-12T18:00:00Z"},
        "absence_seconds": 600,
    }
    alert = make_alert(worn, "left_during", at=AT, evidence=evidence, confidence="medium")
    html = page(sign_in(supervisor), alert).content.decode()
    assert "from 08:00 to 12:00" in html
    assert "all outside by at least 300 m" in html
    assert "1 of 2 fixes came from a cell tower" in html
    assert "confidence medium" in html
    assert "340 m outside" in html
    assert 'id="alert-map"' in html


def test_nothing_of_an_alert_can_be_deleted(alert):
    acts = AlertAct.objects.filter(alert=alert)
    with pytest.raises(Exception, match=r"protected|referenced"), transaction.atomic():
        alert.delete()
    assert acts.exists()
