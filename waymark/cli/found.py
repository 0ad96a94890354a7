"""`waymark found`: the first agency and its administrator, on an installation that nobody can sign in to yet."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import click
from django.core.exceptions import ValidationError
from django.forms import Field

from waymark.accounts.forms import NewAccountForm
from waymark.accounts.founding import AlreadyFounded
from waymark.accounts.founding import found as found_installation
from waymark.accounts.models import Agency
from waymark.accounts.office_forms import AgencyForm
from waymark.accounts.offices import CannotChangeOffice
from waymark.cli.run import prepare_database


def as_in(field: Field) -> Callable[[click.Context, click.Parameter, str], str]:
    """The option is checked like this field on the administrator's page, with the same sentences."""

    def check(context: click.Context, parameter: click.Parameter, value: str) -> str:
        try:
            return str(field.clean(value))
        except ValidationError as fault:
            raise click.BadParameter(" ".join(fault.messages)) from None

    return check


@click.command()
@click.option("--agency", required=True, callback=as_in(AgencyForm.base_fields["name"]), help="Its name in full.")
@click.option("--kind", required=True, type=click.Choice(Agency.Kind.values), help="What kind of agency it is.")
@click.option(
    "--administrator",
    required=True,
    metavar="USERNAME",
    callback=as_in(NewAccountForm.base_fields["username"]),
    help="The user name of the first administrator.",
)
@click.option(
    "--email", default="", callback=as_in(NewAccountForm.base_fields["email"]), help="The administrator's e-mail."
)
def found(agency: str, kind: str, administrator: str, email: str) -> None:
    """Make the first agency and an administrator for every agency; print the one-time sign-in link as JSON.

    Open sign_in_path on the installation's address within three days. It leads to a new password, then to a second
    factor. Refused as soon as there is any account.
    """
    os.umask(0o077)  # a database made here is for the account that runs this alone
    prepare_database()
    try:
        founded = found_installation(agency=agency, kind=kind, username=administrator, email=email.lower())
    except (AlreadyFounded, CannotChangeOffice) as refused:
        raise click.ClickException(str(refused)) from None
    answer = {
        "agency": founded.agency.name,
        "administrator": founded.administrator.username,
        "sign_in_path": founded.sign_in_path,
    }
    click.echo(json.dumps(answer, ensure_ascii=False))
