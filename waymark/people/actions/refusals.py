"""Why a verb did not write."""

from __future__ import annotations

from waymark.people.reads import Match


class CannotSave(Exception):
    """Nothing was written. `message` says what to do about it; `field` is the form field it belongs to, if any."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message, self.field = message, field


class StalePerson(CannotSave):
    """Somebody else saved the record since it was read. `version` is the one that stands now."""

    def __init__(self, message: str, version: int) -> None:
        super().__init__(message)
        self.version = version


class ProbableDuplicates(CannotSave):
    """The person may be on record already, as one of `candidates`."""

    def __init__(self, candidates: list[Match]) -> None:
        words = "This person may be on record already. Open that record, or say here why this is somebody else."
        super().__init__(words, "despite_duplicates")
        self.candidates = candidates
