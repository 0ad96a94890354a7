"""A confirmed serious alert drafts notices; a person signs and serves them; nothing is deleted or told too much."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from waymark.audit.verification import verify
from waymark.cases.tests.make import make_party
from waymark.cases.tests.test_race import at_once
from waymark.monitoring.actions.alert_work import conclude, reopen
from waymark.monitoring.actions.notices import (
    CannotServe,
    StaleNotice,
    acknowledge_notice,
    digest,
    edit_notice,
    serve_notice,
)
from waymark.monitoring.models import OrderVersion, ViolationNotice
from waymark.monitoring.tests.make import make_activation, make_device, make_order, make_zone
from waymark.monitoring.tests.make_alerts import make_alert
from waymark.monitoring.tests.test_follow import AT, HOUR, MINUTE

pytestmark = pytest.mark.django_db


@pytest.fixture
def worn(officer, judge, prosecutor):
    worn = make_activation(make_order(officer=officer, effective_at=AT - timedelta(days=30)))
    make_party(worn.order.case, judge)
    make_party(worn.order.case, prosecutor)
    return worn


def ended(worn, supervisor, kind="strap_tamper", conclusion="confirmed", reason="tampered", **said):
    alert = make_alert(worn, kind, at=AT, closed_at=AT + MINUTE, **said)
    return conclude(alert, conclusion=conclusion, reason=reason, words="Seen.", by=supervisor, version=1, at=AT)


def served(notice, by):
    return serve_notice(notice, signed_name=by.get_full_name(), by=by, version=notice.version, at=AT + HOUR)


def test_a_confirmed_serious_alert_drafts_three(worn, supervisor, judge, prosecutor, officer):
    alert = ended(worn, supervisor)
    drafts = {n.to: (n.to_account, n.state) for n in alert.notices.all()}
    assert drafts == {"court": (judge, "draft"), "prosecutor": (prosecutor, "draft"), "officer": (officer, "draft")}


@pytest.mark.parametrize(
    ("kind", "conclusion", "reason"),
    [("strap_tamper", "equipment", "strap_fault"), ("battery_critical", "confirmed", "not_charged")],
)
def test_nothing_else_drafts_any(worn, supervisor, kind, conclusion, reason):
    assert not ended(worn, supervisor, kind, conclusion, reason).notices.exists()


def test_it_is_served_with_a_signature_and_a_hash_and_acknowledged(worn, supervisor, judge, prosecutor):
    notice = ended(worn, supervisor).notices.get(to="court")
    with pytest.raises(CannotServe, match="Type your own name"):
        serve_notice(notice, signed_name="Somebody Else", by=supervisor, version=1, at=AT)
    done = served(notice, supervisor)
    assert (done.state, done.sha256, len(done.sha256)) == ("served", digest(done), 64)
    with pytest.raises(CannotServe, match="somebody else"):
        acknowledge_notice(done, by=prosecutor, at=AT)
    assert acknowledge_notice(done, by=judge, at=AT + HOUR).acknowledged_at == AT + HOUR
    assert acknowledge_notice(done, by=judge, at=AT + 2 * HOUR).acknowledged_at == AT + HOUR
    done.body += "x"
    assert digest(done) != done.sha256
    assert verify() == []


def test_what_was_served_is_changed_by_nobody(worn, supervisor):
    done = served(ended(worn, supervisor).notices.get(to="court"), supervisor)
    with pytest.raises(StaleNotice):
        edit_notice(done, subject="x", body="y", by=supervisor, version=done.version)


def test_the_second_editor_is_told(worn, supervisor, officer):
    notice = ended(worn, supervisor).notices.get(to="court")
    edit_notice(notice, subject="A", body="First.", by=officer, version=1)
    with pytest.raises(StaleNotice):
        edit_notice(notice, subject="A", body="Second.", by=supervisor, version=1)
    notice.refresh_from_db()
    assert notice.body == "First."


@pytest.mark.django_db(transaction=True)
def test_of_two_who_serve_at_once_one_does(worn, supervisor, officer):
    notice = ended(worn, supervisor).notices.get(to="court")
    came = at_once(lambda: served(notice, supervisor), lambda: served(notice, officer))
    assert sorted(type(one).__name__ for one in came) == ["StaleNotice", "ViolationNotice"]


def test_nobody_is_served_who_is_not_there(worn, supervisor, judge):
    notice = ended(worn, supervisor).notices.get(to="court")
    worn.order.case.parties.all().delete()
    with pytest.raises(CannotServe, match="Add the party"):
        served(notice, supervisor)


def test_concluded_otherwise_they_are_withdrawn_and_kept(worn, supervisor, judge, sign_in):
    alert = ended(worn, supervisor)
    done = served(alert.notices.get(to="court"), supervisor)
    again = reopen(alert, words="A witness.", by=supervisor, version=alert.version, at=AT)
    assert ViolationNotice.objects.exclude(state="withdrawn").count() == 3
    given = {"conclusion": "equipment", "reason": "strap_fault", "words": "Worn out."}
    conclude(again, **given, by=supervisor, version=again.version, at=AT)
    assert list(ViolationNotice.objects.values_list("state", flat=True)) == ["withdrawn"] * 3
    html = sign_in(judge).get(reverse("served_notice", args=[done.pk])).content.decode()
    assert "Withdrawn" in html
    assert done.sha256 in html


def test_tac_is_never_called_anything_else(worn, supervisor):
    evidence = {"because": "All criteria met.", "peak_tac": 0.087}
    notice = ended(worn, supervisor, "alcohol_confirmable", reason="drank", evidence=evidence).notices.get(to="court")
    assert "0.087 g/dL" in notice.body
    assert "BAC" not in notice.body
    assert "not a measure of alcohol in blood or breath" in notice.body
    with pytest.raises(CannotServe, match="Write TAC"):
        edit_notice(notice, subject="x", body="His BAC was 0.087.", by=supervisor, version=1)


def test_a_protected_place_is_never_told(worn, supervisor):
    zone = make_zone(worn.order, kind="victim", name="12 Elm Street", is_home=False)
    evidence = {"because": "Within 300 m of the protected person's device.", "greatest_depth_m": 91.5}
    notice = ended(worn, supervisor, "victim_proximity", reason="entered", zone=zone, evidence=evidence).notices.first()
    assert not {word for word in ("Elm", "300 m", "91.5") if word in notice.body}
    with pytest.raises(CannotServe, match="reads like a position"):
        edit_notice(notice, subject="x", body="She was at 38.65123, -90.33456.", by=supervisor, version=1)


def test_only_who_was_served_sees_it_and_never_a_draft(worn, supervisor, judge, prosecutor, defender, sign_in):
    notice = ended(worn, supervisor).notices.get(to="court")
    address = reverse("served_notice", args=[notice.pk])
    assert sign_in(judge).get(address).status_code == 404
    served(notice, supervisor)
    assert [sign_in(user).get(address).status_code for user in (judge, prosecutor, defender)] == [200, 404, 404]
    assert sign_in(judge).post(reverse("served_notice_acknowledge", args=[notice.pk])).status_code == 302
    notice.refresh_from_db()
    assert notice.state == "acknowledged"


def test_the_page_signs_and_serves(worn, supervisor, sign_in, clerk):
    notice = ended(worn, supervisor).notices.get(to="court")
    serve = reverse("notice_serve", args=[notice.pk])
    assert sign_in(clerk).post(serve).status_code == 404
    client = sign_in(supervisor)
    client.post(reverse("notice", args=[notice.pk]), {"version": 1, "subject": "S", "body": "Plain words."})
    wrong = client.post(serve, {"sign-version": 2, "sign-signed_name": "X"})
    assert "Type your own name" in wrong.content.decode()
    client.post(serve, {"sign-version": 2, "sign-signed_name": supervisor.get_full_name()})
    notice.refresh_from_db()
    assert (notice.state, notice.body) == ("served", "Plain words.")


def test_it_serves_no_notice_of_an_alert_that_is_looked_at_again(worn, supervisor):
    alert = ended(worn, supervisor)
    draft = alert.notices.get(to="court")
    reopen(alert, words="The strap was changed that day.", by=supervisor, version=alert.version, at=AT + MINUTE)
    with pytest.raises(CannotServe, match="Conclude it first"):
        served(draft, supervisor)
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_it_accuses_nobody_by_a_protected_persons_device(worn, supervisor):
    carried = make_activation(worn.order, make_device(kind="protected"), protected=True, partner=worn)
    assert not ended(carried, supervisor).notices.exists()


def test_it_drafts_no_notice_for_a_time_in_which_no_order_held(worn, supervisor):
    OrderVersion.objects.create(order=worn.order, kind="end", effective_at=AT - HOUR, entered_at=AT - HOUR)
    alert = ended(worn, supervisor)
    assert not alert.notices.exists()
    assert alert.acts.filter(words__contains="no notice was drafted").exists()
