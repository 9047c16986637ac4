"""Uploads: streamed from a path, a file object or an async iterator; a whole file is never in memory.

Each attempt has a fresh body. A path and bytes can be read again, and so can a file that can be rewound: from where it
stood when the upload began. Anything else is read once, and a failure after that is raised instead of repeated. An
attempt that failed early may still be reading a file when the next one rewinds it (an answer can come before the body
has gone out), so each body knows its turn, and one whose turn is over stops.

The length is told beforehand where it is known, and a file that then turns out longer or shorter fails the upload: the
service must not keep half a file. The timeout of an upload is not for the whole, which may take an hour: it is for one
piece to be taken, and then for the answer.
"""

from __future__ import annotations

import asyncio
import io
import mimetypes
import os
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping
from pathlib import Path
from typing import IO, Any, Final

import attrs

from paymo_async.errors import InvalidRequest, PaymoError, PaymoTimeout
from paymo_async.transport.call import CallOptions
from paymo_async.transport.files import OnBytes
from paymo_async.transport.http import Transport
from paymo_async.wire.messages import Request, Response
from paymo_async.wire.multipart import Frame, frame

__all__ = ["Content", "Source", "upload"]

Source = str | os.PathLike[str] | bytes | IO[bytes] | AsyncIterable[bytes]
"""What can be uploaded: a path, bytes, a file open in binary mode (from where it stands), or an async iterator."""

_CHUNK: Final = 256 * 1024  # bytes
_NO_SECOND = "it was not sent again, since its source can be read only once (give a path, bytes or a seekable file)"


class _UsedUp(InvalidRequest):
    """A source that can be read once was asked for again."""


class Content:
    """What is uploaded. filename: as the service will know it. content_type: by its name, unless it is known better.

    size: bytes, None where it cannot be known before the end. Raises `InvalidRequest` for a source that is none of
    `Source`, one that cannot be opened, and where there is no name to give it.
    """

    def __init__(self, source: Source, filename: str, *, size: int | None, read: _Read | None) -> None:
        self.filename: str = filename
        self.content_type: str = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        self.size: int | None = size
        self.failure: Exception | None = None
        self._read = read
        self._once = None if read is not None else _pieces(source)
        self._begun: list[bytes] = []
        self._turn = 0

    @classmethod
    async def of(cls, source: Source, filename: str | None = None, *, unnamed: str = "") -> Content:
        """The content of a source; a path is looked at here, and opened anew by each attempt.

        unnamed: its name where neither `filename` nor the source tells one.
        """
        name = filename or _name_of(source) or unnamed
        if not name:
            raise InvalidRequest("This source has no name: give filename")
        if isinstance(source, bytes):
            return cls(source, name, size=len(source), read=lambda _: _read_bytes(source))
        if isinstance(source, (str, os.PathLike)):
            path = Path(source)
            try:
                if not await asyncio.to_thread(path.is_file):
                    raise InvalidRequest(f"{path} is no file")
                size = (await asyncio.to_thread(path.stat)).st_size
            except OSError as error:
                raise InvalidRequest(f"{path} cannot be read: {error}") from error
            return cls(source, name, size=size, read=lambda _: _read_path(path))
        if isinstance(source, io.TextIOBase):
            raise InvalidRequest("This file is open as text: open it in binary mode ('rb')")
        if isinstance(source, AsyncIterable):
            return cls(source, name, size=None, read=None)
        if not hasattr(source, "read"):
            raise InvalidRequest(f"Upload a path, bytes, a binary file or an async iterator, not {source!r}")
        if not source.seekable():
            return cls(source, name, size=None, read=None)
        start, end = await asyncio.to_thread(_extent, source)
        lock = asyncio.Lock()
        return cls(source, name, size=end - start, read=lambda alive: _read_file(source, start, lock, alive))

    async def head(self, size: int) -> bytes:
        """The first bytes, which are still uploaded with the rest."""
        if self._read is not None:
            pieces = self._read(lambda: True)
            try:
                return (await anext(pieces, b""))[:size]
            finally:
                await pieces.aclose()
        while self._once is not None and sum(map(len, self._begun)) < size:
            piece = await anext(self._once, None)
            if piece is None:
                break
            self._begun.append(piece)
        return b"".join(self._begun)[:size]

    def body(self, around: Frame, on_bytes: OnBytes | None, took: Callable[[bool], None]) -> AsyncGenerator[bytes]:
        """A fresh body; the one before it stops. took: told False before each piece that is given out, True at the end.

        Raises `InvalidRequest` where the source was read already and cannot be read again.
        """
        self.end()
        turn = self._turn

        def alive() -> bool:
            return turn == self._turn

        return self._framed(self._fresh(alive), alive, around, on_bytes, took)

    def end(self) -> None:
        """Stops a body that still goes out, although its attempt is over."""
        self._turn += 1

    def _fresh(self, alive: Callable[[], bool]) -> AsyncGenerator[bytes]:
        if self._read is not None:
            return self._read(alive)
        once, self._once = self._once, None
        if once is None:
            raise _UsedUp(f"{self.filename}: {_NO_SECOND}")
        return _rest(self._begun, once)

    async def _framed(
        self,
        pieces: AsyncGenerator[bytes],
        alive: Callable[[], bool],
        around: Frame,
        on_bytes: OnBytes | None,
        took: Callable[[bool], None],
    ) -> AsyncGenerator[bytes]:
        sent = 0
        try:
            took(False)
            yield around.head
            async for piece in pieces:
                sent += len(piece)
                self._check(sent, ended=False)
                _go_on(alive)
                took(False)
                yield piece
                _go_on(alive)
                if on_bytes is not None:
                    on_bytes(sent, self.size)
            self._check(sent, ended=True)
            _go_on(alive)
            took(False)
            yield around.tail
        except Exception as error:
            if alive():
                self.failure = error  # aiohttp would show it as a connection that broke
            raise
        finally:
            if alive():
                took(True)
            await pieces.aclose()

    def _check(self, sent: int, *, ended: bool) -> None:
        if self.size is not None and (sent > self.size or (ended and sent != self.size)):
            raise InvalidRequest(f"{self.filename} changed while it was uploaded: it had {self.size} bytes at first")


