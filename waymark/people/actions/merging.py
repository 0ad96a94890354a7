"""Two records that are one person: joined, parted again, or found to be two people after all."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.http import Http404

from waymark.accounts.access import Right
from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.people.access import NO_SUCH_PAGE, person_to_change
from waymark.people.actions.refusals import CannotSave
from waymark.people.actions.search_keys import write_search_keys
from waymark.people.models import Merge, NotADuplicate, Person


@transaction.atomic
def merge_people(kept_id: int, absorbed_id: int, *, why: str, by: User) -> Merge:
    """Show the absorbed record, and all merged into it before, as part of the kept one. What hangs on it stays there.

    1. Lock both records, always in the same order, so that two merges at once queue up.
    2. Check that both still stand by themselves.
    3. Point the absorbed family at the kept record, remembering where each pointed before.
    4. Audit on both.

    Raises CannotSave; Http404 when either record is not open to the account.
    """
    if kept_id == absorbed_id:
        raise CannotSave("These are one record already. Choose two.")
    people = {pk: person_to_change(by, pk, right=Right.PERSON_MERGE) for pk in sorted((kept_id, absorbed_id))}
    for pk, person in people.items():
        if person.pk != pk:
            raise CannotSave(
                f"Somebody has merged record {pk} into record {person.pk} already. Look at that one again."
            )
    if not why.strip():
        raise CannotSave("Say why they are one person. The reason stays with the record.", "why")
    family = Person.objects.filter(merged_into=absorbed_id).order_by("pk").values_list("pk", flat=True)
    moved: list[tuple[int, int | None]] = [(absorbed_id, None), *((pk, absorbed_id) for pk in family)]
    _point([pk for pk, _ in moved], kept_id)
    write_search_keys([kept_id, *(pk for pk, _ in moved)])
    merge = Merge.objects.create(
        kept=people[kept_id], absorbed=people[absorbed_id], moved=moved, why=why.strip(), merged_by=by
    )
    for verb, person_id, field, other_id in (
        ("person.merged", kept_id, "holds", absorbed_id),
        ("person.absorbed", absorbed_id, "is part of", kept_id),
    ):
        _audit(merge, by, verb, person_id, {field: [None, f"record {other_id}"]}, merge.why)
    return merge


@transaction.atomic
def undo_merge(merge_id: int, *, why: str, by: User, at: datetime) -> Merge:
    """Let the absorbed record stand by itself again, with everything it had. What was added to the kept one stays
    there. Raises CannotSave, Http404."""
    merge = Merge.objects.filter(pk=merge_id).select_related("kept", "absorbed").first()
    if merge is None:
        raise Http404(NO_SUCH_PAGE)
    person = person_to_change(by, merge.kept_id, right=Right.PERSON_MERGE)
    if not why.strip():
        raise CannotSave("Say why they are two people. The reason stays with both records.", "why")
    if person.pk != merge.kept_id:
        raise CannotSave(f"Record {merge.kept_id} was itself merged into record {person.pk} later. Undo that first.")
    undone = Merge.objects.filter(pk=merge_id, undone_at=None).update(undone_at=at, undone_by=by)
    if not undone:
        raise CannotSave("Somebody has undone this merge already.")
    for pk, before in merge.moved:
        _point([pk], before)
    write_search_keys([merge.kept_id, *(pk for pk, _ in merge.moved)])
    for person_id, field, other_id in (
        (merge.kept_id, "holds", merge.absorbed_id),
        (merge.absorbed_id, "is part of", merge.kept_id),
    ):
        _audit(merge, by, "person.merge_undone", person_id, {field: [f"record {other_id}", None]}, why.strip())
    merge.refresh_from_db()
    return merge


@transaction.atomic
def not_a_duplicate(one_id: int, other_id: int, *, by: User) -> NotADuplicate:
    """Two people who only look alike: the pair is not proposed again."""
    first_id, second_id = sorted((one_id, other_id))
    if first_id == second_id:
        raise CannotSave("These are one record. Choose two.")
    first, second = (person_to_change(by, pk, right=Right.PERSON_MERGE) for pk in (first_id, second_id))
    found, is_new = NotADuplicate.objects.get_or_create(first=first, second=second, defaults={"decided_by": by})
    for person, other in ((first, second), (second, first)) if is_new else ():
        record(
            by=by,
            verb="person.not_a_duplicate",
            subject=found,
            person_id=person.pk,
            detail={"changes": {"not the same person as": [None, f"record {other.pk}"]}},
        )
    return found


def _point(person_ids: list[int], kept_id: int | None) -> None:
    """A raised version tells whoever is changing one of these records right now."""
    Person.objects.filter(pk__in=person_ids).update(merged_into=kept_id, version=F("version") + 1)


def _audit(merge: Merge, by: User, verb: str, person_id: int, changes: dict[str, list[str | None]], why: str) -> None:
    detail = {"changes": changes, "moved": merge.moved}
    record(by=by, verb=verb, subject=merge, person_id=person_id, why=why, detail=detail)
