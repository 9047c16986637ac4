"""What the sandbox answers when it refuses: a status and the service's words."""

from __future__ import annotations

__all__ = ["Problem"]


class Problem(Exception):  # it is an answer, not a fault of the program
    """A refusal; raised anywhere below the handlers, which turn it into `{"message": ...}` with its status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
