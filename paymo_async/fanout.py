"""Many calls at once, an `Outcome` for each.

    async for outcome in paymo.map(paymo.reports.get, ids):
        if outcome.ok:
            print(outcome.item, outcome.value.name)

Items are taken from the input only when there is room for them, so that it may be endless: at most `width` calls run,
and at most as many outcomes wait to be taken. The width follows the account's rate and the service's latency, by
Little's law: calls under way = calls per second times seconds per call. More would only stand in the limiter's line;
fewer would leave tokens unused when a whole window's worth comes back at once, so it is never below the limit itself.

What runs is held by an engine, and the engine by its tasks; what the user holds is a handle. So leaving an
`async for` early drops the handle, and the handle's end cancels the engine, in the same moment.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Sized,
)
from typing import Any, Generic, Self, TypeVar

import attrs

from paymo_async.transport.stats import CallStats, current_call

__all__ = ["FanOut", "Many", "Outcome", "Progress", "little"]

I = TypeVar("I")  # noqa: E741  # item
V = TypeVar("V")

_MOST_UNDER_WAY = 100


@attrs.frozen(slots=True)
class Outcome(Generic[I, V]):
    """What became of one item: `value`, or `error`.

    index: the item's place in the input. attempts: requests sent for it. waited: seconds in the rate limit's line.
    """

    item: I
    value: V | None = None
    error: Exception | None = None
    index: int = 0
    attempts: int = 0
    waited: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether there is a value."""
        return self.error is None

    def result(self) -> V:
        """The value; raises the error where there is one."""
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]  # V itself may be None, so None cannot be told apart


@attrs.frozen(slots=True)
class Progress:
    """How far a fan-out is. total: items in the input, None where that cannot be known.

    started: calls begun. running: under way now. done: ended, of which `failed` with an error.
    """

    total: int | None
    started: int
    running: int
    done: int
    failed: int


def little(limit: int, period: float, latency: float | None) -> int:
    """How many calls to keep under way for `limit` calls per `period` seconds at `latency` seconds a call.

    At most 101, whatever the limit: past that, calls only cost memory and sockets.
    """
    under_way = limit * (latency or 0.0) / period
    return int(min(max(limit, under_way), _MOST_UNDER_WAY)) + 1


