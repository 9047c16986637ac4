"""What a sandbox was asked: the last requests, oldest first, and whoever wants to hear of new ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import overload

import attrs

__all__ = ["KEPT", "Seen", "Traffic"]

KEPT = 100_000
"""How many requests are kept; the total goes on counting."""


@attrs.define
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


class Traffic(Sequence[Seen]):
    """The last requests; reads like a list. total: how many came since the start. listeners: called with each
    request when it was answered or lost, in the server's thread.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self.total = 0
        self.listeners: set[Callable[[Seen], None]] = set()
        self._kept: deque[Seen] = deque(maxlen=kept)

    def begin(self, seen: Seen) -> Seen:
        """Notes a request that has just come."""
        self.total += 1
        seen.number = self.total
        self._kept.append(seen)
        return seen

    def end(self, seen: Seen) -> None:
        """Tells the listeners of a request that is done."""
        for listener in tuple(self.listeners):
            listener(seen)

    def clear(self) -> None:
        """Forgets the requests that are kept; `total` stays."""
        self._kept.clear()

    @overload
    def __getitem__(self, place: int) -> Seen: ...
    @overload
    def __getitem__(self, place: slice) -> list[Seen]: ...
    def __getitem__(self, place: int | slice) -> Seen | list[Seen]:
        return list(self._kept)[place] if isinstance(place, slice) else self._kept[place]

    def __iter__(self) -> Iterator[Seen]:
        return iter(tuple(self._kept))

    def __len__(self) -> int:
        return len(self._kept)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == [*other]

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"<Traffic: {len(self)} of {self.total} requests>"
