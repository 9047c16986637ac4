"""Webhooks: what the service tells by itself, checked and typed.

    event = parse(request.headers, body, secret="...")

or with a router and an adapter for the framework at hand:

    router = WebhookRouter(secret="...")

    @router.on("model.insert.Task")
    async def greet(event: Event[Task]) -> None:
        print(event.object)

    app.router.add_post("/paymo", aiohttp_handler(router))

`paymo.hooks.ensure(...)` asks the service to tell. The adapters are loaded when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from paymo_async.errors import WebhookError
from paymo_async.eventnames import EVENTS
from paymo_async.webhooks.events import Event, parse
from paymo_async.webhooks.router import Gone, WebhookRouter
from paymo_async.webhooks.seen import MemorySeen, RedisSeen, SeenStore, SQLiteSeen
from paymo_async.webhooks.verify import sign

if TYPE_CHECKING:
    from paymo_async.webhooks.aiohttp import aiohttp_handler
    from paymo_async.webhooks.asgi import asgi_app

__all__ = [
    "EVENTS",
    "Event",
    "Gone",
    "MemorySeen",
    "RedisSeen",
    "SQLiteSeen",
    "SeenStore",
    "WebhookError",
    "WebhookRouter",
    "aiohttp_handler",
    "asgi_app",
    "parse",
    "sign",
]

_ADAPTERS: Final = {"aiohttp_handler": "aiohttp", "asgi_app": "asgi"}


def __getattr__(name: str) -> Any:
    if name not in _ADAPTERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_ADAPTERS[name]}"), name)
    globals()[name] = value  # the next use finds it without coming here
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
