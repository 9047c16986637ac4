"""A token bucket that keeps the service's limit in every window, whatever kind of window the service counts in.

Theory
    The service lets L calls through in W seconds (BEHAVIOUR.md, 'Rate limit') and does not say how it counts: a fixed
    window by the clock, one that begins with the first call, a sliding log, a leaky bucket. The sliding log is the
    strictest: who sends at most L calls in any window of W contents all of them. The catch is that the service counts
    a call at a moment nobody sees, somewhere between its sending and its answer's headers.

    So a bucket holds L tokens. A token is taken on sending and comes back W seconds after the answer's headers came.
    Whenever the service counted the call, it was before its headers; whenever it counts the next call with the same
    token, that is after its sending. So two calls with one token are counted at least W apart, and L tokens put at
    most L calls into any window of W. No other bookkeeping is needed.

Discount
    That wastes one round trip in each turn of a token. A call needs time to get there and its headers need time to
    come back; that much later the next call is counted, and that much earlier the last one was. If each way takes at
    least some time of its own, a token may come back sooner by both together, however they share it. Their sum is
    the smallest round trip there can be. The smallest seen is above it, and far above where both ways are delayed on
    their own, so it is estimated: as far below the smallest seen as the twentieth smallest is above it, from the
    fortieth round trip on. (The plain smallest, less 15 percent, costs 1 to 3 rejections in 1000 calls over two ways
    of random length.) Where the service counts at another point of each round trip, no such time exists, and a 429
    shows it: then eight times as many round trips are needed before the next discount.

Acquiring
    Callers wait in three lanes, each first in, first out: calls that were rejected and come again, interactive ones,
    background ones. A lane is served when those before it are empty, so interactive callers that never pause keep
    background callers out for ever. That is meant: a mirror job must not slow a person down; `max_wait` bounds it.
    One timer serves all waiters: it is set for the next moment at which anything can change without a call ending.
    Free tokens are not stored, they are what in flight and cooling ones leave of L. So no path can lose or invent
    one, and when L falls, what is out beyond it comes home to nobody.

Gate and probe
    After a 429 the service rejects everything until its period is over. One 429 shuts the gate for everybody, until
    the later of the times the answer tells, or for W. Then one call goes alone, the probe. Its answer lets the rest
    follow at the bucket's pace; another 429 shuts the gate again; a probe that is cancelled or lost makes the next
    call the probe, and so does one that has not answered within W (one call per W is safe under any limit). Calls
    that were in flight when the gate shut change nothing, except that their own 429s can shut it for longer. A new
    bucket begins with a probe, since nothing is known of the service yet, unless limit and period were given.

Headers
    A lower limit or a longer period is believed at once, a higher or shorter one when two answers in a row agree; an
    own limit and period are never exceeded. `X-Ratelimit-Remaining` gives no tokens, for under a sliding log it says
    nothing about the next moment. But where it is less than what is free here, even if all calls that can have been
    counted were, somebody else uses the key: the difference is treated as calls of our own that just ended.

Known unknowns
    - A path that gets faster between two calls of one token can make the discount too large for a moment.
    - A call that was cancelled may still arrive. It is taken to be counted when the slowest answer so far would have
      come (at most W after sending), so one that travels longer than any before it may be counted beside its token's
      next call.
    - Retry-After given as a date is measured with this machine's wall clock.
    In each case the price is one 429, and the gate stands behind that.

Where the algorithm lives: when a token comes back, `_ended` and `_rest`; gate and probe, `_ready`, `_ended` and
`_rejected`; the timer, `_arm`; learning, `_heed`; who is next, `line.Line`; what to believe of headers,
`learned.Learned`; the discount, `learned.RoundTrips`.
"""

from __future__ import annotations

import asyncio
import bisect
import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from paymo_async.transport.learned import Learned, RoundTrips
from paymo_async.transport.limiter import BucketState, Ending, Limiter, Permit, Priority, too_long
from paymo_async.transport.line import Line, Waiter
from paymo_async.wire.limits import RateLimit, retry_after

__all__ = ["DEFAULT_LIMIT", "DEFAULT_PERIOD", "BucketState", "Limiter", "Permit", "Priority", "TokenBucket"]

DEFAULT_LIMIT: Final = 5
DEFAULT_PERIOD: Final = 5.0

# A timer may fire a little early by the clock that is asked then; a microsecond more spares a second round.
_TICK: Final = 1e-6


