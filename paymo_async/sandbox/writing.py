"""Writing an answer to the socket, also the ways in which a network loses, breaks or delays one."""

from __future__ import annotations

import asyncio
import gzip
import math
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from aiohttp import web

from paymo_async.sandbox.answers import Answer
from paymo_async.sandbox.faults import Effect, Fault

__all__ = ["reset", "write"]

Sleep = Callable[[float], Awaitable[Any]]

_GZIP_FROM: Final = 1024  # bytes; below it the packet is one anyway
_PIECES: Final = 10
_GLANCE: Final = 0.05  # seconds between two looks whether a client has given up: no event tells of it
_CODED: Final = frozenset({"gzip", "x-gzip", "*"})


async def write(
    request: web.BaseRequest,
    answer: Answer,
    struck: Mapping[Effect, Fault],
    sleep: Sleep,
    *,
    compress: bool = False,
) -> web.StreamResponse:
    """The answer on its way, as the faults that struck let it be seen.

    sleep: for what is slow on purpose. compress: gzip for those who accept it; not where a fault breaks the body.
    """
    size = len(answer.body)
    if "cut-body" in struck:
        return await _broken(request, answer, promised=size, sent=size // 2)
    if "long-length" in struck:
        return await _broken(request, answer, promised=size + 1, sent=size)
    if "short-length" in struck:
        return await _broken(request, answer, promised=size // 2, sent=size)
    if "stalled-body" in struck:
        return await _stalled(request, answer)
    if "slow-body" in struck:
        return await _slow(request, answer, struck["slow-body"].seconds, sleep)
    headers = {"Content-Type": answer.content_type, **answer.headers}
    if compress and size >= _GZIP_FROM and _takes_gzip(request.headers.get("Accept-Encoding", "")):
        body = gzip.compress(answer.body, compresslevel=1, mtime=0)
        return web.Response(status=answer.status, body=body, headers={**headers, **_ENCODED})
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


async def _begun(request: web.BaseRequest, answer: Answer, promised: int) -> web.StreamResponse:
    """The headers, sent, with a Content-Length of `promised`."""
    headers = {"Content-Type": answer.content_type, "Content-Length": str(promised), **answer.headers}
    response = web.StreamResponse(status=answer.status, headers=headers)
    await response.prepare(request)
    return response


async def _broken(request: web.BaseRequest, answer: Answer, *, promised: int, sent: int) -> web.StreamResponse:
    """Promises one number of bytes, sends another, and closes the connection."""
    response = await _begun(request, answer, promised)
    await response.write(answer.body[: min(sent, promised)])
    if request.transport is not None:
        request.transport.write(answer.body[promised:sent])  # aiohttp would not send more than it has promised
        request.transport.close()
    return response


async def _stalled(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Sends half of the body, of nothing a byte less than promised, and then waits for the client to go away."""
    response = await _begun(request, answer, max(1, len(answer.body)))
    await response.write(answer.body[: len(answer.body) // 2])
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110  # see _GLANCE
        await asyncio.sleep(_GLANCE)
    return response


async def _slow(request: web.BaseRequest, answer: Answer, seconds: float, sleep: Sleep) -> web.StreamResponse:
    """Sends the body in pieces, with a pause before each."""
    response = await _begun(request, answer, len(answer.body))
    piece = max(1, math.ceil(len(answer.body) / _PIECES))
    for start in range(0, len(answer.body), piece):
        await sleep(seconds)
        await response.write(answer.body[start : start + piece])
    await response.write_eof()
    return response


def _takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding header names gzip and does not forbid it."""
    for part in accepted.lower().split(","):
        coding, _, weight = part.replace(" ", "").partition(";")
        if coding in _CODED:
            return weight.strip("0.") != "q="
    return False


_ENCODED: Mapping[str, str] = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
