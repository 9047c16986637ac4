"""Users, sessions, clients and their contacts."""

from __future__ import annotations

import aiohttp
import pytest

OWNER, JUDITH = 23129, 23130


async def employee(call, **given):
    return await call.create("users", **{"email": "kelly@example.com", "password": "secret", **given})


def signed_in(call, email="kelly@example.com", password="secret"):
    call.auth = aiohttp.BasicAuth(email, password)
    return call


class TestUsers:
    async def test_a_password_opens_and_is_never_answered_or_kept_as_it_is(self, call):
        made = await employee(call)
        assert "password" not in made
        assert call.box.account.get("users", made["id"])["password"] != "secret"
        assert (await signed_in(call).one("me"))["id"] == made["id"]
        assert (await signed_in(call, password="Secret")("GET", "me")).status == 401

    async def test_an_archived_user_cannot_sign_in(self, call):
        made = await employee(call)
        token = (await signed_in(call).create("sessions"))["id"]
        key = aiohttp.BasicAuth(call.box.api_key, "x")
        call.auth = key
        await call.update(f"users/{made['id']}", active=False)
        call.auth = None
        assert (await call("GET", "me", headers={"X-Session": token})).status == 401
        assert (await signed_in(call)("GET", "me")).status == 401
        call.auth = key
        await call.update(f"users/{made['id']}", active=True)
        assert (await signed_in(call)("GET", "me")).status == 200

    @pytest.mark.parametrize("kind", ["Admin", "Employee", "Guest"])
    async def test_a_user_is_of_one_of_three_types(self, call, kind):
        assert (await employee(call, type=kind))["type"] == kind

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({}, "Missing required params: email"),
            ({"email": "k@example.com", "type": "Boss"}, "Invalid value for `type`"),
            ({"email": "k@example.com", "assigned_projects": [9]}, "Invalid reference: `assigned_projects`"),
            ({"email": "k@example.com", "is_online": True}, "Field is read only: `is_online`"),
            ({"email": "k@example.com", "salary": 3}, "Unknown field or reference: `salary`"),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, call, given, said):
        assert await call.refused("POST", "users", 400, json=given) == said

    @pytest.mark.parametrize("box", [{"plan": {"max_users": 2}}], indirect=True)
    async def test_archived_users_do_not_count_until_they_are_back(self, call):
        made = await employee(call, active=False)
        assert "Maximum number of users" in await call.refused("PUT", f"users/{made['id']}", 403, json={"active": True})
        await call.update(f"users/{JUDITH}", active=False)
        assert (await call.update(f"users/{made['id']}", active=True))["active"] is True
        assert (await call.get("company"))["current_users"] == 2

    async def test_nobody_deletes_oneself_the_owner_or_the_last_admin(self, call):
        assert "this is you" in await call.refused("DELETE", f"users/{OWNER}", 403)
        admin = await employee(call, type="Admin")
        await signed_in(call).update(f"users/{OWNER}", type="Employee")
        assert "owner" in await call.refused("DELETE", f"users/{OWNER}", 403)
        signed_in(call, call.box.email, call.box.password)
        assert "last active Admin" in await call.refused("DELETE", f"users/{admin['id']}", 403)
        await call.update(f"users/{JUDITH}", type="Admin")
        assert (await call("DELETE", f"users/{admin['id']}")).status == 200

    async def test_a_deleted_one_leaves_lists_and_assignments_and_the_time_stays(self, call):
        await call.update("tasks/2093082", user_id=JUDITH)
        template = await call.create("projecttemplates", name="Like it", project_id=397706)
        assert (await call("DELETE", f"users/{JUDITH}")).status == 200
        assert {tuple(task["users"]) for task in await call.get("tasks")} == {()}
        assert (await call.one("tasks/2093082"))["user_id"] is None
        of_template = await call.get("projecttemplatestasks", where=f"template_id={template['id']}")
        assert {tuple(task["users"]) for task in of_template} == {()}
        assert await call.get("userstasks", where=f"user_id={JUDITH}") == []
        assert len(await call.ids("entries", f"user_id={JUDITH}")) == 6

    async def test_me_is_read_only(self, call):
        assert (await call.one("me"))["id"] == OWNER
        for method in ("PUT", "POST", "DELETE"):
            await call.refused(method, "me", 405, json={})


