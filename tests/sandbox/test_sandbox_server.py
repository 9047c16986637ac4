"""The sandbox as a server: who may ask, verbs, bodies, answers, and what it leaves behind."""

from __future__ import annotations

import asyncio
import base64
import logging
import socket
import xml.etree.ElementTree as ET

import aiohttp
import pytest

from paymo_async.sandbox import Fault, Sandbox


def basic(name: str, password: str = "x") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


async def status_of_projects(box: Sandbox) -> int:
    auth = aiohttp.BasicAuth(box.api_key, "x")
    async with aiohttp.ClientSession() as http, http.get(box.url + "projects", auth=auth) as reply:
        return reply.status


async def test_it_listens_on_loopback_and_tells_its_address(box):
    assert box.url.startswith("http://127.0.0.1:")
    assert box.url.endswith("/api/")


async def test_the_owner_comes_in_by_key_by_password_and_by_session(call):
    call.auth = None
    key, owner = basic(call.box.api_key), basic(call.box.email, call.box.password)
    made = await call("POST", "sessions", headers=owner)
    assert made.status == 201
    (session,) = made.data["sessions"]
    assert len(session["id"]) == 32
    assert int(session["id"], 16)
    assert made.headers["Location"] == f"{call.box.url}sessions/{session['id']}"
    for headers in (key, owner, {"X-Session": session["id"]}):
        reply = await call("GET", "me", headers=headers)
        assert reply.data["users"][0]["email"] == call.box.email


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("wrong"),
        basic(""),
        basic("owner@example.com", "wrong"),
        {"Authorization": "Bearer abc"},
        {"Authorization": "Basic %%%"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe").decode()},
        {"X-Session": "deadbeef"},
    ],
)
async def test_a_wrong_credential_is_401_in_json(call, headers):
    call.auth = None
    reply = await call("GET", "me", headers=headers)
    assert (reply.status, reply.headers["Content-Type"]) == (401, "application/json")
    assert reply.message


@pytest.mark.parametrize("box", [{"html_401": True}], indirect=True)
async def test_a_wrong_key_can_get_a_cdns_html(call):
    call.auth = aiohttp.BasicAuth("wrong", "x")
    reply = await call("GET", "me")
    assert (reply.status, reply.headers["Content-Type"]) == (401, "text/html")
    assert b"<html>" in reply.body


async def test_a_session_ends_by_delete_and_belongs_to_its_user(call):
    mine = await call.create("sessions")
    assert [item["id"] for item in await call.get("sessions")] == [mine["id"]]
    assert (await call.one(f"sessions/{mine['id']}"))["user_id"] == 23129
    await call.create("users", email="other@example.com", password="secret")
    call.auth = aiohttp.BasicAuth("other@example.com", "secret")
    assert await call.get("sessions") == []
    await call.refused("GET", f"sessions/{mine['id']}", 404)
    await call.refused("DELETE", f"sessions/{mine['id']}", 404)
    call.auth = aiohttp.BasicAuth(call.box.api_key, "x")
    assert (await call("DELETE", f"sessions/{mine['id']}")).status == 200
    await call.refused("GET", f"sessions/{mine['id']}", 404)
    call.auth = None
    assert (await call("GET", "me", headers={"X-Session": mine["id"]})).status == 401


async def test_a_session_expires_after_thirty_days():
    now = [1_800_000_000.0]
    async with Sandbox(clock=lambda: now[0]) as box, aiohttp.ClientSession() as http:
        async with http.post(box.url + "sessions", auth=aiohttp.BasicAuth(box.api_key, "x")) as made:
            token = (await made.json())["sessions"][0]["id"]
        for days, status in ((29.9, 200), (30.0, 401)):
            now[0] = 1_800_000_000.0 + days * 86400
            async with http.get(box.url + "me", headers={"X-Session": token}) as reply:
                assert reply.status == status


