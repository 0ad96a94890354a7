"""Episodes: from the kernel's spans to stretches a person can read, with the evidence that decided.

The evidence holds the wearer's fixes and what they were measured against. It never holds where a victim is: for a
victim's zone or device no distance is given finer than VICTIM_STEP_M, and none beside a position.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from waymark.telemetry import geometry, kernel
from waymark.telemetry.alcohol import AlcoholEpisode, Tamper
from waymark.telemetry.compiled import Key, Rules
from waymark.telemetry.geometry import PARTNER
from waymark.telemetry.instants import SECOND_MS, Span, iso
from waymark.telemetry.kernel import (
    APPROACH,
    BATTERY,
    CONTACT,
    CROSSING,
    CURFEW,
    DWELL_MS,
    EXCLUSION,
    LOCATION,
    NEVER,
    OPENING_MOST,
    RULE_VERSION,
    SHARP_M,
    STILL_OPEN,
    STRAP,
    STRAP_JOINS_MS,
    TURNED,
)
from waymark.telemetry.readings import KINDS, RF, SOURCES
from waymark.telemetry.unheard import Unheard, in_words

Severity = Literal["P1", "P2", "P3", "P4"]
Confidence = Literal["high", "medium", "low"]
VICTIM_STEP_M = 50
LATE_RETURN_MS = 60 * 60 * SECOND_MS  # back by then is a late return; who is out longer was out when it began
LONG_UNDECIDED_MS = 60 * 60 * SECOND_MS  # fixes further apart decide, with low confidence


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch in which the plan was not met: [opened_ms, closed_ms), None: still open when it was reported."""

    episode_id: str
    participant: str
    kind: str
    family: str
    opened_ms: int
    closed_ms: int | None
    severity: Severity
    zone: str | None
    zone_version: int | None
    confidence: Confidence
    evidence: dict[str, Any]
    rule_version: str
    plan_version: int

    def as_json(self) -> dict[str, Any]:
        return {
            "episode_id": self.episode_id,
            "participant": self.participant,
            "kind": self.kind,
            "opened_at": iso(self.opened_ms),
            "closed_at": None if self.closed_ms is None else iso(self.closed_ms),
            "severity": self.severity,
            "zone": self.zone,
            "confidence": self.confidence,
            "evidence": self.evidence,
            "rule_version": self.rule_version,
            "family": self.family,
            "zone_version": self.zone_version,
            "plan_version": self.plan_version,
        }


def episode_id(activation: str, family: str, zone: str | None, zone_version: int | None, opened_ms: int) -> str:
    """The same stretch has the same number on every run. The kind is no part of it: it may ripen."""
    name = "\x1f".join((activation, family, zone or "", str(zone_version or ""), str(opened_ms)))
    return hashlib.blake2b(name.encode(), digest_size=8).hexdigest()


class Found(NamedTuple):
    """A row of SPAN."""

    activation: int
    family: int
    zone: int
    from_ms: int
    until_ms: int
    ended: int
    window_from_ms: int
    window_until_ms: int
    seen_ms: int
    latest_ms: int
    decided_ms: int
    decisive: int
    unknown: int
    contrary: int
    farthest_m: float
    ring: int
    first_pct: float
    least_pct: float
    last_pct: float
    critical_ms: int
    times: int
    outliers: int
    opening: int
    closing: int


class Fix(NamedTuple):
    """A row of FIX."""

    at_ms: int
    lat: float
    lon: float
    accuracy_m: float
    source: int
    kind: int


class Judged(NamedTuple):
    """What an episode adds to its span."""

    family: str
    kind: str
    severity: Severity
    confidence: Confidence
    evidence: dict[str, Any]


def episodes(rules: Rules, spans: Any, fixes: Any, until_ms: int, unheard: Unheard) -> Iterator[Episode]:
    """`spans` and `fixes` as the kernel wrote them."""
    for row, used in zip(spans.tolist(), fixes.tolist(), strict=True):
        span = Found(*row)
        kept = [Fix(*fix) for fix in used]
        opening = kept[: span.opening]
        closing = kept[OPENING_MOST : OPENING_MOST + span.closing]
        judged = JUDGES[span.family](rules, span, opening, closing, until_ms)
        if span.family in (CURFEW, EXCLUSION):
            judged = _as_heard(span, judged, opening, until_ms, unheard)
        yield _episode(rules, span, judged)


