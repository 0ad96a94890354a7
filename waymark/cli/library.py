"""The law library that ships with the program: our readings (docs/law) and the golden cases (tests/law_cases)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import waymark

PACKAGED = Path(waymark.__file__).parent / "law" / "published"
CHECKOUT = Path(waymark.__file__).parents[1]


def readings_folder() -> Path:
    return PACKAGED / "readings" if PACKAGED.exists() else CHECKOUT / "docs" / "law"


def cases_folder() -> Path:
    return PACKAGED / "cases" if PACKAGED.exists() else CHECKOUT / "tests" / "law_cases"


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


def golden_cases(section: str) -> list[dict[str, Any]]:
    """The golden cases of a section: {"id", "citation", "holding"}."""
    folders = [folder for folder in cases_folder().glob("*") if folder.is_dir() and section.startswith(folder.name)]
    found = []
    for path in sorted(path for folder in folders for path in folder.glob("*.toml")):
        case = tomllib.loads(path.read_text(encoding="utf-8"))
        found.append({"id": path.stem, "citation": case.get("citation", ""), "holding": case.get("holding", "")})
    return found


def _paragraphs(page: str) -> list[dict[str, str]]:
    parts = re.split(r"^## (\d+\.\d+\S*) *(.*)$", page, flags=re.MULTILINE)
    return [
        {"cite": cite, "title": title.strip(), "words": words.strip()}
        for cite, title, words in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    ]
