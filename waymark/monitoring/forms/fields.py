"""An instant as staff type it: a day and a time on the court's own clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils import timezone

FORMATS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%m/%d/%Y %H:%M", "%Y-%m-%d %a %H:%M")


class InstantField(forms.Field):
    """Wall time in, an aware instant out. A time that happens twice is the first; one that never happens is counted
    from before the gap (RFC 5545)."""

    def __init__(self, label: str, *, required: bool = True, hint: str = "") -> None:
        super().__init__(
            label=label,
            required=required,
            help_text=f"{hint} Day and time, such as 2026-11-22 20:00.".strip(),
            widget=forms.TextInput(attrs={"autocomplete": "off", "class": "wm-instant", "maxlength": "22"}),
            error_messages={"required": f"{label}: give day and time, such as 2026-11-22 20:00."},
        )

    def to_python(self, value: Any) -> datetime | None:
        if value in (None, "") or isinstance(value, datetime):
            return value or None
        for written in FORMATS:
            try:
                wall = datetime.strptime(str(value).strip(), written).replace(tzinfo=timezone.get_default_timezone())
            except ValueError:
                continue
            return wall.astimezone(UTC)
        raise forms.ValidationError(
            f"{self.label}: there is no such time. Give it as year, month, day, hour, minute: 2026-11-22 20:00."
        )

    def prepare_value(self, value: Any) -> Any:
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if isinstance(value, datetime) else value
