"""Clients."""

from __future__ import annotations

from paymo_async.models.clients import Client
from paymo_async.resources.base import Creates, Deletes, Gets, Lists, Updates

__all__ = ["Clients"]


class Clients(Lists[Client], Gets[Client], Creates[Client], Updates[Client], Deletes[Client]):
    """Clients. Deleting one deletes its projects, tasks and time; archive it with `Client(active=False)` instead."""

    model = Client
