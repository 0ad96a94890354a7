"""Loading the demo county: the same content every time, every step counted, nothing over what is there."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import AutoField, DateTimeField, ForeignKey

from waymark.demo.load import load, steps

pytestmark = pytest.mark.django_db

AS_OF = date(2026, 6, 15)


def test_two_loads_write_the_same_content() -> None:
    assert content_of_a_load(seed=2) == content_of_a_load(seed=2)


def test_progress_adds_up() -> None:
    counted: list[int] = []
    load(12, 5, AS_OF, counted.append)
    assert sum(counted) == steps(12)


def content_of_a_load(seed: int) -> dict[str, list[str]]:
    """Every row by table, with the numbers a database hands out and the hour of writing left out."""
    with transaction.atomic():
        load(40, seed, AS_OF)
        content = {
            model._meta.label: rows_of(model)
            for app in ("accounts", "people", "cases")
            for model in apps.get_app_config(app).get_models()
        }
        transaction.set_rollback(True)
    return content


def rows_of(model: Any) -> list[str]:
    fields = [field for field in model._meta.concrete_fields if not is_handed_out(field)]
    return [repr([told(row, field) for field in fields]) for row in model._default_manager.order_by("pk")]


def is_handed_out(field: Any) -> bool:
    of_the_hour = isinstance(field, DateTimeField) and (field.auto_now_add or field.name == "date_joined")
    return isinstance(field, AutoField) or of_the_hour or field.name == "password"


def told(row: Any, field: Any) -> object:
    value = getattr(row, field.attname)
    if not isinstance(field, ForeignKey) or value is None:
        return value
    return field.related_model._default_manager.filter(pk__lt=value).count()  # its place in its table
