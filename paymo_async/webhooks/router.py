"""Who handles which event, and what the service is answered.

    router = WebhookRouter(secret=os.environ["PAYMO_WEBHOOK_SECRET"])

    @router.on("model.insert.Task")
    async def greet(event: Event[Task]) -> None: ...

An adapter (`aiohttp_handler`, `asgi_app`) gives it what comes over the network.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import re
from collections.abc import AsyncIterable, Callable, Sequence
from http import HTTPStatus
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar
from weakref import WeakValueDictionary

from paymo_async.errors import InvalidRequest, WebhookError
from paymo_async.eventnames import EventPattern
from paymo_async.webhooks.events import Event, read_event
from paymo_async.webhooks.seen import SeenStore
from paymo_async.webhooks.verify import MAX_SIZE, Headers, Verifier, find_header, header_pairs

__all__ = ["Answer", "Gone", "Handler", "WebhookRouter"]

Handler: TypeAlias = Callable[[Event[Any]], object]
"""A function of an event, async or not; what it returns is not used. One that is not async must not block."""

H = TypeVar("H", bound=Handler)

_LENGTH: Final = re.compile(r"[0-9]{1,18}")
_log: Final = logging.getLogger("paymo_async.webhooks")


class Gone(Exception):
    """Raised by a handler that wants no more deliveries: the service is answered 410, and deletes the hook."""


class Answer(NamedTuple):
    """What to answer the service: HTTP status, and a text for whoever looks into it."""

    status: int
    text: str


class WebhookRouter:
    """Checks deliveries and gives their events to the handlers whose patterns match, in the order of their coming.

    secret, unsigned, max_size: as `parse` has them; a router without a secret and without `unsigned=True` is refused.
    seen: where to remember handled deliveries, so that one which comes again is answered 200 and not handled again;
    None handles each. Deliveries carry no id, so equal ones are taken for the same: see `paymo_async.webhooks.seen`.

    A handler's error is the answer 500 and ends the delivery's handling: it is not remembered, and should the service
    tell again, the handlers before the failing one run again too. So make them repeatable. (Whether it does tell
    again is not documented.)
    """

    def __init__(
        self,
        *,
        secret: str | Sequence[str] | None = None,
        unsigned: bool = False,
        max_size: int = MAX_SIZE,
        seen: SeenStore | None = None,
    ) -> None:
        self._verifier = Verifier(secret=secret, unsigned=unsigned, max_size=max_size)
        self._seen = seen
        self._handlers: list[tuple[tuple[EventPattern, ...], Handler]] = []
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def on(self, *patterns: str) -> Callable[[H], H]:
        """Decorates a handler of the events that match any pattern: a name, `model.insert.*`, `*.Task` or `*`.

        Events with names that are not documented come to `*`. Raises `InvalidRequest` at once, with the nearest name,
        for a pattern that cannot match.
        """
        parsed = tuple(map(EventPattern.parse, patterns))
        if not parsed:
            raise InvalidRequest('Name the events: @router.on("model.insert.Task"), or @router.on("*") for all')

        def register(handler: H) -> H:
            self._handlers.append((parsed, handler))
            return handler

        return register

    async def receive(self, headers: Headers, chunks: AsyncIterable[bytes]) -> Answer:
        """Reads, checks and handles one delivery: the work of every adapter.

        chunks: the body, which is read no further than `max_size`. Answers 200, 400, 401, 410 or 413; a handler's
        error is raised, for the adapter to answer 500.
        """
        pairs = header_pairs(headers)
        try:
            body = await self._read(pairs, chunks)
            self._verifier.check(pairs, body)
            event = read_event(pairs, body)
        except WebhookError as error:
            _log.warning("A webhook delivery was refused: %s", error.message)
            return Answer(error.status or HTTPStatus.BAD_REQUEST, error.message)
        try:
            await self.handle(event)
        except Gone:
            return Answer(HTTPStatus.GONE, "No more of these")
        return Answer(HTTPStatus.OK, "OK")

    async def handle(self, event: Event[Any]) -> bool:
        """Handles an event that came some other way (a queue, say), unless it was handled before: then False.

        Two equal ones at a time are handled one after the other, so that the second finds what the first has left.
        Raises what a handler raises.
        """
        if self._seen is None:
            await self._dispatch(event)
            return True
        key = event.key
        async with self._turns.setdefault(key, asyncio.Lock()):
            if await self._seen.seen(key):
                return False
            await self._dispatch(event)
            try:
                await self._seen.mark(key)
            except Exception:  # noqa: BLE001  # whatever the store does
                # The work is done: to fail now would ask the service to have it done twice.
                _log.exception("A handled delivery of %s could not be remembered", event.name)
            return True

    async def _dispatch(self, event: Event[Any]) -> None:
        for patterns, handler in self._handlers:
            if not any(pattern.matches(event.action, event.type) for pattern in patterns):
                continue
            result = handler(event)
            if inspect.isawaitable(result):
                await result

    async def _read(self, headers: Headers, chunks: AsyncIterable[bytes]) -> bytes:
        announced = find_header(headers, "Content-Length")
        if announced is not None and _LENGTH.fullmatch(announced):
            self._verifier.check_size(int(announced))
        body = bytearray()
        async for chunk in chunks:
            body += chunk
            self._verifier.check_size(len(body))
        return bytes(body)
