"""Clients and their contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paymo_async.models.base import UNSET, Model, include, read_only, resource, write_only

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from paymo_async.models.invoices import Invoice
    from paymo_async.models.projects import Project
    from paymo_async.models.recurring import RecurringProfile

__all__ = ["Client", "ClientContact"]


@resource("clients", requires=("name",))
class Client(Model):
    """Who work is done for. Deleting one deletes its projects, tasks and time; archive it with `active=False`."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    address: str | None = UNSET
    city: str | None = UNSET
    postal_code: str | None = UNSET
    country: str | None = UNSET
    state: str | None = UNSET
    phone: str | None = UNSET
    fax: str | None = UNSET
    email: str | None = UNSET
    website: str | None = UNSET
    active: bool = UNSET
    """False archives the client."""
    fiscal_information: str | None = UNSET
    image: str | None = read_only()
    image_thumb_large: str | None = read_only(unselectable=True)
    image_thumb_medium: str | None = read_only(unselectable=True)
    image_thumb_small: str | None = read_only(unselectable=True)
    due_interval: int | None = read_only()
    """Days from an invoice's date to its due date."""
    additional_privileges: list[Any] | None = read_only(unselectable=True)

    clientcontacts: list[ClientContact] = include()
    projects: list[Project] = include()
    invoices: list[Invoice] = include()
    recurringprofiles: list[RecurringProfile] = include()


@resource("clientcontacts", requires=("name", "client_id"))
class ClientContact(Model):
    """A person at a client. `access=True` with a `password` opens the client portal to them."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    email: str | None = UNSET
    mobile: str | None = UNSET
    phone: str | None = UNSET
    fax: str | None = UNSET
    skype: str | None = UNSET
    notes: str | None = UNSET
    position: str | None = UNSET
    is_main: bool = UNSET
    access: bool = UNSET
    """Whether the client portal is open to them."""
    image: str | None = read_only()
    image_thumb_large: str | None = read_only()
    image_thumb_medium: str | None = read_only()
    image_thumb_small: str | None = read_only()
    password: str = write_only(secret=True)
    """Of the client portal."""
    client_id: int = UNSET
    additional_privileges: list[Any] | None = read_only()

    client: Client = include()
