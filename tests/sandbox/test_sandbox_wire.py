"""What programs of any kind put on the wire: byte by byte, and in the content types that exist."""

from __future__ import annotations

import asyncio
import base64
import gzip
import xml.etree.ElementTree as ET
from typing import NamedTuple

import msgspec
import pytest

from paymo_async import PaymoClient
from paymo_async.sandbox import RateModel, Sandbox

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
XML = {"Content-Type": "text/xml"}
CLIENT = 151303


class Heard(NamedTuple):
    """A raw answer: status lines, in the order they came, the last one's headers, and its body."""

    lines: list[str]
    headers: dict[str, str]
    body: bytes

    @property
    def status(self) -> int:
        return int(self.lines[-1].split(" ")[1])

    @property
    def data(self):
        return msgspec.json.decode(self.body)


def basic(name: str) -> str:
    return "Basic " + base64.b64encode(name.encode()).decode()


async def speak(box: Sandbox, line: str, body: bytes = b"", *, version: str = "1.1", **headers: str | None) -> Heard:
    """Sends one request as it is given, and reads until the server closes. Headers with None are left out."""
    host, port = box.url.split("/")[2].split(":")
    sent = {"Host": f"{host}:{port}", "Authorization": basic(box.api_key + ":x"), "Connection": "close", **headers}
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in sent.items() if value is not None)
    if body and "Transfer_Encoding" not in headers and "Content_Length" not in headers:
        head += f"Content-Length: {len(body)}\r\n"
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(f"{line} HTTP/{version}\r\n{head}\r\n".encode("utf-8", "surrogateescape") + body)
        heard = await reader.read()
    finally:
        writer.close()
    lines = []
    while True:
        top, _, heard = heard.partition(b"\r\n\r\n")
        first, *rest = top.decode().split("\r\n")
        lines.append(first)
        if " 100 " not in first:
            return Heard(lines, dict(item.split(": ", 1) for item in rest), heard)


@pytest.mark.parametrize(
    "path",
    [
        "clients/151303?include=id,name",
        "clients/151303/?include=id%2Cname",
        "/clients/151303?include=id%2cname",
        "cli%65nts/151303?include=id,+name",
        "clients%2f151303?&include=id,name&",
        "clients/151303?include=id%2c%20name",
    ],
)
async def test_a_path_and_its_query_are_written_in_many_ways(box, path):
    heard = await speak(box, f"GET /api/{path}")
    assert heard.data == {"clients": [{"id": CLIENT, "name": "Paymo"}]}


@pytest.mark.parametrize(
    "where",
    [
        "name%3D%22AT%26T+Inc.%22",
        "name%3d%22AT%26T%20Inc.%22",
        "name=%22AT%26T%20Inc.%22",
        "name+%3D+%22AT%26T+Inc.%22",
    ],
)
async def test_a_filter_is_encoded_in_many_ways(box, where):
    heard = await speak(box, f"GET /api/clients?include=name&where={where}")
    assert heard.data == {"clients": [{"name": "AT&T Inc."}]}


async def test_of_a_parameter_that_comes_twice_the_last_counts(box):
    heard = await speak(box, "GET /api/clients/151303?include=city&include=id")
    assert heard.data == {"clients": [{"id": CLIENT}]}


@pytest.mark.parametrize("query", ["limit=5", "include%5B%5D=id", "fields=name", "_=1", "sort=name", "WHERE=id=1"])
async def test_parameters_that_do_not_exist_are_refused(box, query):
    heard = await speak(box, f"GET /api/clients?{query}")
    assert (heard.status, heard.data["message"][:20]) == (400, "Unknown parameter: `")


@pytest.mark.parametrize("query", ["where=id=1", "page=0&page_size=1", "format=pdf"])
@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE"])
async def test_reading_parameters_do_not_go_with_writing(box, verb, query):
    heard = await speak(box, f"{verb} /api/clients/{CLIENT}?{query}", b'{"city":"x"}', **_json())
    assert (heard.status, heard.data["message"][:20]) == (400, "Unknown parameter: `")


@pytest.mark.parametrize("verb", ["HEAD", "OPTIONS", "PATCH", "TRACE"])
async def test_other_verbs_are_405(box, verb):
    heard = await speak(box, f"{verb} /api/clients/{CLIENT}")
    assert heard.status == 405
    assert (heard.body == b"") == (verb == "HEAD")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("clients", "GET, POST"),
        ("clients/151303", "GET, POST, PUT, DELETE"),
        ("company", "GET, PUT"),
        ("me", "GET"),
        ("sessions", "GET, POST"),
        ("sessions/abc", "GET, DELETE"),
        ("statsreports", "POST"),
        ("estimatetemplatesgallery", "GET"),
        ("estimatetemplatesgallery/1", "GET"),
    ],
)
async def test_a_405_names_the_verbs_that_there_are(box, path, allowed):
    heard = await speak(box, f"PATCH /api/{path}")
    assert (heard.status, heard.headers["Allow"]) == (405, allowed)
    for verb in ("GET", "POST", "PUT", "DELETE"):
        refused = (await speak(box, f"{verb} /api/{path}", b"{}", **_json())).status == 405
        assert refused == (verb not in allowed.split(", ")), verb


