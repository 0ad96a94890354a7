"""What can be done to a person's record: one function per verb, each checks, writes and audits in one transaction."""

from waymark.people.actions.accounts import close_own_account, give_account, make_own_link
from waymark.people.actions.assignments import assign_person, end_assignment
from waymark.people.actions.details import (
    add_address,
    add_contact_point,
    add_emergency_contact,
    add_identifier,
    add_name,
    change_contact_point,
    end_address,
    end_contact_point,
    remove_emergency_contact,
    remove_identifier,
    remove_name,
)
from waymark.people.actions.limits import lift_restriction, restrict_access
from waymark.people.actions.merging import merge_people, not_a_duplicate, undo_merge
from waymark.people.actions.records import change_person, create_person
from waymark.people.actions.refusals import CannotSave, ProbableDuplicates, StalePerson
from waymark.people.actions.search_keys import write_search_keys

__all__ = [
    "CannotSave",
    "ProbableDuplicates",
    "StalePerson",
    "add_address",
    "add_contact_point",
    "add_emergency_contact",
    "add_identifier",
    "add_name",
    "assign_person",
    "change_contact_point",
    "change_person",
    "close_own_account",
    "create_person",
    "end_address",
    "end_assignment",
    "end_contact_point",
    "give_account",
    "lift_restriction",
    "make_own_link",
    "merge_people",
    "not_a_duplicate",
    "remove_emergency_contact",
    "remove_identifier",
    "remove_name",
    "restrict_access",
    "undo_merge",
    "write_search_keys",
]
