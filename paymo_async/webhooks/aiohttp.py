"""Webhooks in an aiohttp.web application.

app.router.add_post("/paymo", aiohttp_handler(router))
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from paymo_async.errors import WebhookError
from paymo_async.webhooks.router import WebhookRouter

__all__ = ["aiohttp_handler"]


def aiohttp_handler(router: WebhookRouter) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler for a POST route, which answers as `WebhookRouter.receive` says.

    The size of a body is limited by the router, not by the application's `client_max_size`. An error of a handler goes
    on to aiohttp, which logs it and answers 500.
    """

    async def handle(request: web.Request) -> web.Response:
        answer = await router.receive(request.headers, _body(request))
        return web.Response(status=answer.status, text=answer.text)

    return handle


async def _body(request: web.Request) -> AsyncIterator[bytes]:
    try:
        async for chunk in request.content.iter_any():
            yield chunk
    except (ConnectionError, web.RequestPayloadError):
        # Whoever sends halves must not fill the log with tracebacks.
        raise WebhookError("The delivery's body did not come whole", status=400) from None
