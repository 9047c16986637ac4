"""The control API below `/_sandbox/`: what a test in any language does with the sandbox itself.

Nothing here is limited, struck by faults or seen in the log of requests. Bodies are JSON and must say so: a page of
another origin can then not reach it from a browser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
from aiohttp import web

from paymo_async.sandbox.answers import Answer, message
from paymo_async.sandbox.values import dump

if TYPE_CHECKING:
    from paymo_async.sandbox.server import Sandbox

__all__ = ["CONTROL", "Control"]

CONTROL: Final = "/_sandbox/"
"""Where the control API begins."""


class Control:
    """The control API of one sandbox."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answers one request below `CONTROL`."""
        answer = self._answer(request.method, request.path.removeprefix(CONTROL).strip("/"))
        return web.Response(status=answer.status, body=answer.body, content_type=answer.content_type)

    def _answer(self, method: str, path: str) -> Answer:
        if (method, path) == ("GET", "requests"):
            return _json({"requests": [attrs.asdict(seen) for seen in self._box.requests]})
        if (method, path) == ("POST", "reset"):
            self._box.reset()
            return _json({})
        return message(404, "Not found")


def _json(value: Any) -> Answer:
    return Answer(200, dump(value))
