"""Every error of this package, by cause.

    PaymoError
     |- InvalidRequest (also ValueError)       refused before anything was sent
     |   |- QueryError                         a `where` or `include` that cannot be right
     |   |- TimerTooShort                      a timer that ran for less than the minute an entry needs
     |   '- MissingCredentials
     |- PaymoConnectionError (also ConnectionError)   no whole answer came
     |   '- IncompleteBody                     the answer was cut
     |- PaymoTimeout (also TimeoutError)
     |- RateLimitTooLong                       the wait would be longer than `max_wait`
     |- LimiterUnavailable                     the shared (Redis) limiter cannot be reached
     |- APIError                               the service answered with an error status
     |   |- BadRequest          400, 422       `field`: the attribute or include it names
     |   |   '- NumberInUse                    another estimate or invoice has that number
     |   |- Unauthorized        401
     |   |- Forbidden           403
     |   |   '- PlanLimit                      the plan's limit, or a feature it lacks
     |   |- NotFound            404
     |   |- Conflict            409
     |   |   '- TimerRunning                   `entry`: the running one
     |   |- RateLimited         429
     |   '- ServerError         5xx
     |- DecodeError                            an answer, or an object in it, cannot be read
     |   '- UnexpectedContent                  HTML where JSON was due, and the like
     |- TruncatedError                         an answer was cut at 2500 objects, and repairing was not allowed
     |- PagingError                            pages that repeat, or never end
     '- WebhookError

All carry what is known of the call (`method`, `url` without secrets, `status`, `body`, `headers`, `attempts`,
`elapsed`); all survive pickle, so that they cross process borders. No credential is ever in one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from paymo_async.models.entries import TimeEntry

__all__ = [
    "APIError",
    "BadRequest",
    "Conflict",
    "DecodeError",
    "Forbidden",
    "IncompleteBody",
    "InvalidRequest",
    "LimiterUnavailable",
    "MissingCredentials",
    "NotFound",
    "NumberInUse",
    "PagingError",
    "PaymoConnectionError",
    "PaymoError",
    "PaymoTimeout",
    "PlanLimit",
    "QueryError",
    "RateLimitTooLong",
    "RateLimited",
    "ServerError",
    "TimerRunning",
    "TimerTooShort",
    "TruncatedError",
    "Unauthorized",
    "UnexpectedContent",
    "WebhookError",
]

_BODY_SHOWN = 300  # characters of an answer's body in an error's text


class PaymoError(Exception):
    """Root of all errors of this package.

    status: HTTP status, None where there was no answer. method, url: the call, the URL without secrets.
    body: the answer's text, whole (the error's own text shows the first 300 characters). headers: the answer's.
    attempts: how many times it was sent. elapsed: seconds from the call to the error, waits included.
    sent: False where nothing can have reached the service, so that even a create may be repeated.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        method: str = "",
        url: str = "",
        body: str = "",
        headers: Mapping[str, str] | None = None,
        attempts: int = 0,
        elapsed: float = 0.0,
        sent: bool = True,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.method = method
        self.url = url
        self.body = body
        self.headers: dict[str, str] = dict(headers or {})
        self.attempts = attempts
        self.elapsed = elapsed
        self.sent = sent

    def about(self, **known: Any) -> Self:
        """Adds what is known of the call; returns the error itself."""
        for name, value in known.items():
            if not hasattr(self, name):
                raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
            setattr(self, name, value)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)

    def __str__(self) -> str:
        text = self.message
        if self.method:
            text += f" [{self.method} {self.url}{f' -> {self.status}' if self.status else ''}"
            text += f", {self.attempts} attempts]" if self.attempts > 1 else "]"
        if self.body and self.body not in text:
            cut = self.body if len(self.body) <= _BODY_SHOWN else self.body[:_BODY_SHOWN] + "..."
            text += f": {cut}"
        return text


def _rebuild(cls: type[PaymoError], args: tuple[Any, ...], state: dict[str, Any]) -> PaymoError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class InvalidRequest(PaymoError, ValueError):
    """Refused here, before anything was sent: the text names what is wrong and what to do."""


class QueryError(InvalidRequest):
    """A `where` or `include` that cannot be right; nothing was sent."""


