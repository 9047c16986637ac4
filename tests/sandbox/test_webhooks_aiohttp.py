"""Webhooks over real sockets into an aiohttp.web application."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from paymo_async.webhooks import Event, Gone, WebhookRouter, aiohttp_handler, sign
from paymo_async.webhooks.router import Answer

BODY = b'{"id": 5, "name": "Logo", "project": {"name": "AT&T"}}'


def headers(body: bytes = BODY, event: str = "model.insert.Task") -> dict[str, str]:
    return {"X-Paymo-Webhook": "7", "X-Paymo-Event": event, "X-Paymo-Signature": sign("s", body)}


@pytest.fixture
def router() -> WebhookRouter:
    return WebhookRouter(secret="s", max_size=50_000)


@pytest.fixture
async def address(router: WebhookRouter) -> AsyncIterator[tuple[str, int]]:
    """Where an application serves the router."""
    app = web.Application(client_max_size=10)  # which must not matter
    app.router.add_post("/paymo", aiohttp_handler(router))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][:2]
    await runner.cleanup()


@pytest.fixture
async def post(address: tuple[str, int]) -> AsyncIterator[Any]:
    """POSTs to that application; gives the status."""
    host, port = address
    async with aiohttp.ClientSession() as session:

        async def send(data: Any = BODY, **given: str) -> int:
            sent = {**headers(), **given}
            async with session.post(f"http://{host}:{port}/paymo", data=data, headers=sent) as response:
                return response.status

        yield send


async def test_a_delivery_comes_typed_to_its_handler(router: WebhookRouter, post: Any):
    got: list[Event[Any]] = []
    router.on("*.Task")(got.append)
    assert await post() == 200
    assert (got[0].webhook_id, got[0].object.project.name) == (7, "AT&T")


async def test_a_forged_delivery_is_answered_401(router: WebhookRouter, post: Any):
    router.on("*")(lambda event: pytest.fail("handled"))
    assert await post(BODY.replace(b"5", b"6")) == 401


async def test_an_unreadable_delivery_is_answered_400(post: Any):
    assert await post(b"[", **headers(b"[")) == 400


@pytest.mark.parametrize("announced", [True, False])
async def test_a_large_body_is_answered_413_announced_or_not(post: Any, announced: bool):
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 5_000

    assert await post(b"x" * 50_001 if announced else pieces()) == 413


async def test_a_small_body_that_unpacks_to_a_large_one_is_answered_413(post: Any):
    assert await post(gzip.compress(b"x" * 50_001), **{"Content-Encoding": "gzip"}) == 413


async def test_a_body_that_cannot_be_unpacked_is_answered_400(post: Any):
    assert await post(b"no gzip", **{"Content-Encoding": "gzip"}) == 400


async def test_half_a_body_is_handled_by_nobody_and_leaves_no_traceback(
    router: WebhookRouter,
    address: tuple[str, int],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    router.on("*")(lambda event: pytest.fail("handled"))
    answers: asyncio.Queue[Answer] = asyncio.Queue()
    reading = asyncio.Event()
    receive = router.receive

    async def watched(*args: Any) -> Answer:
        reading.set()
        answer = await receive(*args)
        answers.put_nowait(answer)
        return answer

    monkeypatch.setattr(router, "receive", watched)
    _, writer = await asyncio.open_connection(*address)
    writer.write(b"POST /paymo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + BODY)
    await reading.wait()
    writer.close()
    assert (await answers.get()).status == 400
    assert [record.name for record in caplog.records if record.exc_info] == []


async def test_a_handlers_error_is_answered_500(router: WebhookRouter, post: Any):
    @router.on("*")
    async def broken(event: Event[Any]) -> None:
        raise LookupError

    assert await post() == 500


async def test_gone_is_answered_410(router: WebhookRouter, post: Any):
    @router.on("*")
    async def stop(event: Event[Any]) -> None:
        raise Gone

    assert await post() == 410
