"""An event loop in which time jumps to the next event, and rate-limited services to call under it.

`run(main())` runs a coroutine to its end: an hour of waiting takes no time, the order of events is the same in each
run, and waiting for what can never come fails with `NothingWillHappen` at once. Services count a request when it
arrives, on its way between sending and answer, whether or not its sender still waits for it.
"""

from __future__ import annotations

import asyncio
import functools
import math
import selectors
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

__all__ = [
    "MODELS",
    "Answer",
    "FixedByClock",
    "FixedFromFirst",
    "LeakyBucket",
    "Model",
    "NothingWillHappen",
    "Service",
    "SlidingLog",
    "VirtualLoop",
    "most_in_any_window",
    "run",
    "virtual",
]

T = TypeVar("T")


class NothingWillHappen(AssertionError):
    """All tasks wait, and no timer is set: in real time this would hang."""


class _Jump(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        found = super().select(0)
        if found:
            return found
        if timeout is None:
            raise NothingWillHappen
        if timeout > 0:
            # Never a step that rounds to none.
            self.now = max(self.now + timeout, math.nextafter(self.now, math.inf))
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock begins at 0 and jumps to the next timer when nothing is ready."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine on a fresh virtual loop."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def virtual(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Makes an async test run on a virtual loop."""

    @functools.wraps(test)
    def wrapped(*args: Any, **named: Any) -> None:
        run(test(*args, **named))

    return wrapped


class Model:
    """How a service counts. limit calls in each period seconds; told `arrive(now)`, in order of time."""

    def __init__(self, limit: int, period: float) -> None:
        self.limit = limit
        self.period = period
        self.shut_until = -math.inf

    def arrive(self, now: float) -> bool:
        """Whether the service lets this call through; one 429 shuts it until the period is over."""
        if now < self.shut_until:
            return False
        if self.left(now) < 1:
            self.shut_until = self.over(now)
            return False
        self.count(now)
        return True

    def left(self, now: float) -> int:
        """Calls that it would let through now."""
        raise NotImplementedError

    def over(self, now: float) -> float:
        """When it lets a call through again."""
        raise NotImplementedError

    def count(self, now: float) -> None:
        raise NotImplementedError


class FixedFromFirst(Model):
    """A window begins with the first call after the last one ended."""

    start, taken = -math.inf, 0

    def left(self, now: float) -> int:
        return self.limit if now >= self.start + self.period else self.limit - self.taken

    def over(self, now: float) -> float:
        return self.start + self.period

    def count(self, now: float) -> None:
        if now >= self.start + self.period:
            self.start, self.taken = now, 0
        self.taken += 1


class FixedByClock(Model):
    """Windows begin at whole multiples of the period, a third of one shifted."""

    window, taken = -1, 0

    def _window(self, now: float) -> int:
        return math.floor(now / self.period + 1 / 3)

    def left(self, now: float) -> int:
        return self.limit - self.taken if self._window(now) == self.window else self.limit

    def over(self, now: float) -> float:
        return (self.window + 1 - 1 / 3) * self.period

    def count(self, now: float) -> None:
        if self._window(now) != self.window:
            self.window, self.taken = self._window(now), 0
        self.taken += 1


class SlidingLog(Model):
    """The strictest: never more than the limit in any window."""

    def __init__(self, limit: int, period: float) -> None:
        super().__init__(limit, period)
        self.log: deque[float] = deque()

    def left(self, now: float) -> int:
        while self.log and self.log[0] <= now - self.period:
            self.log.popleft()
        return self.limit - len(self.log)

    def over(self, now: float) -> float:
        return self.log[0] + self.period

    def count(self, now: float) -> None:
        self.log.append(now)


class LeakyBucket(Model):
    """A level that each call raises by one and that falls by limit per period."""

    level, at = 0.0, 0.0

    def _level(self, now: float) -> float:
        return max(0.0, self.level - (now - self.at) * self.limit / self.period)

    def left(self, now: float) -> int:
        return math.floor(self.limit - self._level(now) + 1e-9)

    def over(self, now: float) -> float:
        return now + (self._level(now) - self.limit + 1) * self.period / self.limit

    def count(self, now: float) -> None:
        self.level, self.at = self._level(now) + 1, now


MODELS: Sequence[type[Model]] = (FixedFromFirst, FixedByClock, SlidingLog, LeakyBucket)


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]


class Service:
    """A service with this way to count, some time away. legs: seconds there and back, drawn for each request.

    counted, rejected: when requests arrived that it let through, and refused. tells: headers with the limit or none.
    """

    def __init__(
        self,
        model: Model,
        legs: Callable[[], tuple[float, float]],
        *,
        tells: bool = True,
        whole_seconds: bool = True,
    ) -> None:
        self.model = model
        self.legs = legs
        self.tells = tells
        self.whole_seconds = whole_seconds
        self.counted: list[float] = []
        self.rejected: list[float] = []

    async def get(self) -> Answer:
        loop = asyncio.get_running_loop()
        there, back = self.legs()
        headers: asyncio.Future[Answer] = loop.create_future()

        def arrive() -> None:
            answer = self.answer(loop.time())
            loop.call_later(back, lambda: headers.done() or headers.set_result(answer))

        loop.call_later(there, arrive)
        return await headers

    def answer(self, now: float) -> Answer:
        passed = self.model.arrive(now)
        (self.counted if passed else self.rejected).append(now)
        told: dict[str, str] = {}
        if self.tells:
            left = max(0, self.model.left(now)) if now >= self.model.shut_until else 0
            told = {
                "X-Ratelimit-Limit": str(self.model.limit),
                "X-Ratelimit-Remaining": str(left),
                "X-Ratelimit-Decay-Period": f"{self.model.period:g}",
            }
        if passed:
            return Answer(200, told)
        wait = max(0.0, self.model.shut_until - now)
        told["Retry-After"] = str(math.ceil(wait)) if self.whole_seconds else f"{wait:.6f}"
        return Answer(429, told)


def most_in_any_window(moments: Sequence[float], period: float) -> int:
    """The most moments in any half-open window of so many seconds; a microsecond is forgiven."""
    moments = sorted(moments)
    most = first = 0
    for index, moment in enumerate(moments):
        while moments[first] <= moment - period + 1e-6:
            first += 1
        most = max(most, index - first + 1)
    return most
