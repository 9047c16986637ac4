"""Estimates and their lines."""

from __future__ import annotations

from paymo_async.models.estimates import Estimate, EstimateItem
from paymo_async.resources.base import Creates, Deletes, Documents, Gets, Lists, Updates

__all__ = ["EstimateItems", "Estimates"]


class Estimates(
    Lists[Estimate], Gets[Estimate], Creates[Estimate], Updates[Estimate], Deletes[Estimate], Documents[Estimate]
):
    """Estimates. Their lines come with `include="estimateitems"`, and are sent as `items`, always the whole set."""

    model = Estimate
    formats = ("pdf",)


class EstimateItems(
    Lists[EstimateItem], Gets[EstimateItem], Creates[EstimateItem], Updates[EstimateItem], Deletes[EstimateItem]
):
    """Lines of estimates."""

    model = EstimateItem
