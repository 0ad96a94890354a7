"""What monitoring adds to the pages of a person and of a case, to the front pages and to the participant's page."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from waymark.accounts.access import Right, may
from waymark.accounts.models import User
from waymark.cases.models import CourtCase
from waymark.monitoring.access import own_orders
from waymark.monitoring.actions.activations import unsigned
from waymark.monitoring.reads.check import check
from waymark.monitoring.reads.my_schedule import running_orders
from waymark.monitoring.reads.schedule import waiting_changes
from waymark.people.models import Person
from waymark.web import more
from waymark.web.clock import now
from waymark.web.more import Link
from waymark.web.words import say


def register() -> None:
    more.add("person", on_person)
    more.add("case", on_case)
    more.add("front", on_front)
    more.add("my", on_my)


def on_person(user: User, person: Person) -> Iterator[Link]:
    if may(user, Right.MONITORING_SEE):
        yield Link("Monitoring", reverse("person_monitoring", args=[person.pk]))


def on_case(user: User, case: CourtCase) -> Iterator[Link]:
    if may(user, Right.MONITORING_SEE):
        yield Link("Monitoring", reverse("person_monitoring", args=[case.person.merged_into_id or case.person_id]))


def on_front(user: User, _: object) -> Iterator[Link]:
    """Those who set monitoring up read here how many things ordered are not set up, or set up and not ordered."""
    if may(user, Right.MONITORING_SET_UP):
        count = len(check(user, now()))
        words = f"{count} thing{'s' if count > 1 else ''} ordered and set up {'do' if count > 1 else 'does'} not fit"
        yield Link(words if count else "Everything ordered is set up", reverse("order_check"), urgent=bool(count))
    elif may(user, Right.MONITORING_SEE):
        yield Link("What is ordered against what is set up", reverse("order_check"))
    if may(user, Right.MONITORING_SEE):
        yield Link("Devices", reverse("fleet"))
        waiting = len(waiting_changes(user))
        asked = f"{waiting} request{'' if waiting == 1 else 's'} for leave" if waiting else "Leave from schedules"
        yield Link(asked, reverse("leave_requests"), urgent=bool(waiting) and may(user, Right.MONITORING_SET_UP))
    if may(user, Right.MONITORING_WORK):
        yield Link("Drive-by checks", reverse("drive_by"))
    if may(user, Right.MONITORING_SET_UP):
        yield Link("Feeds from vendors", reverse("feeds"))


def on_my(user: User, _: object) -> Iterator[Link]:
    orders = list(own_orders(user).prefetch_related("agreements"))
    if orders:
        waiting = any(unsigned(order) for order in orders)
        words = say("papers_to_sign" if waiting else "papers_signed", user.language)
        yield Link(words, reverse("my_papers"), urgent=waiting)
    if running_orders(user, now()):
        yield Link(say("schedule_title", user.language), reverse("my_schedule"))
