"""The addresses of people's records."""

from __future__ import annotations

from django.urls import URLPattern, path

from waymark.people.views import accounts, details, limits, merging, record, search

urlpatterns: list[URLPattern] = [
    path("people/", search.person_search, name="person_search"),
    path("people/new/", record.person_new, name="person_new"),
    path("people/duplicates/", merging.duplicates, name="duplicates"),
    path("people/merges/<int:merge_id>/undo/", merging.merge_undo, name="merge_undo"),
    path("people/restrictions/", limits.restrictions_find, name="restrictions_find"),
    path("people/<int:person_id>/", record.person, name="person"),
    path("people/<int:person_id>/edit/", record.person_edit, name="person_edit"),
    path("people/<int:person_id>/history/", record.person_history, name="person_history"),
    path("people/<int:person_id>/names/new/", details.name_new, name="name_new"),
    path("people/<int:person_id>/names/<int:row_id>/remove/", details.name_remove, name="name_remove"),
    path("people/<int:person_id>/identifiers/new/", details.identifier_new, name="identifier_new"),
    path(
        "people/<int:person_id>/identifiers/<int:row_id>/remove/", details.identifier_remove, name="identifier_remove"
    ),
    path("people/<int:person_id>/contacts/new/", details.contact_new, name="contact_new"),
    path("people/<int:person_id>/contacts/<int:row_id>/", details.contact_edit, name="contact_edit"),
    path("people/<int:person_id>/contacts/<int:row_id>/end/", details.contact_end, name="contact_end"),
    path("people/<int:person_id>/addresses/new/", details.address_new, name="address_new"),
    path("people/<int:person_id>/addresses/<int:row_id>/end/", details.address_end, name="address_end"),
    path("people/<int:person_id>/emergency-contacts/new/", details.emergency_contact_new, name="emergency_contact_new"),
    path(
        "people/<int:person_id>/emergency-contacts/<int:row_id>/remove/",
        details.emergency_contact_remove,
        name="emergency_contact_remove",
    ),
    path("people/<int:person_id>/assignments/new/", details.assignment_new, name="assignment_new"),
    path("people/<int:person_id>/assignments/<int:row_id>/end/", details.assignment_end, name="assignment_end"),
    path("people/<int:person_id>/account/new/", accounts.person_account_new, name="person_account_new"),
    path("people/<int:person_id>/account/<int:row_id>/link/", accounts.person_account_link, name="person_account_link"),
    path(
        "people/<int:person_id>/account/<int:row_id>/close/", accounts.person_account_close, name="person_account_close"
    ),
    path("people/<int:person_id>/restrictions/", limits.person_restrictions, name="person_restrictions"),
    path("people/<int:person_id>/restrictions/<int:row_id>/lift/", limits.restriction_lift, name="restriction_lift"),
    path("people/<int:person_id>/merge/<int:other_id>/", merging.person_merge, name="person_merge"),
    path("people/<int:person_id>/not/<int:other_id>/", merging.person_not_a_duplicate, name="person_not_a_duplicate"),
]
