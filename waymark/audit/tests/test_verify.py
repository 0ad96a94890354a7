"""Each test tampers for real: the trigger is dropped and the row is changed by SQL."""

from __future__ import annotations

import hashlib
import json
import threading
from datetime import UTC, datetime
from itertools import groupby

import pytest
from click.testing import CliRunner
from django.db import connection, transaction

from waymark.audit import verification
from waymark.audit.actions import Act, record, record_all
from waymark.audit.chain import seal
from waymark.audit.models import Entry, Head
from waymark.audit.tests.tamper import execute, triggers_dropped
from waymark.audit.verification import verify
from waymark.cli.audit import audit


@pytest.fixture
def chain(db, officer) -> list[Entry]:
    """Six entries by R. Alvarez, entry 3 with values of every kind."""
    details = [
        {},
        {},
        {"s": "Ñ ✓", "n": None, "list": [1, 2.5, True], "big": 1e22, "small": 1e-7, "minus": -0.0},
        {},
        {},
        {},
    ]
    return [
        record(by=officer, verb="person.viewed", person_id=n, why=f"reason {n}", detail=detail)
        for n, detail in enumerate(details, start=1)
    ]


def test_it_finds_a_sound_chain_sound(chain):
    assert verify() == []


def test_it_finds_an_empty_chain_sound(db):
    assert verify() == []


def test_it_names_a_changed_row(chain):
    with triggers_dropped():
        execute("UPDATE audit_entry SET why = 'another reason' WHERE number = 3")
    assert verify() == ["Entry 3 (person.viewed by Rosa Alvarez) was changed after it was written."]


def test_it_names_a_changed_and_a_removed_row_among_many_added_in_one_go(officer):
    record_all(Act(by=officer, verb="person.viewed", person_id=n, why=f"reason {n}") for n in range(1, 101))
    assert verify() == []
    with triggers_dropped():
        execute("UPDATE audit_entry SET person_id = 7 WHERE number = 50", "DELETE FROM audit_entry WHERE number = 70")
    assert verify() == [
        "Entry 70 was removed.",
        "Entry 50 (person.viewed by Rosa Alvarez) was changed after it was written.",
    ]


@pytest.mark.parametrize(
    "change",
    [
        "at = '2020-01-01 00:00:00+00'",
        "actor = 'Somebody Else'",
        "actor_id = 999",
        "role = 'auditor'",
        "verb = 'person.merged'",
        "person_id = 999",
        "subject_id = '999'",
        "subject_kind = 'x.y'",
        "origin = 'elsewhere'",
        "detail = '{\"s\": 1}'",
    ],
)
def test_every_field_is_sealed(chain, change):
    with triggers_dropped():
        execute(f"UPDATE audit_entry SET {change} WHERE number = 3")
    assert len(verify()) == 1


def test_it_names_removed_rows(chain):
    with triggers_dropped():
        execute("DELETE FROM audit_entry WHERE number IN (2, 4, 5)")
    assert verify() == ["Entry 2 was removed.", "Entries 4 to 5 were removed."]


def test_it_notices_a_removal_that_was_papered_over(chain):
    """Later rows are moved down and linked and hashed anew: only the head still knows."""
    with triggers_dropped():
        execute("DELETE FROM audit_entry WHERE number = 5", "UPDATE audit_entry SET number = 5 WHERE number = 6")
        rehash_from(5)
    assert verify() == ["Entry 6 was cut off the end."]


def test_it_names_a_cut_off_tail(chain):
    with triggers_dropped():
        execute("DELETE FROM audit_entry WHERE number > 4")
    assert verify() == ["Entries 5 to 6 were cut off the end."]


def test_it_notices_a_tail_rewritten_with_new_hashes(chain):
    with triggers_dropped():
        execute("UPDATE audit_entry SET why = 'another reason' WHERE number = 4")
        rehash_from(4)
    (fault,) = verify()
    assert "does not end in the hash its head remembers" in fault


def test_it_names_a_single_row_written_again_with_a_new_hash(chain):
    with triggers_dropped():
        execute("UPDATE audit_entry SET why = 'another reason' WHERE number = 4")
        entry = Entry.objects.get(number=4)
        Entry.objects.filter(number=4).update(hash=seal(entry))
    assert verify() == [
        "Entry 5 (person.viewed by Rosa Alvarez) does not follow entry 4: one of the two was put there later."
    ]


def test_it_names_a_row_added_behind_the_end(chain):
    forge(number=7, previous_hash=chain[-1].hash)
    assert verify() == ["Entry 7 (person.viewed by a forger) was inserted behind the end of the chain."]


def test_it_names_a_row_inserted_in_the_middle(chain):
    with triggers_dropped():
        for number in (6, 5, 4):
            execute(f"UPDATE audit_entry SET number = {number + 1} WHERE number = {number}")
    forge(number=4, previous_hash=chain[2].hash)
    faults = verify()
    assert "Entry 4 was inserted: another entry was written under that number." in faults
    assert "Entry 5 (person.viewed by Rosa Alvarez) was moved: it was written as entry 4." in faults
    assert "Entry 7 (person.viewed by Rosa Alvarez) was inserted behind the end of the chain." in faults


