"""The contract's CSV, the columns of the kernel, and how far a position is to be doubted."""

from __future__ import annotations

import csv
import gzip
import io
import math
import random
import time
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waymark.facts.faults import FaultyFacts
from waymark.telemetry.instants import iso
from waymark.telemetry.readings import (
    CELL,
    COLUMNS,
    FIX,
    GPS,
    NOT_SENT,
    SOURCES,
    Columns,
    Reading,
    columns,
    radius_of_doubt,
    read_csv,
)
from waymark.telemetry.tests.recordings import TRAIL, needs_recordings

HEADER = ",".join(COLUMNS)
GOOD = "1782,2026-02-12T13:05:00Z,fix,38.63,-90.2,12,gps,9,1.1,80,true,false,,,"
START = 1_770_000_000_000


def read(*rows, header=HEADER):
    return read_csv("\n".join([header, *rows]) + "\n")


def fix(seconds=0, lat=38.63, lon=-90.2, activation="1782", **more):
    return Reading(activation, START + int(seconds * 1000), "fix", lat, lon, **more)


class TestCsv:
    def test_it_reads_a_reading(self):
        assert read(GOOD).readings == [
            Reading("1782", 1_770_901_500_000, "fix", 38.63, -90.2, 12.0, "gps", 9, 1.1, 80.0, True, False)
        ]
        assert read("7,2026-02-12T07:05:00.250-06:00,alcohol,,,,,,,,,,0.021,1.5,91.2").readings == [
            Reading("7", 1_770_901_500_250, "alcohol", tac_g_dl=0.021, ir_v=1.5, temperature_f=91.2)
        ]

    def test_it_takes_a_byte_order_mark_carriage_returns_other_columns_and_another_order(self):
        names = ["note", *reversed(COLUMNS)]
        values = dict(zip(COLUMNS, GOOD.split(","), strict=True)) | {"note": "late, twice"}
        text = io.StringIO()
        rows = csv.DictWriter(text, names, lineterminator="\r\n")
        rows.writeheader()
        rows.writerow(values)
        assert read_csv("\ufeff" + text.getvalue()).readings == read(GOOD).readings

    def test_it_reads_a_file_without_the_columns_its_device_never_sends(self):
        text = "activation,happened_at,kind,tac_g_dl\n7,2026-02-12T13:05:00Z,alcohol,0.021\n"
        assert read_csv(text).readings == [Reading("7", 1_770_901_500_000, "alcohol", tac_g_dl=0.021)]

    def test_it_names_every_column_that_is_needed_misspelt_or_there_twice(self):
        with pytest.raises(FaultyFacts) as refused:
            read(GOOD, header=HEADER.replace("lat,", "latt,").replace("kind", "lon"))
        words = [fault.words for fault in refused.value.faults]
        assert {fault.path for fault in refused.value.faults} == {"readings.header"}
        assert any(said.startswith("has no column lat. It has latt.") for said in words)
        assert "has lon 2 times. Keep one." in words
        assert any(said.startswith("has no column kind.") for said in words)

    @pytest.mark.parametrize("text", ["", "\n", "{}", "\x00\x01"])
    def test_it_refuses_what_has_no_header(self, text):
        with pytest.raises(FaultyFacts):
            read_csv(text)

    @pytest.mark.parametrize(
        ("field", "written", "words"),
        [
            ("activation", "", "names no activation"),
            ("happened_at", "", "not an instant"),
            ("kind", "", "not a kind"),
            ("happened_at", "2026-02-12T13:05:00", "not an instant with its offset"),
            ("happened_at", "yesterday", "not an instant with its offset"),
            ("happened_at", "2026-02-30T13:05:00Z", "not an instant with its offset"),
            ("kind", "fixx", "not a kind of reading"),
            ("lat", "north", "not a number"),
            ("lat", "nan", "not a number"),
            ("accuracy_m", "inf", "not a number"),
            ("satellites", "4.5", "not a whole number"),
            ("strap_ok", "maybe", "neither yes nor no"),
        ],
    )
    def test_it_refuses_a_row_by_line_field_and_words_and_goes_on(self, field, written, words):
        values = dict(zip(COLUMNS, GOOD.split(","), strict=True)) | {field: written}
        decoded = read(GOOD, ",".join(values.values()), GOOD)
        assert len(decoded.readings) == 2
        (refused,) = decoded.refused
        assert (refused.where, refused.field) == ("line 3", field)
        assert words in refused.words

    def test_it_names_each_fault_of_a_row(self):
        decoded = read("1782,noon,fix,x,y,,,,,,,,,,")
        assert [refused.field for refused in decoded.refused] == ["happened_at", "lat", "lon"]
        assert decoded.readings == []

    @pytest.mark.parametrize("row", [GOOD + ",", GOOD.removesuffix(","), "1782"])
    def test_it_refuses_a_row_of_another_width(self, row):
        (refused,) = read(row, GOOD).refused
        assert (refused.where, refused.field) == ("line 2", "row")

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"lat": "91"}, "lat"),
            ({"lon": "-181"}, "lon"),
            ({"lat": "0", "lon": "0"}, "lat"),
            ({"lat": ""}, "lat"),
            ({"accuracy_m": "-4"}, "accuracy_m"),
            ({"battery_pct": "255"}, "battery_pct"),
            ({"satellites": "-1"}, "satellites"),
            ({"happened_at": "1980-01-06T00:00:00Z"}, "happened_at"),
            ({"happened_at": "9999-12-31T23:59:59-12:00"}, "happened_at"),
        ],
    )
    def test_it_marks_what_a_device_cannot_mean_and_keeps_the_reading(self, change, field):
        values = dict(zip(COLUMNS, GOOD.split(","), strict=True)) | change
        decoded = read(",".join(values.values()))
        assert len(decoded.readings) == 1
        assert decoded.refused == []
        assert [(mark.where, mark.field) for mark in decoded.marked] == [("line 2", field)]

    def test_a_source_it_does_not_know_is_a_source_all_the_same(self):
        (reading,) = read(GOOD.replace("gps", "Pigeon")).readings
        assert reading.source == "other"
        assert read(GOOD.replace("gps", "GPS")).readings[0].source == "gps"

    def test_it_reads_a_million_rows_in_a_minute_and_its_columns_too(self):
        rows = [GOOD.replace("13:05:00", f"13:{n // 60 % 60:02d}:{n % 60:02d}") for n in range(20_000)]
        text = "\n".join([HEADER, *rows])
        started = time.perf_counter()
        assert len(columns(read_csv(text).readings)["1782"]) == 3600
        assert time.perf_counter() - started < 60 * 20_000 / 1_000_000

    @settings(max_examples=200, deadline=None)
    @given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
    def test_no_text_brings_it_down(self, text):
        decoded = read_csv(HEADER + "\n" + text)
        assert all(refused.words for refused in decoded.refused)


