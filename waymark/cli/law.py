"""`waymark law ...`: questions of law from the command line. Nothing here needs a database but `recompute`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from waymark.cli import library
from waymark.facts.faults import Fault, FaultyFacts
from waymark.law.catalogue import QUESTIONS, answer, provisions_citing


@click.group()
def law() -> None:
    """Ask the law about a case, or where a section is implemented."""


def _question(name: str) -> click.Command:
    """`waymark law NAME FACTS` and `--many`, the same for every question of the catalogue."""

    @click.command(name, help=f"{QUESTIONS[name].words} (RSMo {QUESTIONS[name].section}). FACTS: a JSON file, or - .")
    @click.argument("facts", required=False)
    @click.option("--many", metavar="FILE", help="NDJSON, one question a line; answers in the same order.")
    def ask(facts: str | None, many: str | None) -> None:
        if (facts is None) == (many is None):
            raise click.UsageError("Give FACTS (a file or -), or --many FILE.")
        sys.exit(_answer_many(name, many) if many is not None else _answer_one(name, str(facts)))

    return ask


for _name in QUESTIONS:
    law.add_command(_question(_name))


def _answer_one(name: str, source: str) -> int:
    try:
        click.echo(json.dumps(answer(name, _read(source)), ensure_ascii=False))
    except FaultyFacts as refused:
        for fault in refused.faults:
            click.echo(str(fault), err=True)
        return 2
    return 0


def _answer_many(name: str, source: str) -> int:
    """Every line gets its answer in its place; one faulty line never loses the others."""
    status = 0
    for line in _lines(source):
        try:
            answered = answer(name, line)
        except FaultyFacts as refused:
            status = 2
            answered = {"errors": [str(fault) for fault in refused.faults]}
        click.echo(json.dumps(answered, ensure_ascii=False))
    return status


def _read(source: str) -> bytes:
    if source == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise FaultyFacts(
            [Fault("input", f"{source} cannot be read ({error.strerror}). Give a JSON file, or -.")]
        ) from error


def _lines(source: str) -> Iterator[bytes]:
    if source == "-":
        yield from (line for line in sys.stdin.buffer if line.strip())
        return
    try:
        with Path(source).open("rb") as file:
            yield from (line for line in file if line.strip())
    except OSError as error:
        raise click.ClickException(f"{source} cannot be read ({error.strerror}).") from error


@law.command()
@click.argument("section")
def cite(section: str) -> None:
    """Our reading of a SECTION ("217.703", "217.703.5"), the provisions that implement it and its golden cases."""
    paragraphs = library.readings(section)
    provisions = provisions_citing(section)
    cases = library.golden_cases(section)
    if not paragraphs and not provisions:
        known = ", ".join(library.sections())
        click.echo(f"section: {section} is not read here. Sections read: {known}.", err=True)
        sys.exit(2)
    found: dict[str, Any] = {
        "section": section,
        "paragraphs": paragraphs,
        "provisions": [
            {
                "cite": provision.cite,
                "words": provision.words,
                "since": provision.since.isoformat(),
                "until": provision.until.isoformat() if provision.until else None,
                "where": provision.where,
            }
            for provision in provisions
        ],
        "golden_cases": cases,
    }
    click.echo(json.dumps(found, ensure_ascii=False))


@law.command()
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day to compute for (today).")
def recompute(as_of: Any) -> None:
    """Compute every determination of the caseload again, resuming a run that was cut off."""
    from waymark.cli import set_up_django

    set_up_django()
    from waymark.audit.origin import origin
    from waymark.cases.actions.recompute import recompute as run
    from waymark.web import clock

    origin.set("command line")
    with click.progressbar(length=1, label="Terms", file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        finished = run(as_of.date() if as_of else clock.today(), "asked for on the command line", progress=progress)
    click.echo(
        json.dumps(
            {
                "as_of": finished.as_of.isoformat(),
                "terms": finished.terms_seen,
                "dates_changed": finished.dates_changed,
                "faulty": finished.faulty,
            }
        )
    )
