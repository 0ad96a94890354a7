"""`waymark manage ...`: Django's own command line, for migrations, shells and sessions."""

from __future__ import annotations

import os

import click


@click.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def manage(words: tuple[str, ...]) -> None:
    """Hand over to Django: `waymark manage migrate`, `waymark manage shell`, `waymark manage help`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waymark.sites.staff.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["waymark manage", *words])
