"""The documentation builds without a warning, and its tables are those of the declarations."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from paymo_async.client import RESOURCES
from paymo_async.models import by_path
from paymo_async.models.base import declaration
from paymo_async.reference import groups

ROOT = Path(__file__).parents[2]
BUILDERS = ("mkdocs", "material", "mkdocstrings")
pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in BUILDERS),
    reason="mkdocs-material and mkdocstrings are not installed (docs extra)",
)


@pytest.fixture(scope="module")
def hooks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_hooks", ROOT / "docs" / "hooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages(hooks: ModuleType) -> dict[str, str]:
    return {name: "\n".join(hooks.group_page(name, members)) for name, members in groups().items()}


@pytest.mark.timeout(180)
def test_a_strict_build_finds_nothing_to_warn_of(tmp_path: Path):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-f", "docs/mkdocs.yml", "-d", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {page.stem for page in (tmp_path / "resources").glob("*.html")} == {*groups(), "index"}
    assert "start_timer" in (tmp_path / "resources" / "entries.html").read_text()
    assert "QueryError" in (tmp_path / "reference" / "errors.html").read_text()
    assert (tmp_path / "openapi.json").stat().st_size > 100_000


def test_every_attribute_and_include_of_every_resource_has_its_row(pages: dict[str, str]):
    for path, (module, _) in RESOURCES.items():
        section = pages[module].partition(f"{{#{path}}}")[2].partition("\n## ")[0]
        declared = declaration(by_path(path))
        for attribute in declared.attributes.values():
            assert f"| `{attribute.name}` | `" in section, (path, attribute)
        for include in declared.includes.values():
            arity = "a list of" if include.many else "one"
            assert f"| `{include.wire}` | {arity} [`{include.target.__name__}`](" in section, (path, include)


@pytest.mark.parametrize(
    ("group", "row"),
    [
        ("entries", "| `duration` | `int | None` |  | Seconds. |"),
        ("entries", "| `client_id` | `int` | in `where` only | For `where` only. |"),
        ("entries", "To create one, set `task_id`; `date` with `duration` or `start_time` with `end_time`"),
        ("tasks", "| `id` | `int` | read-only |  |"),
        ("tasks", "Known values: `25`, `50`, `75`, `100`."),
        ("tasks", "A list must be filtered by one of `user_id`, `task_id`."),
        ("reports", "The service's `extra`."),
        ("reports", "## ReportOptions"),
        ("sessions", "`paymo.sessions` offers `list`, `get`, `create`, `delete`."),
        ("company", "`paymo.company` offers `get`, `update`."),
        ("leave", "Unconfirmed: the service's documentation does not hold this resource."),
        ("projects", "| `tasklists` | a list of [`Tasklist`](tasks.md#tasklists) |  |"),
    ],
)
def test_a_page_says_types_marks_units_and_rules(pages: dict[str, str], group: str, row: str):
    assert row in pages[group]


def test_no_guess_of_the_sandbox_is_left_out(hooks: ModuleType):
    package = ROOT / "paymo_async"
    sources = [path.read_text() for path in (*(package / "sandbox").rglob("*.py"), package / "money.py")]
    told = "\n".join(hooks.guesses_page()).partition("\n## ")[2]
    assert sum(source.lower().count("guess") for source in sources) == told.lower().count("guess") > 30


def test_a_guess_is_told_with_the_list_below_it_and_from_comments_too(hooks: ModuleType):
    docstring = ["A rule.", "", "Known: much.", "", "Guessed:", "", "- one", "- two", "", "Known again."]
    source = ['"""', *docstring, '"""', "x = 1", "# Another one", "# (guessed).", "", "# not this", ""]
    assert list(hooks.guesses("\n".join(source))) == ["Guessed:", "", "- one\n- two", "", "Another one\n(guessed).", ""]


def test_nothing_generated_lies_in_the_checkout():
    kept = {page.name for page in (ROOT / "docs").rglob("*") if page.is_file() and "__pycache__" not in page.parts}
    assert {name for name in kept if not name.endswith(".md")} == {"mkdocs.yml", "hooks.py"}
