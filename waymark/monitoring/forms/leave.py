"""What is typed about one-off changes: by staff, and by participants in their own language."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from waymark.cases.forms import FactForm, choice, line
from waymark.monitoring.forms.fields import InstantField
from waymark.monitoring.models import MonitoringOrder
from waymark.web.words import say


class ChangeForm(FactForm):
    kind = choice("What is changed", [("leave", "May leave"), ("extra", "Must be in, beside the weekly hours")])
    from_at = InstantField("From")
    until_at = InstantField("Until")
    purpose = line("What for", hint="Such as Dentist, or Job interview. The participant reads it.")
    place = line("Where", required=False, longest=300)


class DecisionForm(forms.Form):
    NEEDED_BY_CHOICE = ("answer",)

    version = forms.IntegerField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(choices=[("approve", "Approve"), ("refuse", "Refuse")])
    answer = line("Answer", required=False, longest=300, hint="The participant reads it. Needed to refuse.")


class TakeBackForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    why = line("Why", longest=300, hint="The participant reads it.")


class AskForm(forms.Form):
    """When, why and where, with native pickers. `orders`: where there are hours to leave from."""

    on = forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    from_time = forms.TimeField(widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    until_time = forms.TimeField(widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    until_on = forms.DateField(required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    purpose = forms.CharField(max_length=200)
    place = forms.CharField(max_length=300)
    order = forms.ChoiceField(required=False)

    LABELS = {
        "on": "leave_on",
        "from_time": "leave_from",
        "until_time": "leave_until",
        "until_on": "leave_until_on",
        "purpose": "leave_why",
        "place": "leave_where",
        "order": "leave_order",
    }
    HINTS = {"until_on": "leave_until_on_hint", "purpose": "leave_why_hint", "place": "leave_where_hint"}

    def __init__(
        self, *args: Any, language: str, orders: list[MonitoringOrder], names: dict[int, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.language, self.orders = language, {str(order.pk): order for order in orders}
        if len(orders) == 1:
            del self.fields["order"]
        for name, field in self.fields.items():
            field.label = say(self.LABELS[name], language)
            field.help_text = say(self.HINTS[name], language) if name in self.HINTS else ""
            missing = say("leave_missing", language, what=field.label)
            field.error_messages.update(required=missing, invalid=say("leave_invalid", language, what=field.label))
            field.error_messages["max_length"] = say("leave_shorten", language, what=field.label)
        if "order" in self.fields:
            orders_field: Any = self.fields["order"]
            orders_field.choices = [(key, names[order.pk]) for key, order in self.orders.items()]
            orders_field.error_messages["invalid_choice"] = say("leave_invalid", language, what=orders_field.label)

    def chosen(self) -> MonitoringOrder:
        return self.orders.get(self.cleaned_data.get("order", "")) or next(iter(self.orders.values()))

    def given(self) -> dict[str, Any]:
        """`from_at` and `until_at` aware; an end by the clock before the beginning is on the next day."""
        typed = self.cleaned_data
        from_at = _instant(typed["on"], typed["from_time"])
        last = typed["until_on"] or typed["on"]
        if not typed["until_on"] and typed["until_time"] <= typed["from_time"]:
            last = last + timedelta(days=1)
        return {
            "from_at": from_at,
            "until_at": _instant(last, typed["until_time"]),
            "purpose": typed["purpose"],
            "place": typed["place"],
        }


FIELD_OF = {"from_at": "from_time", "until_at": "until_time"}  # of the verb: where its refusal stands


def _instant(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=timezone.get_default_timezone()).astimezone(UTC)
