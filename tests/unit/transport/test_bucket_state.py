"""Any sequence of what can happen to a bucket, against a model of its promises."""

from __future__ import annotations

import asyncio

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule
from virtual_clock import VirtualLoop, most_in_any_window

from paymo_async.errors import RateLimitTooLong
from paymo_async.transport.bucket import TokenBucket

LIMIT, PERIOD = 3, 4.0


class Bucket(RuleBasedStateMachine):
    """Callers come, are let through, cancelled and answered, in any order, at any time.

    Every call may be counted anywhere between its sending and its end, so both are held against the limit.
    """

    waiting = Bundle("waiting")
    flying = Bundle("flying")

    def __init__(self):
        super().__init__()
        self.loop = VirtualLoop()
        self.limiter = TokenBucket(limit=LIMIT, period=PERIOD, clock=self.loop.time)
        self.line = []
        self.out = {}
        self.spans = []
        self.shut_until = 0.0
        self.probing = False
        self.probe = None

    def teardown(self):
        for task in self.line:
            task.cancel()
        self.let(asyncio.sleep(0))
        self.loop.close()

    def let(self, coroutine):
        return self.loop.run_until_complete(coroutine)

    def step(self):
        """Lets tasks run, and takes note of who was let through."""

        async def settle():
            for _ in range(4):
                await asyncio.sleep(0)

        self.let(settle())
        ended = [task for task in self.line if task.done()]
        self.line = [task for task in self.line if not task.done()]
        errors = [task.exception() for task in ended if not task.cancelled()]
        assert all(error is None or isinstance(error, RateLimitTooLong) for error in errors)
        through = [task.result() for task in ended if not task.cancelled() and task.exception() is None]
        for permit in sorted(through, key=lambda permit: permit.sent):
            self.out[permit] = permit.sent
            assert permit.sent >= self.shut_until - 1e-9
            if self.probing:
                assert self.probe is None or permit.sent >= self.probe.sent + PERIOD
                self.probe = permit

    def end(self, permit):
        sent = self.out.pop(permit)
        if permit is self.probe:
            self.probe = None
        return sent

    @rule(
        target=waiting,
        max_wait=st.none() | st.floats(0.1, 30),
        first=st.booleans(),
        priority=st.sampled_from(["interactive", "background"]),
    )
    def call(self, max_wait, first, priority):
        task = self.loop.create_task(self.limiter.acquire(max_wait=max_wait, first=first, priority=priority))
        self.line.append(task)
        self.step()
        return task

    @rule(task=consumes(waiting), others_end=st.booleans())
    def cancel(self, task, others_end):
        if others_end and self.out:
            # An ending and a cancel in the same turn of the loop.
            permit = next(iter(self.out))
            self.end(permit)
            permit.unsent()
        task.cancel()
        self.step()

    @precondition(lambda self: self.out)
    @rule(data=st.data(), how=st.sampled_from(["answered", "unsent", "lost", "rejected"]))
    def finish(self, data, how):
        permit = data.draw(st.sampled_from(list(self.out)))
        sent = self.end(permit)
        now = self.loop.time()
        if how == "answered":
            self.spans.append((sent, now))
            if self.probing and sent >= self.shut_until and permit.gate == self.limiter._gate:
                self.probing, self.probe = False, None
            permit.answered({})
        elif how == "rejected":
            self.spans.append((sent, now))
            seconds = permit.rejected({"Retry-After": "5"})
            self.shut_until = max(self.shut_until, now + 5.0)
            self.probing, self.probe = True, None
            assert abs(seconds - (self.shut_until - now)) < 1e-9
        elif how == "lost":
            self.spans.append((sent, now))
            permit.lost()
        else:
            permit.unsent()
        permit.answered({})  # a second ending does nothing
        self.step()

    @rule(seconds=st.floats(0.01, 6.0))
    def pass_time(self, seconds):
        self.let(asyncio.sleep(seconds))
        self.step()

    @invariant()
    def every_token_is_free_in_flight_or_cooling(self):
        state = self.limiter.snapshot()
        assert state.free + state.in_flight + state.cooling == LIMIT
        assert state.in_flight == len(self.out)
        assert sum(state.waiting.values()) == len(self.line)

    @invariant()
    def no_window_holds_more_than_the_limit_wherever_calls_are_counted(self):
        # The worst case for a window: earlier calls counted at their end, the later ones at their sending.
        for last, (sent, _) in enumerate(self.spans):
            earlier = [end for n, (_, end) in enumerate(self.spans) if n != last and sent - PERIOD + 1e-6 < end <= sent]
            assert len(earlier) < LIMIT
        assert most_in_any_window([sent for sent, _ in self.spans], PERIOD) <= LIMIT

    @invariant()
    def nobody_waits_while_a_call_may_be_sent(self):
        state = self.limiter.snapshot()
        if self.line and not self.probing:
            assert state.free == 0


TestBucket = Bucket.TestCase
TestBucket.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
