"""What an `include` answers is what a naive expansion gives, for random trees, with the cut and without."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_query import ASKING, Asked, asked, fulfils

from paymo_async.sandbox.include import Expander, children_asked, parse_include
from paymo_async.sandbox.schema import schema
from paymo_async.sandbox.store import Store
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import Filter, parse_where

# (path, include): the path it answers, the attribute that links, and on which side that is.
LINKS = {
    ("clients", "projects"): ("projects", "client_id", "many"),
    ("projects", "client"): ("clients", "client_id", "one"),
    ("projects", "tasklists"): ("tasklists", "project_id", "many"),
    ("projects", "tasks"): ("tasks", "project_id", "many"),
    ("tasklists", "project"): ("projects", "project_id", "one"),
    ("tasklists", "tasks"): ("tasks", "tasklist_id", "many"),
    ("tasks", "project"): ("projects", "project_id", "one"),
    ("tasks", "tasklist"): ("tasklists", "tasklist_id", "one"),
    ("tasks", "entries"): ("entries", "task_id", "many"),
    ("tasks", "user"): ("users", "user_id", "one"),
    ("tasks", "thread"): ("threads", "task_id", "mirror"),
    ("entries", "task"): ("tasks", "task_id", "one"),
    ("entries", "user"): ("users", "user_id", "one"),
    ("users", "entries"): ("entries", "user_id", "many"),
    ("threads", "task"): ("tasks", "task_id", "one"),
}
NAMES = {
    "clients": ("name", "city"),
    "projects": ("name", "client_id", "budget_hours"),
    "tasklists": ("name", "project_id", "seq"),
    "tasks": ("name", "project_id", "tasklist_id", "user_id", "seq", "progress_status"),
    "entries": ("task_id", "user_id", "duration"),
    "users": ("name", "email"),
    "threads": ("task_id",),
}
SIZES = {"clients": 3, "projects": 5, "tasklists": 6, "tasks": 10, "entries": 20, "users": 3, "threads": 4}
Tree = dict[str, Any]
"""Includes by name, each a tree; attributes by name are None, `*` too."""


World = dict[str, dict[int, dict[str, Any]]]


def world_of(seed: int) -> World:
    """Objects that refer to each other at random; a random of a seed is many times faster than drawing each value."""
    chosen = random.Random(seed)
    made: World = {}
    for path, names in NAMES.items():
        made[path] = {}
        for key in range(1, chosen.randint(0, SIZES[path]) + 1):
            values: dict[str, Any] = {"id": key}
            for name in names:
                number = name.endswith(("_id", "seq", "duration", "hours"))
                values[name] = chosen.choice((1, 2, 3, 4, 5, 6, None)) if number else f"{name} {key}"
            made[path][key] = values
        if path == "threads":  # a task has one thread at most
            made[path] = {v["task_id"] or k: {**v, "id": v["task_id"] or k} for k, v in made[path].items()}
    return made


def tree_of(chosen: random.Random, path: str, depth: int = 3) -> Tree:
    leaves: list[Tree] = [{name: None} for name in ("id", "*", *NAMES[path])]
    below = [(name, target) for (source, name), (target, _, _) in LINKS.items() if source == path and depth]
    parts: list[Tree] = []
    for _ in range(chosen.randint(0, 3)):
        if below and chosen.random() < 0.6:
            name, target = chosen.choice(below)
            parts.append({name: tree_of(chosen, target, depth - 1)})
        else:
            parts.append(chosen.choice(leaves))
    return merged(parts)


def merged(parts: Sequence[Tree]) -> Tree:
    tree: Tree = {}
    for part in parts:
        for name, below in part.items():
            tree[name] = below if below is None or name not in tree else merged([tree[name], below])
    return tree


def texts(tree: Tree, path: tuple[str, ...] = ()) -> list[str]:
    """The dotted paths of a tree; an include without anything below it is named by itself."""
    found = list[str]()
    for name, below in tree.items():
        found += [".".join((*path, name))] if not below else texts(below, (*path, name))
    return found


def shown(values: Mapping[str, Any], tree: Tree) -> dict[str, Any]:
    """The attributes that a tree shows of an object."""
    names = [name for name, below in tree.items() if below is None]
    if not names:
        names = ["*"]
    whole = [name for name in values if name != "progress_status"] if "*" in names else []
    return {name: values[name] for name in (*whole, *names) if name != "*"}


def expanded(path: str, values: Mapping[str, Any], tree: Tree, world: Any, where: Any, at: tuple[str, ...] = ()) -> Any:
    made = shown(values, tree)
    for name, below in tree.items():
        if below is None:
            continue
        target, link, side = LINKS[path, name]
        others = world[target]
        if side == "one":
            keys = [values[link]] if values[link] in others else []
        else:
            conditions = where.get((*at, name), ())
            keys = [key for key, other in others.items() if other[link] == values["id"]]
            keys = [key for key in keys if all(fulfils(target, others[key], one, world) for one in conditions)]
        found = [expanded(target, others[key], below, world, where, (*at, name)) for key in keys]
        made[name] = found if side == "many" else found[0] if found else None
    return made


def ordered(value: Any) -> Any:
    """The same with lists in an order that does not depend on ids, which may not be shown."""
    if isinstance(value, dict):
        return {name: ordered(item) for name, item in value.items()}
    if isinstance(value, list):
        return sorted((ordered(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    opened = Store(schema())
    yield opened
    opened.close()


def fill(store: Store, world: Any) -> None:
    with store.transaction():
        for path, rows in world.items():
            store.delete(schema()[path], Filter("1"))
            for values in rows.values():
                store.put(schema()[path], values)


def answered(store: Store, path: str, include: str, where: str = "", **options: Any) -> list[Any]:
    node = parse_include(include, schema()[path], schema())
    below = children_asked(node, parse_where(where) if where else [])
    expander = Expander(store, schema(), where=below, user_id=ASKING, **options)
    rows = store.select(schema()[path], Filter(), columns=expander.columns(node))
    return [msgspec.json.decode(body) for body in expander.roots(rows, node)]


ROOTS = pytest.mark.parametrize("path", ["clients", "projects", "tasks", "entries"])
SEEDS = st.integers(0, 1 << 32)
EXAMPLES = settings(max_examples=40, deadline=None, derandomize=True)


@ROOTS
@given(seed=SEEDS)
@EXAMPLES
def test_an_answer_is_what_a_naive_expansion_gives(store, path, seed):
    world, tree = world_of(seed), tree_of(random.Random(seed), path)
    fill(store, world)
    wanted = [expanded(path, values, tree, world, {}) for values in world[path].values()]
    assert ordered(answered(store, path, ",".join(texts(tree)), cut=None)) == ordered(wanted)


@given(seed=SEEDS, data=st.data())
@EXAMPLES
def test_conditions_on_children_hold_at_every_level(store, seed, data):
    world = world_of(seed)
    fill(store, world)
    where: dict[tuple[str, ...], list[Asked]] = {}
    for at, target in ((("projects",), "projects"), (("projects", "tasks"), "tasks")):
        names = NAMES[target][1:-1]
        possible = asked(target).filter(lambda one, names=names: one.name in ("id", *names))
        where[at] = data.draw(st.lists(possible, max_size=2))
    text = " and ".join(f"{'.'.join(at)}.{c.text}" for at, conditions in where.items() for c in conditions)
    tree: Tree = {"id": None, "projects": {"*": None, "tasks": {"id": None, "entries": {"id": None}}}}
    wanted = [expanded("clients", values, tree, world, where) for values in world["clients"].values()]
    assert ordered(answered(store, "clients", ",".join(texts(tree)), text, cut=None)) == ordered(wanted)


def with_ids(tree: Tree) -> Tree:
    return {"id": None, **{name: with_ids(below) for name, below in tree.items() if below is not None}}


def check_cut(path: str, objects: list[Any], tree: Tree, world: Any, left: Counter[str]) -> None:
    """Each list takes what is left of its type, in the order of the parents, and holds true children only."""
    for name, below in tree.items():
        if below is None:
            continue
        target, link, side = LINKS[path, name]
        if side != "many":
            found = [item[name] for item in objects if item[name] is not None]
        else:
            for item in objects:
                children = {key for key, other in world[target].items() if other[link] == item["id"]}
                ids = [child["id"] for child in item[name]]
                assert len(ids) == len(set(ids)) == min(len(children), left[target])
                assert set(ids) <= children
                left[target] -= len(ids)
            found = [child for item in objects for child in item[name]]
        check_cut(target, list({item["id"]: item for item in found}.values()), below, world, left)


@ROOTS
@given(seed=SEEDS, cut=st.integers(1, 12), shuffle=st.none() | st.integers(0, 99))
@EXAMPLES
def test_the_cut_counts_each_type_over_the_whole_answer(store, path, seed, cut, shuffle):
    world, tree = world_of(seed), with_ids(tree_of(random.Random(seed), path))
    fill(store, world)
    found = answered(store, path, ",".join(texts(tree)), cut=cut, shuffle=shuffle)
    left = Counter(dict.fromkeys(NAMES, cut))
    left[path] = max(0, cut - len(world[path]))
    check_cut(path, found, tree, world, left)


def status_of(include: str) -> int:
    try:
        parse_include(include, schema()["projects"], schema())
    except Problem as problem:
        return problem.status
    return 200


@given(text=st.text(alphabet="abc.,*_ ", max_size=20) | st.text(max_size=20))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_any_include_is_read_or_refused(text):
    assert status_of(text) in (200, 400, 500)
