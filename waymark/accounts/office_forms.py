"""Forms for agencies and units. Whether a name is taken is asked in offices.py, where it is written."""

from __future__ import annotations

from django import forms

from waymark.accounts.forms import ReasonForm
from waymark.accounts.models import Agency


class UnitForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=200,
        error_messages={"required": "Give the name.", "max_length": "Give the name in at most 200 characters."},
    )
    code = forms.SlugField(
        label="Code",
        max_length=50,
        help_text="A short name for exported lists, such as north-county.",
        error_messages={
            "required": "Give the code.",
            "invalid": "Give the code in letters, digits, hyphens and underscores, without spaces.",
            "max_length": "Give the code in at most 50 characters.",
        },
    )
    phone = forms.CharField(
        label="Telephone",
        max_length=40,
        required=False,
        error_messages={"max_length": "Give the telephone number in at most 40 characters."},
    )


class ChangeUnitForm(UnitForm, ReasonForm):
    field_order = [*UnitForm.base_fields, "why"]


class AgencyForm(UnitForm):
    kind = forms.ChoiceField(
        label="Kind", choices=Agency.Kind.choices, error_messages={"required": "Choose what kind of agency it is."}
    )
    field_order = ["name", "kind", "code", "phone"]


class ChangeAgencyForm(AgencyForm, ReasonForm):
    field_order = [*AgencyForm.field_order, "why"]
