"""What the parts of one client share: the transport, how calls are made, and what was learned on the way."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar

import attrs

from paymo_async.errors import DecodeError, PaymoError
from paymo_async.fanout import little
from paymo_async.literals import Escape
from paymo_async.models.base import Model
from paymo_async.transport.call import CallOptions
from paymo_async.transport.http import Transport
from paymo_async.wire.codec import decode_items
from paymo_async.wire.messages import Request, Response
from paymo_async.wire.redaction import redact_body

__all__ = ["Account", "Learned", "OnUndecodable", "Truncation"]

M = TypeVar("M", bound=Model)

Truncation = Literal["repair", "raise"]
OnUndecodable = Callable[[DecodeError], None]


class Learned:
    """What a client finds out about the service while it runs.

    densities: objects of the commonest type for each listed one, by path and include: sizes the next listing's first
    page. single_gets: paths that refused `where=id in (...)`, so that objects are asked for one by one.
    user_id: whose credentials are in use, once it was asked for.
    It also keeps the locks of objects that are being changed in several steps.
    """

    __slots__ = ("_locks", "densities", "single_gets", "user_id")

    def __init__(self) -> None:
        self.densities: dict[tuple[str, str], float] = {}
        self.single_gets: set[str] = set()
        self.user_id: int | None = None
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    def lock(self, path: str) -> asyncio.Lock:
        """The lock of one object, as `tasks/12`, shared by all that change it through this client."""
        return self._locks.setdefault(path, asyncio.Lock())


@attrs.frozen(slots=True, kw_only=True)
class Account:
    """Shared by a client, its resources and listings; `attrs.evolve` gives a view with other settings.

    truncation: what to do when an answer was cut at 2500 objects. escape: see `paymo_async.literals`.
    on_undecodable: told of each object that cannot be read, which is then left out; None raises instead.
    """

    transport: Transport
    options: CallOptions = attrs.field(factory=CallOptions)
    truncation: Truncation = "repair"
    escape: Escape = "refuse"
    on_undecodable: OnUndecodable | None = None
    learned: Learned = attrs.field(factory=Learned, repr=False)

    async def send(self, request: Request) -> Response:
        """Sends a request and returns its whole success answer."""
        return await self.transport.send(request, self.options)

    async def fetch(self, cls: type[M], request: Request) -> tuple[list[M], int]:
        """Sends a request and reads the objects in its answer; also how many were in it, readable or not.

        Raises `DecodeError` for an object that cannot be read, unless `on_undecodable` takes it.
        """
        return self.read(cls, await self.transport.send(request, self.options))

    def read(self, cls: type[M], response: Response) -> tuple[list[M], int]:
        """The objects in an answer, and how many were in it, readable or not."""
        try:
            decoded = decode_items(cls, response.body)
        except PaymoError as error:
            raise error.about(**_known(response), body=error.body or _excerpt(response)) from None
        if decoded.undecodable:
            self.tell(decoded.undecodable, **_known(response))
        return decoded.items, decoded.count

    def tell(self, undecodable: Iterable[DecodeError], **known: Any) -> None:
        """Raises the first of these, or hands all to `on_undecodable`. known: what is known of the call."""
        for failure in undecodable:
            failure.about(**known)
            if self.on_undecodable is None:
                raise failure
            self.on_undecodable(failure)

    def width(self) -> int:
        """How many calls to keep under way at once, from the rate limit and the service's latency."""
        state = self.transport.limiter.snapshot()
        return little(state.limit, state.period, self.transport.latency)


def _known(response: Response) -> dict[str, Any]:
    return {
        "method": response.method,
        "url": response.url,
        "status": response.status,
        "headers": dict(response.headers),
        "attempts": response.attempts,
        "elapsed": response.elapsed,
    }


def _excerpt(response: Response) -> str:
    return redact_body(response.text[:2000])
