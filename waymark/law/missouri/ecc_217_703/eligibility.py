"""217.703.1, .2 and .11: who earns compliance credits.

The offense is judged by the law on the day of sentence; a person sentenced before the section existed is judged by its
first text, because subsection 3 gives credits to terms that began before it. A person whose offense was eligible when
sentenced before 2017 stays eligible (subsection 11).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from waymark.law.finding import Answer, Finding, all_of, answer_of, both, either, negation
from waymark.law.missouri.ecc_217_703.facts import CODE_REVISION, ENACTED, Offense, Supervision
from waymark.law.provision import provision

DRUG_CHAPTERS = {579, 195}

# 217.703.1(2): excluded by section number. As printed in the text in force from 2022-08-28.
EXCLUDED_SECTIONS = {"565.225", "565.252", "566.031", "566.061", "566.083", "566.093", "568.020", "568.060"}
# 217.703.1(2): excluded only in one subdivision of subsection 1.
EXCLUDED_SUBDIVISIONS = {"565.052": "1(2)", "568.045": "1(2)", "565.060": "1(2)"}
# 217.703.2: these earn, unless the court finds that the person shall not.
COURT_MAY_EXCLUDE = {
    "565.027": "involuntary manslaughter in the second degree",
    "565.052": "assault in the second degree",
    "565.060": "assault in the second degree (before 2017)",
    "565.073": "domestic assault in the second degree",
    "565.054": "assault in the third degree, special victim",
    "565.082": "assault of a law enforcement officer in the second degree (before 2017)",
    "566.034": "statutory rape in the second degree",
    "566.064": "statutory sodomy in the second degree",
    "568.045": "endangering the welfare of a child in the first degree",
}
PAGE_EXCLUDES = {"566.034", "566.064"}  # the Department's page treats these as excluded; the statute does not


@dataclass(frozen=True, slots=True)
class Candidate:
    """What eligibility turns on, apart from months and dates."""

    offense: Offense
    sentenced_on: date | None
    supervised_by_division: bool | None
    lifetime_supervision: bool | None
    found_ineligible: bool


def may_earn_credits(s: Supervision, *, found_ineligible: bool) -> Finding:
    """217.703.1: the division shall award credits to any person who is all of these.

    The day that chooses the law is the day of sentence. `found_ineligible`: a court's finding stands on `as_of`.
    """
    return _finding(
        Candidate(s.offense, s.term.sentenced_on, s.supervised_by_division, s.lifetime_supervision, found_ineligible)
    )


@lru_cache(maxsize=8192)
def _finding(c: Candidate) -> Finding:
    law_on = max(c.sentenced_on or CODE_REVISION, ENACTED)
    return all_of(
        "217.703.1",
        "may earn compliance credits",
        not_under_lifetime_supervision(c, law_on=law_on, note=_record(c.lifetime_supervision, "lifetime supervision")),
        not_found_ineligible(c, law_on=law_on),
        offense_earns(c),
        supervised_by_division(c, law_on=law_on, note=_record(c.supervised_by_division, "who supervises")),
    )


@provision("217.703.1(1)", since=ENACTED)
def not_under_lifetime_supervision(c: Candidate) -> bool | None:
    "is not subject to lifetime supervision under sections 217.735 and 559.106"
    return negation(c.lifetime_supervision)


@provision("217.703.1(1), .2", since=ENACTED)
def not_found_ineligible(c: Candidate) -> bool | None:
    "has not been found ineligible to earn credits by the court"
    return not c.found_ineligible


@provision("217.703.1(3)", since=ENACTED)
def supervised_by_division(c: Candidate) -> bool | None:
    "is supervised by the division of probation and parole"
    return c.supervised_by_division


def offense_earns(c: Candidate) -> Finding:
    """217.703.1(2) by the text in force on the day of sentence, and 217.703.11 for sentences before 2017."""
    section = (c.offense.section or "")[:7]
    note = f"{section} stands on the list of subsection 2: it earns unless the court finds otherwise." * (
        section in COURT_MAY_EXCLUDE or _chapter(c.offense) == 571
    )
    if c.sentenced_on is None:
        return _offense_without_day(c)
    if c.sentenced_on < CODE_REVISION:
        then = offense_before_2017(c, law_on=max(c.sentenced_on, ENACTED))
        return Finding(
            "217.703.11",
            "was sentenced before 1 January 2017 for an offense that could earn credits then",
            then.answer,
            (then,),
            note,
        )
    return offense_since_2017(c, law_on=c.sentenced_on, note=note)


def _offense_without_day(c: Candidate) -> Finding:
    """The day of sentence is not recorded: decided only where both texts agree."""
    texts = offense_before_2017(c, law_on=ENACTED), offense_since_2017(c, law_on=CODE_REVISION)
    answer = texts[0].answer if texts[0].answer == texts[1].answer else Answer.NOT_KNOWN
    note = "" if answer != Answer.NOT_KNOWN else "Record the day of sentence: the list changed on 2017-01-01."
    return Finding("217.703.1(2)", "is supervised for an offense that earns credits", answer, texts, note)


@provision("217.703.1(2)", since=ENACTED, until=CODE_REVISION)
def offense_before_2017(c: Candidate) -> bool | None:
    """is supervised for a chapter 195 offense, or a class C or D felony that is not on the list of exclusions"""
    return _earns(c.offense, {"C", "D"})


@provision("217.703.1(2)", since=CODE_REVISION)
def offense_since_2017(c: Candidate) -> bool | None:
    """is supervised for an offense of chapter 579 or formerly of chapter 195, or a class D or E felony that is not on
    the list of exclusions"""
    return _earns(c.offense, {"D", "E"})


def _earns(offense: Offense, classes: set[str]) -> bool | None:
    """A drug offense earns whatever its class; another felony by its class, unless it is excluded."""
    chapter = _chapter(offense)
    drug = None if chapter is None else chapter in DRUG_CHAPTERS
    in_class = None if offense.offense_class is None else offense.offense_class in classes
    return either(drug, both(offense.felony, in_class, negation(excluded(offense))))


def excluded(offense: Offense) -> bool | None:
    """Whether the offense stands on the list of exclusions in 217.703.1(2). None: what is recorded does not tell.

    Offenses "defined as sexual assault under section 589.015" are excluded too; the text of that section is not at
    hand, so a chapter 566 offense that no list names is left to a person.
    """
    if offense.section is None:
        return None
    section, subdivision = offense.section[:7], offense.section[8:]
    if section in EXCLUDED_SECTIONS:
        return True
    if section in EXCLUDED_SUBDIVISIONS:
        return None if not subdivision else subdivision.startswith(EXCLUDED_SUBDIVISIONS[section])
    if _chapter(offense) == 566 and section not in COURT_MAY_EXCLUDE:
        return None
    return False


def _chapter(offense: Offense) -> int | None:
    if offense.chapter is not None:
        return offense.chapter
    return int(offense.section.split(".")[0]) if offense.section else None


def _record(truth: bool | None, what: str) -> str:
    return f"Not recorded: record {what}." if answer_of(truth) == Answer.NOT_KNOWN else ""
