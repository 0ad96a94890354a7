"""`waymark monitor replay`: the contract's words for files, faults and exit codes."""

from __future__ import annotations

import gzip
import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from waymark.cli.monitor import monitor
from waymark.cli.tests.test_command import waymark
from waymark.telemetry.readings import COLUMNS

HEADER = ",".join(COLUMNS)
PLAN = {
    "time_zone": "America/Chicago",
    "participants": [
        {
            "activation": "1782",
            "zones": [
                {
                    "id": "home",
                    "kind": "inclusion",
                    "circle": {"lat": 38.63, "lon": -90.2, "radius_m": 100},
                    "schedule": [{"weekly": {"days": ["mon", "tue", "wed"], "from": "20:00", "to": "06:00"}}],
                }
            ],
        }
    ],
}


def rows(activation="1782", out=(22, 23)):
    """A night of one fix a minute at home, Tuesday 3 February 2026 18:00 to 06:30, away between two hours of it."""
    begins = datetime(2026, 2, 4, tzinfo=UTC)
    for minute in range(750):
        at = begins + timedelta(minutes=minute)
        away = out[0] <= 18 + minute / 60 < out[1]
        yield f"{activation},{at:%Y-%m-%dT%H:%M:%SZ},fix,{38.66 if away else 38.63},-90.2,10,gps,9,1,80,true,true,,,"


@pytest.fixture
def files(tmp_path):
    """Writes PLAN and READINGS and gives their names."""

    def write(readings, plan=PLAN, name="readings.csv"):
        (tmp_path / "plan.json").write_text(json.dumps(plan))
        if isinstance(readings, str):
            readings = readings.encode()
        (tmp_path / name).write_bytes(readings)
        return str(tmp_path / "plan.json"), str(tmp_path / name)

    return write


def table(*lines):
    return "\n".join([HEADER, *lines]) + "\n"


def replay(*words, given=None):
    return CliRunner().invoke(monitor, ["replay", *words], input=given, catch_exceptions=False)


def test_it_writes_one_episode_a_line(files):
    done = replay(*files(table(*rows())))
    assert done.exit_code == 0
    assert done.stderr == ""
    (episode,) = map(json.loads, done.stdout.splitlines())
    assert episode["kind"] == "left_during"
    assert (episode["participant"], episode["zone"], episode["severity"]) == ("1782", "home", "P2")
    assert (episode["opened_at"], episode["closed_at"]) == ("2026-02-04T04:00:00Z", "2026-02-04T05:00:00Z")
    assert episode["evidence"]["absence_seconds"] == 3600
    assert {"episode_id", "confidence", "rule_version"} <= episode.keys()


