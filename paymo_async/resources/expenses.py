"""Expenses."""

from __future__ import annotations

from typing import ClassVar

from paymo_async.models.expenses import Expense
from paymo_async.resources.base import Documents, Standard

__all__ = ["Expenses"]


class Expenses(Standard[Expense], Documents[Expense]):
    """Expenses, with or without a receipt."""

    model = Expense
    formats: ClassVar[tuple[str, ...]] = ("pdf",)
