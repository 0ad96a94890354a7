"""What this law engine decides: one line for each question, and where each citation is implemented."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from waymark.law.missouri import ecc_217_703
from waymark.law.provision import REGISTER, Provision


class Answered(Protocol):
    def as_json(self) -> dict[str, Any]: ...


class Question(NamedTuple):
    section: str
    words: str
    read: Callable[[Mapping[str, Any] | str | bytes], Any]
    determine: Callable[[Any], Answered]


QUESTIONS: dict[str, Question] = {
    "ecc": Question("217.703", "Earned compliance credits", ecc_217_703.read, ecc_217_703.determine),
}


def answer(name: str, question: Mapping[str, Any] | str | bytes) -> dict[str, Any]:
    """The answer to one question as JSON. Raises FaultyFacts, or KeyError for a question that is not in the list."""
    asked = QUESTIONS[name]
    return asked.determine(asked.read(question)).as_json()


def provisions_citing(section: str) -> list[Provision]:
    """The provisions of a section ("217.703") or paragraph ("217.703.1"), in the order of the statute."""
    found = [provision for provision in REGISTER if _under(section, provision.cite)]
    return sorted(found, key=lambda provision: (provision.cite, provision.since))


def _under(section: str, cite: str) -> bool:
    rest = cite.removeprefix(section)
    return cite.startswith(section) and rest[:1] in ("", ".", "(", ",", " ")
