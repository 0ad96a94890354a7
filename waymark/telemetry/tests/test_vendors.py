from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from waymark.telemetry.instants import iso
from waymark.telemetry.readings import Decoded, Reading, columns, radius_of_doubt
from waymark.telemetry.tests.recordings import TRAIL, needs_recordings
from waymark.telemetry.vendors import LARGEST_BYTES, VENDORS, activation_in_file_name
from waymark.telemetry.vendors.generic import decode as generic

FIXTURES = Path(__file__).parent / "fixtures"
SAN_DIEGO = "America/Los_Angeles"


def decode(vendor: str, body: bytes | str, activation: str | None = "A", **options: str) -> Decoded:
    return VENDORS[vendor].decode(body.encode() if isinstance(body, str) else body, activation, **options)


def fixture(vendor: str, file: str, activation: str | None = "A", **options: str) -> Decoded:
    return decode(vendor, (FIXTURES / file).read_bytes(), activation, **options)


def refused(decoded: Decoded) -> list[tuple[str, str]]:
    return [(one.where, one.field) for one in decoded.refused]


def at(reading: Reading) -> str:
    return iso(reading.happened_ms)


# Every vendor.


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"\x00\x01\xff\xfe",
        b"hello, world",
        b"[1, 2]",
        b"{}",
        b"<html></html>",
        b"PK\x03\x04",
        b"%PDF-1.7",
    ],
)
def test_it_refuses_a_file_of_another_kind_once(vendor: str, body: bytes) -> None:
    decoded = decode(vendor, body)
    assert decoded.readings == []
    assert [one.where for one in decoded.refused] == ["file"]
    assert decoded.refused[0].words.endswith(".")


@pytest.mark.parametrize("vendor", VENDORS)
@given(body=st.binary(max_size=400))
@settings(max_examples=60, deadline=None)
def test_it_never_raises_on_any_bytes(vendor: str, body: bytes) -> None:
    decoded = decode(vendor, body)
    assert decoded.readings or decoded.refused


REAL = {
    "generic": "generic/batch.json",
    "moj-trail": "moj_trail/trail.csv",
    "scram-cam-xlsx": "scram_cam/MC7070_CAM_Results.xlsx",
    "scram-cam-csv": "scram_cam/readings.csv",
    "nmea": "nmea/receiver.log",
    "gpx": "gpx/walk_1_1.gpx",
}


@pytest.mark.parametrize("vendor", VENDORS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_it_never_raises_on_a_real_file_that_was_damaged(vendor: str, data: st.DataObject) -> None:
    body = bytearray((FIXTURES / REAL[vendor]).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(body)))
        length = data.draw(st.integers(0, 40))
        body[start : start + length] = data.draw(st.binary(max_size=40))
    if data.draw(st.booleans()):
        del body[data.draw(st.integers(0, len(body))) :]
    decoded = decode(vendor, bytes(body))
    assert decoded.readings or decoded.refused
    columns(decoded.readings)


@pytest.mark.parametrize("vendor", ["nmea", "gpx"])
def test_it_asks_whose_a_file_is_that_never_says(vendor: str) -> None:
    decoded = fixture(vendor, REAL[vendor], None)
    assert refused(decoded) == [("file", "activation")]
    assert {one.activation for one in fixture(vendor, REAL[vendor], "1782").readings} == {"1782"}


def test_it_refuses_what_is_too_large_and_a_time_zone_that_is_none() -> None:
    assert refused(decode("generic", b"x" * (LARGEST_BYTES + 1))) == [("file", "size")]
    assert refused(fixture("scram-cam-csv", REAL["scram-cam-csv"], time_zone="Mars/Olympus")) == [("file", "time_zone")]


def test_it_takes_the_name_from_the_file_where_there_is_no_other() -> None:
    assert activation_in_file_name("reports/CC6740_CAM_Results.xlsx") == "CC6740"


# generic


GOOD = {"activation": "A1", "happened_at": "2026-02-12T13:05:00Z", "kind": "fix", "lat": 38.6, "lon": -90.2}


