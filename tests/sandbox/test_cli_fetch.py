"""The fetch command over the sandbox, in this process: what it writes, what it asks for, what it says."""

from __future__ import annotations

import asyncio
import csv
import json
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from paymo_async import Estimate, EstimateItem, PaymoClient, Report, RetryPolicy
from paymo_async.cli.app import run
from paymo_async.cli.exits import Exit
from paymo_async.cli.fetch import FetchOptions, _Run
from paymo_async.cli.folder import STATE_FILE
from paymo_async.cli.job import JobOptions
from paymo_async.sandbox import RateModel, Sandbox, Size

SMALL = Size(users=3, clients=4, projects=6, tasks=40, entries=300, estimates=60, reports=12, lines=4)
MANY_LINES = Size(users=2, clients=2, projects=2, tasks=4, entries=10, estimates=640, reports=2, lines=10)
RATE = RateModel(500, 1.0)
KINDS = ("reports", "estimates")

Fetch = Callable[..., Awaitable[int]]


@pytest.fixture
async def box(request: pytest.FixtureRequest):
    async with Sandbox(seed=getattr(request, "param", SMALL), rate_limit=RATE) as running:
        yield running


@pytest.fixture
def fetch(box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fetch:
    """Runs the command into `tmp_path / "out"` in a thread, as the sandbox needs this one; returns the exit code.

    What fails is sent again at once.
    """
    monkeypatch.setattr(RetryPolicy, "wait", lambda *_: 0.0)
    monkeypatch.setenv("PAYMO_API_KEY", box.api_key)
    monkeypatch.setenv("PAYMO_BASE_URL", box.url)

    async def call(*arguments: str, kinds: tuple[str, ...] = KINDS, into: str = "out") -> int:
        command = ["fetch", *kinds, "--into", str(tmp_path / into), "--chart", "none", *arguments]
        return await asyncio.to_thread(run, command)

    return call


@pytest.fixture
async def paymo(box: Sandbox):
    async with PaymoClient(box.api_key, base_url=box.url) as client:
        yield client


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def objects(folder: Path, kind: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{kind}.jsonl").read_text().splitlines()]


def table(folder: Path, kind: str) -> list[dict[str, str]]:
    with (folder / f"{kind}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The JSON summary, and nothing else, on stdout."""
    return json.loads(capsys.readouterr().out)


async def test_everything_is_fetched_and_written(box, fetch, out, paymo, capsys):
    assert await fetch("--pdf", "--chart", "svg", "--format", "json") == Exit.OK
    summary = told(capsys)
    assert summary["requests"]["made"] == len(box.requests)
    estimates = [one.to_json() for one in await paymo.estimates.list(include="estimateitems")]
    assert sorted((out / "estimates.jsonl").read_bytes().splitlines()) == sorted(estimates)
    reports = {one["id"]: one for one in objects(out, "reports")}
    assert sorted(reports) == list(reports) == list(range(1, 13))
    assert all(one["content"]["items"] for one in reports.values())
    assert len(table(out, "reports")) == sum(len(one["content"]["items"]) for one in reports.values())
    assert len(table(out, "estimates")) == sum(len(one["estimateitems"]) or 1 for one in objects(out, "estimates"))
    names = {path.name for path in (out / "pdf").iterdir()}
    assert names == {f"reports-{n}.pdf" for n in range(1, 13)} | {f"estimates-{n}.pdf" for n in range(1, 61)}
    assert all(path.read_bytes().startswith(b"%PDF") for path in (out / "pdf").iterdir())
    assert "Tracked time per project" in (out / "tracked-time.svg").read_text()
    assert summary["files"][-1] == str(out / "tracked-time.svg")
    assert [(one["objects"], one["fetched"], one["changed"], one["pdfs"]) for one in summary["kinds"]] == [
        (12, 12, 12, 12),
        (60, 60, 60, 60),
    ]
    assert summary["failures"] == []


async def test_requests_saved_are_counted_against_one_for_each_object(box, fetch, capsys):
    await fetch("--format", "json")
    requests = told(capsys)["requests"]
    assert requests["made"] == 1 + 12 + 1  # the list of reports, each of them, and the estimates in one
    assert requests["one_per_object"] == 1 + 12 + 1 + 60
    assert requests["saved"] == 60


async def test_no_secret_is_written_or_printed(box, fetch, out, capsys):
    await fetch("--pdf")
    printed = capsys.readouterr()
    written = b"".join(contents(out).values())
    secrets = [box.api_key]
    for path, count in (("reports", 12), ("estimates", 60)):
        for id in range(1, count + 1):
            row = box.account.get(path, id)
            secrets += [row[name] for name in ("permalink", "pdf_link", "download_token") if row.get(name)]
    assert len(secrets) == 1 + 12 * 2 + 60 * 3
    for secret in secrets:
        assert secret not in printed.out
        assert secret not in printed.err
        assert secret.encode() not in written


async def test_the_next_run_asks_only_what_changed(box, fetch, out, capsys):
    await fetch("--pdf")
    before = contents(out)
    capsys.readouterr()
    asked = len(box.requests)
    assert await fetch("--pdf", "--trust-updated-on", "--format", "json") == Exit.OK
    assert len(box.requests) - asked == 2
    assert [one["unchanged"] for one in told(capsys)["kinds"]] == [12, 60]
    assert contents(out) == before


async def test_a_live_report_is_fetched_each_time_and_a_static_one_when_it_changed(box, fetch, paymo):
    static = await paymo.reports.create(
        Report(name="Closed", type="static", date_interval="all_time", projects="all", clients="all", users="all")
    )
    await fetch(kinds=("reports",))
    asked = len(box.requests)
    await fetch(kinds=("reports",))
    assert len(box.requests) - asked == 1 + 12
    box.account.store.put(
        box.account.tables["reports"],
        {**box.account.get("reports", static.id), "updated_on": "2031-01-01T00:00:00Z"},
    )
    asked = len(box.requests)
    await fetch(kinds=("reports",))
    assert len(box.requests) - asked == 1 + 13


async def test_a_live_report_that_shows_the_same_is_counted_as_unchanged(fetch, capsys):
    await fetch(kinds=("reports",))
    capsys.readouterr()
    await fetch("--format", "json", kinds=("reports",))
    (kind,) = told(capsys)["kinds"]
    assert (kind["fetched"], kind["changed"], kind["unchanged"]) == (12, 0, 12)


async def test_what_was_deleted_on_the_service_is_dropped_and_told(fetch, out, paymo, capsys):
    await fetch("--pdf")
    await paymo.reports.delete(3)
    await paymo.estimates.delete(7)
    capsys.readouterr()
    assert await fetch("--pdf", "--format", "json") == Exit.OK
    assert [one["deleted"] for one in told(capsys)["kinds"]] == [1, 1]
    assert 3 not in [one["id"] for one in objects(out, "reports")]
    assert "7" not in [row["estimate_id"] for row in table(out, "estimates")]
    assert not (out / "pdf" / "reports-3.pdf").exists()
    assert not (out / "pdf" / "estimates-7.pdf").exists()


@pytest.mark.parametrize("box", [MANY_LINES], indirect=True)
async def test_many_estimates_are_swept_and_only_the_changed_ones_fetched(box, fetch, out, paymo, capsys):
    await fetch(kinds=("estimates",))
    asked = len(box.requests)
    await fetch(kinds=("estimates",))
    assert len(box.requests) - asked == 2  # a sweep of the estimates, and one of the lines
    changed = await paymo.estimates.update(5, Estimate(title="Changed"))
    await paymo.estimateitems.create(EstimateItem(item="Late", price_unit=1, quantity=1, estimate_id=6))
    made = await paymo.estimates.create(Estimate(client_id=1, currency="EUR"))
    await paymo.estimates.delete(8)
    emptied = box.account.get("estimates", 9)
    box.account.store.put(box.account.tables["estimates"], {**emptied, "subtotal": 1})
    capsys.readouterr()
    asked = len(box.requests)
    await fetch("--format", "json", kinds=("estimates",))
    assert len(box.requests) - asked == 3
    (kind,) = told(capsys)["kinds"]
    assert (kind["fetched"], kind["changed"], kind["deleted"], kind["objects"]) == (4, 4, 1, 640)
    found = {one["id"]: one for one in objects(out, "estimates")}
    assert found[changed.id]["title"] == "Changed"
    assert "Late" in [line["item"] for line in found[6]["estimateitems"]]
    assert made.id in found
    assert 8 not in found


@pytest.mark.parametrize("box", [MANY_LINES], indirect=True)
async def test_where_lines_cannot_be_swept_the_whole_list_is_read(box, fetch, out, monkeypatch, capsys):
    await fetch(kinds=("estimates",))
    before = contents(out)
    # What a service says that does not filter this resource by its moments.
    answer = box._serving.api.answer

    def refuse(request):
        if request.path == "estimateitems":
            request = request._replace(query={"where": "nonsense=1"})
        return answer(request)

    monkeypatch.setattr(box._serving.api, "answer", refuse)
    capsys.readouterr()
    assert await fetch("--format", "json", kinds=("estimates",)) == Exit.OK
    (kind,) = told(capsys)["kinds"]
    assert (kind["fetched"], kind["changed"]) == (640, 0)
    assert contents(out) == before


@pytest.mark.parametrize("box", [MANY_LINES], indirect=True)
async def test_a_sweep_of_lines_that_fails_is_a_failure_and_deletes_nothing(box, fetch, out, paymo, capsys):
    await fetch(kinds=("estimates",))
    await paymo.estimates.delete(8)
    box.faults.add("500", path="estimateitems")
    assert await fetch(kinds=("estimates",)) == Exit.FAILED
    assert "the list of estimates: " in capsys.readouterr().out
    assert 8 in [one["id"] for one in objects(out, "estimates")]
    box.faults.clear()
    assert await fetch(kinds=("estimates",)) == Exit.OK
    assert 8 not in [one["id"] for one in objects(out, "estimates")]


async def test_a_report_that_fails_is_listed_and_the_others_are_kept(box, fetch, out, capsys):
    fault = box.faults.add("500", path="reports/5")
    assert await fetch("--pdf") == Exit.FAILED
    printed = capsys.readouterr().out
    assert "1 failed:" in printed
    assert "  reports 5: " in printed
    assert len(objects(out, "reports")) == 11
    assert not (out / "pdf" / "reports-5.pdf").exists()
    box.faults.remove(fault)
    assert await fetch("--pdf") == Exit.OK
    assert len(objects(out, "reports")) == 12
    assert (out / "pdf" / "reports-5.pdf").exists()


async def test_an_object_that_fails_later_keeps_its_last_good_version(box, fetch, out):
    await fetch(kinds=("reports",))
    before = contents(out)
    box.faults.add("500", path="reports/5")
    assert await fetch(kinds=("reports",)) == Exit.FAILED
    assert contents(out)["reports.jsonl"] == before["reports.jsonl"]


async def test_an_estimate_that_cannot_be_read_is_listed_and_the_others_are_kept(box, fetch, out, capsys):
    row = box.account.get("estimates", 5)
    box.account.store.put(box.account.tables["estimates"], {**row, "currency": {"not": ["a", "text"]}})
    assert await fetch("--format", "json", kinds=("estimates",)) == Exit.FAILED
    (failure,) = told(capsys)["failures"]
    assert (failure["kind"], failure["id"], failure["part"]) == ("estimates", 5, "object")
    assert len(objects(out, "estimates")) == 59


@pytest.mark.parametrize("box", [MANY_LINES], indirect=True)
async def test_a_changed_estimate_that_cannot_be_read_is_listed_once_and_its_last_version_kept(box, fetch, out, capsys):
    await fetch(kinds=("estimates",))
    before = contents(out)
    row = box.account.get("estimates", 5)
    broken = {**row, "currency": {"not": ["a", "text"]}, "updated_on": "2031-01-01T00:00:00Z"}
    box.account.store.put(box.account.tables["estimates"], broken)
    capsys.readouterr()
    assert await fetch("--format", "json", kinds=("estimates",)) == Exit.FAILED
    (failure,) = told(capsys)["failures"]
    assert (failure["id"], failure["part"]) == (5, "object")
    assert contents(out)["estimates.jsonl"] == before["estimates.jsonl"]


async def test_a_full_run_reads_all_again_in_as_few_requests_as_the_first(box, fetch, out, capsys):
    await fetch("--pdf")
    before = contents(out)
    capsys.readouterr()
    start = len(box.requests)
    assert await fetch("--full", "--format", "json", "--trust-updated-on") == Exit.OK
    assert len(box.requests) - start == 1 + 12 + 1
    assert [one["unchanged"] for one in told(capsys)["kinds"]] == [12, 60]
    before.pop(STATE_FILE)  # it no longer vouches for the PDFs
    assert {name: text for name, text in contents(out).items() if name != STATE_FILE} == before


async def test_a_pdf_that_fails_is_listed_and_fetched_the_next_time(box, fetch, out, capsys):
    fault = box.faults.add("wrong-type", path="estimates/5")
    assert await fetch("--pdf", kinds=("estimates",)) == Exit.FAILED
    assert "PDF of estimates 5: " in capsys.readouterr().out
    box.faults.remove(fault)
    asked = len(box.requests)
    assert await fetch("--pdf", kinds=("estimates",)) == Exit.OK
    assert len(box.requests) - asked == 2
    assert (out / "pdf" / "estimates-5.pdf").exists()


async def test_a_list_that_fails_deletes_nothing(box, fetch, out, capsys):
    await fetch()
    before = contents(out)
    fault = box.faults.add("500", path="estimates")
    assert await fetch("--trust-updated-on") == Exit.FAILED
    assert "the list of estimates: " in capsys.readouterr().out
    after = contents(out)
    before.pop(STATE_FILE)
    after.pop(STATE_FILE)
    assert after == before
    box.faults.remove(fault)
    assert await fetch("--trust-updated-on") == Exit.OK


async def test_one_kind_leaves_the_other_as_it_is(fetch, out):
    await fetch()
    before = contents(out)
    await fetch("--full", "--concurrency", "2", kinds=("reports",))
    assert contents(out) == before


async def test_a_key_that_is_refused_is_an_exit_code_of_its_own(box, fetch, out, monkeypatch, capsys):
    await fetch()
    before = contents(out)
    monkeypatch.setenv("PAYMO_API_KEY", "wrong-key-of-somebody")
    assert await fetch() == Exit.USAGE  # it may be another account's
    assert await fetch("--full") == Exit.CREDENTIALS
    printed = capsys.readouterr()
    assert "refuses the API key in PAYMO_API_KEY (401)" in printed.err
    assert "wrong-key-of-somebody" not in printed.out + printed.err
    assert contents(out) == before


@pytest.mark.parametrize(("path", "call"), [("reports/4", 1), ("estimates/4", 1), ("reports", 1), ("estimateitems", 1)])
async def test_a_key_that_is_refused_on_the_way_ends_the_run(box, fetch, path, call, monkeypatch):
    if path == "estimateitems":
        monkeypatch.setattr("paymo_async.cli.job._sweep_pays", lambda holding: bool(holding.lines))
        await fetch()
    box.faults.add("401", path=path, call=call)
    assert await fetch("--pdf") == Exit.CREDENTIALS


async def test_without_a_key_nothing_is_done(fetch, out, monkeypatch, capsys):
    monkeypatch.delenv("PAYMO_API_KEY")
    assert await fetch() == Exit.CREDENTIALS
    assert "Set PAYMO_API_KEY" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("reportz",), "did you mean 'reports'?"),
        (("zzz",), "there are reports and estimates"),
        (("reports", "--sandbox-rate", "5"), "does not read like 5/1"),
        (("reports", "--sandbox-rate", "0/1"), "does not read like 5/1"),
        (("reports", "--concurrency", "0"), "concurrency"),
        (("reports", "--format", "xml"), "xml"),
    ],
)
async def test_wrong_usage_is_refused_before_anything_runs(fetch, out, capsys, arguments, words):
    assert await fetch(*arguments[1:], kinds=arguments[:1]) == Exit.USAGE
    assert words in " ".join(capsys.readouterr().err.replace("│", "").split())
    assert not out.exists()


