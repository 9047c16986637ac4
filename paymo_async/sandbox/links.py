"""Where an account is served: links are stored whole, as they are answered, and follow when it is served elsewhere."""

# ruff: noqa: S608  # what is spliced into SQL are names of the declarations; values go as parameters

from __future__ import annotations

from typing import Final

from paymo_async.sandbox.store import Store

__all__ = ["follow"]

_LINKS: Final = frozenset({"permalink", "pdf_link", "image", "file"})


def follow(store: Store, name: str, root: str) -> None:
    """Notes the root of one kind of URLs, and changes stored links that begin with the root it had before."""
    store.query("CREATE TABLE IF NOT EXISTS places (name TEXT PRIMARY KEY, root TEXT)")
    for (before,) in store.query("SELECT root FROM places WHERE name = ? AND root <> ?", (name, root)):
        for table in store.tables:
            if not _LINKS.isdisjoint(table.body):
                store.query(
                    f'UPDATE "{table.path}" SET body = replace(body, ?, ?) WHERE body LIKE ?',
                    (before, root, f"%{before}%"),
                )
    store.query("INSERT OR REPLACE INTO places VALUES (?, ?)", (name, root))
