"""What a token bucket learns from answers: the limit in force, and how long a round trip takes at least."""

from __future__ import annotations

import bisect
from collections.abc import Callable
from typing import Final, Generic, TypeVar

__all__ = ["Learned", "RoundTrips"]

_N = TypeVar("_N", int, float)

_ENOUGH: Final = 40
_KEPT: Final = 20
_SUSPICION: Final = 8


class Learned(Generic[_N]):
    """A setting that headers change: to a stricter value at once, to a looser one when two in a row tell it.

    value: what is in force. told: any header has told it.
    """

    __slots__ = ("_own", "_proposed", "_stricter", "told", "value")

    def __init__(self, value: _N, *, own: _N | None, stricter: Callable[[_N, _N], _N]) -> None:
        self.value: _N = value
        self.told: bool = False
        self._own: _N | None = own
        self._stricter: Callable[[_N, _N], _N] = stricter
        self._proposed: _N | None = None

    def hear(self, told: _N | None) -> None:
        """Takes what an answer tells; None changes nothing."""
        if told is None:
            return
        self.told = True
        if self._own is not None:
            told = self._stricter(told, self._own)
        if told == self.value:
            self._proposed = None
        elif told == self._proposed or self._stricter(told, self.value) == told:
            self.value = told
            self._proposed = None
        else:
            self._proposed = told

    @property
    def settled(self) -> bool:
        """Whether hearing the last value again would change nothing."""
        return self._proposed is None

    def bound(self, own: _N) -> None:
        """Makes the value never looser than this."""
        self._own = own if self._own is None else self._stricter(self._own, own)
        self.value = self._stricter(self.value, self._own)


class RoundTrips:
    """What is known of the time between sending and headers, in seconds.

    discount: the smallest round trip there can be, as far as those seen tell; 0.0 before 40 were seen. slowest: the
    longest round trip so far.
    """

    __slots__ = ("_enough", "_seen", "_smallest", "discount", "slowest")

    def __init__(self) -> None:
        self._seen = 0
        self._enough = _ENOUGH
        self._smallest: list[float] = []
        self.discount: float = 0.0
        self.slowest: float = 0.0

    def saw(self, seconds: float) -> bool:
        """Adds one; returns whether it changed the discount."""
        self._seen = seen = self._seen + 1
        smallest = self._smallest
        if seconds > self.slowest:
            self.slowest = seconds
        if seen > self._enough and seconds >= smallest[-1]:
            return False
        bisect.insort(smallest, seconds)
        del smallest[_KEPT:]
        if seen < self._enough:
            return False
        self.discount = max(0.0, 2 * smallest[0] - smallest[-1])
        return True

    def distrust(self) -> None:
        """Withdraws the discount until eight times as many were seen as it took before."""
        self._seen = 0
        self._enough *= _SUSPICION
        self._smallest.clear()
        self.discount = 0.0
