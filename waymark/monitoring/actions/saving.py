"""What the verbs on an order share: the lock against a second writer, and the refusals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import F

from waymark.monitoring.models import MonitoringOrder


class StaleOrder(RuntimeError):
    """Somebody else saved first. What they saved stands; what this writer gave was not saved."""

    def __init__(self, order: MonitoringOrder) -> None:
        super().__init__(
            f"Somebody else changed monitoring order {order.pk} while you were writing. Their change is kept, yours is "
            "not saved yet. Look at the order as it is now, then save again."
        )


@contextmanager
def writing(order: MonitoringOrder, version: int) -> Iterator[None]:
    """One transaction in which nobody else writes to the order. Raises StaleOrder when `version`, the one the writer
    saw, no longer stands. Locks are taken in the order: monitoring order, device, log, audit chain."""
    with transaction.atomic():
        if not MonitoringOrder.objects.filter(pk=order.pk, version=version).update(version=F("version") + 1):
            raise StaleOrder(order)
        yield
    order.version = version + 1
