"""From an answer that is no success to the error that says what to do (BEHAVIOUR.md, Basics).

The API answers `{"message": "..."}`, or the same as XML where XML was asked for. A proxy in front of it answers HTML,
plain text or nothing, so a body is taken for what it looks like, whatever its headers say: text is UTF-8 unless its
bytes are not, and markup is read by a parser that knows no entities but HTML's own, fetches nothing, and takes broken
input. Secrets are taken out before anything else is done with a body.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from http import HTTPStatus
from typing import Any, Final, cast

import msgspec

from paymo_async.errors import (
    APIError,
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    NumberInUse,
    PlanLimit,
    RateLimited,
    ServerError,
    TimerRunning,
    Unauthorized,
)
from paymo_async.wire.limits import retry_after
from paymo_async.wire.redaction import redact_body, redact_headers, redact_url

__all__ = ["failure_from", "redact_body", "redact_headers", "redact_url"]

_READ: Final = 20_000  # characters of markup or JSON in which a message is looked for
_SHOWN: Final = 200  # characters of the server's words in an error's text
_MESSAGE_KEYS: Final = ("message", "error", "errors", "error_description", "description", "detail")
_IGNORED_TAGS: Final = ("script", "style", "head")
_FIELD: Final = re.compile(
    r"""(?:Unknown\ field\ or\ reference|Invalid\ condition\ in\ ["'`]?where["'`]?\ param)
        \s*:?\s*["'`(]*([a-z_*][\w.*-]*)""",
    re.IGNORECASE | re.VERBOSE,
)
_NUMBER: Final = re.compile(
    r"\bnumber\b.*\b(?:in use|used|taken|exists?|unique|duplicate)\b", re.IGNORECASE | re.DOTALL
)
_NUMBERED: Final = re.compile(r"/(?:estimates|invoices)(?:/\w+)?$")
_PLAN: Final = re.compile(
    r"maximum number of|limit (?:was |is |has been )?reached|(?:your|current|this|free) (?:\w+ )?plan\b|upgrade"
    r"|feature|subscription|trial",
    re.IGNORECASE,
)


def failure_from(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    method: str,
    url: str,
    include: str = "",
    attempts: int,
    elapsed: float,
    now: float | None = None,
) -> APIError:
    """The error for an answer of this status; it is returned, not raised.

    include: what was asked for, named where the service failed. now: Unix time against which `Retry-After` as a date
    is taken, where the answer has no `Date` of its own. URL, headers and body are kept without secrets.
    """
    text = redact_body(_decoded(body, _header(headers, "content-type")))
    words, is_page = _words(text)
    known: dict[str, Any] = {
        "status": status,
        "method": method,
        "url": redact_url(url),
        "body": text,
        "headers": redact_headers(headers),
        "attempts": attempts,
        "elapsed": elapsed,
        "server_message": "" if is_page else words,
    }
    answer = _Answer(status, headers, words, is_page, include, now, known)
    if 300 <= status < 400:
        return _redirect(answer)
    if status >= 500:
        return _server_error(answer)
    return _BY_STATUS.get(status, _other)(answer)


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer after reading. words: the message in it, or what a page says. known: what every error is told."""

    status: int
    headers: Mapping[str, str]
    words: str
    is_page: bool
    include: str
    now: float | None
    known: dict[str, Any]

    @property
    def path(self) -> str:
        return str(self.known["url"]).partition("?")[0].rstrip("/")

    def sentence(self, what: str, remedy: str) -> str:
        said = self.words if len(self.words) <= _SHOWN else f"{self.words[:_SHOWN]}..."
        if self.is_page:
            said = f"a proxy answered, not the API{f' ({said})' if said else ''}"
        said = said.rstrip(".")
        return f"{what}{f': {said}' if said else ''}. {remedy}"


def _bad_request(answer: _Answer) -> APIError:
    found = _FIELD.search(answer.words)
    field = found.group(1).rstrip(".-") if found else None
    if _NUMBER.search(answer.words) and _NUMBERED.search(answer.path):
        remedy = "Give another number, or none: the service then makes the next one."
        return NumberInUse(answer.sentence("The number is taken", remedy), field="number", **answer.known)
    remedy = f"Check `{field}` in where, include and body." if field else "Check what was sent."
    return BadRequest(answer.sentence("The service refuses the request", remedy), field=field, **answer.known)


def _unauthorized(answer: _Answer) -> APIError:
    remedy = "Check the API key, or the email and password, or get a new session token."
    if answer.is_page:
        remedy = f"That is what a wrong key gets. {remedy}"
    return Unauthorized(answer.sentence("The credentials are not accepted", remedy), **answer.known)


def _forbidden(answer: _Answer) -> APIError:
    if not answer.is_page and _PLAN.search(answer.words):
        remedy = "The account's plan has no room for it, or lacks the feature: free some room, or change the plan."
        return PlanLimit(answer.sentence("The plan does not allow it", remedy), **answer.known)
    remedy = "This user lacks the right to it: use another user's credentials, or have it granted."
    if re.search(r"/bookings(?:/|$)", answer.path):
        remedy += " Plans without scheduling answer the same for all bookings."
    return Forbidden(answer.sentence("Not allowed", remedy), **answer.known)


def _not_found(answer: _Answer) -> APIError:
    remedy = "It was deleted, or this user cannot see it, or the path or base URL is wrong."
    return NotFound(answer.sentence("Not found", remedy), **answer.known)


def _conflict(answer: _Answer) -> APIError:
    if answer.known["method"].upper() == "POST" and answer.path.endswith("/entries"):
        remedy = "Stop that timer first (the entry with a start_time and no end_time), or start one for another user."
        return TimerRunning(answer.sentence("A timer of this user is running already", remedy), **answer.known)
    remedy = "Read the object again and repeat the change on what it is now."
    return Conflict(answer.sentence("The request is at odds with the object's state", remedy), **answer.known)


def _rate_limited(answer: _Answer) -> APIError:
    seconds = retry_after(answer.headers, now=_clock_of(answer))
    remedy = f"Try again in {seconds:g} seconds" if seconds is not None else "Try again later"
    return RateLimited(
        answer.sentence("Too many requests", f"{remedy}; other programs that use this key count as well."),
        retry_after=seconds,
        **answer.known,
    )


def _server_error(answer: _Answer) -> APIError:
    names = " or ".join(f"`{name}`" for name in answer.include.split(",") if name)
    remedy = "Try again later."
    if names:
        remedy = f"Some includes fail now and then, on the service's side: try without {names}."
    return ServerError(answer.sentence("The service failed", remedy), **answer.known)


def _redirect(answer: _Answer) -> APIError:
    target = _one_line(redact_url(_header(answer.headers, "location")))
    what = f"The service redirects{f' to {target}' if target else ''}"
    remedy = "Redirects are not followed, since the credentials would go along: use a base_url that does not redirect."
    return APIError(answer.sentence(what, remedy), **answer.known)


def _other(answer: _Answer) -> APIError:
    try:
        phrase = f" ({HTTPStatus(answer.status).phrase})"
    except ValueError:
        phrase = ""
    what = f"The service answered {answer.status}{phrase}"
    return APIError(answer.sentence(what, "Nothing more is known of this status."), **answer.known)


_BY_STATUS: Final[Mapping[int, Callable[[_Answer], APIError]]] = {
    400: _bad_request,
    401: _unauthorized,
    403: _forbidden,
    404: _not_found,
    409: _conflict,
    422: _bad_request,
    429: _rate_limited,
}


def _clock_of(answer: _Answer) -> float:
    """The server's own clock where it tells it, so that a wrong clock here makes no wrong wait."""
    try:
        told = parsedate_to_datetime(_header(answer.headers, "date"))
    except ValueError:
        return time.time() if answer.now is None else answer.now
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for known, value in headers.items() if known.lower() == name), "")


