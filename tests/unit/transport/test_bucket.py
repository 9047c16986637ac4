"""The token bucket, claim by claim, under a virtual clock."""

from __future__ import annotations

import asyncio

import pytest
from virtual_clock import virtual

from paymo_async.errors import RateLimitTooLong
from paymo_async.transport.bucket import TokenBucket


def told(limit=None, period=None, remaining=None, retry_after=None):
    names = {
        "X-Ratelimit-Limit": limit,
        "X-Ratelimit-Decay-Period": period,
        "X-Ratelimit-Remaining": remaining,
        "Retry-After": retry_after,
    }
    return {name: str(value) for name, value in names.items() if value is not None}


def now():
    return asyncio.get_running_loop().time()


def bucket(limit=5, period=5.0, **named):
    """A bucket on the virtual clock; with its own setting, so that no first call goes alone."""
    return TokenBucket(limit=limit, period=period, clock=asyncio.get_running_loop().time, **named)


def fresh():
    """A bucket that knows nothing yet."""
    return TokenBucket(clock=asyncio.get_running_loop().time)


async def took_all(limiter, count=5):
    return [await limiter.acquire(max_wait=0) for _ in range(count)]


async def until(moment):
    await asyncio.sleep(moment - now())


async def settle():
    """Lets every task go as far as it can without time passing."""
    for _ in range(5):
        await asyncio.sleep(0)


class Calls:
    """Calls that wait in line, and the order and time in which they were let through."""

    def __init__(self, limiter):
        self.limiter = limiter
        self.went: list[tuple[str, float]] = []
        self.permits = {}
        self.tasks = {}

    async def _wait(self, name, options):
        self.permits[name] = await self.limiter.acquire(**options)
        self.went.append((name, round(now(), 3)))

    async def add(self, *names, **options):
        for name in names:
            self.tasks[name] = asyncio.create_task(self._wait(name, options))
        await settle()

    @property
    def order(self):
        return [name for name, _ in self.went]


# -- tokens ------------------------------------------------------------------------------------------------------------


@virtual
async def test_a_token_comes_back_one_period_after_the_headers():
    limiter = bucket()
    permits = await took_all(limiter)
    await until(0.3)
    permits[0].answered({})
    later = await limiter.acquire()
    assert now() == pytest.approx(5.3)
    assert later.waited == pytest.approx(5.0)


@virtual
async def test_free_tokens_are_taken_without_waiting():
    limiter = bucket()
    assert [permit.waited for permit in await took_all(limiter)] == [0.0] * 5
    assert now() == 0.0


@virtual
async def test_a_call_that_was_not_sent_gives_its_token_back_at_once():
    limiter = bucket()
    permits = await took_all(limiter)
    calls = Calls(limiter)
    await calls.add("next")
    permits[2].unsent()
    await settle()
    assert calls.went == [("next", 0.0)]


@virtual
async def test_a_lost_call_gives_its_token_back_one_period_later():
    limiter = bucket()
    permits = await took_all(limiter)
    await until(2.0)
    permits[0].lost()
    await limiter.acquire()
    assert now() == pytest.approx(7.0)


@virtual
async def test_a_call_lost_on_its_way_counts_as_answered_when_the_slowest_answer_would_have_come():
    limiter = bucket()
    permits = await took_all(limiter)
    await until(0.8)
    permits[0].answered({})
    permits[1].answered({})
    await until(5.8)
    again = await limiter.acquire()
    await until(5.9)
    again.lost()
    await limiter.acquire()
    await limiter.acquire()
    assert now() == pytest.approx(5.8 + 0.8 + 5.0)


@virtual
async def test_tokens_come_back_in_order_of_time_though_a_lost_one_was_put_in_between():
    limiter = bucket()
    permits = await took_all(limiter)
    await until(1.0)
    permits[0].answered({})
    await until(6.0)
    late = await limiter.acquire()
    late.lost()
    permits[1].answered({})
    await limiter.acquire()
    assert now() == pytest.approx(11.0)
    await limiter.acquire()
    assert now() == pytest.approx(12.0)


@virtual
async def test_only_the_first_ending_of_a_permit_counts():
    limiter = bucket()
    (permit,) = await took_all(limiter, 1)
    permit.unsent()
    permit.answered(told(limit=1))
    permit.lost()
    assert permit.rejected(told(retry_after=9)) == 0.0
    state = limiter.snapshot()
    assert (state.free, state.in_flight, state.cooling, state.shut_for, state.limit) == (5, 0, 0, 0.0, 5)


