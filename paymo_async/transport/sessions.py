"""Renewing a session token: one new session for all calls that found the old one ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import msgspec

from paymo_async.auth import SessionToken
from paymo_async.errors import Unauthorized, UnexpectedContent
from paymo_async.wire.messages import Request, Response

__all__ = ["SessionRenewal"]


class _Session(msgspec.Struct):
    id: str
    expires_on: datetime | None = None


class _Sessions(msgspec.Struct):
    sessions: list[_Session] | _Session


class SessionRenewal:
    """Makes a new session when the current one has ended, once for however many calls ask at the same time."""

    def __init__(self, token: SessionToken, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._token = token
        self._now = now
        self._lock = asyncio.Lock()

    @property
    def can_renew(self) -> bool:
        """Whether there is a login to make a session with."""
        return self._token.login is not None

    @property
    def current(self) -> str | None:
        """The token in use; what a call was sent with is compared with it."""
        return self._token.token

    def is_due(self) -> bool:
        """Whether the next call would find the session ended, or about to."""
        return self._token.is_due(self._now())

    async def renew(self, used: str | None, send: Callable[[Request], Awaitable[Response]]) -> None:
        """Makes a new session, unless another call did so since the token `used` was sent.

        Raises `Unauthorized` where there is no login, or the login is refused too.
        """
        login = self._token.login
        if login is None:
            raise Unauthorized("The session has ended, and there is no login to make a new one with")
        async with self._lock:
            if self._token.token != used and not self.is_due():
                return
            response = await send(Request("POST", "sessions", headers=dict([login.header])))
            try:
                made = msgspec.json.decode(response.body, type=_Sessions).sessions
                session = made[0] if isinstance(made, list) else made
            except (msgspec.DecodeError, IndexError) as error:
                # The body may hold a live token, so it is not quoted.
                raise UnexpectedContent(
                    "POST /sessions did not answer with a session", status=response.status, method="POST"
                ) from error
            self._token.renewed(session.id, session.expires_on)
