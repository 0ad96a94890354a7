"""How one entry is sealed: the same fields give the same hash, on every database and in every year.

What goes into the hash is the canonical JSON of all fields and the hash of the entry before. Canonical means: keys
sorted, no white space, instants in UTC with microseconds, and a number written as an integer whenever it is one,
because PostgreSQL's jsonb gives 1e22 back as an integer and SQLite does not.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from waymark.audit.models import Entry

SEALED = (
    "number",
    "at",
    "actor_id",
    "actor",
    "role",
    "verb",
    "subject_kind",
    "subject_id",
    "person_id",
    "why",
    "origin",
    "detail",
    "previous_hash",
)


def seal(entry: Entry) -> str:
    """The hash of an entry, as 64 hexadecimal digits."""
    fields = {name: getattr(entry, name) for name in SEALED}
    canonical = json.dumps(_canonical(fields), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def storable(value: Any) -> Any:
    """`value` as plain JSON that both databases keep as given: dates and the like become text, NUL is replaced.

    Raises TypeError or ValueError for what JSON cannot hold.
    """
    return _without_nul(json.loads(json.dumps(value, cls=DjangoJSONEncoder, allow_nan=False)))


def _canonical(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _canonical(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_canonical(part) for part in value]
    return value


def _without_nul(value: Any) -> Any:
    """PostgreSQL stores neither NUL nor half of a surrogate pair."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_without_nul(part) for part in value]
    return value
