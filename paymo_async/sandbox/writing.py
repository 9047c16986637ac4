"""Writing an answer to the socket, also the ways in which a network loses one."""

from __future__ import annotations

import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from paymo_async.sandbox.answers import Answer
from paymo_async.sandbox.faults import Effect, Fault

__all__ = ["reset", "write"]

Sleep = Callable[[float], Awaitable[Any]]


async def write(
    request: web.BaseRequest, answer: Answer, struck: Mapping[Effect, Fault], sleep: Sleep
) -> web.StreamResponse:
    """The answer on its way, as the faults that struck let it be seen. sleep: for what is slow on purpose."""
    if "cut-body" in struck:
        return await _cut(request, answer)
    headers = {"Content-Type": answer.content_type, **answer.headers}
    return web.Response(status=answer.status, body=answer.body, headers=headers)


def reset(request: web.BaseRequest) -> web.StreamResponse:
    """Loses the connection at once (RST); what is returned goes nowhere."""
    transport = request.transport
    if transport is not None:
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


async def _cut(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Promises the whole body, sends half of it, and closes the connection."""
    headers = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body)), **answer.headers}
    response = web.StreamResponse(status=answer.status, headers=headers)
    await response.prepare(request)
    await response.write(answer.body[: len(answer.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