@pytest.mark.parametrize("line", ["FOO /api/me", "GARBAGE", "GET /api/\udcff", "GET /api/me?x=" + "a" * 10_000])
async def test_what_is_no_request_is_a_400(box, line):
    assert (await speak(box, line)).status == 400


@pytest.mark.parametrize(
    "authorization",
    [
        basic("sandbox-api-key:anything"),
        basic("sandbox-api-key:"),
        basic("sandbox-api-key"),
        basic("sandbox-api-key:a:b"),
        basic("sandbox-api-key:x").replace("Basic", "basic"),
        basic("sandbox-api-key:x").replace("Basic ", "BASIC  "),
    ],
)
async def test_a_key_comes_with_any_password(box, authorization):
    assert (await speak(box, "GET /api/me", Authorization=authorization)).status == 200


@pytest.mark.parametrize("headers", [{"X_Session": ""}, {"X_Session": "\udcff\udc80"}, {"X_Session": "%00"}, {}])
async def test_what_is_no_credential_is_401(box, headers):
    heard = await speak(box, "GET /api/me", Authorization=None, **headers)
    assert (heard.status, list(heard.data)) == (401, ["message"])
    assert heard.headers["WWW-Authenticate"] == 'Basic realm="Paymo"'


@pytest.mark.parametrize("headers", [{}, {"Accept": "*/*"}, {"User_Agent": "curl/8"}, {"Accept_Encoding": "gzip"}])
async def test_json_is_the_default(box, headers):
    heard = await speak(box, "GET /api/me", **headers)
    assert (heard.headers["Content-Type"], "Content-Encoding" in heard.headers) == ("application/json", False)
    assert heard.data["users"][0]["email"] == box.email


async def test_an_old_program_speaks_http_1_0(box):
    heard = await speak(box, "GET /api/me", version="1.0", Host=None, Connection=None)
    assert (heard.lines, heard.data["users"][0]["email"]) == (["HTTP/1.0 200 OK"], box.email)


async def test_one_connection_serves_many_requests(box):
    host, port = box.url.split("/")[2].split(":")
    ask = f"GET /api/clients/{CLIENT}?include=id HTTP/1.1\r\nHost: x\r\nAuthorization: {basic(box.api_key)}\r\n\r\n"
    reader, writer = await asyncio.open_connection(host, int(port))
    for _ in range(3):
        writer.write(ask.encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert await reader.readexactly(27) == b'{"clients":[{"id":151303}]}'
    writer.close()


async def test_who_expects_to_be_asked_for_the_body_is_asked(box):
    heard = await speak(box, "POST /api/clients", b'{"name":"Patient"}', Expect="100-continue", **_json())
    assert heard.lines == ["HTTP/1.1 100 Continue", "HTTP/1.1 201 Created"]
    assert (await speak(box, "POST /api/clients", b"{}", Expect="magic", **_json())).status == 417


async def test_a_body_comes_in_chunks_of_unknown_number(box):
    body = b'8\r\n{"name":\r\n9;x=y\r\n"Chunky"}\r\n0\r\n\r\n'
    heard = await speak(box, "POST /api/clients", body, Transfer_Encoding="chunked", **_json())
    assert (heard.status, heard.data["clients"][0]["name"]) == (201, "Chunky")


async def test_a_body_may_be_compressed(box):
    body = gzip.compress(b'{"name":"Small"}')
    heard = await speak(box, "POST /api/clients", body, Content_Encoding="gzip", **_json())
    assert (heard.status, heard.data["clients"][0]["name"]) == (201, "Small")
    broken = await speak(box, "POST /api/clients", b"no gzip", Content_Encoding="gzip", **_json())
    assert (broken.status, broken.data["message"]) == (400, "The request body is not in its Content-Encoding")


@pytest.mark.parametrize("box", [{"max_body": 1000}], indirect=True)
async def test_a_huge_body_is_refused_before_it_is_read(box):
    # A client that does not wait for leave to send: then the server has no body to wait for before it closes.
    announced = await speak(box, "POST /api/clients", b" " * 1001, Expect="100-continue", **_json())
    assert (announced.lines, announced.data["message"]) == (
        ["HTTP/1.1 413 Request Entity Too Large"],
        "The request is larger than 1000 bytes",
    )
    in_chunks = b"400\r\n" + b" " * 1024 + b"\r\n0\r\n\r\n"
    assert (await speak(box, "POST /api/clients", in_chunks, Transfer_Encoding="chunked", **_json())).status == 413
    bomb = gzip.compress(b" " * 100_000)
    assert (await speak(box, "POST /api/clients", bomb, Content_Encoding="gzip", **_json())).status == 413
    assert (await speak(box, "POST /api/clients", b'{"name":"y"}'.ljust(1000), **_json())).status == 201
    assert [seen.status for seen in box.requests] == [413, 413, 413, 201]


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("clients", b'{"name":"a\\ud800b"}'),
        ("tasks", b'{"name":"x","tasklist_id":99999999999999999999}'),
        ("tasks", b'{"name":"x","tasklist_id":1e999999999}'),
        ("tasks", b'{"name":"x","tasklist_id":499,"users":[99999999999999999999]}'),
        ("tasks", b'{"name":"x","tasklist_id":499,"price_per_hour":1e400}'),
        ("tasks", b'{"name":"x","tasklist_id":499,"price_per_hour":1e-400}'),
        ("entries", b'{"task_id":2093082,"start_time":1e30,"end_time":2}'),
        ("entries", b'{"task_id":2093082,"date":"2015-01-01","duration":99999999999999999999}'),
        ("entries", b'{"task_id":2093082,"start_time":"0001-01-01T00:00:00+14:00","end_time":"2015-01-01"}'),
        ("entries", b'{"task_id":2093082,"start_time":"0001-01-01T00:00:00","end_time":"2015-01-01"}'),
    ],
)
async def test_what_no_column_can_hold_is_the_callers_mistake(box, path, given):
    heard = await speak(box, f"POST /api/{path}", given, **_json())
    assert (heard.status, list(heard.data)) == (400, ["message"])


