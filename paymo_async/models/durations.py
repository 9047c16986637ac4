"""Durations: the service counts seconds, programs like timedeltas."""

from __future__ import annotations

from datetime import timedelta

from paymo_async.models.base import UNSET

__all__ = ["timedelta_of"]


def timedelta_of(seconds: int | None) -> timedelta | None:
    """Seconds as a timedelta; None where the service sent none, or null."""
    return None if seconds is UNSET or seconds is None else timedelta(seconds=seconds)
