"""Who may see what is monitored. Staff reach the orders of the people visible to them, and the devices of their agency;
a participant her own orders. Every fetch of one record goes through here and is written to the audit chain; what is
out of reach reads exactly like what does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.http import Http404

from waymark.accounts.access import Right, may
from waymark.accounts.models import Scope, User
from waymark.audit.actions import record
from waymark.cases.access import cases_visible_to, of_people, own_record
from waymark.monitoring.models import (
    Activation,
    Alert,
    Device,
    Feed,
    MonitoringOrder,
    OrderVersion,
    RawMessage,
    ScheduleChange,
    Suspension,
    ViolationNotice,
    Zone,
)
from waymark.people.access import NO_SUCH_PAGE, people_visible_to, person_for
from waymark.people.models import Person

M = TypeVar("M", bound=Model)


def orders_visible_to(user: User | AnonymousUser) -> QuerySet[MonitoringOrder]:
    """The orders staff may see: those of the people within reach."""
    if not isinstance(user, User) or not may(user, Right.MONITORING_SEE):
        return MonitoringOrder.objects.none()
    return MonitoringOrder.objects.filter(of_people(people_visible_to(user)))


def own_orders(user: User | AnonymousUser) -> QuerySet[MonitoringOrder]:
    """The participant's own."""
    if not isinstance(user, User) or not may(user, Right.OWN_SEE):
        return MonitoringOrder.objects.none()
    return MonitoringOrder.objects.filter(of_people(own_record(user)))


def activations_visible_to(user: User | AnonymousUser) -> QuerySet[Activation]:
    return Activation.objects.filter(order__in=orders_visible_to(user))


def alerts_visible_to(user: User | AnonymousUser) -> QuerySet[Alert]:
    return Alert.objects.filter(activation__order__in=orders_visible_to(user))


def devices_visible_to(user: User | AnonymousUser) -> QuerySet[Device]:
    """The devices of the account's agency; with the scope of the whole installation, all."""
    if not isinstance(user, User) or not may(user, Right.MONITORING_SEE):
        return Device.objects.none()
    if user.scope == Scope.WHOLE:
        return Device.objects.all()
    return Device.objects.filter(agency=user.agency_id)


def feeds_visible_to(user: User | AnonymousUser) -> QuerySet[Feed]:
    """The feeds of the account's agency, for those who set monitoring up."""
    if not isinstance(user, User) or not may(user, Right.MONITORING_SET_UP):
        return Feed.objects.none()
    return Feed.objects.all() if user.scope == Scope.WHOLE else Feed.objects.filter(agency=user.agency_id)


def messages_visible_to(user: User | AnonymousUser) -> QuerySet[RawMessage]:
    """Without their bodies, which may be large."""
    return RawMessage.objects.filter(feed__in=feeds_visible_to(user)).select_related("feed").defer("body")


def order_for(user: User, order_id: int, *, why: str = "", verb: str = "monitoring_order.viewed") -> MonitoringOrder:
    """The order, its read recorded. Raises Http404 for unknown and out of reach alike; people.access.TurnedAway for a
    colleague in scope who is kept from this person's record."""
    near = MonitoringOrder.objects.select_related("person", "person__merged_into", "case__court", "agency")
    return _seen(user, near.filter(pk=order_id).first(), "", verb, why)


def own_order_for(
    user: User, order_id: int, *, why: str = "", verb: str = "monitoring_order.viewed"
) -> MonitoringOrder:
    """The participant's own order, its read recorded."""
    order = own_orders(user).select_related("person", "case").filter(pk=order_id).first()
    if order is None:
        raise Http404(NO_SUCH_PAGE)
    _record(user, verb, order, order.person_id, why)
    return order


def version_for(user: User, version_id: int, *, why: str = "", verb: str = "order_version.viewed") -> OrderVersion:
    return _part_of_an_order(user, OrderVersion, version_id, "order", verb, why)


def activation_for(user: User, activation_id: int, *, why: str = "", verb: str = "activation.viewed") -> Activation:
    return _part_of_an_order(user, Activation, activation_id, "order", verb, why, "device")


def zone_for(user: User, zone_id: int, *, why: str = "", verb: str = "zone.viewed") -> Zone:
    return _part_of_an_order(user, Zone, zone_id, "order", verb, why)


def change_for(user: User, change_id: int, *, why: str = "", verb: str = "schedule_change.viewed") -> ScheduleChange:
    return _part_of_an_order(user, ScheduleChange, change_id, "order", verb, why)


def own_change_for(
    user: User, change_id: int, *, why: str = "", verb: str = "schedule_change.viewed"
) -> ScheduleChange:
    """What the participant asked for or was given, its read recorded."""
    near = ScheduleChange.objects.filter(order__in=own_orders(user)).select_related("order__person", "order__case")
    change = near.filter(pk=change_id).first()
    if change is None:
        raise Http404(NO_SUCH_PAGE)
    _record(user, verb, change, change.order.person_id, why)
    return change


def suspension_for(user: User, suspension_id: int, *, why: str = "", verb: str = "suspension.viewed") -> Suspension:
    return _part_of_an_order(user, Suspension, suspension_id, "order", verb, why)


