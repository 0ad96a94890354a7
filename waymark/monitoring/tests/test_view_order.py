"""The pages of orders, papers, devices and the check, as staff and a participant use them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from waymark.audit.models import Entry
from waymark.cases.tests.make import make_case
from waymark.monitoring.models import Activation, Device, MonitoringOrder
from waymark.monitoring.papers import text_of
from waymark.monitoring.tests.make import (
    make_activation,
    make_court_order,
    make_device,
    make_order,
    make_suspension,
    make_zone,
)
from waymark.people.tests.make import make_person
from waymark.web.clock import now


@pytest.fixture
def person(officer):
    return make_person(officer, given_name="Jamie", family_name="Cole")


@pytest.fixture
def order(person):
    return make_order(person)


def typed(page, **given):
    """What the browser would send: the form as shown, with these fields typed."""
    form = page.context["form"]
    shown = {bound.html_name: bound.value() for bound in form}
    sent = {name: value for name, value in shown.items() if value not in (None, False, "")}
    return {**sent, **given}


def test_it_is_entered_from_the_persons_page_and_leads_on(person, monitoring_staff, sign_in):
    case = make_case(person)
    court_order = make_court_order(case)
    browser = sign_in(monitoring_staff)
    address = reverse("person_monitoring", args=[person.pk])
    assert address in browser.get(reverse("person", args=[person.pk])).content.decode()
    assert address in browser.get(reverse("case", args=[case.pk])).content.decode()
    listed = browser.get(address).content.decode()
    assert "Jamie Cole was never ordered to be monitored." in listed
    new = reverse("monitoring_order_new", args=[person.pk])
    assert new in listed
    said = {
        "program": "ehd",
        "court_order": court_order.pk,
        "home_confinement": "on",
        "effective_at": "2026-11-01 08:00",
    }
    answer = browser.post(new, typed(browser.get(new), **said), follow=True)
    order = MonitoringOrder.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("monitoring_order", args=[order.pk])
    page = answer.content.decode()
    assert "J. Cole is to be monitored on home detention, and wears no device yet" in page
    assert "no zone is the home" in page


def test_it_says_in_one_sentence_how_the_person_is_monitored(order, officer, sign_in):
    worn = make_activation(order)
    order.versions.update(stay_away=True)
    page = sign_in(officer).get(reverse("monitoring_order", args=[order.pk])).content.decode()
    assert f"J. Cole has been monitored by GPS since {worn.from_at:%Y-%m-%d}" in page
    assert "; 1 thing is missing." in page
    make_zone(order, "exclusion", name="Elm Street")
    page = sign_in(officer).get(reverse("monitoring_order", args=[order.pk])).content.decode()
    assert "missing" not in page.split("</h1>")[0]
    assert "Elm Street" in page


def test_it_keeps_what_was_typed_and_says_what_to_do(order, monitoring_staff, sign_in):
    browser = sign_in(monitoring_staff)
    address = reverse("monitoring_order_vary", args=[order.pk])
    page = browser.post(address, typed(browser.get(address), effective_at="2026-02-30 10:00", reason="Order"))
    assert "there is no such time" in page.content.decode()
    assert 'value="2026-02-30 10:00"' in page.content.decode()


def test_it_shows_the_second_writer_what_changed_and_saves_on_the_second_try(
    order, monitoring_staff, supervisor, sign_in
):
    address = reverse("suspension_new", args=[order.pk])
    first, second = sign_in(monitoring_staff), sign_in(supervisor)
    until = f"{now() + timedelta(days=2):%Y-%m-%d} 12:00"
    seen = typed(second.get(address), until_at=until, why="Court all day")
    vary = reverse("monitoring_order_vary", args=[order.pk])
    assert first.post(vary, typed(first.get(vary), stay_away="on", reason="Order of today")).status_code == 302
    told = second.post(address, seen)
    assert told.status_code == 409
    assert "Order of today" in told.content.decode()
    assert "Court all day" in told.content.decode()
    assert second.post(address, typed(told)).status_code == 302
    assert order.suspensions.get().why == "Court all day"


def test_a_device_is_given_out_installed_and_made_active_from_the_page(order, monitoring_staff, sign_in):
    device = make_device(agency=monitoring_staff.agency)
    browser, page = sign_in(monitoring_staff), reverse("monitoring_order", args=[order.pk])
    new = reverse("activation_new", args=[order.pk])
    assert browser.post(new, typed(browser.get(new), device=device.pk)).status_code == 302
    activation = Activation.objects.get()
    active, step = (reverse(name, args=[activation.pk]) for name in ("activation_active", "installation_step"))
    early = browser.post(active, {"version": order.version + 1}, follow=True).content.decode()
    assert f"{device.serial} is not active yet. Parameters were sent to the bracelet: this is not ticked yet." in early
    for line in ("parameters_bracelet", "baseline", "strap_closed"):
        assert browser.post(step, {"step": line}).status_code == 302
    browser.post(active, {"version": order.version + 1})
    assert f"J. Cole has been monitored by GPS since {now():%Y}" in browser.get(page).content.decode()


def test_a_participant_reads_and_signs_in_her_language(person, participant, sign_in):
    order = make_order(person, signed=False)
    person.account = participant
    person.save()
    participant.language = "es"
    participant.save()
    browser = sign_in(participant)
    assert reverse("my_papers") in browser.get(reverse("my")).content.decode()
    page = browser.get(reverse("my_papers"))
    assert "Contrato de monitoreo" in page.content.decode()
    wrong = browser.post(reverse("my_papers"), typed(page, typed_name="Otis Lane")).content.decode()
    assert "Escriba Jamie Cole." in wrong
    browser.post(reverse("my_papers"), typed(page, typed_name="Jamie Cole"))
    page = browser.get(reverse("my_papers"))
    assert "Libro de reglas" in page.content.decode()
    browser.post(reverse("my_papers"), typed(page, typed_name="jamie cole"))
    assert "firmó todos los papeles" in browser.get(reverse("my_papers")).content.decode()
    assert {one.text_sha256 for one in order.agreements.all()} == {
        text_of(paper, "es").sha256 for paper in ("contract", "rule_book")
    }
    assert {one.signed_by for one in order.agreements.all()} == {participant}


def test_staff_witness_a_signature_in_the_office(person, monitoring_staff, sign_in):
    order = make_order(person, signed=False)
    browser, address = sign_in(monitoring_staff), reverse("papers_sign", args=[order.pk])
    page = browser.get(address)
    assert browser.post(address, typed(page, typed_name="Jamie Cole")).status_code == 302
    assert order.agreements.get().witnessed_by == monitoring_staff
    assert browser.get(f"{address}?language=fr").status_code == 404


def test_officers_and_clerks_look_and_do_not_set_up(order, officer, clerk, sign_in):
    for user in (officer, clerk):
        browser = sign_in(user)
        page = browser.get(reverse("monitoring_order", args=[order.pk]))
        assert page.status_code == 200
        assert "Enter a variation" not in page.content.decode()
        for name in (
            "monitoring_order_vary",
            "monitoring_order_end",
            "activation_new",
            "suspension_new",
            "papers_sign",
        ):
            assert browser.post(reverse(name, args=[order.pk]), {}).status_code == 404


def test_a_stranger_reads_the_page_of_what_does_not_exist(order, unit_mate, stranger, sign_in):
    for user in (unit_mate, stranger):
        browser = sign_in(user)
        hidden = browser.get(reverse("monitoring_order", args=[order.pk]))
        unknown = browser.get(reverse("monitoring_order", args=[10**9]))
        assert (hidden.status_code, hidden.content) == (404, unknown.content)


def test_every_look_at_an_order_is_on_record(order, officer, sign_in):
    sign_in(officer).get(reverse("monitoring_order", args=[order.pk]))
    assert Entry.objects.filter(verb="monitoring_order.viewed", person_id=order.person_id).count() == 1


def test_the_check_and_its_count_stand_before_those_who_set_up(order, supervisor, officer, sign_in):
    make_activation(order)
    order.versions.update(stay_away=True, stay_away_words="1 Elm Street")
    browser = sign_in(supervisor)
    front = browser.get(reverse("unit")).content.decode()
    assert "1 thing ordered and set up does not fit" in front
    assert reverse("order_check") in front
    page = browser.get(reverse("order_check")).content.decode()
    assert "1 thing ordered and set up does not fit, for 1 order." in page
    assert "(1 Elm Street)" in page
    lines = browser.get(f"{reverse('order_check')}?format=csv").content.decode().splitlines()
    assert lines[1].startswith("Cole,Jamie,")
    assert "does not fit" not in sign_in(officer).get(reverse("caseload")).content.decode()


def test_the_fleet_filters_and_leaves_as_a_file(order, monitoring_staff, sign_in):
    make_activation(order, make_device(agency=monitoring_staff.agency, serial="WORN-1"))
    make_device(agency=monitoring_staff.agency, serial="SHELF-1")
    browser, address = sign_in(monitoring_staff), reverse("fleet")
    assert "1 of 2 devices is worn; 1 silent." in browser.get(address).content.decode()
    stock = browser.get(f"{address}?show=stock").content.decode()
    assert "SHELF-1" in stock
    assert "WORN-1" not in stock
    assert "WORN-1" in browser.get(f"{address}?format=csv&show=silent").content.decode()
    assert browser.get(f"{address}?show=nothing").status_code == 404


def test_a_device_is_added_changed_and_called_lost(monitoring_staff, sign_in):
    browser = sign_in(monitoring_staff)
    new = reverse("device_new")
    browser.post(
        new, typed(browser.get(new), vendor="generic", serial="A17", kind="scram_cam", faceplate_on="2026-11-01")
    )
    device = Device.objects.get()
    change, move = (reverse(name, args=[device.pk]) for name in ("device_edit", "device_move"))
    browser.post(change, typed(browser.get(change), firmware="2.2"))
    stale = typed(browser.get(move), state="lost")
    assert browser.post(change, typed(browser.get(change), note="Scratched")).status_code == 302
    assert "Somebody else changed device A17" in browser.post(move, stale).content.decode()
    page = browser.post(
        move, typed(browser.get(move), state="lost", why="Never came back"), follow=True
    ).content.decode()
    assert "Alcohol bracelet A17 is lost." in page
    device.refresh_from_db()
    assert (device.firmware, device.note, device.state) == ("2.2", "Scratched", "lost")


def test_the_page_of_an_order_lists_suspensions_and_lifts_them(order, monitoring_staff, sign_in):
    suspension = make_suspension(order, monitoring_staff)
    browser = sign_in(monitoring_staff)
    page = browser.get(reverse("monitoring_order", args=[order.pk])).content.decode()
    assert "alerts are suspended until" in page
    lift = reverse("suspension_lift", args=[suspension.pk])
    assert lift in page
    browser.post(lift, typed(browser.get(lift)))
    page = browser.get(reverse("monitoring_order", args=[order.pk])).content.decode()
    assert "alerts are suspended until" not in page
    assert "lifted" in page
