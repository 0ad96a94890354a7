"""The demo county: the same for the same seed and day, believable, and whole when it is opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from django.db import transaction
from django.urls import reverse
from hypothesis import given

from tests.strategies import ecc_facts as any_facts
from waymark.accounts.models import Role, User
from waymark.audit.models import Entry
from waymark.audit.verification import verify
from waymark.cases import reads
from waymark.cases.facts import law_facts_for
from waymark.cases.models import Condition, CourtCase, Deadline, Determination, Event, Task, Term
from waymark.cli.demo import demo
from waymark.demo.county import County, closed_on, county
from waymark.demo.load import Loaded, NotEmpty, load
from waymark.law.missouri import ecc_217_703 as ecc
from waymark.people.access import people_visible_to
from waymark.people.models import Person, SearchKey
from waymark.people.reads import search

pytestmark = pytest.mark.django_db  # else no test database is made for the module's own fixture

AS_OF = date(2026, 6, 15)
MORNING = datetime.combine(AS_OF, time(0, 5), ZoneInfo("America/Chicago"))


@pytest.fixture(scope="module")
def drawn() -> County:
    return county(1500, 1, AS_OF)


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[Loaded]:
    """One small county for every test that only looks at it; taken back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load(240, 7, AS_OF)
        transaction.set_rollback(True)


def account(username: str) -> User:
    return User.objects.get(username=username)


# The generator


def test_it_is_the_same_county_for_the_same_people_seed_and_day() -> None:
    assert county(120, 3, AS_OF) == county(120, 3, AS_OF)
    assert county(120, 3, AS_OF).people != county(120, 4, AS_OF).people


def test_it_has_the_mix_of_people_a_county_has(drawn: County) -> None:
    tracks = Counter(person.track for person in drawn.people)
    assert len(drawn.people) == 1500
    assert {"division", "psu", "pretrial", "diversion", "mmhc"} == set(tracks)
    assert 0.55 < tracks["division"] / 1500 < 0.72
    assert 0.15 < sum(person.name.sex == "female" for person in drawn.people) / 1500 < 0.32
    assert 0.08 < sum(person.closed_on is not None for person in drawn.people) / 1500 < 0.30
    assert 20 < sum(person.language == "es" for person in drawn.people) < 120
    assert all(18 <= age_at_start(person) <= 70 for person in drawn.people if person.born_on)


def age_at_start(person: Any) -> float:
    return (min(case.history.start.begins_on for case in person.cases) - person.born_on).days / 365.25


def test_an_officer_has_a_caseload_an_officer_could_have(drawn: County) -> None:
    running = [person for person in drawn.people if person.closed_on is None]
    caseloads = Counter(person.assignments[0].officer for person in running if person.assignments[0].unit == "city")
    assert 50 <= caseloads.most_common(1)[0][1] <= 75
    assert 50 <= sum(person.assignments[0].officer == "officer" for person in running) <= 75


def test_terms_are_of_every_kind_and_some_facts_are_not_recorded(drawn: County) -> None:
    starts = [case.history.start for person in drawn.people for case in person.cases]
    assert {start.kind for start in starts} == {
        *("probation", "parole", "conditional_release", "pretrial", "diversion")
    }
    assert {start.sentence for start in starts} == {"SIS", "SES", ""}
    for name in ("supervised_by_division", "lifetime_supervision", "restitution_ordered"):
        assert 0 < sum(getattr(start, name) is None for start in starts) < 0.1 * len(starts)


def test_every_kind_of_event_happens_somewhere(drawn: County) -> None:
    happened = {event.kind for person in drawn.people for case in person.cases for event in case.history.events}
    assert happened == set(Event.Kind.values)


def test_nothing_in_the_record_lies_on_the_day_or_after_it(drawn: County) -> None:
    cases = [case for person in drawn.people for case in person.cases]
    days = [event.on for case in cases for event in case.history.events]
    days += [note.on for case in cases for note in case.notes]
    days += [step.on for case in cases for condition in case.conditions for step in condition.progress]
    assert max(days) == AS_OF - timedelta(days=1)


def test_the_law_accepts_every_term_on_the_divisions_caseload(drawn: County) -> None:
    for person in drawn.people:
        if person.track == "division":
            for case in person.cases:
                ecc.read(case.history.as_facts(AS_OF))  # raises for facts that cannot be right


def test_nobody_stays_long_after_the_law_has_ended_the_term(drawn: County) -> None:
    waiting = 0
    for person in drawn.people:
        if person.track == "division":
            for case in person.cases:
                ended = ecc.determine(ecc.read(case.history.as_facts(AS_OF))).as_json()["discharge_date"]
                if ended and not closed_on(case.history):
                    assert AS_OF - date.fromisoformat(ended) < timedelta(days=60)
                    waiting += 1
    assert waiting > 0


@given(any_facts())
def test_the_law_accepts_every_timeline_of_the_strategies(facts: dict[str, Any]) -> None:
    ecc.determine(ecc.read(facts))


# The load


