"""From a request to an answer, without any I/O but the store's: what the service does with a verb, path and query."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from zlib import crc32

from paymo_async.sandbox.account import Account
from paymo_async.sandbox.answers import CDN_401, Answer, envelope, message
from paymo_async.sandbox.assets import Upload
from paymo_async.sandbox.auth import Caller, authenticate
from paymo_async.sandbox.bodies import read_body
from paymo_async.sandbox.documents import LINKED, document, linked_document
from paymo_async.sandbox.include import Expander, Node, children_asked, parse_include
from paymo_async.sandbox.rules.files import UPLOADS, place
from paymo_async.sandbox.schema import Table
from paymo_async.sandbox.store import Row
from paymo_async.sandbox.untyped import from_texts, list_names
from paymo_async.sandbox.values import Problem, dump, load
from paymo_async.sandbox.where import Condition, Filter, compile_where, parse_where

__all__ = ["Api", "Request"]

_READ_PARAMETERS = frozenset({"where", "include", "partial_include", "page", "page_size", "format", "token"})
_WRITE_PARAMETERS = frozenset({"include", "partial_include"})
_PLAIN_NUMBER = re.compile(r"[0-9]{1,9}")


class Request(NamedTuple):
    """A request as the API sees it. path: below the API's root, without slashes at its ends."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


