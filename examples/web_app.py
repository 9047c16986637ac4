"""A small web app over Paymo: one client for all requests, so one connection pool and one rate limit.

    PAYMO_API_KEY=... python examples/web_app.py        # then GET /projects, GET /tasks/12, POST /tasks/12/timer

Requests that want a task at about the same moment are answered from one request to the service. What would have to wait
too long for the rate limit is a 503 with Retry-After, so that no browser hangs.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from paymo_async import NotFound, PaymoClient, PaymoError, RateLimitTooLong, Task, TimerRunning
from paymo_async.loader import Loader

PAYMO = web.AppKey("paymo", PaymoClient)
TASKS = web.AppKey("tasks", Loader[Task])


def make_app(connect: Callable[[], PaymoClient] = lambda: PaymoClient(max_wait=5.0)) -> web.Application:
    """The app; `connect` makes its client, once the event loop runs."""

    async def paymo(app: web.Application) -> AsyncIterator[None]:
        async with connect() as app[PAYMO]:
            app[TASKS] = app[PAYMO].tasks.loader(include="project.name")
            yield

    app = web.Application(middlewares=[failures_as_json])
    app.cleanup_ctx.append(paymo)
    app.router.add_get("/projects", projects)
    app.router.add_get("/tasks/{id:[1-9][0-9]*}", task)
    app.router.add_post("/tasks/{id:[1-9][0-9]*}/timer", start_timer)
    return app


async def projects(request: web.Request) -> web.Response:
    """All active projects, however many."""
    listing = request.app[PAYMO].projects.list(active=True, include="id,name,code")
    return web.json_response([project.to_dict() async for project in listing])


async def task(request: web.Request) -> web.Response:
    """One task with the name of its project."""
    found = await request.app[TASKS].load(int(request.match_info["id"]))
    return web.Response(body=found.to_json(), content_type="application/json")


async def start_timer(request: web.Request) -> web.Response:
    """Starts a timer on a task; `?switch=1` stops the one that runs."""
    timer = await request.app[PAYMO].entries.start_timer(
        int(request.match_info["id"]), switch="switch" in request.query, discard_short=True
    )
    return web.json_response(timer.to_dict(), status=201)


@web.middleware
async def failures_as_json(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """What the service refused, in terms of this app."""
    try:
        return await handler(request)
    except NotFound:
        return web.json_response({"error": "There is no such object."}, status=404)
    except TimerRunning as error:
        running = error.entry.task_id if error.entry else None
        return web.json_response({"error": "A timer is running.", "task": running}, status=409)
    except RateLimitTooLong as error:
        headers = {"Retry-After": str(round(error.retry_after or 1) or 1)}
        return web.json_response({"error": "Busy."}, status=503, headers=headers)
    except PaymoError as error:
        return web.json_response({"error": type(error).__name__}, status=502)


if __name__ == "__main__":
    web.run_app(make_app())
