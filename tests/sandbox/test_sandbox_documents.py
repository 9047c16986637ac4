"""Documents of reports, estimates, invoices and expenses: PDF, Excel, and the pages behind permalinks."""

from __future__ import annotations

import asyncio
import io
import re
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import openpyxl
import pypdf
import pytest

from paymo_async.sandbox import Sandbox
from paymo_async.sandbox.documents import pdf as drawing
from paymo_async.sandbox.documents.texts import Style, spelled

ALL = {"type": "live", "date_interval": "all_time", "projects": [397706]}
LINES = [
    {"item": "Logo", "description": "two rounds", "price_unit": 1234.5, "quantity": 2, "apply_tax": True},
    {"item": "Stock photos", "price_unit": "12.25", "quantity": 3},
]
spring = pytest.mark.parametrize("box", [{"clock": datetime(2026, 5, 4, tzinfo=UTC).timestamp}], indirect=True)


async def document(call, path, kind):
    reply = await call("GET", path, format=kind)
    assert reply.status == 200, reply.body
    return reply


def text_of(body: bytes) -> str:
    return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages)


async def invoice(call, **given):
    return await call.create("invoices", **{"client_id": 10874, "currency": "EUR", "items": LINES, **given})


def row_of(page: str, first: str) -> list[str]:
    """The cells of the page's row that begins with a text."""
    (row,) = (row for row in re.findall(r"<tr.*?</tr>", page) if re.search(f"<t[dh][^>]*>{re.escape(first)}", row))
    return [re.sub(r"<small>.*?</small>|<[^>]+>", "", cell) for cell in re.findall(r"<t[dh].*?</t[dh]>", row)]


class TestPdf:
    async def test_a_report_is_a_real_pdf(self, call):
        reply = await document(call, "reports/115376", "pdf")
        assert reply.headers["Content-Type"] == "application/pdf"
        assert reply.headers["Content-Disposition"] == 'attachment; filename="reports-115376.pdf"'
        text = text_of(reply.body)
        for part in ("Understanding Paymo", "Invite your team", "9:50", "22.88 %", "1 / 1"):
            assert part in text

    async def test_an_estimate_shows_lines_and_sums(self, call):
        await call.update("estimates/1500", discount=10)
        text = text_of((await document(call, "estimates/1500", "pdf")).body)
        for part in ("#EST-20130729-9", "SENT", "Mobile version", "coding, design etc", "7,200.00", "8,540.00 USD"):
            assert part in text
        for part in ("Discount (10 %)", "-854.00 USD", "8,454.60 USD", "Thank you for your business"):
            assert part in text

    async def test_a_long_text_is_wrapped_and_a_long_document_has_pages(self, call):
        items = [{"item": f"line {n} " + "word " * 40 + f"end{n}", "price_unit": 1, "quantity": 1} for n in range(40)]
        made = await invoice(call, items=items)
        body = (await document(call, f"invoices/{made['id']}", "pdf")).body
        first, second, *_ = pypdf.PdfReader(io.BytesIO(body)).pages
        assert "Quantity" in first.extract_text()
        assert "Quantity" in second.extract_text()
        assert "end39" in text_of(body)

    async def test_what_stands_on_one_line_stays_on_it(self, call, monkeypatch, caplog):
        monkeypatch.setattr(drawing, "unicode_fonts", lambda: None)
        await call.update("estimates/1500", tax_text="Tax\nof the\ttown")
        text = text_of((await document(call, "estimates/1500", "pdf")).body)
        assert "Tax of the town (10 %)" in text
        assert caplog.records == []

    async def test_expenses_and_unfinished_invoices_are_pdfs_too(self, call):
        expense = await call.create("expenses", client_id=151303, currency="EUR", amount=12.5, notes="Train")
        text = text_of((await document(call, f"expenses/{expense['id']}", "pdf")).body)
        for part in ("12.50 EUR", "Train", "Paymo"):
            assert part in text
        call.box.account.add("invoices", {"id": 5, "number": "I-5", "currency": "EUR", "total": 7})
        assert "I-5" in text_of((await document(call, "invoices/5", "pdf")).body)

    async def test_the_same_document_is_the_same_bytes_at_the_same_time(self):
        async with Sandbox(clock=lambda: 1_800_000_000.0) as box, aiohttp.ClientSession() as http:
            auth, bodies = aiohttp.BasicAuth(box.api_key, "x"), []
            for _ in range(2):
                async with http.get(f"{box.url}estimates/1500?format=pdf", auth=auth) as reply:
                    bodies.append(await reply.read())
        assert bodies[0] == bodies[1]


