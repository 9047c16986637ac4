"""When a failed call is sent again, and how long to wait.

Only what is safe to repeat is repeated. GET, PUT and DELETE: on connection errors, 408, 429, 500, 502, 503 and 504.
POST makes an object each time it arrives, so it is repeated only on 429 (refused before it was looked at) or when
nothing can have been sent. A wait is exponential with full jitter (a random part of `base * 2**n`), never earlier than
`Retry-After` tells. A 429 needs no wait here: the limiter holds its gate shut for everybody until the service's time.

Three limits keep a broken service from being hammered: attempts for each call, a deadline for each call, and a quota
that all calls of a client share: each repeat takes from it, each success gives a little back, so that when everything
fails, everything stops repeating.

tenacity runs the loop. It is entered only after a first attempt failed: a call that succeeds pays nothing for it.
"""

from __future__ import annotations

import random as random_module
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

import attrs
import tenacity

from paymo_async.errors import APIError, PaymoConnectionError, PaymoError, PaymoTimeout, RateLimited
from paymo_async.wire.limits import retry_after

__all__ = ["RetryPolicy", "RetryQuota", "repeat", "told_to_wait"]

_T = TypeVar("_T")

_REPEATABLE_STATUS = frozenset({408, 429, 500, 502, 503, 504})
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


def _at_least_one(_: object, field: attrs.Attribute[int], value: int) -> None:
    if value < 1:
        raise ValueError(f"{field.name} must be at least 1, not {value}: the first attempt counts")


def _positive(_: object, field: attrs.Attribute[float], value: float) -> None:
    if not value > 0:
        raise ValueError(f"{field.name} must be above 0 seconds, not {value}")


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """Limits and waits of repeating.

    attempts: how often one call is sent at most, the first included. rate_limited_attempts: the same for calls that
    the service answers 429 (they were never looked at, and the limiter has waited). deadline: seconds after the first
    failure in which a repeat may still begin. base, cap: seconds of the exponential wait. quota: repeats that all
    calls of a client may have saved up.
    """

    attempts: int = attrs.field(default=4, validator=_at_least_one)
    rate_limited_attempts: int = attrs.field(default=30, validator=_at_least_one)
    deadline: float = attrs.field(default=180.0, validator=_positive)
    base: float = attrs.field(default=0.5, validator=_positive)
    cap: float = attrs.field(default=20.0, validator=_positive)
    quota: int = attrs.field(default=100, validator=_at_least_one)

    def may_repeat(self, method: str, error: PaymoError, attempt: int) -> bool:
        """Whether a call that failed so at this attempt (1 is the first) is safe and worth sending again."""
        if isinstance(error, RateLimited):
            return attempt < self.rate_limited_attempts
        if attempt >= self.attempts:
            return False
        if isinstance(error, (PaymoConnectionError, PaymoTimeout)):
            return not error.sent or method in _IDEMPOTENT
        return isinstance(error, APIError) and error.status in _REPEATABLE_STATUS and method in _IDEMPOTENT

    def wait(self, error: PaymoError, attempt: int, random: Callable[[], float], now: datetime) -> float:
        """Seconds to wait after a failed attempt (1 is the first)."""
        if isinstance(error, RateLimited):
            return 0.0
        # 2.0**n overflows past a thousand attempts, and the cap is reached long before.
        jitter = random() * min(self.cap, self.base * 2.0 ** min(attempt - 1, 60))
        return max(jitter, told_to_wait(error.headers, now))


def told_to_wait(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds of `Retry-After`, 0 where there is none or it cannot be read."""
    return retry_after(headers, now=now.timestamp()) or 0.0


class RetryQuota:
    """Repeats that all calls of one client share: each repeat takes 1, each success gives back 0.1, up to the size."""

    __slots__ = ("_left", "_size")

    def __init__(self, size: int) -> None:
        self._size = float(size)
        self._left = float(size)

    @property
    def left(self) -> float:
        """Repeats that may begin now."""
        return self._left

    def take(self) -> bool:
        """Takes one repeat; False where none is left."""
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True

    def give_back(self) -> None:
        """After a success."""
        if self._left < self._size:
            self._left = min(self._size, self._left + 0.1)


async def repeat(
    send: Callable[[int], Awaitable[_T]],
    first: PaymoError,
    *,
    method: str,
    policy: RetryPolicy,
    quota: RetryQuota,
    sleep: Callable[[float], Awaitable[None]],
    clock: Callable[[], float],
    random: Callable[[], float] = random_module.random,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    on_retry: Callable[[PaymoError, int, float], None] | None = None,
) -> _T:
    """Goes on after a first failed attempt: `send(2)`, `send(3)`, ... until one succeeds or the policy says stop.

    Raises the last failure. on_retry is told the failure, the coming attempt's number and the wait in seconds.
    """
    began = clock()
    number = 1
    pending: PaymoError | None = first

    async def attempt() -> _T:
        nonlocal number, pending
        if pending is not None:
            failed, pending = pending, None
            raise failed
        number += 1
        return await send(number)

    def stop(state: tenacity.RetryCallState) -> bool:
        error = _failure(state)
        if error is None or not policy.may_repeat(method, error, state.attempt_number):
            return True
        if clock() - began + state.upcoming_sleep > policy.deadline:
            return True
        return not isinstance(error, RateLimited) and not quota.take()

    def wait(state: tenacity.RetryCallState) -> float:
        error = _failure(state)
        return 0.0 if error is None else policy.wait(error, state.attempt_number, random, now())

    def tell(state: tenacity.RetryCallState) -> None:
        error = _failure(state)
        if on_retry is not None and error is not None:
            on_retry(error, state.attempt_number + 1, state.upcoming_sleep)

    loop = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception_type(PaymoError),
        stop=stop,
        wait=wait,
        sleep=sleep,
        before_sleep=tell,
        reraise=True,
    )
    return await loop(attempt)


def _failure(state: tenacity.RetryCallState) -> PaymoError | None:
    error = state.outcome.exception() if state.outcome is not None else None
    return error if isinstance(error, PaymoError) else None
