"""217.703 by example: one promise of the statute a test, told as a change to one quiet term."""

from __future__ import annotations

from typing import Any

import pytest

from waymark.law.missouri import ecc_217_703 as ecc

QUIET: dict[str, Any] = {
    "as_of": "2021-01-05",
    "term": {"kind": "probation", "begins_on": "2018-01-15", "years": 5, "sentenced_on": "2018-01-15"},
    "offense": {"section": "570.030", "chapter": 570, "class": "D", "felony": True},
    "supervised_by_division": True,
    "lifetime_supervision": False,
    "restitution": {"ordered": False},
    "events": [],
}


def answer(*events: tuple[str, str] | dict[str, Any], **facts: Any) -> dict[str, Any]:
    told = [event if isinstance(event, dict) else {"on": event[0], "type": event[1]} for event in events]
    return ecc.determine(ecc.read({**QUIET, "events": told, **facts})).as_json()


def hearing(on: str, outcome: str) -> dict[str, Any]:
    return {"on": on, "type": "hearing", "outcome": outcome}


def offense(section: str, offense_class: str | None, **more: Any) -> dict[str, Any]:
    return {"section": section, "class": offense_class, "felony": True, **more}


def month(answered: dict[str, Any], name: str) -> dict[str, Any]:
    return next(entry for entry in answered["months"] if entry["month"] == name)


def lost(answered: dict[str, Any]) -> list[str]:
    return [entry["month"] for entry in answered["months"] if entry["earned"] == "no"][1:]  # the first is not full


class TestWhoEarns:
    @pytest.mark.parametrize(
        ("section", "offense_class", "sentenced_on", "earns"),
        [
            ("570.030", "D", "2018-01-15", "yes"),
            ("570.030", "E", "2018-01-15", "yes"),
            ("570.030", "C", "2018-01-15", "no"),
            ("570.030", "C", "2016-12-31", "yes"),  # eligible when sentenced (.11)
            ("570.030", "E", None, "not known"),  # the list changed, and the day is not recorded
            ("579.020", "B", "2018-01-15", "yes"),  # a drug offense whatever its class
            ("195.211", "B", "2015-01-15", "yes"),
            ("565.225", "E", "2018-01-15", "no"),  # on the list of exclusions
            ("568.020", "E", "2018-01-15", "no"),
            ("565.052.1(2)", "D", "2018-01-15", "no"),
            ("565.052.1(1)", "D", "2018-01-15", "yes"),
            ("565.052", "D", "2018-01-15", "not known"),  # which subdivision?
            ("568.045", "D", "2018-01-15", "not known"),
            ("565.073", "D", "2018-01-15", "yes"),  # the list of subsection 2 earns
            ("566.034", "D", "2018-01-15", "yes"),
            ("571.030", "E", "2018-01-15", "yes"),
            ("566.101", "E", "2018-01-15", "not known"),  # section 589.015 decides
        ],
    )
    def test_the_offense_is_judged_by_the_law_on_the_day_of_sentence(
        self, section: str, offense_class: str, sentenced_on: str | None, earns: str
    ) -> None:
        begins_on = sentenced_on or "2018-01-15"
        term = {"begins_on": begins_on, "years": 5, "sentenced_on": sentenced_on}
        assert answer(term=term, offense=offense(section, offense_class))["eligible"] == earns

    @pytest.mark.parametrize("fact", ["supervised_by_division", "lifetime_supervision"])
    def test_a_fact_that_is_not_recorded_is_asked_for_and_no_date_hangs_on_it(self, fact: str) -> None:
        told = answer(**{fact: None})
        assert told["eligible"] == "not known"
        assert told["credits"]["months"] is None
        assert told["optimal_discharge_date"] is None
        assert "record" in told["question"]

    def test_lifetime_supervision_beats_everything(self) -> None:
        told = answer(lifetime_supervision=True)
        assert (told["eligible"], told["optimal_discharge_date"]) == ("no", "2023-01-14")

    def test_the_departments_other_reading_is_shown(self) -> None:
        told = answer(offense=offense("566.034", "D"))
        assert "statutory_list" in [reading["name"] for reading in told["interpretations"]]


