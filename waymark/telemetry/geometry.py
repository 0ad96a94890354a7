# mypy: disable-error-code="no-any-return"
"""Where a point stands to a zone, in metres: every zone has its own flat plane, centred where the zone is deepest.

Equirectangular, true to the cosine of the latitude: within 0.1 % for anything a person reaches while it matters.
x is east, y is north. Distances to a zone are signed: negative inside.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from waymark.telemetry.rule import rule

METRES_PER_DEGREE = math.radians(6_371_008.8)  # mean earth
CIRCLE, POLYGON, PARTNER = range(3)
FINE_M = 0.25  # how finely a chord is searched

Row = Any  # one row of a table below: fields by name
Rows = Any  # the table, a numpy array of records

ZONE = np.dtype(
    (
        np.record,
        [
            # where: read by geometry
            ("form", "i8"),
            ("lat", "f8"),  # of the plane's centre
            ("lon", "f8"),
            ("north_m", "f8"),  # metres in a degree of latitude
            ("east_m", "f8"),  # metres in a degree of longitude
            ("radius_m", "f8"),  # of a circle
            ("edge_from", "i8"),  # of a polygon and its holes, in EDGE
            ("edge_until", "i8"),
            ("inner_m", "f8"),  # the circle about the centre that lies wholly inside
            ("outer_m", "f8"),  # the circle about the centre that holds all of it
            # what is asked there: read by the kernel
            ("must_be_in", "i8"),
            ("victim", "i8"),
            ("home", "i8"),  # the home unit stands here
            ("buffer_m", "f8"),
            ("slack_m", "f8"),
            ("grace_ms", "i8"),
            ("window_from", "i8"),  # in WINDOW
            ("window_until", "i8"),
        ],
    )
)
EDGE = np.dtype((np.record, [("x", "f8"), ("y", "f8"), ("along_x", "f8"), ("along_y", "f8"), ("per_length2", "f8")]))


@rule
def plane(zone: Row, lat: float, lon: float) -> tuple[float, float]:
    """Metres east and north of the zone's centre."""
    east = lon - zone.lon
    if east > 180.0:
        east -= 360.0
    elif east < -180.0:
        east += 360.0
    return east * zone.east_m, (lat - zone.lat) * zone.north_m


@rule
def signed_distance(zone: Row, edges: Rows, x: float, y: float) -> float:
    """Metres from the edge of the zone; negative inside, positive in a hole."""
    if zone.form != POLYGON:
        return math.sqrt(x * x + y * y) - zone.radius_m
    nearest2 = math.inf
    inside = False
    for number in range(zone.edge_from, zone.edge_until):
        edge = edges[number]
        from_x, from_y = x - edge.x, y - edge.y
        along = min(max((from_x * edge.along_x + from_y * edge.along_y) * edge.per_length2, 0.0), 1.0)
        off_x, off_y = from_x - along * edge.along_x, from_y - along * edge.along_y
        nearest2 = min(nearest2, off_x * off_x + off_y * off_y)
        if (from_y < 0.0) != (from_y < edge.along_y) and (
            (from_x * edge.along_y < from_y * edge.along_x) == (edge.along_y > 0.0)
        ):
            inside = not inside
    return -math.sqrt(nearest2) if inside else math.sqrt(nearest2)


@rule
def distance_bound(zone: Row, edges: Rows, x: float, y: float, clear_m: float, exact_outside: bool) -> float:
    """The signed distance, or, where it cannot matter, a bound on its near side that costs no walk round the edges.

    Further than clear_m from the edge, outside or inside, a bound is returned that is itself further than clear_m.
    """
    reach = math.sqrt(x * x + y * y)
    if zone.form != POLYGON:
        return reach - zone.radius_m
    if not exact_outside and reach - zone.outer_m > clear_m:
        return reach - zone.outer_m
    if reach - zone.inner_m < -clear_m:
        return reach - zone.inner_m
    return signed_distance(zone, edges, x, y)


@rule
def metres_between(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Flat, at the middle latitude: good to 0.1 % within 100 km."""
    east = other_lon - lon
    if east > 180.0:
        east -= 360.0
    elif east < -180.0:
        east += 360.0
    east *= math.cos(math.radians(0.5 * (lat + other_lat)))
    north = other_lat - lat
    return METRES_PER_DEGREE * math.sqrt(east * east + north * north)


@rule
def deepest_along(zone: Row, edges: Rows, x: float, y: float, to_x: float, to_y: float, known_m: float) -> float:
    """How deep inside the zone the chord comes, to FINE_M; known_m where it comes no deeper than that.

    The distance changes by at most a metre a metre, so half a stretch and the depth at its middle bound its depth:
    stretches that cannot be deeper are left, the others halved.
    """
    length = math.sqrt((to_x - x) ** 2 + (to_y - y) ** 2)
    if math.sqrt(min(x * x + y * y, to_x * to_x + to_y * to_y)) - length > zone.outer_m:
        return known_m
    todo = np.empty((64, 2))
    todo[0, 0], todo[0, 1] = 0.0, 1.0
    left, deepest = 1, known_m
    while left > 0:
        left -= 1
        start, end = todo[left, 0], todo[left, 1]
        middle = 0.5 * (start + end)
        depth = -signed_distance(zone, edges, x + middle * (to_x - x), y + middle * (to_y - y))
        deepest = max(deepest, depth)
        half_m = 0.5 * (end - start) * length
        if half_m > FINE_M and depth + half_m > deepest + FINE_M:
            todo[left, 0], todo[left, 1] = start, middle
            todo[left + 1, 0], todo[left + 1, 1] = middle, end
            left += 2
    return deepest


@rule
def deepest_point(
    zone: Row, edges: Rows, from_x: float, from_y: float, to_x: float, to_y: float
) -> tuple[float, float]:
    """A point about as far inside as one can be, searched in a box: a coarse grid, then ever finer about the best."""
    x, y = 0.5 * (from_x + to_x), 0.5 * (from_y + to_y)
    best = signed_distance(zone, edges, x, y)
    wide, high = to_x - from_x, to_y - from_y
    for column in range(16):
        for line in range(16):
            try_x, try_y = from_x + (column + 0.5) * wide / 16, from_y + (line + 0.5) * high / 16
            distance = signed_distance(zone, edges, try_x, try_y)
            if distance < best:
                best, x, y = distance, try_x, try_y
    for _ in range(12):
        wide, high = 0.6 * wide, 0.6 * high
        about_x, about_y = x, y
        for column in range(-2, 3):
            for line in range(-2, 3):
                try_x, try_y = about_x + column * wide / 32, about_y + line * high / 32
                distance = signed_distance(zone, edges, try_x, try_y)
                if distance < best:
                    best, x, y = distance, try_x, try_y
    return x, y
