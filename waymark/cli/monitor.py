"""`waymark monitor ...`: what devices said, evaluated from files. What needs a database stands in cli/engine.py."""

from __future__ import annotations

import gzip
import io
import json
import sys
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from waymark.cli.engine import engine, import_file
from waymark.facts.faults import Fault, FaultyFacts
from waymark.telemetry.alcohol import alcohol_episodes
from waymark.telemetry.plan import Plan
from waymark.telemetry.plan import read as read_plan
from waymark.telemetry.readings import Decoded, Reading, Refused, columns, read_csv
from waymark.telemetry.vendors import DEFAULT_TIME_ZONE, VENDORS, activation_in_file_name

GZIP = b"\x1f\x8b"
MOST_BYTES = 4 * 2**30  # of readings, unpacked
MARKS_SHOWN = 100


@click.group()
def monitor() -> None:
    """Replay what devices said against a plan; find the alcohol curves in it."""


monitor.add_command(engine)
monitor.add_command(import_file)


@monitor.command()
@click.argument("plan")
@click.argument("readings")
@click.option("--vendor", metavar="NAME", help="READINGS is this vendor's own file.")
@click.option("--activation", metavar="A", help="Whose readings these are, whatever the vendor's file says.")
def replay(plan: str, readings: str, vendor: str | None, activation: str | None) -> None:
    """Evaluate READINGS (CSV, or - ; gzip is unpacked) against PLAN (JSON): one episode a line.

    The same input gives the same bytes, in whatever order the readings come and however often.
    """
    if plan == readings == "-":
        raise click.UsageError("Only one of PLAN and READINGS can be standard input.")
    if activation is not None and vendor is None:
        raise click.UsageError("--activation goes with --vendor: each row of the CSV names its activation.")
    try:
        the_plan, decoded = _read_both(plan, readings, vendor, activation)
    except FaultyFacts as refused:
        for fault in refused.faults:
            click.echo(str(fault), err=True)
        sys.exit(2)
    _mention(decoded.marked)
    _mention_strangers(the_plan, decoded.readings)
    from waymark.telemetry.evaluate import replay as evaluate  # after the faults: the compiled kernel takes its time

    _tell(f"Evaluating {len(decoded.readings):,} readings ...")
    for episode in evaluate(the_plan, decoded.readings):
        click.echo(json.dumps(episode.as_json(), ensure_ascii=False))


@monitor.command()
@click.argument("readings")
@click.option("--vendor", metavar="NAME", help="READINGS is this vendor's own file.")
@click.option("--activation", metavar="A", help="Whose readings these are, whatever the vendor's file says.")
@click.option("--time-zone", metavar="Z", help=f"Of a vendor's file that gives local times ({DEFAULT_TIME_ZONE}).")
def alcohol(readings: str, vendor: str | None, activation: str | None, time_zone: str | None) -> None:
    """Find the alcohol curves in READINGS (CSV, or - ; gzip is unpacked): one a line, every criterion with its number.

    No class is a conclusion: a person decides.
    """
    if vendor is None and (activation or time_zone):
        raise click.UsageError("--activation and --time-zone go with --vendor: each row of the CSV says both itself.")
    otherwise = None if readings == "-" else activation_in_file_name(readings)
    try:
        decoded = read_readings(readings, vendor, activation, time_zone or DEFAULT_TIME_ZONE, otherwise=otherwise)
    except FaultyFacts as refused:
        for fault in refused.faults:
            click.echo(str(fault), err=True)
        sys.exit(2)
    _mention(decoded.marked)
    for participant, table in sorted(columns(decoded.readings).items()):
        for episode in alcohol_episodes(table):
            click.echo(json.dumps(episode.as_json(participant), ensure_ascii=False))


def _read_both(plan: str, readings: str, vendor: str | None, activation: str | None) -> tuple[Plan, Decoded]:
    """Raises FaultyFacts with the faults of both."""
    the_plan, faults = None, []
    try:
        the_plan = read_plan(_bytes(plan, "input", "a JSON file"))
    except FaultyFacts as refused:
        faults += refused.faults
    try:
        time_zone = the_plan.time_zone if the_plan else "UTC"
        decoded = read_readings(readings, vendor, activation, time_zone, otherwise=_whose_file(readings, the_plan))
    except FaultyFacts as refused:
        faults += refused.faults
    if faults or the_plan is None:
        raise FaultyFacts(faults)
    return the_plan, decoded