class TestMonths:
    def test_two_reports_in_one_month_cost_one(self) -> None:
        told = answer(("2019-03-05", "violation_report"), ("2019-03-25", "violation_report"))
        assert lost(told) == ["2019-03"]

    def test_reports_on_the_last_and_the_first_cost_two(self) -> None:
        told = answer(("2019-03-31", "violation_report"), ("2019-04-01", "motion_to_revoke"))
        assert lost(told) == ["2019-03", "2019-04"]

    def test_a_notice_of_citation_costs_its_month_only_since_the_day_it_became_law(self) -> None:
        as_of = "2022-12-15"
        term = {"begins_on": "2021-01-15", "years": 5, "sentenced_on": "2021-01-15"}
        assert lost(answer(("2022-08-27", "notice_of_citation"), term=term, as_of=as_of)) == []
        assert lost(answer(("2022-08-28", "notice_of_citation"), term=term, as_of=as_of)) == ["2022-08"]

    def test_the_day_a_stay_in_custody_ends_belongs_to_it(self) -> None:
        assert lost(answer(("2019-03-05", "custody_start"), ("2019-04-30", "custody_end"))) == ["2019-03", "2019-04"]
        assert lost(answer(("2019-03-05", "custody_start"), ("2019-05-01", "custody_end")))[-1] == "2019-05"

    def test_every_square_says_why(self) -> None:
        told = answer(("2019-03-05", "violation_report"), as_of="2020-05-31")
        assert month(told, "2019-03")["reasons"] == [
            {"cite": "217.703.5", "words": "a violation report was submitted on 2019-03-05"}
        ]
        assert month(told, "2019-04")["reasons"][0]["cite"] == "217.703.3"
        assert month(told, "2018-01")["reasons"][0]["words"].startswith("supervision did not cover")
        assert month(told, "2020-05")["earned"] == "pending"

    def test_a_start_on_the_first_makes_the_month_full(self) -> None:
        term = {"begins_on": "2018-01-01", "years": 5, "sentenced_on": "2018-01-01"}
        other = {"start_on_first": False}
        assert answer(term=term, as_of="2019-01-01")["credits"]["months"] == 12
        assert answer(term=term, as_of="2019-01-01", interpretations=other)["credits"]["months"] == 11

    def test_no_month_before_september_2012_earns(self) -> None:
        term = {"begins_on": "2011-05-04", "years": 5, "sentenced_on": "2011-05-04"}
        told = answer(term=term, as_of="2012-10-01", offense=offense("570.030", "C"))
        assert (told["credits"]["months"], month(told, "2012-09")["posted_on"]) == (1, "2012-10-01")


class TestHearings:
    SET = {"on": "2019-03-20", "type": "hearing_set", "hearing_on": "2019-06-10"}
    REPORT = ("2019-03-05", "violation_report")

    def test_a_report_alone_holds_nothing_back(self) -> None:
        assert answer(self.REPORT, as_of="2019-06-09")["credits"]["months"] == 15

    def test_while_a_hearing_is_set_the_months_after_the_report_wait(self) -> None:
        told = answer(self.REPORT, self.SET, as_of="2019-06-09")
        assert told["credits"]["months"] == 13
        assert [month(told, name)["earned"] for name in ("2019-03", "2019-04", "2019-05")] == [
            "no",
            "pending",
            "pending",
        ]
        assert told["blocked_by"] == ["two years", "hearing pending"]

    @pytest.mark.parametrize("outcome", ["continued", "no_violation"])
    def test_continued_the_months_held_back_are_posted_that_day(self, outcome: str) -> None:
        told = answer(self.REPORT, self.SET, hearing("2019-06-10", outcome), as_of="2019-06-10")
        assert told["credits"]["months"] == 15
        assert month(told, "2019-04")["posted_on"] == "2019-06-10"

    def test_a_withdrawal_releases_what_waited_for_the_motion_and_answers_no_report(self) -> None:
        motion, withdrawn = ("2019-03-05", "motion_to_revoke"), ("2019-06-01", "motion_withdrawn")
        assert answer(motion, self.SET, withdrawn, as_of="2019-06-09")["credits"]["months"] == 15
        assert answer(self.REPORT, self.SET, withdrawn, as_of="2019-06-09")["credits"]["months"] == 13

    def test_a_setting_that_passed_holds_nothing_that_is_filed_later(self) -> None:
        later = ("2019-08-05", "violation_report")
        assert answer(self.SET, later, as_of="2019-12-01")["credits"]["months"] == 21

    def test_a_hearing_set_for_a_person_who_may_not_earn_is_answered_at_once(self) -> None:
        told = answer(self.REPORT, self.SET, lifetime_supervision=True)
        assert (told["eligible"], told["credits"]["months"]) == ("no", 0)

    @pytest.mark.parametrize(
        ("outcome", "cite"), [("revoked", "217.703.5(1)"), ("cods", "217.703.5(1)"), ("ineligible", "217.703.5(2)")]
    )
    def test_other_outcomes_rescind_every_credit(self, outcome: str, cite: str) -> None:
        told = answer(self.REPORT, self.SET, hearing("2019-06-10", outcome), as_of="2019-06-10")
        assert told["credits"]["months"] == 0
        assert month(told, "2018-06")["reasons"][0]["cite"] == cite

    def test_found_ineligible_nothing_more_is_earned(self) -> None:
        told = answer(self.REPORT, hearing("2019-06-10", "ineligible"))
        assert (told["eligible"], told["credits"]["months"]) == ("no", 0)
        assert told["optimal_discharge_date"] == told["last_day"]

    def test_revoked_there_is_no_discharge_to_wait_for(self) -> None:
        told = answer(self.REPORT, hearing("2019-06-10", "revoked"))
        assert (told["optimal_discharge_date"], told["blocked_by"]) == (None, ["revoked"])

    def test_after_cods_earning_starts_with_the_first_full_month_back(self) -> None:
        told = answer(
            self.REPORT, hearing("2019-06-10", "cods"), ("2019-06-20", "cods_placed"), ("2019-10-18", "cods_released")
        )
        assert told["credits"]["months"] == 14  # November 2019 to December 2020
        assert month(told, "2019-10")["earned"] == "no"
        assert month(told, "2019-11")["earned"] == "yes"

    def test_a_discharge_that_was_due_is_not_undone_by_a_later_revocation(self) -> None:
        reached = answer(as_of="2020-12-31")["discharge_date"]
        told = answer(("2020-11-05", "motion_to_revoke"), hearing("2020-12-01", "revoked"), as_of="2020-12-31")
        assert told["discharge_date"] == reached == "2020-08-01"


