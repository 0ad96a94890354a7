"""Terms and charges: entered and corrected whole, refused where they cannot be."""

from __future__ import annotations

from datetime import date

import pytest

from waymark.audit.models import Entry
from waymark.cases.actions import CannotEnter, StaleCase, add_charge, add_term, correct_charge, correct_term
from waymark.cases.models import Charge, ChargeEntry, Determination, Term, TermEntry
from waymark.cases.tests.make import make_case, make_charge, make_event

pytestmark = pytest.mark.django_db

FULL = {
    "kind": "probation",
    "begins_on": date(2018, 1, 15),
    "years": 5,
    "sentence": "SES",
    "sentenced_on": date(2018, 1, 15),
    "supervised_by_division": True,
    "lifetime_supervision": False,
    "restitution_ordered": False,
}


def fields_of(refused: pytest.ExceptionInfo[CannotEnter]) -> list[str]:
    return [field for field, _ in refused.value.faults]


@pytest.fixture
def case(officer):
    return make_case(officer=officer)


def test_it_puts_a_person_on_a_term_and_determines_it(case, officer, at):
    term = add_term(case, charge=make_charge(case), by=officer, version=case.version, at=at, **FULL)
    entry = TermEntry.objects.get(term=term)
    assert {name: getattr(entry, name) for name in FULL} == FULL
    assert (entry.entered_by, entry.entered_at) == (officer, at)
    kept = Determination.objects.get(current=True)
    assert (kept.eligible, kept.last_day, kept.asked_by) == ("yes", date(2023, 1, 14), officer)
    assert Entry.objects.get(verb="term.entered").detail["said"]["begins_on"] == "2018-01-15"


@pytest.mark.parametrize(("level", "years"), [("felony", 5), ("misdemeanor", 2)])
def test_it_refuses_a_term_above_the_maximum(case, at, level, years):
    charge = make_charge(case, level=level, offense_class="D" if level == "felony" else "A")
    with pytest.raises(CannotEnter, match="above the maximum") as refused:
        add_term(case, charge=charge, by=None, version=case.version, at=at, **{**FULL, "years": years, "months": 1})
    assert fields_of(refused) == ["years"]
    assert not Term.objects.exists()
    add_term(case, charge=charge, by=None, version=case.version, at=at, **{**FULL, "years": years})


def test_it_refuses_a_term_of_no_length(case, at):
    with pytest.raises(CannotEnter) as refused:
        add_term(case, by=None, version=case.version, at=at, **{**FULL, "years": 0})
    assert fields_of(refused) == ["years"]


def test_it_refuses_a_day_that_does_not_exist(case, at):
    with pytest.raises(CannotEnter) as refused:
        add_term(case, by=None, version=case.version, at=at, **{**FULL, "begins_on": "2018-02-30"})
    assert fields_of(refused) == ["begins_on"]


def test_it_refuses_an_amount_of_restitution_that_nobody_ordered(case, at):
    with pytest.raises(CannotEnter) as refused:
        add_term(case, by=None, version=case.version, at=at, **FULL, restitution_cents=551000)
    assert fields_of(refused) == ["restitution_ordered"]


def test_it_refuses_a_charge_of_another_case(case, officer, at):
    other = make_charge(make_case(officer=officer))
    with pytest.raises(CannotEnter) as refused:
        add_term(case, charge=other, by=None, version=case.version, at=at, **FULL)
    assert fields_of(refused) == ["charge"]


def test_it_corrects_a_term_by_voiding_and_entering_anew(term, officer, at):
    correct_term(term, reason="The order says three years.", by=officer, version=term.case.version, at=at, years=3)
    old, new = TermEntry.objects.filter(term=term).order_by("pk")
    assert (old.years, old.void_reason, old.voided_by) == (5, "The order says three years.", officer)
    assert (new.years, new.voided_at, new.begins_on) == (3, None, old.begins_on)
    assert Determination.objects.get(current=True).last_day == date(2021, 1, 14)
    assert Entry.objects.get(verb="term.corrected").detail == {"changes": {"years": [5, 3]}}


