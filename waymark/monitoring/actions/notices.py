"""Violation notices: drafted from a confirmed serious alert, changed and signed by a person, served in the product and
acknowledged. What was served is kept with its hash; a notice is withdrawn, never deleted."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.cases.models import Party
from waymark.cases.officers import supervising_officers
from waymark.monitoring import notice_words
from waymark.monitoring.actions.calls import note
from waymark.monitoring.actions.orders import standing_versions, version_holding
from waymark.monitoring.alert_words import clock
from waymark.monitoring.models import Alert, AlertAct, Episode, ViolationNotice

To = ViolationNotice.To
State = ViolationNotice.State
SERIOUS = ("P1", "P2")
SERVED = (State.SERVED, State.ACKNOWLEDGED)
CAPACITIES = {To.COURT: Party.Capacity.JUDGE, To.PROSECUTOR: Party.Capacity.PROSECUTOR}


class CannotServe(ValueError):
    """What was given cannot be right. `faults` are (field, sentence)."""

    def __init__(self, *faults: tuple[str, str]) -> None:
        super().__init__(" ".join(words for _, words in faults))
        self.faults = faults


class StaleNotice(RuntimeError):
    """Somebody else changed or served it first; nothing was saved."""


def follow_conclusion(alert: Alert, *, by: User, at: datetime) -> None:
    """A serious alert that was confirmed drafts its notices; one that was concluded otherwise withdraws them. A
    protected person's device accuses nobody, and without an order there is nothing to violate."""
    if alert.conclusion == Alert.Conclusion.CONFIRMED and alert.priority in SERIOUS and not alert.activation.protected:
        if version_holding(standing_versions(alert.activation.order), alert.happened_at) is None:
            note(alert, AlertAct.Act.NOTE, at, "No order of monitoring held then: no notice was drafted.")
        else:
            _draft(alert, by, at)
    elif alert.conclusion != Alert.Conclusion.CONFIRMED:
        _withdraw(alert, by, at)


@transaction.atomic
def edit_notice(notice: ViolationNotice, *, subject: str, body: str, by: User, version: int) -> ViolationNotice:
    """Change the words of a draft. Raises CannotServe, and StaleNotice when somebody else was first."""
    now = _locked(notice, version)
    _check_words(now.alert, subject, body)
    changes = {"subject": [now.subject, subject], "body": [now.body, body]}
    now.subject, now.body = subject.strip(), body.strip()
    _save(now, by, "violation_notice.edited", {"changes": {k: v for k, v in changes.items() if v[0] != v[1]}})
    return now


@transaction.atomic
def serve_notice(notice: ViolationNotice, *, signed_name: str, by: User, version: int, at: datetime) -> ViolationNotice:
    """Approve the draft by typing one's name, and serve it: from then on it stands on the recipient's page.

    Raises CannotServe when the alert is not concluded as confirmed (any more), the name is not the signer's own or
    nobody with an account is there to be served, StaleNotice when somebody else was first.
    """
    now = _locked(notice, version)
    if now.alert.state != Alert.State.CLOSED or now.alert.conclusion != Alert.Conclusion.CONFIRMED:
        raise CannotServe(("", f"Alert {now.alert_id} was opened again. Conclude it first: this may not have been so."))
    own = by.get_full_name() or by.get_username()
    if " ".join(signed_name.split()).casefold() != own.casefold():
        raise CannotServe(("signed_name", f"Type your own name as your account has it: {own}."))
    _check_words(now.alert, now.subject, now.body)
    now.to_name, now.to_account_id = _recipient(now.alert, To(now.to), at)
    if now.to_account_id is None:
        raise CannotServe(("", _nobody_there(now)))
    now.state, now.served_at, now.approved_by, now.signed_name = State.SERVED, at, by, " ".join(signed_name.split())
    now.sha256 = digest(now)
    _save(now, by, "violation_notice.served", {"to": now.to, "sha256": now.sha256})
    return now


@transaction.atomic
def acknowledge_notice(notice: ViolationNotice, *, by: User, at: datetime) -> ViolationNotice:
    """The one it was served on has read it. A second time changes nothing."""
    now = _row(notice)
    if now.to_account_id != by.pk:
        raise CannotServe(("", "This notice was served on somebody else. Only who was served acknowledges it."))
    if now.state == State.SERVED:
        now.state, now.acknowledged_at = State.ACKNOWLEDGED, at
        _save(now, by, "violation_notice.acknowledged", None)
    return now


