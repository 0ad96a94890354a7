"""A wrong event is voided and entered anew in one act; only what stands in the end must make sense."""

from __future__ import annotations

from datetime import date

import pytest

from waymark.audit.models import Entry
from waymark.cases.actions.events import correct_event, enter_event
from waymark.cases.actions.saving import CannotEnter
from waymark.cases.models import Determination, Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def custody(term, at):
    """1 February to 1 March 2019."""
    return [
        enter_event(term, kind=kind, on=on, by=None, version=term.case.version, at=at)
        for kind, on in (("custody_start", date(2019, 2, 1)), ("custody_end", date(2019, 3, 1)))
    ]


def test_it_moves_a_start_whose_end_stands(custody, officer, at):
    start = custody[0]
    correct_event(
        start, reason="Booked a day later.", by=officer, version=start.term.case.version, at=at, on=date(2019, 2, 2)
    )
    standing = Event.objects.standing().order_by("on")
    assert [(row.kind, row.on) for row in standing] == [
        ("custody_start", date(2019, 2, 2)),
        ("custody_end", date(2019, 3, 1)),
    ]
    assert Event.objects.get(pk=start.pk).void_reason == "Booked a day later."
    assert Entry.objects.get(verb="event.corrected").detail["changes"] == {"on": ["2019-02-01", "2019-02-02"]}
    assert Determination.objects.get(current=True).facts["events"][0]["on"] == "2019-02-02"


def test_it_refuses_a_start_after_its_end_and_voids_nothing(custody, officer, at):
    start = custody[0]
    with pytest.raises(CannotEnter):
        correct_event(
            start, reason="Mistyped.", by=officer, version=start.term.case.version, at=at, on=date(2019, 4, 2)
        )
    assert Event.objects.standing().filter(pk=start.pk).exists()
    assert Event.objects.count() == 2


def test_it_corrects_what_happens_once_in_a_term(term, at):
    paid = enter_event(term, kind="restitution_paid", on=date(2019, 4, 1), by=None, version=term.case.version, at=at)
    correct_event(paid, reason="Mistyped.", by=None, version=term.case.version, at=at, on=date(2019, 4, 2))
    assert Event.objects.standing().get().on == date(2019, 4, 2)
