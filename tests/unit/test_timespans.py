"""Days and weeks in a time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paymo_async import InvalidRequest
from paymo_async.timespans import day_of, day_span, days_span, week_of, zone

HOUR = timedelta(hours=1)
ZONES = ("Europe/Paris", "US/Eastern", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "America/Havana", "UTC")


@pytest.mark.parametrize(
    ("day", "tz", "hours"),
    [
        (date(2026, 3, 28), "Europe/Paris", 24),
        (date(2026, 3, 29), "Europe/Paris", 23),
        (date(2026, 10, 25), "Europe/Paris", 25),
        (date(2026, 3, 8), "US/Eastern", 23),
        (date(2026, 11, 1), "US/Eastern", 25),
        (date(2018, 11, 4), "America/Sao_Paulo", 23),
        (date(2018, 2, 17), "America/Sao_Paulo", 25),
        (date(2026, 11, 1), "America/Havana", 25),
        (date(2026, 4, 5), "Australia/Lord_Howe", 24.5),
        (date(2011, 12, 30), "Pacific/Apia", 0),
    ],
)
def test_a_day_is_as_long_as_the_clock_on_the_wall_makes_it(day: date, tz: str, hours: float):
    start, end = day_span(day, tz)
    assert end - start == hours * HOUR
    assert start.utcoffset() == timedelta()


def test_a_legacy_name_is_the_same_zone_as_its_new_one():
    assert day_span(date(2026, 7, 1), "US/Eastern") == day_span(date(2026, 7, 1), "America/New_York")
    assert day_span(date(2026, 7, 1), "US/Eastern")[0] == datetime(2026, 7, 1, 4, tzinfo=UTC)


@given(st.dates(date(1990, 1, 1), date(2035, 1, 1)), st.sampled_from(ZONES))
def test_days_follow_each_other_without_gap_or_overlap(day: date, tz: str):
    start, end = day_span(day, tz)
    assert end == day_span(day + timedelta(days=1), tz)[0]
    if start < end:
        assert day_of(start, tz) == day_of(end - timedelta(seconds=1), tz) == day
        assert day_of(start - timedelta(seconds=1), tz) < day


@given(st.dates(date(1990, 1, 1), date(2035, 1, 1)), st.integers(0, 6))
def test_a_week_holds_its_day_and_begins_on_the_chosen_weekday(day: date, week_start: int):
    first, last = week_of(day, week_start)
    assert first <= day <= last
    assert (last - first).days == 6
    assert first.isoweekday() % 7 == week_start


def test_a_week_with_a_put_forward_clock_is_an_hour_short():
    start, end = days_span(*week_of(date(2026, 3, 29)), "Europe/Paris")
    assert end - start == 7 * 24 * HOUR - HOUR


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd", "Europe", "x\0y", 5])
def test_a_name_that_is_no_zone_is_refused(name):
    with pytest.raises(InvalidRequest, match="is not a time zone"):
        zone(name)


def test_zones_pass_as_they_are():
    fixed = timezone(3 * HOUR)
    assert zone(fixed) is fixed
    assert day_of(datetime(2026, 1, 1, 22, tzinfo=UTC), fixed) == date(2026, 1, 2)


def test_what_cannot_be_meant_is_refused():
    with pytest.raises(InvalidRequest, match="naive"):
        day_of(datetime(2026, 1, 1), "UTC")  # noqa: DTZ001
    with pytest.raises(InvalidRequest, match="a day is due"):
        day_span(datetime(2026, 1, 1, tzinfo=UTC), "UTC")
    with pytest.raises(InvalidRequest, match="week_start"):
        week_of(date(2026, 1, 1), 7)
