"""Writes who is monitored into the county: orders, papers, devices, zones, requests, and the feeds they report through.

Rows are what the verbs of monitoring.actions leave behind; none of them is written one by one, so that a county is
loaded in seconds.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from django.db.models import Model

from waymark.accounts.models import Agency, Unit, User
from waymark.cases import models as cases
from waymark.demo import monitored as made
from waymark.demo import offices
from waymark.demo.movement import Habits
from waymark.demo.rows import instant
from waymark.monitoring import models as rows
from waymark.monitoring.installation import STEPS, Step
from waymark.monitoring.papers import text_of
from waymark.monitoring.parts import part_of
from waymark.people.models import Assignment, Person

M = TypeVar("M", bound=Model)
ORDERED_AT, SIGNED_AT, FITTED_AT = time(9), time(10, 30), time(11)
ACCOUNTS = ("participant", "participante")
FEEDS = {
    made.GPS_MAKER: ("wayfarer", "Wayfarer GPS bracelets"),
    made.RADIO_MAKER: ("hearthline", "Hearthline home units"),
    made.ALCOHOL_MAKER: ("clearskin", "Clearskin alcohol bracelets"),
}
SHELF = [  # (kind, maker, serials, state, note)
    ("gps", made.GPS_MAKER, "WF-3{:04}", 9, "in_stock", ""),
    ("gps", made.GPS_MAKER, "WF-4{:04}", 2, "in_repair", "Strap sensor, sent to the maker"),
    ("gps", made.GPS_MAKER, "WF-5{:04}", 2, "awaiting_return", "Asked for by letter"),
    ("gps", made.GPS_MAKER, "WF-6{:04}", 1, "lost", "Reported to the police"),
    ("rf_bracelet", made.RADIO_MAKER, "HB-9{:03}", 5, "in_stock", ""),
    ("home_unit", made.RADIO_MAKER, "HU-19{:02}", 4, "in_stock", ""),
    ("home_unit", made.RADIO_MAKER, "HU-29{:02}", 1, "awaiting_return", "The family moved; asked for by telephone"),
    ("scram_cam", made.ALCOHOL_MAKER, "CS-8{:03}", 4, "in_stock", ""),
    ("scram_cam", made.ALCOHOL_MAKER, "CS-9{:03}", 1, "retired", "Faceplate cracked"),
    ("protected", made.GPS_MAKER, "PP-9{:02}", 2, "in_stock", ""),
    ("reader", made.RADIO_MAKER, "RD-{:02}", 2, "in_stock", ""),
]
WAITING = [  # (number in the roster, days ahead, from, until, purpose, place)
    (0, 2, 13, 16, "Dentist", "Dental clinic, 2700 block of Cherokee St"),
    (1, 3, 9, 12, "Job interview", "Warehouse office, Westport"),
    (5, 1, 18, 21, "Parents’ evening at school", "Elementary school, Ferguson"),
    (11, 4, 8, 11, "Hearing", "Courthouse, Clayton"),
]
DECIDED = [  # the same, then the state and the answer
    (0, 5, 10, 13, "Counseling", "Counseling center, Delmar Blvd", "approved", "Approved; call when you are back."),
    (15, 1, 15, 18, "Funeral of an uncle", "Cemetery, Lucas and Hunt Rd", "approved", "Approved."),
    (25, 2, 19, 23, "Concert", "Downtown", "refused", "The order allows work, school, treatment and errands."),
]


@dataclass
class Written:
    """One of the roster with its rows."""

    made: made.Monitored
    person: Person
    case: cases.CourtCase
    order: rows.MonitoringOrder = field(init=False)
    court_order: cases.Order | None = None
    activations: list[rows.Activation] = field(default_factory=list)

    @property
    def since(self) -> datetime:
        return instant(self.made.since, ORDERED_AT)


def write_monitoring(people: int, seed: int, as_of: date) -> int:
    """Everything there is of monitoring before the first reading; gives how many people are monitored."""
    agency = Agency.objects.get(code=offices.DJS)
    staff = User.objects.get(username="monitoring_staff")
    them = _them(made.roster(made.how_many(people), seed, as_of), seed)
    _assign(them, agency)
    _write_orders(them, agency, staff)
    _write_devices(them, agency, staff, as_of)
    _write_zones(them, staff)
    _write_requests(them, staff, as_of)
    _create(
        rows.Feed, (rows.Feed(code=code, name=name, agency=agency, vendor="generic") for code, name in FEEDS.values())
    )
    return len(them)


def _them(roster: list[made.Monitored], seed: int) -> list[Written]:
    """Whoever has an account first, then people of the Department, then of the Division; each with a case that runs."""
    open_now = Assignment.objects.filter(until_on=None)
    over = cases.Event.objects.standing().filter(kind=cases.Event.Kind.DISCHARGED)
    running = cases.CourtCase.objects.filter(published_citation="").exclude(pk__in=over.values("term__case"))
    case_of = {case.person_id: case for case in running.order_by("-pk")}
    able = Person.objects.filter(pk__in=case_of, merged_into=None)
    first = sorted(able.filter(account__username__in=ACCOUNTS), key=lambda person: str(person.account))
    chance = random.Random(f"who is monitored {seed}")
    others = []
    for agency in (offices.DJS, offices.DIVISION):
        near = open_now.filter(agency__code=agency, unit__code__in=UNITS[agency])
        some = list(able.filter(account=None, restrictions=None, pk__in=near.values("person")).order_by("pk"))
        chance.shuffle(some)
        others += some[: round(len(roster) * 0.7) if agency == offices.DJS else None]
    them = list(dict.fromkeys([*first, *others]))
    return [Written(one, person, case_of[person.pk]) for one, person in zip(roster, them, strict=False)]


UNITS = {
    offices.DJS: ("psu", "pretrial", "mmhc", "ehd", "scram"),
    offices.DIVISION: ("north", "south", "west", "city", "dv", "cods", "ecc"),
}


def _assign(them: list[Written], agency: Agency) -> None:
    """The unit that monitors answers for them beside whoever else does."""
    units = {unit.code: unit for unit in Unit.objects.filter(agency=agency, code__in=("ehd", "scram"))}
    have = set(
        Assignment.objects.filter(agency=agency, until_on=None, unit__in=units.values()).values_list(
            "person_id", "unit__code"
        )
    )
    wanted = [(it, "scram" if it.made.program == "scram" else "ehd") for it in them]
    _create(
        Assignment,
        (
            Assignment(person=it.person, agency=agency, unit=units[unit], from_on=it.made.since)
            for it, unit in wanted
            if (it.person.pk, unit) not in have
        ),
    )


def _write_orders(them: list[Written], agency: Agency, staff: User) -> None:
    ordered = [it for it in them if it.made.lacks != "court_order"]
    court_orders = _create(
        cases.Order,
        (
            cases.Order(
                case=it.case,
                ordered_on=it.made.since,
                kind="Order of electronic monitoring",
                words=it.made.words,
                entered_at=it.since,
                entered_by=staff,
            )
            for it in ordered
        ),
    )
    for it, court_order in zip(ordered, court_orders, strict=True):
        it.court_order = court_order
    orders = _create(
        rows.MonitoringOrder,
        (rows.MonitoringOrder(person=it.person, case=it.case, agency=agency, program=it.made.program) for it in them),
    )
    for it, order in zip(them, orders, strict=True):
        it.order = order
    _create(rows.OrderVersion, (_version(it, staff) for it in them))
    _create(rows.Agreement, (paper for it in them for paper in _papers(it, staff)))


def _version(it: Written, staff: User) -> rows.OrderVersion:
    return rows.OrderVersion(
        order=it.order,
        kind=rows.OrderVersion.Kind.NEW,
        effective_at=it.since,
        court_order=it.court_order,
        home_confinement=it.made.home_confinement,
        stay_away=bool(it.made.stay_away_words),
        stay_away_words=it.made.stay_away_words,
        alcohol=it.made.alcohol,
        words=it.made.words,
        entered_at=it.since,
        entered_by=staff,
    )


def _papers(it: Written, staff: User) -> Iterator[rows.Agreement]:
    language = "es" if it.person.language == "es" else "en"
    for paper in rows.Agreement.Paper.values:
        if it.made.lacks != paper:
            yield rows.Agreement(
                order=it.order,
                paper=paper,
                language=language,
                text_sha256=text_of(paper, language).sha256,
                typed_name=f"{it.person.given_name} {it.person.family_name}",
                signed_at=instant(it.made.since, SIGNED_AT),
                witnessed_by=staff,
            )


# What is worn


def _write_devices(them: list[Written], agency: Agency, staff: User, as_of: date) -> None:
    worn = [(it, habits) for it in them for habits in it.made.worn if it.made.lacks != "device"]
    devices = _create(rows.Device, (_device(it, habits, agency, as_of) for it, habits in worn))
    _create(rows.Device, _shelf(agency, as_of))
    activations = _create(
        rows.Activation,
        (_activation(it, habits, device, as_of) for (it, habits), device in zip(worn, devices, strict=True)),
    )
    for (it, _), activation in zip(worn, activations, strict=True):
        it.activations.append(activation)
    _pair(them)
    _create(rows.InstallationStep, (step for one in activations for step in _steps(one, staff)))


def _device(it: Written, habits: Habits, agency: Agency, as_of: date) -> rows.Device:
    return rows.Device(
        agency=agency,
        vendor=made.MAKERS[habits.wears],
        serial=habits.serial,
        kind=made.WEARS_KIND[habits.wears],
        firmware=FIRMWARE[habits.wears],
        state=rows.Device.State.ASSIGNED,
        faceplate_on=as_of - timedelta(days=20 + it.made.number * 9 % 95) if habits.wears == "alcohol" else None,
    )


FIRMWARE = {"gps": "4.2.1", "protected": "4.2.1", "rf": "1.9", "home_unit": "2.3", "alcohol": "7.0.4"}


def _shelf(agency: Agency, as_of: date) -> Iterator[rows.Device]:
    for kind, maker, serial, many, state, note in SHELF:
        for number in range(1, many + 1):
            yield rows.Device(
                agency=agency,
                vendor=maker,
                serial=serial.format(number * 3),
                kind=kind,
                state=state,
                note=note,
                faceplate_on=as_of - timedelta(days=number * 31) if kind == "scram_cam" else None,
            )


def _activation(it: Written, habits: Habits, device: rows.Device, as_of: date) -> rows.Activation:
    installing = it.made.lacks == "installation"
    expected_s, buffer_s = made.INTERVALS[habits.wears]
    return rows.Activation(
        order=it.order,
        person=it.person,
        device=device,
        protected=habits.wears == "protected",
        state=rows.Activation.State.INSTALLING if installing else rows.Activation.State.ACTIVE,
        part=part_of(device.serial),
        from_at=instant(as_of - timedelta(days=1) if installing else it.made.since, FITTED_AT),
        expected_interval_s=expected_s,
        contact_buffer_s=buffer_s,
    )


def _pair(them: list[Written]) -> None:
    """The device of a protected person and the participant's bracelet name each other."""
    paired = []
    for it in them:
        own = next((one for one in it.activations if not one.protected), None)
        protected = next((one for one in it.activations if one.protected), None)
        if own and protected:
            own.partner, protected.partner = protected, own
            paired += [own, protected]
    rows.Activation.objects.bulk_update(paired, ["partner"])


