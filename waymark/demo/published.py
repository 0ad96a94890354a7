"""Reads the golden cases: published opinions, one file each, under the section of law they decide.

The folder's README says how a file reads. `trials` turns an answer of an opinion into all the facts it must hold for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import waymark

IN_THE_PROJECT = Path(waymark.__file__).parents[1] / "tests" / "law_cases"
IN_A_WHEEL = Path(waymark.__file__).parent / "law" / "published" / "cases"


@dataclass(frozen=True)
class LeftOut:
    """What an opinion does not say. `values` are all that it may be; empty when one value is simply taken."""

    where: str  # "term.begins_on", "events.1.on", or words where nothing is varied
    values: tuple[Any, ...]
    because: str

    @property
    def ends(self) -> tuple[Any, Any]:
        return self.values[0], self.values[-1]


@dataclass(frozen=True)
class Answer:
    """What was answered. `expected` by the columns of a determination; a value may be {"first": day, "last": day}."""

    as_of: date
    said_by: str
    expected: dict[str, Any]
    instead: tuple[LeftOut, ...]


@dataclass(frozen=True)
class Published:
    slug: str
    section: str
    parts: dict[str, Any]

    @property
    def title(self) -> str:
        return str(self.parts["title"])

    @property
    def citation(self) -> str:
        return str(self.parts["citation"])

    @property
    def holding(self) -> str:
        return " ".join(self.parts["holding"].split())

    @cached_property
    def left_out(self) -> tuple[LeftOut, ...]:
        return tuple(map(_left_out, self.parts["left_out"]))

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        return tuple(map(_answer, self.parts["answers"]))

    def facts(self, as_of: date) -> dict[str, Any]:
        """The facts as written, for `waymark law ecc`."""
        term, offense, restitution = self.parts["term"], self.parts["offense"], self.parts["restitution"]
        return {
            "as_of": as_of,
            "term": {
                "kind": term["kind"],
                "begins_on": term["begins_on"],
                "years": term["years"],
                "sentence": term["sentence"],
                "sentenced_on": term["sentenced_on"],
                "extensions": [dict(extension) for extension in term.get("extensions", [])],
            },
            "offense": {
                "section": offense["section"],
                "chapter": int(offense["section"].partition(".")[0]),
                "class": offense["class"],
                "felony": offense["felony"],
            },
            "supervised_by_division": self.parts["supervision"]["by_division"],
            "lifetime_supervision": self.parts["supervision"]["lifetime"],
            "restitution": {
                "ordered": restitution["ordered"],
                "paid_in_full_on": restitution.get("paid_in_full_on"),
            },
            "events": [
                {key: event[key] for key in ("on", "type", "outcome", "hearing_on") if key in event}
                for event in self.parts["events"]
            ],
        }

    def trials(self, answer: Answer) -> Iterator[dict[str, Any]]:
        """The facts the answer must hold for, as JSON: as written; each fact that was left out at every value it may
        have; all of them at their first values and all at their last."""
        varied = {left.where: left for left in (*self.left_out, *answer.instead) if left.values}
        fixed = {left.where: left.values[0] for left in answer.instead}
        yield self._told(answer.as_of, fixed)
        for left in varied.values():
            for value in left.values:
                yield self._told(answer.as_of, {**fixed, left.where: value})
        for end in (0, 1):
            yield self._told(answer.as_of, {where: left.ends[end] for where, left in varied.items()})

    def _told(self, as_of: date, values: dict[str, Any]) -> dict[str, Any]:
        facts = self.facts(as_of)
        if facts["term"]["sentenced_on"] == facts["term"]["begins_on"] and "term.begins_on" in values:
            facts["term"]["sentenced_on"] = values["term.begins_on"]
        for where, value in values.items():
            _put(facts, where, value)
        facts["events"].sort(key=lambda event: event["on"])
        as_json: dict[str, Any] = _dates_as_text(facts)
        return as_json


def published(section: str = "217.703") -> list[Published]:
    """Every opinion on the section, oldest first. Raises FileNotFoundError when the files were not installed."""
    return [_read(file, section) for file in sorted((_home() / section).glob("*.toml"))]


def misses(expected: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    """What an answer (the JSON of `waymark law ecc`) has otherwise than an opinion, one sentence each; empty: it
    agrees."""
    flat = {**answer, "credit_months": answer["credits"]["months"]}
    wanted = {key: _dates_as_text(value) for key, value in expected.items()}
    return [f"{key} is {flat[key]}, not {value}." for key, value in wanted.items() if not _agrees(value, flat[key])]


def _agrees(wanted: Any, given: Any) -> bool:
    if isinstance(wanted, dict):
        return given is not None and wanted.get("first", given) <= given <= wanted.get("last", given)
    if isinstance(wanted, list):
        return all(any(word in reason for reason in given) for word in wanted)
    return bool(wanted == given)


def _home() -> Path:
    for home in (IN_THE_PROJECT, IN_A_WHEEL):
        if home.is_dir():
            return home
    raise FileNotFoundError(f"The published cases are neither in {IN_THE_PROJECT} nor in {IN_A_WHEEL}; install again.")


def _read(file: Path, section: str) -> Published:
    return Published(file.stem, section, tomllib.loads(file.read_text(encoding="utf-8")))


def _left_out(part: dict[str, Any]) -> LeftOut:
    values = tuple(part.get("values", ()))
    if "first" in part:
        values = tuple(part["first"] + timedelta(days=n) for n in range((part["last"] - part["first"]).days + 1))
    return LeftOut(part["where"], values, " ".join(part.get("because", "").split()))


def _answer(part: dict[str, Any]) -> Answer:
    told = ("as_of", "said_by", "instead")
    return Answer(
        as_of=part["as_of"],
        said_by=part["said_by"],
        expected={key: value for key, value in part.items() if key not in told},
        instead=tuple(map(_left_out, part.get("instead", []))),
    )


def _put(facts: dict[str, Any], where: str, value: Any) -> None:
    *path, last = where.split(".")
    place: Any = facts
    for step in path:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[last] = value


def _dates_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _dates_as_text(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_dates_as_text(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value
