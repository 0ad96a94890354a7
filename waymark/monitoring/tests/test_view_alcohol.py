"""The alcohol page: the numbers of telemetry, with limit and source; the analyst's decision; no bridged gap."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from tests.test_permissions import plain
from waymark.monitoring.models import Activation, Alert
from waymark.monitoring.reads.curve import alcohol_file, curve_json, measured_by, stretches
from waymark.monitoring.reads.curve_drawing import drawing_of
from waymark.monitoring.reads.places import instant_of
from waymark.monitoring.tests.make import make_activation, make_order
from waymark.monitoring.tests.make_alerts import make_alert
from waymark.monitoring.tests.trail import drinking, fix_at, store
from waymark.telemetry.alcohol import alcohol_episodes
from waymark.telemetry.alcohol_rule import RULE
from waymark.telemetry.readings import columns

pytestmark = pytest.mark.django_db
READINGS = drinking()
FIRST = timezone.localdate(instant_of(READINGS[0].happened_ms))
LAST = timezone.localdate(instant_of(READINGS[-1].happened_ms))
LATER = datetime(2017, 6, 1, tzinfo=UTC)
(CURVE,) = alcohol_episodes(columns(READINGS)[READINGS[0].activation])


def worn(officer, readings=READINGS) -> Activation:
    activation = make_activation(
        make_order(officer=officer, program="scram", effective_at=datetime(2017, 4, 1, tzinfo=UTC))
    )
    store(activation, readings)
    return activation


def page(client, activation: Activation, **more: str) -> str:
    asked = "&".join(f"{key}={value}" for key, value in {"from": FIRST, "until": LAST, **more}.items())
    return client.get(f"{reverse('alcohol', args=[activation.pk])}?{asked}").content.decode()


@pytest.mark.parametrize("name", ["alcohol", "alcohol_readings"])
def test_it_reads_like_nothing_to_who_may_not_see_it(name, officer, stranger, judge, participant, sign_in):
    activation = worn(officer)
    path = reverse(name, args=[activation.pk])
    assert sign_in(officer).get(path).status_code == 200
    for user in (stranger, judge, participant):
        answer = sign_in(user).get(path)
        assert answer.status_code == 404
        assert plain(answer) == plain(sign_in(user).get(reverse(name, args=[10**9])))


def test_it_has_the_numbers_of_telemetry(officer):
    file = alcohol_file(worn(officer), FIRST, LAST, LATER)
    (shown,) = file.curves
    assert shown.episode.criteria == CURVE.criteria
    assert (shown.episode.class_, shown.episode.peak_tac) == (CURVE.class_, CURVE.peak_tac)
    assert len(file.samples) == len(READINGS)


def test_it_gives_a_number_the_same_whatever_days_are_shown(officer):
    """The page's first day is no beginning: the curve began the evening before."""
    activation = worn(officer)
    last = timezone.localdate(instant_of(CURVE.closed_ms))
    assert last > timezone.localdate(instant_of(CURVE.opened_ms))
    (shown,) = alcohol_file(activation, last, last, LATER).curves
    assert shown.episode.criteria == CURVE.criteria


def test_it_shows_every_criterion_with_its_limit_answer_and_source(officer, sign_in):
    shown = page(sign_in(officer), worn(officer))
    for criterion in CURVE.criteria:
        assert criterion.limit in shown
    assert f"{CURVE.absorption_g_dl_h:.4f}" in shown
    assert f"{CURVE.elimination_g_dl_h:.4f}" in shown
    assert "[R]" in shown
    assert "TAC (transdermal)" in shown
    assert "one to two hours" in shown
    assert "BAC" not in shown


def test_it_leaves_the_decision_to_the_alert(officer, sign_in):
    activation = worn(officer)
    client = sign_in(officer)
    assert "Not evaluated by the engine yet" in page(client, activation)
    at = instant_of(CURVE.opened_ms)
    alert = make_alert(activation, "alcohol_confirmable", at=at, closed_at=instant_of(CURVE.closed_ms))
    shown = page(client, activation)
    assert "Analyst: In process." in shown
    assert f"/monitoring/alerts/{alert.pk}/" in shown
    with transaction.atomic():
        alert.acts.create(act="concluded", at=at + timedelta(days=1), words="Mouthwash ruled out.")
        Alert.objects.filter(pk=alert.pk).update(state="closed", conclusion="confirmed")
    shown = page(client, activation)
    assert "Analyst: Confirmed." in shown
    assert "Mouthwash ruled out." in shown
    Alert.objects.filter(pk=alert.pk).update(conclusion="equipment")
    assert "Analyst: Not confirmed (equipment)." in page(client, activation)


def test_it_bridges_no_gap(officer):
    gap_ms = int(RULE["gap_minutes"] * 60_000) + 1
    half = len(READINGS) // 2
    moved = [one._replace(happened_ms=one.happened_ms + gap_ms) for one in READINGS[half:]]
    file = alcohol_file(worn(officer, READINGS[:half] + moved), FIRST, LAST + timedelta(days=1), LATER)
    runs = stretches(file.samples, "tac")
    assert len(runs) == 1 + len(stretches(alcohol_file(worn(officer), FIRST, LAST, LATER).samples, "tac"))
    tac = curve_json(file)["panels"][0]
    assert tac["values"].count(None) == len(runs) - 1
    assert tac["at"] == sorted(tac["at"])
    panel = drawing_of(file).panels[0]
    assert len(panel.paths) + len(panel.points) == len(runs)


def test_it_draws_for_paper_and_without_scripts(officer, sign_in):
    shown = page(sign_in(officer), worn(officer))
    assert 'class="wm-curve__line" d="M' in shown
    assert 'class="wm-curve__limit"' in shown
    assert shown.count('class="wm-curve__shade"') == 1


def test_it_downloads_the_readings(officer, sign_in):
    lines = list(
        csv.DictReader(io.StringIO(page(sign_in(officer), worn(officer), format="csv").removeprefix("\ufeff")))
    )
    assert list(lines[0]) == [
        "Time",
        "TAC in g/dL (transdermal)",
        "Infrared voltage in V",
        "Temperature in °F",
        "Strap",
    ]
    assert [float(line["TAC in g/dL (transdermal)"]) for line in lines] == [one.tac_g_dl for one in READINGS]
    assert lines[0]["Time"].endswith("-05:00")


def test_it_says_so_where_nothing_was_measured(officer, sign_in):
    shown = page(sign_in(officer), worn(officer, []))
    assert "sent no measurement of alcohol" in shown


def test_it_reads_nothing_of_a_device_that_measures_none(officer):
    activation = make_activation(make_order(officer=officer, effective_at=datetime(2017, 4, 1, tzinfo=UTC)))
    store(activation, [fix_at(datetime(2017, 5, 2, tzinfo=UTC))])
    assert len(measured_by(activation, LATER)) == 0