class Api:
    """The API of one account.

    keys: user ids by API key. cut: objects of one type in an answer, None for no cut. odd_keys: the response keys that
    were seen of the live service. html_401: a wrong key gets a CDN's HTML. lacks: paths that the plan does not have.
    shuffle: a seed for the order of lists and of included children, which differs from request to request; the pages
    of one list (the same `where` and `include`) are of one order. None leaves objects in the order of the store.
    """

    def __init__(
        self,
        account: Account,
        keys: Mapping[str, int],
        *,
        cut: int | None,
        odd_keys: bool = True,
        html_401: bool = False,
        lacks: frozenset[str] = frozenset(),
        shuffle: int | None = None,
    ) -> None:
        self.account = account
        self.keys = keys
        self.cut = cut
        self.odd_keys = odd_keys
        self.html_401 = html_401
        self.lacks = lacks
        self.shuffle = shuffle
        self._lists = list_names(account.tables)

    def answer(self, request: Request) -> Answer:
        """The answer to a request; a refusal is an answer too, and what it had written is undone."""
        try:
            return self._answer(request)
        except Problem as problem:
            if problem.status == 401 and self.html_401:
                return Answer(401, CDN_401, "text/html")
            refusal = message(problem.status, problem.message)
            if problem.status == 401:  # many programs send no credentials before they are asked for them (guessed)
                refusal.headers["WWW-Authenticate"] = 'Basic realm="Paymo"'
            if problem.status == 405:
                refusal.headers["Allow"] = ", ".join(self._allowed(request.path))
            return refusal

    def _allowed(self, path: str) -> list[str]:
        """The verbs of a path that exists, as HTTP wants a 405 to name them."""
        name, _, key = path.partition("/")
        if name == "me":
            return ["GET"]
        rule, singleton = self.account.rule(name), self.account.tables[name].declaration.singleton
        verbs = [
            ("GET", rule.readable),
            ("POST", not singleton and ("update" if key else "create") in rule.verbs),
            ("PUT", bool(singleton or key) and "update" in rule.verbs),
            ("DELETE", bool(key) and "delete" in rule.verbs),
        ]
        return [verb for verb, exists in verbs if exists]

    def _answer(self, request: Request) -> Answer:
        path, _, key = request.path.partition("/")
        if request.method == "GET" and request.query.get("token") and request.query.get("format") in LINKED:
            return self._by_permalink(path, key, request)
        caller = authenticate(request.headers, self.account, self.keys)
        if path == "me" and not key:
            if request.method != "GET":
                raise Problem(405, "Method not allowed")
            path, key = "users", str(caller.user_id)
        if path not in self.account.tables:
            raise Problem(404, "Not found")
        if path in self.lacks:
            raise Problem(403, f"Your plan does not include {path}")
        table = self.account.tables[path]
        _refuse_unknown_parameters(request)
        if request.method == "GET":
            if not self.account.rule(path).readable:
                raise Problem(405, "Method not allowed")
            return self._read(table, key, request, caller)
        with self.account.transaction():
            return self._write(table, key, request, caller)

    def _read(self, table: Table, key: str, request: Request, caller: Caller) -> Answer:
        if table.declaration.singleton:
            return self._one(table, _key(table, self._only(key)), request, caller)
        if key:
            return self._one(table, _key(table, key), request, caller)
        return self._many(table, request, caller)

    def _many(self, table: Table, request: Request, caller: Caller) -> Answer:
        if "format" in request.query:
            raise Problem(400, "The format parameter needs one document")
        node, where, expander = self._wanted(table, request, caller)
        limit, offset = self._page(request.query)
        where = _visible(table, where, caller)
        columns, order = expander.columns(node), expander.shuffle
        rows = self.account.store.select(table, where, columns=columns, limit=limit, offset=offset, shuffle=order)
        return Answer(200, envelope(table, expander.roots(rows, node), odd_keys=self.odd_keys))

    def _one(self, table: Table, key: Any, request: Request, caller: Caller) -> Answer:
        if "page" in request.query or "page_size" in request.query:
            raise Problem(400, "Pages exist only of lists")
        node, where, expander = self._wanted(table, request, caller, one=True)
        where = _visible(table, where.and_("id = ?", key), caller)
        rows = self.account.store.select(table, where, columns=expander.columns(node))
        if not rows:
            raise Problem(404, "Not found")
        if (kind := request.query.get("format", "json")) != "json":
            return document(self.account, table.path, rows[0].values, kind)
        return Answer(200, self._rendered(table, rows[0], node, expander))

    def _write(self, table: Table, key: str, request: Request, caller: Caller) -> Answer:
        verb = _verb(table, key, request.method)
        if verb not in self.account.rule(table.path).verbs or (verb == "create" and table.declaration.singleton):
            raise Problem(405, "Method not allowed")
        if table.declaration.singleton:
            key = self._only(key)
        if verb == "delete":
            self._refuse_delete(table, key, caller)
            self.account.delete(table.path, _key(table, key))
            return Answer(200, b"{}")  # programs in use read JSON from any answer; what it holds is guessed
        node, _, expander = self._wanted(table, request, caller)
        given, upload = _given(table, request, self._lists)
        if verb == "update":
            values = self.account.update(table.path, _key(table, key), given, caller.user_id)
            values = self._placed(table, values, upload, caller)
            return Answer(200, self._rendered(table, Row.of(table, values), node, expander))
        if table.path == "sessions" and not caller.basic:
            raise Problem(401, "A session is opened with Basic credentials")
        if table.path == "files":
            given["file"] = upload.filename if upload else None
        values = self.account.create(table.path, given, caller.user_id)
        values = self._placed(table, values, upload, caller)
        location = {"Location": f"{self.account.url}{table.path}/{values['id']}"}
        return Answer(201, self._rendered(table, Row.of(table, values), node, expander), headers=location)

    def _only(self, key: str) -> str:
        """The id of the company. The only id that its path may name is its own (guessed)."""
        only = str(self.account.company().get("id", ""))
        if key not in ("", only):
            raise Problem(404, "Not found")
        return only

    def _placed(self, table: Table, values: dict[str, Any], upload: Upload | None, caller: Caller) -> dict[str, Any]:
        """The object after its upload, if one came."""
        if upload is None:
            return values
        place(self.account, table.path, values["id"], upload, caller.user_id)
        return self.account.get(table.path, values["id"])

    def _refuse_delete(self, table: Table, key: str, caller: Caller) -> None:
        """Other people's sessions are not there, and nobody deletes oneself (guessed)."""
        if table.path == "sessions" and self.account.get("sessions", key)["user_id"] != caller.user_id:
            raise Problem(404, "Not found")
        if table.path == "users" and _key(table, key) == caller.user_id:
            raise Problem(403, "Could not delete user: this is you")

    def _wanted(
        self, table: Table, request: Request, caller: Caller, *, one: bool = False
    ) -> tuple[Node, Filter, Expander]:
        tables = self.account.tables
        node = parse_include(request.query.get("include", ""), table, tables)
        conditions = parse_where(request.query["where"]) if request.query.get("where", "").strip() else []
        if not one and request.method == "GET":
            _require_filter(table, conditions)
        mine = [condition for condition in conditions if len(condition.path) == 1]
        below = children_asked(node, conditions)
        for path, found in below.items():
            compile_where(found, node.at(path).table, tables, caller.user_id)
        expander = Expander(
            self.account.store,
            tables,
            cut=self.cut,
            where=below,
            user_id=caller.user_id,
            shuffle=self._order(request),
        )
        return node, compile_where(mine, table, tables, caller.user_id), expander

    def _order(self, request: Request) -> int | None:
        """The number that picks this answer's order."""
        if self.shuffle is None:
            return None
        asked = (request.path, request.query.get("where", ""), request.query.get("include", ""))
        return crc32(repr((self.shuffle, asked)).encode())

    def _rendered(self, table: Table, row: Row, node: Node, expander: Expander) -> bytes:
        wanted = node.narrowed
        if wanted is None or not {"content", "info"}.isdisjoint(wanted):
            more = self.account.rule(table.path).reading(self.account, row.values)
            if more is not None:
                row = row._replace(body=dump({**load(row.body), **more}))
        return envelope(table, expander.roots([row], node), odd_keys=self.odd_keys)

    def _page(self, query: Mapping[str, str]) -> tuple[int, int]:
        """Limit and offset. The cut is a limit too: a list without pages ends there."""
        most = -1 if self.cut is None else self.cut
        if "page" not in query and "page_size" not in query:
            return most, 0
        page, size = query.get("page", ""), query.get("page_size", "")
        if not (_PLAIN_NUMBER.fullmatch(page) and _PLAIN_NUMBER.fullmatch(size)) or int(size) == 0:
            raise Problem(400, "page and page_size go together; pages are numbered from 0")
        return int(size) if most < 0 else min(int(size), most), int(page) * int(size)

    def _by_permalink(self, path: str, key: str, request: Request) -> Answer:
        """A document for anyone who has its link."""
        if path not in self.account.tables:
            raise Problem(404, "Not found")
        number = _key(self.account.tables[path], key)
        return linked_document(self.account, path, number, request.query["token"], request.query["format"])