def test_it_keeps_what_stood_when_the_correction_cannot_be(term, at):
    with pytest.raises(CannotEnter, match="above the maximum"):
        correct_term(term, reason="Misread.", by=None, version=term.case.version, at=at, years=6)
    assert TermEntry.objects.standing().get(term=term).years == 5
    assert TermEntry.objects.count() == 1


def test_it_refuses_a_start_after_what_happened_in_the_term(term, at):
    make_event(term, "violation_report", date(2018, 6, 1))
    with pytest.raises(CannotEnter, match="before the term begins"):
        correct_term(term, reason="Misread.", by=None, version=term.case.version, at=at, begins_on=date(2018, 7, 1))


def test_it_tells_the_second_of_two_who_correct_a_term(term, officer, unit_mate, at):
    seen = term.case.version
    correct_term(term, reason="Three years.", by=officer, version=seen, at=at, years=3)
    with pytest.raises(StaleCase):
        correct_term(term, reason="Four years.", by=unit_mate, version=seen, at=at, years=4)
    assert TermEntry.objects.standing().get(term=term).years == 3


def test_it_adds_counts_one_after_the_other(case, officer, at):
    for section in ("570.030", "569.080"):
        add_charge(case, section=section, name="Stealing", level="felony", by=officer, version=case.version, at=at)
    assert list(Charge.objects.values_list("count", flat=True)) == [1, 2]
    with pytest.raises(CannotEnter) as refused:
        add_charge(
            case, section="570.030", name="Stealing", level="felony", count=2, by=None, version=case.version, at=at
        )
    assert fields_of(refused) == ["count"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"section": "195.211", "offense_class": "E"}, "offense_class"),
        ({"offense_class": "E", "disposed_on": date(2016, 5, 2)}, "offense_class"),
        ({"offense_class": "E", "level": "misdemeanor"}, "offense_class"),
        ({"offense_class": "F"}, "offense_class"),
        ({"section": "57.3"}, "section"),
        ({"section": "579.015", "disposed_on": date(2016, 5, 2)}, "section"),
        ({"offense_on": date(2018, 2, 1), "disposed_on": date(2018, 1, 31)}, "disposed_on"),
        ({"level": "grave"}, "level"),
        ({"offense_on": "2018-02-30"}, "offense_on"),
    ],
)
def test_it_refuses_a_charge_that_cannot_be(case, at, said, field):
    right = {"section": "570.030", "name": "Stealing", "level": "felony", "offense_class": "D"}
    with pytest.raises(CannotEnter) as refused:
        add_charge(case, by=None, version=case.version, at=at, **{**right, **said})
    assert fields_of(refused) == [field]
    add_charge(case, by=None, version=case.version, at=at, **right)


def test_it_takes_an_ordinance_as_the_municipal_court_numbers_it(officer, at):
    case = make_case(officer=officer, kind="municipal")
    add_charge(case, section="Ord. 716.080", name="Peace disturbance", level="infraction", by=None, version=1, at=at)
    assert ChargeEntry.objects.get().section == "Ord. 716.080"


def test_it_determines_every_term_of_a_corrected_charge(term, officer, at):
    charge = term.charge
    correct_charge(
        charge, reason="The judgment says class B.", by=officer, version=charge.case.version, at=at, offense_class="B"
    )
    assert [row.offense_class for row in ChargeEntry.objects.order_by("pk")] == ["D", "B"]
    assert Determination.objects.get(term=term, current=True).eligible == "no"
    assert Entry.objects.get(verb="charge.corrected").detail == {"changes": {"offense_class": ["D", "B"]}}


def test_it_refuses_a_correction_that_makes_a_term_too_long(term, at):
    charge = term.charge
    with pytest.raises(CannotEnter, match="above the maximum") as refused:
        correct_charge(
            charge,
            reason="Reduced.",
            by=None,
            version=charge.case.version,
            at=at,
            level="misdemeanor",
            offense_class="A",
        )
    assert fields_of(refused) == ["level"]
    assert ChargeEntry.objects.count() == 1
