"""The doctor finds what is wrong, says what to do, and never falls over what it finds."""

from __future__ import annotations

import json

import pytest

OVERDUE_TASK = """
from datetime import timedelta
from django_tasks_db.models import DBTaskResult, get_date_max
from waymark.web.clock import now
task = DBTaskResult.objects.create(
    args_kwargs={"args": [], "kwargs": {}}, task_path="x", backend_name="default", run_after=get_date_max()
)
DBTaskResult.objects.update(enqueued_at=now() - timedelta(minutes=6))
"""


@pytest.fixture(scope="module")
def office(make_installation):
    return make_installation("office")


def examine(installation, **environment):
    """The exit code and the checks by name."""
    done = installation.waymark("doctor", **environment)
    assert "Traceback" not in done.stderr
    answer = json.loads(done.stdout)
    assert answer["healthy"] == (done.returncode == 0)
    return done.returncode, answer["checks"]


def test_it_finds_nothing_wrong_in_a_sound_installation(office):
    code, checks = examine(office)
    assert [name for name, sign in checks.items() if sign["state"] == "wrong"] == []
    assert code == 0


def test_it_finds_migrations_that_were_not_applied(make_installation):
    code, checks = examine(make_installation("new", migrated=False))
    assert code == 1
    assert checks["migrations"]["state"] == "wrong"
    assert "waymark manage migrate" in checks["migrations"]["words"]


def test_it_finds_a_demo_behind_tls(office):
    code, checks = examine(office, WAYMARK_DEMO="1", WAYMARK_TLS="1")
    assert code == 1
    assert checks["demo mode"]["state"] == "wrong"


def test_it_finds_an_installation_served_to_others_without_tls(office):
    code, checks = examine(office, WAYMARK_HOSTS="waymark.example.gov")
    assert code == 1
    assert checks["transport"]["state"] == "wrong"


def test_it_finds_a_secret_key_that_others_can_read(office):
    key = office.var / "secret-key"
    assert examine(office)[1]["private files"]["state"] != "wrong"
    key.chmod(0o644)
    try:
        code, checks = examine(office)
    finally:
        key.chmod(0o600)
    assert code == 1
    assert str(key) in checks["private files"]["words"]


def test_it_finds_a_database_address_it_cannot_use(office):
    code, checks = examine(office, DATABASE_URL="oracle://x")
    assert code == 1
    assert "DATABASE_URL" in checks["settings"]["words"]


def test_it_finds_that_no_worker_takes_the_tasks(office):
    assert examine(office)[1]["background worker"]["state"] == "good"
    office.python(OVERDUE_TASK)
    code, checks = examine(office)
    assert code == 1
    assert checks["background worker"]["state"] == "wrong"
