"""RSMo 217.703, earned compliance credits: who earns them, month by month, and when they end a term.

    facts = read(question)          # JSON of `waymark law ecc`; FaultyFacts names every field that cannot be right
    answer = determine(facts)       # a Determination; .as_json() is the contract's answer

facts -> timeline (what events do to months) -> walk (credits day by day) -> ledger (why each month) -> determination.
Our reading of each paragraph: docs/law/217.703.md.
"""

from waymark.law.missouri.ecc_217_703.determination import Determination, determine
from waymark.law.missouri.ecc_217_703.facts import Supervision, read

__all__ = ["Determination", "Supervision", "determine", "read"]
