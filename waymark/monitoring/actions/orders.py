"""The monitoring order: entering it, varying and ending it, signing its papers, suspending its alerts.

What a court ordered is never edited: a version that is wrong is voided with a reason and entered anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from waymark.accounts.models import Agency, User
from waymark.audit.actions import record
from waymark.cases.actions.saving import CannotEnter, check_fields, entered
from waymark.cases.models import CourtCase
from waymark.cases.models import Order as CourtOrder
from waymark.monitoring.actions.log import plan_changed
from waymark.monitoring.actions.saving import StaleOrder, writing
from waymark.monitoring.models import (
    Agreement,
    MonitoringOrder,
    OrderVersion,
    Suspension,
)
from waymark.monitoring.papers import LANGUAGES, current_hashes, is_current, name_fits, text_of
from waymark.people.access import record_ids
from waymark.web.clock import now
from waymark.web.templatetags.waymark import staff_time

Kind, Program = OrderVersion.Kind, MonitoringOrder.Program
NEEDS_COURT_ORDER = frozenset({Program.HOME_DETENTION, Program.ALCOHOL})  # monitoring.md, seed duties; county programs


@dataclass(frozen=True)
class Ordered:
    """What a version says."""

    effective_at: datetime
    court_order: CourtOrder | None = None
    home_confinement: bool = False
    stay_away: bool = False
    stay_away_words: str = ""
    alcohol: str = ""
    words: str = ""

    def as_columns(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def enter_order(
    case: CourtCase,
    *,
    program: str,
    ordered: Ordered,
    agency: Agency | None,
    by: User | None,
    at: datetime | None = None,
) -> MonitoringOrder:
    """Enter a new order of monitoring in a program. Raises CannotEnter, also when the person is in the program."""
    at = at or now()
    if agency is None:
        words = "Your account belongs to no agency, so nobody would answer for this order. Ask an administrator."
        raise CannotEnter(("", words))
    person = case.person.merged_into or case.person
    with transaction.atomic():
        CourtCase.objects.select_for_update().get(pk=case.pk)  # two who enter the same order: the second sees the first
        for other in MonitoringOrder.objects.filter(person__in=record_ids(person), program=program):
            if not ended_at(other) and other.versions.filter(voided_at=None).exists():
                label = Program(program).label
                words = f"{label} is ordered already (order {other.pk}). Enter a variation there, or end it first."
                raise CannotEnter(("program", words))
        order = MonitoringOrder(person=person, case=case, agency=agency, program=program)
        check_fields(order)
        order.save(force_insert=True)
        version = _write_version(order, Kind.NEW, ordered, "", by, at)
        record(
            by=by,
            verb="monitoring_order.entered",
            subject=order,
            person_id=order.person_id,
            detail={"case": case.pk, "program": program, **_told(version)},
        )
        plan_changed(order, at, made_at=at)
    return order


def vary_order(
    order: MonitoringOrder,
    *,
    ordered: Ordered,
    reason: str,
    by: User | None,
    version: int,
    at: datetime | None = None,
) -> OrderVersion:
    """What holds from `ordered.effective_at` on, in place of what held before."""
    return _add_version(order, Kind.VARIATION, ordered, reason, by, version, at or now())


def end_order(
    order: MonitoringOrder,
    *,
    effective_at: datetime,
    reason: str,
    by: User | None,
    version: int,
    court_order: CourtOrder | None = None,
    at: datetime | None = None,
) -> OrderVersion:
    """Monitoring ends. Devices that are still worn stay active, and are named by the check, until somebody ends them:
    a clerk's entry never switches a bracelet off."""
    ordered = Ordered(effective_at, court_order)
    return _add_version(order, Kind.END, ordered, reason, by, version, at or now())