def same(one: Columns, other: Columns) -> bool:
    return all(getattr(one, f.name).tobytes() == getattr(other, f.name).tobytes() for f in fields(Columns))


MAYBE = st.one_of(st.none(), st.sampled_from([-0.0, 0.0, 1.5, 20.0]))
READINGS = st.lists(
    st.builds(
        Reading,
        st.sampled_from(["a", "b"]),
        st.sampled_from([START, START + 1]),
        st.sampled_from(["fix", "alcohol"]),
        lat=MAYBE,
        lon=MAYBE,
        accuracy_m=MAYBE,
        source=st.sampled_from([None, *SOURCES]),
        satellites=st.sampled_from([None, 0, 4]),
        strap_ok=st.sampled_from([None, True, False]),
        tac_g_dl=MAYBE,
    ),
    max_size=12,
)


class TestColumns:
    def test_it_gives_each_activation_its_own_in_order(self):
        table = columns([fix(60), fix(0, activation="2"), fix(0, accuracy_m=5.0, source="cell", strap_ok=False)])
        assert sorted(table) == ["1782", "2"]
        here = table["1782"]
        assert here.happened_ms.tolist() == [START, START + 60_000]
        assert here.kind.tolist() == [FIX, FIX]
        assert here.source.tolist() == [CELL, NOT_SENT]
        assert here.strap_ok.tolist() == [0, NOT_SENT]
        assert here.accuracy_m[0] == 5
        assert np.isnan(here.accuracy_m[1])
        assert columns([]) == {}

    @settings(max_examples=300, deadline=None)
    @given(READINGS, st.randoms(use_true_random=False))
    def test_order_and_repeats_make_no_difference(self, readings, chance):
        again = readings + chance.choices(readings, k=3) if readings else []
        chance.shuffle(again)
        first, second = columns(readings), columns(again)
        assert first.keys() == second.keys()
        assert all(same(first[name], second[name]) for name in first)

    def test_readings_that_differ_in_anything_are_two(self):
        assert len(columns([fix(), fix(), fix(motion=True), fix(temperature_f=91.0)])["1782"]) == 3

    def test_a_position_that_cannot_be_is_none(self):
        impossible = [fix(0, 91.0, 5.0), fix(1, 5.0, 181.0), fix(2, 0.0, 0.0), fix(3, None, 5.0), fix(4, 1e300, 5.0)]
        table = columns([*impossible, fix(9)])["1782"]
        assert np.isnan(table.lat).tolist() == [True] * 5 + [False]
        assert np.isnan(table.lon).tolist() == [True] * 5 + [False]

    def test_numbers_that_cannot_be_were_not_sent(self):
        table = columns([fix(battery_pct=255.0, accuracy_m=-1.0, satellites=-3), fix(1, satellites=10**12)])["1782"]
        assert np.isnan(table.battery_pct[0])
        assert np.isnan(table.accuracy_m[0])
        assert table.satellites.tolist() == [NOT_SENT, NOT_SENT]

    def test_a_clock_that_was_never_set_has_no_instant(self):
        assert columns([Reading("1782", 0, "status"), Reading("1782", 10**14, "status")]) == {}
        assert len(columns([Reading("1782", 0, "status"), fix()])["1782"]) == 1

    def test_it_is_sliced_by_time_from_and_not_until(self):
        table = columns([fix(seconds) for seconds in (0, 60, 120, 180)])["1782"]
        assert table.between(START + 60_000, START + 180_000).happened_ms.tolist() == [START + 60_000, START + 120_000]
        assert len(table.between(START + 1, START + 1)) == 0


