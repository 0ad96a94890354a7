"""The account with which a person under supervision signs in to see her own cases. Its rows are accounts' own."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404

from waymark.accounts import actions as accounts
from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.people.access import NO_SUCH_PAGE, person_to_change
from waymark.people.actions.refusals import CannotSave
from waymark.people.models import Person
from waymark.people.reads import account_of, accounts_of


@transaction.atomic
def give_account(person_id: int, *, username: str, language: str, by: User, why: str = "") -> User:
    """Make an account without a password and tie it to the record. Hand over `make_own_link`'s link next.

    The record is locked, so that of two at once the second is told. Raises CannotSave.
    """
    person = person_to_change(by, person_id)
    if there := accounts_of(person):
        raise CannotSave(f"Somebody has made the account {there[0].username} for this person. Open the record again.")
    try:
        account = accounts.create_participant_account(
            by=by,
            username=username,
            first_name=person.given_name,
            last_name=person.family_name,
            language=language,
            agency=by.agency,
        )
    except accounts.CannotChangeAccount as refusal:
        raise CannotSave(str(refusal), "username") from None
    Person.objects.filter(pk=person.pk).update(account=account)
    _audit(person, account, by, "person.account_given", why, {"user name": [None, account.username]})
    return account


@transaction.atomic
def make_own_link(person_id: int, account_id: int, *, by: User, why: str) -> str:
    """The path of the page where the person chooses a new password, once. Raises CannotSave without a reason and for a
    closed account."""
    person, account = _account(person_id, account_id, by, why)
    path = accounts.make_sign_in_link(by=by, account_id=account.pk, why=why.strip())
    _audit(person, account, by, "person.sign_in_link_made", why, {})
    return path


@transaction.atomic
def close_own_account(person_id: int, account_id: int, *, by: User, why: str) -> User:
    """From the next request on the person can no longer sign in. Raises CannotSave."""
    person, account = _account(person_id, account_id, by, why)
    closed = accounts.close_account(by=by, account_id=account.pk, why=why.strip())
    _audit(person, account, by, "person.account_closed", why, {"user name": [account.username, None]})
    return closed


def _account(person_id: int, account_id: int, by: User, why: str) -> tuple[Person, User]:
    """The record, locked, and its open account, with the reason checked."""
    person = person_to_change(by, person_id)
    account = account_of(person, account_id)
    if account is None:
        raise Http404(NO_SUCH_PAGE)
    if not account.is_active:
        raise CannotSave("This account is closed. An administrator can open it again.")
    if not why.strip():
        raise CannotSave("Say why. The reason stays with the record.", "why")
    return person, account


def _audit(person: Person, account: User, by: User, verb: str, why: str, changes: dict[str, list[str | None]]) -> None:
    detail = {"changes": changes, "username": account.username}
    record(by=by, verb=verb, subject=person, person_id=person.pk, why=why.strip(), detail=detail)
