"""Participants read every sentence in their own language."""

from __future__ import annotations

import re
import string
from datetime import date
from pathlib import Path

import pytest

from waymark.web import words

HOUSE = Path(words.__file__).parents[1]
SAID = [
    re.compile(r"""\{% say "(\w+)" """),  # in templates
    re.compile(r"""\bsay\(\s*"(\w+)","""),  # in Python
]


def sources() -> list[Path]:
    files = [*HOUSE.rglob("*.py"), *HOUSE.rglob("*.html")]
    return [file for file in files if file.name != "words.py" and "tests" not in file.parts]


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("key", words.SENTENCES)
def test_it_has_every_sentence_in_both_languages(key):
    sentence = words.SENTENCES[key]
    assert set(sentence) == set(words.LANGUAGES)
    assert all(text.strip() for text in sentence.values())
    assert places(sentence["en"]) == places(sentence["es"])


def test_it_has_every_sentence_that_is_said_anywhere():
    said = {key for file in sources() for pattern in SAID for key in pattern.findall(file.read_text())}
    assert said
    assert said <= set(words.SENTENCES)


def test_it_says_no_sentence_that_nobody_uses():
    text = "\n".join(file.read_text() for file in sources())
    unused = {key for key in words.SENTENCES if f'"{key}"' not in text and not key.startswith("lost_")}
    assert not unused


def test_it_refuses_a_sentence_it_lacks():
    with pytest.raises(KeyError):
        words.say("no_such_sentence", "en")
    with pytest.raises(KeyError):
        words.say("sign_out", "fr")


def test_it_tells_days_and_months_in_both_languages():
    day = date(2018, 6, 1)
    assert words.day(day, "en") == "Friday, June 1, 2018"
    assert words.day(day, "es") == "viernes, 1 de junio de 2018"
    assert words.month(day, "en") == "June 2018"
    assert words.month(day, "es") == "junio de 2018"


def test_it_counts_one_and_many():
    assert words.count(1, "day", "en") == "1 day"
    assert words.count(84, "day", "es") == "84 días"
    assert words.money(6000) == "$60"
    assert words.money(123456) == "$1,234.56"
