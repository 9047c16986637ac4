"""A document as a PDF, drawn with fpdf2.

The PDF's built-in fonts know Latin-1 only. A text with other letters is set in DejaVu Sans where matplotlib, which
brings it, is installed; what no font has is spelled out (see `texts`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from paymo_async.sandbox.documents.sheets import WEIGHTY, Column, Kind, Row, Sheet
from paymo_async.sandbox.documents.texts import spelled

__all__ = ["to_pdf", "unicode_fonts"]

_INK: Final = (34, 48, 60)
_SOFT: Final = (107, 122, 136)
_LINE: Final = (227, 232, 236)
_ROW: Final = 6.0  # millimetres
_NOTE: Final = 4.0
_TOGETHER: Final = 80.0
"""Rows up to this height stay on one page."""
_INDENT: Final = 5.0
_DEEPEST: Final = 5


def to_pdf(sheet: Sheet) -> bytes:
    """The document on A4. Raises ImportError without fpdf2."""
    return _Drawing(sheet, unicode_fonts()).draw()


def unicode_fonts() -> tuple[Path, Path] | None:
    """The files of DejaVu Sans, regular and bold; None where no installed package brings them."""
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        return None
    fonts = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
    regular, bold = fonts / "DejaVuSans.ttf", fonts / "DejaVuSans-Bold.ttf"
    return (regular, bold) if regular.is_file() and bold.is_file() else None


class _Drawing:
    """One document on its way to paper. fonts: for letters beyond Latin-1."""

    def __init__(self, sheet: Sheet, fonts: tuple[Path, Path] | None) -> None:
        self.sheet = sheet
        self.pdf: Any = import_module("fpdf").FPDF()
        self.pdf.set_creation_date(sheet.moment)
        self.pdf.set_auto_page_break(True, margin=18)
        self.family, self.known = self._font(fonts)
        self._look: tuple[Any, ...] = ()
        self.widths = [column.share * self.pdf.epw for column in sheet.columns]

    def draw(self) -> bytes:
        self.pdf.set_title(" ".join(part for part in (self.sheet.title, self.sheet.number) if part))
        self.pdf.footer = self._page_number
        self.pdf.set_draw_color(*_LINE)
        self.pdf.add_page()
        self._head()
        self._sides()
        self._facts()
        self._table_head()
        for row in self.sheet.rows:
            self._row(row)
        self._sums()
        for text in (self.sheet.notes, self.sheet.footer):
            if text:
                self.pdf.ln(6)
                self._write(text, size=9, color=_SOFT)
        return bytes(self.pdf.output())

    def _font(self, fonts: tuple[Path, Path] | None) -> tuple[str, Callable[[str], bool]]:
        if fonts is None or all(_is_latin(text) for text in _texts(self.sheet)):
            return "Helvetica", _is_latin
        for style, path in zip(("", "B"), fonts, strict=True):
            self.pdf.add_font("DejaVu", style, path)
        glyphs = self.pdf.fonts["dejavu"].cmap
        return "DejaVu", lambda letter: ord(letter) in glyphs

    def _set(self, size: float, *, bold: bool = False, color: Sequence[int] = _INK) -> None:
        if self._look != (look := (size, bold, color)):  # setting it takes as long as writing a cell
            self._look = look
            self.pdf.set_font(self.family, style="B" if bold else "", size=size)
            self.pdf.set_text_color(*color)

    def _write(
        self, text: str, *, size: float, bold: bool = False, color: Sequence[int] = _INK, width: float = 0
    ) -> None:
        """A text of any length, and the place below it."""
        self._set(size, bold=bold, color=color)
        self.pdf.multi_cell(width, size * 0.5, self._spelled(text), align="L", new_x="LMARGIN", new_y="NEXT")

    def _spelled(self, text: str) -> str:
        return spelled(text.replace("\r\n", "\n"), self.known)

    def _on_a_line(self, text: str) -> str:
        return self._spelled(" ".join(text.split()))

    def _page_number(self) -> None:
        """The foot of a page; fpdf2 sets the look of the text as it was before."""
        self.pdf.set_y(-12)
        self.pdf.set_font(self.family, size=8)
        self.pdf.set_text_color(*_SOFT)
        self.pdf.cell(0, 5, f"{self.pdf.page_no()} / {{nb}}", align="R")

    def _head(self) -> None:
        top = self.pdf.get_y()
        if self.sheet.status:
            self._set(9, bold=True, color=_SOFT)
            self.pdf.cell(0, 8, self._on_a_line(self.sheet.status.upper()), align="R")
        self.pdf.set_xy(self.pdf.l_margin, top)
        self._write(self.sheet.title, size=18, bold=True, width=self.pdf.epw - 35)
        if self.sheet.number:
            self._write(self.sheet.number, size=11, color=_SOFT)
        self.pdf.ln(6)

    def _sides(self) -> None:
        """Texts next to each other; the place below is under the longest."""
        if not self.sheet.sides:
            return
        top, width = self.pdf.get_y(), self.pdf.epw / len(self.sheet.sides)
        page, bottom = self.pdf.page, top
        margin = self.pdf.l_margin
        for place, (name, text) in enumerate(self.sheet.sides):
            self.pdf.page = page
            self.pdf.set_left_margin(margin + place * width)
            self.pdf.set_y(top)
            self._write(name.upper(), size=7.5, bold=True, color=_SOFT, width=width - 6)
            self._write(text or "-", size=9.5, width=width - 6)
            bottom = max(bottom, self.pdf.get_y()) if self.pdf.page == page else self.pdf.get_y()
        self.pdf.set_left_margin(margin)
        self.pdf.set_y(bottom + 5)

    def _facts(self) -> None:
        for name, text in self.sheet.facts:
            top = self.pdf.get_y()
            self._set(9, color=_SOFT)
            self.pdf.cell(26, 5, name)
            self.pdf.set_xy(self.pdf.l_margin + 26, top)
            self._set(9)
            self.pdf.multi_cell(0, 5, self._spelled(text), align="L", new_x="LMARGIN", new_y="NEXT")
        self.pdf.ln(4)

    def _table_head(self) -> None:
        self._set(9, bold=True)
        for column, width in zip(self.sheet.columns, self.widths, strict=True):
            self.pdf.cell(width, _ROW + 1, column.title, border="B", align=_side(column))
        self.pdf.ln()

    def _row(self, row: Row) -> None:
        total = row.level == 0
        self._set(9, bold=total)
        first, *rest = row.cells
        indent = _INDENT * min(max(row.level - 1, 0), _DEEPEST)
        lines, notes = self._wrapped(str(first), self.widths[0] - indent), list[str]()
        if row.note:
            self._set(8, color=_SOFT)
            notes = self._wrapped(row.note, self.widths[0])
        if self.pdf.will_page_break(min(_ROW * len(lines) + _NOTE * len(notes), _TOGETHER)):
            self.pdf.add_page()
            self._table_head()
        self._set(9, bold=total)
        for place, line in enumerate(lines):
            self.pdf.set_x(self.pdf.l_margin + indent)
            self.pdf.cell(self.widths[0] - indent, _ROW, line)
            if place == 0:
                for column, width, value in zip(self.sheet.columns[1:], self.widths[1:], rest, strict=True):
                    self.pdf.cell(width, _ROW, self._on_a_line(self.sheet.cell(column, value)), align=_side(column))
            self.pdf.ln()
        for line in notes:
            self._set(8, color=_SOFT)
            self.pdf.cell(self.widths[0], _NOTE, line, new_x="LMARGIN", new_y="NEXT")
        bottom = self.pdf.get_y() + (0.5 if notes else 0)
        self.pdf.line(self.pdf.l_margin, bottom, self.pdf.l_margin + self.pdf.epw, bottom)
        self.pdf.set_y(bottom)

    def _wrapped(self, text: str, width: float) -> list[str]:
        """The lines of a text in a column. Measured only where it may be too wide: that is most of the time spent."""
        text = self._spelled(text)
        if "\n" not in text and self.pdf.get_string_width(text) < width - 2 * self.pdf.c_margin:
            return [text]
        return list(self.pdf.multi_cell(width, _ROW, text, dry_run=True, output="LINES")) or [""]

    def _sums(self) -> None:
        if self.sheet.sums:
            self.pdf.ln(3)
        label, amount = self.pdf.epw * 0.3, self.pdf.epw * 0.25
        for name, text in self.sheet.sums:
            weighty = name in WEIGHTY
            self._set(10 if weighty else 9, bold=weighty, color=_INK if weighty else _SOFT)
            self.pdf.set_x(self.pdf.w - self.pdf.r_margin - label - amount)
            self.pdf.cell(label, _ROW, self._on_a_line(name), border="T" if weighty else 0)
            self._set(10 if weighty else 9, bold=weighty)
            self.pdf.cell(amount, _ROW, self._on_a_line(text), border="T" if weighty else 0, align="R")
            self.pdf.ln()


def _side(column: Column) -> str:
    return "L" if column.kind is Kind.TEXT else "R"


def _is_latin(text: str) -> bool:
    return text.isascii() or max(text) <= "\xff"


def _texts(sheet: Sheet) -> Iterator[str]:
    yield from (sheet.title, sheet.number, sheet.notes, sheet.footer)
    for pair in (*sheet.sides, *sheet.facts, *sheet.sums):
        yield from pair
    for row in sheet.rows:
        yield str(row.cells[0])
        yield row.note