async def upload(
    transport: Transport,
    request: Request,
    options: CallOptions,
    content: Content,
    *,
    field: str,
    fields: Mapping[str, Any] | None = None,
    on_bytes: OnBytes | None = None,
) -> Response:
    """Sends a form with `fields` and the content as its file `field`, and returns the success answer.

    on_bytes: told bytes sent so far and bytes in all (None where that is not known), from 0 again when an attempt is
    repeated. Raises what reading the source raises, `PaymoTimeout` when nothing is taken for the timeout's seconds,
    and what `Transport.send` raises.
    """
    around = frame(f"paymo-async-{secrets.token_hex(16)}", field, content.filename, content.content_type, fields)
    headers = {"Content-Type": around.content_type}
    if content.size is not None:
        headers["Content-Length"] = str(around.length(content.size))
    loop = asyncio.get_running_loop()
    watch = asyncio.timeout(None)  # begins when the first piece goes out: waiting for the rate limit is no stall

    def took(ended: bool) -> None:
        if not watch.expired():
            watch.reschedule(None if ended else loop.time() + options.timeout)

    sending = attrs.evolve(request, headers=headers, body=lambda: content.body(around, on_bytes, took))
    try:
        async with watch:
            try:
                return await transport.send(sending, options)
            finally:
                content.end()
    except _UsedUp as refused:
        failed = refused.__cause__
        if not isinstance(failed, PaymoError):
            raise
        failed.message += f"; {content.filename}: {_NO_SECOND}"
        raise failed from None
    except TimeoutError as error:
        if isinstance(error, PaymoError):
            raise
        text = f"Nothing of {content.filename} was taken for {options.timeout:g} seconds"
        raise PaymoTimeout(text, method=request.method, url=request.path) from error
    except PaymoError:
        if content.failure is not None:
            raise content.failure from None
        raise


# -- sources ---------------------------------------------------------------------------------------------------------


_Read = Callable[[Callable[[], bool]], AsyncGenerator[bytes]]
"""Reads a source from its beginning, while the function it is given says that its turn goes on."""


def _go_on(alive: Callable[[], bool]) -> None:
    if not alive():
        raise InvalidRequest("This attempt is over")


async def _read_bytes(whole: bytes) -> AsyncGenerator[bytes]:
    for start in range(0, len(whole), _CHUNK):
        yield whole[start : start + _CHUNK]


async def _read_path(path: Path) -> AsyncGenerator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, _CHUNK):
            yield piece


async def _read_file(
    file: IO[bytes], start: int, lock: asyncio.Lock, alive: Callable[[], bool]
) -> AsyncGenerator[bytes]:
    """The file from `start` on. The lock keeps the place in the file between two readers."""
    async with lock:
        await asyncio.to_thread(file.seek, start)
    while True:
        async with lock:
            _go_on(alive)
            piece = await asyncio.to_thread(file.read, _CHUNK)
        if not piece:
            return
        yield piece


async def _pieces(source: Any) -> AsyncGenerator[bytes]:
    """What can be read once: an async iterator, or a file that cannot be rewound (a pipe)."""
    if hasattr(source, "__aiter__"):
        async for piece in source:
            if piece:
                yield bytes(piece)
        return
    while piece := await asyncio.to_thread(source.read, _CHUNK):
        yield piece


async def _rest(begun: list[bytes], once: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    for piece in begun:
        yield piece
    async for piece in once:
        yield piece


def _extent(file: IO[bytes]) -> tuple[int, int]:
    start = file.tell()
    end = file.seek(0, os.SEEK_END)
    file.seek(start)
    return start, end


def _name_of(source: Source) -> str:
    if isinstance(source, (str, os.PathLike)):
        return Path(source).name
    name = getattr(source, "name", None)
    return Path(name).name if isinstance(name, str) else ""