def test_it_reads_json_with_the_keys_of_the_contract() -> None:
    decoded = fixture("generic", "generic/batch.json", None)
    assert [(one.activation, one.kind) for one in decoded.readings] == [("A1", "fix"), ("A1", "alcohol"), ("A1", "fix")]
    assert decoded.readings[0].strap_ok is True
    assert decoded.readings[1].tac_g_dl == 0.021
    assert at(decoded.readings[1]) == "2026-02-12T13:06:00Z"
    assert refused(decoded) == [("item 3", "happened_at"), ("item 5", "acuracy_m"), ("item 6", "reading")]
    assert [one.where for one in decoded.marked] == ["item 4"]


def test_it_reads_a_list_an_object_and_one_object_a_line_alike() -> None:
    one, other = GOOD, {**GOOD, "happened_at": "2026-02-12T13:06:00Z"}
    listed = decode("generic", json.dumps([one, other]), None)
    lines = decode("generic", f"{json.dumps(one)}\n\n{json.dumps(other)}\n", None)
    assert listed.readings == lines.readings
    assert decode("generic", json.dumps(one), None).readings == listed.readings[:1]


def test_it_keeps_the_lines_round_a_broken_one() -> None:
    decoded = decode("generic", f'{json.dumps(GOOD)}\n{{"activation": \n{json.dumps(GOOD)}', None)
    assert len(decoded.readings) == 2
    assert refused(decoded) == [("line 2", "reading")]


def test_it_reads_the_contracts_csv_and_gives_it_to_the_activation_named() -> None:
    header = "activation,happened_at,kind,lat,lon,accuracy_m,source,satellites,hdop,battery_pct,strap_ok,motion"
    body = f"{header},tac_g_dl,ir_v,temperature_f\nA1,2026-02-12T13:05:00Z,alcohol,,,,,,,,,,0.02,0.9,90\n"
    assert decode("generic", body, None).readings[0].activation == "A1"
    assert decode("generic", body, "B2").readings[0].activation == "B2"
    assert refused(decode("generic", body.replace("tac_g_dl", "tac"), None)) == [("file", "format")]


# moj-trail


def test_it_reads_the_trail_as_csv_and_as_json_alike() -> None:
    from_csv, from_json = (
        fixture("moj-trail", "moj_trail/trail.csv", None),
        fixture("moj-trail", "moj_trail/trail.json", None),
    )
    assert from_csv.readings[:6] == from_json.readings
    first = from_csv.readings[0]
    assert (first.activation, at(first), first.source, first.accuracy_m) == ("1782", "2026-01-29T12:29:24Z", "gps", 2.0)


def test_it_takes_a_dilution_that_stands_for_not_known_as_not_sent() -> None:
    for reading in fixture("moj-trail", "moj_trail/trail.csv", None).readings:
        assert reading.hdop is None
        assert (reading.satellites is None) == (reading.source == "cell")


HEADER_OF_TRAIL = "positionId,deviceId,gpsDate,latitude,longitude,precision,lbs,satellite,hdop,speed,direction\n"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("1,1782,2026-01-29T12:29:24,52.6,-1.1,2,1,14,0,0,0", "gpsDate"),
        ("1,1782,2026-01-29T12:29:24Z,north,-1.1,2,1,14,0,0,0", "latitude"),
        ("1,1782,2026-01-29T12:29:24Z,52.6,-1.1,2,3,14,0,0,0", "lbs"),
        ("1,,2026-01-29T12:29:24Z,52.6,-1.1,2,1,14,0,0,0", "deviceId"),
        ("1,1782,2026-01-29T12:29:24Z,52.6,-1.1", "position"),
    ],
)
def test_it_refuses_a_position_by_the_field_that_is_wrong(row: str, field: str) -> None:
    good = "2,1782,2026-01-29T12:30:24Z,52.6,-1.1,2,4,0,0,0,0"
    decoded = decode("moj-trail", f"{HEADER_OF_TRAIL}{row}\n{good}\n", None)
    assert refused(decoded) == [("line 2", field)]
    assert [one.source for one in decoded.readings] == ["rf"]


@needs_recordings
def test_it_reads_the_whole_trail() -> None:
    decoded = decode("moj-trail", gzip.decompress(TRAIL.read_bytes()), None)
    assert not decoded.refused
    assert Counter(one.source for one in decoded.readings) == {"cell": 7854, "gps": 526}


