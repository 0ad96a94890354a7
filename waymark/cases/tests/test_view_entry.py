"""Entering facts: full sentences beside the fields, nothing typed is lost, nobody overwrites anybody."""

from __future__ import annotations

from datetime import date, timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from waymark.audit.models import Entry
from waymark.cases.actions.determinations import record_determination
from waymark.cases.actions.notes import add_note
from waymark.cases.models import (
    ChargeEntry,
    Condition,
    ConditionProgress,
    CourtCase,
    Deadline,
    Determination,
    Event,
    Note,
    Placement,
    Task,
    Term,
)
from waymark.cases.tests.make import make_case, make_court, make_event, make_party, make_term
from waymark.cases.views import facts_entry
from waymark.people.tests.make import make_person
from waymark.web.clock import today

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return unescape(" ".join(response.content.decode().split()))


@pytest.fixture
def running(officer, monkeypatch):
    """Looked at on 1 December 2024."""
    monkeypatch.setattr(facts_entry, "today", lambda: date(2024, 12, 1))
    return make_term(officer=officer, begins_on=date(2024, 3, 20))


def version(term: Term) -> int:
    return CourtCase.objects.get(pk=term.case_id).version


def post(client, name, pk, term=None, /, **typed):
    """What a browser sends. The version is the one the form was shown with."""
    if term is not None:
        typed = {"version": version(term), **typed}
    return client.post(reverse(name, args=[pk]), typed)


# Rights


@pytest.mark.parametrize(
    "name",
    ["charge_new", "term_new", "order_new", "party_new", "note_new", "document_new"],
)
def test_it_is_not_there_for_those_who_do_not_see_the_case(sign_in, unit_mate, stranger, running, name):
    for other in (unit_mate, stranger):
        assert sign_in(other).get(reverse(name, args=[running.case_id])).status_code == 404


def test_it_is_not_there_for_those_who_only_read(sign_in, evaluator):
    term = make_term(officer=evaluator)
    client = sign_in(evaluator)
    assert client.get(reverse("case", args=[term.case_id])).status_code == 200
    assert client.get(reverse("event_new", args=[term.pk])).status_code == 404
    assert post(client, "note_new", term.case_id, term, on="2024-09-09", words="Seen.").status_code == 404
    assert not Note.objects.exists()


# Events


def test_it_shows_what_an_event_would_do_before_it_is_saved(sign_in, officer, running):
    checked = post(sign_in(officer), "event_new", running.pk, running, kind="violation_report", on="2024-09-09")
    said = text(checked)
    assert "Not saved yet." in said
    assert "September 2024" in said
    assert "a violation report was submitted on 2024-09-09" in said
    assert "30 days later" in said


def test_it_saves_nothing_while_it_checks(sign_in, officer, running):
    before = version(running)
    post(sign_in(officer), "event_new", running.pk, running, kind="violation_report", on="2024-09-09")
    assert (Event.objects.count(), Determination.objects.count(), version(running)) == (0, 0, before)


def test_it_saves_when_the_person_confirms(sign_in, officer, running):
    said = {"kind": "violation_report", "on": "2024-09-09", "step": "save"}
    saved = post(sign_in(officer), "event_new", running.pk, running, **said)
    assert saved.status_code == 302
    assert Event.objects.get().on == date(2024, 9, 9)
    assert Determination.objects.get().current


