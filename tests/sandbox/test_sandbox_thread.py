"""`with Sandbox()`: a sandbox in a thread of its own, used by programs without an event loop."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import http.client
import http.server
import json
import socket
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from paymo_async import PaymoClient
from paymo_async.sandbox import RateModel, Sandbox


def ask(box, path, method="GET", body=None, key=None):
    """Status, headers and data of an answer, by a client that knows no event loop."""
    login = base64.b64encode(f"{key or box.api_key}:x".encode()).decode()
    headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(box.url + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, json.load(error)


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "paymo-sandbox"]


def port_of(box):
    return urlsplit(box.url).port


def test_a_program_without_an_event_loop_uses_it():
    with Sandbox() as box:
        status, _, data = ask(box, "clients", "POST", {"name": "Nordlicht"})
        assert (status, data["clients"][0]["name"]) == (201, "Nordlicht")
        assert [seen.path for seen in box.requests] == ["clients"]


def test_faults_limit_clock_keys_and_state_are_at_hand_in_the_callers_thread(tmp_path):
    with Sandbox() as box:
        box.faults.add("500", path="clients", times=1)
        assert [ask(box, "clients")[0] for _ in range(2)] == [500, 200]
        box.faults.clear()

        box.clock.freeze(datetime(2031, 5, 1, 12, tzinfo=UTC))
        snapshot = box.snapshot()
        assert ask(box, "clients", "POST", {"name": "Nordlicht"})[2]["clients"][0]["created_on"].startswith("2031-05")
        box.save(tmp_path / "account.db")
        box.restore(snapshot)
        assert "Nordlicht" not in json.dumps(ask(box, "clients")[2])

        judith = box.add_key(23130)
        assert ask(box, "me", key=judith)[2]["users"][0]["id"] == 23130

        box.limit(RateModel(1, 60.0))
        statuses = [ask(box, "me") for _ in range(2)]
        assert [status for status, _, _ in statuses] == [200, 429]
        assert statuses[1][1]["Retry-After"] == "60"

        box.limit(None)
        box.reset()
        assert (len(box.requests), box.clock.frozen) == (0, False)
        box.seed("empty")
        assert ask(box, "projects")[2] == {"projects": []}
    with Sandbox(state=tmp_path / "account.db") as again:
        assert "Nordlicht" in json.dumps(ask(again, "clients")[2])


def test_several_threads_use_one_at_once():
    with Sandbox() as box, ThreadPoolExecutor(8) as pool:

        def work(number):
            made = ask(box, "clients", "POST", {"name": f"client {number}"})[2]["clients"][0]["id"]
            fault = box.faults.add("500", path=f"clients/{made}", times=1)
            statuses = [ask(box, f"clients/{made}")[0] for _ in range(2)]
            box.faults.remove(fault)
            assert len(list(box.requests)) > 0
            return statuses

        assert list(pool.map(work, range(24))) == [[500, 200]] * 24
        assert len(ask(box, "clients")[2]["clients"]) >= 24
        assert len(box.faults) == 0


def test_two_at_once_are_two_accounts():
    with Sandbox() as one, Sandbox(seed="empty") as other:
        assert one.url != other.url
        ask(one, "clients", "POST", {"name": "Nordlicht"})
        assert ask(other, "clients")[2] == {"clients": []}


def test_one_is_entered_again_after_it_was_left_and_begins_anew():
    box = Sandbox()
    for _ in range(2):
        with box:
            assert "Nordlicht" not in json.dumps(ask(box, "clients")[2])
            ask(box, "clients", "POST", {"name": "Nordlicht"})
        with pytest.raises(RuntimeError, match="not running"):
            box.url  # noqa: B018


def test_what_goes_wrong_at_its_start_is_raised_where_it_is_entered():
    with Sandbox(seed="empty") as box:
        with pytest.raises(OSError, match="in use"):
            Sandbox(seed="empty", port=port_of(box)).__enter__()
        with pytest.raises(ValueError, match="unknown seed 'demmo'"):
            Sandbox(seed="demmo").__enter__()
        assert len(threads()) == 1
    assert threads() == []


def test_a_sandbox_that_could_not_start_is_entered_when_it_can():
    with Sandbox(seed="empty") as box:
        other = Sandbox(seed="empty", port=port_of(box))
        with pytest.raises(OSError, match="in use"):
            other.__enter__()
    with other:
        assert ask(other, "clients")[0] == 200


def test_it_ends_within_a_second_while_a_request_hangs():
    with Sandbox() as box:
        box.faults.add("latency", seconds=600)
        connection = http.client.HTTPConnection("127.0.0.1", port_of(box), timeout=10)
        arrived = threading.Event()
        box.requests.listeners.add(lambda _: arrived.set())
        connection.request("GET", "/api/me")
        while not len(box.requests):
            arrived.wait(0.01)
        began = time.monotonic()
    assert time.monotonic() - began < 1
    connection.close()


class Target:
    """A server without an event loop that takes webhooks, and answers when it is let."""

    def __init__(self):
        self.came = []
        self.arrived = threading.Event()
        self.answering = threading.Event()
        target = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                target.came.append(self.headers["X-Paymo-Event"])
                target.arrived.set()
                target.answering.wait(10)
                with contextlib.suppress(OSError):
                    self.send_response(200)
                    self.end_headers()

            def log_message(self, *_):
                """Says nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.answering.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def test_webhooks_come_also_of_what_the_clock_does_in_the_callers_thread():
    with Target() as target, Sandbox() as box:
        target.answering.set()
        box.clock.freeze(datetime(2031, 1, 1, 8, 59, tzinfo=UTC))
        ask(box, "hooks", "POST", {"event": "model.insert.Invoice", "target_url": target.url})
        profile = {"client_id": 151303, "currency": "EUR", "frequency": "m", "start_date": "2031-01-01"}
        status, _, _ = ask(
            box, "recurringprofiles", "POST", {**profile, "items": [{"item": "Hosting", "price_unit": 20}]}
        )
        assert status == 201
        box.clock.move(minutes=2)
        box.wait_delivered(10)
        assert target.came == ["model.insert.Invoice"]


