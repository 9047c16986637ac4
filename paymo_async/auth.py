"""Credentials: an API key, email and password, or a session token (BEHAVIOUR.md, Authentication).

Each is a small value that knows its own header. None shows its secret in a repr; equality and hashing work, so that
they can key a cache. They go only to the API's own origin: the transport sees to that.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import attrs

from paymo_async.errors import MissingCredentials

__all__ = ["ApiKey", "Credentials", "Password", "SessionToken", "find_credentials"]

ENV_API_KEY = "PAYMO_API_KEY"
_HIDDEN = "[secure]"


class Credentials(Protocol):
    """What the transport asks of credentials."""

    @property
    def header(self) -> tuple[str, str] | None:
        """Name and value of the header that proves who calls; None while there is nothing to send yet."""
        ...

    @property
    def account(self) -> str:
        """What the rate limit is kept for; used only as input of a digest."""
        ...


def _hidden(_: object) -> str:
    return _HIDDEN


def _not_blank(instance: object, field: attrs.Attribute[str], value: str) -> None:
    if not value or not value.strip():
        raise MissingCredentials(f"{type(instance).__name__}: {field.name} is empty")
    if not value.isprintable():
        raise MissingCredentials(f"{type(instance).__name__}: {field.name} holds a control character")


@attrs.frozen
class ApiKey:
    """An API key, as the account's settings page shows it. Sent as HTTP Basic user name."""

    key: str = attrs.field(repr=_hidden, validator=_not_blank)

    @property
    def header(self) -> tuple[str, str]:
        return _basic(self.key, "x")

    @property
    def account(self) -> str:
        return self.key


@attrs.frozen
class Password:
    """An email and its password, sent as HTTP Basic. A session token spares sending them each time."""

    email: str = attrs.field(validator=_not_blank)
    password: str = attrs.field(repr=_hidden, validator=_not_blank)

    @property
    def header(self) -> tuple[str, str]:
        return _basic(self.email, self.password)

    @property
    def account(self) -> str:
        return self.email


@attrs.define(eq=False)
class SessionToken:
    """A session token, sent as `X-Session`; renewed by itself where `login` is given.

    token: the id of a session; may be left out when `login` is given, then the first call makes one.
    login: an `ApiKey` or `Password` with which a new session is made when this one ends (on 401, or in the minute
        before `expires_on`). Without it an ended session is an `Unauthorized` error.
    on_renewed: called with this object after each renewal, to store the new token.
    """

    token: str | None = attrs.field(default=None, repr=_hidden)
    login: ApiKey | Password | None = attrs.field(default=None, kw_only=True)
    expires_on: datetime | None = attrs.field(default=None, kw_only=True)
    on_renewed: Callable[[SessionToken], None] | None = attrs.field(default=None, kw_only=True, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.token is None and self.login is None:
            raise MissingCredentials("SessionToken: give a token, or login=ApiKey(...) or Password(...) to make one")
        if self.token is not None and not (self.token.strip() and self.token.isprintable()):
            raise MissingCredentials("SessionToken: token is empty or holds a control character")

    @property
    def header(self) -> tuple[str, str] | None:
        return ("X-Session", self.token) if self.token else None

    @property
    def account(self) -> str:
        # The login outlives the token, and a limit is kept for the caller, not for one session.
        return self.login.account if self.login else self.token or ""

    def is_due(self, now: datetime) -> bool:
        """Whether it should be renewed before the next call."""
        if self.login is None:
            return False
        return self.token is None or (self.expires_on is not None and now >= self.expires_on - timedelta(minutes=1))

    def renewed(self, token: str, expires_on: datetime | None) -> None:
        """Takes over a new session and tells `on_renewed`."""
        self.token = token
        self.expires_on = expires_on
        if self.on_renewed is not None:
            self.on_renewed(self)


def find_credentials(
    api_key: str | None,
    email: str | None,
    password: str | None,
    session_token: str | None,
    environment: dict[str, str],
) -> ApiKey | Password | SessionToken:
    """The one set of credentials given, or the key in the environment. Raises `MissingCredentials`."""
    given = [name for name, value in (("api_key", api_key), ("session_token", session_token)) if value is not None]
    if email is not None or password is not None:
        given.append("email and password")
    if len(given) > 1:
        raise MissingCredentials(f"Give one kind of credentials, not {' and '.join(given)}")
    if (email is None) != (password is None):
        raise MissingCredentials(
            f"email and password go together: {'email' if email is None else 'password'} is missing"
        )
    if api_key is not None:
        return ApiKey(api_key)
    if email is not None and password is not None:
        return Password(email, password)
    if session_token is not None:
        return SessionToken(session_token)
    if key := environment.get(ENV_API_KEY):
        return ApiKey(key)
    raise MissingCredentials(
        f"No credentials. Give PaymoClient an api_key, email and password, or session_token, or set {ENV_API_KEY}. "
        "An API key is made in Paymo under My Account."
    )


def _basic(user: str, password: str) -> tuple[str, str]:
    return "Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
