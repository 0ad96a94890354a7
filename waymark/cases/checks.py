"""What is wrong with the settings, told before the first page is served."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from waymark.facts.faults import FaultyFacts
from waymark.law.missouri import ecc_217_703 as ecc


def law_readings(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """LAW_READINGS names readings that exist, each with a value it may have: the law itself is asked."""
    question = {"as_of": "2024-01-01", "term": {"begins_on": "2023-01-01"}, "events": []}
    try:
        ecc.read({**question, "interpretations": settings.LAW_READINGS})
    except FaultyFacts as faulty:
        return [
            Error(
                f"LAW_READINGS: {fault.path.removeprefix('interpretations.')} {fault.words}",
                hint="The names and values stand in docs/law/217.703.md. Correct WAYMARK_LAW_READINGS.",
                id="cases.E001",
            )
            for fault in faulty.faults
        ]
    return []
