"""The bucket that processes share, against a real Redis: one limit for all, whatever dies."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from paymo_async.errors import LimiterUnavailable, RateLimitTooLong
from paymo_async.transport.bucket import Limiter
from paymo_async.transport.redis_bucket import RedisTokenBucket

Redis = pytest.importorskip("redis.asyncio", reason="needs redis, of the extra `redis`").Redis

LIMIT, PERIOD = 5, 0.3
TOLD = {"X-Ratelimit-Limit": str(LIMIT), "X-Ratelimit-Decay-Period": str(PERIOD)}


@asynccontextmanager
async def shared(socket, key, **settings) -> AsyncIterator[RedisTokenBucket]:
    redis = Redis(unix_socket_path=socket)
    limiter = RedisTokenBucket(redis, key=key, **{"limit": LIMIT, "period": PERIOD} | settings)
    yield limiter
    await limiter.aclose()
    await redis.aclose()


def most_in_any_window(moments):
    moments = sorted(moments)
    return max(sum(start <= moment < start + PERIOD - 1e-4 for moment in moments) for start in moments)


async def took(limiter, count):
    return [await limiter.acquire(max_wait=0) for _ in range(count)]


async def wait_in_line(limiter, count, **options):
    """Callers in line, one after the other."""
    tasks = []
    for _ in range(count):
        tasks.append(asyncio.create_task(limiter.acquire(**options)))
        await asyncio.sleep(0)
    return tasks


async def state_after_writing(limiter):
    await limiter._written()
    await limiter._run("look")
    return limiter.snapshot()


# -- other processes, which `spawn` imports ---------------------------------------------------------------------------


def hammer(socket, key, calls, seed, results):
    async def main():
        dice, arrived = random.Random(seed), []
        async with shared(socket, key) as limiter:

            async def call():
                with await limiter.acquire() as permit:
                    await asyncio.sleep(dice.uniform(0.001, 0.01))
                    arrived.append(time.monotonic())
                    await asyncio.sleep(dice.uniform(0.001, 0.01))
                    permit.answered(TOLD)

            await asyncio.gather(*(call() for _ in range(calls)))
        return arrived

    results.put(asyncio.run(main()))


def hold_all_and_wait(socket, key, ready):
    async def main():
        async with shared(socket, key, lease=1.0) as limiter:
            await took(limiter, LIMIT)
            (_,) = await wait_in_line(limiter, 1)
            await asyncio.sleep(0.1)
            ready.set()
            await asyncio.Event().wait()

    asyncio.run(main())


def test_three_processes_together_keep_the_limit_in_every_window(server, key):
    spawn = multiprocessing.get_context("spawn")
    results = spawn.Queue()
    workers = [spawn.Process(target=hammer, args=(server, key, 12, seed, results)) for seed in range(3)]
    for worker in workers:
        worker.start()
    arrived = [moment for _ in workers for moment in results.get(timeout=40)]
    for worker in workers:
        worker.join()
    assert len(arrived) == 36
    assert most_in_any_window(arrived) <= LIMIT


async def test_the_tokens_and_the_place_in_line_of_a_killed_process_come_back(server, key):
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Event()
    worker = spawn.Process(target=hold_all_and_wait, args=(server, key, ready))
    worker.start()
    assert await asyncio.to_thread(ready.wait, 40)
    worker.kill()
    async with shared(server, key, lease=1.0) as limiter:
        with pytest.raises(RateLimitTooLong):
            await limiter.acquire(max_wait=0)
        async with asyncio.timeout(10):
            permits = [await limiter.acquire() for _ in range(LIMIT)]
        assert permits[0].waited > 0.3
    worker.join()


# -- one process ------------------------------------------------------------------------------------------------------


async def test_it_is_a_limiter(server, key):
    async with shared(server, key) as limiter:
        a_limiter: Limiter = limiter
        assert (await a_limiter.acquire()).waited >= 0.0


async def test_a_token_comes_back_one_period_after_the_answer_for_all_processes(server, key):
    async with shared(server, key) as one, shared(server, key) as other:
        for permit in await took(one, LIMIT):
            permit.answered(TOLD)
        answered = time.monotonic()
        await one.aclose()
        await other.acquire()
        assert 0.28 <= time.monotonic() - answered < 5


async def test_callers_of_one_process_go_in_order_and_rejected_ones_first(server, key):
    order = []

    async def call(name, **options):
        permit = await limiter.acquire(**options)
        order.append(name)
        permit.unsent()

    async with shared(server, key, limit=1) as limiter:
        (held,) = await took(limiter, 1)
        async with asyncio.TaskGroup() as group:
            group.create_task(call("background", priority="background"))
            group.create_task(call("a"))
            group.create_task(call("b"))
            group.create_task(call("rejected", first=True))
            await asyncio.sleep(0.05)
            assert limiter.snapshot().waiting == {"interactive": 3, "background": 1}
            held.unsent()
    assert order == ["rejected", "a", "b", "background"]


async def test_processes_take_turns(server, key):
    order = []

    async def call(limiter, name):
        with await limiter.acquire() as permit:
            order.append(name)
            permit.answered(TOLD)

    async with shared(server, key, limit=1) as one, shared(server, key, limit=1) as other:
        for limiter in (one, other):
            await state_after_writing(limiter)
        await asyncio.gather(*(call(*pair) for pair in [(one, "one"), (other, "other")] * 3))
    assert order in (["one", "other"] * 3, ["other", "one"] * 3)


async def test_the_first_call_of_all_processes_goes_alone(server, key):
    async with shared(server, key, limit=None, period=None) as one, shared(server, key, limit=None, period=None) as two:
        (permit,) = await took(one, 1)
        for limiter in (one, two):
            with pytest.raises(RateLimitTooLong):
                await limiter.acquire(max_wait=0)
        waiting = [*await wait_in_line(one, 1), *await wait_in_line(two, 1)]
        permit.answered(TOLD)
        async with asyncio.timeout(5):
            await asyncio.gather(*waiting)
        assert (await state_after_writing(two)).limit == LIMIT


async def test_a_429_shuts_the_gate_for_all_processes_then_one_probe_goes_alone(server, key):
    async with shared(server, key) as one, shared(server, key) as other:
        permits = await took(one, 2)
        assert permits[0].rejected({**TOLD, "Retry-After": "0.6"}) == 0.6
        permits[1].answered(TOLD)
        shut = time.monotonic()
        await one._written()
        with pytest.raises(RateLimitTooLong) as refused:
            await other.acquire(max_wait=0.2)
        assert 0.3 < refused.value.retry_after <= 0.6
        waiting = [*await wait_in_line(other, 2), *await wait_in_line(one, 2)]
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        assert time.monotonic() - shut >= 0.6
        more, pending = await asyncio.wait(set(waiting) - done, timeout=0.1)
        assert (len(done), len(more)) == (1, 0)
        (probe,) = done
        probe.result().answered(TOLD)
        async with asyncio.timeout(5):
            await asyncio.gather(*pending)


async def test_a_rejected_probe_shuts_the_gate_again_and_a_lost_one_hands_over(server, key):
    async with shared(server, key) as limiter:
        (permit,) = await took(limiter, 1)
        assert permit.rejected({}) == PERIOD
        probe = await limiter.acquire()
        probe.rejected({"Retry-After": "0.4"})
        rejected = time.monotonic()
        second = await limiter.acquire()
        assert time.monotonic() - rejected >= 0.39
        second.lost()
        third = await limiter.acquire()
        third.unsent()
        fourth = await limiter.acquire()
        fourth.answered({})
        assert (await state_after_writing(limiter)).in_flight == 0


async def test_limits_are_learned_for_all_down_at_once_and_up_when_two_agree(server, key):
    async with shared(server, key, limit=None, period=None) as one, shared(server, key, limit=None, period=None) as two:
        limits = []
        for told in ("3", "9", "7", "9", "9"):
            permit = await one.acquire()
            permit.answered({"X-Ratelimit-Limit": told, "X-Ratelimit-Decay-Period": "0.2"})
            await one._written()
            limits.append((await state_after_writing(two)).limit)
        assert limits == [3, 3, 3, 3, 9]
        assert two.snapshot().period == pytest.approx(0.2)
        assert two.snapshot().learned


async def test_the_strictest_own_setting_of_all_processes_holds(server, key):
    async with shared(server, key, limit=4, period=0.2) as one, shared(server, key, limit=2, period=0.1) as two:
        await state_after_writing(two)
        state = await state_after_writing(one)
        assert (state.limit, state.period) == (2, pytest.approx(0.2))


async def test_calls_of_others_seen_in_the_headers_take_tokens(server, key):
    async with shared(server, key) as limiter:
        (permit,) = await took(limiter, 1)
        permit.answered({**TOLD, "X-Ratelimit-Remaining": "1"})
        assert (await state_after_writing(limiter)).free == 1


async def test_max_wait_counts_the_place_in_line_and_the_gate(server, key):
    async with shared(server, key) as limiter:
        permits = await took(limiter, LIMIT)
        for permit in permits[1:]:
            permit.answered(TOLD)
        waiting = await wait_in_line(limiter, 7)
        with pytest.raises(RateLimitTooLong) as refused:
            await limiter.acquire(max_wait=0.35)
        assert refused.value.retry_after > 0.35
        (hurried,) = await wait_in_line(limiter, 1, first=True, max_wait=0.5)
        (patient,) = await wait_in_line(limiter, 1, first=True, max_wait=60)
        await asyncio.sleep(0.02)
        permits[0].rejected({"Retry-After": "3"})
        with pytest.raises(RateLimitTooLong):
            await hurried
        assert not patient.done()
        for task in (*waiting, patient):
            task.cancel()
        await asyncio.wait([*waiting, patient])


async def test_a_caller_whose_wait_gets_longer_than_thought_is_refused_when_it_is_up(server, key):
    async with shared(server, key) as limiter:
        await took(limiter, LIMIT)
        (endless,) = await wait_in_line(limiter, 1)
        with pytest.raises(RateLimitTooLong):
            await limiter.acquire(max_wait=0.31)
        with pytest.raises(RateLimitTooLong):
            await limiter.acquire(max_wait=0.2)
        endless.cancel()
        await asyncio.wait([endless])


async def test_random_cancels_lose_no_token_and_break_no_limit(server, key):
    dice, arrived = random.Random(7), []

    async def call(limiter):
        with await limiter.acquire() as permit:
            await asyncio.sleep(dice.uniform(0.001, 0.01))
            arrived.append(time.monotonic())
            await asyncio.sleep(dice.uniform(0.001, 0.01))
            permit.answered(TOLD)

    async with shared(server, key) as one, shared(server, key) as other:
        calls = [asyncio.create_task(call(dice.choice([one, other]))) for _ in range(120)]
        loop = asyncio.get_running_loop()
        for task in calls:
            loop.call_later(dice.uniform(0, 1.5), task.cancel)
        await asyncio.wait(calls)
        await asyncio.sleep(0.7)
        await one._written()
        state = await state_after_writing(other)
        assert (state.in_flight, state.free) == (0, LIMIT)
        assert len(await took(one, LIMIT)) == LIMIT
    assert most_in_any_window(arrived) <= LIMIT


def when_redis_answers(limiter, step, act):
    """Does something as soon as the answer to a step has come, before the limiter sees it."""
    run = limiter._run

    async def acting(asked, *given):
        state = await run(asked, *given)
        if asked == step:
            await act()
        return state

    limiter._run = acting


@pytest.mark.parametrize("turns", [0, 3], ids=["still in line", "gone"])
async def test_a_token_for_a_caller_cancelled_meanwhile_goes_to_the_next_or_back(server, key, turns):
    async def cancel_the_first():
        first.cancel()
        for _ in range(turns):
            await asyncio.sleep(0)

    async with shared(server, key, limit=1) as limiter:
        when_redis_answers(limiter, "take", cancel_the_first)
        first, second = await wait_in_line(limiter, 2)
        (await second).unsent()
        (first,) = await wait_in_line(limiter, 1)
        await asyncio.wait([first])
        while limiter._pump is not None:
            await asyncio.sleep(0)
        state = await state_after_writing(limiter)
        assert (state.free, state.in_flight) == (1, 0)


async def test_a_caller_cancelled_just_when_it_was_let_through_gives_its_token_back(server, key):
    async with shared(server, key, limit=1) as limiter:
        (task,) = await wait_in_line(limiter, 1)
        while limiter.snapshot().waiting["interactive"]:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        assert (await state_after_writing(limiter)).free == 1


async def test_a_caller_cancelled_just_when_it_is_refused_is_only_cancelled(server, key):
    async def cancel():
        task.cancel()

    async with shared(server, key, limit=1) as limiter:
        (task,) = await wait_in_line(limiter, 1, max_wait=0.4)
        permit = await task
        (task,) = await wait_in_line(limiter, 1, max_wait=0.4)
        await asyncio.sleep(0.05)
        when_redis_answers(limiter, "rejected", cancel)
        permit.rejected({"Retry-After": "5"})
        await asyncio.wait([task])
        assert task.cancelled()


async def test_a_caller_cancelled_just_when_the_limiter_closes_is_only_cancelled(server, key):
    async with shared(server, key, limit=1) as limiter:
        await took(limiter, 1)
        (task,) = await wait_in_line(limiter, 1)
        await asyncio.sleep(0.05)
        limiter._line.next().future.cancel()
        (task2,) = await wait_in_line(limiter, 1)
        limiter._pump.cancel()
        task2.cancel()
        await asyncio.wait([task, task2])
        assert task.cancelled()
        assert task2.cancelled()


async def test_the_secret_key_is_not_stored(server):
    async with shared(server, "a-very-secret-key") as limiter:
        await limiter.acquire()
        redis = Redis(unix_socket_path=server)
        names = await redis.keys("*")
        await redis.aclose()
        assert names
        assert not any(b"secret" in name for name in names)
        assert "secret" not in repr(limiter)
        assert repr(limiter).startswith("RedisTokenBucket(5 per 0.3 s: ")


# -- without Redis ----------------------------------------------------------------------------------------------------


async def test_a_url_is_enough_and_its_connection_is_closed(server, key):
    limiter = RedisTokenBucket(f"unix://{server}", key=key)
    (await limiter.acquire()).answered({})
    await limiter.aclose()
    with pytest.raises(LimiterUnavailable, match="closed"):
        await limiter.acquire()


async def test_without_redis_the_error_says_what_to_do(tmp_path):
    async with shared(str(tmp_path / "none"), "k", timeout=0.1) as limiter:
        with pytest.raises(LimiterUnavailable, match='on_unavailable="local", local_share='):
            await limiter.acquire()
        with pytest.raises(LimiterUnavailable):
            await limiter.acquire(max_wait=5)


async def test_without_redis_a_local_share_of_the_limit_goes_on(tmp_path):
    async with shared(str(tmp_path / "none"), "k", timeout=0.1, on_unavailable="local", local_share=2) as limiter:
        assert len(await took(limiter, 2)) == 2
        with pytest.raises(RateLimitTooLong) as refused:
            await limiter.acquire(max_wait=0.1)
        assert (refused.value.limit, refused.value.period) == (2, PERIOD)


async def test_a_share_of_less_than_one_call_is_one_call_in_a_longer_period(tmp_path):
    async with shared(str(tmp_path / "none"), "k", timeout=0.1, on_unavailable="local", local_share=10) as limiter:
        await limiter.acquire()
        with pytest.raises(RateLimitTooLong) as refused:
            await limiter.acquire(max_wait=0)
        assert (refused.value.limit, refused.value.period) == (1, pytest.approx(2 * PERIOD))


async def test_when_redis_stops_callers_in_line_get_the_error_and_endings_are_no_error(start_redis, key, caplog):
    with start_redis() as (socket, process), caplog.at_level("WARNING"):
        async with shared(socket, key, timeout=0.2) as limiter:
            permits = await took(limiter, LIMIT)
            (waiting,) = await wait_in_line(limiter, 1)
            await asyncio.sleep(0.05)
            process.kill()
            process.wait()
            permits[0].answered(TOLD)
            with pytest.raises(LimiterUnavailable):
                await waiting
            await limiter._written()
            assert "until its lease ends" in caplog.text


async def test_when_redis_is_back_the_limit_is_shared_again(server, key):
    class Sometimes(Redis):
        away = True

        async def execute_command(self, *args, **options):
            if self.away:
                raise ConnectionError("away")
            return await super().execute_command(*args, **options)

    redis = Sometimes(unix_socket_path=server)
    limiter = RedisTokenBucket(redis, key=key, limit=LIMIT, period=PERIOD, on_unavailable="local", local_share=LIMIT)
    (await limiter.acquire()).answered(TOLD)
    redis.away = False
    assert len(await took_local_then_shared(limiter)) == LIMIT
    await limiter.aclose()
    await redis.aclose()


async def took_local_then_shared(limiter):
    await asyncio.sleep(PERIOD)
    return await took(limiter, LIMIT)


async def test_closing_ends_the_waits(server, key):
    async with shared(server, key) as limiter:
        await took(limiter, LIMIT)
        (waiting,) = await wait_in_line(limiter, 1)
        await asyncio.sleep(0.05)
        await limiter.aclose()
        with pytest.raises(LimiterUnavailable, match="stopped"):
            await waiting


@pytest.mark.parametrize(
    "settings", [{"limit": 0}, {"period": 0.0}, {"period": float("inf")}, {"lease": 0.0}, {"local_share": 0}], ids=str
)
def test_an_impossible_setting_is_refused(settings):
    with pytest.raises(ValueError, match="must be at least"):
        RedisTokenBucket(None, key="k", **settings)


def test_without_the_package_redis_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(ImportError, match=r"paymo_async\[redis\]"):
        RedisTokenBucket("redis://127.0.0.1:1", key="k")
