"""The gate after a 429, and what a token bucket learns from headers."""

from __future__ import annotations

import asyncio

import pytest
from test_bucket import Calls, bucket, fresh, now, settle, told, took_all, until
from virtual_clock import virtual

from paymo_async.transport.bucket import TokenBucket

# -- gate and probe ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (told(retry_after=7, period=5), 7.0),
        (told(retry_after=2, period=5), 5.0),
        (told(retry_after="0.5", period="4.5"), 4.5),
        (told(retry_after=2), 2.0),
        (told(period=6), 6.0),
        (told(), 5.0),
        (told(retry_after="soon", period="abc"), 5.0),
        (told(retry_after="Thu, 01 Jan 1970 00:01:40 GMT"), 10.0),
    ],
    ids=str,
)
@virtual
async def test_a_429_shuts_the_gate_until_the_later_of_the_told_times(headers, seconds):
    limiter = bucket(wall=lambda: 90.0)
    (permit,) = await took_all(limiter, 1)
    assert permit.rejected(headers) == seconds
    assert limiter.snapshot().shut_for == seconds
    await limiter.acquire()
    assert now() == pytest.approx(seconds)


@virtual
async def test_a_429_never_opens_the_gate_sooner_than_an_earlier_one():
    limiter = bucket()
    permits = await took_all(limiter, 2)
    permits[0].rejected(told(retry_after=20))
    assert permits[1].rejected(told(retry_after=6)) == 20.0


@virtual
async def test_one_probe_goes_alone_and_its_answer_lets_the_rest_follow_at_the_buckets_pace():
    limiter = bucket()
    permits = await took_all(limiter)
    calls = Calls(limiter)
    await calls.add(*"abcdefg")
    for permit in permits:
        permit.rejected(told(retry_after=6))
    await until(6.5)
    assert calls.went == [("a", 6.0)]
    calls.permits["a"].answered({})
    await settle()
    assert calls.order == [*"abcde"]
    await until(11.6)
    assert calls.went[5:] == [("f", 11.5)]
    calls.tasks["g"].cancel()


@virtual
async def test_the_rejected_call_is_the_probe():
    limiter = bucket()
    (permit,) = await took_all(limiter, 1)
    await took_all(limiter, 4)
    calls = Calls(limiter)
    await calls.add("a", "b")
    permit.rejected(told(retry_after=6))
    await calls.add("again", first=True)
    await until(7.0)
    assert calls.order == ["again"]
    for name in "ab":
        calls.tasks[name].cancel()


@virtual
async def test_a_rejected_probe_shuts_the_gate_again():
    limiter = bucket()
    (permit,) = await took_all(limiter, 1)
    calls = Calls(limiter)
    permit.rejected(told(retry_after=6))
    await calls.add("a", "b")
    await until(6.5)
    calls.permits["a"].rejected(told(retry_after=8))
    await until(20.0)
    assert calls.went == [("a", 6.0), ("b", 14.5)]


@pytest.mark.parametrize("ending", ["unsent", "lost"])
@virtual
async def test_a_probe_that_ends_without_an_answer_makes_the_next_call_the_probe(ending):
    limiter = bucket()
    (permit,) = await took_all(limiter, 1)
    calls = Calls(limiter)
    permit.rejected(told(retry_after=6))
    await calls.add("a", "b", "c")
    await until(7.0)
    getattr(calls.permits["a"], ending)()
    await until(8.0)
    assert calls.went == [("a", 6.0), ("b", 7.0)]
    calls.permits["b"].answered({})
    await settle()
    assert calls.order == ["a", "b", "c"]


@virtual
async def test_a_probe_cancelled_in_line_hands_over_to_the_next():
    limiter = bucket()
    (permit,) = await took_all(limiter, 1)
    calls = Calls(limiter)
    permit.rejected(told(retry_after=6))
    await calls.add("a", "b")
    await until(5.0)
    calls.tasks["a"].cancel()
    await until(6.5)
    assert calls.went == [("b", 6.0)]


