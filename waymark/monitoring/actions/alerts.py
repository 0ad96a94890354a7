"""What the machine does to alerts, told by the engine which episodes changed: raise, join, raise higher, clear,
withdraw. It runs in the engine's transaction, so an episode and its alert stand or fall together.

Cleared is not closed. The machine closes what reasons.MACHINE_MAY_CLOSE names and nothing else. What it does stands in
the alert's acts, by nobody; the audit chain is kept for people (its one lock would make the parts of the log wait for
each other).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from waymark.monitoring.actions import calls
from waymark.monitoring.actions.calls import Act, State, note
from waymark.monitoring.actions.orders import standing_versions, version_holding
from waymark.monitoring.alert_words import A_PROTECTED_DEVICE, INFORMATION, PRIORITY_WORDS, clock_and_day, says
from waymark.monitoring.changes import EpisodeChange
from waymark.monitoring.models import Activation, Alert, Episode, Suspension
from waymark.monitoring.reasons import BY_MACHINE, MACHINE_MAY_CLOSE, machine_may_close

JOINS_WITHIN = timedelta(minutes=30)  # flapping joins the open alert [P], monitoring.md 2.6
ACTIONABLE_FOR = timedelta(hours=1)  # after its end, what is found late still calls [P]; critical alerts always do


def follow(
    activation: Activation, changes: Iterable[EpisodeChange], at: datetime, received_at: datetime | None
) -> None:
    """Bring the alerts of the activation in line with its episodes. The same changes again change nothing.

    `at`: the log's instant. `received_at`: of the message that showed it; None: silence did. New stretches come before
    withdrawn ones, so that a stretch that merely moved keeps its alert.
    """
    changes = sorted(changes, key=lambda change: change.is_withdrawn)
    moved = _moved(changes)
    for change in changes:
        episode = change.after
        alert_id, followed = _alert_of(episode)
        if followed:
            continue
        if alert_id is not None:
            _go_on(_locked(alert_id), activation, episode, at, received_at)
        elif episode.withdrawn or episode.kind in INFORMATION:
            continue
        elif stretch := moved.pop((episode.family, episode.zone_id), None):
            _move(_locked(stretch), activation, episode, at, received_at)
        else:
            _begin(activation, episode, at, received_at)


def _alert_of(episode: Episode) -> tuple[int | None, bool]:
    """The alert that an earlier row of the episode has, and whether this very row was followed before."""
    rows = dict(Episode.objects.filter(episode_id=episode.episode_id).order_by("pk").values_list("pk", "alert_id"))
    if rows.get(episode.pk) is not None:
        return None, True
    alerts = [alert_id for alert_id in rows.values() if alert_id is not None]
    return (alerts[-1] if alerts else None), False


def _moved(changes: list[EpisodeChange]) -> dict[tuple[str, int | None], int]:
    """Alerts of stretches withdrawn in these same changes, by family and zone. A new stretch of that family and zone is
    the old one with another beginning."""
    moved = {}
    for change in changes:
        alert_id, followed = _alert_of(change.after) if change.is_withdrawn else (None, True)
        if alert_id is not None and not followed:
            moved[change.after.family, change.after.zone_id] = alert_id
    return moved


def _locked(alert_id: int) -> Alert:
    return Alert.objects.select_for_update(of=("self",)).get(pk=alert_id)


# A new stretch


def _begin(activation: Activation, episode: Episode, at: datetime, received_at: datetime | None) -> None:
    if alert := _open_alert_near(activation, episode):
        _join(alert, episode, at)
    else:
        raise_alert(activation, episode, at, received_at)


def _open_alert_near(activation: Activation, episode: Episode) -> Alert | None:
    """The open alert of the same family and zone that lasts, or that is less than half an hour away."""
    ended = Q(cleared_at=None) | Q(cleared_at__gte=episode.opened_at - JOINS_WITHIN)
    began = Q(happened_at__lte=episode.closed_at + JOINS_WITHIN) if episode.closed_at else Q()
    same = Alert.objects.select_for_update(of=("self",)).filter(
        ended, began, activation=activation, family=episode.family, zone=episode.zone_id
    )
    return same.exclude(state=State.CLOSED).order_by("-happened_at", "-pk").first()


def _join(alert: Alert, episode: Episode, at: datetime) -> None:
    _link(episode, alert)
    alert.repeats += 1
    alert.version += 1
    note(alert, Act.JOINED, at, f"At {clock_and_day(episode.opened_at)}: {_says(alert.activation, episode)}.")
    if alert.withdrawn_at is not None:
        alert.withdrawn_at = None
        note(alert, Act.CHANGED, at, "It stands again: what was withdrawn happened at another time.")
    called = alert.calls.exists()
    _take_over(alert, episode, at)
    if not called and alert.state != State.CLOSED and not alert.calls.exists():
        _call_if_it_matters(alert, calls.suspension_of(alert.activation.order_id, episode.opened_at), at)
    alert.save()


def raise_alert(
    activation: Activation, episode: Episode, at: datetime, received_at: datetime | None, why: str = ""
) -> Alert:
    """A new alert. It calls from the first rung on, unless a suspension stood when the episode began or it was found
    too late to act on; then it is listed, and calls nobody."""
    suspension = calls.suspension_of(activation.order_id, episode.opened_at)
    alert = Alert.objects.create(
        activation=activation,
        person_id=activation.person_id,
        family=episode.family,
        kind=episode.kind,
        zone=episode.zone,
        priority=episode.severity,
        words=_says(activation, episode),
        happened_at=episode.opened_at,
        received_at=received_at,
        evaluated_at=at,
        cleared_at=episode.closed_at,
        suspension=suspension,
    )
    _link(episode, alert)
    note(alert, Act.RAISED, at, why)
    if version_holding(standing_versions(activation.order), episode.opened_at) is None:
        note(alert, Act.NOTE, at, "No order of monitoring held then. Look at the order before you act on this.")
    if alert.cleared_at:
        note(alert, Act.CLEARED, at, f"It ended at {clock_and_day(alert.cleared_at)}.")
    _call_if_it_matters(alert, suspension, at)
    alert.save()
    return alert


def _call_if_it_matters(alert: Alert, suspension: Suspension | None, at: datetime) -> None:
    if _may_be_closed(alert):
        _close(alert, at, MACHINE_MAY_CLOSE[alert.kind][1])
    elif suspension:
        alert.suspension = suspension
        note(alert, Act.NOTE, at, f"Alerts are suspended until {clock_and_day(suspension.until_at)}: calls nobody.")
        alert.escalate_at = suspension.until_at
    elif alert.priority != "P1" and alert.cleared_at and at - alert.cleared_at > ACTIONABLE_FOR:
        note(alert, Act.NOTE, at, "Found in late data, after it ended: listed, calls nobody.")
    else:
        calls.begin(alert, at)


# A known stretch


def _go_on(alert: Alert, activation: Activation, episode: Episode, at: datetime, received_at: datetime | None) -> None:
    if alert.state == State.CLOSED and not episode.withdrawn and (since := _since_it_was_closed(alert, episode)):
        words = f"Alert {alert.pk} was concluded as {alert.get_conclusion_display().lower()}; {since}."
        raise_alert(activation, episode, at, received_at, words)
        Alert.objects.filter(pk=alert.pk).update(escalate_at=None)  # the new one reminds from now on
        return
    _link(episode, alert)
    if episode.withdrawn:
        _withdraw(alert, episode, at)
    else:
        if alert.withdrawn_at is not None:
            alert.withdrawn_at = None
            alert.version += 1
            note(alert, Act.CHANGED, at, "It stands again: still later data show that it happened after all.")
        _take_over(alert, episode, at)
    alert.save()


def _since_it_was_closed(alert: Alert, episode: Episode) -> str:
    """What nobody knew who closed it, or nothing."""
    if episode.severity < alert.priority:
        return "it has become worse since"
    return "it had been withdrawn then, and still later data show that it happened" if alert.withdrawn_at else ""


def _move(alert: Alert, activation: Activation, episode: Episode, at: datetime, received_at: datetime | None) -> None:
    """Later data give the stretch another beginning: the alert stays, and says so."""
    was = alert.happened_at
    _go_on(alert, activation, episode, at, received_at)
    if Episode.objects.filter(pk=episode.pk, alert=alert).exists():
        alert.happened_at = episode.opened_at
        alert.version += 1
        note(alert, Act.CHANGED, at, f"It began at {clock_and_day(episode.opened_at)}, not at {clock_and_day(was)}.")
        alert.save()


def _take_over(alert: Alert, episode: Episode, at: datetime) -> None:
    """Kind, priority and end of the alert as its standing stretches have them now. A priority never falls."""
    if episode.kind != alert.kind and episode.severity <= alert.priority:
        alert.kind, alert.words = episode.kind, _says(alert.activation, episode)
        alert.version += 1
        note(alert, Act.CHANGED, at, f"Now: {alert.words}.")
    if episode.severity < alert.priority:
        _raise_higher(alert, episode.severity, at)
    _follow_the_end(alert, at)


def _raise_higher(alert: Alert, priority: str, at: datetime) -> None:
    """Who acknowledged a lesser thing is asked again; who works on it is told."""
    before = PRIORITY_WORDS[alert.priority]
    alert.priority = priority
    alert.version += 1
    note(alert, Act.NOTE, at, f"Raised from {before} to {PRIORITY_WORDS[priority]}.")
    if alert.state != State.CLOSED and not calls.is_quiet(alert):
        calls.call_again(alert, at)


def _follow_the_end(alert: Alert, at: datetime) -> None:
    ends = list(alert.episodes.filter(current=True, withdrawn=False).values_list("closed_at", flat=True))
    if not ends:
        return
    known = [end for end in ends if end is not None]
    end = max(known) if len(known) == len(ends) else None
    if end == alert.cleared_at:
        return
    lasted, alert.cleared_at = alert.cleared_at is None, end
    if end is None:
        note(alert, Act.NOTE, at, "It lasts.")
        _call_for_what_lasts(alert, at)
    elif lasted:
        note(alert, Act.CLEARED, at, f"It ended at {clock_and_day(end)}.")
        if alert.state in (State.NEW, State.ACKNOWLEDGED) and _may_be_closed(alert):
            _close(alert, at, MACHINE_MAY_CLOSE[alert.kind][1])


def _call_for_what_lasts(alert: Alert, at: datetime) -> None:
    """It was taken to be over, and for that nobody may have been called yet."""
    if alert.state != State.NEW or alert.calls.exists():
        alert.escalate_at = alert.escalate_at or calls.next_reminder(alert)
    elif alert.suspension:
        alert.escalate_at = alert.suspension.until_at
    else:
        calls.begin(alert, at)


def _withdraw(alert: Alert, episode: Episode, at: datetime) -> None:
    """Later data show that the stretch never was. The alert goes with its last stretch, but only the machine's own
    kinds, of which nobody has heard, go without a person."""
    alert.version += 1
    if alert.episodes.filter(current=True, withdrawn=False).exists():
        note(alert, Act.CHANGED, at, f"Not at {clock_and_day(episode.opened_at)}: withdrawn by later data.")
        _follow_the_end(alert, at)
        return
    alert.withdrawn_at = at
    alert.cleared_at = alert.cleared_at or at
    note(alert, Act.WITHDRAWN, at)
    nobody_heard = alert.notified_at is None and alert.acknowledged_at is None
    if alert.state == State.NEW and nobody_heard and machine_may_close(alert.family, alert.kind, alert.priority):
        _close(alert, at, "withdrawn")
    elif alert.state == State.CLOSED and alert.conclusion == Alert.Conclusion.CONFIRMED:
        note(alert, Act.REOPENED, at, "It had been confirmed. Please look again, and at the notices that were served.")
        calls.reopen_fields(alert)
        calls.begin(alert, at)


def _may_be_closed(alert: Alert) -> bool:
    return alert.cleared_at is not None and machine_may_close(alert.family, alert.kind, alert.priority)


def _close(alert: Alert, at: datetime, reason: str) -> None:
    conclusion, words = BY_MACHINE[reason]
    alert.state, alert.closed_at, alert.escalate_at = State.CLOSED, at, None
    alert.conclusion, alert.reason = conclusion, reason
    alert.version += 1
    note(alert, Act.CONCLUDED, at, f"{words}. Closed without a person, as a routine alert of this kind may be.")


def _says(activation: Activation, episode: Episode) -> str:
    words = says(episode.kind, episode.zone)
    return f"{A_PROTECTED_DEVICE}: {words}" if activation.protected else words


def _link(episode: Episode, alert: Alert) -> None:
    Episode.objects.filter(pk=episode.pk).update(alert=alert)
    episode.alert = alert
