"""Webhooks: who is told of which events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paymo_async.models.base import UNSET, Model, read_only, resource, write_only

if TYPE_CHECKING:
    from datetime import datetime


__all__ = ["Webhook"]


@resource("hooks", requires=("target_url", "event"))
class Webhook(Model):
    """A webhook: which events are sent to which URL."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    target_url: str = UNSET
    event: str = UNSET
    """As `model.insert.Task`, `*.Task`, `model.insert.*` or `*`."""
    where: str | None = UNSET
    """Narrows which objects are told of."""
    secret: str = write_only(secret=True)
    """Signs the deliveries."""
    last_status_code: int | None = read_only()
    """What the target answered last."""
