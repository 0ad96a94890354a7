"""Draws the names of invented people from the stocks of names.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from waymark.demo.choice import Choice, chance, weighted

MISSPELT = [
    *[("ph", "f"), ("ć", "c"), ("č", "c"), ("ž", "z"), ("š", "s"), ("é", "e"), ("á", "a"), ("í", "i"), ("ó", "o")],
    *[("ñ", "n"), ("mm", "m"), ("nn", "n"), ("tt", "t"), ("ss", "s"), ("ll", "l"), ("ck", "k"), ("ie", "ei")],
    *[("ey", "y"), ("son", "sen"), ("er", "ar"), ("th", "t"), ("i", "y"), ("y", "i"), ("e", "a"), ("o", "oe")],
]


@dataclass(frozen=True)
class Stock:
    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]
    share: int
    speaks_spanish_percent: int
    interpreter_percent: int
    two_families_percent: int


@dataclass(frozen=True)
class Name:
    given: str
    middle: str
    family: str
    suffix: str
    sex: str  # "female", "male"
    stock: Stock

    @property
    def whole(self) -> str:
        return f"{self.given} {self.family}"


def name(choice: Choice) -> Name:
    stock = weighted(choice, [(stock.share, stock) for stock in STOCKS])
    sex = weighted(choice, [(77, "male"), (23, "female")])
    given_names = stock.men if sex == "male" else stock.women
    given = choice.choice(given_names)
    family = choice.choice([family for family in stock.families if family != given])
    if chance(choice, stock.two_families_percent):
        family = f"{family} {choice.choice([other for other in stock.families if other != family])}"
    return Name(
        given=given,
        middle=choice.choice(given_names) if chance(choice, 45) else "",
        family=family,
        suffix=weighted(choice, [(95, ""), (3, "Jr."), (1, "III"), (1, "Sr.")]) if sex == "male" else "",
        sex=sex,
        stock=stock,
    )


def misspelt(word: str) -> str:
    """As a hurried clerk might have heard it."""
    for right, wrong in MISSPELT:
        if right in word[1:]:
            return word[0] + word[1:].replace(right, wrong, 1)
    return word + "s"


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


def _stock(part: dict[str, Any]) -> Stock:
    return Stock(
        women=_words(part["women"]),
        men=_words(part["men"]),
        families=_words(part["families"]),
        share=part["share"],
        speaks_spanish_percent=part.get("speaks_spanish_percent", 0),
        interpreter_percent=part.get("interpreter_percent", 0),
        two_families_percent=part.get("two_families_percent", 0),
    )


_FILE = tomllib.loads(Path(__file__).with_name("names.toml").read_text(encoding="utf-8"))
STOCKS = tuple(map(_stock, _FILE["stock"]))
NICKNAMES: dict[str, str] = _FILE["nicknames"]
ALIASES = _words(_FILE["aliases"]["names"])