def test_it_ends_within_a_second_while_a_webhook_hangs():
    with Target() as target:
        with Sandbox() as box:
            ask(box, "hooks", "POST", {"event": "model.insert.Client", "target_url": target.url})
            ask(box, "clients", "POST", {"name": "Nordlicht"})
            assert target.arrived.wait(10)
            began = time.monotonic()
        assert time.monotonic() - began < 1


def test_nothing_of_it_is_left():
    with Sandbox() as box:
        ask(box, "me")
        port = port_of(box)
    assert threads() == []
    with socket.socket() as sock:
        assert sock.connect_ex(("127.0.0.1", port)) != 0
    gc.collect()  # an unclosed socket or loop would warn, and a warning is an error here


def test_an_error_in_the_block_comes_through_and_ends_it():
    with pytest.raises(ZeroDivisionError), Sandbox(seed="empty"):
        1 / 0  # noqa: B018
    assert threads() == []


@pytest.mark.parametrize("first", ["with", "async with"])
async def test_a_running_one_is_not_entered_again(first):
    box = Sandbox(seed="empty")
    if first == "with":
        with box:
            await both_refused(box)
            with pytest.raises(RuntimeError, match="leave it by `with` too"):
                await box.__aexit__(None, None, None)
            assert (await asyncio.to_thread(ask, box, "clients"))[0] == 200
    else:
        async with box:
            await both_refused(box)
            with pytest.raises(RuntimeError, match="not entered by `with`"):
                box.__exit__(None, None, None)
            assert (await asyncio.to_thread(ask, box, "clients"))[0] == 200


async def both_refused(box):
    with pytest.raises(RuntimeError, match="running already"):
        box.__enter__()
    with pytest.raises(RuntimeError, match="running already"):
        await box.__aenter__()


async def test_a_program_with_an_event_loop_may_use_one_in_a_thread():
    with Sandbox() as box:
        async with PaymoClient(box.api_key, base_url=box.url) as paymo:
            assert (await paymo.me()).id == 23129


def test_ctrl_c_while_it_starts_leaves_nothing(monkeypatch):
    def interrupted(future):
        raise KeyboardInterrupt

    monkeypatch.setattr("paymo_async.sandbox.thread.Future.result", interrupted)
    box = Sandbox(seed="empty")
    with pytest.raises(KeyboardInterrupt):
        box.__enter__()
    monkeypatch.undo()
    assert threads() == []
    with box:
        assert ask(box, "clients")[0] == 200