def test_it_writes_what_it_says(loaded: Loaded) -> None:
    assert loaded.people == Person.objects.count() == 245
    assert loaded.published_cases == 5
    assert not Task.objects.filter(kind="facts_faulty").exists()
    assert Entry.objects.filter(verb="demo.loaded").count() == 1
    assert verify() == []


def test_every_role_has_an_account_and_nobody_a_password(loaded: Loaded) -> None:
    assert {user.role for user in User.objects.all()} == set(Role.values)
    assert all(User.objects.get(username=role).role == role for role in Role.values)
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_everybody_who_works_with_people_sees_some(loaded: Loaded) -> None:
    for role in ("officer", "supervisor", "clerk", "monitoring_staff", "evaluator", "diversion_case_manager"):
        assert people_visible_to(account(role)).exists(), role
    for role in ("judge", "prosecutor", "defender"):
        assert reads.docket_rows(account(role), AS_OF), role


def test_search_finds_people_as_they_are_misspelt(loaded: Loaded) -> None:
    found = search(account("officer"), "Christofer Kulp")
    assert [match.person.family_name for match in found][:1] == ["Culp"]
    assert "Smith" in {match.person.family_name for match in search(account("clerk"), "Jon Smyth, 1981")}
    assert not Person.objects.exclude(pk__in=SearchKey.objects.values("person")).exists()


def test_the_culp_case_opens_for_officer_supervisor_and_judge_and_nobody_else(loaded: Loaded, sign_in: Any) -> None:
    case = CourtCase.objects.get(title="State ex rel. Culp v. Rolf")
    assert case.published_citation.startswith("568 S.W.3d 443")
    assert sign_in(account("officer")).get(reverse("case", args=[case.pk])).status_code == 200
    assert sign_in(account("supervisor")).get(reverse("case", args=[case.pk])).status_code == 200
    assert sign_in(account("judge")).get(reverse("court_case", args=[case.pk])).status_code == 200
    assert sign_in(account("program_instructor")).get(reverse("case", args=[case.pk])).status_code == 404


def test_the_culp_case_ended_on_the_first_of_june(loaded: Loaded) -> None:
    decided = Determination.objects.get(term__case__title="State ex rel. Culp v. Rolf", current=True)
    assert decided.discharge_date == date(2018, 6, 1)
    assert decided.credit_months == 29


def test_a_determination_says_what_the_law_says_of_the_generators_facts(loaded: Loaded) -> None:
    known = {case.number: case for person in county(240, 7, AS_OF).people for case in person.cases}
    compared = 0
    for decided in Determination.objects.filter(current=True).select_related("term__case"):
        if case := known.get(decided.term.case.number):
            answer = ecc.determine(ecc.read(case.history.as_facts(AS_OF))).as_json()
            assert decided.answer["discharge_date"] == answer["discharge_date"]
            assert decided.answer["months"] == answer["months"]
            compared += 1
    assert compared > 150


def test_some_clocks_run_out_and_some_people_can_be_discharged_this_month(loaded: Loaded) -> None:
    officer = account("officer")
    assert sum(row.cannot_wait for row in reads.due(officer, AS_OF)) >= 2
    soon = [row for row in reads.discharges_due(officer, AS_OF) if row.on and row.on < AS_OF + timedelta(days=31)]
    assert soon
    assert Deadline.objects.filter(state=Deadline.State.MET).exists()
    assert Task.objects.filter(kind="date_changed").exists()


def test_the_participant_has_a_running_term_and_something_to_do(loaded: Loaded, sign_in: Any) -> None:
    person = Person.objects.get(account__username="participant")
    term = Term.objects.filter(case__person=person).first()
    assert Determination.objects.filter(term=term, current=True, discharge_date=None).exists()
    assert Condition.objects.filter(term=term).exclude(counted_in="").exists()
    assert sign_in(account("participant")).get(reverse("my")).status_code == 200


def test_what_was_entered_by_mistake_stood_until_it_was_voided(loaded: Loaded) -> None:
    wrong = Event.objects.exclude(voided_at=None).order_by("pk")[0]
    then = law_facts_for([wrong.term], AS_OF, wrong.voided_at - timedelta(hours=1))[wrong.term_id]
    now = law_facts_for([wrong.term], AS_OF)[wrong.term_id]
    assert wrong.void_reason
    assert {"on": wrong.on.isoformat(), "type": wrong.kind} in then["events"]
    assert {"on": wrong.on.isoformat(), "type": wrong.kind} not in now["events"]


def test_every_fact_was_entered_before_the_morning_of_the_day(loaded: Loaded) -> None:
    assert Event.objects.filter(entered_at__gte=MORNING).count() == 0
    assert Determination.objects.filter(computed_at__gt=MORNING).count() == 0


def test_it_goes_only_into_an_empty_database(loaded: Loaded) -> None:
    with pytest.raises(NotEmpty, match="only into an empty one"):
        load(5, 1, AS_OF)
    result = CliRunner().invoke(demo, ["load", "--people", "5"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "only into an empty one" in result.stderr
