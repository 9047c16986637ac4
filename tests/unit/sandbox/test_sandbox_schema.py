"""Tables read off the declarations."""

from __future__ import annotations

import sqlite3

import pytest

from paymo_async.sandbox.schema import Kind, schema
from paymo_async.sandbox.store import Store
from paymo_async.sandbox.values import defaults
from paymo_async.sandbox.where import Filter

# Includes that lead through a third resource.
UNLINKED = {("comments", "project")}


def test_every_include_has_its_foreign_key():
    unlinked = {(table.path, name) for table in schema() for name, found in table.relations.items() if found is None}
    assert unlinked == UNLINKED


@pytest.mark.parametrize(
    ("path", "include", "fk", "target"),
    [
        ("tasks", "workflowstatus", "status_id", "workflowstatuses"),
        ("projects", "projectstatus", "status_id", "projectstatuses"),
        ("entries", "invoiceitem", "invoice_item_id", "invoiceitems"),
        ("reports", "client", "share_client_id", "clients"),
        ("estimates", "estimateitems", "estimate_id", "estimateitems"),
        ("tasks", "thread", "task_id", "threads"),
        ("projecttemplates", "projecttemplatetasks", "template_id", "projecttemplatestasks"),
        ("recurringprofiles", "recurringprofileitems", "recurring_profile_id", "recurringprofileitems"),
        ("milestones", "tasklists", "milestone_id", "tasklists"),
    ],
)
def test_an_include_is_linked_by_the_right_key(path, include, fk, target):
    relation = schema()[path].relations[include]
    assert relation is not None
    assert (relation.fk, relation.target) == (fk, target)


def test_kinds_follow_the_annotations():
    kinds = schema()["tasks"].kinds
    assert (kinds["id"], kinds["complete"], kinds["due_date"]) == (Kind.INT, Kind.BOOL, Kind.DATE)
    assert (kinds["created_on"], kinds["price"], kinds["users"]) == (Kind.DATETIME, Kind.DECIMAL, Kind.LIST)
    assert (kinds["name"], kinds["priority"]) == (Kind.TEXT, Kind.INT)
    reports = schema()["reports"].kinds
    assert (reports["include"], reports["users"], reports["start_date"]) == (Kind.OBJECT, Kind.ANY, Kind.ANY)


def test_what_is_never_answered_is_private():
    assert "password" in schema()["users"].private
    assert "items" in schema()["estimates"].private
    assert schema()["tasks"].hidden == {"progress_status"}
    assert schema()["reports"].hidden == {"content"}
    assert "client_id" not in schema()["entries"].body


def test_every_table_takes_an_object_with_defaults_and_gives_it_back():
    store = Store(schema())
    try:
        for table in schema():
            key = "a" if table.text_id else 1
            made = {**defaults(table), "id": key}
            store.put(table, made)
            assert store.get(table, key) == made
            assert store.get(table, "b" if table.text_id else 2) is None
    finally:
        store.close()


def test_filters_use_the_indexes():
    store = Store(schema())
    try:
        for where in ('"user_id" = 1', '"start_time" > 5', '"project_id" IN (1, 2)', '"updated_on" >= 7'):
            plan = store.query(f'EXPLAIN QUERY PLAN SELECT id, body FROM "entries" WHERE {where} LIMIT 5')
            assert "USING INDEX" in plan[0][3], where
        timers = "user_id = 1 AND end_time IS NULL AND date IS NULL"
        plan = store.query(f'EXPLAIN QUERY PLAN SELECT id, body FROM "entries" WHERE {timers}')
        assert "entries.running" in plan[0][3]
    finally:
        store.close()


def lose_a_client(store: Store) -> None:
    clients = schema()["clients"]
    with store.transaction():
        store.put(clients, {"id": store.next_id(clients), "name": "Lost"})
        store.query("nonsense")


def test_a_transaction_happens_wholly_or_not_at_all():
    store = Store(schema())
    clients = schema()["clients"]
    try:
        with store.transaction():
            store.put(clients, {"id": store.next_id(clients), "name": "Kept"})
        with pytest.raises(sqlite3.OperationalError):
            lose_a_client(store)
        assert [row.id for row in store.select(clients, Filter())] == [1]
        assert store.next_id(clients) == 2
    finally:
        store.close()
    with pytest.raises(sqlite3.ProgrammingError):
        store.count(clients)


def test_filters_add_up():
    assert Filter().and_("a = ?", 1).and_("b = ?", 2) == Filter("a = ? AND b = ?", (1, 2))
