"""What a room adds to a page of a room below it, which may not know it: links on the page of a person, of a case, on a
front page.

A room registers a function for a place when it is loaded (`AppConfig.ready`); the page asks `{% more "person" person as
links %}`. The function says nothing to those who may not follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

PLACES = ("person", "case", "front", "my")  # about: the person, the case, nothing, nothing


@dataclass(frozen=True)
class Link:
    """`words` to read; `urgent`: something waits there."""

    words: str
    address: str
    urgent: bool = False


Say = Callable[[Any, Any], Iterable[Link]]  # (the account, what the page is about)

_said: dict[str, list[Say]] = {place: [] for place in PLACES}


def add(place: str, say: Say) -> None:
    """Once for each function, however often the room is loaded."""
    if say not in _said[place]:
        _said[place].append(say)


def links(place: str, user: Any, about: Any = None) -> list[Link]:
    return [link for say in _said[place] for link in say(user, about)]
