"""Estimates and their lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from paymo_async.models.enums import EstimateStatus
from paymo_async.models.estimates import Estimate, EstimateItem
from paymo_async.models.openenum import OpenStrEnum
from paymo_async.resources.base import Documents, Id, Standard
from paymo_async.resources.documents import HasLines, HasStatus

__all__ = ["EstimateItems", "Estimates"]


class Estimates(HasLines[Estimate, EstimateItem], HasStatus[Estimate], Standard[Estimate], Documents[Estimate]):
    """Estimates. Their lines come with `include="estimateitems"`, and are sent as `items`, always the whole set.

    `edit_items` changes lines one by one; `paymo.invoices.from_estimate` makes an invoice of one.
    """

    model = Estimate
    formats: ClassVar[tuple[str, ...]] = ("pdf",)
    lines: ClassVar[str] = "estimateitems"
    statuses: ClassVar[type[OpenStrEnum]] = EstimateStatus
    following: ClassVar[Mapping[str, str]] = {"invoiced": "an invoice made of them: invoices.from_estimate(id)"}

    async def accept(self, id: Id) -> Estimate:
        """Marks an estimate as accepted by the client."""
        return await self.set_status(id, EstimateStatus.ACCEPTED)


class EstimateItems(Standard[EstimateItem]):
    """Lines of estimates; each change computes the estimate's amounts anew."""

    model = EstimateItem
