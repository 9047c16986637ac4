"""Who asks: Basic with address and password, Basic with an API key as the user name, or a session token."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import NamedTuple

from paymo_async.sandbox.account import Account
from paymo_async.sandbox.filters import saying
from paymo_async.sandbox.rules.people import hashed
from paymo_async.sandbox.values import Problem, timestamp

__all__ = ["Caller", "authenticate", "credential"]


class Caller(NamedTuple):
    """The user who asks; basic: by Basic credentials, which alone may open a session."""

    user_id: int
    basic: bool


def credential(headers: Mapping[str, str]) -> str:
    """What the rate limit is counted by: the key, address or token, empty for none."""
    session = headers.get("X-Session")
    return session if session is not None else _basic(headers.get("Authorization", ""))[0]


def authenticate(headers: Mapping[str, str], account: Account, keys: Mapping[str, int]) -> Caller:
    """The caller behind a request's headers. keys: user ids by API key. Raises Problem 401."""
    session = headers.get("X-Session")
    if session is not None:
        return Caller(_by_session(session, account), basic=False)
    name, password = _basic(headers.get("Authorization", ""))
    if name in keys:
        return Caller(keys[name], basic=True)
    return Caller(_by_password(name, password, account), basic=True)


def _by_session(token: str, account: Account) -> int:
    found = account.look("sessions", token) if token.isascii() else None  # other bytes are no text at all
    user = account.look("users", found["user_id"]) if found else None
    if found is None or not (user and user["active"]) or timestamp(found["expires_on"]) <= account.clock():
        raise Problem(401, "Session is invalid or has expired")
    return int(found["user_id"])


def _by_password(email: str, password: str, account: Account) -> int:
    by_email = saying("email", email)
    for user in account.store.find(account.tables["users"], by_email, limit=1) if email else ():
        if user.get("active") and user.get("password") == hashed(password):
            return int(user["id"])
    raise Problem(401, "Invalid credentials")


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password
