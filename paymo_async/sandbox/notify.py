"""Which webhook is told what of a change, and how that is written and signed (BEHAVIOUR.md, Webhooks). No I/O.

What is not documented, and guessed here: starting a timer is an insert and a start, stopping it an update and a stop;
emptying `end_time` of an entry starts it again, and a running timer that is deleted is not stopped. One request makes
one event of an object that it changed several times, and none of one that it made and deleted. `where` is read against
the object as it is after the change, and as it was where it is deleted; `me` in it is the account's owner. What it
asks of other objects (the `client_id` of an entry is its project's) is looked up after the change, so it fits nothing
of what is deleted along with those. Beside the names of a task's project and task list, objects carry the names of what
they lie in.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from paymo_async.eventnames import EVENT_TYPES, EventPattern
from paymo_async.sandbox.account import Account, Change
from paymo_async.sandbox.include import Expander, parse_include
from paymo_async.sandbox.rules.hooks import pattern_of, wanted_objects
from paymo_async.sandbox.schema import Table
from paymo_async.sandbox.values import Problem, dump
from paymo_async.sandbox.where import Filter

__all__ = ["Notice", "Notifier", "signature"]

_TYPES: Final = {path: type for type, path in EVENT_TYPES.items()}
# A task's are documented.
_INCLUDED: Final[Mapping[str, str]] = {
    "tasks": "project.name,tasklist.name",
    "projects": "client.name",
    "clientcontacts": "client.name",
    "tasklists": "project.name",
    "milestones": "project.name",
    "entries": "task.name",
    "expenses": "client.name,project.name",
    "estimates": "client.name",
    "invoices": "client.name",
}
_COUNTS: Final = """
    SELECT value,
        (SELECT count(*) FROM files WHERE task_id = value),
        (SELECT count(*) FROM threads JOIN comments ON thread_id = threads.id WHERE threads.task_id = value)
    FROM json_each(?)
"""


class Notice(NamedTuple):
    """One event to tell one hook of, with the target and the secret as they were when it happened.

    epoch: of the notifier, as ids mean something else in another.
    """

    epoch: int
    hook_id: int
    event: str
    url: str
    secret: str
    body: bytes

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the request that tells it."""
        made = {
            "Content-Type": "application/json",
            "X-Paymo-Webhook": str(self.hook_id),
            "X-Paymo-Event": self.event,
        }
        return {**made, "X-Paymo-Signature": signature(self.secret, self.body)} if self.secret else made


def signature(secret: str, body: bytes) -> str:
    """The value of `X-Paymo-Signature`."""
    return f"sha1={hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}"


class _Hook(NamedTuple):
    """A hook as it is read from the account. objects: which objects it is for, by path."""

    id: int
    url: str
    secret: str
    pattern: EventPattern
    objects: Mapping[str, Filter]

    def wants(self, action: str, path: str) -> bool:
        return self.pattern.matches(action, _TYPES[path])


