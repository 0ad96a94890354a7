"""What people type about devices and their activations."""

from __future__ import annotations

from typing import Any

from django import forms

from waymark.cases.forms import FactForm, RowField, choice, day, line, number
from waymark.monitoring.actions.devices import ALLOWED
from waymark.monitoring.forms.fields import InstantField
from waymark.monitoring.forms.orders import among
from waymark.monitoring.installation import RANGES_FT
from waymark.monitoring.models import Device
from waymark.telemetry.vendors import VENDORS


class DeviceForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    vendor = choice("Maker's format", [(name, vendor.words) for name, vendor in VENDORS.items()])
    serial = line("Serial number", longest=64, hint="As the maker's messages write it.")
    kind = choice("Kind", Device.Kind.choices)
    firmware = line("Firmware", required=False, longest=40)
    faceplate_on = day("Battery and faceplate put in on", required=False, hint="Of an alcohol bracelet.")
    note = line("Note", required=False, longest=300)

    def given(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class MoveForm(forms.Form):
    """The states that may follow the device's own."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    state = choice("Becomes", [])
    why = line("Why", required=False, longest=300, hint="Such as Came back with a worn strap.")

    def __init__(self, *args: Any, device: Device, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["state"]
        field.choices = [("", "Choose one"), *((state, Device.State(state).label) for state in ALLOWED[device.state])]


class ActivationForm(FactForm):
    device = RowField("Device", lambda device: f"{device.get_kind_display()} {device.serial}", empty="Choose one")
    from_at = InstantField("Worn from", required=False, hint="Left empty: from now on.")
    expected_interval_s = number("Seconds between readings", required=True, least=1, most=86_400)
    contact_buffer_s = number(
        "Seconds of silence allowed beyond that",
        required=True,
        most=86_400,
        hint="Beyond both, the device counts as silent.",
    )
    grace_minutes = number("Minutes of grace", required=True, most=120, hint="A curfew missed by less is no absence.")

    def __init__(self, *args: Any, devices: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "device", devices)


class RangeTestForm(forms.Form):
    range_ft = forms.TypedChoiceField(
        label="Range the home unit is set to",
        choices=[("", "Choose one"), *RANGES_FT.items()],
        coerce=int,
        error_messages={
            "required": "Range the home unit is set to: choose one from the list.",
            "invalid_choice": "Range the home unit is set to: this is not on the list. Choose one from it.",
        },
    )
    note = line(
        "Dead areas found on the walk round", longest=500, lines=2, hint='Such as Laundry room; or "none found".'
    )


class EndActivationForm(FactForm):
    until_at = InstantField("Worn until", required=False, hint="Left empty: until now.")
    reason = line("Why", longest=300, hint="Such as Bracelet exchanged.")
