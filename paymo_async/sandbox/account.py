"""An account: what may be done with its objects, whoever asks and by whatever wire.

`create`, `update` and `delete` check what was given against the declaration, let the resource's rule work on it, and
write, all of it or nothing: in the transaction that the caller holds, or in one of their own. A resource without a
rule is a plain table.
"""

# ruff: noqa: S608  # what is spliced into SQL are names of the declarations; values go as parameters

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from paymo_async.models.base import OneOf
from paymo_async.sandbox.assets import Assets
from paymo_async.sandbox.rules.base import Rule
from paymo_async.sandbox.rules.cascades import CASCADES, RELEASES, UNMARKS
from paymo_async.sandbox.schema import Schema, Table
from paymo_async.sandbox.store import Store
from paymo_async.sandbox.values import Problem, accept, defaults, dump, iso
from paymo_async.sandbox.where import Filter

__all__ = ["Account", "Change"]

_NINE: timedelta = timedelta(hours=9)  # when recurring work is done each day (BEHAVIOUR.md, recurringprofiles)


class Change(NamedTuple):
    """What a request did to one object. old: before it, None for a new one. new: after it, None for a deleted one."""

    path: str
    key: Any
    old: dict[str, Any] | None
    new: dict[str, Any] | None


class Account:
    """One account's objects and rules.

    clock: seconds since 1970. url: the API's root, for links. seed: of its tokens, so that the same requests make the
    same account. lock: held while the account is changed; another thread takes it to look at more than one object as
    they are at one moment. watched: the paths whose changes are kept for `take_changes`.
    """

    def __init__(
        self,
        store: Store,
        rules: Mapping[str, Rule],
        *,
        clock: Callable[[], float],
        url: str = "http://127.0.0.1/api/",
        seed: int = 1,
    ) -> None:
        self.store = store
        self.tables: Schema = store.tables
        self.rules = rules
        self.clock = clock
        self.url = url
        self.assets: Assets = Assets(store)
        self.lock: AbstractContextManager[bool] = threading.RLock()
        self.watched: Collection[str] = ()
        self._plain = Rule()
        self._seed = seed
        self._before: dict[tuple[str, Any], dict[str, Any] | None] = {}
        self._moment: float | None = None
        self._passed = self._due = 0.0
        self.skip_time()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All changes within happen, or none. Within another one it is a part of that."""
        with self.lock:
            if self.store.in_transaction:
                yield
                return
            before = self._before.copy()
            try:
                with self.store.transaction():
                    yield
            except BaseException:
                self._before = before
                raise

    def rule(self, path: str) -> Rule:
        """The rule of a resource; one that adds nothing where it has none."""
        return self.rules.get(path, self._plain)

    def now(self) -> str:
        """The present moment in the service's form."""
        return iso(self.clock() if self._moment is None else self._moment)

    def today(self) -> str:
        """The present day in UTC, as an ISO text."""
        return self.now()[:10]

    def token(self, size: int = 32) -> str:
        """A secret of `size` hex digits; none comes twice in an account, also after it was opened again."""
        number = self.store.tick("tokens")
        return hashlib.shake_128(f"{self._seed} {number}".encode()).hexdigest(size // 2)

    def skip_time(self) -> None:
        """Has no time passed until now: an account that was just seeded does not catch up."""
        self._passed = self.clock()
        self._due = _next_nine(self._passed)

    def pass_time(self) -> None:
        """Does what the service does by itself at each 09:00 UTC since the last call."""
        now = self.clock()
        if now < self._passed:  # the clock was put back
            self._due = _next_nine(now)
        self._passed = now
        while self._due <= now:
            self._moment, self._due = self._due, self._due + 86400
            try:
                with self.transaction():
                    for rule in self.rules.values():
                        rule.daily(self, datetime.fromtimestamp(self._moment, UTC).date())
            finally:
                self._moment = None

    def take_changes(self) -> list[Change]:
        """The changes of watched objects since the last call, in the order of their first ones.

        An object that was saved as it was counts as changed: updates are told often (BEHAVIOUR.md, Webhooks).
        """
        before, self._before = self._before, {}
        made = (Change(path, key, old, self.look(path, key)) for (path, key), old in before.items())
        return [change for change in made if (change.old, change.new) != (None, None)]

    def get(self, path: str, key: Any) -> dict[str, Any]:
        """An object with its private attributes. Raises Problem 404."""
        found = self.store.get(self.tables[path], key)
        if found is None:
            raise Problem(404, "Not found")
        return found

    def look(self, path: str, key: Any) -> dict[str, Any] | None:
        """The same, None where there is none."""
        return None if key is None else self.store.get(self.tables[path], key)

    def referred(self, path: str, key: Any, name: str) -> dict[str, Any]:
        """The object that a request's attribute `name` refers to. Raises Problem 400 where it does not exist."""
        found = self.look(path, key)
        if found is None:
            raise Problem(400, f"Invalid reference: `{name}`")
        return found

    def company(self) -> dict[str, Any]:
        """The company: the only one there is."""
        found = self.store.find(self.tables["company"], Filter(), limit=1)
        return found[0] if found else {}

    def set_company(self, settings: Mapping[str, Any]) -> None:
        """Notes settings or counts of the company, where there is one; its `updated_on` stays."""
        company = self.company()
        if company and any(company.get(name) != value for name, value in settings.items()):
            self.store.put(self.tables["company"], {**company, **settings})

    def permalink(self, path: str, key: Any, token: str, kind: str = "html") -> str:
        """The link that shows a document to anyone. kind: the format that it asks for."""
        return f"{self.url}{path}/{key}/?token={token}&format={kind}"

    def create(self, path: str, given: Mapping[str, Any], user_id: int) -> dict[str, Any]:
        """Makes an object as a request asks for it, and returns it; from any thread. Raises Problem."""
        with self.transaction():
            return self._create(path, given, user_id)

    def _create(self, path: str, given: Mapping[str, Any], user_id: int) -> dict[str, Any]:
        table = self.tables[path]
        rule = self.rule(path)
        wanted = {name: value for name, value in given.items() if name not in rule.ignores}
        taken = accept(table, wanted, creating=True)
        _require(table, taken)
        self._refer(table, taken)
        values = {**defaults(table), **taken}
        if "user_id" in table.body and "user_id" not in taken:
            values["user_id"] = user_id
        rule.creating(self, values, taken, user_id)
        made = self.add(path, values)
        rule.created(self, made, user_id)
        return self.store.get(table, made["id"]) or made

    def add(self, path: str, values: dict[str, Any]) -> dict[str, Any]:
        """Stores a new object as it is, with id and times where it has none."""
        table = self.tables[path]
        made = {**values, "id": values.get("id") or self.store.next_id(table)}
        moment = self.now()
        for name in ("created_on", "updated_on"):
            if name in table.body:
                moment = made[name] = made.get(name) or moment
        self._note(path, made["id"])
        self.store.put(table, made)
        return made

    def update(self, path: str, key: Any, given: Mapping[str, Any], user_id: int) -> dict[str, Any]:
        """Changes an object as a request asks for it, and returns it; from any thread. Raises Problem."""
        with self.transaction():
            return self._update(path, key, given, user_id)

    def _update(self, path: str, key: Any, given: Mapping[str, Any], user_id: int) -> dict[str, Any]:
        table = self.tables[path]
        rule = self.rule(path)
        old = self.get(path, key)
        rest = {**given}
        taken = rule.accepting(self, old, rest)
        changes = {**accept(table, rest, creating=False), **taken}
        _require_kept(table, changes)
        self._refer(table, changes)
        rule.updating(self, old, changes, user_id)
        new = self.save(path, {**old, **changes})
        rule.updated(self, old, new)
        return self.get(path, key)

    def save(self, path: str, values: dict[str, Any]) -> dict[str, Any]:
        """Stores a changed object as it is, with a new `updated_on`."""
        table = self.tables[path]
        if "updated_on" in table.body:
            values = {**values, "updated_on": self.now()}
        self._note(path, values["id"])
        self.store.put(table, values)
        return values

    def delete(self, path: str, key: Any) -> None:
        """Deletes an object and all that goes with it; from any thread. Raises Problem 404."""
        with self.transaction():
            old = self.get(path, key)
            self.rule(path).deleting(self, old)
            self._drop(path, [key])
            self.rule(path).deleted(self, old)

    def _drop(self, path: str, keys: Sequence[Any]) -> None:
        """Deletes objects and what goes with them; comments hold files, which hold comments, to any depth."""
        if not keys:
            return
        these = dump(keys).decode()
        for child, fk in CASCADES.get(path, ()):
            self._drop(child, [row.id for row in self.store.select(self.tables[child], _pointing(fk, these))])
        for other, fk in RELEASES.get(path, ()):
            marks = UNMARKS.get((other, fk), {}).items()
            for values in self.store.find(self.tables[other], _pointing(fk, these)):
                unmarked = {name: after for name, (mark, after) in marks if values.get(name) == mark}
                self.save(other, {**values, fk: None, **unmarked})
        if path in self.watched:
            for values in self.store.find(self.tables[path], _pointing("id", these)):
                self._before.setdefault((path, values["id"]), values)
        self.store.delete(self.tables[path], _pointing("id", these))

    def _note(self, path: str, key: Any) -> None:
        """Keeps what a watched object was before its first change."""
        if path in self.watched and (path, key) not in self._before:
            self._before[path, key] = self.look(path, key)

    def _refer(self, table: Table, taken: Mapping[str, Any]) -> None:
        for relation in table.relations.values():
            if relation is not None and relation.own and taken.get(relation.fk) is not None:
                self.referred(relation.target, taken[relation.fk], relation.fk)
        for name, known in table.undocumented.items():
            if known.target and taken.get(name) is not None:
                self.referred(known.target, taken[name], name)


def _pointing(fk: str, keys: str) -> Filter:
    """Rows whose column holds one of the keys, which are a JSON list."""
    return Filter(f'"{fk}" IN (SELECT value FROM json_each(?))', (keys,))


def _next_nine(now: float) -> float:
    """The first 09:00 UTC after a moment."""
    moment = datetime.fromtimestamp(now, UTC)
    nine = moment.replace(hour=0, minute=0, second=0, microsecond=0) + _NINE
    return (nine if nine > moment else nine + timedelta(days=1)).timestamp()


def _require(table: Table, taken: Mapping[str, Any]) -> None:
    for need in table.declaration.requires:
        groups = need.groups if isinstance(need, OneOf) else ((need,),)
        if not any(all(taken.get(name) not in (None, "") for name in group) for group in groups):
            names = " or ".join(", ".join(group) for group in groups)
            raise Problem(400, f"Missing required params: {names}")


def _require_kept(table: Table, changes: Mapping[str, Any]) -> None:
    """What a new object needs cannot be emptied later (guessed)."""
    for need in table.declaration.requires:
        if isinstance(need, str) and changes.get(need, need) in (None, ""):
            raise Problem(400, f"Missing required params: {need}")