@virtual
async def test_a_permit_left_without_an_ending_is_lost():
    limiter = bucket()
    with pytest.raises(KeyError), await limiter.acquire():
        raise KeyError
    with await limiter.acquire() as permit:
        permit.unsent()
    assert (limiter.snapshot().in_flight, limiter.snapshot().cooling) == (0, 1)


@virtual
async def test_a_snapshot_shows_tokens_lanes_and_gate():
    limiter = bucket()
    permits = await took_all(limiter)
    permits[0].answered(told(limit=5, period=5))
    permits[1].unsent()
    state = limiter.snapshot()
    assert (state.limit, state.period, state.free, state.in_flight, state.cooling) == (5, 5.0, 1, 3, 1)
    assert state.learned
    assert state.shut_for == 0.0
    permits[2].rejected(told(retry_after=7))
    calls = Calls(limiter)
    await calls.add("a", "b")
    await calls.add("again", first=True)
    await calls.add("c", priority="background")
    state = limiter.snapshot()
    assert state.waiting == {"interactive": 3, "background": 1}
    assert state.shut_for == 7.0
    assert repr(limiter) == "TokenBucket(5 per 5 s: 1 free, 2 in flight, 4 waiting, shut for 7.0 s)"


@pytest.mark.parametrize("setting", [{"limit": 0}, {"limit": -1}, {"period": 0}, {"period": float("inf")}], ids=str)
def test_an_impossible_setting_is_refused(setting):
    with pytest.raises(ValueError, match="must be"):
        TokenBucket(**setting)


# -- the first call ----------------------------------------------------------------------------------------------------


@virtual
async def test_the_first_call_goes_alone_until_its_answer():
    limiter = fresh()
    calls = Calls(limiter)
    await calls.add("a", "b", "c")
    await until(0.5)
    assert calls.order == ["a"]
    calls.permits["a"].answered(told(limit=5, period=5))
    await settle()
    assert calls.went[1:] == [("b", 0.5), ("c", 0.5)]


@virtual
async def test_an_answer_without_headers_also_lets_the_rest_go():
    limiter = fresh()
    calls = Calls(limiter)
    await calls.add("a", "b")
    calls.permits["a"].answered({})
    await settle()
    assert calls.order == ["a", "b"]
    assert not limiter.snapshot().learned


@pytest.mark.parametrize("ending", ["unsent", "lost"])
@virtual
async def test_when_the_first_call_has_no_answer_the_next_goes_alone(ending):
    limiter = fresh()
    calls = Calls(limiter)
    await calls.add("a", "b", "c")
    getattr(calls.permits["a"], ending)()
    await until(1.0)
    assert calls.order == ["a", "b"]


@virtual
async def test_a_first_call_that_takes_longer_than_a_period_lets_another_go():
    limiter = fresh()
    calls = Calls(limiter)
    await calls.add("a", "b", "c")
    await until(6.0)
    assert calls.went == [("a", 0.0), ("b", 5.0)]
    calls.permits["a"].answered({})
    await settle()
    assert calls.order == ["a", "b", "c"]


@virtual
async def test_an_own_setting_needs_no_first_call_alone():
    assert len(await took_all(bucket(limit=3, period=1.0), 3)) == 3


# -- lanes -------------------------------------------------------------------------------------------------------------


@virtual
async def test_callers_of_one_lane_go_in_the_order_in_which_they_came():
    limiter = bucket(limit=1, period=1.0)
    calls = Calls(limiter)
    await calls.add(*"abcde")
    for name in "abcde":
        calls.permits[name].unsent()
        await settle()
    assert calls.order == [*"abcde"]


@virtual
async def test_background_callers_wait_while_interactive_ones_are_in_line():
    limiter = bucket(limit=1, period=1.0)
    (permit,) = await took_all(limiter, 1)
    calls = Calls(limiter)
    await calls.add("x", "y", priority="background")
    await calls.add("a", "b")
    permit.unsent()
    await settle()
    for name in "abx":
        calls.permits[name].unsent()
        await settle()
    assert calls.order == [*"abxy"]


@virtual
async def test_rejected_calls_go_before_all_others_and_keep_their_order():
    limiter = bucket(limit=1, period=1.0)
    (permit,) = await took_all(limiter, 1)
    calls = Calls(limiter)
    await calls.add("x", priority="background")
    await calls.add("a")
    await calls.add("r1", "r2", first=True, priority="background")
    permit.unsent()
    await settle()
    for name in ("r1", "r2", "a"):
        calls.permits[name].unsent()
        await settle()
    assert calls.order == ["r1", "r2", "a", "x"]


