"""Uploads without a network: bodies, their turns, and the time in which something must be taken."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from paymo_async.errors import InvalidRequest, PaymoTimeout
from paymo_async.transport.call import CallOptions
from paymo_async.transport.uploads import Content, upload
from paymo_async.wire.messages import Request
from paymo_async.wire.multipart import frame

BIG = bytes(range(256)) * 4096
FRAME = frame("B", "file", "n", "text/plain")
POST = Request("POST", "files")


def ignore(*_: object) -> None:
    """For what nobody listens to."""


async def whole(body: Any) -> bytes:
    return b"".join([piece async for piece in body])


@pytest.mark.parametrize("kind", ["path", "file", "bytes"])
async def test_a_new_body_begins_anew_and_the_one_before_stops(tmp_path: Path, kind: str):
    path = tmp_path / "n"
    path.write_bytes(BIG)
    content = await Content.of({"path": path, "file": io.BytesIO(BIG), "bytes": BIG}[kind], "n")
    first = content.body(FRAME, None, ignore)
    assert await anext(first) == FRAME.head
    piece = await anext(first)
    second = content.body(FRAME, None, ignore)
    assert await anext(second) == FRAME.head
    assert await anext(second) == piece
    with pytest.raises(InvalidRequest, match="over"):
        await anext(first)
    assert content.failure is None, "an attempt that is over is no failure of the source"
    assert piece + await whole(second) == BIG + FRAME.tail


async def test_a_reader_that_waited_for_its_file_finds_its_turn_over():
    content = await Content.of(io.BytesIO(BIG), "n")
    first = content.body(FRAME, None, ignore)
    await anext(first)
    content.end()
    with pytest.raises(InvalidRequest, match="over"):
        await anext(first)


async def test_the_first_bytes_of_a_source_are_still_sent():
    async def source():
        for piece in (b"", b"GI", b"F8", b"9a", b"rest"):
            yield piece

    content = await Content.of(source(), unnamed="image")
    assert (content.filename, content.size, await content.head(5)) == ("image", None, b"GIF89")
    assert await content.head(3) == b"GIF"
    assert await whole(content.body(FRAME, None, ignore)) == FRAME.head + b"GIF89arest" + FRAME.tail
    assert await content.head(3) == b"GIF"
    opened = io.BytesIO(b"__GIF89a")
    opened.seek(2)
    again = await Content.of(opened, "n")
    assert (await again.head(3), again.size) == (b"GIF", 6)


async def test_a_type_follows_from_the_name():
    assert (await Content.of(b"", "a.pdf")).content_type == "application/pdf"
    assert (await Content.of(b"", "a.unheard")).content_type == "application/octet-stream"


async def test_a_content_that_was_read_once_is_refused_the_second_time():
    async def source():
        yield b"x"

    class Reads:
        async def send(self, request: Any, _: CallOptions) -> bytes:
            return await whole(request.body())

    content = await Content.of(source(), "n")
    first: Any = await upload(Reads(), POST, CallOptions(), content, field="file")  # type: ignore[arg-type]
    assert first.count(b"\r\nx\r\n") == 1
    with pytest.raises(InvalidRequest, match="read only once"):
        await upload(Reads(), POST, CallOptions(), content, field="file")  # type: ignore[arg-type]


async def test_a_stall_is_a_timeout_and_waiting_before_the_first_byte_is_none():
    async def send(request: Any, options: CallOptions) -> None:
        await asyncio.sleep(2 * options.timeout)  # for the rate limit
        body = request.body()
        await anext(body)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await whole(body)  # what aiohttp still takes while it is being cancelled
            raise

    content = await Content.of(b"x", "n")
    with pytest.raises(PaymoTimeout, match="Nothing of n was taken") as caught:
        await upload(
            SimpleNamespace(send=send),  # type: ignore[arg-type]
            POST,
            CallOptions(timeout=0.01),
            content,
            field="file",
        )
    assert (caught.value.method, caught.value.url) == ("POST", "files")
