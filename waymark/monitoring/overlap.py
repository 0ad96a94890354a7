"""Whether a place to stay out of reaches into another place. Good for a warning while drawing, not for evidence."""

from __future__ import annotations

import math
from typing import Any

ARC_STEPS = 72  # corners of a circle drawn as a polygon
METRES_PER_DEGREE = 111_195.0

Point = tuple[float, float]
Ring = list[Point]


def overlaps(shape: dict[str, Any], other: dict[str, Any]) -> bool:
    """Of two shapes as in `ZoneVersion.shape`. What moves with a device is never said to overlap. A hole in one that
    takes in the whole of the other keeps them apart."""
    origin = _somewhere(shape)
    if origin is None or _somewhere(other) is None:
        return False
    one, two = _outline(shape, origin), _outline(other, origin)
    if any(_within(two, hole) for hole in _holes(shape, origin)):
        return False
    if any(_within(one, hole) for hole in _holes(other, origin)):
        return False
    return _edges_meet(one, two) or _inside(two[0], one) or _inside(one[0], two)


def _somewhere(shape: dict[str, Any]) -> Point | None:
    if circle := shape.get("circle"):
        return circle["lat"], circle["lon"]
    return tuple(shape["polygon"][0]) if shape.get("polygon") else None


def _outline(shape: dict[str, Any], origin: Point) -> Ring:
    if polygon := shape.get("polygon"):
        return [_flat(corner, origin) for corner in polygon]
    circle = shape["circle"]
    x, y = _flat((circle["lat"], circle["lon"]), origin)
    turns = [2 * math.pi * step / ARC_STEPS for step in range(ARC_STEPS)]
    return [(x + circle["radius_m"] * math.cos(turn), y + circle["radius_m"] * math.sin(turn)) for turn in turns]


def _holes(shape: dict[str, Any], origin: Point) -> list[Ring]:
    return [[_flat(corner, origin) for corner in hole] for hole in shape.get("holes", [])]


def _flat(corner: Any, origin: Point) -> Point:
    """Metres east and north of the origin."""
    (lat, lon), (lat_0, lon_0) = corner, origin
    return (lon - lon_0) * METRES_PER_DEGREE * math.cos(math.radians(lat_0)), (lat - lat_0) * METRES_PER_DEGREE


def _within(ring: Ring, hole: Ring) -> bool:
    return not _edges_meet(ring, hole) and all(_inside(corner, hole) for corner in ring)


def _inside(point: Point, ring: Ring) -> bool:
    x, y = point
    inside = False
    for (x_1, y_1), (x_2, y_2) in _edges(ring):
        if (y_1 > y) != (y_2 > y) and x < (x_2 - x_1) * (y - y_1) / (y_2 - y_1) + x_1:
            inside = not inside
    return inside


def _edges_meet(one: Ring, two: Ring) -> bool:
    return any(
        _turn(a, b, c) * _turn(a, b, d) <= 0 and _turn(c, d, a) * _turn(c, d, b) <= 0
        for a, b in _edges(one)
        for c, d in _edges(two)
        if _boxes_meet(a, b, c, d)
    )


def _edges(ring: Ring) -> list[tuple[Point, Point]]:
    return list(zip(ring, [*ring[1:], ring[0]], strict=True))


def _boxes_meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    return all(max(a[i], b[i]) >= min(c[i], d[i]) and max(c[i], d[i]) >= min(a[i], b[i]) for i in (0, 1))


def _turn(a: Point, b: Point, c: Point) -> float:
    """Above zero: c lies left of the way from a to b."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