def _decoded(body: bytes, content_type: str) -> str:
    """JSON is UTF-8 by its own rule, whatever the header says; the header counts for bytes that are not."""
    if b"\0" not in body:
        try:
            return body.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass
    found = re.search(r"charset=[\"']?([\w.:-]+)", content_type, re.ASCII | re.IGNORECASE)
    try:
        return body.decode(found.group(1) if found else "utf-8", "replace")
    except (LookupError, ValueError):  # no such charset, or one that is no charset of text
        return body.decode("utf-8", "replace")


def _words(text: str) -> tuple[str, bool]:
    """The message in a body on one line, and whether the body is a web page instead of the API's answer."""
    text = text.strip()
    if text.startswith(("{", "[", '"')):
        try:
            return _one_line(_message(msgspec.json.decode(text))), False
        except (msgspec.DecodeError, RecursionError):
            return _one_line(text[:_READ]), False
    if not text.startswith("<"):
        return _one_line(text[:_READ]), False
    page = _Markup()
    page.feed(text[:_READ])
    page.close()
    if page.message.strip():
        return _one_line(page.message), False
    return _one_line(page.title or page.text), page.is_html


def _message(value: object) -> str:
    """The first text under one of the known keys, however deep the answer wraps it."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(filter(None, (_message(one) for one in cast("list[object]", value))))
    if not isinstance(value, dict):
        return ""
    known = cast("dict[str, object]", value)
    return next(filter(None, (_message(known[key]) for key in _MESSAGE_KEYS if key in known)), "")


def _one_line(text: str) -> str:
    # A body must not write control sequences to a terminal or lines to a log.
    return "".join(char for char in " ".join(text.split()) if char.isprintable())


class _Markup(HTMLParser):
    """The text of XML or HTML: what stands in a message's element, in the title, and anywhere else."""

    def __init__(self) -> None:
        super().__init__()
        self.message = ""
        self.title = ""
        self.text = ""
        self.is_html = False
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_html = self.is_html or tag in ("html", "head", "body", "title")
        self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content opens nothing."""

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self.is_html and self._open and self._open[-1] in _MESSAGE_KEYS:
            self.message += data
        elif "title" in self._open:
            self.title += data
        elif not any(tag in _IGNORED_TAGS for tag in self._open):
            self.text += data

    def unknown_decl(self, data: str) -> None:
        if data.startswith("CDATA["):
            self.handle_data(data.removeprefix("CDATA["))
