"""Rules of files, comments and threads, and what an upload does to the object it is sent to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from paymo_async.sandbox.assets import THUMBS, Upload, image_fields
from paymo_async.sandbox.filters import having
from paymo_async.sandbox.rules.base import Rule, Values
from paymo_async.sandbox.values import Problem
from paymo_async.sandbox.where import Filter

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["UPLOADS", "CommentRule", "DiscussionRule", "FileRule", "ThreadRule", "place"]

UPLOADS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("clients", "clientcontacts", "users", "company"), "image"),
    **dict.fromkeys(("files", "tasks", "discussions", "comments", "expenses"), "file"),
}
"""The form's field for a file, by path (BEHAVIOUR.md, Content types)."""

_PARENTS: Final[Mapping[str, str]] = {
    "project_id": "projects",
    "task_id": "tasks",
    "discussion_id": "discussions",
    "comment_id": "comments",
    "expense_id": "expenses",
}
_OWNED: Final[Mapping[str, str]] = {"tasks": "task_id", "discussions": "discussion_id", "comments": "comment_id"}


def place(account: Account, path: str, key: Any, upload: Upload, user_id: int) -> None:
    """Puts an uploaded file where it belongs: on the object itself, or into a file of its own beside it."""
    if path in _OWNED:
        keep_file(account, upload, {_OWNED[path]: key}, user_id)
        return
    table = account.tables[path]
    about = {"original_filename": upload.filename, "size": str(len(upload.body)), "mime": upload.content_type}
    described = about if path == "files" else {}
    found = image_fields(account, upload, UPLOADS[path])
    known = {name: value for name, value in {**described, **found}.items() if name in table.body}
    placed = account.save(path, {**account.get(path, key), **known})
    if path == "files":
        _make_receipt(account, placed)


def keep_file(account: Account, upload: Upload, parent: Mapping[str, Any], user_id: int) -> None:
    """Makes a file of an upload, on a parent."""
    made = account.create("files", {**parent, "file": upload.filename}, user_id)
    place(account, "files", made["id"], upload, user_id)


class FileRule(Rule):
    """A file is on one parent, or has a token with which it is attached later, once."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        if sum(1 for name in _PARENTS if values.get(name) is not None) > 1:
            raise Problem(400, "A file has one parent")
        _follow(account, values)
        values["token"] = None if _parent(values) else account.token(32)
        values |= {"description": values["description"] or "", "tags": values["tags"] or []}

    def accepting(self, account: Account, old: Values, given: Values) -> Values:
        token = given.pop("token", None)
        parent = {name: given.pop(name) for name in _PARENTS if given.get(name) is not None}
        if token is None and not parent:
            return {}
        if token is None or token != old.get("token"):
            raise Problem(403, "Invalid token")
        if len(parent) != 1:
            raise Problem(400, "A file has one parent")
        for name, key in parent.items():
            if not isinstance(key, int):
                raise Problem(400, f"Invalid value for `{name}`")
            account.referred(_PARENTS[name], key, name)
        made = {**old, **parent}
        _follow(account, made)
        return {**parent, "project_id": made.get("project_id"), "token": None}

    def updated(self, account: Account, old: Values, new: Values) -> None:
        if old.get("expense_id") is None:
            _make_receipt(account, new)

    def deleted(self, account: Account, old: Values) -> None:
        expense = account.look("expenses", old.get("expense_id"))
        if expense is not None and expense["file"] == old["file"]:
            rest = {name: value for name, value in expense.items() if name not in _RECEIPT}
            account.save("expenses", {**rest, "file": ""})


class DiscussionRule(Rule):
    """A discussion tells how many comments it has. Guessed: its thread and files move with it to another project."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        values |= {"description": values["description"] or "", "comments_count": 0}

    def updated(self, account: Account, old: Values, new: Values) -> None:
        if new["project_id"] == old["project_id"]:
            return
        threads = account.store.find(account.tables["threads"], having(discussion_id=new["id"]))
        for thread in threads:
            account.save("threads", {**thread, "project_id": new["project_id"]})
        of_comments = 'SELECT id FROM "comments" WHERE "discussion_id" = ?'
        theirs = Filter(f'("discussion_id" = ? OR "comment_id" IN ({of_comments}))', (new["id"], new["id"]))
        for file in account.store.find(account.tables["files"], theirs):
            account.save("files", {**file, "project_id": new["project_id"]})


class ThreadRule(Rule):
    """Threads appear with their first comment, and cannot be made or changed."""

    verbs: frozenset[str] = frozenset()


class CommentRule(Rule):
    """The first comment on a task, discussion or file makes its thread."""

    def creating(self, account: Account, values: Values, given: Mapping[str, Any], user_id: int) -> None:
        values["user_id"] = user_id
        if values.get("thread_id"):
            thread = account.referred("threads", values["thread_id"], "thread_id")
        else:
            thread = self._thread(account, values)
        values["thread_id"] = thread["id"]
        for name in _ON:
            values[name] = thread.get(name)

    @staticmethod
    def _thread(account: Account, values: Values) -> Values:
        # That one is given was checked: the declaration requires it.
        name = next(name for name in _ON if values.get(name) is not None)
        parent = account.referred(_ON[name], values[name], name)
        for found in account.store.find(account.tables["threads"], having(**{name: values[name]}), limit=1):
            return found
        blank: Values = dict.fromkeys(_ON)
        return account.add("threads", {**blank, name: values[name], "project_id": parent.get("project_id")})

    def created(self, account: Account, values: Values, user_id: int) -> None:
        account.save("threads", account.get("threads", values["thread_id"]))  # a thread is as new as its last comment
        _recount(account, values)

    def deleted(self, account: Account, old: Values) -> None:
        _recount(account, old)


_ON: Final[Mapping[str, str]] = {"task_id": "tasks", "discussion_id": "discussions", "file_id": "files"}


_RECEIPT: Final = ("file", *THUMBS)


def _make_receipt(account: Account, file: Values) -> None:
    """A file on an expense is its receipt (observed); both are one upload, so they go together (guessed)."""
    expense = account.look("expenses", file.get("expense_id"))
    if expense is not None:
        rest = {name: value for name, value in expense.items() if name not in _RECEIPT}
        account.save("expenses", {**rest, **{name: file[name] for name in _RECEIPT if file.get(name)}})


def _recount(account: Account, comment: Values) -> None:
    """A discussion tells how many comments it has."""
    discussion = account.look("discussions", comment.get("discussion_id"))
    if discussion is not None:
        among = having(discussion_id=discussion["id"])
        number = account.store.count(account.tables["comments"], among)
        account.store.put(account.tables["discussions"], {**discussion, "comments_count": number})


def _parent(values: Values) -> bool:
    return any(values.get(name) is not None for name in _PARENTS)


def _follow(account: Account, values: Values) -> None:
    """A file of a task, discussion or comment belongs to that one's project too."""
    for name, path in _PARENTS.items():
        if values.get(name) is None or values.get("project_id") is not None:
            continue
        parent = account.referred(path, values[name], name)
        if path == "comments":
            parent = account.look("threads", parent.get("thread_id")) or {}
        values["project_id"] = parent.get("project_id")
