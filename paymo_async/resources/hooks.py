"""Webhooks: who is told of changes."""

from __future__ import annotations

from paymo_async.models.hooks import Webhook
from paymo_async.resources.base import Standard

__all__ = ["Webhooks"]


class Webhooks(Standard[Webhook]):
    """Webhooks of the account."""

    model = Webhook
