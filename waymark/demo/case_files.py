"""Published opinions as people and cases of the demo county, on the demo officer's shelf, for a visitor to open.

The names are those of the opinions. What an opinion does not tell is left empty here.
"""

from __future__ import annotations

from typing import Any

from waymark.demo import offices
from waymark.demo.county import Assignment, Case, Charge, Note, Order, Party, Person, orders
from waymark.demo.histories import Event, History, TermStart
from waymark.demo.names import STOCKS, Name
from waymark.demo.offenses import Offense
from waymark.demo.published import Published

PUBLISHED = "published"  # the track of such a person


def as_person(case: Published) -> Person:
    """The person of an opinion, with the one case and term it tells of."""
    called, term = case.parts["person"], case.parts["term"]
    return Person(
        name=Name(called["given_name"], called.get("middle_name", ""), called["family_name"], "", "", STOCKS[0]),
        born_on=None,
        language="en",
        needs_interpreter=None,
        track=PUBLISHED,
        street=None,
        cases=(_case(case),),
        assignments=(Assignment(offices.DIVISION, "ecc", "officer", term["begins_on"]),),
    )


def _case(case: Published) -> Case:
    told = _history(case)
    return Case(
        number=case.parts["docket"][0],
        court=offices.OF_OPINIONS,
        kind="felony",
        filed_on=told.start.begins_on,
        charges=tuple(_charges(case)),
        history=told,
        conditions=(),
        orders=tuple(order for order in orders(told) if _in_the_opinion(order, case)),
        notes=tuple(_notes(case)),
        parties=(
            Party("judge", "The circuit court", "judge"),
            Party("prosecutor", "The State of Missouri", "prosecutor"),
            Party("defender", "Counsel for the defense", "defender"),
        ),
        title=case.title,
        published_citation=case.citation,
    )


def _history(case: Published) -> History:
    term, parts = case.parts["term"], case.parts
    start = TermStart(
        kind=term["kind"],
        begins_on=term["begins_on"],
        years=term["years"],
        months=0,
        sentence=term["sentence"],
        sentenced_on=term["sentenced_on"],
        offense=_offense(parts["offense"]),
        supervised_by_division=parts["supervision"]["by_division"],
        lifetime_supervision=parts["supervision"]["lifetime"],
        restitution_ordered=parts["restitution"]["ordered"],
        restitution_cents=parts["restitution"].get("amount_cents"),
    )
    events = [Event(e["on"], e["type"], e.get("outcome", ""), words=e["words"]) for e in parts["events"]]
    events += [_extension(given) for given in term.get("extensions", [])]
    if paid_on := parts["restitution"].get("paid_in_full_on"):
        events.append(Event(paid_on, "restitution_paid"))
    events.append(Event(parts["closed"]["on"], "discharged", words=parts["closed"]["words"]))
    return History(start, tuple(sorted(events, key=lambda event: event.on)))


def _extension(given: dict[str, Any]) -> Event:
    return Event(
        given["ordered_on"],
        "term_extended",
        years=given["years"],
        months=given.get("months", 0),
        violation_found=given["violation_found"],
    )


def _offense(part: dict[str, Any]) -> Offense:
    return Offense(part["section"], part["name"], "felony" if part["felony"] else "misdemeanor", part["class"], 1)


def _charges(case: Published) -> list[Charge]:
    given = [case.parts["offense"], *case.parts.get("other_offenses", [])]
    sentenced_on = case.parts["term"]["sentenced_on"]
    return [Charge(_offense(part), part.get("committed_on"), disposed_on=sentenced_on) for part in given]


def _in_the_opinion(order: Order, case: Published) -> bool:
    """The order of discharge is our own putting away of the file."""
    return bool(order.ordered_on != case.parts["closed"]["on"])


def _notes(case: Published) -> list[Note]:
    decided_on = case.parts["decided_on"]
    left_out = "\n".join(f"- {left.where}: {left.because}" for left in case.left_out)
    return [
        Note(decided_on, f"{case.title}, {case.citation}. {case.parts['question']} {case.holding}"),
        Note(decided_on, f"What the opinion leaves out, and how it is read here:\n{left_out}"),
    ]