async def test_a_session_cannot_open_a_session_nor_be_updated(call):
    mine = await call.create("sessions")
    await call.refused("PUT", f"sessions/{mine['id']}", 405, json={})
    call.auth = None
    assert (await call("POST", "sessions", headers={"X-Session": mine["id"]})).status == 401


async def test_an_archived_user_does_not_come_in(call):
    user = await call.create("users", email="gone@example.com", password="secret")
    call.auth = aiohttp.BasicAuth("gone@example.com", "secret")
    await call.get("me")
    call.auth = aiohttp.BasicAuth(call.box.api_key, "x")
    await call.update(f"users/{user['id']}", active=False)
    call.auth = aiohttp.BasicAuth("gone@example.com", "secret")
    await call.refused("GET", "me", 401)


async def test_create_read_update_and_delete(call):
    reply = await call("POST", "clients", json={"name": "Larkspur Press"})
    assert reply.status == 201
    (made,) = reply.data["clients"]
    assert reply.headers["Location"] == f"{call.box.url}clients/{made['id']}"
    assert (await call("GET", reply.headers["Location"])).data["clients"] == [made]
    for method, city in (("PUT", "Villebois"), ("POST", "Larkhill")):
        changed = await call(method, f"clients/{made['id']}", json={"city": city})
        assert (changed.status, changed.data["clients"][0]["city"]) == (200, city)
    gone = await call("DELETE", f"clients/{made['id']}")
    assert (gone.status, gone.body) == (200, b"{}")
    await call.refused("GET", f"clients/{made['id']}", 404)
    await call.refused("DELETE", f"clients/{made['id']}", 404)
    await call.refused("PUT", f"clients/{made['id']}", 404, json={"city": "x"})


async def test_every_resource_answers_lists_and_knows_missing_objects(call):
    for table in call.box.account.tables:
        if table.declaration.must_filter or table.declaration.singleton or table.path == "statsreports":
            continue
        reply = await call("GET", table.path)
        (key,) = reply.data
        assert (reply.status, key.removeprefix(":")) == (200, table.declaration.keys[-1])
        assert (await call("GET", f"{table.path}/999999999")).status == 404


@pytest.mark.parametrize("box", [{"odd_keys": False}], indirect=True)
async def test_response_keys_can_be_the_paths(call):
    assert list((await call("GET", "projecttemplates")).data) == ["projecttemplates"]


async def test_a_resource_without_rules_is_a_plain_table(call):
    made = await call.create("milestones", name="Launch", project_id=397706, due_date="2027-01-31", send_reminder=24)
    assert await call.one("milestones", where="due_date>=2027-01-01") == made
    assert (await call.update(f"milestones/{made['id']}", complete=True))["complete"] is True
    assert (await call("DELETE", f"milestones/{made['id']}")).status == 200


@pytest.mark.parametrize(
    "given",
    [{"next_invoice_number": "x"}, {"next_estimate_number": "-5"}, {"week_start": 7}, {"week_start": "-1"}],
)
async def test_settings_that_nothing_could_be_counted_by_are_refused(call, given):
    await call.refused("PUT", "company", 400, json=given)


async def test_there_is_no_other_company(call):
    only = (await call("GET", "company")).data["company"]["id"]
    assert (await call("GET", f"company/{only}")).status == 200
    await call.refused("GET", "company/999", 404)
    await call.refused("PUT", "company/999", 404, json={"name": "Other"})


async def test_the_company_is_an_object_and_keeps_its_texts(call):
    before = await call.get("company")
    assert (before["id"], before["default_price_per_hour"]) == (123, "30")
    changed = await call.update("company", default_price_per_hour=45.5, tax_on_tax=True, name="Paper", url=None)
    assert changed == {
        **before,
        "default_price_per_hour": "45.5",
        "tax_on_tax": "1",
        "name": "Paper",
        "url": None,
        "updated_on": changed["updated_on"],
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "company"),
        ("POST", "company"),
        ("DELETE", "clients"),
        ("PUT", "clients"),
        ("PATCH", "clients/1"),
        ("PUT", "me"),
        ("POST", "estimatetemplatesgallery"),
    ],
)
async def test_verbs_that_do_not_exist_are_refused(call, method, path):
    await call.refused(method, path, 405, json={"name": "x"})


