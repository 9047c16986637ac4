"""Habits of programs that are in use: how scripts and wrappers of several languages were seen to ask the live service.

No line of theirs is here, only what they put on the wire.
"""

from __future__ import annotations

import base64
import http.client
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode, urlsplit

import pytest


@pytest.fixture
def ask(box):
    """One request by the standard library, written just as it is given."""

    def asked(method, target, body=None, **headers):
        host = urlsplit(box.url).netloc
        connection = http.client.HTTPConnection(host, timeout=20)
        connection._validate_path = lambda _: None  # some programs do not look at what they ask
        sent = {"Authorization": "Basic " + base64.b64encode(f"{box.api_key}:X".encode()).decode(), **headers}
        try:
            connection.request(method, "/api" + target, body, {name.replace("_", "-"): sent[name] for name in sent})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(text) if text[:1] == b"{" else text.decode()

    return asked


def authorization(name):
    return "Basic " + base64.b64encode(name.encode()).decode()


@pytest.mark.parametrize("path", ["/projects/", "//projects", "/projects?", "/projects?where=&include="])
def test_base_urls_with_and_without_slashes(ask, path):
    status, data = ask("GET", path)
    assert (status, len(data["projects"])) == (200, 2)


@pytest.mark.parametrize("password", ["X", "random", "foo", "", "undefined", "test"])
def test_a_key_with_whatever_password_the_library_has(box, ask, password):
    status, _ = ask("GET", "/me", Authorization=authorization(f"{box.api_key}:{password}"))
    assert status == 200


def test_a_content_type_on_requests_that_have_no_body(ask):
    kind = {"Content_Type": "application/json", "Accept": "application/json"}
    assert ask("GET", "/me", **kind)[0] == 200
    made = ask("POST", "/clients", '{"name":"x"}', **kind)[1]["clients"][0]
    assert ask("DELETE", f"/clients/{made['id']}", **kind)[0] == 200


def test_a_session_header_in_any_case_from_a_browser(ask):
    _, made = ask("POST", "/sessions", "", Content_Type="application/x-www-form-urlencoded")
    token = made["sessions"][0]["id"]
    browser = {"Origin": "http://localhost:8080", "Referer": "http://localhost:8080/", "User_Agent": "Mozilla/5.0"}
    status, data = ask("GET", "/tasklists/", Authorization="", **{"X-session": token}, **browser)
    assert (status, "tasklists" in data) == (200, True)


@pytest.mark.parametrize(
    "encode",
    [
        lambda where: urlencode({"where": where}),  # spaces as +, all else in percent
        lambda where: "where=" + quote(where),
        lambda where: "where=" + where.replace(" ", "%20").replace('"', "%22"),  # axios and browsers
        lambda where: "where=" + where.replace(" ", "+").replace('"', "%22"),
    ],
)
def test_an_interval_in_each_way_to_encode_it(ask, encode):
    where = 'user_id=23130 and time_interval in ("2014-12-01T00:00:00Z","2015-01-01T00:00:00Z")'
    status, data = ask("GET", f"/entries?{encode(where)}&include=id")
    assert (status, len(data.get("entries", []))) == (200, 2), data


def test_blanks_that_are_not_encoded_are_no_request(ask):
    status, text = ask("GET", "/entries?where=user_id=1 and task_id=2")
    assert (status, "Bad" in text or "Invalid" in text or "Expected" in text) == (400, True)


@pytest.mark.parametrize(
    "where",
    [
        "project_id=397706 and time_interval in ('2014-12-01','2015-01-01')",
        'start_time>="2014-12-01T00:00:00Z"',
        'user_id=23130 and end_time=""',
    ],
)
def test_filters_that_the_documents_do_not_have_are_refused_and_named(ask, where):
    status, data = ask("GET", "/entries?" + urlencode({"where": where}))
    assert status == 400
    assert data["message"].startswith('Invalid condition in "where" param: ')


def test_attributes_picked_with_dots(ask):
    _, data = ask("GET", "/projects?include=id,name,client.id,client.name&where=active=true")
    assert data["projects"] == [
        {"id": 397706, "name": "Understanding Paymo", "client": {"id": 151303, "name": "Paymo"}}
    ]


def test_the_parameter_that_nobody_explains_passes(ask):
    assert ask("GET", "/tasks?partial_include=project(id,name)")[0] == 200


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2027-03-01T09:00:00.000Z", "2027-03-01T10:00:00.999Z"),  # JavaScript
        ("2027-03-01T09:00:00.123456+00:00", "2027-03-01T10:00:00.123456+00:00"),  # Python
        ("2027-03-01T10:00:00+0100", "2027-03-01T11:00:00+01:00"),  # PHP
        ("2027-03-01T09:00:00", "2027-03-01T10:00:00"),
        ("2027-03-01 09:00:00", "2027-03-01 10:00:00"),
    ],
)
def test_moments_as_languages_write_them(ask, start, end):
    entry = json.dumps({"task_id": "2093082", "start_time": start, "end_time": end})
    status, data = ask("POST", "/entries", entry, Content_Type="application/json")
    assert status == 201, data
    made = data["entries"][0]
    assert (made["start_time"], made["end_time"], made["duration"]) == (
        "2027-03-01T09:00:00Z",
        "2027-03-01T10:00:00Z",
        3600,
    )


def test_a_timer_that_is_started_found_and_stopped(box, ask):
    began = datetime.fromtimestamp(box.clock(), UTC) - timedelta(minutes=5)
    kind = {"Content_Type": "application/json"}
    me = ask("GET", "/me")[1]["users"][0]["id"]
    timer = {"task_id": 2093082, "start_time": began.strftime("%Y-%m-%dT%H:%M:%SZ"), "description": ""}
    status, data = ask("POST", "/entries", json.dumps(timer), **kind)
    assert (status, data["message"].endswith("or user_id, start_time")) == (400, True)
    start = json.dumps({**timer, "user_id": me})
    assert ask("POST", "/entries", start, **kind)[0] == 201
    assert ask("POST", "/entries", start, **kind)[0] == 409
    running = ask("GET", f"/entries?where=user_id={me}%20and%20end_time=null&include=task.project")[1]["entries"]
    assert [entry["task"]["project"]["id"] for entry in running] == [397706]
    end = json.dumps({"end_time": (began + timedelta(minutes=4)).isoformat()})
    assert ask("PUT", f"/entries/{running[0]['id']}", end, **kind)[1]["entries"][0]["duration"] == 240


def test_values_in_the_query_of_a_post_are_refused_by_name(ask):
    status, data = ask("POST", "/entries?task_id=2093082&date=2027-03-01&duration=3600")
    assert (status, data["message"]) == (400, "Unknown parameter: `task_id`")


def test_json_that_is_called_a_form_is_refused_by_name(ask):
    status, data = ask("POST", "/clients", '{"name":"x"}', Content_Type="application/x-www-form-urlencoded")
    assert (status, data["message"]) == (400, 'Unknown field or reference: `{"name":"x"}`')
