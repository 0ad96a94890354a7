"""A document is kept whole before anything is written of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import transaction

from waymark.audit.models import Entry
from waymark.cases.actions import CannotEnter, StaleCase, add_document, void_document
from waymark.cases.models import Document
from waymark.cases.tests.make import make_case

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 an order of the court"


@pytest.fixture(autouse=True)
def kept_in(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def case(officer):
    return make_case(officer=officer)


def add(case, at, holding=PDF, name="order.pdf", **said):
    given = {"title": "Order", "by": None, "version": case.version, "at": at, **said}
    return add_document(case, file=ContentFile(holding, name=name), **given)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_it_keeps_the_file_and_what_it_is(case, officer, at, kept_in):
    document = add(case, at, by=officer)
    kept = Document.objects.get(pk=document.pk)
    assert (kept.media_type, kept.bytes, kept.sha256) == ("application/pdf", len(PDF), hashlib.sha256(PDF).hexdigest())
    assert (kept.file_name, kept.entered_by) == ("order.pdf", officer)
    with kept.file.open() as file:
        assert file.read() == PDF
    assert Entry.objects.get(verb="document.added").detail["sha256"] == kept.sha256


def test_it_never_uses_the_name_a_person_gave_on_the_disk(case, at, kept_in):
    document = add(case, at, name="../../etc/passwd")
    assert document.file_name == "passwd"
    [kept] = files_in(kept_in)
    assert "passwd" not in str(kept.relative_to(kept_in))


@pytest.mark.parametrize(
    ("holding", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0 photo", "image/jpeg"),
        ("Señor Núñez called.".encode(), "text/plain"),
        (b"<html><script>", "text/plain"),
        (b"PK\x03\x04\x00 a letter", "application/octet-stream"),
        (b"\xe9t\xe9", "application/octet-stream"),
    ],
    ids=["png", "jpeg", "text", "web page", "archive", "bytes"],
)
def test_it_says_the_kind_by_what_the_file_holds(case, at, holding, kind):
    assert add(case, at, holding, name="claims-to-be.pdf").media_type == kind


def test_it_refuses_a_file_over_the_limit(case, at, settings, kept_in):
    settings.DOCUMENT_BYTES_MAX = len(PDF)
    add(case, at)
    with pytest.raises(CannotEnter, match="larger than") as refused:
        add(case, at, PDF + b"!")
    assert refused.value.faults[0][0] == "file"
    assert len(files_in(kept_in)) == 1


def test_it_refuses_an_empty_file_and_a_missing_title(case, at, kept_in):
    for wrong, field in (({"holding": b""}, "file"), ({"title": " "}, "title")):
        with pytest.raises(CannotEnter) as refused:
            add(case, at, **wrong)
        assert refused.value.faults[0][0] == field
    assert files_in(kept_in) == []


def test_it_loses_nothing_when_the_row_fails(case, at, kept_in, monkeypatch, caplog):
    def broken(**_):
        raise RuntimeError("the database went away")

    monkeypatch.setattr("waymark.cases.actions.documents.record", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        add(case, at)
    assert not Document.objects.exists()
    [kept] = files_in(kept_in)
    assert kept.read_bytes() == PDF
    assert str(kept.relative_to(kept_in)) in caplog.text


def test_it_tells_the_second_of_two_before_keeping_her_file(case, at, kept_in):
    seen = case.version
    add(case, at)
    with pytest.raises(StaleCase):
        add(case, at, b"another", version=seen)
    assert len(files_in(kept_in)) == 1


def test_it_keeps_the_file_of_a_voided_document(case, officer, at, kept_in):
    document = add(case, at)
    void_document(document, reason="Another person's order.", by=officer, version=case.version, at=at)
    assert not Document.objects.standing().exists()
    assert len(files_in(kept_in)) == 1
