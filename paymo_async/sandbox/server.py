"""The sandbox: an embedded Paymo on a real socket of this machine.

    async with Sandbox(seed="documented") as box:
        ...  # requests to box.url with box.api_key

    with Sandbox() as box:
        ...  # the same in a thread of its own, for programs without an event loop

All requests are served in the event loop that entered the sandbox; SQLite is asked directly, since its answers take
less time than a thread's hand-over would. Nothing survives its block but a state file that was asked for.
"""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import attrs
from aiohttp import web

from paymo_async.sandbox.account import Account
from paymo_async.sandbox.api import Api
from paymo_async.sandbox.assets import Download
from paymo_async.sandbox.clock import Clock
from paymo_async.sandbox.control import Control
from paymo_async.sandbox.faults import Faults
from paymo_async.sandbox.include import CUT
from paymo_async.sandbox.links import follow
from paymo_async.sandbox.options import (
    Faulty,
    Limit,
    Time,
    read_clock,
    read_cut,
    read_faults,
    read_lacks,
    read_limit,
    read_plan,
    read_port,
    read_state,
)
from paymo_async.sandbox.ratelimit import RateLimiter
from paymo_async.sandbox.rules import rules
from paymo_async.sandbox.schema import schema
from paymo_async.sandbox.seed import OWNER_EMAIL, OWNER_PASSWORD, Seed, check_seed, plant
from paymo_async.sandbox.serving import MOST, ROOT, Serving, Wire, serve_file
from paymo_async.sandbox.store import Store
from paymo_async.sandbox.thread import LoopThread
from paymo_async.sandbox.traffic import Deliveries, Traffic
from paymo_async.sandbox.webhooks import Terms, Webhooks

__all__ = ["API_KEY", "Sandbox", "Settings", "Snapshot"]

API_KEY: Final = "sandbox-api-key"
"""The key that every sandbox accepts; it belongs to the seed's owner."""

_HERE: Final[Mapping[str, str]] = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # read, not bound
_PATIENCE = 0.05  # seconds for answers that are being written when the sandbox ends


class Snapshot(NamedTuple):
    """The whole state of an account at one moment. database: a SQLite file's bytes. keys: user ids by API key."""

    database: bytes
    keys: Mapping[str, int]

    def __repr__(self) -> str:
        return f"<Snapshot of {len(self.database)} bytes>"


class Settings(NamedTuple):
    """What a sandbox was seeded with, and its options, as JSON can hold them."""

    seed: Seed | Snapshot
    number: int
    options: Mapping[str, Any]


