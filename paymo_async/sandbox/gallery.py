"""The galleries of ready-made templates; the account's own templates are made from them.

The service's templates are not public: these are the sandbox's own, and the names in braces are made up. A page shows
the CSS of its document's template; the HTML is there to be read and copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["gallery", "templates"]

_MADE: Final = "2014-10-03T12:49:05Z"

_HTML: Final = """<div id="document">
  <header><h1 id="invoice-title">{{title}}</h1><p id="number">{{number}}</p></header>
  <div id="sides"><p>{{company_info}}</p><p>{{bill_to}}</p></div>
  <table id="lines">{{items}}</table>
  <table id="sums">{{totals}}</table>
  <p id="notes">{{notes}}</p>
  <p id="footer">{{footer}}</p>
</div>
"""

_LOOKS: Final[Mapping[str, str]] = {
    "Classic": "#document { font-family: Georgia, serif; }\n#invoice-title { letter-spacing: .08em; }\n",
    "Client on the left": "#sides { flex-direction: row-reverse; }\n",
    "Compact": "#document { padding: 1.5rem; font-size: .9rem; }\n#lines td { padding: .25rem .6rem; }\n",
}


def gallery(title: str) -> Iterator[dict[str, Any]]:
    """The ready-made templates of one kind. title: of its documents."""
    for key, (name, css) in enumerate(_LOOKS.items(), start=1):
        made = {"id": key, "name": name, "title": title, "html": _HTML, "css": css, "image": None}
        yield {**made, "created_on": _MADE, "updated_on": _MADE}


def templates(title: str, number: int) -> Iterator[dict[str, Any]]:
    """An account's own templates, made from the first of the gallery; the first is the default one."""
    for template in list(gallery(title))[:number]:
        own = {name: value for name, value in template.items() if name != "image"}
        yield {**own, "is_default": own["id"] == 1}
