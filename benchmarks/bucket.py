"""The limiter against four ways of counting, in virtual time: throughput, and rejections in 1000 calls.

    python benchmarks/bucket.py

Each run makes 12,000 calls, all waiting from the start, at 5 calls in 5 seconds, through a limiter, to a service that
counts in a fixed window by the clock, in one that begins with the first call, in a sliding log, or in a leaky bucket
(BEHAVIOUR.md, Rate limit). Round trips are drawn between the bounds in the heading, and split there and back at one
point. No real time passes: 6 days of virtual time take well under a minute.

share: calls let through in a second after the first 1,000, of the 5 in 5 seconds that the service lets through.
429: rejected sendings in 1000 calls. Who is rejected comes again when Retry-After is over. Targets for ours: a share of
at least 0.965 with no rejection at 50 to 400 ms, and 0.985 with none at 1 to 5 ms.

textbook: a bucket of 5 tokens that fills at one a second. paced: one call a second. headers: sends while the last
answer's `X-Ratelimit-Remaining` leaves room, else waits a period. aiolimiter: that library itself, 5 in 5 seconds.
sliding: PyrateLimiter's rule, which lets a call go when the fifth last one was sent a period ago (re-expressed, since
that library keeps its own clock).
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from aiolimiter import AsyncLimiter

from paymo_async.transport.bucket import TokenBucket

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "unit" / "transport"))
from virtual_clock import MODELS, Model, Service, run

CALLS, WARM_UP, LIMIT, PERIOD = 12_000, 1_000, 5, 5.0
LATENCIES = {"50 to 400 ms": (0.05, 0.4, 0.965), "1 to 5 ms": (0.001, 0.005, 0.985)}
SHORT = {"FixedFromFirst": "from first", "FixedByClock": "by clock", "SlidingLog": "sliding", "LeakyBucket": "leaky"}


class Rival(Protocol):
    """A way to limit: `go` waits for leave to send, `heard` is told each answer."""

    async def go(self) -> None: ...

    def heard(self, headers: Mapping[str, str]) -> None: ...


class Textbook:
    """Tokens fill at an even rate, up to a burst."""

    def __init__(self, burst: int) -> None:
        self.burst = burst
        self.tokens, self.at = float(burst), 0.0
        self.lock = asyncio.Lock()

    async def go(self) -> None:
        async with self.lock:
            while True:
                now = asyncio.get_running_loop().time()
                self.tokens = min(self.burst, self.tokens + (now - self.at) * LIMIT / PERIOD)
                self.at = now
                if self.tokens >= 1 - 1e-9:
                    self.tokens -= 1
                    return
                await asyncio.sleep((1 - self.tokens) * PERIOD / LIMIT)

    def heard(self, headers: Mapping[str, str]) -> None:
        pass


class ByHeaders:
    """Believes what is said to remain, less what was sent since; waits a period when nothing does."""

    def __init__(self) -> None:
        self.left = 1
        self.under_way = 0
        self.changed = asyncio.Condition()

    async def go(self) -> None:
        async with self.changed:
            while self.left < 1:
                if self.under_way:
                    await self.changed.wait()
                    continue
                await asyncio.sleep(PERIOD)
                self.left = LIMIT
            self.left -= 1
            self.under_way += 1

    def heard(self, headers: Mapping[str, str]) -> None:
        self.under_way -= 1
        self.left = max(0, int(headers["X-Ratelimit-Remaining"]) - self.under_way)
        waiters: Any = self.changed._waiters  # notify() needs the lock, which a sleeper may hold
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(True)
                break


class SlidingSendings:
    """At most five sendings in any period, by the sender's clock."""

    def __init__(self) -> None:
        self.sent: deque[float] = deque(maxlen=LIMIT)
        self.lock = asyncio.Lock()

    async def go(self) -> None:
        async with self.lock:
            now = asyncio.get_running_loop().time()
            if len(self.sent) == LIMIT:
                await asyncio.sleep(max(0.0, self.sent[0] + PERIOD - now))
            self.sent.append(asyncio.get_running_loop().time())

    def heard(self, headers: Mapping[str, str]) -> None:
        pass


class Aiolimiter:
    """The library as it is; it keeps the event loop's time."""

    def __init__(self) -> None:
        self.limiter = AsyncLimiter(LIMIT, PERIOD)

    async def go(self) -> None:
        await self.limiter.acquire()

    def heard(self, headers: Mapping[str, str]) -> None:
        pass


async def ours(service: Service) -> Callable[[], Awaitable[None]]:
    limiter = TokenBucket(clock=asyncio.get_running_loop().time)

    async def call() -> None:
        first = False
        while True:
            with await limiter.acquire(first=first) as permit:
                answer = await service.get()
                if answer.status == 200:
                    return permit.answered(answer.headers)
                permit.rejected(answer.headers)
                first = True

    return call


def rival(make: Callable[[], Rival]) -> Callable[[Service], Awaitable[Callable[[], Awaitable[None]]]]:
    async def prepare(service: Service) -> Callable[[], Awaitable[None]]:
        limiter = make()

        async def call() -> None:
            while True:
                await limiter.go()
                answer = await service.get()
                limiter.heard(answer.headers)
                if answer.status == 200:
                    return
                await asyncio.sleep(float(answer.headers["Retry-After"]))

        return call

    return prepare


LIMITERS = {
    "ours": ours,
    "textbook": rival(lambda: Textbook(LIMIT)),
    "paced": rival(lambda: Textbook(1)),
    "headers": rival(ByHeaders),
    "aiolimiter": rival(Aiolimiter),
    "sliding": rival(SlidingSendings),
}


def measure(name: str, model: type[Model], low: float, high: float) -> tuple[float, float]:
    """Share of the best throughput, and rejections in 1000 calls."""
    dice = random.Random(f"{model.__name__} {low}")
    split = dice.random()

    def legs() -> tuple[float, float]:
        trip = dice.uniform(low, high)
        return trip * split, trip * (1 - split)

    service = Service(model(LIMIT, PERIOD), legs)

    async def main() -> None:
        call = await LIMITERS[name](service)
        # The callers in line are bounded: some rivals take time that grows with their number.
        async with asyncio.TaskGroup() as group:
            turns = iter(range(CALLS))

            async def worker() -> None:
                for _ in turns:
                    await call()

            for _ in range(50):
                group.create_task(worker())

    run(main())
    counted = service.counted
    rate = (len(counted) - WARM_UP) / (counted[-1] - counted[WARM_UP - 1])
    return rate * PERIOD / LIMIT, 1000 * len(service.rejected) / CALLS


def main() -> int:
    began, met = time.perf_counter(), True
    for heading, (low, high, target) in LATENCIES.items():
        print(f"\n{heading:12}" + "".join(f"{SHORT[model.__name__]:>18}" for model in MODELS))
        print(" " * 12 + f"{'share   429':>18}" * len(MODELS))
        for name in LIMITERS:
            results = [measure(name, model, low, high) for model in MODELS]
            print(f"{name:12}" + "".join(f"{share:>12.4f}{rejected:>6.1f}" for share, rejected in results))
            if name == "ours":
                met &= all(share >= target and rejected == 0 for share, rejected in results)
    print(f"\nTargets {'met' if met else 'MISSED'}; {time.perf_counter() - began:.1f} s")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
