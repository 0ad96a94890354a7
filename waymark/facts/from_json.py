"""From JSON to frozen facts: one way for every section, with every fault named by its path.

null and a missing key both mean not recorded. A key nobody asked for is left alone (callers keep their own numbers on
a question), unless it looks like a slip of the pen for one that is asked for: a misspelt fact must not pass in silence.
"""

from __future__ import annotations

import dataclasses
import difflib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from waymark.facts.faults import Fault, FaultyFacts

T = TypeVar("T")


def read_facts(kind: type[T], question: Mapping[str, Any] | str | bytes) -> T:
    """The question as frozen facts of `kind`, a dataclass. Raises FaultyFacts with every fault of form."""
    try:
        given = json.loads(question) if isinstance(question, str | bytes) else question
    except ValueError as error:
        raise FaultyFacts([Fault("input", f"is not JSON ({error}). Give one JSON object.")]) from error
    recorded = _without_nulls(given)
    faults = list(_misspelt(kind, recorded, ""))
    try:
        facts: T = _adapter(kind).validate_json(json.dumps(recorded), strict=True)
    except ValidationError as error:
        faults += [_fault(detail) for detail in error.errors(include_url=False)]
        raise FaultyFacts(faults) from error
    if faults:
        raise FaultyFacts(faults)
    return facts


_ADAPTERS: dict[type, TypeAdapter[Any]] = {}


def _adapter(kind: type) -> TypeAdapter[Any]:
    """Made once for each kind: making one takes longer than reading a caseload with it."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _without_nulls(given: Any) -> Any:
    if isinstance(given, Mapping):
        return {key: _without_nulls(value) for key, value in given.items() if value is not None}
    if isinstance(given, list | tuple):
        return [_without_nulls(value) for value in given]
    return given.isoformat() if hasattr(given, "isoformat") else given


def _fault(detail: ErrorDetails) -> Fault:
    path = ".".join(str(part) for part in detail["loc"]) or "input"
    given = json.dumps(detail["input"], default=str)
    asked = detail["type"]
    context = detail.get("ctx", {})
    if asked == "missing":
        words = "is missing. It must be given."
    elif asked.startswith("date"):
        words = f"{given} is not a day of the calendar. Give it as YYYY-MM-DD."
    elif asked == "literal_error":
        words = f"{given} is not known here. Give one of {context.get('expected')}."
    elif asked == "bool_type":
        words = f"{given} is neither yes nor no. Give true, false, or null when it is not recorded."
    elif asked.startswith("int"):
        words = f"{given} is not a whole number. Give a whole number."
    elif asked in ("dataclass_type", "dict_type"):
        words = f"{given[:60]} is not an object. Give a JSON object."
    elif asked in ("tuple_type", "list_type"):
        words = f"{given[:60]} is not a list. Give a list, [] when there is nothing."
    else:
        words = f"{given[:60]}: {detail['msg']}."
    return Fault(path, words)


def _misspelt(kind: Any, given: Any, path: str) -> Iterator[Fault]:
    if isinstance(given, list):
        for number, item in enumerate(given):
            yield from _misspelt(kind, item, f"{path}{number}.")
    if not isinstance(given, Mapping):
        return
    known = _keys(kind)
    for key, value in given.items():
        if key in known:
            if known[key] is not None:
                yield from _misspelt(known[key], value, f"{path}{key}.")
        elif meant := difflib.get_close_matches(str(key), known, n=1, cutoff=0.84):
            yield Fault(f"{path}{key}", f"is not a known fact. Did you mean {meant[0]}?")


@cache
def _keys(kind: Any) -> dict[str, Any]:
    """Name in JSON -> the dataclass of what stands there (None: a plain value)."""
    hints = get_type_hints(kind, include_extras=True)
    return {
        _name(field.name, hints[field.name]): _dataclass_in(hints[field.name]) for field in dataclasses.fields(kind)
    }


def _name(name: str, hint: Any) -> str:
    for extra in get_args(hint)[1:]:
        if alias := getattr(extra, "alias", None):
            return str(alias)
    return name


def _dataclass_in(hint: Any) -> Any:
    if dataclasses.is_dataclass(hint):
        return hint
    return next((found for part in get_args(hint) if (found := _dataclass_in(part)) is not None), None)