@virtual
async def test_calls_in_flight_when_the_gate_shuts_do_not_open_it():
    limiter = bucket()
    permits = await took_all(limiter)
    calls = Calls(limiter)
    await calls.add("a", "b")
    permits[0].rejected(told(retry_after=6))
    permits[1].answered({})
    permits[2].unsent()
    permits[3].lost()
    await until(5.9)
    assert calls.order == []
    await until(6.5)
    permits[4].answered({})
    await settle()
    assert calls.order == ["a"]
    calls.tasks["b"].cancel()


@virtual
async def test_a_429_that_comes_after_the_probe_was_sent_shuts_the_gate_again():
    limiter = bucket()
    permits = await took_all(limiter)
    calls = Calls(limiter)
    await calls.add("a", "b")
    permits[0].rejected(told(retry_after=6))
    await until(6.5)
    permits[1].rejected(told(retry_after=6))
    calls.permits["a"].answered({})  # sent before the gate shut again: it says nothing
    await until(12.0)
    assert calls.order == ["a"]
    await until(12.6)
    assert calls.went == [("a", 6.0), ("b", 12.5)]


# -- learning ----------------------------------------------------------------------------------------------------------


async def hear(limiter, **headers):
    """One answer that says so; returns limit and period then in force."""
    (await limiter.acquire()).answered(told(**headers))
    state = limiter.snapshot()
    return state.limit, state.period


@virtual
async def test_a_lower_limit_and_a_longer_period_are_believed_at_once():
    limiter = fresh()
    assert await hear(limiter, limit=3, period=5) == (3, 5.0)
    assert await hear(limiter, limit=3, period=8) == (3, 8.0)


@virtual
async def test_a_higher_limit_and_a_shorter_period_are_believed_when_two_answers_agree():
    limiter = fresh()
    assert await hear(limiter, limit=10, period=1) == (5, 5.0)
    assert await hear(limiter, limit=10, period=1) == (10, 1.0)


@virtual
async def test_two_answers_that_do_not_agree_raise_nothing():
    limiter = fresh()
    await hear(limiter, limit=10)
    await hear(limiter, limit=20)
    await hear(limiter, limit=5)
    await hear(limiter, limit=10)
    await until(30.0)
    assert await hear(limiter) == (5, 5.0)
    assert await hear(limiter, limit=10) == (10, 5.0)


@virtual
async def test_a_fractional_period_is_learned_exactly():
    assert await hear(fresh(), period="5.25") == (5, 5.25)


@pytest.mark.parametrize("text", ["-1", "0", "abc", "nan", "inf", "1e9", ""])
@virtual
async def test_nonsense_headers_change_nothing(text):
    limiter = fresh()
    assert await hear(limiter, limit=text, period=text, remaining=text) == (5, 5.0)
    assert not limiter.snapshot().learned
    assert limiter.snapshot().free == 4


@virtual
async def test_an_own_setting_is_lowered_by_headers_and_never_raised():
    limiter = bucket(limit=4, period=6.0)
    for _ in range(3):
        assert await hear(limiter, limit=9, period=1) == (4, 6.0)
    assert await hear(limiter, limit=2, period=7) == (2, 7.0)
    await until(30.0)
    await hear(limiter, limit=9, period=1)
    assert await hear(limiter, limit=9, period=1) == (4, 6.0)


@virtual
async def test_a_429_teaches_too():
    limiter = bucket()
    (permit,) = await took_all(limiter, 1)
    permit.rejected(told(limit=2, period=5))
    assert limiter.snapshot().limit == 2


@virtual
async def test_calls_out_beyond_a_lowered_limit_come_home_to_nobody():
    limiter = bucket()
    permits = await took_all(limiter)
    permits[0].answered(told(limit=2))
    assert limiter.snapshot().free == 0
    calls = Calls(limiter)
    await calls.add("a", "b")
    permits[1].unsent()
    permits[2].unsent()
    permits[3].unsent()
    await settle()
    assert calls.order == []
    permits[4].unsent()
    await settle()
    assert calls.order == ["a"]
    calls.tasks["b"].cancel()