def _whose_file(source: str, plan: Plan | None) -> str | None:
    """Whose readings a file holds that does not say so itself: those of the only participant of the plan, or of the
    one it is named after ("1782.gpx"). None: nobody can tell.
    """
    activations = [participant.activation for participant in plan.participants] if plan else ["not known"]
    if len(activations) == 1:
        return activations[0]
    named = activation_in_file_name(source)
    return named if named in activations else None


def read_readings(
    source: str, vendor: str | None, activation: str | None, time_zone: str, *, otherwise: str | None
) -> Decoded:
    """READINGS of a command. Raises FaultyFacts when the file cannot be right: a header or a row that is not the
    contract's CSV, or nothing that could be read. What else of a vendor's file could not be read is marked.

    `activation`: whose they are, whatever the file says; `otherwise`: whose, where it does not say. `time_zone`: of a
    file that gives local times.
    """
    body = _unpacked(_bytes(source, "readings", "a CSV file"))
    _tell(f"Reading {len(body):,} bytes ...")
    decoded = _read_csv(body) if vendor is None else _decode(body, vendor, activation, otherwise, time_zone)
    if decoded.refused and (vendor is None or not decoded.readings):
        raise FaultyFacts([Fault(f"readings.{row.where}.{row.field}", row.words) for row in decoded.refused])
    if not decoded.readings:
        raise FaultyFacts([Fault("readings", "hold no reading. Give at least one.")])
    return decoded._replace(refused=[], marked=[*decoded.refused, *decoded.marked])


def _read_csv(body: bytes) -> Decoded:
    try:
        return read_csv(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        words = f"are not UTF-8 text (byte {error.start}). Give CSV, or name the vendor with --vendor."
        raise FaultyFacts([Fault("readings", words)]) from error


def _decode(body: bytes, name: str, activation: str | None, otherwise: str | None, time_zone: str) -> Decoded:
    if name not in VENDORS:
        raise click.UsageError(f'"{name}" is not a vendor here. Give one of {", ".join(VENDORS)}.')
    decoded = VENDORS[name].decode(body, activation, time_zone=time_zone)
    if otherwise and not decoded.readings and any(row.field == "activation" for row in decoded.refused):
        return VENDORS[name].decode(body, otherwise, time_zone=time_zone)
    return decoded


def _bytes(source: str, path: str, what: str) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise FaultyFacts([Fault(path, f"{source} cannot be read ({error.strerror}). Give {what}, or -.")]) from error


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(GZIP):
        return body
    try:
        unpacked = gzip.GzipFile(fileobj=io.BytesIO(body)).read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise FaultyFacts([Fault("readings", f"cannot be unpacked ({error}). Give whole gzip, or CSV.")]) from error
    if len(unpacked) > MOST_BYTES:
        raise FaultyFacts([Fault("readings", f"are more than {MOST_BYTES:,} bytes unpacked. Give them in parts.")])
    return unpacked


def _mention(marked: Iterable[Refused]) -> None:
    marks = list(marked)
    for mark in marks[:MARKS_SHOWN]:
        click.echo(f"readings.{mark}", err=True)
    if len(marks) > MARKS_SHOWN:
        click.echo(f"readings: {len(marks) - MARKS_SHOWN:,} more fields like these were left out.", err=True)


def _mention_strangers(plan: Plan, readings: Iterable[Reading]) -> None:
    known = {participant.activation for participant in plan.participants}
    strangers = Counter(reading.activation for reading in readings if reading.activation not in known)
    for activation, count in sorted(strangers.items()):
        click.echo(f"readings: {activation} is not in the plan; its {count:,} readings were left out.", err=True)


def _tell(words: str) -> None:
    """Progress, for somebody who waits at a terminal."""
    if sys.stderr.isatty():
        click.echo(words, err=True)
