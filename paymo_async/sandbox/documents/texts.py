"""How documents write numbers, and letters that a font does not have.

Nothing is lost silently: a letter without a glyph shows as its plain form (`ł` is `l`), as a known writing (`€` is
`EUR`), or as its code point (`[U+4E2D]`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from paymo_async import money

__all__ = ["Style", "clock", "spelled"]


class Style(NamedTuple):
    """How a company writes numbers."""

    decimal: str = "."
    thousands: str = ","

    def amount(self, value: Any, currency: str = "") -> str:
        """An amount to the cent: `1,234.50 USD`."""
        return f"{self._separated(f'{money.cents(money.exact(value)):,.2f}')} {currency}".rstrip()

    def number(self, value: Any) -> str:
        """A number with all its digits, at least none behind the point: `1,234.5`."""
        number = money.exact(value)
        text = f"{number:,f}"
        return self._separated(text.rstrip("0").rstrip(".") if "." in text else text)

    def _separated(self, text: str) -> str:
        return "".join({",": self.thousands, ".": self.decimal}.get(letter, letter) for letter in text)


def clock(seconds: int) -> str:
    """Hours and minutes: `12:05`."""
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}"


def spelled(text: str, known: Callable[[str], bool]) -> str:
    """The text in letters that are known. Control characters count as blanks."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(letter if known(letter) and letter.isprintable() else _spelled(letter, known) for letter in text)


def _spelled(letter: str, known: Callable[[str], bool]) -> str:
    if unicodedata.category(letter) in ("Cc", "Cf", "Zs", "Zl", "Zp"):
        return "\n" if letter == "\n" else " " if letter in "\t\xa0" or letter.isspace() else ""
    if letter in _WRITINGS:
        return _WRITINGS[letter]
    parts = unicodedata.normalize("NFKD", letter)
    plain = "".join(part for part in parts if not unicodedata.combining(part))
    return plain if plain and plain != letter and all(map(known, plain)) else f"[U+{ord(letter):04X}]"


_WRITINGS: Final[Mapping[str, str]] = {
    "€": "EUR",
    "\u2018": "'",
    "\u2019": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u2013": "-",
    "\u2014": "-",
    "\u2212": "-",
    "\u2022": "*",
    "\u2026": "...",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "\u0131": "i",
    "œ": "oe",
    "Œ": "OE",
    "ẞ": "SS",
}
"""Writings of letters that have no plain form of their own."""