class TimerTooShort(InvalidRequest):
    """A timer was to be stopped before a minute was over, and the service refuses such entries; it still runs.

    entry: the running one. seconds: how long it would have run.
    """

    def __init__(self, message: str, *, entry: TimeEntry | None = None, seconds: int = 0, **known: Any) -> None:
        super().__init__(message, **known)
        self.entry: TimeEntry | None = entry
        self.seconds: int = seconds


class MissingCredentials(InvalidRequest):
    """No API key, email and password, or session token was given or found in the environment."""


class PaymoConnectionError(PaymoError, ConnectionError):
    """No connection, or it broke before a whole answer came."""


class IncompleteBody(PaymoConnectionError):
    """The answer's body ended early."""


class PaymoTimeout(PaymoError, TimeoutError):
    """No whole answer came in time."""


class RateLimitTooLong(PaymoError):
    """The rate limit would make this call wait longer than its `max_wait`; it was not sent.

    retry_after: seconds until it could be sent. limit, period: calls per seconds in force.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float = 0.0,
        limit: int = 0,
        period: float = 0.0,
        **known: Any,
    ) -> None:
        super().__init__(message, **known)
        self.retry_after = retry_after
        self.limit = limit
        self.period = period


class LimiterUnavailable(PaymoError):
    """The limiter that processes share cannot be reached, and no local share was allowed."""


class APIError(PaymoError):
    """The service answered with an error status. server_message: its own words, where the body holds them."""

    def __init__(self, message: str, *, server_message: str = "", **known: Any) -> None:
        super().__init__(message, **known)
        self.server_message = server_message


class BadRequest(APIError):
    """400 or 422. field: the attribute, include or condition that the service names, where it names one."""

    def __init__(self, message: str, *, field: str | None = None, **known: Any) -> None:
        super().__init__(message, **known)
        self.field = field


class NumberInUse(BadRequest):
    """400: another estimate or invoice has the number that was given."""


class Unauthorized(APIError):
    """401: the key, password or session is not accepted."""


class Forbidden(APIError):
    """403: this user may not do that."""


class PlanLimit(Forbidden):
    """403: the account's plan has no room for one more, or lacks the feature."""


class NotFound(APIError):
    """404, or an id that did not come back from a list."""


class Conflict(APIError):
    """409."""


class TimerRunning(Conflict):
    """409 on starting a timer: this user already has one running.

    entry: the running one, where `entries.start_timer` asked for it; a plain create does not.
    """

    def __init__(self, message: str, *, entry: TimeEntry | None = None, **known: Any) -> None:
        super().__init__(message, **known)
        self.entry: TimeEntry | None = entry


class RateLimited(APIError):
    """429, after all retries. retry_after: seconds, where the service told them."""

    def __init__(self, message: str, *, retry_after: float | None = None, **known: Any) -> None:
        super().__init__(message, **known)
        self.retry_after = retry_after


class ServerError(APIError):
    """5xx, after all retries."""


class DecodeError(PaymoError):
    """An object that cannot be read.

    resource, id: which one, id None where even that is missing. path: where in it, as `$.items[2].price`.
    value: what stood there, cut to 200 characters in the text.
    """

    def __init__(
        self,
        message: str,
        *,
        resource: str = "",
        id: Any = None,
        path: str = "",
        value: Any = None,
        **known: Any,
    ) -> None:
        super().__init__(message, **known)
        self.resource = resource
        self.id = id
        self.path = path
        self.value = value


class UnexpectedContent(DecodeError):
    """A success status with a body of another kind than asked for: HTML where JSON was due, no known envelope."""


class TruncatedError(PaymoError):
    """An answer reached 2500 objects of one type, so children may be missing. type: the include or resource."""

    def __init__(self, message: str, *, type: str = "", count: int = 0, **known: Any) -> None:
        super().__init__(message, **known)
        self.type = type
        self.count = count


class PagingError(PaymoError):
    """Pages that repeat wholly or never end. page: the number of the page (the first is 0)."""

    def __init__(self, message: str, *, page: int = 0, **known: Any) -> None:
        super().__init__(message, **known)
        self.page = page


class WebhookError(PaymoError):
    """A webhook delivery that cannot be trusted or read. status: what to answer the service: 400, 401 or 413."""
