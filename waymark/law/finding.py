"""Findings: an answer of the law to one question, with its citation and its words.

The words complete the sentence "The person ..." and are fit to be read out in court. Missing is never no: three-valued
logic (Kleene) carries `not known` up the tree until some other part decides the question.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not known"


def answer_of(truth: bool | None) -> Answer:
    """None means not recorded."""
    if truth is None:
        return Answer.NOT_KNOWN
    return Answer.YES if truth else Answer.NO


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer. `note` says what decided it, or what to record so that it can be decided."""

    cite: str
    words: str
    answer: Answer
    parts: tuple[Finding, ...] = ()
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        shape: dict[str, Any] = {"cite": self.cite, "words": self.words, "answer": str(self.answer)}
        if self.note:
            shape["note"] = self.note
        shape["parts"] = [part.as_json() for part in self.parts]
        return shape


def all_of(cite: str, words: str, *parts: Finding, note: str = "") -> Finding:
    """Yes when every part is yes; no when one is no; else not known."""
    return Finding(cite, words, _every([part.answer for part in parts]), parts, note)


def any_of(cite: str, words: str, *parts: Finding, note: str = "") -> Finding:
    """Yes when one part is yes; no when every part is no; else not known."""
    return Finding(cite, words, _some([part.answer for part in parts]), parts, note)


def either(*truths: bool | None) -> bool | None:
    if True in truths:
        return True
    return None if None in truths else False


def both(*truths: bool | None) -> bool | None:
    if False in truths:
        return False
    return None if None in truths else True


def negation(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _some(answers: list[Answer]) -> Answer:
    if Answer.YES in answers:
        return Answer.YES
    return Answer.NOT_KNOWN if Answer.NOT_KNOWN in answers else Answer.NO


def _every(answers: list[Answer]) -> Answer:
    if Answer.NO in answers:
        return Answer.NO
    return Answer.NOT_KNOWN if Answer.NOT_KNOWN in answers else Answer.YES
