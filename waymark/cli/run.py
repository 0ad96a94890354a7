"""`waymark run`: from whatever is there to a product one can sign in to."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import click

from waymark.cli import set_up_django
from waymark.cli.processes import run_together

HOST = "127.0.0.1"  # a real installation stands behind a proxy that ends TLS
FIRST_PORT = 8000
PORTS_TO_TRY = 50
APPLICATION = "waymark.sites.staff.wsgi:application"
THREADS = 8  # each keeps a database connection
NEVER_SHOWN = ["material-icons*"]  # two thousand pictures in the design system that its own styles do not use
DEMO_SEED = 1


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), help=f"Listen here. Otherwise {FIRST_PORT} or the next free one."
)
@click.option("--no-demo", is_flag=True, help="A real installation: no demo county, no sign-in without a password.")
@click.option(
    "--people", default=4000, show_default=True, type=click.IntRange(min=1), help="How many people the demo county has."
)
def run(port: int | None, no_demo: bool, people: int) -> None:
    """Prepare the database, then run the web server, the background worker and the engine until Ctrl-C."""
    os.environ["WAYMARK_DEMO"] = "0" if no_demo else "1"
    os.umask(0o077)  # database, documents and key are for the account that runs this alone
    port = port or free_port()
    refuse_taken(port)
    set_up_django()
    prepare_database()
    collect_static_files()
    if not no_demo:
        load_demo_county(people)
    ask_for_nightly_work()
    parts = {"web server": web_server(port), "background worker": worker(), "monitoring engine": engine()}
    if not no_demo:
        parts["monitored people"] = simulator(port)
    sys.exit(
        run_together(
            parts,
            ready=lambda: answers(port),
            announce=lambda: announce(port, demo=not no_demo),
        )
    )


def free_port() -> int:
    """The first port nobody listens on."""
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TO_TRY):
        if is_free(port):
            return port
    raise click.ClickException(f"Ports {FIRST_PORT} to {port} are all taken. Name a free one: --port NUMBER")


def refuse_taken(port: int) -> None:
    if not is_free(port):
        raise click.ClickException(f"Something else listens on port {port}. Leave --port out, or name a free one.")


def is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def prepare_database() -> None:
    from django.core.management import call_command

    say("Preparing the database ...")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def collect_static_files() -> None:
    """Copy styles, scripts and images to where they are served from, when one of them changed since the last time."""
    from django.conf import settings
    from django.core.management import call_command

    stamp = Path(settings.STATIC_ROOT) / "collected"
    want = fingerprint_of_static_files()
    if stamp.exists() and stamp.read_text() == want:
        return
    say("Collecting styles, scripts and images ...")
    call_command("collectstatic", interactive=False, clear=True, verbosity=0, ignore_patterns=NEVER_SHOWN)
    stamp.write_text(want)


def fingerprint_of_static_files() -> str:
    """Changes when a file of ours changes, or the version of a front-end library."""
    seen = hashlib.sha256()
    for file in sorted(watched_static_files()):
        if file.exists():
            about = file.stat()
            seen.update(f"{file}\0{about.st_mtime_ns}\0{about.st_size}\n".encode())
    return seen.hexdigest()


def watched_static_files() -> Iterator[Path]:
    from django.apps import apps
    from django.conf import settings

    yield settings.NODE_MODULES / "locked"
    for app in apps.get_app_configs():
        yield from (file for file in (Path(app.path) / "static").rglob("*") if file.is_file())


def load_demo_county(people: int) -> None:
    """Into an empty database, and what its monitored people did since. Over anybody's real records, demo mode is
    refused: it asks for no password."""
    from waymark.audit.reads import entries
    from waymark.cli.demo import bring_in_what_devices_said, load_with_progress
    from waymark.demo.load import is_empty
    from waymark.web.clock import now, today

    if is_empty():
        load_with_progress(people, DEMO_SEED, today())
    elif not entries(verb="demo.loaded").exists():
        raise click.ClickException(
            "This database holds records that are not the demo county's, and in demo mode anybody signs in without a "
            "password. Start it with --no-demo, or name another database (DATABASE_URL or WAYMARK_VAR)."
        )
    bring_in_what_devices_said(now())


def ask_for_nightly_work() -> None:
    from waymark.cases.tasks import ensure_nightly
    from waymark.monitoring.tasks import plan_next_night
    from waymark.web.clock import now

    ensure_nightly()
    plan_next_night(now())


def web_server(port: int) -> list[str]:
    granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error"]
    return [*granian, "--host", HOST, "--port", str(port), "--blocking-threads", str(THREADS), APPLICATION]


def worker() -> list[str]:
    return [sys.executable, "-m", "waymark", "manage", "db_worker", "--no-startup-delay", "--no-reload"]


def engine() -> list[str]:
    return [sys.executable, "-m", "waymark", "monitor", "engine"]


def simulator(port: int) -> list[str]:
    """Speaks for the devices of the demo county."""
    return [sys.executable, "-m", "waymark", "demo", "monitor", "--port", str(port)]


def answers(port: int) -> bool:
    """Whether the web server answers yet. Any answer will do, also the one that sends visitors to https."""
    with closing(HTTPConnection(HOST, port, timeout=5)) as connection:
        try:
            connection.request("GET", "/")
            connection.getresponse()
        except (OSError, HTTPException):
            return False
    return True


def announce(port: int, *, demo: bool) -> None:
    say(f"\nWaymark runs at http://{HOST}:{port}/   (Ctrl-C stops it)")
    if demo:
        say("Sign in as anybody; no password is asked. Some of the accounts:\n")
        for role, name in demo_accounts():
            say(f"    {role:24} {name}")


def demo_accounts() -> list[tuple[str, str]]:
    """The first account of every role: what it is and whose."""
    from waymark.accounts.reads import demo_accounts

    return [(role.label, accounts[0].get_full_name()) for role, accounts in demo_accounts(1)]


def say(words: str) -> None:
    click.echo(words, err=True)
