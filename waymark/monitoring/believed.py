"""What is believed of an activation: the stored rows of its episodes, brought in line with a new evaluation.

A row is never edited in what it says: a change is a new row, the former one superseded. The exception is the growing
evidence of an episode that is still open (one more fix), which is written into its row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from waymark.monitoring.changes import EpisodeChange
from waymark.monitoring.facts import canonical
from waymark.monitoring.models import Activation, Episode
from waymark.telemetry.episodes import Episode as Found
from waymark.telemetry.instants import ALWAYS_FROM_MS, ALWAYS_UNTIL_MS, EPOCH


@dataclass(frozen=True, slots=True)
class Told:
    """`settled_ms`: the checkpoint that is the first to know it as over; None: it is open, or no checkpoint was left
    since it ended."""

    episode: Found
    settled_ms: int | None


def believe(
    activation: Activation, told: Sequence[Told], stood: dict[str, Episode], *, at: datetime
) -> list[EpisodeChange]:
    """Compare the episodes an evaluation told with the rows that stood, write what differs, and give the changes."""
    changes = []
    for one in told:
        before = stood.pop(one.episode.episode_id, None)
        after = row_of(activation, one, at)
        if before is None:
            changes.append(EpisodeChange(None, _kept(after)))
        elif not _says_the_same(before, after):
            changes.append(_supersede(before, after, at))
        else:
            _grow(before, after)
    changes += [_supersede(before, _withdrawn(before, at), at) for before in stood.values()]
    return changes


Evaluation = tuple[Activation, Sequence[Told], int | None]  # what it told, and the instant it went on from


def standing(evaluations: Sequence[Evaluation]) -> dict[int, dict[str, Episode]]:
    """By activation: the rows its evaluation speaks of, told or not. What was settled before the instant it began at
    was not looked at again and stands. One query."""
    told = {one.episode.episode_id for _, all_told, _ in evaluations for one in all_told}
    from_ms = {activation.pk: ALWAYS_FROM_MS if since is None else since for activation, _, since in evaluations}
    from_the_beginning = [number for number, since in from_ms.items() if since == ALWAYS_FROM_MS]
    first_ms = min((since for since in from_ms.values() if since != ALWAYS_FROM_MS), default=ALWAYS_UNTIL_MS)
    looked_at = Q(settled_ms=None) | Q(settled_ms__gt=first_ms) | Q(episode_id__in=told)
    looked_at |= Q(activation__in=from_the_beginning)
    found: dict[int, dict[str, Episode]] = {number: {} for number in from_ms}
    for row in Episode.objects.filter(looked_at, activation__in=from_ms, current=True, withdrawn=False):
        settled_before = row.settled_ms is not None and row.settled_ms <= from_ms[row.activation_id]
        if row.episode_id in told or not settled_before:
            found[row.activation_id][row.episode_id] = row
    return found


def row_of(activation: Activation, told: Told, at: datetime) -> Episode:
    found = told.episode
    return Episode(
        episode_id=found.episode_id,
        activation=activation,
        family=found.family,
        kind=found.kind,
        zone_id=int(found.zone) if found.zone else None,
        opened_at=_instant(found.opened_ms),
        closed_at=None if found.closed_ms is None else _instant(found.closed_ms),
        severity=found.severity,
        confidence=found.confidence,
        evidence=found.evidence,
        rule_version=found.rule_version,
        plan_version=str(found.plan_version),
        settled_ms=told.settled_ms,
        found_at=at,
    )


SAID = ("kind", "zone_id", "opened_at", "closed_at", "severity", "confidence")


def _says_the_same(before: Episode, after: Episode) -> bool:
    """An open episode says the same with more evidence; one that is over says the same only with the same."""
    if any(getattr(before, name) != getattr(after, name) for name in SAID):
        return False
    return after.closed_at is None or canonical(before.evidence) == canonical(after.evidence)


def _grow(before: Episode, after: Episode) -> None:
    if before.settled_ms != after.settled_ms or canonical(before.evidence) != canonical(after.evidence):
        before.settled_ms, before.evidence = after.settled_ms, after.evidence
        before.save(update_fields=["settled_ms", "evidence"])


def _supersede(before: Episode, after: Episode, at: datetime) -> EpisodeChange:
    before.current, before.superseded_at = False, at
    before.save(update_fields=["current", "superseded_at"])
    return EpisodeChange(before, _kept(after))


def _withdrawn(before: Episode, at: datetime) -> Episode:
    """A row that says that the stretch is no more. It is not current: nothing is believed in its place."""
    return Episode(
        episode_id=before.episode_id,
        activation_id=before.activation_id,
        family=before.family,
        kind=before.kind,
        zone_id=before.zone_id,
        opened_at=before.opened_at,
        closed_at=before.closed_at,
        severity=before.severity,
        confidence=before.confidence,
        evidence=before.evidence,
        rule_version=before.rule_version,
        plan_version=before.plan_version,
        found_at=at,
        current=False,
        withdrawn=True,
        superseded_at=at,
    )


def _kept(row: Episode) -> Episode:
    row.save(force_insert=True)
    return row


def _instant(at_ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=at_ms)