@virtual
async def test_a_newcomer_does_not_pass_those_in_line_though_a_token_is_due():
    limiter = bucket(limit=1, period=1.0)
    (permit,) = await took_all(limiter, 1)
    permit.answered({})
    calls = Calls(limiter)
    await calls.add("a")
    # The token is due, and the timer that lets `a` through has not run yet.
    asyncio.get_running_loop()._jump.now = 1.5
    newcomer = asyncio.create_task(limiter.acquire())
    await until(1.6)
    assert calls.order == ["a"]
    assert not newcomer.done()
    newcomer.cancel()


@virtual
async def test_one_timer_serves_all_who_wait():
    limiter = bucket()
    for permit in await took_all(limiter):
        permit.answered({})
    loop = asyncio.get_running_loop()
    set_timers = []
    call_later = loop.call_later
    loop.call_later = lambda *given: set_timers.append(given) or call_later(*given)
    waiting = [asyncio.create_task(limiter.acquire(max_wait=100)) for _ in range(1000)]
    await settle()
    assert len(set_timers) == 1
    for task in waiting:
        task.cancel()
    await settle()
    assert not limiter.snapshot().waiting["interactive"]


# -- max_wait ----------------------------------------------------------------------------------------------------------


@virtual
async def test_a_wait_that_is_known_to_be_too_long_is_refused_at_once():
    limiter = bucket()
    for permit in await took_all(limiter):
        permit.answered({})
    await until(1.0)
    with pytest.raises(RateLimitTooLong) as refused:
        await limiter.acquire(max_wait=3.5)
    assert now() == 1.0
    assert refused.value.retry_after == pytest.approx(4.0)
    assert (refused.value.limit, refused.value.period) == (5, 5.0)


@virtual
async def test_a_wait_that_may_just_be_long_enough_is_waited():
    limiter = bucket()
    for permit in await took_all(limiter):
        permit.answered({})
    permit = await limiter.acquire(max_wait=5.001)
    assert permit.waited == pytest.approx(5.0)


@virtual
async def test_the_place_in_line_counts_for_the_wait():
    limiter = bucket()
    for permit in await took_all(limiter):
        permit.answered({})
    calls = Calls(limiter)
    await calls.add(*"abcdefg")
    with pytest.raises(RateLimitTooLong) as refused:
        await limiter.acquire(max_wait=9.0)
    assert refused.value.retry_after == pytest.approx(10.0)
    with pytest.raises(RateLimitTooLong):
        await limiter.acquire(max_wait=9.0, priority="background")
    await calls.add("r", first=True, max_wait=9.0)
    assert limiter.snapshot().waiting["interactive"] == 8


@virtual
async def test_calls_in_flight_are_taken_to_end_now():
    limiter = bucket()
    await took_all(limiter)
    with pytest.raises(RateLimitTooLong) as refused:
        await limiter.acquire(max_wait=4.9)
    assert refused.value.retry_after == 5.0


@virtual
async def test_no_wait_at_all_is_refused_where_none_is_known_either():
    limiter = fresh()
    await limiter.acquire()
    with pytest.raises(RateLimitTooLong):
        await limiter.acquire(max_wait=0)


@virtual
async def test_a_wait_that_gets_longer_than_thought_ends_when_it_is_up():
    limiter = bucket()
    permits = await took_all(limiter)
    other = asyncio.create_task(limiter.acquire(max_wait=60))
    with pytest.raises(RateLimitTooLong):
        await limiter.acquire(max_wait=6.0)
    assert now() == pytest.approx(6.0)
    permits[0].unsent()
    await settle()
    assert other.done()


@virtual
async def test_a_caller_that_was_let_through_is_not_refused_later():
    limiter = bucket()
    permits = await took_all(limiter)
    calls = Calls(limiter)
    await calls.add("a", max_wait=6.0)
    await calls.add("b")
    permits[0].unsent()
    await until(10.0)
    assert calls.order == ["a"]
    assert calls.tasks["a"].exception() is None
    calls.tasks["b"].cancel()


@virtual
async def test_a_429_refuses_those_at_once_who_cannot_wait_for_the_gate():
    limiter = bucket()
    permits = await took_all(limiter)
    calls = Calls(limiter)
    await calls.add("patient", max_wait=50)
    await calls.add("hurried", "too", max_wait=10)
    await calls.add("endless")
    permits[0].rejected(told(retry_after=30))
    await settle()
    assert calls.tasks["hurried"].exception().retry_after == pytest.approx(30.0)
    assert isinstance(calls.tasks["too"].exception(), RateLimitTooLong)
    assert limiter.snapshot().waiting["interactive"] == 2
    with pytest.raises(RateLimitTooLong):
        await limiter.acquire(max_wait=10)
    for name in ("patient", "endless"):
        calls.tasks[name].cancel()
