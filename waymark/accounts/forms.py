"""Forms of the administrator's pages. Every fault is a sentence that says what to do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from waymark.accounts.actions import USER_NAME, USER_NAME_TAKEN
from waymark.accounts.models import Agency, Role, Scope, Unit, User
from waymark.accounts.reads import agencies_managed_by, units_managed_by, user_name_is_taken

REACH = [Scope.OWN, Scope.UNIT, Scope.AGENCY, Scope.WHOLE]  # from narrow to wide
BOX = {"class": "usa-input"}
STAFF_ROLES = [(role.value, role.label) for role in Role if role != Role.PARTICIPANT]


class AgencyField(forms.ModelChoiceField[Agency]):
    def label_from_instance(self, agency: Agency) -> str:
        return agency.name


class UnitField(forms.ModelChoiceField[Unit]):
    def label_from_instance(self, unit: Unit) -> str:
        return f"{unit.agency.name}: {unit.name}"


class ReasonForm(forms.Form):
    why = forms.CharField(
        label="Reason",
        max_length=300,
        help_text="It stands in the audit record.",
        error_messages={"required": "Give the reason.", "max_length": "Give the reason in at most 300 characters."},
    )


class AccountForm(forms.Form):
    """What a staff account may do and how far. `manager` can give nothing that reaches farther than their own."""

    first_name = forms.CharField(
        label="First name", max_length=150, error_messages={"required": "Give the first name."}
    )
    last_name = forms.CharField(label="Last name", max_length=150, error_messages={"required": "Give the last name."})
    email = forms.EmailField(
        label="E-mail",
        required=False,
        help_text="The person can sign in with it instead of the user name.",
        error_messages={"invalid": "Give the e-mail address like name@example.org."},
    )
    title = forms.CharField(label="Title", max_length=100, required=False)
    phone = forms.CharField(label="Telephone", max_length=40, required=False)
    role = forms.ChoiceField(label="Role", choices=STAFF_ROLES, error_messages={"required": "Choose the role."})
    scope = forms.ChoiceField(
        label="Scope",
        help_text="How far the rights of the role reach.",
        error_messages={"required": "Choose the scope."},
    )
    agency = AgencyField(label="Agency", queryset=Agency.objects.none(), required=False)
    unit = UnitField(label="Unit", queryset=Unit.objects.none(), required=False)

    def __init__(self, *args: Any, manager: User, account: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        self.manager = manager
        choose(self, "agency", agencies_managed_by(manager))
        choose(self, "unit", units_managed_by(manager))
        scope = self.fields["scope"]
        assert isinstance(scope, forms.ChoiceField)
        scope.choices = [(s.value, s.label) for s in REACH[: REACH.index(Scope(manager.scope)) + 1]]
        if account and account.role == Role.PARTICIPANT:
            role = self.fields["role"]
            assert isinstance(role, forms.ChoiceField)
            role.choices = [(Role.PARTICIPANT.value, Role.PARTICIPANT.label)]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()  # allauth looks for it in lower case
        others = User.objects.exclude(pk=self.account.pk) if self.account else User.objects.all()
        if email and others.filter(email__iexact=email).exists():
            raise forms.ValidationError("Another account has this e-mail address. Give another one or leave it empty.")
        return email

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        agency, unit, scope = given.get("agency"), given.get("unit"), given.get("scope")
        if unit and agency and unit.agency_id != agency.pk:
            self.add_error("unit", f"{unit.name} is not a unit of {agency.name}. Choose one of its units.")
        if unit and not agency and "agency" not in self.errors:
            given["agency"] = agency = unit.agency
        if scope == Scope.UNIT and not unit:
            self.add_error("unit", "Choose the unit that the scope “own unit” means.")
        if given.get("role") == Role.ADMINISTRATOR and scope in (Scope.OWN, Scope.UNIT):
            self.add_error("scope", "Choose own agency or every agency: an administrator serves no smaller part.")
        if not agency and (scope == Scope.AGENCY or self.manager.scope != Scope.WHOLE):
            self.add_error("agency", "Choose the agency of the account.")
        return given


class NewAccountForm(AccountForm):
    username = forms.CharField(
        label="User name",
        max_length=150,
        validators=[USER_NAME],
        error_messages={"required": "Give the user name."},
    )
    field_order = ["username"]

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if user_name_is_taken(username):
            raise forms.ValidationError(USER_NAME_TAKEN)
        return username


class ChangeAccountForm(AccountForm, ReasonForm):
    field_order = [*AccountForm.base_fields, "why"]


class AuditForm(forms.Form):
    """What the auditor looks for."""

    person_id = forms.IntegerField(
        label="Person number",
        required=False,
        min_value=1,
        widget=forms.NumberInput(BOX),
        error_messages={"invalid": "Give the person’s number."},
    )
    actor = forms.CharField(label="Who", required=False, max_length=200, widget=forms.TextInput(BOX))
    verb = forms.CharField(label="Act", required=False, max_length=64, widget=forms.TextInput(BOX))
    from_on = forms.DateField(
        label="From day",
        required=False,
        widget=forms.DateInput({**BOX, "type": "date"}),
        error_messages={"invalid": "Give the first day like 2018-06-01."},
    )
    last_on = forms.DateField(
        label="To day",
        required=False,
        widget=forms.DateInput({**BOX, "type": "date"}),
        error_messages={"invalid": "Give the last day like 2018-06-30."},
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("from_on"), given.get("last_on")
        if first and last and last < first:
            self.add_error("last_on", "The last day is before the first. Give a later day.")
        return given


def choose(form: forms.Form, name: str, among: QuerySet[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = among