class TestSessions:
    async def test_one_ends_after_thirty_days_and_by_its_delete(self, call):
        call.box.clock.freeze()
        first, second = [await call.create("sessions") for _ in range(2)]
        call.auth = None
        assert (await call("GET", "me", headers={"X-Session": first["id"]})).status == 200
        assert (await call("DELETE", f"sessions/{first['id']}", headers={"X-Session": second["id"]})).status == 200
        assert (await call("GET", "me", headers={"X-Session": first["id"]})).status == 401
        call.box.clock.move(days=29, hours=23)
        assert (await call("GET", "me", headers={"X-Session": second["id"]})).status == 200
        call.box.clock.move(hours=2)
        assert (await call("GET", "me", headers={"X-Session": second["id"]})).status == 401

    async def test_one_cannot_be_changed_and_takes_nothing(self, call):
        made = await call.create("sessions")
        assert set(made) == {"id", "created_on", "updated_on", "ip", "user_id", "expires_on"}
        await call.refused("PUT", f"sessions/{made['id']}", 405, json={})
        assert "read only" in await call.refused("POST", "sessions", 400, json={"user_id": JUDITH})

    async def test_those_of_others_are_not_there(self, call):
        mine = await call.create("sessions")
        await employee(call)
        signed_in(call)
        theirs = await call.create("sessions")
        assert [one["id"] for one in await call.get("sessions")] == [theirs["id"]]
        await call.refused("GET", f"sessions/{mine['id']}", 404)
        await call.refused("DELETE", f"sessions/{mine['id']}", 404)


async def contact(call, **given):
    return await call.create("clientcontacts", **{"name": "James Mick", "client_id": 10874, **given})


class TestContacts:
    async def test_the_first_is_the_main_one_until_another_is(self, call):
        first, second = await contact(call), await contact(call, name="Ann")
        assert (first["is_main"], second["is_main"]) == (True, False)
        third = await contact(call, name="Bob", is_main=True)
        await contact(call, client_id=10875)
        assert await call.ids("clientcontacts", "client_id=10874 and is_main=true") == [third["id"]]
        await call.update(f"clientcontacts/{second['id']}", is_main=True)
        assert await call.ids("clientcontacts", "client_id=10874 and is_main=true") == [second["id"]]

    async def test_address_and_password_open_the_portal(self, call):
        made = await contact(call, email="james@ea.example")
        assert made["access"] is False
        opened = await call.update(f"clientcontacts/{made['id']}", access=True, password="secret")
        assert opened["access"] is True
        assert "password" not in opened
        kept = call.box.account.get("clientcontacts", made["id"])["password"]
        assert kept
        assert kept != "secret"
        assert (await call.update(f"clientcontacts/{made['id']}", phone="1"))["access"] is True
        assert call.box.account.get("clientcontacts", made["id"])["password"] == kept

    async def test_access_without_either_is_refused(self, call):
        with_address, without = await contact(call, email="james@ea.example"), await contact(call)
        given = {"access": True, "password": "secret"}
        assert "password" in await call.refused(
            "PUT", f"clientcontacts/{with_address['id']}", 400, json={"access": True}
        )
        assert "email" in await call.refused("PUT", f"clientcontacts/{without['id']}", 400, json=given)
        whole = {"name": "x", "client_id": 10874, "access": True}
        assert "password" in await call.refused("POST", "clientcontacts", 400, json=whole)

    async def test_closing_the_portal_forgets_the_password(self, call):
        made = await contact(call, email="james@ea.example", access=True, password="secret")
        assert (await call.update(f"clientcontacts/{made['id']}", access=False))["access"] is False
        assert "password" in await call.refused("PUT", f"clientcontacts/{made['id']}", 400, json={"access": True})

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"client_id": 10874}, "Missing required params: name"),
            ({"name": "x"}, "Missing required params: client_id"),
            ({"name": "x", "client_id": 9}, "Invalid reference: `client_id`"),
            ({"name": "x", "client_id": 10874, "image": "x"}, "Field is read only: `image`"),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, call, given, said):
        assert await call.refused("POST", "clientcontacts", 400, json=given) == said


class TestClients:
    async def test_a_name_is_needed_and_kept(self, call):
        assert await call.refused("POST", "clients", 400, json={}) == "Missing required params: name"
        assert await call.refused("PUT", "clients/10874", 400, json={"name": ""}) == "Missing required params: name"
        assert "read only" in await call.refused("PUT", "clients/10874", 400, json={"due_interval": 3})
