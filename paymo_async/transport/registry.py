"""One token bucket per account for all clients of a process and event loop, found by origin and key.

A web app that makes a client for each request still keeps the limit, because the service counts by key. The registry
holds nothing alive: a bucket lives as long as a client that uses it, and an event loop's entry as long as the loop.
The key itself is not kept, only a digest with a salt that each process draws anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from typing import Final
from weakref import WeakKeyDictionary, WeakValueDictionary

from paymo_async.transport.bucket import TokenBucket

__all__ = ["shared_bucket"]

_Shared = WeakValueDictionary[tuple[str, bytes], TokenBucket]

_SALT: Final = secrets.token_bytes(16)
_BUCKETS: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, _Shared]] = WeakKeyDictionary()


def shared_bucket(
    origin: str, account_key: str, *, limit: int | None = None, period: float | None = None
) -> TokenBucket:
    """The bucket of this origin and key on the running event loop; a new one where there is none.

    limit, period: as for `TokenBucket`. Where clients of one account set them differently, the lower limit and the
    longer period hold for all of them, for as long as the bucket lives: the service counts them together. A client
    that must have its own needs its own `limiter`. Raises `RuntimeError` where no event loop runs.
    """
    of_loop = _BUCKETS.setdefault(asyncio.get_running_loop(), WeakValueDictionary())
    digest = hashlib.blake2b(account_key.encode(), key=_SALT, digest_size=16).digest()
    name = (origin.rstrip("/").lower(), digest)
    bucket = of_loop.get(name)
    if bucket is None:
        bucket = of_loop[name] = TokenBucket(limit=limit, period=period)
    else:
        bucket.tighten(limit=limit, period=period)
    return bucket
