"""What an answer's headers say about the rate limit, and how long they tell a caller to wait.

The service sends `X-Ratelimit-Limit`, `-Remaining` and `-Decay-Period` with every answer, and `Retry-After` with a 429
(BEHAVIOUR.md, 'Rate limit'). Headers cross proxies, so each field is read for itself, and what cannot be meant is
taken as not sent.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

from multidict import istr

__all__ = ["LONGEST_RETRY_AFTER", "RateLimit", "retry_after"]

LONGEST_RETRY_AFTER: Final = 86_400.0
"""Seconds. A `Retry-After` beyond a day is read as a day: a wrong header must not stop an account for years."""

# An istr is its own folded form: aiohttp's header mappings need not fold it at each look.
_LIMIT: Final = istr("X-Ratelimit-Limit")
_REMAINING: Final = istr("X-Ratelimit-Remaining")
_PERIOD: Final = istr("X-Ratelimit-Decay-Period")

_MOST_CALLS: Final = 1_000_000
_SHORTEST_PERIOD: Final = 0.001
_LONGEST_PERIOD: Final = 86_400.0

_DECIMAL: Final = re.compile(r"\d+(?:\.\d*)?|\.\d+", re.ASCII)
# The three forms that RFC 9110, 5.6.7 wants understood all name the month in letters and the time with colons;
# email.utils alone would also read a date into much that is none.
_DATE: Final = re.compile(r"[A-Za-z]{3,9},? .*\d\d:\d\d:\d\d.*")


class RateLimit(NamedTuple):
    """The rate limit as one answer tells it; None for what it does not tell, or tells in nonsense.

    limit: calls in each period, 1 to 1,000,000. remaining: calls still free in this period, when it was counted.
    period: seconds, 0.001 to 86,400, may be fractional.
    """

    limit: int | None
    remaining: int | None
    period: float | None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> RateLimit:
        """Reads the `X-Ratelimit-` headers, whatever the case of their names."""
        limit, remaining, period = headers.get(_LIMIT), headers.get(_REMAINING), headers.get(_PERIOD)
        if limit is None or remaining is None or period is None:
            # The mapping may be a plain dict in which a proxy's lower case counts.
            folded = {name.lower(): value for name, value in headers.items()}
            limit, remaining, period = (folded.get(name.lower()) for name in (_LIMIT, _REMAINING, _PERIOD))
        return _read(limit, remaining, period)


def retry_after(headers: Mapping[str, str], *, now: datetime | float) -> float | None:
    """Seconds that `Retry-After` tells to wait: 0.0 for a past date, None where it is missing or cannot be read.

    now: the wall clock, as an aware datetime or a Unix timestamp; a date is measured from it. The header may hold
    whole or fractional seconds, or any date form of RFC 9110. More than `LONGEST_RETRY_AFTER` is cut to that.
    """
    text = headers.get("Retry-After")
    if text is None:
        text = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    if text is None:
        return None
    text = text.strip()
    if _DECIMAL.fullmatch(text):
        return min(float(text), LONGEST_RETRY_AFTER)
    moment = _moment(text)
    if moment is None:
        return None
    seconds = moment - (now.timestamp() if isinstance(now, datetime) else now)
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


# The same few texts come with every answer, and reading them anew would be half the limiter's cost.
@functools.lru_cache(maxsize=256)
def _read(limit: str | None, remaining: str | None, period: str | None) -> RateLimit:
    return RateLimit(_count(limit, 1), _count(remaining, 0), _period(period))


def _count(text: str | None, least: int) -> int | None:
    # The length is looked at first: int() of thousands of digits is slow, then refused.
    if text is None or len(text) > 7 or not (text.isascii() and text.isdecimal()):
        return None
    value = int(text)
    return value if least <= value <= _MOST_CALLS else None


def _period(text: str | None) -> float | None:
    if text is None or not _DECIMAL.fullmatch(text):
        return None
    value = float(text)
    return value if _SHORTEST_PERIOD <= value <= _LONGEST_PERIOD else None


def _moment(text: str) -> float | None:
    """A date as a Unix timestamp. The obsolete asctime form names no zone and is UTC by RFC 9110."""
    if not _DATE.fullmatch(text):
        return None
    try:
        parsed = parsedate_to_datetime(text)
        return (parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
