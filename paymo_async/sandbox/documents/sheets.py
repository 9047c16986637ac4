"""What a document shows, read from the account: a title, facts, a table, sums."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from paymo_async import money
from paymo_async.sandbox.documents.texts import Style, clock
from paymo_async.sandbox.reporting import computed
from paymo_async.sandbox.rules.billing import Billing, lines_of
from paymo_async.sandbox.rules.estimates import ESTIMATES
from paymo_async.sandbox.rules.invoices import INVOICES
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["WEIGHTY", "Column", "Kind", "Row", "Sheet", "sheet_of"]

WEIGHTY: Final = frozenset({"Total", "Outstanding"})
"""The sums that stand out."""


class Kind(enum.Enum):
    """What a column's cells are."""

    TEXT = "text"
    TIME = "time"  # seconds
    PERCENT = "percent"
    NUMBER = "number"
    AMOUNT = "amount"


class Column(NamedTuple):
    """A column. share: of the table's width."""

    title: str
    kind: Kind
    share: float


class Row(NamedTuple):
    """A row. note: below the first cell; level: 1 is outermost, 0 a total."""

    cells: Sequence[Any]
    note: str = ""
    level: int = 1


class Sheet(NamedTuple):
    """One document. sides: texts of several lines, next to each other; links: other forms of it; css: its template's.

    moment: when it is drawn.
    """

    title: str
    number: str
    status: str
    sides: Sequence[tuple[str, str]]
    facts: Sequence[tuple[str, str]]
    columns: Sequence[Column]
    rows: Sequence[Row]
    sums: Sequence[tuple[str, str]]
    notes: str
    footer: str
    links: Sequence[tuple[str, str]]
    css: str
    style: Style
    moment: datetime

    def cell(self, column: Column, value: Any) -> str:
        """A cell as text."""
        if column.kind is Kind.TIME:
            return clock(int(value))
        if column.kind is Kind.AMOUNT:
            return self.style.amount(value)
        if column.kind is Kind.NUMBER:
            return self.style.number(value)
        return f"{self.style.number(value)} %" if column.kind is Kind.PERCENT else str(value)


def sheet_of(account: Account, path: str, values: Mapping[str, Any]) -> Sheet:
    """What the document of a report, estimate, invoice or expense shows."""
    company = account.company()
    style = Style(str(company.get("decimal_sep") or "."), str(company.get("thousands_sep") or ""))
    blank = Sheet("", "", "", (), (), (), (), (), "", "", (), "", style, datetime.fromtimestamp(account.clock(), UTC))
    if path == "reports":
        return _report(account, values, blank)
    if path == "expenses":
        return _expense(account, values, blank)
    return _billing(account, ESTIMATES if path == "estimates" else INVOICES, values, blank)


_REPORT: Final = (
    Column("Title", Kind.TEXT, 0.6),
    Column("Type", Kind.TEXT, 0.14),
    Column("Time", Kind.TIME, 0.13),
    Column("Share", Kind.PERCENT, 0.13),
)
_LINES: Final = (
    Column("Item", Kind.TEXT, 0.52),
    Column("Price", Kind.AMOUNT, 0.16),
    Column("Quantity", Kind.NUMBER, 0.13),
    Column("Amount", Kind.AMOUNT, 0.19),
)
_EXPENSE: Final = (Column("Expense", Kind.TEXT, 0.75), Column("Amount", Kind.AMOUNT, 0.25))


def _report(account: Account, report: Mapping[str, Any], blank: Sheet) -> Sheet:
    made = report if report.get("content") else computed(account, report)
    info, items = made["info"], made["content"]["items"]
    span = [(info[name] or "")[:10] for name in ("start_date", "end_date")]
    facts = [("From", span[0]), ("To", span[1])]
    facts += [
        (name.capitalize(), _some([one["name"] for one in info[name]])) for name in ("clients", "projects", "users")
    ]
    return blank._replace(
        title=report["name"] or "Report",
        facts=[(name, text) for name, text in facts if text],
        columns=_REPORT,
        rows=[
            Row((item["title"] or "(no description)", _kind(item), item["time"], item["pct"]), level=item["level"])
            for item in items
        ],
        links=_links(report, ("pdf", "xlsx")),
    )