def test_it_goes_back_to_the_form_with_what_was_typed(sign_in, officer, running):
    said = {"kind": "violation_report", "on": "2024-09-09", "words": "Missed visits.", "step": "edit"}
    back = text(post(sign_in(officer), "event_new", running.pk, running, **said))
    assert 'value="2024-09-09"' in back
    assert "Missed visits." in back


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"kind": "violation_report", "on": "2024-02-31"}, "there is no such day"),
        ({"kind": "violation_report", "on": ""}, "give the day"),
        ({"kind": "party", "on": "2024-09-09"}, "not on the list"),
        ({"kind": "hearing", "on": "2024-09-09"}, "Choose how the hearing ended."),
        ({"kind": "hearing_set", "on": "2024-09-09"}, "Give the day the hearing is set for."),
        ({"kind": "violation_report", "on": "2190-09-09"}, "has not come yet"),
        ({"kind": "violation_report", "on": "2023-09-09"}, "before the term begins"),
        ({"kind": "custody_end", "on": "2024-09-09"}, "Enter the start"),
    ],
)
def test_it_says_in_a_sentence_what_is_wrong_and_keeps_what_was_typed(sign_in, officer, running, typed, sentence):
    refused = post(sign_in(officer), "event_new", running.pk, running, **typed, words="Kept.")
    said = text(refused)
    assert sentence in said
    assert "data-error-summary" in said
    assert f'value="{typed["on"]}"' in said or not typed["on"]
    assert "Kept." in said
    assert not Event.objects.exists()


def test_it_shows_every_field_without_javascript(sign_in, officer, running):
    said = text(sign_in(officer).get(reverse("event_new", args=[running.pk])))
    for name in ("outcome", "hearing_on", "years", "months", "violation_found"):
        assert f'name="{name}"' in said
    assert "Only when the court extended the term." in said


def test_it_voids_with_a_reason_after_a_check(sign_in, officer, running):
    event = make_event(running, "violation_report", date(2024, 9, 9))
    client = sign_in(officer)
    checked = text(post(client, "event_void", event.pk, running, reason="Wrong case."))
    assert "30 days earlier" in checked
    assert Event.objects.get().voided_at is None
    post(client, "event_void", event.pk, running, reason="Wrong case.", step="save")
    voided = Event.objects.get()
    assert (voided.void_reason, voided.voided_by) == ("Wrong case.", officer)


def test_it_does_not_void_without_a_reason(sign_in, officer, running):
    event = make_event(running, "violation_report", date(2024, 9, 9))
    said = text(post(sign_in(officer), "event_void", event.pk, running, reason="", step="save"))
    assert "Why it is voided: this is empty." in said
    assert Event.objects.get().voided_at is None


def test_it_corrects_by_voiding_and_entering_anew(sign_in, officer, running):
    event = make_event(running, "violation_report", date(2024, 9, 9))
    client = sign_in(officer)
    shown = text(client.get(reverse("event_correct", args=[event.pk])))
    assert 'value="2024-09-09"' in shown
    typed = {"kind": "violation_report", "on": "2024-10-09", "reason": "Misread the day.", "step": "save"}
    post(client, "event_correct", event.pk, running, **typed)
    standing = Event.objects.get(voided_at=None)
    assert (standing.on, Event.objects.exclude(voided_at=None).get().void_reason) == (
        date(2024, 10, 9),
        "Misread the day.",
    )


# Two people saving the same case


def test_it_tells_the_second_who_changed_what_and_keeps_what_she_typed(sign_in, officer, supervisor, running):
    client = sign_in(officer)
    shown = client.get(reverse("note_new", args=[running.case_id]))
    initial = shown.context["form"].initial
    add_note(running.case, on=date(2024, 9, 9), words="First.", by=supervisor, version=running.case.version)
    late = client.post(
        reverse("note_new", args=[running.case_id]),
        {
            "version": initial["version"],
            "seen_at": initial["seen_at"],
            "on": "2024-09-10",
            "words": "Second, and long.",
        },
    )
    said = text(late)
    assert late.status_code == 409
    assert "Ida Novak: Note added" in said
    assert "Second, and long." in said
    assert Note.objects.get().words == "First."


def test_it_saves_the_second_when_she_has_read_what_changed(sign_in, officer, running):
    client = sign_in(officer)
    old = version(running)
    add_note(running.case, on=date(2024, 9, 9), words="First.", by=officer, version=old)
    typed = {"on": "2024-09-10", "words": "Second."}
    late = post(client, "note_new", running.case_id, version=old, **typed)
    again = post(client, "note_new", running.case_id, version=late.context["form"]["version"].value(), **typed)
    assert again.status_code == 302
    assert Note.objects.count() == 2