@pytest.mark.parametrize("path", ["nonsense", "", "clients/abc", "clients/1/2", "clients/-1", "me/3"])
async def test_unknown_paths_are_404(call, path):
    await call.refused("GET", path, 404)


async def test_paths_outside_of_the_api_are_404(call):
    assert (await call("GET", call.box.url.removesuffix("api/") + "index.html")).status == 404


@pytest.mark.parametrize(
    ("path", "given", "said"),
    [
        ("clients", {}, "Missing required params: name"),
        ("clients", {"name": ""}, "Missing required params: name"),
        ("clients", {"name": "x", "foo": 1}, "Unknown field or reference: `foo`"),
        ("clients", {"name": "x", "id": 5}, "Field is read only: `id`"),
        ("clients", {"name": None}, "Invalid value for `name`"),
        ("clients", {"name": ["x"]}, "Invalid value for `name`"),
        ("clients", {"name": "x", "active": "perhaps"}, "Invalid value for `active`"),
        ("entries", {"client_id": 3}, "Unknown field or reference: `client_id`"),
        ("entries", {"task_id": 2093082}, "Missing required params: date, duration or start_time, end_time or"),
        ("entries", {"task_id": "many"}, "Invalid value for `task_id`"),
        ("entries", {"task_id": True}, "Invalid value for `task_id`"),
        ("entries", {"task_id": 2093082, "start_time": "now"}, "Invalid value for `start_time`"),
        ("entries", {"task_id": 2093082, "date": "20150101"}, "Invalid value for `date`"),
        ("entries", {"task_id": 2093082, "date": 3}, "Invalid value for `date`"),
        ("entries", {"task_id": 1, "date": "2015-01-01", "duration": 90}, "Invalid reference: `task_id`"),
        ("tasks", {"name": "x", "tasklist_id": 499, "priority": 33}, "Invalid value for `priority`"),
        ("tasks", {"name": "x", "tasklist_id": 499, "users": {"a": 1}}, "Invalid value for `users`"),
        ("tasks", {"name": "x", "tasklist_id": 499, "users": ["Bob"]}, "Invalid value for `users`"),
        ("tasks", {"name": "x", "tasklist_id": 499, "budget_hours": "NaN"}, "Invalid value for `budget_hours`"),
        ("tasks", {"name": "x", "tasklist_id": 499, "budget_hours": True}, "Invalid value for `budget_hours`"),
        ("reports", {"type": "live", "date_interval": "all_time", "include": 3}, "Invalid value for `include`"),
        ("reports", {"type": "odd", "date_interval": "all_time"}, "Invalid value for `type`"),
    ],
)
async def test_a_wrong_body_is_refused_by_name(call, path, given, said):
    assert (await call.refused("POST", path, 400, json=given)).startswith(said)


async def test_a_create_only_attribute_cannot_be_changed(call):
    said = await call.refused("PUT", "tasklists/499", 400, json={"project_id": 397707})
    assert said == "Field is read only: `project_id`"


