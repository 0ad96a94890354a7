"""Where each role arrives, and the officer's day."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from waymark.cases.actions.determinations import record_determinations
from waymark.cases.models import Deadline, Event, Task, Term
from waymark.cases.tests.make import make_case, make_event, make_term
from waymark.people.tests.make import assign, make_person
from waymark.web.clock import now, today

pytestmark = pytest.mark.django_db

ARRIVES = {
    "officer": "caseload",
    "clerk": "caseload",
    "monitoring_staff": "board",
    "evaluator": "caseload",
    "program_instructor": "caseload",
    "diversion_case_manager": "caseload",
    "supervisor": "unit",
    "judge": "docket",
    "prosecutor": "docket",
    "defender": "docket",
    "participant": "my",
    "auditor": "audit_log",
    "administrator": "account_list",
}


def text(response) -> str:
    return " ".join(response.content.decode().split())


def determined(*terms: Term) -> None:
    record_determinations([term.pk for term in terms], today(), "test", None)


def almost_done(officer, **said) -> Term:
    """A three-year term whose credits end it a hundred days from now, when the two years are up."""
    term = make_term(officer=officer, begins_on=today() - timedelta(days=630), years=3, **said)
    determined(term)
    return term


@pytest.mark.parametrize("role", ARRIVES)
def test_it_leads_every_role_to_its_own_page(request, sign_in, role):
    client = sign_in(request.getfixturevalue(role))
    response = client.get("/")
    assert (response.status_code, response["Location"]) == (302, reverse(ARRIVES[role]))
    assert client.get(response["Location"]).status_code == 200


@pytest.mark.parametrize("role", ARRIVES)
def test_it_leads_nobody_where_she_may_not_go(request, sign_in, role):
    """Every entry of the main list and the search box open for the role that is shown them."""
    client = sign_in(request.getfixturevalue(role))
    page = client.get("/", follow=True)
    addresses = [item.address for item in page.context["navigation"]]
    if role != "participant":
        assert addresses
    searches = [page.context["search_address"]] if page.context["search_for"] else []
    for address in [*addresses, *searches]:
        assert client.get(address, follow=True).status_code == 200


def test_it_sends_the_anonymous_to_sign_in(client):
    for name in ("home", "caseload", "unit", "docket", "my"):
        assert client.get(reverse(name)).status_code == 302


def test_it_shows_an_officer_her_own_caseload_alone(sign_in, officer, unit_mate):
    make_term(make_case(make_person(officer, family_name="Ashdown")))
    make_term(make_case(make_person(unit_mate, family_name="Birchall")))
    page = text(sign_in(officer).get(reverse("caseload")))
    assert "Ashdown" in page
    assert "Birchall" not in page


def test_it_is_not_there_for_roles_that_do_not_work_on_cases(request, sign_in):
    for role in ("judge", "participant", "auditor", "administrator"):
        client = sign_in(request.getfixturevalue(role))
        forbidden, unknown = client.get(reverse("caseload")), client.get("/no-such-page/")
        assert (forbidden.status_code, forbidden.content) == (404, unknown.content)


def test_it_says_first_what_cannot_wait(sign_in, officer):
    day = today()
    late, *others = Deadline.objects.filter(term=almost_done(officer))
    Deadline.objects.filter(pk__in=[other.pk for other in others]).update(state=Deadline.State.MET, met_on=day)
    Deadline.objects.filter(pk=late.pk).update(first_on=day - timedelta(days=9), last_on=day - timedelta(days=2))
    page = text(sign_in(officer).get(reverse("caseload")))
    assert "<h1>1 thing cannot wait" in page
    assert "closed 2 days ago" in page


def test_it_filters_those_almost_eligible(sign_in, officer):
    almost_done(officer, case=make_case(make_person(officer, family_name="Nearby")))
    far = make_term(make_case(make_person(officer, family_name="Faraway")), begins_on=today() - timedelta(days=90))
    determined(far)
    page = text(sign_in(officer).get(reverse("caseload"), {"show": "almost"}))
    listed = page[page.index("<tbody>") :]
    assert "Nearby" in listed[: listed.index("</tbody>")]
    assert "Faraway" not in listed[: listed.index("</tbody>")]


def test_it_does_not_know_other_filters(sign_in, officer):
    assert sign_in(officer).get(reverse("caseload"), {"show": "whatever"}).status_code == 404


def test_it_does_not_count_somebody_who_owes_restitution_as_dischargeable(sign_in, officer):
    begins_on = today() - timedelta(days=900)
    owing = make_term(officer=officer, begins_on=begins_on, years=3, restitution_ordered=True, restitution_cents=100)
    determined(owing)
    client = sign_in(officer)
    page = text(client.get(reverse("caseload")))
    assert "0 people could be discharged this month" in page
    assert "when restitution is paid" in page
    make_event(owing, Event.Kind.RESTITUTION_PAID, today())
    determined(owing)
    assert "1 person could be discharged this month" in text(client.get(reverse("caseload")))


def test_it_tells_a_changed_date_with_before_and_after(sign_in, officer):
    term = make_term(officer=officer, begins_on=date(2024, 1, 15), restitution_ordered=False)
    record_determinations([term.pk], date(2025, 3, 1), "test", None)
    make_event(term, Event.Kind.VIOLATION_REPORT, date(2025, 2, 10))
    record_determinations([term.pk], date(2025, 3, 2), "violation report entered", None)
    task = Task.objects.get(term=term)
    page = text(sign_in(officer).get(reverse("caseload")))
    assert task.words in page
    assert " was " in task.words
    assert "Dates changed".lower() in page


def test_it_hands_out_the_rows_it_shows_as_csv(sign_in, officer):
    almost_done(officer, case=make_case(make_person(officer, family_name="Nearby", given_name="Ann")))
    make_term(make_case(make_person(officer, family_name="Faraway")), begins_on=today() - timedelta(days=90))
    response = sign_in(officer).get(reverse("caseload"), {"format": "csv", "show": "almost"})
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert response["Content-Type"].startswith("text/csv")
    assert rows[0][:3] == ["Family name", "Given name", "Case"]
    assert [row[:2] for row in rows[1:]] == [["Nearby", "Ann"]]


def test_it_asks_the_database_as_often_for_fifty_as_for_one(sign_in, officer):
    client = sign_in(officer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("caseload")).status_code == 200
        return len(asked)

    almost_done(officer)
    queries()
    one = queries()
    for _ in range(49):
        make_event(almost_done(officer), Event.Kind.VIOLATION_REPORT, today(), entered_at=now())
    assert queries() == one


def test_it_shows_a_supervisor_an_officers_caseload(sign_in, supervisor, officer, stranger):
    make_term(make_case(make_person(officer, family_name="Ashdown")))
    client = sign_in(supervisor)
    page = text(client.get(reverse("officer_caseload", args=[officer.pk])))
    assert "Caseload of Rosa Alvarez" in page
    assert "Ashdown" in page
    make_person(stranger)
    for nobody in (stranger.pk, 999_999):
        assert client.get(reverse("officer_caseload", args=[nobody])).status_code == 404
    assert sign_in(officer).get(reverse("officer_caseload", args=[officer.pk])).status_code == 404


def test_it_drops_people_whose_assignment_has_ended(sign_in, officer):
    person = make_person(family_name="Gone")
    assign(person, officer, until_on=today() - timedelta(days=1))
    make_term(make_case(person))
    assert "Gone" not in text(sign_in(officer).get(reverse("caseload")))


def test_it_leads_from_the_name_in_the_header_to_how_one_signs_in(sign_in, officer):
    client = sign_in(officer)
    link = f'<a href="{reverse("mfa_index")}">Rosa Alvarez<span class="usa-sr-only">: how you sign in</span></a>'
    assert link in client.get(reverse("caseload")).content.decode()
    assert client.get(reverse("mfa_index")).status_code == 200


def test_it_offers_no_keys_to_visitors_of_the_demonstration(sign_in, officer, settings):
    settings.DEMO = True
    page = sign_in(officer).get(reverse("caseload")).content.decode()
    assert "Rosa Alvarez" in page
    assert reverse("mfa_index") not in page


@pytest.mark.parametrize("role", ["administrator", "supervisor"])
def test_it_leads_to_the_limits_on_records(request, sign_in, role):
    page = sign_in(request.getfixturevalue(role)).get("/", follow=True)
    assert ("Limits on records", reverse("restrictions_find")) in [
        (item.label, item.address) for item in page.context["navigation"]
    ]
