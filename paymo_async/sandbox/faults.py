"""Faults on demand: which requests go wrong, and how.

    box.faults.add("500", path="estimates", call=3)      the third GET, POST, ... of /estimates answers 500
    box.faults.add("latency", seconds=0.2)               every answer takes 0.2 s longer
    box.faults.add("reset", path="reports/*", times=1)   the next request for one report loses its connection

A fault counts the requests that its path and method match. Several may act on one request; of those that end it, the
one added first wins.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from typing import Final, Literal, get_args

import attrs

__all__ = ["EFFECTS", "Effect", "Fault", "Faults"]

Effect = Literal[
    "429",
    "500",
    "502",
    "503",
    "401",
    "latency",
    "reset",
    "reset-after",
    "cut-body",
    "wrong-type",
    "drift",
    "repeat-page",
    "odd-key",
]

EFFECTS: Final[tuple[str, ...]] = get_args(Effect)
"""What a fault can do.

429: the limit, with Retry-After. 500: the service's own. 502, 503: a proxy's HTML. 401: a CDN's HTML. latency: waits
`seconds` first. reset: the connection is lost before the request is processed; reset-after: when it was. cut-body: half
of the body, then the connection is lost. wrong-type: the right body as text/html. drift: numbers come as texts and
moments as null. repeat-page: a page shows what the page before it showed. odd-key: the list is under another key.
"""


@attrs.define
class Fault:
    """A rule: what goes wrong, and with which requests.

    path: a pattern on the path below the API's root (`reports/*`). method: `*` for all. call: the numbers of matching
    requests on which it acts, the first is 1; None for all. times: how often it acts at most. probability: of acting,
    by a generator with `seed`. seconds: the latency, or the Retry-After of a 429.
    """

    effect: Effect
    path: str = "*"
    method: str = "*"
    call: int | Collection[int] | None = attrs.field(default=None, kw_only=True)
    times: int | None = attrs.field(default=None, kw_only=True)
    probability: float = attrs.field(default=1.0, kw_only=True)
    seconds: float = attrs.field(default=1.0, kw_only=True)
    seed: int = attrs.field(default=1, kw_only=True)
    seen: int = attrs.field(default=0, init=False)
    acted: int = attrs.field(default=0, init=False)
    _random: random.Random = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        if self.effect not in EFFECTS:
            raise ValueError(f"unknown effect {self.effect!r}; known are {', '.join(EFFECTS)}")
        self._random = random.Random(self.seed)  # noqa: S311  # chance of a test, to be repeated

    def strikes(self, method: str, path: str) -> bool:
        """Whether it acts on this request; counts the request."""
        if self.method not in ("*", method) or not fnmatchcase(path, self.path):
            return False
        self.seen += 1
        calls = (self.call,) if isinstance(self.call, int) else self.call
        if calls is not None and self.seen not in calls:
            return False
        if self.times is not None and self.acted >= self.times:
            return False
        if self.probability < 1 and self._random.random() >= self.probability:
            return False
        self.acted += 1
        return True


class Faults:
    """The faults of a sandbox, in the order they were added."""

    def __init__(self, faults: Collection[Fault] = ()) -> None:
        self._faults = list(faults)

    def add(
        self,
        fault: Fault | Effect,
        *,
        path: str = "*",
        method: str = "*",
        call: int | Collection[int] | None = None,
        times: int | None = None,
        probability: float = 1.0,
        seconds: float = 1.0,
    ) -> Fault:
        """Adds a fault, given whole or by its parts, and returns it. Raises ValueError for an unknown effect."""
        made = (
            fault
            if isinstance(fault, Fault)
            else Fault(fault, path, method, call=call, times=times, probability=probability, seconds=seconds)
        )
        self._faults.append(made)
        return made

    def remove(self, fault: Fault) -> None:
        """Takes a fault away. Raises ValueError where it is not among them."""
        self._faults.remove(fault)

    def clear(self) -> None:
        """Takes all away."""
        self._faults.clear()

    def striking(self, method: str, path: str) -> dict[Effect, Fault]:
        """The faults that act on a request, by effect, the first added first."""
        struck: dict[Effect, Fault] = {}
        for fault in self._faults:
            if fault.strikes(method, path):
                struck.setdefault(fault.effect, fault)
        return struck

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def __len__(self) -> int:
        return len(self._faults)