def test_shuffled_and_repeated_readings_give_the_same_bytes(files):
    lines = [*rows(), *rows("1783", out=(21, 21.5))]
    plan = PLAN | {
        "participants": [person | {"activation": name} for name in ("1782", "1783") for person in PLAN["participants"]]
    }
    ordered = replay(*files(table(*lines), plan)).stdout
    assert len(ordered.splitlines()) == 2
    opened = [json.loads(line)["opened_at"] for line in ordered.splitlines()]
    assert opened == sorted(opened)
    again = lines + random.Random(1).choices(lines, k=len(lines) // 20)
    random.Random(2).shuffle(again)
    assert replay(*files(table(*again), plan)).stdout == ordered


def test_it_unpacks_gzip_and_reads_standard_input(files):
    readings = table(*rows())
    expected = replay(*files(readings)).stdout
    packed = gzip.compress(readings.encode())
    plan, file = files(packed, name="night.bin")
    assert replay(plan, file).stdout == expected
    assert replay(plan, "-", given=packed).stdout == expected
    assert replay("-", files(readings)[1], given=json.dumps(PLAN)).stdout == expected


def test_it_names_every_fault_of_plan_and_readings_and_answers_nothing(files):
    plan = json.loads(json.dumps(PLAN))
    plan["participants"][0]["zones"][0]["circle"]["lat"] = 91
    plan["participants"][0]["zones"][0]["schedule"][0]["weekly"]["to"] = "25:00"
    done = replay(*files(table("1782,noon,fix,x,-90.2,,,,,,,,,,", *rows()), plan))
    assert done.exit_code == 2
    assert done.stdout == ""
    assert [line.split(": ")[0] for line in done.stderr.splitlines()] == [
        "participants.0.zones.0.circle.lat",
        "participants.0.zones.0.schedule.0.weekly.to",
        "readings.line 2.happened_at",
        "readings.line 2.lat",
    ]


@pytest.mark.parametrize(
    ("readings", "named"),
    [
        (b"", "readings.header: has no column activation."),
        (HEADER.replace("lat", "latt").encode() + b"\n", "readings.header: has no column lat. It has latt."),
        (HEADER.encode() + b"\n", "readings: hold no reading."),
        (HEADER.encode() + b"\n\xff\xfe", "readings: are not UTF-8 text"),
        (gzip.compress(HEADER.encode())[:-9], "readings: cannot be unpacked"),
    ],
)
def test_it_refuses_readings_that_cannot_be_right(files, readings, named):
    done = replay(*files(readings))
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(named)


def test_it_refuses_files_that_are_not_there(tmp_path):
    done = replay(str(tmp_path / "plan.json"), str(tmp_path / "readings.csv"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["input", "readings"]


def test_what_a_device_cannot_mean_is_marked_and_the_rest_goes_on(files):
    strange = [
        "1782,2026-02-04T03:00:30Z,fix,91,-90.2,10,gps,9,1,80,true,true,,,",
        "1782,2026-02-04T03:01:30Z,fix,0,0,10,gps,9,1,80,true,true,,,",
        "1782,1970-01-01T00:00:00Z,fix,38.66,-90.2,10,gps,9,1,80,true,true,,,",
    ]
    expected = replay(*files(table(*rows())))
    done = replay(*files(table(*strange, *rows())))
    assert done.exit_code == 0
    assert [line.split(": ")[0] for line in done.stderr.splitlines()] == [
        "readings.line 2.lat",
        "readings.line 3.lat",
        "readings.line 4.happened_at",
    ]
    kinds = [json.loads(line)["kind"] for line in done.stdout.splitlines()]
    assert kinds == [json.loads(line)["kind"] for line in expected.stdout.splitlines()]


def test_readings_of_somebody_the_plan_does_not_name_are_mentioned_and_left_out(files):
    done = replay(*files(table(*rows(), *rows("1799", out=(20, 24)))))
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == "readings: 1799 is not in the plan; its 750 readings were left out.\n"


TRACK = """<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>{}</trkseg></trk></gpx>"""


def track():
    points = [row.split(",") for row in rows()]
    return TRACK.format("".join(f'<trkpt lat="{p[3]}" lon="{p[4]}"><time>{p[1]}</time></trkpt>' for p in points))


def test_a_file_that_does_not_say_whose_it_is_is_the_only_participants(files):
    plan, file = files(track())
    done = replay(plan, file, "--vendor", "gpx")
    assert done.exit_code == 0
    assert [json.loads(line)["participant"] for line in done.stdout.splitlines()] == ["1782"]
    named = replay(plan, file, "--vendor", "gpx", "--activation", "1799")
    assert named.stdout == ""
    assert "1799 is not in the plan" in named.stderr


def test_of_several_participants_it_is_the_one_the_file_is_named_after(files):
    plan = PLAN | {"participants": [*PLAN["participants"], {"activation": "1783"}]}
    done = replay(*files(track(), plan, name="1782.gpx"), "--vendor", "gpx")
    assert [json.loads(line)["participant"] for line in done.stdout.splitlines()] == ["1782"]
    done = replay(*files(track(), plan, name="track.gpx"), "--vendor", "gpx")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "activation" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--vendor", "acme"], '"acme" is not a vendor here. Give one of generic, '),
        (["--activation", "1782"], "--activation goes with --vendor"),
    ],
)
def test_it_says_how_to_ask(files, words, said):
    done = replay(*files(table(*rows())), *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_plan_and_readings_cannot_both_be_standard_input():
    assert replay("-", "-", given="{}").exit_code == 2


def test_it_needs_no_django():
    done = waymark("monitor", "replay", "--help")
    assert done.returncode == 0, done.stderr
    assert done.stderr.split()[-1] == "False"
