"""The clock of an alert: up the ladder until somebody acknowledges it, again every 24 hours while the condition lasts.

An alert has one timer, `escalate_at`: when the clock looks at it again. Whoever acts sets it anew in the same
transaction, so a crash loses no call; a call's key holds alert, rung, due time and addressee, so none is made twice.
`escalate_due` and `send_calls` are called again and again by the engine's tick and read no other clock than its.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from waymark.accounts.models import Role, Scope, User
from waymark.monitoring.ladder import LADDERS, Rung
from waymark.monitoring.models import Alert, AlertAct, Call, Suspension
from waymark.people.access import open_assignments, people_visible_to
from waymark.people.models import Person

Act = AlertAct.Act
State = Alert.State
REMIND_EVERY = timedelta(hours=24)
AT_ONCE = 500  # calls sent in one transaction


def escalate_due(at: datetime) -> int:
    """Do for every alert what its timer has come round to; returns how many were looked at. Safe to repeat, and to run
    twice at once: each alert is locked, looked at and given its next time in one transaction."""
    _wake_lifted(at)
    due = list(Alert.objects.filter(escalate_at__lte=at).order_by("escalate_at", "pk").values_list("pk", flat=True))
    for pk in due:
        with transaction.atomic():
            locked = Alert.objects.select_for_update(of=("self",), skip_locked=True)
            alert = locked.filter(pk=pk, escalate_at__lte=at).first()
            if alert:
                _look(alert, at)
    return len(due)


def send_calls(at: datetime) -> int:
    """Hand over what is queued: from then on it stands on the board and on the pages of those it calls. Returns how
    many. Each call is sent once, however often this is interrupted or run."""
    sent = 0
    while batch := _send_some(at):
        sent += batch
    return sent


@transaction.atomic
def _send_some(at: datetime) -> int:
    waiting = Call.objects.select_for_update(of=("self",), skip_locked=True).filter(sent_at=None).order_by("pk")
    calls = list(waiting[:AT_ONCE])
    told = {call.alert_id for call in calls}
    Call.objects.filter(pk__in=[call.pk for call in calls]).update(sent_at=at)
    first = list(Alert.objects.filter(pk__in=told, notified_at=None).order_by("pk").values_list("pk", flat=True))
    Alert.objects.filter(pk__in=first).update(notified_at=at)
    AlertAct.objects.bulk_create(AlertAct(alert_id=pk, act=Act.NOTIFIED, at=at) for pk in first)
    return len(calls)


def begin(alert: Alert, at: datetime) -> None:
    """Climb from the first rung. The alert is the caller's to lock and to save."""
    alert.escalation_step = 0
    climb(alert, began_at=at, at=at)


def climb(alert: Alert, *, began_at: datetime, at: datetime) -> None:
    """Call everybody whose rung is due by now, and set the timer to what comes next: a rung or a reminder."""
    ladder = LADDERS[alert.priority]
    while alert.escalation_step < len(ladder) and (due := ladder[alert.escalation_step].due(began_at)) <= at:
        _call_rung(alert, alert.escalation_step, ladder[alert.escalation_step].rung, due, at)
        alert.escalation_step += 1
    rung_at = ladder[alert.escalation_step].due(began_at) if alert.escalation_step < len(ladder) else None
    alert.escalate_at = min(filter(None, (rung_at, next_reminder(alert))), default=None)


def call_owner(alert: Alert, at: datetime) -> None:
    """Tell the one who works on it, who is not asked to acknowledge it again."""
    _queue(alert, alert.escalation_step, [alert.owner], at, at)


def settle(alert: Alert) -> None:
    """Somebody has it: no rung is climbed any more, only the reminder is left."""
    alert.escalate_at = next_reminder(alert)


def next_reminder(alert: Alert) -> datetime | None:
    """24 hours after it was raised or last raised again, while the condition lasts and the device is worn."""
    if alert.cleared_at is not None or alert.activation.until_at is not None:
        return None
    return alert.evaluated_at + REMIND_EVERY * (alert.reminded + 1)


def is_quiet(alert: Alert) -> bool:
    """Raised while suspended, and nobody was called yet."""
    return alert.suspension_id is not None and not alert.calls.exists()


def suspension_of(order_id: int, at: datetime) -> Suspension | None:
    """The one that stands at the instant, the longest if there are several: [from, until), whole and without a hole."""
    not_lifted = Q(lifted_at=None) | Q(lifted_at__gt=at)
    standing = Suspension.objects.filter(not_lifted, order=order_id, from_at__lte=at, until_at__gt=at)
    return standing.order_by("-until_at", "pk").first()


def _look(alert: Alert, at: datetime) -> None:
    if alert.state == State.CLOSED:
        _raise_again_after_closing(alert, at)
    elif is_quiet(alert):
        _end_of_suspension(alert, at)
    else:
        began_at = _began_at(alert) if alert.state == State.NEW else None
        if began_at:
            climb(alert, began_at=began_at, at=at)
        if alert.escalate_at and alert.escalate_at <= at:
            _remind(alert, began_at, at)
    alert.save()


def _began_at(alert: Alert) -> datetime | None:
    """When the ladder was begun last: its first call to the board. None: it calls nobody."""
    return alert.calls.filter(step=0, to=None).order_by("-queued_at").values_list("queued_at", flat=True).first()


def _wake_lifted(at: datetime) -> None:
    """A suspension that was lifted early ends now for the alerts that wait for its end."""
    waiting = Alert.objects.filter(suspension__lifted_at__lte=at, escalate_at__gt=at, escalation_step=0, calls=None)
    for pk in list(waiting.exclude(state=State.CLOSED).values_list("pk", flat=True)):
        Alert.objects.filter(pk=pk).update(escalate_at=at)


