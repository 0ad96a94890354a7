"""Who may open what: one table over every address of the site and every role.

A role that is not named gets 404 with the body of a page that does not exist; somebody who has not signed in is sent to
do so. An object out of the account's scope reads exactly like one that does not exist. An address missing from the
table fails the first test: add a line for it, and where it shows an object, the object to `case_file`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from waymark.accounts.models import Agency, Role, User
from waymark.accounts.tests.make import enrol_second_factor, make_unit, make_user
from waymark.cases.actions.determinations import record_determination
from waymark.cases.actions.documents import add_document
from waymark.cases.models import Condition, Deadline, Note, Party, Placement, Task
from waymark.cases.tests.make import make_case, make_event, make_party, make_term
from waymark.monitoring.actions.receive import receive
from waymark.monitoring.models import Feed, ViolationNotice
from waymark.monitoring.tests.make import make_activation, make_change, make_order, make_suspension, make_zone
from waymark.monitoring.tests.make_alerts import make_alert
from waymark.people.models import (
    AccessRestriction,
    Address,
    ContactPoint,
    EmergencyContact,
    Identifier,
    Merge,
    Person,
    PersonName,
)
from waymark.people.tests.make import assign, make_person
from waymark.web.clock import now

ON = date(2019, 5, 1)
NOWHERE = 10**9  # from here on no row has the number
SIGN_IN = "sent to sign in"

# The roles

OFFICER, SUPERVISOR, CLERK = Role.OFFICER, Role.SUPERVISOR, Role.CLERK
EVERYBODY = set(Role)
WRITE_CASES = {OFFICER, SUPERVISOR, CLERK}
MERGE_PEOPLE = {OFFICER, SUPERVISOR, CLERK}
WRITE_PEOPLE = {OFFICER, SUPERVISOR, CLERK, Role.DIVERSION_CASE_MANAGER}
READ_DETERMINATIONS = {OFFICER, SUPERVISOR, CLERK, Role.MONITORING_STAFF, Role.EVALUATOR}
READ = READ_DETERMINATIONS | {Role.PROGRAM_INSTRUCTOR, Role.DIVERSION_CASE_MANAGER}
COURT = {Role.JUDGE, Role.PROSECUTOR, Role.DEFENDER}
RESTRICT = {SUPERVISOR, Role.ADMINISTRATOR}
ADMINISTER = {Role.ADMINISTRATOR}
SEE_MONITORING = {OFFICER, SUPERVISOR, CLERK, Role.MONITORING_STAFF}
SET_UP_MONITORING = {SUPERVISOR, Role.MONITORING_STAFF}


@dataclass(frozen=True)
class Row:
    roles: set[Role]
    answers: int = 200
    anonymous: int | str = SIGN_IN
    post: dict[str, str] | None = None  # opened by POST alone, with these fields


TABLE: dict[str, Row] = {
    # Signing in
    "account_login": Row(EVERYBODY, 302, anonymous=200),
    "account_logout": Row(EVERYBODY, anonymous=302),
    "account_inactive": Row(EVERYBODY, anonymous=200),
    "account_reset_password_from_key": Row(EVERYBODY, anonymous=200),
    "account_reset_password_from_key_done": Row(EVERYBODY, anonymous=200),
    "mfa_authenticate": Row(EVERYBODY, 302, anonymous=302),
    "mfa_login_webauthn": Row(EVERYBODY, 302, anonymous=302),
    "demo": Row(set(), anonymous=404),
    "demo_unlock": Row(set(), anonymous=404),
    # One's own keys
    "account_reauthenticate": Row(EVERYBODY),
    "account_change_password": Row(EVERYBODY),
    "mfa_index": Row(EVERYBODY),
    "mfa_reauthenticate": Row(EVERYBODY),
    "mfa_activate_totp": Row(EVERYBODY, 302),
    "mfa_deactivate_totp": Row(EVERYBODY),
    "mfa_view_recovery_codes": Row(EVERYBODY),
    "mfa_generate_recovery_codes": Row(EVERYBODY),
    "mfa_download_recovery_codes": Row(EVERYBODY),
    "mfa_list_webauthn": Row(EVERYBODY),
    "mfa_add_webauthn": Row(EVERYBODY),
    "mfa_reauthenticate_webauthn": Row(EVERYBODY, 302),
    "mfa_remove_webauthn": Row(EVERYBODY),
    "mfa_edit_webauthn": Row(EVERYBODY),
    # Accounts and audit
    "account_list": Row(ADMINISTER),
    "account_new": Row(ADMINISTER),
    "account": Row(ADMINISTER),
    "account_close": Row(ADMINISTER, 302, post={"why": "left the agency"}),
    "account_open": Row(ADMINISTER, 302, post={"why": "came back"}),
    "second_factor_reset": Row(ADMINISTER, 302, post={"why": "lost the phone"}),
    "sign_in_link": Row(ADMINISTER, 200, post={"why": "forgot the password"}),
    "agency_list": Row(ADMINISTER),
    "agency_new": Row(ADMINISTER),
    "agency": Row(ADMINISTER),
    "agency_unit_new": Row(ADMINISTER),
    "agency_unit": Row(ADMINISTER),
    "audit_log": Row({Role.AUDITOR}),
    # Where each role arrives
    "home": Row(EVERYBODY, 302),
    "caseload": Row(READ),
    "unit": Row({SUPERVISOR}),
    "officer_caseload": Row({SUPERVISOR}),
    "docket": Row(COURT),
    "find": Row(READ | COURT, 302),
    "my": Row({Role.PARTICIPANT}),
    "my_language": Row({Role.PARTICIPANT}, 302, post={"language": "es"}),
    # People
    "person_search": Row(READ),
    "person": Row(READ),
    "person_history": Row(READ),
    "person_cases": Row(READ),
    "person_new": Row(WRITE_PEOPLE),
    "person_edit": Row(WRITE_PEOPLE),
    "name_new": Row(WRITE_PEOPLE),
    "name_remove": Row(WRITE_PEOPLE),
    "identifier_new": Row(WRITE_PEOPLE),
    "identifier_remove": Row(WRITE_PEOPLE),
    "contact_new": Row(WRITE_PEOPLE),
    "contact_edit": Row(WRITE_PEOPLE),
    "contact_end": Row(WRITE_PEOPLE),
    "address_new": Row(WRITE_PEOPLE),
    "address_end": Row(WRITE_PEOPLE),
    "emergency_contact_new": Row(WRITE_PEOPLE),
    "emergency_contact_remove": Row(WRITE_PEOPLE),
    "assignment_new": Row(WRITE_PEOPLE),
    "assignment_end": Row(WRITE_PEOPLE),
    "person_account_new": Row(WRITE_PEOPLE),
    "person_account_link": Row(WRITE_PEOPLE),
    "person_account_close": Row(WRITE_PEOPLE),
    "duplicates": Row(MERGE_PEOPLE),
    "person_merge": Row(MERGE_PEOPLE),
    "person_not_a_duplicate": Row(MERGE_PEOPLE, 302, post={}),
    "merge_undo": Row(MERGE_PEOPLE),
    "restrictions_find": Row(RESTRICT),
    "person_restrictions": Row(RESTRICT),
    "restriction_lift": Row(RESTRICT),
    # Cases, as the office reads them
    "case": Row(READ),
    "term": Row(READ, 302),
    "document": Row(READ),
    "credits": Row(READ_DETERMINATIONS),
    "what_if": Row(READ_DETERMINATIONS),
    "compare": Row(READ_DETERMINATIONS),
    "determination": Row(READ_DETERMINATIONS),
    # Cases, as the court and the parties read them
    "court_case": Row(COURT),
    "court_document": Row(COURT),
    "court_determination": Row(COURT),
    # Entering facts
    "case_new": Row(WRITE_CASES),
    "charge_new": Row(WRITE_CASES),
    "charge_correct": Row(WRITE_CASES),
    "term_new": Row(WRITE_CASES),
    "term_correct": Row(WRITE_CASES),
    "order_new": Row(WRITE_CASES),
    "party_new": Row(WRITE_CASES),
    "party_end": Row(WRITE_CASES),
    "note_new": Row(WRITE_CASES),
    "note_void": Row(WRITE_CASES),
    "document_new": Row(WRITE_CASES),
    "document_void": Row(WRITE_CASES),
    "condition_new": Row(WRITE_CASES),
    "condition_lift": Row(WRITE_CASES),
    "progress_new": Row(WRITE_CASES),
    "placement_new": Row(WRITE_CASES),
    "placement_end": Row(WRITE_CASES),
    "event_new": Row(WRITE_CASES),
    "event_correct": Row(WRITE_CASES),
    "event_void": Row(WRITE_CASES),
    "deadline_meet": Row(WRITE_CASES),
    "task_close": Row(WRITE_CASES),
    # Monitoring: what was ordered and what is worn
    "person_monitoring": Row(SEE_MONITORING),
    "monitoring_order": Row(SEE_MONITORING),
    "monitoring_order_new": Row(SET_UP_MONITORING),
    "monitoring_order_vary": Row(SET_UP_MONITORING),
    "monitoring_order_end": Row(SET_UP_MONITORING),
    "order_version_correct": Row(SET_UP_MONITORING),
    "order_version_void": Row(SET_UP_MONITORING),
    "papers_sign": Row(SET_UP_MONITORING),
    "my_papers": Row({Role.PARTICIPANT}),
    "suspension_new": Row(SET_UP_MONITORING),
    "suspension_lift": Row(SET_UP_MONITORING),
    "order_check": Row(SEE_MONITORING),
    "fleet": Row(SEE_MONITORING),
    "device": Row(SEE_MONITORING),
    "device_new": Row(SET_UP_MONITORING),
    "device_edit": Row(SET_UP_MONITORING),
    "device_move": Row(SET_UP_MONITORING),
    "activation_new": Row(SET_UP_MONITORING),
    "installation_step": Row(SET_UP_MONITORING, 302, post={"step": "baseline"}),
    "range_test": Row(SET_UP_MONITORING),
    "activation_active": Row(SET_UP_MONITORING, 302, post={"version": "1"}),
    "activation_end": Row(SET_UP_MONITORING),
    "day": Row(SEE_MONITORING),
    "day_positions": Row(SEE_MONITORING),
    "alcohol": Row(SEE_MONITORING),
    "alcohol_readings": Row(SEE_MONITORING),
    "alert_positions": Row(SEE_MONITORING),
    # Monitoring: where and when
    "zone": Row(SEE_MONITORING),
    "zone_new": Row(SET_UP_MONITORING),
    "zone_change": Row(SET_UP_MONITORING),
    "zone_hours": Row(SET_UP_MONITORING),
    "zone_end": Row(SET_UP_MONITORING),
    "schedule": Row(SEE_MONITORING),
    "schedule_change_new": Row(SET_UP_MONITORING),
    "leave_requests": Row(SEE_MONITORING),
    "leave_request": Row(SET_UP_MONITORING),
    "my_schedule": Row({Role.PARTICIPANT}),
    "my_leave": Row({Role.PARTICIPANT}),
    "my_leave_withdraw": Row({Role.PARTICIPANT}, 302, post={}),
    "drive_by": Row(SET_UP_MONITORING),
    "drive_by_sync": Row(SET_UP_MONITORING, 400, post={"visits": "none"}),
    "drive_by_worker": Row(SET_UP_MONITORING),
    # Monitoring: alerts and notices
    "board": Row(SEE_MONITORING),
    "alert_list": Row(SEE_MONITORING),
    "alert": Row(SEE_MONITORING),
    "alert_acknowledge": Row(SET_UP_MONITORING, 302, post={}),
    "alert_take": Row(SET_UP_MONITORING, 302, post={"owner": ""}),
    "alert_note": Row(SET_UP_MONITORING, post={}),
    "alert_conclude": Row(SET_UP_MONITORING, post={}),
    "alert_reopen": Row(SET_UP_MONITORING, post={}),
    "alert_statistics": Row(SEE_MONITORING),
    "notices": Row(SEE_MONITORING),
    "notice": Row(SEE_MONITORING),
    "notice_serve": Row({OFFICER, *SET_UP_MONITORING}, post={}),
    "served_notices": Row(COURT | SEE_MONITORING),
    "served_notice": Row(COURT | SEE_MONITORING),
    "served_notice_acknowledge": Row(COURT | SEE_MONITORING, 302, post={}),
    # Monitoring: what came in. Vendors have no account: the signature decides, and a wrong one is refused to all alike.
    "feeds": Row(SET_UP_MONITORING),
    "feed_new": Row(SET_UP_MONITORING),
    "feed": Row(SET_UP_MONITORING),
    "feed_change": Row(SET_UP_MONITORING),
    "feed_key": Row(SET_UP_MONITORING, post={}),
    "message": Row(SET_UP_MONITORING),
    "message_content": Row(SET_UP_MONITORING),
    "message_read_again": Row(SET_UP_MONITORING, 302, post={}),
    "receive": Row(EVERYBODY, 401, anonymous=405, post={}),
}

# An administrator for every agency reaches every account, and sets the lists of every record by its number.
REACH_EVERYTHING = {Role.ADMINISTRATOR}

# One's own rows on a page of a person: which of them an address speaks of.
ROW_OF = {
    "name_remove": "name",
    "identifier_remove": "identifier",
    "contact_edit": "contact",
    "contact_end": "contact",
    "address_end": "address",
    "emergency_contact_remove": "emergency_contact",
    "assignment_end": "assignment",
    "restriction_lift": "restriction",
    "person_account_link": "person_account",
    "person_account_close": "person_account",
}
OF_A_LINK = {"uidb36": "1", "key": "no-such-key"}  # a sign-in link that nobody made


def addresses() -> Iterator[tuple[str, list[str]]]:
    """Every address of the site: its name and the names of the numbers in it."""

    def walk(resolver: URLResolver, above: list[str]) -> Iterator[tuple[str, list[str]]]:
        for pattern in resolver.url_patterns:
            numbers = [*above, *pattern.pattern.converters]
            if isinstance(pattern, URLResolver):
                yield from walk(pattern, numbers)
            else:
                yield pattern.name or f"without a name: {pattern.pattern}", numbers

    return walk(get_resolver(), [])


NUMBERS = dict(addresses())
OF_AN_OBJECT = [name for name in TABLE if NUMBERS.get(name) and name != "receive"]


def test_every_address_is_in_the_table():
    assert sorted(name for name, _ in addresses()) == sorted(TABLE)


@pytest.mark.parametrize("role", Role)
def test_who_gets_in(role, people, mine, browser):
    client = browser(people[role])
    allowed = [name for name in TABLE if role in TABLE[name].roles]
    refused = [(name, method) for name in TABLE if name not in allowed for method in ("get", "post")]
    nothing = client.get("/there/is/no/such/page/")
    assert {
        (name, method): same_or_status(send(client, method, name, address(name, mine)), nothing)
        for name, method in refused
    } == dict.fromkeys(refused, "no such page")
    assert {name: opened(client, name, address(name, with_key(mine, people[role], name))) for name in allowed} == {
        name: TABLE[name].answers for name in allowed
    }


def test_what_somebody_meets_who_has_not_signed_in(mine):
    client = Client()
    for name, row in TABLE.items():
        path = address(name, mine)
        if row.anonymous != SIGN_IN:
            assert client.get(path).status_code == row.anonymous, name
            continue
        for method in ("get", "post"):
            answer = send(client, method, name, path)
            assert answer.status_code == 302, (name, method)
            assert answer.url.startswith(reverse("account_login") + "?next="), (name, method)


@pytest.mark.parametrize("role", Role)
def test_out_of_scope_reads_like_unknown(role, people, theirs, browser):
    client = browser(people[role])
    unknown = {number: NOWHERE + n for n, number in enumerate(theirs)}
    for name in OF_AN_OBJECT:
        if role not in TABLE[name].roles:
            continue
        method = "get" if TABLE[name].post is None else "post"
        nothing = send(client, method, name, address(name, unknown))
        assert nothing.status_code == 404, name
        if role not in REACH_EVERYTHING or "pk" in NUMBERS[name]:
            answer = send(client, method, name, address(name, theirs))
            assert same_or_status(answer, nothing) == "no such page", name


# What the addresses are tried on


@pytest.fixture
def people(division: Agency, court: Agency) -> dict[Role, User]:
    """An account of every role, each with a password and a second factor. Officer and supervisor share a unit."""
    unit = make_unit(division)
    accounts = {}
    for role in Role:
        place = {"agency": division, "unit": unit if role in (OFFICER, SUPERVISOR) else make_unit(division)}
        accounts[role] = make_user(role, password="long enough to be hard", **place)
        enrol_second_factor(accounts[role])
        RecoveryCodes.activate(accounts[role])
    return accounts


@pytest.fixture
def mine(people: dict[Role, User], stranger: User) -> dict[str, int]:
    """Numbers of objects that every role has in scope, as far as it has any."""
    numbers = case_file(people[OFFICER], turned_away=stranger)
    person = Person.objects.get(pk=numbers["person_id"])
    other = Person.objects.get(pk=numbers["other_id"])
    for role in READ - {OFFICER, SUPERVISOR}:
        assign(person, people[role])
        assign(other, people[role])
    for role in COURT:
        make_party(person.court_cases.get(), people[role])
    person.account = people[Role.PARTICIPANT]
    person.save()
    return numbers | {"person_account": people[Role.PARTICIPANT].pk}


@pytest.fixture
def theirs(stranger: User) -> dict[str, int]:
    """The same numbers in another agency, out of everybody's scope."""
    return with_key(case_file(stranger, turned_away=make_user()), stranger, "mfa_edit_webauthn")


