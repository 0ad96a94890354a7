"""`waymark demo load`, as somebody at a terminal meets it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from waymark.cli.demo import demo

pytestmark = pytest.mark.django_db

AS_OF = "2026-06-15"


def test_the_command_prints_what_was_written() -> None:
    result = CliRunner().invoke(demo, ["load", "--people", "12", "--seed", "5", "--as-of", AS_OF])
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["people"] == 17
    assert said["as_of"] == AS_OF
