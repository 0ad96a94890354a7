"""Handing out a document after the access check; the files are never served as files."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from waymark.accounts.access import Right, require, signed_in
from waymark.cases.access import document_for


@require(Right.CASE_SEE)
def document(request: HttpRequest, document_id: int) -> HttpResponseBase:
    return _handed_out(request, document_id, "case")


@require(Right.COURT_SEE)
def court_document(request: HttpRequest, document_id: int) -> HttpResponseBase:
    return _handed_out(request, document_id, "court_case")


def _handed_out(request: HttpRequest, document_id: int, back_to: str) -> HttpResponseBase:
    """The file to be saved, never shown: a browser must not run what somebody uploaded."""
    found = document_for(signed_in(request), document_id, verb="document.downloaded")
    try:
        file = found.file.open("rb")
    except FileNotFoundError:
        messages.error(
            request,
            f"The file of “{found.title}” is not in the store. Tell your administrator; a backup may have it.",
        )
        return redirect(back_to, found.case_id)
    response = FileResponse(file, as_attachment=True, filename=found.file_name, content_type=found.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