def _billing(account: Account, billing: Billing, values: Mapping[str, Any], blank: Sheet) -> Sheet:
    rows = [
        Row((line["item"], line["price_unit"], line["quantity"], _product(line)), note=line.get("description") or "")
        for line in lines_of(account, billing, values["id"])
    ]
    dates = (("Date", "date"), ("Due", "due_date"), ("Delivery", "delivery_date"))
    return blank._replace(
        title=values.get("title") or billing.title,
        number=values.get("number") or str(values["id"]),
        status=_status(values, blank.moment.date().isoformat()),
        sides=[("From", values.get("company_info") or ""), ("To", values.get("bill_to") or "")],
        facts=[(label, str(values[name])) for label, name in dates if values.get(name)],
        columns=_LINES,
        rows=rows,
        sums=list(_sums(values, blank.style)),
        notes=values.get("notes") or "",
        footer=values.get("footer") or "",
        links=_links(values, ("pdf",)),
        css=_css(account, billing.templates, values.get("template_id")),
    )


def _expense(account: Account, values: Mapping[str, Any], blank: Sheet) -> Sheet:
    client = account.look("clients", values.get("client_id")) or {}
    project = account.look("projects", values.get("project_id")) or {}
    facts = [
        ("Date", values.get("date") or ""),
        ("Client", client.get("name") or ""),
        ("Project", project.get("name") or ""),
        ("Tags", ", ".join(values.get("tags") or ())),
        ("Receipt", "attached" if values.get("file") else ""),
    ]
    return blank._replace(
        title="Expense",
        number=str(values["id"]),
        status="invoiced" if values.get("invoiced") else "",
        facts=[(name, text) for name, text in facts if text],
        columns=_EXPENSE,
        rows=[Row((values.get("notes") or "Expense", values["amount"]))],
        sums=[("Total", blank.style.amount(values["amount"], values["currency"]))],
    )


def _kind(item: Mapping[str, Any]) -> str:
    return "" if item["type"] == "total" else item["type"]


def _product(line: Mapping[str, Any]) -> Any:
    return money.exact(line["price_unit"]) * money.exact(line["quantity"])


def _sums(values: Mapping[str, Any], style: Style) -> Iterator[tuple[str, str]]:
    currency = values.get("currency") or ""
    percent = {name: f" ({style.number(values.get(name))} %)" for name in ("discount", "tax", "tax2")}
    yield "Subtotal", style.amount(values.get("subtotal"), currency)
    if values.get("discount_amount"):
        off = -money.exact(values["discount_amount"])
        yield (values.get("discount_text") or "Discount") + percent["discount"], style.amount(off, currency)
    for name, text in (("tax", "Tax"), ("tax2", "Tax 2")):
        if values.get(f"{name}_amount"):
            label = (values.get(f"{name}_text") or text) + percent[name]
            yield label, style.amount(values[f"{name}_amount"], currency)
    yield "Total", style.amount(values.get("total"), currency)
    outstanding, total = values.get("outstanding"), money.exact(values.get("total"))
    if outstanding is not None and (paid := total - money.exact(outstanding)):
        yield "Paid", style.amount(-paid, currency)
        yield "Outstanding", style.amount(outstanding, currency)


def _status(values: Mapping[str, Any], today: str) -> str:
    status = str(values.get("status") or "")
    late = status in ("sent", "viewed") and (values.get("due_date") or today) < today
    return "overdue" if late else status


def _links(values: Mapping[str, Any], kinds: Sequence[str]) -> Sequence[tuple[str, str]]:
    link = values.get("permalink") or ""
    return [(kind.upper(), link.replace("format=html", f"format={kind}")) for kind in kinds if link]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 6 else f"{', '.join(names[:5])} and {len(names) - 5} more"


def _css(account: Account, templates: str, template_id: int | None) -> str:
    """The look of the document's template, or else of the default one (guessed)."""
    template = account.look(templates, template_id)
    if template is None:
        default = account.store.find(account.tables[templates], Filter('"is_default" = 1'), limit=1)
        template = default[0] if default else {}
    return template.get("css") or ""
