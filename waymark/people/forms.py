"""What people type about a person. A form only reads what was typed; what can be right is checked by the actions, whose
refusals come back to the field they name. Field names are the actions' own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from waymark.accounts.models import Agency, Unit, User
from waymark.people.actions import CannotSave
from waymark.people.models import AccessRestriction, ContactPoint, Identifier, Person, PersonName

DAY_FORMATS = ["%m/%d/%Y", "%Y-%m-%d", "%m-%d-%Y", "%B %d, %Y"]
DAY_HINT = "Month/day/year, such as 3/14/1981."
YES_NO = {"yes": True, "no": False}


def line(label: str, *, required: bool = True, longest: int = 100, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=longest,
        help_text=hint,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": f"Type the {label.lower()}.",
            "max_length": f"The {label.lower()} is longer than {longest} characters. Shorten it.",
        },
    )


def day(label: str, *, required: bool = True, hint: str = "") -> forms.DateField:
    """A day typed as text, so that what was typed is kept even when there is no such day."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=f"{hint} {DAY_HINT}".strip(),
        input_formats=DAY_FORMATS,
        widget=forms.DateInput(
            format="%m/%d/%Y", attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 20}
        ),
        error_messages={
            "required": f"{label}: type the day. {DAY_HINT}",
            "invalid": f"{label}: there is no such day. Type it as month/day/year, such as 3/14/1981.",
        },
    )


def reason(label: str = "Reason", *, required: bool = True, hint: str = "It stays with the record.") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=300,
        help_text=hint,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Say why. The reason stays with the record.",
            "max_length": "Give the reason in at most 300 characters.",
        },
    )


def one_of(label: str, choices: Any, *, required: bool = True, hint: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=choices,
        required=required,
        help_text=hint,
        error_messages={
            "required": f"Choose the {label.lower()}.",
            "invalid_choice": f"This {label.lower()} is not on the list. Choose one from it.",
        },
    )


def yes_or_no(label: str, unknown: str, *, hint: str = "") -> forms.TypedChoiceField:
    """Yes, no, or not known, which is never a no."""
    return forms.TypedChoiceField(
        label=label,
        choices=[("", unknown), ("yes", "Yes"), ("no", "No")],
        coerce=YES_NO.get,
        empty_value=None,
        required=False,
        help_text=hint,
        error_messages={"invalid_choice": "Choose one from the list."},
    )


class RowField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One row of a few, by the name people call it."""

    def __init__(self, label: str, *, empty: str, required: bool = True, hint: str = "") -> None:
        errors = {
            "required": f"Choose the {label.lower()}.",
            "invalid_choice": f"This {label.lower()} is not on the list. Choose one from it.",
        }
        super().__init__(None, label=label, empty_label=empty, required=required, help_text=hint, error_messages=errors)

    def label_from_instance(self, row: Any) -> str:
        return _called(row)


class PersonForm(forms.Form):
    given_name = line("Given name")
    middle_name = line("Middle name", required=False)
    family_name = line("Family name", hint="Both, when there are two.")
    suffix = line("Suffix", required=False, longest=20, hint="Such as Jr. or III.")
    born_on = day("Birth date", required=False)
    sex = one_of("Sex", Person.Sex.choices, required=False)
    language = one_of("Language", Person._meta.get_field("language").choices, hint="What the person reads.")
    needs_interpreter = yes_or_no("Needs an interpreter", "Not recorded")


class NewPersonForm(PersonForm):
    """`despite_duplicates` stands on the page only when somebody alike was found."""

    despite_duplicates = reason("Why this is somebody else", required=False)


class ChangePersonForm(PersonForm):
    version = forms.IntegerField(
        widget=forms.HiddenInput, error_messages={"required": "Open the record again: this page has lost its place."}
    )
    why = reason("Reason for the change", required=False, hint="Needed when the name or the birth date changes.")


class NameForm(forms.Form):
    kind = one_of("Kind", PersonName.Kind.choices)
    given_name = line("Given name", required=False, hint="Leave empty when it is the same.")
    family_name = line("Family name", required=False, hint="Leave empty when it is the same.")


class IdentifierForm(forms.Form):
    kind = one_of("Kind of number", Identifier.Kind.choices)
    agency = RowField("Agency", empty="Choose the agency that gave it")
    value = line("Number", longest=64)

    def __init__(self, *args: Any, agencies: QuerySet[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "agency", agencies)


class ConsentForm(forms.Form):
    preferred = forms.BooleanField(label="The person prefers this one", required=False)
    may_message = yes_or_no("May messages be sent to it", "Never asked")
    consent_on = day("Day the person agreed", required=False, hint="Today when left empty.")


class ContactPointForm(ConsentForm):
    kind = one_of("Kind", ContactPoint.Kind.choices)
    value = line("Number or e-mail address", longest=200)
    field_order = ("kind", "value")


class EndForm(forms.Form):
    ended_on = day("Last day it was good")
    why = reason()


class AddressForm(forms.Form):
    street = line("Street and number", longest=200)
    city = line("City")
    state = line("State", longest=2, hint="Two letters.")
    postal_code = line("ZIP code", required=False, longest=10)
    from_on = day("Lives there from")
    until_on = day("Until", required=False, hint="Leave empty for where the person lives now.")


class EndAddressForm(forms.Form):
    until_on = day("First day elsewhere")


class EmergencyContactForm(forms.Form):
    name = line("Name", longest=200)
    relationship = line("Relationship", required=False, hint="Such as mother, or friend.")
    phone = line("Telephone", longest=40)


class AssignmentForm(forms.Form):
    """Offers the places and colleagues of the maker's agency; of every agency to who sees them all."""

    unit = RowField("Unit", empty="The agency as a whole", required=False)
    officer = RowField("Officer", empty="Nobody yet", required=False)
    from_on = day("From")
    why = reason(required=False)

    def __init__(self, *args: Any, units: QuerySet[Unit], officers: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "unit", units)
        _offer(self, "officer", officers)


class EndAssignmentForm(forms.Form):
    until_on = day("First day without", hint="Nobody there answers for the person from this day on.")
    why = reason()


class RestrictionForm(forms.Form):
    kind = one_of("List", AccessRestriction.Kind.choices)
    user = RowField("Account", empty="Choose an account")
    message = line(
        "Words for somebody turned away", longest=300, hint="Such as: Ask R. Alvarez, who alone keeps this record."
    )
    reason = reason()

    def __init__(self, *args: Any, accounts: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "user", accounts)


class AccountForm(forms.Form):
    username = line("User name", longest=150, hint="What the person types to sign in. Small letters, no spaces.")
    language = one_of("Language", Person._meta.get_field("language").choices, hint="Of the pages the person sees.")
    why = reason(required=False)


class ReasonForm(forms.Form):
    why = reason()


class RecordNumberForm(forms.Form):
    person_id = forms.IntegerField(
        label="Record number",
        min_value=1,
        max_value=2**63 - 1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text="It stands on the person’s page.",
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), "Type the record number in digits."
        ),
    )


def refuse(form: forms.Form, refusal: CannotSave) -> None:
    """Put the action's refusal beside the field it is about, or at the top when there is none."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)


def typed_yes_or_no(value: bool | None) -> str:
    """A recorded yes, no or not known, as `yes_or_no` offers it."""
    return "" if value is None else "yes" if value else "no"


def _offer(form: forms.Form, name: str, rows: QuerySet[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


def _called(row: Any) -> str:
    if isinstance(row, User):
        return f"{row.last_name}, {row.first_name} ({row.get_role_display().lower()})"
    return f"{row.agency.name}: {row.name}" if isinstance(row, Unit) else str(row.name)
