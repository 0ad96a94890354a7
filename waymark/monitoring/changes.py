"""What the engine tells about episodes, from one belief to the next."""

from __future__ import annotations

from dataclasses import dataclass

from waymark.monitoring.models import Episode


@dataclass(frozen=True, slots=True)
class EpisodeChange:
    """`before`: the row believed until now, superseded; None: the episode is new. `after`: the row believed from now
    on; with `after.withdrawn` later data showed that the stretch never was. Both rows are saved."""

    before: Episode | None
    after: Episode

    @property
    def is_new(self) -> bool:
        return self.before is None

    @property
    def is_withdrawn(self) -> bool:
        return self.after.withdrawn

    @property
    def has_closed(self) -> bool:
        """The condition lasted until now by what was known, and has an end now."""
        lasted = self.before is None or self.before.closed_at is None
        return lasted and self.after.closed_at is not None and not self.after.withdrawn
