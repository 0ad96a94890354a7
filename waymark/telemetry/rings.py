"""Rings of corners (a polygon, a hole): what makes one impossible, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

MOST_CORNERS = 2000

Ring = Sequence[tuple[float, float]]


def without_repeats(ring: Ring) -> tuple[tuple[float, float], ...]:
    """A ring as its corners alone: not closed by its first corner, no corner twice in a row."""
    corners = tuple(corner for number, corner in enumerate(ring) if number == 0 or corner != ring[number - 1])
    return corners[:-1] if len(corners) > 1 and corners[0] == corners[-1] else corners


def ring_fault(ring: Ring) -> str | None:
    """What is wrong with the ring, or None. `ring` is as `without_repeats` gives it: (lat, lon) in degrees."""
    for number, (lat, lon) in enumerate(ring):
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            return f"has corner {number} at {lat:g}, {lon:g}, which is not on the earth. Give [latitude, longitude]."
    if len(ring) < 3:
        return f"has {len(ring)} corners. Give at least three different ones."
    if len(ring) > MOST_CORNERS:
        return f"has {len(ring)} corners. Give at most {MOST_CORNERS}."
    if max(lon for _, lon in ring) - min(lon for _, lon in ring) > 180:
        return "crosses the date line. Cut it in two zones there."
    if crossing := _first_crossing(np.array(ring, np.float64)):
        these, those = (f"from corner {edge} to {(edge + 1) % len(ring)}" for edge in crossing)
        return f"crosses itself: its edge {these} meets the one {those}. Give the corners in order round the outside."
    return None


def _first_crossing(corners: npt.NDArray[np.float64]) -> tuple[int, int] | None:
    """Two edges that meet where they must not, each by the number of its first corner.

    Neighbors meet at their corner and may not fold back on each other; others may not meet at all.
    """
    start = corners - corners[0]
    end = np.roll(start, -1, axis=0)
    low, high = np.minimum(start, end), np.maximum(start, end)
    near = ((low[:, None] <= high[None]) & (low[None] <= high[:, None])).all(axis=2)
    meet = near & _apart(start, end) & _apart(start, end).T
    number = np.arange(len(corners))
    steps = (number[None] - number[:, None]) % len(corners)
    meet &= (steps > 1) & (steps < len(corners) - 1)
    meet[number, (number + 1) % len(corners)] = _folds_back(start, end)
    found = np.argwhere(meet)
    return None if not len(found) else (int(found[0][0]), int(found[0][1]))


def _apart(start: npt.NDArray[np.float64], end: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """[i, j]: the ends of edge j are not on one and the same side of edge i."""
    along = end - start

    def side(point: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        off = point[None] - start[:, None]
        turn: npt.NDArray[np.float64] = along[:, None, 0] * off[..., 1] - along[:, None, 1] * off[..., 0]
        return np.sign(turn)

    return side(start) * side(end) <= 0


def _folds_back(start: npt.NDArray[np.float64], end: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """[i]: the edge after edge i goes straight back along it."""
    here = end - start
    after = np.roll(here, -1, axis=0)
    turn: npt.NDArray[np.float64] = here[:, 0] * after[:, 1] - here[:, 1] * after[:, 0]
    onward: npt.NDArray[np.float64] = here[:, 0] * after[:, 0] + here[:, 1] * after[:, 1]
    back: npt.NDArray[np.bool_] = (turn == 0) & (onward < 0)
    return back