def _refuse_unknown_parameters(request: Request) -> None:
    known = _READ_PARAMETERS if request.method == "GET" else _WRITE_PARAMETERS
    for name in request.query:
        if name not in known:
            raise Problem(400, f"Unknown parameter: `{name}`")


def _given(table: Table, request: Request, lists: Collection[str]) -> tuple[dict[str, Any], Upload | None]:
    """What a request sends, and a form's file, which must stand in the field that the resource has for it."""
    given = read_body(request.headers.get("Content-Type", ""), request.body, lists)
    upload = given.uploads.pop(UPLOADS.get(table.path, ""), None)
    for name in given.uploads:
        raise Problem(400, f"Unknown field or reference: `{name}`")
    return given.fields if given.typed else from_texts(table, given.fields), upload


def _verb(table: Table, key: str, method: str) -> str:
    if method == "DELETE" and key:
        return "delete"
    if method in ("POST", "PUT") and (key or (table.declaration.singleton and method == "PUT")):
        return "update"
    if method == "POST":
        return "create"
    raise Problem(405, "Method not allowed")


def _key(table: Table, text: str) -> Any:
    if table.text_id:
        return text
    if not _PLAIN_NUMBER.fullmatch(text):
        raise Problem(404, "Not found")
    return int(text)


def _visible(table: Table, where: Filter, caller: Caller) -> Filter:
    """What a caller sees of the objects that a filter finds: of the sessions only the own ones."""
    return where.and_('"user_id" = ?', caller.user_id) if table.path == "sessions" else where


def _require_filter(table: Table, conditions: list[Condition]) -> None:
    needed = table.declaration.must_filter
    if needed and not any(condition.path[0] in needed for condition in conditions):
        raise Problem(400, f"A filter is required: {', '.join(f'`{name}`' for name in needed)}")
