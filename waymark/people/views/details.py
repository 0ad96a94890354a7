"""Adding to and taking from a record: names, identifiers, contacts, addresses, emergency contacts, assignments.

Every page is the same: a person, a form, a verb.
"""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse

from waymark.accounts.access import Right, require, signed_in
from waymark.people import actions, forms
from waymark.people.access import person_for, row_of
from waymark.people.models import (
    Address,
    Assignment,
    ContactPoint,
    EmergencyContact,
    Identifier,
    Person,
    PersonName,
)
from waymark.people.reads import agencies_offered, officers_offered, units_offered
from waymark.people.views.saving import form_page
from waymark.web.clock import today

MADE_IN_ERROR = "For what was entered by mistake. The history keeps it."


@require(Right.PERSON_WRITE)
def name_new(request: HttpRequest, person_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id)
    return form_page(
        request,
        person,
        forms.NameForm(request.POST or None),
        partial(actions.add_name, person.pk, by=user),
        question=f"What other name has {_called(person)} used?",
        done="The name is added. A search finds the person by it.",
    )


@require(Right.PERSON_WRITE)
def name_remove(request: HttpRequest, person_id: int, row_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id)
    name = row_of(PersonName, person, row_id)
    return form_page(
        request,
        person,
        forms.ReasonForm(request.POST or None),
        partial(actions.remove_name, person.pk, row_id, by=user),
        question=f"Remove the name {name.given_name} {name.family_name}?",
        explained=MADE_IN_ERROR,
        done="The name is removed.",
        button="Remove",
    )


@require(Right.PERSON_WRITE)
def identifier_new(request: HttpRequest, person_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id)
    return form_page(
        request,
        person,
        forms.IdentifierForm(request.POST or None, agencies=agencies_offered(), initial={"agency": user.agency_id}),
        partial(actions.add_identifier, person.pk, by=user),
        question=f"What number is {_called(person)} known by?",
        done="The number is added.",
    )


@require(Right.PERSON_WRITE)
def identifier_remove(request: HttpRequest, person_id: int, row_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id)
    return form_page(
        request,
        person,
        forms.ReasonForm(request.POST or None),
        partial(actions.remove_identifier, person.pk, row_id, by=user),
        question=f"Remove the number {row_of(Identifier, person, row_id).value}?",
        explained=MADE_IN_ERROR,
        done="The number is removed.",
        button="Remove",
    )


@require(Right.PERSON_WRITE)
def contact_new(request: HttpRequest, person_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id)
    return form_page(
        request,
        person,
        forms.ContactPointForm(request.POST or None),
        partial(actions.add_contact_point, person.pk, by=user, on=today()),
        question=f"How can {_called(person)} be reached?",
        explained="Messages are sent only where the person agreed to them.",
        done="The contact is added.",
    )


@require(Right.PERSON_WRITE)
def contact_edit(request: HttpRequest, person_id: int, row_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id)
    point = row_of(ContactPoint, person, row_id)
    recorded = {
        "preferred": point.preferred,
        "may_message": forms.typed_yes_or_no(point.may_message),
        "consent_on": point.consent_on,
    }
    return form_page(
        request,
        person,
        forms.ConsentForm(request.POST or None, initial=recorded),
        partial(actions.change_contact_point, person.pk, row_id, by=user, on=today()),
        question=f"May messages be sent to {point.value}?",
        done="The contact is changed.",
    )


@require(Right.PERSON_WRITE)
def contact_end(request: HttpRequest, person_id: int, row_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id)
    return form_page(
        request,
        person,
        forms.EndForm(request.POST or None),
        partial(actions.end_contact_point, person.pk, row_id, by=user, on=today()),
        question=f"Does {row_of(ContactPoint, person, row_id).value} no longer reach {_called(person)}?",
        done="The contact is ended.",
        button="End it",
    )


@require(Right.PERSON_WRITE)
def address_new(request: HttpRequest, person_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id)
    return form_page(
        request,
        person,
        forms.AddressForm(request.POST or None, initial={"state": "MO"}),
        partial(actions.add_address, person.pk, by=user),
        question=f"Where does or did {_called(person)} live?",
        explained="A new home ends the one before it on the same day.",
        done="The address is added.",
    )


@require(Right.PERSON_WRITE)
def address_end(request: HttpRequest, person_id: int, row_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id)
    return form_page(
        request,
        person,
        forms.EndAddressForm(request.POST or None),
        partial(actions.end_address, person.pk, row_id, by=user),
        question=f"When did {_called(person)} leave {row_of(Address, person, row_id).street}?",
        explained="Without a new address. When there is one, add it: the old one ends by itself.",
        done="The address is ended.",
        button="End it",
    )


@require(Right.PERSON_WRITE)
def emergency_contact_new(request: HttpRequest, person_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id)
    return form_page(
        request,
        person,
        forms.EmergencyContactForm(request.POST or None),
        partial(actions.add_emergency_contact, person.pk, by=user),
        question=f"Whom should we call if something happens to {_called(person)}?",
        done="The emergency contact is added.",
    )


@require(Right.PERSON_WRITE)
def emergency_contact_remove(request: HttpRequest, person_id: int, row_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id)
    return form_page(
        request,
        person,
        forms.ReasonForm(request.POST or None),
        partial(actions.remove_emergency_contact, person.pk, row_id, by=user),
        question=f"Remove {row_of(EmergencyContact, person, row_id).name} from the emergency contacts?",
        done="The emergency contact is removed.",
        button="Remove",
    )


@require(Right.PERSON_WRITE)
def assignment_new(request: HttpRequest, person_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id)
    return form_page(
        request,
        person,
        forms.AssignmentForm(
            request.POST or None,
            units=units_offered(user),
            officers=officers_offered(user),
            initial={"unit": user.unit_id, "from_on": today()},
        ),
        partial(actions.assign_person, person.pk, by=user),
        question=f"Who answers for {_called(person)} from now on?",
        explained="The former assignment at the same unit ends that day; those at other units stand.",
        done="The person is assigned.",
        button="Assign",
    )


@require(Right.PERSON_WRITE)
def assignment_end(request: HttpRequest, person_id: int, row_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id)
    row_of(Assignment, person, row_id)
    return form_page(
        request,
        person,
        forms.EndAssignmentForm(request.POST or None),
        partial(actions.end_assignment, person.pk, row_id, by=user),
        question=f"End this assignment of {_called(person)}?",
        explained="Whoever sees the record only through it no longer does from that day on.",
        done="The assignment is ended.",
        button="End it",
    )


def _called(person: Person) -> str:
    return f"{person.given_name} {person.family_name}"
