"""Static promises: what mypy and pyright infer, and what they refuse, in the files of tests/typing."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import paymo_async.client
from paymo_async.client import RESOURCES, PaymoClient

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tests" / "typing").glob("*.py"))
pytestmark = pytest.mark.timeout(180)  # a cold cache of mypy has to read aiohttp first


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(importlib.util.find_spec(tool) is None, reason=f"{tool} is not installed (dev extra)")


def marked() -> set[tuple[str, int]]:
    return {
        (file.name, number)
        for file in FILES
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if re.search(r"\S  # wrong( |$)", line)
    }


def run(*command: str | Path) -> str:
    paths = os.pathsep.join((str(ROOT), sysconfig.get_path("purelib")))  # this checkout before an installed one
    environment = {**os.environ, "PYTHONPATH": paths, "MYPYPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, cwd=ROOT, env=environment, check=False
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def test_there_are_right_and_wrong_lines_to_check():
    assert len(FILES) >= 2
    assert len(marked()) >= 20


@needs("mypy")
def test_mypy_infers_the_models_and_refuses_exactly_the_mistakes():
    out = run("mypy", "--strict", "--no-error-summary", "--no-pretty", *(file.relative_to(ROOT) for file in FILES))
    errors = re.findall(r"^(tests.+?):(\d+): error:", out, re.MULTILINE)
    found = {(Path(name).name, int(number)) for name, number in errors}
    assert found == marked(), out


@needs("pyright")
def test_pyright_infers_the_models_and_refuses_exactly_the_mistakes(tmp_path: Path):
    settings = {
        "include": [os.path.relpath(file, tmp_path) for file in FILES],
        "extraPaths": [str(ROOT)],
        "typeCheckingMode": "strict",
        "reportUnusedExpression": False,
        # Everything that hangs on an unknown name is unknown too: the name itself is what is asked about.
        "reportUnknownMemberType": False,
        "reportUnknownArgumentType": False,
    }
    config = tmp_path / "pyrightconfig.json"
    config.write_text(json.dumps(settings))
    out = run("pyright", "--outputjson", "--pythonpath", sys.executable, "--project", config)
    reports = json.loads(out)["generalDiagnostics"]
    found = {(Path(one["file"]).name, one["range"]["start"]["line"] + 1) for one in reports}
    assert found == marked(), "\n".join(f"{one['file']}:{one['range']['start']['line'] + 1} {one}" for one in reports)


@needs("pyright")
def test_every_public_name_has_a_known_type():
    out = run(
        "pyright", "--pythonpath", sys.executable, "--verifytypes", "paymo_async", "--ignoreexternal", "--outputjson"
    )
    report = json.loads(out)["typeCompleteness"]
    unknown = [symbol["name"] for symbol in report["symbols"] if symbol["isExported"] and not symbol["isTypeKnown"]]
    assert report["completenessScore"] == 1, unknown


def test_editors_are_told_of_every_resource_and_of_its_class():
    """`paymo.` completes from the annotations, and runs from the table: they must say the same."""
    tree = ast.parse(Path(paymo_async.client.__file__).read_text())
    annotated = {
        node.target.id: node.annotation.id
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and isinstance(node.annotation, ast.Name)
        if node.target.id in RESOURCES
    }
    assert annotated == {name: cls for name, (_, cls) in RESOURCES.items()}


async def test_dir_offers_every_resource():
    async with PaymoClient("key") as paymo:
        assert set(RESOURCES) <= set(dir(paymo))
