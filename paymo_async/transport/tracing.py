"""OpenTelemetry spans, one for each attempt, where the process uses OpenTelemetry.

Its API is never imported from here: an application that traces has imported it already, and one that does not pays
one dictionary look-up for each attempt. Attribute names follow the semantic conventions for HTTP clients.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Protocol

from yarl import URL

from paymo_async.wire.messages import Request

__all__ = ["is_tracing", "span"]


class _Traced(Protocol):
    """What is read of a call."""

    @property
    def request(self) -> Request: ...
    @property
    def url(self) -> URL: ...
    @property
    def attempt(self) -> int: ...


def is_tracing() -> bool:
    """Whether the application has imported OpenTelemetry's tracing API."""
    return "opentelemetry.trace" in sys.modules


@contextmanager
def span(call: _Traced, shown: str) -> Generator[Any]:
    """A client span around one attempt; an error inside marks it. shown: the URL without secrets."""
    from opentelemetry import trace

    request, url, attempt = call.request, call.url, call.attempt
    attributes: dict[str, str | int] = {
        "http.request.method": request.method,
        "url.full": shown,
        "server.address": url.host or "",
        "server.port": url.port or 0,
    }
    if attempt > 1:
        attributes["http.request.resend_count"] = attempt - 1
    tracer = trace.get_tracer("paymo_async")
    with tracer.start_as_current_span(
        f"{request.method} {request.path.partition('/')[0]}",
        kind=trace.SpanKind.CLIENT,
        attributes=attributes,
        record_exception=False,  # an exception's text may quote an answer; the status below says enough
        set_status_on_exception=True,
    ) as current:
        yield current
