"""The credits page and its what-if: readable without JavaScript, and nothing is saved by asking."""

from __future__ import annotations

from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from waymark.audit.models import Entry
from waymark.cases.actions.determinations import record_determination
from waymark.cases.models import CourtCase
from waymark.cases.tests.make import make_culp_term, make_event, make_term
from waymark.cases.views import credits as credits_view

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return unescape(" ".join(response.content.decode().split()))


@pytest.fixture
def running(officer, monkeypatch):
    """Looked at on 1 December 2024, with a report in September."""
    monkeypatch.setattr(credits_view, "today", lambda: date(2024, 12, 1))
    term = make_term(officer=officer, begins_on=date(2024, 3, 20), entered_at=datetime(2024, 3, 21, 15, tzinfo=UTC))
    make_event(term, "violation_report", date(2024, 9, 9), entered_at=datetime(2024, 9, 10, 15, tzinfo=UTC))
    return term


def credits(client, term, **asked):
    return client.get(reverse("credits", args=[term.pk]), asked)


def what_if(client, term, **asked):
    return client.get(reverse("what_if", args=[term.pk]), {key.replace("__", "-"): v for key, v in asked.items()})


def rows() -> dict[str, int]:
    """How many rows every table of the product holds."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


@pytest.mark.parametrize("name", ["credits", "what_if", "compare"])
def test_it_opens_to_the_officer_and_is_not_there_for_others(
    sign_in, officer, unit_mate, stranger, program_instructor, running, name
):
    address = reverse(name, args=[running.pk])
    assert sign_in(officer).get(address).status_code == 200
    unknown = sign_in(stranger).get(reverse(name, args=[999_999]))
    for other in (unit_mate, stranger, program_instructor):
        refused = sign_in(other).get(address)
        assert refused.status_code == 404
    assert sign_in(stranger).get(address).content == unknown.content


def test_it_gives_culp_the_date_the_court_gave(sign_in, officer):
    said = text(credits(sign_in(officer), make_culp_term(officer=officer), on="2018-09-15"))
    assert "<h1>D. Reyes reached discharge on Friday, June 1, 2018.</h1>" in said
    assert "2020-10-18 minus 29 × 30 days" in said


def test_it_tells_why_a_month_was_not_earned_without_javascript(sign_in, officer, running):
    said = text(credits(sign_in(officer), running, month="2024-09"))
    assert "September 2024 was not earned:" in said
    assert "a violation report was submitted on 2024-09-09" in said
    assert "217.703.5" in said


def test_it_tells_why_a_month_was_earned(sign_in, officer, running):
    said = text(credits(sign_in(officer), running, month="2024-10"))
    assert "October 2024 was earned:" in said
    assert "Posted on 2024-11-01 Fri." in said


def test_it_says_of_every_square_its_month_and_state_in_words(sign_in, officer, running):
    grid = credits(sign_in(officer), running).context["grid"]
    states = {square.month: square.state for year in grid for square in year.squares}
    assert (states["2024-02"], states["2024-03"], states["2024-09"], states["2024-10"]) == (
        "outside",
        "lost",
        "lost",
        "earned",
    )
    said = text(credits(sign_in(officer), running))
    assert '<span class="usa-sr-only">September 2024: </span>' in said
    assert '<span class="wm-square__word">lost</span>' in said


def test_it_says_so_when_there_is_no_such_month(sign_in, officer, running):
    assert "There is no such month in this term." in text(credits(sign_in(officer), running, month="1999-13"))


def test_it_derives_the_dates_step_by_step(sign_in, officer, running):
    steps = {step.words: step for step in credits(sign_in(officer), running).context["steps"]}
    assert steps["Last day of the term"].day == date(2029, 3, 19)
    assert steps["Two years must be served"].day == date(2026, 3, 19)
    assert "7 × 30 days" in steps["Less the credits posted so far"].reckoning
    assert (date(2029, 3, 19) - steps["Less the credits posted so far"].day).days == 7 * 30


def test_it_shows_findings_interpretations_facts_and_versions(sign_in, officer, running):
    said = text(credits(sign_in(officer), running))
    assert "The person may earn compliance credits." in said
    assert "the last day of a term is its anniversary" in said
    assert "Violation report submitted" in said
    assert "as in force from" in said
    assert "Computed by Waymark" in said


def test_it_shows_the_credits_as_they_were_known_on_a_day(sign_in, officer, running):
    client = sign_in(officer)
    assert "Violation report" not in text(credits(client, running, known_on="2024-09-09")).split("What if…")[0]
    assert "September 2024 was not earned" in text(credits(client, running, known_on="2024-09-10", month="2024-09"))


def test_it_asks_for_what_is_not_recorded_and_gives_no_date(sign_in, officer):
    term = make_term(officer=officer, begins_on=date(2024, 3, 20), lifetime_supervision=None)
    said = text(credits(sign_in(officer), term))
    assert "It is not known when D. Reyes may be discharged" in said
    assert "To be found out:" in said


def test_it_says_that_restitution_must_be_paid_for_the_date(sign_in, officer):
    term = make_term(officer=officer, begins_on=date(2024, 3, 20), restitution_ordered=True)
    said = text(credits(sign_in(officer), term, on="2024-12-01"))
    assert "if every month from now on is earned and restitution is paid." in said


def test_it_does_not_speak_of_a_term_the_section_does_not_know(sign_in, officer):
    term = make_term(officer=officer, kind="pretrial")
    assert "earns no compliance credits on this term" in text(credits(sign_in(officer), term))
    assert "there is nothing to compare" in text(what_if(sign_in(officer), term))


def test_it_tells_of_facts_that_cannot_be_right(sign_in, officer, running):
    make_event(running, "custody_end", date(2024, 10, 1))
    said = text(credits(sign_in(officer), running))
    assert "something on record cannot be right" in said
    assert "Enter the start." in said


# What if


def test_it_moves_the_date_by_a_supposed_report(sign_in, officer, running):
    answered = what_if(sign_in(officer), running, first__kind="violation_report", first__on="2024-11-20")
    difference = answered.context["compared"].difference
    best = next(d for d in difference.dates if d.label.startswith("Discharge if every month"))
    # 29 credits end the term on 31 October; with 28 the next is posted on 1 November and carries the end behind it.
    assert (best.before, best.after, best.shift) == (date(2026, 10, 31), date(2026, 11, 1), "1 day later")
    assert [(m.name, m.before, m.after) for m in difference.months] == [("November 2024", "earned", "lost")]


def test_it_supposes_a_day_that_has_not_come(sign_in, officer, running):
    answered = what_if(sign_in(officer), running, first__kind="violation_report", first__on="2025-06-09")
    difference = answered.context["compared"].difference
    best = next(d for d in difference.dates if d.label.startswith("Discharge if every month"))
    assert (best.before, best.after) == (date(2026, 10, 31), date(2026, 11, 1))
    assert [m.name for m in difference.months] == ["June 2025"]


def test_it_supposes_a_report_and_then_a_revocation(sign_in, officer, running):
    asked = {"first__kind": "violation_report", "first__on": "2024-11-20"}
    then = {"then__kind": "hearing", "then__on": "2024-12-10", "then__outcome": "revoked"}
    said = text(what_if(sign_in(officer), running, **asked, **then))
    assert "No day of discharge could be given for D. Reyes" in said


def test_it_supposes_restitution_paid_and_another_reading_together(sign_in, officer):
    term = make_term(officer=officer, begins_on=date(2018, 1, 15), restitution_ordered=True)
    asked = {"restitution_paid_on": "2023-02-01", "readings": ["term_end"]}
    differs = what_if(sign_in(officer), term, **asked).context["compared"].difference
    dates = {d.label: d for d in differs.dates}
    assert dates["Last day of the term, without credits"].shift == "1 day later"
    assert [pair[1]["taken"] for pair in differs.interpretations if pair[1]] == [
        "the last day of a term is its anniversary"
    ]
    assert "2023-02-01" in {fact.value for fact in differs.facts_only_after}


def test_it_saves_nothing_but_the_read_in_the_audit_chain(sign_in, officer, running):
    record_determination(running, date(2024, 12, 1), "term entered", officer)
    client = sign_in(officer)
    before, version = rows(), CourtCase.objects.get(pk=running.case_id).version
    what_if(client, running, first__kind="violation_report", first__on="2024-11-20", readings=["term_end"])
    after = rows()
    assert {table for table in after if after[table] != before[table]} == {"audit.Entry"}
    assert after["audit.Entry"] == before["audit.Entry"] + 1
    assert Entry.objects.order_by("-number")[0].verb == "what_if.viewed"
    assert CourtCase.objects.get(pk=running.case_id).version == version


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"first__kind": "violation_report"}, "give the day on which to suppose it"),
        ({"first__kind": "violation_report", "first__on": "2024-02-31"}, "there is no such day"),
        ({"first__on": "2024-02-03"}, "choose what, or leave the day empty"),
        ({"first__kind": "custody_end", "first__on": "2024-11-20"}, "Enter the start."),
        ({"readings": ["upside_down"]}, "not on the list"),
    ],
)
def test_it_says_what_cannot_be_supposed(sign_in, officer, running, asked, sentence):
    assert sentence in text(what_if(sign_in(officer), running, **asked))


def test_it_asks_as_many_queries_for_one_event_as_for_many(sign_in, officer, running):
    client = sign_in(officer)

    def queries(months: range) -> int:
        for month in months:
            make_event(running, "violation_report", date(2024, month, 21))
        with CaptureQueriesContext(connection) as asked:
            credits(client, running)
        return len(asked)

    queries(range(4, 5))  # the first page of a session asks what later ones need not
    assert queries(range(5, 6)) == queries(range(6, 12))
