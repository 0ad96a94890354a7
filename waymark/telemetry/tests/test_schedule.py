"""Schedules: held against reasoning day by day in zoneinfo, and against recurring-ical-events."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from waymark.telemetry import plan as plans
from waymark.telemetry.instants import ALWAYS_FROM_MS, ALWAYS_UNTIL_MS, DAY_MS, MINUTE_MS, Span, instant_ms, iso, ms_of
from waymark.telemetry.schedule import DAYS, merged, required, without

CHICAGO = "America/Chicago"
WEEK = list(DAYS)
HOME = {"id": "home", "kind": "inclusion", "circle": {"lat": 38.6, "lon": -90.2, "radius_m": 100}}


def zone(schedule=(), time_zone=CHICAGO, **more):
    person = {"activation": "1782", "zones": [HOME | {"schedule": list(schedule)} | more]}
    return plans.read({"time_zone": time_zone, "participants": [person]}).participants[0].zones[0]


def weekly(days, from_, to, **more):
    return {"weekly": {"days": days, "from": from_, "to": to}} | more


def at(text):
    return instant_ms(text, CHICAGO)


def spans(zone_, first, last, **more):
    """As (from, until) in UTC."""
    return [(iso(a), iso(b)) for a, b in required(zone_, CHICAGO, at(first), at(last), **more)]


def hours(found):
    return [(b - a) / (60 * MINUTE_MS) for a, b in found]


class TestDaylightSaving:
    def test_it_gives_the_night_of_the_gap_nine_hours_and_the_night_of_the_repeat_eleven(self):
        night = zone([weekly(WEEK, "20:00", "06:00")])
        assert spans(night, "2026-03-08T00:00", "2026-03-08T01:00") == [
            ("2026-03-08T02:00:00Z", "2026-03-08T11:00:00Z")
        ]
        assert hours(required(night, CHICAGO, at("2026-03-07T07:00"), at("2026-03-09T07:00"))) == [9, 10]
        assert hours(required(night, CHICAGO, at("2026-10-31T07:00"), at("2026-11-01T07:00"))) == [11]

    def test_it_reads_a_start_within_the_gap_with_the_offset_before_it(self):
        window = zone([weekly(["sun"], "02:30", "06:00")])
        assert spans(window, "2026-03-08T00:00", "2026-03-08T12:00") == [
            ("2026-03-08T08:30:00Z", "2026-03-08T11:00:00Z")
        ]

    def test_a_window_that_the_gap_swallows_is_no_time(self):
        window = zone([weekly(["sun"], "02:30", "03:00")])
        assert spans(window, "2026-03-08T00:00", "2026-03-08T12:00") == []

    def test_it_takes_the_first_of_an_hour_that_comes_twice(self):
        window = zone([weekly(["sun"], "01:15", "01:45")])
        assert spans(window, "2026-11-01T00:00", "2026-11-01T12:00") == [
            ("2026-11-01T06:15:00Z", "2026-11-01T06:45:00Z")
        ]

    def test_a_day_is_23_and_25_hours_long(self):
        sunday = zone([weekly(["sun"], "00:00", "24:00")])
        assert hours(required(sunday, CHICAGO, at("2026-03-08T12:00"), at("2026-03-08T12:00"))) == [23]
        assert hours(required(sunday, CHICAGO, at("2026-11-01T12:00"), at("2026-11-01T12:00"))) == [25]

    def test_minutes_that_are_counted_pass_as_they_do(self):
        night = zone([{"rrule": "FREQ=DAILY", "from": "20:00", "duration_minutes": 600}])
        assert hours(required(night, CHICAGO, at("2026-03-07T22:00"), at("2026-03-07T22:00"))) == [10]


class TestWindows:
    def test_friday_to_sunday_written_as_three_days_is_one_span(self):
        weekend = zone(
            [weekly(["fri"], "20:00", "24:00"), weekly(["sat"], "00:00", "24:00"), weekly(["sun"], "00:00", "16:00")]
        )
        assert spans(weekend, "2026-02-07T12:00", "2026-02-07T12:00") == [
            ("2026-02-07T02:00:00Z", "2026-02-08T22:00:00Z")
        ]

    def test_equal_hours_are_a_whole_day(self):
        day = zone([weekly(["wed"], "09:00", "09:00")])
        assert hours(required(day, CHICAGO, at("2026-02-04T12:00"), at("2026-02-04T12:00"))) == [24]

    def test_no_schedule_is_at_all_times(self):
        assert required(zone(), CHICAGO, 0, 1) == [Span(ALWAYS_FROM_MS, ALWAYS_UNTIL_MS)]
        assert required(zone(), CHICAGO, 0, 1, must="be_out") == []

    @pytest.mark.parametrize(
        "schedule",
        [
            [weekly(WEEK, "00:00", "24:00")],
            [weekly(WEEK, "07:00", "07:00")],
            [weekly(WEEK[:5], "00:00", "24:00"), weekly(WEEK[5:], "00:00", "24:00")],
            [{"rrule": "FREQ=DAILY", "from": "00:00", "to": "24:00"}],
        ],
    )
    def test_what_never_stops_has_no_beginning_and_no_end(self, schedule):
        found = required(zone(schedule), CHICAGO, at("2026-02-04T12:00"), at("2026-02-05T12:00"))
        assert found == [Span(ALWAYS_FROM_MS, ALWAYS_UNTIL_MS)]

    def test_what_never_stops_still_starts_when_it_starts(self):
        schedule = [weekly(WEEK, "00:00", "24:00", starts_on="2025-01-01", ends_on="2026-12-31")]
        assert spans(zone(schedule), "2026-02-04T12:00", "2026-02-05T12:00") == [
            ("2025-01-01T06:00:00Z", "2027-01-01T06:00:00Z")
        ]

    def test_the_last_day_is_the_last_on_which_a_window_begins(self):
        night = zone([weekly(WEEK, "22:00", "06:00", starts_on="2026-02-04", ends_on="2026-02-05")])
        assert spans(night, "2026-01-01T00:00", "2026-03-01T00:00") == [
            ("2026-02-05T04:00:00Z", "2026-02-05T12:00:00Z"),
            ("2026-02-06T04:00:00Z", "2026-02-06T12:00:00Z"),
        ]

    def test_a_zone_asks_both_ways_where_its_schedule_says_so(self):
        both = zone([weekly(["mon"], "20:00", "24:00"), weekly(["mon"], "08:00", "16:00", must="be_out")])
        assert spans(both, "2026-02-02T00:00", "2026-02-03T00:00") == [("2026-02-03T02:00:00Z", "2026-02-03T06:00:00Z")]
        assert spans(both, "2026-02-02T00:00", "2026-02-03T00:00", must="be_out") == [
            ("2026-02-02T14:00:00Z", "2026-02-02T22:00:00Z")
        ]

    def test_a_version_asks_nothing_outside_its_own_time(self):
        night = zone(
            [weekly(WEEK, "20:00", "06:00")], from_at="2026-02-03T22:00:00-06:00", until_at="2026-02-04T22:00:00-06:00"
        )
        assert spans(night, "2026-01-01T00:00", "2026-03-01T00:00") == [
            ("2026-02-04T04:00:00Z", "2026-02-04T12:00:00Z"),
            ("2026-02-05T02:00:00Z", "2026-02-05T04:00:00Z"),
        ]
        begun = zone(from_at="2026-02-03T22:00:00-06:00")
        assert required(begun, CHICAGO, at("2026-02-04T00:00"), at("2026-03-01T00:00")) == [
            Span(at("2026-02-03T22:00"), ALWAYS_UNTIL_MS)
        ]


class TestOneOffs:
    NIGHT = weekly(WEEK, "20:00", "06:00")

    def test_a_leave_cuts_its_hole(self):
        night = zone(
            [self.NIGHT], exceptions=[{"from": "2026-02-04T21:00", "until": "2026-02-04T23:00", "may": "leave"}]
        )
        assert spans(night, "2026-02-04T12:00", "2026-02-05T12:00") == [
            ("2026-02-05T02:00:00Z", "2026-02-05T03:00:00Z"),
            ("2026-02-05T05:00:00Z", "2026-02-05T12:00:00Z"),
        ]

    def test_a_leave_cuts_a_requirement_without_end(self):
        always = zone(exceptions=[{"from": "2026-02-04T21:00-06:00", "until": "2026-02-05T05:00:00Z", "may": "leave"}])
        found = required(always, CHICAGO, at("2026-02-04T12:00"), at("2026-02-05T12:00"))
        assert found == [
            Span(ALWAYS_FROM_MS, at("2026-02-04T21:00")),
            Span(at("2026-02-04T23:00"), ALWAYS_UNTIL_MS),
        ]

    def test_an_extra_requirement_joins_the_one_it_touches(self):
        night = zone(
            [self.NIGHT], exceptions=[{"from": "2026-02-04T12:00", "until": "2026-02-04T20:00", "must": "be_in"}]
        )
        assert spans(night, "2026-02-04T12:00", "2026-02-04T12:00") == [
            ("2026-02-04T18:00:00Z", "2026-02-05T12:00:00Z")
        ]

    def test_to_be_out_stands_over_to_be_in(self):
        night = zone(
            [self.NIGHT], exceptions=[{"from": "2026-02-04T22:00", "until": "2026-02-05T09:00", "must": "be_out"}]
        )
        assert spans(night, "2026-02-04T12:00", "2026-02-05T12:00") == [
            ("2026-02-05T02:00:00Z", "2026-02-05T04:00:00Z")
        ]
        assert spans(night, "2026-02-04T12:00", "2026-02-05T12:00", must="be_out") == [
            ("2026-02-05T04:00:00Z", "2026-02-05T15:00:00Z")
        ]

    def test_the_later_change_of_the_list_stands(self):
        changes = [
            {"from": "2026-02-04T21:00", "until": "2026-02-05T00:00", "may": "leave"},
            {"from": "2026-02-04T22:00", "until": "2026-02-04T23:00", "must": "be_in"},
        ]
        first = spans(zone([self.NIGHT], exceptions=changes), "2026-02-04T12:00", "2026-02-05T12:00")
        assert len(first) == 3
        second = spans(zone([self.NIGHT], exceptions=changes[::-1]), "2026-02-04T12:00", "2026-02-05T12:00")
        assert len(second) == 2

    def test_the_leave_of_a_participant_lifts_being_in_and_not_being_out(self):
        leave = (plans.Leave(from_="2026-02-04T21:00", until="2026-02-04T23:00"),)
        assert len(spans(zone([self.NIGHT]), "2026-02-04T12:00", "2026-02-05T12:00", leave=leave)) == 2
        away = zone([self.NIGHT], kind="exclusion")
        assert len(spans(away, "2026-02-04T12:00", "2026-02-05T12:00", leave=leave)) == 1


# -- the oracle: minute by minute of the local calendar, from the words of the brief and nothing of ours


def oracle(windows, time_zone, first_ms, last_ms):
    """Seconds in force within [first_ms, last_ms) by marking every UTC minute: windows as (weekdays, from, to)."""
    zone_info = ZoneInfo(time_zone)
    minutes = set()
    day = datetime.fromtimestamp(first_ms / 1000, UTC).date() - timedelta(days=3)
    while ms_of(datetime(day.year, day.month, day.day, tzinfo=UTC)) < last_ms + 3 * DAY_MS:
        for weekdays, from_, to in windows:
            if day.weekday() in weekdays:
                ends = day if to > from_ else day + timedelta(days=1)
                start = _local(day, from_, zone_info)
                stop = _local(ends, to, zone_info)
                minutes.update(range(start, stop))
        day += timedelta(days=1)
    return sum(first_ms // MINUTE_MS <= minute < last_ms // MINUTE_MS for minute in minutes) * 60


def _local(day, minute, zone_info):
    """Minute of UTC; 24:00 is 00:00 of the next day."""
    day, minute = (day + timedelta(days=1), 0) if minute == 1440 else (day, minute)
    wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone_info)
    return int(wall.timestamp()) // 60


def clock(minute):
    return f"{minute // 60:02d}:{minute % 60:02d}"


WINDOWS = st.lists(
    st.tuples(
        st.frozensets(st.integers(0, 6), min_size=1),
        st.one_of(st.integers(0, 1439), st.integers(55, 185)),
        st.one_of(st.integers(1, 1440), st.integers(55, 185)),
    ),
    min_size=1,
    max_size=4,
)
FIRST_DAYS = st.one_of(
    st.dates(date(2024, 1, 1), date(2028, 1, 1)),
    st.sampled_from([date(2026, 3, 5), date(2026, 10, 29), date(2027, 3, 12)]),
)
ZONES = st.sampled_from([CHICAGO, "Australia/Lord_Howe", "Europe/London", "UTC", "America/Santiago"])


class TestRandomWeeks:
    @settings(max_examples=150, deadline=None)
    @given(WINDOWS, FIRST_DAYS, ZONES)
    def test_it_agrees_with_the_calendar_minute_by_minute(self, windows, first_day, time_zone):
        schedule = [weekly([DAYS[day] for day in sorted(days)], clock(a), clock(b)) for days, a, b in windows]
        first = ms_of(datetime(first_day.year, first_day.month, first_day.day, tzinfo=UTC))
        last = first + 8 * DAY_MS
        found = required(zone(schedule, time_zone=time_zone), time_zone, first, last)
        inside = [(max(a, first), min(b, last)) for a, b in found]
        assert sum(max(b - a, 0) for a, b in inside) / 1000 == oracle(windows, time_zone, first, last)
        assert all(a < b for a, b in found)
        assert all(before.until_ms < after.from_ms for before, after in pairwise(found))

    @settings(max_examples=60, deadline=None)
    @given(WINDOWS, FIRST_DAYS, st.integers(0, 20 * 24 * 60), st.integers(0, 5 * 24 * 60))
    def test_the_range_selects_spans_and_never_cuts_one(self, windows, first_day, skip, length):
        schedule = [weekly([DAYS[day] for day in sorted(days)], clock(a), clock(b)) for days, a, b in windows]
        first = ms_of(datetime(first_day.year, first_day.month, first_day.day, tzinfo=UTC))
        whole = required(zone(schedule), CHICAGO, first, first + 30 * DAY_MS)
        a = first + skip * MINUTE_MS
        b = a + length * MINUTE_MS
        part = required(zone(schedule), CHICAGO, a, b)
        assert part == [span for span in whole if span.until_ms > a and span.from_ms <= b]

    @settings(max_examples=100, deadline=None)
    @given(*[st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=6)] * 2)
    def test_spans_join_and_cut_as_sets_of_instants_do(self, first, second):
        one = merged(Span(a, a + length) for a, length in first)
        two = merged(Span(a, a + length) for a, length in second)
        instants = lambda given: {instant for a, b in given for instant in range(a, b)}  # noqa: E731
        assert instants(one) == {i for a, length in first for i in range(a, a + length)}
        assert instants(without(one, two)) == instants(one) - instants(two)
        assert merged(without(one, two)) == without(one, two)


RULES = [
    "DTSTART;TZID=America/Chicago:20260105T200000\nRRULE:FREQ=DAILY",
    "DTSTART;TZID=America/Chicago:20260105T200000\nRRULE:FREQ=DAILY;INTERVAL=3",
    "DTSTART;TZID=America/Chicago:20260104T013000\nRRULE:FREQ=WEEKLY;BYDAY=SU,TH",
    "DTSTART;TZID=America/Chicago:20190107T200000\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
    "DTSTART;TZID=America/Chicago:20190109T200000\nRRULE:FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=WE,SU",
    "DTSTART;TZID=America/Chicago:20260105T200000\nRRULE:FREQ=WEEKLY;COUNT=25;BYDAY=MO,WE,FR",
    "DTSTART;TZID=America/Chicago:20260105T200000\nRRULE:FREQ=DAILY;UNTIL=20260309T010000Z",
    "DTSTART;TZID=America/Chicago:20260102T200000\nRRULE:FREQ=MONTHLY;BYDAY=1FR",
    "DTSTART;TZID=America/Chicago:20260131T200000\nRRULE:FREQ=MONTHLY",
    "DTSTART;TZID=America/Chicago:20260227T200000\nRRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "DTSTART;TZID=America/Chicago:20260308T023000\nRRULE:FREQ=YEARLY",
    "DTSTART:20260105T020000Z\nRRULE:FREQ=DAILY",
    "DTSTART;TZID=America/New_York:20260105T210000\nRRULE:FREQ=DAILY;BYHOUR=6,21",
    "DTSTART;TZID=America/Chicago:20260105T200000\nRRULE:FREQ=DAILY\n"
    "EXDATE;TZID=America/Chicago:20260307T200000,20260308T200000\nEXDATE:20261101T010000Z\n"
    "RDATE;TZID=America/Chicago:20260601T090000",
]


class TestRecurrenceRules:
    @pytest.mark.parametrize("rule", RULES)
    def test_it_agrees_with_a_calendar_program(self, rule):
        event = f"BEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\n{rule}\nDURATION:PT90M\nEND:VEVENT"
        text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-\n{event}\nEND:VCALENDAR".replace("\n", "\r\n")
        first, last = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)
        events = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(first, last)
        expected = sorted(ms_of(event.start.astimezone(UTC)) for event in events)
        windows = zone([{"rrule": rule, "duration_minutes": 90}])
        found = [span.from_ms for span in required(windows, CHICAGO, ms_of(first), ms_of(last) - 1)]
        assert found == expected
        assert len(found) > 0

    def test_the_hours_beside_a_rule_are_those_of_the_plan(self):
        rule = {"rrule": "RRULE:FREQ=WEEKLY;BYDAY=MO,TU", "from": "22:00", "to": "06:00"}
        same = weekly(["mon", "tue"], "22:00", "06:00")
        days = "2026-02-28T00:00", "2026-04-01T00:00"
        assert spans(zone([rule]), *days) == spans(zone([same]), *days)

    def test_a_day_left_out_is_left_out_whatever_hour_it_names(self):
        rule = "DTSTART:20260105T000000\nRRULE:FREQ=DAILY\nEXDATE:20260204T000000\nEXDATE;VALUE=DATE:20260206"
        found = spans(zone([{"rrule": rule, "from": "12:00", "to": "13:00"}]), "2026-02-03T00:00", "2026-02-08T00:00")
        assert [start[8:10] for start, _ in found] == ["03", "05", "07"]

    def test_until_a_day_means_to_its_end(self):
        rule = {"rrule": "FREQ=DAILY;UNTIL=20260204", "from": "20:00", "to": "06:00"}
        assert len(spans(zone([rule]), "2026-02-03T12:00", "2026-02-08T00:00")) == 2

    def test_every_second_week_is_counted_from_the_first_day_given(self):
        rule = {"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "from": "08:00", "to": "12:00", "starts_on": "2026-02-02"}
        found = spans(zone([rule]), "2026-02-01T00:00", "2026-03-10T00:00")
        assert [start[:10] for start, _ in found] == ["2026-02-07", "2026-02-21", "2026-03-07"]

    @pytest.mark.parametrize(
        "rule", ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29", "DTSTART:19700101T000000\nRRULE:FREQ=DAILY;COUNT=100000"]
    )
    def test_a_rule_without_end_is_asked_for_the_range_only(self, rule):
        started = time.perf_counter()
        required(
            zone([{"rrule": rule, "from": "20:00", "to": "06:00"}]),
            CHICAGO,
            at("2026-01-01T00:00"),
            at("2026-02-01T00:00"),
        )
        assert time.perf_counter() - started < 3


@pytest.mark.parametrize(
    "entry", [weekly(WEEK, "20:00", "06:00"), {"rrule": "FREQ=DAILY", "from": "20:00", "to": "06:00"}]
)
def test_a_year_of_a_zone_takes_milliseconds(entry):
    night = zone([entry])
    taken = []
    for _ in range(5):
        started = time.perf_counter()
        assert len(required(night, CHICAGO, at("2026-01-01T12:00"), at("2026-12-31T12:00"))) == 364
        taken.append(time.perf_counter() - started)
    assert min(taken) < 0.010