def _steps(activation: rows.Activation, staff: User) -> Iterator[rows.InstallationStep]:
    asked = STEPS.get(activation.device.kind, ())
    done = asked[:1] if activation.state == rows.Activation.State.INSTALLING else asked
    for number, step in enumerate(done):
        tested = step == Step.RANGE_TEST
        yield rows.InstallationStep(
            activation=activation,
            step=step,
            done_at=activation.from_at + timedelta(minutes=4 * number),
            done_by=staff,
            range_ft=75 if tested else None,
            note="None found." if tested else "",
        )


# Where and when


def _write_zones(them: list[Written], staff: User) -> None:
    both = [(it, shape) for it in them for shape in it.made.zones]
    zones = _create(
        rows.Zone,
        (rows.Zone(order=it.order, kind=shape.kind, name=shape.name, is_home=shape.is_home) for it, shape in both),
    )
    _create(
        rows.ZoneVersion,
        (
            rows.ZoneVersion(
                zone=zone,
                number=1,
                shape=shape.shape,
                schedule=list(shape.schedule),
                buffer_m=shape.buffer_m,
                grace_minutes=shape.grace_minutes,
                from_at=it.since,
                reason="First set up",
                entered_at=it.since,
                entered_by=staff,
            )
            for (it, shape), zone in zip(both, zones, strict=True)
        ),
    )