def alert_for(user: User, alert_id: int, *, why: str = "", verb: str = "alert.viewed") -> Alert:
    return _part_of_an_order(user, Alert, alert_id, "activation__order", verb, why)


def notice_for(user: User, notice_id: int, *, why: str = "", verb: str = "violation_notice.viewed") -> ViolationNotice:
    return _part_of_an_order(
        user, ViolationNotice, notice_id, "alert__activation__order", verb, why, "case__court", "to_account"
    )


def notices_served_on(user: User | AnonymousUser) -> QuerySet[ViolationNotice]:
    """What was served on this account, withdrawn ones among them: the other end of the outbox. Never a draft."""
    if not isinstance(user, User) or not (may(user, Right.COURT_SEE) or may(user, Right.MONITORING_SEE)):
        return ViolationNotice.objects.none()
    served = ViolationNotice.objects.filter(to_account=user, served_at__isnull=False)
    return served.filter(case__in=cases_visible_to(user))


def served_notice_for(
    user: User, notice_id: int, *, why: str = "", verb: str = "violation_notice.viewed"
) -> ViolationNotice:
    near = notices_served_on(user).select_related("case__court", "case__person", "alert__person", "approved_by")
    notice = near.filter(pk=notice_id).first()
    if notice is None:
        raise Http404(NO_SUCH_PAGE)
    _record(user, verb, notice, notice.alert.person_id, why)
    return notice


def worn_device_for(user: User, device_id: int, *, why: str = "", verb: str = "device.viewed") -> Device:
    """Also another agency's device, to be read, where somebody within reach wears or wore it."""
    within = Q(pk__in=devices_visible_to(user)) | Q(activations__in=activations_visible_to(user))
    return _device(user, Device.objects.filter(within).distinct(), device_id, verb, why)


def device_for(user: User, device_id: int, *, why: str = "", verb: str = "device.viewed") -> Device:
    return _device(user, devices_visible_to(user), device_id, verb, why)


def _device(user: User, within: QuerySet[Device], device_id: int, verb: str, why: str) -> Device:
    device = within.select_related("agency").filter(pk=device_id).first()
    if device is None:
        raise Http404(NO_SUCH_PAGE)
    _record(user, verb, device, None, why)
    return device


def feed_for(user: User, feed_id: int, *, why: str = "", verb: str = "feed.viewed") -> Feed:
    feed = feeds_visible_to(user).select_related("agency").filter(pk=feed_id).first()
    if feed is None:
        raise Http404(NO_SUCH_PAGE)
    _record(user, verb, feed, None, why)
    return feed


def message_for(user: User, message_id: int, *, why: str = "", verb: str = "message.viewed") -> RawMessage:
    message = messages_visible_to(user).filter(pk=message_id).first()
    if message is None:
        raise Http404(NO_SUCH_PAGE)
    _record(user, verb, message, None, why)
    return message


def sees_all(user: User, people: Iterable[Person]) -> bool:
    """Whether every one of them is within reach, for what cannot be shown in part."""
    kept = {person.merged_into_id or person.pk for person in people}
    return people_visible_to(user).filter(pk__in=kept).count() == len(kept)


def open_feed(code: str) -> Feed | None:
    """What a vendor posts to. The signature, not an account, says who may."""
    return Feed.objects.filter(code=code, open=True).first()


def _part_of_an_order(user: User, kind: type[M], pk: int, path: str, verb: str, why: str, *beside: str) -> M:
    """One row that hangs on an order by `path`, order, case and person beside it, its read recorded."""
    rows: Any = kind._default_manager
    near = rows.select_related(f"{path}__person", f"{path}__person__merged_into", f"{path}__case", *beside)
    found: M | None = near.filter(pk=pk).first()
    return _seen(user, found, path, verb, why)


def _seen(user: User, found: M | None, path: str, verb: str, why: str) -> M:
    order = _order_of(found, path) if found else None
    if found is None or order is None or not _sees(user, order):
        raise _refusal(user, order)
    _record(user, verb, found, order.person_id, why)
    return found


def _sees(user: User, order: MonitoringOrder) -> bool:
    """Whether orders_visible_to holds the order, asked of this one person alone."""
    kept = order.person.merged_into_id or order.person_id
    return may(user, Right.MONITORING_SEE) and people_visible_to(user).filter(pk=kept).exists()


def _order_of(row: Any, path: str) -> MonitoringOrder:
    for step in filter(None, path.split("__")):
        row = getattr(row, step)
    order: MonitoringOrder = row
    return order


def _refusal(user: User, order: MonitoringOrder | None) -> Http404:
    """What an order out of reach is answered with; raises TurnedAway where the person's record does so."""
    if order is not None and may(user, Right.MONITORING_SEE):
        person_for(user, order.person_id)
    return Http404(NO_SUCH_PAGE)


def _record(user: User, verb: str, subject: Model, person_id: int | None, why: str) -> None:
    with transaction.atomic():
        record(by=user, verb=verb, subject=subject, person_id=person_id, why=why)
