"""Enums that accept values they do not know: the service adds some, and a client must not break on them."""

from __future__ import annotations

import enum
from typing import Any, Self

__all__ = ["OpenIntEnum", "OpenStrEnum"]


class OpenStrEnum(enum.StrEnum):
    """A text with known values; an unknown one is kept as it came, equal to its text."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return _open_member(cls, str, value) if isinstance(value, str) else None


class OpenIntEnum(enum.IntEnum):
    """A number with known values; an unknown one is kept as it came, equal to its number."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return _open_member(cls, int, value) if type(value) is int else None


def _open_member(cls: type[Any], plain: type[str] | type[int], value: Any) -> Any:
    # Not stored in the enum: values come from the network, and a process must not grow with them.
    member = plain.__new__(cls, value)
    member._name_ = f"UNKNOWN_{value}"
    member._value_ = value
    return member
