"""A service in memory, as far as the paginator can see it: paging, `where` on a key, includes, and the cut at 2500.

No socket and no aiohttp: it stands where the transport does, so that a listing's requests can be counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import msgspec
from yarl import URL

from paymo_async.account import Account
from paymo_async.transport.call import CallOptions
from paymo_async.wire.messages import Request, Response

CUT = 2500
CHILDREN = {
    "estimateitems": ("estimates", "estimate_id"),
    "tasks": ("tasklists", "tasklist_id"),
    "tasklists": ("projects", "project_id"),
    "entries": ("tasks", "task_id"),
    "projects": ("clients", "client_id"),
}
PARENTS = {"client": ("clients", "client_id"), "project": ("projects", "project_id"), "task": ("tasks", "task_id")}


class FakeService:
    """tables: rows by path. requests: what was asked, decoded. before: may change tables or raise at each request."""

    def __init__(self, **tables: list[dict[str, Any]]) -> None:
        self.tables = tables
        self.requests: list[SimpleNamespace] = []
        self.by_parent: dict[str, dict[Any, list[Any]]] = {}
        self.before: Callable[[SimpleNamespace], None] = lambda request: None
        self.pages = True
        self.base_url = URL("https://paymo.test/api/")
        self.limiter = SimpleNamespace(snapshot=lambda: SimpleNamespace(limit=5, period=5.0))
        self.latency = 0.1

    def account(self, **settings: Any) -> Account:
        return Account(transport=self, **settings)  # type: ignore[arg-type]

    async def send(self, request: Request, options: CallOptions) -> Response:
        query = {name: values[0] for name, values in parse_qs(request.query).items()}
        path, _, id = request.path.partition("/")
        asked = SimpleNamespace(
            method=request.method,
            path=path,
            where=query.get("where", ""),
            include=query.get("include", ""),
            page=int(query["page"]) if "page" in query else None,
            size=int(query["page_size"]) if "page_size" in query else None,
            url=f"{self.base_url}{request.path}?{request.query}",
            body=request.body,
        )
        self.requests.append(asked)
        self.before(asked)
        rows = [row for row in self.tables.get(path, []) if _matches(row, asked.where)]
        if id:
            rows = [row for row in rows if str(row["id"]) == id]
        if asked.page is not None and self.pages:
            rows = rows[asked.page * asked.size : (asked.page + 1) * asked.size]
        counts: dict[str, int] = {}
        rows = self._limited(rows, path, counts)
        tree = _tree(asked.include)
        answer = [self._expanded(row, path, tree, counts) for row in rows]
        body = msgspec.json.encode({path: answer})
        return Response(200, {"Content-Type": "application/json"}, body, request.method, asked.url)

    def _expanded(self, row: dict[str, Any], path: str, tree: dict[str, Any], counts: dict[str, int]) -> dict[str, Any]:
        named = [name for name in tree if name not in CHILDREN and name not in PARENTS]
        made = {name: row[name] for name in named if name in row} if named and "*" not in named else dict(row)
        for name, below in tree.items():
            if name in CHILDREN:
                key = CHILDREN[name][1]
                children = self._children(name, key).get(row["id"], [])
                children = self._limited(children, name, counts)
                made[name] = [self._expanded(child, name, below, counts) for child in children]
            elif name in PARENTS:
                table, key = PARENTS[name]
                found = [one for one in self.tables.get(table, []) if one["id"] == row.get(key)]
                found = self._limited(found, table, counts)
                made[name] = self._expanded(found[0], table, below, counts) if found else None
        return made

    def _children(self, name: str, key: str) -> dict[Any, list[Any]]:
        """Rows of a table by what their key names; made once, since tests do not change tables on the way."""
        if name not in self.by_parent:
            grouped = self.by_parent[name] = {}
            for child in self.tables.get(name, []):
                grouped.setdefault(child.get(key), []).append(child)
        return self.by_parent[name]

    def _limited(self, rows: list[Any], kind: str, counts: dict[str, int]) -> list[Any]:
        kept = rows[: CUT - counts.get(kind, 0)]
        counts[kind] = counts.get(kind, 0) + len(kept)
        return kept


def _tree(include: str) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path in include.split(",") if include else []:
        level = tree
        for name in path.split("."):
            level = level.setdefault(name, {})
    return tree


def _matches(row: dict[str, Any], where: str) -> bool:
    for condition in where.split(" and ") if where else []:
        if match := re.fullmatch(r"(\w+) in \((.*)\)", condition):
            if str(row.get(match[1])) not in match[2].split(","):
                return False
        elif (match := re.fullmatch(r"(\w+)=(.*)", condition)) and str(row.get(match[1])).lower() != match[2].strip(
            '"'
        ):
            return False
    return True