class TestLetters:
    TEXT = "Angebot für Łódź, Привет, 中文, 5 €, “ja”"

    async def test_letters_beyond_latin_need_no_font_to_be_readable(self, call, monkeypatch):
        monkeypatch.setattr(drawing, "unicode_fonts", lambda: None)
        await call.update("estimates/1500", title=self.TEXT)
        text = text_of((await document(call, "estimates/1500", "pdf")).body).replace("\n", "")
        for part in ("für Lódz", "[U+041F]", "[U+4E2D][U+6587]", "5 EUR", '"ja"'):
            assert part in text

    async def test_a_font_with_more_letters_is_used_where_one_is_installed(self, call):
        if drawing.unicode_fonts() is None:
            pytest.skip("matplotlib, which brings DejaVu Sans, is not installed")
        await call.update("estimates/1500", notes=self.TEXT)
        text = text_of((await document(call, "estimates/1500", "pdf")).body).replace("\n", " ")
        for part in ("für Łódź, Привет", "[U+4E2D]", "5 €", "“ja”"):
            assert part in text

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("Łódź", "Lódz"),
            ("a\tb\nc\u200b\x00d", "a b\ncd"),
            ("ﬁn ½", "fin ½"),
            ("日", "[U+65E5]"),
            ("😀", "[U+1F600]"),
        ],
    )
    def test_what_a_font_lacks_is_spelled_out(self, text, said):
        assert spelled(text, lambda letter: letter <= "\xff") == said


class TestNumbers:
    def test_amounts_are_written_as_the_company_does(self):
        german = Style(",", ".")
        assert german.amount("1234567.895", "EUR") == "1.234.567,90 EUR"
        assert german.number("1234.50") == "1.234,5"
        assert Style(".", "").amount(-1234) == "-1234.00"
        assert Style().number(120) == "120"


class TestExcel:
    async def test_times_and_shares_are_numbers_and_texts_stay_texts(self, call):
        await call.create("entries", task_id=2093082, date="2015-01-14", duration=600, description="=1+1")
        reply = await document(call, "reports/115376", "xlsx")
        sheet = openpyxl.load_workbook(io.BytesIO(reply.body)).active
        cells = [row for row in sheet.iter_rows() if row[1].value == "entry"]
        assert len(cells) == 7
        (made,) = (row for row in cells if row[0].value == "=1+1")
        assert [cell.data_type for cell in made[:2]] == ["s", "s"]
        assert (made[2].value.total_seconds(), made[2].number_format, made[3].value) == (600, "[h]:mm", 1.67)
        assert made[0].alignment.indent == 3

    async def test_the_total_stands_last_and_bold_below_frozen_headings(self, call):
        sheet = openpyxl.load_workbook(io.BytesIO((await document(call, "reports/115376", "xlsx")).body)).active
        *_, last = sheet.iter_rows()
        assert (last[0].value, last[0].font.bold, last[2].value.total_seconds()) == ("Total", True, 35400)
        heading = int(sheet.freeze_panes[1:]) - 1
        assert [cell.value for cell in sheet[heading]] == ["Title", "Type", "Time", "Share"]
        assert sheet.row_dimensions[heading + 2].outlineLevel == 1


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("estimates/1500", "xlsx"),
        ("projects/397706", "pdf"),
        ("reports/115376", "docx"),
        ("reports", "pdf"),
        ("estimates/1500", ""),
    ],
)
async def test_documents_that_do_not_exist_are_refused(call, path, kind):
    await call.refused("GET", path, 400, format=kind)


async def test_json_can_be_named(call):
    assert (await call.one("reports/115376", format="json"))["id"] == 115376


