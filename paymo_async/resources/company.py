"""The company: the account's own settings."""

from __future__ import annotations

from typing import Any

from paymo_async.models.company import Company
from paymo_async.resources.base import Singleton
from paymo_async.resources.mixins import SingleImage
from paymo_async.wire.messages import Request

__all__ = ["CompanySettings"]


class CompanySettings(Singleton[Company], SingleImage[Company]):
    """The company; there is one."""

    model = Company

    async def get_with_raw(self) -> tuple[Company, dict[str, Any]]:
        """The settings as numbers and booleans, and beside them as the service wrote them: mostly texts.

        The second holds `"30"` where the first has `Decimal(30)`, and `""` for false. Keys of payment services are in
        it too: never log it.
        """
        request = Request("GET", self.path)
        response = await self._account.send(request)
        company = self._only(request, *self._account.read(Company, response))
        found: Any = response.json()[self.path]
        return company, found

    async def update(self, changes: Company) -> Company:
        """Changes exactly what is set on `changes`; raises `InvalidRequest` where nothing is."""
        return await self._put(self.path, changes)
