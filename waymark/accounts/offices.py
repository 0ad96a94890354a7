"""What an administrator does to agencies and units. Each verb checks, writes and audits in one transaction.

Nothing is deleted: cases, assignments and accounts hang on them. A change has its reason and its before and after.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from waymark.accounts.models import Agency, Unit, User
from waymark.accounts.reads import agencies_managed_by, manages_every_agency, units_managed_by
from waymark.audit.actions import record

AGENCY_FIELDS = ("name", "code", "kind", "phone")
UNIT_FIELDS = ("name", "code", "phone")

Office = TypeVar("Office", Agency, Unit)


class CannotChangeOffice(Exception):
    """The change may not be made: the message says why and what to do instead, `field` which field it is about."""

    def __init__(self, words: str, *, field: str | None = None) -> None:
        super().__init__(words)
        self.field = field


@transaction.atomic
def add_agency(*, by: User | None, name: str, code: str, kind: str, phone: str = "") -> Agency:
    """A new agency. `by` is None when the installation is founded from the command line."""
    if by is not None and not manages_every_agency(by):
        raise CannotChangeOffice("Only an administrator for every agency adds one. Ask one of them.")
    _wait_in_line()
    _refuse_taken("agency", Agency.objects.all(), name=name, code=code)
    agency = Agency.objects.create(name=name, code=code, kind=kind, phone=phone)
    changes = {field: [None, getattr(agency, field)] for field in AGENCY_FIELDS}
    record(by=by, verb="agency.added", subject=agency, detail={"changes": changes})
    return agency


@transaction.atomic
def change_agency(*, by: User, agency_id: int, why: str, name: str, code: str, kind: str, phone: str) -> Agency:
    """Raises Agency.DoesNotExist for an agency that `by` does not manage, as for one that nobody has."""
    _wait_in_line()
    agency = agencies_managed_by(by).get(pk=agency_id)
    _refuse_taken("agency", Agency.objects.exclude(pk=agency_id), name=name, code=code)
    return _change(agency, by=by, verb="agency.changed", why=why, name=name, code=code, kind=kind, phone=phone)


@transaction.atomic
def add_unit(*, by: User, agency_id: int, name: str, code: str, phone: str = "") -> Unit:
    """A new unit of an agency that `by` manages; raises Agency.DoesNotExist for any other."""
    _wait_in_line()
    agency = agencies_managed_by(by).get(pk=agency_id)
    _refuse_taken("unit", agency.units.all(), name=name, code=code)
    unit = Unit.objects.create(agency=agency, name=name, code=code, phone=phone)
    changes = {"agency": [None, agency.name], **{field: [None, getattr(unit, field)] for field in UNIT_FIELDS}}
    record(by=by, verb="unit.added", subject=unit, detail={"changes": changes})
    return unit


@transaction.atomic
def change_unit(*, by: User, unit_id: int, why: str, name: str, code: str, phone: str) -> Unit:
    """Raises Unit.DoesNotExist for a unit of an agency that `by` does not manage. A unit stays with its agency."""
    _wait_in_line()
    unit = units_managed_by(by).get(pk=unit_id)
    _refuse_taken("unit", unit.agency.units.exclude(pk=unit_id), name=name, code=code)
    return _change(unit, by=by, verb="unit.changed", why=why, name=name, code=code, phone=phone)


def _wait_in_line() -> None:
    """Changes of offices happen one after the other, so that two cannot take the same name at once."""
    list(Agency.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _refuse_taken(noun: str, others: QuerySet[Agency] | QuerySet[Unit], *, name: str, code: str) -> None:
    for field, value in {"name": name, "code": code}.items():
        taken = others.filter(**{f"{field}__iexact": value}).first()
        if taken is not None:
            raise CannotChangeOffice(
                f"The {noun} “{taken.name}” has the {field} “{value}” already. "
                f"Give another {field}, or change that {noun} instead.",
                field=field,
            )


def _change(office: Office, *, by: User, verb: str, why: str, **fields: Any) -> Office:
    changes = {name: [getattr(office, name), value] for name, value in fields.items() if getattr(office, name) != value}
    if not changes:
        return office
    for name in changes:
        setattr(office, name, fields[name])
    office.save(update_fields=list(changes))
    record(by=by, verb=verb, subject=office, why=why, detail={"changes": changes})
    return office
