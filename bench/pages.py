"""Caseload, search and person page with 100,000 people on PostgreSQL, beside the same pages with 1,000.

Two databases in one run, the same pages through Django's own handler (middleware, access, audit entry and template, no
network). Given: queries a page (they must not grow with the county), median and p95, and the ratio of the medians.

    ./dev bench pages [--people 100000] [--beside 1000] [--requests 60]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from tests import postgres

PAGES = {
    "caseload (officer's home)": ("officer", "/caseload/"),
    "unit (supervisor's home)": ("supervisor", "/unit/"),
    "docket (judge)": ("judge", "/court/"),
    "search by sound and year": ("officer", "/people/?q=Jon+Smyth%2C+1981"),
    "search by family name, whole": ("monitoring_staff", "/people/?q=Johnson"),
    "person page": ("officer", "/people/{person}/"),
    "case page": ("officer", "/cases/{case}/"),
    "credits page": ("officer", "/terms/{term}/credits/"),
}


SET_UP = (
    ["manage", "migrate", "-v0"],
    ["manage", "createcachetable"],
    ["manage", "collectstatic", "-v0", "--noinput"],
)


class Measured(NamedTuple):
    queries: int
    median_ms: float
    p95_ms: float


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=100_000)
    options.add_argument("--beside", type=int, default=1_000)
    options.add_argument("--requests", type=int, default=60)
    options.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.measure:
        print(json.dumps(measure(given.requests)))
        return
    with county_of(given.beside) as few_people, county_of(given.people) as many_people:
        small, large = (measured_in(url, given.requests) for url in (few_people, many_people))
    print(f"{'page':32} {'queries':>9} {'median':>9} {'p95':>9}   {given.people:,} beside {given.beside:,} people")
    for page, (queries, median, p95) in large.items():
        few, before, _ = small[page]
        print(f"{page:32} {few:>4}/{queries:<4} {median:6.1f} ms {p95:6.1f} ms   {median / before:4.2f} x the median")
    grown = [page for page in large if large[page].queries > small[page].queries]
    print("queries: constant" if not grown else f"queries GROW with the county on: {', '.join(grown)}")


@contextmanager
def county_of(people: int) -> Iterator[str]:
    """A PostgreSQL of its own, filled by the demo loader: its DATABASE_URL."""
    with postgres.cluster() as url:
        started = time.perf_counter()
        for command in SET_UP:
            _waymark(command, url)
        _waymark(["demo", "load", "--people", str(people)], url)
        print(f"{people:,} people loaded in {time.perf_counter() - started:,.0f} s", file=sys.stderr)
        yield url


def measured_in(url: str, requests: int) -> dict[str, Measured]:
    """The pages of one county, measured in a process of its own."""
    command = [sys.executable, "-m", "bench.pages", "--measure", "--requests", str(requests)]
    said = subprocess.run(command, env=_environment(url), check=True, stdout=subprocess.PIPE, text=True).stdout
    return {page: Measured(*figures) for page, figures in json.loads(said).items()}


def _environment(url: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": url, "WAYMARK_DEMO": "1"}


def _waymark(arguments: list[str], url: str) -> None:
    command = [sys.executable, "-m", "waymark", *arguments]
    subprocess.run(command, env=_environment(url), check=True, stdout=subprocess.DEVNULL)


def measure(requests: int) -> dict[str, Measured]:
    """Every page, by one of its users."""
    from waymark.cli import set_up_django

    set_up_django()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from waymark.accounts.models import User
    from waymark.cases.reads import caseload
    from waymark.web.clock import today

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    officer = User.objects.get(username="officer")
    row = next(row for row in caseload(officer, today()) if row.determination)
    ids = {"person": row.person.pk, "case": row.term.case_id, "term": row.term.pk}
    measured = {}
    for page, (username, address) in PAGES.items():
        client = Client(SERVER_NAME="localhost")
        client.force_login(User.objects.get(username=username))
        address = address.format(**ids)
        for _ in range(3):
            answer = client.get(address)
            assert answer.status_code == 200, (page, address, answer.status_code)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        queries = len(captured)
        seconds = sorted(_timed(client, address) for _ in range(requests))
        measured[page] = Measured(queries, statistics.median(seconds) * 1000, seconds[int(len(seconds) * 0.95)] * 1000)
    return measured


def _timed(client: object, address: str) -> float:
    started = time.perf_counter()
    client.get(address)  # type: ignore[attr-defined]
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
