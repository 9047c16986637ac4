"""Pages of other origins: what a sandbox tells a browser that asks for them."""

from __future__ import annotations

import aiohttp
import pytest

from paymo_async.sandbox import Sandbox

ASKING = {
    "Origin": "http://localhost:3000",
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "authorization,content-type",
}
ORIGIN = {"Origin": ASKING["Origin"]}


@pytest.fixture
async def http():
    async with aiohttp.ClientSession() as http:
        yield http


async def test_a_page_may_send_what_it_asked_for(http):
    async with Sandbox(cors=True) as box, http.options(box.url + "clients/1", headers=ASKING) as answer:
        told = answer.headers
        assert answer.status == 204
        assert told["Access-Control-Allow-Origin"] == "*"
        assert "PUT" in told["Access-Control-Allow-Methods"]
        assert told["Access-Control-Allow-Headers"] == "authorization,content-type"
        assert list(box.requests) == []


async def test_asking_first_costs_nothing_of_the_rate_limit(http):
    async with Sandbox(cors=True, rate_limit=(1, 60.0)) as box:
        for _ in range(3):
            async with http.options(box.url + "me", headers=ASKING) as answer:
                assert answer.status == 204
        async with http.get(box.url + "me", auth=aiohttp.BasicAuth(box.api_key, "x")) as answer:
            assert answer.status == 200


@pytest.mark.parametrize("fault", [(), "429", "502"])
async def test_a_page_may_read_answers_and_refusals(http, fault):
    login = aiohttp.BasicAuth("sandbox-api-key", "x")
    async with Sandbox(cors=True, faults=fault) as box, http.get(box.url + "me", headers=ORIGIN, auth=login) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


async def test_without_the_option_no_page_is_let_in(http):
    async with Sandbox() as box:
        async with http.options(box.url + "clients/1", headers=ASKING) as answer:
            assert answer.status in (401, 405)
            assert "Access-Control-Allow-Origin" not in answer.headers
        async with http.get(box.url + "me", headers=ORIGIN) as answer:
            assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["", "_sandbox/", "_sandbox/faults"])
async def test_the_control_is_never_opened(http, path):
    async with Sandbox(cors=True) as box:
        url = box.url.removesuffix("api/") + path
        async with http.options(url, headers=ASKING) as answer:
            assert answer.status >= 400
            assert "Access-Control-Allow-Origin" not in answer.headers
        async with http.get(url, headers=ORIGIN) as answer:
            assert "Access-Control-Allow-Origin" not in answer.headers
