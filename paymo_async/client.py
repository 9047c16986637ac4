"""`PaymoClient`: credentials, transport, one attribute per resource, and calls in parallel.

async with PaymoClient(api_key="...") as paymo:
    async for task in paymo.tasks.list(complete=False):
        print(task.name)
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import os
import re
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import attrs
import msgspec

from paymo_async.account import Account, Learned, OnUndecodable, Truncation
from paymo_async.auth import Credentials, find_credentials
from paymo_async.errors import InvalidRequest
from paymo_async.fanout import FanOut, Progress
from paymo_async.literals import Escape
from paymo_async.models.base import Model
from paymo_async.models.users import User
from paymo_async.query import encode_params
from paymo_async.transport.call import CallOptions, check_base_url
from paymo_async.transport.hooks import Hooks
from paymo_async.transport.http import Transport
from paymo_async.transport.retry import RetryPolicy
from paymo_async.wire.messages import JSON, Priority, Request, Response

if TYPE_CHECKING:
    import aiohttp

    from paymo_async.resources.base import Standard
    from paymo_async.resources.clients import ClientContacts, Clients
    from paymo_async.resources.comments import Comments, Discussions, Threads
    from paymo_async.resources.company import CompanySettings
    from paymo_async.resources.entries import TimeEntries
    from paymo_async.resources.estimates import EstimateItems, Estimates
    from paymo_async.resources.expenses import Expenses
    from paymo_async.resources.files import Files
    from paymo_async.resources.hooks import Webhooks
    from paymo_async.resources.invoices import InvoiceItems, InvoicePayments, Invoices
    from paymo_async.resources.leave import CompanyDayExceptions, LeaveTypes, StatsReports, UserDayExceptions
    from paymo_async.resources.planning import Bookings
    from paymo_async.resources.projects import Milestones, Projects, ProjectStatuses
    from paymo_async.resources.recurring import RecurringProfileItems, RecurringProfiles, TaskRecurringProfiles
    from paymo_async.resources.reports import Reports
    from paymo_async.resources.sessions import Sessions
    from paymo_async.resources.tasks import Subtasks, TaskAssignments, Tasklists, Tasks
    from paymo_async.resources.templates import (
        EstimateTemplateGalleries,
        EstimateTemplates,
        InvoiceTemplateGalleries,
        InvoiceTemplates,
        ProjectTemplates,
        ProjectTemplateTasklists,
        ProjectTemplateTasks,
    )
    from paymo_async.resources.users import Users
    from paymo_async.resources.workflows import Workflows, WorkflowStatuses
    from paymo_async.transport.limiter import Limiter

__all__ = ["DEFAULT_BASE_URL", "RESOURCES", "PaymoClient"]

T = TypeVar("T")
M = TypeVar("M", bound=Model)
I = TypeVar("I")  # noqa: E741  # item

DEFAULT_BASE_URL: Final = "https://app.paymoapp.com/api/"

# Loaded when first used: the models behind them cost more at import than all the rest.
RESOURCES: Final[Mapping[str, tuple[str, str]]] = {
    "bookings": ("planning", "Bookings"),
    "clientcontacts": ("clients", "ClientContacts"),
    "clients": ("clients", "Clients"),
    "comments": ("comments", "Comments"),
    "companiesdaysexceptions": ("leave", "CompanyDayExceptions"),
    "company": ("company", "CompanySettings"),
    "discussions": ("comments", "Discussions"),
    "entries": ("entries", "TimeEntries"),
    "estimateitems": ("estimates", "EstimateItems"),
    "estimates": ("estimates", "Estimates"),
    "estimatetemplates": ("templates", "EstimateTemplates"),
    "estimatetemplatesgallery": ("templates", "EstimateTemplateGalleries"),
    "expenses": ("expenses", "Expenses"),
    "files": ("files", "Files"),
    "hooks": ("hooks", "Webhooks"),
    "invoiceitems": ("invoices", "InvoiceItems"),
    "invoicepayments": ("invoices", "InvoicePayments"),
    "invoices": ("invoices", "Invoices"),
    "invoicetemplates": ("templates", "InvoiceTemplates"),
    "invoicetemplatesgallery": ("templates", "InvoiceTemplateGalleries"),
    "leavetypes": ("leave", "LeaveTypes"),
    "milestones": ("projects", "Milestones"),
    "projects": ("projects", "Projects"),
    "projectstatuses": ("projects", "ProjectStatuses"),
    "projecttemplates": ("templates", "ProjectTemplates"),
    "projecttemplatestasklists": ("templates", "ProjectTemplateTasklists"),
    "projecttemplatestasks": ("templates", "ProjectTemplateTasks"),
    "recurringprofileitems": ("recurring", "RecurringProfileItems"),
    "recurringprofiles": ("recurring", "RecurringProfiles"),
    "reports": ("reports", "Reports"),
    "sessions": ("sessions", "Sessions"),
    "statsreports": ("leave", "StatsReports"),
    "subtasks": ("tasks", "Subtasks"),
    "tasklists": ("tasks", "Tasklists"),
    "taskrecurringprofiles": ("recurring", "TaskRecurringProfiles"),
    "tasks": ("tasks", "Tasks"),
    "threads": ("comments", "Threads"),
    "users": ("users", "Users"),
    "usersdaysexceptions": ("leave", "UserDayExceptions"),
    "userstasks": ("tasks", "TaskAssignments"),
    "workflows": ("workflows", "Workflows"),
    "workflowstatuses": ("workflows", "WorkflowStatuses"),
}
"""Each resource of the client: the module of `paymo_async.resources` and the class in it."""
_VERBS: Final = ("GET", "POST", "PUT", "DELETE")


class PaymoClient:
    """A client for one Paymo account. Use it as `async with`, or call `aclose()` at the end.

    Credentials: `api_key`, or `email` and `password`, or `session_token`, or `auth` (an `ApiKey`, `Password` or
    `SessionToken`, which renews itself), or the environment's `PAYMO_API_KEY`.

    base_url: the API's root; else `PAYMO_BASE_URL`, else the service's. Plain http is refused except for loopback.
    session: your own aiohttp session; it is used and not closed.
    rate_limit: calls and seconds, as (5, 5.0), until the service says otherwise; else `PAYMO_RATE_LIMIT` as "5/5".
    limiter: your own, such as a `RedisTokenBucket`; else all clients of this process with the same key share one.
    timeout: seconds for each attempt. max_wait: seconds a call may wait for the rate limit; None is without end.
    retry: when and how often to repeat. hooks: functions that watch requests, answers and repeats.
    truncation: "repair" completes answers cut at 2500 objects, "raise" raises `TruncatedError`.
    on_undecodable: told of each object that cannot be read, which is then left out; None raises `DecodeError`.
    escape: how a `"` in a text of `where` is written. How the service wants it is unknown, so the default refuses.

    Every call may raise `APIError` (by status), `PaymoConnectionError`, `PaymoTimeout`, `RateLimitTooLong`,
    `DecodeError`, and before anything is sent `InvalidRequest`.
    """

    if TYPE_CHECKING:
        bookings: Bookings
        clientcontacts: ClientContacts
        clients: Clients
        comments: Comments
        companiesdaysexceptions: CompanyDayExceptions
        company: CompanySettings
        discussions: Discussions
        entries: TimeEntries
        estimateitems: EstimateItems
        estimates: Estimates
        estimatetemplates: EstimateTemplates
        estimatetemplatesgallery: EstimateTemplateGalleries
        expenses: Expenses
        files: Files
        hooks: Webhooks
        invoiceitems: InvoiceItems
        invoicepayments: InvoicePayments
        invoices: Invoices
        invoicetemplates: InvoiceTemplates
        invoicetemplatesgallery: InvoiceTemplateGalleries
        leavetypes: LeaveTypes
        milestones: Milestones
        projects: Projects
        projectstatuses: ProjectStatuses
        projecttemplates: ProjectTemplates
        projecttemplatestasklists: ProjectTemplateTasklists
        projecttemplatestasks: ProjectTemplateTasks
        recurringprofileitems: RecurringProfileItems
        recurringprofiles: RecurringProfiles
        reports: Reports
        sessions: Sessions
        statsreports: StatsReports
        subtasks: Subtasks
        tasklists: Tasklists
        taskrecurringprofiles: TaskRecurringProfiles
        tasks: Tasks
        threads: Threads
        users: Users
        usersdaysexceptions: UserDayExceptions
        userstasks: TaskAssignments
        workflows: Workflows
        workflowstatuses: WorkflowStatuses

    def __init__(
        self,
        api_key: str | None = None,
        *,
        email: str | None = None,
        password: str | None = None,
        session_token: str | None = None,
        auth: Credentials | None = None,
        base_url: str | None = None,
        session: aiohttp.ClientSession | None = None,
        rate_limit: tuple[int, float] | None = None,
        limiter: Limiter | None = None,
        timeout: float = 60.0,
        max_wait: float | None = None,
        priority: Priority = "interactive",
        retry: RetryPolicy | None = None,
        hooks: Hooks | None = None,
        truncation: Truncation = "repair",
        on_undecodable: OnUndecodable | None = None,
        escape: Escape = "refuse",
    ) -> None:
        if auth is not None and any(value is not None for value in (api_key, email, password, session_token)):
            raise InvalidRequest("Give auth, or api_key, or email and password, or session_token; not several")
        environment = dict(os.environ)
        credentials = auth or find_credentials(api_key, email, password, session_token, environment)
        root = check_base_url(base_url or environment.get("PAYMO_BASE_URL") or DEFAULT_BASE_URL)
        if limiter is not None and rate_limit is not None:
            raise InvalidRequest("Give limiter or rate_limit, not both: a limiter brings its own")
        settings = _rate_settings(rate_limit, environment.get("PAYMO_RATE_LIMIT"))
        transport = Transport(
            base_url=root,
            credentials=credentials,
            limiter=limiter or functools.partial(_shared_limiter, str(root.origin()), credentials.account, settings),
            retry=retry or RetryPolicy(),
            hooks=hooks or Hooks(),
            session=session,
        )
        self._account = Account(
            transport=transport,
            options=CallOptions(timeout=timeout, max_wait=max_wait, priority=priority),
            truncation=truncation,
            escape=escape,
            on_undecodable=on_undecodable,
            learned=Learned(),
        )

    if not TYPE_CHECKING:  # hidden from checkers, for which any name would be right otherwise

        def __getattr__(self, name: str) -> Any:
            try:
                module, cls = RESOURCES[name]
            except KeyError:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}") from None
            made = getattr(importlib.import_module(f"paymo_async.resources.{module}"), cls)(self._account)
            self.__dict__[name] = made  # the next use finds it without coming here
            return made

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *RESOURCES})

    def resource(self, model: type[M]) -> Standard[M]:
        """The operations on a model of your own, declared with `@resource`, say for what the service added lately.

        All five are offered; which of them the service has is for you to know.
        """
        from paymo_async.resources.base import Standard

        made: type[Standard[M]] = type(f"{model.__name__}Resource", (Standard,), {"model": model})
        return made(self._account)

    async def me(self) -> User:
        """The user whose credentials are in use."""
        return await self.users.me()

    def map(
        self,
        call: Callable[[I], Awaitable[T]],
        items: Iterable[I] | AsyncIterable[I],
        *,
        ordered: bool = False,
        concurrency: int | None = None,
        raise_first: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> FanOut[I, T]:
        """`call(item)` for many items at once: an `Outcome` for each, as they come or in the input's order.

        items: may be async, and endless; they are taken as there is room. concurrency: calls under way at once;
        by default as many as the rate limit and the service's latency can use. raise_first: the first error cancels
        the rest and is raised. on_progress: told after each.
        """
        if concurrency is not None and concurrency < 1:
            raise InvalidRequest(f"concurrency must be at least 1, not {concurrency}")
        return FanOut(
            call,
            items,
            width=self._account.width if concurrency is None else lambda: concurrency,
            ordered=ordered,
            raise_first=raise_first,
            on_progress=on_progress,
        )

    async def gather(self, *calls: Awaitable[T]) -> list[T]:
        """The results of several calls made at once, in their order; the first error cancels the others."""

        async def one(call: Awaitable[T]) -> T:
            return await call

        tasks = [asyncio.ensure_future(one(call)) for call in calls]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: bytes | None = None,
        content_type: str | None = None,
        accept: str = JSON,
    ) -> Response:
        """Any call, as it stands: under the same limiter, retries, credentials and errors, its answer unread.

        path: under the API's root (`projects/12`), or a whole URL; credentials go along only to the API's origin.
        params: query parameters. json: sent as JSON; or data: sent as it is, with its content_type.
        accept: `application/json`, `text/xml`, `application/pdf`, ...
        """
        verb = method.upper()
        if verb not in _VERBS:
            raise InvalidRequest(f"The service knows {', '.join(_VERBS)}, not {method!r}")
        if json is not None and data is not None:
            raise InvalidRequest("Give json or data, not both")
        if re.search(r"[\x00-\x20\x7f]", path):
            raise InvalidRequest(f"path {path!r} holds a space or a control character; percent-encode it")
        path, _, query = path.removeprefix("/").partition("?")
        asked = dict(params or {})
        parts = [query, _query(asked)]
        request = Request(
            verb,
            path,
            "&".join(part for part in parts if part),
            body=data if json is None else msgspec.json.Encoder(decimal_format="number").encode(json),
            content_type=content_type or (None if json is None else JSON),
            accept=accept,
            include=str(asked.get("include", "")),
        )
        return await self._account.send(request)

    def with_options(
        self,
        *,
        timeout: float | None = None,
        max_wait: float | None = None,
        priority: Priority | None = None,
        truncation: Truncation | None = None,
        on_undecodable: OnUndecodable | None = None,
    ) -> PaymoClient:
        """A view of this client with other settings: `paymo.with_options(priority="background").tasks.list()`.

        It shares everything else, and closing it closes this client.
        """
        account = self._account
        before = account.options
        options = CallOptions(
            timeout=before.timeout if timeout is None else timeout,
            max_wait=before.max_wait if max_wait is None else max_wait,
            priority=before.priority if priority is None else priority,
        )
        view = object.__new__(type(self))
        view._account = attrs.evolve(
            account,
            options=options,
            truncation=truncation or account.truncation,
            on_undecodable=on_undecodable or account.on_undecodable,
        )
        return view

    @property
    def limiter(self) -> Limiter:
        """The rate limiter in use; its `snapshot()` says how it stands. Needs a running event loop."""
        return self._account.transport.limiter

    @property
    def requests_sent(self) -> int:
        """Attempts sent so far, repeats included."""
        return self._account.transport.requests_sent

    @property
    def rejections(self) -> int:
        """429 answers so far."""
        return self._account.transport.rejections

    async def aclose(self) -> None:
        """Closes the connections. A session that was given stays open."""
        await self._account.transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"PaymoClient({self._account.transport.base_url})"


def _shared_limiter(origin: str, account: str, settings: dict[str, Any]) -> Limiter:
    from paymo_async.transport.registry import shared_bucket

    return shared_bucket(origin, account, **settings)


def _query(params: Mapping[str, Any]) -> str:
    """Parameters as they stand; `where` and `include` given here are text and not checked."""
    from paymo_async.literals import encoded

    plain = {name: value for name, value in params.items() if value is not None}
    named = {name: str(plain.pop(name)) for name in list(plain) if name in _NAMED}
    return "&".join(
        part
        for part in (*(f"{name}={encoded(value)}" for name, value in named.items()), encode_params(extra=plain))
        if part
    )


_NAMED: Final = ("where", "include", "partial_include", "page", "page_size")


def _rate_settings(given: tuple[int, float] | None, text: str | None) -> dict[str, Any]:
    """Calls and seconds as the limiter's settings; none where nothing was said."""
    if given is None and text:
        try:
            calls, _, seconds = text.partition("/")
            given = (int(calls), float(seconds))
        except ValueError:
            raise InvalidRequest(f"PAYMO_RATE_LIMIT must read like 5/5 (calls/seconds), not {text!r}") from None
    if given is None:
        return {}
    limit, period = given
    if limit < 1 or not period > 0:
        raise InvalidRequest(f"rate_limit must be at least 1 call and more than 0 seconds, not {given}")
    return {"limit": limit, "period": period}
