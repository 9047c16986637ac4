"""The CSV files: columns, one row for each item or line, exact numbers."""

from __future__ import annotations

import csv
import io

from paymo_async.cli.rows import KINDS, SHEETS, encode_rows, parse_object

ESTIMATE = (
    b'{"id":7,"number":"#EST-7","currency":"USD","total":9424.50,"title":"Say \\"hi\\", twice\\nplease",'
    b'"estimateitems":[{"id":1,"item":"Logo","price_unit":10.10,"quantity":2,"apply_tax":true},'
    b'{"id":2,"item":"Site","price_unit":0.30,"quantity":1.50,"apply_tax":null}]}'
)
REPORT = (
    b'{"id":3,"name":"June","content":{"items":[{"type":"project","title":"Shop","time":3600,"pct":33.30,"level":1,'
    b'"project_id":9},{"type":"total","title":"Total","time":10800,"level":0}]}}'
)


def rows_of(kind: str, *lines: bytes) -> list[dict[str, str]]:
    sheet = SHEETS[kind]
    text = encode_rows([sheet.columns]) + b"".join(encode_rows(sheet.rows_of(parse_object(line))) for line in lines)
    return list(csv.DictReader(io.StringIO(text.decode(), newline="")))


def test_an_estimate_has_one_row_for_each_line():
    first, second = rows_of("estimates", ESTIMATE)
    assert (first["estimate_id"], first["line_id"], first["item"]) == ("7", "1", "Logo")
    assert (second["estimate_id"], second["line_id"], second["item"]) == ("7", "2", "Site")


def test_an_estimate_without_lines_still_has_one_row():
    (row,) = rows_of("estimates", b'{"id":8,"number":"#EST-8","estimateitems":[]}')
    assert row["estimate_id"] == "8"
    assert row["line_id"] == row["item"] == ""


def test_amounts_keep_the_digits_that_the_service_sent():
    first, second = rows_of("estimates", ESTIMATE)
    assert first["total"] == "9424.50"
    assert first["price_unit"] == "10.10"
    assert second["quantity"] == "1.50"


def test_texts_with_quotes_commas_and_line_ends_survive():
    first, _ = rows_of("estimates", ESTIMATE)
    assert first["title"] == 'Say "hi", twice\nplease'


def test_truth_is_written_as_json_has_it_and_null_is_empty():
    first, second = rows_of("estimates", ESTIMATE)
    assert first["apply_tax"] == "true"
    assert second["apply_tax"] == ""


def test_a_report_has_one_row_for_each_item_numbered_in_the_order_of_its_tree():
    project, total = rows_of("reports", REPORT)
    assert (project["report_id"], project["row"], project["type"], project["time"]) == ("3", "1", "project", "3600")
    assert project["pct"] == "33.30"
    assert (total["row"], total["type"], total["level"]) == ("2", "total", "0")


def test_a_report_without_items_has_no_row():
    assert rows_of("reports", b'{"id":4,"content":null}', b'{"id":5}', b'{"id":6,"content":{"items":[]}}') == []


def test_no_two_columns_have_the_same_name():
    for kind in KINDS:
        assert len(set(SHEETS[kind].columns)) == len(SHEETS[kind].columns)


def test_no_column_shows_a_secret():
    secrets = {"permalink", "pdf_link", "download_token", "token"}
    assert not secrets & {name for kind in KINDS for name in SHEETS[kind].columns}
