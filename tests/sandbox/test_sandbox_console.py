"""The console page of the sandbox in a browser, as a person uses it."""

import io
from datetime import timedelta

import pytest
from aiohttp import test_utils, web
from chromium import Page, chromium, installed
from PIL import Image  # comes with fpdf2

from paymo_async import PaymoClient, RetryPolicy, ServerError
from paymo_async.models import Client, Webhook
from paymo_async.sandbox import RateModel, Sandbox
from paymo_async.sandbox.traffic import Seen

pytestmark = [
    pytest.mark.skipif(installed() is None, reason="needs Chromium: apt-get install chromium"),
    pytest.mark.timeout(180),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("chromium")) as address:
        yield address


@pytest.fixture
async def page(browser, box):
    """The console, open; at the end its browser must have had nothing to complain about."""
    async with Page.open(browser) as page:
        await visit(page, box)
        yield page
        assert page.problems == []


async def visit(page, box):
    await page.goto(box.url.removesuffix("api/"))
    await page.shows("#live", "live")
    await page.shows("#base-url", box.url)


@pytest.fixture
async def paymo(box):
    async with PaymoClient(box.api_key, base_url=box.url, retry=RetryPolicy(attempts=1)) as paymo:
        yield paymo


async def test_it_shows_what_the_sandbox_is_and_how_to_connect(page, box):
    assert await page.text("#fact-seed") == "documented · 1"
    assert await page.text("#curl") == f"curl -u {box.api_key}:x {box.url}projects"
    assert (await page.text("#env")).split() == [
        "export",
        f"PAYMO_BASE_URL={box.url}",
        "export",
        f"PAYMO_API_KEY={box.api_key}",
    ]
    assert await page.evaluate("document.querySelector('[data-path=clients]').textContent") == "clients4"


async def test_requests_show_as_they_come_and_as_they_came_before(page, box, paymo):
    await paymo.clients.list(where="active=true")
    await page.shows("#requests", "/clients?where=active=true")
    words = (await page.text("#requests tr")).split()
    assert (words[1], words[3], words[-1]) == ("GET", "200", "…-key")
    await page.goto("about:blank")
    await visit(page, box)
    await page.shows("#requests", "/clients?where=active=true")


async def test_a_switch_is_felt_by_a_client_until_it_is_thrown_back(page, box, paymo):
    await page.write("#fault-path", "clients*")
    await page.click("#switch-500")
    await page.shows("#faults", "500 all of clients*")
    with pytest.raises(ServerError):
        await paymo.clients.list()
    assert await paymo.projects.list()
    await page.shows("#requests .tag", "500")
    await page.shows("#faults", "acted 1 of 1")
    await page.click("#switch-500")
    await page.shows("#fact-faults", "none")
    assert await paymo.clients.list()
    box.faults.add("latency", seconds=0.0)  # by whoever else
    await page.until("document.querySelector('#switch-latency').checked")
    await page.click("#faults button")
    await page.until("!document.querySelector('#switch-latency').checked")
    assert len(box.faults) == 0


async def test_a_fault_that_makes_no_sense_is_refused_in_words(page, box):
    await page.write("#fault-probability", "700")
    await page.evaluate("document.querySelector('#switch-drift').click()")
    await page.shows("#notice", "probability: 7.0 is not between 0 and 1")
    await page.until("!document.querySelector('#switch-drift').checked")
    (refused,) = page.problems  # a browser tells of every answer of 400
    assert "/_sandbox/faults" in refused
    page.problems.clear()


