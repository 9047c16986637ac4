"""GETs sent straight through a session's connector, with aiohttp's own request, connection and answer.

`ClientSession.request` is a good part of what a GET costs: it merges headers, asks the cookie jar, and looks for
redirects, proxies, middlewares, traces and an answer's cookies. A session made here has none of them; what is left is a
connection, a request and an answer, in this order. And as the headers of all GETs are the same, a request is made after
a pattern instead of anew (`benchmarks/overhead.py`).

The classes are public, but how they play together is promised to nobody. So a GET goes this way only where aiohttp is
a version that this module was held against (`KNOWN`; tests/sandbox/test_direct.py runs every case both ways, and
says so where an aiohttp is not listed yet), in a session of our own, and while nobody stands in for
`ClientSession.request`, as aioresponses, vcr and some monitors do, or traces it. Else it goes through
`ClientSession.request`, with the same outcome.
"""

from __future__ import annotations

import asyncio
from types import FunctionType
from typing import Final

import aiohttp
from multidict import CIMultiDict
from yarl import URL

__all__ = ["KNOWN", "DirectGets", "new_session"]

KNOWN: Final = ("3.13.", "3.14.")
"""The versions of aiohttp that the direct way was held against."""


def new_session() -> aiohttp.ClientSession:
    """A session of the transport's own: no cookies, and no more attempts than the transport makes."""
    session = aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(limit=0),  # the limiter bounds what is under way
    )
    # aiohttp would send a GET again by itself on a connection that broke, past the limiter, and unseen.
    setattr(session, "_retry_connection", False)  # noqa: B010  # private, and the only way to say so
    return session


class DirectGets:
    """The direct way through one session, which `new_session` made, to one origin."""

    def __init__(self, session: aiohttp.ClientSession, origin: URL) -> None:
        self._session = session
        self._origin = origin
        self._pattern: aiohttp.ClientRequest
        self._headers: CIMultiDict[str] | None = None  # those of the pattern
        self._methods = _session_methods()
        self._is_known = (
            aiohttp.__version__.startswith(KNOWN)
            and not session.trace_configs
            and all(map(_is_aiohttps, self._methods))
        )

    def is_open(self) -> bool:
        """Whether a GET may go this way now."""
        return self._is_known and _session_methods() == self._methods

    async def get(self, url: URL, headers: CIMultiDict[str], timeout: aiohttp.ClientTimeout) -> aiohttp.ClientResponse:
        """What `session.get(url, headers=headers, timeout=timeout, allow_redirects=False)` gives, and raises.

        url: of this origin, without user and password. headers: nobody changes them later. timeout: its `total` is not
        kept.
        """
        connector = self._session.connector
        if connector is None:
            raise RuntimeError("Session is closed")
        if headers is not self._headers:
            self._pattern = self._make_pattern(headers)
            self._headers = headers
        request = _Get(self._pattern, url)
        try:
            connection = await connector.connect(request, [], timeout)
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError(f"Connection timeout to host {url}") from error
        try:
            protocol = connection.protocol
            assert protocol is not None
            protocol.set_response_params(read_until_eof=True, read_timeout=timeout.sock_read)
            answer = await request.send(connection)
            try:
                return await answer.start(connection)
            except BaseException:
                answer.close()
                raise
        except BaseException:
            connection.close()
            raise

    def _make_pattern(self, headers: CIMultiDict[str]) -> aiohttp.ClientRequest:
        return aiohttp.ClientRequest(
            "GET",
            self._origin,
            headers=headers,
            loop=asyncio.get_running_loop(),
            response_class=aiohttp.ClientResponse,
            session=self._session,
        )


def _session_methods() -> tuple[object, object]:
    """What those replace who stand in for a session."""
    session = aiohttp.ClientSession
    return session.request, session._request  # pyright: ignore[reportPrivateUsage]


def _is_aiohttps(method: object) -> bool:
    """Whether nobody stood in before us; wrappers borrow name and module, and cannot borrow the code."""
    return type(method) is FunctionType and method.__code__.co_qualname.startswith("ClientSession.")


class _Get(aiohttp.ClientRequest):
    """A GET with everything from another one but its URL."""

    def __init__(self, pattern: aiohttp.ClientRequest, url: URL) -> None:
        # Not the base class's: that would put together again what is the same in all of them.
        self.__dict__.update(pattern.__dict__)
        self.url = self.original_url = url
