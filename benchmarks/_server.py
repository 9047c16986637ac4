"""A server that costs next to nothing, in a process of its own, so that a benchmark measures the client.

It answers every request with the same bytes, over plain asyncio streams of HTTP/1.1, keep-alive.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

RATE_HEADERS = b"X-Ratelimit-Limit: 1000000\r\nX-Ratelimit-Remaining: 999999\r\nX-Ratelimit-Decay-Period: 1\r\n"


class _Answers(asyncio.Protocol):
    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        requests = self._buffer.count(b"\r\n\r\n")  # GETs only, which have no body
        if requests:
            self._buffer = self._buffer.rpartition(b"\r\n\r\n")[2]
            self._transport.write(self._answer * requests)


def _serve(body: bytes, report: Connection) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + RATE_HEADERS
    answer = head + b"Content-Length: %d\r\n\r\n" % len(body) + body

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: _Answers(answer), "127.0.0.1", 0)
        report.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


@contextmanager
def serving(body: bytes) -> Iterator[str]:
    """Serves `body` at any path below the URL that is given."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(body, theirs), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/api/"
    finally:
        process.terminate()
        process.join()
