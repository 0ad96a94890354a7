"""The published opinions, through the same code that the screens and the command line use."""

from __future__ import annotations

import pytest

from waymark.demo.published import Answer, Published, misses, published
from waymark.law.catalogue import answer as ask

ASKED = [(case, answer) for case in published("217.703") for answer in case.answers]


@pytest.mark.parametrize(("case", "answer"), ASKED, ids=[f"{case.slug}-{a.as_of}" for case, a in ASKED])
def test_it_gives_the_dates_the_court_gave_whatever_the_opinion_leaves_out(case: Published, answer: Answer) -> None:
    for facts in case.trials(answer):
        assert not misses(answer.expected, ask("ecc", facts)), facts
