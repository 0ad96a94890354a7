"""The language an account reads in, remembered from one sign-in to the next."""

from __future__ import annotations

from django.db import transaction

from waymark.accounts.models import User
from waymark.audit.actions import record


def choose_language(user: User, language: str) -> None:
    """Keep the account's language, one of User.language's choices. ValueError for any other."""
    if language not in dict(User._meta.get_field("language").flatchoices):
        raise ValueError(f"{language} is not a language of the site.")
    if language == user.language:
        return
    with transaction.atomic():
        changes = {"language": [user.language, language]}
        user.language = language
        user.save(update_fields=["language"])
        record(by=user, verb="account.changed", subject=user, detail={"changes": changes})
