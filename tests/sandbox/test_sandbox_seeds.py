"""What a sandbox starts with: the documented objects, the generator, a state file."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import aiohttp
import pytest

from paymo_async.sandbox import Sandbox, Size
from paymo_async.sandbox.documented import BESIDE
from paymo_async.sandbox.where import Filter

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "paymo-api" / "examples.json"
SMALL = Size(users=6, clients=8, projects=10, tasks=60, entries=300, estimates=30, reports=6)
small = pytest.mark.parametrize("box", [{"seed": SMALL}], indirect=True)
SECRETS = {"download_token", "permalink"}


@pytest.fixture(scope="module")
def documented():
    if not EXAMPLES.exists():
        pytest.skip(f"the documented bodies are not beside this checkout ({EXAMPLES.name})")
    return json.loads(EXAMPLES.read_text())


def response(documented, heading):
    (found,) = (item["json"] for item in documented if item["heading"] == heading and item["kind"] == "response")
    return found


@pytest.mark.parametrize(
    ("heading", "path"),
    [
        ("Getting estimates", "estimates"),
        ("Getting an estimate", "estimates/1500?include=estimateitems"),
        ("Getting reports", "reports"),
        ("Getting projects", "projects"),
    ],
)
async def test_documented_objects_are_answered_as_documented(call, documented, heading, path):
    (wanted,) = response(documented, heading).values()
    path, _, query = path.partition("?")
    found = await call.get(path, **dict(part.split("=") for part in query.split("&") if part))
    assert len(found) == len(wanted)
    for mine, theirs in zip(found, wanted, strict=True):
        for name, value in theirs.items():
            if name in SECRETS:
                assert isinstance(mine[name], str)
            else:
                assert mine[name] == value, name


async def test_the_documented_company_has_the_documented_names_and_types(call, documented):
    wanted = response(documented, "Getting company info")["company"]
    found = await call.get("company")
    assert wanted.keys() <= found.keys()
    assert {name: type(value) for name, value in wanted.items() if name != "image"} == {
        name: type(found[name]) for name in wanted if name != "image"
    }


@pytest.mark.parametrize(
    ("heading", "path"),
    [
        ("Creating a time entry", "entries"),
        ("Creating a report", "reports"),
        ("Creating a user", "users"),
        ("Creating a task", "tasks"),
        ("Updating a client", "clients/151303"),
        ("Archiving or activating a client", "clients/151303"),
        ("Archiving or activating a project", "projects/397706"),
        ("Updating company", "company"),
        ("Updating a task", "tasks/2093082"),
        ("Updating a time entry", "entries/15200865"),
        ("Updating a user", "users/23130"),
        ("Flat rate tasks", "tasks"),
        ("Time and materials projects", "projects"),
    ],
)
async def test_documented_requests_are_accepted(call, documented, heading, path):
    here = {
        "task_id": 2093082,
        "tasklist_id": 499,
        "users": [23130],
        "assigned_projects": [397707],
        "client_id": 151303,
    }
    requests = [item["json"] for item in documented if item["heading"] == heading and item["kind"] == "request"]
    assert requests
    for given in requests:
        body = {name: here.get(name, value) for name, value in given.items()}
        reply = await call("PUT" if "/" in path or path == "company" else "POST", path, json=body)
        assert reply.status in (200, 201), reply.body


@small
async def test_the_generator_makes_what_it_is_told(call):
    for path, number in zip(
        ("users", "clients", "projects", "tasks", "entries", "estimates", "reports"), SMALL[:7], strict=True
    ):
        assert len(await call.ids(path)) == number
    lines = [len(item["estimateitems"]) for item in await call.get("estimates", include="estimateitems.id")]
    assert min(lines) >= 6
    assert max(lines) <= 14


@small
async def test_generated_objects_hang_together(call):
    entries = await call.get("entries", include="*,task.project,user")
    for entry in entries:
        assert entry["project_id"] == entry["task"]["project"]["id"]
        assert entry["user_id"] in (entry["task"]["users"] or entry["task"]["project"]["users"])
        assert entry["duration"] >= 60
    for estimate in (await call.get("estimates"))[:5]:
        assert {**await call.update(f"estimates/{estimate['id']}", notes="x"), "notes": "", "updated_on": 0} == {
            **estimate,
            "updated_on": 0,
        }
    for user in await call.get("users"):
        projects = await call.ids("projects", f"users={user['id']}")
        assert user["assigned_projects"] == projects
    company = await call.get("company")
    assert (company["current_users"], company["next_estimate_number"]) == (6, "31")
    assert company["current_projects"] == len(await call.ids("projects", "active=true"))


@small
async def test_generated_reports_have_content_and_numbers_are_not_used_twice(call):
    for key in await call.ids("reports"):
        report = await call.one(f"reports/{key}")
        assert report["content"]["items"][-1]["type"] == "total"
        assert report["info"] == (await call.one(f"reports/{key}", include="info"))["info"]
    made = await call.create("estimates", client_id=1, currency="USD")
    assert made["number"].endswith("-31")


@pytest.mark.parametrize(
    "size",
    [
        Size(users=1, clients=1, projects=1, tasks=1, entries=1, estimates=1, reports=1, lines=1),
        Size(users=1, clients=0, projects=0, tasks=0, entries=0, estimates=0, reports=0),
        Size(users=2, clients=200, projects=2, tasks=5, entries=5, estimates=0, reports=1),
    ],
)
async def test_any_size_can_be_made(size):
    async with Sandbox(seed=size) as box:
        store = box.account.store
        assert store.count(box.account.tables["entries"]) == size.entries
        names = store.query("SELECT body ->> '$.name' FROM clients")
        assert len(set(names)) == size.clients


async def contents(**options):
    async with Sandbox(seed=SMALL, clock=lambda: 1_800_000_000.0, **options) as box:
        return {
            table.path: [
                tuple(str(cell).replace(box.url, "") for cell in row)
                for row in box.account.store.query(f'SELECT id, body FROM "{table.path}" ORDER BY id')
            ]
            for table in box.account.tables
        }


async def test_the_same_number_makes_the_same_agency_and_another_another():
    first, again, other = [await contents(seed_number=number) for number in (1, 1, 2)]
    assert first == again
    assert first["tasks"] != other["tasks"]


async def test_the_fetch_seed_is_what_the_main_job_needs():
    async with Sandbox(seed="fetch") as box:
        count = box.account.store.count
        tables = box.account.tables
        assert count(tables["reports"]) >= 40
        assert count(tables["estimates"]) >= 600
        assert 8 <= count(tables["estimateitems"]) / count(tables["estimates"]) <= 12


async def test_an_empty_account_has_an_owner_and_a_company_and_takes_a_first_project():
    async with Sandbox(seed="empty") as box, aiohttp.ClientSession() as http:
        auth = aiohttp.BasicAuth(box.email, box.password)
        async with http.post(box.url + "tasks", json={"name": "x", "project_id": 1}, auth=auth) as reply:
            assert reply.status == 400
        async with http.post(box.url + "projects", json={"name": "First"}, auth=auth) as reply:
            assert reply.status == 201
        async with http.post(box.url + "tasks", json={"name": "x", "project_id": 1}, auth=auth) as reply:
            assert (await reply.json())["tasks"][0]["code"] == "F-1"


async def test_a_state_file_outlives_the_sandbox(tmp_path):
    state = tmp_path / "paymo.db"
    auth = aiohttp.BasicAuth(Sandbox().api_key, "x")
    ids = []
    for _ in range(2):
        async with Sandbox(seed="empty", state=state) as box, aiohttp.ClientSession(auth=auth) as http:
            async with http.post(box.url + "clients", json={"name": "Kept"}) as reply:
                ids.append((await reply.json())["clients"][0]["id"])
            async with http.get(box.url + "clients") as reply:
                assert len((await reply.json())["clients"]) == len(ids)
            async with http.get(box.url + "me") as reply:
                assert (await reply.json())["users"][0]["email"] == box.email
    assert ids == [1, 2]


async def test_an_account_without_a_company_still_answers():
    async with Sandbox(seed="empty") as box, aiohttp.ClientSession(auth=aiohttp.BasicAuth(box.api_key, "x")) as http:
        for path in ("company", "workflows", "projectstatuses", "workflowstatuses"):
            box.account.store.query(f'DELETE FROM "{path}"')
        async with http.get(box.url + "company") as reply:
            assert reply.status == 404
        async with http.put(box.url + "company", json={"name": "x"}) as reply:
            assert reply.status == 404
        async with http.post(box.url + "projects", json={"name": "!"}) as reply:
            project = (await reply.json())["projects"][0]
            assert (project["code"], project["workflow_id"], project["status_id"]) == ("P", None, None)
        given = {"client_id": project["client_id"], "currency": "USD"}
        async with http.post(box.url + "estimates", json=given) as reply:
            assert (await reply.json())["estimates"][0]["number"] == "1"


async def test_ids_are_not_used_again(call):
    first = await call.create("clients", name="One")
    assert (await call("DELETE", f"clients/{first['id']}")).status == 200
    second = await call.create("clients", name="Two")
    assert second["id"] == first["id"] + 1


async def test_generated_pages_come_whole(call):
    sizes = itertools.pairwise([len(await call.ids("entries", page=page, page_size=4)) for page in range(3)])
    assert all(first >= second for first, second in sizes)


@pytest.mark.parametrize("path", sorted(BESIDE))
async def test_the_documented_seed_holds_the_documented_objects_by_their_ids(call, path):
    for one in BESIDE[path]:
        found = await call.one(f"{path}/{one['id']}")
        assert {name: found[name] for name in one if name != "amount"} == {
            name: value for name, value in one.items() if name != "amount"
        }


async def test_nothing_in_the_documented_seed_leads_nowhere(call):
    account = call.box.account
    for table in account.tables:
        for one in account.store.find(table, Filter()):
            for relation in table.relations.values():
                if relation is not None and relation.own and one.get(relation.fk) is not None:
                    assert account.look(relation.target, one[relation.fk]), (table.path, one["id"], relation.fk)
