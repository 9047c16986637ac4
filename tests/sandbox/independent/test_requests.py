"""Plain `requests` scripts, in the three forms of authentication and all content types."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
import requests

from paymo_async.sandbox import RateModel


@pytest.fixture
def paymo(box):
    """A session with the API key, as a script would keep one."""
    with requests.Session() as session:
        session.trust_env = False  # no proxy of this machine
        session.auth = (box.api_key, "x")
        session.headers["Accept"] = "application/json"
        yield session


def test_a_session_is_opened_used_and_ended(box):
    with requests.Session() as session:
        session.trust_env = False
        made = session.post(box.url + "sessions", auth=(box.email, box.password))
        assert made.status_code == 201
        session.headers["X-Session"] = made.json()["sessions"][0]["id"]
        assert session.get(box.url + "me").json()["users"][0]["email"] == box.email
        assert session.delete(made.headers["Location"]).status_code == 200
        assert session.get(box.url + "me").status_code == 401


def test_a_day_of_a_small_agency(box, paymo):
    """A client, a project, a task, two hours on it, an invoice over them, and its payment."""

    def create(path, **fields):
        answer = paymo.post(box.url + path, json=fields)
        assert answer.status_code == 201, answer.text
        assert answer.headers["Location"] == f"{box.url}{path}/{answer.json()[path][0]['id']}"
        return answer.json()[path][0]

    client = create("clients", name="Larkspur Press")
    project = create("projects", name="Website", client_id=client["id"], billable=True, price_per_hour=80)
    task = create("tasks", name="Draft", project_id=project["id"])
    entry = create("entries", task_id=task["id"], date="2027-03-01", duration=7200, description="<b>First</b> draft")
    invoice = create(
        "invoices",
        client_id=client["id"],
        currency="EUR",
        items=[{"item": "Draft", "price_unit": 80, "quantity": 2, "entries": [entry["id"]]}],
    )
    assert invoice["total"] == 160
    assert paymo.get(f"{box.url}entries/{entry['id']}").json()["entries"][0]["billed"] is True
    create("invoicepayments", invoice_id=invoice["id"], amount=160, date="2027-03-05")
    assert paymo.get(f"{box.url}invoices/{invoice['id']}").json()["invoices"][0]["status"] == "paid"
    assert paymo.get(invoice["pdf_link"], auth=lambda request: request).content.startswith(b"%PDF-")
    assert paymo.delete(f"{box.url}clients/{client['id']}").status_code == 200
    assert paymo.get(f"{box.url}tasks/{task['id']}").status_code == 404


def test_every_page_until_a_short_one(box, paymo):
    found, page = [], 0
    while True:
        part = paymo.get(box.url + "entries", params={"page": page, "page_size": 4}).json()["entries"]
        found += [entry["id"] for entry in part]
        if len(part) < 4:
            break
        page += 1
    assert sorted(found) == sorted(entry["id"] for entry in paymo.get(box.url + "entries").json()["entries"])
    assert page == 1


def test_parameters_are_encoded_by_the_library(box, paymo):
    params = {"where": 'name in ("AT&T Inc.", "Paymo")', "include": "id,name,projects.name"}
    found = paymo.get(box.url + "clients", params=params).json()["clients"]
    assert sorted(client["name"] for client in found) == ["AT&T Inc.", "Paymo"]
    refused = paymo.get(box.url + "clients", params={"limit": 5})
    assert (refused.status_code, refused.json()) == (400, {"message": "Unknown parameter: `limit`"})


@pytest.mark.parametrize("send", ["json", "data"])
def test_an_update_by_post_and_by_put_in_json_and_as_a_form(box, paymo, send):
    for method in ("POST", "PUT"):
        answer = paymo.request(method, box.url + "clients/151303", **{send: {"city": f"{method} Ünder"}})
        assert (answer.status_code, answer.json()["clients"][0]["city"]) == (200, f"{method} Ünder")


def test_xml_both_ways(box, paymo):
    body = '<?xml version="1.0" encoding="UTF-8"?><request><name>Café</name><tasklist_id>499</tasklist_id></request>'
    headers = {"Content-Type": "text/xml; charset=utf-8", "Accept": "text/xml"}
    answer = paymo.post(box.url + "tasks", data=body.encode(), headers=headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (201, "text/xml; charset=utf-8")
    assert ET.fromstring(answer.text.split("\n", 1)[1]).findtext("tasks/item/name") == "Café"


def test_uploads(box, paymo, image):
    with image.open("rb") as file:
        client = paymo.post(box.url + "clients/151303", files={"image": file}).json()["clients"][0]
    assert requests.get(client["image"], timeout=5).content == image.read_bytes()
    fields = {"task_id": "2093082", "description": "naïve"}
    upload = {"file": ("naïve plan.png", image.read_bytes(), "image/png")}
    made = paymo.post(box.url + "files", data=fields, files=upload).json()["files"][0]
    assert (made["original_filename"], made["description"]) == ("naïve plan.png", "naïve")
    loose = paymo.post(box.url + "files", files={"file": ("a.txt", b"text")}).json()["files"][0]
    attach = {"token": loose["token"], "project_id": 397706}
    attached = paymo.put(f"{box.url}files/{loose['id']}", json=attach).json()["files"][0]
    assert (attached["project_id"], attached["original_filename"]) == (397706, "a.txt")


@pytest.mark.parametrize("box", [{"rate_limit": RateModel(2, 60.0, "window")}], indirect=True)
def test_past_the_limit_retry_after_tells_how_long(box, paymo):
    answers = [paymo.get(box.url + "me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["X-Ratelimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
    assert answers[2].headers["X-Ratelimit-Decay-Period"] == "60"
    assert answers[2].json()["message"]


def test_a_webhook_is_registered_and_removed(box, paymo):
    hook = {"target_url": "http://127.0.0.1:9/paymo", "event": "model.insert.Task", "secret": "s"}
    made = paymo.post(box.url + "hooks", json=hook)
    assert made.status_code == 201, made.text
    (seen,) = paymo.get(box.url + "hooks").json()["hooks"]
    assert (seen["event"], "secret" in seen) == ("model.insert.Task", False)
    assert paymo.delete(f"{box.url}hooks/{seen['id']}").status_code == 200
    assert paymo.get(box.url + "hooks").json() == {"hooks": []}


def test_errors_have_messages(box, paymo):
    for status, answer in (
        (400, paymo.get(box.url + "tasks", params={"where": "foo=1"})),
        (400, paymo.post(box.url + "tasks", json={"name": "x", "foo": 1})),
        (400, paymo.post(box.url + "tasks", data="{", headers={"Content-Type": "application/json"})),
        (401, paymo.get(box.url + "me", auth=("wrong", "x"))),
        (404, paymo.get(box.url + "tasks/1")),
        (405, paymo.patch(box.url + "tasks/1", json={})),
        (415, paymo.post(box.url + "tasks", data="x", headers={"Content-Type": "text/plain"})),
    ):
        assert (answer.status_code, list(answer.json())) == (status, ["message"])
