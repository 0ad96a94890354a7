from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction

from waymark.audit.actions import record
from waymark.audit.models import Entry
from waymark.audit.reads import changes_to, entries_about
from waymark.audit.verification import verify


@pytest.fixture
def acts(officer, supervisor, monkeypatch):
    """Three acts on three days."""
    days = [datetime(2018, 6, day, 17, tzinfo=UTC) for day in (1, 2, 3)]
    with transaction.atomic():
        for day, by, verb, person in zip(
            days,
            (officer, supervisor, None),
            ("person.viewed", "person.changed", "law.recomputed"),
            (7, 7, 8),
            strict=True,
        ):
            monkeypatch.setattr("waymark.audit.actions.timezone.now", lambda day=day: day)
            record(by=by, verb=verb, person_id=person, why=f"<because of {verb}>")
    monkeypatch.undo()


def shown(client, **asked) -> list[str]:
    return [entry.verb for entry in client.get("/audit/", asked).context["page"] if entry.verb != "audit.viewed"]


def test_it_shows_everything_the_latest_first(sign_in, auditor, acts):
    assert shown(sign_in(auditor)) == ["law.recomputed", "person.changed", "person.viewed"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"person_id": "7"}, ["person.changed", "person.viewed"]),
        ({"actor": "alva"}, ["person.viewed"]),
        ({"actor": "the system"}, ["law.recomputed"]),
        ({"verb": "person."}, ["person.changed", "person.viewed"]),
        ({"from_on": "2018-06-02", "last_on": "2018-06-02"}, ["person.changed"]),
        ({"last_on": "2018-06-01"}, ["person.viewed"]),
        ({"person_id": "7", "verb": "person.v"}, ["person.viewed"]),
    ],
)
def test_it_filters(sign_in, auditor, acts, asked, found):
    assert shown(sign_in(auditor), **asked) == found


def test_it_finds_by_the_number_of_the_account(sign_in, auditor, acts, supervisor):
    assert shown(sign_in(auditor), actor=str(supervisor.pk)) == ["person.changed"]


def test_looking_is_itself_on_record(sign_in, auditor, acts):
    sign_in(auditor).get("/audit/", {"person_id": "7", "from_on": "2018-06-01"})
    entry = Entry.objects.get(verb="audit.viewed")
    assert (entry.actor_id, entry.person_id, entry.origin) == (auditor.pk, 7, "127.0.0.1")
    assert entry.detail == {"person_id": 7, "from_on": "2018-06-01", "as": "page"}


def test_it_escapes_what_it_shows(sign_in, auditor, acts):
    page = sign_in(auditor).get("/audit/").content.decode()
    assert "&lt;because of person.viewed&gt;" in page


def test_it_gives_everything_found_as_csv(sign_in, auditor, acts):
    rows = (
        sign_in(auditor).get("/audit/", {"verb": "person.", "format": "csv"}).content.decode("utf-8-sig").splitlines()
    )
    assert rows[0].startswith("Number,At,")
    assert len(rows) == 3
    assert Entry.objects.get(verb="audit.viewed").detail["as"] == "CSV"


def test_it_pages(sign_in, auditor, db):
    with transaction.atomic():
        for _ in range(60):
            record(by=None, verb="x.done")
    client = sign_in(auditor)
    assert "Page 1 of 2" in client.get("/audit/").content.decode()
    assert "Page 2 of 2" in client.get("/audit/", {"page": "2", "verb": "x."}).content.decode()


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({"person_id": "Smith"}, "Give the person’s number."),
        ({"from_on": "June"}, "Give the first day like 2018-06-01."),
        ({"from_on": "2018-06-02", "last_on": "2018-06-01"}, "The last day is before the first."),
    ],
)
def test_it_says_what_is_wrong_with_a_question(sign_in, auditor, asked, fault):
    answer = sign_in(auditor).get("/audit/", asked)
    assert answer.status_code == 422
    assert fault in answer.content.decode()
    assert not Entry.objects.exists()


def test_others_find_no_such_page(sign_in, administrator, officer):
    assert sign_in(administrator).get("/audit/").status_code == 404
    assert sign_in(officer).get("/audit/").status_code == 404


def test_reads_give_the_history_of_a_person_and_of_a_thing(officer, acts):
    with transaction.atomic():
        record(by=officer, verb="account.changed", subject=officer, detail={"changes": {"title": ["", "Senior"]}})
        record(by=officer, verb="account.signed_in", subject=officer, detail={"how": ["password"]})
    assert [entry.verb for entry in entries_about(7)] == ["person.changed", "person.viewed"]
    assert [entry.verb for entry in changes_to(officer)] == ["account.changed"]
    assert verify() == []