def _json() -> dict[str, str]:
    return {"Content_Type": "application/json"}


LINES = [("Design", 90, 2), ("Print", 10.5, 4)]
ESTIMATE = [
    (
        JSON,
        (
            b'{"client_id":151303,"currency":"EUR","items":[{"item":"Design","price_unit":90,"quantity":2},'
            b'{"item":"Print","price_unit":10.50,"quantity":4}]}'
        ),
    ),
    (
        FORM,
        (
            b"client_id=151303&currency=EUR&items[0][item]=Design&items[0][price_unit]=90&items[0][quantity]=2"
            b"&items[1][item]=Print&items[1][price_unit]=10.50&items[1][quantity]=4"
        ),
    ),
    (
        XML,
        (
            b"<request><client_id>151303</client_id><currency>EUR</currency><items>"
            b"<item><item>Design</item><price_unit>90</price_unit><quantity>2</quantity></item>"
            b"<item><item>Print</item><price_unit>10.50</price_unit><quantity>4</quantity></item></items></request>"
        ),
    ),
]


@pytest.mark.parametrize(("headers", "body"), ESTIMATE)
async def test_lines_of_an_estimate_come_in_every_content_type(call, headers, body):
    reply = await call("POST", "estimates", data=body, headers=headers, include="*,estimateitems")
    assert reply.status == 201, reply.body
    (estimate,) = reply.data["estimates"]
    lines = [(line["item"], line["price_unit"], line["quantity"]) for line in estimate["estimateitems"]]
    assert (lines, estimate["total"]) == (LINES, 222)


REPORT = [
    (JSON, b'{"type":"temp","start_date":1388534400,"end_date":1798761599,"users":[23130],"include":{"users":true}}'),
    (
        FORM,
        b"type=temp&start_date=1388534400&end_date=1798761599&users[]=23130&include[users]=1&include[days]=0",
    ),
    (
        XML,
        (
            b"<request><type>temp</type><start_date>1388534400</start_date><end_date>1798761599</end_date>"
            b"<users><item>23130</item></users><include><users>true</users><days>false</days></include></request>"
        ),
    ),
]


