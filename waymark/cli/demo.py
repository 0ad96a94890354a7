"""`waymark demo ...`: the synthetic county."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date, datetime

import click

from waymark.demo.load import Loaded, NotEmpty, steps
from waymark.demo.load import load as load_county
from waymark.web.clock import today


@click.group()
def demo() -> None:
    """Fill an empty database with the demo county."""


@demo.command("load")
@click.option("--people", default=4000, show_default=True, type=click.IntRange(min=1), help="How many invented people.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same county.")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The morning its books are opened on; today if left out."
)
def load(people: int, seed: int, as_of: datetime | None) -> None:
    """Write the county, its published cases and every determination; print what was written as JSON."""
    try:
        loaded = load_with_progress(people, seed, as_of.date() if as_of else today())
    except NotEmpty as refused:
        raise click.ClickException(str(refused)) from None
    click.echo(json.dumps(asdict(loaded)))


def load_with_progress(people: int, seed: int, as_of: date) -> Loaded:
    """With a bar on standard error while somebody watches."""
    with click.progressbar(length=steps(people), label=f"Demo county of {people}", file=sys.stderr) as bar:
        return load_county(people, seed, as_of, bar.update)
