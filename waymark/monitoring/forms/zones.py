"""What people type or click about a zone and its hours. A form reads; what can be right the actions say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from typing import Any

from django import forms

from waymark.cases.forms import FactForm, choice, line, number
from waymark.monitoring.actions.zones import Drawn
from waymark.monitoring.forms.fields import InstantField
from waymark.monitoring.models import Zone
from waymark.monitoring.reads.orders import hours_of

CIRCLE, POLYGON, MOVING = "circle", "polygon", "moving"
SHAPES = [
    (CIRCLE, "A circle: a center and a radius"),
    (POLYGON, "An outline: its corners"),
    (MOVING, "A circle that moves with the protected person's device"),
]
WINDOWS = 3  # a day
RULES = 3
DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
PAIR = re.compile(r"^\s*\(?\s*(-?\d{1,3}(?:\.\d+)?)\s*[,;\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*\)?\s*$")

Corner = list[float]


class PointField(forms.CharField):
    """ "38.65, -90.33" """

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        return point(text, f"{self.label}: ")

    def prepare_value(self, value: Any) -> Any:
        return written([value]) if isinstance(value, list) else value


class RingField(forms.CharField):
    """Corners, one a line, as lists of [lat, lon]."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        lines = [text for text in (super().to_python(value) or "").splitlines() if text.strip()]
        return [point(text, f"{self.label}, line {place}: ") for place, text in enumerate(lines, 1)]

    def prepare_value(self, value: Any) -> Any:
        return written(value) if isinstance(value, list) else value


class RingsField(RingField):
    """Several rings, an empty line between two."""

    def to_python(self, value: Any) -> Any:
        rings: list[list[Corner]] = [[]]
        for place, text in enumerate((forms.CharField.to_python(self, value) or "").splitlines(), 1):
            if text.strip():
                rings[-1].append(point(text, f"{self.label}, line {place}: "))
            elif rings[-1]:
                rings.append([])
        return [ring for ring in rings if ring]

    def prepare_value(self, value: Any) -> Any:
        return "\n\n".join(written(ring) for ring in value) if isinstance(value, list) else value


def point(text: str, where: str) -> Corner:
    found = PAIR.match(text)
    if not found:
        words = f"{where}“{text.strip()[:40]}” is no place. Give latitude and longitude, such as 38.65, -90.33."
        raise forms.ValidationError(words)
    return [float(found[1]), float(found[2])]


def written(ring: list[Any]) -> str:
    return "\n".join(f"{lat:.6f}".rstrip("0") + ", " + f"{lon:.6f}".rstrip("0") for lat, lon in ring)


class ShapeForm(FactForm):
    """Where a zone is, from when on, and why."""

    NEEDED_BY_CHOICE = ("centre", "radius_m", "corners")

    way = forms.ChoiceField(
        label="Shape",
        choices=SHAPES,
        initial=CIRCLE,
        widget=forms.RadioSelect,
        error_messages={"required": "Shape: choose one."},
    )
    centre = PointField(
        label="Center of the circle",
        required=False,
        max_length=60,
        help_text="Latitude and longitude, such as 38.65, -90.33. Or click on the map.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "wm-point"}),
    )
    radius_m = number("Radius in meters", least=5, most=50_000, hint="Of a circle, also of one that moves.")
    corners = RingField(
        label="Corners of the outline",
        required=False,
        max_length=100_000,
        help_text="One a line, in order round the outside, such as 38.65, -90.33. Or click them on the map.",
        widget=forms.Textarea(attrs={"rows": 6, "class": "wm-corners", "spellcheck": "false"}),
    )
    holes = RingsField(
        label="Parts left out of the outline",
        required=False,
        max_length=100_000,
        help_text="Corners as above; an empty line between two parts.",
        widget=forms.Textarea(attrs={"rows": 3, "class": "wm-corners", "spellcheck": "false"}),
    )
    buffer_m = number(
        "Margin in meters",
        most=5_000,
        hint="Home: how far outside still counts as inside. Stay out: a warning ring round the zone.",
    )
    grace_minutes = number("Grace in minutes", most=240, hint="Left empty, the grace of the device holds.")
    from_at = InstantField("Holds from", required=False, hint="Left empty: from now on.")
    reason = line("Why", longest=300, hint="Such as First set up, or Moved to a new address. It stays in the history.")

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        asked = {CIRCLE: ("centre", "radius_m"), POLYGON: ("corners",), MOVING: ("radius_m",)}
        missing = {
            "centre": "Center of the circle: give it, or click on the map.",
            "radius_m": "Radius in meters: give a whole number, such as 60.",
            "corners": "Corners of the outline: give at least three, or click them on the map.",
        }
        for name in asked.get(typed.get("way", ""), ()):
            if not typed.get(name) and name not in self.errors:
                self.add_error(name, missing[name])
        return typed

    def shape(self) -> dict[str, Any]:
        typed = self.cleaned_data
        if typed["way"] == CIRCLE:
            lat, lon = typed["centre"]
            return {"circle": {"lat": lat, "lon": lon, "radius_m": typed["radius_m"]}}
        if typed["way"] == MOVING:
            return {"partner": True, "radius_m": typed["radius_m"]}
        return {"polygon": typed["corners"], **({"holes": typed["holes"]} if typed["holes"] else {})}

    def drawn(self, schedule: list[dict[str, Any]]) -> Drawn:
        typed = self.cleaned_data
        return Drawn(self.shape(), schedule, typed["buffer_m"] or 0, typed["grace_minutes"])

    def given(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("from_at", "reason")}


