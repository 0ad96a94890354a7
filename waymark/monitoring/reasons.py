"""How an alert ends: the conclusions, each with the reason codes it may carry. Causes are counted by these codes, so a
code is never used anew for something else; one that is no longer wanted is taken out of OFFERED and stays in WORDS."""

from __future__ import annotations

from waymark.monitoring.models import Alert

Conclusion = Alert.Conclusion

OFFERED: dict[str, dict[str, str]] = {
    Conclusion.CONFIRMED: {
        "absent": "Was absent without leave",
        "entered": "Was where the order forbids",
        "tampered": "Opened, cut or covered the device",
        "drank": "Alcohol use confirmed by an analyst",
        "not_charged": "Did not charge the device as told",
        "confirmed_other": "Confirmed, another reason (say which in the note)",
    },
    Conclusion.NOT_CONFIRMED: {
        "poor_location": "Location was poor: fixes drifted or came from a cell tower",
        "at_home": "Was seen or heard where the plan asks",
        "wrong_plan": "Our zone or schedule was wrong",
        "interferant": "Something else than drinking: a product on the skin or in the air",
        "late_data": "Later data show that it never was",
        "not_known": "It could not be found out",
    },
    Conclusion.EXCUSED: {
        "emergency": "Medical or family emergency",
        "leave_granted": "Leave was granted, and not yet entered",
        "transport": "Held up on the way, checked",
        "at_court": "In court, in custody or with an officer",
        "excused_other": "Excused, another reason (say which in the note)",
    },
    Conclusion.EQUIPMENT: {
        "battery": "Battery or charger",
        "strap_fault": "Strap or case worn or faulty",
        "coverage": "No cell or satellite signal",
        "home_unit": "Home unit: power, telephone line or place",
        "vendor": "The vendor’s system",
        "fitting": "Device was being fitted, changed or taken off by staff",
    },
    Conclusion.TEST: {
        "range_test": "Range test or walk round",
        "training": "Training or demonstration",
    },
}
BY_MACHINE = {  # (reason: conclusion, words); nobody can choose them
    "charged": (Conclusion.EQUIPMENT, "Charged again"),
    "restored": (Conclusion.EQUIPMENT, "In contact again within the first stage"),
    "withdrawn": (Conclusion.NOT_CONFIRMED, "Withdrawn by later data before anybody was called"),
}
WORDS = {code: words for codes in OFFERED.values() for code, words in codes.items()} | {
    code: words for code, (_, words) in BY_MACHINE.items()
}

# An alert that told of nothing the participant did. A test is nobody's fault and counts on neither side.
FALSE = (Conclusion.NOT_CONFIRMED, Conclusion.EQUIPMENT)

# What a machine may close (monitoring.md 2.6): a low battery that was charged, a first-stage silence that ended. No
# strap, obstruction, exclusion, crossing, approach, victim, curfew, location or alcohol alert, ever: a man in New York
# taped his strap back, the alert cleared itself, and somebody died (monitoring.md A4).
MACHINE_MAY_CLOSE = {"battery_low": ("P4", "charged"), "no_contact": ("P3", "restored")}  # kind: (priority, reason)


def machine_may_close(family: str, kind: str, priority: str) -> bool:
    may = MACHINE_MAY_CLOSE.get(kind)
    return may is not None and family in ("battery", "contact") and priority == may[0]


def fits(conclusion: str, reason: str) -> bool:
    return reason in OFFERED.get(conclusion, {})
