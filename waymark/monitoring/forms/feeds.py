"""What people type about feeds."""

from __future__ import annotations

from typing import Any

from django import forms

from waymark.cases.forms import choice, line
from waymark.monitoring.models import Feed
from waymark.telemetry.vendors import VENDORS


class FeedForm(forms.Form):
    name = line("Name", longest=100, hint="As the office calls the vendor.")
    vendor = choice("Format", [(name, vendor.words) for name, vendor in VENDORS.items()])
    way = choice("How it comes to us", Feed.Way.choices)
    address = line("Address to fetch from", required=False, longest=500, hint="Only where we fetch.")
    time_zone = line(
        "Time zone", required=False, longest=64, hint="Of times without an offset, such as America/Chicago."
    )
    open = forms.TypedChoiceField(
        label="Open",
        choices=[("True", "Yes, take in what comes"), ("False", "No, refuse it")],
        coerce=lambda value: value == "True",
        initial="True",
    )


class NewFeedForm(FeedForm):
    code = forms.SlugField(
        label="Code",
        help_text="Stands in the address the vendor posts to. It cannot be changed later.",
        error_messages={"invalid": "Use letters, digits, - and _ only.", "required": "Give the feed a code."},
    )
    field_order = ["code"]

    def given(self) -> dict[str, Any]:
        return self.cleaned_data
