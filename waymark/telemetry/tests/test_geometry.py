"""Geometry beside shapely's."""

from __future__ import annotations

import math
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from waymark.telemetry import geometry
from waymark.telemetry.compiled import Rules
from waymark.telemetry.plan import read
from waymark.telemetry.tests.paths import HOME_LAT, HOME_LON, earth, home

CORNERS = [(-200, -150), (250, -100), (100, 40), (260, 200), (-180, 220), (-60, 30)]
HOLE = [(-20, 60), (40, 60), (40, 120), (-20, 120)]
METRES = st.floats(-600, 600)


def rules(*zones: dict[str, Any]) -> Rules:
    given_plan = {"time_zone": "America/Chicago", "participants": [{"activation": "1", "zones": list(zones)}]}
    return Rules(read(given_plan).participants[0], "America/Chicago")


def dented(**fields: Any) -> dict[str, Any]:
    corners = [list(earth(*corner)) for corner in CORNERS]
    return {"id": "d", "kind": "exclusion", "polygon": corners, "holes": [[list(earth(*c)) for c in HOLE]]} | fields


RULES = rules(home(80, id="a"), dented(), dented(id="again"))
ROW, EDGES = RULES.rows[1], RULES.edges
SHAPE = shapely.Polygon(
    [geometry.plane(ROW, *earth(*corner)) for corner in CORNERS], [[geometry.plane(ROW, *earth(*c)) for c in HOLE]]
)


def by_shapely(x: float, y: float) -> float:
    point = shapely.Point(x, y)
    distance = SHAPE.boundary.distance(point)
    return -distance if SHAPE.contains(point) else distance


@given(METRES, METRES)
@settings(deadline=None)  # the first example compiles
def test_it_measures_to_the_edge_as_shapely_does(x: float, y: float) -> None:
    assert geometry.signed_distance(ROW, EDGES, x, y) == pytest.approx(by_shapely(x, y), abs=1e-6)


@given(METRES, METRES)
@settings(deadline=None)
def test_it_measures_each_zone_by_its_own_edges(x: float, y: float) -> None:
    assert geometry.signed_distance(RULES.rows[2], EDGES, x, y) == geometry.signed_distance(ROW, EDGES, x, y)


@given(METRES, METRES, st.floats(0, 200), st.booleans())
@settings(deadline=None)
def test_a_bound_is_on_the_same_side_and_as_clear_as_the_distance(
    x: float, y: float, clear_m: float, exact: bool
) -> None:
    bound = geometry.distance_bound(ROW, EDGES, x, y, clear_m, exact)
    distance = geometry.signed_distance(ROW, EDGES, x, y)
    assert (bound > clear_m) == (distance > clear_m)
    assert (bound < -clear_m) == (distance < -clear_m)


@given(METRES, METRES, METRES, METRES, st.floats(0, 60))
@settings(deadline=None)
def test_a_chord_meets_the_shrunk_zone_as_shapely_says(
    x: float, y: float, x2: float, y2: float, doubt_m: float
) -> None:
    depth = geometry.deepest_along(ROW, EDGES, x, y, x2, y2, doubt_m)
    line = shapely.LineString([(x, y), (x2, y2)])
    surely = SHAPE.buffer(-doubt_m - 0.6, quad_segs=64)
    perhaps = SHAPE.buffer(-doubt_m + 0.6, quad_segs=64)
    if not surely.is_empty and line.intersects(surely):
        assert depth > doubt_m
    if perhaps.is_empty or not line.intersects(perhaps):
        assert depth <= doubt_m


def test_it_centres_a_zone_where_it_is_deepest() -> None:
    radius = shapely.maximum_inscribed_circle(SHAPE).length
    assert ROW.inner_m == pytest.approx(radius, rel=0.01)
    assert ROW.outer_m == pytest.approx(max(math.hypot(x, y) for x, y in SHAPE.exterior.coords))


def test_a_zone_in_which_the_middle_is_a_hole_is_measured_right() -> None:
    ring = [list(earth(200 * math.cos(a), 200 * math.sin(a))) for a in (k * math.pi / 8 for k in range(16))]
    hole = [list(earth(150 * math.cos(a), 150 * math.sin(a))) for a in (k * math.pi / 8 for k in range(16))]
    row, edges = (r := rules({"id": "r", "kind": "inclusion", "polygon": ring, "holes": [hole]})).rows[0], r.edges
    assert geometry.signed_distance(row, edges, *geometry.plane(row, HOME_LAT, HOME_LON)) > 140
    assert geometry.signed_distance(row, edges, 0.0, 0.0) == pytest.approx(-row.inner_m)


@given(st.floats(-60, 60), st.floats(-170, 170), st.floats(-3000, 3000), st.floats(-3000, 3000))
@settings(deadline=None)
def test_the_plane_agrees_with_the_great_circle(lat: float, lon: float, east_m: float, north_m: float) -> None:
    other_lat = lat + north_m / geometry.METRES_PER_DEGREE
    other_lon = lon + east_m / (geometry.METRES_PER_DEGREE * math.cos(math.radians(lat)))
    a = math.sin(math.radians(other_lat - lat) / 2) ** 2
    a += (
        math.cos(math.radians(lat))
        * math.cos(math.radians(other_lat))
        * math.sin(math.radians(other_lon - lon) / 2) ** 2
    )
    haversine = 2 * 6_371_008.8 * math.asin(math.sqrt(a))
    assert geometry.metres_between(lat, lon, other_lat, other_lon) == pytest.approx(haversine, rel=1e-3, abs=0.01)


def test_it_measures_across_the_date_line() -> None:
    assert geometry.metres_between(10, 179.999, 10, -179.999) == pytest.approx(219, abs=1)
