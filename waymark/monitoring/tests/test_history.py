"""What is old moves into files and reads the same; what must go, goes everywhere; what is held, stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from waymark.audit.models import Entry
from waymark.cases.actions.saving import CannotEnter
from waymark.monitoring import history
from waymark.monitoring.actions.history import erase, hold, lift_hold
from waymark.monitoring.actions.log import readings_in
from waymark.monitoring.actions.receive import read_again
from waymark.monitoring.history import compact, drop_expired, folder, positions
from waymark.monitoring.models import Activation, Checkpoint, Episode, HistoryFile, LogRecord, RawMessage, Reading
from waymark.monitoring.tasks import plan_next_night, tidy_nightly
from waymark.monitoring.tests.feed import START, deliver, fix, make_feed, make_worn, night_out, send, tick, work_off

pytestmark = pytest.mark.django_db
LATER = START + timedelta(days=40)
EVER = (START - timedelta(days=1), START + timedelta(days=400))


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR = tmp_path


@pytest.fixture
def feed(county):
    return make_feed(county)


@pytest.fixture
def worn(county, feed):
    worn = make_worn("A1", agency=county)
    deliver(feed, night_out("A1"))
    tick(START + timedelta(hours=14))
    return worn


def ended(worn: Activation) -> Activation:
    Activation.objects.filter(pk=worn.pk).update(state="ended", until_at=START + timedelta(days=1))
    worn.refresh_from_db()
    return worn


def files() -> list[str]:
    return sorted(file.name for file in folder().rglob("*") if file.is_file())


def test_it_reads_the_same_from_rows_and_from_files(worn):
    before = positions(worn, *EVER)
    assert len(before) == 14 * 60
    assert compact(LATER) == 14 * 60
    assert not Reading.objects.exists()
    assert [row.readings for row in HistoryFile.objects.order_by("day")] == [6 * 60, 8 * 60], "midnight in UTC"
    assert positions(worn, *EVER) == before
    middle = START + timedelta(hours=5), START + timedelta(hours=7)
    assert positions(worn, *middle) == [one for one in before if _within(one, *middle)]


def _within(reading, from_at, until_at) -> bool:
    return from_at.timestamp() * 1000 <= reading.happened_ms < until_at.timestamp() * 1000


def test_it_leaves_the_last_days_hot(worn):
    assert compact(START + timedelta(days=30)) == 0
    assert Reading.objects.count() == 14 * 60


def test_it_merges_a_late_reading_into_its_days_file(worn, feed):
    compact(LATER)
    send(feed, [fix("A1", START + timedelta(seconds=30)), fix("A1", START)], LATER)
    work_off()
    compact(LATER)
    assert len(positions(worn, *EVER)) == 14 * 60 + 2, "START again, without its strap: another reading"
    assert HistoryFile.objects.count() == len(files()) == 2


@pytest.mark.parametrize("where", ["_write", "_flush"])
def test_it_loses_nothing_when_the_night_is_broken_off(worn, monkeypatch, where):
    before = positions(worn, *EVER)
    done = getattr(history, where)

    def lose_power(*given):
        done(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as crash:
        crash.setattr(history, where, lose_power)
        with pytest.raises(KeyboardInterrupt):
            compact(LATER)
    assert positions(worn, *EVER) == before
    assert compact(LATER) == 14 * 60
    assert positions(worn, *EVER) == before
    assert len([name for name in files() if name.endswith(".parquet")]) == 2


def test_it_drops_what_is_kept_no_longer(worn, settings):
    settings.MONITORING_KEPT_DAYS = 100
    compact(LATER)
    assert drop_expired(START + timedelta(days=99)) == 0
    assert drop_expired(START + timedelta(days=110)) == 14 * 60
    assert (positions(worn, *EVER), files()) == ([], [])
    assert {bytes(body) for body in RawMessage.objects.values_list("body", flat=True)} == {b""}
    assert not LogRecord.objects.exists()


def test_it_keeps_what_is_held(worn, settings, monitoring_staff, county, feed):
    settings.MONITORING_KEPT_DAYS = 100
    other = make_worn("B2", agency=county)
    deliver(feed, night_out("B2")[:60])
    held = hold(worn, why="Hearing on May 4", by=monitoring_staff, at=START)
    compact(LATER)
    assert drop_expired(START + timedelta(days=110)) == 60
    assert (len(positions(worn, *EVER)), positions(other, *EVER)) == (14 * 60, [])
    assert all(bytes(body) for body in RawMessage.objects.values_list("body", flat=True))
    with pytest.raises(CannotEnter, match="legal hold"):
        erase(ended(worn), why="Ordered", by=monitoring_staff, at=LATER)
    lift_hold(held, why="Case closed", by=monitoring_staff, at=LATER)
    assert drop_expired(START + timedelta(days=110)) == 14 * 60


@pytest.mark.parametrize("compacted", [False, True])
def test_it_erases_everywhere_and_says_so(worn, feed, county, monitoring_staff, compacted):
    other = make_worn("B2", agency=county)
    shared = send(
        feed, [fix("A1", START + timedelta(hours=14)), fix("B2", START)], START + timedelta(hours=14, minutes=1)
    )
    work_off()
    if compacted:
        compact(LATER)
    assert erase(ended(worn), why="Expunged by the court", by=monitoring_staff, at=LATER) == 14 * 60 + 1
    assert (positions(worn, *EVER), len(positions(other, *EVER))) == ([], 1)
    assert not Checkpoint.objects.filter(activation=worn).exists()
    said = [one.activation for row in LogRecord.objects.filter(kind="readings") for one in readings_in(row)]
    assert said == [str(other.pk)]
    assert "lat" not in str(list(Episode.objects.filter(activation=worn).values_list("evidence", flat=True)))
    assert Episode.objects.filter(activation=worn, current=True).count() == 2, "what was found stays"
    bodies = {message.pk: bytes(message.body) for message in RawMessage.objects.all()}
    assert b'"B2"' in bodies[shared.pk]
    assert b'"A1"' not in bodies.pop(shared.pk)
    assert set(bodies.values()) == {b""}
    entry = Entry.objects.get(verb="activation.readings_erased")
    assert (entry.why, entry.detail["readings"]) == ("Expunged by the court", 14 * 60 + 1)


def test_it_stores_nothing_more_of_what_was_erased(worn, feed, monitoring_staff):
    erase(ended(worn), why="Expunged", by=monitoring_staff, at=LATER)
    message = send(feed, [fix("A1", START + timedelta(minutes=3))], LATER)
    work_off()
    assert (message.unknown_devices, Reading.objects.count()) == (["A1"], 0)
    assert Episode.objects.filter(activation=worn, current=True).count() == 2


def test_it_reads_what_an_erasure_left_of_a_message(worn, feed, county, monitoring_staff):
    shared = send(
        feed, [fix("A1", START + timedelta(hours=14)), fix("B2", START)], START + timedelta(hours=14, minutes=1)
    )
    work_off()
    erase(ended(worn), why="Expunged", by=monitoring_staff, at=LATER)
    make_worn("B2", agency=county)
    again = read_again(RawMessage.objects.get(pk=shared.pk), by=monitoring_staff, at=LATER)
    assert (again.unknown_devices, again.state) == ([], "read")


def test_it_erases_nothing_that_is_worn_or_waits(worn, feed, monitoring_staff):
    with pytest.raises(CannotEnter, match="End the activation first"):
        erase(worn, why="Expunged", by=monitoring_staff, at=LATER)
    send(feed, [fix("A1", START + timedelta(hours=15))], START + timedelta(hours=15))
    with pytest.raises(CannotEnter, match="being evaluated"):
        erase(ended(worn), why="Expunged", by=monitoring_staff, at=LATER)
    assert Reading.objects.count() == 14 * 60


def test_it_keeps_protected_positions_in_files_of_their_own(worn, feed, county):
    protected = make_worn("V1", agency=county, protected=True)
    deliver(feed, [fix("V1", START)])
    compact(LATER)
    assert len(positions(protected, *EVER)) == 1
    assert [row.part for row in HistoryFile.objects.filter(sealed=True)] == [protected.part]


def test_it_plans_one_night_at_a_time():
    from django_tasks_db.models import DBTaskResult

    for _ in range(2):
        plan_next_night(START)
    assert DBTaskResult.objects.filter(task_path=tidy_nightly.module_path).count() == 1
