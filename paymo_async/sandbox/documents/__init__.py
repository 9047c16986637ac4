"""Documents: PDF (fpdf2), Excel files (xlsxwriter) and HTML of reports, estimates, invoices and expenses.

`sheets` reads from the account what a document shows; `pdf`, `xlsx` and `page` only draw it. Both libraries come with
the `sandbox` extra and are loaded when a document is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from paymo_async.sandbox.answers import Answer
from paymo_async.sandbox.documents.page import to_html
from paymo_async.sandbox.documents.pdf import to_pdf
from paymo_async.sandbox.documents.sheets import Sheet, sheet_of
from paymo_async.sandbox.documents.xlsx import to_xlsx
from paymo_async.sandbox.values import Problem

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["LINKED", "document", "linked_document"]

LINKED: Final = ("html", "pdf", "xlsx")
"""What a permalink's `format` may be; which of them depends on the resource."""

_FORMATS: Final[Mapping[str, tuple[str, ...]]] = {
    "reports": ("pdf", "xlsx", "html"),
    "estimates": ("pdf", "html"),
    "invoices": ("pdf", "html"),
    "expenses": ("pdf",),
}
_MISSING: Final = "{kind} documents need {library}: pip install 'paymo_async[sandbox]'"
_XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WRITERS: Final[Mapping[str, tuple[str, Callable[[Sheet], bytes]]]] = {
    "pdf": ("application/pdf", to_pdf),
    "xlsx": (_XLSX_TYPE, to_xlsx),
    "html": ("text/html", to_html),
}
# A page whose address is a secret and whose look comes from a template: it runs nothing, loads nothing, tells nobody.
_PAGE_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
}


def document(account: Account, path: str, values: Mapping[str, Any], kind: str) -> Answer:
    """One object as a document. Raises Problem: 400 for a format it does not have, 501 without the libraries."""
    if kind not in _FORMATS.get(path, ()):
        raise Problem(400, f"Unknown format: `{kind}`")
    sheet = sheet_of(account, path, values)
    content_type, write = _WRITERS[kind]
    try:
        body = write(sheet)
    except ImportError as missing:
        raise Problem(501, _MISSING.format(kind=kind.upper(), library=missing.name)) from missing
    if kind == "html":
        return Answer(200, body, content_type, {**_PAGE_HEADERS})
    disposition = f'attachment; filename="{path}-{values["id"]}.{kind}"'
    return Answer(200, body, content_type, {"Content-Disposition": disposition})


def linked_document(account: Account, path: str, key: Any, token: str, kind: str) -> Answer:
    """The document behind a permalink, for anyone who has its token. Raises Problem 404 for any other token."""
    found = account.look(path, key) if path in _FORMATS else None
    if found is None or f"token={token}&" not in (found.get("permalink") or ""):
        raise Problem(404, "Not found")
    return document(account, path, found, kind)
