"""The two-way test of citations: every citation resolves to a paragraph of docs/law, every paragraph is used or set
aside with a reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from waymark.cli import library
from waymark.law.provision import REGISTER

LAW = Path(__file__).parents[1] / "waymark" / "law"
SECTIONS = library.sections()
CITATION = re.compile(rf"\b(?:{'|'.join(map(re.escape, SECTIONS))})(?:\.\d+(?:\(\d+\))*)?")
# Paragraphs that say what we do not compute, each with its reason on the page itself.
SET_ASIDE = {"217.703.8": "Set aside"}


def cited_in_code() -> set[str]:
    """Every citation of a section we read that stands in a string of the rules, expanded: "217.703.1(1), .2"."""
    words = " ".join(
        match for path in LAW.rglob("*.py") if "tests" not in path.parts for match in _strings(path.read_text())
    )
    return set(CITATION.findall(words)) | {cite for p in REGISTER for cite in CITATION.findall(p.cite)}


def _strings(source: str) -> list[str]:
    return re.findall(r'"(?:[^"\\\n]|\\.)*"', source)


def paragraphs() -> dict[str, str]:
    return {p["cite"]: p["words"] for section in SECTIONS for p in library.readings(section)}


@pytest.mark.parametrize("cite", sorted(cited_in_code()))
def test_every_citation_resolves_to_a_paragraph_of_our_reading(cite: str) -> None:
    assert cite in paragraphs() or cite in SECTIONS, f"{cite} is cited in waymark/law but docs/law has no '## {cite}'."


@pytest.mark.parametrize("cite", sorted(paragraphs()))
def test_every_paragraph_is_cited_or_set_aside_with_a_reason(cite: str) -> None:
    if cite in SECTIONS:
        return  # the page's own heading: versions
    if cite in SET_ASIDE:
        assert SET_ASIDE[cite] in paragraphs()[cite]
    else:
        sources = " ".join(path.read_text() for path in LAW.rglob("*.py") if "tests" not in path.parts)
        assert cite in cited_in_code() or re.search(re.escape(cite) + r"(?![\d(])", sources), (
            f"docs/law reads {cite}, but no rule cites it. Cite it where it is implemented, or set it aside."
        )
