"""The CSV files: which columns there are, and the rows of one object.

Rows are made of the objects as `KIND.jsonl` holds them, so both files always say the same. Numbers keep the service's
own digits (`9424.50`), which is why objects are read with `parse_object` and not with floats.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Literal, get_args

import attrs

__all__ = ["KINDS", "SHEETS", "Kind", "Plain", "Sheet", "encode_rows", "parse_object"]

Kind = Literal["reports", "estimates"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""What can be fetched, by the resource's path."""

Plain = Mapping[str, Any]
"""An object as JSON has it."""


@attrs.frozen
class Sheet:
    """One kind's CSV file.

    unit: what a row stands for. units_of: those in an object. rows_of: its rows, in the order of `columns`.
    """

    unit: str
    columns: tuple[str, ...]
    units_of: Callable[[Plain], Sequence[Plain]]
    rows_of: Callable[[Plain], Iterator[tuple[Any, ...]]]


def parse_object(line: bytes) -> dict[str, Any]:
    """An object of a JSON line, its fractions exact."""
    parsed: dict[str, Any] = json.loads(line, parse_float=Decimal)
    return parsed


def encode_rows(rows: Iterable[Iterable[Any]]) -> bytes:
    """Rows of CSV in UTF-8. An absent value and null are both an empty cell; true and false are JSON's."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow([str(value).lower() if isinstance(value, bool) else value for value in row])
    return text.getvalue().encode()


def _items(report: Plain) -> Sequence[Plain]:
    content: Plain = report.get("content") or {}
    return content.get("items") or ()


def _lines(estimate: Plain) -> Sequence[Plain]:
    return estimate.get("estimateitems") or ()


def _report_rows(report: Plain) -> Iterator[tuple[Any, ...]]:
    """One row for each item; a report without items has none."""
    for place, item in enumerate(_items(report), start=1):
        yield report.get("id"), report.get("name"), place, *(item.get(name) for name in _ITEM)


def _estimate_rows(estimate: Plain) -> Iterator[tuple[Any, ...]]:
    """One row for each line; an estimate without lines has one, its line's columns empty."""
    head = tuple(estimate.get(name) for name in _ESTIMATE)
    for line in _lines(estimate) or ({},):
        yield *head, *(line.get(name) for name in _LINE)


_ITEM: Final = (
    "level",
    "type",
    "title",
    "time",
    "pct",
    "id",
    "client_id",
    "project_id",
    "tasklist_id",
    "task_id",
    "user_id",
    "entry_id",
)
_ESTIMATE: Final = (
    "id",
    "number",
    "status",
    "client_id",
    "date",
    "currency",
    "title",
    "brief_description",
    "subtotal",
    "discount_amount",
    "tax_amount",
    "tax2_amount",
    "total",
    "invoice_id",
    "created_on",
    "updated_on",
)
_LINE: Final = ("id", "seq", "item", "description", "price_unit", "quantity", "apply_tax")

# A prefix where two objects in one row have a column of the same name.
_REPORT_COLUMNS: Final = ("report_id", "report_name", "row", *(f"item_{n}" if n == "id" else n for n in _ITEM))
_ESTIMATE_COLUMNS: Final = (
    *(f"estimate_{n}" if n == "id" else n for n in _ESTIMATE),
    *(f"line_{n}" if n == "id" else n for n in _LINE),
)

SHEETS: Final[Mapping[Kind, Sheet]] = {
    "reports": Sheet("items", _REPORT_COLUMNS, _items, _report_rows),
    "estimates": Sheet("lines", _ESTIMATE_COLUMNS, _lines, _estimate_rows),
}
