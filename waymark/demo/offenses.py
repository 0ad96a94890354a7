"""Offenses that the invented people of the demo county were charged with: real sections, each with the class the law
gave it on the day. The criminal code was rewritten on 1 January 2017; what was a class C felony is mostly a class D
since, and class D mostly a class E."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

REWRITTEN_ON = date(2017, 1, 1)


@dataclass(frozen=True)
class Offense:
    """`weight` says how often it is met, among the offenses of its level. `listed` (217.703.2): the court may find the
    person ineligible for credits."""

    section: str
    name: str
    level: str  # "felony", "misdemeanor"
    offense_class: str
    weight: int
    listed: bool = False
    restitution: bool = False  # somebody lost money by it
    violent: bool = False
    lifetime: bool = False  # brings supervision for life (217.735, 559.106)

    @property
    def chapter(self) -> int:
        return int(self.section.partition(".")[0])


FELONIES_BEFORE = (
    Offense("195.202", "Possession of a controlled substance", "felony", "C", 30),
    Offense("570.030", "Stealing, value $500 or more", "felony", "C", 22, restitution=True),
    Offense("569.170", "Burglary in the second degree", "felony", "C", 10, restitution=True),
    Offense("569.080", "Tampering in the first degree", "felony", "C", 8, restitution=True),
    Offense("570.090", "Forgery", "felony", "C", 6, restitution=True),
    Offense("195.211", "Distribution of a controlled substance", "felony", "B", 6),
    Offense("565.073", "Domestic assault in the second degree", "felony", "C", 6, listed=True, violent=True),
    Offense("569.100", "Property damage in the first degree", "felony", "D", 4, restitution=True),
    Offense("575.150", "Resisting arrest", "felony", "D", 4),
    Offense("568.040", "Criminal nonsupport", "felony", "D", 4),
    Offense("577.010", "Driving while intoxicated, persistent offender", "felony", "D", 4),
    Offense("571.030", "Unlawful use of a weapon", "felony", "D", 4, listed=True),
    Offense("568.045", "Endangering the welfare of a child in the first degree", "felony", "C", 3, listed=True),
)

FELONIES_SINCE = (
    Offense("579.015", "Possession of a controlled substance", "felony", "D", 30),
    Offense("570.030", "Stealing, value $750 or more", "felony", "D", 20, restitution=True),
    Offense("569.170", "Burglary in the second degree", "felony", "D", 9, restitution=True),
    Offense("569.080", "Tampering in the first degree", "felony", "D", 8, restitution=True),
    Offense("570.090", "Forgery", "felony", "D", 5, restitution=True),
    Offense("579.020", "Delivery of a controlled substance", "felony", "C", 6),
    Offense("565.073", "Domestic assault in the second degree", "felony", "D", 6, listed=True, violent=True),
    Offense("565.074", "Domestic assault in the third degree", "felony", "E", 4, violent=True),
    Offense("565.052", "Assault in the second degree", "felony", "D", 3, listed=True, violent=True),
    Offense("565.054", "Assault in the third degree", "felony", "E", 4, violent=True),
    Offense("569.100", "Property damage in the first degree", "felony", "E", 4, restitution=True),
    Offense("575.150", "Resisting arrest", "felony", "E", 5),
    Offense("568.040", "Criminal nonsupport", "felony", "E", 3),
    Offense("577.010", "Driving while intoxicated, persistent offender", "felony", "E", 4),
    Offense("571.030", "Unlawful use of a weapon, exhibiting", "felony", "E", 5, listed=True),
    Offense("568.045", "Endangering the welfare of a child in the first degree", "felony", "D", 3, listed=True),
    Offense("565.027", "Involuntary manslaughter in the second degree", "felony", "E", 1, listed=True, violent=True),
    Offense("566.034", "Statutory rape in the second degree", "felony", "D", 1, listed=True, violent=True),
    Offense("570.025", "Robbery in the second degree", "felony", "B", 2, restitution=True, violent=True),
    Offense("570.030", "Stealing, value $25,000 or more", "felony", "C", 2, restitution=True),
    Offense("566.083", "Sexual misconduct involving a child", "felony", "E", 1, violent=True, lifetime=True),
    Offense("568.060", "Abuse or neglect of a child", "felony", "D", 1, violent=True),
)

MISDEMEANORS_BEFORE = (
    Offense("570.030", "Stealing, value under $500", "misdemeanor", "A", 24, restitution=True),
    Offense("577.010", "Driving while intoxicated", "misdemeanor", "B", 22),
    Offense("195.202", "Possession of marijuana, under 35 grams", "misdemeanor", "A", 12),
    Offense("565.074", "Domestic assault in the third degree", "misdemeanor", "A", 12, violent=True),
    Offense("569.120", "Property damage in the second degree", "misdemeanor", "B", 8, restitution=True),
    Offense("569.140", "Trespass in the first degree", "misdemeanor", "B", 8),
)

MISDEMEANORS_SINCE = (
    Offense("570.030", "Stealing, value under $750", "misdemeanor", "A", 24, restitution=True),
    Offense("577.010", "Driving while intoxicated", "misdemeanor", "B", 22),
    Offense("565.076", "Domestic assault in the fourth degree", "misdemeanor", "A", 14, violent=True),
    Offense("565.056", "Assault in the fourth degree", "misdemeanor", "A", 12, violent=True),
    Offense("569.120", "Property damage in the second degree", "misdemeanor", "B", 8, restitution=True),
    Offense("569.140", "Trespass in the first degree", "misdemeanor", "B", 8),
)


def felonies_on(day: date) -> tuple[Offense, ...]:
    """The felonies of the demo county as the code of that day names and grades them."""
    return FELONIES_SINCE if day >= REWRITTEN_ON else FELONIES_BEFORE


def misdemeanors_on(day: date) -> tuple[Offense, ...]:
    """The misdemeanors likewise."""
    return MISDEMEANORS_SINCE if day >= REWRITTEN_ON else MISDEMEANORS_BEFORE
