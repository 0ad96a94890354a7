"""`waymark monitor engine` and `waymark monitor import`: the commands of monitoring that need the database."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import click

from waymark.cli import set_up_django


@click.command()
@click.option("--once", is_flag=True, help="Do what there is to do and end.")
def engine(once: bool) -> None:
    """Work off the log: readings, episodes, alerts. Two may run: each batch is done by one of them."""
    set_up_django()
    from waymark.monitoring.worker import work, work_once

    if once:
        click.echo(f"{work_once()} records done.", err=True)
        return
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: told.append(number))
    work(lambda: bool(told))


@click.command("import")
@click.argument("feed")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(feed: str, file: Path) -> None:
    """Take a vendor's FILE in as if it had come through FEED (its code). The engine reads on from there."""
    set_up_django()
    from waymark.monitoring.actions.receive import keep, read
    from waymark.monitoring.models import Feed
    from waymark.web.clock import now

    through = Feed.objects.filter(code=feed).first()
    if through is None:
        known = ", ".join(Feed.objects.values_list("code", flat=True)) or "none yet"
        raise click.ClickException(f"There is no feed {feed}. Known: {known}.")
    message, duplicate = keep(through, file.read_bytes(), name=file.name, at=now())
    if duplicate:
        click.echo(f"message {message.pk} was taken in before.", err=True)
    message = read(message, now())
    click.echo(f"message {message.pk}: {message.readings} readings, {message.refused_count} refused.")
    for line in message.refused:
        click.echo(f"{line['where']}.{line['field']}: {line['words']}", err=True)
    for serial in message.unknown_devices:
        click.echo(f"{serial}: nobody wore it then. Its readings are kept and read once somebody does.", err=True)
    sys.exit(0 if message.state != "broken" else 1)
