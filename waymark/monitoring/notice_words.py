"""The draft of a violation notice, in words from the evidence. Officers change and sign it; the draft only says what
was recorded. TAC is never called anything else, and a protected person's place and position are never told."""

from __future__ import annotations

import re
from datetime import datetime

from django.utils import timezone

from waymark.monitoring.alert_words import clock_and_day, says
from waymark.monitoring.evidence import because, measured
from waymark.monitoring.models import Alert, Episode, Zone
from waymark.monitoring.reasons import WORDS

TAC = (
    "TAC is alcohol that came through the skin. It is not a measure of alcohol in blood or breath, and it follows "
    "drinking by one to two hours."
)
CRITERIA = {  # family: by what the engine tells the condition
    "curfew": "The person counts as absent when at least two location fixes, two minutes or more apart, lie outside "
    "the place by more than their own error, in hours in which the plan asks the person to be there, for longer than "
    "the grace. The absence is counted from its true beginning.",
    "exclusion": "The person counts as inside when a location fix of 25 m accuracy or better lies inside the zone by "
    "more than its own error, or two poorer fixes do.",
    "crossing": "Two location fixes no more than three minutes apart lie on two sides of the zone, and the straight "
    "way between them passes through it by more than their own error.",
    "approach": "Location fixes near the zone were too uncertain to say on which side of its edge they lie.",
    "victim": "The distance to the protected person or place, less the error of the positions, was within the distance "
    "the court set. Where the protected person was is not part of this notice.",
    "strap": "The device reported that the circuit of its strap was open.",
    "obstruction": "The infrared reading of the bracelet stood off its own baseline for hours, as it does when "
    "something lies between sensor and skin.",
    "contact": "No reading came for the expected interval and its buffer.",
    "location": "Readings came, none of them with a usable location, for the expected interval and its buffer.",
    "battery": "The device reported the charge of its battery.",
    "alcohol": "A curve can be confirmed when it has three readings one after the other at or above 0.020 g/dL; "
    "absorption below 0.05 g/dL per hour (0.10 with a peak of 0.15 or more); elimination of 0.003 to 0.025 g/dL per "
    f"hour (to 0.035 with a peak of 0.15 or more); no tamper that explains it. {TAC}",
}
TIME_ZONE_WORDS = {"America/Chicago": "Central Time (America/Chicago)"}
DISCLAIMER = (
    "This notice tells what a device recorded and what staff concluded from it. Devices and positions have errors; the "
    "readings, their errors and the rule are kept and can be examined. Times are {zone}, by the device’s "
    "clock. It is not a finding of a court."
)
WRONG_NAMES_OF_TAC = re.compile(r"\bBr?AC\b|\bblood[- ]alcohol\b", re.IGNORECASE)
POSITION = re.compile(r"-?\d{1,3}\.\d{3,}\s*[,;/ ]\s*-?\d{1,3}\.\d{3,}")


def subject(alert: Alert, episode: Episode | None, case_number: str) -> str:
    return f"Notice of violation: {_full_name(alert)}, case {case_number}"[:200]


def body(alert: Alert, episode: Episode | None, *, program: str, concluded_by: str, at: datetime) -> str:
    """Paragraphs, parted by an empty line."""
    name, zone = _full_name(alert), timezone.get_default_timezone_name()
    paragraphs = [
        f"{name} is in the program “{program}” by order of the court.",
        _what_happened(alert, name),
        f"Concluded at {clock_and_day(at)} by {concluded_by}: {WORDS.get(alert.reason, alert.reason)}.",
    ]
    if episode is not None:
        paragraphs.append(_how_it_was_found(alert, episode))
    if alert.family in CRITERIA:
        paragraphs.append(f"By what it is told. {CRITERIA[alert.family]}")
    paragraphs.append(DISCLAIMER.format(zone=TIME_ZONE_WORDS.get(zone, zone)))
    return "\n\n".join(paragraphs)


def faults(alert: Alert, text: str) -> list[str]:
    """What a notice may never say, as sentences."""
    found = []
    if wrong := WRONG_NAMES_OF_TAC.search(text):
        found.append(f"“{wrong[0]}” is another measure. Write TAC, or alcohol through the skin.")
    if is_about_a_protected_person(alert) and (position := POSITION.search(text)):
        found.append(f"“{position[0]}” reads like a position. A protected person’s place is not told; take it out.")
    return found


def is_about_a_protected_person(alert: Alert) -> bool:
    return alert.family == "victim" or (alert.zone is not None and alert.zone.kind == Zone.Kind.VICTIM)


def _what_happened(alert: Alert, name: str) -> str:
    end = f"It ended at {clock_and_day(alert.cleared_at)}." if alert.cleared_at else "It lasted when this was written."
    again = f" It happened again {alert.repeats} time{'s' if alert.repeats != 1 else ''}." if alert.repeats else ""
    said = says(alert.kind, alert.zone)
    return f"What was recorded at {clock_and_day(alert.happened_at)} of {name}: {said}. {end}{again}"


def _how_it_was_found(alert: Alert, episode: Episode) -> str:
    """Of a protected person the draft tells nothing measured: a distance too is a ring around her."""
    rule = f"Rule {episode.rule_version} on plan {episode.plan_version[:12]}, confidence {episode.confidence}."
    if is_about_a_protected_person(alert):
        return f"How it was found. {rule}"
    known = "; ".join(f"{label[:1].lower()}{label[1:]} {value}" for label, value in measured(episode))
    return f"How it was found. {because(episode)} {f'What was measured: {known}. ' if known else ''}{rule}"


def _full_name(alert: Alert) -> str:
    person = alert.person.merged_into or alert.person
    return f"{person.given_name} {person.family_name}".strip()
