"""What must hold for every history, whatever it is: drawn by the generator of the demo county."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.strategies import ecc_facts
from waymark.law.missouri import ecc_217_703 as ecc

steady = settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
FAR = "9999-12-31"


def answer(facts: dict[str, Any]) -> dict[str, Any]:
    return ecc.determine(ecc.read(facts)).as_json()


def ends(told: dict[str, Any]) -> str:
    """The day the term ends by what is known; far away when it was revoked."""
    return told["optimal_discharge_date"] or FAR


@steady
@given(facts=ecc_facts(gaps_percent=0), where=st.floats(0, 1))
def test_one_more_report_never_ends_a_term_earlier(facts: dict[str, Any], where: float) -> None:
    begins_on, as_of = (date.fromisoformat(str(day)) for day in (facts["term"]["begins_on"], facts["as_of"]))
    assume(as_of > begins_on)
    on = begins_on + timedelta(days=int((as_of - begins_on).days * where))
    more = {**facts, "events": [*facts["events"], {"on": on, "type": "violation_report"}]}
    assert ends(answer(more)) >= ends(answer(facts))


@steady
@given(facts=ecc_facts(), seed=st.integers(0, 99))
def test_the_order_of_entry_does_not_matter(facts: dict[str, Any], seed: int) -> None:
    shuffled = {**facts, "events": random.Random(seed).sample(facts["events"], len(facts["events"]))}
    assert answer(shuffled) == answer(facts)


@steady
@given(
    facts=ecc_facts(gaps_percent=0),
    missing=st.sampled_from(["offense", "supervised_by_division", "lifetime_supervision", "restitution"]),
)
def test_a_missing_fact_never_turns_no_into_yes(facts: dict[str, Any], missing: str) -> None:
    known, unknown = answer(facts), answer({**facts, missing: None})
    for key in ("eligible", "discharge_due"):
        assert unknown[key] in (known[key], "not known")


@steady
@given(facts=ecc_facts())
def test_every_answer_and_every_month_carries_its_citation(facts: dict[str, Any]) -> None:
    told = answer(facts)

    def cited(finding: dict[str, Any]) -> bool:
        return bool(finding["cite"] and finding["words"]) and all(map(cited, finding["parts"]))

    assert cited(told["findings"])
    assert cited(told["authority_to_revoke"])
    assert all(reason["cite"] and reason["words"] for month in told["months"] for reason in month["reasons"])
    assert all(month["reasons"] for month in told["months"])
    assert all(deadline["owner"] and deadline["cite"] for deadline in told["deadlines"])


@steady
@given(facts=ecc_facts(gaps_percent=0))
def test_the_ledger_adds_up_to_the_credits(facts: dict[str, Any]) -> None:
    told = answer(facts)
    assume(told["credits"]["months"] is not None)
    earned = [month["earned"] for month in told["months"]]
    assert earned.count("yes") == told["credits"]["months"]
    assert earned.count("suspended") == told["credits"]["suspended_months"]
    assert [month["month"] for month in told["months"]] == sorted({month["month"] for month in told["months"]})


@steady
@given(facts=ecc_facts(gaps_percent=0), later=st.integers(1, 900))
def test_a_discharge_once_due_stays_due_on_the_same_day(facts: dict[str, Any], later: int) -> None:
    told = answer(facts)
    assume(told["discharge_date"] is not None)
    as_of = date.fromisoformat(str(facts["as_of"])) + timedelta(days=later)
    assert answer({**facts, "as_of": as_of})["discharge_date"] == told["discharge_date"]


@steady
@given(facts=ecc_facts(gaps_percent=0))
def test_a_quiet_future_ends_on_the_optimal_day(facts: dict[str, Any]) -> None:
    """If nothing more happens and nothing is open, the day comes as it was foretold."""
    told = answer(facts)
    opened = {"custody_start", "term_suspended", "absconder_declared", "cods_placed", "treatment_court_entered"}
    quiet = {"violation_report", "notice_of_citation"}
    assume(told["optimal_discharge_date"] and not told["blocked_by"])
    assume({event["type"] for event in facts["events"]} <= quiet)
    assert not opened & {event["type"] for event in facts["events"]}
    assert (
        answer({**facts, "as_of": told["optimal_discharge_date"]})["discharge_date"] == told["optimal_discharge_date"]
    )
