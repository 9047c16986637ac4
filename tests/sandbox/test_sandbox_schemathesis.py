"""The OpenAPI document against the sandbox, by a program that knows neither: no answer may be a failure of ours.

schemathesis makes requests that fit the document and some that do not. In two of three an id is one that exists, since
a random one finds nothing, and credentials always are, since nothing else is looked at without them.
"""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings

from paymo_async import openapi
from paymo_async.sandbox import Sandbox

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

DOCUMENT = schemathesis.openapi.from_dict(json.loads(json.dumps(openapi.document())))
OPERATIONS = {found.ok().label: found.ok() for found in DOCUMENT.get_all_operations()}
PATHS = sorted({label.split("/")[1] for label in OPERATIONS})
AUTHORIZATION = {"Authorization": "Basic " + base64.b64encode(f"{Sandbox().api_key}:x".encode()).decode()}


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.mark.parametrize("path", PATHS)
def test_no_request_that_the_document_allows_makes_the_sandbox_fail(box: Sandbox, path: str):
    answered: set[int] = set()
    with requests.Session() as http:
        for label, operation in OPERATIONS.items():
            if label.split("/")[1] == path:
                ask(operation, box, http, answered)
    assert answered - {401, 404}


def ask(operation: Any, box: Sandbox, http: requests.Session, answered: set[int]) -> None:
    turns = itertools.count()

    @settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def once(case: Any) -> None:
        for name in ("Authorization", "X-Session"):
            case.headers.pop(name, None)
        if next(turns) % 3:
            make_real(case, box)
        answer = case.call(base_url=box.url.rstrip("/"), headers=AUTHORIZATION, session=http)
        answered.add(answer.status_code)
        assert answer.status_code < 500, (operation.label, case.path_parameters, case.query, case.body, answer.text)

    once()


def make_real(case: Any, box: Sandbox) -> None:
    path = case.path.split("/")[1]
    if "id" in (case.path_parameters or {}) and path in box.account.tables:
        with box.account.lock:
            for (found,) in box.account.store.query(f'SELECT max(id) FROM "{path}"'):
                case.path_parameters["id"] = found or 1