@pytest.mark.parametrize(("library", "kind"), [("fpdf", "pdf"), ("xlsxwriter", "xlsx")])
async def test_a_missing_library_is_named_with_its_extra(library, kind, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    async with Sandbox() as box, aiohttp.ClientSession() as http:
        auth = aiohttp.BasicAuth(box.api_key, "x")
        async with http.get(f"{box.url}reports/115376?format={kind}", auth=auth) as reply:
            assert reply.status == 501
            said = (await reply.json())["message"]
    assert library in said
    assert "paymo_async[sandbox]" in said


class TestPermalinks:
    async def test_the_link_of_a_report_opens_for_anyone_in_all_its_forms(self, call):
        report = await call.one("reports/115376")
        made = await call.create("reports", **{**ALL, "type": "static"})
        call.auth = None
        for link in (report["permalink"], made["permalink"]):
            page = await call("GET", link)
            assert page.headers["Content-Type"] == "text/html"
            assert row_of(page.body.decode(), "Total") == ["Total", "", "9:50", "100 %"]
            assert (await call("GET", link.replace("=html", "=pdf"))).body.startswith(b"%PDF")
            assert (await call("GET", link.replace("=html", "=xlsx"))).body.startswith(b"PK")

    @spring
    async def test_an_invoice_is_a_page_with_lines_sums_and_what_is_to_pay(self, call):
        made = await invoice(call, tax=10, notes="Thanks", footer="IBAN", status="sent", date="2026-03-09")
        await call.create("invoicepayments", invoice_id=made["id"], amount=1000)
        call.auth = None
        page = (await call("GET", made["permalink"])).body.decode()
        assert f"<title>INVOICE {made['number']}</title>" in page
        assert row_of(page, "Logo") == ["Logo", "1,234.50", "2", "2,469.00"]
        assert row_of(page, "Total") == ["Total", "2,752.65 EUR"]
        assert row_of(page, "V.A.T. (10 %)") == ["V.A.T. (10 %)", "246.90 EUR"]
        assert row_of(page, "Outstanding") == ["Outstanding", "1,752.65 EUR"]
        for part in ("two rounds", "AT&amp;T Inc.", "2026-04-08", ">overdue<", "Thanks", "IBAN"):
            assert part in page

    async def test_everything_on_the_page_is_escaped_and_it_may_run_nothing(self, call):
        nasty = '<script>alert("x")</script>'
        names = ("title", "number", "notes", "footer", "bill_to", "company_info", "tax_text", "currency")
        items = [{"item": nasty, "description": nasty, "price_unit": 1, "quantity": 1, "apply_tax": True}]
        made = await invoice(call, items=items, tax=5, **dict.fromkeys(names, nasty))
        report = await call.create("reports", **{**ALL, "name": nasty})
        await call.create("invoicetemplates", name="x", is_default=True, css=f"</style>{nasty}")
        call.auth = None
        for link in (made["permalink"], report["permalink"]):
            page = await call("GET", link)
            assert b"&lt;script&gt;" in page.body
            assert b"<script" not in page.body
            assert page.body.count(b"</style>") == 2
            assert page.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'"
            assert page.headers["Referrer-Policy"] == "no-referrer"

    async def test_a_wrong_token_another_object_and_another_resource_are_not_found(self, call):
        made = await invoice(call)
        token = re.search("token=([0-9a-f]+)", made["permalink"])[1]
        call.auth = None
        for path, key in (
            (f"invoices/{made['id']}", "0" * 48),
            (f"invoices/{made['id']}", token[:-1]),
            (f"invoices/{made['id']}", "%"),
            ("estimates/1500", token),
            ("invoices/99", token),
            ("invoices/x", token),
            ("clients/10874", token),
            ("users", token),
            ("nonsense/1", token),
        ):
            for kind in ("html", "pdf", "xlsx"):
                assert (await call("GET", path, token=key, format=kind)).status == 404
        assert (await call("GET", f"invoices/{made['id']}", token=token)).status == 401
        assert (await call("GET", f"invoices/{made['id']}", token=token, format="xlsx")).status == 400

    async def test_a_link_only_reads(self, call):
        made = await invoice(call)
        call.auth = None
        for method in ("POST", "PUT", "DELETE"):
            assert (await call(method, made["permalink"], json={"notes": "x"})).status == 401

    async def test_the_link_of_what_is_deleted_is_not_found(self, call):
        made = await invoice(call)
        assert (await call("DELETE", f"invoices/{made['id']}")).status == 200
        assert (await call("GET", made["permalink"])).status == 404

    async def test_a_template_changes_the_look(self, call):
        template = await call.create("invoicetemplates", name="Quiet", css="#invoice-title { color: #999; }")
        plain = await invoice(call)
        made = await invoice(call, template_id=template["id"])
        assert "color: #999" in (await call("GET", made["permalink"])).body.decode()
        assert "color: #999" not in (await call("GET", plain["permalink"])).body.decode()
        await call.update(f"invoicetemplates/{template['id']}", is_default=True)
        assert "color: #999" in (await call("GET", plain["permalink"])).body.decode()


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
async def test_a_browser_draws_the_page_without_an_error(call, tmp_path: Path):
    made = await invoice(call, notes="Thanks")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
    quiet = (
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--enable-logging=stderr",
    )
    browser = await asyncio.create_subprocess_exec(
        "chromium",
        *options,
        *quiet,
        f"--user-data-dir={tmp_path}",
        "--dump-dom",
        made["permalink"],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    page, said = await browser.communicate()
    assert "Stock photos" in page.decode()
    assert b"CONSOLE" not in said
