"""Fan-out: outcomes, order, width, back-pressure, errors, cancellation, progress."""

from __future__ import annotations

import asyncio
import gc
import itertools
import random
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paymo_async.fanout import FanOut, Many, Outcome, Progress, little
from paymo_async.transport.stats import current_call


class Work:
    """Calls that end when told to, and remember how many ran at once."""

    def __init__(self) -> None:
        self.running = 0
        self.most = 0
        self.started: list[int] = []
        self.gates: dict[int, asyncio.Event] = {}

    async def __call__(self, item: int) -> int:
        self.started.append(item)
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0)
        try:
            await self.gates.setdefault(item, asyncio.Event()).wait()
        finally:
            self.running -= 1
        return item * 10

    def end(self, *items: int) -> None:
        for item in items:
            self.gates.setdefault(item, asyncio.Event()).set()


async def tick(turns: int = 12) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


def width(n: int):
    return lambda: n


async def times_ten(item: int) -> int:
    await asyncio.sleep(0)
    return item * 10


def other_tasks() -> set[asyncio.Task]:
    return asyncio.all_tasks() - {asyncio.current_task()}


async def test_every_item_has_an_outcome_with_its_value():
    outcomes = [outcome async for outcome in FanOut(times_ten, [1, 2, 3], width=width(2))]
    assert sorted((o.item, o.value, o.ok, o.index) for o in outcomes) == [
        (1, 10, True, 0),
        (2, 20, True, 1),
        (3, 30, True, 2),
    ]


async def test_outcomes_come_as_calls_end():
    work = Work()
    run = FanOut(work, [1, 2, 3], width=width(3))
    first = asyncio.ensure_future(anext(run))
    await tick()
    work.end(3)
    assert (await first).item == 3
    work.end(1, 2)
    assert {o.item for o in [o async for o in run]} == {1, 2}


async def test_ordered_outcomes_come_in_the_inputs_order():
    work = Work()
    run = FanOut(work, [1, 2, 3], width=width(3), ordered=True)
    first = asyncio.ensure_future(anext(run))
    await tick()
    work.end(3, 2)
    await tick()
    assert not first.done()
    work.end(1)
    assert [(await first).item] + [o.item async for o in run] == [1, 2, 3]


async def test_await_gives_all_outcomes_in_order_and_values_the_values():
    assert [o.item for o in await FanOut(times_ten, [3, 1, 2], width=width(9))] == [3, 1, 2]
    assert await FanOut(times_ten, [3, 1, 2], width=width(9)).values() == [30, 10, 20]


async def test_no_more_than_width_calls_run_at_once():
    work = Work()
    work.end(*range(20))
    await FanOut(work, range(20), width=width(4))
    assert work.most == 4


async def test_an_endless_input_is_taken_only_as_outcomes_are():
    work = Work()
    counter = itertools.count()
    run = FanOut(work, counter, width=width(3))
    work.end(*range(100))
    assert (await anext(run)).item == 0
    await tick(50)
    assert next(counter) <= 1 + 2 * 3 + 1  # taken, waiting to be taken, running, and the one pulled here
    await run.aclose()


async def test_an_async_input_is_gone_through_and_closed_when_left():
    closed = False

    async def numbers() -> AsyncIterator[int]:
        nonlocal closed
        try:
            for n in itertools.count():
                yield n
        finally:
            closed = True

    async with FanOut(times_ten, numbers(), width=width(2)) as run:
        assert (await anext(run)).value == 0
    assert closed


async def test_an_async_iterable_that_is_no_generator_works_too():
    class Two:
        def __aiter__(self):
            self.left = [1, 2]
            return self

        async def __anext__(self):
            if not self.left:
                raise StopAsyncIteration
            return self.left.pop()

    assert sorted(o.item for o in await FanOut(times_ten, Two(), width=width(2))) == [1, 2]


async def test_an_error_is_an_outcome_and_the_others_go_on():
    async def odd_fails(n: int) -> int:
        if n % 2:
            raise ValueError(n)
        return n

    outcomes = await FanOut(odd_fails, range(4), width=width(2))
    assert [o.ok for o in outcomes] == [True, False, True, False]
    assert outcomes[2].result() == 2
    with pytest.raises(ValueError, match="1"):
        outcomes[1].result()
    with pytest.raises(ValueError, match="1"):
        await FanOut(odd_fails, range(4), width=width(2)).values()


async def test_raise_first_cancels_all_others_and_raises():
    work = Work()

    async def call(n: int) -> int:
        if n == 2:
            raise KeyError(n)
        return await work(n)

    with pytest.raises(KeyError):
        async for _ in FanOut(call, range(10), width=width(5), raise_first=True):
            pass
    assert work.running == 0
    assert not other_tasks()


