"""Where an act came from: a network address, "command line" or "worker"."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

origin: ContextVar[str] = ContextVar("origin", default="command line")


@contextmanager
def acting_from(place: str) -> Iterator[None]:
    """Within the block, audit entries say they came from `place`."""
    before = origin.set(place)
    try:
        yield
    finally:
        origin.reset(before)