def shown(shape: dict[str, Any]) -> dict[str, Any]:
    """A shape as the form's initial values."""
    if circle := shape.get("circle"):
        return {"way": CIRCLE, "centre": [circle["lat"], circle["lon"]], "radius_m": round(circle["radius_m"])}
    if polygon := shape.get("polygon"):
        return {"way": POLYGON, "corners": polygon, "holes": shape.get("holes") or []}
    return {"way": MOVING, "radius_m": round(shape.get("radius_m", 500))}


class NewZoneForm(ShapeForm):
    kind = choice("What the zone asks", Zone.Kind.choices)
    name = line("Name", longest=100, hint="Such as Home, Work, School, or 1200 block of Elm Street.")
    is_home = forms.BooleanField(label="This is the person's home", required=False)
    daily_from = forms.TimeField(
        label="Every day from",
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "wm-short"}),
        error_messages={"invalid": "Every day from: there is no such time. Give it as 20:00."},
    )
    daily_to = forms.TimeField(
        label="to",
        required=False,
        help_text="Left empty, the zone holds at all times. Hours that differ by day are given on the next page.",
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "wm-short"}),
        error_messages={"invalid": "To: there is no such time. Give it as 06:00."},
    )

    field_order = (
        "kind", "name", "is_home", "way", "centre", "radius_m", "corners", "holes", "daily_from", "daily_to",
        "buffer_m", "grace_minutes", "from_at", "reason",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        typed = super().clean()
        if (typed.get("daily_from") is None) != (typed.get("daily_to") is None):
            self.add_error("daily_to", "Every day: give both times, or none for at all times.")
        return typed

    def given(self) -> dict[str, Any]:
        typed = self.cleaned_data
        schedule = []
        if typed["daily_from"] is not None:
            schedule = [
                {"weekly": {"days": list(DAYS), "from": hour(typed["daily_from"]), "to": hour(typed["daily_to"])}}
            ]
        own = {name: typed[name] for name in ("kind", "name", "is_home")}
        return {**super().given(), **own, "drawn": self.drawn(schedule)}


class EndZoneForm(FactForm):
    until_at = InstantField("Out of use from", required=False, hint="Left empty: from now on.")
    reason = line("Why", longest=300, hint="Such as Order of September 9. It stays in the history.")


@dataclass(frozen=True)
class Split:
    """A schedule taken apart for the page: what the seven rows hold, the rules, and what neither can show."""

    grid: dict[str, list[tuple[str, str]]]
    rules: list[dict[str, Any]]
    others: list[dict[str, Any]]


def split(schedule: list[dict[str, Any]]) -> Split:
    found = Split({day: [] for day in DAYS}, [], [])
    for entry in schedule:
        weekly = entry.get("weekly")
        if weekly and set(entry) == {"weekly"} and all(len(found.grid[day]) < WINDOWS for day in weekly["days"]):
            for day in weekly["days"]:
                found.grid[day].append((weekly["from"], weekly["to"].replace("24:00", "00:00")))
        elif entry.get("rrule") and entry.get("to") and not set(entry) - RULE_KEYS and len(found.rules) < RULES:
            found.rules.append(entry)
        else:
            found.others.append(entry)
    return found


RULE_KEYS = {"rrule", "from", "to", "starts_on", "ends_on"}


class HoursForm(FactForm):
    """The week of a zone: up to three windows a day, and rules of RFC 5545 beside them."""

    always = forms.ChoiceField(
        label="When the zone holds",
        choices=[("hours", "In the hours below"), ("yes", "At all times")],
        widget=forms.RadioSelect,
        error_messages={"required": "When the zone holds: choose one."},
    )
    drop_others = forms.BooleanField(required=False)
    from_at = InstantField("Holds from", required=False, hint="Left empty: from now on.")
    reason = line("Why", longest=300, hint="Such as New shift at work. It stays in the history.")

    def __init__(self, *args: Any, schedule: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.split = split(schedule)
        self.initial.setdefault("always", "hours" if schedule else "yes")
        for day, label in DAYS.items():
            for place in range(WINDOWS):
                from_, to = (self.split.grid[day][place : place + 1] or [("", "")])[0]
                self.fields[f"{day}_{place}_from"] = _hour_field(f"{label}, window {place + 1}, from", from_)
                self.fields[f"{day}_{place}_to"] = _hour_field(f"{label}, window {place + 1}, to", to)
        for place in range(RULES):
            rule = (self.split.rules[place : place + 1] or [{}])[0]
            self.fields[f"rule_{place}"] = forms.CharField(
                label=f"Rule {place + 1}",
                required=False,
                max_length=500,
                initial=rule.get("rrule", ""),
                widget=forms.Textarea(attrs={"rows": 1, "spellcheck": "false", "autocomplete": "off"}),
            )
            self.fields[f"rule_{place}_from"] = _hour_field(f"Rule {place + 1}, from", rule.get("from", ""))
            self.fields[f"rule_{place}_to"] = _hour_field(f"Rule {place + 1}, to", rule.get("to", ""))
            for name, label in (("starts_on", "first day"), ("ends_on", "last day")):
                self.fields[f"rule_{place}_{name}"] = forms.DateField(
                    label=f"Rule {place + 1}, {label}",
                    required=False,
                    initial=rule.get(name),
                    widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
                    error_messages={"invalid": f"Rule {place + 1}, {label}: there is no such day."},
                )

    def days(self) -> Iterator[tuple[str, str, list[tuple[Any, Any]]]]:
        """Key, name and the windows of each day, for the template."""
        for day, label in DAYS.items():
            yield day, label, [(self[f"{day}_{place}_from"], self[f"{day}_{place}_to"]) for place in range(WINDOWS)]

    def rules(self) -> Iterator[tuple[Any, ...]]:
        for place in range(RULES):
            yield tuple(self[f"rule_{place}{ends}"] for ends in ("", "_from", "_to", "_starts_on", "_ends_on"))

    def others(self) -> str:
        """What neither rows nor rules can show, in words."""
        return hours_of(self.split.others, "") if self.split.others else ""

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        for name in [name for name in self.fields if name.endswith("_from") and not name.startswith("rule")]:
            partner = name.removesuffix("_from") + "_to"
            if name in self.errors or partner in self.errors:
                continue
            if (typed.get(name) is None) != (typed.get(partner) is None):
                label = str(self.fields[name].label).rpartition(",")[0]
                self.add_error(partner, f"{label}: give both times, or none.")
        for place in range(RULES):
            rule, from_, to = (typed.get(f"rule_{place}{ends}") for ends in ("", "_from", "_to"))
            if rule and (from_ is None or to is None) and f"rule_{place}_from" not in self.errors:
                self.add_error(f"rule_{place}_from", f"Rule {place + 1}: give the hours, from and to.")
            if not rule and (from_ is not None or to is not None):
                self.add_error(f"rule_{place}", f"Rule {place + 1}: hours are given without a rule. Write it down.")
        if not self.errors and typed.get("always") != "yes" and not self.schedule():
            words = "No hours are given. Give at least one window, or choose At all times."
            self.add_error("always", words)
        return typed

    def schedule(self) -> list[dict[str, Any]]:
        """As in the plan: equal windows of several days are one line."""
        typed = self.cleaned_data
        if typed.get("always") == "yes":
            return []
        days_of: dict[tuple[str, str], list[str]] = {}
        for day in DAYS:
            for place in range(WINDOWS):
                from_, to = typed.get(f"{day}_{place}_from"), typed.get(f"{day}_{place}_to")
                if from_ is not None and to is not None:
                    days_of.setdefault((hour(from_), hour(to)), []).append(day)
        weekly = [
            {"weekly": {"days": list(dict.fromkeys(days)), "from": from_, "to": to}}
            for (from_, to), days in days_of.items()
        ]
        kept = [] if typed.get("drop_others") else self.split.others
        return [*weekly, *self._rules(), *kept]

    def _rules(self) -> Iterator[dict[str, Any]]:
        typed = self.cleaned_data
        for place in range(RULES):
            rule = (typed.get(f"rule_{place}") or "").strip()
            if not rule:
                continue
            entry: dict[str, Any] = {"rrule": rule.replace("\r\n", "\n")}
            entry["from"], entry["to"] = hour(typed[f"rule_{place}_from"]), hour(typed[f"rule_{place}_to"])
            for name in ("starts_on", "ends_on"):
                if typed.get(f"rule_{place}_{name}"):
                    entry[name] = typed[f"rule_{place}_{name}"].isoformat()
            yield entry


def hour(at: time) -> str:
    return f"{at:%H:%M}"


def _hour_field(label: str, initial: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        initial=initial or None,
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "wm-hour"}),
        error_messages={"invalid": f"{label}: there is no such time. Give it as 20:00."},
    )
