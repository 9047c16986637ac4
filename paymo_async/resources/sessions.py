"""Sessions: tokens that stand for a login."""

from __future__ import annotations

from paymo_async.models.sessions import Session
from paymo_async.resources.base import Deletes, Gets, Lists
from paymo_async.wire.messages import Request

__all__ = ["Sessions"]


class Sessions(Lists[Session], Gets[Session], Deletes[Session]):
    """Sessions, which cannot be changed. `auth=SessionToken(login=...)` makes and renews one by itself."""

    model = Session

    async def create(self) -> Session:
        """A new session of the caller; its `id` is the token."""
        return await self._one(Request("POST", self.path))
