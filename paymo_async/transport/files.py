"""Downloads: streamed to `NAME.part`, checked, then renamed. Half a file never has its final name.

A body that breaks off is resumed from where it stopped, where the server offers that (`Accept-Ranges` and a strong
`ETag` or a `Last-Modified` to compare with, so that two versions are never joined), and begun anew elsewhere. A
`.part` is removed when its download fails or is cancelled: what the service generates may differ the next time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING

import attrs

from paymo_async.errors import IncompleteBody, PaymoConnectionError, PaymoError, PaymoTimeout, UnexpectedContent
from paymo_async.transport.call import CallOptions
from paymo_async.transport.http import Transport
from paymo_async.wire.failures import redact_url
from paymo_async.wire.messages import Request

if TYPE_CHECKING:
    import aiohttp

__all__ = ["OnBytes", "download"]

OnBytes = Callable[[int, int | None], None]
"""Told bytes received so far and bytes in all (None where the server does not say), after each chunk."""

_CHUNK = 256 * 1024  # bytes


async def download(
    transport: Transport,
    request: Request,
    options: CallOptions,
    target: Path,
    *,
    expect: str | None = None,
    on_bytes: OnBytes | None = None,
) -> Path:
    """Downloads to `target`, whose folder must exist, and returns it; a file that is there is replaced at the end.

    expect: the content type due, as `application/pdf`. Raises `UnexpectedContent` for another one, and what
    `Transport.send` raises.
    """
    part = target.with_name(target.name + ".part")
    run = _Download(transport, request, options, part, expect, on_bytes)
    try:
        try:
            await run.attempt(1)
        except (PaymoConnectionError, PaymoTimeout) as error:
            await transport.repeat(request.method, error, run.attempt)
        await asyncio.to_thread(part.replace, target)
    finally:
        # After a success there is no .part any more.
        part.unlink(missing_ok=True)
    return target


@attrs.define
class _Download:
    transport: Transport
    request: Request
    options: CallOptions
    part: Path
    expect: str | None
    on_bytes: OnBytes | None
    received: int = 0
    version: str | None = None

    async def attempt(self, _: int) -> None:
        """One attempt, from where the last one stopped if the server agrees."""
        request = self.request
        if self.received and self.version is not None:
            asked = {**(request.headers or {}), "Range": f"bytes={self.received}-", "If-Range": self.version}
            request = attrs.evolve(request, headers=asked)
        async with self.transport.open(request, self.options) as answer:
            self._check_type(answer)
            resumes = answer.status == 206 and self._continues(answer)
            if not resumes:
                self.received = 0
            self.version = _version(answer)
            total = None if answer.content_length is None else self.received + answer.content_length
            with self._open(resumes) as file:
                await self._write(answer, file, total)
        if total is not None and self.received != total and "Content-Encoding" not in answer.headers:
            raise IncompleteBody(f"{self.received} of {total} bytes came").about(**self._known(answer))

    def _open(self, resumes: bool) -> IO[bytes]:
        # Not in a thread: when that is cancelled it opens the file all the same, with nobody to close and remove it.
        return self.part.open("ab" if resumes else "wb")

    async def _write(self, answer: aiohttp.ClientResponse, file: IO[bytes], total: int | None) -> None:
        async for chunk in answer.content.iter_chunked(_CHUNK):
            await asyncio.to_thread(file.write, chunk)
            self.received += len(chunk)
            if self.on_bytes is not None:
                self.on_bytes(self.received, total)

    def _continues(self, answer: aiohttp.ClientResponse) -> bool:
        return answer.headers.get("Content-Range", "").startswith(f"bytes {self.received}-")

    def _check_type(self, answer: aiohttp.ClientResponse) -> None:
        if self.expect is None or answer.content_type == self.expect:
            return
        error: PaymoError = UnexpectedContent(f"{answer.content_type} came where {self.expect} was due")
        raise error.about(**self._known(answer))

    def _known(self, answer: aiohttp.ClientResponse) -> dict[str, object]:
        return {
            "status": answer.status,
            "method": self.request.method,
            "url": redact_url(str(answer.url)),
            "headers": dict(answer.headers),
        }


def _version(answer: aiohttp.ClientResponse) -> str | None:
    """What names this version of the body for `If-Range`, where the server resumes at all."""
    if answer.headers.get("Accept-Ranges") != "bytes" and answer.status != 206:
        return None
    tag = answer.headers.get("ETag", "")
    if tag and not tag.startswith("W/"):
        return tag
    return answer.headers.get("Last-Modified")
