"""The supervisor's unit: caseloads, clocks, discharges."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from waymark.cases.actions.determinations import record_determinations
from waymark.cases.models import Deadline, Term
from waymark.cases.tests.make import make_case, make_term
from waymark.people.tests.make import make_person
from waymark.web.clock import today

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return " ".join(response.content.decode().split())


def almost_done(officer, **named) -> Term:
    """A three-year term that credits end a hundred days from now, when the two years are up."""
    case = make_case(make_person(officer, **named))
    term = make_term(case, begins_on=today() - timedelta(days=630), years=3)
    record_determinations([term.pk], today(), "test", None)
    return term


def late_clock(term: Term) -> Deadline:
    """The term's only open clock: it closed three days ago."""
    day = today()
    clock, *others = Deadline.objects.filter(term=term)
    Deadline.objects.filter(pk__in=[other.pk for other in others]).update(state=Deadline.State.MET, met_on=day)
    Deadline.objects.filter(pk=clock.pk).update(first_on=day - timedelta(days=9), last_on=day - timedelta(days=3))
    return clock


def test_it_is_for_supervisors_alone(request, sign_in, supervisor):
    assert sign_in(supervisor).get(reverse("unit")).status_code == 200
    for role in ("officer", "clerk", "judge", "participant", "auditor", "administrator"):
        client = sign_in(request.getfixturevalue(role))
        forbidden, unknown = client.get(reverse("unit")), client.get("/no-such-page/")
        assert (forbidden.status_code, forbidden.content) == (404, unknown.content)


def test_it_shows_what_is_missed_and_what_falls_due(sign_in, supervisor, officer, unit_mate):
    late_clock(almost_done(officer, family_name="Ashdown"))
    almost_done(unit_mate, family_name="Birchall")
    page = text(sign_in(supervisor).get(reverse("unit")))
    assert "1 clock has been missed" in page
    assert "2 discharges fall due within 120 days" in page
    assert "3 days late" in page
    assert "Rosa Alvarez" in page
    assert "Tom Becker" in page


def test_it_sees_no_further_than_the_unit(sign_in, supervisor, stranger):
    late_clock(almost_done(stranger, family_name="Elsewhere"))
    assert "Elsewhere" not in text(sign_in(supervisor).get(reverse("unit")))


@pytest.mark.parametrize(
    ("name", "first", "cell"),
    [
        ("caseloads", "Officer", "Rosa Alvarez"),
        ("clocks", "Clock", "Ashdown"),
        ("discharges", "Family name", "Ashdown"),
    ],
)
def test_it_hands_out_each_list_as_csv(sign_in, supervisor, officer, name, first, cell):
    late_clock(almost_done(officer, family_name="Ashdown"))
    response = sign_in(supervisor).get(reverse("unit"), {"format": "csv", "list": name})
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0][0] == first
    assert len(rows) == 2
    assert cell in rows[1]


def test_it_knows_no_other_list(sign_in, supervisor):
    assert sign_in(supervisor).get(reverse("unit"), {"format": "csv", "list": "secrets"}).status_code == 404


def test_it_asks_the_database_as_often_for_fifty_as_for_one(sign_in, supervisor, officer):
    client = sign_in(supervisor)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("unit")).status_code == 200
        return len(asked)

    late_clock(almost_done(officer))
    queries()
    one = queries()
    for _ in range(49):
        late_clock(almost_done(officer))
    assert queries() == one
