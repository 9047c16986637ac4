"""Webhooks in an aiohttp.web application.

app.router.add_post("/paymo", aiohttp_handler(router))
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from paymo_async.webhooks.router import WebhookRouter

__all__ = ["aiohttp_handler"]


def aiohttp_handler(router: WebhookRouter) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler for a POST route, which answers as `WebhookRouter.receive` says.

    The size of a body is limited by the router, not by the application's `client_max_size`. An error of a handler goes
    on to aiohttp, which logs it and answers 500.
    """

    async def handle(request: web.Request) -> web.Response:
        answer = await router.receive(request.headers, request.content.iter_any())
        return web.Response(status=answer.status, text=answer.text)

    return handle
