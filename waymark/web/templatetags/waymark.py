"""How dates, money, answers and form fields are written on every page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, ClearableFileInput, RadioSelect, Select
from django.forms import Textarea as TextareaWidget
from django.http import QueryDict
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from waymark.web import words
from waymark.web.more import Link, links

register = template.Library()

NOT_RECORDED = "not recorded"
ANSWER_SIGNS = {"yes": "✓", "no": "✗"}


@register.filter
def staff_date(value: object) -> str:
    """2018-06-01 Fri. Takes a date, an instant (its day in the court's calendar) or the ISO text of a day."""
    day = _day(value)
    return f"{day:%Y-%m-%d %a}" if day else NOT_RECORDED


@register.filter
def staff_time(value: datetime | None) -> str:
    """2018-06-01 Fri 14:30, in the court's time zone."""
    return f"{timezone.localtime(value):%Y-%m-%d %a %H:%M}" if value else NOT_RECORDED


@register.filter
def plain_date(value: object, language: str = "en") -> str:
    """Friday, June 1, 2018 / viernes, 1 de junio de 2018."""
    day = _day(value)
    return words.day(day, language) if day else words.say("not_recorded", language)


@register.filter
def plain_month(value: object, language: str = "en") -> str:
    """ "2017-03" or a day of it: March 2017 / marzo de 2017."""
    day = _day(f"{value}-01" if isinstance(value, str) and len(value) == 7 else value)
    return words.month(day, language) if day else words.say("not_recorded", language)


@register.filter
def money(cents: int | None) -> str:
    """5510 cents: $55.10; whole dollars lose the cents: $60."""
    return words.money(cents) if cents is not None else NOT_RECORDED


@register.simple_tag
def say(key: str, language: str, **values: object) -> str:
    """A participant's sentence in the participant's language."""
    return words.say(key, language, **values)


@register.simple_tag
def answer(value: str) -> SafeString:
    """yes, no or not known, told by sign and word as well as by colour."""
    kind = value.replace(" ", "-") if value in ANSWER_SIGNS else "not-known"
    sign = ANSWER_SIGNS.get(value, "?")
    return format_html(
        '<span class="wm-answer wm-answer--{}"><span aria-hidden="true">{}</span> {}</span>', kind, sign, value
    )


@register.simple_tag
def icon(name: str) -> SafeString:
    """A USWDS icon as an ornament; the word beside it carries the meaning."""
    return format_html(
        '<svg class="usa-icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("uswds/img/sprite.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def csv_address(context: Context) -> str:
    """This page's address with ?format=csv, keeping the filters that are on."""
    return query(context, format="csv")


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: object) -> str:
    """This page's query with these keys changed; an empty value takes the key out."""
    asked: QueryDict = context["request"].GET.copy()
    for key, value in changes.items():
        asked.pop(key, None)
        if value not in (None, ""):
            asked[key] = str(value)
    return f"?{asked.urlencode()}"


@register.simple_tag(takes_context=True)
def more(context: Context, place: str, about: object = None) -> list[Link]:
    """What other rooms add to this page (web.more)."""
    return links(place, context["request"].user, about)


@register.inclusion_tag("web/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """A form field with its label, hint and error, as USWDS draws it. A form may name its fields NEEDED_BY_CHOICE,
    which another field can ask for, or be IS_FILTER, in which nothing is ever needed: neither is called optional."""
    widget = bound.field.widget
    shape = _shape(widget)
    described = [f"{bound.auto_id}_helptext"] if bound.help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    attrs: dict[str, Any] = {"class": f"{widget.attrs.get('class', '')} {shape}".strip()}
    if bound.errors:
        attrs["class"] += " usa-input--error"
    if described and not widget.use_fieldset:
        attrs["aria-describedby"] = " ".join(described)
    return {
        "field": bound,
        "widget": bound.as_widget(attrs=attrs),
        "is_optional": not (
            bound.field.required
            or getattr(bound.form, "IS_FILTER", False)
            or bound.name in getattr(bound.form, "NEEDED_BY_CHOICE", ())
        ),
        "is_checkbox": shape == "usa-checkbox__input",
        "is_group": isinstance(widget, RadioSelect | CheckboxSelectMultiple),
        "is_radio": shape == "usa-radio__input",
    }


def _shape(widget: Any) -> str:
    """The USWDS class of a widget. The order matters: a radio group is also a select."""
    shapes = [
        (CheckboxSelectMultiple, "usa-checkbox__input"),
        (RadioSelect, "usa-radio__input"),
        (CheckboxInput, "usa-checkbox__input"),
        (Select, "usa-select"),
        (TextareaWidget, "usa-textarea"),
        (ClearableFileInput, "usa-file-input"),
    ]
    return next((shape for kind, shape in shapes if isinstance(widget, kind)), "usa-input")


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return timezone.localtime(value).date()
    if isinstance(value, date):
        return value
    if isinstance(value, str) and value:
        return date.fromisoformat(value)
    return None