def correct_version(
    wrong: OrderVersion,
    *,
    ordered: Ordered,
    reason: str,
    by: User | None,
    version: int,
    at: datetime | None = None,
) -> OrderVersion:
    """Void a version that was entered wrong and enter it anew, both or neither."""
    order, at = wrong.order, at or now()
    with writing(order, version):
        _void(wrong, reason, by, at)
        _check_place(order, wrong.kind, ordered.effective_at)
        right = _write_version(order, wrong.kind, ordered, wrong.reason, by, at)
        record(
            by=by,
            verb="order_version.corrected",
            subject=right,
            person_id=order.person_id,
            why=reason.strip(),
            detail={"order": order.pk, "instead_of": wrong.pk, "changes": _changes(wrong, right)},
        )
        plan_changed(order, at, made_at=at)
    return right


def void_version(
    wrong: OrderVersion, *, reason: str, by: User | None, version: int, at: datetime | None = None
) -> OrderVersion:
    """Strike out a version that should not have been entered. The new order itself goes last, and not while a device
    is worn under it."""
    order, at = wrong.order, at or now()
    with writing(order, version):
        if wrong.kind == Kind.NEW:
            if order.versions.filter(voided_at=None).exclude(pk=wrong.pk).exists():
                raise CannotEnter(("", "Later versions build on this one. Void them first, or correct this one."))
            if order.activations.filter(until_at=None).exists():
                raise CannotEnter(("", "A device is worn under this order. End the activation first, or correct this."))
        _void(wrong, reason, by, at)
        record(
            by=by,
            verb="order_version.voided",
            subject=wrong,
            person_id=order.person_id,
            why=wrong.void_reason,
            detail={"order": order.pk, **_told(wrong)},
        )
        plan_changed(order, at, made_at=at)
    return wrong


def sign_paper(
    order: MonitoringOrder,
    *,
    paper: str,
    language: str,
    text_sha256: str,
    typed_name: str,
    by: User,
    witnessed: bool,
    at: datetime | None = None,
) -> Agreement:
    """The participant signs what she has read by typing her name: with her own account, or in the office under the
    eyes of the staff member whose account shows the page (`witnessed`). `text_sha256` is of the text that was shown."""
    at = at or now()
    typed_name = typed_name.strip()
    if paper not in Agreement.Paper.values or language not in LANGUAGES:
        raise CannotEnter(("", "There is no such paper. Open the page again."))
    if text_sha256 not in current_hashes(paper):
        raise CannotEnter(("", "The text was changed while you were reading. Read it again, then sign."))
    with transaction.atomic():
        MonitoringOrder.objects.select_for_update().get(pk=order.pk)
        person = order.person.merged_into or order.person
        if not name_fits(typed_name, person):
            words = f"This is not the name on record. Type {person.given_name} {person.family_name}."
            raise CannotEnter(("typed_name", words))
        if any(is_current(agreement) for agreement in order.agreements.filter(paper=paper)):
            raise CannotEnter(("", "This paper is signed already. Nothing is left to do."))
        agreement = Agreement(
            order=order,
            paper=paper,
            language=language,
            text_sha256=text_of(paper, language).sha256,
            typed_name=typed_name,
            signed_at=at,
            signed_by=None if witnessed else by,
            witnessed_by=by if witnessed else None,
        )
        check_fields(agreement)
        agreement.save(force_insert=True)
        record(
            by=by,
            verb="agreement.signed",
            subject=agreement,
            person_id=order.person_id,
            detail={
                "order": order.pk,
                "paper": paper,
                "language": language,
                "text_sha256": agreement.text_sha256,
                "typed_name": typed_name,
                "witnessed": witnessed,
            },
        )
    return agreement


