"""The contract and the rule book, read and signed by typing one's name."""

from __future__ import annotations

import pytest

from waymark.cases.actions import CannotEnter
from waymark.monitoring import papers
from waymark.monitoring.actions.activations import unsigned
from waymark.monitoring.actions.orders import sign_paper
from waymark.monitoring.models import Agreement
from waymark.monitoring.papers import LANGUAGES, name_fits, text_of
from waymark.monitoring.tests.make import make_order
from waymark.people.tests.make import make_person

Paper = Agreement.Paper


@pytest.fixture
def order(officer):
    return make_order(make_person(officer), signed=False)


def sign(order, by, *, paper="contract", language="en", name="Dana Reyes", witnessed=True, sha256=None):
    shown = sha256 or text_of(paper, language).sha256
    return sign_paper(
        order, paper=paper, language=language, text_sha256=shown, typed_name=name, by=by, witnessed=witnessed
    )


def test_it_keeps_who_signed_what_text_before_whom(order, monitoring_staff):
    signed = sign(order, monitoring_staff, language="es")
    assert signed.text_sha256 == text_of("contract", "es").sha256
    assert (signed.witnessed_by, signed.signed_by, signed.typed_name) == (monitoring_staff, None, "Dana Reyes")
    assert unsigned(order) == [Paper.RULE_BOOK]


def test_it_keeps_that_the_participant_signed_by_her_own_account(order, participant):
    signed = sign(order, participant, witnessed=False)
    assert (signed.witnessed_by, signed.signed_by) == (None, participant)


@pytest.mark.parametrize(
    "name", ["Dana Reyes", "dana  reyes", "D. Reyes", "Reyes, Dana", "Danae Reyes Dana", "DÁNA RÉYES"]
)
def test_it_takes_a_name_however_a_person_writes_it(name, officer):
    assert name_fits(name, make_person(officer))


@pytest.mark.parametrize("name", ["Reyes", "Dana", "Otis Lane", "X. Reyes", "yes", "", "Dana Rey"])
def test_it_takes_no_other_name(name, officer):
    assert not name_fits(name, make_person(officer))


def test_it_takes_another_name_on_record_and_a_nickname(officer):
    person = make_person(officer, given_name="William", family_name="Cole-Hart", also=[("William", "Mason")])
    assert name_fits("Bill Cole Hart", person)
    assert name_fits("William Mason", person)
    assert not name_fits("William Cole", person)


def test_it_says_which_name_to_type(order, monitoring_staff):
    with pytest.raises(CannotEnter, match="Type Dana Reyes"):
        sign(order, monitoring_staff, name="Otis Lane")
    assert not order.agreements.exists()


def test_it_asks_to_read_again_when_the_text_was_changed(order, monitoring_staff):
    with pytest.raises(CannotEnter, match="Read it again"):
        sign(order, monitoring_staff, sha256="f" * 64)


def test_it_is_signed_once(order, monitoring_staff):
    sign(order, monitoring_staff)
    with pytest.raises(CannotEnter, match="signed already"):
        sign(order, monitoring_staff, language="es")


def test_a_new_text_asks_for_a_new_signature(order, monitoring_staff, monkeypatch, tmp_path):
    for paper in Paper.values:
        sign(order, monitoring_staff, paper=paper)
    assert unsigned(order) == []
    for paper in Paper.values:
        for language in LANGUAGES:
            name = f"{paper}.{language}.txt"
            (tmp_path / name).write_text((papers.FOLDER / name).read_text() + "One more rule.\n")
    monkeypatch.setattr(papers, "FOLDER", tmp_path)
    text_of.cache_clear()
    try:
        assert unsigned(order) == list(Paper)
    finally:
        text_of.cache_clear()


def test_both_languages_have_the_same_parts():
    for paper in Paper.values:
        shapes = [[len(paragraphs) for _, paragraphs in text_of(paper, language).parts] for language in LANGUAGES]
        assert shapes[0] == shapes[1]
        assert text_of(paper, "en").title != text_of(paper, "es").title