class TestRadiusOfDoubt:
    @staticmethod
    def doubt(*readings):
        return radius_of_doubt(columns(readings)["1782"])[0].tolist()

    def test_it_is_what_the_device_says(self):
        assert self.doubt(fix(0, accuracy_m=17.0, source="gps")) == [17]

    def test_a_settled_receiver_is_believed_by_its_hdop(self):
        good = {"source": "gps", "satellites": 8}
        assert self.doubt(fix(0, hdop=1.2, **good), fix(59, hdop=1.2, **good), fix(60, hdop=1.2, **good)) == [
            200,
            200,
            12,
        ]
        assert self.doubt(fix(0, **good), fix(60, hdop=0.3, **good))[1] == 5

    @pytest.mark.parametrize(
        "change",
        [{"hdop": 0.0}, {"hdop": 99.0}, {"hdop": 144.0}, {"hdop": None}, {"satellites": 4}, {"satellites": None}],
    )
    def test_a_sentinel_or_too_few_satellites_is_two_hundred_metres(self, change):
        good = {"source": "gps", "satellites": 8, "hdop": 1.0}
        assert self.doubt(fix(0, **good), fix(60, **(good | change)))[1] == 200

    def test_a_tower_is_a_kilometre_and_anything_else_two_hundred_metres(self):
        assert self.doubt(fix(0, source="cell"), fix(1, source="wifi"), fix(2)) == [1000, 200, 200]

    def test_no_position_has_none(self):
        assert math.isnan(self.doubt(fix(0, None, None, accuracy_m=5.0))[0])

    def test_a_drive_by_reading_is_no_better_than_its_range(self):
        heard = Reading("1782", START, "drive_by", 38.6, -90.2, 4.0, "heard")
        assert self.doubt(heard) == [45]

    def test_a_receiver_that_lost_its_fix_settles_anew(self):
        good = {"source": "gps", "satellites": 8, "hdop": 1.0}
        readings = [fix(0, **good), fix(60, **good), fix(90, source="cell"), fix(120, **good), fix(180, **good)]
        assert self.doubt(*readings) == [200, 10, 1000, 200, 10]
        gap = [fix(0, **good), fix(60, **good), fix(361, **good), fix(420, **good), fix(421, **good)]
        assert self.doubt(*gap) == [200, 10, 200, 200, 10]

    @settings(max_examples=200, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from([1, 30, 60, 200, 301]),
                st.sampled_from(["gps", "gps", "gps", "cell", None]),
                st.booleans(),
                st.sampled_from([None, 1.0]),
            ),
            max_size=12,
        ),
        st.data(),
    )
    def test_batches_say_what_the_whole_says(self, steps, data):
        seconds, readings = 0, []
        for step, source, placed, hdop in steps:
            seconds += step
            place = (38.6, -90.2) if placed else (None, None)
            readings.append(fix(seconds, *place, source=source, satellites=8, hdop=hdop))
        if not readings:
            return
        table = columns(readings)["1782"]
        whole, after = radius_of_doubt(table)
        cut = data.draw(st.integers(0, len(table)))
        first, carried = radius_of_doubt(table.take(slice(0, cut)))
        second, last = radius_of_doubt(table.take(slice(cut, None)), carried)
        assert np.array_equal(np.concatenate([first, second]), whole, equal_nan=True)
        assert last == after


@needs_recordings
def test_the_trail_of_a_real_tag_reads_as_columns():
    """41 days of one tag, ministryofjustice hmpps-electronic-monitoring-data-insights-ui (MIT)."""
    sources = {"1": "gps", "4": "rf", "5": "cell", "6": "wifi"}
    with gzip.open(TRAIL, "rt") as file:
        trail = list(csv.DictReader(file))
    rows = [
        f"{row['deviceId']},{row['gpsDate']},fix,{row['latitude']},{row['longitude']},{row['precision']},"
        f"{sources[row['lbs']]},{row['satellite']},{row['hdop']},,,,,,"
        for row in trail
    ]
    random.Random(1).shuffle(rows)
    decoded = read(*rows)
    assert decoded.refused == []
    assert len(decoded.readings) == len(trail)
    table = columns(decoded.readings)
    (only,) = table.values()
    assert 0 < len(only) <= len(trail)
    assert (np.diff(only.happened_ms) >= 0).all()
    assert iso(int(only.happened_ms[0])) == min(row["gpsDate"] for row in trail)
    doubt, _ = radius_of_doubt(only)
    assert (doubt[only.source == GPS] <= 36).mean() > 0.9
