"""`waymark monitor alcohol`: the contract's lines, and the contract's exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import waymark.telemetry
from waymark.cli.monitor import monitor

FIXTURES = Path(waymark.telemetry.__file__).parent / "tests" / "fixtures" / "scram_cam"
CONTRACT = [
    "participant",
    "opened_at",
    "closed_at",
    "peak_tac",
    "time_of_peak",
    "absorption_g_dl_h",
    "elimination_g_dl_h",
    "consecutive_over_020",
    "area_g_dl_h",
    "class",
    "why",
    "truncated",
]
SAN_DIEGO = ("--time-zone", "America/Los_Angeles")


def alcohol(*words: str | Path, given: str | None = None) -> Result:
    return CliRunner().invoke(monitor, ["alcohol", *map(str, words)], input=given)


def contract_csv(rows: list[str]) -> str:
    header = "activation,happened_at,kind,lat,lon,accuracy_m,source,satellites,hdop,battery_pct,strap_ok,motion"
    return "\n".join([f"{header},tac_g_dl,ir_v,temperature_f", *rows, ""])


def drinking(participant: str, day: int) -> list[str]:
    curve = [0, 0.02, 0.04, 0.06, 0.05, 0.04, 0.03, 0.02, 0.01, 0]
    return [
        f"{participant},2026-03-{day:02d}T{16 + place // 2}:{30 * (place % 2):02d}:00Z,alcohol,,,,,,,,,,{tac},0.9,90"
        for place, tac in enumerate(curve)
    ]


def test_it_writes_one_line_for_each_curve_with_the_contracts_keys() -> None:
    done = alcohol(FIXTURES / "readings.csv", "--vendor", "scram-cam-csv", *SAN_DIEGO)
    assert done.exit_code == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["participant"], line["class"]) for line in lines] == [
        ("DK3500", "confirmable"),
        ("JB3156", "confirmable"),
        ("MC7070", "interferant_suspect"),
    ]
    for line in lines:
        assert list(line)[: len(CONTRACT)] == CONTRACT
    assert "absorption 0.1015" in lines[2]["why"]


def test_it_knows_whose_a_workbook_is_by_the_name_of_the_file() -> None:
    done = alcohol(FIXTURES / "MC7070_CAM_Results.xlsx", "--vendor", "scram-cam-xlsx", *SAN_DIEGO)
    (line,) = map(json.loads, done.stdout.splitlines())
    assert (line["participant"], line["opened_at"]) == ("MC7070", "2017-05-03T00:18:45Z")
    named = alcohol(FIXTURES / "MC7070_CAM_Results.xlsx", "--vendor", "scram-cam-xlsx", "--activation", "7", *SAN_DIEGO)
    assert json.loads(named.stdout)["participant"] == "7"


def test_it_takes_local_times_for_the_first_homes_unless_a_zone_is_named() -> None:
    done = alcohol(FIXTURES / "readings.csv", "--vendor", "scram-cam-csv")
    assert json.loads(done.stdout.splitlines()[2])["opened_at"] == "2017-05-02T22:18:45Z"


def test_it_reads_the_contracts_csv_from_standard_input_in_any_order() -> None:
    rows = drinking("B", 3) + drinking("A", 5) + drinking("A", 2)
    done = alcohol("-", given=contract_csv(rows))
    again = alcohol("-", given=contract_csv(rows[::-1] + rows[:4]))
    assert [(line["participant"], line["opened_at"]) for line in map(json.loads, done.stdout.splitlines())] == [
        ("A", "2026-03-02T16:30:00Z"),
        ("A", "2026-03-05T16:30:00Z"),
        ("B", "2026-03-03T16:30:00Z"),
    ]
    assert again.stdout == done.stdout


def test_it_says_nothing_of_people_who_did_not_drink() -> None:
    done = alcohol("-", given=contract_csv(["A,2026-03-02T16:30:00Z,alcohol,,,,,,,,,,0.000,0.9,90"]))
    assert (done.exit_code, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("words", "given", "fault"),
    [
        (("-",), "pid,time\n", "readings.header: has no column activation"),
        (("-",), contract_csv(["A,2026-03-02T16:30:00Z,alcohol,,,,,,,,,,much,0.9,90"]), 'tac_g_dl: "much" is not'),
        (("nowhere.csv",), None, "readings: nowhere.csv cannot be read"),
        (("-", "--vendor", "scram-cam-xlsx"), "pid,time\n", "is not a workbook"),
        (("-", "--vendor", "scram-cam-csv", "--time-zone", "Mars"), "pid\n", '"Mars" is not a time zone'),
        (("-", "--vendor", "who"), "pid\n", '"who" is not a vendor here'),
        (("-", "--time-zone", "UTC"), "pid\n", "go with --vendor"),
    ],
)
def test_it_answers_faults_on_standard_error_alone(words: tuple[str, ...], given: str | None, fault: str) -> None:
    done = alcohol(*words, given=given)
    assert (done.exit_code, done.stdout) == (2, "")
    assert fault in done.stderr
