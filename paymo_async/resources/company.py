"""The company: the account's own settings."""

from __future__ import annotations

from paymo_async.models.company import Company
from paymo_async.resources.base import Singleton
from paymo_async.resources.mixins import SingleImage

__all__ = ["CompanySettings"]


class CompanySettings(Singleton[Company], SingleImage[Company]):
    """The company; there is one."""

    model = Company

    async def update(self, changes: Company) -> Company:
        """Changes exactly what is set on `changes`; raises `InvalidRequest` where nothing is."""
        return await self._put(self.path, changes)