def test_it_names_rows_that_changed_places(chain):
    with triggers_dropped():
        for here, there in ((3, 99), (5, 3), (99, 5)):
            execute(f"UPDATE audit_entry SET number = {there} WHERE number = {here}")
    assert verify() == [
        "Entry 3 (person.viewed by Rosa Alvarez) was moved: it was written as entry 5.",
        "Entry 5 (person.viewed by Rosa Alvarez) was moved: it was written as entry 3.",
    ]


def test_it_still_finds_moved_rows_when_they_are_many(chain, monkeypatch):
    monkeypatch.setattr(verification, "FEW", 1)
    with triggers_dropped():
        for here, there in ((3, 99), (4, 3), (99, 4)):
            execute(f"UPDATE audit_entry SET number = {there} WHERE number = {here}")
    assert [fault.partition(" was ")[2] for fault in verify()] == [
        "moved: it was written as entry 4.",
        "moved: it was written as entry 3.",
    ]


def test_it_says_when_the_head_is_gone(chain):
    execute("DELETE FROM audit_head")
    assert verify() == ["The head of the chain is gone: whether its tail was cut off can no longer be told."]


def test_the_hash_of_an_entry_never_changes():
    """Chains written by an earlier version must stay sound: this hash may not be adjusted to a new way of sealing."""
    entry = Entry(
        number=3,
        at=datetime(2018, 6, 1, 12, 30, 0, 5, tzinfo=UTC),
        actor_id=7,
        actor="Rosa Alvarez",
        role="officer",
        verb="person.viewed",
        person_id=12,
        why="asked at the desk",
        origin="203.0.113.9",
        detail={"b": 2.0, "a": ["Ñ"]},
        previous_hash="0" * 64,
    )
    canonical = json.dumps(
        {
            "actor": "Rosa Alvarez",
            "actor_id": 7,
            "at": "2018-06-01T12:30:00.000005+00:00",
            "detail": {"a": ["Ñ"], "b": 2},
            "number": 3,
            "origin": "203.0.113.9",
            "person_id": 12,
            "previous_hash": "0" * 64,
            "role": "officer",
            "subject_id": "",
            "subject_kind": "",
            "verb": "person.viewed",
            "why": "asked at the desk",
        },
        separators=(",", ":"),
    )
    assert seal(entry) == hashlib.sha256(canonical.encode()).hexdigest()


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_make_one_unbroken_chain():
    at_once = threading.Barrier(4)

    def write(name: str, together: int) -> None:
        try:
            at_once.wait()
            for n in range(10):
                with transaction.atomic():
                    record_all(Act(by=None, verb="x.done", why=f"{name} {n}") for _ in range(together))
        finally:
            connection.close()

    writers = [
        threading.Thread(target=write, args=(f"writer {n}", together)) for n, together in enumerate((1, 1, 5, 50))
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert Head.objects.get().number == Entry.objects.count() == 10 * (1 + 1 + 5 + 50)
    assert verify() == []
    together_still = [why for why, _ in groupby(Entry.objects.values_list("why", flat=True))]
    assert len(together_still) == 40  # what was added in one go stands in one piece


@pytest.mark.django_db(transaction=True)
def test_an_act_that_fails_leaves_no_entry():
    @transaction.atomic
    def fail_half_way() -> None:
        record(by=None, verb="x.done")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    with transaction.atomic():
        record(by=None, verb="y.done")
    assert [(entry.number, entry.verb) for entry in Entry.objects.all()] == [(1, "y.done")]
    assert verify() == []


def test_the_command_says_sound_and_leaves_with_0(chain):
    done = CliRunner().invoke(audit, ["verify"])
    assert done.exit_code == 0
    answer = json.loads(done.stdout)
    assert (answer["entries"], answer["sound"], answer["faults"]) == (6, True, [])
    assert answer["head"] == {"number": 6, "hash": chain[-1].hash}
    assert done.stderr == ""


def test_the_command_names_the_faults_and_leaves_with_1(chain):
    with triggers_dropped():
        execute("UPDATE audit_entry SET why = 'another reason' WHERE number = 3")
    done = CliRunner().invoke(audit, ["verify"])
    assert done.exit_code == 1
    answer = json.loads(done.stdout)
    assert answer["sound"] is False
    assert answer["faults"] == ["Entry 3 (person.viewed by Rosa Alvarez) was changed after it was written."]


def rehash_from(number: int) -> None:
    """What a careful forger does: link and hash every row anew from here on."""
    previous = Entry.objects.filter(number__lt=number).order_by("-number").first()
    assert previous
    for entry in Entry.objects.filter(number__gte=number).order_by("number"):
        entry.previous_hash = previous.hash
        entry.hash = seal(entry)
        entry.save()
        previous = entry


def forge(*, number: int, previous_hash: str) -> None:
    entry = Entry(
        number=number, at=datetime.now(UTC), actor="a forger", verb="person.viewed", previous_hash=previous_hash
    )
    entry.hash = seal(entry)
    entry.save()
