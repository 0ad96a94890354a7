"""Addresses of court cases."""

from __future__ import annotations

from django.urls import path

from waymark.cases.views import (
    case,
    court,
    credits,
    determination,
    documents,
    facts_entry,
    find,
    home,
    participant,
    person_cases,
    unit,
)

urlpatterns = [
    # Where each role arrives
    path("", home.home, name="home"),
    path("find/", find.find, name="find"),
    path("caseload/", home.my_caseload, name="caseload"),
    path("unit/", unit.unit, name="unit"),
    path("unit/officers/<int:officer_id>/", home.officer_caseload, name="officer_caseload"),
    path("court/", court.docket, name="docket"),
    path("court/cases/<int:case_id>/", court.court_case, name="court_case"),
    path("my/", participant.my, name="my"),
    path("my/language/", participant.my_language, name="my_language"),
    path("people/<int:person_id>/cases/", person_cases.person_cases, name="person_cases"),
    # The case file
    path("cases/<int:case_id>/", case.case, name="case"),
    path("terms/<int:term_id>/", case.term, name="term"),
    path("documents/<int:document_id>/", documents.document, name="document"),
    path("court/documents/<int:document_id>/", documents.court_document, name="court_document"),
    # Entering facts
    path("people/<int:person_id>/cases/new/", facts_entry.case_new, name="case_new"),
    path("cases/<int:case_id>/charges/new/", facts_entry.charge_new, name="charge_new"),
    path("charges/<int:charge_id>/correct/", facts_entry.charge_correct, name="charge_correct"),
    path("cases/<int:case_id>/terms/new/", facts_entry.term_new, name="term_new"),
    path("terms/<int:term_id>/correct/", facts_entry.term_correct, name="term_correct"),
    path("cases/<int:case_id>/orders/new/", facts_entry.order_new, name="order_new"),
    path("cases/<int:case_id>/parties/new/", facts_entry.party_new, name="party_new"),
    path("parties/<int:party_id>/end/", facts_entry.party_end, name="party_end"),
    path("cases/<int:case_id>/notes/new/", facts_entry.note_new, name="note_new"),
    path("notes/<int:note_id>/void/", facts_entry.note_void, name="note_void"),
    path("cases/<int:case_id>/documents/new/", facts_entry.document_new, name="document_new"),
    path("documents/<int:document_id>/void/", facts_entry.document_void, name="document_void"),
    path("terms/<int:term_id>/conditions/new/", facts_entry.condition_new, name="condition_new"),
    path("conditions/<int:condition_id>/progress/new/", facts_entry.progress_new, name="progress_new"),
    path("conditions/<int:condition_id>/lift/", facts_entry.condition_lift, name="condition_lift"),
    path("terms/<int:term_id>/placements/new/", facts_entry.placement_new, name="placement_new"),
    path("placements/<int:placement_id>/end/", facts_entry.placement_end, name="placement_end"),
    path("terms/<int:term_id>/events/new/", facts_entry.event_new, name="event_new"),
    path("events/<int:event_id>/correct/", facts_entry.event_correct, name="event_correct"),
    path("events/<int:event_id>/void/", facts_entry.event_void, name="event_void"),
    path("deadlines/<int:deadline_id>/met/", facts_entry.deadline_meet, name="deadline_meet"),
    path("tasks/<int:task_id>/close/", facts_entry.task_close, name="task_close"),
    # What the law says
    path("terms/<int:term_id>/credits/", credits.credits, name="credits"),
    path("terms/<int:term_id>/credits/what-if/", credits.what_if, name="what_if"),
    path("terms/<int:term_id>/determinations/", determination.compare, name="compare"),
    path("determinations/<int:determination_id>/", determination.determination, name="determination"),
    path(
        "court/determinations/<int:determination_id>/",
        determination.court_determination,
        name="court_determination",
    ),
]