async def test_an_error_of_the_input_is_raised_after_what_was_begun():
    def items():
        yield 1
        raise RuntimeError("input broke")

    run = FanOut(times_ten, items(), width=width(3))
    assert (await anext(run)).value == 10
    with pytest.raises(RuntimeError, match="input broke"):
        await anext(run)
    with pytest.raises(StopAsyncIteration):
        await anext(run)


async def test_leaving_the_loop_cancels_what_runs():
    work = Work()
    work.end(0)
    async for _ in FanOut(work, range(10), width=width(4)):
        break
    gc.collect()
    await tick()
    assert work.running == 0
    assert not other_tasks()


async def test_cancelling_the_consumer_cancels_every_call_before_it_ends():
    work = Work()

    async def consume() -> None:
        async for _ in FanOut(work, range(10), width=width(4)):
            pass

    task = asyncio.ensure_future(consume())
    await tick()
    assert work.running == 4
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.running == 0
    assert not other_tasks()


async def test_a_closed_fan_out_is_at_its_end():
    run = FanOut(times_ten, [1], width=width(1))
    await run.aclose()
    assert [o async for o in run] == []


def test_a_fan_out_outlives_its_loop_without_harm():
    async def begin() -> FanOut:
        run = FanOut(times_ten, range(9), width=width(2))
        await anext(run)
        return run

    run = asyncio.run(begin())
    del run
    gc.collect()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), ordered=st.booleans(), n=st.integers(1, 30), wide=st.integers(1, 8))
def test_cancelled_at_any_moment_no_task_is_left_running(seed: int, ordered: bool, n: int, wide: int):
    rng = random.Random(seed)

    async def call(item: int) -> int:
        for _ in range(rng.randrange(4)):
            await asyncio.sleep(0)
        if rng.random() < 0.1:
            raise ValueError
        return item

    async def main() -> None:
        async def consume() -> None:
            async for _ in FanOut(call, range(n), width=width(wide), ordered=ordered):
                await asyncio.sleep(0)

        task = asyncio.ensure_future(consume())
        for _ in range(rng.randrange(40)):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert not other_tasks()

    asyncio.run(main())


async def test_attempts_and_waits_are_counted_for_each_item_apart():
    async def call(n: int) -> None:
        stats = current_call.get()
        assert stats is not None
        stats.attempts += n
        await asyncio.sleep(0)
        stats.waited += n / 2

    outcomes = await FanOut(call, [1, 2, 3], width=width(3))
    assert [(o.attempts, o.waited) for o in outcomes] == [(1, 0.5), (2, 1.0), (3, 1.5)]
    assert current_call.get() is None


async def test_progress_is_told_after_each_and_can_be_watched():
    told: list[Progress] = []
    run = FanOut(times_ten, [1, 2, 3], width=width(1), on_progress=told.append)
    seen: list[Progress] = []

    async def watch() -> None:
        async for progress in run.watch():
            seen.append(progress)

    watcher = asyncio.ensure_future(watch())
    await run
    await watcher
    assert [p.done for p in told] == [1, 2, 3]
    assert told[-1] == Progress(total=3, started=3, running=0, done=3, failed=0)
    assert seen[0].done == 0
    assert seen[-1] == run.progress == told[-1]
    assert "done=3" in repr(run)


async def test_what_a_progress_function_raises_ends_the_fan_out():
    def told(_: Progress) -> None:
        raise LookupError("display broke")

    with pytest.raises(LookupError):
        await FanOut(times_ten, [1, 2, 3], width=width(1), on_progress=told)


async def test_many_flattens_batches_into_outcomes_by_id():
    async def batch(ids: list[int]) -> list[Outcome[int, str]]:
        return [Outcome(i, str(i) if i != 3 else None, None if i != 3 else KeyError(i), index=i) for i in ids]

    def many() -> Many[int, str]:
        return Many(FanOut(batch, [[2, 1], [0]], width=width(1)), 3)

    assert await many() == ["0", "1", "2"]
    run = many()
    assert [o.item async for o in run] == [2, 1, 0]
    assert run.progress == Progress(3, 2, 0, 3, 0)
    assert "done=3" in repr(run)
    async with Many(FanOut(batch, [[3]], width=width(1)), 1) as failing:
        assert [o.ok for o in await failing.outcomes()] == [False]
    with pytest.raises(KeyError):
        await Many(FanOut(batch, [[3]], width=width(1)), 1)


@pytest.mark.parametrize(
    ("limit", "period", "latency", "expected"),
    [
        (5, 5.0, None, 6),
        (5, 5.0, 0.2, 6),
        (10, 1.0, 3.0, 31),
        (1, 1.0, 0.0, 2),
        (5, 1.0, 1e9, 101),
        (1_000_000, 1.0, 0.1, 101),
    ],
)
def test_littles_law_sets_the_width(limit: int, period: float, latency: float | None, expected: int):
    assert little(limit, period, latency) == expected
