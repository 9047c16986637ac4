"""What one unit of work cost: attempts sent and seconds waited, gathered across however many calls it makes."""

from __future__ import annotations

from contextvars import ContextVar

__all__ = ["CallStats", "current_call"]


class CallStats:
    """Attempts sent and seconds waited for the rate limit, of all calls made while it is current."""

    __slots__ = ("attempts", "waited")

    def __init__(self) -> None:
        self.attempts: int = 0
        self.waited: float = 0.0


current_call: ContextVar[CallStats | None] = ContextVar("paymo_async_current_call", default=None)
"""Set by the fan-out around each item's work; the transport adds to it."""
