"""The administrator's pages for agencies and their units."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from waymark.accounts import offices
from waymark.accounts.access import Right, require, signed_in
from waymark.accounts.models import Agency, Unit
from waymark.accounts.office_forms import AgencyForm, ChangeAgencyForm, ChangeUnitForm, UnitForm
from waymark.accounts.offices import CannotChangeOffice
from waymark.accounts.reads import agencies_managed_by, manages_every_agency, offices_managed_by, units_managed_by
from waymark.audit.reads import changes_to
from waymark.web.tables import csv_response, wants_csv

HEADER = ["Agency", "Agency code", "Kind", "Unit", "Unit code", "Telephone", "Open staff accounts"]


@require(Right.ACCOUNTS_MANAGE)
def agency_list(request: HttpRequest) -> HttpResponse:
    manager = signed_in(request)
    agencies = offices_managed_by(manager)
    if wants_csv(request):
        return csv_response("agencies", HEADER, _rows(agencies))
    context = {"agencies": agencies, "may_add": manages_every_agency(manager)}
    return render(request, "accounts/agency_list.html", context)


@require(Right.ACCOUNTS_MANAGE)
def agency_new(request: HttpRequest) -> HttpResponse:
    manager = signed_in(request)
    if not manages_every_agency(manager):
        raise Http404
    form = AgencyForm(request.POST or None)
    if _saved(form, lambda: offices.add_agency(by=manager, **form.cleaned_data)):
        messages.success(request, f"{form.cleaned_data['name']} was added.")
        return redirect("agency_list")
    return _page(request, form, "Add an agency")


@require(Right.ACCOUNTS_MANAGE)
def agency(request: HttpRequest, agency_id: int) -> HttpResponse:
    manager = signed_in(request)
    agency = get_object_or_404(agencies_managed_by(manager), pk=agency_id)
    form = ChangeAgencyForm(request.POST or None, initial=_now(agency, offices.AGENCY_FIELDS))
    if _saved(form, lambda: offices.change_agency(by=manager, agency_id=agency_id, **form.cleaned_data)):
        messages.success(request, f"{form.cleaned_data['name']} was changed.")
        return redirect("agency", agency_id)
    return _page(request, form, agency.name, office=agency)


@require(Right.ACCOUNTS_MANAGE)
def agency_unit_new(request: HttpRequest, agency_id: int) -> HttpResponse:
    manager = signed_in(request)
    agency = get_object_or_404(agencies_managed_by(manager), pk=agency_id)
    form = UnitForm(request.POST or None)
    if _saved(form, lambda: offices.add_unit(by=manager, agency_id=agency_id, **form.cleaned_data)):
        messages.success(request, f"{form.cleaned_data['name']} was added to {agency.name}.")
        return redirect("agency_list")
    return _page(request, form, f"Add a unit to {agency.name}")


@require(Right.ACCOUNTS_MANAGE)
def agency_unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    manager = signed_in(request)
    unit = get_object_or_404(units_managed_by(manager), pk=unit_id)
    form = ChangeUnitForm(request.POST or None, initial=_now(unit, offices.UNIT_FIELDS))
    if _saved(form, lambda: offices.change_unit(by=manager, unit_id=unit_id, **form.cleaned_data)):
        messages.success(request, f"{form.cleaned_data['name']} was changed.")
        return redirect("agency_unit", unit_id)
    return _page(request, form, f"{unit.name}, a unit of {unit.agency.name}", office=unit)


def _saved(form: forms.Form, action: Callable[[], Agency | Unit]) -> bool:
    """Act on a form that is sound. A refusal becomes a fault of the field it is about."""
    if not form.is_valid():
        return False
    try:
        action()
    except CannotChangeOffice as refusal:
        form.add_error(refusal.field, str(refusal))
        return False
    return True


def _page(request: HttpRequest, form: forms.Form, title: str, office: Agency | Unit | None = None) -> HttpResponse:
    context = {"form": form, "title": title, "office": office, "history": changes_to(office) if office else []}
    return render(request, "accounts/office.html", context, status=422 if form.is_bound else 200)


def _now(office: Agency | Unit, fields: tuple[str, ...]) -> dict[str, str]:
    return {name: getattr(office, name) for name in fields}


def _rows(agencies: Iterable[Agency]) -> Iterator[list[object]]:
    """A row for each agency, then one for each of its units."""
    for agency in agencies:
        first = [agency.name, agency.code, agency.get_kind_display()]
        yield [*first, "", "", agency.phone, getattr(agency, "open_staff", 0)]
        for unit in agency.units.all():
            yield [*first, unit.name, unit.code, unit.phone, getattr(unit, "open_staff", 0)]