@pytest.fixture
def browser(settings, tmp_path) -> Callable[[User], Client]:
    """A browser in which the account has just signed in."""

    def browser(user: User) -> Client:
        client = Client()
        client.force_login(user)
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
        return client

    return browser


@pytest.fixture(autouse=True)
def _documents_of_this_test(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def case_file(officer: User, *, turned_away: User) -> dict[str, int]:
    """A person with one row of every kind, supervised by the officer."""
    person = make_person(officer, account=make_user(Role.PARTICIPANT))
    other = make_person(officer, given_name="Otis", family_name="Lane")
    third = make_person(officer, given_name="Dana", family_name="Reyes", merged_into=person)
    agency = officer.agency
    assert agency
    rows = {
        "name": PersonName.objects.create(person=person, given_name="Day", family_name="Reyes"),
        "identifier": Identifier.objects.create(person=person, agency=agency, kind="local_number", value="A 17"),
        "contact": ContactPoint.objects.create(person=person, kind="phone", value="314-555-0100"),
        "address": Address.objects.create(person=person, street="1 Elm Street", city="St. Louis", from_on=ON),
        "emergency_contact": EmergencyContact.objects.create(person=person, name="Pat Reyes", phone="314-555-0101"),
        "assignment": person.assignments.get(),
        "restriction": AccessRestriction.objects.create(
            person=person, kind="excluded", user=turned_away, message="Ask.", reason="Kin.", added_by=officer
        ),
    }
    merge = Merge.objects.create(kept=person, absorbed=third, moved=[[third.pk, None]], why="same", merged_by=officer)
    case = make_case(person)
    term = make_term(case)
    event = make_event(term, "violation_report", ON)
    determination = record_determination(term, ON, "test", None)
    assert determination
    document = add_document(
        case, title="Order", file=ContentFile(b"%PDF-1.7 an order", "order.pdf"), by=officer, version=case.version
    )
    assert person.account
    facts = {"entered_at": now(), "entered_by": officer}
    deadline = Deadline.objects.create(
        term=term, determination=determination, name="A", cite="1", because="x", first_on=ON, last_on=ON, owner=officer
    )
    order = make_order(person, case)
    activation = make_activation(order, state="installing")
    alert = make_alert(activation, at=now())
    notice = ViolationNotice.objects.create(
        alert=alert, case=case, to="court", subject="A", body="B", state="served", drafted_at=now(), served_at=now()
    )
    feed = Feed.objects.create(code=f"feed-{officer.pk}", name="Acme", agency=agency, vendor="generic")
    message = receive(feed, b"[]", at=now())
    return {name: row.pk for name, row in rows.items()} | {
        "order_id": order.pk,
        "version_id": order.versions.get().pk,
        "activation_id": activation.pk,
        "device_id": activation.device_id,
        "alert_id": alert.pk,
        "notice_id": notice.pk,
        "feed_id": feed.pk,
        "message_id": message.pk,
        "code": feed.code,
        "suspension_id": make_suspension(order, officer).pk,
        "zone_id": make_zone(order).pk,
        "change_id": make_change(order, person.account).pk,
        "account_id": officer.pk,
        "officer_id": officer.pk,
        "agency_id": agency.pk,
        "unit_id": officer.unit_id,
        "person_id": person.pk,
        "person_account": person.account.pk,
        "other_id": other.pk,
        "merge_id": merge.pk,
        "case_id": case.pk,
        "charge_id": case.charges.get().pk,
        "term_id": term.pk,
        "event_id": event.pk,
        "determination_id": determination.pk,
        "document_id": document.pk,
        "deadline_id": deadline.pk,
        "note_id": Note.objects.create(case=case, on=ON, words="Came in.", **facts).pk,
        "condition_id": Condition.objects.create(term=term, kind="special", words="Pay the fee.").pk,
        "party_id": Party.objects.create(case=case, capacity="victim", name="Pat Reyes").pk,
        "placement_id": Placement.objects.create(term=term, program="Day report", placed_on=ON, **facts).pk,
        "task_id": Task.objects.create(term=term, kind="date_changed", words="Look.", created_at=now()).pk,
    }


def with_key(numbers: dict[str, int], user: User, name: str) -> dict[str, int]:
    """For the pages about one security key, which stand last among those of keys: a key of the account. No device
    stands behind it, so other pages cannot show it."""
    if name.startswith("served_notice") and "notice_id" in numbers:  # whoever opens it is the one it was served on
        ViolationNotice.objects.filter(pk=numbers["notice_id"]).update(to_account=user)
    if "pk" not in NUMBERS[name]:
        return numbers
    key = Authenticator.objects.create(user=user, type="webauthn", data={"name": "Key", "credential": {}})
    return numbers | {"key": key.pk}


def address(name: str, numbers: dict[str, int]) -> str:
    def number(parameter: str) -> int | str:
        if parameter == "row_id":
            return numbers[ROW_OF[name]]
        if parameter == "pk":
            return numbers.get("key", NOWHERE)
        return numbers[parameter]

    if name == "account_reset_password_from_key":
        return reverse(name, kwargs=OF_A_LINK)
    return reverse(name, kwargs={parameter: number(parameter) for parameter in NUMBERS[name]})


def opened(client: Client, name: str, path: str) -> int:
    answer = send(client, "get" if TABLE[name].post is None else "post", name, path)
    if answer.streaming:
        answer.getvalue()  # reading to the end closes the file
    return answer.status_code


def send(client: Client, method: str, name: str, path: str):
    return client.get(path) if method == "get" else client.post(path, TABLE[name].post or {})


def same_or_status(answer, nothing) -> str | int:
    """Whether the answer is the page of what does not exist, byte for byte; if not, with which status it came."""
    if answer.status_code == 404 and plain(answer) == plain(nothing):
        return "no such page"
    return answer.status_code


def plain(answer) -> bytes:
    """The body without the token against forged requests, which is new in every answer."""
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"', b"", answer.content)
