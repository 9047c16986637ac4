"""The ASGI application, driven as a server would."""

from __future__ import annotations

from typing import Any

import pytest

from paymo_async.webhooks import Event, Gone, WebhookRouter, asgi_app, sign

BODY = b'{"id": 5, "name": "Logo"}'
PIECES = [
    {"type": "http.request", "body": BODY[:7], "more_body": True},
    {"type": "http.request", "more_body": True},
    {"type": "http.request", "body": BODY[7:]},
]


def scope(signature: str = sign("s", BODY), method: str = "POST") -> dict[str, Any]:
    headers = [
        (b"x-paymo-event", b"model.insert.Task"),
        (b"x-paymo-webhook", b"7"),
        (b"x-paymo-signature", signature.encode()),
    ]
    return {"type": "http", "method": method, "path": "/any", "headers": headers}


async def drive(router: WebhookRouter, scope: dict[str, Any], messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    waiting, sent = list(messages), []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    try:
        await asgi_app(router)(scope, receive, send)
    except LookupError:
        sent.append({"type": "raised"})
    return sent


@pytest.fixture
def router() -> WebhookRouter:
    return WebhookRouter(secret="s")


async def test_a_delivery_in_pieces_comes_to_its_handler(router: WebhookRouter):
    got: list[Event[Any]] = []
    router.on("model.insert.Task")(got.append)
    start, body = await drive(router, scope(), PIECES)
    assert start["status"] == 200
    assert type(start["status"]) is int
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()
    assert got[0].object.name == "Logo"


async def test_a_bad_signature_is_answered_401(router: WebhookRouter):
    start, _ = await drive(router, scope("sha1=00"), PIECES)
    assert start["status"] == 401


async def test_too_large_a_body_is_answered_413_without_the_rest_being_read():
    start, _ = await drive(WebhookRouter(secret="s", max_size=5), scope(), PIECES[:1])
    assert start["status"] == 413


async def test_gone_is_answered_410(router: WebhookRouter):
    @router.on("*")
    def stop(event: Event[Any]) -> None:
        raise Gone

    start, _ = await drive(router, scope(), PIECES)
    assert start["status"] == 410


async def test_a_handlers_error_is_answered_500_and_raised(router: WebhookRouter):
    @router.on("*")
    def broken(event: Event[Any]) -> None:
        raise LookupError("key 4711")

    start, body, raised = await drive(router, scope(), PIECES)
    assert start["status"] == 500
    assert b"4711" not in body["body"]
    assert raised == {"type": "raised"}


async def test_another_method_is_answered_405(router: WebhookRouter):
    start, _ = await drive(router, scope(method="GET"), [])
    assert start["status"] == 405
    assert dict(start["headers"])[b"allow"] == b"POST"


async def test_half_a_body_is_handled_by_nobody_and_not_answered(router: WebhookRouter):
    router.on("*")(lambda event: pytest.fail("handled"))
    assert await drive(router, scope(), [PIECES[0], {"type": "http.disconnect"}]) == []


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
async def test_what_is_not_http_is_refused(router: WebhookRouter, kind: str):
    with pytest.raises(RuntimeError, match=kind):
        await drive(router, {"type": kind}, [])
