"""Estimates and their lines."""

from __future__ import annotations

from typing import ClassVar

from paymo_async.errors import InvalidRequest
from paymo_async.models.enums import EstimateStatus
from paymo_async.models.estimates import Estimate, EstimateItem
from paymo_async.resources.base import Documents, Id, Standard
from paymo_async.resources.documents import HasLines

__all__ = ["EstimateItems", "Estimates"]


class Estimates(HasLines[Estimate, EstimateItem], Standard[Estimate], Documents[Estimate]):
    """Estimates. Their lines come with `include="estimateitems"`, and are sent as `items`, always the whole set.

    `edit_items` changes lines one by one; `paymo.invoices.from_estimate` makes an invoice of one.
    """

    model = Estimate
    formats: ClassVar[tuple[str, ...]] = ("pdf",)
    lines: ClassVar[str] = "estimateitems"

    async def set_status(self, id: Id, status: EstimateStatus | str) -> Estimate:
        """Sets where the estimate stands: draft, sent, viewed, accepted, void. Nothing is mailed.

        Raises `InvalidRequest` for a status the service does not know, and for invoiced, which follows from an
        invoice (`invoices.from_estimate`).
        """
        if status not in list(EstimateStatus):
            raise InvalidRequest(f"an estimate is {', '.join(EstimateStatus)}, not {status!r}")
        if status == EstimateStatus.INVOICED:
            raise InvalidRequest("an estimate becomes invoiced by an invoice made of it: invoices.from_estimate(id)")
        return await self.update(id, Estimate(status=EstimateStatus(status)))

    async def mark_sent(self, id: Id) -> Estimate:
        """Marks an estimate as sent, for one that went out by other ways."""
        return await self.set_status(id, EstimateStatus.SENT)

    async def accept(self, id: Id) -> Estimate:
        """Marks an estimate as accepted by the client."""
        return await self.set_status(id, EstimateStatus.ACCEPTED)

    async def void(self, id: Id) -> Estimate:
        """Takes an estimate back; it stays readable."""
        return await self.set_status(id, EstimateStatus.VOID)


class EstimateItems(Standard[EstimateItem]):
    """Lines of estimates; each change computes the estimate's amounts anew."""

    model = EstimateItem
