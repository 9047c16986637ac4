"""Rate limit headers and Retry-After: read where they can be meant, ignored field by field where not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from paymo_async.wire.limits import LONGEST_RETRY_AFTER, RateLimit, retry_after

NOW = datetime(2026, 5, 9, 12, 0, 0, tzinfo=UTC)

NONSENSE = ["", " ", "abc", "-1", "+5", "nan", "inf", "-inf", "1e3", "0x5", "1_0", "5,5", "\u0665", "9" * 5000, "5 5"]

texts = st.text(max_size=40)


def limits(limit: str | None = None, remaining: str | None = None, period: str | None = None) -> RateLimit:
    names = {"Limit": limit, "Remaining": remaining, "Decay-Period": period}
    return RateLimit.from_headers({f"X-Ratelimit-{name}": text for name, text in names.items() if text is not None})


def test_all_three_fields_are_read():
    assert limits("5", "0", "5") == RateLimit(limit=5, remaining=0, period=5.0)


def test_a_period_may_be_fractional():
    assert limits(period="4.25").period == 4.25
    assert limits(period=".5").period == 0.5


def test_missing_headers_are_none():
    assert RateLimit.from_headers({}) == RateLimit(None, None, None)
    assert limits(limit="7") == RateLimit(7, None, None)


@pytest.mark.parametrize(
    "name", ["X-Ratelimit-Limit", "X-RateLimit-Limit", "x-ratelimit-limit", "X-RATELIMIT-LIMIT"], ids=str
)
def test_the_case_of_names_does_not_matter(name):
    others = {"X-Ratelimit-Remaining": "3", "x-ratelimit-decay-period": "5"}
    assert RateLimit.from_headers({name: "5", **others}) == RateLimit(5, 3, 5.0)
    assert RateLimit.from_headers(CIMultiDictProxy(CIMultiDict({name: "5", **others}))) == RateLimit(5, 3, 5.0)


@pytest.mark.parametrize("text", [*NONSENSE, "0"], ids=ascii)
def test_a_nonsense_limit_leaves_the_other_fields(text):
    assert limits(text, "2", "5") == RateLimit(None, 2, 5.0)


@pytest.mark.parametrize("text", NONSENSE, ids=ascii)
def test_a_nonsense_remaining_leaves_the_other_fields(text):
    assert limits("5", text, "5") == RateLimit(5, None, 5.0)


@pytest.mark.parametrize("text", [*NONSENSE, "0", "0.0", "0.0001", "86401"], ids=ascii)
def test_a_nonsense_period_leaves_the_other_fields(text):
    assert limits("5", "2", text) == RateLimit(5, 2, None)


def test_a_huge_limit_is_ignored():
    assert limits("1000000").limit == 1_000_000
    assert limits("1000001").limit is None


@given(texts, texts, texts)
def test_no_header_text_breaks_reading_or_leaves_the_bounds(limit, remaining, period):
    seen = limits(limit, remaining, period)
    assert seen.limit is None or 1 <= seen.limit <= 1_000_000
    assert seen.remaining is None or 0 <= seen.remaining <= 1_000_000
    assert seen.period is None or 0.001 <= seen.period <= 86_400


@given(st.integers(1, 1_000_000), st.integers(0, 1_000_000), st.floats(0.001, 86_400))
def test_what_a_service_can_mean_is_read_exactly(limit, remaining, period):
    assert limits(str(limit), str(remaining), f"{period:.9f}") == RateLimit(limit, remaining, float(f"{period:.9f}"))


# -- Retry-After ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        ("  7 ", 7.0),
        ("1.5", 1.5),
        ("Sat, 09 May 2026 12:00:30 GMT", 30.0),
        ("Saturday, 09-May-26 12:00:30 GMT", 30.0),
        ("Sat May  9 12:00:30 2026", 30.0),
        ("Sat, 09 May 2026 14:00:30 +0200", 30.0),
        ("Sat, 09 May 2026 11:59:59 GMT", 0.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
    ],
    ids=ascii,
)
def test_seconds_and_every_date_form_are_read(text, seconds):
    assert retry_after({"Retry-After": text}, now=NOW) == seconds
    assert retry_after({"retry-after": text}, now=NOW.timestamp()) == seconds


@pytest.mark.parametrize(
    "text",
    [
        *(text for text in NONSENSE if text != "9" * 5000),
        "-0.5",
        "soon",
        "2026-05-09",
        "2026-05-09T12:00:30Z",
        "Sat, 09 Foo 2026 12:00:30 GMT",
        "Sat, 99 May 2026 12:00:30 GMT",
        "Sat, 09 May 2026 12:00:99 GMT",
        "Sat, 09 May 99999 12:00:30 GMT",
    ],
    ids=ascii,
)
def test_nonsense_is_none(text):
    assert retry_after({"Retry-After": text}, now=NOW) is None


def test_no_header_is_none():
    assert retry_after({"Date": "x"}, now=NOW) is None


@pytest.mark.parametrize("text", ["86401", "9" * 5000, "Sat, 09 May 2099 12:00:30 GMT"], ids=lambda text: text[:9])
def test_more_than_a_day_is_cut_to_a_day(text):
    assert retry_after({"Retry-After": text}, now=NOW) == LONGEST_RETRY_AFTER


@given(texts | st.from_regex(r"\A[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,6} \d\d:\d\d:\d\d.{0,9}\Z"))
def test_no_text_breaks_retry_after_or_leaves_its_bounds(text):
    seconds = retry_after({"Retry-After": text}, now=NOW)
    assert seconds is None or 0.0 <= seconds <= LONGEST_RETRY_AFTER


@given(st.integers(-100_000, 80_000))
def test_a_date_is_never_read_as_earlier_than_told(offset):
    moment = format_datetime(NOW + timedelta(seconds=offset), usegmt=True)
    assert retry_after({"Retry-After": moment}, now=NOW) == max(0.0, float(offset))
