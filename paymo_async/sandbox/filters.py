"""Filters that rules ask the store with, without writing SQL."""

# ruff: noqa: S608  # what is spliced into SQL are names of the declarations; values go as parameters

from __future__ import annotations

from typing import Any

from paymo_async.sandbox.where import Filter

__all__ = ["having", "listing", "saying"]


def having(**columns: Any) -> Filter:
    """Objects with these values, none of them null, in columns: ids, booleans, days and moments."""
    return Filter(" AND ".join(f'"{name}" = ?' for name in columns), tuple(columns.values()))


def saying(name: str, value: Any) -> Filter:
    """Objects with a value in an attribute that is no column, as all texts are."""
    return Filter(f"(body ->> '$.{name}') = ?", (value,))


def listing(name: str, item: Any) -> Filter:
    """Objects whose list `name` holds an item."""
    return Filter(f"EXISTS (SELECT 1 FROM json_each(body -> '$.{name}') WHERE value = ?)", (item,))
