"""What is typed, read: each reader returns the value, or says what the text should look like."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, get_args

import typer

if TYPE_CHECKING:
    from paymo_async.sandbox import Fault, RateModel

__all__ = ["PLAN_NAMES", "faults", "moment", "plan", "rate", "rate_model", "unknown"]

PLAN_NAMES: Final = ("estimates", "expenses", "invoices", "projects", "recurring_profiles", "users")
"""What a plan limits; the company's attributes are called max_ and this."""


def unknown(given: str, known: Collection[str], what: str) -> typer.BadParameter:
    """The error for a word that is none of those known. what: the sentence's end after the word."""
    near = difflib.get_close_matches(given, known, 1, cutoff=0.4)
    advice = f"did you mean {near[0]!r}?" if near else f"there are {_listed(known)}"
    return typer.BadParameter(f"{given!r} {what}; {advice}")


def _listed(known: Collection[str]) -> str:
    *others, last = known
    return f"{', '.join(others)} and {last}" if others else last


def rate(text: str) -> tuple[int, float]:
    """Calls and seconds, of a text like 5/1."""
    calls, _, seconds = text.partition("/")
    try:
        limit, period = int(calls), float(seconds)
    except ValueError:
        limit, period = 0, 0.0
    if limit < 1 or not 0 < period < float("inf"):
        raise typer.BadParameter(f"{text!r} does not read like 5/1: calls, a slash, seconds")
    return limit, period


def rate_model(text: str) -> RateModel:
    """A limit and how it is counted, of a text like 5/5 or 5/5/leaky."""
    from paymo_async.sandbox.ratelimit import Model, RateModel

    calls, _, rest = text.partition("/")
    period, _, name = rest.partition("/")
    limit, seconds = rate(f"{calls}/{period}" if period else text)
    for model in get_args(Model):
        if model == (name or "sliding"):
            return RateModel(limit, seconds, model)
    raise unknown(name, get_args(Model), "is no way to count requests")


def faults(texts: Iterable[str]) -> list[Fault]:
    """Faults, of texts like `500 path=estimates call=3`."""
    from paymo_async.sandbox import Fault

    try:
        return [Fault.parse(text) for text in texts]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def moment(text: str) -> datetime:
    """A moment, of a text like 2026-01-31 or 2026-01-31T08:59:00Z; in UTC unless it says otherwise."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} does not read like 2026-01-31T08:59:00Z") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def plan(texts: Iterable[str]) -> dict[str, int | None]:
    """Limits by the company's names for them, of texts like users=2."""
    limits: dict[str, int | None] = {}
    for text in texts:
        name, _, number = text.partition("=")
        if not number.isdecimal():
            raise typer.BadParameter(f"{text!r} does not read like users=2")
        if name not in PLAN_NAMES:
            raise unknown(name, PLAN_NAMES, "is not limited by a plan")
        limits[f"max_{name}"] = int(number)
    return limits
