"""The client over real sockets: the spine end to end, errors from answers, storms, cancellation."""

from __future__ import annotations

import asyncio
import copy
import pickle
import random
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal

import aiohttp
import pytest

from paymo_async import (
    ApiKey,
    BadRequest,
    Conflict,
    DecodeError,
    Estimate,
    EstimateItem,
    F,
    IncompleteBody,
    InvalidRequest,
    MissingCredentials,
    NotFound,
    Password,
    PaymoClient,
    PaymoConnectionError,
    PaymoTimeout,
    PlanLimit,
    QueryError,
    Report,
    ReportInclude,
    RetryPolicy,
    ServerError,
    SessionToken,
    Task,
    TimeEntry,
    TimerRunning,
    TokenBucket,
    Unauthorized,
    UnexpectedContent,
    User,
)
from paymo_async.sandbox import RateModel, Sandbox, Size

QUICK = RetryPolicy(base=0.001, cap=0.002)


@pytest.fixture
async def paymo(box: Sandbox):
    async with PaymoClient(box.api_key, base_url=box.url, retry=QUICK) as client:
        yield client


@asynccontextmanager
async def fixed_answer(body: bytes, content_type: str = "application/json") -> AsyncIterator[str]:
    """A service that answers everything with these bytes; gives its root."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/"


# -- the spine --------------------------------------------------------------------------------------------------------


async def test_the_documented_report_comes_typed_with_its_rows(paymo: PaymoClient):
    report = await paymo.reports.get(115376, include="user")
    assert report.name == 'Time spent on "Understanding Paymo"'
    assert report.include == ReportInclude.from_dict(report.include.to_dict())
    assert report.content.items[0].level == 1
    assert report.content.items[-1].type == "total"
    assert report.info.projects[0].id == 397706
    assert report.created_on.tzinfo is not None
    assert report.user.id == report.user_id
    assert report.download_token not in repr(report)


async def test_a_long_report_streams_its_rows_while_they_arrive(paymo: PaymoClient, box: Sandbox):
    whole = await paymo.reports.get(115376)
    assert [row async for row in paymo.reports.stream_items(115376)] == whole.content.items
    async for _ in paymo.reports.stream_items(115376):
        break
    with pytest.raises(NotFound):
        await anext(paymo.reports.stream_items(1))
    box.faults.add("cut-body", path="reports/*")
    with pytest.raises(PaymoConnectionError):
        async for _ in paymo.reports.stream_items(115376):
            pass


async def test_rows_that_are_no_rows_are_loud_or_go_to_the_hook():
    rows = b'{"reports":[{"id":1,"content":{"items":[{"title":"a","time":1},7,{"title":"b","time":2}]}}]}'
    told: list[object] = []
    async with fixed_answer(rows) as url, PaymoClient("k", base_url=url) as paymo:
        with pytest.raises(DecodeError, match="reports/1"):
            [row async for row in paymo.reports.stream_items(1)]
        lenient = paymo.with_options(on_undecodable=told.append)
        assert [row.title async for row in lenient.reports.stream_items(1)] == ["a", "b"]
    assert len(told) == 1
    async with fixed_answer(rows.replace(b",7,", b",")[:-20]) as url, PaymoClient("k", base_url=url) as paymo:
        with pytest.raises(IncompleteBody):
            [row async for row in paymo.reports.stream_items(1)]


async def test_estimates_come_with_lines_and_exact_money(paymo: PaymoClient):
    first, second = await paymo.estimates.get_many([1498, 1500], include="client,estimateitems")
    assert (first.total, second.total) == (Decimal("9424.5"), Decimal(9394))
    assert [line.id for line in second.estimateitems] == [5277, 5278, 5279]
    assert second.client.id == second.client_id
    assert first.permalink not in repr(first)


async def test_reports_are_fetched_one_each_since_lists_carry_no_content(paymo: PaymoClient, box: Sandbox):
    ids = [report.id async for report in paymo.reports.list()]
    reports = await paymo.reports.get_many(ids)
    assert all(report.content.items for report in reports)
    assert paymo.requests_sent == 1 + len(ids)


async def test_an_object_is_made_changed_read_and_deleted(paymo: PaymoClient):
    tasklist = await paymo.tasklists.list().first()
    made = await paymo.tasks.create(Task(name="Logo", tasklist_id=tasklist.id, budget_hours=Decimal("2.50")))
    changed = await paymo.tasks.update(made.id, Task(complete=True, due_date=date(2030, 1, 31)))
    assert (changed.name, changed.complete, changed.due_date) == ("Logo", True, date(2030, 1, 31))
    assert (await paymo.tasks.get(made.id)).budget_hours == Decimal("2.5")
    await paymo.tasks.delete(made.id)
    with pytest.raises(NotFound):
        await paymo.tasks.get(made.id)
    with pytest.raises(NotFound):
        await paymo.tasks.delete(made.id)


async def test_an_estimate_is_made_with_its_lines(paymo: PaymoClient):
    client = await paymo.clients.list().first()
    lines = [EstimateItem(item="Work", price_unit=Decimal("12.5"), quantity=4)]
    made = await paymo.estimates.create(Estimate(client_id=client.id, currency="EUR", items=lines))
    whole = await paymo.estimates.get(made.id, include="estimateitems")
    assert (whole.subtotal, len(whole.estimateitems)) == (50, 1)


async def test_filters_and_includes_reach_the_service(paymo: PaymoClient):
    entries = await paymo.entries.list(
        where=F.start_time >= datetime(2010, 1, 1, tzinfo=UTC), include="task.project.name,user", prefetch=1
    )
    assert entries
    assert all(entry.task.project.name for entry in entries)
    projects = await paymo.projects.list(active=True)
    assert all(project.active for project in projects)


async def test_the_company_is_one_object_and_me_is_the_owner(paymo: PaymoClient, box: Sandbox):
    company = await paymo.company.get()
    assert company.default_price_per_hour == 30
    changed = await paymo.company.update(type(company)(name="New name"))
    assert changed.name == "New name"
    assert (await paymo.me()).email == box.email


async def test_documents_are_downloaded_whole_under_their_names(paymo: PaymoClient, tmp_path):
    told: list[tuple[int, int | None]] = []
    path = await paymo.reports.download(115376, "pdf", tmp_path, on_bytes=lambda *t: told.append(t))
    assert path == tmp_path / "reports-115376.pdf"
    assert path.read_bytes().startswith(b"%PDF")
    assert told[-1][0] == path.stat().st_size
    sheet = await paymo.reports.download(115376, "xlsx", tmp_path, name="r.xlsx")
    assert sheet.read_bytes().startswith(b"PK")
    outcomes = await paymo.estimates.download_many([1498, 1500, 99], "pdf", into=tmp_path / "deep" / "er")
    assert [outcome.ok for outcome in outcomes] == [True, True, False]
    assert not list(tmp_path.rglob("*.part"))


async def test_a_document_that_breaks_off_is_fetched_again_and_no_half_is_left(
    paymo: PaymoClient, box: Sandbox, tmp_path
):
    box.faults.add("cut-body", path="estimates/*", times=2)
    path = await paymo.estimates.download(1500, "pdf", tmp_path)
    assert path.read_bytes().rstrip().endswith(b"%%EOF")
    box.faults.add("cut-body", path="estimates/*")
    with pytest.raises(PaymoConnectionError):
        await paymo.estimates.download(1498, "pdf", tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["estimates-1500.pdf"]


async def test_a_format_the_service_does_not_write_is_refused(paymo: PaymoClient, tmp_path):
    with pytest.raises(InvalidRequest, match="come as pdf, not as 'xlsx'"):
        await paymo.estimates.download(1500, "xlsx", tmp_path)
    with pytest.raises(InvalidRequest, match="docx"):
        paymo.reports.download_many([1], "docx", into=tmp_path)


async def test_html_where_a_document_was_due_is_an_error(paymo: PaymoClient, box: Sandbox, tmp_path):
    box.faults.add("wrong-type", path="estimates/*")
    with pytest.raises(UnexpectedContent, match="text/html came where application/pdf was due"):
        await paymo.estimates.download(1500, "pdf", tmp_path)


# -- credentials ------------------------------------------------------------------------------------------------------


async def test_all_three_credentials_are_accepted(box: Sandbox):
    login = Password(box.email, box.password)
    for given in (
        {"api_key": box.api_key},
        {"email": box.email, "password": box.password},
        {"auth": SessionToken(login=login)},
    ):
        async with PaymoClient(**given, base_url=box.url) as paymo:
            assert (await paymo.me()).email == box.email


async def test_a_session_that_ended_is_renewed_and_one_token_serves_many_calls(box: Sandbox):
    renewed: list[str | None] = []
    token = SessionToken("0" * 32, login=ApiKey(box.api_key), on_renewed=lambda session: renewed.append(session.token))
    async with PaymoClient(auth=token, base_url=box.url) as paymo:
        await asyncio.gather(*(paymo.me() for _ in range(5)))
        assert len(renewed) == 1
        await paymo.sessions.delete(token.token)
        await paymo.me()
        assert len(renewed) == 2
    async with PaymoClient(box.api_key, base_url=box.url) as paymo:
        made = await paymo.sessions.create()
    async with PaymoClient(session_token=made.id, base_url=box.url) as paymo:
        await paymo.me()
        assert made.id not in repr(made)


async def test_credentials_and_root_come_from_the_environment(box: Sandbox, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PAYMO_API_KEY", box.api_key)
    monkeypatch.setenv("PAYMO_BASE_URL", box.url)
    monkeypatch.setenv("PAYMO_RATE_LIMIT", "7/2.5")
    async with PaymoClient() as paymo:
        state = paymo.limiter.snapshot()
        assert (state.limit, state.period) == (7, 2.5)
        assert (await paymo.me()).email == box.email


@pytest.mark.parametrize("text", ["5", "x/5", "0/5", "5/0", "5/-1", "5/nan"])
def test_a_rate_that_cannot_be_is_refused(text: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PAYMO_RATE_LIMIT", text)
    with pytest.raises(InvalidRequest, match=r"RATE_LIMIT|rate_limit"):
        PaymoClient("k")


def test_settings_that_contradict_each_other_are_refused():
    with pytest.raises(InvalidRequest, match="not several"):
        PaymoClient("k", auth=ApiKey("k"))
    with pytest.raises(InvalidRequest, match="limiter or rate_limit"):
        PaymoClient("k", limiter=TokenBucket(), rate_limit=(5, 5.0))
    with pytest.raises(MissingCredentials, match="PAYMO_API_KEY"):
        PaymoClient()


async def test_no_secret_shows_in_an_error_a_repr_or_a_traceback(box: Sandbox):
    wrong = "wr0ng-key-0123456789"
    async with PaymoClient(wrong, base_url=box.url) as paymo:
        with pytest.raises(Unauthorized) as caught:
            await paymo.me()
        shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(paymo)
        shown += repr(paymo._account) + str(vars(caught.value))
    assert wrong not in shown
    assert ApiKey(wrong).header[1] not in shown


# -- bad input: a clear error before any request ----------------------------------------------------------------------


BAD_INPUT = {
    "unknown attribute": (lambda p: p.tasks.list(compleet=False), "`compleet`.*did you mean `complete`"),
    "unknown include": (lambda p: p.tasks.list(include="projekt"), "`projekt`.*did you mean `project`"),
    "a quote": (lambda p: p.tasks.list(name='say "hi"'), 'quote|escaped|"'),
    "naive datetime": (lambda p: p.entries.list(where=F.start_time > datetime(2026, 1, 1)), "time zone|naive"),  # noqa: DTZ001
    "negative page size": (lambda p: p.tasks.list(page_size=-5), "page_size must be 1 to 2500, not -5"),
    "empty update": (lambda p: p.tasks.update(1, Task()), "nothing|empty"),
    "read-only": (lambda p: p.tasks.create(Task(name="x", tasklist_id=1, code="A-1")), "code"),
    "missing": (lambda p: p.tasks.create(Task(name="x")), "tasklist_id or project_id"),
    "another model": (lambda p: p.tasks.create(User(email="x@x.test")), "Give a Task, not a User"),
    "a dict": (lambda p: p.tasks.update(1, {"name": "x"}), r"Task\.from_dict"),
    "naive in a body": (
        lambda p: p.entries.update(1, TimeEntry(start_time=datetime(2026, 1, 1))),  # noqa: DTZ001
        "start_time.*time zone|time zone.*start_time",
    ),
    "no id": (lambda p: p.tasks.get(0), "positive integer"),
    "a verb": (lambda p: p.request("PATCH", "tasks/1"), "GET, POST, PUT, DELETE"),
    "two bodies": (lambda p: p.request("POST", "tasks", json={}, data=b""), "json or data"),
    "a path with a space": (lambda p: p.request("GET", "tasks/a b"), "percent-encode"),
    "no calls at once": (lambda p: p.map(p.tasks.get, [1], concurrency=0), "at least 1"),
}


@pytest.mark.parametrize("name", BAD_INPUT)
async def test_bad_input_is_refused_before_any_request(name: str, paymo: PaymoClient, box: Sandbox):
    do, sentence = BAD_INPUT[name]
    with pytest.raises(InvalidRequest, match=f"(?is){sentence}"):
        await do(paymo)
    assert box.requests == []


# -- errors from the answer -------------------------------------------------------------------------------------------


async def test_a_wrong_key_answered_in_html_says_so():
    async with Sandbox(html_401=True) as box, PaymoClient("wrong", base_url=box.url) as paymo:
        with pytest.raises(Unauthorized, match=r"(?i)key"):
            await paymo.me()
        assert len(box.requests) == 1


async def test_a_plan_limit_is_told_apart(box: Sandbox, paymo: PaymoClient):
    await paymo.company.get()
    users = await paymo.users.list()
    for number in range(4 - len(users)):  # the documented plan has room for four
        await paymo.users.create(User(email=f"u{number}@x.test"))
    with pytest.raises(PlanLimit, match="Maximum number of users"):
        await paymo.users.create(User(email="one-too-many@x.test"))


async def test_not_found_unknown_field_and_a_failing_include_are_clear(paymo: PaymoClient, box: Sandbox):
    with pytest.raises(NotFound) as missing:
        await paymo.tasks.get(999_999_999)
    assert missing.value.status == 404
    with pytest.raises(BadRequest) as unknown:
        await paymo.tasks.list(include=[F.raw("foo")])
    assert unknown.value.field == "foo" or "foo" in str(unknown.value)
    box.faults.add("500", path="tasks")
    with pytest.raises(ServerError, match="thread"):
        await paymo.tasks.list(include="thread")


async def test_a_second_timer_is_a_timer_running_error(paymo: PaymoClient):
    task = await paymo.tasks.list().first()
    me = await paymo.me()
    timer = TimeEntry(task_id=task.id, user_id=me.id, start_time=datetime.now(UTC))
    await paymo.entries.create(timer)
    with pytest.raises(TimerRunning) as caught:
        await paymo.entries.create(timer)
    assert isinstance(caught.value, Conflict)


async def test_a_cut_body_is_repeated_and_then_an_error(paymo: PaymoClient, box: Sandbox):
    box.faults.add("cut-body", path="estimates", times=2)
    assert await paymo.estimates.list()
    box.faults.add("cut-body", path="estimates")
    with pytest.raises(IncompleteBody) as caught:
        await paymo.estimates.list()
    assert caught.value.attempts == QUICK.attempts


async def test_html_with_a_success_status_is_an_error_and_not_an_empty_list():
    html = b"<html><title>Maintenance</title></html>"
    async with fixed_answer(html, "text/html") as url, PaymoClient("k", base_url=url) as other:
        with pytest.raises(UnexpectedContent) as caught:
            await other.tasks.list()
    assert "Maintenance" in str(caught.value)
    assert caught.value.status == 200


async def test_drifted_types_and_odd_keys_are_read_all_the_same(paymo: PaymoClient, box: Sandbox):
    straight = await paymo.estimates.get(1500, include="estimateitems")
    box.faults.add("drift")
    box.faults.add("odd-key")
    drifted = await paymo.estimates.get(1500, include="estimateitems")
    assert drifted.total == straight.total
    assert [line.quantity for line in drifted.estimateitems] == [line.quantity for line in straight.estimateitems]


async def test_connection_errors_and_resets_are_repeated_where_that_is_safe(paymo: PaymoClient, box: Sandbox):
    box.faults.add("reset", path="me", times=2)
    assert await paymo.me()
    box.faults.add("reset-after", path="tasks", method="POST")
    tasklist = await paymo.tasklists.list().first()
    before = len(await paymo.tasks.list())
    with pytest.raises(PaymoConnectionError):
        await paymo.tasks.create(Task(name="once", tasklist_id=tasklist.id))
    assert len(await paymo.tasks.list()) == before + 1


async def test_a_lost_answer_to_a_delete_is_no_error(paymo: PaymoClient, box: Sandbox):
    task = await paymo.tasks.list().first()
    box.faults.add("reset-after", method="DELETE", times=1)
    await paymo.tasks.delete(task.id)


async def test_a_service_that_is_away_is_a_connection_error_that_was_not_sent():
    async with PaymoClient("k", base_url="http://127.0.0.1:9/api/", retry=RetryPolicy(attempts=1)) as paymo:
        with pytest.raises(PaymoConnectionError) as caught:
            await paymo.me()
    assert not caught.value.sent


async def test_a_slow_answer_times_out(box: Sandbox):
    box.faults.add("latency", seconds=30)
    async with PaymoClient(box.api_key, base_url=box.url, timeout=0.05, retry=RetryPolicy(attempts=1)) as paymo:
        with pytest.raises(PaymoTimeout, match=r"0\.05 seconds"):
            await paymo.me()


async def test_a_page_that_repeats_is_an_error(box: Sandbox):
    async with Sandbox(seed=Size(tasks=60, entries=10, estimates=1, reports=1)) as big:
        big.faults.add("repeat-page", path="tasks")
        async with PaymoClient(big.api_key, base_url=big.url) as paymo:
            with pytest.raises(Exception, match="repeats"):
                await paymo.tasks.list(page_size=20)


# -- raw calls, options, lifetime -------------------------------------------------------------------------------------


async def test_any_call_can_be_made_raw(paymo: PaymoClient):
    response = await paymo.request("get", "/projects?page=0", params={"page_size": 1, "include": "id,name"})
    assert list(response.json()) == ["projects"]
    xml = await paymo.request("GET", "projects/397706", accept="text/xml")
    assert xml.text.lstrip().startswith("<")
    name = {"name": "Renamed", "budget_hours": Decimal("1.50")}
    changed = await paymo.request("PUT", "projects/397706", json=name)
    assert changed.json()["projects"][0]["name"] == "Renamed"
    form = await paymo.request(
        "PUT", "projects/397706", data=b"name=Again", content_type="application/x-www-form-urlencoded"
    )
    assert form.json()["projects"][0]["name"] == "Again"
    where = await paymo.request("GET", "projects", params={"where": "active=true", "partial_include": None})
    assert where.status == 200


async def test_a_view_with_options_shares_the_client(paymo: PaymoClient):
    view = paymo.with_options(priority="background", timeout=3, max_wait=9.0, truncation="raise")
    assert await view.me() == await paymo.me()
    assert view.requests_sent == paymo.requests_sent == 2
    assert view._account.options.priority == "background"
    assert paymo._account.options.priority == "interactive"
    assert paymo.with_options()._account.options == paymo._account.options


async def test_gather_gives_results_in_order_and_an_error_cancels_the_rest(paymo: PaymoClient):
    one, two = await paymo.gather(paymo.estimates.get(1498), paymo.estimates.get(1500))
    assert (one.id, two.id) == (1498, 1500)
    assert await paymo.gather() == []
    with pytest.raises(NotFound):
        await paymo.gather(paymo.estimates.get(1498), paymo.estimates.get(1))


async def test_resources_complete_in_an_editor_and_unknown_ones_are_attribute_errors(paymo: PaymoClient):
    assert {"reports", "estimates", "entries"} <= set(dir(paymo))
    assert paymo.reports is paymo.reports
    assert repr(paymo.reports) == "<Reports /reports>"
    with pytest.raises(AttributeError, match="invoyces"):
        paymo.invoyces  # noqa: B018


async def test_what_comes_back_can_be_kept(paymo: PaymoClient):
    report = await paymo.reports.get(115376)
    assert pickle.loads(pickle.dumps(report)) == copy.deepcopy(report) == report
    assert Report.from_dict(report.to_dict(secrets=True)) == report


async def test_clients_of_one_key_share_a_limiter_and_others_do_not(box: Sandbox):
    async with (
        PaymoClient(box.api_key, base_url=box.url) as one,
        PaymoClient(box.api_key, base_url=box.url) as two,
        PaymoClient("another", base_url=box.url) as three,
    ):
        assert one.limiter is two.limiter
        assert one.limiter is not three.limiter


# -- storms and cancellation ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["sliding", "window", "clock", "leaky"])
async def test_a_storm_loses_no_call_and_meets_no_429(model: str):
    async with (
        Sandbox(rate_limit=RateModel(20, 0.2, model)) as box,
        PaymoClient(box.api_key, base_url=box.url) as paymo,
    ):
        people = await asyncio.gather(*(paymo.me() for _ in range(60)))
        assert len(people) == 60
        assert paymo.rejections == 0


async def test_a_429_from_elsewhere_stops_everybody_once_and_nothing_is_lost():
    async with (
        Sandbox(rate_limit=RateModel(10, 1.0, "window")) as box,
        aiohttp.ClientSession() as stranger,
        PaymoClient(box.api_key, base_url=box.url) as paymo,
    ):
        auth = aiohttp.BasicAuth(box.api_key, "x")
        for _ in range(10):
            async with stranger.get(f"{box.url}me", auth=auth) as answer:
                await answer.read()
        people = await asyncio.gather(*(paymo.me() for _ in range(10)))
        assert len(people) == 10
        assert paymo.rejections == 1


@pytest.mark.timeout(120)
async def test_cancelling_map_at_random_points_leaves_nothing_behind():
    """500 times a map of 1,000 items: no task left running, no token lost, no connection leaked."""
    rng = random.Random(7)
    async with Sandbox(rate_headers=False) as box:
        bucket = TokenBucket(limit=1000, period=0.02)
        connector = aiohttp.TCPConnector(limit=0)
        session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        async with session, PaymoClient(box.api_key, base_url=box.url, limiter=bucket, session=session) as paymo:
            await paymo.me()
            before = asyncio.all_tasks()
            for _ in range(500):

                async def consume() -> None:
                    async for _ in paymo.map(paymo.estimates.get, [1498] * 1000, concurrency=rng.choice([1, 4, 16])):
                        pass

                task = asyncio.ensure_future(consume())
                for _ in range(rng.choice([0, 1, 2, 5, 20, 60])):
                    await asyncio.sleep(0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert bucket.snapshot().in_flight == 0
                assert bucket.snapshot().waiting == 0 or not any(bucket.snapshot().waiting.values())
            left = {task for task in asyncio.all_tasks() - before if not task.done()}
            # What is left can only be the sandbox's own, on its side of a connection.
            assert not [task for task in left if "paymo_async/sandbox" not in repr(task) and "web_" not in repr(task)]
            assert not connector._acquired
            for _ in range(2000):  # calls that were cut off cool for as long as the slowest answer took
                if bucket.snapshot().free == bucket.snapshot().limit:
                    break
                await asyncio.sleep(0.005)
            assert bucket.snapshot().free == bucket.snapshot().limit
            assert await paymo.me()


async def test_query_errors_are_value_errors(paymo: PaymoClient):
    with pytest.raises(ValueError, match="did you mean") as caught:
        paymo.tasks.list(nme="x")
    assert isinstance(caught.value, QueryError)
