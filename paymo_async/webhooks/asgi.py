"""Webhooks as an ASGI application, for Starlette, FastAPI and any ASGI server; it needs none of them.

app.mount("/paymo", asgi_app(router))
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any, TypeAlias

from paymo_async.webhooks.router import Answer, WebhookRouter

__all__ = ["asgi_app"]

_Message: TypeAlias = MutableMapping[str, Any]
_Receive: TypeAlias = Callable[[], Awaitable[_Message]]
_Send: TypeAlias = Callable[[_Message], Awaitable[None]]


class _Disconnected(Exception):
    """The service went away before the whole body was here."""


def asgi_app(router: WebhookRouter) -> Callable[[_Message, _Receive, _Send], Awaitable[None]]:
    """An ASGI application that takes POST on any path, and answers as `WebhookRouter.receive` says, else 405.

    An error of a handler is answered 500 and then raised, so that the server and what watches it learn of it.
    Raises RuntimeError for what is not HTTP (a lifespan, a websocket), as applications should.
    """

    async def app(scope: _Message, receive: _Receive, send: _Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"webhooks come over http, not as {scope['type']!r}")
        if scope["method"] != "POST":
            await _answer(send, Answer(HTTPStatus.METHOD_NOT_ALLOWED, "Webhooks are POSTed"), (b"allow", b"POST"))
            return
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        try:
            answer = await router.receive(headers, _body(receive))
        except _Disconnected:
            return
        except Exception:
            await _answer(send, Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "The delivery could not be handled"))
            raise
        await _answer(send, answer)

    return app


async def _body(receive: _Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Disconnected
        yield message.get("body", b"")
        more = message.get("more_body", False)


async def _answer(send: _Send, answer: Answer, *headers: tuple[bytes, bytes]) -> None:
    text = answer.text.encode()
    kind = (b"content-type", b"text/plain; charset=utf-8")
    length = (b"content-length", str(len(text)).encode())
    start = {"type": "http.response.start", "status": int(answer.status), "headers": [kind, length, *headers]}
    await send(start)
    await send({"type": "http.response.body", "body": text})
