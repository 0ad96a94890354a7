"""What people do about an alert: acknowledge, take, call, note, conclude, open again. Each verb locks the alert,
checks, writes the act and audits in one transaction. Nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.monitoring.actions import calls, notices
from waymark.monitoring.actions.calls import Act, State, note, short_name_of
from waymark.monitoring.alert_words import TAMPER, clock
from waymark.monitoring.models import Alert, AlertAct, Call
from waymark.monitoring.reasons import OFFERED, WORDS, fits

CONTACTS = (Act.CALLED, Act.NOTE)


class CannotWork(ValueError):
    """What was given cannot be right. `faults` are (field, sentence); the field is "" when no one field is to blame."""

    def __init__(self, *faults: tuple[str, str]) -> None:
        super().__init__(" ".join(words for _, words in faults))
        self.faults = faults


class StaleAlert(RuntimeError):
    """Somebody else was first, or the alert changed since the page was opened. Says who and what; nothing is saved."""


def acknowledge(alert: Alert, *, by: User, at: datetime) -> Alert:
    """Somebody has seen it: the ladder stops. Raises StaleAlert naming whoever was first."""
    with _working(alert.pk, by, at, "alert.acknowledged") as now:
        if now.state != State.NEW:
            raise StaleAlert(_who_was_first(now))
        now.state = State.ACKNOWLEDGED
        _acknowledged(now, at)
        note(now, Act.ACKNOWLEDGED, at, by=by)
    return now


def take(alert: Alert, *, by: User, owner_id: int | None, at: datetime) -> Alert:
    """It is mine from now on. `owner_id`: whose it was on the page that was looked at; None: nobody's. Raises
    StaleAlert when it is somebody else's by now, or concluded."""
    with _working(alert.pk, by, at, "alert.taken") as now:
        if now.state == State.CLOSED or now.owner_id != owner_id:
            raise StaleAlert(_who_was_first(now))
        if now.owner_id == by.pk:
            raise StaleAlert("You have this alert already.")
        before, now.owner = now.owner, by
        now.state = State.WORKING
        now.version += 1
        _acknowledged(now, at)
        note(now, Act.TAKEN, at, f"From {short_name_of(before)}." if before else "", by=by)
    return now


def add_note(alert: Alert, *, act: str, words: str, by: User, at: datetime) -> AlertAct:
    """A call that was made, or a note. Never stale: it is added to what stands."""
    words = words.strip()
    if act not in CONTACTS:
        raise CannotWork(("act", "Choose whether this was a call or is a note."))
    if not words:
        raise CannotWork(("words", "Write in a few words who was called and what was said, or what you saw."))
    if len(words) > 500:
        raise CannotWork(("words", f"This is {len(words)} characters long. Shorten it to 500."))
    with _working(alert.pk, by, at, "alert.called" if act == Act.CALLED else "alert.noted") as now:
        return note(now, act, at, words, by=by)


def conclude(
    alert: Alert,
    *,
    conclusion: str,
    reason: str,
    words: str,
    by: User,
    version: int,
    at: datetime,
    still_lasts: bool = False,
) -> Alert:
    """How it ended, by a person, with a reason code and a note. A confirmed serious alert drafts its notices.

    `still_lasts`: the person was told that a serious tamper goes on, and closes nevertheless.
    Raises CannotWork, and StaleAlert when the alert changed after `version` was looked at.
    """
    words = words.strip()
    _check_conclusion(conclusion, reason, words)
    with _working(alert.pk, by, at, "alert.concluded", why=words) as now:
        if now.state == State.CLOSED or now.version != version:
            raise StaleAlert(_what_changed(now, version))
        if asks_twice(now) and not still_lasts:
            raise CannotWork(
                ("still_lasts", f"The device still says: {now.words}. Tick that you close it nevertheless.")
            )
        _acknowledged(now, at)
        now.state, now.closed_at, now.closed_by = State.CLOSED, at, by
        now.conclusion, now.reason = conclusion, reason
        now.escalate_at = at + calls.REMIND_EVERY if now.cleared_at is None else None
        now.version += 1
        note(now, Act.CONCLUDED, at, f"{Alert.Conclusion(conclusion).label}: {WORDS[reason]}. {words}", by=by)
        notices.follow_conclusion(now, by=by, at=at)
    return now