async def test_a_base_url_that_would_send_the_key_in_the_open_is_refused(fetch, monkeypatch, capsys):
    monkeypatch.setenv("PAYMO_BASE_URL", "http://paymo.example/api/")
    assert await fetch() == Exit.USAGE
    assert "unencrypted" in capsys.readouterr().err


async def test_the_folder_of_another_account_is_refused_unless_it_shall_be_replaced(fetch, out, monkeypatch, capsys):
    await fetch()
    state = json.loads((out / STATE_FILE).read_text())
    (out / STATE_FILE).write_text(json.dumps({**state, "source": "https://elsewhere/api/"}))
    assert await fetch() == Exit.USAGE
    assert "https://elsewhere/api/" in capsys.readouterr().err
    assert await fetch("--full") == Exit.OK


async def test_a_state_that_cannot_be_read_is_told(fetch, out, capsys):
    await fetch()
    (out / STATE_FILE).write_text("?")
    assert await fetch() == Exit.OK
    assert "everything is fetched again" in capsys.readouterr().err


async def test_a_folder_that_cannot_be_written_is_told(fetch, out, capsys):
    (out / "reports.jsonl").mkdir(parents=True)
    assert await fetch() == Exit.FAILED
    assert "reports.jsonl" in capsys.readouterr().err