# scram-cam


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Client Report"
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEADER = ("TAC Level", "IR Voltage", "Temperature", "Time", "Date")
NOON = datetime(2017, 5, 2, 12, 0, 3)  # noqa: DTZ001  wall time, as the report gives it


def test_it_reads_the_vendors_workbook() -> None:
    decoded = fixture("scram-cam-xlsx", REAL["scram-cam-xlsx"], "MC7070", time_zone=SAN_DIEGO)
    plain = fixture("scram-cam-csv", REAL["scram-cam-csv"], None, time_zone=SAN_DIEGO)
    assert not decoded.refused
    assert decoded.readings == [one for one in plain.readings if one.activation == "MC7070"][:26]
    assert at(decoded.readings[0]) == "2017-05-02T17:52:32Z"


def test_it_reads_a_sheet_with_a_blank_first_row_two_headers_and_a_name() -> None:
    body = workbook(
        (None,) * 5,
        ("Client:", "SF3079"),
        ("Readings",),
        HEADER,
        (None,) * 5,
        ("0.020 ", 0.9, 90.5, NOON, NOON),
        HEADER,
        (None, 0.9, 90.5, NOON + timedelta(minutes=30), NOON),
    )
    decoded = decode("scram-cam-xlsx", body, None, time_zone=SAN_DIEGO)
    assert not decoded.refused
    assert [(one.activation, one.tac_g_dl) for one in decoded.readings] == [("SF3079", 0.02), ("SF3079", None)]


def test_it_names_each_row_that_is_no_reading() -> None:
    body = workbook(
        HEADER,
        ("high", 0.9, 90.0, NOON, NOON),
        ("0.020", 0.9, 90.0, None, None),
        ("0.020", 0.9, 90.0, NOON + timedelta(days=1), NOON),
        (None, None, None, NOON, NOON),
        ("0.021", 0.9, 90.0, NOON, NOON),
        ("Total", None, None, None, None),
    )
    decoded = decode("scram-cam-xlsx", body)
    assert [one.tac_g_dl for one in decoded.readings] == [0.021]
    assert sorted(refused(decoded)) == [
        ("row 2", "tac_g_dl"),
        ("row 3", "time"),
        ("row 4", "time"),
        ("row 5", "tac_g_dl"),
        ("row 7", "time"),
    ]


@pytest.mark.parametrize(
    ("day", "hour"),
    [
        (NOON, NOON),
        (NOON.date(), NOON.time()),
        ("5/2/2017", "12:00:03 PM"),
        ("2017-05-02", "12:00:03"),
        (42857, 0.5000347222),
        (42857.5000347222, None),
    ],
)
def test_it_reads_day_and_time_however_the_cells_hold_them(day: Any, hour: Any) -> None:
    decoded = decode("scram-cam-xlsx", workbook(HEADER, ("0.020", 0.9, 90.0, hour, day)), time_zone="UTC")
    assert not decoded.refused
    assert at(decoded.readings[0]) == "2017-05-02T12:00:03Z"


def test_it_reads_the_night_the_clock_goes_back_by_the_order_of_the_rows() -> None:
    wall = [
        "2026-11-01 00:40:00",
        "2026-11-01 01:10:00",
        "2026-11-01 01:40:00",
        "2026-11-01 01:10:00",
        "2026-11-01 01:40:00",
    ]
    rows = [f"P,{written},0.0{place}0,0.9,90" for place, written in enumerate(wall)]
    header = "pid,time_local,tac_g_dl,ir_voltage,temperature_f"
    for ordered in (rows, rows[::-1]):
        decoded = decode("scram-cam-csv", "\n".join([header, *ordered]), None)
        assert {one.tac_g_dl: at(one) for one in decoded.readings} == {
            0.0: "2026-11-01T05:40:00Z",
            0.01: "2026-11-01T06:10:00Z",
            0.02: "2026-11-01T06:40:00Z",
            0.03: "2026-11-01T07:10:00Z",
            0.04: "2026-11-01T07:40:00Z",
        }


