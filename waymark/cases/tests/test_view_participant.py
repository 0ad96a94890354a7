"""What stands between me and discharge: one answer, what to do, what would change it, in two languages."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from waymark.audit.models import Entry
from waymark.cases import standing
from waymark.cases.actions.determinations import record_determination
from waymark.cases.facts import ecc_facts
from waymark.cases.models import Condition, ConditionProgress, Event
from waymark.cases.tests.make import make_case, make_event, make_term
from waymark.people.tests.make import assign, make_person
from waymark.web import words
from waymark.web.clock import now, today

pytestmark = pytest.mark.django_db


def text(response) -> str:
    """What a person reads: the page without its marks."""
    body = response.content.decode().partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", body).replace("&#x27;", "'").split())


@pytest.fixture
def person(participant, officer):
    return make_person(officer, account=participant)


def running(person, **said):
    """A five-year term that began fourteen months ago on the first of a month: every month since was full."""
    begins_on = (today().replace(day=1) - timedelta(days=400)).replace(day=1)
    return make_term(make_case(person), **{"begins_on": begins_on, **said})


def answer(term):
    """What the law says of the term today."""
    return standing.ask(ecc_facts(term, today()))


@pytest.fixture
def read(sign_in, participant):
    client = sign_in(participant)
    return lambda: text(client.get(reverse("my")))


def test_it_gives_the_earliest_date_if_all_goes_well(person, read):
    term = running(person)
    best = date.fromisoformat(answer(term).today["optimal_discharge_date"])
    assert f"Your supervision can end on {words.day(best, 'en')} if every month from now on counts." in read()


def test_it_tells_how_the_date_changed(person, read):
    term = running(person)
    yesterday = today() - timedelta(days=1)
    before = record_determination(term, yesterday, "test", None).optimal_discharge_date
    for months_ago in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11):
        on = (today().replace(day=1) - timedelta(days=30 * months_ago)).replace(day=5)
        make_event(term, Event.Kind.VIOLATION_REPORT, on)
    after = record_determination(term, today(), "test", None).optimal_discharge_date
    assert after > before
    days = words.count((after - before).days, "day", "en")
    assert f"This date is {days} later than the one before it ({words.day(before, 'en')})." in read()


def test_it_works_out_what_a_report_this_month_would_do(person, read):
    """By running the law on the same facts and a report today; nothing is kept."""
    term = running(person, begins_on=(today().replace(day=1) - timedelta(days=200)).replace(day=1), years=5)
    make_event(term, Event.Kind.CUSTODY_START, term.entries.get().begins_on + timedelta(days=40))
    make_event(term, Event.Kind.CUSTODY_END, today().replace(day=1) - timedelta(days=2))
    asked = answer(term)
    best, worse = (date.fromisoformat(a["optimal_discharge_date"]) for a in (asked.today, asked.if_reported))
    assert worse > best
    days = words.count((worse - best).days, "day", "en")
    assert f"A violation report this month moves it to {words.day(worse, 'en')}. That is {days} later." in read()
    assert not Event.objects.filter(kind=Event.Kind.VIOLATION_REPORT).exists()


def test_it_says_what_to_do_next_for_each_condition(person, read):
    term = running(person)
    hours = Condition.objects.create(
        term=term,
        kind="special",
        words="Community service",
        plain_words="Do 40 hours of service.",
        next_step="Call to sign up.",
        counted_in="hours",
        amount=40,
        due_on=today() + timedelta(days=30),
    )
    Condition.objects.create(term=term, kind="special", words="Fee", counted_in="cents", amount=6000)
    Condition.objects.create(term=term, kind="general", words="Obey all laws.")
    Condition.objects.create(term=term, kind="special", words="No contact with the victim.")
    ConditionProgress.objects.create(condition=hours, on=today(), amount=26, entered_at=now())
    page = read()
    assert "Do 40 hours of service. Not done yet 26 of 40 hours done. 14 hours left." in page
    assert f"By {words.day(hours.due_on, 'en')}. Next: Call to sign up." in page
    assert "$0 of $60 paid. $60 left. Next: Ask your officer how to do this." in page
    assert "Rules to follow all the time Obey all laws. No contact with the victim." in page
    ConditionProgress.objects.create(condition=hours, on=today(), amount=14, completes=True, entered_at=now())
    assert "Do 40 hours of service. Done" in read()


def test_it_does_not_ask_for_what_the_court_has_lifted(person, read):
    Condition.objects.create(term=running(person), kind="special", words="Curfew", ended_on=today())
    assert "Curfew" not in read()


def test_it_says_that_restitution_stands_in_the_way_until_it_is_paid(person, read):
    begins_on = today() - timedelta(days=1100)
    term = make_term(
        make_case(person), begins_on=begins_on, restitution_ordered=True, restitution_cents=245_000, years=5
    )
    page = read()
    assert "Your supervision can end as soon as all of your restitution is paid." in page
    assert "The court ordered $2,450." in page
    make_event(term, Event.Kind.RESTITUTION_PAID, today())
    page = read()
    assert f"By law, your supervision could end on {words.day(today(), 'en')}" in page
    assert "Restitution is paid. Done" in page


@pytest.mark.parametrize(
    ("language", "counted", "to_confirm", "paid"),
    [
        (
            "en",
            "Pay all of your restitution. Not done yet $1,000 of $1,200 paid. $200 left.",
            "You have paid all of your restitution. Your officer still has to enter that it is paid. Done",
            "Restitution is paid. Done",
        ),
        (
            "es",
            "Pague toda la restitución. Falta $1,000 de $1,200. Por pagar: $200.",
            "Usted ya pagó toda la restitución. Su oficial todavía tiene que anotar que está pagada. Hecho",
            "La restitución está pagada. Hecho",
        ),
    ],
)
def test_it_asks_for_restitution_once_with_its_progress(participant, person, read, language, counted, to_confirm, paid):
    participant.language = language
    participant.save()
    term = running(person, restitution_ordered=True, restitution_cents=120_000)
    owed = Condition.objects.create(
        term=term,
        kind="special",
        words="Pay restitution through the court.",
        plain_words="Pay the money you owe.",
        plain_words_es="Pague el dinero que debe.",
        counted_in="cents",
        amount=120_000,
        is_restitution=True,
    )
    ConditionProgress.objects.create(condition=owed, on=today(), amount=100_000, entered_at=now())
    page = read()
    assert counted in page
    assert "Pay the money" not in page
    assert "Pague el dinero" not in page
    assert page.count("1,200") == 1
    ConditionProgress.objects.create(condition=owed, on=today(), amount=20_000, entered_at=now())
    assert to_confirm in read()
    make_event(term, Event.Kind.RESTITUTION_PAID, today())
    page = read()
    assert paid in page
    assert "1,200" not in page


def test_it_puts_the_hearing_and_what_stops_the_months_first(person, read):
    term = running(person)
    make_event(term, Event.Kind.ABSCONDER_DECLARED, today() - timedelta(days=3))
    make_event(term, Event.Kind.HEARING_SET, today() - timedelta(days=2), hearing_on=today() + timedelta(days=9))
    page = read()
    assert "Your officer cannot find you. Months do not count until you report." in page
    assert f"Go to your hearing on {words.day(today() + timedelta(days=9), 'en')}." in page
    assert page.index("Your officer cannot find you") < page.index("Go to your hearing") < page.index("Two full years")


def test_it_tells_which_months_did_not_count_and_why(person, read):
    term = make_term(make_case(person), begins_on=date(2025, 1, 1))
    make_event(term, Event.Kind.VIOLATION_REPORT, date(2025, 3, 5))
    make_event(term, Event.Kind.CUSTODY_START, date(2025, 5, 7))
    make_event(term, Event.Kind.CUSTODY_END, date(2025, 7, 2))
    page = read()
    assert "March 2025: a violation report was sent in." in page
    assert "May 2025 to July 2025: you were in jail or another locked place." in page


def test_it_says_when_nothing_can_be_said(person, read):
    make_term(make_case(person), years=9)
    assert "We cannot give you a date yet." in read()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"kind": "pretrial", "years": 0}, "The court decides when your supervision ends."),
        (
            {"kind": "diversion", "begins_on": date(2026, 1, 10), "years": 1},
            "This kind of case does not earn time off.",
        ),
        ({"lifetime_supervision": True}, "This kind of case does not earn time off."),
        ({"lifetime_supervision": None}, "Some facts are missing"),
    ],
)
def test_it_says_so_where_no_credit_is_earned(person, read, said, sentence):
    running(person, **said)
    assert sentence in read()


def test_it_asks_nobody_to_wait_two_years_for_credits_she_does_not_earn(person, read):
    term = running(person)
    assert "Two full years" in read()
    term.entries.update(lifetime_supervision=True)
    page = read()
    assert "Two full years" not in page
    assert "To keep that date" not in page


def test_it_closes_with_what_the_court_did(person, read):
    term = running(person)
    make_event(term, Event.Kind.HEARING, today(), outcome=Event.Outcome.REVOKED)
    assert f"The court ended your time on supervision on {words.day(today(), 'en')}" in read()
    other = running(person)
    make_event(other, Event.Kind.DISCHARGED, today())
    page = read()
    assert "You have 2 cases. Each one ends on its own day." in page
    assert "You have nothing more to do in this case." in page


def test_it_names_the_officer_to_ask(person, read, officer):
    running(person)
    assert "Tell your officer, Rosa Alvarez." in read()


def test_it_shows_nobody_elses_case(person, read, officer):
    other = make_term(officer=officer)
    assert other.case.number not in read()
    assert "There is no supervision on record for you." in read()


def test_it_shows_the_cases_of_the_record_the_account_was_merged_into(sign_in, participant, officer):
    kept = make_person()
    make_person(account=participant, merged_into=kept)
    assign(kept, officer)
    running(kept)
    assert "Your supervision can end on" in text(sign_in(participant).get(reverse("my")))


def test_it_is_for_participants_alone(request, sign_in):
    for role in ("officer", "supervisor", "judge", "auditor", "administrator"):
        client = sign_in(request.getfixturevalue(role))
        assert client.get(reverse("my")).status_code == 404
        assert client.post(reverse("my_language"), {"language": "es"}).status_code == 404


def test_it_writes_the_read_to_the_audit_chain(person, read, participant):
    term = running(person)
    read()
    told = Entry.objects.get(verb="case.viewed")
    assert (told.actor_id, told.subject_id) == (participant.pk, str(term.case_id))


def test_it_remembers_the_language_on_the_account(person, sign_in, participant):
    running(person)
    client = sign_in(participant)
    assert client.post(reverse("my_language"), {"language": "es"})["Location"] == reverse("my")
    response = sign_in(participant).get(reverse("my"))
    participant.refresh_from_db()
    assert participant.language == "es"
    assert '<html lang="es">' in response.content.decode()
    assert "Su supervisión puede terminar el" in text(response)
    assert Entry.objects.get(verb="account.changed").detail == {"changes": {"language": ["en", "es"]}}


def test_it_speaks_no_third_language(sign_in, participant):
    assert sign_in(participant).post(reverse("my_language"), {"language": "fr"}).status_code == 404
    participant.refresh_from_db()
    assert participant.language == "en"


def test_it_marks_what_exists_in_english_alone(person, sign_in, participant):
    Condition.objects.create(term=running(person), kind="special", words="Anger management", due_on=today())
    participant.language = "es"
    participant.save()
    page = sign_in(participant).get(reverse("my")).content.decode()
    assert '<strong lang="en">Anger management</strong>' in page
    assert "Pregunte a su oficial cómo hacerlo." in page


def test_it_has_words_for_every_reason_a_month_can_be_lost():
    kinds = [f"lost_{kind}" for kind in (*standing.FILINGS, *standing.STOPS)]
    assert {*kinds, *standing.BY_CITE.values(), "lost_other"} <= set(words.SENTENCES)
    used = {*kinds, *standing.BY_CITE.values(), "lost_other"}
    assert {key for key in words.SENTENCES if key.startswith("lost_")} == used