def _end_of_suspension(alert: Alert, at: datetime) -> None:
    """What lasts calls now, unless another suspension took over. What ended meanwhile stays listed."""
    order = alert.activation.order_id
    if longer := suspension_of(order, at):
        alert.suspension, alert.escalate_at = longer, longer.until_at
    elif alert.cleared_at is None:
        note(alert, Act.REMINDED, at, "The suspension ended and the condition lasts: it calls from now on.")
        begin(alert, at)
    else:
        alert.escalate_at = None


def _remind(alert: Alert, began_at: datetime | None, at: datetime) -> None:
    """A ladder that is not climbed to its top goes on; the board alone hears again."""
    if alert.cleared_at is not None or alert.activation.until_at is not None:
        alert.escalate_at = None
        return
    days = _count_reminder(alert, at)
    note(alert, Act.REMINDED, at, f"It has lasted {days} day{'s' if days != 1 else ''}.")
    if began_at and alert.escalation_step < len(LADDERS[alert.priority]):
        _queue(alert, alert.escalation_step, [None], at, at)
        climb(alert, began_at=began_at, at=at)
    else:
        call_again(alert, at)


def call_again(alert: Alert, at: datetime) -> None:
    """Ask for attention anew: of the owner, who works on it, or else of everybody from the first rung on."""
    if alert.state == State.WORKING:
        call_owner(alert, at)
        settle(alert)
        return
    alert.state = State.NEW
    begin(alert, at)


def _raise_again_after_closing(alert: Alert, at: datetime) -> None:
    """Concluded a day ago, and it still lasts: a person looks again. What was concluded stands in the acts."""
    if alert.cleared_at is not None or alert.activation.until_at is not None:
        alert.escalate_at = None
        return
    said = alert.get_conclusion_display().lower()
    _count_reminder(alert, at)
    note(alert, Act.REMINDED, at, f"It was concluded as {said}, and a day later it still lasts. Please look again.")
    reopen_fields(alert)
    if alert.suspension is None:
        alert.suspension = suspension_of(alert.activation.order_id, at)
    begin(alert, at)


def reopen_fields(alert: Alert) -> None:
    alert.state, alert.owner = State.NEW, None
    alert.closed_at, alert.closed_by, alert.conclusion, alert.reason = None, None, "", ""
    alert.version += 1


def _count_reminder(alert: Alert, at: datetime) -> int:
    """However long the engine stood still, the reminders it missed are one. Returns the days the alert is old."""
    alert.reminded = max((at - alert.evaluated_at) // REMIND_EVERY, alert.reminded + 1)
    return alert.reminded


def note(alert: Alert, act: str, at: datetime, words: str = "", by: User | None = None) -> AlertAct:
    return AlertAct.objects.create(alert=alert, act=act, at=at, by=by, words=words[:500])


# Whom a rung calls


def _call_rung(alert: Alert, number: int, rung: Rung, due: datetime, at: datetime) -> None:
    if rung == Rung.BOARD:
        _queue(alert, number, [None], due, at)
        return
    people = people_on(rung, alert)
    _queue(alert, number, people, due, at)
    names = ", ".join(short_name_of(user) for user in people)
    note(alert, Act.ESCALATED, at, f"To {rung}: {names}." if people else f"To {rung}: no open account has this place.")


def _queue(alert: Alert, number: int, people: Sequence[User | None], due: datetime, at: datetime) -> None:
    calls = [
        Call(
            key=f"{alert.pk}:{number}:{int(due.timestamp() * 1000)}:{user.pk if user else 'board'}",
            alert=alert,
            step=number,
            to=user,
            queued_at=at,
        )
        for user in people
    ]
    Call.objects.bulk_create(calls, ignore_conflicts=True)


def people_on(rung: Rung, alert: Alert) -> list[User]:
    """The open accounts of the rung that may see the person. A supervisor over her whole agency heads monitoring. A
    rung on which nobody stands calls the next one that somebody does."""
    on_duty = _who_see(alert, _accounts(Role.MONITORING_STAFF)) if rung == Rung.ON_DUTY else []
    if on_duty:
        return on_duty
    supervisors = _accounts(Role.SUPERVISOR)
    heads = _who_see(alert, supervisors.filter(scope__in=[Scope.AGENCY, Scope.WHOLE]))
    nearest = _who_see(alert, supervisors.exclude(scope__in=[Scope.AGENCY, Scope.WHOLE]))
    return (heads or nearest) if rung == Rung.TOP else (nearest or heads)


def _accounts(role: Role) -> QuerySet[User]:
    return User.objects.filter(role=role, is_active=True).order_by("pk")


def _who_see(alert: Alert, accounts: QuerySet[User]) -> list[User]:
    person = Person.objects.get(pk=alert.person_id)
    kept = person.merged_into_id or person.pk
    people = [kept, *Person.objects.filter(merged_into=kept).values_list("pk", flat=True)]
    agencies = open_assignments(timezone.localdate()).filter(person__in=people).values("agency")
    near = accounts.filter(Q(agency__in=agencies) | Q(scope=Scope.WHOLE))
    return [user for user in near if people_visible_to(user).filter(pk=kept).exists()]


def short_name_of(user: User) -> str:
    """A. Chen; the user name where no name is on record."""
    given, family = user.first_name, user.last_name
    return f"{given[:1]}. {family}" if given and family else user.get_full_name() or user.get_username()