def test_it_refuses_a_copy_that_was_smoothed_and_shifted() -> None:
    decoded = decode("scram-cam-csv", "timestamp,TAC_Reading\n1493733882,-0.010229\n")
    assert refused(decoded) == [("file", "format")]
    assert "smoothed" in decoded.refused[0].words


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def test_it_refuses_bombs_and_entities_before_they_are_unpacked() -> None:
    bomb = packed(sheet=b"0" * (70 * 2**20))
    assert len(bomb) < 100_000
    assert "unpacks to" in decode("scram-cam-xlsx", bomb).refused[0].words
    tricky = packed(sheet=b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')
    assert "entities" in decode("scram-cam-xlsx", tricky).refused[0].words


# nmea


def sentence(content: str) -> str:
    checksum = 0
    for byte in content.encode():
        checksum ^= byte
    return f"${content}*{checksum:02X}\r\n"


def test_it_reads_a_receivers_log_over_midnight() -> None:
    decoded = fixture("nmea", REAL["nmea"])
    assert [(at(one), one.kind, one.satellites, one.hdop) for one in decoded.readings] == [
        ("2026-03-01T23:59:58Z", "status", None, None),
        ("2026-03-01T23:59:59Z", "fix", 9, 0.92),
        ("2026-03-02T00:00:00Z", "fix", 4, 21.1),
        ("2026-03-02T00:00:01Z", "fix", 0, 99.99),
        ("2026-03-02T00:00:02.500Z", "fix", 7, 1.2),
        ("2026-03-02T00:00:05Z", "fix", None, None),
    ]
    assert decoded.readings[1].lat == pytest.approx(38.6272)
    assert decoded.readings[1].lon == pytest.approx(-90.1994)


def test_it_names_what_is_between_the_sentences_and_what_is_damaged() -> None:
    assert sorted(refused(fixture("nmea", REAL["nmea"]))) == [
        ("line 10", "sentence"),
        ("line 14", "mode"),
        ("line 15", "checksum"),
        ("line 17", "checksum"),
        ("line 18", "RMC"),
    ]


def test_it_does_not_trust_a_poor_dilution_or_a_receiver_without_satellites() -> None:
    doubt, _ = radius_of_doubt(columns(fixture("nmea", REAL["nmea"]).readings)["A"])
    assert doubt[2:4].tolist() == [200.0, 200.0]


def test_it_gives_sentences_before_the_first_day_the_day_that_follows() -> None:
    position = "3837.6320,N,09011.9640,W"
    log = sentence(f"GPGGA,235959,{position},1,08,1.0,0,M,0,M,,")
    log += sentence(f"GPRMC,000000,A,{position},0,,020326,,,A")
    log += sentence(f"GPGGA,000001,{position},1,08,1.0,0,M,0,M,,")
    assert [at(one) for one in decode("nmea", log).readings] == [
        "2026-03-01T23:59:59Z",
        "2026-03-02T00:00:00Z",
        "2026-03-02T00:00:01Z",
    ]


def test_it_refuses_positions_of_no_known_day() -> None:
    log = sentence("GPGGA,235959,3837.6320,N,09011.9640,W,1,08,1.0,0,M,0,M,,")
    assert refused(decode("nmea", log)) == [("line 1", "date")]


def test_one_sentence_that_calls_an_epoch_void_makes_it_contact_without_a_position() -> None:
    position = "3837.6320,N,09011.9640,W"
    log = sentence(f"GPGGA,120000,{position},1,08,1.0,0,M,0,M,,") + sentence(f"GPRMC,120000,V,{position},0,,020326,,,A")
    assert [(one.kind, one.lat) for one in decode("nmea", log).readings] == [("status", None)]


@pytest.mark.parametrize("day", ["320326", "020399", "0203", "02o326"])
def test_it_refuses_or_marks_a_day_that_cannot_be(day: str) -> None:
    decoded = decode("nmea", sentence(f"GPRMC,120000,A,3837.6320,N,09011.9640,W,0,,{day},,,A"))
    assert len(decoded.refused) + len(decoded.marked) == 1


@pytest.mark.parametrize("lat", ["3860.0000,N", "3837.6320,X", "3837.6320,", "x,N", "38.6,N"])
def test_it_refuses_degrees_and_minutes_that_cannot_be(lat: str) -> None:
    decoded = decode("nmea", sentence(f"GPRMC,120000,A,{lat},09011.9640,W,0,,020326,,,A"))
    assert refused(decoded) == [("line 1", "RMC")]


# gpx


def test_it_reads_the_track_points_of_every_track_and_refuses_plans_and_places() -> None:
    decoded = fixture("gpx", REAL["gpx"])
    assert [(at(one), one.kind, one.lat, one.satellites, one.hdop) for one in decoded.readings] == [
        ("2026-03-02T14:05:00Z", "fix", 38.6272, 9, 0.9),
        ("2026-03-02T14:06:00Z", "fix", 38.6273, 5, 2.5),
        ("2026-03-02T14:08:00.250Z", "status", None, None, None),
        ("2026-03-02T14:09:00Z", "fix", 91.0, None, None),
        ("2026-03-02T14:11:00Z", "fix", 38.6276, None, None),
    ]
    assert refused(decoded) == [("line 4", "wpt"), ("line 5", "rtept"), ("line 13", "time"), ("line 20", "lat")]
    assert [one.where for one in decoded.marked] == ["line 19"]


def test_it_reads_the_older_version_with_a_prefix() -> None:
    assert [(at(one), one.hdop) for one in fixture("gpx", "gpx/walk_1_0.gpx").readings] == [
        ("2026-03-02T14:05:00Z", 144.0)
    ]


def test_it_keeps_what_stood_before_a_break() -> None:
    body = (FIXTURES / REAL["gpx"]).read_bytes()
    decoded = decode("gpx", body[: body.index(b'<trkseg>\n      <trkpt lat="38.6274"')])
    assert len(decoded.readings) == 2
    assert decoded.refused[-1].field == "format"
    assert "breaks off" in decoded.refused[-1].words


@pytest.mark.parametrize(
    "declared", ['<!DOCTYPE gpx [<!ENTITY a "b">]>', '<!DOCTYPE gpx SYSTEM "https://example.org/x">']
)
def test_it_refuses_document_types_and_entities(declared: str) -> None:
    decoded = decode("gpx", f'<?xml version="1.0"?>{declared}<gpx><trk/></gpx>')
    assert refused(decoded) == [("file", "format")]
    assert "entity" in decoded.refused[0].words


# generic, the short way: what it takes, it takes as the long way does

NUMBERS = (
    st.none() | st.integers() | st.floats() | st.booleans() | st.sampled_from(["7", "38.65", " 3 ", "", "1_0", 7.0])
)
WORDS = st.sampled_from(
    [None, "", "fix", "gps", "GPS", " gps", "status", "drive_by", "elsewhere", "A1", " A1 ", 5, True]
)
INSTANTS = st.sampled_from(
    ["2026-03-02T18:00:00Z", "2026-03-02T12:00:00.123456-06:00", "2026-03-02 18:00:00+00:00", "20260302T180000Z",
     "2026-03-02T18:00:00", "1970-01-01T00:00:00Z", "", "noon", 1772474400, None]
)  # fmt: skip
SENT = st.fixed_dictionaries(
    {"activation": WORDS | st.just("A1"), "happened_at": INSTANTS, "kind": WORDS | st.just("fix")},
    optional={
        name: st.booleans() | NUMBERS if name in ("strap_ok", "motion") else WORDS if name == "source" else NUMBERS
        for name in generic.COLUMNS[3:]
    }
    | {"lattitude": NUMBERS, "note": WORDS},
)


@settings(max_examples=400)
@given(sent=st.lists(SENT, min_size=1, max_size=2), by_line=st.booleans())
def test_generic_reads_the_short_way_what_it_would_read_the_long_way(sent, by_line):
    body = "\n".join(map(json.dumps, sent)) if by_line else json.dumps(sent)
    short = generic._in_order(body.encode())
    assert not short or Decoded(short, [], []) == generic._from_json(body, None)


def test_generic_reads_a_message_in_order_the_short_way():
    sent = {"activation": "A1", "happened_at": "2026-03-02T18:00:00.25Z", "kind": "fix", "lat": 38, "lon": -90.33}
    sent |= {"satellites": 7, "strap_ok": False, "source": "gps"}
    for body in (json.dumps([sent] * 3), "\n".join([json.dumps(sent)] * 3)):
        assert generic._in_order(body.encode()) == generic._from_json(body, None).readings
    for odd in ({"lat": 0.0, "lon": 0.0}, {"lat": None}, {"battery_pct": 120}, {"activation": " A1"}, {"longitude": 1}):
        assert not generic._in_order(json.dumps([sent, sent | odd]).encode())
