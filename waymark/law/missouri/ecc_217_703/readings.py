"""The interpretations of 217.703: each reading taken, the other one, and where the doubt comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from waymark.law.interpretation import Interpretation
from waymark.law.missouri.ecc_217_703.eligibility import PAGE_EXCLUDES
from waymark.law.missouri.ecc_217_703.facts import TREATMENT_COURT_LAW, Supervision
from waymark.law.missouri.ecc_217_703.timeline import Timeline


def taken(s: Supervision, line: Timeline) -> Iterator[Interpretation]:
    """The interpretations that touch this answer, in the order of the statute."""
    r = s.interpretations
    spans = line.spans
    section = (s.offense.section or "")[:7]
    if section in PAGE_EXCLUDES:
        yield Interpretation(
            "statutory_list",
            "the offense earns credits unless the court finds otherwise, as subsection 2 says",
            "the offense is excluded, as the Department's page treats it",
            "217.703.2 against the Department's page on early discharge",
            "statute",
            None,
        )
    if s.term.begins_on.day == 1:
        yield _switch(
            "start_on_first",
            r.start_on_first,
            {
                True: "a term that begins on the 1st makes that month full",
                False: "the first month never counts as full",
            },
            "217.703.3 says 'after the first full calendar month'",
        )
    yield _switch(
        "term_end",
        r.term_end,
        {
            "day_before_anniversary": "the last day of a term is the day before its anniversary",
            "anniversary": "the last day of a term is its anniversary",
        },
        "courts are not uniform; Culp and Amorine give the dates of the first reading",
    )
    if any(extension.ordered_on <= s.as_of for extension in s.term.extensions):
        yield _switch(
            "late_extension",
            r.late_extension,
            {
                "stands": "an extension stands as the court ordered it",
                "void": "an extension ordered after credits had already ended the term adds nothing",
            },
            "559.036.2 and .8, Jonas; in Amorine credits had reached the end before the extension, and it stood",
        )
    if "term_suspended" in spans:
        yield _switch(
            "tolling",
            r.tolling,
            {False: "suspended time does not lengthen the term", True: "suspended time is added to the term"},
            "559.036.2 and .7 read for tolling; the Division's dates in Amorine reproduce only without it",
        )
        yield _switch(
            "credits_during_suspension",
            r.credits_during_suspension,
            {
                "kept": "credits posted before a suspension go on counting while it lasts",
                "held": "credits posted before a suspension are not applied while it lasts",
            },
            "the last sentence of 217.703.5",
        )
    if "hearing_set" in {change.kind for change in line.changes}:
        yield _switch(
            "lapsed_setting",
            r.lapsed_setting,
            {
                "pending": "a hearing that is set and not recorded as held goes on holding the months back",
                "answered": "a setting that passes without a hearing holds nothing back any more",
            },
            "217.703.5 'if no hearing is held'; Amorine, where several settings passed",
        )
    if "cods_placed" in spans or any(change.outcome == "cods" for change in line.changes):
        yield _switch(
            "credits_during_cods",
            r.credits_during_cods,
            {
                False: "months in a 120-day program under 559.036.4 earn nothing",
                True: "months in a 120-day program under 559.036.4 are earned",
            },
            "217.703.5 (custody) against the Division's Judicial Reference Guide of 12-1-16",
        )
    if "treatment_court_entered" in spans:
        yield Interpretation(
            "treatment_court_from",
            f"credits are suspended for treatment courts entered on or after {r.treatment_court_from}",
            "only for those entered after 2018-12-18, as the Department writes",
            "217.703.12; the Department's page",
            r.treatment_court_from,
            date(2018, 12, 19) if r.treatment_court_from == TREATMENT_COURT_LAW else TREATMENT_COURT_LAW,
        )
        if any(ended == "terminated" for _, ended in line.stays):
            yield Interpretation(
                "treatment_court_months",
                "a stay that ended without success costs the months completed within it",
                "it costs every month it touched, the one it ended in too",
                "217.703.12 speaks of credits 'accumulated during the suspension period' and is silent on termination",
                "completed",
                None,
            )
        yield Interpretation(
            "credits_before_treatment_court",
            "credits posted before entry are suspended too, and come back however the stay ends",
            "only credits earned during the stay are suspended",
            "217.703.12 'the application of earned compliance credits shall be suspended'",
            "suspended",
            None,
        )


def other_reading(s: Supervision, interpretation: Interpretation) -> Supervision | None:
    """The same case read the other way. None: the other reading cannot be computed by switching it."""
    if interpretation.other_value is None:
        return None
    switched: Any = {interpretation.name: interpretation.other_value}
    return replace(s, interpretations=replace(s.interpretations, **switched))


def _switch(name: str, value: Any, words: dict[Any, str], source: str) -> Interpretation:
    other = next(reading for reading in words if reading != value)
    return Interpretation(name, words[value], words[other], source, value, other)
