"""What people type about a case. A form only reads what was typed; what can be right is checked by the actions, whose
refusals come back to the fields by name. Field names are the actions' own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Prefetch
from django.template.defaultfilters import filesizeformat

from waymark.accounts.models import Agency, Role, User
from waymark.cases.actions.saving import CannotEnter
from waymark.cases.models import (
    Charge,
    ChargeEntry,
    Condition,
    CourtCase,
    Event,
    Level,
    Order,
    Party,
    TermEntry,
)

DAY_HINT = "Such as 2024-09-09."
DAY_FORMATS = ["%Y-%m-%d", "%m/%d/%Y", "%Y-%m-%d %a"]
CLASSES = [("", "None, or not recorded"), *((letter, letter) for letter in "ABCDE")]


def day(label: str, *, required: bool = True, hint: str = "") -> forms.DateField:
    """A day typed as text, so that what was typed is kept even when no such day exists."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=f"{hint} {DAY_HINT}".strip(),
        input_formats=DAY_FORMATS,
        widget=forms.DateInput(
            format="%Y-%m-%d",
            attrs={"inputmode": "numeric", "autocomplete": "off", "class": "wm-day", "maxlength": "14"},
        ),
        error_messages={
            "required": f"{label}: give the day, such as 2024-09-09.",
            "invalid": f"{label}: there is no such day. Give it as year, month, day, such as 2024-09-09.",
        },
    )


def line(label: str, *, required: bool = True, longest: int = 200, hint: str = "", lines: int = 1) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=longest,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": lines}) if lines > 1 else forms.TextInput(),
        error_messages={
            "required": f"{label}: this is empty. Write it down.",
            "max_length": f"{label}: this is longer than {longest} characters. Shorten it.",
        },
    )


def number(label: str, *, required: bool = False, least: int = 0, most: int = 99, hint: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=required,
        min_value=least,
        max_value=most,
        help_text=hint,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "wm-short"}),
        error_messages={
            "required": f"{label}: give a whole number.",
            "invalid": f"{label}: this is not a whole number. Give digits alone, such as 3.",
            "min_value": f"{label}: give {least} or more.",
            "max_value": f"{label}: give {most:,} or less.",
        },
    )


def choice(label: str, choices: Any, *, required: bool = True, hint: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        required=required,
        choices=[("", "Choose one"), *choices] if required else choices,
        help_text=hint,
        error_messages={
            "required": f"{label}: choose one from the list.",
            "invalid_choice": f"{label}: this is not on the list. Choose one from it.",
        },
    )