def _as_heard(span: Found, judged: Judged, opening: list[Fix], until_ms: int, unheard: Unheard) -> Judged:
    """Says for how long of it nobody knows where the device was. Half of it known is not enough to be sure."""
    ended_ms = until_ms if span.seen_ms == NEVER else span.seen_ms
    silent_ms = unheard.inside(span.zone, span.from_ms, ended_ms)
    evidence = judged.evidence | {"unheard_seconds": silent_ms // SECOND_MS}
    if silent_ms == 0:
        return judged._replace(evidence=evidence)
    on_this_side = [fix.at_ms for fix in opening if min(span.from_ms, span.decided_ms) <= fix.at_ms <= ended_ms]
    evidence["last_fix_on_this_side_at"] = iso(max([span.latest_ms, *on_this_side]))
    evidence["because"] += f" The device was not heard for {in_words(silent_ms)} of it; where it was then is not known."
    doubtful = judged.confidence == "high" and 2 * silent_ms > ended_ms - span.from_ms
    return judged._replace(evidence=evidence, confidence="medium" if doubtful else judged.confidence)


def _episode(rules: Rules, span: Found, judged: Judged) -> Episode:
    key = rules.keys[span.zone] if span.zone >= 0 else None
    closed_ms = None if span.until_ms == NEVER else span.until_ms
    return make_episode(rules, judged, key, span.from_ms, closed_ms)


def make_episode(rules: Rules, judged: Judged, key: Key | None, opened_ms: int, closed_ms: int | None) -> Episode:
    participant = rules.participant
    zone, version = (key.zone, key.version) if key else (None, None)
    return Episode(
        episode_id=episode_id(participant.activation, judged.family, zone, version, opened_ms),
        participant=participant.activation,
        kind=judged.kind,
        family=judged.family,
        opened_ms=opened_ms,
        closed_ms=closed_ms,
        severity=judged.severity,
        zone=zone,
        zone_version=version,
        confidence=judged.confidence,
        evidence=judged.evidence | _suspension(rules, opened_ms),
        rule_version=RULE_VERSION,
        plan_version=participant.plan_version,
    )


def ended_with_plan(rules: Rules, key: Key, family: str, opened_ms: int, closed_ms: int) -> Episode:
    """The plan no longer has the zone in which an episode was open."""
    kind = {"curfew": "left_during", "exclusion": "exclusion_entered", "victim": "victim_proximity"}.get(family)
    severity: Severity = "P3" if family == "approach" else "P2" if family == "curfew" else "P1"
    words = f"Open when the plan let go of the zone; version {rules.participant.plan_version} does not have it."
    judged = Judged(family, kind or "possible_approach", severity, "medium", {"because": words})
    return make_episode(rules, judged, key, opened_ms, closed_ms)


def _suspension(rules: Rules, opened_ms: int) -> dict[str, Any]:
    for suspension in rules.participant.suspensions:
        span = suspension.span(rules.time_zone)
        if span.from_ms <= opened_ms < span.until_ms:
            return {"suspended": True, "suspension": span.as_json() | {"who": suspension.who, "why": suspension.why}}
    return {"suspended": False}


# ------------------------------------------------------------------------------------------------------------- zones
def _curfew(rules: Rules, span: Found, opening: list[Fix], closing: list[Fix], until_ms: int) -> Judged:
    row = rules.rows[span.zone]
    wrong = [fix for fix in opening if _wrong_m(rules, span, fix) > 0 or _out_of_range(fix)]
    kind = _curfew_kind(span, span.until_ms != NEVER)
    raised_ms = max(span.from_ms + int(row.grace_ms), span.decided_ms)
    evidence = _zone_evidence(rules, span, opening, closing) | {
        "because": _absence_sentence(rules, span, wrong),
        "absence_seconds": (span.seen_ms - span.from_ms) // SECOND_MS,
        "raised_as": _curfew_kind(span, span.until_ms != NEVER and raised_ms >= span.until_ms),
        "raised_at": iso(raised_ms),
        "greatest_distance_m": _metres(span.farthest_m),
    }
    evidence["thresholds"] |= {
        "grace_minutes": float(row.grace_ms / 60_000),
        "slack_m": _metres(row.slack_m),
        "fixes": 2,
        "over_seconds": DWELL_MS // SECOND_MS,
    }
    return Judged("curfew", kind, "P2", _confidence(span, wrong), evidence)


def _curfew_kind(span: Found, closed: bool) -> str:
    at_start = span.from_ms == span.window_from_ms
    if not closed:
        return "out_at_start" if at_start else "left_during"
    if span.ended != TURNED:
        return "out_entire_window" if at_start else "out_at_end"
    if not at_start:
        return "left_during"
    return "returned_late" if span.until_ms - span.from_ms <= LATE_RETURN_MS else "out_at_start"


def _absence_sentence(rules: Rules, span: Found, wrong: list[Fix]) -> str:
    if any(_out_of_range(fix) for fix in wrong):
        return f"The home unit did not hear the device at {iso(wrong[-1].at_ms)}."
    least = min((_wrong_m(rules, span, fix) for fix in wrong), default=0.0)
    return f"{_fixes_in_words(wrong)}, all outside by at least {_down(least)} m."


def _exclusion(rules: Rules, span: Found, opening: list[Fix], closing: list[Fix], until_ms: int) -> Judged:
    zone = rules.zones[span.zone]
    wrong = [fix for fix in opening if fix.at_ms >= min(span.from_ms, span.decided_ms)]
    evidence = _zone_evidence(rules, span, opening, closing)
    evidence["thresholds"] |= {"fixes": 1 if zone.kind == "victim" else 2, "one_is_enough_within_m": SHARP_M}
    if zone.kind == "victim":
        evidence["because"] = _victim_sentence(rules, span, wrong)
        return Judged("victim", "victim_proximity", "P1", _confidence(span, wrong), evidence)
    least = min((-_distance(rules, span, fix) for fix in wrong), default=0.0)
    evidence["because"] = f"{_fixes_in_words(wrong)}, all inside by at least {_down(least)} m."
    evidence["greatest_depth_m"] = _metres(span.farthest_m)
    severity: Severity = "P1" if zone.kind == "exclusion" else "P2"
    return Judged("exclusion", "exclusion_entered", severity, _confidence(span, wrong), evidence)


def _victim_sentence(rules: Rules, span: Found, wrong: list[Fix]) -> str:
    if rules.rows[span.zone].form != PARTNER:
        return f"{_fixes_in_words(wrong)}, inside the protected zone."
    order_m = rules.rows[span.zone].radius_m
    nearest_m = max(order_m - span.farthest_m, 0.0)
    step = int(nearest_m // VICTIM_STEP_M + 1) * VICTIM_STEP_M
    closing = "" if nearest_m <= order_m else " and closing fast"
    return f"Within {step} m of the protected person's device{closing}, both error circles taken off."


def _crossing(rules: Rules, span: Found, opening: list[Fix], closing: list[Fix], until_ms: int) -> Judged:
    seconds = (span.until_ms - span.from_ms) // SECOND_MS
    evidence = _zone_evidence(rules, span, opening, closing)
    words = f"Outside before and {seconds} s after; the straight way between goes through the zone."
    if rules.zones[span.zone].kind != "victim":
        words = words[:-1] + f", {_down(span.farthest_m)} m deep."
        evidence["greatest_depth_m"] = _metres(span.farthest_m)
    evidence["because"] = words
    evidence["thresholds"] |= {"gap_seconds": kernel.CROSSING_GAP_MS // SECOND_MS}
    return Judged("crossing", "exclusion_crossed", "P1", "medium", evidence)


def _approach(rules: Rules, span: Found, opening: list[Fix], closing: list[Fix], until_ms: int) -> Judged:
    evidence = _zone_evidence(rules, span, opening, closing)
    where = "inside the warning ring" if span.ring else "too near the edge to tell on which side"
    evidence["because"] = f"{_fixes_in_words(opening, span.decisive)}, {where}."
    evidence["warning_ring"] = bool(span.ring)
    if rules.zones[span.zone].kind != "victim":
        evidence["least_distance_m"] = _metres(span.farthest_m)
    evidence["thresholds"] |= {"doubt_lasts_seconds": kernel.NEAR_MS // SECOND_MS}
    return Judged("approach", "possible_approach", "P3", "medium" if span.ring else "low", evidence)


def _zone_evidence(rules: Rules, span: Found, opening: list[Fix], closing: list[Fix]) -> dict[str, Any]:
    zone = rules.zones[span.zone]
    return {
        "because": "",
        "window": Span(span.window_from_ms, span.window_until_ms).as_json(),
        "decided_at": iso(span.decided_ms),
        "fixes": [_fix(rules, span, fix) for fix in opening],
        "closing_fixes": [_fix(rules, span, fix) for fix in closing],
        "decisive_fixes": span.decisive,
        "unknown_fixes": span.unknown,
        "contrary_fixes": span.contrary,
        "outliers_left_out": 0 if rules.rows[span.zone].form == PARTNER else span.outliers,  # a pair leaves none out
        "zone_version": zone.version,
        "plan_version": rules.participant.plan_version,
        "thresholds": {"buffer_m": zone.buffer_m},
    }


def _fix(rules: Rules, span: Found, fix: Fix) -> dict[str, Any]:
    if fix.kind == RF:
        return {"at": iso(fix.at_ms), "kind": "rf", "source": _source(fix)}
    seen = {
        "at": iso(fix.at_ms),
        "lat": fix.lat,
        "lon": fix.lon,
        "accuracy_m": _metres(fix.accuracy_m),
        "source": _source(fix),
    }
    if fix.kind != 0:
        seen["kind"] = KINDS[fix.kind]
    if rules.zones[span.zone].kind != "victim":
        seen["distance_m"] = _metres(_distance(rules, span, fix))
    return seen


def _source(fix: Fix) -> str | None:
    return SOURCES[fix.source] if fix.source >= 0 else None


def _distance(rules: Rules, span: Found, fix: Fix) -> float:
    """Metres from the edge of the zone, negative inside."""
    row = rules.rows[span.zone]
    return geometry.signed_distance(row, rules.edges, *geometry.plane(row, fix.lat, fix.lon))


def _wrong_m(rules: Rules, span: Found, fix: Fix) -> float:
    """Metres beyond an inclusion zone and its buffer."""
    return -1.0 if fix.kind == RF else _distance(rules, span, fix) - float(rules.rows[span.zone].buffer_m)


def _out_of_range(fix: Fix) -> bool:
    return fix.kind == RF and _source(fix) == "out_of_range"


def _confidence(span: Found, wrong: Sequence[Fix]) -> Confidence:
    """High: two sharp fixes, or the home unit. Low: the fixes that decided lie more than an hour apart."""
    if any(fix.kind == RF for fix in wrong):
        return "high"
    if span.decided_ms - span.from_ms > LONG_UNDECIDED_MS:
        return "low"
    sharp = sum(fix.accuracy_m <= SHARP_M for fix in wrong)
    return "high" if sharp and span.decisive >= 2 else "medium"


def _fixes_in_words(fixes: Sequence[Fix], count: int | None = None) -> str:
    """ "3 fixes, 4–9 m accuracy" """
    count = len(fixes) if count is None else count
    words = "1 fix" if count == 1 else f"{count} fixes"
    accuracies = [round(fix.accuracy_m) for fix in fixes if fix.kind != RF]
    if not accuracies:
        return words
    low, high = min(accuracies), max(accuracies)
    return f"{words}, {low if low == high else f'{low}–{high}'} m accuracy"


# ------------------------------------------------------------------------------------------------------------ device
def _strap(rules: Rules, span: Found, opening: list[Fix], closing: list[Fix], until_ms: int) -> Judged:
    times = "" if span.times == 1 else f", {span.times} times within half an hour of one another"
    evidence: dict[str, Any] = {
        "because": f"The strap reported open at {iso(span.from_ms)}{times}.",
        "count": span.times,
    }
    if span.ended == STILL_OPEN and span.until_ms != NEVER:
        evidence["joins_until"] = iso(span.until_ms + STRAP_JOINS_MS)
    evidence["thresholds"] = {"joins_within_seconds": STRAP_JOINS_MS // SECOND_MS}
    return Judged("strap", "strap_tamper", "P1", "high", evidence)


def _battery(rules: Rules, span: Found, opening: list[Fix], closing: list[Fix], until_ms: int) -> Judged:
    participant = rules.participant
    critical = span.critical_ms != NEVER
    evidence: dict[str, Any] = {
        "because": f"Battery at {span.first_pct:g} % at {iso(span.from_ms)}, lowest since {span.least_pct:g} %.",
        "first_pct": span.first_pct,
        "least_pct": span.least_pct,
        "last_pct": span.last_pct,
        "thresholds": {
            "low_pct": participant.battery_low_pct,
            "critical_pct": participant.battery_critical_pct,
            "charged_pct": participant.battery_low_pct + kernel.CHARGED_PCT,
        },
    }
    if critical:
        evidence["critical_at"] = iso(span.critical_ms)
    return Judged(
        "battery", "battery_critical" if critical else "battery_low", "P3" if critical else "P4", "high", evidence
    )


def _contact(rules: Rules, span: Found, opening: list[Fix], closing: list[Fix], until_ms: int) -> Judged:
    participant = rules.participant
    heard_ms = span.decided_ms
    rises_ms = heard_ms + participant.critical_after_s * SECOND_MS
    critical = span.last_pct <= participant.battery_critical_pct
    because = f"No reading since {iso(heard_ms)}."
    if critical:
        because += f" The battery was critical then ({span.last_pct:g} %)."
    evidence: dict[str, Any] = {
        "because": because,
        "last_reading_at": iso(heard_ms),
        "severe_at": iso(rises_ms),
        "battery_pct": None if span.last_pct != span.last_pct else span.last_pct,
        "battery_was_critical": critical,
        "thresholds": _silence(rules) | {"severe_after_s": participant.critical_after_s},
    }
    lasted_to = until_ms if span.until_ms == NEVER else span.until_ms
    return Judged("contact", "no_contact", "P2" if lasted_to >= rises_ms else "P3", "high", evidence)


def _location(rules: Rules, span: Found, opening: list[Fix], closing: list[Fix], until_ms: int) -> Judged:
    lasted_to = until_ms if span.until_ms == NEVER else span.until_ms
    in_curfew = _must_be_in(rules, span.from_ms, lasted_to)
    because = f"The device reports and has sent no usable position since {iso(span.decided_ms)}"
    because += ", in hours at home." if in_curfew else "."
    evidence = {
        "because": because,
        "last_position_at": iso(span.decided_ms),
        "in_hours_at_home": in_curfew,
        "thresholds": _silence(rules) | {"position_within_m": kernel.SAYS_NOTHING_M},
    }
    return Judged("location", "no_location", "P2" if in_curfew else "P3", "high", evidence)


def _must_be_in(rules: Rules, from_ms: int, until_ms: int) -> bool:
    return any(
        span.from_ms < until_ms
        for zone, key in zip(rules.zones, rules.keys, strict=True)
        if key.must == "be_in"
        for span in rules.required(zone, key.must, from_ms, until_ms)
    )


def _silence(rules: Rules) -> dict[str, Any]:
    return {
        "expected_interval_s": rules.participant.expected_interval_s,
        "contact_buffer_s": rules.participant.contact_buffer_s,
    }


JUDGES: dict[int, Callable[[Rules, Found, list[Fix], list[Fix], int], Judged]] = {
    CURFEW: _curfew,
    EXCLUSION: _exclusion,
    CROSSING: _crossing,
    APPROACH: _approach,
    STRAP: _strap,
    BATTERY: _battery,
    CONTACT: _contact,
    LOCATION: _location,
}


# ----------------------------------------------------------------------------------------------------------- alcohol
def alcohol_judged(curve: AlcoholEpisode) -> Judged:
    """A class of a curve as a kind of episode. A curve that is not settled is detected, whatever it looks like yet."""
    kind, severity, confidence = ALCOHOL_KINDS[curve.class_]
    if not curve.settled and curve.class_ != "low_level":
        kind, severity, confidence = ALCOHOL_KINDS["review"]
    evidence = {"because": curve.why} | {
        name: value
        for name, value in curve.as_json("").items()
        if name not in ("participant", "opened_at", "closed_at")
    }
    return Judged("alcohol", kind, severity, confidence, evidence)


ALCOHOL_KINDS: dict[str, tuple[str, Severity, Confidence]] = {
    "confirmable": ("alcohol_confirmable", "P2", "high"),
    "interferant_suspect": ("interferant_suspect", "P2", "medium"),
    "review": ("alcohol_detected", "P2", "medium"),
    "low_level": ("low_level_alcohol", "P4", "low"),
}


def obstruction_judged(tamper: Tamper) -> Judged:
    confidence: Confidence = "high" if tamper.class_ == "confirmable" else "medium"
    return Judged("obstruction", "device_obstructed", "P2", confidence, {"because": tamper.words} | tamper.as_json())


# ------------------------------------------------------------------------------------------------------------- words
def _metres(number: float) -> float:
    """To the decimetre; never -0.0."""
    return round(float(number), 1) + 0.0


def _down(number: float) -> int:
    """Whole metres, not more than it is to the decimetre."""
    return max(int(round(number, 1)), 0)
