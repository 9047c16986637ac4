"""The token bucket of `bucket.py`, shared by all processes that reach one Redis.

The tokens, the gate, the probe and what was learned live in Redis, and one Lua script changes them, in one step and by
Redis's own clock (`redis_bucket.lua`). What differs from a bucket of one process:

Leases
    A call in flight holds its token on a lease. When its process dies, the token comes back when the lease ends, so
    the lease must be longer than a call can take to reach the service; it is at least twice the period.

Line
    Callers of one process wait in its line, as in `bucket.py`. Only the front one asks Redis, so processes take turns:
    each has a ticket, and a new one, behind the others, after each call let through. A background caller of one
    process thus takes its turn beside interactive callers of another. A process that died in line is passed over two
    seconds after it should have asked again.

Waiting
    The script answers with the seconds to wait, and nobody asks before they have passed or something was freed in
    this process. So a token that another process gives back unused is noticed late: at the next moment at which one
    would have come back anyway.

Ending a call
    A permit's methods return at once; what they say is written to Redis in the background, before this process asks
    for the next token. `aclose()` waits for it. What cannot be written ends with the lease.

Without Redis
    `on_unavailable="error"` raises `LimiterUnavailable`. `"local"` goes on with this process's share of the limit in a
    bucket of its own, and asks Redis again once a period. Calls of the last period are unknown on the other side each
    time, so a change of sides can cost a 429.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import logging
import math
import secrets
import time
from collections.abc import Callable, Coroutine, Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from paymo_async.errors import LimiterUnavailable
from paymo_async.transport.bucket import DEFAULT_LIMIT, DEFAULT_PERIOD, TokenBucket
from paymo_async.transport.learned import RoundTrips
from paymo_async.transport.limiter import BucketState, Ending, Permit, Priority, too_long
from paymo_async.transport.line import Line, Waiter
from paymo_async.wire.limits import RateLimit, retry_after

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.commands.core import AsyncScript

__all__ = ["RedisTokenBucket"]

_log = logging.getLogger("paymo_async.transport")

_KEYS: Final = ("state", "flying", "cooling", "line", "alive")


class RedisTokenBucket:
    """At most `limit` calls in any `period` seconds at the service, for all processes that use this Redis and key.

    redis: a `redis.asyncio.Redis`, or a URL. key: names the account, the same in all processes; only a digest of it is
    stored. limit, period: as for `TokenBucket`; the strictest of all processes' own settings holds for all. lease:
    seconds after which the token of a dead process comes back. on_unavailable: what to do without Redis, "error" or
    "local". local_share: among how many processes the limit is then divided. timeout: seconds that Redis may take.
    Raises `ImportError` where the package `redis` is missing. For one event loop.
    """

    def __init__(
        self,
        redis: Redis | str,
        *,
        key: str,
        limit: int | None = None,
        period: float | None = None,
        lease: float = 30.0,
        on_unavailable: Literal["error", "local"] = "error",
        local_share: int = 1,
        timeout: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        if (limit is not None and limit < 1) or (period is not None and not 0 < period < math.inf):
            raise ValueError(f"limit must be at least 1 call and period above 0 seconds, not {limit} and {period}")
        if local_share < 1 or not lease > 0:
            raise ValueError(f"local_share must be at least 1 and lease above 0 seconds, not {local_share} and {lease}")
        self._redis = _connect(redis) if isinstance(redis, str) else redis
        self._owns_redis = isinstance(redis, str)
        self._script: AsyncScript | None = None
        digest = hashlib.blake2b(key.encode(), digest_size=12).hexdigest()
        # The braces keep all keys of an account on one node of a Redis cluster.
        self._keys = [f"paymo_async:{{{digest}}}:{name}" for name in _KEYS]
        self._own = ("" if limit is None else str(limit), "" if period is None else f"{period:.6f}")
        self._lease = lease
        self._local_share = local_share if on_unavailable == "local" else 0
        self._timeout = timeout
        self._clock = clock
        self._wall = wall
        self._process = secrets.token_hex(8)
        self._calls = 0
        self._line = Line()
        self._trips = RoundTrips()
        self._state = _Reply(limit=limit or DEFAULT_LIMIT, period=period or DEFAULT_PERIOD)
        self._state_at = -math.inf
        self._local: TokenBucket | None = None
        self._away_until = -math.inf
        self._pump: asyncio.Task[None] | None = None
        self._stirred = asyncio.Event()
        self._ask_at = -math.inf
        self._writes: set[asyncio.Task[None]] = set()
        self._closed = False

    async def acquire(
        self, *, priority: Priority = "interactive", max_wait: float | None = None, first: bool = False
    ) -> Permit:
        """Waits for a token, as `TokenBucket.acquire`.

        Raises `RateLimitTooLong`, and `LimiterUnavailable` where Redis cannot be reached and no local share is allowed.
        """
        began = self._clock()
        if self._closed:
            raise LimiterUnavailable("This limiter was closed: make a new one")
        if began >= self._away_until:
            try:
                return await self._shared(began, priority, max_wait, first=first)
            except LimiterUnavailable:
                if not self._local_share or self._closed:
                    raise
        left = None if max_wait is None else max(0.0, max_wait - (self._clock() - began))
        return await self._local_bucket().acquire(priority=priority, max_wait=left, first=first)

    def snapshot(self) -> BucketState:
        """How things stood at the last answer of Redis, and how many callers wait in this process."""
        state, past = self._state, self._clock() - self._state_at
        cooling = sum(due > past for due in state.cooling)
        return BucketState(
            limit=state.limit,
            period=state.period,
            free=max(0, state.limit - state.in_flight - cooling),
            in_flight=state.in_flight,
            cooling=cooling,
            waiting=self._line.waiting(),
            shut_for=max(0.0, state.shut_for - past),
            learned=state.learned,
        )

    async def aclose(self) -> None:
        """Writes what is left to write, ends the waits with `LimiterUnavailable`, closes an own connection."""
        self._closed = True
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.wait([self._pump])
        await self._written()
        if self._owns_redis:
            await self._redis.aclose()

    def __repr__(self) -> str:
        now = self.snapshot()
        return f"RedisTokenBucket({now.limit} per {now.period:g} s: {now.free} free, {now.in_flight} in flight)"

    # -- in line ----------------------------------------------------------------------------------------------------

    async def _shared(self, now: float, priority: Priority, max_wait: float | None, *, first: bool) -> Permit:
        if max_wait is not None:
            await self._written()
            state = await self._run("look")
            wait = state.wait_behind(self._line.ahead(priority, first=first))
            if wait > max_wait or (max_wait <= 0 and self._line.size):
                raise too_long(wait, max_wait, state.limit, state.period)
        waiter = Waiter(asyncio.get_running_loop().create_future(), now, max_wait)
        self._line.join(waiter, priority, first=first)
        if self._pump is None:
            self._ask_at = -math.inf
            self._pump = asyncio.create_task(self._serve())
        elif max_wait is not None:
            self._stirred.set()
        try:
            return await waiter.future
        except asyncio.CancelledError:
            self._line.leave(waiter)
            self._stirred.set()
            if waiter.future.done() and not waiter.future.cancelled() and waiter.future.exception() is None:
                waiter.future.result().unsent()
            raise

    async def _serve(self) -> None:
        """Asks Redis for the caller at the front, as long as there is one."""
        in_line = False
        try:
            while self._line.size or in_line:
                if not self._line.size:
                    await self._run("leave")
                    in_line = False
                elif self._clock() < self._ask_at:
                    await self._sleep()
                else:
                    in_line = not await self._ask()
        except LimiterUnavailable as error:
            self._fail(error)
        finally:
            self._pump = None
            # Nobody may be left in line without a task that serves it, whatever ended this one.
            self._fail(LimiterUnavailable("The shared rate limiter was stopped while calls waited in line"))

    async def _ask(self) -> bool:
        """Asks for one token; whether it was granted."""
        await self._written()
        self._calls += 1
        call = f"{self._process}:{self._calls}"
        state = await self._run("take", call)
        if state.granted:
            self._let_through(call, state)
        else:
            self._ask_at = self._clock() + state.wait
            self._refuse_the_impatient(state)
        return state.granted

    async def _sleep(self) -> None:
        """Until it is time to ask again, something was freed here, or a caller has waited too long."""
        self._stirred.clear()
        seconds = min(self._ask_at, self._line.next_deadline()) - self._clock()
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._stirred.wait()
        except TimeoutError:
            pass
        for waiter in self._line.expired(self._clock()):
            self._refuse(waiter, max(0.0, self._ask_at - self._clock()))

    def _let_through(self, call: str, state: _Reply) -> None:
        now = self._clock()
        end = functools.partial(self._ended, call)
        while self._line.size:
            waiter = self._line.next()
            if not waiter.future.done():
                waiter.future.set_result(Permit(end, now, now - waiter.since, state.gate, 0, state.returned))
                return
        # Whoever it was for has left meanwhile.
        Permit(end, now, 0.0, state.gate, 0, state.returned).unsent()

    def _refuse_the_impatient(self, state: _Reply) -> None:
        for waiter, wait in self._line.hopeless(self._clock(), lambda ahead: max(state.wait, state.wait_behind(ahead))):
            self._refuse(waiter, wait)

    def _refuse(self, waiter: Waiter, wait: float) -> None:
        if not waiter.future.done():
            waiter.future.set_exception(too_long(wait, waiter.max_wait, self._state.limit, self._state.period))

    def _fail(self, error: LimiterUnavailable) -> None:
        while self._line.size:
            waiter = self._line.next()
            if not waiter.future.done():
                waiter.future.set_exception(LimiterUnavailable(error.message))

    def _local_bucket(self) -> TokenBucket:
        """This process's share. One call in a longer period, where the limit has fewer calls than there are shares."""
        if self._local is None:
            limit, shares = self._state.limit, self._local_share
            stretch = max(1.0, shares / limit)
            self._local = TokenBucket(
                limit=max(1, limit // shares),
                period=self._state.period * stretch,
                clock=self._clock,
                wall=self._wall,
            )
        return self._local

    # -- endings ----------------------------------------------------------------------------------------------------

    def _ended(self, call: str, permit: Permit, how: Ending, headers: Mapping[str, str]) -> float:
        now = self._clock()
        trip = now - permit.sent
        told = RateLimit.from_headers(headers)
        wait = 0.0
        extra = 0.0
        if how == "answered":
            self._trips.saw(trip)
            extra = self._trips.discount
        elif how == "lost":
            extra = max(0.0, min(self._trips.slowest, self._state.period) - trip)
        elif how == "rejected":
            self._trips.distrust()
            waits = (retry_after(headers, now=self._wall()), told.period)
            wait = max((wait for wait in waits if wait is not None), default=self._state.period)
            self._ask_at = max(self._ask_at, now + wait)
        self._spawn(self._write(how, call, now, extra, told, permit, trip, wait))
        return wait

    async def _write(
        self, how: Ending, call: str, at: float, extra: float, told: RateLimit, permit: Permit, trip: float, wait: float
    ) -> None:
        numbers = (told.limit, told.period, told.remaining, permit.gate, permit.returned, trip, wait)
        try:
            state = await self._run(how, call, self._clock() - at, extra, *numbers)
        except LimiterUnavailable as error:
            _log.warning("A token of the shared rate limiter stays out until its lease ends: %s", error.message)
            return
        if how == "rejected":
            self._refuse_the_impatient(state)
        elif state.wait < self._ask_at - self._clock():
            # A probe's answer or a token given back may let the next caller through sooner than it was told.
            self._ask_at = -math.inf
        self._stirred.set()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    async def _written(self) -> None:
        while self._writes:
            await asyncio.wait(self._writes)

    # -- Redis ------------------------------------------------------------------------------------------------------

    async def _run(self, step: str, call: str = "", *numbers: float | None) -> _Reply:
        from redis.exceptions import RedisError

        if self._script is None:
            source = resources.files("paymo_async.transport").joinpath("redis_bucket.lua").read_text("utf-8")
            self._script = self._redis.register_script(source)
        given = ["" if number is None else f"{number:.6f}" for number in numbers]
        try:
            async with asyncio.timeout(self._timeout):
                reply = await self._script(
                    keys=self._keys, args=[step, self._process, call, *self._own, f"{self._lease:.6f}", *given]
                )
        except (RedisError, OSError, TimeoutError) as error:
            if self._local_share:
                self._away_until = self._clock() + self._state.period
            raise LimiterUnavailable(
                f"The rate limiter shared through Redis cannot be reached ({str(error) or type(error).__name__}). "
                "Start Redis or correct its URL; or let each process go on with a share of the limit: "
                'RedisTokenBucket(..., on_unavailable="local", local_share=NUMBER_OF_PROCESSES)'
            ) from error
        self._state = state = _Reply.parse(reply)
        self._state_at = self._clock()
        return state


class _Reply(NamedTuple):
    """What the script answers. cooling: seconds until each of at most 100 cooling tokens comes back, sorted."""

    granted: bool = False
    wait: float = 0.0
    limit: int = DEFAULT_LIMIT
    period: float = DEFAULT_PERIOD
    in_flight: int = 0
    shut_for: float = 0.0
    learned: bool = False
    gate: int = 0
    returned: int = 0
    cooling: tuple[float, ...] = ()

    @classmethod
    def parse(cls, reply: list[Any]) -> _Reply:
        granted, wait, limit, period, in_flight, shut_for, learned, gate, returned, cooling = reply
        return cls(
            bool(granted),
            float(wait),
            int(limit),
            float(period),
            int(in_flight),
            float(shut_for),
            bool(learned),
            int(gate),
            int(returned),
            tuple(float(due) for due in cooling),
        )

    def wait_behind(self, ahead: int) -> float:
        """The least seconds until a caller with so many of its process ahead can go."""
        turns, place = divmod(ahead, self.limit)
        place -= self.limit - self.in_flight - len(self.cooling)
        due = 0.0
        if place >= 0:
            due = self.cooling[place] if place < len(self.cooling) else self.period / 2
        return max(due, self.shut_for, self.wait if ahead == 0 else 0.0) + turns * self.period


def _connect(url: str) -> Redis:
    try:
        from redis.asyncio import Redis
    except ImportError as error:
        raise ImportError("RedisTokenBucket needs the package redis: pip install 'paymo_async[redis]'") from error
    client: Redis = Redis.from_url(url)  # pyright: ignore[reportUnknownMemberType]  # its **kwargs have no type
    return client
