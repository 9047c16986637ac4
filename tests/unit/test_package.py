"""The package's front: its names, and what importing it costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import paymo_async
from paymo_async.models.base import Attribute, Declaration, Include, declaration
from paymo_async.models.keys import foreign_key
from paymo_async.models.reports import Report
from paymo_async.models.tasks import Task
from paymo_async.models.users import User


@pytest.mark.parametrize("name", paymo_async.__all__)
def test_every_public_name_is_there(name: str):
    value = getattr(paymo_async, name)
    assert getattr(paymo_async, name) is value
    assert name in dir(paymo_async)


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'Nonsense'"):
        paymo_async.Nonsense  # noqa: B018


def test_a_name_that_is_promised_and_not_there_is_an_attribute_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(paymo_async, "__all__", [*paymo_async.__all__, "Promised"])
    with pytest.raises(AttributeError, match="Promised"):
        paymo_async.Promised  # noqa: B018


def test_importing_it_imports_nothing_else():
    code = "import sys; before = set(sys.modules); import paymo_async; print(*sorted(set(sys.modules) - before))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not [name for name in out if name.partition(".")[0] in ("aiohttp", "attrs", "cattrs", "msgspec", "tenacity")]


def test_declarations_read_well_in_a_debugger():
    task = declaration(Task)
    assert repr(task) == "Declaration(Task, /tasks)"
    assert repr(task.includes["entries"]) == "Include('entries', list of TimeEntry)"
    assert repr(task.includes["project"]) == "Include('project', Project)"
    assert "name" in repr(task.attributes["name"])
    assert isinstance(task, Declaration)
    assert {type(member) for member in task.members} == {Attribute, Include}


def test_an_attribute_knows_its_nested_class_and_whether_it_is_a_list():
    report = declaration(Report)
    assert report.attributes["content"].model is not None
    assert report.attributes["name"].model is None
    assert report.attributes["projects"].many
    assert not report.attributes["name"].many


def test_a_long_list_of_objects_is_short_in_a_repr():
    many = repr(User(id=1, reports=[Report(id=i) for i in range(50)]))
    assert "... 50 in all]" in many
    assert repr(User(id=1, reports=[Report(id=1)])).count("Report(") == 1


def test_a_child_without_the_parent_names_no_key():
    assert foreign_key(declaration(User), declaration(Task)) is None


def test_objects_of_two_kinds_are_never_equal():
    assert Task(id=1) != User(id=1)


OUTER = ("sandbox", "cli", "webhooks", "openapi", "reference")
RULES = ("client", "account", "resources", "listing", "fanout", "loader", "transport", *OUTER)
FORBIDDEN = {  # DESIGN.md: arrows run one way, and nothing without I/O imports what does it
    "wire": {*RULES, "aiohttp", "asyncio", "socket"},
    "models": {*RULES, "aiohttp", "asyncio", "socket"},
    "transport": {"client", "account", "resources", "listing", "fanout", "loader", *OUTER},
    "resources": {"client", "sandbox", "cli"},
    "sandbox": {"cli"},
    "client.py": {"sandbox", "cli"},
    "listing.py": {"client", "resources", "sandbox", "cli"},
    "fanout.py": {"client", "resources", "sandbox", "cli"},
}


@pytest.mark.parametrize("part", FORBIDDEN)
def test_arrows_run_one_way(part: str):
    root = Path(paymo_async.__file__).parent
    place = root / part
    for file in [place] if place.suffix else place.rglob("*.py"):
        assert not set(imported(file)) & FORBIDDEN[part], file.relative_to(root)


def imported(file: Path) -> Iterator[str]:
    """What a module imports when it is imported: other packages, and parts of this one without its name."""
    for node in ast.parse(file.read_text()).body:  # what is only for checkers stands below an `if`
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            package, _, rest = node.module.partition(".")
            inside = [rest.split(".")[0]] if rest else [name.name for name in node.names]
            yield from inside if package == "paymo_async" else [package]
