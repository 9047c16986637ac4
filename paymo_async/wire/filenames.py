"""Names and kinds of files: names that are safe to write under, and images known by their first bytes."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["HEAD", "image_type", "safe_name"]

HEAD: Final = 16
"""Bytes that `image_type` needs."""

_LONGEST: Final = 240  # bytes; file systems take 255, and `.part` comes behind
_LONGEST_ENDING: Final = 20  # bytes
_FORBIDDEN: Final = re.compile(r'[<>:"|?*]')  # on Windows
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
_IMAGES: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def safe_name(name: str | None, fallback: str) -> str:
    """A name from elsewhere as the name of a file in one folder, on any system; `fallback` where nothing is left.

    Only what stands behind the last `/` or `\\` counts, so that no name leads out of the folder. Control characters and
    those that turn the direction of text (`gpj.exe` shown as `exe.jpg`) go; what Windows refuses becomes `_`; a name is
    at most 240 bytes long, and keeps its ending.
    """
    last = re.split(r"[/\\]", name or "")[-1]
    shown = "".join(char for char in last if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    plain = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", shown)).strip().rstrip(". ")
    if not plain.strip("._ "):
        return fallback
    if plain.startswith(".") or _RESERVED.match(plain):
        plain = f"_{plain}"
    return _shortened(plain)


def image_type(head: bytes) -> str | None:
    """The content type of an image by its first bytes; None for anything but JPEG, PNG and GIF."""
    return next((kind for start, kind in _IMAGES if head.startswith(start)), None)


def _shortened(name: str) -> str:
    encoded = name.encode()
    if len(encoded) <= _LONGEST:
        return name
    stem, dot, ending = name.rpartition(".")
    kept = (dot + ending).encode() if stem and len(ending.encode()) <= _LONGEST_ENDING else b""
    return encoded[: _LONGEST - len(kept)].decode(errors="ignore").rstrip(". ") + kept.decode()
