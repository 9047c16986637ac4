"""A document as an Excel file, written with xlsxwriter."""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any, Final

from paymo_async.sandbox.documents.sheets import Column, Kind, Row, Sheet

__all__ = ["to_xlsx"]

_DAY: Final = 86400  # seconds: Excel counts time in days
_FORMATS: Final = {
    Kind.TEXT: "@",
    Kind.TIME: "[h]:mm",
    Kind.PERCENT: '0.00" %"',
    Kind.NUMBER: "0.##",
    Kind.AMOUNT: "0.00",
}
_DEEPEST: Final = 7  # outline levels that Excel has
_CELL: Final = 32_767  # characters that Excel takes


def to_xlsx(sheet: Sheet) -> bytes:
    """An Excel file with one worksheet, times and shares as numbers. Raises ImportError without xlsxwriter."""
    workbook: Any = import_module("xlsxwriter").Workbook
    buffer = io.BytesIO()
    # As texts: a description that begins with = is not a formula, and one that begins with http is no link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with workbook(buffer, options) as book:
        book.set_properties({"title": sheet.title[:255], "created": sheet.moment.replace(tzinfo=None)})
        _Writing(book, sheet).write()
    return buffer.getvalue()


class _Writing:
    """One worksheet on its way into a workbook."""

    def __init__(self, book: Any, sheet: Sheet) -> None:
        self.sheet = sheet
        self.book = book
        self.page: Any = book.add_worksheet("Report")
        self.formats: dict[tuple[Kind, int], Any] = {}

    def write(self) -> None:
        sheet, page = self.sheet, self.page
        page.write_string(0, 0, sheet.title[:_CELL], self.book.add_format({"bold": True, "font_size": 16}))
        for line, (name, text) in enumerate(sheet.facts, start=1):
            page.write_string(line, 0, f"{name}: {text}"[:_CELL], self.book.add_format({"font_color": "#6b7a88"}))
        top = len(sheet.facts) + 2
        for place, column in enumerate(sheet.columns):
            head = {"bold": True, "bottom": 2, "align": "left" if column.kind is Kind.TEXT else "right"}
            page.write_string(top, place, column.title, self.book.add_format(head))
            page.set_column(place, place, 110 * column.share)
        page.freeze_panes(top + 1, 0)
        page.outline_settings(True, False, True, False)
        for line, row in enumerate(sheet.rows, start=top + 1):
            self._row(line, row)
        page.fit_to_pages(1, 0)
        page.repeat_rows(top)

    def _row(self, line: int, row: Row) -> None:
        if row.level > 1:
            self.page.set_row(line, None, None, {"level": min(row.level - 1, _DEEPEST)})
        for place, (column, value) in enumerate(zip(self.sheet.columns, row.cells, strict=True)):
            look = self._format(column, row.level if place == 0 else min(row.level, 1))
            if column.kind is Kind.TEXT:
                self.page.write_string(line, place, str(value)[:_CELL], look)
            else:
                self.page.write_number(line, place, value / _DAY if column.kind is Kind.TIME else float(value), look)

    def _format(self, column: Column, level: int) -> Any:
        """Totals (level 0) are bold, inner levels are indented."""
        known = (column.kind, level)
        if known not in self.formats:
            look: dict[str, Any] = {"num_format": _FORMATS[column.kind], "indent": max(0, min(level - 1, 15))}
            if level == 0:
                look |= {"bold": True, "top": 2}
            self.formats[known] = self.book.add_format(look)
        return self.formats[known]
