"""Timeouts by one timer for all calls: late ones end, others go on, cancellations from outside stay what they are."""

from __future__ import annotations

import asyncio

import pytest

from paymo_async.transport.deadlines import Deadline, Deadlines


async def late(deadlines: Deadlines, seconds: float, held: list[Deadline]) -> str:
    deadline = deadlines.start(seconds)
    held.append(deadline)
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        if deadline.caused():
            return "timeout"
        raise
    finally:
        deadline.ended = True
    return "answered"


async def test_a_late_call_ends_and_knows_why():
    held: list[Deadline] = []
    deadlines = Deadlines(asyncio.get_running_loop())
    assert await late(deadlines, 0.001, held) == "timeout"
    assert asyncio.current_task().cancelling() == 0


async def test_calls_end_in_their_order_by_one_timer():
    deadlines, held = Deadlines(asyncio.get_running_loop()), []
    calls = [asyncio.ensure_future(late(deadlines, seconds, held)) for seconds in (0.003, 0.003, 0.001)]
    assert await asyncio.gather(*calls) == ["timeout"] * 3
    assert not deadlines._timers
    assert not deadlines._queues


async def test_a_call_that_ended_is_not_cancelled_by_its_deadline():
    deadlines = Deadlines(asyncio.get_running_loop())
    first = deadlines.start(0.001)
    first.ended = True
    second = deadlines.start(0.001)
    second.ended = True
    for _ in range(20):
        await asyncio.sleep(0.001)
        if not deadlines._timers:
            break
    assert [first.passed, second.passed] == [False, False]
    assert not deadlines._queues


async def test_what_ended_falls_off_the_front_so_that_queues_stay_short():
    deadlines = Deadlines(asyncio.get_running_loop())
    for _ in range(1000):
        deadlines.start(60.0).ended = True
    assert len(deadlines._queues[60.0]) <= 1
    deadlines.close()
    assert not deadlines._timers


async def test_a_cancellation_from_elsewhere_stays_one():
    deadlines, held = Deadlines(asyncio.get_running_loop()), []
    call = asyncio.ensure_future(late(deadlines, 60.0, held))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    deadlines.close()


async def test_a_cancellation_at_the_same_moment_as_the_deadline_stays_one():
    deadlines, held = Deadlines(asyncio.get_running_loop()), []
    call = asyncio.ensure_future(late(deadlines, 60.0, held))
    await asyncio.sleep(0)
    held[0].at = 0.0
    deadlines._due(60.0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    deadlines.close()


async def test_the_timer_is_set_again_for_the_calls_behind_the_late_one():
    deadlines, held = Deadlines(asyncio.get_running_loop()), []
    calls = [asyncio.ensure_future(late(deadlines, 60.0, held)) for _ in range(2)]
    await asyncio.sleep(0)
    held[0].at = 0.0
    deadlines._due(60.0)
    assert await calls[0] == "timeout"
    assert not calls[1].done()
    assert deadlines._timers[60.0].when() == held[1].at
    calls[1].cancel()
    await asyncio.wait(calls)
    deadlines.close()