async def test_a_delivery_shows_with_its_body(page, box, paymo):
    async def take(request):
        await request.read()
        return web.Response()

    async with test_utils.RawTestServer(take) as server:
        await paymo.hooks.create(Webhook(event="*", target_url=str(server.make_url("/told")), secret="secret"))
        await paymo.clients.create(Client(name="Nordlicht"))
        await page.shows("#deliveries-total", "1")
    await page.click("#tab-webhooks")
    await page.click("#deliveries button")
    await page.shows("#delivery", '"name": "Nordlicht"')
    shown = await page.text("#delivery")
    assert "X-Paymo-Event: model.insert.Client" in shown
    assert "X-Paymo-Signature: sha1=" in shown
    assert " 200 " in " ".join((await page.text("#deliveries")).split())
    await page.click("#delivery-close")
    await page.click("#deliveries .status")  # anywhere in the row
    await page.shows("#delivery", '"name": "Nordlicht"')


async def test_what_comes_from_requests_is_text_and_never_markup(page, box, paymo):
    name = "<img src=x onerror=\"document.title='hit'\">"
    made = await paymo.clients.create(Client(name=name))
    box.requests.end(box.requests.begin(Seen(name, name, query=name, faults=(name,), key=name)))
    await page.shows("#requests tr", f"/{name}?{name}")
    await page.click("#tab-account")
    await page.click("[data-path=clients]")
    await page.shows("#objects", name)
    await page.click("#objects button:last-child")
    await page.shows("#object-name", f"clients/{made.id}")
    assert r"<img src=x onerror=\"document.title='hit'\">" in await page.text("#object")
    assert await page.evaluate("[document.title, document.querySelectorAll('main img').length]") == ["Paymo sandbox", 0]


async def test_every_resource_can_be_looked_into(page, box):
    await page.click("#tab-account")
    paths = await page.evaluate("[...document.querySelectorAll('[data-path]')].map((each) => each.dataset.path)")
    assert len(paths) == len([*box.account.tables]) - 1  # statsreports cannot be read
    for path in paths:
        await page.evaluate(f"document.querySelector('[data-path={path}]').click()")
        await page.until(f"document.querySelector('#objects').dataset.path === '{path}'")
    await page.click("[data-path=estimates]")
    await page.click("#objects button")
    await page.shows("#object", '"subtotal"')


async def test_the_rate_window_empties_and_fills(page, box, paymo):
    await page.write("#rate-form [name=limit]", "3")
    await page.write("#rate-form [name=period]", "3600")
    await page.click("#rate-form button")
    await page.shows("#rate-model", "3 in 3600 s, sliding")
    assert box.limiter.model == RateModel(3, 3600.0, "sliding")
    await paymo.clients.list()
    await page.shows("#rate-keys", "2 of 3")
    assert await page.evaluate("document.querySelector('.fill').style.width") == f"{200 / 3:.4f}%"
    await page.evaluate("document.activeElement.blur()")
    box.limit(RateModel(4, 1800.0, "leaky"))
    await page.shows("#rate-keys", "No key has asked yet")
    shown = "[...new FormData(document.querySelector('#rate-form')).values()].join()"
    assert await page.evaluate(shown) == "4,1800,leaky"
    await page.click("#rate-none")
    await page.shows("#fact-rate", "no limit")
    assert box.limiter is None


async def test_the_clock_is_frozen_and_moved(page, box):
    await page.click("#clock-freeze")
    await page.shows("#clock-state", "frozen")
    later = box.clock.now + timedelta(days=1, hours=1)
    await page.click("[data-move=days]")
    await page.click("[data-move=hours]")
    await page.shows("#clock", f"{later:%Y-%m-%d %H:%M:%S}")
    assert box.clock.now == later
    await page.click("#clock-freeze")
    await page.until("document.querySelector('#clock-state').hidden")
    assert not box.clock.frozen


