"""`./dev test`: every test on SQLite, what touches a database again on PostgreSQL, the browser once, the law once
more in another time zone.

Options for pytest may follow. Where CI=true, a missing PostgreSQL or Chromium and a skipped test are failures, but for
a test of recordings that nobody can install.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from tests import chromium, postgres

CI = os.environ.get("CI") == "true"
FAR_FROM_ST_LOUIS = "Pacific/Kiritimati"  # 14 hours ahead of UTC: the day differs from St. Louis for most of the day
NO_TESTS_COLLECTED = 5
WITHOUT_DATABASE = (  # tried once, not once for each database
    "waymark/facts",
    "waymark/law",
    "waymark/telemetry",
    "waymark/demo/tests/test_movement.py",
    "tests/test_citations.py",
    "tests/test_house.py",
    "tests/test_law_cases.py",
)


@dataclass
class Outcome:
    """What one part of the run came to."""

    part: str
    passed: int = 0
    failed: int = 0
    skipped: list[str] = field(default_factory=list)  # "test: reason"
    missing: str = ""  # what to install; then nothing ran

    def words(self) -> str:
        if self.missing:
            return f"{self.part}: not run. Install it: {self.missing}"
        return f"{self.part}: {self.passed} passed, {self.failed} failed, {len(self.skipped)} skipped"


def main(arguments: list[str]) -> int:
    outcomes = list(parts(arguments))
    print()
    for outcome in outcomes:
        print(outcome.words())
        for skip in outcome.skipped:
            print(f"    skipped {skip}")
    passed, failed = sum(o.passed for o in outcomes), sum(o.failed for o in outcomes)
    skipped = sum(len(o.skipped) for o in outcomes)
    avoidable = sum("cannot be installed" not in skip for o in outcomes for skip in o.skipped)
    missing = [o.part for o in outcomes if o.missing]
    if CI and missing:
        print(f"CI runs everything: {' and '.join(missing)} must be installed.")
    if CI and avoidable:
        print("CI allows no skipped test whose part can be installed.")
    if empty := [o.part for o in outcomes if not (o.passed or o.failed or o.skipped or o.missing or arguments)]:
        print(f"No test was found for: {', '.join(empty)}.")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or empty or not passed or (CI and (avoidable or missing)) else 0


def parts(arguments: list[str]) -> Iterator[Outcome]:
    """The list of what is run. The browser waits more than it computes, so it runs beside the others."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-m", default="")
    marked, options = parser.parse_known_args(arguments)
    also = f"({marked.m}) and " if marked.m else ""
    no_browser = ["-m", f"{also}not browser", *options]
    two_at_once = [] if arguments else ["-n", "2", "--dist", "loadscope"]  # pays for the whole suite alone

    with ThreadPoolExecutor() as beside:
        browser = beside.submit(in_browser, ["-m", f"{also}browser", *options])
        yield from without_browser(arguments, no_browser, options, two_at_once)
        yield browser.result()


def in_browser(arguments: list[str]) -> Outcome:
    if not chromium.installed():
        return Outcome("Browser", missing=chromium.INSTALL)
    return pytest("Browser", arguments, quiet=True)


def without_browser(
    arguments: list[str], no_browser: list[str], options: list[str], two_at_once: list[str]
) -> Iterator[Outcome]:
    yield pytest("SQLite", [*no_browser, *two_at_once])
    if postgres.installed():
        with postgres.cluster() as url:
            left_out = [] if arguments else [f"--ignore={path}" for path in WITHOUT_DATABASE]
            yield pytest("PostgreSQL", [*no_browser, *left_out, *two_at_once], DATABASE_URL=url)
    else:
        yield Outcome("PostgreSQL", missing=postgres.INSTALL)
    if not any(Path(option.partition("::")[0]).exists() for option in options):
        yield pytest(f"Law in {FAR_FROM_ST_LOUIS}", ["waymark/law", *no_browser, *two_at_once], TZ=FAR_FROM_ST_LOUIS)


def pytest(part: str, arguments: list[str], *, quiet: bool = False, **environment: str) -> Outcome:
    """Run pytest in a process and a data directory of its own, and count. `quiet`: what it says is shown at its end."""
    if not quiet:
        print(f"\n== {part}", flush=True)
    with data_directory() as var:
        report = Path(var) / "report.xml"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", f"--junit-xml={report}", *arguments],
            env={**clean_environment(), "WAYMARK_VAR": var, **environment},
            stdout=subprocess.PIPE if quiet else None,
            stderr=subprocess.STDOUT if quiet else None,
            text=True,
        )
        code, outcome = done.returncode, count(part, report)
    if quiet:
        print(f"\n== {part}\n{done.stdout}", flush=True)
    if code not in (0, NO_TESTS_COLLECTED) and not outcome.failed:
        outcome.failed = 1  # pytest itself broke: a wrong option, an import error in a conftest
    return outcome


@contextmanager
def data_directory() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="waymark-test-", ignore_cleanup_errors=True) as var:
        (Path(var) / "static").mkdir()  # WhiteNoise warns of a missing one, and a warning is an error here
        yield var


def clean_environment() -> dict[str, str]:
    """Ours without what would lead the tests to somebody's real data."""
    return {k: v for k, v in os.environ.items() if k != "DATABASE_URL" and not k.startswith("WAYMARK_")}


def count(part: str, report: Path) -> Outcome:
    """Read pytest's JUnit report. An expected failure counts as skipped: it is a test that proves nothing today."""
    outcome = Outcome(part)
    if not report.exists():
        return outcome
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.failed += 1
        elif (skip := case.find("skipped")) is not None:
            outcome.skipped.append(f"{case.get('classname')}.{case.get('name')}: {skip.get('message')}")
        else:
            outcome.passed += 1
    return outcome


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