def suspend_alerts(
    order: MonitoringOrder,
    *,
    until_at: datetime,
    why: str,
    by: User,
    version: int,
    from_at: datetime | None = None,
    at: datetime | None = None,
) -> Suspension:
    """Alerts call nobody for one continuous span; they are found, kept and listed all the same. It begins now or
    later: what has happened already is never silenced afterwards."""
    at = at or now()
    from_at = from_at or at
    if not why.strip():
        raise CannotEnter(("why", "Say in a few words why alerts are suspended, such as In hospital until Friday."))
    if from_at < at:
        raise CannotEnter(("from_at", "This has begun already. Leave it empty to begin now, or give a later time."))
    if until_at <= from_at:
        raise CannotEnter(("until_at", "The suspension ends before it begins. Give a later end."))
    with writing(order, version):
        for other in order.suspensions.filter(lifted_at=None, from_at__lt=until_at, until_at__gt=from_at):
            words = f"Alerts are suspended already until {staff_time(other.until_at)}. Lift that suspension first."
            raise CannotEnter(("from_at", words))
        suspension = Suspension(
            order=order, from_at=from_at, until_at=until_at, why=why.strip(), entered_by=by, entered_at=at
        )
        check_fields(suspension)
        suspension.save(force_insert=True)
        record(
            by=by,
            verb="suspension.entered",
            subject=suspension,
            person_id=order.person_id,
            why=suspension.why,
            detail={"order": order.pk, "from_at": from_at.isoformat(), "until_at": until_at.isoformat()},
        )
        plan_changed(order, from_at, made_at=at)
    return suspension


def lift_suspension(
    suspension: Suspension, *, by: User, version: int, at: datetime | None = None, why: str = ""
) -> Suspension:
    """Alerts call again from now on. Raises CannotEnter when the suspension is over."""
    order, at = suspension.order, at or now()
    with writing(order, version):
        left = Suspension.objects.filter(pk=suspension.pk, lifted_at=None, until_at__gt=at)
        if not left.update(lifted_at=at, lifted_by=by):
            raise CannotEnter(("", "This suspension is over already. Alerts call as they should."))
        suspension.lifted_at, suspension.lifted_by = at, by
        record(
            by=by,
            verb="suspension.lifted",
            subject=suspension,
            person_id=order.person_id,
            why=why,
            detail={"order": order.pk, "changes": {"lifted_at": [None, at.isoformat()]}},
        )
        plan_changed(order, at, made_at=at)
    return suspension


def standing_versions(order: MonitoringOrder) -> list[OrderVersion]:
    return list(order.versions.filter(voided_at=None).select_related("court_order").order_by("effective_at", "id"))


def version_holding(versions: list[OrderVersion], at: datetime) -> OrderVersion | None:
    """What holds at the instant: the last standing version that had begun; None before the first and after the end.
    `versions`: standing, by `effective_at`."""
    begun = [version for version in versions if version.effective_at <= at]
    return begun[-1] if begun and begun[-1].kind != Kind.END else None


def ended_at(order: MonitoringOrder) -> datetime | None:
    end = order.versions.filter(voided_at=None, kind=Kind.END).first()
    return end.effective_at if end else None


def lacks_court_order(order: MonitoringOrder, version: OrderVersion) -> bool:
    """Home detention and alcohol monitoring ask for an order of the court, standing, of the order's own case."""
    named = version.court_order
    stands = named is not None and named.voided_at is None and named.case_id == order.case_id
    return order.program in NEEDS_COURT_ORDER and not stands


def _add_version(
    order: MonitoringOrder,
    kind: str,
    ordered: Ordered,
    reason: str,
    by: User | None,
    version: int,
    at: datetime,
) -> OrderVersion:
    if not reason.strip():
        raise CannotEnter(("reason", "Say in a few words why, such as Order of September 9."))
    with writing(order, version):
        _check_place(order, kind, ordered.effective_at)
        added = _write_version(order, kind, ordered, reason.strip(), by, at)
        record(
            by=by,
            verb="monitoring_order.ended" if kind == Kind.END else "monitoring_order.varied",
            subject=added,
            person_id=order.person_id,
            why=added.reason,
            detail={"order": order.pk, **_told(added)},
        )
        plan_changed(order, at, made_at=at)
    return added


