"""The people and places every test knows. An officer supervises; a unit mate sits beside her; a stranger elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client, TransactionTestCase

from waymark.accounts.models import Agency, Role, Scope, Unit, User
from waymark.accounts.tests.make import enrol_second_factor, make_agency, make_unit, make_user
from waymark.audit.tests.tamper import flush_allowed


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_audit_triggers():
    """Tests with real commits (transaction=True) empty the tables afterwards, which the audit chain refuses."""
    flush = TransactionTestCase._fixture_teardown

    def teardown(self: TransactionTestCase) -> None:
        with flush_allowed():
            flush(self)

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = flush


@pytest.fixture
def division(db) -> Agency:
    return make_agency("State Division of Probation and Parole", Agency.Kind.STATE_DIVISION)


@pytest.fixture
def county(db) -> Agency:
    return make_agency("County Community Corrections", Agency.Kind.COUNTY_CORRECTIONS)


@pytest.fixture
def court(db) -> Agency:
    return make_agency("Circuit Court", Agency.Kind.COURT)


@pytest.fixture
def unit(division: Agency) -> Unit:
    return make_unit(division, "North Unit")


@pytest.fixture
def other_unit(division: Agency) -> Unit:
    return make_unit(division, "South Unit")


@pytest.fixture
def officer(unit: Unit) -> User:
    return make_user(Role.OFFICER, unit=unit, first_name="Rosa", last_name="Alvarez")


@pytest.fixture
def unit_mate(unit: Unit) -> User:
    """In the officer's unit, with her own caseload alone."""
    return make_user(Role.OFFICER, unit=unit, scope=Scope.OWN, first_name="Tom", last_name="Becker")


@pytest.fixture
def supervisor(unit: Unit) -> User:
    return make_user(Role.SUPERVISOR, unit=unit, first_name="Ida", last_name="Novak")


@pytest.fixture
def stranger(county: Agency) -> User:
    """An officer in another agency."""
    return make_user(Role.OFFICER, unit=make_unit(county), first_name="Lena", last_name="Hart")


@pytest.fixture
def clerk(division: Agency) -> User:
    return make_user(Role.CLERK, agency=division)


@pytest.fixture
def monitoring_staff(division: Agency) -> User:
    return make_user(Role.MONITORING_STAFF, agency=division)


@pytest.fixture
def evaluator(unit: Unit) -> User:
    return make_user(Role.EVALUATOR, unit=unit)


@pytest.fixture
def program_instructor(unit: Unit) -> User:
    return make_user(Role.PROGRAM_INSTRUCTOR, unit=unit)


@pytest.fixture
def diversion_case_manager(unit: Unit) -> User:
    return make_user(Role.DIVERSION_CASE_MANAGER, unit=unit)


@pytest.fixture
def judge(court: Agency) -> User:
    return make_user(Role.JUDGE, agency=court)


@pytest.fixture
def prosecutor(db) -> User:
    return make_user(Role.PROSECUTOR, agency=make_agency("Prosecuting Attorney", Agency.Kind.PROSECUTOR))


@pytest.fixture
def defender(db) -> User:
    return make_user(Role.DEFENDER, agency=make_agency("Public Defender", Agency.Kind.DEFENDER))


@pytest.fixture
def participant(db) -> User:
    return make_user(Role.PARTICIPANT, first_name="Dana", last_name="Reyes")


@pytest.fixture
def auditor(db) -> User:
    return make_user(Role.AUDITOR)


@pytest.fixture
def administrator(db) -> User:
    return make_user(Role.ADMINISTRATOR)


@pytest.fixture
def sign_in(db) -> Callable[[User], Client]:
    """A browser in which the account has signed in, staff with their second factor."""

    def sign_in(user: User) -> Client:
        if user.role != Role.PARTICIPANT and not user.authenticator_set.exists():
            enrol_second_factor(user)
        client = Client()
        client.force_login(user)
        return client

    return sign_in