async def test_a_refused_request_leaves_nothing_behind(call):
    before = await call.ids("clients")
    await call.refused("POST", "projects", 400, json={"name": "x", "users": [99]})
    assert await call.ids("clients") == before
    assert await call.ids("projects") == [397706, 397707]


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{", 400),
        ("application/json", b"\xff", 400),
        ("application/json", b"[]", 400),
        ("application/json", b"", 400),
        ("text/xml", b"<request>", 400),
        ("text/xml", b"<other/>", 400),
        ("text/xml", b'<!DOCTYPE a [<!ENTITY b "c">]><request/>', 400),
        ("text/plain", b"name=x", 415),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(call, content_type, body, status):
    reply = await call("POST", "clients", data=body, headers={"Content-Type": content_type})
    assert reply.status == status


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json; charset=utf-8", b'{"name":"Logo","tasklist_id":"499","users":[23129,23130],"billable":1}'),
        ("application/x-www-form-urlencoded", b"name=Logo&tasklist_id=499&users=23129,23130&billable=true"),
        ("application/x-www-form-urlencoded", b"name=Logo&tasklist_id=499&users[]=23129&users[]=23130&billable=1"),
        (
            "text/xml",
            (
                b"<request><name>Logo</name><tasklist_id>499</tasklist_id><billable>true</billable>"
                b"<users><item>23129</item><item>23130</item></users></request>"
            ),
        ),
        (
            "application/xml",
            (
                b"<request><name>Logo</name><tasklist_id>499</tasklist_id><billable>true</billable><description/>"
                b"<users><id>23129</id><id>23130</id></users></request>"
            ),
        ),
    ],
)
async def test_json_forms_and_xml_say_the_same(call, content_type, body):
    reply = await call("POST", "tasks", data=body, headers={"Content-Type": content_type})
    assert reply.status == 201, reply.body
    (task,) = reply.data["tasks"]
    assert (task["name"], task["tasklist_id"], task["users"], task["billable"]) == ("Logo", 499, [23129, 23130], True)


async def test_objects_ride_in_xml(call):
    body = (
        b"<request><type>live</type><date_interval>all_time</date_interval>"
        b"<include><projects>true</projects><tasks>true</tasks></include></request>"
    )
    reply = await call("POST", "reports", data=body, headers={"Content-Type": "text/xml"})
    (report,) = reply.data["reports"]
    assert [item["type"] for item in report["content"]["items"]][:2] == ["project", "task"]


@pytest.mark.parametrize("accept", ["text/xml", "application/xml"])
async def test_xml_is_answered_to_those_who_ask_for_it(call, accept):
    reply = await call("GET", "projects/397706", headers={"Accept": accept})
    assert reply.headers["Content-Type"].partition(";")[0] == accept
    root = ET.fromstring(reply.body)
    assert root.find("projects/item/name").text == "Understanding Paymo"
    assert [item.text for item in root.findall("projects/item/users/item")] == ["23129"]
    assert root.find("projects/item/billable").text == "false"
    refused = await call("GET", "nonsense", headers={"Accept": accept})
    assert ET.fromstring(refused.body).find("message").text == "Not found"
    assert (await call("GET", "entries", headers={"Accept": f"application/json, {accept}"})).data


async def test_exact_numbers_survive(call):
    body = b'{"name":"Exact","client_id":151303,"price_per_hour":12345678901234.56780,"budget_hours":"0.10"}'
    reply = await call("POST", "projects", data=body, headers={"Content-Type": "application/json"})
    assert reply.status == 201
    key = reply.data["projects"][0]["id"]
    for path in (f"projects/{key}", f"projects/{key}?include=price_per_hour,budget_hours"):
        answer = (await call("GET", path)).body
        assert b'"price_per_hour":12345678901234.56780' in answer
        assert b'"budget_hours":0.10' in answer


async def test_moments_come_back_in_utc(call):
    entry = {"task_id": 2093082, "start_time": "2014-12-10T01:00:00-08:00", "end_time": "2014-12-10T10:00:00"}
    made = await call.create("entries", **entry)
    assert (made["start_time"], made["end_time"]) == ("2014-12-10T09:00:00Z", "2014-12-10T10:00:00Z")


async def test_a_moment_may_be_a_unix_timestamp(call):
    made = await call.create("entries", task_id=2093082, start_time=1418202000, end_time=1418205600)
    assert (made["start_time"], made["duration"]) == ("2014-12-10T09:00:00Z", 3600)


async def test_requests_are_logged_in_the_order_they_came(call):
    await call.get("projects", where="id=397706")
    await call.refused("GET", "nonsense", 404)
    first, second = call.box.requests
    assert (first.method, first.path, first.query, first.status) == ("GET", "projects", "where=id%3D397706", 200)
    assert (second.path, second.status) == ("nonsense", 404)
    assert first.at <= second.at


