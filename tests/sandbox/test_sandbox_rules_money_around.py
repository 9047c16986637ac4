"""Expenses, templates, what the plan allows, and what goes with a client."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

CLIENT = 10874
BILL = {"client_id": CLIENT, "currency": "EUR"}
LINES = [{"item": "Logo", "price_unit": 40, "quantity": 2}]


class TestExpenses:
    async def test_a_new_one_is_todays_and_the_callers(self, call):
        call.box.clock.freeze(datetime(2026, 3, 9, tzinfo=UTC))
        made = await call.create("expenses", **BILL, amount=12.5, tags=["Mileage"])
        assert (made["date"], made["user_id"], made["invoiced"], made["file"]) == ("2026-03-09", 23129, False, "")
        assert (made["tags"], made["notes"], made["project_id"], made["amount"]) == (["Mileage"], "", None, 12.5)

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"amount": -1}, "Invalid value for `amount`"),
            ({"amount": None}, "`amount`"),
            ({"tags": [1]}, "Invalid value for `tags`"),
            ({"tags": {}}, "Invalid value for `tags`"),
            ({"client_id": 9}, "Invalid reference: `client_id`"),
            ({"project_id": 9}, "Invalid reference: `project_id`"),
            ({"download_token": "x"}, "Field is read only: `download_token`"),
            ({"currency": None}, "`currency`"),
        ],
    )
    async def test_what_does_not_fit_is_refused(self, call, given, said):
        made = await call.create("expenses", **BILL, amount=1)
        assert said in await call.refused("POST", "expenses", 400, json={**BILL, "amount": 1, **given})
        assert said in await call.refused("PUT", f"expenses/{made['id']}", 400, json=given)

    async def test_a_receipt_comes_with_pictures_and_goes_with_them(self, call):
        made = await call.create("expenses", **BILL, amount=1)
        account = call.box.account
        account.save("expenses", {**account.get("expenses", made["id"]), "file": "u", "image_thumb_large": "u"})
        assert "image_thumb_large" in await call.one(f"expenses/{made['id']}")
        assert (await call.update(f"expenses/{made['id']}", file=None))["file"] == ""
        assert "image_thumb_large" not in await call.one(f"expenses/{made['id']}")

    async def test_a_deleted_project_leaves_its_expenses(self, call):
        made = await call.create("expenses", client_id=151304, project_id=397707, currency="EUR", amount=1)
        await call("DELETE", "projects/397707")
        assert (await call.one(f"expenses/{made['id']}"))["project_id"] is None


@pytest.mark.parametrize(
    ("path", "name", "words"),
    [("estimates", "estimates", "estimate"), ("invoices", "invoices", "invoice"), ("expenses", "expenses", "expense")],
)
async def test_the_plan_limits_what_is_made_and_the_company_counts_it(call, path, name, words):
    there = len(await call.ids(path))
    account = call.box.account
    account.store.put(account.tables["company"], {**account.company(), f"max_{name}": there + 1})
    more = {"amount": 1} if path == "expenses" else {}
    made = await call.create(path, **BILL, **more)
    assert (await call.get("company"))[f"current_{name}"] == there + 1
    said = await call.refused("POST", path, 403, json={**BILL, **more})
    assert said == f"Could not add {words}. Maximum number of {words}s reached."
    await call("DELETE", f"{path}/{made['id']}")
    assert (await call.get("company"))[f"current_{name}"] == there
    await call.create(path, **BILL, **more)


async def test_a_deleted_client_takes_its_documents_along_and_frees_what_they_billed(call):
    entry = 15200865  # of another client
    made = await call.create("invoices", **BILL, items=[{"item": "A", "price_unit": 9, "entries": [entry]}])
    await call.create("invoicepayments", invoice_id=made["id"], amount=1)
    await call.create("expenses", **BILL, amount=1)
    await call.create("recurringprofiles", **BILL, frequency="m", start_date="2099-01-01", items=LINES)
    assert (await call("DELETE", f"clients/{CLIENT}")).status == 200
    for path in (
        "invoices",
        "invoiceitems",
        "invoicepayments",
        "expenses",
        "recurringprofiles",
        "recurringprofileitems",
    ):
        assert await call.ids(path) == [], path
    assert await call.ids("estimates") == [1500]
    released = await call.one(f"entries/{entry}")
    assert (released["billed"], released["invoice_item_id"]) == (False, None)
    company = await call.get("company")
    counts = [company[f"current_{name}"] for name in ("estimates", "invoices", "expenses", "recurring_profiles")]
    assert counts == [1, 0, 0, 0]
    assert (await call("GET", made["permalink"])).status == 404


class TestTemplates:
    @pytest.mark.parametrize(
        ("path", "documents", "title", "setting"),
        [
            ("estimatetemplates", "estimates", "ESTIMATE", "default_estimate_template"),
            ("invoicetemplates", "invoices", "INVOICE", "default_invoice_template"),
        ],
    )
    async def test_one_is_the_default_each_tells_its_use_and_is_forgotten(self, call, path, documents, title, setting):
        first = await call.create(path, name="First", is_default=True)
        second = await call.create(path, name="Second", is_default=True, title="OFFER")
        assert (first["title"], second["title"], second[f"{documents}_count"]) == (title, "OFFER", 0)
        assert (await call.get("company"))[setting] == second["id"]
        assert await call.ids(path, "is_default=true") == [second["id"]]
        made = await call.create(documents, **BILL, template_id=second["id"])
        assert (await call.one(f"{path}/{second['id']}"))[f"{documents}_count"] == 1
        await call.update(f"{documents}/{made['id']}", template_id=first["id"])
        counts = {one["id"]: one[f"{documents}_count"] for one in await call.get(path)}
        assert (counts[first["id"]], counts[second["id"]], sum(counts.values())) == (1, 0, 1)
        await call.update(f"{path}/{second['id']}", is_default=False)
        assert (await call.get("company"))[setting] is None
        await call.update(f"{path}/{first['id']}", is_default=True)
        await call("DELETE", f"{path}/{first['id']}")
        assert (await call.one(f"{documents}/{made['id']}"))["template_id"] is None
        assert (await call.get("company"))[setting] is None
        await call.refused("POST", path, 400, json={"css": "x"})

    @pytest.mark.parametrize("path", ["estimatetemplatesgallery", "invoicetemplatesgallery"])
    async def test_the_galleries_can_only_be_read(self, call, path):
        found = await call.get(path)
        assert len(found) == 3
        assert all(one["html"] and one["css"] and one["name"] for one in found)
        for method, where in (("POST", path), ("PUT", f"{path}/1"), ("DELETE", f"{path}/1")):
            await call.refused(method, where, 405, json={"name": "x"})
