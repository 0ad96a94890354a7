"""`waymark monitor ...`: what devices said, evaluated from files. Nothing here needs a database."""

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

from waymark.facts.faults import Fault, FaultyFacts
from waymark.telemetry import plan as plans
from waymark.telemetry.readings import Decoded, Reading, Refused, read_csv

GZIP = b"\x1f\x8b"
MOST_BYTES = 4 * 2**30  # of readings, unpacked
MARKS_SHOWN = 100


@click.group()
def monitor() -> None:
    """Replay what devices said against a plan."""


@monitor.command()
@click.argument("plan")
@click.argument("readings")
@click.option("--vendor", metavar="NAME", help="READINGS is this vendor's own file.")
@click.option("--activation", metavar="A", help="Whose readings these are, where the vendor's file does not say.")
def replay(plan: str, readings: str, vendor: str | None, activation: str | None) -> None:
    """Evaluate READINGS (CSV, or - ; gzip is unpacked) against PLAN (JSON): one episode a line.

    The same input gives the same bytes, in whatever order the readings come and however often.
    """
    if plan == readings == "-":
        raise click.UsageError("Only one of PLAN and READINGS can be standard input.")
    if activation is not None and vendor is None:
        raise click.UsageError("--activation goes with --vendor: the contract's CSV names the activation in each row.")
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


def _read_both(plan: str, readings: str, vendor: str | None, activation: str | None) -> tuple[plans.Plan, Decoded]:
    """Raises FaultyFacts with the faults of both."""
    faults: list[Fault] = []
    try:
        the_plan = plans.read(_bytes(plan, "input", "a JSON file"))
    except FaultyFacts as refused:
        faults += refused.faults
    try:
        decoded = read_readings(readings, vendor, activation)
    except FaultyFacts as refused:
        faults += refused.faults
    if faults:
        raise FaultyFacts(faults)
    return the_plan, decoded


def read_readings(source: str, vendor: str | None = None, activation: str | None = None) -> Decoded:
    """READINGS of a command. Raises FaultyFacts when the file cannot be right: a header or a row that is not the
    contract's CSV, or nothing that could be read. What a vendor's file holds that could not be read is marked.
    """
    body = _unpacked(_bytes(source, "readings", "a CSV file"))
    _tell(f"Reading {len(body):,} bytes ...")
    decoded = _decoded(body, vendor, activation)
    if decoded.refused and (vendor is None or not decoded.readings):
        raise FaultyFacts([Fault(f"readings.{row.where}.{row.field}", row.words) for row in decoded.refused])
    if not decoded.readings:
        raise FaultyFacts([Fault("readings", "hold no reading. Give at least one.")])
    return decoded._replace(refused=[], marked=[*decoded.refused, *decoded.marked])


def _decoded(body: bytes, vendor: str | None, activation: str | None) -> Decoded:
    if vendor is not None:
        from waymark.telemetry.vendors import VENDORS  # brings the libraries of every vendor's format

        if vendor not in VENDORS:
            raise click.UsageError(f'"{vendor}" is not a vendor here. Give one of {", ".join(sorted(VENDORS))}.')
        return VENDORS[vendor].decode(body, activation)
    try:
        return read_csv(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise FaultyFacts(
            [Fault("readings", f"are not UTF-8 text (byte {error.start}). Give CSV, or name the vendor.")]
        ) from error


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


def _mention_strangers(plan: plans.Plan, readings: Iterable[Reading]) -> None:
    known = {participant.activation for participant in plan.participants}
    strangers = Counter(reading.activation for reading in readings if reading.activation not in known)
    for activation, count in sorted(strangers.items()):
        click.echo(f"readings: {activation} is not in the plan; its {count:,} readings were left out.", err=True)


def _tell(words: str) -> None:
    """Progress, for somebody who waits at a terminal."""
    if sys.stderr.isatty():
        click.echo(words, err=True)
