"""A drive-by visit as the phone sends it, by a form or as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms

from waymark.cases.forms import YesNoNotRecorded, line, number
from waymark.monitoring.actions.drive_by import Visit
from waymark.monitoring.forms.fields import InstantField
from waymark.web.clock import now

WRITTEN = (
    "heard", "listened_minutes", "strap_ok", "battery_ok", "signal_dbm", "lat", "lon", "accuracy_m", "place", "note",
    "reader_serial",
)  # fmt: skip


class MomentField(InstantField):
    """As staff type it, or with its offset as a phone writes it ("2026-11-22T20:05:00Z")."""

    def to_python(self, value: Any) -> datetime | None:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            return super().to_python(value)
        return moment.astimezone(UTC) if moment.tzinfo else super().to_python(value)


class VisitForm(forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"invalid": "The key of the visit is damaged."})
    activation = forms.TypedChoiceField(
        label="Whom",
        coerce=int,
        error_messages={
            "required": "Whom: choose a person from the list.",
            "invalid_choice": "Whom: this person is not on your list today. Open the page again.",
        },
    )
    heard = forms.TypedChoiceField(
        label="The bracelet was",
        choices=[("yes", "Heard"), ("no", "Not heard")],
        coerce=lambda typed: typed == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "The bracelet was: choose heard or not heard."},
    )
    listened_minutes = number("Minutes listened", required=True, most=240)
    strap_ok = YesNoNotRecorded("Strap closed", none="Not told by the reader")
    battery_ok = YesNoNotRecorded("Battery of the bracelet good", none="Not told by the reader")
    signal_dbm = forms.IntegerField(
        label="Signal in dBm",
        required=False,
        min_value=-150,
        max_value=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "wm-short"}),
        error_messages={
            "invalid": "Signal in dBm: give a whole number, such as -78.",
            "min_value": "Signal in dBm: give -150 or more.",
            "max_value": "Signal in dBm: give 20 or less.",
        },
    )
    place = line("Place", required=False, hint="Such as In front of work, 400 Main Street.")
    note = line("Note", required=False, longest=500, lines=2)
    reader_serial = line("Reader", required=False, longest=64, hint="Its serial number.")
    happened_at = MomentField("Time of the visit", required=False, hint="Left empty: now.")
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    lon = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    accuracy_m = forms.FloatField(required=False, min_value=0, max_value=1_000_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["activation"]
        field.choices = [("", "Choose one"), *people]

    def visit(self) -> Visit:
        typed = self.cleaned_data
        said = {name: typed[name] for name in WRITTEN}
        return Visit(happened_at=typed["happened_at"] or now(), **said)
