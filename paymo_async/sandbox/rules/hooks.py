"""Rules of webhooks (BEHAVIOUR.md, Webhooks): what is checked when one is made, and which objects one is for.

What the service checks is not documented. Guessed: the name of the event and the form of the URL; and `where` as in a
list of the event's type, without conditions on children. With a wildcard for the type, `where` must fit one type at
least, and nothing of the types that it does not fit is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from paymo_async.errors import InvalidRequest
from paymo_async.eventnames import EVENT_TYPES, EVENTS, EventPattern, split_event
from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.schema import Schema
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import Filter, compile_where, parse_where

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["HookRule", "pattern_of", "wanted_objects"]


class HookRule(Rule):
    """Webhooks: a known event, an absolute URL, a `where` that fits."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        _check(account, values, user_id)

    def updating(self, account: Account, old: Values, changes: Values, user_id: int) -> None:
        _check(account, {**old, **changes}, user_id)


def pattern_of(event: str) -> EventPattern:
    """The events that a hook wants. Raises Problem 400 for what the service does not have."""
    try:
        return EventPattern.parse(event)
    except InvalidRequest:
        raise Problem(400, f"Invalid event: `{event}`") from None


def wanted_objects(pattern: EventPattern, where: str | None, tables: Schema, user_id: int) -> Mapping[str, Filter]:
    """Which objects of which paths a hook is for. user_id: who is `me`. Raises Problem 400 for a wrong `where`."""
    conditions = parse_where(where) if where and where.strip() else []
    for condition in conditions:
        if len(condition.path) > 1:
            raise Problem(400, f"Unknown field or reference: `{'.'.join(condition.path)}`")
    wanted: dict[str, Filter] = {}
    problems: list[Problem] = []
    for path in _paths(pattern):
        try:
            wanted[path] = compile_where(conditions, tables[path], tables, user_id)
        except Problem as problem:
            problems.append(problem)
    if not wanted:
        raise problems[0]
    return wanted


def _paths(pattern: EventPattern) -> list[str]:
    types = {type for action, type in map(split_event, EVENTS) if pattern.matches(action, type)}
    return [EVENT_TYPES[type] for type in sorted(types)]


def _check(account: Account, hook: Values, user_id: int) -> None:
    if not _is_absolute(hook["target_url"]):
        raise Problem(400, "Invalid value for `target_url`")
    wanted_objects(pattern_of(hook["event"]), hook.get("where"), account.tables, user_id)


def _is_absolute(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port or an address in brackets that is none
        return False
