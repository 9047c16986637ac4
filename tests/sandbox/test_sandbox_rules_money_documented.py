"""The documentation's requests about money, sent as they stand, make objects with the documented fields and types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "paymo-api"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="shared/paymo-api with the documented bodies is not beside this checkout"
)

CLIENTS = (1259, 1261, 10869, 319023)
USERS = (318, 3180)
# A request for each documented answer that has none in the documentation, made of what the answer shows.
ASKED = {
    "estimates": ("client_id", "currency", "date", "tax", "tax_on_tax", "tax_text", "notes", "items"),
    "recurringprofiles": ("client_id", "currency", "frequency", "start_date", "occurrences", "autosend", "items"),
    "estimatetemplates": ("name", "title", "html", "css", "is_default"),
    "invoicetemplates": ("name", "title", "html", "css", "is_default"),
    "expenses": ("client_id", "user_id", "amount", "currency", "date", "notes", "tags"),
    "invoicepayments": ("invoice_id", "amount", "date"),
}


@pytest.fixture(scope="module")
def examples() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FOLDER / "examples.json").read_text())
    return found


@pytest.fixture(scope="module")
def attributes() -> dict[str, set[str]]:
    resources = json.loads((FOLDER / "api.json").read_text())
    return {
        path: {item if isinstance(item, str) else item["name"] for item in resource["attributes"]}
        for path, resource in resources.items()
    }


@pytest.fixture
def account(call):
    """The documented account, with the objects that the documented requests refer to."""
    account = call.box.account
    for key in CLIENTS:
        account.add("clients", {**account.get("clients", 10874), "id": key, "name": f"Client {key}"})
    for key in USERS:
        account.add("users", {**account.get("users", 23130), "id": key, "email": f"user{key}@example.com"})
    return account


def documented(examples, key: str) -> list[dict[str, Any]]:
    found = [
        one for example in examples if example["kind"] == "response" for one in (example["json"] or {}).get(key) or []
    ]
    assert found
    return found


def fits(mine: Any, theirs: Any) -> bool:
    """Whether two JSON values are of one type; null, and an empty text in its place, may stand for a missing one."""
    if mine in (None, "") or theirs in (None, ""):
        return True
    if isinstance(theirs, bool) or isinstance(mine, bool):
        return type(mine) is type(theirs)
    number = (int, float)
    return isinstance(mine, number) == isinstance(theirs, number) and (
        isinstance(theirs, number) or type(mine) is type(theirs)
    )


@pytest.mark.parametrize("path", ASKED)
@pytest.mark.usefixtures("account")
async def test_what_is_made_has_the_documented_fields_and_types(call, examples, attributes, path):
    for theirs in documented(examples, path):
        line = {"item": "Work", "price_unit": 20, "quantity": 3, "apply_tax": True}
        known = {**theirs, "items": [line]}
        if path == "invoicepayments":
            made = await call.create("invoices", client_id=10874, currency="USD", items=[line])
            known["invoice_id"] = made["id"]
        mine = await call.create(path, **{name: known[name] for name in ASKED[path]})
        assert theirs.keys() - {"estimateitems"} <= mine.keys()
        wrong = {
            name: (mine[name], value) for name, value in theirs.items() if name in mine and not fits(mine[name], value)
        }
        assert wrong == {}
        assert mine.keys() <= attributes[path]
        same = set(ASKED[path]) - {"items", "invoice_id"}
        assert {name: mine[name] for name in same} == {name: theirs[name] for name in same}


@pytest.mark.usefixtures("account")
async def test_an_included_line_has_the_documented_fields_and_types(call, examples):
    (theirs, *_) = (line for one in documented(examples, "estimates") for line in one.get("estimateitems", ()))
    line = {name: theirs[name] for name in ("item", "description", "price_unit", "quantity", "apply_tax")}
    made = await call.create("estimates", client_id=10874, currency="USD", items=[line])
    (mine,) = (await call.one(f"estimates/{made['id']}", include="estimateitems"))["estimateitems"]
    assert mine.keys() == theirs.keys()
    assert all(fits(mine[name], theirs[name]) for name in theirs)


@pytest.mark.usefixtures("account")
async def test_a_documented_invoice_is_billed_as_it_says(call, examples, attributes):
    (asked,) = (one["json"] for one in examples if one["heading"] == "Creating an invoice")
    made = await call.create("invoices", **asked)
    assert {name: made[name] for name in asked if name != "items"} == {n: v for n, v in asked.items() if n != "items"}
    assert (made["subtotal"], made["outstanding"], made["status"]) == (170, made["total"], "draft")
    assert made.keys() - {"estimate_id"} == attributes["invoices"]


async def test_a_documented_expense_is_invoiced_with_its_amount(call, examples, account):
    asked = {one["heading"]: one["json"] for one in examples if one["section"] == "expenses"}
    expense = await call.create("expenses", **asked["Creating an expense"])
    account.add("expenses", {**account.get("expenses", expense["id"]), "id": 100545})
    made = await call.create("invoices", **asked["Invoicing an expense"])
    assert (made["total"], (await call.one("expenses/100545"))["invoiced"]) == (29.95, True)
    assert (await call.update("expenses/100545", **asked["Updating an expense"]))["date"] == "2015-02-15"


@pytest.mark.parametrize(
    ("section", "path", "heading"),
    [
        ("estimate_templates", "estimatetemplates", "Updating an estimate template"),
        ("invoice_templates", "invoicetemplates", "Updating an invoice template"),
        ("invoice_payments", "invoicepayments", "Updating an invoice payment"),
    ],
)
async def test_documented_updates_change_what_they_say(call, examples, section, path, heading):
    (asked,) = (one["json"] for one in examples if (one["section"], one["heading"]) == (section, heading))
    if path == "invoicepayments":
        bill = {"client_id": 10874, "currency": "USD", "items": [{"item": "x", "price_unit": 9}]}
        made = await call.create(path, invoice_id=(await call.create("invoices", **bill))["id"], amount=9)
    else:
        made = await call.create(path, name="Mine")
    changed = await call.update(f"{path}/{made['id']}", **asked)
    assert changed != made
    assert set(asked.values()) <= {value for value in changed.values() if isinstance(value, str)}
