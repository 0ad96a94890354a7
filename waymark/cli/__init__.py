"""The `waymark` command. Its sub-commands are listed below and imported only when asked for, so that a question of law
is answered without waiting for Django."""

from __future__ import annotations

import os
from importlib import import_module
from typing import NamedTuple

import click

import waymark


class Command(NamedTuple):
    module: str  # holds a click command of the same name as the command
    needs_django: bool  # settings are loaded and models ready before the module is imported
    words: str


COMMANDS = {
    "law": Command("waymark.cli.law", False, "Ask the law about a case, or where a section is implemented."),
    "monitor": Command("waymark.cli.monitor", False, "Evaluate what devices said, from files."),
    "run": Command("waymark.cli.run", False, "Start the product: database, web server and background worker."),
    "demo": Command("waymark.cli.demo", True, "Fill an empty database with the demo county."),
    "found": Command("waymark.cli.found", True, "Make the first agency and administrator of a real installation."),
    "audit": Command("waymark.cli.audit", True, "Check that nobody has changed the audit chain."),
    "backup": Command("waymark.cli.backup", True, "Write the database and the documents to one file."),
    "restore": Command("waymark.cli.backup", True, "Put back what `waymark backup` wrote."),
    "doctor": Command("waymark.cli.doctor", False, "Say what is installed, reachable and misconfigured."),
    "manage": Command("waymark.cli.manage", False, "Hand over to Django's own commands."),
}


class Waymark(click.Group):
    """The table above as a click group."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        if COMMANDS[cmd_name].needs_django:
            set_up_django()
        command = getattr(import_module(COMMANDS[cmd_name].module), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of `waymark --help`, from the table alone: no sub-command is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.words) for name, command in COMMANDS.items()])


def set_up_django() -> None:
    """Load the settings and make the models ready. Cheap the second time."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waymark.sites.staff.settings")
    import django

    django.setup()


@click.group(cls=Waymark, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(waymark.__version__, prog_name="waymark")
def main() -> None:
    """Community corrections, from intake to discharge."""