async def test_the_state_is_kept_replaced_and_gone_back_to(page, box):
    await page.write("#snapshot-form input", "full")
    await page.click("#snapshot-form button")
    await page.shows("#snapshots", "full")
    await page.evaluate("document.querySelector('#seeds').value = 'empty'")
    await page.click("#seed")
    await page.shows("#seed", "Really? Press again")
    assert box.account.store.count(box.account.tables["clients"]) == 4
    await page.click("#seed")
    await page.shows("#fact-seed", "empty")
    assert box.account.store.count(box.account.tables["clients"]) == 0
    await page.click("#snapshots li button")
    await page.shows("#notice", "Back at full")
    await page.until("document.querySelector('[data-path=clients]').textContent === 'clients4'")
    box.account.create("clients", {"name": "Nordlicht"}, 23129)
    await page.until("document.querySelector('[data-path=clients]').textContent === 'clients5'")
    await page.click("#reset")
    await page.click("#reset")
    await page.shows("#notice", "As at the start")
    await page.until("document.querySelector('[data-path=clients]').textContent === 'clients4'")


async def test_requests_are_filtered_paused_cleared_and_bounded(page, box):
    for number in range(1, 701):
        box.requests.end(box.requests.begin(Seen("GET", "tasks" if number % 350 else "clients", status=200)))
    await page.until("document.querySelector('#requests tr').dataset.number === '700'")
    assert await page.evaluate("document.querySelectorAll('#requests tr').length") == 300
    await page.write("#filter", "get clients 2xx")
    await page.until("document.querySelectorAll('#requests tr').length === 2")
    await page.write("#filter", "post")
    await page.shows("#requests-empty", "No request fits the filter")
    await page.write("#filter", " ")
    await page.click("#pause")
    box.requests.end(box.requests.begin(Seen("GET", "estimates", status=200)))
    await page.shows("#pause", "1 new")
    assert "/estimates" not in await page.text("#requests tr")
    await page.click("#pause")
    await page.shows("#requests tr", "/estimates")
    await page.click("#forget")
    await page.shows("#requests-empty", "No request yet")
    assert len(box.requests) == 0


async def test_it_is_used_without_a_mouse(page):
    await page.evaluate("document.querySelector('#tab-requests').focus()")
    await page.press("ArrowRight")
    await page.until("!document.querySelector('#panel-account').hidden")
    assert await page.evaluate("document.activeElement.id") == "tab-account"
    for key, chosen in (("End", "webhooks"), ("Home", "requests"), ("End", "webhooks")):
        await page.press(key)
        assert await page.evaluate("document.activeElement.id") == f"tab-{chosen}"
    await page.press("/")
    await page.until("document.activeElement.id === 'filter'")
    assert await page.evaluate("document.querySelector('#panel-webhooks').hidden")
    unnamed = "[...document.querySelectorAll('button, input, select')].filter((each) => !each.labels?.length && "
    assert await page.evaluate(f"{unnamed} !each.ariaLabel && !each.textContent.trim()).map((each) => each.id)") == []


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (400, False)])
async def test_it_is_drawn_in_light_and_dark_wide_and_narrow(browser, box, paymo, width, dark):
    await paymo.clients.list()
    async with Page.open(browser, width=width, dark=dark) as page:
        await visit(page, box)
        await page.shows("#requests", "/clients")
        drawn = Image.open(io.BytesIO(await page.screenshot())).convert("L")
        assert await page.evaluate("document.documentElement.scrollWidth") == width
        assert page.problems == []
    shades = drawn.histogram()
    assert drawn.size == (width, 900)
    assert sum(count > 0 for count in shades) > 100  # letters, lines, boxes: a blank page has one
    ground = max(range(256), key=shades.__getitem__)
    assert (ground < 60) if dark else (ground > 200)


async def test_it_comes_back_with_another_sandbox_on_its_port(browser):
    async with Page.open(browser) as page:
        async with Sandbox() as box:
            await visit(page, box)
            async with PaymoClient(box.api_key, base_url=box.url) as paymo:
                await paymo.clients.list()
            await page.shows("#requests", "/clients")
            port = int(box.url.split(":")[2].split("/")[0])
        await page.shows("#live", "no answer, reconnecting")
        async with Sandbox(seed="empty", port=port) as box:
            await page.shows("#live", "live")
            await page.shows("#fact-seed", "empty")
            await page.until("document.querySelectorAll('#requests tr').length === 0")
