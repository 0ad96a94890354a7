"""The readings of the law an agency has chosen: part of every question, and refused at the start when wrong."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from waymark.cases.actions.determinations import record_determination
from waymark.cases.checks import law_readings
from waymark.cases.models import Event, Term
from waymark.cases.tests.make import make_event, make_term
from waymark.web.clock import today

pytestmark = pytest.mark.django_db


@pytest.fixture
def suspended(officer) -> Term:
    """A term that was suspended for five months: whether that time lengthens it is read in two ways (tolling)."""
    term = make_term(officer=officer)
    make_event(term, Event.Kind.TERM_SUSPENDED, date(2019, 1, 10))
    make_event(term, Event.Kind.SUSPENSION_LIFTED, date(2019, 6, 10))
    return term


def taken(answer: dict) -> dict[str, object]:
    return {reading["name"]: reading["value"] for reading in answer["interpretations"]}


def test_it_takes_the_reading_the_agency_has_set_and_lists_it(suspended, settings):
    own = record_determination(suspended, today(), "test", None)
    assert taken(own.answer)["tolling"] is False
    assert "interpretations" not in own.facts
    settings.LAW_READINGS = {"tolling": True}
    chosen = record_determination(suspended, today(), "readings chosen", None)
    assert chosen.facts["interpretations"] == {"tolling": True}
    assert taken(chosen.answer)["tolling"] is True
    assert chosen.last_day > own.last_day


def test_it_offers_in_a_what_if_the_reading_that_is_not_set(sign_in, officer, suspended, settings):
    address = reverse("what_if", args=[suspended.pk])
    settings.LAW_READINGS = {"tolling": True}
    answer = record_determination(suspended, today(), "test", None).answer
    [other] = [reading["other"] for reading in answer["interpretations"] if reading["name"] == "tolling"]
    assert other in sign_in(officer).get(address).content.decode().replace("&#x27;", "'")


@pytest.mark.parametrize("readings", [{}, {"tolling": True}, {"credits_during_suspension": "held"}])
def test_it_starts_with_readings_that_exist(settings, readings):
    settings.LAW_READINGS = readings
    assert law_readings(None) == []


@pytest.mark.parametrize("readings", [{"toling": True}, {"tolling": "perhaps"}, {"credits_during_suspension": "lost"}])
def test_it_names_the_reading_that_does_not_exist(settings, readings):
    settings.LAW_READINGS = readings
    [error] = law_readings(None)
    assert error.id == "cases.E001"
    assert next(iter(readings)) in error.msg
