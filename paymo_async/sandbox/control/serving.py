"""A request below `/_sandbox/` or for the console page: who may ask, what answers, and the refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiohttp import web

from paymo_async.sandbox.answers import Answer, message
from paymo_async.sandbox.control.asking import Ask
from paymo_async.sandbox.control.endpoints import ENDPOINTS, Desk
from paymo_async.sandbox.control.events import HEARTBEAT, Events
from paymo_async.sandbox.control.guard import check_content_type, check_host, check_origin
from paymo_async.sandbox.control.page import PAGES, page
from paymo_async.sandbox.values import Problem

if TYPE_CHECKING:
    from paymo_async.sandbox.server import Sandbox

__all__ = ["CONTROL", "Control"]

CONTROL: Final = "/_sandbox/"
"""Where the control API begins."""


class Control:
    """The control API and the console page of one sandbox. bound: the host it is served on. heartbeat: of the events,
    in seconds.
    """

    def __init__(self, box: Sandbox, bound: str, *, heartbeat: float = HEARTBEAT) -> None:
        self._desk = Desk(box)
        self._bound = bound
        self._heartbeat = heartbeat

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answers one request that is not for the API."""
        try:
            check_host(request.headers.get("Host", ""), self._bound)
            check_origin(request.headers)
            if request.path == f"{CONTROL}events":
                _check_method(request, ("GET",))
                return await Events(self._desk, request, heartbeat=self._heartbeat).stream()
            answer = await self._answer(request)
        except Problem as problem:
            answer = message(problem.status, problem.message)
        except _NotAllowed as refusal:
            answer = message(405, f"{request.path} takes {refusal.allowed}")
            answer.headers["Allow"] = refusal.allowed
        headers = {"Content-Type": answer.content_type, "Cache-Control": "no-store", **answer.headers}
        return web.Response(status=answer.status, body=answer.body, headers=headers)

    async def _answer(self, request: web.BaseRequest) -> Answer:
        if request.path in PAGES:
            _check_method(request, ("GET", "HEAD"))
            return page(request.path)
        name, _, item = f"{request.path}/".removeprefix(CONTROL).strip("/").partition("/")
        methods = ENDPOINTS.get(f"{name}/ID" if item else name)
        if methods is None or not request.path.startswith(CONTROL.rstrip("/")):
            raise Problem(404, f"Not found: the API is below /api/, the sandbox's own below {CONTROL}")
        _check_method(request, (*methods, "HEAD") if "GET" in methods else tuple(methods))
        raw = await request.read()
        if raw:
            check_content_type(request.content_type)
        endpoint = methods["GET" if request.method == "HEAD" else request.method]
        answer = endpoint(self._desk, Ask(request.query, raw, item))
        return answer if isinstance(answer, Answer) else await answer


class _NotAllowed(Exception):  # it is an answer, not a fault of the program
    """A method that is not taken. allowed: those that are."""

    def __init__(self, allowed: str) -> None:
        super().__init__(allowed)
        self.allowed = allowed


def _check_method(request: web.BaseRequest, allowed: tuple[str, ...]) -> None:
    if request.method not in allowed:
        raise _NotAllowed(", ".join(allowed))
