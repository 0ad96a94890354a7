"""The law library that ships with the program: our readings (docs/law) and the golden cases (tests/law_cases)."""

from __future__ import annotations

import re
from pathlib import Path

import waymark
from waymark.demo.published import published

IN_THE_PROJECT = Path(waymark.__file__).parents[1] / "docs" / "law"
IN_A_WHEEL = Path(waymark.__file__).parent / "law" / "published" / "readings"


def readings_folder() -> Path:
    return IN_THE_PROJECT if IN_THE_PROJECT.is_dir() else IN_A_WHEEL


def sections() -> list[str]:
    return sorted(path.stem for path in readings_folder().glob("[0-9]*.md"))


def readings(section: str) -> list[dict[str, str]]:
    """Our reading of every paragraph under a section, each {"cite", "title", "words"}, in the order of the page.

    A page of docs/law is headings "## 217.703.5 Title" with the reading under them.
    """
    pages = [path for path in readings_folder().glob("[0-9]*.md") if section.startswith(path.stem)]
    return [
        paragraph
        for page in pages
        for paragraph in _paragraphs(page.read_text(encoding="utf-8"))
        if paragraph["cite"].startswith(section) or section.startswith(f"{paragraph['cite']}(")
    ]


def golden_cases(section: str) -> list[dict[str, str]]:
    """The golden cases of a section: {"id", "citation", "holding"}."""
    whole = next((known for known in sections() if section.startswith(known)), section)
    try:
        cases = published(whole)
    except FileNotFoundError:
        return []
    return [{"id": case.slug, "citation": case.citation, "holding": case.holding} for case in cases]


def _paragraphs(page: str) -> list[dict[str, str]]:
    parts = re.split(r"^## (\d+\.\d+\S*) *(.*)$", page, flags=re.MULTILINE)
    return [
        {"cite": cite, "title": title.strip(), "words": words.strip()}
        for cite, title, words in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    ]
