"""Pages of other origins that read the API from a browser (CORS), where a sandbox is told to let them.

Whether the service lets them is unknown, so it is off by default. Where it is on, every page that the browser shows may
use the API with the sandbox's key; the control API is never opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

__all__ = ["SHARED", "preflight"]

SHARED: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Content-Disposition, Location, Retry-After, X-Ratelimit-Decay-Period, X-Ratelimit-Limit, X-Ratelimit-Remaining"
    ),
}
"""What lets a page read an answer, with the headers that a browser hides otherwise."""

_METHODS: Final = "DELETE, GET, HEAD, POST, PUT"
_REMEMBERED: Final = "600"  # seconds in which a browser does not ask again


def preflight(request: web.BaseRequest) -> web.Response | None:
    """The answer to a browser that asks what a page may send; None for any other request."""
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": _METHODS,
        # By name, since `*` does not cover Authorization.
        "Access-Control-Allow-Headers": request.headers.get("Access-Control-Request-Headers", "Authorization"),
        "Access-Control-Max-Age": _REMEMBERED,
        "Vary": "Access-Control-Request-Headers",
    }
    return web.Response(status=204, headers=headers)
