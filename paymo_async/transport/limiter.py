"""What the transport needs of a rate limiter, and what it gets: a permit for each call, and how things stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Literal, Protocol

import attrs

from paymo_async.errors import RateLimitTooLong
from paymo_async.wire.messages import Priority

__all__ = ["BucketState", "Ending", "Limiter", "Permit", "Priority", "too_long"]

Ending = Literal["answered", "rejected", "unsent", "lost"]


class Limiter(Protocol):
    """What the transport needs of a rate limiter: `TokenBucket` and `RedisTokenBucket` are two."""

    async def acquire(
        self, *, priority: Priority = "interactive", max_wait: float | None = None, first: bool = False
    ) -> Permit:
        """Waits for a token; see `TokenBucket.acquire`."""
        ...

    def snapshot(self) -> BucketState:
        """How the limiter stands now."""
        ...


@attrs.frozen(kw_only=True)
class BucketState:
    """How a limiter stands, for progress displays.

    limit, period: calls per seconds in force. free, in_flight, cooling: tokens that can be taken, are out with a call,
    and come back later. waiting: callers in each lane. shut_for: seconds until the gate opens, 0.0 when it is open.
    learned: an answer has told both limit and period.
    """

    limit: int
    period: float
    free: int
    in_flight: int
    cooling: int
    waiting: Mapping[Priority, int]
    shut_for: float
    learned: bool


class Permit:
    """One call in flight. Exactly one of its methods ends it; more do nothing.

    As a context manager it ends as lost unless it was ended inside. waited: seconds spent in line.
    """

    __slots__ = ("_end", "epoch", "gate", "returned", "sent", "waited")

    def __init__(
        self,
        end: Callable[[Permit, Ending, Mapping[str, str]], float],
        sent: float,
        waited: float,
        gate: int = 0,
        epoch: int = 0,
        returned: int = 0,
    ) -> None:
        """sent: the limiter's clock. gate, epoch, returned: the limiter's counters when this call was let through."""
        self._end: Callable[[Permit, Ending, Mapping[str, str]], float] | None = end
        self.sent: float = sent
        self.waited: float = waited
        self.gate: int = gate
        self.epoch: int = epoch
        self.returned: int = returned

    def answered(self, headers: Mapping[str, str]) -> None:
        """The headers of any answer but a 429 came: the token comes back W later, and the limiter learns."""
        end = self._end
        if end is not None:
            self._end = None
            end(self, "answered", headers)

    def rejected(self, headers: Mapping[str, str]) -> float:
        """A 429 came: shuts the gate for everybody. Returns the seconds until it opens, 0.0 if this has ended."""
        return self._ended("rejected", headers)

    def unsent(self) -> None:
        """Nothing reached the service: the token is free at once."""
        self._ended("unsent", {})

    def lost(self) -> None:
        """Sent, and no answer seen (cancelled, timed out, reset): the token comes back W from now or later."""
        self._ended("lost", {})

    def __enter__(self) -> Permit:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.lost()

    def _ended(self, how: Ending, headers: Mapping[str, str]) -> float:
        end, self._end = self._end, None
        return 0.0 if end is None else end(self, how, headers)


def too_long(wait: float, max_wait: float | None, limit: int, period: float) -> RateLimitTooLong:
    """The error for a call that would wait so many seconds, at least."""
    return RateLimitTooLong(
        f"The rate limit of {limit} calls per {period:g} s makes this call wait {wait:.1f} s or more, "
        f"which max_wait={max_wait} does not allow",
        retry_after=wait,
        limit=limit,
        period=period,
    )
