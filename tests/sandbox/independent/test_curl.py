"""curl, as BEHAVIOUR.md and a shell have it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest


@pytest.fixture
def curl(box, run):
    """`curl` with the API key; paths are below the API's root."""

    def ask(path, *options, user=f"{box.api_key}:x"):
        who = ("-u", user) if user else ()
        return run("curl", "-sS", "--globoff", "--max-time", "20", *who, *options, box.url + path)

    return ask


def head(answer):
    """Status and headers of an answer to `curl -i`, and its body."""
    top, _, body = answer.partition(b"\r\n\r\n")
    while top.startswith(b"HTTP/1.1 100"):
        top, _, body = body.partition(b"\r\n\r\n")
    first, *lines = top.decode().split("\r\n")
    return int(first.split(" ")[1]), {line.split(": ")[0].lower(): line.split(": ")[1] for line in lines}, body


def test_who_i_am_by_each_kind_of_credentials(box, curl):
    made = json.loads(curl("sessions", "-X", "POST", user=f"{box.email}:{box.password}"))
    token = made["sessions"][0]["id"]
    by_session = ("-H", f"X-Session: {token}")
    asked = [
        curl("me"),
        curl("me", user=f"{box.api_key}:"),
        curl("me", user=f"{box.email}:{box.password}"),
        curl("me", *by_session, user=None),
    ]
    assert {json.loads(answer)["users"][0]["email"] for answer in asked} == {box.email}
    assert head(curl(f"sessions/{token}", "-i", "-X", "DELETE", *by_session, user=None))[0] == 200
    assert head(curl("me", "-i", *by_session, user=None))[0] == 401


def test_a_client_is_made_changed_and_deleted_with_json(curl):
    json_type = ("-H", "Content-Type: application/json", "-H", "Accept: application/json")
    status, headers, body = head(curl("clients", "-i", *json_type, "-d", '{"name": "Best Client"}'))
    made = json.loads(body)["clients"][0]
    path = f"clients/{made['id']}"
    assert (status, headers["location"].endswith(f"/api/{path}"), made["name"]) == (201, True, "Best Client")
    for verb in ("PUT", "POST"):
        changed = json.loads(curl(path, "-X", verb, *json_type, "-d", json.dumps({"city": verb})))
        assert changed["clients"][0]["city"] == verb
    assert head(curl(path, "-i", "-X", "DELETE"))[0] == 200
    status, _, body = head(curl(path, "-i"))
    assert (status, json.loads(body)) == (404, {"message": "Not found"})


def test_forms_are_what_curl_sends_by_default(curl):
    made = json.loads(
        curl("tasks", "-d", "name=Call back", "-d", "tasklist_id=499", "-d", "users[]=23129", "-d", "users[]=23130")
    )
    assert made["tasks"][0]["users"] == [23129, 23130]
    path = f"tasks/{made['tasks'][0]['id']}"
    done = json.loads(curl(path, "-X", "PUT", "-d", "complete=true", "--data-urlencode", "description=50 % & more"))
    assert (done["tasks"][0]["complete"], done["tasks"][0]["description"]) == (True, "50 % & more")


def test_xml_in_and_out(curl):
    answer = curl(
        "projects",
        *("-H", "Content-Type: text/xml", "-H", "Accept: text/xml"),
        *("-d", "<request><name>Relaunch</name><client_id>151303</client_id></request>"),
    )
    project = ET.fromstring(answer).find("projects/item")
    assert (project.findtext("name"), project.findtext("client_id")) == ("Relaunch", "151303")
    refused = curl("projects", "-H", "Accept: application/xml", "-H", "Content-Type: text/xml", "-d", "<request>")
    assert ET.fromstring(refused).findtext("message") == "Invalid XML in request body"


def test_a_filter_and_includes_as_a_query(curl):
    query = (
        *("-G", "--data-urlencode", "include=name,project.client.name"),
        *("--data-urlencode", 'where=project_id=397706 and name like "%A%"'),
    )
    tasks = json.loads(curl("tasks", *query))["tasks"]
    assert tasks
    for task in tasks:
        assert task["project"]["client"] == {"name": "Paymo"}
    written = json.loads(curl("clients?where=name%20like%20%22Pay%25%22&include=name"))
    assert written == {"clients": [{"name": "Paymo"}]}


def test_an_image_a_file_and_a_receipt_go_up(curl, image):
    client = json.loads(curl("clients/151303", "-H", "Accept: application/json", "-F", f"image=@{image}"))
    assert client["clients"][0]["image_thumb_large"].startswith("http")
    new = json.loads(curl("clients", "-F", "name=With a logo", "-F", f"image=@{image};type=image/png"))
    assert new["clients"][0]["image"].endswith(".png")
    file = json.loads(curl("files", "-F", f"file=@{image};filename=plan.png", "-F", "project_id=397706"))["files"][0]
    assert (file["original_filename"], file["project_id"]) == ("plan.png", 397706)
    receipt = json.loads(
        curl("expenses", "-F", "client_id=151303", "-F", "amount=9.50", "-F", "currency=EUR", "-F", f"file=@{image}")
    )
    assert (receipt["expenses"][0]["amount"], bool(receipt["expenses"][0]["file"])) == (9.5, True)
    unknown = json.loads(curl("clients/151303", "-F", f"picture=@{image}"))
    assert unknown == {"message": "Unknown field or reference: `picture`"}


def test_a_large_file_is_announced_and_then_sent(curl, tmp_path):
    path = tmp_path / "large.bin"
    path.write_bytes(b"x" * 2_000_000)
    answer = curl("files", "-i", "-H", "Expect: 100-continue", "-F", f"file=@{path}")
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n")
    assert head(answer)[0] == 201


def test_documents_come_as_files_and_by_links_that_need_no_key(curl, run, tmp_path):
    report = json.loads(curl("reports/115376"))["reports"][0]
    assert curl("reports/115376?format=pdf").startswith(b"%PDF-")
    assert curl("reports/115376?format=xlsx").startswith(b"PK")
    page = run("curl", "-sS", "--globoff", report["permalink"])
    assert page.startswith(b"<!doctype html>")
    curl("reports/115376?format=pdf", "-O", "-J")
    assert [path.suffix for path in tmp_path.iterdir()] == [".pdf"]


def test_a_program_that_waits_to_be_asked_for_its_credentials(curl):
    assert json.loads(curl("me", "--anyauth"))["users"]


def test_a_program_that_would_rather_speak_http_2(curl, run):
    if b" HTTP2" not in run("curl", "--version"):
        pytest.skip("this curl has no HTTP/2")
    assert json.loads(curl("me", "--http2"))["users"]
    assert json.loads(curl("clients", "--http2", "-d", "name=Modern"))["clients"][0]["name"] == "Modern"


def test_a_file_as_the_whole_body_and_the_key_in_the_url(box, run, tmp_path):
    (tmp_path / "change.json").write_text('{"city": "Aachen"}')
    url = box.url.replace("://", f"://{box.api_key}:x@") + "clients/151303"
    assert json.loads(run("curl", "-sS", "-T", "change.json", url))["clients"][0]["city"] == "Aachen"


def test_old_and_compressed_http(curl):
    assert json.loads(curl("me", "--http1.0"))["users"]
    assert json.loads(curl("me", "--compressed"))["users"]
    chunked = curl(
        "clients", "-H", "Transfer-Encoding: chunked", "-H", "Content-Type: application/json", "-d", '{"name":"C"}'
    )
    assert json.loads(chunked)["clients"][0]["name"] == "C"


def test_head_tells_that_there_is_none(curl):
    assert head(curl("me", "-I"))[0] == 405
