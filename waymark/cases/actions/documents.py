"""Documents of a case. The file is kept before anything is written of it, so that no upload is lost half-way."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files.base import File

from waymark.accounts.models import User
from waymark.audit.actions import record
from waymark.cases.actions.saving import CannotEnter, StaleCase, check_fields, entered, void, writing
from waymark.cases.models import CourtCase, Document
from waymark.web.clock import now

log = logging.getLogger(__name__)

# What a file's first bytes say for certain. Everything else is text if it reads as text, or bytes to be saved.
BEGINNINGS = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
}
UNKNOWN = "application/octet-stream"


def add_document(
    case: CourtCase,
    *,
    title: str,
    file: File[Any],
    by: User | None,
    version: int,
    at: datetime | None = None,
    why: str = "",
) -> Document:
    """Keep a document with the case.

    1. Look at the file: neither empty nor larger than settings.DOCUMENT_BYTES_MAX, its kind by what it holds.
    2. Keep the file under a name of our own.
    3. Write the row. When that fails the file stays, and the log says where.

    Raises CannotEnter and, before the file is kept for nothing, StaleCase.
    """
    at = at or now()
    document = _looked_at(Document(case=case, title=title.strip(), **entered(by, at)), file)
    check_fields(document, leave_out=["file"])
    if not CourtCase.objects.filter(pk=case.pk, version=version).exists():
        raise StaleCase(case)
    file.seek(0)
    document.file.save(document.file_name, file, save=False)
    try:
        with writing(case, version):
            document.save(force_insert=True)
            record(
                by=by,
                verb="document.added",
                subject=document,
                person_id=case.person_id,
                why=why,
                detail={"case": case.pk, "title": document.title, "sha256": document.sha256},
            )
    except BaseException:
        log.exception("The row of an uploaded document was not written; its file is kept at %s.", document.file.name)
        raise
    return document


def void_document(
    document: Document, *, reason: str, by: User | None, version: int, at: datetime | None = None
) -> None:
    """The file stays: what was shown to somebody can be shown again."""
    with writing(document.case, version):
        void(document, case=document.case, reason=reason, by=by, at=at or now())
        record(
            by=by,
            verb="document.voided",
            subject=document,
            person_id=document.case.person_id,
            why=document.void_reason,
        )


def _looked_at(document: Document, file: File[Any]) -> Document:
    """The document with what can be said of its file."""
    digest, size, beginning, reads_as_text = hashlib.sha256(), 0, b"", True
    file.seek(0)
    for chunk in file.chunks():
        beginning = beginning or chunk[:512]
        reads_as_text = reads_as_text and b"\x00" not in chunk
        digest.update(chunk)
        size += len(chunk)
        if size > settings.DOCUMENT_BYTES_MAX:
            raise CannotEnter(("file", f"The file is larger than {_megabytes(settings.DOCUMENT_BYTES_MAX)}. Split it."))
    if not size:
        raise CannotEnter(("file", "The file is empty. Choose the right one."))
    document.file_name = PurePath(file.name or "document").name[-200:]
    document.media_type = next((kind for start, kind in BEGINNINGS.items() if beginning.startswith(start)), "")
    document.media_type = document.media_type or ("text/plain" if reads_as_text and _is_utf8(beginning) else UNKNOWN)
    document.bytes = size
    document.sha256 = digest.hexdigest()
    return document


def _is_utf8(beginning: bytes) -> bool:
    """Whether these first bytes read as UTF-8; a letter cut in two at the end does not count against it."""
    try:
        beginning.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.0f} MB"
