"""The main list of the staff site: who sees which entry, in the order of the page. The rights are accounts.access's."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from waymark.accounts.access import Right, may

ENTRIES = [
    # right, label, url name
    (Right.UNIT_OVERSEE, "Unit", "unit"),
    (Right.MONITORING_SEE, "Monitoring", "board"),
    (Right.CASE_SEE, "Caseload", "caseload"),
    (Right.PERSON_SEE, "People", "person_search"),
    (Right.PERSON_MERGE, "Duplicates", "duplicates"),
    (Right.COURT_SEE, "Docket", "docket"),
    (Right.COURT_SEE, "Notices", "served_notices"),
    (Right.AUDIT_SEE, "Audit", "audit_log"),
    (Right.ACCOUNTS_MANAGE, "Accounts", "account_list"),
    (Right.PERSON_RESTRICT, "Limits on records", "restrictions_find"),
]
SEARCHES = {Right.CASE_SEE: "people, cases", Right.COURT_SEE: "your cases"}


@dataclass(frozen=True)
class Item:
    label: str
    address: str
    current: bool


def navigation(request: HttpRequest) -> dict[str, object]:
    """Context processor: the entries the signed-in person may open, and what the search box finds, if anything."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"navigation": [], "search_for": ""}
    items = [
        Item(label, reverse(name), request.path == reverse(name)) for right, label, name in ENTRIES if may(user, right)
    ]
    return {
        "navigation": items,
        "search_address": reverse("find"),
        "search_for": next((words for right, words in SEARCHES.items() if may(user, right)), ""),
        "agency": user.agency,
    }
