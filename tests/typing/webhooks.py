"""What checkers infer of webhooks; run by tests/unit/test_typing.py under mypy and pyright, never executed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_type

from aiohttp import web
from redis.asyncio import Redis

from paymo_async import PaymoClient
from paymo_async.models import Model, Task, Webhook
from paymo_async.webhooks import (
    Event,
    MemorySeen,
    RedisSeen,
    SQLiteSeen,
    WebhookRouter,
    aiohttp_handler,
    asgi_app,
    parse,
)

router = WebhookRouter(secret=["new", "old"], seen=MemorySeen())
WebhookRouter(secret="s", seen=SQLiteSeen("seen.db"))
WebhookRouter(unsigned=True, seen=RedisSeen(Redis()))


@router.on("model.insert.Task", "model.update.Task")
async def typed(event: Event[Task]) -> None:
    assert_type(event.object, Task | None)
    any_model(event)


@router.on("*")
def any_model(event: Event[Model]) -> bool:
    return event.id is None


async def handlers_stay_what_they_are(event: Event[Task]) -> None:
    await typed(event)
    assert_type(any_model(event), bool)


async def parsing_takes_what_frameworks_have(request: web.Request, plain: Mapping[str, str]) -> None:
    body = await request.read()
    assert_type(parse(request.headers, body, secret="s"), Event[Any])
    parse(plain, body, secret=("new", "old"))
    parse([("X-Paymo-Event", "ping")], body, unsigned=True)


async def hooks_and_adapters(paymo: PaymoClient, app: web.Application) -> None:
    app.router.add_post("/paymo", aiohttp_handler(router))
    asgi_app(router)
    assert_type(await paymo.hooks.ensure("https://example.org", "*", secret="s"), Webhook)
