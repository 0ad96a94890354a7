"""Hypothesis strategies for facts of 217.703, drawn by the generator of the demo county itself.

Chance comes from Hypothesis, so what is found is shrunk: fewer episodes, plainer offenses, shorter stays.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from waymark.demo.histories import History, TermStart, felony_term, history
from waymark.demo.offenses import Offense, felonies_on, misdemeanors_on

EARLIEST = date(2012, 1, 1)
LATEST = date(2027, 12, 31)

choices = st.randoms(use_true_random=False)


@st.composite
def offenses(draw: st.DrawFn) -> Offense:
    """An offense as the code of some day grades it."""
    day = draw(st.dates(EARLIEST, LATEST))
    return draw(st.sampled_from(felonies_on(day) + misdemeanors_on(day)))


@st.composite
def terms(draw: st.DrawFn, *, gaps_percent: int = 3) -> TermStart:
    """A term on the Division's caseload; `gaps_percent` of its facts are not recorded."""
    return felony_term(draw(choices), draw(st.dates(EARLIEST, LATEST)), gaps_percent)


@st.composite
def timelines(draw: st.DrawFn, *, gaps_percent: int = 3, gap_days: int = 120) -> History:
    """A term and what happened in it, up to a day between its first and two years past its last."""
    start = draw(terms(gaps_percent=gaps_percent))
    until = start.begins_on + timedelta(days=draw(st.integers(0, (start.anniversary - start.begins_on).days + 730)))
    return history(draw(choices), start, until, gap_days)


@st.composite
def ecc_facts(draw: st.DrawFn, *, gaps_percent: int = 3, gap_days: int = 120) -> dict[str, Any]:
    """The facts of `waymark law ecc` (contracts of the command line) for such a timeline, as of its last event's day
    or later. `gaps_percent=0` gives facts in which everything is recorded."""
    told = draw(timelines(gaps_percent=gaps_percent, gap_days=gap_days))
    last = max([event.on for event in told.events], default=told.start.begins_on)
    return told.as_facts(last + timedelta(days=draw(st.integers(0, 800))))
