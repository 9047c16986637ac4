"""What is usually asked of a million entries costs what its index costs: SQLite's plans name no scan of the table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from paymo_async.sandbox.account import Account
from paymo_async.sandbox.schema import schema
from paymo_async.sandbox.store import Store
from paymo_async.sandbox.tracked import Tracked
from paymo_async.sandbox.where import Filter, compile_where, parse_where

JUNE = 'time_interval in ("2026-06-01","2026-07-01")'


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    opened = Store(schema())
    yield opened
    opened.close()


def plan(store: Store, statement: str, params=()) -> list[str]:
    return [row[3] for row in store.query(f"EXPLAIN QUERY PLAN {statement}", params)]


@pytest.mark.parametrize(
    ("where", "index"),
    [
        ("project_id=17", "project_id"),
        ("client_id=5", "project_id"),
        (f"client_id=5 and {JUNE}", "project_id"),
        ("user_id=9", "user_id"),
        (f"user_id=9 and {JUNE}", "user_id"),
        ("user_id=9 and start_time>=1780272000", "user_id"),
        ("user_id=9 and billed=false", "user_id"),
        ("task_id in (1,2,3)", "task_id"),
        ("billed=false", "billed"),
        ("billed=false and project_id=17", "project_id"),
        ("billed=false and client_id=5", "project_id"),
        ("billed=false and updated_on>=1780272000", "updated_on"),
        (JUNE, "moment"),
        (f"billed=true and {JUNE}", "moment"),
        ("updated_on>=1780272000", "updated_on"),
        ("start_time>=1780272000 and start_time<1782864000", "start_time"),
        ("date=2026-06-01", "date"),
        ("user_id=9 and end_time=null", "running"),
    ],
)
def test_a_usual_filter_is_answered_by_an_index(store, where, index):
    made = compile_where(parse_where(where), schema()["entries"], schema(), 1)
    steps = plan(store, f"SELECT id, body FROM entries WHERE {made.sql} LIMIT 500", made.params)
    assert f"USING INDEX entries.{index} " in f"{steps[0]} "


def test_a_deep_page_is_found_in_the_index_of_ids(store):
    (step,) = plan(store, 'SELECT id FROM "entries" ORDER BY id LIMIT 1 OFFSET 750000')
    assert step == "SCAN entries USING COVERING INDEX entries.id"


def test_deletes_find_the_children_of_many_parents_by_index(store):
    steps = plan(store, 'DELETE FROM "entries" WHERE "task_id" IN (SELECT id FROM "tasks" WHERE "project_id" = 1)')
    assert steps[0].startswith("SEARCH entries USING")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"projects": [1, 2]},
        {"users": [9]},
        {"users": "all_active"},
        {"start_date": 1780272000, "end_date": 1782864000},
        {"start_date": 1780272000, "end_date": 1782864000, "users": [9]},
    ],
)
@pytest.mark.parametrize("groups", [(), ("days",), ("days", "users"), ("days", "projects"), ("days", "tasks")])
def test_a_report_is_summed_from_an_index(store, given, groups, monkeypatch):
    store.put(schema()["tasks"], {"id": 1, "project_id": 3})
    asked: list[tuple[str, list[object]]] = []
    report = {"date_interval": "all_time", **given}
    tracked = Tracked(Account(store, {}, clock=lambda: 1.78e9), report)
    monkeypatch.setattr(tracked.account, "store", Watched(store, asked))
    tracked.daily(groups) if groups else tracked.sums()
    ((statement, params),) = asked
    (step, *_) = (step for step in plan(store, statement, params) if " e " in f"{step} ")
    assert "USING INDEX entries." in step


class Watched:
    """A store that notes what is asked of it."""

    def __init__(self, store: Store, asked: list[tuple[str, list[object]]]) -> None:
        self.store = store
        self.asked = asked

    def query(self, statement: str, params: list[object]) -> list[tuple[object, ...]]:
        self.asked.append((statement, params))
        return self.store.query(statement, params)


def test_shuffled_rows_are_those_that_the_filter_finds(store):
    table = schema()["tasks"]
    with store.transaction():
        for key in range(1, 101):
            store.put(table, {"id": key, "project_id": key % 3})
    wanted = Filter('"project_id" = ?', (1,))
    orders = {tuple(row.id for row in store.select(table, wanted, shuffle=seed)) for seed in range(20)}
    assert len(orders) == 20
    assert {tuple(sorted(order)) for order in orders} == {tuple(range(1, 101, 3))}