class Notifier:
    """Turns an account's changes into notices for its hooks. All of it is called under the account's lock.

    text_ids: a deleted object's id comes as text, as was seen of the service. Nothing is told before `begin`.
    """

    def __init__(self, account: Account, *, text_ids: bool = False) -> None:
        self._account = account
        self._text_ids = text_ids
        self._owner_id = 0
        self._epoch = 0
        self._hooks: dict[int, _Hook] = {}

    def begin(self, owner_id: int) -> None:
        """Begins anew with the account as it is: what led to it is told to nobody. owner_id: who is `me`."""
        self._owner_id = owner_id
        self._epoch += 1
        self._account.take_changes()
        self._load()

    def wants(self, notice: Notice) -> bool:
        """Whether a notice is still to be sent: its hook is there."""
        return notice.epoch == self._epoch and notice.hook_id in self._hooks

    def notices(self) -> list[Notice]:
        """What is to be told of the changes since the last call, in their order."""
        changes = self._account.take_changes()
        if not changes:
            return []
        told = [change for change in changes if change.path != "hooks"]
        made = self._notices(told)
        if len(told) < len(changes):
            self._load()
        return made

    def _load(self) -> None:
        """Reads the hooks, and has the account keep the changes that they want, and no others."""
        account = self._account
        found = account.store.find(account.tables["hooks"], Filter())
        self._hooks = {hook.id: hook for hook in map(self._read, found) if hook is not None}
        account.watched = {"hooks"}.union(*(hook.objects for hook in self._hooks.values()))

    def _read(self, values: Mapping[str, Any]) -> _Hook | None:
        """A hook; None for one that was written past the rules, which is told nothing."""
        try:
            pattern = pattern_of(str(values["event"]))
            objects = wanted_objects(pattern, values.get("where"), self._account.tables, self._owner_id)
        except Problem:
            return None
        return _Hook(values["id"], str(values["target_url"]), values.get("secret") or "", pattern, objects)

    def _notices(self, changes: Sequence[Change]) -> list[Notice]:
        wanted = [
            (change, action, hooks)
            for change in changes
            for action in actions(change)
            if (hooks := self._wanting(action, change))
        ]
        bodies = self._bodies([change for change, _, _ in wanted])
        return [
            Notice(self._epoch, hook.id, f"model.{action}.{_TYPES[change.path]}", hook.url, hook.secret, body)
            for change, action, hooks in wanted
            for hook in hooks
            for body in [bodies[change.path, change.key]]
        ]

    def _wanting(self, action: str, change: Change) -> list[_Hook]:
        return [hook for hook in self._hooks.values() if hook.wants(action, change.path) and self._is_for(hook, change)]

    def _is_for(self, hook: _Hook, change: Change) -> bool:
        where = hook.objects.get(change.path)
        if where is None:
            return False
        values = change.old if change.new is None else change.new
        return not where.sql or (
            values is not None and self._account.store.fits(self._account.tables[change.path], values, where)
        )

    def _bodies(self, changes: Sequence[Change]) -> Mapping[tuple[str, Any], bytes]:
        """The JSON of each object; of one kind all at once, since a request may change thousands."""
        bodies: dict[tuple[str, Any], bytes] = {}
        kept: dict[str, list[Any]] = defaultdict(list)
        for path, key, _, new in changes:
            if new is None:
                bodies[path, key] = dump({"id": str(key) if self._text_ids else key})
            else:
                kept[path].append(key)
        for path, keys in kept.items():
            bodies |= {(path, key): body for key, body in self._rendered(self._account.tables[path], keys)}
        return bodies

    def _rendered(self, table: Table, keys: Sequence[Any]) -> Iterator[tuple[Any, bytes]]:
        store, tables = self._account.store, self._account.tables
        node = parse_include(_INCLUDED.get(table.path, ""), table, tables)
        expander = Expander(store, tables, cut=None)
        rows = store.by_ids(table, list(dict.fromkeys(keys)), expander.columns(node))
        counts: Mapping[Any, bytes] = self._counts([row.id for row in rows]) if table.path == "tasks" else {}
        for row, body in zip(rows, expander.roots(rows, node), strict=True):
            yield row.id, body[:-1] + counts.get(row.id, b"") + b"}"

    def _counts(self, tasks: Sequence[Any]) -> Mapping[Any, bytes]:
        """The number of each task's files and comments, as the end of its JSON: only notifications carry them."""
        found = self._account.store.query(_COUNTS, (dump(tasks).decode(),))
        return {key: b',"files_count":%d,"comments_count":%d' % (files, comments) for key, files, comments in found}


def actions(change: Change) -> Sequence[str]:
    """What happened to an object, in order: the ACTION of each `model.ACTION.TYPE`."""
    happened: list[tuple[str, bool]] = [
        ("insert", change.old is None),
        ("update", change.old is not None and change.new is not None),
        ("delete", change.new is None),
        ("start", _runs(change, change.new) and not _runs(change, change.old)),
        ("stop", _runs(change, change.old) and change.new is not None and not _runs(change, change.new)),
    ]
    return [action for action, did in happened if did]


def _runs(change: Change, values: Mapping[str, Any] | None) -> bool:
    """Whether an object is a running timer."""
    if change.path != "entries" or values is None:
        return False
    return values.get("start_time") is not None and values.get("end_time") is None
