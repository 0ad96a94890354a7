"""The contract and the rule book, as they are shown and signed. A signature holds for the text that was shown: when the
text changes, so does its hash, and everybody is asked again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from waymark.monitoring.models import Agreement
from waymark.people.identity import nicknames, words_of
from waymark.people.models import Person

FOLDER = Path(__file__).parent / "templates" / "monitoring" / "papers"
LANGUAGES = ("en", "es")


@dataclass(frozen=True)
class Text:
    """A paper in one language: its title, its parts (heading, paragraphs), and the hash of the whole file."""

    paper: str
    language: str
    title: str
    parts: list[tuple[str, list[str]]]
    sha256: str


@cache
def text_of(paper: str, language: str) -> Text:
    """The paper as it reads today. The first line is the title; a line that begins with # is a heading."""
    raw = (FOLDER / f"{Agreement.Paper(paper)}.{language}.txt").read_bytes()
    title, *lines = raw.decode("utf-8").splitlines()
    parts: list[tuple[str, list[str]]] = [("", [])]
    for line in filter(None, lines):
        if line.startswith("# "):
            parts.append((line[2:], []))
        else:
            parts[-1][1].append(line)
    return Text(paper, language, title, [part for part in parts if part[1]], sha256(raw).hexdigest())


def current_hashes(paper: str) -> frozenset[str]:
    """Of the paper in every language: any of them may have been signed."""
    return frozenset(text_of(paper, language).sha256 for language in LANGUAGES)


def is_current(agreement: Agreement) -> bool:
    return agreement.text_sha256 in current_hashes(agreement.paper)


def name_fits(typed: str, person: Person) -> bool:
    """Whether a typed signature can be this person's: every word of a family name she has used, and a given name of
    hers in full, by a nickname or by its first letter. Accents, capitals and hyphens do not matter."""
    words = set(words_of(typed))
    names = [(person.given_name, person.family_name)]
    names += [(name.given_name or person.given_name, name.family_name) for name in person.other_names.all()]
    return any(_fits(words, words_of(given), words_of(family)) for given, family in names)


def _fits(typed: set[str], given: tuple[str, ...], family: tuple[str, ...]) -> bool:
    left = typed - set(family)
    if not family or not set(family) <= typed:
        return False
    return not given or any(left & {word, word[:1], *nicknames(word)} for word in given)
