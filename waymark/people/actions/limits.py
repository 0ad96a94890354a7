"""Limits on who may see one person's record: a colleague shut out, or only some let in."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.http import Http404

from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.people.access import NO_SUCH_PAGE, person_to_restrict, record_ids
from waymark.people.actions.refusals import CannotSave
from waymark.people.models import AccessRestriction


@transaction.atomic
def restrict_access(person_id: int, *, kind: str, user: User, message: str, reason: str, by: User) -> AccessRestriction:
    """Put the account on the record's excluded or restricted list. `message` is what somebody turned away reads;
    `reason` stays with the record. Raises CannotSave."""
    person = person_to_restrict(by, person_id)
    for text, field, words in ((message, "message", "what a colleague reads"), (reason, "reason", "why")):
        if not text.strip():
            raise CannotSave(f"Write {words}.", field)
    taken = CannotSave(f"{user.get_full_name()} is on this list already.", "user")
    if AccessRestriction.objects.filter(person__in=record_ids(person), kind=kind, user=user).exists():
        raise taken
    try:
        with transaction.atomic():
            row = AccessRestriction.objects.create(
                person=person, kind=kind, user=user, message=message.strip(), reason=reason.strip(), added_by=by
            )
    except IntegrityError:  # somebody added the same between the look and the write
        raise taken from None
    changes = {row.get_kind_display(): [None, user.get_full_name()]}
    record(
        by=by,
        verb="person.restricted",
        subject=row,
        person_id=person.pk,
        why=row.reason,
        detail={"changes": changes, "message": row.message},
    )
    return row


@transaction.atomic
def lift_restriction(person_id: int, restriction_id: int, *, why: str, by: User) -> None:
    """Take an account off a list. Raises CannotSave without a reason, Http404 when it is not there."""
    person = person_to_restrict(by, person_id)
    row = AccessRestriction.objects.filter(pk=restriction_id, person__in=record_ids(person)).first()
    if row is None:
        raise Http404(NO_SUCH_PAGE)
    if not why.strip():
        raise CannotSave("Say why. The reason stays with the record.", "why")
    record(
        by=by,
        verb="person.unrestricted",
        subject=row,
        person_id=person.pk,
        why=why.strip(),
        detail={"changes": {row.get_kind_display(): [row.user.get_full_name(), None]}},
    )
    row.delete()
