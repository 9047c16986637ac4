"""The four ways to count, in virtual time."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paymo_async.sandbox.ratelimit import RateLimiter, RateModel, Verdict

MODELS = ("sliding", "window", "clock", "leaky")


class Clock:
    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def accepted(model: RateModel, times: list[float]) -> list[float]:
    clock = Clock()
    limiter = RateLimiter(model, clock)
    taken = []
    for clock.now in times:
        if not limiter.take("key").wait:
            taken.append(clock.now)
    return taken


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        ("sliding", [3, 3.5, 8, 8.5]),
        ("window", [3, 3.5, 8, 8.5]),
        ("clock", [3, 3.5, 5, 5.5]),
        ("leaky", [3, 3.5, 5.5, 8]),
    ],
)
def test_each_model_counts_in_its_own_way(model, wanted):
    times = [3, 3.5, 4, 5, 5.5, 6, 8, 8.5]
    assert accepted(RateModel(2, 5.0, model), times) == wanted


@pytest.mark.parametrize(
    ("model", "times", "wanted"),
    [
        ("window", [3, 3, 7.999, 8, 8, 8, 12.999, 13], [3, 3, 8, 8, 13]),
        ("clock", [4.999, 4.999, 4.999, 5, 5, 5, 9.999, 10], [4.999, 4.999, 5, 5, 10]),
        ("sliding", [0, 1, 4.999, 5, 5.999, 6, 9.999, 10], [0, 1, 5, 6, 10]),
        ("leaky", [0, 0, 2.499, 2.5, 2.5, 4.999, 5, 10, 10, 10], [0, 0, 2.5, 5, 10, 10]),
    ],
)
def test_the_edge_of_a_period_belongs_to_the_next_one(model, times, wanted):
    assert accepted(RateModel(2, 5.0, model), times) == wanted


@pytest.mark.parametrize("model", MODELS)
def test_who_was_refused_is_not_counted(model):
    clock = Clock(10.0)
    limiter = RateLimiter(RateModel(2, 5.0, model), clock)
    verdicts = [limiter.take("key") for _ in range(50)]
    assert [verdict.wait > 0 for verdict in verdicts] == [False] * 2 + [True] * 48
    assert len({verdict.wait for verdict in verdicts[2:]}) == 1
    clock.now += verdicts[-1].wait
    assert not limiter.take("key").wait


@pytest.mark.parametrize(("wait", "told"), [(0.001, "1"), (1.0, "1"), (1.001, "2"), (4.999, "5"), (5.0, "5")])
def test_retry_after_is_rounded_up_to_whole_seconds(wait, told):
    limiter = RateLimiter(RateModel(), Clock())
    assert limiter.headers(Verdict(wait, 0))["Retry-After"] == told
    assert "Retry-After" not in limiter.headers(Verdict(0.0, 4))


@pytest.mark.parametrize("model", MODELS)
def test_keys_are_counted_apart(model):
    limiter = RateLimiter(RateModel(1, 5.0, model), Clock(7.0))
    assert not limiter.take("one").wait
    assert not limiter.take("two").wait
    assert limiter.take("one").wait
    assert (limiter.remaining("one"), limiter.remaining("three")) == (0, 1)


@pytest.mark.parametrize("model", MODELS)
def test_remaining_counts_down_and_comes_back(model):
    clock = Clock(10.0)
    limiter = RateLimiter(RateModel(3, 5.0, model), clock)
    assert [limiter.take("key").remaining for _ in range(4)] == [2, 1, 0, 0]
    clock.now += 5.0
    assert limiter.remaining("key") == 3


def test_headers_tell_a_fractional_period_and_whole_seconds_to_wait():
    clock = Clock()
    limiter = RateLimiter(RateModel(1, 2.5), clock)
    assert limiter.headers(limiter.take("key")) == {
        "X-Ratelimit-Limit": "1",
        "X-Ratelimit-Remaining": "0",
        "X-Ratelimit-Decay-Period": "2.5",
    }
    clock.now = 0.25
    assert limiter.headers(limiter.take("key"))["Retry-After"] == "3"
    clock.now = 2.4999
    assert limiter.headers(limiter.take("key"))["Retry-After"] == "1"


@pytest.mark.parametrize("model", MODELS)
@given(
    limit=st.integers(1, 6),
    period=st.floats(0.5, 7.0),
    gaps=st.lists(st.floats(0.0, 3.0), min_size=1, max_size=60),
)
@settings(max_examples=60, deadline=None)
def test_who_waits_as_told_is_accepted_and_no_period_holds_too_many(model, limit, period, gaps):
    clock = Clock(1000.0)
    limiter = RateLimiter(RateModel(limit, period, model), clock)
    taken = []
    for gap in gaps:
        clock.now += gap
        verdict = limiter.take("key")
        assert 0 <= verdict.remaining < limit + 1
        if verdict.wait:
            assert verdict.wait <= period + 1e-6
            clock.now += math.ceil(verdict.wait)
            assert not limiter.take("key").wait
        taken.append(clock.now)
    most = limit if model == "sliding" else 2 * limit
    for start in taken:
        assert sum(start <= at < start + period - 1e-9 for at in taken) <= most


@pytest.mark.parametrize("model", MODELS)
def test_of_very_many_keys_those_that_rest_are_forgotten_and_the_others_are_not(model):
    clock = Clock(0.0)
    limiter = RateLimiter(RateModel(1, 5.0, model), clock)
    for number in range(9_999):
        limiter.take(f"idle {number}")
    clock.now = 6.0
    limiter.take("busy")
    assert len(limiter.left()) == 10_000
    limiter.take("new")
    assert limiter.left() == {"busy": 0, "new": 0}
    assert limiter.take("busy").wait > 0
