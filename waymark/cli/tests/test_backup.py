"""A backup gives everything back, or says why not and leaves everything as it was."""

from __future__ import annotations

import io
import json
import tarfile

import pytest

ADD_A_PERSON = """
from django.db.transaction import atomic
from waymark.audit.actions import record
from waymark.people.models import Person
with atomic():
    person = Person.objects.create(given_name="Dana", family_name="{name}")
    record(by=None, verb="person.added", subject=person, person_id=person.pk)
"""
CHANGE_AN_ENTRY = """
from django.db import connection
with connection.cursor() as cursor:
    if connection.vendor == "sqlite":
        cursor.execute("DROP TRIGGER audit_entry_no_update")
    else:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
    cursor.execute("UPDATE audit_entry SET actor = 'somebody else' WHERE number = 1")
"""
HISTORY = "open/07/2026-08-01-0123456789abcdef.parquet"
NAME_A_HISTORY_FILE = f"""
from waymark.monitoring.models import HistoryFile
from waymark.web.clock import now, today
HistoryFile.objects.create(part=7, day=today(), path={HISTORY!r}, readings=1, sha256="0" * 64, written_at=now())
"""
NAMES = "from waymark.people.models import Person; print([p.family_name for p in Person.objects.all()])"


@pytest.fixture(scope="module")
def office(make_installation):
    """An installation with one person and one document in it."""
    office = make_installation("office")
    office.python(ADD_A_PERSON.format(name="Reyes"))
    (office.var / "documents" / "2026").mkdir(parents=True)
    (office.var / "documents" / "2026" / "order.pdf").write_bytes(b"%PDF the court's order")
    (office.var / "history" / "open" / "07").mkdir(parents=True)
    (office.var / "history" / HISTORY).write_bytes(b"PAR1 readings of a day PAR1")
    office.python(NAME_A_HISTORY_FILE)
    return office


@pytest.fixture(scope="module")
def saved(office):
    """The office's backup."""
    file = office.var.with_name("office.backup")
    done = office.waymark("backup", file)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["documents"] == json.loads(done.stdout)["history"] == 1
    return file


def test_it_brings_records_and_documents_back_into_an_empty_installation(make_installation, saved):
    other = make_installation("other", migrated=False)
    done = other.waymark("restore", saved)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["audit_faults"] == []
    assert other.python(NAMES) == "['Reyes']"
    assert (other.var / "documents" / "2026" / "order.pdf").read_bytes() == b"%PDF the court's order"
    assert (other.var / "history" / HISTORY).read_bytes() == b"PAR1 readings of a day PAR1"


def test_it_can_be_read_by_its_owner_alone(saved):
    assert saved.stat().st_mode & 0o077 == 0


def test_it_never_overwrites_another_backup(office, saved):
    before = saved.read_bytes()
    done = office.waymark("backup", saved)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "never overwrites" in done.stderr
    assert saved.read_bytes() == before


def test_it_refuses_to_restore_over_records_unless_told_to_replace_them(office, saved):
    office.python(ADD_A_PERSON.format(name="Moore"))
    (office.var / "documents" / "later.pdf").write_bytes(b"later")

    refused = office.waymark("restore", saved)
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    assert office.python(NAMES) == "['Moore', 'Reyes']"

    replaced = office.waymark("restore", saved, "--replace")
    assert replaced.returncode == 0, replaced.stderr
    assert office.python(NAMES) == "['Reyes']"
    assert not (office.var / "documents" / "later.pdf").exists()


def test_it_reports_an_audit_chain_that_was_broken_before_the_backup(office, saved, make_installation, tmp_path):
    broken = make_installation("broken", migrated=False)
    assert broken.waymark("restore", saved).returncode == 0
    broken.python(CHANGE_AN_ENTRY)
    assert broken.waymark("backup", tmp_path / "broken.backup").returncode == 0

    done = broken.waymark("restore", tmp_path / "broken.backup", "--replace")
    assert done.returncode == 1
    assert json.loads(done.stdout)["audit_faults"]
    assert "audit chain: " in done.stderr


FORGERIES = [
    (lambda members: members.pop("manifest.json"), "not a whole backup"),
    (lambda members: members.update({"documents/2026/order.pdf": b"forged"}), "is damaged"),
    (lambda members: members.pop("documents/2026/order.pdf"), "is damaged"),
    (lambda members: members.update({"documents/../../escaped": b"x"}), "does not belong"),
    (lambda members: members.update({"/etc/escaped": b"x"}), "does not belong"),
    (lambda members: set_in_manifest(members, migrations=["cases.9999_from_the_future"]), "newer"),
    (lambda members: set_in_manifest(members, engine="oracle"), "DATABASE_URL"),
    (lambda members: set_in_manifest(members, format=99), "format 99"),
]


def test_it_refuses_a_file_that_is_not_as_it_was_written(office, saved, tmp_path):
    for change, said in FORGERIES:
        members = read(saved)
        change(members)
        write(tmp_path / "forged.backup", members)
        done = office.waymark("restore", tmp_path / "forged.backup", "--replace")
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    assert office.python(NAMES) == "['Reyes']"


def test_it_refuses_a_file_that_was_cut_off_or_is_something_else(office, saved, tmp_path):
    for content in (saved.read_bytes()[: saved.stat().st_size // 2], b"a letter"):
        (tmp_path / "half").write_bytes(content)
        done = office.waymark("restore", tmp_path / "half", "--replace")
        assert done.returncode == 1
        assert "cannot be read as a backup" in done.stderr
    assert office.python(NAMES) == "['Reyes']"


def read(file):
    with tarfile.open(file) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


def write(file, members):
    with tarfile.open(file, "w:gz") as tar:
        for name, content in members.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            tar.addfile(about, io.BytesIO(content))


def set_in_manifest(members, **values):
    members["manifest.json"] = json.dumps({**json.loads(members["manifest.json"]), **values}).encode()


def test_it_saves_the_rest_when_older_readings_are_lost_and_says_so(make_installation):
    office = make_installation("lost")
    office.python(NAME_A_HISTORY_FILE)
    done = office.waymark("backup", office.var.with_name("lost.backup"))
    assert done.returncode == 0
    assert json.loads(done.stdout)["history"] == 0
    assert f"history/{HISTORY} is named by the database and is not here." in done.stderr
