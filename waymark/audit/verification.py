"""Is the chain as it was written? The answer names each row that is not."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Subquery

from waymark.audit.chain import seal
from waymark.audit.models import Entry, Head

BEGINNING = "0" * 64  # what the first entry names as the hash before it
FEW = 200  # so many broken entries are compared with each other; of more, each is looked for one place away


def verify(tick: Callable[[], object] = lambda: None) -> list[str]:
    """Walk the chain; one sentence for each fault, none when it is sound. `tick` is called once per entry.

    1. Numbers run from 1 without a gap.
    2. Each entry names the hash of the one before.
    3. Each entry carries the hash of its own fields. If not, it was changed, or moved here from another number.
    4. The last one is the one the head remembers, and nothing stands behind it.

    The head is read before the walk: entries added meanwhile are left to the next one.
    """
    head = Head.objects.filter(pk=1).first()
    if head is None:
        return ["The head of the chain is gone: whether its tail was cut off can no longer be told."]
    faults: list[str] = []
    broken: list[Entry] = []
    number, previous_hash, previous_sound = 0, BEGINNING, True
    for entry in Entry.objects.filter(number__lte=head.number).order_by("number").iterator(chunk_size=2000):
        tick()
        sound = seal(entry) == entry.hash
        if entry.number > number + 1:
            faults.append(_missing(number + 1, entry.number - 1, "removed"))
        elif sound and previous_sound and entry.previous_hash != previous_hash:
            faults.append(f"{_named(entry)} does not follow entry {number}: one of the two was put there later.")
        if not sound:
            broken.append(entry)
        number, previous_hash, previous_sound = entry.number, entry.hash, sound
    faults += _changed_or_moved(broken)
    if number < head.number:
        faults.append(_missing(number + 1, head.number, "cut off the end"))
    elif previous_hash != head.hash:
        faults.append(
            f"The chain does not end in the hash its head remembers: entry {number}, or one before it, was written "
            "again together with every hash after it."
        )
    return faults + _behind_the_end()


def _changed_or_moved(broken: list[Entry]) -> list[str]:
    """A moved entry carries the hash it would have under the number it was written as."""
    faults = []
    numbers = {entry.number for entry in broken}
    for entry in broken:
        candidates = numbers if len(broken) <= FEW else {entry.number - 1, entry.number + 1}
        written_as = next((n for n in sorted(candidates | {entry.number - 1}) if _fits(entry, n)), None)
        if written_as is None:
            faults.append(f"{_named(entry)} was changed after it was written.")
        else:
            faults.append(f"{_named(entry)} was moved: it was written as entry {written_as}.")
            if written_as not in numbers:
                faults.append(f"Entry {written_as} was inserted: another entry was written under that number.")
    return faults


def _fits(entry: Entry, number: int) -> bool:
    here, entry.number = entry.number, number
    try:
        return seal(entry) == entry.hash
    finally:
        entry.number = here


def _behind_the_end() -> list[str]:
    """One query, so that an entry added this moment is never taken for a forged one."""
    behind = Entry.objects.filter(number__gt=Subquery(Head.objects.filter(pk=1).values("number")[:1]))
    return [f"{_named(entry)} was inserted behind the end of the chain." for entry in behind.order_by("number")]


def _missing(first: int, last: int, how: str) -> str:
    return f"Entry {first} was {how}." if first == last else f"Entries {first} to {last} were {how}."


def _named(entry: Entry) -> str:
    return f"Entry {entry.number} ({entry.verb} by {entry.actor})"
