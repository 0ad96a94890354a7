"""Entering, varying, ending, correcting and voiding an order of monitoring."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waymark.accounts.models import User
from waymark.audit.models import Entry
from waymark.audit.verification import verify
from waymark.cases.actions import CannotEnter
from waymark.cases.models import CourtCase
from waymark.cases.tests.make import make_case
from waymark.monitoring.actions import orders as actions
from waymark.monitoring.actions.orders import (
    Ordered,
    correct_version,
    end_order,
    enter_order,
    standing_versions,
    vary_order,
    version_holding,
    void_version,
)
from waymark.monitoring.actions.saving import StaleOrder
from waymark.monitoring.models import LogRecord, MonitoringOrder, OrderVersion
from waymark.monitoring.reads.orders import order_file
from waymark.monitoring.tests.make import make_activation, make_court_order, make_order

AT = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
DAY = timedelta(days=1)
Kind = OrderVersion.Kind


@pytest.fixture
def case(officer: User) -> CourtCase:
    return make_case(officer=officer)


@pytest.fixture
def order(case: CourtCase, monitoring_staff: User) -> MonitoringOrder:
    return enter(case, monitoring_staff)


def enter(case: CourtCase, by: User, program: str = "gps", **ordered: object) -> MonitoringOrder:
    said = Ordered(**{"effective_at": AT, **ordered})  # type: ignore[arg-type]
    return enter_order(case, program=program, ordered=said, agency=by.agency, by=by, at=AT)


def test_it_enters_an_order_with_its_first_version_and_puts_it_on_record(case, monitoring_staff):
    order = enter(case, monitoring_staff, stay_away=True, stay_away_words="1 Elm Street")
    version = order.versions.get()
    assert (version.kind, version.stay_away_words, version.entered_by) == (Kind.NEW, "1 Elm Street", monitoring_staff)
    assert order.agency == monitoring_staff.agency
    entry = Entry.objects.get(verb="monitoring_order.entered")
    assert (entry.person_id, entry.detail["program"]) == (case.person_id, "gps")
    assert verify() == []


def test_it_refuses_a_second_order_in_the_same_program(order, case, monitoring_staff):
    with pytest.raises(CannotEnter, match=f"ordered already \\(order {order.pk}\\)"):
        enter(case, monitoring_staff)
    end_order(order, effective_at=AT + DAY, reason="Completed", by=monitoring_staff, version=order.version)
    assert enter(case, monitoring_staff).pk != order.pk


def test_it_refuses_what_cannot_be_right(case, monitoring_staff, administrator):
    elsewhere = make_court_order(make_case(case.person))
    voided = make_court_order(case, voided_at=AT, void_reason="Typed twice.")
    for field, ordered in (
        ("court_order", {"court_order": elsewhere}),
        ("court_order", {"court_order": voided}),
        ("stay_away", {"stay_away_words": "the victim"}),
    ):
        with pytest.raises(CannotEnter) as refused:
            enter(case, monitoring_staff, **ordered)
        assert refused.value.faults[0][0] == field
    with pytest.raises(CannotEnter, match="about alcohol"):
        enter(case, monitoring_staff, "scram")
    with pytest.raises(CannotEnter, match="belongs to no agency"):
        enter(case, administrator)
    assert not MonitoringOrder.objects.exists()


def test_it_says_what_held_when(order, monitoring_staff):
    vary_order(
        order,
        ordered=Ordered(AT + 2 * DAY, home_confinement=True),
        reason="Order of November 22",
        by=monitoring_staff,
        version=order.version,
    )
    end_order(order, effective_at=AT + 5 * DAY, reason="Completed", by=monitoring_staff, version=order.version)
    versions = standing_versions(order)
    held = {days: version_holding(versions, AT + days * DAY) for days in (-1, 0, 1, 2, 4, 5, 9)}
    assert {days: version and version.kind for days, version in held.items()} == {
        -1: None,
        0: Kind.NEW,
        1: Kind.NEW,
        2: Kind.VARIATION,
        4: Kind.VARIATION,
        5: None,
        9: None,
    }


@given(
    st.lists(
        st.tuples(st.integers(0, 50), st.sampled_from([Kind.NEW, Kind.VARIATION, Kind.END])), unique_by=lambda v: v[0]
    ),
    st.integers(-2, 52),
)
def test_it_holds_at_an_instant_what_began_last_before_it(rows, hour):
    versions = sorted(
        (OrderVersion(kind=kind, effective_at=AT + timedelta(hours=n)) for n, kind in rows),
        key=lambda version: version.effective_at,
    )
    at = AT + timedelta(hours=hour)
    holds = version_holding(versions, at)
    begun = {n: kind for n, kind in rows if n <= hour}
    if not begun or begun[max(begun)] == Kind.END:
        assert holds is None
    else:
        assert holds is not None
        assert holds.effective_at == AT + timedelta(hours=max(begun))


def test_it_keeps_the_versions_in_their_places(order, monitoring_staff):
    def vary(days: int) -> None:
        vary_order(
            order, ordered=Ordered(AT + days * DAY), reason="Order", by=monitoring_staff, version=order.version, at=AT
        )

    for days, words in ((0, "from this very time"), (-1, "The order holds from")):
        with pytest.raises(CannotEnter, match=words):
            vary(days)
    vary(3)
    with pytest.raises(CannotEnter, match="A variation holds from"):
        end_order(order, effective_at=AT + DAY, reason="Over", by=monitoring_staff, version=order.version)
    end_order(order, effective_at=AT + 9 * DAY, reason="Over", by=monitoring_staff, version=order.version)
    with pytest.raises(CannotEnter, match="Monitoring ended"):
        vary(10)
    with pytest.raises(CannotEnter, match="Nothing is left to end"):
        end_order(order, effective_at=AT + 8 * DAY, reason="Over", by=monitoring_staff, version=order.version)
    assert [version.kind for version in standing_versions(order)] == [Kind.NEW, Kind.VARIATION, Kind.END]


def test_it_asks_for_a_reason(order, monitoring_staff):
    with pytest.raises(CannotEnter, match="Say in a few words why"):
        vary_order(order, ordered=Ordered(AT + DAY), reason=" ", by=monitoring_staff, version=order.version)


def test_it_corrects_by_voiding_and_entering_anew(order, monitoring_staff):
    wrong = order.versions.get()
    right = correct_version(
        wrong, ordered=Ordered(AT - DAY, stay_away=True), reason="Wrong day", by=monitoring_staff, version=order.version
    )
    wrong.refresh_from_db()
    assert (wrong.void_reason, wrong.stay_away) == ("Wrong day", False)
    assert standing_versions(order) == [right]
    entry = Entry.objects.get(verb="order_version.corrected")
    assert entry.detail["changes"]["stay_away"] == [False, True]


def test_it_leaves_all_as_it_was_when_a_correction_is_refused(order, monitoring_staff):
    vary_order(order, ordered=Ordered(AT + DAY), reason="Order", by=monitoring_staff, version=order.version)
    wrong, before = standing_versions(order)[0], order.version
    with pytest.raises(CannotEnter, match="cannot begin after it"):
        correct_version(wrong, ordered=Ordered(AT + 2 * DAY), reason="x", by=monitoring_staff, version=before)
    assert OrderVersion.objects.standing().count() == 2
    assert MonitoringOrder.objects.get().version == before


def test_it_voids_with_a_reason_and_keeps_what_was_entered(order, monitoring_staff):
    vary_order(order, ordered=Ordered(AT + DAY), reason="Order", by=monitoring_staff, version=order.version)
    new, variation = standing_versions(order)
    with pytest.raises(CannotEnter, match="Later versions build on this one"):
        void_version(new, reason="Not hers", by=monitoring_staff, version=order.version)
    void_version(variation, reason="Not hers", by=monitoring_staff, version=order.version)
    assert standing_versions(order) == [new]
    file = order_file(monitoring_staff, order, AT + 2 * DAY)
    assert [(held.is_standing, held.holds_now) for held in file.history] == [(False, False), (True, True)]
    with pytest.raises(StaleOrder):
        void_version(variation, reason="Again", by=monitoring_staff, version=order.version)


def test_it_does_not_void_an_order_under_which_a_device_is_worn(monitoring_staff):
    worn = make_activation()
    with pytest.raises(CannotEnter, match="A device is worn under this order"):
        void_version(worn.order.versions.get(), reason="Wrong", by=monitoring_staff, version=1)


def test_it_tells_the_second_writer(order, monitoring_staff):
    seen = order.version
    vary_order(order, ordered=Ordered(AT + DAY), reason="Order", by=monitoring_staff, version=seen)
    with pytest.raises(StaleOrder, match="Somebody else changed"):
        vary_order(order, ordered=Ordered(AT + 2 * DAY), reason="Order", by=monitoring_staff, version=seen)


def test_it_tells_the_engine_of_every_change(monitoring_staff):
    worn = make_activation()
    vary_order(worn.order, ordered=Ordered(AT + 90 * DAY), reason="Order", by=monitoring_staff, version=1)
    told = LogRecord.objects.get(kind=LogRecord.Kind.PLAN)
    assert (told.activation_id, told.part) == (worn.pk, worn.part)


def test_it_keeps_nothing_when_the_log_cannot_be_written(monitoring_staff, monkeypatch):
    order = make_order()

    def broken(*_, **__):
        raise OSError("the disk is full")

    monkeypatch.setattr(actions, "plan_changed", broken)
    entries = Entry.objects.count()
    with pytest.raises(OSError, match="disk"):
        end_order(order, effective_at=AT + 90 * DAY, reason="Over", by=monitoring_staff, version=order.version)
    assert [version.kind for version in standing_versions(order)] == [Kind.NEW]
    assert MonitoringOrder.objects.get().version == 1
    assert Entry.objects.count() == entries
