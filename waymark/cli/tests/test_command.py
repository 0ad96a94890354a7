"""The `waymark` command finds its sub-commands without loading what they do not need."""

from __future__ import annotations

import subprocess
import sys

import pytest


def waymark(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process; afterwards print whether Django was imported."""
    program = f"""
import sys
from waymark.cli import main
try:
    main({list(words)!r}, prog_name="waymark")
finally:
    print("django" in sys.modules, file=sys.stderr)
"""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("law", "--help"), ("law", "cite", "217.703")])
def test_it_answers_without_django(words):
    done = waymark(*words)
    assert done.returncode == 0, done.stderr
    assert done.stderr.split()[-1] == "False"


def test_it_gets_models_ready_for_commands_that_need_them():
    done = waymark("audit", "--help")
    assert done.returncode == 0, done.stderr
    assert done.stderr.split()[-1] == "True"


def test_it_names_a_command_it_does_not_know():
    done = waymark("supervise")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "No such command 'supervise'" in done.stderr


def test_it_hands_options_over_to_django_untouched():
    done = waymark("manage", "migrate", "--help")
    assert done.returncode == 0, done.stderr
    assert "usage: waymark manage migrate" in done.stdout
