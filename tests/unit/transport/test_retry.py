"""Which failures are repeated, how long the waits are, and what stops the repeating."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paymo_async.errors import (
    APIError,
    BadRequest,
    DecodeError,
    IncompleteBody,
    PaymoConnectionError,
    PaymoError,
    PaymoTimeout,
    RateLimited,
    RateLimitTooLong,
    ServerError,
)
from paymo_async.transport.retry import RetryPolicy, RetryQuota, repeat

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.sleeps: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds


async def run(
    outcomes: list[PaymoError | str],
    *,
    method: str = "GET",
    policy: RetryPolicy | None = None,
    quota: RetryQuota | None = None,
    clock: Clock | None = None,
    told: list | None = None,
) -> tuple[str, list[int]]:
    """What comes of a first failure and these further attempts; and the numbers of the attempts made."""
    first, *rest = outcomes
    clock = clock or Clock()
    numbers: list[int] = []

    async def send(number: int) -> str:
        numbers.append(number)
        outcome = rest.pop(0)
        if isinstance(outcome, PaymoError):
            raise outcome
        return outcome

    value = await repeat(
        send,
        first,
        method=method,
        policy=policy or RetryPolicy(),
        quota=quota or RetryQuota(100),
        sleep=clock.sleep,
        clock=clock,
        random=lambda: 1.0,
        now=lambda: NOW,
        on_retry=None if told is None else lambda *record: told.append(record),
    )
    return value, numbers


def server_error(status: int = 503, **known) -> ServerError:
    return ServerError("broken", status=status, **known)


REFUSED = PaymoConnectionError("refused", sent=False)
BROKEN = PaymoConnectionError("broke")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "error",
    [
        *(APIError("x", status=status) for status in (408, 500, 502, 503, 504)),
        BROKEN,
        IncompleteBody("cut"),
        PaymoTimeout("slow"),
        RateLimited("429", status=429),
    ],
    ids=lambda error: f"{type(error).__name__}{error.status or ''}",
)
async def test_what_is_safe_to_repeat_is_repeated(method: str, error: PaymoError):
    assert await run([error, "done"], method=method) == ("done", [2])


@pytest.mark.parametrize("error", [RateLimited("429", status=429), REFUSED, PaymoTimeout("no connection", sent=False)])
async def test_a_create_is_repeated_when_the_service_cannot_have_taken_it(error: PaymoError):
    assert await run([error, "done"], method="POST") == ("done", [2])


@pytest.mark.parametrize("error", [server_error(500), BROKEN, PaymoTimeout("slow"), IncompleteBody("cut")])
async def test_a_create_that_may_have_arrived_is_not_repeated(error: PaymoError):
    with pytest.raises(type(error)):
        await run([error, "done"], method="POST")


@pytest.mark.parametrize(
    "error", [BadRequest("x", status=400), APIError("x", status=501), DecodeError("x"), RateLimitTooLong("x")]
)
async def test_what_repeating_cannot_mend_is_raised(error: PaymoError):
    with pytest.raises(type(error)):
        await run([error, "done"])


async def test_the_last_failure_is_raised_when_attempts_run_out():
    errors = [server_error(500), server_error(502), server_error(503), server_error(504), "never"]
    with pytest.raises(ServerError) as caught:
        await run(errors)
    assert caught.value is errors[3]


async def test_calls_refused_for_the_rate_have_more_attempts_and_no_wait_of_their_own():
    clock = Clock()
    value, numbers = await run([RateLimited("429", status=429)] * 8 + ["done"], clock=clock)
    assert (value, numbers) == ("done", list(range(2, 10)))
    assert clock.sleeps == [0.0] * 8


async def test_waits_grow_to_the_cap():
    clock = Clock()
    policy = RetryPolicy(attempts=7, base=1.0, cap=5.0)
    await run([server_error()] * 6 + ["done"], clock=clock, policy=policy)
    assert clock.sleeps == [1.0, 2.0, 4.0, 5.0, 5.0, 5.0]


@pytest.mark.parametrize(
    ("header", "least"),
    [("7", 7.0), ("7.5", 7.5), ("Sat, 21 Nov 2026 12:00:30 GMT", 30.0), ("Sat, 21 Nov 2020 12:00:30 GMT", 0), ("x", 0)],
)
async def test_no_repeat_comes_earlier_than_told(header: str, least: float):
    clock = Clock()
    await run([server_error(headers={"Retry-After": header}), "done"], clock=clock)
    assert clock.sleeps == [max(least, 0.5)]


async def test_no_repeat_begins_after_the_deadline():
    clock = Clock()
    with pytest.raises(ServerError):
        await run([server_error(headers={"Retry-After": "200"}), "done"], clock=clock)
    assert clock.sleeps == []


async def test_the_quota_ends_repeating_for_all_calls_and_successes_fill_it_again():
    quota = RetryQuota(2)
    await run([server_error(), server_error(), "done"], quota=quota)
    with pytest.raises(ServerError):
        await run([server_error(), "done"], quota=quota)
    for _ in range(11):
        quota.give_back()
    assert await run([server_error(), "done"], quota=quota) == ("done", [2])
    for _ in range(100):
        quota.give_back()
    assert quota.left == 2.0


async def test_the_rate_limit_takes_nothing_from_the_quota():
    quota = RetryQuota(1)
    await run([RateLimited("429", status=429)] * 3 + ["done"], quota=quota)
    assert quota.left == 1.0


async def test_each_repeat_is_told_with_its_number_and_wait():
    told: list = []
    error = server_error()
    await run([error, "done"], told=told)
    assert told == [(error, 2, 0.5)]


async def test_an_error_that_is_not_ours_ends_repeating():
    async def send(_: int) -> str:
        raise LookupError("a bug")

    clock = Clock()
    with pytest.raises(LookupError):
        await repeat(
            send,
            server_error(),
            method="GET",
            policy=RetryPolicy(),
            quota=RetryQuota(9),
            sleep=clock.sleep,
            clock=clock,
        )


@given(attempt=st.integers(1, 10_000), jitter=st.floats(0, 1, exclude_max=True), base=st.floats(0.01, 60))
def test_a_wait_is_never_negative_nor_above_the_cap(attempt: int, jitter: float, base: float):
    policy = RetryPolicy(base=base, cap=30.0)
    assert 0.0 <= policy.wait(server_error(), attempt, lambda: jitter, NOW) <= 30.0


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [({"attempts": 0}, "attempts must be at least 1"), ({"deadline": 0.0}, "deadline"), ({"cap": float("nan")}, "cap")],
)
def test_settings_that_cannot_be_are_refused(settings: dict, sentence: str):
    with pytest.raises(ValueError, match=sentence):
        RetryPolicy(**settings)
