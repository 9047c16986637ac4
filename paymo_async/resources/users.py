"""Users, and who the caller is."""

from __future__ import annotations

from paymo_async.models.users import User
from paymo_async.resources.base import Standard
from paymo_async.resources.mixins import Archives, Images
from paymo_async.wire.messages import Request

__all__ = ["Users"]


class Users(Standard[User], Archives[User], Images[User]):
    """The account's users, with their portraits."""

    model = User

    async def me(self) -> User:
        """The user whose credentials are in use."""
        return await self._one(Request("GET", "me"))
