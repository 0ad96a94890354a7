"""`waymark demo ...`: the synthetic county."""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import asdict
from datetime import date, datetime, time, timedelta

import click

from waymark.demo.load import Loaded, NotEmpty, steps
from waymark.demo.load import load as load_county
from waymark.demo.rows import instant
from waymark.web.clock import now, today

MORNING = time(8)


@click.group()
def demo() -> None:
    """Fill an empty database with the demo county, and let its monitored people live."""


@demo.command("load")
@click.option("--people", default=4000, show_default=True, type=click.IntRange(min=1), help="How many invented people.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same county.")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The morning its books are opened on; today if left out."
)
def load(people: int, seed: int, as_of: datetime | None) -> None:
    """Write the county, its published cases, every determination and three days of what devices said; print what was
    written as JSON."""
    try:
        loaded = load_with_progress(people, seed, as_of.date() if as_of else today())
    except NotEmpty as refused:
        raise click.ClickException(str(refused)) from None
    bring_in_what_devices_said(now() if as_of is None else min(now(), instant(as_of.date(), MORNING)))
    click.echo(json.dumps(asdict(loaded)))


@demo.command("monitor")
@click.option("--port", default=8000, show_default=True, help="Where the product listens.")
@click.option("--direct", is_flag=True, help="Not by HTTP: straight through the door behind the web server.")
@click.option(
    "--speed",
    default=1.0,
    show_default=True,
    type=click.FloatRange(min=0),
    help="How many times as often something is played for the visitor; 0: never. Time itself keeps its pace.",
)
@click.option("--until-minutes", type=click.FloatRange(min=0), help="End by itself after so many minutes.")
def monitor(port: int, direct: bool, speed: float, until_minutes: float | None) -> None:
    """Say what the devices of the demo county say, as time goes by, until Ctrl-C. It goes on from the last reading."""
    from waymark.demo.simulator import Live, directly, over_http, run

    started, told = now(), list[int]()
    ends = None if until_minutes is None else started + timedelta(minutes=until_minutes)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: told.append(number))
    live = Live(directly if direct else over_http(port), started, speed)
    run(live, lambda: bool(told) or (ends is not None and now() >= ends), now)


def load_with_progress(people: int, seed: int, as_of: date) -> Loaded:
    """With a bar on standard error while somebody watches."""
    with click.progressbar(length=steps(people), label=f"Demo county of {people}", file=sys.stderr) as bar:
        return load_county(people, seed, as_of, bar.update)


def bring_in_what_devices_said(at: datetime) -> None:
    """Since the last reading of each, up to `at`."""
    from waymark.demo.simulator import catch_up

    click.echo("Bringing in what its devices said ...", err=True)
    catch_up(at)