class TestSuspensionsAndCourts:
    def test_an_eligibility_motion_stops_earning_until_the_month_after_the_decision(self) -> None:
        told = answer(("2018-02-10", "eligibility_motion"), ("2018-04-20", "found_eligible"))
        assert lost(told) == ["2018-02", "2018-03", "2018-04"]

    def test_found_ineligible_it_never_starts(self) -> None:
        told = answer(("2018-02-10", "eligibility_motion"), ("2018-04-20", "found_ineligible"))
        assert (told["eligible"], told["credits"]["months"]) == ("no", 0)

    def test_in_treatment_court_nothing_is_applied(self) -> None:
        told = answer(("2019-06-10", "treatment_court_entered"), as_of="2020-06-15")
        assert told["credits"] == {"months": 0, "days": 0, "suspended_months": 28}
        assert month(told, "2018-06")["earned"] == "suspended"
        assert told["earned_discharge_date"] == told["last_day"]

    def test_completed_everything_applies_that_day(self) -> None:
        stay = ("2019-06-10", "treatment_court_entered"), ("2020-11-20", "treatment_court_completed")
        told = answer(*stay, as_of="2020-11-20")
        assert told["credits"]["months"] == 33
        assert told["discharge_date"] == "2020-11-20"

    def test_terminated_the_months_of_the_stay_are_lost_and_the_others_come_back(self) -> None:
        stay = ("2019-06-10", "treatment_court_entered"), ("2019-11-20", "treatment_court_terminated")
        told = answer(*stay, as_of="2019-12-15")
        assert told["credits"]["months"] == 17  # February 2018 to May 2019, and November
        assert lost(told) == ["2019-06", "2019-07", "2019-08", "2019-09", "2019-10"]

    def test_a_court_entered_before_the_law_holds_nothing(self) -> None:
        assert answer(("2018-12-17", "treatment_court_entered"), as_of="2020-06-15")["credits"]["months"] == 28

    def test_tolling_is_a_reading_with_its_other_date(self) -> None:
        told = answer(("2019-03-01", "term_suspended"), ("2019-05-02", "suspension_lifted"))
        tolling = next(r for r in told["interpretations"] if r["name"] == "tolling")
        assert tolling["if_other"]["last_day"] == "2023-03-17"  # 62 days more

    def test_an_extension_after_the_credits_had_ended_the_term_is_shown_both_ways(self) -> None:
        extension = {"ordered_on": "2020-09-01", "years": 1, "violation_found": True}
        told = answer(term={**QUIET["term"], "extensions": [extension]})
        late = next(r for r in told["interpretations"] if r["name"] == "late_extension")
        assert (told["last_day"], told["discharge_date"]) == ("2024-01-14", None)
        assert late["if_other"]["discharge_date"] == "2020-08-01"


