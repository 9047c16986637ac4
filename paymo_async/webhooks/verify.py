"""Who sent a delivery: the signature, its check, and the size that is taken. No I/O.

The service signs the raw body with HMAC-SHA1 and the hook's secret (BEHAVIOUR.md, Webhooks). Only the body is signed:
the name of the event and the hook's id come in headers that the signature does not cover, and nothing in a delivery
says when it was sent. So whoever gets hold of one delivery can send it again, under another event's name too. Take
deliveries over https only.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias, cast

from paymo_async.errors import InvalidRequest, WebhookError

__all__ = ["MAX_SIZE", "Headers", "Verifier", "find_header", "header_pairs", "sign"]

MAX_SIZE: Final = 1_000_000
"""Bytes of a body, at most, unless told otherwise; deliveries hold one object."""

Headers: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]]
"""A mapping, a multidict, or pairs; upper and lower case of names is all the same."""

_SIGNATURE: Final = "X-Paymo-Signature"


class Verifier:
    """Checks deliveries against one or several secrets, and fails closed.

    secret: several while one is replaced by another: a delivery signed with any of them is good. unsigned: True takes
    deliveries of a hook that has no secret, from anybody who knows the URL. max_size: bytes of a body.

    Raises `InvalidRequest` where there is neither a secret nor `unsigned`, where there are both, and for an empty
    secret (a variable that was not set): anybody could sign with that.
    """

    __slots__ = ("_secrets", "max_size")

    def __init__(
        self, *, secret: str | Sequence[str] | None = None, unsigned: bool = False, max_size: int = MAX_SIZE
    ) -> None:
        given = [secret] if isinstance(secret, str) else list(secret or ())
        if secret is not None and not (given and all(given)):
            raise InvalidRequest("A webhook's secret must not be empty: is the variable set?")
        if unsigned and given:
            raise InvalidRequest("Give either a secret or unsigned=True, not both")
        if not unsigned and not given:
            raise InvalidRequest("Give the webhook's secret; unsigned=True takes deliveries from anybody")
        self._secrets = [one.encode() for one in given]
        self.max_size: int = max_size

    def __repr__(self) -> str:
        return f"<Verifier {len(self._secrets)} secrets>"

    def check(self, headers: Headers, body: bytes) -> None:
        """Raises `WebhookError` for a delivery that is too large (413), or not signed with any of the secrets (401).

        The error shows neither the secrets nor any signature, the right one or the one that came.
        """
        self.check_size(len(body))
        if not self._secrets:
            return
        signature = find_header(headers, _SIGNATURE)
        if signature is None:
            raise WebhookError(f"The delivery has no {_SIGNATURE}, or several", status=401)
        came = signature.encode(errors="replace")
        # All are compared, so that the time taken does not tell which one is in use.
        same = [hmac.compare_digest(_signature(secret, body), came) for secret in self._secrets]
        if not any(same):
            raise WebhookError(f"The {_SIGNATURE} is not that of the body under any known secret", status=401)

    def check_size(self, size: int) -> None:
        """Raises `WebhookError` (413) for a body of more than `max_size` bytes."""
        if size > self.max_size:
            raise WebhookError(f"The delivery is larger than {self.max_size} bytes", status=413)


def sign(secret: str, body: bytes) -> str:
    """The value of `X-Paymo-Signature` for a body: for tests of your own receiver."""
    return _signature(secret.encode(), body).decode()


def find_header(headers: Headers, name: str) -> str | None:
    """A header's value; None where it is missing, or comes more than once and so says nothing certain."""
    wanted = name.lower()
    found = [value for key, value in header_pairs(headers) if key.lower() == wanted]
    return found[0] if len(found) == 1 else None


def header_pairs(headers: Headers) -> list[tuple[str, str]]:
    """Headers in any of the accepted forms as a list, so that they can be gone through more than once."""
    return list(cast("Iterable[tuple[str, str]]", headers.items() if isinstance(headers, Mapping) else headers))


def _signature(secret: bytes, body: bytes) -> bytes:
    # SHA-1 is the service's choice; as an HMAC it is still sound.
    return b"sha1=" + hmac.new(secret, body, hashlib.sha1).hexdigest().encode()
