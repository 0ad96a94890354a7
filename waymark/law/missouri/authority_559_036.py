"""RSMo 559.036.8: whether the court may still revoke after the term has ended.

Two things, both needed: the court showed, before the end, that it intended a hearing, and every reasonable effort was
made to notify the person and to hold it before the end. A delay the person caused or agreed to counts as the second.
The end is the end as credits have made it (Culp; Amorine). The day that chooses the law is the day the term ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from waymark.law.finding import Finding, all_of, either
from waymark.law.provision import provision

KNOWN_SINCE = date(2012, 8, 28)  # the oldest text this reading was checked against; see docs/law/559.036.md


@dataclass(frozen=True, slots=True)
class EndOfTerm:
    """`ended_on` None: the term has not ended. `intent_shown_on`: the first act that showed the intent to hear."""

    ended_on: date | None
    intent_shown_on: date | None
    efforts_reasonable: bool | None
    delay_agreed_by_defense: bool | None


def may_still_be_revoked(end: EndOfTerm) -> Finding:
    """559.036.8 as a finding of its own, apart from whether the term has ended."""
    if end.ended_on is None:
        return Finding(
            "559.036.8",
            "may be revoked by the court, because the term has not ended",
            running(end, law_on=KNOWN_SINCE).answer,
        )
    law_on = max(end.ended_on, KNOWN_SINCE)
    return all_of(
        "559.036.8",
        f"may still be revoked, although the term ended on {end.ended_on}",
        intent_shown(end, law_on=law_on, note=_shown(end)),
        efforts_made(end, law_on=law_on, note=_efforts(end)),
    )


@provision("559.036.8", since=KNOWN_SINCE)
def running(end: EndOfTerm) -> bool | None:
    "is within the term of probation"
    return end.ended_on is None


@provision("559.036.8", since=KNOWN_SINCE)
def intent_shown(end: EndOfTerm) -> bool | None:
    "was shown, before the term ended, that the court intended to hold a revocation hearing"
    if end.intent_shown_on is None or end.ended_on is None:
        return False
    return end.intent_shown_on <= end.ended_on


@provision("559.036.8", since=KNOWN_SINCE)
def efforts_made(end: EndOfTerm) -> bool | None:
    "had every reasonable effort made to be notified and heard before the term ended, or agreed to the delay"
    return either(end.efforts_reasonable, end.delay_agreed_by_defense or None)


def _shown(end: EndOfTerm) -> str:
    if end.intent_shown_on is None:
        return "No motion to revoke and no setting of a hearing is entered for the term."
    return f"First shown on {end.intent_shown_on}."


def _efforts(end: EndOfTerm) -> str:
    if end.efforts_reasonable is None and not end.delay_agreed_by_defense:
        return "Not recorded: a court must say whether every reasonable effort was made."
    return ""
