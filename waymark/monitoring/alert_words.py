"""What an alert says, in the words of the office. The same words go to the board, the alert's page and a notice; a
protected person's place is never named and her position never told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from waymark.monitoring.models import Zone

A_PROTECTED_PLACE = "a protected person’s place"
A_PROTECTED_DEVICE = "the protected person’s device"  # what it says is nothing the participant did

SAYS = {  # kind: what the board says; {zone} is the zone's name
    "out_at_start": "was out of {zone} when required hours began",
    "returned_late": "came back late to {zone}",
    "left_during": "left {zone} during required hours",
    "out_at_end": "was still out of {zone} when required hours ended",
    "out_entire_window": "was out of {zone} for all of the required hours",
    "exclusion_entered": "entered {zone}, which is off limits",
    "exclusion_crossed": "passed through {zone}, which is off limits",
    "possible_approach": "may be near {zone}, which is off limits",
    "victim_proximity": "came near a protected person",
    "strap_tamper": "strap opened",
    "device_obstructed": "something lay between the alcohol sensor and the skin",
    "battery_low": "battery low",
    "battery_critical": "battery nearly empty",
    "no_contact": "no contact with the device",
    "no_location": "device in contact, place not known",
    "alcohol_detected": "alcohol through the skin (TAC)",
    "alcohol_confirmable": "alcohol through the skin (TAC), meets the criteria",
    "interferant_suspect": "alcohol through the skin (TAC), perhaps from another source",
}
RULES = {  # kind: what its rule looks for
    "out_at_start": "out when required hours began",
    "returned_late": "came back late",
    "left_during": "left during required hours",
    "out_at_end": "still out when required hours ended",
    "out_entire_window": "out for all of the required hours",
    "exclusion_entered": "entered a zone off limits",
    "exclusion_crossed": "passed through a zone off limits",
    "possible_approach": "perhaps near a zone off limits",
    "alcohol_confirmable": "TAC that meets the criteria",
    "alcohol_detected": "TAC, class to be reviewed",
    "interferant_suspect": "TAC, perhaps from another source",
    "device_obstructed": "alcohol sensor covered",
}
INFORMATION = frozenset({"low_level_alcohol", "late_data"})  # on record with the episode; they call for nobody
TAMPER = frozenset({"strap", "obstruction"})
PRIORITY_WORDS = {"P1": "critical", "P2": "serious", "P3": "routine", "P4": "low"}


def says(kind: str, zone: Zone | None) -> str:
    """ "left Home during required hours". Kinds this page does not know are written as they are named."""
    return SAYS.get(kind, kind.replace("_", " ")).format(zone=zone_words(zone))


def rule_words(kind: str) -> str:
    return RULES.get(kind) or SAYS.get(kind, kind.replace("_", " "))


def zone_words(zone: Zone | None) -> str:
    if zone is None:
        return "the place on the plan"
    return A_PROTECTED_PLACE if zone.kind == Zone.Kind.VICTIM else zone.name


def clock(at: datetime) -> str:
    """09:38, in the court's time zone."""
    return f"{timezone.localtime(at):%H:%M}"


def clock_and_day(at: datetime) -> str:
    """09:38 on 2026-11-22 Sun."""
    return f"{timezone.localtime(at):%H:%M on %Y-%m-%d %a}"


def lasted(seconds: float) -> str:
    """00:52, 3 h 12 min, 2 days 4 h: as the board writes how long."""
    whole = max(int(seconds), 0)
    if whole < 3600:
        return f"{whole // 60:02}:{whole % 60:02}"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    days = whole // 86_400
    return f"{days} day{'s' if days != 1 else ''} {whole % 86_400 // 3600} h"


def short_name(person: Any) -> str:
    """J. Cole."""
    return f"{person.given_name[:1]}. {person.family_name}" if person.given_name else str(person.family_name)


SUBJECTS = ("was ", "left ", "came ", "entered ", "passed ", "may be ")


def sentence(name: str, words: str, at: datetime) -> str:
    """ "J. Cole left Home during required hours, at 09:38 on ..." or "J. Cole: strap opened at 09:41 on ..." """
    joint = " " if words.startswith(SUBJECTS) else ": "
    return f"{name}{joint}{words}, at {clock_and_day(at)}"
