"""What a sandbox was asked, and what it told by itself: the last ones, oldest first, and whoever wants to hear of new
ones.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, Protocol, TypeVar, overload

import attrs

__all__ = ["KEPT", "KEPT_DELIVERIES", "Deliveries", "Delivery", "Log", "Numbered", "Seen", "Traffic"]

KEPT = 100_000
"""How many requests are kept; the total goes on counting."""

KEPT_DELIVERIES = 2_000
"""How many deliveries are kept: fewer, since each holds its body."""

_log = logging.getLogger("paymo_async.sandbox")


class Numbered(Protocol):
    """What a log holds: it gives each its number, the first is 1."""

    number: int


N = TypeVar("N", bound=Numbered)


class Log(Sequence[N]):
    """The last so many; reads like a list. total: how many came since the start. listeners: called with each one that
    is done, in the server's thread; what a listener raises is logged and hurts nobody else.
    """

    def __init__(self, kept: int) -> None:
        self.total: int = 0
        self.listeners: set[Callable[[N], None]] = set()
        self._kept: deque[N] = deque(maxlen=kept)

    def begin(self, one: N) -> N:
        """Notes one that has just begun."""
        self.total += 1
        one.number = self.total
        self._kept.append(one)
        return one

    def end(self, one: N) -> None:
        """Tells the listeners of one that is done."""
        for listener in tuple(self.listeners):
            try:
                listener(one)
            except Exception:  # noqa: BLE001  # a listener of anybody's
                _log.exception("A listener failed")

    def after(self, number: int) -> list[N]:
        """Those with a higher number."""
        kept = tuple(self._kept)
        return list(kept[max(0, number + 1 - kept[0].number) :]) if kept else []

    def clear(self) -> None:
        """Forgets what is kept; `total` stays."""
        self._kept.clear()

    @overload
    def __getitem__(self, place: int) -> N: ...
    @overload
    def __getitem__(self, place: slice) -> list[N]: ...
    def __getitem__(self, place: int | slice) -> N | list[N]:
        return list(self._kept)[place] if isinstance(place, slice) else self._kept[place]

    def __iter__(self) -> Iterator[N]:
        return iter(tuple(self._kept))

    def __len__(self) -> int:
        return len(self._kept)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == [*other]

    __hash__: ClassVar[None]  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)} of {self.total}>"


@attrs.define(repr=False)
class Seen:
    """One request as it came.

    number: the first is 1. status: 0 where the connection was lost on purpose, and until it is answered. at: seconds
    since 1970 by the sandbox's clock. seconds: from its arrival to its answer. size: bytes of the answer's body.
    faults: the effects of the faults that acted on it. key: the last four characters of what it authenticated with.
    """

    method: str
    path: str
    query: str = ""
    status: int = 0
    at: float = 0.0
    seconds: float = 0.0
    size: int = 0
    faults: tuple[str, ...] = ()
    key: str = ""
    number: int = 0

    def __repr__(self) -> str:
        query = f"?{self.query}" if self.query else ""
        return f"<Seen {self.number}: {self.method} {self.path}{query} {self.status}>"


class Traffic(Log[Seen]):
    """The last requests."""

    def __init__(self, kept: int = KEPT) -> None:
        super().__init__(kept)


@attrs.define(repr=False)
class Delivery:
    """One attempt to tell a webhook's target of an event.

    body, headers: as they were sent, signature included. status: what the target answered; 0 until then, and where it
    did not: then `error` says why. at: seconds since 1970 by the sandbox's clock. seconds: from the connection to the
    answer. attempt: the first is 1; 0 for a notification that was given up unsent, since too many waited.
    """

    hook_id: int
    event: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    attempt: int = 1
    status: int = 0
    error: str = ""
    at: float = 0.0
    seconds: float = 0.0
    number: int = 0

    def __repr__(self) -> str:
        return f"<Delivery {self.number}: {self.event} to {self.url} {self.error or self.status}>"


class Deliveries(Log[Delivery]):
    """The last deliveries of webhooks."""

    def __init__(self, kept: int = KEPT_DELIVERIES) -> None:
        super().__init__(kept)