async def test_a_defect_of_the_sandbox_is_a_500_and_a_log_record(call, caplog, monkeypatch):
    monkeypatch.setattr(type(call.box.account.store), "select", lambda *_, **__: 1 / 0)
    with caplog.at_level(logging.ERROR, logger="paymo_async.sandbox"):
        assert await call.refused("GET", "projects", 500) == "Internal server error"
    assert "ZeroDivisionError" in caplog.text


async def test_nothing_listens_after_the_end():
    async with Sandbox() as box, aiohttp.ClientSession() as http:
        async with http.get(box.url + "me") as reply:
            assert reply.status == 401
        port = int(box.url.split(":")[2].split("/")[0])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    for name in ("url", "account"):
        with pytest.raises(RuntimeError, match="not running"):
            getattr(box, name)


async def test_a_sandbox_can_be_entered_again():
    box = Sandbox()
    for _ in range(2):
        async with box:
            assert await status_of_projects(box) == 200


async def test_a_failed_start_leaves_nothing_open():
    with pytest.raises(ValueError, match="unknown seed 'nonsense'; known are documented, empty, demo, fetch, large"):
        async with Sandbox(seed="nonsense"):
            raise AssertionError("must not start")
    async with Sandbox() as box:
        port = int(box.url.split(":")[2].split("/")[0])
        with pytest.raises(OSError, match=f"port {port} of 127.0.0.1 is taken"):
            async with Sandbox(port=port):
                raise AssertionError("must not start")


async def test_the_end_does_not_wait_for_slow_answers():
    async with Sandbox(faults=[Fault("latency", seconds=3600)]) as box, aiohttp.ClientSession() as http:
        asking = asyncio.create_task(http.get(box.url + "me"))
        while not box.requests:
            await asyncio.sleep(0)
    with pytest.raises(aiohttp.ClientError):
        await asking


async def test_a_client_that_goes_away_is_no_error(box, caplog):
    host, port = box.url.split("/")[2].split(":")
    for sent in (
        b"GET /api/me HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /api/clients HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{",
    ):
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(sent)
        await writer.drain()
        writer.transport.abort()
    assert await status_of_projects(box) == 200
    assert not caplog.records


@pytest.mark.parametrize("box", [{"seed": "fetch"}], indirect=True)
async def test_a_client_that_goes_away_in_the_middle_of_an_answer_is_no_error(box, caplog):
    host, port = box.url.split("/")[2].split(":")
    head = "".join(f"{name}: {value}\r\n" for name, value in basic(box.api_key).items())
    ask = f"GET /api/projects?include=tasks.entries HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode()
    for _ in range(3):
        reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
        writer.write(ask)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.transport.abort()
    assert await status_of_projects(box) == 200
    assert not caplog.records


async def test_the_end_does_not_wait_for_a_client_that_does_not_read(caplog):
    async with Sandbox(seed="fetch") as box:
        host, port = box.url.split("/")[2].split(":")
        head = "".join(f"{name}: {value}\r\n" for name, value in basic(box.api_key).items())
        reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
        writer.write(f"GET /api/projects?include=tasks.entries HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode() * 5)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.transport.abort()
    assert not caplog.records


@pytest.mark.parametrize("box", [{"max_body": 100}], indirect=True)
@pytest.mark.parametrize(
    ("body", "coding", "status"), [(b"no gzip", "gzip", 400), (b'{"name": "%b"}' % (b"x" * 200), "identity", 413)]
)
async def test_a_body_that_is_not_read_ends_the_connection_and_nothing_else(box, caplog, body, coding, status):
    headers = {"Content-Encoding": coding, "Content-Type": "application/json", **basic(box.api_key)}
    async with aiohttp.ClientSession() as http:
        async with http.post(box.url + "clients", data=body, headers=headers) as reply:
            assert (reply.status, reply.headers["Connection"]) == (status, "close")
        async with http.post(box.url + "clients", json={"name": "Nordlicht"}, headers=basic(box.api_key)) as reply:
            assert reply.status == 201
    assert not caplog.records
