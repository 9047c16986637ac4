"""Places of objects among their siblings (`seq`)."""

# ruff: noqa: S608  # what is spliced into SQL are names of the declarations; values go as parameters

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from paymo_async.sandbox.rules.base import Values
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["in_order", "next_seq", "reorder"]


def in_order(account: Account, path: str, among: Filter) -> list[Values]:
    """Objects by their place, then by id."""
    return sorted(account.store.find(account.tables[path], among), key=lambda one: (one.get("seq") or 0, one["id"]))


def next_seq(account: Account, path: str, among: Filter, first: int = 1) -> int:
    """The place after the last; the documented lists, tasks and lines begin at 1, subtasks and templates at 0."""
    where = f"WHERE {among.sql}" if among.sql else ""
    ((last,),) = account.store.query(f'SELECT max(coalesce(seq, 0)) FROM "{path}" {where}', among.params)
    return first if last is None else int(last) + 1


def reorder(account: Account, path: str, among: Filter, order: Sequence[int], first: int = 1) -> None:
    """Gives `seq` anew: first the ids in `order`, then the others as they stood. Raises Problem for a foreign id."""
    if not order:
        return
    found = {item["id"]: item for item in in_order(account, path, among)}
    if not found.keys() >= set(order):
        raise Problem(400, f"Invalid reference: `{path}_order`")
    rest = (key for key in found if key not in order)
    for seq, key in enumerate((*dict.fromkeys(order), *rest), start=first):
        if found[key].get("seq") != seq:
            account.save(path, {**found[key], "seq": seq})