class FanOut(Generic[I, V]):
    """A running fan-out: `async for` gives outcomes, `await` a list of all of them in the input's order.

    Begins with the first `async for` or `await`; can be gone through once. `async with` closes it for certain;
    leaving the loop, or cancelling the task that is in it, cancels every call under way.
    """

    def __init__(
        self,
        call: Callable[[I], Awaitable[V]],
        items: Iterable[I] | AsyncIterable[I],
        *,
        width: Callable[[], int],
        ordered: bool = False,
        raise_first: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._engine = _Engine(call, items, width, ordered=ordered, raise_first=raise_first, on_progress=on_progress)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Outcome[I, V]:
        return await self._engine.take()

    def __await__(self) -> Generator[Any, None, list[Outcome[I, V]]]:
        return self.outcomes().__await__()

    async def outcomes(self) -> list[Outcome[I, V]]:
        """All outcomes, in the input's order."""
        return sorted([outcome async for outcome in self], key=lambda outcome: outcome.index)

    async def values(self) -> list[V]:
        """All values, in the input's order; raises the first error in that order, after all calls have ended."""
        return [outcome.result() for outcome in await self.outcomes()]

    @property
    def progress(self) -> Progress:
        """How far it is now."""
        return self._engine.progress

    async def watch(self) -> AsyncGenerator[Progress, None]:
        """How far it is, now and after each change until the end; several changes may come as one.

        For another task than the one that takes the outcomes: nothing goes on while nobody takes them.
        """
        engine = self._engine
        while True:
            yield engine.progress
            if engine.ended:
                return
            await engine.changed()

    async def aclose(self) -> None:
        """Cancels every call under way and waits until they have ended."""
        await self._engine.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __del__(self) -> None:
        self._engine.cancel()

    def __repr__(self) -> str:
        return f"FanOut({self.progress})"


class _Engine(Generic[I, V]):
    """Feeds items to calls and keeps their outcomes until they are taken."""

    def __init__(
        self,
        call: Callable[[I], Awaitable[V]],
        items: Iterable[I] | AsyncIterable[I],
        width: Callable[[], int],
        *,
        ordered: bool,
        raise_first: bool,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self._call = call
        self._items = items
        self._width = width
        self._ordered = ordered
        self._raise_first = raise_first
        self._on_progress = on_progress
        self._total = len(items) if isinstance(items, Sized) else None
        self._feeder: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._ready: deque[Outcome[I, V]] = deque()
        self._early: dict[int, Outcome[I, V]] = {}  # ordered: ended before an earlier one
        self._next_index = 0
        self._started = 0
        self._done = 0
        self._failed = 0
        self._first_error: Exception | None = None
        self._feed_error: BaseException | None = None
        self._waiters: set[asyncio.Future[None]] = set()
        self._closed = False
        self.ended = False

    @property
    def progress(self) -> Progress:
        return Progress(self._total, self._started, len(self._running), self._done, self._failed)

    async def take(self) -> Outcome[I, V]:
        """The next outcome. Raises StopAsyncIteration at the end, and what the input itself raised."""
        if self._feeder is None and not self._closed:
            self._loop = asyncio.get_running_loop()
            self._feeder = self._loop.create_task(self._feed())
        try:
            while not self._ready:
                if self._first_error is not None or self._is_over():
                    await self._finish()
                await self.changed()
        except BaseException:
            await self.aclose()
            raise
        outcome = self._ready.popleft()
        self._wake()  # there is room for another
        return outcome

    async def _finish(self) -> None:
        await self.aclose()
        if self._first_error is not None:
            raise self._first_error
        if self._feed_error is not None:
            error, self._feed_error = self._feed_error, None
            raise error
        raise StopAsyncIteration

    def _is_over(self) -> bool:
        return self._closed or (self._feeder is not None and self._feeder.done() and not self._running)

    async def changed(self) -> None:
        """Until something happened that somebody may wait for."""
        future = asyncio.get_running_loop().create_future()
        self._waiters.add(future)
        try:
            await future
        finally:
            self._waiters.discard(future)

    def _wake(self) -> None:
        for future in self._waiters:
            if not future.done():
                future.set_result(None)

    async def _feed(self) -> None:
        items = _each(self._items)
        try:
            await self._room()
            async for item in items:
                task = asyncio.get_running_loop().create_task(self._one(self._started, item))
                self._started += 1
                self._running.add(task)
                task.add_done_callback(self._ended)
                await self._room()
        except Exception as error:  # noqa: BLE001  # the input's own error, raised where outcomes are taken
            self._feed_error = error
        finally:
            await items.aclose()
            # The task counts as done only after this turn of the loop.
            asyncio.get_running_loop().call_soon(self._wake)

    async def _room(self) -> None:
        while True:
            width = self._width()
            if len(self._running) < width and len(self._ready) + len(self._early) < width:
                return
            await self.changed()

    async def _one(self, index: int, item: I) -> None:
        stats = CallStats()
        current_call.set(stats)
        value: V | None = None
        error: Exception | None = None
        try:
            value = await self._call(item)
        except Exception as failed:  # noqa: BLE001  # an outcome, whatever it is; cancellation passes
            error = failed
        self._keep(Outcome(item, value, error, index, stats.attempts, stats.waited))

    def _keep(self, outcome: Outcome[I, V]) -> None:
        self._done += 1
        if outcome.error is not None:
            self._failed += 1
            if self._raise_first:
                self._first_error = self._first_error or outcome.error
                return
        if not self._ordered:
            self._ready.append(outcome)
            return
        self._early[outcome.index] = outcome
        while self._next_index in self._early:
            self._ready.append(self._early.pop(self._next_index))
            self._next_index += 1

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if self._on_progress is not None and not self._closed:
            try:
                self._on_progress(self.progress)
            except Exception as error:  # noqa: BLE001  # raised where outcomes are taken, not lost in the loop
                self._first_error = self._first_error or error
        self._wake()

    def cancel(self) -> None:
        """Cancels what runs, without waiting for it."""
        self._closed = True
        if self._loop is None or self._loop.is_closed():
            return
        for task in self._tasks():
            task.cancel()

    def _tasks(self) -> list[asyncio.Task[None]]:
        feeder = [self._feeder] if self._feeder is not None and not self._feeder.done() else []
        return [*feeder, *self._running]

    async def aclose(self) -> None:
        self.cancel()
        while tasks := self._tasks():
            await asyncio.wait(tasks)
        self.ended = True
        self._wake()


async def _each(items: Iterable[I] | AsyncIterable[I]) -> AsyncGenerator[I, None]:
    """Goes through either kind of input; an async generator that is left early is closed."""
    if not isinstance(items, AsyncIterable):
        for item in items:
            yield item
        return
    iterator: AsyncIterator[I] = aiter(items)
    try:
        async for item in iterator:
            yield item
    finally:
        if isinstance(iterator, AsyncGenerator):
            await iterator.aclose()


class Many(Generic[I, V]):
    """Objects asked for by id: `await` gives them in the ids' order, `async for` an `Outcome` for each as it comes.

    `await` raises the first error in the ids' order, after everything has ended; `async for` (or `outcomes()`) gives
    all the others too. Begins when it is used, and can be gone through once.
    """

    def __init__(self, batches: FanOut[Any, list[Outcome[I, V]]], total: int) -> None:
        self._batches = batches
        self._total = total
        self._ready: deque[Outcome[I, V]] = deque()
        self._done = 0
        self._failed = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Outcome[I, V]:
        while not self._ready:
            batch = await self._batches.__anext__()
            self._ready.extend(batch.result())
        outcome = self._ready.popleft()
        self._done += 1
        self._failed += not outcome.ok
        return outcome

    def __await__(self) -> Generator[Any, None, list[V]]:
        return self.values().__await__()

    async def outcomes(self) -> list[Outcome[I, V]]:
        """All outcomes, in the ids' order."""
        return sorted([outcome async for outcome in self], key=lambda outcome: outcome.index)

    async def values(self) -> list[V]:
        """All objects, in the ids' order (`await` is the same)."""
        return [outcome.result() for outcome in await self.outcomes()]

    @property
    def progress(self) -> Progress:
        """How many ids there are, and how many are done. running, started: requests' worth of ids."""
        batches = self._batches.progress
        return Progress(self._total, batches.started, batches.running, self._done, self._failed)

    async def aclose(self) -> None:
        """Cancels every call under way and waits until they have ended."""
        await self._batches.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"Many({self.progress})"
