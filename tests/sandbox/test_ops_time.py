"""Timers, days and weeks over a socket."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta

import pytest

from paymo_async import F, InvalidRequest, NotFound, PaymoClient, TimeEntry, TimerRunning, TimerTooShort
from paymo_async.sandbox import Sandbox
from paymo_async.tracking import Tracked, tracked

TASK, OTHER = 2093082, 2093083
ME, JUDITH = 23129, 23130
START = datetime(2026, 3, 9, 12, 0, 30, 500, tzinfo=UTC)
LATER = START + timedelta(minutes=25)


@pytest.fixture
async def paymo(box: Sandbox):
    async with PaymoClient(box.api_key, base_url=box.url) as client:
        yield client


def asked(box: Sandbox) -> list[str]:
    return [f"{seen.method} {seen.path}" for seen in box.requests]


# -- timers -----------------------------------------------------------------------------------------------------------


async def test_a_timer_starts_runs_and_stops(paymo: PaymoClient, box: Sandbox):
    started = await paymo.entries.start_timer(TASK, at=START, description="Invitations")
    assert (started.user_id, started.start_time) == (ME, START.replace(microsecond=0))
    assert await paymo.entries.running_timer() == started
    stopped = await paymo.entries.stop_timer(at=LATER, description="Sent")
    assert stopped is not None
    assert (stopped.id, stopped.duration, stopped.description) == (started.id, 1500, "Sent")
    assert await paymo.entries.running_timer() is None
    assert [seen.path for seen in box.requests].count("me") == 1


async def test_a_timer_starts_and_stops_now_unless_told_otherwise(paymo: PaymoClient):
    started = await paymo.entries.start_timer(TASK)
    assert abs(datetime.now(UTC) - started.start_time) < timedelta(seconds=30)
    with pytest.raises(TimerTooShort):
        await paymo.entries.stop_timer()


async def test_timers_of_others_are_theirs(paymo: PaymoClient, box: Sandbox):
    mine = await paymo.entries.start_timer(TASK, at=START)
    hers = await paymo.entries.start_timer(TASK, user_id=JUDITH, at=START)
    assert await paymo.entries.running_timer(JUDITH) == hers
    await paymo.entries.stop_timer(JUDITH, at=LATER)
    assert await paymo.entries.running_timer() == mine


async def test_a_second_timer_is_refused_with_the_running_one_in_hand(paymo: PaymoClient):
    running = await paymo.entries.start_timer(TASK, at=START)
    with pytest.raises(TimerRunning) as caught:
        await paymo.entries.start_timer(OTHER, at=LATER)
    assert caught.value.entry == running
    assert pickle.loads(pickle.dumps(caught.value)).entry == running
    with pytest.raises(TimerRunning) as plain:
        await paymo.entries.create(TimeEntry(task_id=TASK, user_id=ME, start_time=START))
    assert plain.value.entry is None


async def test_switching_stops_the_running_timer_at_the_moment_the_new_one_starts(paymo: PaymoClient, box: Sandbox):
    first = await paymo.entries.start_timer(TASK, user_id=ME, at=START)
    second = await paymo.entries.start_timer(OTHER, user_id=ME, switch=True, at=LATER)
    assert (await paymo.entries.get(first.id)).end_time == second.start_time
    assert await paymo.entries.running_timer(ME) == second
    await paymo.entries.stop_timer(ME, at=LATER + timedelta(hours=1))
    before = len(box.requests)
    await paymo.entries.start_timer(TASK, user_id=ME, switch=True, at=LATER + timedelta(hours=2))
    assert asked(box)[before:] == ["GET entries", "POST entries"]


async def test_switching_from_a_timer_of_seconds_needs_leave_to_discard_it(paymo: PaymoClient):
    first = await paymo.entries.start_timer(TASK, at=START)
    soon = START + timedelta(seconds=20)
    with pytest.raises(TimerTooShort):
        await paymo.entries.start_timer(OTHER, switch=True, at=soon)
    second = await paymo.entries.start_timer(OTHER, switch=True, discard_short=True, at=soon)
    assert await paymo.entries.running_timer() == second
    with pytest.raises(NotFound):
        await paymo.entries.get(first.id)


async def test_a_timer_that_stops_between_refusal_and_look_is_no_obstacle(
    paymo: PaymoClient, monkeypatch: pytest.MonkeyPatch
):
    running = await paymo.entries.start_timer(TASK, user_id=ME, at=START)
    look = paymo.entries.running_timer

    async def stopped_by_somebody(user_id: int | None = None) -> TimeEntry | None:
        await paymo.entries.update(running.id, TimeEntry(end_time=LATER))
        return await look(user_id)

    monkeypatch.setattr(paymo.entries, "running_timer", stopped_by_somebody)
    assert (await paymo.entries.start_timer(OTHER, user_id=ME, at=LATER)).task_id == OTHER


async def test_dated_entries_that_the_filter_may_find_are_no_timers(
    paymo: PaymoClient, monkeypatch: pytest.MonkeyPatch
):
    everything = paymo.entries.list(user_id=JUDITH)
    assert await everything
    monkeypatch.setattr(paymo.entries, "list", lambda **_: everything)
    assert await paymo.entries.running_timer(JUDITH) is None


async def test_a_timer_of_less_than_a_minute_is_refused_before_anything_is_sent(paymo: PaymoClient, box: Sandbox):
    running = await paymo.entries.start_timer(TASK, at=START)
    with pytest.raises(TimerTooShort, match="ran for 59 seconds") as caught:
        await paymo.entries.stop_timer(at=START + timedelta(seconds=59))
    assert (caught.value.entry, caught.value.seconds) == (running, 59)
    assert asked(box)[-1] == "GET entries"
    assert await paymo.entries.stop_timer(at=START + timedelta(seconds=59), discard_short=True) is None
    assert await paymo.entries.running_timer() is None


async def test_a_timer_of_a_minute_is_stored(paymo: PaymoClient):
    await paymo.entries.start_timer(TASK, at=START)
    stopped = await paymo.entries.stop_timer(at=START + timedelta(seconds=60))
    assert stopped is not None
    assert stopped.tracked == timedelta(minutes=1)


async def test_what_cannot_be_stopped_says_why(paymo: PaymoClient):
    with pytest.raises(NotFound, match=f"No timer of user {ME}"):
        await paymo.entries.stop_timer()
    await paymo.entries.start_timer(TASK, at=START)
    with pytest.raises(InvalidRequest, match="began at"):
        await paymo.entries.stop_timer(at=START - timedelta(hours=1))
    with pytest.raises(InvalidRequest, match="naive"):
        await paymo.entries.stop_timer(at=datetime(2026, 3, 9))  # noqa: DTZ001


# -- days and weeks ---------------------------------------------------------------------------------------------------


async def track(paymo: PaymoClient, *starts: str, task_id: int = TASK) -> list[int]:
    """Entries of half an hour each."""
    made = []
    for start in starts:
        moment = datetime.fromisoformat(start)
        given = TimeEntry(task_id=task_id, start_time=moment, end_time=moment + timedelta(minutes=30))
        made.append((await paymo.entries.create(given)).id)
    return made


async def dated(paymo: PaymoClient, day: date, seconds: int = 3600) -> int:
    return (await paymo.entries.create(TimeEntry(task_id=TASK, date=day, duration=seconds))).id


def ids(entries: list[TimeEntry]) -> list[int]:
    return [entry.id for entry in entries]


@pytest.mark.parametrize("tz", ["US/Eastern", "America/New_York"])
async def test_a_day_is_the_users_own_and_holds_both_shapes(paymo: PaymoClient, tz: str):
    _, first, last, _ = await track(
        paymo, "2026-03-09T03:59:59Z", "2026-03-09T04:00:00Z", "2026-03-10T03:59:59Z", "2026-03-10T04:00:00Z"
    )
    whole_day = await dated(paymo, date(2026, 3, 9))
    await dated(paymo, date(2026, 3, 10))
    assert ids(await paymo.entries.of_day(date(2026, 3, 9), tz)) == [whole_day, first, last]


@pytest.mark.parametrize("tz", ["Asia/Tokyo", "Europe/Paris", "US/Hawaii", "UTC"])
async def test_a_dated_entry_is_on_its_own_day_in_every_zone(paymo: PaymoClient, tz: str):
    days = [date(2026, 3, 8), date(2026, 3, 9), date(2026, 3, 10)]
    made = [await dated(paymo, day) for day in days]
    for day, id in zip(days, made, strict=True):
        assert ids(await paymo.entries.of_day(day, tz)) == [id]


async def test_a_day_of_25_hours_holds_its_last_hour(paymo: PaymoClient):
    made = await track(paymo, "2026-10-24T22:00:00Z", "2026-10-25T22:30:00Z", "2026-10-25T23:00:00Z")
    assert ids(await paymo.entries.of_day(date(2026, 10, 25), "Europe/Paris")) == made[:2]


async def test_a_day_takes_filters_and_includes(paymo: PaymoClient, box: Sandbox):
    mine = await dated(paymo, date(2026, 3, 9))
    (other,) = await track(paymo, "2026-03-09T12:00:00Z", task_id=OTHER)
    day = date(2026, 3, 9)
    (found,) = await paymo.entries.of_day(day, "UTC", task_id=OTHER, include="task")
    assert (found.id, found.task.name) == (other, "Set up the company")
    assert ids(await paymo.entries.of_day(day, "UTC", where=F.task_id == TASK)) == [mine]
    assert ids(await paymo.entries.of_day(day, "UTC", where=f"task_id={OTHER}")) == [other]
    assert await paymo.entries.of_day(day, "UTC", user_id=JUDITH) == []


async def test_a_day_costs_two_requests(paymo: PaymoClient, box: Sandbox):
    await paymo.entries.of_day(date(2026, 3, 9), "UTC")
    assert asked(box) == ["GET entries"] * 2


async def test_a_week_begins_where_the_company_says(paymo: PaymoClient):
    sunday, monday = [await dated(paymo, date(2026, 3, day)) for day in (8, 9)]
    (late,) = await track(paymo, "2026-03-16T03:30:00Z")
    wednesday = date(2026, 3, 11)
    assert ids(await paymo.entries.of_week(wednesday, "US/Eastern")) == [monday, late]
    assert ids(await paymo.entries.of_week(wednesday, "US/Eastern", 0)) == [sunday, monday]
    assert ids(await paymo.entries.of_week(wednesday, "UTC", week_start=1, task_id=TASK)) == [monday]


async def test_tracked_time_of_a_week_by_day_and_task(paymo: PaymoClient):
    await dated(paymo, date(2026, 3, 9))
    await track(paymo, "2026-03-10T01:00:00Z", "2026-03-10T12:00:00Z", task_id=OTHER)
    await paymo.entries.start_timer(TASK, at=START)
    week = await paymo.entries.of_week(date(2026, 3, 9), "US/Eastern")
    assert tracked(week, by="day", tz="US/Eastern") == {
        date(2026, 3, 9): Tracked(5400, 2),
        date(2026, 3, 10): Tracked(1800, 1),
    }
    assert tracked(week, by="task") == {TASK: Tracked(3600, 1), OTHER: Tracked(3600, 2)}
    assert tracked(week, by="task", now=LATER)[TASK] == Tracked(3600 + 1500, 2)


async def test_unbilled_time_is_a_listing_that_can_be_narrowed(paymo: PaymoClient, box: Sandbox):
    billed = await dated(paymo, date(2026, 3, 9))
    open_ = await dated(paymo, date(2026, 3, 10))
    await paymo.entries.update(billed, TimeEntry(billed=True))
    found = await paymo.entries.unbilled(task_id=TASK, where=F.created_on > START - timedelta(days=1), include="task")
    assert billed not in ids(found)
    assert open_ in ids(await paymo.entries.unbilled())
    assert [entry.id async for entry in paymo.entries.unbilled(date=date(2026, 3, 10))] == [open_]
