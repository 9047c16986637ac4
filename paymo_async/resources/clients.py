"""Clients and their contacts."""

from __future__ import annotations

from paymo_async.models.clients import Client, ClientContact
from paymo_async.resources.base import Standard

__all__ = ["ClientContacts", "Clients"]


class Clients(Standard[Client]):
    """Clients. Deleting one deletes its projects, tasks and time; archive it with `Client(active=False)` instead."""

    model = Client


class ClientContacts(Standard[ClientContact]):
    """The people of clients. `ClientContact(access=True, password=...)` opens the client portal."""

    model = ClientContact
