"""Clients and their contacts."""

from __future__ import annotations

from paymo_async.errors import InvalidRequest
from paymo_async.models.clients import Client, ClientContact
from paymo_async.resources.base import Id, Standard
from paymo_async.resources.mixins import Archives, Images

__all__ = ["ClientContacts", "Clients"]


class Clients(Standard[Client], Archives[Client], Images[Client]):
    """Clients, with their logos. Deleting one deletes its projects, tasks and time; `archive` it instead."""

    model = Client


class ClientContacts(Standard[ClientContact], Images[ClientContact]):
    """The people of clients."""

    model = ClientContact

    async def open_portal(self, id: Id, password: str) -> ClientContact:
        """Opens the client portal to a contact, who signs in with the contact's address and this password.

        For one to whom it is open, this sets a new password.
        """
        if not password:
            raise InvalidRequest("The client portal needs a password")
        return await self.update(id, ClientContact(access=True, password=password))

    async def close_portal(self, id: Id) -> ClientContact:
        """Closes the client portal to a contact."""
        return await self.update(id, ClientContact(access=False))
