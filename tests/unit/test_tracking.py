"""Tracked time, added up from entries of either shape."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from paymo_async import InvalidRequest, TimeEntry
from paymo_async.tracking import Tracked, day_of_entry, is_running, moment_of, seconds_of, tracked

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


def entry(**given) -> TimeEntry:
    return TimeEntry.from_dict({"id": 1, "project_id": 7, "task_id": 70, "user_id": 3, **given})


TIMED = entry(start_time="2026-03-09T03:30:00Z", end_time="2026-03-09T04:30:00Z", duration=3600)
DATED = entry(date="2026-03-09", duration=900, task_id=71, user_id=4, start_time=None, end_time=None)
RUNNING = entry(start_time="2026-03-09T11:00:00Z", end_time=None, duration=None)


def test_both_shapes_add_up_by_project_task_and_user():
    assert tracked([TIMED, DATED, RUNNING]) == {7: Tracked(4500, 2)}
    assert tracked([TIMED, DATED], by="task") == {70: Tracked(3600, 1), 71: Tracked(900, 1)}
    assert tracked([TIMED, DATED], by="user")[4].time == timedelta(minutes=15)


def test_a_day_is_that_of_the_zone_for_times_and_its_own_for_dates():
    assert tracked([DATED, TIMED], by="day", tz="US/Eastern") == {
        date(2026, 3, 8): Tracked(3600, 1),
        date(2026, 3, 9): Tracked(900, 1),
    }
    assert list(tracked([TIMED, DATED], by="day", tz="UTC").values()) == [Tracked(4500, 2)]
    assert day_of_entry(DATED, "US/Eastern") == date(2026, 3, 9)


def test_a_running_timer_counts_until_now_when_now_is_given():
    assert is_running(RUNNING)
    assert not is_running(DATED)
    assert not is_running(TIMED)
    assert tracked([RUNNING]) == {}
    assert tracked([RUNNING], now=NOON) == {7: Tracked(3600, 1)}
    assert seconds_of(RUNNING) == 0
    assert seconds_of(RUNNING, now=NOON - timedelta(hours=2)) == 0


def test_times_without_a_duration_count_by_their_difference():
    assert seconds_of(entry(start_time="2026-03-09T03:30:00Z", end_time="2026-03-09T03:40:00Z")) == 600


def test_entries_stand_in_the_order_of_time_whatever_their_shape():
    assert sorted([RUNNING, TIMED, DATED], key=moment_of) == [DATED, TIMED, RUNNING]


def test_what_cannot_be_added_up_is_refused():
    narrow = TimeEntry.from_dict({"id": 1, "duration": 60})
    with pytest.raises(InvalidRequest, match="project_id"):
        tracked([narrow])
    with pytest.raises(InvalidRequest, match="start_time"):
        tracked([narrow], by="day", tz="UTC")
    with pytest.raises(InvalidRequest, match="give tz"):
        tracked([TIMED], by="day")
    with pytest.raises(InvalidRequest, match="grouped by"):
        tracked([TIMED], by="client")  # type: ignore[call-overload]  # what a caller without a checker may do
    with pytest.raises(InvalidRequest, match="naive"):
        tracked([RUNNING], now=datetime(2026, 3, 9))  # noqa: DTZ001
