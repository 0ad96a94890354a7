"""Earned compliance credits beside OpenFisca-core, in one run, on one core.

60,000 terms of three to ten years with reports, motions, citations, custody, suspensions and hearings that end well.
(Absconding moves the two-year floor from day to day and has no vector form that is fair to time: left out.)
Ours: `determine` gives every month with its reason, the dates and the eligibility findings. Theirs: the same months and
the same discharge day as vectors, without a reason. Both begin with the same frozen facts, one person after another;
OpenFisca's whole job is to lay them out as columns, to mark the months, and its engine. The two must agree on every
person before a figure is printed.

    ./dev bench ecc [--people 60000]
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from datetime import date, timedelta
from typing import Any

import numpy as np
from openfisca_core import periods
from openfisca_core.entities import build_entity
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from waymark.law.calendar import anniversary
from waymark.law.missouri import ecc_217_703 as ecc
from waymark.law.missouri.ecc_217_703.facts import Event, Offense, Restitution, Supervision, TermOrdered

AS_OF = date(2026, 11, 1)
FIRST = 2012 * 12 + 8  # September 2012
MONTHS = AS_OF.year * 12 + AS_OF.month - 1 - FIRST  # complete months up to AS_OF
CITATION_LAW = date(2022, 8, 28)
REPEATS = 3


# ---------------------------------------------------------------------------------------------- the same people, twice
def people(count: int) -> list[Supervision]:
    chance = random.Random(217703)
    return [_person(chance) for _ in range(count)]


def _person(chance: random.Random) -> Supervision:
    begins_on = date(2012, 9, 2) + timedelta(days=chance.randrange(4600))
    years = chance.choice([3, 4, 5, 5, 5, 7, 10])
    lasts = min(years * 365, (AS_OF - begins_on).days)
    events: list[Event] = []
    for _ in range(chance.choice([0, 0, 1, 1, 2, 3, 5, 8])):
        on = begins_on + timedelta(days=chance.randrange(1, max(lasts, 2)))
        kind = chance.choice(["violation_report", "violation_report", "notice_of_citation", "motion_to_revoke"])
        events.append(Event(on, kind))  # type: ignore[arg-type]
        if kind == "motion_to_revoke" and chance.random() < 0.5:
            events.append(Event(on + timedelta(days=chance.randrange(10, 60)), "hearing", "continued"))
    for start, end in (
        ("custody_start", "custody_end"),
        ("term_suspended", "suspension_lifted"),
    ):
        if chance.random() < 0.2:
            on = begins_on + timedelta(days=chance.randrange(1, max(lasts, 2)))
            until = on + timedelta(days=chance.randrange(1, 120))
            events += [Event(on, start), Event(until, end)]  # type: ignore[arg-type]
    ordered = chance.random() < 0.3
    paid_on = begins_on + timedelta(days=chance.randrange(3000)) if ordered and chance.random() < 0.7 else None
    return Supervision(
        as_of=AS_OF,
        term=TermOrdered(begins_on, kind="parole", years=years, sentenced_on=begins_on),
        events=tuple(event for event in events if event.on <= AS_OF),
        offense=Offense("579.020", 579, "B", True),
        supervised_by_division=True,
        lifetime_supervision=False,
        restitution=Restitution(ordered, paid_on),
    )


class Columns:
    """The same facts as columns, as a vector engine wants them."""

    def __init__(self, caseload: list[Supervision]) -> None:
        self.begins = np.array([s.term.begins_on for s in caseload], dtype="datetime64[D]")
        self.years = np.array([s.term.years for s in caseload])
        self.last_day = np.array([_last_day(s) for s in caseload], dtype="datetime64[D]").astype(int)
        self.paid = np.array([_paid(s) for s in caseload], dtype="datetime64[D]").astype(int)
        lost = [stop for row, s in enumerate(caseload) for stop in _stops(row, s)]
        self.rows, self.starts, self.ends = (
            np.array(column) for column in (zip(*lost, strict=True) if lost else ([], [], []))
        )


def _last_day(s: Supervision) -> date:
    return anniversary(s.term.begins_on, years=s.term.years or 0) - timedelta(days=1)


def _paid(s: Supervision) -> date:
    if not s.restitution.ordered:
        return date(1970, 1, 1)
    paid_on = s.restitution.paid_in_full_on
    return paid_on if paid_on and paid_on <= AS_OF else date(2262, 1, 1)


def _stops(row: int, s: Supervision) -> list[tuple[int, int, int]]:
    """(row, first month lost, last month lost)"""
    stops, open_since = [], {}
    pairs = {"custody_end": "custody_start", "suspension_lifted": "term_suspended"}
    for event in sorted(s.events, key=lambda event: event.on):
        if event.type in pairs.values():
            open_since[event.type] = event.on
        elif event.type in pairs:
            start = open_since.pop(pairs[event.type])
            stops.append((row, _month(start), _month(event.on)))
        elif event.type in ("violation_report", "motion_to_revoke") or (
            event.type == "notice_of_citation" and event.on >= CITATION_LAW
        ):
            stops.append((row, _month(event.on), _month(event.on)))
    return stops + [(row, _month(start), MONTHS) for start in open_since.values()]


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1 - FIRST


# ----------------------------------------------------------------------------------------------------------- OpenFisca
person = build_entity(key="person", plural="people", label="A person", is_person=True)


def first_day(period: Any) -> int:
    return int(np.datetime64(str(period.start), "D").astype(int))


class lost_month(Variable):  # noqa: N801 - OpenFisca names variables so
    value_type, entity, definition_period, default_value = bool, person, periods.DateUnit.MONTH, False


class begins_day(Variable):  # noqa: N801
    value_type, entity, definition_period = int, person, periods.DateUnit.ETERNITY


class last_day(Variable):  # noqa: N801
    value_type, entity, definition_period = int, person, periods.DateUnit.ETERNITY


class floor_day(Variable):  # noqa: N801
    value_type, entity, definition_period = int, person, periods.DateUnit.ETERNITY


class paid_day(Variable):  # noqa: N801
    value_type, entity, definition_period = int, person, periods.DateUnit.ETERNITY


class earned(Variable):  # noqa: N801
    """Whether the month is earned: whole, in the term, not lost."""

    value_type, entity, definition_period = bool, person, periods.DateUnit.MONTH

    def formula(people: Any, period: Any) -> Any:  # noqa: N805
        first, after = first_day(period), first_day(period.offset(1))
        whole = (people("begins_day", period) <= first) & (after - 1 <= people("last_day", period))
        return whole & ~people("lost_month", period)


class credits(Variable):  # noqa: N801
    """Credits posted by the first of the month."""

    value_type, entity, definition_period = int, person, periods.DateUnit.MONTH

    def formula(people: Any, period: Any) -> Any:  # noqa: N805
        before = period.last_month
        if str(before.start) < "2012-09-01":
            return people.empty_array()
        return people("credits", before) + people("earned", before)


class discharge_day(Variable):  # noqa: N801
    """The day of discharge if reached before the end of the month, else 0."""

    value_type, entity, definition_period = int, person, periods.DateUnit.MONTH

    def formula(people: Any, period: Any) -> Any:  # noqa: N805
        first, after = first_day(period), first_day(period.offset(1))
        before = period.last_month
        reached = people("discharge_day", before) if str(before.start) >= "2012-09-01" else people.empty_array()
        last = people("last_day", period)
        day = np.maximum(last - 30 * people("credits", period), np.minimum(people("floor_day", period), last))
        day = np.maximum(np.maximum(day, first), np.maximum(people("paid_day", period), people("begins_day", period)))
        return np.where(reached != 0, reached, np.where(day < after, day, 0))


def tax_benefit_system() -> TaxBenefitSystem:
    system = TaxBenefitSystem([person])
    for variable in (lost_month, begins_day, last_day, floor_day, paid_day, earned, credits, discharge_day):
        system.add_variable(variable)
    return system


def month_period(number: int) -> Any:
    return periods.period(f"{(FIRST + number) // 12:04d}-{(FIRST + number) % 12 + 1:02d}")


def openfisca(system: TaxBenefitSystem, columns: Columns, count: int) -> tuple[Any, float, float]:
    """Credits month by month and the discharge day: the days, the seconds of marking months and of the engine."""
    started = time.perf_counter()
    simulation = SimulationBuilder().build_default_simulation(system, count)
    lost = np.zeros((MONTHS + 1, count), dtype=bool)
    for row, start, end in zip(columns.rows, columns.starts, columns.ends, strict=True):
        lost[max(start, 0) : end + 1, row] = True
    eternity = periods.period("eternity")
    months = columns.begins.astype("datetime64[M]")
    offset = columns.begins.astype(int) - months.astype("datetime64[D]").astype(int)
    two_years = (months + 24).astype("datetime64[D]").astype(int) + offset
    length = ((months + 25).astype("datetime64[D]") - (months + 24).astype("datetime64[D]")).astype(int)
    two_years -= np.maximum(offset - (length - 1), 0)
    simulation.set_input("begins_day", eternity, columns.begins.astype(int))
    simulation.set_input("last_day", eternity, columns.last_day)
    simulation.set_input("floor_day", eternity, two_years - 1)
    simulation.set_input("paid_day", eternity, columns.paid)
    for number in range(MONTHS + 1):
        simulation.set_input("lost_month", month_period(number), lost[number])
    prepared = time.perf_counter()
    days = None
    for number in range(MONTHS + 1):
        simulation.calculate("credits", month_period(number))
        days = simulation.calculate("discharge_day", month_period(number))
    return days, prepared - started, time.perf_counter() - prepared


# ------------------------------------------------------------------------------------------------------------- measure
def ours(caseload: list[Supervision]) -> tuple[list[date | None], int, float]:
    """Discharge days, the number of months given with reasons, seconds."""
    months, discharges = 0, []
    started = time.perf_counter()
    for facts in caseload:
        answer = ecc.determine(facts)
        months += len(answer.months)
        discharges.append(answer.dates.discharge_date)
    return discharges, months, time.perf_counter() - started


def agree(discharges: list[date | None], days: Any) -> int:
    """How many people have the same day of discharge (or none by AS_OF) in both."""
    epoch, until = date(1970, 1, 1), (AS_OF - date(1970, 1, 1)).days
    same = 0
    for given, day in zip(discharges, days, strict=True):
        theirs = int(day) if 0 < int(day) <= until else 0
        same += ((given - epoch).days if given else 0) == theirs
    return same


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=60_000)
    count = options.parse_args().people
    caseload, system = people(count), tax_benefit_system()
    ecc.determine(caseload[0])
    runs = []
    for _ in range(REPEATS):
        discharges, months, our_seconds = ours(caseload)
        started = time.perf_counter()
        columns = Columns(caseload)
        laid_out = time.perf_counter() - started
        days, prepare, engine = openfisca(system, columns, count)
        runs.append((our_seconds, laid_out + prepare, engine))
    same = agree(discharges, days)
    print(f"{count:,} people, {months:,} months with reasons, {same:,} agree on the day of discharge")
    if same != count:
        raise SystemExit("The two do not agree; no figure is given.")
    our_seconds, prepare, engine = (statistics.median(column) for column in zip(*runs, strict=True))
    print(f"ours              {our_seconds:7.2f} s  {count / our_seconds:10,.0f} people/s  every month with its reason")
    print(f"OpenFisca, whole  {prepare + engine:7.2f} s  {count / (prepare + engine):10,.0f} people/s  no reasons")
    print(f"  of it engine    {engine:7.2f} s")
    print(f"ratio, whole job: {our_seconds / (prepare + engine):.2f} x OpenFisca (aim: at most 5)")
    print(f"ratio, engine:    {our_seconds / engine:.2f} x OpenFisca's engine alone")
    json_seconds = _timed(lambda: [ecc.determine(s).as_json() for s in caseload[:2000]]) / 2000
    print(f"whole answer as JSON with findings and other readings: {json_seconds * 1e6:,.0f} us a person")
    alone = statistics.median(_timed(lambda: openfisca(system, Columns(caseload[:1]), 1)) for _ in range(5))
    ours_alone = _timed(lambda: [ecc.determine(s) for s in caseload[:2000]]) / 2000
    print(
        f"one person on demand: ours {ours_alone * 1e6:,.0f} us, OpenFisca {alone * 1e6:,.0f} us: "
        f"{alone / ours_alone:,.0f} x faster (aim: at least 100)"
    )


def _timed(work: Any) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
