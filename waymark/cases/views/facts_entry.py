"""Entering facts. Every page shows a form, hands what was typed to one verb, and shows its refusal beside the fields.

When somebody else saved the case first, the page says who changed what in between and keeps what was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse

from waymark.accounts.access import Right, require, signed_in
from waymark.cases.access import (
    case_for,
    charge_for,
    condition_for,
    deadline_for,
    document_for,
    event_for,
    note_for,
    party_for,
    placement_for,
    task_for,
    term_for,
)
from waymark.cases.actions.charges import SAID_OF_CHARGE, add_charge, correct_charge
from waymark.cases.actions.conditions import add_condition, complete_condition, lift_condition, record_progress
from waymark.cases.actions.court_cases import add_order, add_party, end_party, open_case
from waymark.cases.actions.documents import add_document, void_document
from waymark.cases.actions.duties import close_task, meet_deadline
from waymark.cases.actions.events import SAID_OF_EVENT, correct_event, enter_event, void_event
from waymark.cases.actions.notes import add_note, void_note
from waymark.cases.actions.placements import add_placement, end_placement
from waymark.cases.actions.saving import CannotEnter, StaleCase
from waymark.cases.actions.terms import SAID_OF_TERM, add_term, correct_term
from waymark.cases.asking import Asked, ask, rehearse
from waymark.cases.case_file import standing_charge, standing_entry
from waymark.cases.changes import changes_in_between
from waymark.cases.explain import difference, sentence_of, short_name
from waymark.cases.facts import asks_217_703, ecc_facts
from waymark.cases.forms import (
    CaseForm,
    ChargeCorrectionForm,
    ChargeForm,
    ConditionForm,
    DocumentForm,
    EndPartyForm,
    EndPlacementForm,
    EventCorrectionForm,
    EventForm,
    FactForm,
    HowMetForm,
    LiftConditionForm,
    NoteForm,
    OrderForm,
    PartyForm,
    PlacementForm,
    ProgressForm,
    TaskDoneForm,
    TermCorrectionForm,
    TermForm,
    VoidForm,
    refuse,
)
from waymark.cases.models import Condition, CourtCase, Event, Term
from waymark.people.access import person_for
from waymark.web.clock import now, today

Save = Callable[..., object]


# The case and what hangs on it


@require(Right.CASE_WRITE)
def case_new(request: HttpRequest, person_id: int) -> HttpResponse:
    person = person_for(signed_in(request), person_id)
    form = CaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            case = open_case(person, **form.given(), by=signed_in(request))
        except CannotEnter as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"Case {case.number} is open. Add its charges and its terms now.")
            return redirect("case", case.pk)
    return render(request, "cases/case_form.html", {"form": form, "person": person, "title": "Open a court case"})


@require(Right.CASE_WRITE)
def charge_new(request: HttpRequest, case_id: int) -> HttpResponse:
    case = case_for(signed_in(request), case_id)
    form = ChargeForm(request.POST or None, initial=_seen(case))
    return _entry(request, case, form, _of(add_charge, case), "Add a charge", "The charge is added.")


@require(Right.CASE_WRITE)
def charge_correct(request: HttpRequest, charge_id: int) -> HttpResponse:
    charge = charge_for(signed_in(request), charge_id)
    stands = _values(standing_charge(charge), SAID_OF_CHARGE)
    form = ChargeCorrectionForm(request.POST or None, initial={**_seen(charge.case), **stands})
    return _entry(
        request,
        charge.case,
        form,
        _of(correct_charge, charge),
        f"Correct count {charge.count}",
        "The charge is corrected.",
    )


@require(Right.CASE_WRITE)
def term_new(request: HttpRequest, case_id: int) -> HttpResponse:
    case = case_for(signed_in(request), case_id)
    form = TermForm(request.POST or None, case=case, initial=_seen(case))
    return _entry(request, case, form, _of(add_term, case), "Add a term of supervision", "The term is added.")


@require(Right.CASE_WRITE)
def term_correct(request: HttpRequest, term_id: int) -> HttpResponse:
    term = term_for(signed_in(request), term_id)
    stands = _values(standing_entry(term), SAID_OF_TERM)
    form = TermCorrectionForm(request.POST or None, case=term.case, initial={**_seen(term.case), **stands})
    return _entry(request, term.case, form, _of(correct_term, term), "Correct the term", "The term is corrected.")


@require(Right.CASE_WRITE)
def order_new(request: HttpRequest, case_id: int) -> HttpResponse:
    case = case_for(signed_in(request), case_id)
    form = OrderForm(request.POST or None, initial=_seen(case))
    return _entry(request, case, form, _of(add_order, case), "Enter an order of the court", "The order is entered.")


@require(Right.CASE_WRITE)
def party_new(request: HttpRequest, case_id: int) -> HttpResponse:
    case = case_for(signed_in(request), case_id)
    form = PartyForm(request.POST or None, initial=_seen(case))
    return _entry(request, case, form, _of(add_party, case), "Add a party", "The party is added.")


@require(Right.CASE_WRITE)
def party_end(request: HttpRequest, party_id: int) -> HttpResponse:
    party = party_for(signed_in(request), party_id)
    form = EndPartyForm(request.POST or None, initial={**_seen(party.case), "until_on": today()})
    shown = f"{party.name}, {party.get_capacity_display().lower()}"
    done = "The day is kept. From then on the party does not see the case."
    return _entry(request, party.case, form, _of(end_party, party), "End a party's part", done, shown=shown)


@require(Right.CASE_WRITE)
def note_new(request: HttpRequest, case_id: int) -> HttpResponse:
    case = case_for(signed_in(request), case_id)
    form = NoteForm(request.POST or None, initial={**_seen(case), "on": today()})
    return _entry(request, case, form, _of(add_note, case), "Write a note", "The note is kept.")


@require(Right.CASE_WRITE)
def note_void(request: HttpRequest, note_id: int) -> HttpResponse:
    note = note_for(signed_in(request), note_id)
    form = VoidForm(request.POST or None, initial=_seen(note.case))
    return _entry(
        request, note.case, form, _of(void_note, note), "Void a note", "The note is voided.", shown=note.words
    )


@require(Right.CASE_WRITE)
def document_new(request: HttpRequest, case_id: int) -> HttpResponse:
    case = case_for(signed_in(request), case_id)
    form = DocumentForm(request.POST or None, request.FILES or None, initial=_seen(case))
    return _entry(request, case, form, _of(add_document, case), "Upload a document", "The document is kept.")


@require(Right.CASE_WRITE)
def document_void(request: HttpRequest, document_id: int) -> HttpResponse:
    found = document_for(signed_in(request), document_id)
    form = VoidForm(request.POST or None, initial=_seen(found.case))
    save = _of(void_document, found)
    return _entry(request, found.case, form, save, "Void a document", "The document is voided.", shown=found.title)


# What hangs on a term


@require(Right.CASE_WRITE)
def condition_new(request: HttpRequest, term_id: int) -> HttpResponse:
    term = term_for(signed_in(request), term_id)
    form = ConditionForm(request.POST or None, case=term.case, initial=_seen(term.case))
    return _entry(request, term.case, form, _of(add_condition, term), "Add a condition", "The condition is added.")


@require(Right.CASE_WRITE)
def condition_lift(request: HttpRequest, condition_id: int) -> HttpResponse:
    condition = condition_for(signed_in(request), condition_id)
    case = condition.term.case
    form = LiftConditionForm(request.POST or None, initial={**_seen(case), "ended_on": today()})
    save, done = _of(lift_condition, condition), "The condition is lifted. The participant is no longer asked for it."
    return _entry(request, case, form, save, "Lift a condition", done, shown=condition.words)


@require(Right.CASE_WRITE)
def progress_new(request: HttpRequest, condition_id: int) -> HttpResponse:
    condition = condition_for(signed_in(request), condition_id)
    case = condition.term.case
    form = ProgressForm(request.POST or None, condition=condition, initial={**_seen(case), "on": today()})
    save = _of(_record_progress, condition)
    return _entry(request, case, form, save, "Record progress", "The progress is recorded.", shown=condition.words)


def _record_progress(condition: Condition, *, completes: bool, amount: int, version: int, **given: Any) -> None:
    """What was done, and that the whole is met, when both are said: both stand or neither."""
    with transaction.atomic():
        if amount or not completes:
            record_progress(condition, amount=amount, version=version, **given)
        if completes:
            complete_condition(condition, version=version + bool(amount), **given)


@require(Right.CASE_WRITE)
def placement_new(request: HttpRequest, term_id: int) -> HttpResponse:
    term = term_for(signed_in(request), term_id)
    form = PlacementForm(request.POST or None, initial=_seen(term.case))
    return _entry(request, term.case, form, _of(add_placement, term), "Enter a placement", "The placement is entered.")


@require(Right.CASE_WRITE)
def placement_end(request: HttpRequest, placement_id: int) -> HttpResponse:
    placement = placement_for(signed_in(request), placement_id)
    case = placement.term.case
    form = EndPlacementForm(request.POST or None, initial=_seen(case))
    shown = f"{placement.program}, since {placement.placed_on}"
    return _entry(
        request, case, form, _of(end_placement, placement), "End a placement", "The placement ended.", shown=shown
    )


# Duties


@require(Right.CASE_WRITE)
def deadline_meet(request: HttpRequest, deadline_id: int) -> HttpResponse:
    deadline = deadline_for(signed_in(request), deadline_id)
    form = HowMetForm(request.POST or None, initial={"on": today()})
    shown = f"{deadline.name} ({deadline.cite}), from {deadline.first_on} to {deadline.last_on}"
    save = _of(meet_deadline, deadline)
    return _duty(request, deadline.term.case, form, save, "Meet a deadline", "The deadline is met.", shown)


@require(Right.CASE_WRITE)
def task_close(request: HttpRequest, task_id: int) -> HttpResponse:
    task = task_for(signed_in(request), task_id)
    form = TaskDoneForm(request.POST or None)
    return _duty(
        request, task.term.case, form, _of(close_task, task), "Close a task", "The task is closed.", task.words
    )


def _duty(
    request: HttpRequest, case: CourtCase, form: forms.Form, save: Save, title: str, done: str, shown: str
) -> HttpResponse:
    """A duty has its own state for a lock: once it is no longer open there is nothing left to save."""
    if request.method == "POST" and form.is_valid():
        try:
            save(**form.cleaned_data, by=signed_in(request))
        except CannotEnter as refusal:
            refuse(form, refusal)
        except StaleCase:
            messages.warning(request, "This is no longer open: somebody else did it, or the dates changed. Look below.")
            return _to_case(case)
        else:
            messages.success(request, done)
            return _to_case(case)
    return _page(request, "cases/case_form.html", case, form, title, shown=shown)


# Events: checked first, with what they would do to the dates


@require(Right.CASE_WRITE)
def event_new(request: HttpRequest, term_id: int) -> HttpResponse:
    term = term_for(signed_in(request), term_id)
    proposed = {name: request.GET[name] for name in ("kind", "on") if name in request.GET}
    form = EventForm(request.POST or None, initial={**_seen(term.case), **proposed})
    return _event(request, term, form, _of(enter_event, term), "Enter what happened")


@require(Right.CASE_WRITE)
def event_correct(request: HttpRequest, event_id: int) -> HttpResponse:
    event = event_for(signed_in(request), event_id)
    stands = _values(event, SAID_OF_EVENT)
    form = EventCorrectionForm(request.POST or None, initial={**_seen(event.term.case), **stands})
    return _event(request, event.term, form, _of(correct_event, event), "Correct an event")


@require(Right.CASE_WRITE)
def event_void(request: HttpRequest, event_id: int) -> HttpResponse:
    event = event_for(signed_in(request), event_id)
    form = VoidForm(request.POST or None, initial=_seen(event.term.case))
    return _event(request, event.term, form, _of(void_event, event), "Void an event", shown=event)


def _event(
    request: HttpRequest, term: Term, form: FactForm, save: Save, title: str, shown: Event | None = None
) -> HttpResponse:
    """1. Show the form. 2. Check: say what it would do to the dates. 3. Save, when the person confirms."""
    step = request.POST.get("step", "check")
    if request.method != "POST" or step == "edit" or not form.is_valid():
        return _page(request, "cases/event_form.html", term.case, form, title, event=shown, term=term)
    if step == "save":
        return _entry(
            request, term.case, form, save, title, "Saved. The dates below follow from it.", event=shown, term=term
        )
    return _check(request, term, form, save, title, shown)


def _check(
    request: HttpRequest, term: Term, form: FactForm, save: Save, title: str, shown: Event | None
) -> HttpResponse:
    before = _dates(term)
    given = {**form.given(), "by": signed_in(request), "version": form.cleaned_data["version"]}
    try:
        after = rehearse(lambda: save(**given), lambda: _dates(term))
    except CannotEnter as refusal:
        refuse(form, refusal)
        return _page(request, "cases/event_form.html", term.case, form, title, event=shown, term=term)
    except StaleCase:
        return _changed_in_between(request, term.case, form, title, event=shown, term=term)
    checked: dict[str, Any] = {
        "after": after,
        "typed": _typed(form),
        "sentence": "This would change no date of credits.",
    }
    if before and after and before.answer and after.answer:
        differs = difference((before.facts, before.answer), (after.facts, after.answer))
        checked |= {"difference": differs, "sentence": sentence_of(short_name(term.case.person), differs)}
    return _page(request, "cases/event_check.html", term.case, form, title, event=shown, term=term, **checked)


def _typed(form: FactForm) -> list[tuple[str, str]]:
    """Label and value of every field that says something, as the list names it."""
    said = []
    for bound in form.visible_fields():
        value = form.cleaned_data.get(bound.name)
        if value in (None, ""):
            continue
        names = dict(getattr(bound.field, "choices", []))
        said.append((str(bound.label), str(names.get(form.data.get(bound.html_name), value))))
    return said


def _dates(term: Term) -> Asked | None:
    """What the law says of the term today. None: the section does not speak of it."""
    if not asks_217_703(term.case, standing_entry(term)):
        return None
    return ask(ecc_facts(term, today()))


# What every entry shares


def _entry(
    request: HttpRequest, case: CourtCase, form: FactForm, save: Save, title: str, done: str, **shown: Any
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            save(**form.given(), by=signed_in(request), version=form.cleaned_data["version"])
        except CannotEnter as refusal:
            refuse(form, refusal)
        except StaleCase:
            return _changed_in_between(request, case, form, title, **shown)
        else:
            messages.success(request, done)
            return _to_case(case)
    return _page(request, "cases/case_form.html", case, form, title, **shown)


def _of(verb: Callable[..., object], subject: object) -> Save:
    """The verb with what it acts on; the rest of its words come from the form."""
    return lambda **given: verb(subject, **given)


def _seen(case: CourtCase) -> dict[str, Any]:
    """What the writer saw: the version of the case, and when."""
    return {"version": case.version, "seen_at": now().isoformat(timespec="microseconds")}


def _values(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names} if row else {}


def _page(
    request: HttpRequest, template: str, case: CourtCase, form: forms.Form, title: str, **shown: Any
) -> HttpResponse:
    person = case.person.merged_into or case.person
    context = {"form": form, "case": case, "person": person, "title": title, "shown": "", **shown}
    return render(request, template, context)


def _changed_in_between(
    request: HttpRequest, case: CourtCase, form: FactForm, title: str, **shown: Any
) -> HttpResponse:
    """Who changed what since the writer looked, and the form once more with what was typed."""
    changes = changes_in_between(case, form.cleaned_data["seen_at"])
    case.refresh_from_db()
    typed = request.POST.copy()  # what was typed stays; what the writer has seen is now this
    for name, value in _seen(case).items():
        typed[name] = str(value)
    form.data = typed
    response = _page(request, "cases/case_changed.html", case, form, title, changes=changes, **shown)
    response.status_code = 409
    return response


def _to_case(case: CourtCase) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("case", args=[case.pk]))