class Sandbox:
    """An embedded Paymo; use it with `async with`, or with `with` where there is no event loop.

    - seed: what is in the account: "empty", "documented", "demo", "fetch", "large", a `Size`, or the `Snapshot` of
      another sandbox; seed_number: another number makes other data. An unknown seed raises ValueError on entering.
    - rate_limit: as (5, 5.0), requests and seconds, or a `RateModel`. Without one the headers tell of a million;
      rate_headers: False leaves them out.
    - drift: types drift in every answer, as the fault of this name does it.
    - compress: gzip for those who accept it. max_body: bytes of a request, 413 past them.
    - cors: pages of other origins may use the API in a browser; whether the service lets them is unknown.
    - faults: what goes wrong from the start: a `Fault`, or its text, or several.
    - state: a SQLite file, seeded when it is new, kept afterwards.
    - host, port: what to listen on; port 0 takes a free one.
    - cut: objects of one type in an answer; None switches the cut off.
    - shuffle: a seed for the order of lists and included children, another for each request but the same for all pages
      of a list.
    - odd_keys: response keys as seen of the live service. html_401: a wrong key gets HTML.
    - plan: limits by the company's names (`{"max_users": 2}`); lacks: paths that the plan does not have.
    - webhooks: False delivers none. webhook_timeout: seconds for an attempt; webhook_retries: attempts after the first
      (how often the service tries is not known); webhook_text_ids: ids of deleted objects come as texts, as was seen.
    - clock: a moment at which time stands still (a `datetime` or its text, as "2026-01-31T08:59:00Z"), a `Clock`, or a
      callable of seconds since 1970, which `box.clock` follows until it is frozen or moved.
    - monotonic: seconds, for the rate limit; sleep: for what is slow on purpose.

    Raises TypeError or ValueError for an option that cannot be meant.
    """

    def __init__(
        self,
        *,
        seed: Seed | Snapshot = "documented",
        seed_number: int = 1,
        rate_limit: Limit | None = None,
        rate_headers: bool = True,
        drift: bool = False,
        compress: bool = False,
        max_body: int = MOST,
        cors: bool = False,
        faults: Faulty = (),
        state: str | Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        cut: int | None = CUT,
        shuffle: int | None = None,
        odd_keys: bool = True,
        html_401: bool = False,
        plan: Mapping[str, int | None] | None = None,
        lacks: str | Collection[str] = (),
        webhooks: bool = True,
        webhook_timeout: float = 10.0,
        webhook_retries: int = 0,
        webhook_text_ids: bool = False,
        clock: Time = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        self.api_key = API_KEY
        self.email = OWNER_EMAIL
        self.password = OWNER_PASSWORD
        given = read_faults(faults)
        self.faults: Faults = Faults(given)
        self.requests: Traffic = Traffic()
        self.deliveries: Deliveries = Deliveries()
        self.clock: Clock = read_clock(clock)
        self._rate_limit = read_limit(rate_limit)
        self._wire = Wire(rate_headers, drift, compress, max_body, cors)
        self._seed: Seed | Snapshot = seed
        self._seed_number = seed_number
        self._first = (seed, seed_number, self._rate_limit, tuple(given))
        self._state = read_state(state)
        self._where = (host, read_port(port))
        self._options: dict[str, Any] = {
            "cut": read_cut(cut),
            "shuffle": shuffle,
            "odd_keys": odd_keys,
            "html_401": html_401,
            "lacks": read_lacks(lacks),
        }
        self._plan = read_plan(plan)
        self._terms: Terms | None = Terms(webhook_timeout, webhook_retries, webhook_text_ids) if webhooks else None
        self._monotonic = monotonic
        self._sleep = sleep
        self._account: Account | None = None
        self._serving: Serving | None = None
        self._webhooks: Webhooks | None = None
        self._control: Control = Control(self, host)
        self._runners: list[web.ServerRunner] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._url = ""
        self._entered = False
        self._thread: LoopThread | None = None

    def __repr__(self) -> str:
        return f"<Sandbox at {self._url}>" if self._url else "<Sandbox, not running>"

    @property
    def url(self) -> str:
        """The API's root: `http://127.0.0.1:PORT/api/`. Raises RuntimeError when the sandbox does not run."""
        if not self._url:
            raise RuntimeError(_NOT_RUNNING)
        return self._url

    @property
    def account(self) -> Account:
        """The account behind it, for looking and for changes that no request makes."""
        if self._account is None:
            raise RuntimeError(_NOT_RUNNING)
        return self._account

    @property
    def limiter(self) -> RateLimiter | None:
        """What counts the requests of each key; None where nothing limits them."""
        return self._served.limiter

    @property
    def settings(self) -> Settings:
        """How it was made, with what was set since."""
        more = {**self._wire._asdict(), "plan": self._plan, "state": self._state and str(self._state)}
        return Settings(self._seed, self._seed_number, {**self._options, **more})

    @property
    def downloads(self) -> list[Download]:
        """The last requests to the origin that serves uploaded files, and whether credentials came along."""
        return list(self.account.assets.downloads)

    async def delivered(self) -> None:
        """Returns when the webhooks are told of all that has changed, or could not be; from any event loop."""
        if self._webhooks is not None:
            await self._webhooks.delivered()

    def wait_delivered(self, timeout: float | None = None) -> None:
        """The same for a program without an event loop. timeout: seconds. Raises TimeoutError."""
        if self._webhooks is not None:
            self._webhooks.wait_delivered(timeout)

    def limit(self, given: Limit | None) -> None:
        """Sets another rate limit, or none; every key begins with a full allowance. Raises TypeError, ValueError."""
        model = self._rate_limit = read_limit(given)
        self._served.limiter = RateLimiter(model, self._monotonic) if model else None

    def add_key(self, user_id: int) -> str:
        """An API key of another user. Raises Problem 404 where there is none."""
        with self.account.lock:
            self.account.get("users", user_id)
            key = self.account.token(32)
            self._served.api.keys = {**self._served.api.keys, key: user_id}
        return key

    def seed(self, seed: Seed | Snapshot | None = None, number: int | None = None) -> None:
        """Empties the account and seeds it anew, as it began unless another seed or number is given.

        Keys of other users and sessions are gone; faults, the rate limit and the clock stay. Raises ValueError for an
        unknown seed.
        """
        if seed is not None and not isinstance(seed, Snapshot):
            check_seed(seed)
        self._seed = self._seed if seed is None else seed
        self._seed_number = self._seed_number if number is None else number
        with self.account.lock:
            self.account.store.empty()
            self._served.api.keys = self._plant(self.account)
            self.account.skip_time()
            self._reloaded()

    def reset(self) -> None:
        """As at the start: the first seed, rate limit and faults anew, the clock as it was, nothing seen."""
        seed, number, limit, faults = self._first
        self.faults.clear()
        for fault in faults:
            self.faults.add(attrs.evolve(fault))
        with self.account.lock:
            self.clock.listeners.discard(self._clock_moved)  # for the account that is thrown away no time passes
            self.clock.reset()
            self.clock.listeners.add(self._clock_moved)
            self.seed(seed, number)
        self.limit(limit)
        self.requests.clear()
        self.deliveries.clear()
        self.account.assets.downloads.clear()

    def snapshot(self) -> Snapshot:
        """The state of the account, to go back to. It takes as much memory as the account does."""
        with self.account.lock:
            return Snapshot(self.account.store.snapshot(), dict(self._served.api.keys))

    def restore(self, snapshot: Snapshot) -> None:
        """Goes back to a snapshot; all that came after it is gone, but what was seen and the clock."""
        with self.account.lock:
            self._take_up(self.account, snapshot)
            self._served.api.keys = dict(snapshot.keys)
            self._reloaded()

    def save(self, path: Path) -> None:
        """Writes the state to a SQLite file, with which `Sandbox(state=path)` begins."""
        if self._state is not None and path.exists() and path.samefile(self._state):
            return  # it is there already, and must not be replaced under the sandbox
        with self.account.lock:
            self.account.store.save(path)

    async def __aenter__(self) -> Self:
        if self._entered:
            raise RuntimeError("this sandbox is running already: one Sandbox is entered once at a time")
        store = Store(schema(), self._state)
        account = Account(store, rules(), clock=self.clock, seed=self._seed_number)
        self._entered = True
        try:
            self._url = account.url = await self._listen(self._handle, self._where[1]) + ROOT.removeprefix("/")
            account.assets.url = await self._listen(self._handle_file, 0)
            keys = self._plant(account)
        except BaseException:
            await self._stop(store)
            raise
        self._account = account
        self._serving = Serving(
            Api(account, keys, **self._options),
            faults=self.faults,
            traffic=self.requests,
            limiter=RateLimiter(self._rate_limit, self._monotonic) if self._rate_limit else None,
            wire=self._wire,
            clock=self.clock,
            sleep=self._sleep,
            settle=self._settle,
        )
        if self._terms is not None:
            self._webhooks = Webhooks(account, self._terms, log=self.deliveries, clock=self.clock, sleep=self._sleep)
        self.clock.listeners.add(self._clock_moved)
        self._reloaded()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is not None:
            raise RuntimeError("this sandbox was entered by `with`: leave it by `with` too")
        await self._leave()

    def __enter__(self) -> Self:
        thread = LoopThread(self.__aenter__, self._leave)
        thread.start()
        self._thread = thread
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is None:
            raise RuntimeError("this sandbox was not entered by `with`")
        thread, self._thread = self._thread, None
        thread.stop()

    async def _leave(self) -> None:
        self.clock.listeners.discard(self._clock_moved)
        await self._stop(self.account.store)

    @property
    def _served(self) -> Serving:
        if self._serving is None:
            raise RuntimeError(_NOT_RUNNING)
        return self._serving

    def _plant(self, account: Account) -> dict[str, int]:
        """Seeds the account, and returns user ids by API key."""
        if isinstance(self._seed, Snapshot) and not account.store.count(account.tables["users"]):
            self._take_up(account, self._seed)
            keys = dict(self._seed.keys)
        else:
            self._place(account)
            # Where a file holds an account already, that is kept, whatever it would be seeded with.
            seed = "empty" if isinstance(self._seed, Snapshot) else self._seed
            keys = {self.api_key: plant(account, seed, self._seed_number)}
        account.set_company(self._plan)
        return keys

    def _take_up(self, account: Account, snapshot: Snapshot) -> None:
        """Goes back to a snapshot, perhaps of another sandbox."""
        account.store.restore(snapshot.database)
        self._place(account)

    def _place(self, account: Account) -> None:
        """Lets the links in the account lead to this sandbox."""
        follow(account.store, "api", account.url)
        follow(account.store, "files", account.assets.url)

    def _reloaded(self) -> None:
        """What depends on the account's objects and is kept beside them."""
        self._served.forget()
        if self._webhooks is not None:
            self._webhooks.begin(self._served.api.keys[self.api_key])

    def _clock_moved(self) -> None:
        with self.account.lock:
            self.account.pass_time()
            self._settle()

    def _settle(self) -> None:
        """After the account has changed: tells those who want to know."""
        if self._webhooks is not None:
            self._webhooks.settle()

    async def _listen(self, handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], port: int) -> str:
        """Serves with a handler, and returns the root of its URLs."""
        runner = web.ServerRunner(web.Server(handler, access_log=None), shutdown_timeout=_PATIENCE)
        self._runners.append(runner)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._where[0], port).start()
        except OSError as error:
            raise OSError(error.errno, _unheard(error, self._where[0], port)) from None
        host, port = runner.addresses[0][:2]
        name = _HERE.get(str(host), str(host))
        return f"http://[{name}]:{port}/" if ":" in name else f"http://{name}:{port}/"

    async def _stop(self, store: Store) -> None:
        async with AsyncExitStack() as ending:  # all of it happens, from the last to the first, whatever one raises
            ending.callback(self._stopped, store)
            for runner in self._runners:
                ending.push_async_callback(runner.cleanup)
            if self._webhooks is not None:
                ending.push_async_callback(self._webhooks.close)
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks)

    def _stopped(self, store: Store) -> None:
        self._runners.clear()
        self._account = self._serving = self._webhooks = None
        self._url = ""
        self._entered = False
        store.close()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serves one request, and lets itself be cancelled when the sandbox ends."""
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if request.path.startswith(ROOT) and self._serving is not None:
            return await self._serving.serve(request)
        return await self._control.serve(request)

    async def _handle_file(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serves one uploaded file, from a port of its own."""
        path = request.path.removeprefix("/")
        struck = self.faults.striking(request.method, path)
        with self.account.lock:
            answer = self.account.assets.answer(path, request.headers)
        return await serve_file(request, answer, struck, self._sleep)


def _unheard(error: OSError, host: str, port: int) -> str:
    """Why nobody can be listened to, and what to do."""
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is taken (address already in use): give another, or 0 for a free one"
    return f"cannot listen on {host}, port {port}: {error.strerror}"


_NOT_RUNNING = "the sandbox is not running: use it with `async with`, or `with`"