def _write_requests(them: list[Written], staff: User, as_of: date) -> None:
    """Leave that waits for an answer or has one, and one suspension of alerts."""
    by_number = {it.made.number: it for it in them}
    _create(
        rows.ScheduleChange,
        (
            _change(by_number[number], asked, staff, as_of)
            for number, *asked in [*WAITING, *DECIDED]
            if number in by_number
        ),
    )
    _create(
        rows.Suspension,
        (
            rows.Suspension(
                order=it.order,
                from_at=instant(as_of - timedelta(days=1), time(14)),
                until_at=instant(as_of + timedelta(days=3), time(14)),
                why=it.made.suspended,
                entered_by=staff,
                entered_at=instant(as_of - timedelta(days=1), time(14)),
            )
            for it in them
            if it.made.suspended
        ),
    )


def _change(it: Written, asked: list[Any], staff: User, as_of: date) -> rows.ScheduleChange:
    days, first, last, purpose, place, *answer = asked
    on = as_of + timedelta(days=days)
    decided = {"state": answer[0], "answer": answer[1], "decided_by": staff} if answer else {}
    return rows.ScheduleChange(
        order=it.order,
        from_at=instant(on, time(first)),
        until_at=instant(on, time(last)),
        purpose=purpose,
        place=place,
        asked_by=it.person.account or staff,
        asked_at=instant(as_of - timedelta(days=1), time(15, 20)),
        decided_at=instant(as_of - timedelta(days=1), time(16, 5)) if answer else None,
        **decided,
    )


def _create(kind: type[M], made_rows: Iterable[M]) -> list[M]:
    return list(kind._default_manager.bulk_create(list(made_rows)))