def _check_place(order: MonitoringOrder, kind: str, effective_at: datetime) -> None:
    """A new order comes first, the end last, and no two versions hold from the same instant."""
    standing = standing_versions(order)
    first = next((version for version in standing if version.kind == Kind.NEW), None)
    end = next((version for version in standing if version.kind == Kind.END), None)
    if any(version.effective_at == effective_at for version in standing):
        raise CannotEnter(("effective_at", "Another version holds from this very time. Correct or void that one."))
    if kind == Kind.NEW:
        if standing and effective_at > standing[0].effective_at:
            words = f"A variation holds from {staff_time(standing[0].effective_at)}. The order cannot begin after it."
            raise CannotEnter(("effective_at", words))
        return
    if first is None:
        raise CannotEnter(("", "This order was voided. Enter a new one from the person's page."))
    if effective_at < first.effective_at:
        words = f"The order holds from {staff_time(first.effective_at)}. Give a later time."
        raise CannotEnter(("effective_at", words))
    if kind == Kind.END and end:
        raise CannotEnter(("", f"Monitoring ended {staff_time(end.effective_at)}. Nothing is left to end."))
    if kind == Kind.END and effective_at < standing[-1].effective_at:
        words = f"A variation holds from {staff_time(standing[-1].effective_at)}. Give a later time, or void it first."
        raise CannotEnter(("effective_at", words))
    if kind == Kind.VARIATION and end and effective_at > end.effective_at:
        raise CannotEnter(("effective_at", f"Monitoring ended {staff_time(end.effective_at)}. Give an earlier time."))


def _write_version(
    order: MonitoringOrder, kind: str, ordered: Ordered, reason: str, by: User | None, at: datetime
) -> OrderVersion:
    written = OrderVersion(order=order, kind=kind, reason=reason, **ordered.as_columns(), **entered(by, at))
    check_fields(written)
    named = ordered.court_order
    if named and named.case_id != order.case_id:
        raise CannotEnter(
            ("court_order", f"This order of the court is not in case {order.case.number}. Choose one there.")
        )
    if named and named.voided_at:
        raise CannotEnter(("court_order", "This order of the court was voided. Choose one that stands."))
    if ordered.stay_away_words and not ordered.stay_away:
        raise CannotEnter(("stay_away", "You wrote whom or what to stay away from. Tick that the court ordered it."))
    if kind == Kind.NEW and order.program == Program.ALCOHOL and not ordered.alcohol:
        raise CannotEnter(
            ("alcohol", "Choose what the court ordered about alcohol: this program measures nothing else.")
        )
    written.save(force_insert=True)
    return written


def _void(wrong: OrderVersion, reason: str, by: User | None, at: datetime) -> None:
    wrong.voided_at, wrong.voided_by, wrong.void_reason = at, by, reason.strip()
    if not wrong.void_reason:
        raise CannotEnter(("reason", "Say in a few words why this is voided."))
    check_fields(wrong, names={"void_reason": "reason"})
    rows = OrderVersion.objects.standing().filter(pk=wrong.pk)
    if not rows.update(voided_at=at, voided_by=by, void_reason=wrong.void_reason):
        raise StaleOrder(wrong.order)


def _told(version: OrderVersion) -> dict[str, Any]:
    said = {
        name: getattr(version, name)
        for name in ("home_confinement", "stay_away", "alcohol", "words")
        if getattr(version, name)
    }
    return {
        "kind": version.kind,
        "effective_at": version.effective_at.isoformat(),
        "court_order": version.court_order_id,
        **said,
    }


def _changes(before: OrderVersion, after: OrderVersion) -> dict[str, list[Any]]:
    names = ("effective_at", "court_order_id", "home_confinement", "stay_away", "stay_away_words", "alcohol", "words")
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in names}
    return {name: [_plain(was), _plain(is_now)] for name, (was, is_now) in pairs.items() if was != is_now}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
