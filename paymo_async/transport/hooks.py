"""What a user can watch: a function for each request, answer and repeat, told with frozen records."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from paymo_async.errors import PaymoError

__all__ = ["Hooks", "RequestRecord", "ResponseRecord", "RetryRecord"]


@attrs.frozen(kw_only=True)
class RequestRecord:
    """An attempt about to be sent. url: without secrets. attempt: 1 is the first. waited: seconds for the limit."""

    method: str
    url: str
    attempt: int
    waited: float


@attrs.frozen(kw_only=True)
class ResponseRecord:
    """An answer whose headers arrived. elapsed: seconds from sending this attempt to its headers."""

    method: str
    url: str
    attempt: int
    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    elapsed: float


@attrs.frozen(kw_only=True)
class RetryRecord:
    """A call that will be sent again. error: why. attempt: the coming one's number. delay: seconds until then."""

    method: str
    url: str
    attempt: int
    delay: float
    error: PaymoError


@attrs.frozen(kw_only=True)
class Hooks:
    """Functions to call; each is plain (not async), quick, and what it raises ends the call it watches."""

    on_request: Callable[[RequestRecord], None] | None = None
    on_response: Callable[[ResponseRecord], None] | None = None
    on_retry: Callable[[RetryRecord], None] | None = None
