"""Estimates and their lines."""

from __future__ import annotations

from typing import ClassVar

from paymo_async.models.estimates import Estimate, EstimateItem
from paymo_async.resources.base import Documents, Standard

__all__ = ["EstimateItems", "Estimates"]


class Estimates(Standard[Estimate], Documents[Estimate]):
    """Estimates. Their lines come with `include="estimateitems"`, and are sent as `items`, always the whole set."""

    model = Estimate
    formats: ClassVar[tuple[str, ...]] = ("pdf",)


class EstimateItems(Standard[EstimateItem]):
    """Lines of estimates."""

    model = EstimateItem
