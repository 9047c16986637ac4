"""The sandbox's clock: the real one, until a test freezes or moves it.

    box.clock.freeze(datetime(2026, 1, 31, 8, 59, tzinfo=UTC))
    box.clock.move(minutes=2)      # recurring invoices of that day are made at 09:00

Only what the account dates by is moved: `created_on`, sessions, timers, recurring work. The rate limit runs on a
monotonic clock of its own, since it limits real requests.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

__all__ = ["Clock"]


class Clock:
    """Seconds since 1970, as the sandbox tells them. source: the clock it follows while it is not frozen.

    start: the moment at which it stands still from the beginning; without one it follows its source. listeners: called
    when it was frozen or moved.
    """

    def __init__(self, start: datetime | None = None, *, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._start = start
        self._ahead = 0.0
        self._frozen: float | None = None if start is None else _seconds(start)
        self.listeners: set[Callable[[], None]] = set()

    def __call__(self) -> float:
        frozen = self._frozen  # read once: another thread may let it run again
        return self._source() + self._ahead if frozen is None else frozen

    @property
    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.fromtimestamp(self(), UTC)

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._frozen is not None

    def freeze(self, at: datetime | None = None) -> None:
        """Stands still, at a given moment or at the present one. Raises ValueError for a naive datetime."""
        self._frozen = self() if at is None else _seconds(at)
        self._tell()

    def set(self, at: datetime) -> None:
        """Goes to a moment, and runs on from there unless it is frozen. Raises ValueError for a naive datetime."""
        self._go(_seconds(at) - self())

    def move(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Goes on by so much; back where it is negative."""
        self._go(timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds).total_seconds())

    def resume(self) -> None:
        """Runs again, from where it stands."""
        if self._frozen is not None:
            self._ahead = self._frozen - self._source()
            self._frozen = None
            self._tell()

    def reset(self) -> None:
        """As at the beginning: follows its source, or stands still at its start."""
        self._frozen = None if self._start is None else _seconds(self._start)
        self._ahead = 0.0
        self._tell()

    def _go(self, seconds: float) -> None:
        if self._frozen is None:
            self._ahead += seconds
        else:
            self._frozen += seconds
        self._tell()

    def _tell(self) -> None:
        for listener in tuple(self.listeners):
            listener()

    def __repr__(self) -> str:
        return f"Clock({self.now:%Y-%m-%dT%H:%M:%SZ}{', frozen' if self.frozen else ''})"


def _seconds(at: datetime) -> float:
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone: give an aware datetime, as datetime(..., tzinfo=UTC)")
    return at.timestamp()