class RowField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One row of a few, told apart by `name_of`."""

    def __init__(self, label: str, name_of: Callable[[Any], str], *, empty: str = "Not recorded", **more: Any) -> None:
        errors = {
            "required": f"{label}: choose one from the list.",
            "invalid_choice": f"{label}: this is not on the list. Choose one from it.",
        }
        super().__init__(queryset=None, label=label, empty_label=empty, error_messages=errors, **more)
        self.name_of = name_of

    def label_from_instance(self, row: Any) -> str:
        return self.name_of(row)


class YesNoNotRecorded(forms.TypedChoiceField):
    """Yes, no, or not recorded: leaving it out is never a no."""

    def __init__(self, label: str, hint: str = "", none: str = "Not recorded") -> None:
        super().__init__(
            label=label,
            help_text=hint,
            required=False,
            choices=[("", none), ("yes", "Yes"), ("no", "No")],
            coerce=lambda typed: typed == "yes",
            empty_value=None,
            error_messages={"invalid_choice": f"{label}: choose yes, no or not recorded."},
        )

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


class MoneyField(forms.DecimalField):
    """Dollars and cents as typed ("1,250.50"); cleaned to whole cents."""

    def __init__(self, label: str, hint: str = "") -> None:
        super().__init__(
            label=label,
            help_text=hint,
            required=False,
            min_value=0,
            max_value=100_000_000,
            decimal_places=2,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "wm-short"}),
            error_messages={
                "invalid": f"{label}: this is not an amount. Give dollars and cents, such as 1250.50.",
                "min_value": f"{label}: an amount cannot be below zero.",
                "max_value": f"{label}: this is above one hundred million dollars. Check the amount.",
                "max_decimal_places": f"{label}: give two digits of cents at most.",
            },
        )

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace("$", "").replace(",", "") if isinstance(value, str) else value)

    def clean(self, value: Any) -> int | None:
        dollars = super().clean(value)
        return None if dollars is None else int(dollars * 100)

    def prepare_value(self, value: Any) -> Any:
        return f"{value // 100}.{value % 100:02d}" if isinstance(value, int) else value


class FactForm(forms.Form):
    """A form about one case. It carries the version of the case its writer saw, and when."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    seen_at = forms.DateTimeField(widget=forms.HiddenInput, required=False, input_formats=["%Y-%m-%dT%H:%M:%S.%f%z"])

    def given(self) -> dict[str, Any]:
        """What was typed, by the names the action knows."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("version", "seen_at")}


class CaseForm(forms.Form):
    number = line("Case number", longest=64, hint="As the court writes it, such as 2222-CR01234-01.")
    court = RowField("Court", lambda court: str(court.name), empty="Choose one")
    kind = choice("Kind of case", CourtCase.Kind.choices)
    title = line("Title", required=False, hint="Such as State v. Reyes.")
    filed_on = day("Filed on", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose_among(self, "court", Agency.objects.filter(kind=Agency.Kind.COURT))

    def given(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class ChargeForm(FactForm):
    count = number("Count", least=1, most=999, hint="Left empty, the next number is taken.")
    section = line("Section", longest=32, hint="Such as 570.030, or with its subdivision 565.052.1(2).")
    name = line("Name of the offense", hint="Such as Stealing.")
    level = choice("Level", Level.choices)
    offense_class = choice("Class", CLASSES, required=False, hint="The class on the day of the offense.")
    offense_on = day("Day of the offense", required=False)
    disposition = line("Disposition", required=False, longest=100, hint="Such as Plea of guilty.")
    disposed_on = day("Day of disposition", required=False)


class TermForm(FactForm):
    charge = RowField(
        "Charge",
        lambda charge: _name_of_charge(charge),
        required=False,
        help_text="The charge the court put the person on this term for. Credits depend on it.",
    )
    kind = choice("Kind of supervision", TermEntry.Kind.choices)
    begins_on = day("First day")
    years = number("Years", most=60)
    months = number("Months", most=11)
    sentence = choice("Sentence", [("", "Not recorded"), *TermEntry.Sentence.choices], required=False)
    sentenced_on = day("Day of sentence", required=False, hint="The law of this day decides what the offense is.")
    supervised_by_division = YesNoNotRecorded(
        "Supervised by the state Division of Probation and Parole",
        "Credits are earned under the division alone, not under private or court-only supervision.",
    )
    lifetime_supervision = YesNoNotRecorded("Lifetime supervision")
    restitution_ordered = YesNoNotRecorded("Restitution ordered")
    restitution_cents = MoneyField("Restitution amount", "In dollars, such as 1250.50.")

    def __init__(self, *args: Any, case: CourtCase, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "charge" in self.fields:
            standing = Prefetch("entries", ChargeEntry.objects.standing(), to_attr="standing")
            _choose_among(self, "charge", Charge.objects.filter(case=case).prefetch_related(standing))

    def given(self) -> dict[str, Any]:
        typed = super().given()
        return {**typed, "years": typed["years"] or 0, "months": typed["months"] or 0}


class EventForm(FactForm):
    """One form for every kind of event. Each field says of which kinds it is asked; cases/entry.js hides the rest."""

    kind = choice("What happened", Event.Kind.choices)
    on = day("On what day")
    outcome = choice(
        "How the hearing ended",
        [("", "Not a hearing"), *Event.Outcome.choices],
        required=False,
        hint="Only when a hearing was held.",
    )
    hearing_on = day("Day the hearing is set for", required=False, hint="Only when a hearing was set.")
    years = number("Extended by years", most=60, hint="Only when the court extended the term.")
    months = number("Extended by months", most=11, hint="Only when the court extended the term.")
    violation_found = YesNoNotRecorded(
        "Violation found when the term was extended", "Only when the court extended the term."
    )
    words = line("Remark", required=False, longest=500, lines=2, hint="Whatever a colleague should know of it.")

    ASKED_OF = {
        "outcome": Event.Kind.HEARING,
        "hearing_on": Event.Kind.HEARING_SET,
        "years": Event.Kind.TERM_EXTENDED,
        "months": Event.Kind.TERM_EXTENDED,
        "violation_found": Event.Kind.TERM_EXTENDED,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, kind in self.ASKED_OF.items():
            self.fields[name].widget.attrs["data-asked-of"] = str(kind)


class Correction(FactForm):
    """What stands is voided with the reason and entered anew."""

    reason = line("What was wrong", longest=300, hint="What stood before stays in the record, voided with this reason.")


class ChargeCorrectionForm(ChargeForm, Correction):
    count = None  # type: ignore[assignment]


class TermCorrectionForm(TermForm, Correction):
    charge = None  # type: ignore[assignment]


class EventCorrectionForm(EventForm, Correction):
    pass


class OrderForm(FactForm):
    ordered_on = day("Ordered on")
    kind = line("Kind of order", longest=100, hint="Such as Order of probation.")
    words = line("In the court's own words", required=False, longest=20_000, lines=6)


class ConditionForm(FactForm):
    order = RowField("Imposed by", lambda order: f"{order.kind}, {order.ordered_on}", empty="Not said", required=False)
    kind = choice("General or special", Condition.Kind.choices)
    words = line("The condition, as ordered", longest=300)
    plain_words = line(
        "In plain words", required=False, longest=300, hint="What the participant reads, in short words a child knows."
    )
    plain_words_es = line("In plain words, in Spanish", required=False, longest=300)
    next_step = line("What to do next", required=False, longest=300, hint="Such as Call (314) 615-4770 to register.")
    next_step_es = line("What to do next, in Spanish", required=False, longest=300)
    counted_in = choice("Counted in", Condition.CountedIn.choices, required=False)
    amount = forms.CharField(
        label="How much in all",
        required=False,
        help_text="Hours, sessions, or dollars and cents. Leave it empty when the condition is not counted.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "wm-short"}),
    )
    is_restitution = forms.BooleanField(
        label="This is the restitution the court ordered",
        required=False,
        help_text="Only for an amount in money. The participant then sees one line with what is paid and what is left.",
    )
    due_on = day("Due on", required=False)

    def __init__(self, *args: Any, case: CourtCase, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose_among(self, "order", Order.objects.standing().filter(case=case))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        counted_in, amount = typed.get("counted_in", ""), typed.get("amount", "")
        if not counted_in and amount:
            self.add_error("counted_in", "An amount is given. Say what it is counted in.")
        elif counted_in and not amount:
            self.add_error("amount", "How much in all: give the number of hours or sessions, or the dollars.")
        elif counted_in:
            _clean_amount(self, counted_in)
        return typed

    def given(self) -> dict[str, Any]:
        typed = super().given()
        return {**typed, "amount": typed["amount"] or 0}


class ProgressForm(FactForm):
    on = day("On what day")
    amount = forms.CharField(
        label="How much was done",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "wm-short"}),
    )
    completes = forms.BooleanField(
        label="The whole condition is met",
        required=False,
        help_text="A condition with a fee is met only when the fee is paid in full.",
    )
    words = line("What it rests on", required=False, longest=300, hint="Such as Letter of the site of September 9.")

    def __init__(self, *args: Any, condition: Condition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.counted_in = condition.counted_in
        if self.counted_in:
            asked = {"hours": "In whole hours.", "sessions": "In sessions.", "cents": "In dollars, such as 55.10."}
            self.fields["amount"].help_text = asked[self.counted_in]
        else:
            del self.fields["amount"]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("amount"):
            _clean_amount(self, self.counted_in)
        return typed

    def given(self) -> dict[str, Any]:
        typed = super().given()
        return {**typed, "amount": typed.get("amount") or 0}


class PlacementForm(FactForm):
    program = line("Program", longest=100, hint="Such as CODS, long-term treatment, a 120-day program.")
    facility = line("Facility", required=False)
    placed_on = day("First day")


class PartyForm(FactForm):
    capacity = choice("Takes part as", Party.Capacity.choices)
    name = line("Name")
    account = RowField(
        "Account",
        lambda account: f"{account.get_full_name() or account.get_username()}, {account.get_role_display().lower()}",
        empty="None",
        required=False,
        help_text="With an account the party sees this case, and no other, on the court screens.",
    )
    from_on = day("From", required=False)
    until_on = day("Until, not included", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        of_court = [Role.JUDGE, Role.PROSECUTOR, Role.DEFENDER]
        _choose_among(self, "account", User.objects.filter(role__in=of_court, is_active=True))


class NoteForm(FactForm):
    on = day("On what day")
    words = line("Note", longest=20_000, lines=8, hint="A note locks when it is saved. A correction is a new note.")


class DocumentForm(FactForm):
    title = line("Title", hint="Such as Letter of completion, anger management.")
    file = forms.FileField(
        label="File",
        error_messages={
            "required": "File: choose the file to upload. (A file has to be chosen again after an error.)",
            "empty": "File: this file is empty. Choose another one.",
            "max_length": "File: the name of this file is too long. Rename it and choose it again.",
        },
        max_length=200,
    )

    def clean_file(self) -> UploadedFile[Any]:
        upload: UploadedFile[Any] = self.cleaned_data["file"]
        if (upload.size or 0) > settings.DOCUMENT_BYTES_MAX:
            most, is_now = filesizeformat(settings.DOCUMENT_BYTES_MAX), filesizeformat(upload.size or 0)
            raise forms.ValidationError(f"File: this is {is_now}; {most} is the most. Choose a smaller file.")
        return upload


class VoidForm(FactForm):
    reason = line("Why it is voided", longest=300, hint="It stays in the record, struck through, with this reason.")


class HowMetForm(forms.Form):
    on = day("Done on")
    how = line("How it was met", longest=300, hint="Such as Sent to the court and the prosecutor by e-filing.")


class TaskDoneForm(forms.Form):
    outcome = line("What came of it", longest=300)


class EndPlacementForm(FactForm):
    ended_on = day("Left on")
    outcome = line("How it went", longest=100, hint="Such as Completed.")


class LiftConditionForm(FactForm):
    ended_on = day("Lifted on")
    reason = line("Why", longest=300, hint="Such as Order of September 9: found unable to pay.")


class EndPartyForm(FactForm):
    until_on = day("Takes part until, not included")
    why = line("Why", required=False, longest=300, hint="Such as Withdrew; Ms. Ortiz took over.")


def refuse(form: forms.Form, refusal: CannotEnter) -> None:
    """Put each sentence of a refusal beside its field, or at the top when no shown field is to blame."""
    for name, sentence in refusal.faults:
        form.add_error(name if name in form.fields else None, sentence)


# Asking


class SeenFromForm(forms.Form):
    """From where a case is looked at."""

    on = day("As it stood on", required=False)
    known_on = day("As it was known on", required=False)


class SupposedEventForm(forms.Form):
    """An event that has not happened."""

    kind = choice("Suppose this happens", [("", "Nothing"), *Event.Kind.choices], required=False)
    on = day("On", required=False)
    outcome = choice("Ending", [("", "Not a hearing"), *Event.Outcome.choices], required=False)
    hearing_on = day("Set for", required=False)

    NOT_SUPPOSED = frozenset({Event.Kind.TERM_EXTENDED, Event.Kind.RESTITUTION_PAID, Event.Kind.DISCHARGED})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind, label) for kind, label in Event.Kind.choices if kind not in self.NOT_SUPPOSED]
        self.fields["kind"].choices = [("", "Nothing"), *kinds]  # type: ignore[attr-defined]
        self.fields["outcome"].widget.attrs["data-asked-of"] = str(Event.Kind.HEARING)
        self.fields["hearing_on"].widget.attrs["data-asked-of"] = str(Event.Kind.HEARING_SET)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("kind") and not typed.get("on") and "on" not in self.errors:
            self.add_error("on", "On: give the day on which to suppose it, such as 2024-09-09.")
        if typed.get("on") and not typed.get("kind") and "kind" not in self.errors:
            self.add_error("kind", "Suppose this happens: choose what, or leave the day empty.")
        return typed


class WhatIfForm(forms.Form):
    """What else to suppose: restitution paid on a day, other readings of the law."""

    restitution_paid_on = day("Restitution is paid in full on", required=False)
    readings = forms.MultipleChoiceField(
        label="Read the law the other way",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Read the law the other way: this reading is not on the list."},
    )

    def __init__(self, *args: Any, readings: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["readings"].choices = readings  # type: ignore[attr-defined]


def _choose_among(form: forms.Form, name: str, rows: Any) -> None:
    field: Any = form.fields[name]
    field.queryset = rows


def _name_of_charge(charge: Any) -> str:
    said = charge.standing[0] if charge.standing else None
    return f"Count {charge.count}: {said.name}, {said.section}" if said else f"Count {charge.count}"


def _clean_amount(form: forms.Form, counted_in: str) -> None:
    """Turn the typed amount into whole hours, sessions or cents."""
    money = counted_in == Condition.CountedIn.CENTS
    field: forms.Field = MoneyField("How much") if money else number("How much", most=99_999)
    try:
        form.cleaned_data["amount"] = field.clean(form.cleaned_data["amount"])
    except forms.ValidationError as error:
        form.add_error("amount", error)