class TestDischarge:
    def test_restitution_bars_discharge_and_not_accrual(self) -> None:
        told = answer(restitution={"ordered": True})
        assert (told["credits"]["months"], told["discharge_due"], told["blocked_by"]) == (35, "no", ["restitution"])

    def test_paid_late_discharge_is_due_on_the_day_of_payment(self) -> None:
        told = answer(restitution={"ordered": True, "paid_in_full_on": "2020-12-24"})
        assert told["discharge_date"] == "2020-12-24"

    def test_two_years_are_served_first(self) -> None:
        term = {"begins_on": "2018-01-15", "years": 3, "sentenced_on": "2018-01-15"}
        assert answer(term=term)["discharge_date"] == "2020-01-14"

    def test_days_as_an_absconder_are_added_to_the_two_years(self) -> None:
        term = {"begins_on": "2018-01-15", "years": 3, "sentenced_on": "2018-01-15"}
        gone = ("2018-03-05", "absconder_declared"), ("2018-03-15", "absconder_available")
        assert answer(*gone, term=term)["discharge_date"] == "2020-01-24"

    def test_days_of_a_second_absence_count_though_it_began_on_the_day_of_return(self) -> None:
        term = {"begins_on": "2018-01-15", "years": 3, "sentenced_on": "2018-01-15"}
        gone = [
            ("2018-06-01", "absconder_declared"),
            ("2018-12-10", "absconder_available"),
            ("2018-12-10", "absconder_declared"),
            ("2019-01-10", "absconder_available"),
        ]
        told = answer(*gone, term=term, as_of="2020-04-20")
        assert (told["discharge_date"], told["two_years_on"]) == (None, "2020-08-24")

    def test_an_extension_ordered_after_the_last_day_or_a_revocation_adds_nothing(self) -> None:
        term = {**QUIET["term"], "extensions": [{"ordered_on": "2023-01-15", "years": 1, "violation_found": True}]}
        assert answer(term=term, as_of="2023-01-20", restitution={"ordered": True})["last_day"] == "2023-01-14"
        term["extensions"] = [{"ordered_on": "2020-01-15", "years": 1, "violation_found": True}]
        assert answer(hearing("2019-06-01", "revoked"), term=term)["last_day"] == "2023-01-14"

    def test_the_last_day_of_a_tolled_term_moves_while_it_is_suspended(self) -> None:
        term = {"begins_on": "2013-03-07", "years": 1, "sentenced_on": "2013-03-07"}
        told = answer(
            ("2013-11-21", "term_suspended"),
            term=term,
            as_of="2014-12-22",
            offense=offense("570.030", "C"),
            interpretations={"tolling": True},
        )
        assert (told["discharge_date"], told["last_day"]) == (None, "2015-04-06")

    def test_a_finding_made_after_discharge_changes_nothing(self) -> None:
        told = answer(("2021-01-04", "found_ineligible"))
        assert (told["eligible"], told["discharge_due"], told["findings"]["answer"]) == ("yes", "yes", "yes")

    def test_no_floor_carries_a_term_beyond_its_last_day(self) -> None:
        term = {"begins_on": "2018-01-15", "years": 1, "sentenced_on": "2018-01-15"}
        assert answer(term=term)["discharge_date"] == "2019-01-14"

    def test_no_credit_ends_a_term_in_the_past(self) -> None:
        told = answer(as_of="2020-08-01")
        assert (told["earned_discharge_date"], told["discharge_date"]) == ("2020-07-28", "2020-08-01")

    def test_restitution_not_recorded_is_not_known_only_when_it_decides(self) -> None:
        assert answer(restitution=None, as_of="2018-06-01")["discharge_due"] == "no"
        assert answer(restitution=None, as_of="2021-01-05")["discharge_due"] == "not known"

    def test_the_notice_is_owed_sixty_days_before(self) -> None:
        told = answer(as_of="2020-03-01")
        notice = next(d for d in told["deadlines"] if d["name"] == "Notice of impending discharge")
        assert (told["optimal_discharge_date"], notice["window"]) == ("2020-08-01", ["2020-04-03", "2020-06-02"])

    def test_power_to_revoke_after_the_end_needs_both_intent_and_effort(self) -> None:
        motion = ("2020-06-20", "motion_to_revoke")
        no_motion, not_heard = answer(), answer(motion)
        heard = answer(motion, revocation={"efforts_reasonable": True})
        assert [told["authority_to_revoke"]["answer"] for told in (no_motion, not_heard, heard)] == [
            "no",
            "not known",
            "yes",
        ]
