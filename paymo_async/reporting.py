"""A report's rows as a tree, a table and CSV.

The service sends rows as a flat list in the order of the tree: each row before those below it, `level` telling how
deep it stands (1 is outermost), and a last row of level 0 for the total (BEHAVIOUR.md, Rules of single resources). A
row belongs to the nearest one before it that stands higher. Nothing promises that levels go up by one, so a row that
jumps a level hangs under that same nearest row, and one that nothing stands above is outermost whatever its level.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, Final

import attrs

from paymo_async.errors import InvalidRequest
from paymo_async.models.base import UNSET
from paymo_async.models.reports import Report, ReportItem

__all__ = ["ReportNode", "rows_of", "table", "to_csv", "total", "tree"]

_TOTAL: Final = "total"
_MEASURES: Final = ("seconds", "hours", "pct")


@attrs.define(slots=True)
class ReportNode:
    """A row, and the rows below it in their order."""

    item: ReportItem
    children: list[ReportNode] = attrs.field(factory=list["ReportNode"])

    @property
    def time(self) -> timedelta:
        """The row's time; zero where the service sent none."""
        return timedelta(seconds=self.item.time or 0)

    def walk(self) -> Iterator[ReportNode]:
        """The node itself and all below it, in the order of the rows."""
        waiting: list[ReportNode] = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


def rows_of(report: Report | Iterable[ReportItem]) -> list[ReportItem]:
    """A report's rows. Raises `InvalidRequest` for a report without content: a list of reports carries none."""
    if not isinstance(report, Report):
        return list(report)
    if not report.content:
        raise InvalidRequest("this report carries no content, as all in a list: read it with reports.get(id)")
    return report.content.items or []


def tree(report: Report | Iterable[ReportItem]) -> list[ReportNode]:
    """The outermost rows, each with the rows below it; the total is no part of the tree."""
    roots: list[ReportNode] = []
    path: list[ReportNode] = []  # from an outermost row down to the last one
    for item in rows_of(report):
        if _is_total(item):
            continue
        node = ReportNode(item)
        while path and _level(path[-1].item) >= _level(item):
            path.pop()
        (path[-1].children if path else roots).append(node)
        path.append(node)
    return roots


def total(report: Report | Iterable[ReportItem]) -> timedelta:
    """All time of a report: what its total says, or the sum of its outermost rows where there is no total."""
    rows = rows_of(report)
    for item in reversed(rows):
        if _is_total(item):
            return timedelta(seconds=item.time or 0)
    return sum((node.time for node in tree(rows)), timedelta())


def table(report: Report | Iterable[ReportItem]) -> list[dict[str, Any]]:
    """One dict for each innermost row: the titles of the rows above it and its own by their types, and its time.

    `{"project": "Website", "task": "Logo", "seconds": 5400, "hours": 1.5, "pct": Decimal("12.5")}`. All dicts have the
    same keys, outermost first; a title that a row does not have is empty. The total is left out.
    """
    leaves = [(path, item) for root in tree(report) for path, item in _leaves(root)]
    columns = list(dict.fromkeys(name for path, _ in leaves for name in path))
    return [{**dict.fromkeys(columns, ""), **path, **_measures(item)} for path, item in leaves]


def to_csv(report: Report | Iterable[ReportItem], *, delimiter: str = ",") -> str:
    """The table as CSV text with a line of headings, lines ended by CR LF.

    Titles are written as they are: a spreadsheet may take one that begins with `=` for a formula.
    """
    rows = table(report)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else list(_MEASURES), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _leaves(root: ReportNode) -> Iterator[tuple[dict[str, str], ReportItem]]:
    waiting: list[tuple[dict[str, str], ReportNode]] = [({}, root)]
    while waiting:
        above, node = waiting.pop()
        path = {**above, _column(node.item, above): node.item.title or ""}
        if not node.children:
            yield path, node.item
        waiting.extend((path, child) for child in reversed(node.children))


def _column(item: ReportItem, above: dict[str, str]) -> str:
    """A row's type; with its depth where it has none, or where a row above is of the same type."""
    name = str(item.type or "row")
    return name if name not in above and item.type else f"{name}_{len(above) + 1}"


def _measures(item: ReportItem) -> dict[str, Any]:
    seconds = item.time or 0
    return {"seconds": seconds, "hours": seconds / 3600, "pct": None if item.pct is UNSET else item.pct}


def _is_total(item: ReportItem) -> bool:
    return item.type == _TOTAL or item.level == 0


def _level(item: ReportItem) -> int:
    return item.level or 1