class TokenBucket:
    """At most `limit` calls in any `period` seconds at the service, for all tasks of one event loop.

    limit, period: an own setting, which headers can lower and never raise; without them 5 calls per 5 seconds until
    the headers say otherwise, the first call alone. clock: monotonic seconds, those of the loop's timers. wall: Unix
    time, for a Retry-After that is a date. Not for use from several threads.
    """

    def __init__(
        self,
        *,
        limit: int | None = None,
        period: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._limit = Learned(DEFAULT_LIMIT if limit is None else limit, own=limit, stricter=min)
        self._period = Learned(DEFAULT_PERIOD if period is None else period, own=period, stricter=max)
        if limit is not None and limit < 1:
            raise ValueError(f"limit must be at least 1 call, not {limit}")
        if period is not None and not 0 < period < math.inf:
            raise ValueError(f"period must be above 0 seconds, not {period}")
        self._clock = clock
        self._wall = wall
        self._line = Line()
        self._in_flight = 0
        # For each cooling token the moment by which its call was counted, sorted; it comes back `_rest` later.
        self._cooling: deque[float] = deque()
        self._trips = RoundTrips()
        self._rest = self._period.value
        self._returned = 0
        self._heard: tuple[int | None, float | None] | None = None
        self._alone = limit is None or period is None
        self._shut_until = -math.inf
        self._gate = 0
        self._probe: Permit | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._epoch = 0
        self._waker: asyncio.TimerHandle | None = None
        self._waker_at = math.inf

    async def acquire(
        self, *, priority: Priority = "interactive", max_wait: float | None = None, first: bool = False
    ) -> Permit:
        """Waits for a token and returns the permit of one call.

        max_wait: seconds; raises `RateLimitTooLong` at once when the wait is known to be longer, now or after a 429,
        and at the latest when they have passed. first: a rejected call that comes again goes before all others.
        Cancelling it at any moment loses no token.
        """
        now = self._clock()
        if not self._line.size and self._ready(now):
            return self._grant(now, now)
        return await self._wait_in_line(now, priority, max_wait, first=first)

    def snapshot(self) -> BucketState:
        """How the bucket stands now."""
        now = self._clock()
        self._recover(now)
        return BucketState(
            limit=self._limit.value,
            period=self._period.value,
            free=max(0, self._free()),
            in_flight=self._in_flight,
            cooling=len(self._cooling),
            waiting=self._line.waiting(),
            shut_for=max(0.0, self._shut_until - now),
            learned=self._limit.told and self._period.told,
        )

    def tighten(self, *, limit: int | None = None, period: float | None = None) -> None:
        """Makes an own limit and period hold as well, where they are stricter than those in force."""
        if limit is not None:
            self._limit.bound(limit)
        if period is not None:
            self._period.bound(period)
        self._settle()

    def __repr__(self) -> str:
        now = self.snapshot()
        shut = f", shut for {now.shut_for:.1f} s" if now.shut_for else ""
        return (
            f"TokenBucket({now.limit} per {now.period:g} s: {now.free} free, {now.in_flight} in flight, "
            f"{sum(now.waiting.values())} waiting{shut})"
        )

    # -- tokens -----------------------------------------------------------------------------------------------------

    def _free(self) -> int:
        return self._limit.value - self._in_flight - len(self._cooling)

    def _recover(self, now: float) -> None:
        """Lets the tokens come back that are due."""
        cooling, counted_before = self._cooling, now - self._rest
        while cooling and cooling[0] <= counted_before:
            cooling.popleft()
            self._returned += 1

    def _ready(self, now: float) -> bool:
        """Whether a call may be sent now."""
        if self._cooling:
            self._recover(now)
        if self._alone and now < self._probe_at():
            return False
        return self._in_flight + len(self._cooling) < self._limit.value

    def _probe_at(self) -> float:
        """When the next call may go alone."""
        return self._shut_until if self._probe is None else self._probe.sent + self._period.value

    def _grant(self, now: float, since: float) -> Permit:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        permit = Permit(self._ended, now, now - since, self._gate, self._epoch, self._returned)
        self._in_flight += 1
        if self._alone:
            self._probe = permit
        return permit

    def _ended(self, permit: Permit, how: Ending, headers: Mapping[str, str]) -> float:
        """Takes a call out of flight; its token cools from the moment by which it was surely counted."""
        if permit.epoch != self._epoch:
            return 0.0
        now = self._clock()
        self._in_flight -= 1
        if permit is self._probe:
            self._probe = None
        wait = 0.0
        if how == "answered":
            if self._trips.saw(now - permit.sent):
                self._settle()
            self._cool(now)
            if self._alone and permit.gate == self._gate:
                self._alone = False
                self._probe = None
            self._heed(RateLimit.from_headers(headers), permit, now)
        elif how == "rejected":
            wait = self._rejected(headers, now)
        elif how == "lost":
            self._cool_whole(max(now, permit.sent + min(self._trips.slowest, self._period.value)))
        if self._line.size:
            self._dispatch()
        return wait

    def _rejected(self, headers: Mapping[str, str], now: float) -> float:
        self._trips.distrust()
        self._cool(now)
        told = RateLimit.from_headers(headers)
        self._learn(told)
        waits = (retry_after(headers, now=self._wall()), told.period)
        wait = max((wait for wait in waits if wait is not None), default=self._period.value)
        self._shut_until = max(self._shut_until, now + wait)
        self._alone = True
        self._gate += 1
        self._probe = None
        self._refuse_the_impatient(now)
        return self._shut_until - now

    def _cool(self, counted: float) -> None:
        """Lets a token cool whose call was counted at this moment or before."""
        cooling = self._cooling
        if cooling and cooling[-1] > counted:
            bisect.insort(cooling, counted)
        else:
            cooling.append(counted)

    def _cool_whole(self, counted: float) -> None:
        """The same without the discount, where no answer showed a round trip."""
        self._cool(counted + self._period.value - self._rest)

    # -- headers ----------------------------------------------------------------------------------------------------

    def _heed(self, told: RateLimit, permit: Permit, now: float) -> None:
        """Learns from an answer, and makes room for the calls of others that it shows."""
        if (told.limit, told.period) != self._heard:
            self._learn(told)
        if told.remaining is None or told.limit is None:
            return
        # Tokens that came back while this call was under way may have been counted still when it was.
        free = self._limit.value - self._in_flight - len(self._cooling)
        others = free - told.remaining - (self._returned - permit.returned)
        if others > 0:
            for _ in range(others):
                self._cool_whole(now)

    def _learn(self, told: RateLimit) -> None:
        self._limit.hear(told.limit)
        self._period.hear(told.period)
        self._heard = (told.limit, told.period) if self._limit.settled and self._period.settled else None
        self._settle()

    def _settle(self) -> None:
        """How long a token cools now. A discount of more than half a period is not believed."""
        period = self._period.value
        self._rest = period - min(self._trips.discount, period / 2)

    # -- waiters ----------------------------------------------------------------------------------------------------

    async def _wait_in_line(self, now: float, priority: Priority, max_wait: float | None, *, first: bool) -> Permit:
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._move_to(loop)
        if max_wait is not None:
            wait = self._wait(self._line.ahead(priority, first=first), now)
            if max_wait <= 0 or wait > max_wait:
                raise too_long(wait, max_wait, self._limit.value, self._period.value)
        waiter = Waiter(loop.create_future(), now, max_wait)
        self._line.join(waiter, priority, first=first)
        self._dispatch()
        try:
            return await waiter.future
        except asyncio.CancelledError:
            self._line.leave(waiter)
            if waiter.future.done() and not waiter.future.cancelled() and waiter.future.exception() is None:
                waiter.future.result().unsent()
            else:
                self._dispatch()
            raise

    def _dispatch(self) -> None:
        """Lets callers through from the front of the line while that is allowed, then sets the timer."""
        if self._loop is None or self._loop.is_closed():
            return
        now = self._clock()
        while self._line.size and self._ready(now):
            waiter = self._line.next()
            if not waiter.future.done():
                waiter.future.set_result(self._grant(now, waiter.since))
        self._arm(now)

    def _arm(self, now: float) -> None:
        """Sets the timer for the next moment at which a caller can be let through or has waited too long."""
        if not self._line.size:
            if self._waker is not None:
                self._waker.cancel()
                self._waker = None
            return
        when = min(self._next_chance(now), self._line.next_deadline())
        if when == math.inf or (self._waker is not None and self._waker_at <= when):
            return
        if self._waker is not None:
            self._waker.cancel()
        assert self._loop is not None
        self._waker_at = when
        self._waker = self._loop.call_later(max(0.0, when - now) + _TICK, self._wake)

    def _wake(self) -> None:
        self._waker = None
        now = self._clock()
        for waiter in self._line.expired(now):
            wait = self._wait(0, now)
            self._refuse(waiter, wait)
        self._dispatch()

    def _next_chance(self, now: float) -> float:
        """When the next caller can go if no call ends before; infinity where that depends on calls in flight."""
        start = max(now, self._probe_at()) if self._alone else now
        if self._free() > 0:
            return start
        return max(start, self._cooling[0] + self._rest) if self._cooling else math.inf

    def _wait(self, ahead: int, now: float) -> float:
        """The least seconds until a caller with so many ahead can go.

        A call in flight is taken to be answered now, and each turn of a token to take W.
        """
        start = max(now, self._probe_at()) if self._alone else now
        turns, place = divmod(ahead, self._limit.value)
        place -= self._free()
        if place < 0:
            when = start
        elif place < len(self._cooling):
            when = max(start, self._cooling[place] + self._rest)
        else:
            when = max(start, now + self._rest)
        return when - now + turns * self._period.value

    def _refuse_the_impatient(self, now: float) -> None:
        """Ends the waits that the gate has made longer than they may be."""
        for waiter, wait in self._line.hopeless(now, lambda ahead: self._wait(ahead, now)):
            self._refuse(waiter, wait)

    def _refuse(self, waiter: Waiter, wait: float) -> None:
        if not waiter.future.done():
            error = too_long(wait, waiter.max_wait, self._limit.value, self._period.value)
            waiter.future.set_exception(error)

    def _move_to(self, loop: asyncio.AbstractEventLoop) -> None:
        """Leaves an event loop that was closed: its callers are dead, its calls in flight are lost."""
        if self._loop is not None and self._loop.is_closed():
            now = self._clock()
            for _ in range(self._in_flight):
                self._cool_whole(now)
            self._in_flight = 0
            self._probe = None
            self._epoch += 1
            self._line = Line()
        elif self._line.size:
            raise RuntimeError("This bucket has callers in line on another event loop: use one bucket per loop")
        self._waker = None
        self._loop = loop