def test_it_tells_the_second_at_the_check_already(sign_in, officer, running):
    old = version(running)
    add_note(running.case, on=date(2024, 9, 9), words="First.", by=officer, version=old)
    typed = {"kind": "violation_report", "on": "2024-09-09"}
    late = post(sign_in(officer), "event_new", running.pk, version=old, **typed)
    assert late.status_code == 409
    assert 'value="2024-09-09"' in text(late)


# The rest of the case


def test_it_opens_a_case_with_charge_and_term(sign_in, officer):
    person, court = make_person(officer), make_court()
    client = sign_in(officer)
    post(client, "case_new", person.pk, number="24SL-CR777", court=court.pk, kind="felony", filed_on="9/1/2023")
    case = CourtCase.objects.get(number="24SL-CR777")
    assert case.filed_on == date(2023, 9, 1)
    charge = {"section": "570.030", "name": "Stealing", "level": "felony", "offense_class": "D"}
    post(client, "charge_new", case.pk, version=case.version, **charge)
    term = {
        "kind": "probation",
        "begins_on": "2024-03-20",
        "years": "5",
        "sentence": "SES",
        "sentenced_on": "2024-03-20",
        "supervised_by_division": "yes",
        "lifetime_supervision": "no",
        "restitution_ordered": "yes",
        "restitution_cents": "$1,250.50",
        "charge": case.charges.get().pk,
    }
    case.refresh_from_db()
    post(client, "term_new", case.pk, version=case.version, **term)
    said = Term.objects.get().entries.get()
    assert (said.restitution_cents, said.lifetime_supervision, said.months) == (125_050, False, 0)
    assert Determination.objects.get().eligible == "yes"


def test_it_refuses_a_number_the_court_has_already(sign_in, officer, running):
    typed = {"number": running.case.number, "court": running.case.court_id, "kind": "felony"}
    said = text(post(sign_in(officer), "case_new", running.case.person_id, **typed))
    assert "already" in said
    assert f'value="{running.case.number}"' in said


def test_it_leaves_not_recorded_apart_from_no(sign_in, officer):
    case = make_case(officer=officer)
    typed = {"kind": "probation", "begins_on": "2024-03-20", "years": "5", "restitution_ordered": "no"}
    post(sign_in(officer), "term_new", case.pk, version=case.version, **typed)
    said = Term.objects.get().entries.get()
    assert (said.restitution_ordered, said.lifetime_supervision) == (False, None)


def test_it_refuses_a_term_above_the_maximum_beside_its_field(sign_in, officer, running):
    typed = {"kind": "probation", "begins_on": "2024-03-20", "years": "6", "reason": "Order misread."}
    refused = post(sign_in(officer), "term_correct", running.pk, running, **typed)
    assert "above the maximum" in str(refused.context["form"].errors["years"])
    assert Term.objects.get().entries.count() == 1


def test_it_corrects_a_charge_and_keeps_what_stood(sign_in, officer, running):
    typed = {"section": "570.030", "name": "Stealing", "level": "felony", "offense_class": "C", "reason": "Misread."}
    post(sign_in(officer), "charge_correct", running.charge_id, running, **typed)
    assert ChargeEntry.objects.get(voided_at=None).offense_class == "C"
    assert ChargeEntry.objects.exclude(voided_at=None).get().void_reason == "Misread."


def test_it_reads_progress_in_dollars_into_cents(sign_in, officer, running):
    condition = Condition.objects.create(term=running, kind="special", words="Pay", counted_in="cents", amount=125_000)
    post(sign_in(officer), "progress_new", condition.pk, running, on="2024-09-09", amount="55.10")
    assert ConditionProgress.objects.get().amount == 5510


def test_it_records_what_was_done_and_that_the_whole_is_met_together(sign_in, officer, running):
    condition = Condition.objects.create(term=running, kind="special", words="Serve", counted_in="hours", amount=40)
    typed = {"on": "2024-09-09", "amount": "40", "completes": "on", "words": "Letter of the site."}
    post(sign_in(officer), "progress_new", condition.pk, running, **typed)
    assert sorted(ConditionProgress.objects.values_list("amount", "completes")) == [(0, True), (40, False)]


