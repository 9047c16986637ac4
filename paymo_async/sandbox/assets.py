"""Uploaded files: kept in the account's SQLite, and served from an origin of their own, as the service's are.

What is uploaded gets a URL on another port. That origin wants no credentials: whether some came is noted for each
request, so that a test can prove that a client sends none. It offers `Range` with `If-Range`, as file hosts do.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from paymo_async.sandbox.answers import Answer, message
from paymo_async.sandbox.store import Store
from paymo_async.sandbox.values import Problem
from paymo_async.wire.filenames import image_type

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["THUMBS", "Assets", "Download", "Upload", "image_fields"]

_RANGE = re.compile(r"bytes=([0-9]{1,12})-")
_KEPT = 10_000  # downloads
_PROOFS = ("Authorization", "X-Session", "Cookie")

THUMBS = ("image_thumb_large", "image_thumb_medium", "image_thumb_small")
"""The attributes that an object has only where an image was uploaded."""


class Upload(NamedTuple):
    """A file as it came in a form."""

    filename: str
    content_type: str
    body: bytes


class Download(NamedTuple):
    """One request to the files' origin. credentials: whether any came along. range: as it was asked for."""

    path: str
    credentials: bool
    range: str
    status: int


class Assets:
    """The uploaded bytes of one account. url: the origin that serves them, ending in a slash. downloads: the last."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.url = ""
        self.downloads: deque[Download] = deque(maxlen=_KEPT)
        store.query("CREATE TABLE IF NOT EXISTS uploads (name TEXT PRIMARY KEY, kind TEXT, body BLOB)")

    def keep(self, account: Account, upload: Upload) -> str:
        """Keeps a file and returns its URL, in which only the ending is left of its name."""
        ending = re.search(r"\.[0-9A-Za-z]{1,8}$", upload.filename)
        name = f"assets/{account.token(32)}{ending[0].lower() if ending else ''}"
        self._store.query("INSERT INTO uploads VALUES (?, ?, ?)", (name, upload.content_type, upload.body))
        return self.url + name

    def answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        """A file, or the rest of it that was asked for."""
        found = self._store.query("SELECT kind, body FROM uploads WHERE name = ?", (path,))
        made = message(404, "Not found")
        for kind, body in found:
            made = _part(kind, body, headers)
        credentials = any(name in headers for name in _PROOFS)
        self.downloads.append(Download(path, credentials, headers.get("Range", ""), made.status))
        return made


def image_fields(account: Account, upload: Upload, name: str) -> dict[str, str]:
    """What an object says of an uploaded file: its URL, and thumbnails where it is an image."""
    url = account.assets.keep(account, upload)
    if image_type(upload.body) is None:
        if name == "image":
            raise Problem(400, "Invalid image: JPEG, PNG or GIF is expected")
        return {name: url}
    return {name: url, **dict.fromkeys(THUMBS, url)}


def _part(kind: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    offered = {"Accept-Ranges": "bytes", "ETag": tag}
    asked = _RANGE.fullmatch(headers.get("Range", ""))
    if asked is None or headers.get("If-Range", tag) != tag:
        return Answer(200, body, kind, offered)
    start = int(asked[1])
    if start >= len(body):
        return Answer(416, b"", kind, {**offered, "Content-Range": f"bytes */{len(body)}"})
    return Answer(206, body[start:], kind, {**offered, "Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"})
