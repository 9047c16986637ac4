"""The rate limit: four ways in which a server may count, and the headers it sends (BEHAVIOUR.md, Rate limit).

With limit L and period W seconds, for each key by itself:

    window   a window opens with the first request and lasts W; L requests fit into it
    clock    the same, but windows begin at whole multiples of W
    sliding  of all accepted requests, at most L lie within the last W
    leaky    a bucket of L that each request fills by one and that leaks L / W a second

A rejected request is not counted. Retry-After is the time until one more would fit, rounded up to whole seconds, so a
client that keeps to it is never early; until then all requests are rejected.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol

__all__ = ["Model", "RateLimiter", "RateModel", "Verdict"]

_MOST_KEYS = 10_000  # of which idle ones are forgotten then: who tries keys at random fills no memory

Model = Literal["sliding", "window", "clock", "leaky"]


class RateModel(NamedTuple):
    """A limit of `limit` requests in `period` seconds, and the way it is counted."""

    limit: int = 5
    period: float = 5.0
    model: Model = "sliding"


class Verdict(NamedTuple):
    """What the limiter says of one request. wait: seconds until one would be accepted, 0 when this one is."""

    wait: float
    remaining: int


class Counter(Protocol):
    """The state of one key."""

    def take(self, now: float) -> Verdict:
        """Counts a request at `now`, or tells how long to wait."""
        ...

    def peek(self, now: float) -> int:
        """How many would be accepted at `now`."""
        ...


class RateLimiter:
    """Counts requests by key. clock: a monotonic clock, in seconds."""

    def __init__(self, model: RateModel, clock: Callable[[], float]) -> None:
        self.model = model
        self._clock = clock
        self._counters: dict[str, Counter] = {}
        self._lock = threading.Lock()  # other threads than the server's look in

    def take(self, key: str) -> Verdict:
        """The verdict on one more request with this key."""
        with self._lock:
            return self._counter(key).take(self._clock())

    def remaining(self, key: str) -> int:
        """How many more requests with this key would be accepted at once."""
        with self._lock:
            return self._counter(key).peek(self._clock())

    def left(self) -> dict[str, int]:
        """How many more requests each key has that has asked yet."""
        with self._lock:
            now = self._clock()
            return {key: counter.peek(now) for key, counter in self._counters.items()}

    def headers(self, verdict: Verdict) -> dict[str, str]:
        """The headers that go with an answer; Retry-After only with a rejection."""
        made = {
            "X-Ratelimit-Limit": str(self.model.limit),
            "X-Ratelimit-Remaining": str(verdict.remaining),
            "X-Ratelimit-Decay-Period": f"{self.model.period:g}",
        }
        if verdict.wait > 0:
            made["Retry-After"] = str(max(1, math.ceil(verdict.wait)))
        return made

    def _counter(self, key: str) -> Counter:
        if key not in self._counters:
            if len(self._counters) >= _MOST_KEYS:
                self._forget()
            self._counters[key] = _MODELS[self.model.model](self.model)
        return self._counters[key]

    def _forget(self) -> None:
        """Drops the keys that have their whole allowance: they count from nothing anyway."""
        now = self._clock()
        self._counters = {key: one for key, one in self._counters.items() if one.peek(now) < self.model.limit}


class _Window:
    """A fixed window that opens with a request."""

    def __init__(self, model: RateModel) -> None:
        self._limit = model.limit
        self._period = model.period
        self._opened = -math.inf
        self._count = 0

    def opening(self, now: float) -> float:
        return now

    def take(self, now: float) -> Verdict:
        if now >= self._opened + self._period:
            self._opened = self.opening(now)
            self._count = 0
        if self._count >= self._limit:
            return Verdict(self._opened + self._period - now, 0)
        self._count += 1
        return Verdict(0.0, self._limit - self._count)

    def peek(self, now: float) -> int:
        return self._limit if now >= self._opened + self._period else self._limit - self._count


class _Clock(_Window):
    """A fixed window that begins at whole multiples of the period."""

    def opening(self, now: float) -> float:
        return math.floor(now / self._period) * self._period


class _Sliding:
    """A log of the accepted requests."""

    def __init__(self, model: RateModel) -> None:
        self._limit = model.limit
        self._period = model.period
        self._accepted: deque[float] = deque()

    def take(self, now: float) -> Verdict:
        left = self.peek(now)
        if not left:
            return Verdict(self._accepted[0] + self._period - now, 0)
        self._accepted.append(now)
        return Verdict(0.0, left - 1)

    def peek(self, now: float) -> int:
        while self._accepted and now >= self._accepted[0] + self._period:
            self._accepted.popleft()
        return self._limit - len(self._accepted)


class _Leaky:
    """A bucket that leaks steadily."""

    def __init__(self, model: RateModel) -> None:
        self._limit = model.limit
        self._rate = model.limit / model.period
        self._level = 0.0
        self._at = 0.0

    def take(self, now: float) -> Verdict:
        left = self.peek(now)
        if not left:
            return Verdict((self._level + 1 - self._limit) / self._rate, 0)
        self._level += 1
        return Verdict(0.0, left - 1)

    def peek(self, now: float) -> int:
        self._level = max(0.0, self._level - (now - self._at) * self._rate)
        self._at = now
        return math.floor(self._limit - self._level + 1e-9)  # the leak of a tenth, ten times, is one


_MODELS: dict[Model, Callable[[RateModel], Counter]] = {
    "sliding": _Sliding,
    "window": _Window,
    "clock": _Clock,
    "leaky": _Leaky,
}
