"""Who supervises a person on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from waymark.people.models import Assignment, Person


def supervising_officers(people: Iterable[Person], on: date) -> dict[int, int]:
    """Account ids of the supervising officers by person id, in one query; the latest assignment counts. An absorbed
    record is supervised by whoever supervises the kept one."""
    kept = {person.pk: person.merged_into_id or person.pk for person in people}
    stands = Q(until_on=None) | Q(until_on__gt=on)
    rows = Assignment.objects.filter(stands, person__in={*kept.values(), *kept}, officer__isnull=False, from_on__lte=on)
    latest = dict(rows.order_by("from_on", "id").values_list("person_id", "officer_id"))
    found = {person_id: latest.get(root) or latest.get(person_id) for person_id, root in kept.items()}
    return {person_id: officer_id for person_id, officer_id in found.items() if officer_id is not None}
