"""An async client for the Paymo API: complete answers, one rate limiter, typed objects, and a sandbox.

    import asyncio
    from paymo_async import PaymoClient

    async def main():
        async with PaymoClient(api_key="...") as paymo:
            async for report in paymo.reports.list():
                print(report.name)

    asyncio.run(main())

Names are loaded when they are first used, so that importing this package costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from paymo_async._version import __version__

if TYPE_CHECKING:
    from paymo_async.auth import ApiKey, Password, SessionToken
    from paymo_async.client import PaymoClient
    from paymo_async.errors import (
        APIError,
        BadRequest,
        Conflict,
        DecodeError,
        Forbidden,
        IncompleteBody,
        InvalidRequest,
        LimiterUnavailable,
        MissingCredentials,
        NotFound,
        NumberInUse,
        PagingError,
        PaymoConnectionError,
        PaymoError,
        PaymoTimeout,
        PlanLimit,
        QueryError,
        RateLimited,
        RateLimitTooLong,
        ServerError,
        TimerRunning,
        TimerTooShort,
        TruncatedError,
        Unauthorized,
        UnexpectedContent,
        WebhookError,
    )
    from paymo_async.fanout import FanOut, Many, Outcome, Progress
    from paymo_async.listing import Listing, Page, Stream
    from paymo_async.loader import Loader
    from paymo_async.models.base import UNSET
    from paymo_async.models.changes import changes
    from paymo_async.models.clients import Client
    from paymo_async.models.company import Company
    from paymo_async.models.entries import TimeEntry
    from paymo_async.models.estimates import Estimate, EstimateItem
    from paymo_async.models.projects import Project
    from paymo_async.models.reports import Report, ReportInclude, ReportItem, ReportOptions
    from paymo_async.models.sessions import Session
    from paymo_async.models.tasks import Task, Tasklist
    from paymo_async.models.users import User
    from paymo_async.query import F, Where
    from paymo_async.transport.bucket import TokenBucket
    from paymo_async.transport.hooks import Hooks, RequestRecord, ResponseRecord, RetryRecord
    from paymo_async.transport.redis_bucket import RedisTokenBucket
    from paymo_async.transport.retry import RetryPolicy
    from paymo_async.wire.messages import Response
    from paymo_async.wire.tolerant import make_converter

__all__ = [
    "UNSET",
    "APIError",
    "ApiKey",
    "BadRequest",
    "Client",
    "Company",
    "Conflict",
    "DecodeError",
    "Estimate",
    "EstimateItem",
    "F",
    "FanOut",
    "Forbidden",
    "Hooks",
    "IncompleteBody",
    "InvalidRequest",
    "LimiterUnavailable",
    "Listing",
    "Loader",
    "Many",
    "MissingCredentials",
    "NotFound",
    "NumberInUse",
    "Outcome",
    "Page",
    "PagingError",
    "Password",
    "PaymoClient",
    "PaymoConnectionError",
    "PaymoError",
    "PaymoTimeout",
    "PlanLimit",
    "Progress",
    "Project",
    "QueryError",
    "RateLimitTooLong",
    "RateLimited",
    "RedisTokenBucket",
    "Report",
    "ReportInclude",
    "ReportItem",
    "ReportOptions",
    "RequestRecord",
    "Response",
    "ResponseRecord",
    "RetryPolicy",
    "RetryRecord",
    "ServerError",
    "Session",
    "SessionToken",
    "Stream",
    "Task",
    "Tasklist",
    "TimeEntry",
    "TimerRunning",
    "TimerTooShort",
    "TokenBucket",
    "TruncatedError",
    "Unauthorized",
    "UnexpectedContent",
    "User",
    "WebhookError",
    "Where",
    "__version__",
    "changes",
    "make_converter",
]

# The modules beside `paymo_async.errors` and `paymo_async.models`, which are looked through for any other name.
_HOMES = {
    "auth": ("ApiKey", "Password", "SessionToken"),
    "client": ("PaymoClient",),
    "fanout": ("FanOut", "Many", "Outcome", "Progress"),
    "loader": ("Loader",),
    "models.changes": ("changes",),
    "listing": ("Listing", "Page", "Stream"),
    "query": ("F", "Where"),
    "transport.bucket": ("TokenBucket",),
    "transport.hooks": ("Hooks", "RequestRecord", "ResponseRecord", "RetryRecord"),
    "transport.redis_bucket": ("RedisTokenBucket",),
    "transport.retry": ("RetryPolicy",),
    "wire.messages": ("Response",),
    "wire.tolerant": ("make_converter",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _HOME_OF.get(name)
    for module in (home,) if home else ("errors", "models"):
        found = importlib.import_module(f"{__name__}.{module}")
        if name in found.__all__:
            value = getattr(found, name)
            globals()[name] = value  # the next use finds it without coming here
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