async def test_without_matplotlib_a_chart_that_was_asked_for_is_refused(fetch, out, monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert await fetch("--chart", "png") == Exit.USAGE
    assert "paymo_async[plot]" in capsys.readouterr().err
    assert not out.exists()


async def test_an_account_without_projects_has_no_chart(fetch, out, paymo, capsys):
    for id in range(1, 13):
        await paymo.reports.delete(id)
    assert await fetch("--chart", "png") == Exit.OK
    assert "No chart: no report holds a project's time." in capsys.readouterr().out
    assert not (out / "tracked-time.png").exists()


async def test_ctrl_c_keeps_what_came_and_the_next_run_goes_on(box, tmp_path, monkeypatch, paymo, fetch, capsys):
    """In this process and loop, so that the moment can be chosen; the signal is a real one."""
    cut, whole = tmp_path / "cut", tmp_path / "whole"
    assert await fetch("--pdf", into="whole") == Exit.OK
    options = FetchOptions(job=JobOptions(pdf=True), into=cut, chart="none", quiet=True)
    for moment in (3, 20, 40):
        start = len(box.requests)
        job = asyncio.create_task(_Run(options, Console(stderr=True))._fetch())
        while len(box.requests) < start + moment and not job.done():
            await asyncio.sleep(0)
        signal.raise_signal(signal.SIGINT)
        summary = await job
        assert summary.interrupted
        assert not list(cut.rglob("*.part"))
        for kind in KINDS:
            assert all(line.endswith("}") for line in (cut / f"{kind}.jsonl").read_text().splitlines())
        assert len(objects(cut, "reports")) + len(objects(cut, "estimates")) > 0 or moment == 3
    capsys.readouterr()
    assert await fetch("--pdf", "--format", "json", into="cut") == Exit.OK
    assert told(capsys)["kinds"][1]["unchanged"] > 0
    finished, uninterrupted = contents(cut), contents(whole)
    assert finished.keys() == uninterrupted.keys()
    # Each PDF carries the moment it was made.
    assert [name for name, text in finished.items() if text != uninterrupted[name] and not name.endswith(".pdf")] == []
