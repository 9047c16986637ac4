"""Lists that change while they are read: what pages show then, as faults on demand.

No order is promised and the objects move while a client reads page after page (BEHAVIOUR.md, Lists). Here they move
only where a fault says so, and the same way each time:

    repeat-page    page n shows what page n-1 shows
    moved-object   page n begins with the last object of page n-1 and has no room for its own last one, which is on no
                   page: so it is when an object is added in front of the list between two requests
    stale-page     a GET shows what was true when the same one was asked before, as from a copy that lags behind; the
                   first time it shows the truth
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import Any, Final

import attrs

from paymo_async.sandbox.answers import JSON, Answer
from paymo_async.sandbox.api import Request
from paymo_async.sandbox.auth import credential
from paymo_async.sandbox.faults import Effect
from paymo_async.sandbox.values import dump, is_list, load

__all__ = ["Changing"]

_KEPT: Final = 1000  # answers
_MOST_BYTES: Final = 64 << 20  # of their bodies: a thousand whole lists would be gigabytes
_Asked = tuple[str, str, tuple[tuple[str, str], ...]]


class Changing:
    """Answers requests by `ask`, as the faults that strike let the account be seen.

    most: bytes of the bodies that are remembered for stale pages; the oldest are forgotten first.
    """

    def __init__(self, ask: Callable[[Request], Answer], *, most: int = _MOST_BYTES) -> None:
        self._ask = ask
        self._most = most
        self._size = 0
        self._before: OrderedDict[_Asked, Answer] = OrderedDict()

    def forget(self) -> None:
        """Forgets all that was answered: the account is another one now."""
        self._before.clear()
        self._size = 0

    def answer(self, request: Request, struck: Collection[Effect], *, remember: bool) -> Answer:
        """The answer. remember: a stale-page fault may want this answer later."""
        if "repeat-page" in struck:
            request = _before(request) or request
        answer = self._moved(request) if "moved-object" in struck else self._ask(request)
        if not remember or request.method != "GET":
            return answer
        past = self._exchange(request, answer)
        return past if past is not None and "stale-page" in struck else answer

    def _exchange(self, request: Request, answer: Answer) -> Answer | None:
        """Remembers an answer, and returns the one before it."""
        asked = (credential(request.headers), request.path, tuple(sorted(request.query.items())))
        past = self._before.pop(asked, None)
        self._size += len(answer.body) - (len(past.body) if past else 0)
        self._before[asked] = attrs.evolve(answer, headers=dict(answer.headers))
        while len(self._before) > _KEPT or self._size > self._most:
            _, oldest = self._before.popitem(last=False)
            self._size -= len(oldest.body)
        return past

    def _moved(self, request: Request) -> Answer:
        answer = self._ask(request)
        before = _before(request)
        if before is None or answer.status != 200 or answer.content_type != JSON:
            return answer
        key, here = _list(answer)
        _, there = _list(self._ask(before))
        if is_list(here) and is_list(there) and here and there:
            return attrs.evolve(answer, body=dump({key: [there[-1], *here[:-1]]}))
        return answer


def _list(answer: Answer) -> tuple[str, Any]:
    """The response key and what is under it."""
    found: dict[str, Any] = load(answer.body)
    return next(iter(found.items()))


def _before(request: Request) -> Request | None:
    """The request for the page before; None for the first page and for no page."""
    page = request.query.get("page", "")
    if request.method != "GET" or not page.isdecimal() or int(page) == 0:
        return None
    return request._replace(query={**request.query, "page": str(int(page) - 1)})