@pytest.mark.parametrize(("amount", "sentence"), [("40.5", "whole number"), ("-1", "0 or more"), ("", "Give how many")])
def test_it_refuses_progress_that_is_no_amount(sign_in, officer, running, amount, sentence):
    condition = Condition.objects.create(term=running, kind="special", words="Serve", counted_in="hours", amount=40)
    said = text(post(sign_in(officer), "progress_new", condition.pk, running, on="2024-09-09", amount=amount))
    assert sentence in said
    assert not ConditionProgress.objects.exists()


def test_it_asks_what_a_condition_is_counted_in(sign_in, officer, running):
    typed = {"kind": "special", "words": "Serve", "amount": "40"}
    said = text(post(sign_in(officer), "condition_new", running.pk, running, **typed))
    assert "Say what it is counted in." in said
    assert not Condition.objects.exists()


def test_it_ends_a_placement(sign_in, officer, running):
    client = sign_in(officer)
    post(client, "placement_new", running.pk, running, program="CODS", placed_on="2024-09-09")
    placement = Placement.objects.get()
    post(client, "placement_end", placement.pk, running, ended_on="2025-01-06", outcome="Completed.")
    assert Placement.objects.get(voided_at=None).ended_on == date(2025, 1, 6)


def test_it_refuses_an_empty_file(sign_in, officer, running):
    typed = {"title": "Letter", "file": SimpleUploadedFile("a.txt", b"")}
    said = text(post(sign_in(officer), "document_new", running.case_id, running, **typed))
    assert "this file is empty" in said
    assert 'value="Letter"' in said


def test_it_meets_a_deadline_once(sign_in, officer, running):
    client, on = sign_in(officer), today()
    young = make_term(officer=officer, begins_on=on - timedelta(days=400))
    record_determination(young, on, "term entered", officer)
    deadline = Deadline.objects.filter(state="open").first()
    typed = {"on": on.isoformat(), "how": "Told by letter."}
    post(client, "deadline_meet", deadline.pk, **typed)
    again = client.post(reverse("deadline_meet", args=[deadline.pk]), typed, follow=True)
    deadline.refresh_from_db()
    assert (deadline.state, deadline.met_by) == ("met", officer)
    assert "This is no longer open" in text(again)


def test_it_closes_a_task_with_what_came_of_it(sign_in, officer, running):
    task = Task.objects.create(term=running, kind="date_changed", words="Tell her.", created_at=running.case.created_at)
    client = sign_in(officer)
    assert "this is empty" in text(post(client, "task_close", task.pk, outcome=""))
    post(client, "task_close", task.pk, outcome="Told by telephone.")
    task.refresh_from_db()
    assert (task.state, task.outcome) == ("done", "Told by telephone.")


def test_it_takes_only_an_amount_in_money_for_the_restitution(sign_in, officer, running):
    typed = {
        "kind": "special",
        "words": "Pay restitution",
        "counted_in": "hours",
        "amount": "40",
        "is_restitution": "on",
    }
    client = sign_in(officer)
    said = text(post(client, "condition_new", running.pk, running, **typed))
    assert "Restitution is paid in money. Count the condition in money." in said
    post(client, "condition_new", running.pk, running, **(typed | {"counted_in": "cents"}))
    assert Condition.objects.get().is_restitution
    again = text(post(client, "condition_new", running.pk, running, **(typed | {"counted_in": "cents"})))
    assert "is the restitution of this term already. Lift it first." in again


