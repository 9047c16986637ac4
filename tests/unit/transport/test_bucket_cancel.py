"""Callers of the token bucket that are cancelled at any moment, and event loops that end under it."""

from __future__ import annotations

import asyncio

import pytest
from test_bucket import Calls, bucket, settle, told, took_all
from virtual_clock import VirtualLoop, virtual

from paymo_async.errors import RateLimitTooLong
from paymo_async.transport.bucket import TokenBucket


@virtual
async def test_a_cancelled_waiter_leaves_the_line():
    limiter = bucket(limit=1, period=1.0)
    (permit,) = await took_all(limiter, 1)
    calls = Calls(limiter)
    await calls.add("a", "b")
    calls.tasks["a"].cancel()
    await settle()
    permit.unsent()
    await settle()
    assert calls.order == ["b"]


@virtual
async def test_a_waiter_cancelled_just_when_it_was_let_through_gives_its_token_to_the_next():
    limiter = bucket(limit=1, period=1.0)
    (permit,) = await took_all(limiter, 1)
    calls = Calls(limiter)
    await calls.add("a", "b")
    permit.unsent()
    calls.tasks["a"].cancel()
    await settle()
    assert calls.order == ["b"]
    assert limiter.snapshot().in_flight == 1


@virtual
async def test_a_token_freed_while_a_cancelled_waiter_is_still_in_line_goes_to_the_next():
    limiter = bucket(limit=1, period=1.0)
    (permit,) = await took_all(limiter, 1)
    calls = Calls(limiter)
    await calls.add("a", "b")
    calls.tasks["a"].cancel()
    permit.unsent()
    await settle()
    assert calls.order == ["b"]


@virtual
async def test_a_waiter_cancelled_just_when_it_was_refused_is_cancelled():
    limiter = bucket(limit=1, period=1.0)
    (permit,) = await took_all(limiter, 1)
    calls = Calls(limiter)
    await calls.add("a", max_wait=2.0)
    permit.rejected(told(retry_after=30))
    calls.tasks["a"].cancel()
    await settle()
    assert calls.tasks["a"].cancelled()
    assert limiter.snapshot().in_flight == 0


@virtual
async def test_a_waiter_cancelled_before_the_gate_refuses_it_is_only_cancelled():
    limiter = bucket(limit=1, period=1.0)
    (permit,) = await took_all(limiter, 1)
    calls = Calls(limiter)
    await calls.add("a", max_wait=2.0)
    calls.tasks["a"].cancel()
    permit.rejected(told(retry_after=30))
    await settle()
    assert calls.tasks["a"].cancelled()


# -- event loops -------------------------------------------------------------------------------------------------------


def closing(main):
    """Runs on a fresh virtual loop and closes it without letting its tasks end."""
    loop = VirtualLoop()
    result = loop.run_until_complete(main)
    for task in asyncio.all_tasks(loop):
        task._log_destroy_pending = False
    loop.close()
    return result


def test_a_bucket_goes_on_after_its_event_loop_was_closed_with_callers_in_line():
    clock = [0.0]
    limiter = TokenBucket(limit=2, period=5.0, clock=lambda: clock[0])
    permits = []

    async def leave_callers_behind():
        permits.extend(await took_all(limiter, 2))
        tasks = [asyncio.create_task(limiter.acquire()) for _ in range(3)]
        await settle()
        return tasks

    kept = closing(leave_callers_behind())
    permits[0].answered({})  # an ending after the loop's end wakes nobody
    clock[0] = 1.0

    async def go_on():
        with pytest.raises(RateLimitTooLong):
            await limiter.acquire(max_wait=1.0)
        state = limiter.snapshot()
        assert (state.free, state.in_flight, state.cooling) == (0, 0, 2)
        permits[1].unsent()  # its call was given up with its loop
        clock[0] = 7.0
        assert len(await took_all(limiter, 2)) == 2

    closing(go_on())
    assert all(not task.done() for task in kept)


def test_a_bucket_in_use_on_one_event_loop_is_refused_on_another():
    limiter = TokenBucket(limit=1, period=5.0)
    first, second = VirtualLoop(), VirtualLoop()

    async def leave_a_caller_in_line():
        await limiter.acquire()
        return asyncio.create_task(limiter.acquire())

    async def ask():
        with pytest.raises(RuntimeError, match="one bucket per loop"):
            await limiter.acquire()

    waiting = first.run_until_complete(leave_a_caller_in_line())
    first.run_until_complete(asyncio.sleep(0))
    second.run_until_complete(ask())
    waiting.cancel()
    first.run_until_complete(asyncio.wait([waiting]))
    first.close()
    second.close()


def test_an_idle_bucket_moves_to_another_open_event_loop_with_its_tokens():
    limiter = TokenBucket(limit=1, period=5.0)
    first, second = VirtualLoop(), VirtualLoop()
    permit = first.run_until_complete(limiter.acquire())

    async def wait_there():
        task = asyncio.create_task(limiter.acquire())
        await settle()
        permit.unsent()
        return await task

    assert second.run_until_complete(wait_there()).waited >= 0.0
    first.close()
    second.close()