@virtual
async def test_a_raised_limit_lets_those_in_line_through():
    limiter = fresh()
    calls = Calls(limiter)
    await calls.add(*"abcdefghij")
    calls.permits["a"].answered(told(limit=10, period=5))
    await settle()
    assert len(calls.order) == 5
    calls.permits["b"].answered(told(limit=10, period=5))
    await settle()
    assert len(calls.order) == 10


@virtual
async def test_tightening_holds_until_the_end():
    limiter = fresh()
    limiter.tighten(limit=2)
    limiter.tighten(period=9.0)
    limiter.tighten(limit=3, period=1.0)
    for _ in range(2):
        assert await hear(limiter, limit=5, period=5) == (2, 9.0)


# -- others with the same key ------------------------------------------------------------------------------------------


@virtual
async def test_calls_of_others_seen_in_the_headers_take_tokens_for_one_period():
    limiter = fresh()
    await hear(limiter, limit=5, period=5, remaining=1)
    assert limiter.snapshot().free == 1
    await until(5.01)
    assert limiter.snapshot().free == 5


@virtual
async def test_remaining_calls_give_no_tokens():
    limiter = bucket()
    permits = await took_all(limiter)
    permits[0].answered(told(limit=5, period=5, remaining=5))
    assert limiter.snapshot().free == 0


@virtual
async def test_a_token_that_came_back_while_the_call_was_under_way_is_not_taken_for_anothers():
    limiter = bucket()
    permits = await took_all(limiter, 4)
    for permit in permits:
        permit.answered({})
    await until(4.9)
    slow = await limiter.acquire()
    await until(5.1)
    assert limiter.snapshot().free == 4
    slow.answered(told(limit=5, period=5, remaining=0))
    assert limiter.snapshot().free == 4


# -- discount ----------------------------------------------------------------------------------------------------------


async def trips(limiter, count, seconds):
    """So many calls, one after the other, that take so long; the limiter must have tokens enough."""
    for _ in range(count):
        permit = await limiter.acquire()
        await asyncio.sleep(seconds)
        permit.answered({})


async def rest_of(limiter, seconds):
    """How long a token stays away after the headers of a call that takes so long."""
    await asyncio.sleep(100)
    permits = await took_all(limiter, limiter.snapshot().limit)
    await asyncio.sleep(seconds)
    permits[0].answered({})
    answered = now()
    permits[0] = await limiter.acquire()
    for permit in permits:
        permit.unsent()
    return now() - answered


@pytest.mark.parametrize(("seen", "discount"), [(39, 0.0), (40, 0.1)])
@virtual
async def test_the_smallest_round_trip_there_can_be_is_discounted_once_forty_were_seen(seen, discount):
    limiter = bucket()
    await trips(limiter, 1, 0.15)
    await trips(limiter, seen - 2, 0.2)
    # The call that is measured is seen too.
    assert await rest_of(limiter, 0.3) == pytest.approx(5.0 - discount, abs=1e-5)


@virtual
async def test_round_trips_whose_smallest_lie_far_apart_earn_no_discount():
    limiter = bucket()
    for number in range(60):
        await trips(limiter, 1, 0.02 + 0.01 * number)
    assert await rest_of(limiter, 0.3) == pytest.approx(5.0, abs=1e-5)


@virtual
async def test_each_429_makes_the_next_discount_eight_times_harder_to_earn():
    limiter = bucket()
    await trips(limiter, 50, 0.2)
    (await limiter.acquire()).rejected({})
    await asyncio.sleep(10)
    await trips(limiter, 318, 0.2)
    assert await rest_of(limiter, 0.2) == pytest.approx(5.0, abs=1e-5)
    assert await rest_of(limiter, 0.2) == pytest.approx(4.8, abs=1e-5)


@virtual
async def test_no_more_than_half_a_period_is_discounted():
    limiter = bucket(limit=5, period=0.2)
    await trips(limiter, 60, 1.0)
    assert await rest_of(limiter, 1.0) == pytest.approx(0.1, abs=1e-5)


def test_a_bucket_without_settings_reads_as_the_services_observed_limit():
    assert repr(TokenBucket()) == "TokenBucket(5 per 5 s: 5 free, 0 in flight, 0 waiting)"
