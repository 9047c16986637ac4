"""Documents: PDF (fpdf2), Excel files (xlsxwriter) and plain HTML of reports, estimates and the like.

Both libraries come with the `sandbox` extra and are loaded when a document is asked for.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from paymo_async.sandbox.answers import Answer
from paymo_async.sandbox.reporting import computed
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["Sheet", "document", "to_html", "to_pdf", "to_xlsx"]

_MISSING = "{kind} documents need {library}: pip install 'paymo_async[sandbox]'"
_FORMATS: Mapping[str, tuple[str, ...]] = {
    "reports": ("pdf", "xlsx", "html"),
    "estimates": ("pdf", "html"),
    "invoices": ("pdf", "html"),
    "expenses": ("pdf",),
}
_LINES = {"estimates": ("estimateitems", "estimate_id"), "invoices": ("invoiceitems", "invoice_id")}


class Sheet(NamedTuple):
    """What a document shows: a title, facts above the table, the table, and sums below it."""

    title: str
    facts: Sequence[tuple[str, str]]
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    sums: Sequence[tuple[str, str]] = ()


def document(account: Account, path: str, values: Mapping[str, Any], kind: str) -> Answer:
    """One object as a document. Raises Problem: 400 for a format it does not have, 501 without the libraries."""
    if kind not in _FORMATS.get(path, ()):
        raise Problem(400, f"Unknown format: `{kind}`")
    sheet = _report(account, values) if path == "reports" else _money(account, path, values)
    content_type, write = _WRITERS[kind]
    try:
        body = write(sheet)
    except ImportError as missing:
        raise Problem(501, _MISSING.format(kind=kind.upper(), library=missing.name)) from missing
    headers = {} if kind == "html" else {"Content-Disposition": f'attachment; filename="{path}-{values["id"]}.{kind}"'}
    return Answer(200, body, content_type, headers)


def to_pdf(sheet: Sheet) -> bytes:
    """A PDF with the sheet's texts. Raises ImportError without fpdf2."""
    pdf: Any = import_module("fpdf").FPDF()
    pdf.set_title(_latin(sheet.title))
    pdf.add_page()
    pdf.set_font("Helvetica", style="B", size=16)
    pdf.multi_cell(0, 10, _latin(sheet.title), new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Helvetica", size=9)
    for name, value in (*sheet.facts, ("", "")):
        text = f"{name}: {value}" if name else " "
        pdf.multi_cell(0, 5, _latin(text), new_x="LMARGIN", new_y="NEXT")
    first = 90.0 if len(sheet.columns) > 1 else pdf.epw
    rest = (pdf.epw - first) / max(1, len(sheet.columns) - 1)
    pdf.set_font(style="B")
    for row in (sheet.columns, *sheet.rows, *(("", *[""] * (len(sheet.columns) - 3), *pair) for pair in sheet.sums)):
        for place, cell in enumerate(row[: len(sheet.columns)]):
            width = first if place == 0 else rest
            pdf.cell(width, 6, _fitting(_latin(str(cell)), width), border="B", align="L" if place == 0 else "R")
        pdf.ln()
        pdf.set_font(style="")
    return bytes(pdf.output())


def to_xlsx(sheet: Sheet) -> bytes:
    """An Excel file with one worksheet. Raises ImportError without xlsxwriter."""
    workbook: Any = import_module("xlsxwriter").Workbook
    buffer = io.BytesIO()
    # As texts: a description that begins with = is not a formula, and one that begins with http is no link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with workbook(buffer, options) as book:
        page: Any = book.add_worksheet("Report")
        bold = book.add_format({"bold": True})
        page.write_row(0, 0, [sheet.title], bold)
        line = 1
        for fact in sheet.facts:
            page.write_row(line, 0, fact)
            line += 1
        page.write_row(line + 1, 0, sheet.columns, bold)
        for row in sheet.rows:
            line += 1
            page.write_row(line + 1, 0, row)
        page.set_column(0, 0, 50)
    return buffer.getvalue()


def to_html(sheet: Sheet) -> bytes:
    """A plain page."""
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in (*sheet.facts, *sheet.sums))
    head = "".join(f"<th>{escape(column)}</th>" for column in sheet.columns)
    rows = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in sheet.rows)
    title = escape(sheet.title)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><h1>{title}</h1><dl>{facts}</dl><table><tr>{head}</tr>{rows}</table></body></html>"
    ).encode()


_XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WRITERS: Mapping[str, tuple[str, Callable[[Sheet], bytes]]] = {
    "pdf": ("application/pdf", to_pdf),
    "xlsx": (_XLSX_TYPE, to_xlsx),
    "html": ("text/html", to_html),
}


def _report(account: Account, report: Mapping[str, Any]) -> Sheet:
    made = report if report.get("content") else computed(account, report)
    info, items = made["info"], made["content"]["items"]
    rows = [
        ("    " * max(0, item["level"] - 1) + item["title"], item["type"], _clock(item["time"]), float(item["pct"]))
        for item in items
    ]
    facts = [("From", info["start_date"] or ""), ("To", info["end_date"] or "")]
    return Sheet(report["name"] or "Report", facts, ("Title", "Type", "Time", "%"), rows)


def _money(account: Account, path: str, values: Mapping[str, Any]) -> Sheet:
    facts = [
        (label, str(values[name]).replace("\n", ", "))
        for label, name in (("Date", "date"), ("From", "company_info"), ("To", "bill_to"), ("Notes", "notes"))
        if values.get(name)
    ]
    title = f"{values.get('title') or path[:-1].capitalize()} {values.get('number') or values['id']}"
    if path not in _LINES:
        return Sheet(title, facts, ("Amount", "Currency"), [(values.get("amount"), values.get("currency"))])
    lines, fk = _LINES[path]
    owned = account.store.find(account.tables[lines], Filter(f'"{fk}" = ?', (values["id"],)))
    rows = [tuple(_line(line)) for line in sorted(owned, key=lambda line: (line.get("seq") or 0, line["id"]))]
    sums = [
        (label, f"{values[name]} {values['currency']}")
        for label, name in (
            ("Subtotal", "subtotal"),
            ("Discount", "discount_amount"),
            (values.get("tax_text") or "Tax", "tax_amount"),
            (values.get("tax2_text") or "Tax 2", "tax2_amount"),
            ("Total", "total"),
        )
        if values.get(name) or name == "total"
    ]
    return Sheet(title, facts, ("Item", "Price", "Quantity", "Amount"), rows, sums)


def _line(line: Mapping[str, Any]) -> Iterator[str]:
    price, quantity = line.get("price_unit") or 0, line.get("quantity") or 0
    yield line["item"]
    yield str(price)
    yield str(quantity)
    yield str(price * quantity)


def _clock(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}"


def _latin(text: str) -> str:
    """The PDF's built-in fonts know Latin-1 only; anything else shows as a question mark."""
    return text.encode("latin-1", "replace").decode("latin-1")


def _fitting(text: str, width: float) -> str:
    """A cell's text cut to its width, at about 1.8 mm a letter of this size."""
    most = int(width / 1.8)
    return text if len(text) <= most else text[: most - 3] + "..."