def digest(notice: ViolationNotice) -> str:
    """SHA-256 of what was served, in this order, each on lines of its own: recipient, case, subject, body, signature,
    instant (ISO 8601, UTC)."""
    assert notice.served_at is not None
    served_at = notice.served_at.astimezone(timezone.get_default_timezone()).isoformat()
    parts = [notice.get_to_display(), notice.to_name, notice.case.number, notice.subject, notice.body]
    return sha256("\n".join([*parts, notice.signed_name, served_at]).encode()).hexdigest()


def _draft(alert: Alert, by: User, at: datetime) -> None:
    order = alert.activation.order
    episode = _best_episode(alert)
    concluded_by = by.get_full_name() or by.get_username()
    stand = alert.notices.exclude(state=State.WITHDRAWN).values_list("to", flat=True)
    for to in (To.COURT, To.PROSECUTOR, To.OFFICER):
        if to in stand:
            continue
        name, account = _recipient(alert, to, at)
        notice = ViolationNotice.objects.create(
            alert=alert,
            case=order.case,
            to=to,
            to_name=name,
            to_account_id=account,
            subject=notice_words.subject(alert, episode, order.case.number),
            body=notice_words.body(
                alert, episode, program=order.get_program_display(), concluded_by=concluded_by, at=at
            ),
            drafted_at=at,
        )
        record(by=by, verb="violation_notice.drafted", subject=notice, person_id=alert.person_id, detail={"to": to})


def _withdraw(alert: Alert, by: User, at: datetime) -> None:
    for notice in alert.notices.select_for_update(of=("self",)).exclude(state=State.WITHDRAWN).order_by("pk"):
        was = notice.state
        notice.state = State.WITHDRAWN
        _save(notice, by, "violation_notice.withdrawn", {"changes": {"state": [was, State.WITHDRAWN]}})


def _best_episode(alert: Alert) -> Episode | None:
    """The gravest stretch that stands, the first of several."""
    return alert.episodes.filter(current=True, withdrawn=False).order_by("severity", "opened_at", "pk").first()


def _recipient(alert: Alert, to: To, at: datetime) -> tuple[str, int | None]:
    """Name and account of who is to be told, as the case stands that day."""
    on = timezone.localdate(at)
    case = alert.activation.order.case
    if to == To.OFFICER:
        officer_ids = supervising_officers([alert.person], on).values()
        officer = User.objects.filter(pk__in=officer_ids).first()
        return (officer.get_full_name() or officer.get_username(), officer.pk) if officer else ("", None)
    began, not_ended = Q(from_on=None) | Q(from_on__lte=on), Q(until_on=None) | Q(until_on__gt=on)
    parties = case.parties.filter(began & not_ended, capacity=CAPACITIES[to])
    party = parties.filter(account__isnull=False).order_by("-pk").first() or parties.order_by("-pk").first()
    if party:
        return party.name, party.account_id
    return (case.court.name if to == To.COURT else "", None)


def _nobody_there(notice: ViolationNotice) -> str:
    if notice.to == To.OFFICER:
        return "No officer supervises this person today. Assign one to the person, then serve this notice."
    return (
        f"No {notice.get_to_display().lower()} with an account is a party of case {notice.case.number} today. Add the "
        "party with its account to the case, then serve this notice."
    )


def _check_words(alert: Alert, subject: str, body: str) -> None:
    faults = [("body", fault) for fault in notice_words.faults(alert, f"{subject}\n{body}")]
    if not subject.strip():
        faults.append(("subject", "Write what this notice is about."))
    if not body.strip():
        faults.append(("body", "Write what is to be told."))
    if faults:
        raise CannotServe(*faults)


def _locked(notice: ViolationNotice, version: int) -> ViolationNotice:
    now = _row(notice)
    if now.state != State.DRAFT or now.version != version:
        at = f" at {clock(now.served_at)}" if now.served_at else ""
        raise StaleNotice(f"Somebody else was first: this notice is {now.get_state_display().lower()}{at}. Look again.")
    return now


def _row(notice: ViolationNotice) -> ViolationNotice:
    rows = ViolationNotice.objects.select_for_update(of=("self",)).select_related("case__court", "alert__activation")
    return rows.get(pk=notice.pk)


def _save(notice: ViolationNotice, by: User, verb: str, detail: dict[str, object] | None) -> None:
    notice.version += 1
    notice.save()
    record(by=by, verb=verb, subject=notice, person_id=notice.alert.person_id, detail=detail)
