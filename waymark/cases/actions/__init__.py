"""What can be done to a case, one function per verb. Each checks, writes, audits and, when a fact the law reads has
changed, determines the term anew, in one transaction. Each raises CannotEnter for what cannot be right and StaleCase
when somebody else saved first."""

from waymark.cases.actions.charges import add_charge, correct_charge
from waymark.cases.actions.conditions import add_condition, complete_condition, lift_condition, record_progress
from waymark.cases.actions.court_cases import add_order, add_party, end_party, open_case
from waymark.cases.actions.determinations import record_determination
from waymark.cases.actions.documents import add_document, void_document
from waymark.cases.actions.duties import close_task, meet_deadline
from waymark.cases.actions.events import enter_event, void_event
from waymark.cases.actions.notes import add_note, void_note
from waymark.cases.actions.placements import add_placement, end_placement
from waymark.cases.actions.recompute import recompute
from waymark.cases.actions.saving import CannotEnter, StaleCase
from waymark.cases.actions.terms import add_term, correct_term

__all__ = [
    "CannotEnter",
    "StaleCase",
    "add_charge",
    "add_condition",
    "add_document",
    "add_note",
    "add_order",
    "add_party",
    "add_placement",
    "add_term",
    "close_task",
    "complete_condition",
    "correct_charge",
    "correct_term",
    "end_party",
    "end_placement",
    "enter_event",
    "lift_condition",
    "meet_deadline",
    "open_case",
    "recompute",
    "record_determination",
    "record_progress",
    "void_document",
    "void_event",
    "void_note",
]
