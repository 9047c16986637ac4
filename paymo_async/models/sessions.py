"""Session tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paymo_async.models.base import Model, read_only, resource

if TYPE_CHECKING:
    from datetime import datetime


__all__ = ["Session"]


@resource("sessions")
class Session(Model):
    """A token that signs in for about 30 days; made with an empty body and Basic credentials, never updated."""

    id: str = read_only(secret=True)
    """The token: text, not a number."""
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    ip: str | None = read_only()
    user_id: int = read_only()
    expires_on: datetime | None = read_only()