def test_it_proposes_the_event_once_all_restitution_is_paid_and_enters_nothing(sign_in, officer, running):
    owed = Condition.objects.create(
        term=running, kind="special", words="Pay", counted_in="cents", amount=5_000, is_restitution=True
    )
    client = sign_in(officer)
    case_page = reverse("case", args=[running.case_id])
    proposed = reverse("event_new", args=[running.pk]) + "?kind=restitution_paid&on=2024-09-09"
    post(client, "progress_new", owed.pk, running, on="2024-09-02", amount="20")
    shown = text(client.get(case_page))
    assert "$20 of $50 paid" in shown
    assert proposed not in shown
    post(client, "progress_new", owed.pk, running, on="2024-09-09", amount="30", completes="on")
    assert proposed in text(client.get(case_page))
    assert not Event.objects.filter(kind=Event.Kind.RESTITUTION_PAID).exists()
    form = text(client.get(proposed))
    assert '<option value="restitution_paid" selected>' in form
    assert 'value="2024-09-09"' in form
    post(client, "event_new", running.pk, running, kind="restitution_paid", on="2024-09-09", step="save")
    shown = text(client.get(case_page))
    assert proposed not in shown
    assert "paid in full 2024-09-09 Mon" in shown


def test_it_lifts_a_condition_with_the_courts_day_and_reason(sign_in, officer, running):
    condition = Condition.objects.create(term=running, kind="special", words="Curfew")
    client = sign_in(officer)
    asked = {"ended_on": "2024-09-09", "reason": "Order of September 9."}
    assert "Why: this is empty." in text(
        post(client, "condition_lift", condition.pk, running, **asked | {"reason": ""})
    )
    post(client, "condition_lift", condition.pk, running, **asked)
    condition.refresh_from_db()
    assert condition.ended_on == date(2024, 9, 9)
    assert Entry.objects.get(verb="condition.lifted").why == "Order of September 9."
    shown = text(client.get(reverse("case", args=[running.case_id])))
    assert '<span class="wm-tag">lifted</span> 2024-09-09 Mon' in shown
    assert reverse("progress_new", args=[condition.pk]) not in shown
    assert "Nothing is left to lift." in text(post(client, "condition_lift", condition.pk, running, **asked))
    again = post(client, "progress_new", condition.pk, running, on="2024-09-10", words="Kept")
    assert "Nothing is left to record." in text(again)


def test_it_lifts_no_condition_on_a_day_to_come(sign_in, officer, running):
    condition = Condition.objects.create(term=running, kind="special", words="Curfew")
    typed = {"ended_on": f"{today() + timedelta(days=1)}", "reason": "Soon."}
    said = text(post(sign_in(officer), "condition_lift", condition.pk, running, **typed))
    assert "has not come yet" in said


def test_it_ends_a_partys_part_and_the_party_sees_the_case_no_longer(sign_in, officer, judge, running):
    party = make_party(running.case, judge, from_on=date(2024, 3, 20))
    before, bench = reverse("court_case", args=[running.case_id]), sign_in(judge)
    assert bench.get(before).status_code == 200
    client = sign_in(officer)
    early = post(client, "party_end", party.pk, running, until_on="2024-03-20")
    assert "The party takes part from 2024-03-20. Give a later day." in text(early)
    post(client, "party_end", party.pk, running, until_on="2024-09-09", why="Retired.")
    assert bench.get(before).status_code == 404
    entry = Entry.objects.get(verb="party.ended")
    assert (entry.why, entry.detail["changes"]) == ("Retired.", {"until_on": [None, "2024-09-09"]})
    assert "until 2024-09-09 Mon" in text(client.get(reverse("case", args=[running.case_id])))


@pytest.mark.parametrize("name", ["condition_lift", "party_end"])
def test_it_ends_nothing_for_a_writer_who_has_not_seen_the_case_as_it_is(sign_in, officer, judge, running, name):
    condition = Condition.objects.create(term=running, kind="special", words="Curfew")
    row = {"condition_lift": condition, "party_end": make_party(running.case, judge)}[name]
    typed = {"ended_on": "2024-09-09", "reason": "Order.", "until_on": "2024-09-09", "version": version(running) - 1}
    assert sign_in(officer).post(reverse(name, args=[row.pk]), typed).status_code == 409
    row.refresh_from_db()
    assert (row.ended_on if name == "condition_lift" else row.until_on) is None