async def test_a_report_comes_in_every_content_type(call):
    contents = []
    for headers, body in REPORT:
        reply = await call("POST", "reports", data=body, headers=headers)
        assert reply.status == 201, reply.body
        contents.append(reply.data["reports"][0]["content"])
    assert contents[0] == contents[1] == contents[2]
    assert {item["type"] for item in contents[0]["items"]} == {"user", "total"}


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (JSON, b'{"due_date":null,"users":[],"billable":false}'),
        (FORM, b"due_date=&users=&billable="),
        (FORM, b"due_date=&users[]=&billable=0"),
        (XML, b"<request><due_date/><users/><billable>false</billable></request>"),
        (XML, b'<request><due_date nil="true"/><users type="array"/><billable>0</billable></request>'),
    ],
)
async def test_null_and_the_empty_list_come_in_every_content_type(call, headers, body):
    task = await call.create("tasks", name="x", tasklist_id=499, due_date="2027-01-31", users=[23129], billable=True)
    reply = await call("PUT", f"tasks/{task['id']}", data=body, headers=headers)
    assert reply.status == 200, reply.body
    changed = reply.data["tasks"][0]
    assert (changed["due_date"], changed["users"], changed["billable"]) == (None, [], False)


async def test_what_was_answered_in_xml_can_be_sent_back(call):
    accept = {"Accept": "application/xml"}
    answer = ET.fromstring((await call("GET", "projects/397706", headers=accept, include="name,users")).body)
    project = answer.find("projects/item")
    project.tag = "request"
    project.find("name").text = "Renamed & moved"
    assert [child.tag for child in project] == ["name", "users"]
    reply = await call("PUT", "projects/397706", data=ET.tostring(project), headers=XML)
    assert (reply.status, reply.data["projects"][0]["users"]) == (200, [23129])
    assert reply.data["projects"][0]["name"] == "Renamed & moved"


async def test_refusals_come_in_xml_too_also_those_of_the_limit_and_of_faults():
    async with Sandbox(rate_limit=RateModel(2, 60.0)) as box:
        box.faults.add("500", call=2)
        for status in (401, 500, 429):
            heard = await speak(box, "GET /api/me", Accept="text/xml", Authorization=None)
            assert (heard.status, heard.headers["Content-Type"]) == (status, "text/xml; charset=utf-8")
            assert ET.fromstring(heard.body).findtext("message")


async def test_a_created_object_in_xml_has_its_location(call):
    reply = await call("POST", "clients", data=b"name=Form+%26+Co", headers={**FORM, "Accept": "text/xml"})
    made = ET.fromstring(reply.body).findtext("clients/item/id")
    assert (reply.status, reply.headers["Location"]) == (201, f"{call.box.url}clients/{made}")


@pytest.mark.parametrize("box", [{"compress": True}], indirect=True)
async def test_gzip_comes_to_those_who_accept_it_when_it_is_switched_on(box):
    whole = await speak(box, "GET /api/tasks")
    assert "Content-Encoding" not in whole.headers
    for accepted in ("gzip, deflate", "br;q=1.0, gzip;q=0.8, *;q=0.1", "*"):
        heard = await speak(box, "GET /api/tasks", Accept_Encoding=accepted)
        assert (heard.headers["Content-Encoding"], heard.headers["Vary"]) == ("gzip", "Accept-Encoding")
        assert gzip.decompress(heard.body) == whole.body
        assert len(heard.body) < len(whole.body)
    for accepted in ("gzip;q=0", "gzip; q=0.0", "br", "identity"):
        assert (await speak(box, "GET /api/tasks", Accept_Encoding=accepted)).body == whole.body
    assert "Content-Encoding" not in (await speak(box, "GET /api/me", Accept_Encoding="gzip")).headers


@pytest.mark.parametrize("box", [{"drift": True}], indirect=True)
async def test_types_drift_in_every_answer_when_it_is_switched_on(call):
    found = await call.one("projects/397706", include="*,client")
    assert (found["id"], found["created_on"], "updated_on" in found) == ("397706", None, False)
    assert found["client"]["new_this_month"] == {"beta": "1"}
    assert (await call.get("company"))["id"] == "123"
    reply = await call("GET", "projects/397706", headers={"Accept": "text/xml"})
    assert ET.fromstring(reply.body).find("projects/item/created_on").text is None


@pytest.mark.parametrize(
    ("path", "odd"),
    [
        ("estimatetemplatesgallery", ":estimatetemplates"),
        ("invoicetemplatesgallery", ":invoicetemplates"),
        ("projecttemplates", "project_templates"),
        ("recurringprofiles", "recurring_profiles"),
        ("projects", "projects"),
    ],
)
async def test_a_response_key_is_odd_or_the_path(path, odd):
    for odd_keys, key in ((True, odd), (False, path)):
        async with Sandbox(odd_keys=odd_keys) as box:
            heard = await speak(box, f"GET /api/{path}")
            assert list(heard.data) == [key]
            async with PaymoClient(box.api_key, base_url=box.url) as paymo:
                assert len(await getattr(paymo, path).list()) == len(heard.data[key])
