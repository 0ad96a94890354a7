"""What people type about alerts and notices. A form only reads what was typed; what can be right is checked by the
actions, whose refusals come back to the fields by name."""

from __future__ import annotations

from typing import Any

from django import forms

from waymark.accounts.models import User
from waymark.cases.forms import RowField, choice, day, line
from waymark.monitoring.alert_words import PRIORITY_WORDS
from waymark.monitoring.models import Alert, AlertAct
from waymark.monitoring.reads.alerts import units_of
from waymark.monitoring.reasons import OFFERED

SHOWS = [
    ("open", "all that are open"),
    ("new", "new"),
    ("working", "being worked"),
    ("mine", "mine"),
    ("suspended", "suspended"),
    ("listed", "called nobody"),
    ("closed", "concluded on a day"),
]
PRIORITIES = [("", "any"), *((code, f"{code} {words}") for code, words in PRIORITY_WORDS.items())]
REASONS = [
    ("", "Choose one"),
    *((Alert.Conclusion(conclusion).label, list(codes.items())) for conclusion, codes in OFFERED.items()),
]


class ListForm(forms.Form):
    IS_FILTER = True

    show = forms.ChoiceField(label="Which", required=False, choices=SHOWS)
    priority = forms.ChoiceField(label="Priority", required=False, choices=PRIORITIES)
    words = forms.CharField(label="Name", required=False, max_length=100)
    unit = RowField("Unit", lambda unit: str(unit.name), empty="any", required=False)
    on = day("On the day", required=False, hint="For “concluded on a day”.")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units: Any = self.fields["unit"]
        units.queryset = units_of(user)


class NoteForm(forms.Form):
    act = forms.ChoiceField(
        label="What is this?",
        choices=[(AlertAct.Act.CALLED, "A call I made"), (AlertAct.Act.NOTE, "A note")],
        initial=AlertAct.Act.CALLED,
        widget=forms.RadioSelect(),
        error_messages={"required": "Choose whether this was a call or is a note."},
    )
    words = line("Who was called, what was said", longest=500, lines=2, hint="Such as “called, no answer”.")


class ConcludeForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput())
    conclusion = choice("How did it end?", Alert.Conclusion.choices)
    reason = forms.ChoiceField(
        label="Reason",
        choices=REASONS,
        help_text="From the group of the same name.",
        error_messages={
            "required": "Reason: choose one from the list.",
            "invalid_choice": "Reason: this is not on the list. Choose one from it.",
        },
    )
    words = line("Note", longest=400, lines=3, hint="What you did and what you learned.")
    still_lasts = forms.BooleanField(required=False, label="The tamper still lasts. I close it nevertheless.")

    def __init__(self, *args: Any, asks_twice: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_twice:
            del self.fields["still_lasts"]


class ReopenForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput())
    words = line("Why is it opened again?", longest=400, lines=2)


class NoticeForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput())
    subject = line("Subject", longest=200)
    body = line("Text", longest=20_000, lines=18, hint="An empty line begins a new paragraph.")


class ServeForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput())
    signed_name = line("Your name, typed, is your signature", longest=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signed_name"].widget.attrs["autocomplete"] = "off"


class PeriodForm(forms.Form):
    IS_FILTER = True

    first = day("From", required=False)
    last = day("Through", required=False)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("first") and given.get("last") and given["last"] < given["first"]:
            self.add_error("last", "Through: this day is before the first. Give it or a later one.")
        return given
