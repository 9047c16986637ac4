"""Sessions: tokens that stand for a login."""

from __future__ import annotations

from paymo_async.errors import NotFound
from paymo_async.models.sessions import Session
from paymo_async.resources.base import Deletes, Gets, Id, Lists, segment
from paymo_async.wire.messages import Request

__all__ = ["Sessions"]


class Sessions(Lists[Session], Gets[Session], Deletes[Session]):
    """Sessions, which cannot be changed. `auth=SessionToken(login=...)` makes and renews one by itself."""

    model = Session

    async def create(self) -> Session:
        """A new session of the caller; its `id` is the token.

        It takes an email and password or an API key: from a session, the service makes no other (`Unauthorized`).
        """
        return await self._one(Request("POST", self.path))

    async def renew(self, id: Id) -> Session:
        """A new session in place of one that ends here; sessions cannot be prolonged, and the token changes.

        The new one is made first, so that there is always one that holds; as `create`, it takes more than a session.
        """
        segment(id)
        made = await self.create()
        await self.end(id)
        return made

    async def end(self, id: Id) -> None:
        """Ends a session; one that has ended is no error."""
        try:
            await self.delete(id)
        except NotFound:
            return
