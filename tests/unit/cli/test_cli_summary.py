"""The summary, the progress line, and what is said when something is missing."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from paymo_async.cli.board import Board, Window
from paymo_async.cli.exits import missing_extra
from paymo_async.cli.job import Count, Failure
from paymo_async.cli.progress import show_progress
from paymo_async.cli.summary import KindSummary, Requests, Summary, one_per_object, print_summary

SUMMARY = Summary(
    source="sandbox",
    interrupted=False,
    seconds=9.25,
    requests=Requests(made=45, one_per_object=642, saved=597, rejected=0),
    kinds=[KindSummary.of("estimates", 1600, 6010, Count(fetched=600, changed=598, kept=1000, deleted=2, pdfs=7))],
    failures=[
        Failure("estimates", 12, "object", "[500] broken"),
        Failure("estimates", 13, "pdf", "cut"),
        Failure("estimates", None, "list", "gone"),
        Failure("estimates", None, "object", "unreadable"),
    ],
    files=["out/estimates.jsonl"],
    notes=["No chart."],
)


def board(clock=lambda: 0.0) -> Board:
    return Board(lambda: Window(5, 2.5, 3, 4), lambda: 17, lambda: 2, clock=clock)


def shown(summary: Summary) -> str:
    text = io.StringIO()
    print_summary(summary, Console(file=text, width=100), Path("out"))
    return text.getvalue()


def test_the_table_names_each_kind_with_its_numbers():
    (row,) = [line for line in shown(SUMMARY).splitlines() if line.startswith("estimates")]
    assert row.split() == ["estimates", "1,600", "6,010", "lines", "600", "598", "1,002", "2", "7"]


def test_the_summary_says_how_many_requests_were_saved_and_against_what():
    text = shown(SUMMARY)
    assert "45 requests in 9.2 s, 0 of them rejected (429)." in text
    assert "597 requests saved: a list of each kind and one request for each object and PDF would be 642." in text


def test_each_failure_is_listed_with_its_id_and_its_text():
    text = shown(SUMMARY)
    assert "4 failed:" in text
    assert "  estimates 12: [500] broken" in text  # and brackets are no markup
    assert "  PDF of estimates 13: cut" in text
    assert "  the list of estimates: gone" in text
    assert "  estimates (id unknown): unreadable" in text


def test_files_and_notes_are_listed():
    assert "In out:\n  out/estimates.jsonl" in shown(SUMMARY)
    assert "No chart." in shown(SUMMARY)


def test_the_json_holds_the_same():
    told = json.loads(SUMMARY.to_json())
    assert told["requests"] == {"made": 45, "one_per_object": 642, "saved": 597, "rejected": 0}
    assert told["kinds"][0]["unchanged"] == 1002
    assert told["failures"][0] == {"kind": "estimates", "id": 12, "part": "object", "error": "[500] broken"}


def test_one_per_object_counts_a_list_and_a_request_for_each_object_and_pdf():
    assert one_per_object([Count(fetched=3, kept=2, pdfs=1, pdfs_kept=4), Count()]) == 1 + 10 + 1


def test_the_progress_line_says_done_waiting_rate_and_errors():
    times = iter([0.0, 12.4])
    made = board(lambda: next(times))
    made.stage("reports", 40).done = 12
    stage = made.stage("estimates")
    stage.done, stage.failed = 200, 1
    made.errors = 1
    assert made.line() == (
        "12 s: reports 12/40, estimates 200 (1 failed); 17 requests, limit 5 per 2.5 s, 4 waiting, "
        "2 rejected (429), 1 errors"
    )


async def test_without_a_terminal_progress_ends_with_a_plain_line():
    text = io.StringIO()
    with show_progress(board(), Console(file=text, width=20)):
        pass
    assert text.getvalue() == "0 s: starting; 17 requests, limit 5 per 2.5 s, 4 waiting, 2 rejected (429)\n"


async def test_without_a_terminal_a_line_comes_now_and_then():
    text = io.StringIO()
    with show_progress(board(), Console(file=text), line_every=0.001):
        while text.getvalue().count("\n") < 3:
            await asyncio.sleep(0)


async def test_on_a_terminal_progress_is_drawn_and_taken_away_at_the_end():
    text = io.StringIO()
    made = board()
    first, second = made.stage("reports", 0), made.stage("PDFs of reports", 7)
    second.done = second.kept = 3
    first.failed = 2
    made.stage("estimates")
    with show_progress(made, Console(file=text, width=100, force_terminal=True)):
        before = text.getvalue()
        while text.getvalue() == before:  # the next picture
            await asyncio.sleep(0.01)
    drawn = text.getvalue()
    assert "PDFs of reports" in drawn
    assert "3/7" in drawn
    assert "3 unchanged" in drawn
    assert "2 failed" in drawn
    assert "limit 5 per 2.5 s, 3 free" in drawn
    assert "\x1b[?25h" in drawn  # the cursor is back


@pytest.mark.parametrize(("module", "extra"), [("typer", "cli"), ("matplotlib.figure", "plot"), ("fpdf", "sandbox")])
def test_a_missing_package_is_named_with_the_extra_that_brings_it(module: str, extra: str):
    advice = missing_extra(ModuleNotFoundError(name=module))
    assert advice is not None
    assert f"pip install 'paymo_async[{extra}]'" in advice


def test_a_module_of_no_extra_is_not_explained_away():
    assert missing_extra(ModuleNotFoundError(name="paymo_async.typo")) is None
    assert missing_extra(ModuleNotFoundError()) is None
