"""One call on its way: what holds for it, what is known of it so far, and the root it goes to."""

from __future__ import annotations

from typing import Final

import attrs
from yarl import URL

from paymo_async.errors import InvalidRequest, NotFound, PaymoError, RateLimited, Unauthorized
from paymo_async.transport.deadlines import Deadline
from paymo_async.transport.stats import current_call
from paymo_async.wire.failures import redact_url
from paymo_async.wire.messages import Priority, Request

__all__ = ["Call", "CallOptions", "check_base_url"]

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@attrs.frozen(kw_only=True)
class CallOptions:
    """What holds for one call.

    timeout: seconds for each attempt, from sending to the last byte. max_wait: seconds that a call may wait for the
    rate limit, None without end. priority: "background" waits while "interactive" calls are in line.
    """

    timeout: float = 60.0
    max_wait: float | None = None
    priority: Priority = "interactive"


def check_base_url(text: str) -> URL:
    """The API's root as a URL that ends in a slash. Raises `InvalidRequest` for plain http to a host not loopback."""
    try:
        url = URL(text)
    except ValueError as error:
        raise InvalidRequest(f"base_url {redact_url(text)!r} is not a URL: {error}") from None
    if url.user or url.password:
        raise InvalidRequest("base_url holds credentials; give them as api_key, or as email and password")
    if url.scheme not in ("http", "https") or not url.host:
        raise InvalidRequest(
            f"base_url {redact_url(text)!r} needs a scheme and a host, like https://app.paymoapp.com/api/"
        )
    if url.query_string or url.fragment:
        raise InvalidRequest(f"base_url {redact_url(text)!r} must not hold a query or a fragment")
    if url.scheme == "http" and url.host not in _LOOPBACK and not url.host.startswith("127."):
        raise InvalidRequest(
            f"base_url {text!r} would send credentials unencrypted; use https (plain http is for loopback only)"
        )
    return url if url.path.endswith("/") else url.with_path(url.path + "/")


class Call:
    """One call on its way through its attempts.

    attempt: how often it was sent. waited: seconds spent in the limiter's line. rejected: the last attempt had a 429,
    so the next goes to the head of the line. may_have_arrived: an attempt failed that the service may have carried
    out. token_used: the session token the last attempt was sent with. is_plain_get: a GET under the API's root with
    the usual headers only, whose answer is read whole.
    """

    # Defaults of the class: most calls never change them, and setting each would cost every call.
    attempt: int = 0
    waited: float = 0.0
    rejected: bool = False
    may_have_arrived: bool = False
    token_used: str | None = None
    is_plain_get: bool = False
    deadline: Deadline | None = None

    def __init__(
        self, request: Request, options: CallOptions, url: URL, *, ours: bool, streams: bool, started: float
    ) -> None:
        self.request = request
        self.options = options
        self.url = url
        self.ours = ours
        self.streams = streams
        self.started = started

    def note(self, error: PaymoError) -> None:
        """Remembers what a failed attempt means for the next."""
        self.rejected = isinstance(error, RateLimited)
        if error.sent and not isinstance(error, (RateLimited, Unauthorized, NotFound)):
            self.may_have_arrived = True

    def end(self) -> None:
        """An attempt is over: its deadline has nothing to cancel any more."""
        if self.deadline is not None:
            self.deadline.ended = True

    def account(self) -> None:
        """Adds what this call cost to the work it is part of, if a fan-out is counting."""
        stats = current_call.get()
        if stats is not None:
            stats.attempts += self.attempt
            stats.waited += self.waited
