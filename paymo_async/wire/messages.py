"""A request and an answer as values: what goes to the transport and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import attrs
import msgspec

from paymo_async.errors import UnexpectedContent
from paymo_async.wire.redaction import redact_url

__all__ = ["JSON", "XML", "Priority", "Request", "Response", "is_cut"]

JSON = "application/json"
XML = "text/xml"

_ENDINGS = frozenset(b"}]")

Priority = Literal["interactive", "background"]


@attrs.define(slots=True, eq=False)  # not frozen: that would double what making one costs, on every call
class Request:
    """One call, before it is sent.

    path: under the API's root, without a leading slash (`tasks/12`), or a whole URL.
    query: ready percent-encoded query string without `?`. body: bytes, or a function that makes a fresh body (for
    aiohttp's `data=`) at each attempt, so that a repeated upload starts at its beginning. include: the include asked
    for, named in the error of a 500.
    """

    method: str
    path: str
    query: str = ""
    body: bytes | Callable[[], Any] | None = attrs.field(default=None, repr=False)
    content_type: str | None = None
    accept: str = JSON
    include: str = ""
    headers: Mapping[str, str] | None = attrs.field(default=None, repr=False)


@attrs.define(slots=True, eq=False)
class Response:
    """One whole answer.

    body: its bytes. attempts: how often it was sent. waited: seconds spent waiting for the rate
    limit. elapsed: seconds from the call to the last byte, waits included.
    """

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    method: str = "GET"
    _url: object = attrs.field(default="", alias="url", repr=False)  # may hold a token; shown by `url` only
    attempts: int = 1
    waited: float = 0.0
    elapsed: float = 0.0

    @property
    def url(self) -> str:
        """Where it came from, without secrets."""
        return redact_url(str(self._url))

    @property
    def text(self) -> str:
        """The body as text (UTF-8; bytes that are not are shown as replacement characters)."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as plain Python objects. Raises `UnexpectedContent` where it is not JSON."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError as error:
            raise UnexpectedContent(
                f"The answer is not JSON ({self.headers.get('Content-Type', 'no content type')})",
                status=self.status,
                method=self.method,
                url=self.url,
                body=self.text,
            ) from error


def is_cut(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a JSON body ends early. One without Content-Length that is cut looks whole to HTTP."""
    if not body or body[-1] in _ENDINGS or "json" not in headers.get("Content-Type", ""):
        return False
    return body.rstrip()[-1:] not in (b"}", b"]")
