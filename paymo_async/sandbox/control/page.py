"""The files of the console page."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from paymo_async.sandbox.answers import Answer

__all__ = ["PAGES", "page"]

_SCRIPTS: Final = (  # `console.js` is the entry, says what each of the others is for, and imports them
    "asking.js",
    "clock.js",
    "console.js",
    "deliveries.js",
    "elements.js",
    "faults.js",
    "objects.js",
    "rate.js",
    "requests.js",
    "rows.js",
    "state.js",
    "words.js",
)

PAGES: Final[Mapping[str, tuple[str, str]]] = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/_sandbox/console.css": ("console.css", "text/css; charset=utf-8"),
    "/_sandbox/console.svg": ("console.svg", "image/svg+xml"),
    **{f"/_sandbox/{name}": (name, "text/javascript; charset=utf-8") for name in _SCRIPTS},
}
"""The file and its type, by path."""

_HEADERS: Final = {
    # Nothing from elsewhere, and nothing that a request has sent can become more than text.
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def page(path: str) -> Answer:
    """The answer to a request for one of `PAGES`."""
    name, content_type = PAGES[path]
    return Answer(200, files("paymo_async.sandbox").joinpath("console", name).read_bytes(), content_type, {**_HEADERS})
