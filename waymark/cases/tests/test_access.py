"""Three people, and everybody else: who sees a case, and what is told of those who look."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.http import Http404

from waymark.accounts.models import Role
from waymark.accounts.tests.make import make_user
from waymark.audit.models import Entry
from waymark.cases.access import (
    case_for,
    cases_visible_to,
    determination_for,
    document_for,
    event_for,
    note_for,
    task_for,
    term_for,
)
from waymark.cases.actions import add_note, record_determination
from waymark.cases.models import Document, Task
from waymark.cases.tests.make import make_case, make_event, make_party, make_term
from waymark.people.access import TurnedAway
from waymark.people.models import AccessRestriction
from waymark.people.tests.make import make_person
from waymark.web.clock import now, today

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(officer):
    return make_case(officer=officer)


def sees(user, case) -> bool:
    """By the list and by the number alike."""
    listed = cases_visible_to(user).filter(pk=case.pk).exists()
    try:
        opened = case_for(user, case.pk) == case
    except Http404:
        opened = False
    assert listed == opened
    return listed


def test_it_shows_a_case_to_the_officer_who_supervises_and_not_to_the_others(case, officer, unit_mate, stranger):
    assert sees(officer, case)
    assert not sees(unit_mate, case)
    assert not sees(stranger, case)


def test_it_shows_a_unit_to_its_supervisor(case, supervisor):
    assert sees(supervisor, case)


def test_it_says_the_same_of_unknown_and_forbidden(case, stranger):
    with pytest.raises(Http404) as forbidden:
        case_for(stranger, case.pk)
    with pytest.raises(Http404) as unknown:
        case_for(stranger, 999_999)
    assert str(forbidden.value) == str(unknown.value)


def test_it_shows_nothing_to_people_without_a_right(case, auditor, administrator, participant):
    for user in (auditor, administrator, participant):
        assert not sees(user, case)


@pytest.mark.parametrize("role", [Role.JUDGE, Role.PROSECUTOR, Role.DEFENDER])
def test_it_shows_a_court_role_the_cases_it_takes_part_in(case, officer, role, request):
    user = request.getfixturevalue(role.value)
    other = make_case(officer=officer)
    make_party(case, user)
    assert sees(user, case)
    assert not sees(user, other)


@pytest.mark.parametrize(
    ("days", "seen"),
    [
        ({"from_on": 0}, True),
        ({"from_on": 1}, False),
        ({"until_on": 1}, True),
        ({"until_on": 0}, False),
    ],
)
def test_it_shows_a_party_the_case_while_it_takes_part(case, judge, days, seen):
    make_party(case, judge, **{name: today() + timedelta(days=number) for name, number in days.items()})
    assert sees(judge, case) is seen


def test_it_shows_a_participant_her_own_cases(case, participant, officer):
    person = case.person
    person.account = participant
    person.save()
    assert sees(participant, case)
    assert not sees(participant, make_case(officer=officer))


def test_it_counts_merged_records_as_one(case, officer, participant, unit_mate):
    kept = make_person(officer, account=participant)
    case.person.assignments.all().delete()
    case.person.merged_into = kept
    case.person.save()
    assert sees(officer, case)
    assert sees(participant, case)
    assert not sees(unit_mate, case)


def test_it_finds_a_participant_whose_account_hangs_on_the_absorbed_record(officer, participant):
    kept = make_person(officer)
    make_person(account=participant, merged_into=kept)
    assert sees(participant, make_case(kept))


def test_it_turns_a_colleague_away_with_the_words_left_for_her(case, officer, supervisor):
    AccessRestriction.objects.create(
        person=case.person,
        kind="excluded",
        user=officer,
        message="Ask the unit supervisor.",
        reason="Family.",
        added_by=supervisor,
    )
    assert not cases_visible_to(officer).exists()
    with pytest.raises(TurnedAway, match="Ask the unit supervisor"):
        case_for(officer, case.pk)
    with pytest.raises(TurnedAway, match="Ask the unit supervisor"):
        term_for(officer, make_term(case).pk)


def test_it_records_who_read_what_and_why(case, officer):
    case_for(officer, case.pk, why="Preparing the hearing.")
    told = Entry.objects.get()
    assert (told.verb, told.actor_id, told.why) == ("case.viewed", officer.pk, "Preparing the hearing.")
    assert (told.subject_kind, told.subject_id, told.person_id) == ("cases.courtcase", str(case.pk), case.person_id)


def test_it_records_nothing_of_a_case_that_was_not_shown(case, stranger):
    with pytest.raises(Http404):
        case_for(stranger, case.pk)
    assert not Entry.objects.exists()


def test_it_reaches_the_parts_of_a_case_as_the_case_itself(case, officer, unit_mate, judge):
    make_party(case, judge)
    term = make_term(case)
    event = make_event(term, "violation_report", date(2019, 4, 9))
    determination = record_determination(term, date(2019, 5, 1), "asked", None)
    for reach, part in ((term_for, term), (event_for, event), (determination_for, determination)):
        assert reach(officer, part.pk) == reach(judge, part.pk) == part
        with pytest.raises(Http404):
            reach(unit_mate, part.pk)


def test_it_never_shows_the_offices_own_papers_to_the_court_or_the_participant(case, officer, judge, participant):
    make_party(case, judge)
    case.person.account = participant
    case.person.save()
    term = make_term(case)
    note = add_note(case, on=date(2019, 5, 1), words="Called.", by=officer, version=case.version)
    task = Task.objects.create(term=term, kind="date_changed", words="Moved.", created_at=now())
    for reach, part in ((note_for, note), (task_for, task)):
        assert reach(officer, part.pk) == part
        for user in (judge, participant):
            with pytest.raises(Http404):
                reach(user, part.pk)


def test_it_shows_documents_to_the_court_and_not_on_the_participants_page(case, officer, judge, participant):
    make_party(case, judge)
    case.person.account = participant
    case.person.save()
    document = Document.objects.create(
        case=case, title="Order", file_name="o.pdf", media_type="application/pdf", bytes=1, sha256="0", entered_at=now()
    )
    assert document_for(officer, document.pk) == document_for(judge, document.pk) == document
    with pytest.raises(Http404):
        document_for(participant, document.pk)


def test_it_keeps_determinations_from_those_who_only_teach(case, unit):
    instructor = make_user(Role.PROGRAM_INSTRUCTOR, unit=unit, scope="unit")
    term = make_term(case)
    determination = record_determination(term, date(2019, 5, 1), "asked", None)
    assert term_for(instructor, term.pk) == term
    with pytest.raises(Http404):
        determination_for(instructor, determination.pk)