def reopen(alert: Alert, *, words: str, by: User, version: int, at: datetime) -> Alert:
    """It is to be looked at again, by whoever opens it. Notices stand until it is concluded otherwise."""
    words = words.strip()
    if not words:
        raise CannotWork(("words", "Say why this alert is opened again."))
    if len(words) > 400:
        raise CannotWork(("words", f"This is {len(words)} characters long. Shorten it to 400."))
    with _working(alert.pk, by, at, "alert.reopened", why=words) as now:
        if now.state != State.CLOSED or now.version != version:
            raise StaleAlert(_what_changed(now, version))
        was = now.get_conclusion_display().lower()
        calls.reopen_fields(now)
        now.state, now.owner = State.WORKING, by
        calls.settle(now)
        note(now, Act.REOPENED, at, f"It had been concluded as {was}. {words}", by=by)
    return now


def note_seen(alert: Alert, by: User, at: datetime) -> None:
    """Whoever was called has opened the alert."""
    Call.objects.filter(alert=alert, to=by, seen_at=None).update(seen_at=at)


def asks_twice(alert: Alert) -> bool:
    """A serious tamper that goes on is not closed by one tick too many (monitoring.md A4)."""
    return alert.family in TAMPER and alert.priority in ("P1", "P2") and alert.cleared_at is None


@contextmanager
def _working(alert_id: int, by: User, at: datetime, verb: str, why: str = "") -> Iterator[Alert]:
    """The alert as it is now, locked; saved and audited when the block ends well."""
    with transaction.atomic():
        alert = Alert.objects.select_for_update(of=("self",)).get(pk=alert_id)
        before = {"state": alert.state, "conclusion": alert.conclusion}
        yield alert
        alert.save()
        after = {"state": alert.state, "conclusion": alert.conclusion}
        changes = {name: [value, after[name]] for name, value in before.items() if value != after[name]}
        detail = {"changes": changes} if changes else None
        record(by=by, verb=verb, subject=alert, person_id=alert.person_id, why=why, detail=detail)


def _acknowledged(alert: Alert, at: datetime) -> None:
    alert.acknowledged_at = alert.acknowledged_at or at
    calls.settle(alert)


def _check_conclusion(conclusion: str, reason: str, words: str) -> None:
    faults = []
    if conclusion not in OFFERED:
        faults.append(("conclusion", "Choose how this alert ended."))
    elif not fits(conclusion, reason):
        label = Alert.Conclusion(conclusion).label.lower()
        faults.append(("reason", f"Choose one of the reasons listed under “{label}”."))
    if not words:
        faults.append(("words", "Write a note: what you did and what you learned."))
    elif len(words) > 400:
        faults.append(("words", f"The note is {len(words)} characters long. Shorten it to 400."))
    if faults:
        raise CannotWork(*faults)


def _who_was_first(alert: Alert) -> str:
    """The last thing a person did that changed whose turn it is."""
    turns = (Act.ACKNOWLEDGED, Act.TAKEN, Act.CONCLUDED, Act.REOPENED)
    last = alert.acts.filter(act__in=turns).select_related("by").order_by("-at", "-pk").first()
    if last is None:
        return "This alert changed while you looked at it. Look at it as it is now."
    who = short_name_of(last.by) if last.by else "Later data"
    return f"{who} was first: {last.get_act_display().lower()} at {clock(last.at)}. Look at it as it is now."


def _what_changed(alert: Alert, version: int) -> str:
    last = alert.acts.select_related("by").exclude(act__in=(Act.NOTIFIED, Act.ESCALATED)).order_by("-at", "-pk").first()
    if last is None or (last.by is None and alert.version == version):
        return _who_was_first(alert)
    who = f" by {short_name_of(last.by)}" if last.by else ""
    return (
        f"This alert changed while you were writing: {last.get_act_display().lower()}{who} at {clock(last.at)}. "
        "Nothing was saved yet. Look at it as it is now, then save again."
    )
