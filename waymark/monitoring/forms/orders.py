"""What people type about a monitoring order. A form only reads; what can be right is checked by the actions."""

from __future__ import annotations

from typing import Any

from django import forms

from waymark.cases.forms import FactForm, RowField, choice, line
from waymark.cases.models import CourtCase
from waymark.cases.models import Order as CourtOrder
from waymark.monitoring.actions.orders import Ordered
from waymark.monitoring.forms.fields import InstantField
from waymark.monitoring.models import MonitoringOrder, OrderVersion
from waymark.monitoring.papers import LANGUAGES

ORDERED = ("effective_at", "court_order", "home_confinement", "stay_away", "stay_away_words", "alcohol", "words")


def name_of_court_order(order: CourtOrder) -> str:
    return f"{order.kind}, {order.ordered_on} (case {order.case.number})"


class OrderedFields(forms.Form):
    """What a version says."""

    effective_at = InstantField("Holds from")
    court_order = RowField(
        "Order of the court",
        name_of_court_order,
        required=False,
        empty="None",
        help_text="Home detention and alcohol monitoring cannot be activated without one. Enter it in the case first.",
    )
    home_confinement = forms.BooleanField(label="Confined to home, but for an approved schedule", required=False)
    stay_away = forms.BooleanField(label="Stay away from a person or a place", required=False)
    stay_away_words = line("Whom or what to stay away from", required=False, longest=300)
    alcohol = choice("About alcohol", OrderVersion.Alcohol.choices, required=False)
    words = line("In the court's own words", required=False, longest=20_000, lines=4)

    def ordered(self) -> Ordered:
        return Ordered(**{name: self.cleaned_data[name] for name in ORDERED})


class NewOrderForm(OrderedFields):
    program = choice("Program", MonitoringOrder.Program.choices)
    case = RowField("Case", lambda case: f"{case.number}, {case.court.name}", empty="Choose one")

    field_order = ("case", "program", *ORDERED)

    def __init__(self, *args: Any, cases: Any, court_orders: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "case", cases)
        among(self, "court_order", court_orders)

    def chosen(self) -> CourtCase:
        case: CourtCase = self.cleaned_data["case"]
        return case


class VersionForm(OrderedFields, FactForm):
    """A variation, or a version entered anew; `reason` says why."""

    reason = line("Why", longest=300, hint="Such as Order of September 9, or Typed the wrong day.")

    def __init__(self, *args: Any, court_orders: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "court_order", court_orders)


class EndForm(FactForm):
    effective_at = InstantField("Monitoring ends")
    court_order = RowField("Order of the court", name_of_court_order, required=False, empty="None")
    reason = line("Why", longest=300, hint="Such as Completed, or Order of September 9.")

    def __init__(self, *args: Any, court_orders: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "court_order", court_orders)


class SuspensionForm(FactForm):
    from_at = InstantField("From", required=False, hint="Left empty: from now on.")
    until_at = InstantField("Until")
    why = line("Why", longest=300, hint="Such as In hospital until Friday. It stays on the order's page.")


class LiftForm(FactForm):
    why = line("Why", required=False, longest=300)


class SignForm(forms.Form):
    """The paper and language that were shown travel with the signature."""

    paper = forms.CharField(widget=forms.HiddenInput)
    language = forms.ChoiceField(choices=[(code, code) for code in LANGUAGES], widget=forms.HiddenInput)
    text_sha256 = forms.CharField(widget=forms.HiddenInput)
    typed_name = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, label: str, empty: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["typed_name"].label = label
        self.fields["typed_name"].error_messages["required"] = empty


def among(form: forms.Form, name: str, rows: Any) -> None:
    field: Any = form.fields[name]
    field.queryset = rows
